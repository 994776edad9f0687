//! What is mounted where, and which of it lies across a network.

use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

/// One line of `/proc/self/mountinfo`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mount {
    /// The folder it is mounted on.
    pub point: PathBuf,
    /// The kind of file system, such as `ext4` or `fuse.sshfs`.
    pub kind: String,
}

/// Everything that is mounted; empty where the system does not say.
#[derive(Clone, Debug, Default)]
pub struct Mounts(Vec<Mount>);

impl Mounts {
    /// What is mounted here and now.
    pub fn of_this_system() -> Self {
        std::fs::read("/proc/self/mountinfo").map_or_else(|_| Self::default(), |text| Self::parse(&text))
    }

    /// Reads the form of `/proc/self/mountinfo` (proc(5)): the fifth field is the folder, the first one behind ` - ` the kind.
    pub fn parse(text: &[u8]) -> Self {
        let mount = |line: &[u8]| {
            let fields: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
            let behind = fields.iter().position(|field| *field == b"-")?;
            let kind = String::from_utf8_lossy(fields.get(behind + 1)?).into_owned();
            Some(Mount { point: unescaped(fields.get(4)?), kind })
        };
        // A line that cannot be read is one mount less that is known.
        Self(text.split(|byte| *byte == b'\n').filter_map(mount).collect())
    }

    /// The mount that `path` lies on. Of several on one folder the last one hides the others.
    pub fn of(&self, path: &Path) -> Option<&Mount> {
        let length = |mount: &&Mount| mount.point.components().count();
        self.0.iter().filter(|mount| path.starts_with(&mount.point)).max_by_key(length)
    }

    /// Whether something is mounted on this very folder; a place that only waits to be mounted does not count.
    pub fn is_mounted(&self, point: &Path) -> bool {
        self.0.iter().any(|mount| mount.point == point && mount.kind != "autofs")
    }

    /// Whether anything is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A path as `/proc` and `fstab` write it: spaces, tabs, line feeds and backslashes as three octal digits.
pub fn unescaped(field: &[u8]) -> PathBuf {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((byte, behind)) = rest.split_first() {
        let octal = behind.get(..3).filter(|_| *byte == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(meant) => {
                out.push(meant);
                rest = &behind[3..];
            }
            None => {
                out.push(*byte);
                rest = behind;
            }
        }
    }
    PathBuf::from(std::ffi::OsString::from_vec(out))
}

/// Numbers of file systems that lie across a network, as `statfs` gives them (statfs(2) and the kernel's `magic.h`).
const ACROSS_A_NETWORK: &[(u32, &str)] = &[
    (0x0000_6969, "NFS"),
    (0x0000_517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x0102_1997, "9P"),
    (0x00c3_6400, "Ceph"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "AFS"),
    (0x7375_7245, "Coda"),
    (0x0bd0_0bd3, "Lustre"),
    (0x1980_0202, "GPFS"),
    (0x0000_564c, "NetWare"),
];
/// FUSE: a program answers, and only the kind of the mount tells which.
const FUSE: u32 = 0x6573_5546;
/// Kinds of FUSE mounts whose files lie on a disk of this machine.
const LOCAL_FUSE: &[&str] =
    &["fuseblk", "fuse.ntfs-3g", "fuse.exfat", "fuse.zfs", "fuse.mergerfs", "fuse.bindfs", "fuse.fuse-overlayfs"];

/// What lies across a network at `path`, by name; `None` for a disk of this machine.
#[cfg(target_os = "linux")]
pub fn network(path: &Path, mounts: &Mounts) -> io::Result<Option<String>> {
    let number = rustix::fs::statfs(path)?.f_type;
    // The kernel's numbers have 32 bits; how wide the field is differs from machine to machine.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let number = number as u32;
    Ok(named(number, mounts.of(path).map(|mount| mount.kind.as_str())))
}

/// Other systems are not asked.
#[cfg(not(target_os = "linux"))]
pub fn network(_path: &Path, _mounts: &Mounts) -> io::Result<Option<String>> {
    Ok(None)
}

fn named(number: u32, kind: Option<&str>) -> Option<String> {
    match kind {
        Some(kind) if number == FUSE && !LOCAL_FUSE.contains(&kind) => {
            Some(kind.strip_prefix("fuse.").unwrap_or(kind).to_owned())
        }
        None if number == FUSE => Some("FUSE".to_owned()),
        _ => ACROSS_A_NETWORK.iter().find(|known| known.0 == number).map(|known| known.1.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"21 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n\
        30 21 0:25 / /run rw - tmpfs tmpfs rw\n\
        40 21 8:17 / /srv/my\\040disk rw,noatime shared:9 master:2 - btrfs /dev/sdb1 rw\n\
        41 21 0:40 / /mnt/waiting rw - autofs systemd-1 rw\n\
        42 21 0:50 / /home/asha/far rw - fuse.sshfs asha@box:/ rw\n\
        half a line\n";

    #[test]
    fn the_mount_of_a_path_is_the_deepest_one_above_it() {
        let mounts = Mounts::parse(TEXT);
        let kind = |path: &str| mounts.of(Path::new(path)).map(|mount| mount.kind.as_str());
        assert_eq!(kind("/srv/my disk/phm"), Some("btrfs"));
        assert_eq!(kind("/srv/my diskette"), Some("ext4"));
        assert_eq!(kind("/home/asha/far"), Some("fuse.sshfs"));
        assert_eq!(Mounts::parse(b"nothing").of(Path::new("/")), None);
    }

    #[test]
    fn a_place_that_waits_to_be_mounted_is_not_mounted() {
        let mounts = Mounts::parse(TEXT);
        assert!(mounts.is_mounted(Path::new("/srv/my disk")));
        assert!(!mounts.is_mounted(Path::new("/srv")) && !mounts.is_mounted(Path::new("/mnt/waiting")));
    }

    #[test]
    fn file_systems_across_a_network_are_told_by_their_numbers_and_kinds() {
        assert_eq!(named(0x6969, Some("nfs4")).as_deref(), Some("NFS"));
        assert_eq!(named(0xff53_4d42, None).as_deref(), Some("CIFS"));
        assert_eq!(named(FUSE, Some("fuse.sshfs")).as_deref(), Some("sshfs"));
        assert_eq!(named(FUSE, Some("fuse.rclone")).as_deref(), Some("rclone"));
        assert_eq!(named(FUSE, Some("fuseblk")), None, "a disk in another system's format");
        assert_eq!(named(0xef53, Some("ext4")), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_machine_answers_for_a_folder_of_its_own() {
        let dir = tempfile::tempdir().expect("a folder");
        network(dir.path(), &Mounts::of_this_system()).expect("answered");
    }
}
