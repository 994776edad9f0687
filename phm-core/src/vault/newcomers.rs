//! People who are new in a vault: who may add them, and who keeps their records from then on.

use serde_json::Value;

use super::journal;
use super::records::raw;
use super::session::{PROFILE, Session};
use super::shown::{How, Record};
use super::waiting::{NewEntry, Write};
use crate::access::Actor;
use crate::audit::entry::Deed;
use crate::error::{Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::Act;

impl Session {
    /// Makes a person. With `owner`, that account keeps their records; a person at work always keeps them themselves.
    pub fn add_profile(&self, body: &Value, owner: Option<RecordId>) -> Result<Record> {
        self.may_make_people()?;
        let owner = self.actor.account().or(owner);
        self.add_related_profile(body, owner.map(|account| (account, "owner")))
    }

    /// Makes the profile that is an account's own.
    pub fn add_own_profile(&self, body: &Value, account: RecordId) -> Result<Record> {
        self.minds_the_door()?;
        self.add_related_profile(body, Some((account, "self")))
    }

    fn add_related_profile(&self, body: &Value, related: Option<(RecordId, &str)>) -> Result<Record> {
        let id = ProfileId::new();
        let mut write = Write::default();
        let record = self.profile_entry(id, body, &mut write)?;
        if let Some((account, relation)) = related {
            self.relate(account, id, relation, &mut write)?;
        }
        self.inner.keys.add_profiles(&[id])?;
        self.inner.committer.commit(write)?;
        Ok(record)
    }

    /// Adds to `write` the entry that says who a new profile is.
    fn profile_entry(&self, id: ProfileId, body: &Value, write: &mut Write) -> Result<Record> {
        let checked = self.check(PROFILE, body)?;
        let record_id = RecordId::from_bytes(*id.as_bytes());
        let header = self.header(Act::Create, record_id, PROFILE, 1, &checked, self.provenance(&How::Typed))?;
        let body = raw(checked.json)?;
        let prepared = journal::prepare(&header, Some(&body))?;
        let record = Record {
            id: record_id,
            kind: PROFILE.to_owned(),
            profile: id,
            version: 1,
            occurred: header.occurred,
            recorded_at: header.at,
            updated_at: header.at,
            removed: false,
            labels: Vec::new(),
            provenance: header.provenance.clone(),
            body,
        };
        write.notes.push(self.deed(Deed::Add, "add", id, PROFILE, [record_id]));
        write.entries.push(NewEntry { profile: id, header, prepared, origin: None });
        Ok(record)
    }

    /// Adds to `write` a relation of an account to a profile.
    pub(super) fn relate(
        &self,
        account: RecordId,
        profile: ProfileId,
        relation: &str,
        write: &mut Write,
    ) -> Result<()> {
        let body = serde_json::json!({"account": account, "profile": profile, "relation": relation});
        let checked = self.check("relation", &body)?;
        let id = RecordId::new();
        let header = self.header(Act::Create, id, "relation", 1, &checked, self.provenance(&How::Typed))?;
        let body = raw(checked.json)?;
        let prepared = journal::prepare(&header, Some(&body))?;
        write.notes.push(self.deed(Deed::Administer, "relate", ProfileId::SYSTEM, "relation", [id]));
        write.entries.push(NewEntry { profile: ProfileId::SYSTEM, header, prepared, origin: None });
        Ok(())
    }

    /// Refuses actors who only act for somebody, such as a token made for reading, where a person is made.
    pub(super) fn may_make_people(&self) -> Result<()> {
        self.inner.may_change()?;
        match self.actor {
            Actor::Person { .. } | Actor::Operator | Actor::Gate => Ok(()),
            _ => Err(Error::new(ErrorKind::Denied, "not-granted", "only somebody who signed in may add a person")),
        }
    }
}
