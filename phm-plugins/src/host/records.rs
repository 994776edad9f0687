//! Records: reading what plugin and caller may read, and proposing new ones.

use phm_core::access::Action;
use phm_core::index::{CodeFilter, Query, Timeframe};
use phm_core::time::When;
use phm_plugin_api::v1::calls::{Proposed, Records, RecordsList, RecordsPropose};
use phm_plugin_api::v1::{Door, Operation as _, Refusal};

use super::{Host, failed};
use crate::api::v1::wrong;
use crate::granter::refusal;
use crate::proposals::{self, Proposal};

/// Records a page at most.
const MOST: u32 = 100;
/// Bytes of a proposed body at most.
const LARGEST: usize = 64 << 10;

/// `records.list`
pub fn list(host: &mut Host, asked: RecordsList) -> Result<Records, Refusal> {
    host.pass(RecordsList::NAME, Some(&asked.kind), None)?;
    if asked.page == 0 || !(1..=MOST).contains(&asked.per_page) {
        return Err(wrong("bad-arguments", "pages begin at 1 and hold at most 100 records"));
    }
    let time = Timeframe { from: moment(asked.from.as_deref())?, to: moment(asked.to.as_deref())? };
    let codes = asked.code.as_deref().map(CodeFilter::parse).into_iter().collect();
    let query = Query { codes, time, page: asked.page, per_page: asked.per_page, ..Query::default() };
    let (session, permit) = host.sessions.consent(Action::Read, &asked.kind, asked.profile.as_deref())?;
    let page = session.list(&permit, &query).map_err(|error| failed(&error))?;
    let records = page.items.iter().map(serde_json::to_value).collect::<Result<_, _>>();
    Ok(Records { records: records.map_err(|_| wrong("internal", "a record could not be written"))?, total: page.total })
}

fn moment(text: Option<&str>) -> Result<Option<When>, Refusal> {
    let bad = |_| wrong("bad-arguments", "a time is a date or an instant");
    text.map(|text| text.parse().map_err(bad)).transpose()
}

/// `records.propose`
pub fn propose(host: &mut Host, asked: RecordsPropose) -> Result<Proposed, Refusal> {
    host.pass(RecordsPropose::NAME, Some(&asked.kind), None)?;
    let (session, permit) = host.sessions.consent(Action::Add, &asked.kind, asked.profile.as_deref())?;
    if asked.body.to_string().len() > LARGEST
        || asked.evidence.as_ref().is_some_and(|found| found.text.as_ref().is_some_and(|text| text.len() > LARGEST))
    {
        return Err(refusal("proposal-too-large", Door::Limit, "a proposal is larger than 64 KiB"));
    }
    let kinds = host.vault.kinds();
    let info = kinds
        .get(&asked.kind)
        .filter(|info| !info.system)
        .ok_or_else(|| wrong("unknown-kind", "there is no such kind"))?;
    if (info.check)(&asked.body).is_err() {
        return Err(wrong("invalid", "the body breaks a rule of its kind"));
    }
    let (plugin, version) = host.plugin.clone();
    let proposal = Proposal::new(plugin, version, asked.kind, asked.body, asked.evidence, session.now());
    let id = proposal.id.to_string();
    match proposals::add(&host.vault, permit.profile(), proposal) {
        Ok(true) => {}
        Ok(false) => {
            let text = "too many proposals wait for an answer already";
            return Err(refusal("too-many-proposals", Door::Limit, text));
        }
        Err(error) => return Err(failed(&error)),
    }
    session.note_plugin("propose", &permit, &[], true).map_err(|error| failed(&error))?;
    host.proposed.push(id.clone());
    Ok(Proposed { proposal: id })
}
