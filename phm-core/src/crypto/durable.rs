//! The one way to write a small file: temporary name, write, fsync, rename, fsync of the folder.
//!
//! After [`write_file`] returns, the file survives a power cut; whatever happens before, the file holds either its
//! old bytes or its new ones. All files are made readable by their owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

/// Writes `bytes` at `path`, replacing what stands there.
pub fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::rename(write_beside(path, bytes)?, path)?;
    sync_folder(parent(path))
}

/// Writes `bytes` at a `path` where nothing stands yet; an existing file is left alone and reported.
pub fn write_new_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    sync_folder(parent(path))
}

/// Like [`write_file`], and then overwrites the old file's bytes with zeros before it is removed.
///
/// The old file waits under the name `<file>.old` until that is done. A power cut may leave it there, or leave nothing
/// at `path` itself: so this is for files that are kept twice. The next call finishes the work. On file systems that
/// copy on write, and on flash that moves blocks, the zeros may land elsewhere.
pub fn write_file_and_wipe(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = write_beside(path, bytes)?;
    let old = beside(path, "old");
    if path.try_exists()? {
        wipe(&old)?;
        fs::rename(path, &old)?;
    }
    fs::rename(new, path)?;
    sync_folder(parent(path))?;
    wipe(&old)
}

/// Whether a power cut left an old file unwiped beside `path`; also where the disk does not tell.
pub fn is_unwiped(path: &Path) -> bool {
    beside(path, "old").try_exists().unwrap_or(true)
}

/// Removes the file at `path`, if there is one, so that it stays removed.
pub fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => sync_folder(parent(path)),
    }
}

/// Makes the folder `path` and those above it, so that they survive a power cut, readable by their owner alone.
pub fn create_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = parent(path);
    create_folder(above)?;
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => sync_folder(above),
    }
}

/// Makes the names in the folder `path` survive a power cut.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// Options for a file that only its owner can read.
pub fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn write_beside(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let new = beside(path, "new");
    let mut file = private().write(true).create(true).truncate(true).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(new)
}

/// Overwrites the file at `path`, if there is one, with zeros and removes it, so that it stays removed. What is said of
/// zeros at [`write_file_and_wipe`] is true here too.
pub fn wipe(path: &Path) -> io::Result<()> {
    let mut file = match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    let length = file.metadata()?.len();
    file.rewind()?;
    io::copy(&mut io::Read::take(io::repeat(0), length), &mut file)?;
    file.sync_all()?;
    remove_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("slots");
        write_file(&path, b"one").expect("write");
        write_file(&path, b"two").expect("write");
        write_file_and_wipe(&path, b"three").expect("write");
        assert_eq!(fs::read(&path).expect("read"), b"three");
        assert_eq!(fs::read_dir(dir.path()).expect("list").count(), 1);
    }

    #[test]
    fn an_old_file_left_by_a_power_cut_is_wiped_by_the_next_write() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("slots");
        let old = beside(&path, "old");
        fs::write(&path, b"now").expect("write");
        fs::write(&old, b"before").expect("write");
        // A second name shows what happens to the old file's bytes.
        let witness = dir.path().join("witness");
        fs::hard_link(&old, &witness).expect("link");
        assert!(is_unwiped(&path));
        write_file_and_wipe(&path, b"next").expect("write");
        assert!(!is_unwiped(&path));
        assert_eq!(fs::read(&witness).expect("read"), [0; 6]);
    }

    #[test]
    fn the_replaced_bytes_are_overwritten_in_place() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("keyring");
        write_file(&path, b"old root").expect("write");
        let witness = dir.path().join("witness");
        fs::hard_link(&path, &witness).expect("link");
        write_file_and_wipe(&path, b"new root").expect("write");
        assert_eq!(fs::read(&witness).expect("read"), [0; 8]);
        assert_eq!(fs::read(&path).expect("read"), b"new root");
    }

    #[test]
    fn a_new_file_never_replaces_one() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("key");
        write_new_file(&path, b"one").expect("write");
        assert_eq!(write_new_file(&path, b"two").expect_err("exists").kind(), io::ErrorKind::AlreadyExists);
    }

    #[cfg(unix)]
    #[test]
    fn files_and_folders_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a folder");
        let deep = dir.path().join("a/b");
        create_folder(&deep).expect("create");
        write_file(&deep.join("file"), b"x").expect("write");
        let mode = |path: &Path| fs::metadata(path).expect("metadata").permissions().mode() & 0o777;
        assert_eq!((mode(&deep), mode(&deep.join("file"))), (0o700, 0o600));
        remove_file(&deep.join("file")).expect("remove");
        remove_file(&deep.join("file")).expect("removing twice is fine");
    }
}
