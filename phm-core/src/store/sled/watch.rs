//! A thread that looks now and then, until it has seen what it looks for.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::store::StoreError;

/// Looks until it has seen enough, or is dropped.
pub(super) struct Watch {
    /// Nothing is sent: dropping it ends the watch.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Calls `look` every so often until it answers `true`. What `look` holds is dropped before the watch is gone.
    pub(super) fn start(every: Duration, mut look: impl FnMut() -> bool + Send + 'static) -> Result<Self, StoreError> {
        let (stop, stopped) = channel();
        let thread = thread::Builder::new().name("watch of a store".into()).spawn(move || {
            while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                if look() {
                    return;
                }
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // Where it panicked there is nothing more to wait for.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::{Arc, Weak};

    use super::*;

    fn counting(until: u32) -> (Watch, Weak<AtomicU32>) {
        let count = Arc::new(AtomicU32::new(0));
        let seen = Arc::downgrade(&count);
        let look = move || count.fetch_add(1, Ordering::SeqCst) + 1 == until;
        (Watch::start(Duration::from_millis(1), look).expect("a thread"), seen)
    }

    #[test]
    fn it_ends_when_it_has_seen_enough() {
        let (_watch, seen) = counting(3);
        while seen.strong_count() > 0 {
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn it_ends_when_it_is_dropped_and_lets_go_of_what_it_held() {
        let (watch, seen) = counting(u32::MAX);
        drop(watch);
        assert_eq!(seen.strong_count(), 0);
    }
}
