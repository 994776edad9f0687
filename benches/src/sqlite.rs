//! The peers in SQLite: the same records as an application that cared would store them, in two ways.
//!
//! With SQLCipher the whole file is encrypted, under a raw 256-bit key. With values sealed by ring (AES-256-GCM, a random
//! nonce each) only bodies and summaries are: whose, when, what kind and which code stand there for everybody to read.
//! WAL, synchronous FULL, prepared statements, the rest as SQLite has it. A write is one transaction with the record row, its
//! three secondary indexes and one audit row. SQLite takes one writer at a time; the threads share one writing
//! connection behind a lock, which is faster than a connection each that wait for each other's file lock.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row, params};

/// A record as the peer stores it.
pub struct Stored {
    /// Its id.
    pub id: [u8; 16],
    /// Whose it is.
    pub profile: [u8; 16],
    /// Its kind.
    pub kind: &'static str,
    /// When, in milliseconds.
    pub occurred: i64,
    /// Its code with the system.
    pub code: String,
    /// Its status.
    pub status: &'static str,
    /// What lists show.
    pub summary: String,
    /// Its body as JSON.
    pub body: String,
}

/// How a database keeps its content to itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Keeps {
    /// SQLCipher encrypts every page.
    Pages,
    /// The application seals bodies and summaries.
    Values,
}

impl Keeps {
    /// The peer's name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pages => "SQLCipher",
            Self::Values => "SQLite + ring",
        }
    }
}

/// A database.
pub struct Peer {
    writer: Mutex<Connection>,
    values: Option<Sealer>,
}

/// What seals values.
struct Sealer {
    key: LessSafeKey,
    random: SystemRandom,
}

impl Sealer {
    fn new() -> Self {
        let key = UnboundKey::new(&AES_256_GCM, &[0x5a; 32]).expect("a key of 32 bytes");
        Self { key: LessSafeKey::new(key), random: SystemRandom::new() }
    }

    fn seal(&self, text: &str) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).expect("the operating system provides randomness");
        let mut body = text.as_bytes().to_vec();
        let nonced = Nonce::assume_unique_for_key(nonce);
        self.key.seal_in_place_append_tag(nonced, Aad::empty(), &mut body).expect("far below the cipher's limit");
        [&nonce[..], &body].concat()
    }

    fn open(&self, sealed: &[u8]) -> Option<String> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut body = body.to_vec();
        let nonced = Nonce::assume_unique_for_key(*nonce);
        let opened = self.key.open_in_place(nonced, Aad::empty(), &mut body).ok()?;
        String::from_utf8(opened.to_vec()).ok()
    }
}

