//! The audit log as the committer writes it: one row for each group commit, the tree's frontier and its full tiles.

use std::collections::HashMap;

use super::Inner;
use super::profiles::Head;
use crate::audit::entry::{Entry, Pseudonym, Remark, Written};
use crate::audit::inner::Inner as About;
use crate::audit::place;
use crate::audit::reads::Use;
use crate::audit::row::Row;
use crate::audit::tiles::{Tile, Tiles};
use crate::audit::tree::{Frontier, Hash, leaf_hash};
use crate::crypto::{self, Prepared};
use crate::error::{Error, Result};
use crate::id::{LogId, ProfileId, VaultId};
use crate::store::layout::{self, Table};
use crate::store::{Batch, MAX_VALUE, Store};
use crate::time::Instant;

/// The head of the log: `format (1) ‖ newest moment (8) ‖ generation of the keyring (8) ‖ frontier`.
const FORMAT: u8 = 2;
/// The same without the generation, in vaults from before it was kept.
const FORMAT_WITHOUT_KEYRING: u8 = 1;

/// What was done, and the rows it wrote.
pub(crate) struct Noted {
    pub done: Use,
    pub writes: Vec<Written>,
    /// What checking the log needs to know besides: rows that are missing on purpose from now on, or the log it continues.
    pub remarks: Vec<Remark>,
    /// Whom it is about, where no head says so any more.
    pub subject: Option<Pseudonym>,
}

impl Noted {
    /// A deed that has written nothing yet.
    pub fn new(done: Use) -> Self {
        Self { done, writes: Vec::new(), remarks: Vec::new(), subject: None }
    }
}

/// What the head row of the log says.
pub(crate) struct LogHead {
    pub newest: Instant,
    /// Of the keyring at that moment; 0 where it was not kept yet.
    pub generation: u64,
    pub frontier: Frontier,
}

impl LogHead {
    /// The head row in the store, if there is one.
    pub fn read(vault: VaultId, keys: &super::keys::KeyBook, store: &dyn Store, log: LogId) -> Result<Option<Self>> {
        let damaged = || Error::corrupt("the head of the audit log is damaged; run `phm verify`");
        let Some(row) = store.get(&layout::head(log.as_bytes()))? else { return Ok(None) };
        let epoch = crypto::epoch_of(&row).ok_or_else(damaged)?;
        let key = keys.audit_key_at(log, epoch).ok_or_else(damaged)?;
        let opened = crypto::open(&key, &head_context(vault, log), &[row]).map_err(|_| damaged())?;
        let (format, rest) = opened.plaintext.split_first().ok_or_else(damaged)?;
        let (newest, rest) = rest.split_first_chunk::<8>().ok_or_else(damaged)?;
        let (generation, frontier) = match *format {
            FORMAT => rest.split_first_chunk::<8>().ok_or_else(damaged)?,
            FORMAT_WITHOUT_KEYRING => (&[0; 8], rest),
            _ => return Err(super::newer_format()),
        };
        let frontier = Frontier::decode(frontier).map_err(|_| damaged())?;
        let newest = Instant::from_millis(i64::from_be_bytes(*newest));
        Ok(Some(Self { newest, generation: u64::from_be_bytes(*generation), frontier }))
    }
}

/// Where the log stands.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    log: LogId,
    /// Which of the vault's logs it is.
    number: u16,
    frontier: Frontier,
    tiles: Tiles,
}

impl Ledger {
    /// A log without rows.
    pub fn new(log: LogId, number: u16) -> Self {
        Self { log, number, frontier: Frontier::new(), tiles: Tiles::new() }
    }

    /// The log as it stands in the store, and the moment of its newest row.
    pub fn read(vault: VaultId, keys: &super::keys::KeyBook, store: &dyn Store) -> Result<(Self, Instant)> {
        let log = keys.log()?;
        let number = keys.number_of(log)?;
        let Some(LogHead { newest, generation, frontier }) = LogHead::read(vault, keys, store, log)? else {
            return Ok((Self::new(log, number), Instant::from_millis(0)));
        };
        if generation > keys.generation() {
            return Err(Error::corrupt(
                "the keyring is older than the store, so keys are missing; put back the newest `keyring`, or restore the newest backup",
            ));
        }
        let tiles = Tiles::at(frontier.size(), |level, index| tile_hash(store, log, level, index))?;
        Ok((Self { log, number, frontier, tiles }, newest))
    }

