//! The vault's folder: its places, its marker file and its lock.
//!
//! ```text
//! vault.toml      vault id, format, engine, created by; no secrets
//! slots keyring   wrapped keys, two copies each
//! heads           last seq of every journal, tree size and root; sealed
//! CURRENT store/  the engine's files by generation
//! documents/ index/ spool/ plugins/ cache/ lock control.sock phm.toml
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::restore::must_be_free;
use crate::crypto::{Suite, durable, unlock};
use crate::error::{Error, ErrorKind, Result};
use crate::id::VaultId;
use crate::store::Engine;

/// The format of vaults this build writes; [`upgrade`](super::upgrade) brings older ones to it.
pub(crate) const FORMAT: u32 = 1;

const MARKER: &str = "vault.toml";

/// What `vault.toml` says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Marker {
    pub vault: VaultId,
    pub engine: Engine,
    pub suite: Suite,
}

impl Marker {
    pub fn text(&self) -> String {
        format!(
            "# This folder is a PHM vault. Nothing here is secret; everything else here is sealed.\n\
             vault = \"{}\"\nformat = {FORMAT}\nengine = \"{}\"\ncipher = \"{}\"\ncreated_by = \"phm {}\"\n",
            self.vault,
            self.engine.name(),
            self.suite.name(),
            env!("CARGO_PKG_VERSION"),
        )
    }

    fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
        text.lines()
            .filter_map(|line| line.split_once('='))
            .find(|(key, _)| key.trim() == name)
            .map(|(_, value)| value.trim().trim_matches('"'))
    }

    /// Reads the file.
    ///
    /// # Errors
    /// `newer-format` where a later PHM wrote it, `corrupt` where it is damaged.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_up_to(text, FORMAT)
    }

    /// As [`Marker::parse`], where `newest` is the newest format that is understood.
    pub fn parse_up_to(text: &str, newest: u32) -> Result<Self> {
        match Self::format(text).ok_or_else(damaged)? {
            0 => return Err(damaged()),
            format if format > newest => return Err(super::newer_format()),
            _ => {}
        }
        let field = |name| Self::field(text, name);
        if let Some(Err(unknown)) = field("engine").map(Engine::on_disk) {
            return Err(Error::corrupt(format!(
                "vault.toml is damaged or from another build: {unknown}; use that build, restore the file from a backup \
                 of the folder, or run `phm salvage OUT`"
            )));
        }
        let parsed = || {
            Some(Self {
                vault: field("vault")?.parse().ok()?,
                engine: Engine::from_name(field("engine")?)?,
                suite: Suite::parse(field("cipher")?).ok()?,
            })
        };
        parsed().ok_or_else(damaged)
    }

    /// The format the file says the vault has.
    pub fn format(text: &str) -> Option<u32> {
        Self::field(text, "format")?.parse().ok()
    }
}

fn damaged() -> Error {
    Error::corrupt("vault.toml is damaged; restore it from a backup of the folder, or run `phm salvage OUT`")
}

/// The format that a marker file says.
pub(super) fn format_in(file: &Path) -> Result<u32> {
    Marker::format(&fs::read_to_string(file)?).ok_or_else(damaged)
}

/// Lets a marker file name another format, and leaves the rest of it as it is.
pub(super) fn set_format(file: &Path, format: u32) -> Result<()> {
    set(file, "format", &format.to_string())
}

/// Replaces one value of a marker file.
fn set(file: &Path, name: &str, value: &str) -> Result<()> {
    let text = fs::read_to_string(file)?;
    let lines = text.lines().map(|line| match line.split_once('=') {
        Some((key, _)) if key.trim() == name => format!("{name} = {value}\n"),
        _ => format!("{line}\n"),
    });
    Ok(durable::write_file(file, lines.collect::<String>().as_bytes())?)
}

/// A vault's folder, held by this process until dropped.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    /// Held for its lock.
    _lock: File,
}

