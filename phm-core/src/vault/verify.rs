//! Proof that a vault is whole: every audit row against the tree, every journal row against its audit entry, every
//! original, state row, head and document opened.
//!
//! Damage is named, never served; what is whole stays readable.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::PoisonError;

use serde::Serialize;

use super::journal;
use super::profiles::Head;
use super::{Inner, Vault};
use crate::audit::checkpoint::{Checkpoint, Verifier};
use crate::audit::entry::{Pseudonym, Written};
use crate::audit::tree::{Frontier, Hash, leaf_hash};
use crate::crypto;
use crate::crypto::digest::{Sha256, hex, sha256};
use crate::error::{Error, Result};
use crate::id::ProfileId;
use crate::index::FileRef;
use crate::store::Store as _;
use crate::store::layout::{self, Blinded, Table};

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
    /// The entry: `<profile>#17` in a journal, `#17` in the audit log.
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
    /// Every damaged place.
    pub damaged: Vec<Damage>,
}

/// A multiset of commitments: equal sums mean equal sets, whatever their order.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Sum([u64; 4]);

impl Sum {
    fn add(&mut self, table: Table, seq: u64, commitment: &[u8; 32]) {
        let hash = sha256(&[&[table as u8], &seq.to_be_bytes(), commitment]);
        let (words, _) = hash.as_chunks::<8>();
        for (lane, word) in self.0.iter_mut().zip(words) {
            *lane = lane.wrapping_add(u64::from_be_bytes(*word));
        }
    }
}

/// A journal as the store has it.
struct Journal {
    id: ProfileId,
    blinded: Blinded,
    head: Head,
}

struct Verifying<'v> {
    inner: &'v Inner,
    damaged: Vec<Damage>,
    entries: u64,
    files: Vec<(FileRef, String)>,
    /// What the audit log says each person's rows commit to.
    said: HashMap<Pseudonym, Sum>,
    /// The newest leaf about each person.
    newest: HashMap<Pseudonym, u64>,
    /// People with a key and nothing else.
    without_head: Vec<ProfileId>,
}

impl Vault {
    /// Verifies everything; `checkpoint` is a signed note kept elsewhere that the audit log must continue.
    ///
    /// Writes wait meanwhile, so that what is compared belongs together.
    pub fn verify(&self, checkpoint: Option<&Path>) -> Result<VerifyReport> {
        let note = checkpoint.map(std::fs::read_to_string).transpose()?;
        self.inner.committer.flush()?;
        self.inner.at_barrier(|ledger| {
            let mut work = Verifying {
                inner: &self.inner,
                damaged: Vec::new(),
                entries: 0,
                files: Vec::new(),
                said: HashMap::new(),
                newest: HashMap::new(),
                without_head: Vec::new(),
            };
            work.key_files()?;
            let root = work.audit(ledger.log(), ledger.size(), ledger.root(), note.as_deref())?;
            let journals = work.journals();
            for journal in &journals {
                work.journal(journal)?;
            }
            work.nobodys_writes();
            let owner = |id| (id, self.inner.keys.blind_profile(id));
            let owners: Vec<(ProfileId, Blinded)> = self.inner.profile_ids().into_iter().map(owner).collect();
            work.state(&owners)?;
            work.strangers(&owners)?;
            work.documents();
            Ok(VerifyReport {
                ok: work.damaged.is_empty(),
                profiles: journals.iter().filter(|journal| journal.id.is_person()).count() as u64,
                entries: work.entries,
                audit: AuditReport { size: ledger.size(), root: hex(&root) },
                damaged: work.damaged,
            })
        })
    }

    /// A signed note of the audit log's size and root, to be kept elsewhere.
    pub fn checkpoint(&self) -> Result<String> {
        let ledger = self.inner.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let seed = self.inner.keys.checkpoint_seed(ledger.log())?;
        Ok(Checkpoint::new(ledger.log(), ledger.size(), ledger.root()).sign(&seed))
    }

    /// What checks this vault's checkpoints without any key.
    pub fn checkpoint_verifier(&self) -> Result<Verifier> {
        let log = self.inner.ledger.lock().unwrap_or_else(PoisonError::into_inner).log();
        Ok(Verifier::new(log, self.inner.keys.checkpoint_seed(log)?.public_key()))
    }

