//! Containing an engine that panics or does not come to an end.
//!
//! An engine that panics on a damaged file must neither take the process down nor print what it had in
//! hand. [`contained`] turns its panic into a value, and a panic hook (installed once, in front of the one
//! that was there) keeps silent about panics inside it and on the engine's own threads. Panics of everybody
//! else are reported as before. [`contained_for`] leaves work alone that takes too long.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Once, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// How the names of the engines' threads begin.
static THREADS: RwLock<Vec<&'static str>> = RwLock::new(Vec::new());

static BACKGROUND_DIED: AtomicBool = AtomicBool::new(false);

/// The engine panicked. What it said is not kept: it may show stored bytes.
#[derive(Debug)]
pub(super) struct Panicked;

/// Silences panics inside [`contained`] and on threads whose names begin with one of `threads`.
pub(super) fn install(threads: &[&'static str]) {
    let known = |known: &[&str]| threads.iter().all(|name| known.contains(name));
    if !known(&THREADS.read().unwrap_or_else(PoisonError::into_inner)) {
        THREADS.write().unwrap_or_else(PoisonError::into_inner).extend(threads);
    }
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if INSIDE.get() {
                return;
            }
            let current = thread::current();
            if current.name().is_some_and(is_of_an_engine) {
                BACKGROUND_DIED.store(true, Ordering::SeqCst);
                return;
            }
            previous(info);
        }));
    });
}

fn is_of_an_engine(thread: &str) -> bool {
    THREADS.read().unwrap_or_else(PoisonError::into_inner).iter().any(|prefix| thread.starts_with(prefix))
}

/// Whether a thread of the engine has panicked in this process, or does not come to an end; waiting for its work would
/// last for ever.
pub(super) fn background_died() -> bool {
    BACKGROUND_DIED.load(Ordering::SeqCst)
}

/// Runs `work` and catches its panic.
///
/// The caller must not use what a panicking `work` may have left half changed.
pub(super) fn contained<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    let outer = INSIDE.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    INSIDE.set(outer);
    result.map_err(|_| Panicked)
}

/// From now on [`background_died`]: a thread of the engine was left alone, and what it holds may never be free again.
pub(super) fn give_up() {
    BACKGROUND_DIED.store(true, Ordering::SeqCst);
}

/// How work ended that was given a time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ended {
    /// It came to its end.
    Well,
    /// It panicked.
    Panicking,
    /// It had not ended when its time was over, and was left alone.
    Never,
}

/// Runs `work` on a thread of its own and catches its panic; waits for it at most `patience`.
pub(super) fn contained_for(patience: Duration, work: impl FnOnce() + Send + 'static) -> Ended {
    let (done, waits) = channel();
    let started = contained(|| {
        thread::Builder::new().name("contained".into()).spawn(move || {
            // Nobody listens any more where it took too long.
            let _ = done.send(contained(work));
        })
    });
    // Where no thread can be had `work` was dropped with what it holds, which may panic as well.
    if !matches!(started, Ok(Ok(_))) {
        return if started.is_ok() { Ended::Well } else { Ended::Panicking };
    }
    match waits.recv_timeout(patience) {
        Ok(Ok(())) => Ended::Well,
        Err(RecvTimeoutError::Timeout) => Ended::Never,
        Ok(Err(Panicked)) | Err(RecvTimeoutError::Disconnected) => Ended::Panicking,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_inside_becomes_a_value_and_the_next_call_works() {
        install(&[]);
        assert!(contained(|| panic!("said by an engine")).is_err());
        assert_eq!(contained(|| 7).expect("no panic"), 7);
    }

    #[test]
    fn work_with_a_time_is_waited_for_and_its_panic_caught() {
        install(&[]);
        let (tell, told) = channel();
        let well = contained_for(Duration::from_mins(1), move || tell.send(7).expect("somebody listens"));
        assert_eq!(well, Ended::Well);
        assert_eq!(told.try_recv(), Ok(7));
        assert_eq!(contained_for(Duration::from_mins(1), || panic!("said by an engine")), Ended::Panicking);
        let (end, ends) = channel::<()>();
        let waiting = move || assert!(ends.recv().is_err(), "nothing is sent");
        assert_eq!(contained_for(Duration::from_millis(10), waiting), Ended::Never);
        drop(end);
    }
}
