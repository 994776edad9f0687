//! What is kept of an import: one line a fact, `name`, a tab and JSON, in the order of the names, searched where it lies.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use phm_core::crypto::digest::{Sha256, hex};
use phm_core::crypto::durable;

/// Bytes that are read at a time while searching.
const PIECE: usize = 4096;
/// Bytes of a line at most; whoever writes keeps below it.
const LONGEST: u64 = 64 << 10;
/// Bytes of all facts about one name at most: those of all sets are one answer.
const MOST_OF_A_NAME: usize = 1 << 20;

/// Where the facts of this SHA-256 lie.
pub fn place(folder: &Path, sha256: &str) -> PathBuf {
    folder.join(format!("{sha256}.facts"))
}

/// Whether a fact is short enough to be kept.
pub fn fits(name: &str, fact: &str) -> bool {
    ((name.len() + fact.len()) as u64) + 2 < LONGEST
}

/// A name of which more is said than one answer holds, in facts in their order.
pub fn crowded(facts: &[(String, String)]) -> Option<&str> {
    let of_one = |all: &&[(String, String)]| all.iter().map(|(_, fact)| fact.len() + 1).sum::<usize>() > MOST_OF_A_NAME;
    facts.chunk_by(|a, b| a.0 == b.0).find(of_one).and_then(<[_]>::first).map(|(name, _)| name.as_str())
}

/// Writes facts in order and without repetition; answers how many, and their SHA-256, which names their file.
pub fn write(folder: &Path, mut facts: Vec<(String, String)>) -> io::Result<(u64, String)> {
    facts.retain(|(name, fact)| fits(name, fact));
    facts.sort_unstable();
    facts.dedup();
    let new = folder.join("new");
    // Of an import that was killed.
    durable::remove_file(&new)?;
    let file = durable::private().write(true).create_new(true).open(&new)?;
    let mut out = BufWriter::new(file);
    let mut digest = Sha256::new();
    for (name, fact) in &facts {
        let line = format!("{name}\t{fact}\n");
        digest.update(line.as_bytes());
        out.write_all(line.as_bytes())?;
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    let sha256 = hex(&digest.finish());
    std::fs::rename(&new, place(folder, &sha256))?;
    durable::sync_folder(folder)?;
    Ok((facts.len() as u64, sha256))
}

/// Opens the facts of this SHA-256, having read them through.
///
/// # Errors
/// Where they are gone or others.
pub fn open(path: &Path, sha256: &str) -> io::Result<File> {
    let mut file = File::open(path)?;
    let (mut digest, mut piece) = (Sha256::new(), vec![0; 64 << 10]);
    loop {
        match file.read(&mut piece)? {
            0 => break,
            read => digest.update(&piece[..read]),
        }
    }
    if hex(&digest.finish()) == sha256 { Ok(file) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// The facts about a name, as JSON texts.
pub fn find(file: &File, name: &str) -> io::Result<Vec<String>> {
    let (mut low, mut high) = (0, file.metadata()?.len());
    // All lines that begin before `low` are of smaller names, and all that begin at `high` or later are not.
    while low < high {
        let middle = low + (high - low) / 2;
        let start = if middle == low { low } else { next_line(file, middle - 1)? };
        if start >= high {
            high = middle;
            continue;
        }
        let line = line_at(file, start)?;
        if name_of(&line)? < name {
            low = start + line.len() as u64;
        } else {
            high = middle;
        }
    }
    let mut found = Vec::new();
    loop {
        let line = line_at(file, low)?;
        if line.is_empty() || name_of(&line)? != name {
            return Ok(found);
        }
        let fact = line.split_once('\t').map_or("", |(_, fact)| fact.trim_end());
        found.push(fact.to_owned());
        low += line.len() as u64;
    }
}

fn name_of(line: &str) -> io::Result<&str> {
    line.split_once('\t').map(|(name, _)| name).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Where the line behind the next line end at `at` or later begins.
fn next_line(file: &File, mut at: u64) -> io::Result<u64> {
    let mut piece = [0; PIECE];
    loop {
        let read = file.read_at(&mut piece, at)?;
        if read == 0 {
            return Ok(at);
        }
        if let Some(end) = piece[..read].iter().position(|byte| *byte == b'\n') {
            return Ok(at + end as u64 + 1);
        }
        at += read as u64;
    }
}

/// The line that begins at `at`, with its end; empty at the end of the file.
fn line_at(file: &File, at: u64) -> io::Result<String> {
    let mut line = Vec::new();
    let mut piece = [0; PIECE];
    while (line.len() as u64) < LONGEST {
        let read = file.read_at(&mut piece, at + line.len() as u64)?;
        if let Some(end) = piece[..read].iter().position(|byte| *byte == b'\n') {
            line.extend_from_slice(&piece[..=end]);
            break;
        }
        if read == 0 {
            break;
        }
        line.extend_from_slice(&piece[..read]);
    }
    String::from_utf8(line).map_err(|_| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_is_found_again_and_nothing_else() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut facts = Vec::new();
        for n in 0..500 {
            // Some names with several facts, some lines longer than what is read at a time.
            for m in 0..=n % 3 {
                facts.push((format!("drug {n}"), format!("\"{m} {}\"", "x".repeat(n * 20))));
            }
        }
        let (kept, sha256) =
            write(dir.path(), facts.iter().rev().cloned().chain(facts.clone()).collect()).expect("kept");
        assert_eq!(usize::try_from(kept).expect("few"), facts.len(), "nothing twice");
        let file = open(&place(dir.path(), &sha256), &sha256).expect("what was written");
        for n in 0..500 {
            let name = format!("drug {n}");
            let mut wanted: Vec<String> = Vec::new();
            wanted.extend(facts.iter().filter(|(one, _)| *one == name).map(|(_, fact)| fact.clone()));
            assert_eq!(find(&file, &name).expect("readable"), wanted, "{name}");
        }
        for none in ["", "a", "drug", "drug 1000", "drug 49x", "z", "drug 9999"] {
            assert_eq!(find(&file, none).expect("readable"), Vec::<String>::new(), "{none}");
        }
    }

    #[test]
    fn a_name_of_which_too_much_is_said_is_named() {
        let of = |name: &str, count: usize| vec![(name.to_owned(), "x".repeat(1_000)); count];
        assert_eq!(crowded(&[of("a", 1_000), of("b", 1_000)].concat()), None);
        assert_eq!(crowded(&[of("a", 1_000), of("b", 1_100), of("c", 1)].concat()), Some("b"));
        assert_eq!(crowded(&[]), None);
    }

    #[test]
    fn a_file_that_was_changed_is_not_opened() {
        let dir = tempfile::tempdir().expect("a folder");
        let (_, sha256) = write(dir.path(), vec![("a".into(), "1".into())]).expect("kept");
        let path = place(dir.path(), &sha256);
        std::fs::write(&path, "a\t2\n").expect("written");
        assert!(open(&path, &sha256).is_err());
        assert!(open(&dir.path().join("gone"), &sha256).is_err());
    }
}