    /// A log that is only looked at: without its open tiles no row can be added.
    pub fn to_look_at(log: LogId, frontier: Frontier) -> Self {
        Self { log, number: 0, frontier, tiles: Tiles::new() }
    }

    /// The log's id.
    pub fn log(&self) -> LogId {
        self.log
    }

    /// How many rows it has.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root over them.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Adds a row of `notes` to `batch`, and answers the log as it stands when that is committed.
    ///
    /// The heads of the people they are about are told its place.
    pub fn append(
        &self,
        inner: &Inner,
        notes: Vec<Noted>,
        heads: &mut HashMap<ProfileId, &mut Head>,
        newest: Instant,
        batch: &mut Batch,
    ) -> Result<Self> {
        let leaf = self.size();
        let own = place::of(self.number, leaf);
        let mut row = Row { entries: Vec::with_capacity(notes.len()) };
        for Noted { done, writes, remarks, subject } in notes {
            let about = About {
                kind: done.kind,
                operation: done.operation,
                touched: done.touched,
                purpose: done.purpose,
                actor_name: done.actor_name,
            };
            let mut entry = Entry::new(done.at, done.actor, done.deed, done.outcome);
            entry.count = done.count;
            (entry.writes, entry.remarks, entry.subject) = (writes, remarks, subject);
            if let Some((id, head)) = done.profile.and_then(|id| Some((id, heads.get_mut(&id)?))) {
                entry.subject = Some(Pseudonym::from_bytes(head.pseudonym));
                entry.previous = head.last_audit;
                let context = about_context(inner.marker.vault, self.log, id);
                let (suite, about) = (inner.marker.suite, Prepared::new(&about.encode())?);
                let sealed = match inner.keys.about_key(id) {
                    Some((epoch, key)) => crypto::seal(suite, &key, epoch, &context, &about),
                    None => {
                        let (epoch, key) = inner.keys.profile_key(id)?;
                        crypto::seal(suite, &key, epoch, &context, &about)
                    }
                };
                entry.inner = sealed.into_iter().next().unwrap_or_default();
            }
            row.entries.push(entry);
        }
        let mut about: HashMap<Pseudonym, u64> = HashMap::new();
        for subject in row.entries.iter().filter_map(|entry| entry.subject) {
            *about.entry(subject).or_default() += 1;
        }
        for head in heads.values_mut() {
            let about = about.get(&Pseudonym::from_bytes(head.pseudonym)).copied().unwrap_or(0);
            if about > 0 {
                head.last_audit = Some(own);
                head.audited = head.audited.map(|before| before + about);
            }
        }
        let (epoch, key) = inner.keys.audit_key(self.log)?;
        let suite = inner.marker.suite;
        let context = row_context(inner.marker.vault, self.log, leaf);
        let parts = crypto::seal(suite, &key, epoch, &context, &Prepared::new(&row.encode())?);
        let mut next = self.clone();
        let hash = leaf_hash(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
        next.frontier.push(hash);
        for tile in next.tiles.push(hash) {
            batch.append(layout::tile(self.log.as_bytes(), tile.level(), tile.number()), tile.encode());
        }
        for (number, part) in parts.into_iter().enumerate() {
            let number = u16::try_from(number).map_err(|_| Error::internal("an audit row has too many parts"))?;
            batch.append(layout::audit(self.log.as_bytes(), leaf, number), part);
        }
        let mut head = vec![FORMAT];
        head.extend_from_slice(&newest.millis().to_be_bytes());
        head.extend_from_slice(&inner.keys.generation().to_be_bytes());
        head.extend_from_slice(&next.frontier.encode());
        let head =
            crypto::seal(suite, &key, epoch, &head_context(inner.marker.vault, self.log), &Prepared::new(&head)?);
        batch.replace(layout::head(self.log.as_bytes()), head.into_iter().next().unwrap_or_default());
        Ok(next)
    }
}

/// A hash at a tile level, from the rows or the full tiles in the store.
pub(crate) fn tile_hash(store: &dyn Store, log: LogId, level: u8, index: u64) -> Result<Hash> {
    if level == 0 {
        let parts = row_parts(store, log, index)?;
        if parts.is_empty() {
            return Err(Error::corrupt(format!("audit row {index} is missing; run `phm verify`")));
        }
        return Ok(leaf_hash(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>()));
    }
    let missing = || Error::corrupt("a tile of the audit log is missing or damaged; run `phm verify`");
    let bytes = store.get(&layout::tile(log.as_bytes(), level - 1, index))?.ok_or_else(missing)?;
    Ok(Tile::decode(level - 1, index, &bytes).map_err(|_| missing())?.root())
}

/// The sealed parts of an audit row.
fn row_parts(store: &dyn Store, log: LogId, leaf: u64) -> Result<Vec<Vec<u8>>> {
    let mut parts: Vec<Vec<u8>> = Vec::new();
    while let Some(part) = store.get(&layout::audit(log.as_bytes(), leaf, u16::try_from(parts.len()).unwrap_or(0)))? {
        let full = part.len() == MAX_VALUE;
        parts.push(part);
        if !full {
            break;
        }
    }
    Ok(parts)
}

impl Inner {
    /// The row at a place among all logs, opened.
    pub fn audit_row_at(&self, at: u64) -> Result<Row> {
        let (number, leaf) = place::split(at);
        self.audit_row(self.keys.log_numbered(number)?, leaf)
    }

