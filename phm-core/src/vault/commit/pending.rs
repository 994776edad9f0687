//! What a group of writes has changed so far, and its commit.

use std::collections::hash_map::Entry as MapEntry;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::replace::replace;
use crate::audit::entry::{Pseudonym, Written};
use crate::audit::reads::Use;
use crate::crypto;
use crate::error::{Error, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::{Header, RecordState};
use crate::store::layout::{self, Blinded, Table};
use crate::store::{Batch, Store as _, StoreError};
use crate::time::Instant;
use crate::vault::Inner;
use crate::vault::journal::context;
use crate::vault::ledger::Noted;
use crate::vault::profiles::{Head, OpenProfile};
use crate::vault::state::StateChange;
use crate::vault::waiting::Write;

/// What a group has changed so far but not committed.
#[derive(Default)]
pub(super) struct Pending {
    profiles: HashMap<ProfileId, Pinned>,
    versions: HashMap<(ProfileId, RecordId), u32>,
    folded: Vec<(ProfileId, u64, Header)>,
    /// People of whom entries were replaced: their indexes are made anew.
    replaced: HashSet<ProfileId>,
    notes: Vec<Noted>,
    /// What becomes of each state row; of several changes of one row in a group only the last is written.
    state: HashMap<(ProfileId, String), StateChange>,
    batch: Batch,
}

/// A profile with its head as this group leaves it.
struct Pinned {
    /// The index, where it was open or is needed: an entry about an import, or a note, needs the head alone.
    open: Option<Arc<OpenProfile>>,
    blinded: Blinded,
    head: Head,
}

impl Pending {
    fn profile(&mut self, inner: &Inner, id: ProfileId) -> Result<&mut Pinned> {
        Ok(match self.profiles.entry(id) {
            MapEntry::Occupied(entry) => entry.into_mut(),
            MapEntry::Vacant(entry) => {
                let blinded = inner.keys.blind_profile(id);
                let open = inner.if_open(id);
                let closed = open.is_none() && inner.was_opened(id);
                let stored = if closed { inner.head(id, &blinded)? } else { None };
                entry.insert(match stored {
                    Some(head) => Pinned { open: None, blinded, head },
                    None => {
                        let open = open.map_or_else(|| inner.open_profile(id), Ok)?;
                        let head = *open.head.lock().unwrap_or_else(PoisonError::into_inner);
                        Pinned { open: Some(open), blinded, head }
                    }
                })
            }
        })
    }

    /// The number of the newest committed version of a record.
    fn newest_version(&mut self, inner: &Inner, profile: ProfileId, record: RecordId) -> Result<u32> {
        let pinned = self.profile(inner, profile)?;
        let open = match &pinned.open {
            Some(open) => open,
            None => pinned.open.insert(inner.open_profile(profile)?),
        };
        let index = open.index.read().unwrap_or_else(PoisonError::into_inner);
        Ok(index.any(record).map_or(0, RecordState::last_version))
    }

    /// Whether every entry continues the newest version of its record, pending ones counted.
    pub(super) fn check(&mut self, inner: &Inner, write: &Write) -> Result<()> {
        if !(write.entries.is_empty() && write.state.is_empty() && write.series.is_empty() && write.replaced.is_empty())
        {
            inner.may_change()?;
        }
        inner.is_for_the_living(write)?;
        for (profile, record, version) in &write.unmoved {
            let stored = self.newest_version(inner, *profile, *record)?;
            let newest = self.versions.get(&(*profile, *record)).copied().unwrap_or(stored);
            if newest != *version {
                return Err(crate::vault::conflict(newest));
            }
        }
        let mut own: HashMap<(ProfileId, RecordId), u32> = HashMap::new();
        for entry in &write.entries {
            let key = (entry.profile, entry.header.record);
            if !entry.header.act.is_version() {
                continue;
            }
            let stored = self.newest_version(inner, entry.profile, entry.header.record)?;
            let newest = own.get(&key).or_else(|| self.versions.get(&key)).copied().unwrap_or(stored);
            if entry.header.version != newest + 1 {
                return Err(crate::vault::conflict(newest));
            }
            own.insert(key, entry.header.version);
        }
        Ok(())
    }

    /// Numbers, seals and adds a checked write.
    pub(super) fn take(&mut self, inner: &Inner, write: Write) -> Result<()> {
        // Everything that can fail comes before anything is kept: a failed write leaves no trace in the group.
        let mut rows = Batch::default();
        let mut heads: HashMap<ProfileId, u64> = HashMap::new();
        let mut folded = Vec::with_capacity(write.entries.len());
        let mut notes: Vec<Noted> = write.notes.into_iter().map(Noted::new).collect();
        if let Some(first) = notes.first_mut() {
            first.remarks = write.remarks;
        }
        for entry in write.entries {
            let id = entry.profile;
            let Pinned { blinded, head, .. } = self.profile(inner, id)?;
            let seq = heads.get(&id).copied().unwrap_or(head.seq) + 1;
            heads.insert(id, seq);
            let (epoch, key) = inner.keys.profile_key(id)?;
            let vault = inner.marker.vault;
            let tables = [(Table::Journal, Some(&entry.prepared)), (Table::Origin, entry.origin.as_ref())];
            for (table, prepared) in tables {
                let Some(prepared) = prepared else { continue };
                let parts = crypto::seal(inner.marker.suite, &key, epoch, &context(vault, table, id, seq), prepared);
                for (part, sealed) in parts.into_iter().enumerate() {
                    let part = u16::try_from(part).map_err(|_| Error::internal("a body has too many parts"))?;
                    let address = match table {
                        Table::Origin => layout::origin(blinded, seq, part),
                        _ => layout::journal(blinded, seq, part),
                    };
                    rows.append(address, sealed);
                }
                let pseudonym = Pseudonym::from_bytes(head.pseudonym);
                let written = Written { table, pseudonym, seq, commitment: prepared.commitment() };
                let about = notes.iter_mut().find(|note| note.done.profile == Some(id));
                about.ok_or_else(|| Error::internal("a write lacks its audit entry"))?.writes.push(written);
            }
            folded.push((id, seq, entry.header));
        }
        for change in write.series {
            let seq = heads.get(&change.profile).copied();
            let seq = seq.ok_or_else(|| Error::internal("samples lack the entry that adds them"))?;
            change.seal_into(inner, seq, &mut rows)?;
        }
        let replaced: Vec<ProfileId> = write.replaced.iter().map(|replacement| replacement.profile).collect();
        for replacement in write.replaced {
            let id = replacement.profile;
            let about = notes.iter_mut().find(|note| note.done.profile == Some(id));
            let about = about.ok_or_else(|| Error::internal("a write lacks its audit entry"))?;
            let Pinned { blinded, head, .. } = self.profile(inner, id)?;
            replace(inner, blinded, head, &replacement, about, &mut rows)?;
        }
        notes.extend(write.farewell.map(|farewell| Noted {
            remarks: farewell.remarks,
            subject: Some(farewell.subject),
            ..Noted::new(farewell.done)
        }));
        for (id, seq) in heads {
            self.profile(inner, id)?.head.seq = seq;
        }
        for id in write.rewritten {
            self.profile(inner, id)?.head.rewrite += 1;
        }
        for (id, _, header) in &folded {
            if header.act.is_version() {
                self.versions.insert((*id, header.record), header.version);
            }
        }
        self.state.extend(write.state.into_iter().map(|change| ((change.owner, change.name.clone()), change)));
        self.folded.append(&mut folded);
        self.notes.append(&mut notes);
        self.batch.expect.append(&mut rows.expect);
        self.batch.put.append(&mut rows.put);
        self.batch.delete.append(&mut rows.delete);
        self.replaced.extend(replaced);
        Ok(())
    }

    pub(super) fn commit(mut self, inner: &Inner, closing: bool) -> Result<()> {
        let reads = inner.take_reads(closing);
        if self.batch.put.is_empty() && self.state.is_empty() && self.notes.is_empty() && reads.is_empty() {
            return Ok(());
        }
        let outcome = self.write(inner, &reads);
        match outcome {
            Ok(()) => inner.watch(&reads),
            Err(_) => inner.put_back_reads(reads),
        }
        outcome
    }

    fn write(&mut self, inner: &Inner, reads: &[Use]) -> Result<()> {
        self.notes.extend(reads.iter().cloned().map(Noted::new));
        // Every person a note is about gets a link from their head to this leaf.
        let people: Vec<ProfileId> = self.notes.iter().filter_map(|note| note.done.profile).collect();
        for id in people {
            // Somebody who is being erased, or was meanwhile, has no head to be told: the note then keeps no link.
            if inner.keys.has_profile(id) && !inner.is_leaving(id) {
                self.profile(inner, id)?;
            }
        }
        let moments = self.folded.iter().map(|(_, _, header)| header.at).chain(reads.iter().map(|done| done.at));
        let newest = moments.fold(Instant::from_millis(inner.newest.load(Ordering::Relaxed)), Instant::max);
        let notes = std::mem::take(&mut self.notes);
        let mut ledger = inner.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let mut heads: HashMap<ProfileId, &mut Head> =
            self.profiles.iter_mut().map(|(id, pinned)| (*id, &mut pinned.head)).collect();
        let advanced = ledger.append(inner, notes, &mut heads, newest, &mut self.batch)?;
        for change in self.state.values() {
            inner.put_state(&mut self.batch, change)?;
        }
        for (id, pinned) in &self.profiles {
            self.batch.replace(layout::head(&pinned.blinded), inner.seal_head(*id, &pinned.head)?);
        }
        inner.movement.tell(&self.batch);
        inner.store.commit(std::mem::take(&mut self.batch)).map_err(|error| match error {
            StoreError::Expectation => Error::internal("another process wrote to this vault"),
            other => other.into(),
        })?;
        *ledger = advanced;
        inner.written().extend(self.profiles.iter().map(|(id, pinned)| (*id, pinned.head.seq)));
        drop(ledger);
        for (id, pinned) in &mut self.profiles {
            // Somebody may have opened it meanwhile, before or after the commit.
            pinned.open = pinned.open.take().or_else(|| inner.if_open(*id));
            if let Some(open) = &pinned.open {
                *open.head.lock().unwrap_or_else(PoisonError::into_inner) = pinned.head;
            }
        }
        inner.newest.store(newest.millis(), Ordering::Relaxed);
        let mut system = self.folded.iter().any(|(id, ..)| *id == ProfileId::SYSTEM);
        for (id, seq, header) in std::mem::take(&mut self.folded) {
            let Some(open) = &self.profiles[&id].open else { continue };
            let mut index = open.index.write().unwrap_or_else(PoisonError::into_inner);
            // Whoever opened it after the commit has read the entry already.
            if seq > index.last_seq() {
                debug_assert_eq!(seq, index.last_seq() + 1, "an index misses no entry");
                index.fold(seq, header);
            }
        }
        for id in std::mem::take(&mut self.replaced) {
            if let Some(open) = &self.profiles[&id].open {
                inner.fold_again(open)?;
            }
            system |= id == ProfileId::SYSTEM;
        }
        if system {
            inner.forget_people();
        }
        // Indexes grow by what was folded, not only by opening.
        self.profiles.clear();
        inner.keep_budget(None);
        Ok(())
    }
}
