//! Showing what an import brought: in one commit, or, where it is about a great many people, in several.
//!
//! Everything is written and nothing can be refused any more when the first of them is made. It says `showing` in
//! `system`; whoever opens the vault after a kill, and whoever imports next, says the rest. What was being taken back
//! (`undo`) is finished at the same moments.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::PoisonError;

use serde_json::{Value, json};

use super::undo::HIDING;
use super::units::{IMPORT, entry, made_of, profiles_of};
use crate::access::Actor;
use crate::audit::entry::Deed;
use crate::error::Result;
use crate::id::{ProfileId, RecordId};
use crate::index::{Act, Header};
use crate::vault::Vault;
use crate::vault::records::read_lock;
use crate::vault::session::Session;
use crate::vault::waiting::Write;

/// People shown, or hidden, in one commit: all their entries stand in memory at once.
pub(super) const AT_ONCE: usize = 256;
/// The state of an import that is being shown.
pub(super) const SHOWING: &str = "showing";

/// The imports of one request, written and not shown yet.
pub(super) struct Showing<'s> {
    pub session: &'s Session,
    /// Each import's entry, as it stands in the journals of its people, and those people.
    pub imports: Vec<(Header, BTreeSet<ProfileId>)>,
    /// People these imports made.
    pub made: &'s HashSet<ProfileId>,
    /// The account that keeps their records.
    pub owner: Option<RecordId>,
}

impl Showing<'_> {
    /// Commits everything; `save` adds to a commit that the imports are in this state.
    pub fn commit(self, save: &dyn Fn(&str, &mut Write) -> Result<()>) -> Result<()> {
        let mut imports_of: BTreeMap<ProfileId, Vec<&Header>> = BTreeMap::new();
        for (header, people) in &self.imports {
            for profile in people {
                imports_of.entry(*profile).or_default().push(header);
            }
        }
        let parts = self.parts();
        for (at, people) in parts.iter().enumerate() {
            let mut write = Write::default();
            for profile in people {
                self.show(*profile, imports_of.get(profile).map_or(&[], Vec::as_slice), &mut write)?;
            }
            match at {
                at if at + 1 == parts.len() => save("done", &mut write)?,
                0 => save(SHOWING, &mut write)?,
                _ => {}
            }
            self.session.inner.committer.commit(write)?;
        }
        Ok(())
    }

    /// Everybody once. The first part has somebody of every import: from them the rest can be said again.
    fn parts(&self) -> Vec<Vec<ProfileId>> {
        let first: BTreeSet<ProfileId> =
            self.imports.iter().filter_map(|(_, people)| people.first().copied()).collect();
        let everybody: BTreeSet<ProfileId> =
            self.imports.iter().flat_map(|(_, people)| people).chain(self.made).copied().collect();
        let mut rest = everybody.difference(&first).copied().peekable();
        let mut part: Vec<ProfileId> = first.iter().copied().collect();
        let mut parts = Vec::new();
        loop {
            part.extend(rest.by_ref().take(AT_ONCE.saturating_sub(part.len())));
            parts.push(std::mem::take(&mut part));
            if rest.peek().is_none() {
                return parts;
            }
        }
    }

    fn show(&self, profile: ProfileId, imports: &[&Header], write: &mut Write) -> Result<()> {
        for header in imports {
            write.notes.push(self.session.deed(Deed::Import, "import-complete", profile, IMPORT, [header.record]));
            write.entries.push(entry(profile, Header::clone(header), None)?);
        }
        if let Some(owner) = self.owner.filter(|_| self.made.contains(&profile)) {
            self.session.relate(owner, profile, "owner", write)?;
        }
        Ok(())
    }
}

impl Vault {
    /// Shows the rest of imports that were being shown, and hides that of those being taken back, when the process died.
    ///
    /// What cannot be done now (a full disk) keeps nobody from the rest of the vault: the next import or the next
    /// opening tries again.
    pub(in crate::vault) fn finish_showing(&self) {
        if let Ok(session) = self.session(Actor::Operator, "finishing what was interrupted") {
            let _ = session.finish_showing();
        }
    }
}

impl Session {
    /// Shows, or hides, the rest of imports of which only a part is shown and nobody is at work.
    pub(super) fn finish_showing(&self) -> Result<()> {
        if self.left_in_part()?.is_empty() {
            return Ok(());
        }
        // Two that find the same one must not both show its rest.
        let _turn = self.inner.import_turn.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, body) in self.left_in_part()? {
            let hiding = body["state"] == HIDING;
            let done = if hiding { self.hide(id, body) } else { self.show_rest(id, body) };
            done?;
        }
        Ok(())
    }

    /// Imports that are shown in part. One that is being written now is shown by whoever writes it; whoever takes one
    /// back has the turn.
    fn left_in_part(&self) -> Result<Vec<(RecordId, Value)>> {
        let records = self.import_records()?.into_iter();
        let shown = |id: &RecordId, body: &Value| body["state"] == SHOWING && !self.importing().contains(id);
        let in_part = records.filter(|(id, _, body)| body["state"] == HIDING || shown(id, body));
        Ok(in_part.map(|(id, _, body)| (id, body)).collect())
    }

    fn show_rest(&self, id: RecordId, mut body: Value) -> Result<()> {
        let there = |profile: &ProfileId| self.inner.keys.has_profile(*profile) && !self.inner.is_leaving(*profile);
        let mut header = None;
        let (mut hidden, mut unkept) = (BTreeSet::new(), HashSet::new());
        let people = self.inner.people()?;
        let owner: Option<RecordId> = body["owner"].as_str().and_then(|id| id.parse().ok());
        let made = made_of(&body);
        for profile in profiles_of(&body).into_iter().filter(there) {
            let open = self.inner.open_profile(profile)?;
            match read_lock(&open).import_act(id) {
                Some(act) => header = header.or_else(|| Some(act.header())),
                None => drop(hidden.insert(profile)),
            }
        }
        if let Some(owner) = owner {
            unkept.extend(made.into_iter().filter(|id| there(id) && people.relation(owner, *id).is_none()));
        }
        // Of the people in whom the name of the input stood nobody is left: the import is shown without it.
        let header = header.unwrap_or_else(|| self.import_header(Act::ImportComplete, id, String::new(), None));
        if let Some(fields) = body.as_object_mut() {
            fields.remove("owner");
        }
        let imports = vec![(header, hidden)];
        let showing = Showing { session: self, imports, made: &unkept, owner };
        showing.commit(&|state, write| match state {
            SHOWING => Ok(()),
            state => {
                let mut body = body.clone();
                body["state"] = json!(state);
                self.save_import(id, &body, write)
            }
        })?;
        self.imports_changed();
        Ok(())
    }
}
