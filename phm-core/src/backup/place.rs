//! The file of a backup while it is written: under another name until it is whole and durable.
//!
//! A kill leaves `.<name>.<random>.part` beside it, which is never taken for a backup. What stands at the name itself is
//! somebody else's and is never touched, not even by a race.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::crypto::digest::hex;
use crate::crypto::{durable, random};
use crate::error::{Error, ErrorKind, Result};

/// What the name of an unfinished backup ends with.
const ENDING: &str = ".part";
/// An unfinished backup that nobody has written to for so long is left by a kill.
const STALE: Duration = Duration::from_hours(24);

/// A file that becomes one at `path` when [`Unfinished::publish`] returns, and leaves nothing otherwise.
#[derive(Debug)]
pub(super) struct Unfinished {
    path: PathBuf,
    part: PathBuf,
}

fn taken() -> Error {
    Error::new(ErrorKind::Conflict, "not-empty", "the backup file exists already; choose another name")
}

/// The folder of a file.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl Unfinished {
    /// Begins a file that is to stand at `path`.
    ///
    /// # Errors
    /// `not-empty` where anything stands there.
    pub fn begin(path: &Path) -> Result<(Self, File)> {
        // A link to nowhere is something too.
        if fs::symlink_metadata(path).is_ok() {
            return Err(taken());
        }
        let begun = Self::beside(path)?;
        let file = durable::private().write(true).create_new(true).open(&begun.part)?;
        Ok((begun, file))
    }

    /// A name beside `path` that nobody has.
    pub fn beside(path: &Path) -> Result<Self> {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .ok_or_else(|| Error::new(ErrorKind::Invalid, "invalid-input", "the backup needs the name of a file"))?;
        let part = format!(".{name}.{}{ENDING}", hex(&random::<4>()));
        Ok(Self { path: path.to_owned(), part: folder(path).join(part) })
    }

    /// Where it is written meanwhile.
    pub fn part(&self) -> &Path {
        &self.part
    }

    /// Gives the file, which is durable, its name.
    ///
    /// # Errors
    /// `not-empty` where something came to stand there meanwhile.
    pub fn publish(self) -> Result<()> {
        match fs::hard_link(&self.part, &self.path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(taken()),
            Err(_) => {
                // A file system without links: whoever makes the empty file owns the name, and may then replace it.
                durable::private().write(true).create_new(true).open(&self.path).map_err(|error| {
                    match error.kind() {
                        io::ErrorKind::AlreadyExists => taken(),
                        _ => error.into(),
                    }
                })?;
                self.or_nothing(fs::rename(&self.part, &self.path))?;
            }
        }
        // The other name goes when this is dropped.
        Ok(self.or_nothing(durable::sync_folder(folder(&self.path)))?)
    }

    /// Takes the name, which is ours by now, away again where the file did not get it for good.
    fn or_nothing(&self, done: io::Result<()>) -> io::Result<()> {
        done.inspect_err(|_| {
            // What failed first is what counts.
            let _ = fs::remove_file(&self.path);
        })
    }

    /// Puts the file, which is durable, in the place of the one at its name.
    pub fn replace(self) -> Result<()> {
        fs::rename(&self.part, &self.path)?;
        Ok(durable::sync_folder(folder(&self.path))?)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Gone already where it was renamed; what failed first is what counts.
        let _ = fs::remove_file(&self.part);
    }
}

/// Removes what kills have left of a backup that was to stand at `path`, for whoever knows that nobody writes it now.
pub(crate) fn sweep_beside(path: &Path) -> Result<()> {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Ok(()) };
    let front = format!(".{name}.");
    for entry in fs::read_dir(folder(path))? {
        let entry = entry?;
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(&front) && name.ends_with(ENDING));
        if ours {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Removes what kills have left of unfinished backups in a folder; answers how many there were.
///
/// # Errors
/// Where the folder cannot be read.
pub fn sweep(folder: &Path) -> Result<u64> {
    let mut swept = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|name| name.starts_with('.') && name.ends_with(ENDING));
        let age = entry.metadata()?.modified().ok().and_then(|at| SystemTime::now().duration_since(at).ok());
        if ours && age.is_some_and(|age| age > STALE) {
            fs::remove_file(entry.path())?;
            swept += 1;
        }
    }
    Ok(swept)
}
