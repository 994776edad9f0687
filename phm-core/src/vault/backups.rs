//! The backups a vault knows of, and when one was last proven to restore.
//!
//! Whoever erases somebody has to say which backups still hold their records and until when; whoever keeps a vault has to
//! hear when the last proof is too old. Both are sealed state of the vault, and every backup stands in its audit log.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::state::StateChange;
use super::waiting::Write;
use super::{Inner, Vault};
use crate::access::Actor;
use crate::audit::entry::Deed;
use crate::backup::{self, Drilled, Kind, Written};
use crate::error::{ErrorKind, Result};
use crate::id::{ChainId, ProfileId};
use crate::time::Instant;

/// The state row of `system` with the list.
pub(super) const LIST: &str = "backups";
/// The state row of `system` with the last proof.
pub(super) const PROOF: &str = "backup proof";
/// So many of the newest are remembered.
const REMEMBERED: usize = 2_000;

/// A backup that was made of the vault, as far as it knows.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// Where it was written to.
    pub path: PathBuf,
    /// Of which moment it is.
    pub written_at: Instant,
    /// Whether it stands alone.
    pub kind: Kind,
    /// The chain it belongs to.
    pub chain: ChainId,
    /// Its number in the chain.
    pub number: u32,
    /// Its length.
    pub bytes: u64,
    /// Since when its keys are as they are: since it was written, or wrapped anew; where an erasure had been begun by then
    /// and was not finished, since that was begun, for keys that are to go are among them.
    pub keys_from: Instant,
    /// When it will be removed; `None` where nobody but its owner knows.
    pub kept_until: Option<Instant>,
}

/// That a backup was restored and verified, or was not.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// When it was tried.
    pub at: Instant,
    /// Whether it restored and verified.
    pub ok: bool,
    /// Of which moment the backup is; that of the last one that was proven, where this one was not.
    pub proven: Option<Instant>,
    /// The newest backup file that was tried.
    pub path: PathBuf,
}

impl Made {
    /// What the vault remembers of a backup.
    pub(crate) fn of(written: &Written, keys_from: Instant, kept_until: Option<Instant>) -> Result<Self> {
        Ok(Self {
            path: std::path::absolute(&written.path)?,
            written_at: written.written_at,
            kind: written.kind,
            chain: written.chain,
            number: written.number,
            bytes: written.bytes,
            keys_from,
            kept_until,
        })
    }

    /// Whether it is this backup. Two may continue the same one, and then have the same number in their chain.
    pub(crate) fn is(&self, chain: ChainId, number: u32, written_at: Instant) -> bool {
        (self.chain, self.number, self.written_at) == (chain, number, written_at)
    }
}

impl Vault {
    /// The moment it is now: the clock's, but never before the newest entry.
    pub fn now(&self) -> Instant {
        self.inner.now()
    }

    /// The backups that were made of this vault and not reported removed, oldest first.
    pub fn backups(&self) -> Result<Vec<Made>> {
        self.inner.backups()
    }

    /// When a backup was last tried out, and how that ended.
    pub fn backup_proof(&self) -> Result<Option<Proof>> {
        self.inner.state(ProfileId::SYSTEM, PROOF)
    }

    /// Remembers that a backup was tried out.
    pub fn note_backup_proof(&self, path: &Path, written_at: Option<Instant>, ok: bool) -> Result<()> {
        let (at, path) = (self.inner.now(), std::path::absolute(path)?);
        self.update_state::<Proof, _>(ProfileId::SYSTEM, PROOF, |before| {
            // A backup of the first form does not say of when it is; it is no older than now.
            let proven = if ok { Some(written_at.unwrap_or(at)) } else { before.and_then(|before| before.proven) };
            Ok((Some((Proof { at, ok, proven, path }, None)), ()))
        })
    }

