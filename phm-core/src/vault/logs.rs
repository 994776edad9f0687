//! The audit logs of a vault: the one it writes, and those that ended where a restore began the next.
//!
//! What leaves the vault here carries no content: sizes, hashes and signatures.

use serde::Serialize;

use super::ledger::{Ledger, LogHead, tile_hash};
use super::{Inner, Vault};
use crate::audit::checkpoint::{self, Checkpoint, CheckpointError, Verifier};
use crate::audit::entry::Remark;
use crate::audit::proof;
use crate::audit::tree::Hash;
use crate::crypto::digest::hex;
use crate::error::{Result, if_whole};
use crate::id::LogId;

/// Why a log ended where the one that continues it does not open any more.
const NOT_KNOWN: &str = "not known";

/// A log of the vault.
pub(crate) struct Log {
    pub id: LogId,
    pub size: u64,
    pub root: Hash,
    /// Why it ended and another went on; `None` while it is written.
    pub ended: Option<String>,
    /// The log it continues, with the size and root that one ended at.
    pub continues: Option<(LogId, u64, Hash)>,
}

/// A log that ended, as reports show it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct EarlierLog {
    /// Its id.
    pub log: LogId,
    /// How many rows it had.
    pub size: u64,
    /// The root over them.
    pub root: String,
    /// Why: `restore`, `clone`, `failover`, or `not known` where the row that says so is damaged.
    pub reason: String,
}

/// How a checkpoint that was kept elsewhere stands to the vault's log.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase", tag = "standing")]
pub enum Standing {
    /// The log begins as the checkpoint says, and goes on from there.
    Continued,
    /// The checkpoint's log ended, and another of this vault went on.
    Ended {
        /// How many rows it had when it ended.
        #[serde(rename = "rows")]
        size: u64,
        /// Why it ended: `restore`, `clone`, `failover`, or `not known` where the row that says so is damaged.
        because: String,
        /// How many rows the checkpoint knows that came after what was restored, and are lost.
        lost: u64,
    },
    /// The log has fewer rows than it had: its end is cut off, or an older copy was put in its place.
    Truncated {
        /// How many rows it has.
        #[serde(rename = "rows")]
        size: u64,
    },
    /// The log began otherwise: it was written anew.
    Forked,
    /// Rows are missing or damaged, so that it cannot be told.
    Unknown,
}

impl Standing {
    /// What a checkpoint says of `log`; `root` is that of the log's first rows, as many as the checkpoint knows, where the
    /// log has them and they can be told.
    pub(super) fn of(log: &Log, checkpoint: &Checkpoint, root: Option<Hash>) -> Self {
        let lost = checkpoint.size.saturating_sub(log.size);
        match root {
            None if lost == 0 => return Self::Unknown,
            Some(root) if lost == 0 && root != checkpoint.root => return Self::Forked,
            _ => {}
        }
        match &log.ended {
            Some(because) => Self::Ended { size: log.size, because: because.clone(), lost },
            None if lost > 0 => Self::Truncated { size: log.size },
            None => Self::Continued,
        }
    }
}

impl Log {
    /// The signed checkpoint.
    pub(super) fn note(&self, inner: &Inner) -> Result<String> {
        let seed = inner.keys.checkpoint_seed(self.id)?;
        let checkpoint = Checkpoint::new(self.id, self.size, self.root);
        Ok(match self.continues {
            None => checkpoint.sign(&seed),
            Some((log, size, root)) => {
                checkpoint.continuing(log, size, root).sign_with_earlier(&seed, &inner.keys.checkpoint_seed(log)?)
            }
        })
    }

    /// How reports name something in it: by itself in the log that is written, behind its id in one that ended.
    pub(super) fn named(&self, what: &str) -> String {
        match self.ended {
            None => what.to_owned(),
            Some(_) => format!("{} {what}", self.id),
        }
    }

    /// How reports show it, where it ended.
    pub(crate) fn report(&self) -> Option<EarlierLog> {
        let reason = self.ended.clone()?;
        Some(EarlierLog { log: self.id, size: self.size, root: hex(&self.root), reason })
    }
}

