//! A folder as the place where checkpoints are kept.
//!
//! `checkpoint` is the newest, as `phm verify --checkpoint` takes it; `checkpoints.jsonl` has all of them, a line each;
//! `checkpoint.key` is what checks them without any key of the vault.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use phm_core::crypto::durable;
use serde_json::json;

use super::{Destination, Signed};

const NEWEST: &str = "checkpoint";
const ALL: &str = "checkpoints.jsonl";
const KEY: &str = "checkpoint.key";

/// A folder on this machine, or one that is mounted here.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`; it is made when the first checkpoint comes.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Adds a line that survives a power cut; a line that one cut short is ended first.
    fn add_line(&self, line: &str) -> std::io::Result<()> {
        let path = self.0.join(ALL);
        let is_new = !path.exists();
        let mut file = durable::private().read(true).append(true).create(true).open(path)?;
        let text = if ends_amid_a_line(&mut file)? { format!("\n{line}\n") } else { format!("{line}\n") };
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        if is_new { durable::sync_folder(&self.0) } else { Ok(()) }
    }
}

fn ends_amid_a_line(file: &mut File) -> std::io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

impl Destination for Folder {
    fn name(&self) -> &'static str {
        "folder"
    }

    fn newest(&self) -> std::io::Result<Option<String>> {
        match std::fs::read_to_string(self.0.join(NEWEST)) {
            Ok(note) => Ok(Some(note)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn keep(&self, checkpoint: &Signed) -> std::io::Result<()> {
        durable::create_folder(&self.0)?;
        self.add_line(&json!({"at": checkpoint.at, "checkpoint": checkpoint.note}).to_string())?;
        let key = format!("{}\n", checkpoint.key);
        let path = self.0.join(KEY);
        if std::fs::read_to_string(&path).ok().as_ref() != Some(&key) {
            durable::write_file(&path, key.as_bytes())?;
        }
        durable::write_file(&self.0.join(NEWEST), checkpoint.note.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(n: i64) -> Signed {
        let at = phm_core::time::Instant::from_millis(1_795_000_000_000 + n);
        Signed { note: format!("log\n{n}\nroot\n\n\u{2014} log x\n"), key: "log+1+key".to_owned(), at }
    }

    #[test]
    fn the_newest_is_replaced_and_all_of_them_stay() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(dir.path().join("deep/kept"));
        assert_eq!(folder.newest().expect("asked"), None);
        for n in 0..3 {
            folder.keep(&signed(n)).expect("kept");
        }
        assert_eq!(folder.newest().expect("asked"), Some(signed(2).note));
        let text = std::fs::read_to_string(folder.0.join(ALL)).expect("lines");
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect();
        assert_eq!(
            lines.iter().map(|line| line["checkpoint"].as_str()).collect::<Vec<_>>(),
            [Some(signed(0).note.as_str()), Some(signed(1).note.as_str()), Some(signed(2).note.as_str())]
        );
        assert_eq!(lines[0]["at"], "2026-11-18T11:06:40.000Z");
        assert_eq!(std::fs::read_to_string(folder.0.join(KEY)).expect("a key"), "log+1+key\n");
        assert_eq!(std::fs::read_dir(&folder.0).expect("list").count(), 3, "nothing is left beside them");
    }

    #[test]
    fn a_line_that_a_power_cut_left_half_written_spoils_no_other() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(dir.path().to_owned());
        folder.keep(&signed(1)).expect("kept");
        let path = dir.path().join(ALL);
        let whole = std::fs::read_to_string(&path).expect("a line");
        std::fs::write(&path, format!("{whole}{}", &whole[..20])).expect("cut");
        folder.keep(&signed(2)).expect("kept");
        let text = std::fs::read_to_string(&path).expect("lines");
        let good = text.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).count();
        assert_eq!((text.lines().count(), good), (3, 2));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_told() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("file");
        std::fs::write(&file, b"in the way").expect("a file");
        assert!(Folder::new(file.join("kept")).keep(&signed(1)).is_err());
    }
}
