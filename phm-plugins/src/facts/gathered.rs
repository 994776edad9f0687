//! What an import has gathered so far: facts, and an account of every row.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use phm_core::crypto::digest::{Sha256, hex};
use serde::Serialize;
use serde_json::Value;

use super::{Source, kept};
use crate::error::{PluginError, Result};

/// Malformed rows that are named one by one.
const NAMED: usize = 20;
/// Bytes of a line at most.
const LONGEST_LINE: u64 = 1 << 20;
/// Bytes that an import holds in memory at most. Of the real files all of RxNorm takes some 10 MiB, DDInter 60 and the US labels
/// 120; what takes more is no such file.
pub const MOST_HELD: u64 = 256 << 20;
/// What each thing that is held takes beside its letters.
const BESIDE: u64 = 64;

/// A row that was not well formed.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Skipped {
    /// The file.
    pub file: String,
    /// Its line, from 1; of JSON the number of the entry.
    pub line: u64,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// What an import has gathered.
#[derive(Debug)]
pub struct Gathered {
    /// Names, as they are looked up, and what is known of them as JSON.
    pub facts: Vec<(String, String)>,
    /// The files.
    pub sources: Vec<Source>,
    /// Rows that were read.
    pub read: u64,
    /// Rows that were used.
    pub used: u64,
    /// Rows that were left, by reason.
    pub skipped: BTreeMap<&'static str, u64>,
    /// The first that were not well formed.
    pub malformed: Vec<Skipped>,
    /// Bytes that may still be held; nothing once it was too much.
    room: Option<u64>,
}

impl Gathered {
    /// Nothing yet, and room for so many bytes.
    pub fn within(bytes: u64) -> Self {
        Self {
            facts: Vec::new(),
            sources: Vec::new(),
            read: 0,
            used: 0,
            skipped: BTreeMap::new(),
            malformed: Vec::new(),
            room: Some(bytes),
        }
    }

    /// Keeps something about a name.
    pub fn keep(&mut self, name: &str, fact: &Value) {
        let (name, fact) = (super::folded(name), fact.to_string());
        if !kept::fits(&name, &fact) {
            self.leave("too long to be kept");
            return;
        }
        self.hold(name.len() + fact.len());
        // A tab ends the name in what is kept.
        if self.room.is_some() && !name.is_empty() && !name.contains('\t') {
            self.facts.push((name, fact));
        }
    }

    /// Counts something of so many letters that is held in memory from now on.
    pub fn hold(&mut self, letters: usize) {
        self.room = self.room.and_then(|room| room.checked_sub(letters as u64 + BESIDE));
    }

    /// Counts that it is held no more.
    pub fn let_go(&mut self, letters: usize) {
        self.room = self.room.map(|room| room + letters as u64 + BESIDE);
    }

    /// Whether all of it had room.
    ///
    /// # Errors
    /// `invalid-facts` where it was too much.
    pub fn had_room(&self) -> Result<()> {
        let text = "they hold more than any release of this set; nothing was imported";
        self.room.map(|_| ()).ok_or_else(|| PluginError::Facts(text.to_owned()))
    }

    /// Leaves a row that is well formed and not needed.
    pub fn leave(&mut self, reason: &'static str) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    /// Leaves a row that is not well formed.
    pub fn refuse(&mut self, file: &str, line: u64, reason: &'static str) {
        self.leave(reason);
        if self.malformed.len() < NAMED {
            self.malformed.push(Skipped { file: file.to_owned(), line, reason });
        }
    }

    /// Reads a file line by line without its line ends, and notes what file it was.
    pub fn lines(&mut self, path: &Path, mut each: impl FnMut(&mut Self, &str, u64, &str) -> Result<()>) -> Result<()> {
        let name = name_of(path);
        let mut reader = BufReader::new(Counted::open(path)?);
        let (mut line, mut number) = (Vec::new(), 0);
        loop {
            line.clear();
            let read = reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
            if read == 0 {
                break;
            }
            number += 1;
            if read as u64 == LONGEST_LINE && line.last() != Some(&b'\n') {
                return Err(PluginError::Facts(format!("line {number} of {name} is too long to be one")));
            }
            match std::str::from_utf8(&line) {
                Ok(text) => each(self, &name, number, text.trim_end_matches(['\n', '\r']))?,
                Err(_) => self.refuse(&name, number, "not UTF-8"),
            }
            self.had_room()?;
        }
        self.sources.push(reader.into_inner().source(name));
        Ok(())
    }
}

/// The name of a file, without folders.
pub fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A file that is read once, with what it was.
pub struct Counted {
    file: File,
    digest: Sha256,
    bytes: u64,
}

impl Counted {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self { file: File::open(path)?, digest: Sha256::new(), bytes: 0 })
    }

    /// What was read, once it has come to its end.
    pub fn source(self, name: String) -> Source {
        Source { name, bytes: self.bytes, sha256: hex(&self.digest.finish()) }
    }
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.digest.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_has_no_room_is_an_error_and_is_not_held() {
        let mut gathered = Gathered::within(1_000);
        for n in 0..10 {
            gathered.keep(&format!("drug {n}"), &json!("x"));
        }
        assert!(gathered.had_room().is_ok() && gathered.facts.len() == 10);
        for n in 0..1_000 {
            gathered.keep(&format!("drug {n}"), &json!("x"));
        }
        assert_eq!(gathered.had_room().expect_err("too much").code(), "invalid-facts");
        assert!(gathered.facts.len() < 20, "{}", gathered.facts.len());
    }

    #[test]
    fn reading_ends_where_there_is_no_room() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("many.txt");
        std::fs::write(&path, "name\n".repeat(1_000)).expect("written");
        let (mut gathered, mut rows) = (Gathered::within(10_000), 0);
        let done = gathered.lines(&path, |gathered, _, _, line| {
            rows += 1;
            gathered.hold(line.len());
            Ok(())
        });
        assert!(done.is_err() && rows < 200, "{rows} rows");
    }

    #[test]
    fn a_fact_that_is_too_long_is_counted_and_not_kept() {
        let mut gathered = Gathered::within(MOST_HELD);
        gathered.keep("drug", &json!("x".repeat(64 << 10)));
        assert_eq!((gathered.facts.len(), gathered.skipped.get("too long to be kept")), (0, Some(&1)));
    }
}