impl Vault {
    /// A signed note of the audit log's size and root, to be kept elsewhere.
    pub fn checkpoint(&self) -> Result<String> {
        self.inner.committer.flush()?;
        self.inner.at_barrier(|ledger| self.inner.newest_log(ledger)?.note(&self.inner))
    }

    /// The id of the audit log that this vault writes: another one after the vault was restored from a backup, or copied
    /// and gone its own way.
    pub fn audit_log(&self) -> Result<String> {
        self.inner.at_barrier(|ledger| Ok(hex(ledger.log().as_bytes())))
    }

    /// How many rows the audit log has.
    pub fn audit_size(&self) -> Result<u64> {
        self.inner.at_barrier(|ledger| Ok(ledger.size()))
    }

    /// What checks this vault's checkpoints without any key.
    pub fn checkpoint_verifier(&self) -> Result<Verifier> {
        self.inner.at_barrier(|ledger| self.inner.verifier(ledger.log()))
    }

    /// How a checkpoint that was kept elsewhere stands to the audit log. Reads some tiles of the tree and no rows, so that
    /// it can be asked often; [`Vault::verify`] looks at everything.
    ///
    /// # Errors
    /// `invalid-checkpoint` where it is none, or of no log of this vault; `corrupt` where tiles or rows are missing.
    pub fn compare_checkpoint(&self, note: &str) -> Result<Standing> {
        self.inner.committer.flush()?;
        self.inner.at_barrier(|ledger| {
            let logs = self.inner.logs(ledger)?;
            let (log, checkpoint) = self.inner.kept(&logs, note)?;
            let root =
                (checkpoint.size <= log.size).then(|| self.inner.root_at(log.id, checkpoint.size)).transpose()?;
            Ok(Standing::of(log, &checkpoint, root))
        })
    }
}

impl Inner {
    /// The log that is written.
    pub(super) fn newest_log(&self, ledger: &Ledger) -> Result<Log> {
        let (id, size, root) = (ledger.log(), ledger.size(), ledger.root());
        let continues = self.continues(id, size)?.map(|(log, size, root, _)| (log, size, root));
        Ok(Log { id, size, root, ended: None, continues })
    }

    /// All logs, oldest first; the last one is written.
    pub(super) fn logs(&self, ledger: &Ledger) -> Result<Vec<Log>> {
        let (logs, complete) = self.known_logs(ledger)?;
        complete.map(|()| logs)
    }

    /// All logs, oldest first, and whether each says itself which one it continues. Behind one whose beginning does not open
    /// they are those the keyring has keys of, as they stand in their heads.
    ///
    /// # Errors
    /// Where the disk does not give what stands there.
    pub(super) fn known_logs(&self, ledger: &Ledger) -> Result<(Vec<Log>, Result<()>)> {
        let (id, size, root) = (ledger.log(), ledger.size(), ledger.root());
        let mut logs = vec![Log { id, size, root, ended: None, continues: None }];
        let complete = loop {
            let newer = &mut logs[0];
            let (log, size, root, reason) = match self.continues(newer.id, newer.size) {
                Ok(Some(earlier)) => earlier,
                Ok(None) => break Ok(()),
                Err(error) if !error.is_of_what_was_read() => return Err(error),
                Err(error) => {
                    let before = self.logs_by_their_keys(newer.id)?;
                    logs.splice(0..0, before);
                    break Err(error);
                }
            };
            newer.continues = Some((log, size, root));
            // Logs that continue each other could only be made by somebody with the keys; that ends the walk.
            if logs.iter().any(|known| known.id == log) {
                break Ok(());
            }
            logs.insert(0, Log { id: log, size, root, ended: Some(reason), continues: None });
        };
        Ok((logs, complete))
    }