    /// The key files of which a copy was damaged when the vault was opened.
    pub fn damaged_key_files(&self) -> &[&'static str] {
        self.inner.keys.damaged()
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

    /// Checks every row against the tree, and learns what they say about journals.
    fn audit(&mut self, log: crate::id::LogId, size: u64, root: Hash, note: Option<&str>) -> Result<Hash> {
        let checkpoint = match note {
            None => None,
            Some(note) => {
                let seed = self.inner.keys.checkpoint_seed(log)?;
                let verified = Verifier::new(log, seed.public_key())
                    .verify(note)
                    .map_err(|error| Error::new(crate::ErrorKind::Invalid, "invalid-checkpoint", error.to_string()))?;
                Some(verified)
            }
        };
        let mut frontier = Frontier::new();
        let mut fork = checkpoint.as_ref().is_some_and(|checkpoint| checkpoint.size > size);
        let same = |frontier: &Frontier| {
            checkpoint
                .as_ref()
                .is_none_or(|checkpoint| checkpoint.size != frontier.size() || checkpoint.root == frontier.root())
        };
        fork |= !same(&frontier);
        let mut damaged = Vec::new();
        let mut said: HashMap<Pseudonym, Sum> = HashMap::new();
        let mut newest: HashMap<Pseudonym, u64> = HashMap::new();
        let (mut gaps, mut next) = (Vec::new(), 0);
        each_row(self.inner, Table::Audit, log.as_bytes(), |leaf, parts| {
            gaps.extend(next..leaf);
            next = leaf + 1;
            frontier.push(leaf_hash(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>()));
            fork |= !same(&frontier);
            match self.inner.open_audit_row(log, leaf, parts) {
                Ok(row) => {
                    newest.extend(row.entries.iter().filter_map(|entry| Some((entry.subject?, leaf))));
                    for Written { table, pseudonym, seq, commitment } in row.writes() {
                        said.entry(*pseudonym).or_default().add(*table, *seq, commitment);
                    }
                }
                Err(_) => damaged.push((leaf, "seal")),
            }
        })?;
        gaps.extend(next..size);
        for (leaf, reason) in damaged.into_iter().chain(gaps.iter().map(|leaf| (*leaf, "missing"))) {
            self.found(Where::Audit, Some(format!("#{leaf}")), None, reason);
        }
        (self.said, self.newest) = (said, newest);
        if next > size {
            self.found(Where::Audit, Some(format!("#{size}")), None, "order");
        } else if gaps.is_empty() && frontier.root() != root && self.damaged.iter().all(|d| d.place != Where::Audit) {
            self.found(Where::Audit, None, None, "order");
        }
        if fork {
            self.found(Where::Audit, None, None, "fork");
        }
        self.tiles(log)?;
        Ok(root)
    }

    /// Checks that every full tile is there and of its size.
    fn tiles(&mut self, log: crate::id::LogId) -> Result<()> {
        let (from, to) = layout::rows_of(Table::Tile, log.as_bytes());
        let mut bad = 0;
        let mut children: HashMap<(u8, u64), Hash> = HashMap::new();
        self.inner.store.scan(&from, &to, &mut |(address, value)| {
            let level = address.get(17).copied().unwrap_or_default();
            let number = address.get(18..26).and_then(|n| n.try_into().ok()).map_or(0, u64::from_be_bytes);
            match crate::audit::tiles::Tile::decode(level, number, value) {
                Ok(tile) => {
                    children.insert((level, number), tile.root());
                    for (at, hash) in tile.hashes().iter().enumerate() {
                        let below = match level {
                            0 => self.leaf(log, number * 256 + at as u64).ok(),
                            _ => children.get(&(level - 1, number * 256 + at as u64)).copied(),
                        };
                        bad += u64::from(below.is_some_and(|below| below != *hash));
                    }
                }
                Err(_) => bad += 1,
            }
            true
        })?;
        if bad > 0 {
            self.found(Where::Audit, Some("tile".to_owned()), None, "order");
        }
        Ok(())
    }

    fn leaf(&self, log: crate::id::LogId, leaf: u64) -> Result<Hash> {
        super::ledger::tile_hash(&self.inner.store, log, 0, leaf)
    }

    /// The journals with their heads.
    fn journals(&mut self) -> Vec<Journal> {
        let mut journals = Vec::new();
        for id in self.inner.profile_ids() {
            let blinded = self.inner.keys.blind_profile(id);
            match self.inner.stored_head(id, &blinded) {
                Ok(Some(head)) => {
                    if self.inner.heads_at_open.get(&id).is_some_and(|expected| *expected > head.seq) {
                        self.found(Where::Journal, Some(format!("{id}#{}", head.seq + 1)), None, "truncated");
                    }
                    let newest = self.newest.get(&Pseudonym::from_bytes(head.pseudonym)).copied();
                    if head.last_audit != newest && self.log_is_whole() {
                        // An older head would hide who looked since.
                        self.found(Where::Store, Some(format!("{id}#head")), None, "order");
                    }
                    journals.push(Journal { id, blinded, head });
                }
                // A key whose first entry was never committed.
                Ok(None) if self.inner.heads_at_open.get(&id).is_none_or(|seq| *seq == 0) => {
                    self.without_head.push(id);
                }
                Ok(None) => self.found(Where::Store, Some(format!("{id}#head")), None, "missing"),
                Err(_) => self.found(Where::Store, Some(format!("{id}#head")), None, "seal"),
            }
        }
        journals
    }

    /// Opens every entry and original of a journal and compares them with the audit log.
    fn journal(&mut self, journal: &Journal) -> Result<()> {
        let (id, blinded) = (journal.id, journal.blinded);
        let person = Pseudonym::from_bytes(journal.head.pseudonym);
        let mut sum = Sum::default();
        let mut originals = 0_u64;
        let before = self.damaged.len();
        let inner = self.inner;
        let reader = inner.reader(id, blinded);
        let mut next = 1;
        each_row(inner, Table::Journal, &blinded, |seq, parts| {
            let name = || Some(format!("{id}#{seq}"));
            for gap in next..seq {
                self.found(Where::Journal, Some(format!("{id}#{gap}")), None, "missing");
            }
            next = seq + 1;
            if seq == 0 || seq > journal.head.seq {
                self.found(Where::Journal, name(), None, "order");
                return;
            }
            let Ok(opened) = reader.open(Table::Journal, seq, parts) else {
                self.found(Where::Journal, name(), None, "seal");
                return;
            };
            sum.add(Table::Journal, seq, &opened.commitment());
            self.entries += 1;
            match journal::decode(&opened.plaintext) {
                Ok(entry) => {
                    originals += u64::from(entry.header.origin);
                    self.files.extend(entry.header.file.map(|file| (file, format!("{id}#{seq}"))));
                }
                Err(_) => self.found(Where::Journal, name(), None, "seal"),
            }
        })?;
        for gap in next..=journal.head.seq {
            self.found(Where::Journal, Some(format!("{id}#{gap}")), None, "missing");
        }
        each_row(inner, Table::Origin, &blinded, |seq, parts| match reader.open(Table::Origin, seq, parts) {
            Ok(opened) => {
                originals = originals.saturating_sub(1);
                sum.add(Table::Origin, seq, &opened.commitment());
            }
            Err(_) => self.found(Where::Journal, Some(format!("{id}#{seq}")), Some("origin".to_owned()), "seal"),
        })?;
        let said = self.said.remove(&person).unwrap_or_default();
        if self.log_is_whole() {
            if said != sum {
                self.compare(journal, person)?;
            }
        } else if originals > 0 && before == self.damaged.len() {
            self.found(Where::Journal, Some(format!("{id}: {originals} originals")), None, "missing");
        }
        Ok(())
    }

    fn log_is_whole(&self) -> bool {
        self.damaged.iter().all(|damage| damage.place != Where::Audit)
    }

    /// Writes that the log knows of people of whom nothing is there.
    fn nobodys_writes(&mut self) {
        if self.said.is_empty() || !self.log_is_whole() {
            return;
        }
        if self.without_head.is_empty() {
            self.found(Where::Journal, None, None, "missing");
        }
        for id in std::mem::take(&mut self.without_head) {
            self.found(Where::Journal, Some(format!("{id}#1")), None, "missing");
        }
    }

    /// Finds the rows whose commitment differs from what the audit log says.
    fn compare(&mut self, journal: &Journal, person: Pseudonym) -> Result<()> {
        let mut said: HashMap<(u8, u64), [u8; 32]> = HashMap::new();
        let log = self.inner.keys.log()?;
        each_row(self.inner, Table::Audit, log.as_bytes(), |leaf, parts| {
            let row = self.inner.open_audit_row(log, leaf, parts).unwrap_or_default();
            for written in row.writes().filter(|written| written.pseudonym == person) {
                said.insert((written.table as u8, written.seq), written.commitment);
            }
        })?;
        let reader = self.inner.reader(journal.id, journal.blinded);
        let mut wrong = Vec::new();
        for table in [Table::Journal, Table::Origin] {
            each_row(self.inner, table, &journal.blinded, |seq, parts| {
                let commitment = reader.open(table, seq, parts).map(|opened| opened.commitment()).ok();
                if said.remove(&(table as u8, seq)) != commitment {
                    wrong.push((table as u8, seq, "order"));
                }
            })?;
        }
        wrong.extend(said.into_keys().map(|(table, seq)| (table, seq, "missing")));
        wrong.sort_unstable();
        for (table, seq, reason) in wrong {
            let entry = Some(format!("{}#{seq}", journal.id));
            let file = (table == Table::Origin as u8).then(|| "origin".to_owned());
            if !self.damaged.iter().any(|damage| damage.entry == entry && damage.file == file) {
                self.found(Where::Journal, entry, file, reason);
            }
        }
        Ok(())
    }

    /// Opens every state row.
    fn state(&mut self, owners: &[(ProfileId, Blinded)]) -> Result<()> {
        for (owner, blinded) in owners {
            let mut rows: BTreeMap<Vec<u8>, Vec<Vec<u8>>> = BTreeMap::new();
            let (from, to) = layout::rows_of(Table::State, blinded);
            self.inner.store.scan(&from, &to, &mut |(address, value)| {
                let key = address.get(..33).unwrap_or(address).to_vec();
                rows.entry(key).or_default().push(value.to_vec());
                true
            })?;
            for (address, parts) in rows {
                if self.inner.open_state(*owner, &address, &parts).is_err() {
                    self.found(Where::Store, Some(format!("{owner}#state")), None, "seal");
                }
            }
        }
        Ok(())
    }

    /// Finds rows of owners nobody has a key for.
    fn strangers(&mut self, owners: &[(ProfileId, Blinded)]) -> Result<()> {
        let log = self.inner.keys.log()?;
        for table in [Table::Journal, Table::Origin, Table::State, Table::Head, Table::Audit, Table::Tile] {
            let mut strangers = 0_u64;
            let (from, to) = layout::rows(table);
            let mut last: Option<(Vec<u8>, bool)> = None;
            self.inner.store.scan(&from, &to, &mut |(address, _)| {
                let owner = address.get(1..17).unwrap_or_default();
                let known = match &last {
                    Some((same, known)) if same == owner => *known,
                    _ => {
                        let person = owners.iter().any(|(_, blinded)| blinded == owner);
                        let known = match table {
                            Table::Audit | Table::Tile => owner == log.as_bytes(),
                            Table::Head => person || owner == log.as_bytes(),
                            _ => person,
                        };
                        last = Some((owner.to_vec(), known));
                        known
                    }
                };
                strangers += u64::from(!known);
                true
            })?;
            if strangers > 0 {
                self.found(Where::Store, Some(format!("{}: {strangers} rows of nobody", table.name())), None, "order");
            }
        }
        Ok(())
    }

    /// Reads every document to its end and compares its hash.
    fn documents(&mut self) {
        for (file, entry) in std::mem::take(&mut self.files) {
            let whole = self.inner.open_document(&file).ok().and_then(|content| content_hash(content).ok());
            if whole != Some((file.bytes, file.sha256)) {
                let path = self.inner.folder.path("documents").join(file.file.to_string());
                let reason = if path.exists() { "seal" } else { "missing" };
                self.found(Where::Document, Some(entry), Some(format!("documents/{}", file.file)), reason);
            }
        }
    }
}

/// Shows each row of one owner, in order of seq, with its parts.
fn each_row(inner: &Inner, table: Table, owner: &[u8; 16], mut visit: impl FnMut(u64, &[Vec<u8>])) -> Result<()> {
    let mut current: Option<(u64, Vec<Vec<u8>>)> = None;
    let (from, to) = layout::rows_of(table, owner);
    inner.store.scan(&from, &to, &mut |(address, value)| {
        if let Some((seq, _)) = layout::seq_and_part(address) {
            match &mut current {
                Some((same, parts)) if *same == seq => parts.push(value.to_vec()),
                _ => {
                    if let Some((seq, parts)) = current.replace((seq, vec![value.to_vec()])) {
                        visit(seq, &parts);
                    }
                }
            }
        }
        true
    })?;
    if let Some((seq, parts)) = current {
        visit(seq, &parts);
    }
    Ok(())
}

fn content_hash(mut content: crypto::StreamReader<File>) -> std::io::Result<(u64, [u8; 32])> {
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 64 * 1024]);
    loop {
        let read = content.read(&mut buffer)?;
        if read == 0 {
            return Ok((bytes, hash.finish()));
        }
        bytes += read as u64;
        hash.update(&buffer[..read]);
    }
}