impl Peer {
    /// Makes one in `folder`.
    pub fn create(folder: &Path, keeps: Keeps) -> rusqlite::Result<Self> {
        let writer = Connection::open(folder.join("peer.db"))?;
        if keeps == Keeps::Pages {
            writer.pragma_update(None, "key", format!("x'{}'", "5a".repeat(32)))?;
            let cipher: String = writer.query_row("PRAGMA cipher_version", [], |row| row.get(0))?;
            assert!(!cipher.is_empty(), "this SQLite does not encrypt");
        }
        writer.pragma_update(None, "journal_mode", "WAL")?;
        writer.pragma_update(None, "synchronous", "FULL")?;
        writer.execute_batch(
            "CREATE TABLE record (
                id BLOB PRIMARY KEY, profile BLOB NOT NULL, kind TEXT NOT NULL, version INTEGER NOT NULL,
                occurred INTEGER NOT NULL, code TEXT NOT NULL, status TEXT NOT NULL, removed INTEGER NOT NULL,
                summary NOT NULL, body NOT NULL) WITHOUT ROWID;
             CREATE INDEX by_time ON record (profile, kind, occurred);
             CREATE INDEX by_code ON record (profile, code, occurred);
             CREATE INDEX by_status ON record (profile, kind, status, occurred);
             CREATE TABLE audit (
                seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor BLOB NOT NULL, action TEXT NOT NULL,
                profile BLOB NOT NULL, kind TEXT NOT NULL, record BLOB NOT NULL, purpose TEXT NOT NULL, outcome TEXT NOT NULL);",
        )?;
        Ok(Self { writer: Mutex::new(writer), values: (keeps == Keeps::Values).then(Sealer::new) })
    }

    /// Gives the peer a cache of `kibibytes` instead of SQLite's 2,000, so that it may keep everything decrypted.
    pub fn set_cache(&self, kibibytes: u32) -> rusqlite::Result<()> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.pragma_update(None, "cache_size", -i64::from(kibibytes))
    }

    fn kept(&self, text: &str) -> Value {
        match &self.values {
            Some(values) => Value::Blob(values.seal(text)),
            None => Value::Text(text.to_owned()),
        }
    }

    fn read_back(&self, row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
        match (row.get_ref(column)?, &self.values) {
            (ValueRef::Blob(sealed), Some(values)) => Ok(values.open(sealed).expect("this peer sealed it")),
            _ => row.get(column),
        }
    }

    /// Adds one record and its audit row, durably.
    pub fn add(&self, record: &Stored) -> rusqlite::Result<()> {
        // Sealed before the one writer's turn, as PHM's writers do.
        let (summary, body) = (self.kept(&record.summary), self.kept(&record.body));
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let write = writer.transaction()?;
        write.prepare_cached("INSERT INTO record VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, 0, ?7, ?8)")?.execute(params![
            record.id,
            record.profile,
            record.kind,
            record.occurred,
            record.code,
            record.status,
            summary,
            body
        ])?;
        write
            .prepare_cached("INSERT INTO audit VALUES (NULL, ?1, ?2, 'add', ?3, ?4, ?5, 'bench', 'done')")?
            .execute(params![record.occurred, [7_u8; 16], record.profile, record.kind, record.id])?;
        write.commit()
    }

    /// Adds many records in one transaction; how the peer is filled before it is read.
    pub fn fill(&self, records: impl Iterator<Item = Stored>) -> rusqlite::Result<()> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let write = writer.transaction()?;
        for record in records {
            write.prepare_cached("INSERT INTO record VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, 0, ?7, ?8)")?.execute(
                params![
                    record.id,
                    record.profile,
                    record.kind,
                    record.occurred,
                    record.code,
                    record.status,
                    self.kept(&record.summary),
                    self.kept(&record.body)
                ],
            )?;
        }
        write.commit()
    }

    /// The body of one record.
    pub fn read(&self, id: &[u8; 16]) -> rusqlite::Result<String> {
        let reader = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        reader
            .prepare_cached("SELECT id, version, occurred, removed, body FROM record WHERE id = ?1")?
            .query_row(params![id], |row| self.read_back(row, 4))
    }

    /// What a list of 100 shows of the newest records of a kind.
    pub fn summaries(&self, profile: &[u8; 16], kind: &str) -> rusqlite::Result<Vec<(Vec<u8>, i64, String)>> {
        let reader = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut query = reader.prepare_cached(
            "SELECT id, occurred, summary FROM record WHERE profile = ?1 AND kind = ?2 AND removed = 0
             ORDER BY occurred DESC LIMIT 100",
        )?;
        let rows =
            query.query_map(params![profile, kind], |row| Ok((row.get(0)?, row.get(1)?, self.read_back(row, 2)?)))?;
        rows.collect()
    }

    /// The bodies of the newest 100 records of a kind.
    pub fn bodies(&self, profile: &[u8; 16], kind: &str) -> rusqlite::Result<Vec<(Vec<u8>, i64, String)>> {
        let reader = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut query = reader.prepare_cached(
            "SELECT id, occurred, body FROM record WHERE profile = ?1 AND kind = ?2 AND removed = 0
             ORDER BY occurred DESC LIMIT 100",
        )?;
        let rows =
            query.query_map(params![profile, kind], |row| Ok((row.get(0)?, row.get(1)?, self.read_back(row, 2)?)))?;
        rows.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(at: u8) -> Stored {
        Stored {
            id: [at; 16],
            profile: [9; 16],
            kind: "note",
            occurred: i64::from(at),
            code: "x".into(),
            status: "final",
            summary: format!("a plain summary {at}"),
            body: format!("a plain sentence {at}"),
        }
    }

    fn keeps_to_itself(keeps: Keeps) {
        let folder = tempfile::tempdir().expect("a folder");
        let peer = Peer::create(folder.path(), keeps).expect("a database");
        peer.add(&record(1)).expect("added");
        peer.fill((2..5).map(record)).expect("filled");
        assert_eq!(peer.read(&[3; 16]).expect("read"), "a plain sentence 3");
        let newest = peer.bodies(&[9; 16], "note").expect("listed");
        assert_eq!(newest.iter().map(|row| row.1).collect::<Vec<_>>(), [4, 3, 2, 1]);
        let summaries = peer.summaries(&[9; 16], "note").expect("listed");
        assert_eq!((summaries.len(), summaries[0].2.as_str()), (4, "a plain summary 4"));
        drop(peer);
        let on_disk = std::fs::read(folder.path().join("peer.db")).expect("a file");
        assert!(!on_disk.windows(7).any(|bytes| bytes == b"a plain"));
    }

    #[test]
    fn sqlcipher_keeps_and_encrypts_what_it_is_given() {
        keeps_to_itself(Keeps::Pages);
    }

    #[test]
    fn sqlite_keeps_what_ring_has_sealed() {
        keeps_to_itself(Keeps::Values);
    }
}
