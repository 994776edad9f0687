//! When a checkpoint is due, what is kept already, and what becomes of a failure.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use phm_core::audit::checkpoint;
use phm_core::time::{Clock as _, SystemClock};
use phm_core::vault::{Standing, Vault};

use super::{Destination, Folder, Signed};
use crate::settings::Settings;

/// How long after a failure it is tried again.
const AGAIN: Duration = Duration::from_secs(30);

/// How keeping checkpoints goes, over all places.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Kept {
    /// How many were kept since the start.
    pub kept: u64,
    /// How many times it failed since the start.
    pub failed: u64,
    /// How many rows of the log the newest kept checkpoint covers.
    pub rows: u64,
    /// Whether the last attempt failed somewhere.
    pub failing: bool,
    /// Whether some place keeps a checkpoint that the log contradicts.
    pub contradicted: bool,
}

/// Keeps checkpoints in every place.
pub struct Keeper {
    every: Duration,
    rows: u64,
    places: Mutex<Vec<Place>>,
    /// Apart from the places, so that whoever asks does not wait for a slow one.
    state: Mutex<Kept>,
    is_needed: bool,
}

struct Place {
    destination: Box<dyn Destination>,
    /// Whether what it keeps was compared with the log.
    compared: bool,
    contradicted: bool,
    /// The size of the log when it was last kept, and when that was.
    last: Option<(u64, Instant)>,
    failed_at: Option<Instant>,
    kept: u64,
    failed: u64,
}

impl Keeper {
    /// The places the settings name.
    pub fn of(settings: &Settings) -> Self {
        let folder = settings.checkpoint_folder.clone().map(|path| Box::new(Folder::new(path)) as Box<dyn Destination>);
        Self::new(folder, settings.checkpoint_every, settings.checkpoint_rows)
    }

    /// Keeps one in each place when the log has grown by `rows`, or has grown and the last is as old as `every`.
    pub fn new(places: impl IntoIterator<Item = Box<dyn Destination>>, every: Duration, rows: u64) -> Self {
        let place = |destination| Place {
            destination,
            compared: false,
            contradicted: false,
            last: None,
            failed_at: None,
            kept: 0,
            failed: 0,
        };
        let places: Vec<Place> = places.into_iter().map(place).collect();
        let is_needed = !places.is_empty();
        Self { every, rows, places: Mutex::new(places), state: Mutex::default(), is_needed }
    }

    /// Whether there is any place.
    pub fn is_needed(&self) -> bool {
        self.is_needed
    }

