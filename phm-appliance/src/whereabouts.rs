//! Where vaults were, so that a disk which did not come up is not taken for a new box.
//!
//! A folder without a vault is where `phm serve` makes one. After a restart that left the disk unmounted the data folder
//! is such a folder, and a household that signs up anew would write beside its history, on the wrong disk. So PHM keeps a
//! note of each vault outside its folder, in the state folder of whoever runs it: which vault, in which folder, on which
//! mount. A new vault is refused
//!
//! - where the vault of the note lay on a disk that is not mounted,
//! - where the folder of the note is still there, the same one, with nothing in it,
//! - where there is no note (a service without a home of its own can keep none), but `/etc/fstab` or a mount unit of
//!   systemd names the folder or one above it, and nothing is mounted there.
//!
//! `--new` makes one all the same. A folder that somebody removed or made anew is a new folder: nobody empties a disk
//! that way by accident. Whoever wants no guess at all lets the service require the mount (`RequiresMountsFor=`).

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use phm_core::crypto::digest::{hex, sha256};
use phm_core::crypto::durable;
use phm_core::id::VaultId;
use phm_core::vault::Vault;
use serde::{Deserialize, Serialize};

use crate::mounts::{Mounts, unescaped};

/// Why no new vault is made in a folder.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Missed {
    /// A disk belongs there and is not there.
    #[error(
        "nothing is mounted on {}, where a disk with a vault belongs; mount it and start again, or pass --new to make a \
         new vault without it", .point.display()
    )]
    Disk {
        /// Where it is mounted when it is there.
        point: PathBuf,
    },
    /// The folder was emptied.
    #[error(
        "the vault {vault} was in this folder, which is empty now; put it back or restore a backup with `phm restore`, or \
         pass --new to make a new vault"
    )]
    Emptied {
        /// The vault that was there.
        vault: VaultId,
    },
}

/// What is known of one vault.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Note {
    vault: VaultId,
    dir: PathBuf,
    /// The folder the disk is mounted on.
    mount: PathBuf,
    /// Number and moment of birth of the folder, which tell it from one made later in its place.
    folder: (u64, Option<u64>),
}

/// The notes, and what the system says about its disks.
#[derive(Clone, Debug)]
pub struct Whereabouts {
    /// Where the notes lie; `None` where there is no place for them.
    notes: Option<PathBuf>,
    mounts: Mounts,
    fstab: PathBuf,
    units: PathBuf,
}

impl Whereabouts {
    /// As this system has them, for the data folder `dir`.
    pub fn of_this_system(dir: &Path) -> Self {
        let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let state = variable("XDG_STATE_HOME").or_else(|| Some(variable("HOME")?.join(".local/state")));
        Self {
            // On the disk that is missing, a note would be missing too.
            notes: state.map(|state| state.join("phm/vaults")).filter(|notes| !notes.starts_with(absolute(dir))),
            mounts: Mounts::of_this_system(),
            fstab: "/etc/fstab".into(),
            units: "/etc/systemd/system".into(),
        }
    }

    /// Keeps a note of the vault in `dir`; `false` where there is no place for notes.
    pub fn remember(&self, vault: VaultId, dir: &Path) -> io::Result<bool> {
        let Some(notes) = &self.notes else { return Ok(false) };
        let dir = absolute(dir);
        let mount = self.mounts.of(&real(&dir)).map_or_else(|| "/".into(), |mount| mount.point.clone());
        let folder = fs::metadata(&dir).map(|about| told_by(&about))?;
        let note = Note { vault, dir: dir.clone(), mount, folder };
        if self.note(&dir).as_ref() == Some(&note) {
            return Ok(true);
        }
        durable::create_folder(notes)?;
        self.forget_removed(notes);
        let text = serde_json::to_vec(&note).map_err(io::Error::other)?;
        durable::write_file(&notes.join(name_of(&dir)), &text)?;
        Ok(true)
    }

    /// Whether a vault is missing from `dir`, where there is none.
    pub fn missed(&self, dir: &Path) -> Option<Missed> {
        let dir = absolute(dir);
        if Vault::is_vault(&dir) {
            return None;
        }
        match self.note(&dir) {
            Some(note) if self.is_away(&note.mount) => Some(Missed::Disk { point: note.mount }),
            Some(note) => {
                let here = fs::metadata(&dir).ok().map(|about| told_by(&about));
                (here == Some(note.folder) && is_bare(&dir)).then_some(Missed::Emptied { vault: note.vault })
            }
            None if self.mounts.is_empty() || !is_bare(&dir) => None,
            None => {
                let listed = self.listed();
                let above = dir.ancestors().filter(|point| point.parent().is_some());
                let mut away =
                    above.filter(|point| listed.iter().any(|listed| listed == point) || self.has_unit(point));
                let point = away.find(|point| self.is_away(point))?;
                Some(Missed::Disk { point: point.to_owned() })
            }
        }
    }

