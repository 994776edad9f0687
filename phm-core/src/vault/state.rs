//! State: what is replaced in place and needs no history, such as refresh tokens, lock-outs and job state.
//!
//! A row belongs to an owner (a person, or `system`) and has a name. It is sealed under the state key and bound to its
//! owner and name; it may expire, and then reads as absent. A row that was changed or moved does not open; an earlier
//! one of the same name that somebody with the disk puts back does, since state leaves no history to compare it with.
//! Whatever must not come back belongs in a journal.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::waiting::Write;
use super::{Inner, Vault};
use crate::crypto::{self, Prepared};
use crate::error::{Error, Result};
use crate::id::ProfileId;
use crate::store::layout::{self, Table};
use crate::store::{Batch, MAX_VALUE, Store as _};
use crate::time::Instant;

const FORMAT: u8 = 1;

/// A change of one state row.
pub(crate) struct StateChange {
    pub owner: ProfileId,
    pub name: String,
    /// The new plaintext, or `None` to delete the row.
    pub value: Option<Prepared>,
}

impl StateChange {
    /// Replaces the row `name` of `owner`.
    pub fn put(owner: ProfileId, name: &str, value: &impl Serialize, expires: Option<Instant>) -> Result<Self> {
        let mut plaintext = vec![FORMAT];
        plaintext.extend_from_slice(&expires.map_or(i64::MAX, Instant::millis).to_be_bytes());
        serde_json::to_writer(&mut plaintext, value)
            .map_err(|error| Error::internal("a state value is not JSON").with_source(error))?;
        Ok(Self { owner, name: name.to_owned(), value: Some(Prepared::new(&plaintext)?) })
    }

    /// Deletes the row `name` of `owner`.
    pub fn delete(owner: ProfileId, name: &str) -> Self {
        Self { owner, name: name.to_owned(), value: None }
    }
}

impl Vault {
    /// The value of the state row `name` of `owner`, unless it is absent or expired.
    pub fn state<T: DeserializeOwned>(&self, owner: ProfileId, name: &str) -> Result<Option<T>> {
        self.inner.state(owner, name)
    }

    /// Replaces the state row `name` of `owner`; it survives a power cut when this returns.
    pub fn put_state(
        &self,
        owner: ProfileId,
        name: &str,
        value: &impl Serialize,
        expires: Option<Instant>,
    ) -> Result<()> {
        self.inner.commit_state(StateChange::put(owner, name, value, expires)?)
    }

    /// Deletes the state row `name` of `owner`.
    pub fn delete_state(&self, owner: ProfileId, name: &str) -> Result<()> {
        self.inner.commit_state(StateChange::delete(owner, name))
    }

    /// Reads a state row, lets `change` decide what becomes of it, and writes that: nobody else changes it meanwhile.
    ///
    /// `change` answers with the new value and when it expires (`None` deletes the row), and with what this returns.
    pub fn update_state<T: DeserializeOwned + Serialize, R>(
        &self,
        owner: ProfileId,
        name: &str,
        change: impl FnOnce(Option<T>) -> Result<(Option<(T, Option<Instant>)>, R)>,
    ) -> Result<R> {
        self.inner.with_state_lock(|| {
            let (value, answer) = change(self.inner.state(owner, name)?)?;
            self.inner.commit_state(match &value {
                Some((value, expires)) => StateChange::put(owner, name, value, *expires)?,
                None => StateChange::delete(owner, name),
            })?;
            Ok(answer)
        })
    }
}

impl Inner {
    fn commit_state(&self, change: StateChange) -> Result<()> {
        self.committer.commit(Write { state: vec![change], ..Write::default() })
    }

    pub(super) fn state_address(&self, owner: ProfileId, name: &str, part: u16) -> Vec<u8> {
        let key = self.keys.blind("phm state", &[owner.as_bytes(), name.as_bytes()]);
        layout::state(&self.keys.blind_profile(owner), &key, part)
    }