    /// The logs that are older than this one and have a key and a head, oldest first.
    fn logs_by_their_keys(&self, newer: LogId) -> Result<Vec<Log>> {
        let mut logs = Vec::new();
        for (id, _) in self.keys.logs().into_iter().take_while(|(id, _)| *id != newer) {
            let head = if_whole(LogHead::read(self.marker.vault, &self.keys, &self.store, id))?.flatten();
            logs.extend(head.map(|LogHead { frontier, .. }| {
                let (size, root) = (frontier.size(), frontier.root());
                Log { id, size, root, ended: Some(NOT_KNOWN.to_owned()), continues: None }
            }));
        }
        Ok(logs)
    }

    /// The log that this one says in its first row it continues.
    fn continues(&self, log: LogId, size: u64) -> Result<Option<(LogId, u64, Hash, String)>> {
        if size == 0 {
            return Ok(None);
        }
        let first = self.audit_row(log, 0)?;
        Ok(first.entries.into_iter().flat_map(|entry| entry.remarks).find_map(|remark| match remark {
            Remark::Continues { log, size, root, reason } => Some((log, size, root, reason)),
            Remark::Purged { .. } => None,
        }))
    }

    pub(super) fn verifier(&self, log: LogId) -> Result<Verifier> {
        Ok(Verifier::new(log, self.keys.checkpoint_seed(log)?.public_key()))
    }

    /// The log a signed note is about, and what it says.
    pub(super) fn kept<'l>(&self, logs: &'l [Log], note: &str) -> Result<(&'l Log, Checkpoint)> {
        let named = checkpoint::read_unverified(note)?.origin;
        let log = logs.iter().find(|log| checkpoint::origin(log.id) == named).ok_or(CheckpointError::OtherLog)?;
        Ok((log, self.verifier(log.id)?.verify(note)?))
    }

    /// The root of the first `size` rows of a log, from its tiles.
    pub(crate) fn root_at(&self, log: LogId, size: u64) -> Result<Hash> {
        proof::root(size, self.subtrees(log))
    }

    /// The hashes of perfect subtrees, for roots and proofs.
    pub(super) fn subtrees(&self, log: LogId) -> impl FnMut(u8, u64) -> Result<Hash> + '_ {
        let mut read = move |level, index| tile_hash(&self.store, log, level, index);
        move |level, index| crate::audit::tiles::subtree(level, index, &mut read)
    }

    /// The signed note of each log, the oldest first.
    pub(super) fn notes(&self, ledger: &Ledger) -> Result<Vec<(Log, String)>> {
        let logs = self.logs(ledger)?.into_iter();
        logs.map(|log| {
            let note = log.note(self)?;
            Ok((log, note))
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(size: u64, ended: bool, kept: u64, root: Option<u8>) -> Standing {
        let id = LogId::from_bytes([1; 16]);
        let log = Log { id, size, root: [9; 32], ended: ended.then(|| "restore".to_owned()), continues: None };
        Standing::of(&log, &Checkpoint::new(id, kept, [7; 32]), root.map(|byte| [byte; 32]))
    }

    #[test]
    fn a_checkpoint_is_continued_cut_off_forked_or_not_known() {
        assert_eq!(standing(5, false, 5, Some(7)), Standing::Continued);
        assert_eq!(standing(5, false, 3, Some(7)), Standing::Continued);
        assert_eq!(standing(5, false, 6, None), Standing::Truncated { size: 5 });
        assert_eq!(standing(5, false, 3, Some(8)), Standing::Forked);
        assert_eq!(standing(5, false, 3, None), Standing::Unknown);
    }

    #[test]
    fn an_honest_restore_is_no_fork_whatever_it_lost_and_a_forged_past_still_is() {
        let ended = |lost| Standing::Ended { size: 5, because: "restore".to_owned(), lost };
        assert_eq!(standing(5, true, 5, Some(7)), ended(0));
        assert_eq!(standing(5, true, 3, Some(7)), ended(0));
        assert_eq!(standing(5, true, 8, None), ended(3));
        assert_eq!(standing(5, true, 5, Some(8)), Standing::Forked);
    }
}
