//! What is to go, written down before anything goes: whoever finds the plan can carry it out without the keys it drops.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;

use serde::{Deserialize, Serialize};

use super::report::{Ended, Erasure, Removal};
use crate::audit::entry::Pseudonym;
use crate::error::{Error, Result, if_whole};
use crate::id::{FileId, ProfileId, RecordId};
use crate::store::Store as _;
use crate::store::layout::{Blinded, Table, rows_of, seq_and_part};
use crate::time::Instant;
use crate::vault::Inner;
use crate::vault::journal;
use crate::vault::series::SERIES;
use crate::vault::series::rows::blind;

/// The state row of `system` with the plan that is carried out.
pub(super) const ROW: &str = "erasing";
/// The state row of `system` with every erasure there was.
pub(super) const DONE: &str = "erasures";

/// What is done with what.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum What {
    /// Everything of a person.
    Erase,
    /// One record; its tombstones stand already.
    Rectify { record: RecordId, kind: String },
    /// Records of one kind whose time is over; their tombstones stand already.
    Purge { kind: String, records: Vec<RecordId> },
}

/// The newest epochs when the plan was made: a key with a later one is new already.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Epochs {
    pub own: u32,
    pub system: u32,
    pub library: u32,
    pub state: u32,
}

impl Epochs {
    pub fn now(inner: &Inner, id: ProfileId) -> Result<Self> {
        let of = |id| inner.keys.profile_key(id).map(|(epoch, _)| epoch);
        Ok(Self {
            own: of(id)?,
            system: of(ProfileId::SYSTEM)?,
            library: of(ProfileId::LIBRARY)?,
            state: inner.keys.state_key()?.0,
        })
    }
}

/// What is to go.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Plan {
    pub(super) what: What,
    pub(super) profile: ProfileId,
    pub(super) begun_at: Instant,
    /// The person in the audit log.
    pub(super) pseudonym: [u8; 16],
    /// Seq of their newest entry.
    pub(super) last: u64,
    pub(super) epochs: Epochs,
    /// Files of documents.
    pub(super) files: Vec<FileId>,
    /// Series, as they stand in addresses.
    pub(super) series: Vec<Blinded>,
    pub(super) removed: Removal,
    pub(super) ended: Ended,
    /// Entries of `library` were written again.
    #[serde(default)]
    pub(super) library: bool,
    /// Restrictions of their records that were destroyed, with the reasons people gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) restrictions: Option<u64>,
    /// Everything is gone and said; only the store's files are to be compacted.
    #[serde(default)]
    pub(super) done: bool,
    #[serde(skip)]
    pub(super) compacted: bool,
}

impl Plan {
    /// The plan to erase a person whom nobody writes about any more.
    pub(super) fn erase(inner: &Inner, id: ProfileId) -> Result<Self> {
        let blinded = inner.keys.blind_profile(id);
        let survey = Survey::of_person(inner, id, &blinded)?;
        // A person with a key and nothing else has no head, and the log says nothing of theirs.
        let head = inner.stored_head(id, &blinded)?;
        let (pseudonym, last) = head.map_or(([0; 16], 0), |head| (head.pseudonym, head.seq));
        Ok(Self { pseudonym, last, ..Self::new(inner, What::Erase, id, survey)? })
    }

    pub(super) fn new(inner: &Inner, what: What, id: ProfileId, survey: Survey) -> Result<Self> {
        Ok(Self {
            what,
            profile: id,
            begun_at: inner.now(),
            pseudonym: [0; 16],
            last: 0,
            epochs: Epochs::now(inner, id)?,
            files: survey.files.into_iter().collect(),
            series: survey.series,
            removed: survey.removed,
            ended: Ended::default(),
            library: false,
            restrictions: None,
            done: false,
            compacted: false,
        })
    }

    /// The person in the audit log.
    pub fn pseudonym(&self) -> Pseudonym {
        Pseudonym::from_bytes(self.pseudonym)
    }