    /// Whether the vault in `dir` would be missed.
    pub fn remembers(&self, dir: &Path) -> bool {
        self.note(&absolute(dir)).is_some()
    }

    fn note(&self, dir: &Path) -> Option<Note> {
        // A note that cannot be read is none: it only protects, and must not stand in the way.
        let text = fs::read(self.notes.as_ref()?.join(name_of(dir))).ok()?;
        serde_json::from_slice(&text).ok().filter(|note: &Note| note.dir == dir)
    }

    /// Whether a mount is known to be gone: where the system tells nothing of mounts, none is.
    fn is_away(&self, point: &Path) -> bool {
        !self.mounts.is_empty() && point.parent().is_some() && !self.mounts.is_mounted(point)
    }

    /// The folders `/etc/fstab` mounts something on.
    fn listed(&self) -> Vec<PathBuf> {
        let text = fs::read(&self.fstab).unwrap_or_default();
        let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let fields = lines
            .filter(|line| !line.starts_with(b"#"))
            .filter_map(|line| line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty()).nth(1));
        fields.map(unescaped).collect()
    }

    /// Whether a mount unit of systemd stands for `point` (systemd.mount(5), systemd-escape(1)).
    fn has_unit(&self, point: &Path) -> bool {
        use std::fmt::Write as _;
        use std::os::unix::ffi::OsStrExt as _;
        let mut name = String::new();
        for (at, byte) in point.as_os_str().as_bytes().iter().skip(1).enumerate() {
            match byte {
                b'/' => name.push('-'),
                b'.' if at == 0 => name.push_str("\\x2e"),
                byte if byte.is_ascii_alphanumeric() || b":_.".contains(byte) => name.push(char::from(*byte)),
                byte => write!(name, "\\x{byte:02x}").expect("a text takes any text"),
            }
        }
        self.units.join(name + ".mount").exists()
    }

    /// Removes the notes of folders that are gone while their disks are there: somebody removed them.
    fn forget_removed(&self, notes: &Path) {
        for file in fs::read_dir(notes).into_iter().flatten().flatten() {
            let note = fs::read(file.path()).ok().and_then(|text| serde_json::from_slice::<Note>(&text).ok());
            if note.is_some_and(|note| !note.dir.exists() && !self.is_away(&note.mount)) {
                // What stays is looked at again by the next vault that is remembered.
                let _ = fs::remove_file(file.path());
            }
        }
    }
}

/// Keeps a note of the vault on this system. Where that is not possible, only the note is missing; `phm doctor` tells.
pub fn remember(vault: &Vault) {
    let dir = vault.dir();
    if let Err(error) = Whereabouts::of_this_system(dir).remember(vault.id(), dir) {
        tracing::warn!(kind = %error.kind(), "no note of where the vault lies could be kept");
    }
}

fn absolute(dir: &Path) -> PathBuf {
    std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned())
}

/// The path without links, as far as it is there.
fn real(dir: &Path) -> PathBuf {
    fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned())
}

