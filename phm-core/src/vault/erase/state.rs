//! A new key for state: the one way to close state rows of before, since one key seals all of them.
//!
//! Rows of the house may repeat what somebody wrote, as the answers kept for `Idempotency-Key` do. So a row of `system`
//! that names the person, their account or the record by id is forgotten with them, and so is a row of the person that
//! names a rectified record, but for the list of their links; what is about several people must not stand in one state
//! row. The list of backups and their last proof stay all the same: only paths stand in them, and
//! without the list nobody could say which backups still hold the person.

use std::collections::HashMap;

use super::plan::{DONE, ROW};
use crate::crypto;
use crate::error::Result;
use crate::id::ProfileId;
use crate::store::layout::{Blinded, Table, rows};
use crate::store::{Batch, MAX_VALUE, Store as _};
use crate::vault::backups::{LIST, PROOF};
use crate::vault::{Inner, heads, shares};

/// Rows in one commit at most.
const BATCH: usize = 128;
/// Where the number of the part stands in the address of a state row.
const PART: usize = 33;

impl Inner {
    /// Seals every state row again under a key newer than the epoch `was`, but for rows of `system` and of `person` that
    /// contain one of `names`, which are deleted; then forgets the old key. Done already, it does nothing.
    pub(super) fn renew_state_key(&self, was: u32, person: ProfileId, names: &[String]) -> Result<()> {
        // At the barrier: what was sealed before there was a new key is in the store then, and in what is read below.
        let Some(old) = self.at_barrier(|_| self.keys.begin_state_rotation(was))? else { return Ok(()) };
        let (epoch, _) = self.keys.state_key()?;
        let mut stale: Vec<Vec<u8>> = Vec::new();
        let (from, to) = rows(Table::State);
        self.store.scan(&from, &to, &mut |(address, value)| {
            if address.get(PART..) == Some(&[0, 0]) && crypto::epoch_of(value) != Some(epoch) {
                stale.push(address.to_vec());
            }
            true
        })?;
        let owners: HashMap<Blinded, ProfileId> =
            self.profile_ids().into_iter().map(|id| (self.keys.blind_profile(id), id)).collect();
        let mut own = [ROW, DONE, LIST, PROOF].map(|name| self.state_address(ProfileId::SYSTEM, name, 0)).to_vec();
        own.push(self.state_address(person, shares::LIST, 0));
        for some in stale.chunks(BATCH) {
            self.at_barrier(|_| {
                let mut batch = Batch::default();
                for address in some {
                    let owner = address.get(1..17).and_then(|owner| owners.get(owner)).copied();
                    // Of nobody: `verify` names it, and nothing opens it.
                    let Some(owner) = owner else { continue };
                    let kept = own.contains(address) || ![ProfileId::SYSTEM, person].contains(&owner);
                    self.renew_state_row(owner, address, if kept { &[] } else { names }, &mut batch)?;
                }
                Ok(self.store.commit(batch)?)
            })?;
        }
        heads::write(self)?;
        self.keys.end_state_rotation(&old)
    }

    /// Adds to `batch` a row sealed again, or its end where it contains one of `names`.
    fn renew_state_row(&self, owner: ProfileId, first: &[u8], names: &[String], batch: &mut Batch) -> Result<()> {
        let address = |part: usize| {
            let part = u16::try_from(part).unwrap_or(u16::MAX);
            [&first[..PART], &part.to_be_bytes()].concat()
        };
        let mut parts: Vec<Vec<u8>> = Vec::new();
        while let Some(part) = self.store.get(&address(parts.len()))? {
            let full = part.len() == MAX_VALUE;
            parts.push(part);
            if !full {
                break;
            }
        }
        let (epoch, key) = self.keys.state_key()?;
        let was = parts.first().and_then(|part| crypto::epoch_of(part));
        let old = was.filter(|was| *was != epoch).and_then(|was| self.keys.state_key_at(was));
        // Replaced or deleted meanwhile, or damaged: then nothing opens it, as before.
        let Some(old) = old else { return Ok(()) };
        let Ok(plaintext) = self.open_state(owner, first, &parts) else { return Ok(()) };
        // What stands behind a whole row is nothing's part, and goes.
        let mut surplus = parts.len();
        while self.store.get(&address(surplus))?.is_some() {
            batch.delete(address(surplus));
            surplus += 1;
        }
        if names.iter().any(|name| plaintext.windows(name.len()).any(|window| window == name.as_bytes())) {
            (0..parts.len()).for_each(|part| batch.delete(address(part)));
            return Ok(());
        }
        let context = self.state_context(owner, &first[17..PART]);
        let body = crypto::reopen(&old, &context, &parts)?;
        for (part, sealed) in crypto::seal(self.marker.suite, &key, epoch, &context, &body).into_iter().enumerate() {
            batch.replace(address(part), sealed);
        }
        Ok(())
    }
}
