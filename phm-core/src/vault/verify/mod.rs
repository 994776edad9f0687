//! Proof that a vault is whole: every audit row against the tree, every journal row against its audit entry, every
//! sample against the entry that added it, every original, state row, head and document opened.
//!
//! Damage is named, never served; what is whole stays readable.

mod documents;
mod inspect;
mod log;
mod people;
mod purged;
mod rows;
mod series;
mod sum;
mod tree;
mod whole;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::Path;

use serde::Serialize;

use purged::{Claims, Said};
pub(super) use rows::each_row;
use rows::each_row_in_place;

use super::erase::Plan;
use super::logs::{EarlierLog, Standing};
use super::session::{Session, Stop};
use super::{Inner, Vault};
use crate::audit::entry::Pseudonym;
use crate::crypto::digest::hex;
use crate::error::Result;
use crate::id::{LogId, ProfileId};
use crate::index::FileRef;
use crate::store::layout::Blinded;

/// Where damage was found.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Where {
    /// A journal entry or an original.
    Journal,
    /// The audit log.
    Audit,
    /// The store: rows that belong to nobody, state, heads.
    Store,
    /// Key files and the files beside them.
    Keys,
    /// The file of a document.
    Document,
}

impl Where {
    /// The word reports use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::Audit => "audit",
            Self::Store => "store",
            Self::Keys => "keys",
            Self::Document => "document",
        }
    }
}

/// One damaged place.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Damage {
    /// Where it is.
    #[serde(rename = "where")]
    pub place: Where,
    /// The entry: `<profile>#17` in a journal, `#17` in the audit log; `#17-20` where several are missing in a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// `seal`, `missing`, `order`, `truncated` or `fork`.
    pub reason: &'static str,
}

/// The audit log that was verified.
#[derive(Clone, Debug, Serialize)]
pub struct AuditReport {
    /// Its rows.
    pub size: u64,
    /// The root over them.
    pub root: String,
    /// The logs that ended where a restore began the next, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<EarlierLog>,
}

/// What a checkpoint that was kept elsewhere says of the log.
#[derive(Clone, Debug, Serialize)]
pub struct CheckpointReport {
    /// The log it is of.
    pub log: LogId,
    /// How many rows that log had then.
    pub size: u64,
    /// How the log stands to it.
    #[serde(flatten)]
    pub standing: Standing,
}

/// What verifying found.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyReport {
    /// Whether everything is whole.
    pub ok: bool,
    /// People.
    pub profiles: u64,
    /// Journal entries.
    pub entries: u64,
    /// The audit log.
    pub audit: AuditReport,
    /// The checkpoint it was compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<CheckpointReport>,
    /// Every damaged place.
    pub damaged: Vec<Damage>,
    /// What somebody put among the documents that is none of the vault's, for example `documents/.DS_Store`. It harms
    /// nothing and is in no backup.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub strays: Vec<String>,
}

struct Verifying<'v> {
    inner: &'v Inner,
    /// Is asked between two rows whether to end.
    stop: Option<&'v Stop>,
    damaged: Vec<Damage>,
    entries: u64,
    files: Vec<(FileRef, String)>,
    /// What the audit log says each person's rows commit to.
    said: HashMap<Pseudonym, Said>,
    /// What the rows of the logs say that were heard so far.
    claims: Claims,
    /// The place of the newest row about each person, and how many entries there are about them.
    newest: HashMap<Pseudonym, (u64, u64)>,
    /// People with a key and nothing else.
    without_head: Vec<ProfileId>,
    /// The audit logs, oldest first, as far back as they open.
    logs: Vec<LogId>,
    /// The series that journals tell of, as they appear in addresses.
    series: HashSet<Blinded>,
    /// What is being erased or rectified: not all of its rows are gone yet.
    leaving: Option<Plan>,
}

impl Vault {
    /// Verifies everything; `checkpoint` is a signed note kept elsewhere that the audit log must continue.
    ///
    /// Writes wait meanwhile, so that what is compared belongs together.
    pub fn verify(&self, checkpoint: Option<&Path>) -> Result<VerifyReport> {
        let note = checkpoint.map(std::fs::read_to_string).transpose()?;
        self.inner.committer.flush()?;
        self.inner.verify(note.as_deref(), Vec::new(), self.inner.options.stop.as_ref())
    }

    /// The key files of which a copy was damaged when the vault was opened.
    pub fn damaged_key_files(&self) -> &[&'static str] {
        self.inner.keys.damaged()
    }
}

impl Session {
    /// Verifies everything as [`Vault::verify`] does, for who holds the vault's secret; ends early where
    /// [`Session::stopped_by`] says so.
    ///
    /// # Errors
    /// `not-granted` for everybody but the operator; `interrupted`.
    pub fn verify(&self, checkpoint: Option<&Path>) -> Result<VerifyReport> {
        self.is_operator()?;
        let note = checkpoint.map(std::fs::read_to_string).transpose()?;
        self.inner.committer.flush()?;
        self.inner.verify(note.as_deref(), Vec::new(), self.stop().or(self.inner.options.stop.as_ref()))
    }
}

impl Inner {
    /// Verifies everything; `damaged` was found already, and `stop` ends it.
    fn verify(&self, note: Option<&str>, damaged: Vec<Damage>, stop: Option<&Stop>) -> Result<VerifyReport> {
        self.at_barrier(|ledger| {
            let mut work = Verifying {
                inner: self,
                stop,
                damaged,
                entries: 0,
                files: Vec::new(),
                said: HashMap::new(),
                claims: Claims::default(),
                newest: HashMap::new(),
                without_head: Vec::new(),
                logs: Vec::new(),
                series: HashSet::new(),
                leaving: self.going_now()?,
            };
            work.key_files()?;
            let (earlier, checkpoint) = work.audit(ledger, note)?;
            let journals = work.journals()?;
            for journal in &journals {
                work.journal(journal)?;
            }
            work.nobodys_writes();
            let owner = |id| (self.keys.blind_profile(id), id);
            work.whole_store(&self.profile_ids().into_iter().map(owner).collect())?;
            work.documents()?;
            let strays = work.strays()?;
            Ok(VerifyReport {
                ok: work.damaged.is_empty(),
                profiles: journals.iter().filter(|journal| journal.id.is_person()).count() as u64,
                entries: work.entries,
                audit: AuditReport { size: ledger.size(), root: hex(&ledger.root()), earlier },
                checkpoint,
                damaged: work.damaged,
                strays,
            })
        })
    }
}

impl Verifying<'_> {
    fn found(&mut self, place: Where, entry: Option<String>, file: Option<String>, reason: &'static str) {
        self.damaged.push(Damage { place, entry, file, reason });
    }

    fn key_files(&mut self) -> Result<()> {
        for file in self.inner.keys.damaged() {
            self.found(Where::Keys, None, Some((*file).to_owned()), "seal");
        }
        if self.inner.heads_damaged || !super::heads::is_whole(self.inner)? {
            self.found(Where::Keys, None, Some("heads".to_owned()), "seal");
        }
        Ok(())
    }
}

/// The name of rows in a row: `#17`, or `#17-20` for several.
fn span(rows: Range<u64>) -> Option<String> {
    let last = rows.end.checked_sub(1).filter(|last| rows.start <= *last)?;
    Some(if rows.start == last { format!("#{last}") } else { format!("#{}-{last}", rows.start) })
}