/// Whether nobody keeps anything in this folder, or there is none.
fn is_bare(dir: &Path) -> bool {
    match fs::read_dir(dir) {
        Ok(entries) => entries.flatten().all(|entry| entry.file_name() == "lost+found"),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

fn told_by(about: &Metadata) -> (u64, Option<u64>) {
    use std::os::unix::fs::MetadataExt as _;
    let born = about.created().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    (about.ino(), born.and_then(|born| u64::try_from(born.as_nanos()).ok()))
}

fn name_of(dir: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    hex(&sha256(&[dir.as_os_str().as_bytes()])[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    const VAULT: VaultId = VaultId::from_bytes([7; 16]);

    /// A made-up system with the disks of `mounted`, in a folder of its own.
    struct System {
        home: tempfile::TempDir,
    }

    impl System {
        fn new() -> Self {
            Self { home: tempfile::tempdir().expect("a folder") }
        }

        fn path(&self, name: &str) -> PathBuf {
            fs::canonicalize(self.home.path()).expect("it is there").join(name)
        }

        fn folder(&self, name: &str) -> PathBuf {
            let path = self.path(name);
            fs::create_dir_all(&path).expect("created");
            path
        }

        fn with(&self, mounted: &[&str]) -> Whereabouts {
            let line = |name: &&str| format!("9 1 8:2 / {} rw - ext4 /dev/sdb rw\n", self.path(name).display());
            let text = "1 0 8:1 / / rw - ext4 /dev/sda rw\n".to_owned() + &mounted.iter().map(line).collect::<String>();
            Whereabouts {
                notes: Some(self.path("state/vaults")),
                mounts: Mounts::parse(text.as_bytes()),
                fstab: self.path("fstab"),
                units: self.path("units"),
            }
        }
    }

    #[test]
    fn a_folder_nobody_knows_of_takes_a_new_vault() {
        let system = System::new();
        assert_eq!(system.with(&[]).missed(&system.folder("data")), None);
        assert_eq!(system.with(&[]).missed(&system.path("not there")), None);
    }

    #[test]
    fn a_disk_that_did_not_come_up_is_missed() {
        let system = System::new();
        let (dir, point) = (system.folder("disk/phm"), system.path("disk"));
        assert!(system.with(&["disk"]).remember(VAULT, &dir).expect("noted"));
        let away = Some(Missed::Disk { point });
        assert_eq!(system.with(&[]).missed(&dir), away, "the folder is on the disk below");
        fs::remove_dir_all(system.path("disk")).expect("removed");
        assert_eq!(system.with(&[]).missed(&dir), away, "the folder went with the disk");
        assert_eq!(system.with(&["disk"]).missed(&dir), None, "the disk is there and somebody removed the folder");
    }

    #[test]
    fn a_folder_that_was_emptied_is_missed_and_one_made_anew_is_not() {
        let system = System::new();
        let dir = system.folder("data");
        let whereabouts = system.with(&[]);
        whereabouts.remember(VAULT, &dir).expect("noted");
        assert_eq!(whereabouts.missed(&dir), Some(Missed::Emptied { vault: VAULT }));
        fs::create_dir(dir.join("lost+found")).expect("created");
        assert_eq!(whereabouts.missed(&dir), Some(Missed::Emptied { vault: VAULT }));
        fs::write(dir.join("something"), b"").expect("written");
        assert_eq!(whereabouts.missed(&dir), None, "what else lies there is judged by whoever makes the vault");
        fs::remove_dir_all(&dir).expect("removed");
        assert_eq!(whereabouts.missed(&dir), None);
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert_eq!(whereabouts.missed(&system.folder("data")), None, "another folder in the same place");
    }

    #[test]
    fn a_disk_in_fstab_or_in_a_mount_unit_is_missed_without_any_note() {
        let system = System::new();
        let dir = system.folder("my disk/phm");
        let point = system.path("my disk");
        let listed =
            format!("# a comment\n/dev/sdb\t{}  ext4 noatime 0 2\n", point.display().to_string().replace(' ', "\\040"));
        fs::write(system.path("fstab"), listed).expect("written");
        let away = Some(Missed::Disk { point });
        assert_eq!(system.with(&[]).missed(&dir), away);
        assert_eq!(system.with(&["my\\040disk"]).missed(&dir), None, "it is mounted");

        fs::remove_file(system.path("fstab")).expect("removed");
        assert_eq!(system.with(&[]).missed(&dir), None);
        let unit = system.path("my disk").display().to_string()[1..].replace('-', "\\x2d").replace('/', "-");
        fs::create_dir(system.path("units")).expect("created");
        fs::write(system.path("units").join(unit.replace(' ', "\\x20") + ".mount"), b"[Mount]\n").expect("written");
        assert_eq!(system.with(&[]).missed(&dir), away);
    }

    #[test]
    fn where_a_vault_is_nothing_is_missed() {
        let system = System::new();
        let dir = system.folder("disk");
        system.with(&["disk"]).remember(VAULT, &dir).expect("noted");
        fs::write(dir.join("vault.toml"), b"").expect("written");
        assert_eq!(system.with(&[]).missed(&dir), None);
    }

    #[test]
    fn notes_of_folders_that_were_removed_are_forgotten_and_those_of_missing_disks_kept() {
        let system = System::new();
        let (removed, away, last) = (system.folder("removed"), system.folder("disk"), system.folder("last"));
        system.with(&["disk"]).remember(VAULT, &removed).expect("noted");
        system.with(&["disk"]).remember(VAULT, &away).expect("noted");
        for dir in [&removed, &away] {
            fs::remove_dir(dir).expect("removed");
        }
        let whereabouts = system.with(&[]);
        whereabouts.remember(VAULT, &last).expect("noted");
        assert!(!whereabouts.remembers(&removed) && whereabouts.remembers(&away) && whereabouts.remembers(&last));
    }

    #[test]
    fn a_note_is_read_by_its_owner_alone_and_a_damaged_one_is_none() {
        use std::os::unix::fs::PermissionsExt as _;
        let system = System::new();
        let dir = system.folder("data");
        let whereabouts = system.with(&[]);
        whereabouts.remember(VAULT, &dir).expect("noted");
        let note = system.path("state/vaults").join(name_of(&dir));
        assert_eq!(fs::metadata(&note).expect("there").permissions().mode() & 0o777, 0o600);
        fs::write(&note, b"{").expect("written");
        assert_eq!(whereabouts.missed(&dir), None);
        let nowhere = Whereabouts { notes: None, ..whereabouts };
        assert!(!nowhere.remember(VAULT, &dir).expect("no place is no error"));
    }
}
