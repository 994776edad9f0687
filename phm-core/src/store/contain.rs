//! Containing an engine that panics or does not come to an end.
//!
//! An engine that panics on a damaged file must neither take the process down nor print what it had in
//! hand. [`contained`] turns its panic into a value, and a panic hook (installed once, in front of the one
//! that was there) keeps silent about panics inside it and on the engine's own threads. Panics of everybody
//! else are reported as before.
//!
//! An engine that panics once more while it cleans up behind a panic would end the process: nothing catches that. What may
//! do so is done by [`contained_apart`], on a thread of its own; where it happens that thread stands still for ever, with
//! what it holds, and whoever waits is told. [`contained_for`] also leaves work alone that takes too long.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, Once, PoisonError, RwLock};
use std::time::Duration;
use std::{io, thread};

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    /// A panic inside is on its way to where it is caught.
    static UNWINDING: Cell<bool> = const { Cell::new(false) };
    /// Tells who waits for this thread that it stands still.
    static STANDSTILL: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
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
                if UNWINDING.replace(true) {
                    stand_still();
                }
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

/// What comes after a second panic is the end of the process; it does not come where somebody waits for this thread.
///
/// The thread keeps the lock of the panic hook, so that who sets another hook in this process would wait for ever. It has no
/// other place to stand: behind the hook it is too late.
fn stand_still() {
    let tell = STANDSTILL.with_borrow_mut(Option::take);
    if let Some(tell) = tell {
        tell();
        loop {
            thread::park();
        }
    }
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
    let outer = (INSIDE.replace(true), UNWINDING.replace(false));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    INSIDE.set(outer.0);
    UNWINDING.set(outer.1);
    result.map_err(|_| Panicked)
}

/// Runs `work` on a thread of its own and catches its panic, and one in the cleaning up behind it as well: what `work` took
/// with it is then never let go. Where no thread can be had it is done here, [`contained`].
pub(super) fn contained_apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Panicked> {
    let here = Arc::new(Mutex::new(Some(work)));
    let there = Arc::clone(&here);
    let take = |work: &Mutex<Option<_>>| work.lock().unwrap_or_else(PoisonError::into_inner).take();
    match apart(move || take(&there).map(|work| work()), || ()) {
        Ok(outcome) => outcome.recv().unwrap_or(Err(Panicked))?.ok_or(Panicked),
        Err(_) => take(&here).map_or(Err(Panicked), contained),
    }
}

/// Begins `work` on a thread of its own, and answers where its outcome will be told; where the thread stands still `stuck` is
/// called before.
fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    stuck: fn(),
) -> io::Result<Receiver<Result<T, Panicked>>> {
    let (done, outcome) = channel();
    thread::Builder::new().name("contained".into()).spawn(move || {
        let stands = done.clone();
        // Nobody listens any more where it took too long.
        STANDSTILL.set(Some(Box::new(move || {
            stuck();
            let _ = stands.send(Err(Panicked));
        })));
        let _ = done.send(contained(work));
    })?;
    Ok(outcome)
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

/// Runs `work` on a thread of its own and catches its panic; waits for it at most `patience`. Where it panics twice, so that
/// the thread stands still, the engine [gives up](give_up).
pub(super) fn contained_for(patience: Duration, work: impl FnOnce() + Send + 'static) -> Ended {
    // Where no thread can be had `work` is dropped with what it holds, which may panic as well.
    let outcome = match contained(|| apart(work, give_up)) {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => return Ended::Well,
        Err(Panicked) => return Ended::Panicking,
    };
    match outcome.recv_timeout(patience) {
        Ok(Ok(())) => Ended::Well,
        Err(RecvTimeoutError::Timeout) => Ended::Never,
        Ok(Err(Panicked)) | Err(RecvTimeoutError::Disconnected) => Ended::Panicking,
    }
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_panic_inside_becomes_a_value_and_the_next_call_works() {
        install(&[]);
        assert!(contained(|| panic!("said by an engine")).is_err());
        assert_eq!(contained(|| 7).expect("no panic"), 7);
    }

    /// What panics once more where the first panic drops it.
    struct PanicsAgain;

    impl Drop for PanicsAgain {
        fn drop(&mut self) {
            panic!("said by an engine that cleans up");
        }
    }

    /// In a process of its own: the threads that stand still keep the lock of the hook, which libtest waits for when it ends.
    #[test]
    fn a_panic_in_the_cleaning_up_behind_a_panic_does_not_end_the_process() {
        const CHILD: &str = "PHM_PANICS_TWICE";
        if env::var_os(CHILD).is_none() {
            let name = "store::contain::tests::a_panic_in_the_cleaning_up_behind_a_panic_does_not_end_the_process";
            let mut child = Command::new(env::current_exe().expect("this program"));
            let child = child.args([name, "--exact", "--nocapture"]).env(CHILD, "1").output().expect("it runs");
            assert_eq!(child.status.code(), Some(7), "{}", String::from_utf8_lossy(&child.stderr));
            return;
        }
        install(&[]);
        let twice = || {
            let _again = PanicsAgain;
            panic!("said by an engine");
        };
        assert!(contained_apart(twice).is_err());
        assert!(!background_died());
        assert_eq!(contained_for(Duration::from_mins(1), twice), Ended::Panicking);
        assert!(background_died());
        assert!(contained_apart(|| panic!("said by an engine")).is_err());
        assert_eq!(contained_apart(|| 7).expect("no panic"), 7);
        // One that was caught is no first one for the next.
        let one_after_the_other = || (contained(|| panic!("one")).is_err(), contained(|| panic!("other")).is_err());
        assert_eq!(contained_apart(one_after_the_other).expect("no panic"), (true, true));
        std::process::exit(7);
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
