//! The peer: the same records in SQLite with SQLCipher, as an application that cared would store them.
//!
//! WAL, synchronous FULL, a raw 256-bit key, prepared statements, the rest as SQLite has it. A write is one transaction with the record row, its
//! three secondary indexes and one audit row. SQLite takes one writer at a time; the threads share one writing
//! connection behind a lock, which is faster than a connection each that wait for each other's file lock.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, params};

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

/// An encrypted database.
pub struct Peer {
    writer: Mutex<Connection>,
}

impl Peer {
    /// Makes one in `folder`.
    pub fn create(folder: &Path) -> rusqlite::Result<Self> {
        let writer = Connection::open(folder.join("peer.db"))?;
        writer.pragma_update(None, "key", format!("x'{}'", "5a".repeat(32)))?;
        let cipher: String = writer.query_row("PRAGMA cipher_version", [], |row| row.get(0))?;
        assert!(!cipher.is_empty(), "this SQLite does not encrypt");
        writer.pragma_update(None, "journal_mode", "WAL")?;
        writer.pragma_update(None, "synchronous", "FULL")?;
        writer.execute_batch(
            "CREATE TABLE record (
                id BLOB PRIMARY KEY, profile BLOB NOT NULL, kind TEXT NOT NULL, version INTEGER NOT NULL,
                occurred INTEGER NOT NULL, code TEXT NOT NULL, status TEXT NOT NULL, removed INTEGER NOT NULL,
                summary TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
             CREATE INDEX by_time ON record (profile, kind, occurred);
             CREATE INDEX by_code ON record (profile, code, occurred);
             CREATE INDEX by_status ON record (profile, kind, status, occurred);
             CREATE TABLE audit (
                seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor BLOB NOT NULL, action TEXT NOT NULL,
                profile BLOB NOT NULL, kind TEXT NOT NULL, record BLOB NOT NULL, purpose TEXT NOT NULL, outcome TEXT NOT NULL);",
        )?;
        Ok(Self { writer: Mutex::new(writer) })
    }

    /// Gives the peer a cache of `kibibytes` instead of SQLite's 2,000, so that it may keep everything decrypted.
    pub fn set_cache(&self, kibibytes: u32) -> rusqlite::Result<()> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.pragma_update(None, "cache_size", -i64::from(kibibytes))
    }

    /// Adds one record and its audit row, durably.
    pub fn add(&self, record: &Stored) -> rusqlite::Result<()> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let write = writer.transaction()?;
        write.prepare_cached("INSERT INTO record VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, 0, ?7, ?8)")?.execute(params![
            record.id,
            record.profile,
            record.kind,
            record.occurred,
            record.code,
            record.status,
            record.summary,
            record.body
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
                    record.summary,
                    record.body
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
            .query_row(params![id], |row| row.get(4))
    }

    /// What a list of 100 shows of the newest records of a kind.
    pub fn summaries(&self, profile: &[u8; 16], kind: &str) -> rusqlite::Result<Vec<(Vec<u8>, i64, String)>> {
        let reader = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut query = reader.prepare_cached(
            "SELECT id, occurred, summary FROM record WHERE profile = ?1 AND kind = ?2 AND removed = 0
             ORDER BY occurred DESC LIMIT 100",
        )?;
        let rows = query.query_map(params![profile, kind], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        rows.collect()
    }

    /// The bodies of the newest 100 records of a kind.
    pub fn bodies(&self, profile: &[u8; 16], kind: &str) -> rusqlite::Result<Vec<(Vec<u8>, i64, String)>> {
        let reader = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut query = reader.prepare_cached(
            "SELECT id, occurred, body FROM record WHERE profile = ?1 AND kind = ?2 AND removed = 0
             ORDER BY occurred DESC LIMIT 100",
        )?;
        let rows = query.query_map(params![profile, kind], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        rows.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peer_keeps_and_encrypts_what_it_is_given() {
        let folder = tempfile::tempdir().expect("a folder");
        let peer = Peer::create(folder.path()).expect("a database");
        let record = |at: u8| Stored {
            id: [at; 16],
            profile: [9; 16],
            kind: "note",
            occurred: i64::from(at),
            code: "x".into(),
            status: "final",
            summary: "a summary".into(),
            body: format!("a plain sentence {at}"),
        };
        peer.add(&record(1)).expect("added");
        peer.fill((2..5).map(record)).expect("filled");
        assert_eq!(peer.read(&[3; 16]).expect("read"), "a plain sentence 3");
        let newest = peer.bodies(&[9; 16], "note").expect("listed");
        assert_eq!(newest.iter().map(|row| row.1).collect::<Vec<_>>(), [4, 3, 2, 1]);
        assert_eq!(peer.summaries(&[9; 16], "note").expect("listed").len(), 4);
        drop(peer);
        let on_disk = std::fs::read(folder.path().join("peer.db")).expect("a file");
        assert!(!on_disk.windows(14).any(|bytes| bytes == b"plain sentence"));
    }
}
