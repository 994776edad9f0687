//! The vault: a folder that keeps people's records sealed, versioned, audited, and shared only by consent.
//!
//! [`Vault::create`] makes one, [`Vault::open`] opens one with a secret, [`Vault::session`] lets one actor work in it for
//! a purpose. Everything a session does passes the consent policy and stands in the audit log. A write is
//! acknowledged only when it survives a power cut.

mod accounts;
mod alerts;
pub(crate) mod backups;
pub(crate) mod bounds;
pub mod call;
mod cards;
mod checkpoints;
mod commit;
mod compact;
mod consent;
mod documents;
#[cfg(feature = "fuzzing")]
pub mod doors;
mod emergency;
mod erase;
mod export;
mod family;
pub mod flat;
mod folder;
mod hand_over;
mod heads;
mod history;
mod house_retention;
mod import;
mod incident;
mod inner;
mod invitations;
mod journal;
mod keys;
mod labels;
mod ledger;
mod logs;
mod looked;
mod migrate;
mod newcomers;
mod options;
mod people;
#[cfg(all(test, not(feature = "null-cipher")))]
mod places;
mod profiles;
mod proofs;
mod readings;
mod records;
mod reseal;
mod restore;
mod restrictions;
mod retention;
mod salvage;
mod series;
mod session;
mod shares;
mod shown;
mod spool;
mod state;
mod stats;
mod sweep;
mod take_over;
mod together;
mod token_keys;
mod tokens;
pub(crate) mod upgrade;
mod values;
mod verify;
mod waiting;
mod ways;

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

pub use accounts::AccountCard;
pub use alerts::{Alert, Raised};
pub use cards::ProfileCard;
pub use compact::{CompactReport, Room};
pub use consent::{Given, GrantState};
pub use documents::DocumentReader;
pub use emergency::{BREAK_GLASS, BREAK_GLASS_MILLIS};
pub use erase::{
    Ended, Erased, Erasure, HeldBackup, Keep, Mention, Mentions, OldCopies, Rectified, Removal, Unfinished,
};
pub use export::ExportFormat;
pub use family::{Offer, Related};
pub use hand_over::{AskedHandOver, HAND_OVER_DAYS, HandOver};
pub(crate) use heads::write_at as write_heads;
pub use history::Version;
pub use house_retention::{HouseOutlook, HouseRetention, HouseRule, KEEP_DAYS, RetentionProposal};
pub use import::{
    Counts, ImportInput, ImportReport, ImportRequest, ImportRun, ImportTarget, ImportUnit, Progress, Totals, Watch,
};
pub use incident::{Incident, IncidentActor, IncidentEvent, IncidentGrant, IncidentQuery, IncidentToken};
pub(crate) use inner::Inner;
pub use invitations::{Invited, WaitingInvitation};
pub(crate) use keys::KeyBook;
pub use logs::{EarlierLog, Standing};
pub use migrate::MigrateReport;
pub use options::Options;
pub use proofs::{EntryProof, ExportedLog, GrowthProof};
pub use readings::{PLUGIN_PROPOSALS, reading_row};
pub use reseal::Resealed;
pub(crate) use restore::{RestoreFolder, Restoring, remove_filled};
pub use restrictions::{RestrictedRecord, Restriction};
pub use retention::{GRACE_DAYS, Purged, RetentionPreview, RetentionRule};
pub(crate) use salvage::{SalvageFolder, Saved};
pub use series::{
    Appended, AppendedUnit, Bucket, Columns, Gathered, MOST_APPENDED, MOST_AT_ONE_MOMENT, MOST_BUCKETS, SampleQuery,
    Texts,
};
pub(crate) use series::{Movement, PresentSeries, Still};
pub use session::{Session, Stop};
pub use shares::{MadeShare, ShareCard, ShareState};
pub use shown::{How, Page, Record, Removed, Row};
pub use spool::{Spool, SpoolWriter};
pub use stats::Stats;
pub use together::Together;
pub use tokens::{MadeToken, TokenCard};
pub use values::{Measured, Values};
pub use verify::{AuditReport, CheckpointReport, Damage, VerifyReport, Where};
pub use ways::{Advice, Ways};

use crate::access::Actor;
use crate::crypto::Suite;
use crate::crypto::secret::{RecoveryCode, Secret, TokenKey};
use crate::error::{Error, ErrorKind, Result};
use crate::id::{LogId, VaultId};
use crate::model::Kinds;
use crate::store::{Generations, Store as _};
use crate::time::Instant;

use folder::{Folder, Marker};
use heads::Expected;
use ledger::Ledger;
use waiting::Message;