    /// What the entry at a place among all logs says about a person's content, as [`Inner::audit_about`].
    pub fn audit_about_at(&self, at: u64, profile: ProfileId, entry: &Entry) -> Option<About> {
        self.audit_about(self.keys.log_numbered(place::split(at).0).ok()?, profile, entry)
    }

    /// The row at a leaf, opened.
    pub fn audit_row(&self, log: LogId, leaf: u64) -> Result<Row> {
        let parts = row_parts(&self.store, log, leaf)?;
        self.open_audit_row(log, leaf, &parts)
    }

    /// Opens the parts of the row at a leaf.
    pub fn open_audit_row(&self, log: LogId, leaf: u64, parts: &[Vec<u8>]) -> Result<Row> {
        let damaged = || Error::corrupt(format!("audit row {leaf} is damaged; run `phm verify`"));
        let epoch = parts.first().and_then(|part| crypto::epoch_of(part)).ok_or_else(damaged)?;
        let key = self.keys.audit_key_at(log, epoch).ok_or_else(damaged)?;
        let opened = crypto::open(&key, &row_context(self.marker.vault, log, leaf), parts).map_err(|_| damaged())?;
        Row::decode(&opened.plaintext).map_err(|_| damaged())
    }

    /// What an entry says about a person's content; `None` when its key is gone or it says nothing.
    pub fn audit_about(&self, log: LogId, profile: ProfileId, entry: &Entry) -> Option<About> {
        let epoch = crypto::epoch_of(&entry.inner)?;
        let context = about_context(self.marker.vault, log, profile);
        let own = self.keys.about_key_at(profile, epoch);
        let opened = own.and_then(|key| crypto::open(&key, &context, &[&entry.inner]).ok()).or_else(|| {
            // Written before these parts had a key of their own.
            let key = self.keys.profile_key_at(profile, epoch)?;
            crypto::open(&key, &context, &[&entry.inner]).ok()
        })?;
        About::decode(&opened.plaintext).ok()
    }
}

pub(super) fn row_context(vault: VaultId, log: LogId, leaf: u64) -> Vec<u8> {
    [vault.as_bytes().as_slice(), &[Table::Audit as u8], log.as_bytes(), &leaf.to_be_bytes()].concat()
}

pub(super) fn head_context(vault: VaultId, log: LogId) -> Vec<u8> {
    [vault.as_bytes().as_slice(), &[Table::Head as u8], log.as_bytes()].concat()
}

pub(super) fn about_context(vault: VaultId, log: LogId, profile: ProfileId) -> Vec<u8> {
    [vault.as_bytes().as_slice(), b"audit about", log.as_bytes(), profile.as_bytes()].concat()
}
