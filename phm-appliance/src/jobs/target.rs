//! The folder backups are written to, and whether its disk is there.
//!
//! Where a disk is not mounted, the folder it is mounted on is an empty one on the disk below. Backups written there would
//! fill that one, and those on the disk that is away would pass for removed: nobody would remove them any more, and no
//! report on an erasure would name them. So the vault remembers on which mount the folder lay, and nothing is written,
//! removed or forgotten while that mount is away.

use std::fs;
use std::path::{Path, PathBuf};

use phm_core::id::ProfileId;
use phm_core::vault::Vault;
use poem::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::http::Problem;
use crate::mounts::Mounts;
use crate::whereabouts::{Missed, Whereabouts};

/// The state row of `system` that says where the folder lay.
const ROW: &str = "backup target";

/// Where the folder lay when something was written to it last.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Place {
    target: PathBuf,
    /// The folder its disk is mounted on.
    mount: PathBuf,
}

/// Makes sure that backups can be written to `target`, and makes the folder where there is none.
///
/// # Errors
/// 503 `backup-disk-missing` where the disk it lay on, or one that the system says belongs there, is not mounted.
pub fn ready(vault: &Vault, target: &Path) -> Result<(), Problem> {
    // A disk that is mounted when it is asked for is mounted by this; what else it answers is seen below.
    let _ = fs::read_dir(target);
    let before = vault.state::<Place>(ProfileId::SYSTEM, ROW)?;
    let before = before.filter(|before| before.target == target);
    let mounts = Mounts::of_this_system();
    match before.as_ref().map(|before| &before.mount) {
        Some(mount) if is_away(&mounts, mount) => return Err(missing(mount)),
        Some(_) => {}
        // The first time: as for a new vault, the system may say that a disk belongs there.
        None => {
            if let Some(Missed::Disk { point }) = Whereabouts::of_this_system(target).missed(target) {
                return Err(missing(&point));
            }
        }
    }
    fs::create_dir_all(target).map_err(phm_core::Error::from)?;
    let real = fs::canonicalize(target).map_err(phm_core::Error::from)?;
    let Some(mount) = mounts.of(&real).map(|mount| mount.point.clone()) else { return Ok(()) };
    let now = Place { target: target.to_owned(), mount };
    if before.as_ref() != Some(&now) {
        vault.put_state(ProfileId::SYSTEM, ROW, &now, None)?;
    }
    Ok(())
}

/// Whether a mount is known to be gone: where the system tells nothing of mounts, none is.
fn is_away(mounts: &Mounts, point: &Path) -> bool {
    !mounts.is_empty() && point.parent().is_some() && !mounts.is_mounted(point)
}

fn missing(point: &Path) -> Problem {
    let text = format!(
        "nothing is mounted on {}, where the disk for backups belongs; mount it, or set another `backup.target`",
        point.display()
    );
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "backup-disk-missing", text)
}

#[cfg(test)]
mod tests {
    use phm_core::crypto::kdf::Cost;
    use phm_core::crypto::secret::Secret;
    use phm_core::vault::Options;

    use super::*;

    #[test]
    fn nothing_is_written_where_the_disk_of_the_folder_is_away() {
        let dir = tempfile::tempdir().expect("a folder");
        let options = Options { cost: Cost::FLOOR, ..Options::default() };
        let secret = Secret::passphrase("a passphrase for tests");
        let (vault, _) = Vault::create(&dir.path().join("vault"), &[secret], options).expect("a vault");
        let target = dir.path().join("disk/backups");
        ready(&vault, &target).expect("the first time it is made");
        assert!(target.is_dir());
        ready(&vault, &target).expect("and then it is there");
        fs::remove_dir_all(dir.path().join("disk")).expect("removed");
        ready(&vault, &target).expect("its disk is there: somebody removed the folder");
        // As it is when the disk was mounted on a folder that is empty now.
        fs::remove_dir(&target).expect("removed");
        let there = Place { target: target.clone(), mount: dir.path().join("disk") };
        vault.put_state(ProfileId::SYSTEM, ROW, &there, None).expect("put");
        if Mounts::of_this_system().is_empty() {
            return;
        }
        let problem = ready(&vault, &target).expect_err("its disk is away");
        assert_eq!(problem.code(), "backup-disk-missing");
        assert!(problem.to_string().contains(&dir.path().join("disk").display().to_string()), "{problem}");
        assert!(!target.exists(), "nothing is made on the disk below");
        ready(&vault, &dir.path().join("elsewhere")).expect("another target");
    }

    #[test]
    fn the_root_is_never_away() {
        let mounts = Mounts::parse(b"21 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
        assert!(!is_away(&mounts, Path::new("/")) && is_away(&mounts, Path::new("/mnt/backups")));
        assert!(!is_away(&Mounts::default(), Path::new("/mnt/backups")), "nothing is known");
    }
}
