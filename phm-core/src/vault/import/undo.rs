//! Taking an import back: in one commit, or, where it is about a great many people, in several.
//!
//! The first of several says `hiding` in `system`; whoever opens the vault after a kill, and whoever imports or takes it
//! back next, hides the rest.

use std::sync::PoisonError;

use serde_json::{Value, json};

use super::show::AT_ONCE;
use super::units::{IMPORT, entry, profiles_of};
use crate::access::Action;
use crate::audit::entry::Deed;
use crate::error::{Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::{Act, Header, ImportState, RecordState};
use crate::vault::records::read_lock;
use crate::vault::session::{PROFILE, Session};
use crate::vault::shown::How;
use crate::vault::waiting::Write;

/// The state of an import that is being taken back.
pub(super) const HIDING: &str = "hiding";

impl Session {
    /// Hides everything an import brought, in every profile; what was amended by hand since stays.
    ///
    /// A record that a later import found unchanged is hidden too, as that import wrote nothing of it: imported again, it
    /// brings the record back.
    ///
    /// It waits until an import that is being written is done. One about a great many people is hidden in parts; once
    /// begun, it is hidden whole, by the next opening of the vault at the latest.
    ///
    /// # Errors
    /// `not-found` where there is none the actor may undo, or nobody it was about is left; `conflict` when it is not
    /// complete or undone already.
    pub fn undo_import(&self, id: RecordId) -> Result<()> {
        self.inner.may_change()?;
        // One that was taken back in part is done with first, whoever asks and for whichever.
        self.finish_showing()?;
        self.may_undo(&self.import_body(id)?)?;
        // What an import has found to be there already must not go while it is written.
        let _turn = self.inner.import_turn.lock().unwrap_or_else(PoisonError::into_inner);
        let body = self.import_body(id)?;
        self.may_undo(&body)?;
        if body["state"] != "done" && body["state"] != HIDING {
            let text = "this import is not complete, or was undone already";
            return Err(Error::new(ErrorKind::Conflict, "conflict", text));
        }
        self.hide(id, body)
    }

    fn import_body(&self, id: RecordId) -> Result<Value> {
        let found = self.import_records()?.into_iter().find(|(known, ..)| *known == id);
        found.map(|(_, _, body)| body).ok_or_else(Error::not_found)
    }

    fn may_undo(&self, import: &Value) -> Result<()> {
        let profiles = profiles_of(import);
        let mut people = profiles.iter().filter(|profile| profile.is_person()).peekable();
        if people.peek().is_none() && self.minds_the_door().is_err() {
            // Only shared resources: nobody's own, so nobody's to take back.
            return Err(Error::not_found());
        }
        people.try_for_each(|profile| self.permit_everything(Action::Amend, *profile))
    }

    /// Hides what of an import shows. The caller has its turn.
    pub(super) fn hide(&self, id: RecordId, mut body: Value) -> Result<()> {
        let profiles = profiles_of(&body);
        let mut parts: Vec<&[ProfileId]> = profiles.chunks(AT_ONCE).collect();
        if parts.is_empty() {
            parts.push(&[]);
        }
        for (at, people) in parts.iter().enumerate() {
            let mut write = Write::default();
            for profile in *people {
                self.hide_from(*profile, id, &mut write)?;
            }
            let state = if at + 1 == parts.len() { "undone" } else { HIDING };
            if body["state"] != state {
                body["state"] = json!(state);
                self.save_import(id, &body, &mut write)?;
            }
            self.inner.committer.commit(write)?;
        }
        self.imports_changed();
        Ok(())
    }

    /// Adds to `write` what hides an import in one profile, if it shows there.
    fn hide_from(&self, profile: ProfileId, id: RecordId, write: &mut Write) -> Result<()> {
        if !self.inner.keys.has_profile(profile) || self.inner.is_leaving(profile) {
            return Ok(());
        }
        let open = self.inner.open_profile(profile)?;
        if read_lock(&open).import_state(id) != Some(ImportState::Complete) {
            return Ok(());
        }
        drop(open);
        let header = self.import_header(Act::ImportUndo, id, String::new(), None);
        write.notes.push(self.deed(Deed::Undo, "import", profile, IMPORT, [id]));
        write.entries.push(entry(profile, header, None)?);
        self.keep_person(profile, id, write)
    }

    /// Where an import that is undone said who a person is, and something else of them stays: says it again, so that
    /// what stays can be reached.
    fn keep_person(&self, profile: ProfileId, import: RecordId, write: &mut Write) -> Result<()> {
        if !profile.is_person() {
            return Ok(());
        }
        let own = RecordId::from_bytes(*profile.as_bytes());
        let open = self.inner.open_profile(profile)?;
        let (seq, header) = {
            let index = read_lock(&open);
            let stays = |state: RecordState<'_>| {
                let last = state.visible().find(|version| version.import() != Some(import));
                last.is_some_and(|version| version.act() != Act::Remove)
            };
            let Some(state) = index.record(own).filter(|state| !stays(*state)) else { return Ok(()) };
            if !index.records().any(|state| state.id() != own && stays(state)) {
                return Ok(());
            }
            let Some(said) = state.visible().find(|version| version.act() != Act::Remove) else { return Ok(()) };
            (said.seq(), Header { version: state.last_version() + 1, ..said.header() })
        };
        let body = self.body(&open, seq)?.get().to_owned();
        let (at, provenance) = (self.inner.now(), self.provenance(&How::Typed));
        let header = Header { at, act: Act::Amend, provenance, import: None, identity: None, origin: false, ..header };
        write.notes.push(self.deed(Deed::Amend, "keep", profile, PROFILE, [own]));
        write.entries.push(entry(profile, header, Some(body))?);
        Ok(())
    }
}
