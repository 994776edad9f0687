//! The committer: one thread that makes writes durable in groups.
//!
//! Writers prepare entries on their own threads and hand them over as a [`Write`]. The committer takes what waits,
//! refuses what started from a stale version, numbers and seals the rest, adds the audit row, the heads and the tree's
//! new tiles, and commits all of it as one batch. Only when the store says that the batch survives a power cut are the
//! indexes told and the writers answered.

mod pending;
mod replace;

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{PoisonError, Weak};
use std::time::{Duration, Instant as Stopwatch};

use self::pending::Pending;
use super::Inner;
use super::waiting::{Message, Write};
use crate::error::{Error, ErrorKind, Result};
use crate::store::StoreError;

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
        if size != self.size && self.at.elapsed() >= HEADS_LAG && inner.check().is_ok() {
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
        if let Err(error) = inner.check() {
            for reply in self.writes.into_iter().map(|(_, reply)| reply).chain(self.flushes) {
                let _ = reply.send(Err(error.again()));
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
            inner.fail(error);
        }
        for reply in waiting {
            let answer = match &outcome {
                Ok(()) => Ok(()),
                Err(error) => Err(told(error)),
            };
            let _ = reply.send(answer);
        }
    }
}

impl Inner {
    /// Remembers that nothing can be committed or audited any more, so that it is refused until the vault is opened again.
    pub fn fail(&self, error: &Error) {
        if error.kind() != ErrorKind::Conflict {
            // The first one says why.
            let _ = self.failed.set(told(error));
        }
    }

    /// Refuses work after a commit that failed, whose outcome nobody knows before the vault is opened again.
    pub fn check(&self) -> Result<()> {
        match self.failed.get() {
            None => Ok(()),
            // To make room and start again helps nobody whose store is damaged.
            Some(error) if error.kind() == ErrorKind::Corrupt => Err(error.again()),
            Some(_) => Err(StoreError::Poisoned.into()),
        }
    }
}

/// What everybody may know of the error of a commit: whose row is damaged is for `verify` to say.
fn told(error: &Error) -> Error {
    if error.is_of_what_was_read() {
        let text = "a row that a write goes on from is damaged, and nothing is written any more; run `phm verify`, then start again";
        Error::corrupt(text).unread()
    } else {
        error.again()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::crypto::digest::sha256;
    use crate::crypto::kdf::Cost;
    use crate::crypto::secret::Secret;
    use crate::id::ProfileId;
    use crate::vault::state::StateChange;
    use crate::vault::{Options, Vault};

    /// A text that takes `parts` parts even when compressed.
    fn long(parts: usize) -> Value {
        let digits = (0..parts * 600).map(|n| format!("{:x?}", sha256(&[&n.to_be_bytes()])));
        Value::String(digits.collect())
    }

    #[test]
    fn after_a_failed_commit_the_store_s_damage_is_told_to_everybody_and_nobody_s_row() {
        let of_somebody = Error::corrupt("the head of journal 7 is damaged");
        let of_the_store = Error::from(StoreError::Corrupt("a checksum does not match".into()));
        let of_the_disk = Error::from(std::io::Error::other("a write that fails"));
        let (damage, failure) = ((ErrorKind::Corrupt, "corrupt"), (ErrorKind::Io, "store-failed"));
        for (failed, told) in [(of_somebody, damage), (of_the_store, damage), (of_the_disk, failure)] {
            let dir = tempfile::tempdir().expect("a folder");
            let options = Options { cost: Cost::FLOOR, ..Options::default() };
            let secret = Secret::passphrase("correct horse battery staple");
            let (vault, _) = Vault::create(dir.path(), &[secret], options).expect("a vault");
            vault.inner.fail(&failed);
            // Who comes later does not change what was first.
            vault.inner.fail(&StoreError::Poisoned.into());
            let change = StateChange::put(ProfileId::SYSTEM, "job", &1, None).expect("a value");
            let refused = vault.inner.committer.commit(Write { state: vec![change], ..Write::default() });
            let refused = refused.expect_err("nothing is written any more");
            assert_eq!((refused.kind(), refused.code()), told);
            assert!(!refused.to_string().contains("journal 7"), "{refused}");
            assert!(!refused.is_of_what_was_read(), "it says nothing of any row");
        }
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