impl Folder {
    /// Takes an empty or new folder for a new vault, or one in which making a vault was cut off; [`Folder::mark`] makes it
    /// one. Of another nothing is changed.
    pub fn create(root: &Path) -> Result<Self> {
        if root.join(MARKER).exists() {
            return Err(Error::new(ErrorKind::Conflict, "not-empty", "there is a vault in this folder already"));
        }
        must_be_free(root)?;
        durable::create_folder(root)?;
        private(root)?;
        // The `heads` file comes after the marker: where it stands without one, the folder was a vault.
        if root.join("heads").exists() {
            return Err(was_a_vault());
        }
        let lock = take_lock(root)?;
        for name in ["store", "documents", "documents/incoming", "index", "spool"] {
            fs::create_dir_all(root.join(name))?;
        }
        if let Some(parent) = root.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            durable::sync_folder(parent)?;
        }
        Ok(Self { root: root.to_owned(), _lock: lock })
    }

    /// Removes the key files of a creation that was killed before it wrote the marker; `rows` says what its store holds.
    pub fn forget_unfinished(&self, rows: u64) -> Result<()> {
        if rows > 0 {
            return Err(was_a_vault());
        }
        for name in ["slots", "slots.2", "keyring", "keyring.2"] {
            durable::remove_file(&self.path(name))?;
        }
        Ok(())
    }

    /// Writes the marker file: from now on the folder is a vault.
    pub fn mark(&self, marker: &Marker) -> Result<()> {
        Ok(durable::write_file(&self.path(MARKER), marker.text().as_bytes())?)
    }

    /// Lets the marker file name another engine, and leaves the rest of it as it is.
    pub fn mark_engine(&self, engine: Engine) -> Result<()> {
        set(&self.marker_file(), "engine", &format!("\"{}\"", engine.name()))
    }

    /// The marker file.
    pub fn marker_file(&self) -> PathBuf {
        self.path(MARKER)
    }

    /// What the marker of the vault in this folder says; takes no lock.
    pub fn marker(root: &Path) -> Result<Marker> {
        Self::marker_up_to(root, FORMAT)
    }

    fn marker_up_to(root: &Path, newest: u32) -> Result<Marker> {
        let text = match fs::read_to_string(root.join(MARKER)) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && unlock::vault_named_in(root).is_some() => {
                return Err(Error::corrupt(
                    "vault.toml is missing, but this folder is a vault; restore that file from a backup of the folder, \
                     or run `phm salvage OUT`",
                ));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::new(
                    ErrorKind::NotFound,
                    "not-found",
                    "there is no vault in this folder; `phm init` makes one",
                ));
            }
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => String::new(),
            Err(error) => return Err(error.into()),
        };
        Marker::parse_up_to(&text, newest)
    }

    /// What the marker says, or would say by what the key files and the store's files look like.
    pub fn marker_or_guess(root: &Path) -> Result<Marker> {
        Self::marker(root).or_else(|error| {
            let vault = unlock::vault_named_in(root).ok_or(error)?;
            // `CURRENT` and the files themselves tell which engine it is, every body which cipher.
            Ok(Marker { vault, engine: Engine::default(), suite: Suite::fastest_here() })
        })
    }

    /// Takes the folder of a vault.
    pub fn open(root: &Path) -> Result<(Self, Marker)> {
        Self::open_up_to(root, FORMAT)
    }

    /// As [`Folder::open`], where `newest` is the newest format that is understood.
    pub fn open_up_to(root: &Path, newest: u32) -> Result<(Self, Marker)> {
        // Where there is no vault, nothing is made.
        Self::marker_up_to(root, newest)?;
        let folder = Self::take(root)?;
        // Whoever had it until now may have changed it.
        let marker = Self::marker_up_to(root, newest)?;
        Ok((folder, marker))
    }

    /// Takes the folder of a vault whose marker is known.
    pub fn take(root: &Path) -> Result<Self> {
        let lock = take_lock(root)?;
        for name in ["documents/incoming", "index", "spool"] {
            fs::create_dir_all(root.join(name))?;
        }
        let folder = Self { root: root.to_owned(), _lock: lock };
        folder.sweep("spool")?;
        folder.sweep("documents/incoming")?;
        Ok(folder)
    }

    /// Whether there is a vault in this folder.
    pub fn is_vault(root: &Path) -> bool {
        root.join(MARKER).exists()
    }

    /// Whether another process holds the folder.
    pub fn is_locked(root: &Path) -> Result<bool> {
        match File::open(root.join("lock")) {
            Ok(file) => match file.try_lock() {
                Ok(()) => Ok(false),
                Err(TryLockError::WouldBlock) => Ok(true),
                Err(TryLockError::Error(error)) => Err(error.into()),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A file or folder inside.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn sweep(&self, name: &str) -> Result<()> {
        for file in fs::read_dir(self.path(name))? {
            fs::remove_file(file?.path())?;
        }
        Ok(())
    }
}

/// There is data of a vault in a folder without a marker.
fn was_a_vault() -> Error {
    let text =
        "this folder was a vault and lost its vault.toml; restore that file from a backup, or choose another folder";
    Error::new(ErrorKind::Conflict, "not-empty", text)
}

#[cfg(unix)]
fn private(root: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::set_permissions(root, fs::Permissions::from_mode(0o700))?)
}

#[cfg(not(unix))]
fn private(_root: &Path) -> Result<()> {
    Ok(())
}

/// Takes the lock file or says which process holds it.
fn take_lock(root: &Path) -> Result<File> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(root.join("lock"))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder)?;
            let holder =
                holder.trim().parse::<u32>().map_or_else(|_| "another process".into(), |id| format!("process {id}"));
            return Err(Error::new(
                ErrorKind::Busy,
                "in-use",
                format!("the vault is in use by {holder}; stop it or use its web address"),
            ));
        }
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marker_file_says_what_it_was_told() {
        let marker = Marker { vault: VaultId::new(), engine: Engine::Sled, suite: Suite::Aes256Gcm };
        assert_eq!(Marker::parse(&marker.text()).expect("whole"), marker);
        let newer = Marker::parse(&marker.text().replace("format = 1", "format = 2")).expect_err("newer");
        assert_eq!((newer.kind(), newer.code()), (ErrorKind::Unsupported, "newer-format"));
        for damage in ["format = 0", "format = x", ""] {
            let error = Marker::parse(&marker.text().replace("format = 1", damage)).expect_err("damaged");
            assert_eq!(error.kind(), ErrorKind::Corrupt, "{damage}");
        }
    }

    #[test]
    fn a_marker_that_names_an_unknown_engine_is_refused_with_the_names_there_are() {
        let dir = tempfile::tempdir().expect("a folder");
        let marker = Marker { vault: VaultId::new(), engine: Engine::Redb, suite: Suite::Aes256Gcm };
        fs::write(dir.path().join(MARKER), marker.text().replace("redb", "leveldb")).expect("written");
        let refused = Folder::open(dir.path()).expect_err("unknown");
        assert_eq!(refused.kind(), ErrorKind::Corrupt);
        assert!(refused.to_string().contains("`sled` and `redb`"), "{refused}");
        assert!(refused.to_string().contains("restore the file from a backup of the folder"), "{refused}");
    }

    #[test]
    fn another_engine_is_all_that_changes_in_the_marker() {
        let dir = tempfile::tempdir().expect("a folder");
        let marker = Marker { vault: VaultId::new(), engine: Engine::Sled, suite: Suite::Aes256Gcm };
        let folder = Folder::create(dir.path()).expect("a new folder");
        folder.mark(&marker).expect("a vault");
        folder.mark_engine(Engine::Redb).expect("marked");
        let text = fs::read_to_string(dir.path().join(MARKER)).expect("read");
        assert_eq!(text, marker.text().replace("\"sled\"", "\"redb\""));
    }

    #[test]
    fn a_folder_that_holds_something_else_is_refused_and_left_as_it_is() {
        let home = tempfile::tempdir().expect("a folder");
        let dir = home.path().join("shared");
        fs::create_dir(&dir).expect("a folder");
        fs::write(dir.join("letter.txt"), "").expect("a file");
        let before = fs::metadata(&dir).expect("there").permissions();
        let refused = Folder::create(&dir).expect_err("somebody's");
        assert_eq!((refused.kind(), refused.code()), (ErrorKind::Conflict, "not-empty"));
        assert!(refused.to_string().contains("name a new folder"), "{refused}");
        assert_eq!(fs::metadata(&dir).expect("there").permissions(), before);
        assert_eq!(fs::read_dir(&dir).expect("list").count(), 1);
        // What stands in a data folder before there is a vault, and what an earlier attempt left, is no hindrance.
        fs::remove_file(dir.join("letter.txt")).expect("removed");
        for name in ["lost+found", "plugins", "store"] {
            fs::create_dir(dir.join(name)).expect("a folder");
        }
        fs::write(dir.join("slots.new"), "").expect("a file");
        drop(Folder::create(&dir).expect("taken"));
        // Beside the settings lie the files that they name.
        let named = home.path().join("named");
        fs::create_dir(&named).expect("a folder");
        for name in ["phm.toml", "mail-password"] {
            fs::write(named.join(name), "").expect("a file");
        }
        Folder::create(&named).expect("taken");
    }

    #[test]
    fn a_second_holder_is_told_who_holds_the_folder() {
        let dir = tempfile::tempdir().expect("a folder");
        let marker = Marker { vault: VaultId::new(), engine: Engine::Sled, suite: Suite::Aes256Gcm };
        let held = Folder::create(dir.path()).expect("a new folder");
        held.mark(&marker).expect("a vault");
        let refused = Folder::open(dir.path()).expect_err("held");
        assert_eq!((refused.kind(), refused.code()), (ErrorKind::Busy, "in-use"));
        assert!(refused.to_string().contains(&std::process::id().to_string()));
    }
}
