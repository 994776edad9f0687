//! What the guard does to the files of an engine: snapshots, blobs, syncs, and the mark of doubt.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::StoreError;

/// An engine lets go of its file a moment after the last handle is dropped, and a program that is just being started by
/// another thread may hold its lock for a moment.
pub(super) const LOCK_PATIENCE: Duration = Duration::from_secs(3);

fn snapshots(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(b"snap.") {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// sled would take a half-written snapshot for a whole one.
pub(super) fn remove_unfinished_snapshots(dir: &Path) -> Result<(), StoreError> {
    for path in snapshots(dir)? {
        if path.extension().is_some_and(|extension| extension == "generating") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Renames the snapshots so that the engine reads its whole log; `false` if there was none.
pub(super) fn move_snapshots_aside(dir: &Path) -> Result<bool, StoreError> {
    let found = snapshots(dir)?;
    for path in &found {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        fs::rename(path, dir.join(format!("damaged-{name}")))?;
    }
    Ok(!found.is_empty())
}

/// Syncs the files of `blobs/` that are not in `durable`, and the folder if there were any.
pub(super) fn sync_new_blobs(dir: &Path, durable: &HashSet<OsString>) -> Result<HashSet<OsString>, StoreError> {
    let folder = dir.join("blobs");
    let mut now = HashSet::new();
    let mut new = false;
    for entry in fs::read_dir(&folder)? {
        let name = entry?.file_name();
        if !durable.contains(&name) {
            match File::open(folder.join(&name)) {
                Ok(file) => file.sync_all()?,
                // The engine removes files nobody points to whenever it likes.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error.into()),
            }
            new = true;
        }
        now.insert(name);
    }
    if new {
        sync_folder(&folder)?;
    }
    Ok(now)
}

/// Opens sled's log for the syncs of commits, before the engine does: of a failed sync only those descriptors are told
/// that were open before it, and the engine syncs as well, while it opens and when it makes the file shorter.
///
/// All of it is read once. The engine takes a place that the disk does not give for the end of the log, and writes zeros
/// over what stands behind it. And it is synced, since the engine's snapshot of it is.
pub(super) fn open_log(dir: &Path) -> Result<File, StoreError> {
    let log = File::options().read(true).write(true).create(true).truncate(false).open(dir.join("db"))?;
    let mut bytes = vec![0; 1 << 20];
    let mut at = 0;
    loop {
        match log.read_at(&mut bytes, at)? {
            0 => break,
            length => at += length as u64,
        }
    }
    log.sync_all()?;
    Ok(log)
}

/// Makes durable what opening sled has made: the file of the log and the blobs that are there, whose names are answered.
pub(super) fn sync_creation(dir: &Path, log: &File) -> Result<HashSet<OsString>, StoreError> {
    let blobs = sync_new_blobs(dir, &HashSet::new())?;
    File::open(dir.join("conf"))?.sync_all()?;
    sync_folder(&dir.join("blobs"))?;
    // Before the log: the engine has written zeros over places that its new snapshot needs no more, and an older one does.
    sync_folder(dir)?;
    log.sync_all()?;
    if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        sync_folder(parent)?;
    }
    Ok(blobs)
}

pub(super) fn sync_folder(dir: &Path) -> Result<(), StoreError> {
    Ok(File::open(dir)?.sync_all()?)
}

pub(super) fn files_size(dir: &Path) -> Result<u64, StoreError> {
    let mut size = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => size += files_size(&entry.path())?,
            Ok(metadata) => size += metadata.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(size)
}

/// The mark that a sync has failed.
///
/// After a failed sync the kernel holds the written bytes for clean: they are read back, but never written
/// again. A store opened on them would build on what a power cut takes away. So the failure is noted in a file
/// that needs no room, and the next opening writes everything once more, in place.
pub(super) struct Doubt {
    file: File,
}

impl Doubt {
    /// Reads the mark in `dir` and, if a sync has failed there, writes the files and folders `names` anew.
    pub(super) fn resolve(dir: &Path, names: &[&str]) -> Result<Self, StoreError> {
        let file = File::options().read(true).write(true).create(true).truncate(false).open(dir.join("doubt"))?;
        let mut mark = [0];
        // A mark that the disk does not give is one: it would be overwritten below.
        let failed = file.read_at(&mut mark, 0).map_or(true, |read| read == 1 && mark != *b"0");
        let doubt = Self { file };
        if failed {
            for name in names {
                write_again(&dir.join(name))?;
            }
        }
        doubt.set(*b"0")?;
        Ok(doubt)
    }

    /// Opens a store. Where the disk fails meanwhile, the next opening writes again what this one may have left behind.
    pub(super) fn settle<T>(&self, open: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let opened = open();
        match &opened {
            // Somebody else has it open: there is nothing to write beside them.
            Err(StoreError::Io(error)) if error.kind() == ErrorKind::ResourceBusy => {}
            // Also where the engine found damage, or panicked: it may have met the disk's error on its way.
            Err(_) => self.raise(),
            Ok(_) => {}
        }
        opened
    }

    /// Notes that a sync may have failed. The next opening on the running kernel sees it even if it cannot be synced.
    pub(super) fn raise(&self) {
        // There is nobody left to tell: the store is poisoned already.
        let _ = self.set(*b"1");
    }

    fn set(&self, mark: [u8; 1]) -> Result<(), StoreError> {
        self.file.write_all_at(&mark, 0)?;
        Ok(self.file.sync_all()?)
    }
}

fn write_again(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            write_again(&entry?.path())?;
        }
        return Ok(());
    }
    let file = match File::options().read(true).write(true).open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    // Engines lock their file while they have it open; nobody may write beside one.
    let give_up_at = Instant::now() + LOCK_PATIENCE;
    while file.try_lock().is_err() {
        if Instant::now() >= give_up_at {
            return Err(StoreError::Io(ErrorKind::ResourceBusy.into()));
        }
        thread::sleep(Duration::from_millis(5));
    }
    let mut bytes = vec![0; 1 << 20];
    let mut at = 0;
    loop {
        let length = file.read_at(&mut bytes, at)?;
        if length == 0 {
            return Ok(file.sync_all()?);
        }
        file.write_all_at(&bytes[..length], at)?;
        at += length as u64;
    }
}
