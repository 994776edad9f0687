//! The disk under the vault: how long a durable write takes, how much room is left, whether it is a disk at all.

use std::fs;
use std::io::{self, Seek as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use phm_core::crypto::durable;

use super::Finding;
use crate::mounts::{self, Mounts};

/// How many small writes are timed.
const WRITES: usize = 21;
/// A commit waits for one durable write; above this people notice.
const SLOW: Duration = Duration::from_millis(100);
const HOPELESS: Duration = Duration::from_secs(2);

/// With less than this the next import may not fit.
const LITTLE: u64 = 512 << 20;
/// With less than this writes are about to be refused.
const NOTHING: u64 = 64 << 20;

/// The median time of a small durable write.
pub(super) fn speed(dir: &Path) -> Finding {
    match measure(dir) {
        Ok(times) => judge_speed(times),
        Err(_) => Finding::fail(
            "disk-speed",
            "the data folder cannot be written; is the disk full, or mounted read-only, or is this another user?",
        ),
    }
}

fn measure(dir: &Path) -> io::Result<[Duration; WRITES]> {
    let path = dir.join(".doctor");
    let mut file = durable::private().write(true).create(true).truncate(true).open(&path)?;
    let mut timed = || -> io::Result<Duration> {
        let begun = Instant::now();
        file.rewind()?;
        file.write_all(&[0; 512])?;
        file.sync_data()?;
        Ok(begun.elapsed())
    };
    let mut times = [Duration::ZERO; WRITES];
    let written = times.iter_mut().try_for_each(|time| timed().map(|taken| *time = taken));
    fs::remove_file(&path)?;
    written.map(|()| times)
}

fn judge_speed(mut times: [Duration; WRITES]) -> Finding {
    const ID: &str = "disk-speed";
    times.sort_unstable();
    let median = times[WRITES / 2];
    let text = format!("a durable write takes {:.1} ms", median.as_secs_f64() * 1e3);
    if median > HOPELESS {
        Finding::fail(ID, format!("{text}; the disk is failing or hopelessly busy: back up and replace it"))
    } else if median > SLOW {
        Finding::warn(
            ID,
            format!("{text}, and everything that is saved waits for one; an SSD takes a few milliseconds"),
        )
    } else {
        Finding::ok(ID, text)
    }
}

/// The room that is left.
pub(super) fn space(dir: &Path) -> Finding {
    match rustix::fs::statvfs(dir) {
        Ok(about) => judge_space(about.f_bavail.saturating_mul(about.f_frsize), size(&dir.join("store"))),
        Err(_) => Finding::warn("disk-space", "the system does not say how much room is left on the disk"),
    }
}

fn judge_space(free: u64, store: u64) -> Finding {
    const ID: &str = "disk-space";
    let text = format!("{} MB are free; the store takes {} MB", free / 1_000_000, store / 1_000_000);
    if free < NOTHING {
        Finding::fail(ID, format!("{text}. The disk is full: make room now, or nothing can be saved any more"))
    } else if free < store.saturating_add(store / 3) {
        Finding::warn(
            ID,
            format!("{text}. Compacting and moving the store need up to a third more than that: make room"),
        )
    } else if free < LITTLE {
        Finding::warn(ID, format!("{text}. Make room soon"))
    } else {
        Finding::ok(ID, text)
    }
}

/// The bytes of all files below a folder.
fn size(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => size(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}

/// Whether the folder lies across a network.
pub(super) fn file_system(dir: &Path, mounts: &Mounts) -> Finding {
    let dir = fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
    judge_file_system(mounts::network(&dir, mounts))
}

fn judge_file_system(network: io::Result<Option<String>>) -> Finding {
    const ID: &str = "file-system";
    match network {
        Ok(None) => Finding::ok(ID, "the data folder lies on a disk of this machine"),
        Ok(Some(name)) => Finding::warn(ID, across(&name)),
        Err(_) => Finding::warn(ID, "the system does not say what kind of file system the data folder lies on"),
    }
}

/// What is said of a vault across a network.
pub fn across(name: &str) -> String {
    format!(
        "the data folder lies across a network ({name}): a saved record may be lost when the server or the line fails, and \
         two machines may open the vault at once. Keep the vault on a disk of this machine and its backups across the network"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn the_median_counts_and_not_one_slow_write() {
        let mut times = [Duration::from_millis(4); WRITES];
        times[0] = Duration::from_secs(9);
        assert_eq!(judge_speed(times), Finding::ok("disk-speed", "a durable write takes 4.0 ms"));
        assert_eq!(judge_speed([Duration::from_millis(180); WRITES]).status, Status::Warn);
        assert_eq!(judge_speed([Duration::from_secs(3); WRITES]).status, Status::Fail);
    }

    #[test]
    fn a_folder_that_can_be_written_is_timed_and_left_as_it_was() {
        let dir = tempfile::tempdir().expect("a folder");
        assert_ne!(speed(dir.path()).status, Status::Fail);
        assert_eq!(fs::read_dir(dir.path()).expect("listed").count(), 0);
    }

    #[test]
    fn a_folder_that_cannot_be_written_fails() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir(dir.path().join(".doctor")).expect("created");
        assert_eq!(speed(dir.path()).status, Status::Fail);
    }

    #[test]
    fn room_is_judged_beside_what_the_store_takes() {
        assert_eq!(judge_space(10 << 30, 1 << 30).status, Status::Ok);
        assert_eq!(judge_space(1 << 30, 2 << 30).status, Status::Warn);
        assert_eq!(judge_space(300 << 20, 1 << 20).status, Status::Warn);
        assert_eq!(judge_space(10 << 20, 1 << 20).status, Status::Fail);
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir(dir.path().join("store")).expect("created");
        fs::write(dir.path().join("store/db"), [0; 1000]).expect("written");
        assert_eq!(size(dir.path()), 1000);
    }

    #[test]
    fn a_vault_across_a_network_is_told_so() {
        assert_eq!(judge_file_system(Ok(None)).status, Status::Ok);
        let found = judge_file_system(Ok(Some("NFS".into())));
        assert_eq!(found.status, Status::Warn);
        assert!(found.message.contains("(NFS)"), "{}", found.message);
        assert_eq!(judge_file_system(Err(io::Error::other("no answer"))).status, Status::Warn);
    }
}
