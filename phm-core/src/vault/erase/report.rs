//! What erasing and rectifying tell: what is gone, and what is out of reach.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::plan::{Plan, What};
use crate::error::Result;
use crate::id::{ProfileId, RecordId};
use crate::time::Instant;
use crate::vault::Inner;

/// What was removed.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Removal {
    /// Records, by kind.
    pub records: BTreeMap<String, u64>,
    /// Journal entries: every version counts.
    pub entries: u64,
    /// Exact bytes of imported resources.
    pub originals: u64,
    /// Files of documents.
    pub documents: u64,
    /// Bytes of all of that, sealed.
    pub bytes: u64,
}

/// What the house kept about the person alone, and keeps no more.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Ended {
    /// Accounts: their own, where it kept nobody else's records.
    pub accounts: Vec<RecordId>,
    /// Relations of accounts to them.
    pub relations: u64,
    /// Grants on their records.
    pub grants: u64,
    /// Tokens for their records alone.
    pub tokens: u64,
    /// Imports of their records alone, with the names of the files.
    pub imports: u64,
    /// Accounts of theirs that stay, because they keep the records of others.
    pub kept_accounts: Vec<RecordId>,
    /// Imports that brought records of others too; what the file was called stays with these.
    pub shared_imports: u64,
}

/// Copies of the whole folder: whoever has one, with a secret of its time, still opens what was erased.
#[derive(Clone, Debug, Serialize)]
pub struct OldCopies {
    /// Only those made before this moment.
    pub made_before: Instant,
    /// Until when they open: nothing but deleting them ends that.
    pub until: Option<Instant>,
}

/// A backup that still holds what was erased.
#[derive(Clone, Debug, Serialize)]
pub struct HeldBackup {
    /// The name of its file, where it is known; otherwise it is any backup made before the moment.
    pub name: Option<String>,
    /// When it was made; of unnamed ones, before when.
    pub made_at: Instant,
    /// When the schedule deletes it, where there is one: not before, and later while it is the newest that is proven.
    pub until: Option<Instant>,
}

/// Another person's record in which the name of the erased one was found.
#[derive(Clone, Debug, Serialize)]
pub struct Mention {
    /// Whose record it is.
    pub profile: ProfileId,
    /// Its kind.
    pub kind: String,
    /// The record.
    pub record: RecordId,
}

/// Free text about the erased person in records of others, as far as whoever erases may read these. No key of the
/// erased person seals it, so erasing does not reach it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Mentions {
    /// How many records were found.
    pub total: u64,
    /// The first thousand of them.
    pub records: Vec<Mention>,
}

/// A person who was erased.
#[derive(Clone, Debug, Serialize)]
pub struct Erased {
    /// Who it was.
    pub profile: ProfileId,
    /// When it was begun: from then on nothing was written of them.
    pub begun_at: Instant,
    /// What was removed.
    pub removed: Removal,
    /// What the house kept about them alone.
    pub ended: Ended,
    /// Whether the sealed bytes are gone from the store's files too. Where there was no room for that, the next opening
    /// tries again.
    pub compacted: bool,
    /// What old copies of the folder still hold.
    pub old_copies: OldCopies,
    /// Which backups still hold it.
    pub backups: Vec<HeldBackup>,
    /// Where others wrote about them.
    pub mentions: Mentions,
}

/// A record that was rectified.
#[derive(Clone, Debug, Serialize)]
pub struct Rectified {
    /// Whose record it was.
    pub profile: ProfileId,
    /// The record.
    pub record: RecordId,
    /// When it was begun.
    pub begun_at: Instant,
    /// What was removed.
    pub removed: Removal,
    /// Whether the sealed bytes are gone from the store's files too.
    pub compacted: bool,
    /// What old copies of the folder still hold.
    pub old_copies: OldCopies,
    /// Which backups still hold it.
    pub backups: Vec<HeldBackup>,
}

/// An erasure or rectification that was begun and is not finished.
#[derive(Clone, Debug, Serialize)]
pub struct Unfinished {
    /// Whose records.
    pub profile: ProfileId,
    /// The record, where it is one alone.
    pub record: Option<RecordId>,
    /// When it was begun.
    pub begun_at: Instant,
    /// Everything is gone but the sealed bytes in the store's files, which no key opens.
    pub only_compaction: bool,
}

/// That something was erased, for whoever keeps copies.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Erasure {
    /// Whose records.
    pub profile: ProfileId,
    /// The record, where it was one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordId>,
    /// How many records of one kind, where these went because their time was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purged: Option<u64>,
    /// When it was begun: copies from before hold it.
    pub at: Instant,
}

impl Erased {
    /// The report on an erasure that was carried out.
    pub(super) fn of(plan: &Plan, mentions: Mentions, backups: Vec<HeldBackup>) -> Self {
        Self {
            profile: plan.profile,
            begun_at: plan.begun_at,
            removed: plan.removed.clone(),
            ended: plan.ended.clone(),
            compacted: plan.compacted,
            old_copies: OldCopies { made_before: plan.begun_at, until: None },
            backups,
            mentions,
        }
    }
}

impl Rectified {
    /// The report on a rectification that was carried out.
    pub(super) fn of(plan: &Plan, record: RecordId, backups: Vec<HeldBackup>) -> Self {
        Self {
            profile: plan.profile,
            record,
            begun_at: plan.begun_at,
            removed: plan.removed.clone(),
            compacted: plan.compacted,
            old_copies: OldCopies { made_before: plan.begun_at, until: None },
            backups,
        }
    }
}

impl Inner {
    /// The backups that still hold what was erased at a moment: those the vault knows of by the names of their files, and
    /// whichever it does not, since a file may be copied and an older build kept no list. Wrapping one anew ends it.
    pub(super) fn backups_from_before(&self, moment: Instant) -> Result<Vec<HeldBackup>> {
        let named = self.backups()?.into_iter().filter(|made| made.keys_from <= moment).map(|made| HeldBackup {
            name: made.path.file_name().map(|name| name.to_string_lossy().into_owned()),
            made_at: made.written_at,
            until: made.kept_until,
        });
        Ok(named.chain([HeldBackup { name: None, made_at: moment, until: None }]).collect())
    }
}

impl Plan {
    /// How many records go because their time is over.
    pub(super) fn purged(&self) -> Option<u64> {
        match &self.what {
            What::Purge { records, .. } => Some(records.len() as u64),
            What::Erase | What::Rectify { .. } => None,
        }
    }

    /// The record, where it is about one alone.
    pub(super) fn record(&self) -> Option<RecordId> {
        match self.what {
            What::Erase | What::Purge { .. } => None,
            What::Rectify { record, .. } => Some(record),
        }
    }
}