/// An open vault. Clones are the same vault; [`Vault::close`] or dropping the last one closes it.
#[derive(Clone)]
pub struct Vault {
    pub(crate) inner: Arc<Inner>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Vault {
    /// Makes a vault in an empty or new folder, unlocked by any of `secrets` or by the recovery code it returns. It may also
    /// be one in which this was cut off, or hold what an appliance keeps there: `phm.toml` and what that names, plugins.
    ///
    /// # Errors
    /// `not-empty` when there is a vault already, or something else; [`ErrorKind::Invalid`] when there is no secret.
    pub fn create(dir: &Path, secrets: &[Secret], options: Options) -> Result<(Self, RecoveryCode)> {
        if secrets.is_empty() {
            return Err(Error::new(ErrorKind::Invalid, "no-secret", "a vault needs a passphrase or a key file"));
        }
        let marker = Marker { vault: VaultId::new(), engine: options.engine, suite: Suite::fastest_here() };
        let code = RecoveryCode::generate();
        let mut all = secrets.to_vec();
        all.push(code.secret());
        let folder = Folder::create(dir)?;
        let log = LogId::new();
        let store = options.open_store(dir, marker.engine)?;
        folder.forget_unfinished(store.stats()?.values)?;
        if store.engine() != marker.engine {
            // An attempt with another engine was killed before this one.
            store.migrate(marker.engine, |_| Ok::<(), Error>(()))?;
            store.remove_others()?;
        }
        let keys = KeyBook::create(dir, marker.vault, &all, options.cost, log)?;
        // The marker comes last: without it a folder is not a vault, and a new attempt may begin.
        folder.mark(&marker)?;
        let vault = Self::start(folder, marker, options, keys, store, Ledger::new(log, 0), Expected::default());
        heads::write(&vault.inner)?;
        Ok((vault, code))
    }

    /// Opens a vault with one of its secrets, and goes on with an erasure, a rectification or the end of an import that
    /// was interrupted. One of an older format is brought to the format of this build first, and before that a backup of it
    /// is written into its folder.
    ///
    /// # Errors
    /// `not-found` when there is none, `in-use` when another process has it, `wrong-secret`, `corrupt`, `newer-format`,
    /// `older-format` where one is opened for reading only; where that backup cannot be written, why, and then no record was
    /// changed.
    pub fn open(dir: &Path, secret: &Secret, options: Options) -> Result<Self> {
        Self::open_with(dir, secret, options, upgrade::STEPS)
    }

    /// As [`Vault::open`], with the steps that lead from the first format to the one that is wanted.
    fn open_with(dir: &Path, secret: &Secret, options: Options, steps: upgrade::Steps<'_>) -> Result<Self> {
        let (folder, mut marker) = Folder::open_up_to(dir, upgrade::newest(steps))?;
        let keys = KeyBook::open(dir, marker.vault, secret)?;
        let store = options.open_store(dir, marker.engine)?;
        let (ledger, newest) = Ledger::read(marker.vault, &keys, &store)?;
        let expected = heads::read(&folder, &marker, &keys)?;
        expected.check(&ledger)?;
        if store.engine() != marker.engine {
            // A migration was stopped between its switch, which counts, and the writing of the marker.
            marker.engine = store.engine();
            folder.mark_engine(marker.engine)?;
        }
        store.remove_others()?;
        keys.settle()?;
        let vault = Self::start(folder, marker, options, keys, store, ledger, expected);
        vault.inner.newest.store(newest.millis(), Ordering::Relaxed);
        // Before anything is written in the form of this build.
        upgrade::run(&vault, steps)?;
        vault.finish_erasures()?;
        vault.finish_showing();
        Ok(vault)
    }

    /// Whether there is a vault in this folder.
    pub fn is_vault(dir: &Path) -> bool {
        Folder::is_vault(dir)
    }

    fn start(
        folder: Folder,
        marker: Marker,
        options: Options,
        keys: KeyBook,
        store: Generations,
        ledger: Ledger,
        expected: Expected,
    ) -> Self {
        let (inner, messages) = Inner::new(folder, marker, options, keys, store, ledger, expected);
        let inner = Arc::new(inner);
        let weak = Arc::downgrade(&inner);
        let thread = std::thread::Builder::new()
            .name("phm-committer".into())
            .spawn(move || commit::run(&weak, &messages))
            .expect("the operating system can start one thread");
        Self { inner, thread: Arc::new(Mutex::new(Some(thread))) }
    }

    /// Lets one actor work in the vault for a purpose, which stands in the audit log.
    pub fn session(&self, actor: Actor, purpose: &str) -> Result<Session> {
        Session::new(Arc::clone(&self.inner), actor, purpose)
    }

    /// The vault's id.
    pub fn id(&self) -> VaultId {
        self.inner.marker.vault
    }

    /// The vault's folder.
    pub fn dir(&self) -> &Path {
        self.inner.folder.root()
    }

    /// When the newest entry was written; policy time never runs behind it, whatever the clock says.
    pub fn newest_moment(&self) -> Instant {
        Instant::from_millis(self.inner.newest.load(Ordering::Relaxed))
    }

    /// The kinds of records this vault knows.
    pub fn kinds(&self) -> &Kinds {
        &self.inner.options.kinds
    }

    /// The key that authenticates the tokens of the embedding program; it survives restarts.
    pub fn token_key(&self) -> Result<TokenKey> {
        Ok(self.inner.keys.token_key()?.1)
    }

    /// Makes what waits durable, writes checkpoints and ends the vault's thread.
    ///
    /// Sessions and clones still held elsewhere can no longer write, and keep the folder locked until they are dropped.
    pub fn close(self) -> Result<()> {
        self.shut()
    }

    fn shut(&self) -> Result<()> {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return Ok(()) };
        let flushed = self.inner.committer.flush();
        // The receiver ends with the thread; a vault closed twice finds nobody listening.
        let _ = self.inner.committer.0.send(Message::Stop);
        thread.join().map_err(|_| Error::internal("the committer ended badly"))?;
        flushed?;
        for profile in self.inner.open_now() {
            self.inner.checkpoint(&profile);
        }
        heads::write(&self.inner)
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        if Arc::strong_count(&self.thread) == 1 {
            // Nobody is left to be told; what was acknowledged is durable already.
            let _ = self.shut();
        }
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("id", &self.inner.marker.vault).finish_non_exhaustive()
    }
}

/// The record was changed since version `current` was read, or was read at another one.
fn conflict(current: u32) -> Error {
    Error::new(ErrorKind::Conflict, "conflict", "the record was changed meanwhile; read it again and repeat the change")
        .with_current_version(current)
}

fn newer_format() -> Error {
    Error::new(ErrorKind::Unsupported, "newer-format", "this was written by a newer PHM; update PHM")
}
