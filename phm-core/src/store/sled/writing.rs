//! How what sled has in memory gets to the disk, and stays there.

use std::collections::HashSet;
use std::ffi::OsString;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use super::engine::panicked;
use super::{HEARTBEAT, SEGMENT_SIZE, SledStore};
use crate::store::contain;
use crate::store::files::sync_new_blobs;
use crate::store::{Batch, StoreError};

impl SledStore {
    /// How much of the log was handed to the disk.
    pub(super) fn written(&self) -> i64 {
        let db = self.db.as_ref().expect("the engine is taken out only by drop");
        db.context.pagecache.log.stable_offset()
    }

    /// Makes durable what was handed to the disk since the last sync; mostly that is nothing.
    pub(super) fn keep_up(&self, synced: &mut i64) -> Result<(), StoreError> {
        if self.written() <= *synced { Ok(()) } else { self.sync(synced, || Ok(())) }
    }

    /// Makes durable what was handed to the disk, and does something else before.
    fn sync(&self, synced: &mut i64, before: impl FnOnce() -> Result<(), StoreError>) -> Result<(), StoreError> {
        let written = self.written();
        let done = before().and_then(|()| {
            if written > *synced {
                self.file.sync_data()?;
                *synced = written;
            }
            Ok(())
        });
        if let Err(error) = &done {
            self.poison(error);
        }
        done
    }

    /// Waits for the engine's flush, but not for ever: a thread of it may have died.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        struct Unpark(Thread);
        impl Wake for Unpark {
            fn wake(self: Arc<Self>) {
                self.0.unpark();
            }
        }
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        let db = self.db.as_ref().expect("the engine is taken out only by drop");
        let mut flushing = pin!(db.flush_async());
        loop {
            let polled = self.call(|_| match flushing.as_mut().poll(&mut context) {
                Poll::Ready(result) => result.map(|_| true),
                Poll::Pending => Ok(false),
            })?;
            if polled {
                return Ok(());
            }
            if contain::background_died() {
                return Err(panicked());
            }
            thread::park_timeout(HEARTBEAT);
        }
    }

    /// Writes the rows one by one and in order, empty ones first.
    ///
    /// sled splits a leaf of 17 rows and then writes both halves anew, and with every tenth change all of it: most leaves
    /// that have their shape before the values come are written once with them. In a batch it would take the rows in an
    /// order of its own, so that leaves have more rows than ten changes.
    pub(super) fn lay_out(&self, rows: Vec<(Vec<u8>, Vec<u8>)>) -> Result<(), StoreError> {
        for (address, _) in &rows {
            self.call(|db| db.insert(address, &[]))?;
        }
        for (address, value) in rows {
            self.call(|db| db.insert(address, value))?;
        }
        // Not for the disk's sake: what the engine has still to write is in memory.
        self.flush()
    }

    /// Makes durable what reading has left in memory. Where a thread of the engine has panicked it may wait without an end, as
    /// the batch behind it may.
    pub(super) fn settle(&self, synced: &mut i64) -> Result<(), StoreError> {
        self.call(|db| db.context.pagecache.log.flush())?;
        self.keep_up(synced)?;
        let next = self.written() + 1;
        if next % i64::from(SEGMENT_SIZE) == 0 {
            // A segment that has nothing but its header yet, which calls stable what was written before: that is durable by
            // now. It does not count as waiting, but goes before a batch.
            self.call(|db| db.context.pagecache.log.make_stable(next))?;
        }
        self.keep_up(synced)
    }

    /// Applies the changes and makes them durable; any failure leaves the disk in doubt.
    pub(super) fn apply(
        &self,
        batch: Batch,
        synced: &mut i64,
        blobs: &mut HashSet<OsString>,
    ) -> Result<(), StoreError> {
        let _pinned = sled::pin();
        self.settle(synced)?;
        let mut changes = sled::Batch::default();
        for (address, value) in batch.put {
            changes.insert(address, value);
        }
        for address in batch.delete {
            changes.remove(address);
        }
        self.call(|db| db.apply_batch(changes))?;
        self.flush()?;
        self.sync(synced, || {
            *blobs = sync_new_blobs(&self.dir, blobs)?;
            Ok(())
        })
    }
}