    /// How it goes; never waits for a place.
    pub fn state(&self) -> Kept {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a checkpoint where one is due. Blocks: disks and networks are slow.
    pub fn look(&self, vault: &Vault) {
        self.keep(vault, Instant::now(), false);
    }

    /// Keeps a checkpoint wherever the log has grown since the last: before the vault is closed.
    pub fn last(&self, vault: &Vault) {
        self.keep(vault, Instant::now(), true);
    }

    fn keep(&self, vault: &Vault, now: Instant, at_once: bool) {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        for place in places.iter_mut().filter(|place| !place.contradicted) {
            let waits = place.failed_at.is_some_and(|at| now.saturating_duration_since(at) < AGAIN);
            if waits && !at_once {
                continue;
            }
            match place.keep(vault, now, if at_once { (0, Duration::ZERO) } else { (self.rows, self.every) }) {
                Ok(()) => place.failed_at = None,
                Err(error) => {
                    place.failed_at = Some(now);
                    place.failed += 1;
                    tracing::error!(
                        destination = place.destination.name(),
                        code = error.code(),
                        "a checkpoint of the audit log could not be kept; it is tried again"
                    );
                }
            }
        }
        let state = places.iter().fold(Kept::default(), |all, place| Kept {
            kept: all.kept + place.kept,
            failed: all.failed + place.failed,
            rows: all.rows.max(place.last.map_or(0, |(rows, _)| rows)),
            failing: all.failing || place.failed_at.is_some(),
            contradicted: all.contradicted || place.contradicted,
        });
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

impl Place {
    fn keep(&mut self, vault: &Vault, now: Instant, (rows, every): (u64, Duration)) -> phm_core::Result<()> {
        if !self.compared {
            self.compare(vault, now)?;
            if self.contradicted {
                return Ok(());
            }
        }
        let size = vault.audit_size()?;
        let due = self.last.is_none_or(|(last, at)| {
            size != last && (size.abs_diff(last) >= rows || now.saturating_duration_since(at) >= every)
        });
        if !due {
            return Ok(());
        }
        // The size is asked for first, so a row written meanwhile is at worst covered twice.
        let (note, key) = (vault.checkpoint()?, vault.checkpoint_verifier()?.to_text());
        self.destination.keep(&Signed { note, key, at: SystemClock.now() })?;
        self.last = Some((size, now));
        self.kept += 1;
        Ok(())
    }

    /// Compares what is kept with the log.
    fn compare(&mut self, vault: &Vault, now: Instant) -> phm_core::Result<()> {
        let destination = self.destination.name();
        let why = match self.destination.newest()? {
            None => None,
            Some(note) => match vault.compare_checkpoint(&note) {
                Ok(Standing::Continued) => {
                    let size = checkpoint::read_unverified(&note).map_err(phm_core::Error::from)?.size;
                    // Nothing was written since: the same again would tell nothing.
                    self.last = (size == vault.audit_size()?).then_some((size, now));
                    None
                }
                Ok(Standing::Ended { lost: 0, .. }) => None,
                Ok(Standing::Ended { lost, .. }) => {
                    tracing::warn!(
                        destination,
                        lost,
                        "the kept checkpoint knows rows of the audit log from after the backup that was restored"
                    );
                    None
                }
                Ok(Standing::Truncated { .. }) => Some("truncated"),
                Ok(Standing::Forked) => Some("fork"),
                Ok(Standing::Unknown) => Some("missing rows"),
                Err(error) if error.code() == "invalid-checkpoint" => Some("another log"),
                Err(error) => return Err(error),
            },
        };
        if let Some(why) = why {
            self.contradicted = true;
            tracing::error!(
                destination,
                why,
                "the kept checkpoint contradicts the audit log; run `phm verify --checkpoint` on it, and move it away when you know why"
            );
        }
        self.compared = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use phm_core::crypto::kdf::Cost;
    use phm_core::crypto::secret::Secret;
    use phm_core::id::ProfileId;
    use phm_core::vault::Options;

    use super::*;

    /// A place in memory that fails when it is told to.
    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<(Vec<String>, bool)>>);

    impl Destination for Memory {
        fn name(&self) -> &'static str {
            "memory"
        }

        fn newest(&self) -> io::Result<Option<String>> {
            Ok(self.0.lock().expect("unpoisoned").0.last().cloned())
        }

        fn keep(&self, checkpoint: &Signed) -> io::Result<()> {
            let mut kept = self.0.lock().expect("unpoisoned");
            if kept.1 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            kept.0.push(checkpoint.note.clone());
            Ok(())
        }
    }

    impl Memory {
        fn keeper(&self, every: Duration, rows: u64) -> Keeper {
            Keeper::new([Box::new(self.clone()) as Box<dyn Destination>], every, rows)
        }

        fn count(&self) -> usize {
            self.0.lock().expect("unpoisoned").0.len()
        }
    }

    fn vault(dir: &std::path::Path) -> Vault {
        let options = Options { cost: Cost::FLOOR, ..Options::default() };
        Vault::create(dir, &[Secret::passphrase("correct horse battery staple")], options).expect("a vault").0
    }

    fn grow(vault: &Vault, rows: u64) {
        (0..rows).for_each(|row| vault.put_state(ProfileId::SYSTEM, "job", &row, None).expect("state"));
    }

    #[test]
    fn one_is_kept_at_first_and_then_after_rows_or_time() {
        let dir = tempfile::tempdir().expect("a folder");
        let (vault, memory) = (vault(dir.path()), Memory::default());
        let keeper = memory.keeper(Duration::from_mins(10), 5);
        let start = Instant::now();
        grow(&vault, 1);
        let kept_after = |grown, at| {
            grow(&vault, grown);
            keeper.keep(&vault, at, false);
            memory.count()
        };
        assert_eq!(kept_after(0, start), 1);
        assert_eq!(kept_after(4, start), 1, "four rows are too few");
        assert_eq!(kept_after(1, start), 2, "five are enough");
        assert_eq!(kept_after(1, start + Duration::from_mins(9)), 2);
        assert_eq!(kept_after(0, start + Duration::from_mins(10)), 3, "or ten minutes");
        assert_eq!(kept_after(0, start + Duration::from_hours(9)), 3, "but none where nothing was written");
        grow(&vault, 1);
        keeper.last(&vault);
        assert_eq!(memory.count(), 4);
        let size = vault.audit_size().expect("a size");
        assert_eq!(keeper.state(), Kept { kept: 4, rows: size, ..Kept::default() });
        memory.keeper(Duration::ZERO, 1).look(&vault);
        assert_eq!(memory.count(), 4, "nor after a restart");
    }

    #[test]
    fn a_failure_is_counted_told_and_tried_again() {
        let dir = tempfile::tempdir().expect("a folder");
        let (vault, memory) = (vault(dir.path()), Memory::default());
        let keeper = memory.keeper(Duration::from_mins(10), 5);
        let start = Instant::now();
        grow(&vault, 1);
        memory.0.lock().expect("unpoisoned").1 = true;
        keeper.keep(&vault, start, false);
        assert_eq!(keeper.state(), Kept { failed: 1, failing: true, ..Kept::default() });
        memory.0.lock().expect("unpoisoned").1 = false;
        keeper.keep(&vault, start + Duration::from_secs(1), false);
        assert_eq!((memory.count(), keeper.state().failing), (0, true), "not at once");
        keeper.keep(&vault, start + AGAIN, false);
        assert_eq!((memory.count(), keeper.state().failing), (1, false));
    }

    #[test]
    fn a_kept_checkpoint_that_the_log_contradicts_is_told_and_never_overwritten() {
        let dir = tempfile::tempdir().expect("a folder");
        let (ours, other) = (vault(&dir.path().join("ours")), vault(&dir.path().join("other")));
        grow(&ours, 3);
        grow(&other, 3);
        let memory = Memory::default();
        memory.keeper(Duration::ZERO, 1).look(&other);
        let keeper = memory.keeper(Duration::ZERO, 1);
        keeper.look(&ours);
        keeper.last(&ours);
        assert!(keeper.state().contradicted);
        assert_eq!((memory.count(), keeper.state().kept), (1, 0));
        let keeper = memory.keeper(Duration::ZERO, 1);
        keeper.look(&other);
        assert!(!keeper.state().contradicted);
    }
}