    /// Whether rows with this owner in their address are among those that go.
    pub fn owns(&self, inner: &Inner, owner: &[u8]) -> bool {
        inner.keys.blind_profile(self.profile) == owner || self.series.iter().any(|series| series == owner)
    }
}

impl Inner {
    /// The plan that was begun and is not carried out yet.
    pub(super) fn plan(&self) -> Result<Option<Plan>> {
        self.state(ProfileId::SYSTEM, ROW)
    }

    /// The plan of what is going now: of an erasure that has dropped the person's keys, or of a rectification; for whoever
    /// holds up the committer.
    pub fn going_now(&self) -> Result<Option<Plan>> {
        let plan = if_whole(self.state_now::<Plan>(ProfileId::SYSTEM, ROW))?.flatten();
        Ok(plan.filter(|plan| plan.what != What::Erase || !self.keys.has_profile(plan.profile)))
    }

    /// Every erasure and rectification, oldest first.
    pub(super) fn erasures(&self) -> Result<Vec<Erasure>> {
        Ok(self.state(ProfileId::SYSTEM, DONE)?.unwrap_or_default())
    }
}

/// What there is of a person or a record.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub removed: Removal,
    pub files: BTreeSet<FileId>,
    pub series: Vec<Blinded>,
}

impl Survey {
    /// Looks through everything of a person. What does not open is counted, and goes as well; what the disk does not give
    /// ends it, since what it names would stay.
    fn of_person(inner: &Inner, id: ProfileId, blinded: &Blinded) -> Result<Self> {
        let mut survey = Self::default();
        let mut records: BTreeMap<String, HashSet<RecordId>> = BTreeMap::new();
        let mut seqs = Vec::new();
        for table in [Table::Journal, Table::Origin, Table::State, Table::Head] {
            let (from, to) = rows_of(table, blinded);
            inner.store.scan(&from, &to, &mut |(address, value)| {
                survey.removed.bytes += (address.len() + value.len()) as u64;
                if let Some((seq, 0)) = seq_and_part(address) {
                    match table {
                        Table::Journal => seqs.push(seq),
                        Table::Origin => survey.removed.originals += 1,
                        _ => {}
                    }
                }
                true
            })?;
        }
        let reader = inner.reader(id, *blinded);
        for seq in seqs {
            survey.removed.entries += 1;
            let opened = if_whole(reader.row(Table::Journal, seq))?.flatten();
            let Some(entry) = opened.and_then(|opened| journal::decode(&opened.plaintext).ok()) else { continue };
            if inner.options.kinds.get(&entry.header.kind).is_some_and(|info| !info.system) {
                records.entry(entry.header.kind.to_string()).or_default().insert(entry.header.record);
            }
            survey.files.extend(entry.header.file.map(|file| file.file));
        }
        let mut series = records.get(SERIES).cloned().unwrap_or_default();
        // The index may know one of which no entry opens any more.
        if let Some(open) = if_whole(inner.open_profile(id))? {
            series.extend(inner.series_of(&open).into_iter().map(|(series, _)| series));
        }
        for series in series {
            survey.add_series(inner, id, series)?;
        }
        survey.removed.records = records.into_iter().map(|(kind, ids)| (kind, ids.len() as u64)).collect();
        survey.count_files(inner)?;
        Ok(survey)
    }

    /// Adds the blocks of samples of a series.
    pub fn add_series(&mut self, inner: &Inner, id: ProfileId, series: RecordId) -> Result<()> {
        let blinded = blind(&inner.keys, id, series);
        let (from, to) = rows_of(Table::Series, &blinded);
        inner.store.scan(&from, &to, &mut |(address, value)| {
            self.removed.bytes += (address.len() + value.len()) as u64;
            true
        })?;
        self.series.push(blinded);
        Ok(())
    }

    /// Counts the files of documents that are there.
    pub fn count_files(&mut self, inner: &Inner) -> Result<()> {
        for file in &self.files {
            match fs::metadata(inner.folder.path("documents").join(file.to_string())) {
                Ok(about) => {
                    self.removed.documents += 1;
                    self.removed.bytes += about.len();
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(Error::from(error)),
            }
        }
        Ok(())
    }
}
