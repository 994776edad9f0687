//! What an import has gathered so far: facts, and an account of every row.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use phm_core::crypto::digest::{Sha256, hex};
use serde::Serialize;
use serde_json::Value;

use super::Source;
use crate::error::{PluginError, Result};

/// Malformed rows that are named one by one.
const NAMED: usize = 20;
/// Bytes of a line at most.
const LONGEST_LINE: u64 = 1 << 20;

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
#[derive(Debug, Default)]
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
}

impl Gathered {
    /// Keeps something about a name.
    pub fn keep(&mut self, name: &str, fact: &Value) {
        let name = super::folded(name);
        // A tab ends the name in what is kept.
        if !name.is_empty() && !name.contains('\t') {
            self.facts.push((name, fact.to_string()));
        }
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
