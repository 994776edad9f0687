//! The committer: one thread that makes writes durable in groups.
//!
//! Writers prepare entries on their own threads and hand them over as a [`Write`]. The committer takes what waits,
//! refuses what started from a stale version, numbers and seals the rest, adds the audit row, the heads and the tree's
//! new tiles, and commits all of it as one batch. Only when the store says that the batch survives a power cut are the
//! indexes told and the writers answered.

use std::collections::hash_map::Entry as MapEntry;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, Instant as Stopwatch};

use super::Inner;
use super::journal::context;
use super::ledger::Noted;
use super::profiles::{Head, OpenProfile};
use super::state::StateChange;
use super::waiting::{Message, Replacement, Write};
use crate::audit::entry::{Pseudonym, Remark, Written};
use crate::audit::reads::Use;
use crate::crypto;
use crate::error::{Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::{Header, RecordState};
use crate::store::layout::{self, Blinded, Table};
use crate::store::{Batch, Store as _, StoreError};
use crate::time::Instant;

/// Entries in one group at most, and bytes of their plaintexts.
const GROUP_ENTRIES: usize = 512;
const GROUP_BYTES: usize = 4 << 20;
/// How long a read may wait for its audit entry.
const READS_WAIT: Duration = Duration::from_secs(1);
/// How long the `heads` file may lag behind the store.
const HEADS_LAG: Duration = Duration::from_secs(3);

/// The committer's thread: runs until it is told to stop or the vault is gone.
pub(crate) fn run(vault: &Weak<Inner>, messages: &Receiver<Message>) {
    let Some(size) = vault.upgrade().map(|inner| log_size(&inner)) else { return };
    let mut said = Said { size, at: Stopwatch::now() };
    loop {
        let first = match messages.recv_timeout(READS_WAIT) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let Some(inner) = vault.upgrade() else { return };
        let mut group = Group::default();
        let mut stop = false;
        let mut next = first;
        while let Some(message) = next {
            match message {
                Message::Write(write, reply) => group.add(*write, reply),
                Message::Flush(reply) => group.flushes.push(reply),
                Message::Stop => {
                    stop = true;
                    group.closing = true;
                }
            }
            next = if group.full() || stop { None } else { messages.try_recv().ok() };
        }
        group.commit(&inner);
        if stop {
            return;
        }
        said.keep_up(&inner);
    }
}

fn log_size(inner: &Inner) -> u64 {
    inner.ledger.lock().unwrap_or_else(PoisonError::into_inner).size()
}

/// What the `heads` file says, and since when.
struct Said {
    size: u64,
    at: Stopwatch,
}

impl Said {
    /// Writes the `heads` file where the log has grown and the file is some seconds old.
    fn keep_up(&mut self, inner: &Inner) {
        let size = log_size(inner);
        if size != self.size && self.at.elapsed() >= HEADS_LAG && !inner.failed.load(Ordering::SeqCst) {
            // Writes are durable without it; where it fails, closing the vault tries again and tells.
            let _ = super::heads::write(inner);
            *self = Self { size, at: Stopwatch::now() };
        }
    }
}

/// Writes that are committed together.
#[derive(Default)]
struct Group {
    writes: Vec<(Write, SyncSender<Result<()>>)>,
    flushes: Vec<SyncSender<Result<()>>>,
    entries: usize,
    bytes: usize,
    closing: bool,
}

/// What a group has changed so far but not committed.
#[derive(Default)]
struct Pending {
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

impl Group {
    fn add(&mut self, write: Write, reply: SyncSender<Result<()>>) {
        self.entries += write.entries.len().max(1);
        self.bytes += write.bytes();
        self.writes.push((write, reply));
    }

    fn full(&self) -> bool {
        self.entries >= GROUP_ENTRIES || self.bytes >= GROUP_BYTES
    }

    fn commit(self, inner: &Inner) {
        let mut pending = Pending::default();
        let mut waiting = Vec::new();
        if inner.failed.load(Ordering::SeqCst) {
            for reply in self.writes.into_iter().map(|(_, reply)| reply).chain(self.flushes) {
                let _ = reply.send(Err(super::store_failed()));
            }
            return;
        }
        for (write, reply) in self.writes {
            match pending.check(inner, &write).and_then(|()| pending.take(inner, write)) {
                Ok(()) => waiting.push(reply),
                Err(error) => {
                    // The writer may have given up waiting; then nobody is told.
                    let _ = reply.send(Err(error));
                }
            }
        }
        waiting.extend(self.flushes);
        let outcome = pending.commit(inner, self.closing);
        if let Err(error) = &outcome {
            tell_failure(inner, error);
        }
        for reply in waiting {
            let answer = match &outcome {
                Ok(()) => Ok(()),
                Err(error) => Err(again(error)),
            };
            let _ = reply.send(answer);
        }
    }
}

/// Remembers that reads cannot be audited any more, so that they are refused.
fn tell_failure(inner: &Inner, error: &Error) {
    if error.kind() != ErrorKind::Conflict {
        inner.failed.store(true, Ordering::SeqCst);
    }
}

/// The same error for another writer of the group.
fn again(error: &Error) -> Error {
    Error::new(error.kind(), error.code(), error.to_string())
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
    fn check(&mut self, inner: &Inner, write: &Write) -> Result<()> {
        if !(write.entries.is_empty() && write.state.is_empty() && write.series.is_empty() && write.replaced.is_empty())
        {
            inner.may_change()?;
        }
        inner.is_for_the_living(write)?;
        for (profile, record, version) in &write.unmoved {
            let stored = self.newest_version(inner, *profile, *record)?;
            let newest = self.versions.get(&(*profile, *record)).copied().unwrap_or(stored);
            if newest != *version {
                return Err(super::conflict(newest));
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
                return Err(super::conflict(newest));
            }
            own.insert(key, entry.header.version);
        }
        Ok(())
    }

    /// Numbers, seals and adds a checked write.
    fn take(&mut self, inner: &Inner, write: Write) -> Result<()> {
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

    fn commit(mut self, inner: &Inner, closing: bool) -> Result<()> {
        let reads = inner.take_reads(closing);
        if self.batch.put.is_empty() && self.state.is_empty() && self.notes.is_empty() && reads.is_empty() {
            return Ok(());
        }
        let outcome = self.write(inner, &reads);
        if outcome.is_err() {
            inner.put_back_reads(reads);
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

/// Adds an entry in the place of another one to `rows`, and says so in the note about its person.
fn replace(
    inner: &Inner,
    blinded: &Blinded,
    head: &Head,
    new: &Replacement,
    about: &mut Noted,
    rows: &mut Batch,
) -> Result<()> {
    let Replacement { profile, seq, prepared } = new;
    if *seq == 0 || *seq > head.seq {
        return Err(Error::internal("an entry is to be replaced that was never written"));
    }
    let (epoch, key) = inner.keys.profile_key(*profile)?;
    let context = context(inner.marker.vault, Table::Journal, *profile, *seq);
    let sealed = crypto::seal(inner.marker.suite, &key, epoch, &context, prepared);
    let reader = inner.reader(*profile, *blinded);
    let pseudonym = Pseudonym::from_bytes(head.pseudonym);
    for (table, kept) in [(Table::Journal, sealed.len()), (Table::Origin, 0)] {
        let old = reader.parts(table, *seq)?.map_or(0, |parts| parts.len());
        for part in kept..old {
            let part = u16::try_from(part).map_err(|_| Error::internal("a body has too many parts"))?;
            rows.delete(reader.address(table, *seq, part));
        }
        if old > 0 {
            about.remarks.push(Remark::Purged { table, pseudonym, from: *seq, to: *seq + 1 });
        }
    }
    for (part, sealed) in (0_u16..).zip(sealed) {
        rows.replace(reader.address(Table::Journal, *seq, part), sealed);
    }
    let commitment = prepared.commitment();
    about.writes.push(Written { table: Table::Journal, pseudonym, seq: *seq, commitment });
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::crypto::digest::sha256;
    use crate::crypto::kdf::Cost;
    use crate::crypto::secret::Secret;
    use crate::vault::{Options, Vault};

    /// A text that takes `parts` parts even when compressed.
    fn long(parts: usize) -> Value {
        let digits = (0..parts * 600).map(|n| format!("{:x?}", sha256(&[&n.to_be_bytes()])));
        Value::String(digits.collect())
    }

    #[test]
    fn of_several_changes_of_a_state_row_in_one_group_the_last_counts() {
        let dir = tempfile::tempdir().expect("a folder");
        let options = Options { cost: Cost::FLOOR, ..Options::default() };
        let secret = Secret::passphrase("correct horse battery staple");
        let (vault, _) = Vault::create(dir.path(), &[secret], options).expect("a vault");
        let (owner, name) = (ProfileId::SYSTEM, "job");
        let values = [None, Some(json!(1)), Some(long(1)), Some(long(2)), Some(long(4))];
        let change = |value: &Option<Value>| match value {
            Some(value) => StateChange::put(owner, name, value, None).expect("a value"),
            None => StateChange::delete(owner, name),
        };
        for before in &values {
            for first in &values {
                for second in &values {
                    vault
                        .inner
                        .committer
                        .commit(Write { state: vec![change(before)], ..Write::default() })
                        .expect("put");
                    let mut group = Group::default();
                    let replies: Vec<_> = [first, second]
                        .map(|value| {
                            let (reply, answer) = std::sync::mpsc::sync_channel(1);
                            group.add(Write { state: vec![change(value)], ..Write::default() }, reply);
                            answer
                        })
                        .into();
                    group.commit(&vault.inner);
                    assert!(replies.iter().all(|answer| answer.recv().expect("answered").is_ok()));
                    let read = vault.state::<Value>(owner, name).expect("whole");
                    assert!(read == *second, "the second of two writes");
                }
            }
            let report = vault.verify(None).expect("verified");
            assert!(report.ok, "{:?}", report.damaged);
        }
    }
}