    /// Remembers how trying out a backup ended, where that says something about a backup of this vault; answers whether it
    /// does. A disk without room for the trial, a wrong secret or an end before its time do not, and a backup of another
    /// vault proves nothing here.
    pub fn note_drill(&self, files: &[PathBuf], drilled: &Result<Drilled>) -> Result<bool> {
        let Some(newest) = files.last() else { return Ok(false) };
        let says = match drilled {
            Ok(drilled) => drilled.vault == self.id(),
            Err(error) if matches!(error.kind(), ErrorKind::Io | ErrorKind::Busy | ErrorKind::WrongSecret) => false,
            Err(_) => self.is_of_here(files, newest)?,
        };
        if says {
            let written_at = drilled.as_ref().ok().and_then(|drilled| drilled.written_at);
            self.note_backup_proof(newest, written_at, drilled.is_ok())?;
        }
        Ok(says)
    }

    /// Whether backups are of this vault: by what they say themselves, or, where they say nothing, by the list.
    fn is_of_here(&self, files: &[PathBuf], newest: &Path) -> Result<bool> {
        if let Ok(Some(vault)) = backup::vault_of(files) {
            return Ok(vault == self.id());
        }
        let path = std::path::absolute(newest)?;
        let is_it = |made: &Made| made.path == path || made.path.parent() == Some(path.as_path());
        Ok(self.backups()?.iter().any(is_it))
    }

    /// Forgets backups that were removed: no report names them any more. That this was said stands in the audit log.
    pub fn forget_backups(&self, gone: &[Made]) -> Result<()> {
        if gone.is_empty() {
            return Ok(());
        }
        self.change_backups(Deed::Administer, "forget", "backup", |made| {
            made.retain(|made| !gone.iter().any(|gone| gone.is(made.chain, made.number, made.written_at)));
        })
    }

    /// Since when the keys that the vault has at `moment` are as they are: see [`Made::keys_from`]. For whoever holds
    /// `rewriting`.
    pub(crate) fn keys_from(&self, moment: Instant) -> Instant {
        match self.unfinished() {
            Ok(Some(unfinished)) if !unfinished.only_compaction => moment.min(unfinished.begun_at),
            Ok(_) => moment,
            // A plan that does not open may be of any moment.
            Err(_) => Instant::from_millis(0),
        }
    }

    /// Remembers a backup, and that it was made, in one commit.
    pub(crate) fn add_backup(&self, new: Made, purpose: &str) -> Result<()> {
        let operation = if new.kind == Kind::Full { "full" } else { "increment" };
        self.change_backups(Deed::BackUp, operation, purpose, |made| {
            made.push(new);
            let over = made.len().saturating_sub(REMEMBERED);
            made.drain(..over);
        })
    }

    /// Remembers since when the keys that a backup has now are as they are.
    pub(crate) fn note_rewrap(
        &self,
        (chain, number, written_at): (ChainId, u32, Instant),
        keys_from: Instant,
    ) -> Result<()> {
        self.change_backups(Deed::Administer, "rewrap", "backup", |made| {
            for made in made.iter_mut().filter(|made| made.is(chain, number, written_at)) {
                made.keys_from = keys_from;
            }
        })
    }

    fn change_backups(
        &self,
        deed: Deed,
        operation: &str,
        purpose: &str,
        change: impl FnOnce(&mut Vec<Made>),
    ) -> Result<()> {
        let session = self.session(Actor::Operator, purpose)?;
        self.inner.with_state_lock(|| {
            let mut made = self.inner.backups()?;
            change(&mut made);
            let mut note = session.deed(deed, operation, ProfileId::SYSTEM, "backup", []);
            note.count = 1;
            let state = vec![StateChange::put(ProfileId::SYSTEM, LIST, &made, None)?];
            self.inner.committer.commit(Write { state, notes: vec![note], ..Write::default() })
        })
    }
}

impl Inner {
    /// The backups that were made of this vault and not reported removed, oldest first.
    pub(crate) fn backups(&self) -> Result<Vec<Made>> {
        Ok(self.state(ProfileId::SYSTEM, LIST)?.unwrap_or_default())
    }
}
