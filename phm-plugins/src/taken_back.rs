//! Taking back what a rule of acceptance made, where it turns out that the plugin was wrong.
//!
//! A record goes as if somebody had removed it: its history stays, and it can be brought back. What somebody has changed since is
//! theirs, and stays.

use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use phm_core::vault::{Session, Vault};
use phm_core::{Error, ErrorKind, Result};

use crate::acceptance;

/// Records that are looked at in one go.
const PER_PAGE: u32 = 200;

/// Ends a rule, and removes what it made and nobody has changed since; answers how many records that were.
///
/// # Errors
/// As [`acceptance::end`], and as [`Session::permit`] for who may not read and amend records of the kind. Where some cannot be
/// removed the rule is not ended, so that this can be done again.
pub fn end_and_take_back(vault: &Vault, session: &Session, profile: ProfileId, id: RecordId) -> Result<u32> {
    let rules = acceptance::rules(vault, session, profile)?;
    let rule = rules.into_iter().find(|one| one.id == id).ok_or_else(Error::not_found)?;
    let before = take_back(session, profile, &rule.kind, id)?;
    acceptance::end(vault, session, profile, id)?;
    // It may have made some more while those went.
    Ok(before + take_back(session, profile, &rule.kind, id)?)
}

fn take_back(session: &Session, profile: ProfileId, kind: &str, rule: RecordId) -> Result<u32> {
    let read = session.permit(Action::Read, profile, kind)?;
    let amend = session.permit(Action::Amend, profile, kind)?;
    let rule = rule.to_string();
    let mut made = Vec::new();
    let mut query = Query { per_page: PER_PAGE, ..Query::default() };
    loop {
        let page = session.list(&read, &query)?;
        let of_rule = page.items.iter().filter(|one| one.version == 1 && one.provenance.rule.as_ref() == Some(&rule));
        made.extend(of_rule.map(|one| one.id));
        if u64::from(query.page) * u64::from(PER_PAGE) >= page.total {
            break;
        }
        query.page += 1;
    }
    let mut removed = 0;
    for id in made {
        match session.remove(&amend, id, 1) {
            Ok(_) => removed += 1,
            // Somebody has changed or removed it since it was listed.
            Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(removed)
}