    pub(super) fn state_context(&self, owner: ProfileId, key: &[u8]) -> Vec<u8> {
        [self.marker.vault.as_bytes().as_slice(), &[Table::State as u8], owner.as_bytes(), key].concat()
    }

    /// The value of a state row, unless it is absent or expired.
    pub fn state<T: DeserializeOwned>(&self, owner: ProfileId, name: &str) -> Result<Option<T>> {
        self.state_value(self.state_bytes(owner, name)?)
    }

    /// As [`Inner::state`], for whoever holds up the committer.
    pub fn state_now<T: DeserializeOwned>(&self, owner: ProfileId, name: &str) -> Result<Option<T>> {
        self.state_value(self.read_state(owner, name)?)
    }

    fn state_value<T: DeserializeOwned>(&self, plaintext: Option<Vec<u8>>) -> Result<Option<T>> {
        let Some(plaintext) = plaintext else { return Ok(None) };
        let damaged = || Error::corrupt("a state row has an unknown form; run `phm verify`");
        let (head, json) = plaintext.split_at_checked(9).ok_or_else(damaged)?;
        let expires = i64::from_be_bytes(head[1..].try_into().map_err(|_| damaged())?);
        if head[0] != FORMAT {
            return Err(super::newer_format());
        }
        if expires <= self.now().millis() {
            return Ok(None);
        }
        serde_json::from_slice(json).map(Some).map_err(|_| damaged())
    }

    fn state_bytes(&self, owner: ProfileId, name: &str) -> Result<Option<Vec<u8>>> {
        match self.read_state(owner, name) {
            // Replaced while its parts were read: read again where nothing is written meanwhile.
            Err(error) if error.is_of_what_was_read() => self.at_barrier(|_| self.read_state(owner, name)),
            read => read,
        }
    }

    fn read_state(&self, owner: ProfileId, name: &str) -> Result<Option<Vec<u8>>> {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        while let Some(part) =
            self.store.get(&self.state_address(owner, name, u16::try_from(parts.len()).unwrap_or(0)))?
        {
            let full = part.len() == MAX_VALUE;
            parts.push(part);
            if !full {
                break;
            }
        }
        if parts.is_empty() {
            return Ok(None);
        }
        self.open_state(owner, &self.state_address(owner, name, 0), &parts).map(Some)
    }

    /// Opens the parts of a state row that stands at `address`.
    pub fn open_state(&self, owner: ProfileId, address: &[u8], parts: &[Vec<u8>]) -> Result<Vec<u8>> {
        let damaged = || Error::corrupt("a state row is damaged; run `phm verify`");
        let key_hash = address.get(17..33).ok_or_else(damaged)?;
        let key = parts.first().and_then(|part| crypto::epoch_of(part)).and_then(|epoch| self.keys.state_key_at(epoch));
        let key = key.ok_or_else(damaged)?;
        let opened = crypto::open(&key, &self.state_context(owner, key_hash), parts).map_err(|_| damaged())?;
        Ok(opened.plaintext.clone())
    }

    /// Adds a change of state to a batch.
    pub fn put_state(&self, batch: &mut Batch, change: &StateChange) -> Result<()> {
        let address =
            |part: usize| self.state_address(change.owner, &change.name, u16::try_from(part).unwrap_or(u16::MAX));
        let mut written = 0;
        if let Some(value) = &change.value {
            let first = address(0);
            let (epoch, key) = self.keys.state_key()?;
            let context = self.state_context(change.owner, &first[17..33]);
            for part in crypto::seal(self.marker.suite, &key, epoch, &context, value) {
                batch.replace(address(written), part);
                written += 1;
            }
        }
        // Parts of a longer value that stood here before.
        while self.store.get(&address(written))?.is_some() {
            batch.delete(address(written));
            written += 1;
        }
        Ok(())
    }
}
