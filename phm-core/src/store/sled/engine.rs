//! sled's database itself: how it is opened, watched and closed, and what its errors mean.

use std::io::ErrorKind;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::HEARTBEAT;
use super::watch::Watch;
use crate::store::StoreError;
use crate::store::contain::{self, Ended, contained, contained_for};
use crate::store::files::{Doubt, LOCK_PATIENCE};

/// How long closing waits for the engine's threads.
const CLOSING_PATIENCE: Duration = Duration::from_secs(20);

/// Opens it, and waits a moment for whoever still has it open.
pub(super) fn open(config: &sled::Config) -> sled::Result<sled::Db> {
    let give_up_at = Instant::now() + LOCK_PATIENCE;
    loop {
        match contained(|| config.open()) {
            Ok(Err(sled::Error::Io(error))) if error.to_string().starts_with("could not acquire lock") => {
                if Instant::now() >= give_up_at {
                    return Err(sled::Error::Io(ErrorKind::ResourceBusy.into()));
                }
                thread::sleep(Duration::from_millis(5));
            }
            Ok(result) => return result,
            Err(contain::Panicked) => return Err(sled::Error::ReportableBug(String::new())),
        }
    }
}

/// Wakes whoever waits for a write that failed. It does not keep the engine's threads at work.
pub(super) fn watch(db: &sled::Db, config: sled::Config, doubt: &Arc<Doubt>) -> Result<Watch, StoreError> {
    let (pages, doubt) = (db.context.pagecache.clone(), Arc::clone(doubt));
    Watch::start(HEARTBEAT, move || {
        let failed = config.global_error().is_err();
        if failed {
            doubt.raise();
            // Answers with that error at once, and tells who waits. Unlike a flush it needs no lock of theirs.
            let _ = contained(|| pages.log.make_stable(i64::MAX));
        }
        failed
    })
}

/// Closes the engine, which flushes then and panics or waits for ever where the disk fails in that moment. Everything
/// acknowledged is durable before; if what moved it since may not be, the next opening writes all once more.
pub(super) fn close(db: sled::Db, watch: Watch, doubt: &Doubt) {
    let closing = move || {
        drop(db);
        drop(watch);
    };
    match contained_for(CLOSING_PATIENCE, closing) {
        Ended::Well => {}
        Ended::Panicking => doubt.raise(),
        Ended::Never => {
            doubt.raise();
            contain::give_up();
        }
    }
}

pub(super) fn panicked() -> StoreError {
    StoreError::Corrupt("the engine stopped while reading or writing them".into())
}

/// Translates the engine's error; its texts are dropped because they may show stored bytes.
pub(super) fn store_error(error: sled::Error) -> StoreError {
    match error {
        sled::Error::Io(error) if matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof) => {
            StoreError::Corrupt("a file is shorter than the log says".into())
        }
        sled::Error::Io(error) => StoreError::Io(error),
        sled::Error::Corruption { .. } => StoreError::Corrupt("a checksum does not match".into()),
        sled::Error::Unsupported(_) => StoreError::Corrupt("the file `conf` names another format".into()),
        sled::Error::CollectionNotFound(_) => StoreError::Corrupt("the tree of rows is missing".into()),
        sled::Error::ReportableBug(_) => panicked(),
    }
}
