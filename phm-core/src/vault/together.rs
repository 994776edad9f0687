//! Records and state that change in one commit.
//!
//! A row of state often stands for something that is still to be done. Where doing it makes a record, the record and the row's
//! change have to reach the disk together: a power cut between them would leave both, and the thing could be done twice.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::session::Session;
use super::shown::{How, Record};
use super::state::StateChange;
use super::waiting::Write;
use super::{Inner, Vault};
use crate::access::Permit;
use crate::audit::entry::Deed;
use crate::error::{Error, Result};
use crate::id::{ProfileId, RecordId};
use crate::time::Instant;

/// What one commit is going to do; see [`Vault::together`].
pub struct Together<'v> {
    inner: &'v Inner,
    write: Write,
}

impl Vault {
    /// Lets `work` say what is to change, and makes all of it durable in one commit once `work` has succeeded; where it fails
    /// nothing has changed.
    ///
    /// Meanwhile nobody else changes a state row by this or by [`Vault::update_state`], removes or destroys a document, or restricts
    /// records; [`Vault::put_state`] and [`Vault::delete_state`], which look at nothing before, go on. So `work` is short, and must
    /// call none of the former itself: it would wait for its own end.
    pub fn together<R>(&self, work: impl FnOnce(&mut Together<'_>) -> Result<R>) -> Result<R> {
        self.inner.with_state_lock(|| {
            let mut all = Together { inner: &self.inner, write: Write::default() };
            let answer = work(&mut all)?;
            if !(all.write.entries.is_empty() && all.write.state.is_empty() && all.write.notes.is_empty()) {
                self.inner.committer.commit(all.write)?;
            }
            Ok(answer)
        })
    }
}

impl Together<'_> {
    /// The value of the state row `name` of `owner` before this commit, unless it is absent or expired.
    pub fn state<T: DeserializeOwned>(&self, owner: ProfileId, name: &str) -> Result<Option<T>> {
        self.inner.state(owner, name)
    }

    /// Replaces the state row `name` of `owner`; of several changes of one row the last counts.
    pub fn put_state(
        &mut self,
        owner: ProfileId,
        name: &str,
        value: &impl Serialize,
        expires: Option<Instant>,
    ) -> Result<()> {
        self.write.state.push(StateChange::put(owner, name, value, expires)?);
        Ok(())
    }

    /// Deletes the state row `name` of `owner`.
    pub fn delete_state(&mut self, owner: ProfileId, name: &str) {
        self.write.state.push(StateChange::delete(owner, name));
    }

    /// Adds a record, as [`Session::add_from`] does, and answers with it as it will be.
    ///
    /// # Errors
    /// As [`Session::add_from`].
    pub fn add_from(
        &mut self,
        session: &Session,
        permit: &Permit,
        body: &Value,
        how: How,
        source: Option<RecordId>,
    ) -> Result<Record> {
        if !std::ptr::eq(Arc::as_ptr(&session.inner), self.inner) {
            return Err(Error::internal("a record of one vault cannot be written with the state of another"));
        }
        let (write, record) = session.write_from(permit, body, &how, source)?;
        self.write.entries.extend(write.entries);
        self.write.notes.extend(write.notes);
        Ok(record)
    }

    /// Notes for the person that somebody made this rule about their records, or with `ends` ended it; `what` is the word by which
    /// "who looked" knows such rules, and `about` says in a few words with nothing medical what it is about, so that this can be
    /// read when the rule is gone.
    pub fn note_rule(
        &mut self,
        session: &Session,
        profile: ProfileId,
        (what, about): (&str, &str),
        rule: RecordId,
        ends: bool,
    ) {
        let deed = if ends { Deed::Revoke } else { Deed::Administer };
        self.write.notes.push(session.deed(deed, &format!("{what} {about}"), profile, what, [rule]));
    }
}

impl std::fmt::Debug for Together<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Together").field("entries", &self.write.entries.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::access::{Action, Actor};
    use crate::crypto::kdf::Cost;
    use crate::crypto::secret::Secret;
    use crate::index::Query;
    use crate::vault::Options;

    #[test]
    fn a_record_and_a_row_of_state_change_together_or_not_at_all() {
        let dir = tempfile::tempdir().expect("a folder");
        let options = Options { cost: Cost::FLOOR, ..Options::default() };
        let secret = Secret::passphrase("correct horse battery staple");
        let (vault, _) = Vault::create(dir.path(), &[secret], options).expect("a vault");
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        let who = session.add_profile(&json!({"name": {"text": "Asha Example"}}), None).expect("a person").profile;
        let notes = || {
            let permit = session.permit(Action::Read, who, "note").expect("the operator may");
            session.list(&permit, &Query::default()).expect("a list").total
        };
        let row = || vault.state::<Value>(who, "waits").expect("a vault that reads");
        vault.put_state(who, "waits", &json!(1), None).expect("put");
        let permit = session.permit(Action::Add, who, "note").expect("the operator may");
        let make = |fails: bool| {
            vault.together(|all| {
                assert_eq!(all.state::<Value>(who, "waits")?, Some(json!(1)));
                all.delete_state(who, "waits");
                let made = all.add_from(&session, &permit, &json!({"text": "x"}), How::Typed, None)?;
                if fails { Err(Error::not_found()) } else { Ok(made.id) }
            })
        };
        assert_eq!(make(true).expect_err("it fails").code(), "not-found");
        assert_eq!((row(), notes()), (Some(json!(1)), 0));
        make(false).expect("both");
        assert_eq!((row(), notes()), (None, 1));
        assert!(vault.verify(None).expect("verified").ok);
    }
}
