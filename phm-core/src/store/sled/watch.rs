//! A thread that looks now and then, until it has seen what it looks for.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::store::StoreError;

type Look = Box<dyn FnMut() -> bool + Send>;

/// Looks until it has seen enough, or is dropped.
pub(super) struct Watch {
    /// Nothing is sent: dropping it ends the watch.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<Look>>,
}

impl Watch {
    /// Calls `look` every so often until it answers `true`. What it holds is dropped with the watch, by the same thread.
    pub(super) fn start(every: Duration, look: impl FnMut() -> bool + Send + 'static) -> Result<Self, StoreError> {
        let (stop, stopped) = channel();
        let mut look: Look = Box::new(look);
        let thread = thread::Builder::new().name("watch of a store".into()).spawn(move || {
            while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                if look() {
                    break;
                }
            }
            look
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
        let (watch, seen) = counting(3);
        while !watch.thread.as_ref().is_some_and(JoinHandle::is_finished) {
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(seen.upgrade().expect("the watch holds it").load(Ordering::SeqCst), 3);
    }

    #[test]
    fn it_ends_when_it_is_dropped_and_lets_go_of_what_it_held() {
        let (watch, seen) = counting(u32::MAX);
        drop(watch);
        assert_eq!(seen.strong_count(), 0);
    }
}
