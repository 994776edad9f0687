//! Turns at hashing passwords: a few at a time, and not any number of people waiting for theirs.
//!
//! Argon2id takes 19 MiB and a core for each password, on purpose. Without turns a few hundred attempts at the same
//! moment, each within the limits of its own address, would take all the memory of a small board.

use std::sync::{Condvar, Mutex, OnceLock, PoisonError};

use phm_core::{Error, ErrorKind};

/// Passwords hashed at the same time at most, however many cores there are: 76 MiB.
const AT_ONCE: usize = 4;

/// How many may wait for their turn.
const WAITING: usize = 64;

/// Who hashes and who waits.
#[derive(Default)]
struct Places {
    hashing: usize,
    waiting: usize,
}

/// A limited number of turns.
struct Turns {
    at_once: usize,
    waiting: usize,
    places: Mutex<Places>,
    freed: Condvar,
}

/// The right to hash a password; another may begin when it is dropped.
pub struct Turn(&'static Turns);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.places.lock().unwrap_or_else(PoisonError::into_inner).hashing -= 1;
        self.0.freed.notify_one();
    }
}

/// A turn at hashing, waited for on this thread. Who holds one asks for no second.
///
/// # Errors
/// `busy` where too many wait already.
pub fn turn() -> phm_core::Result<Turn> {
    static TURNS: OnceLock<Turns> = OnceLock::new();
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    TURNS.get_or_init(|| Turns::new(AT_ONCE.min(cores()), WAITING)).take()
}

impl Turns {
    fn new(at_once: usize, waiting: usize) -> Self {
        Self { at_once, waiting, places: Mutex::default(), freed: Condvar::new() }
    }

    fn take(&'static self) -> phm_core::Result<Turn> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.hashing >= self.at_once {
            if places.waiting >= self.waiting {
                let text = "many people are signing in at this moment; try again";
                return Err(Error::new(ErrorKind::Busy, "busy", text));
            }
            places.waiting += 1;
            while places.hashing >= self.at_once {
                places = self.freed.wait(places).unwrap_or_else(PoisonError::into_inner);
            }
            places.waiting -= 1;
        }
        places.hashing += 1;
        Ok(Turn(self))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn one_waits_for_a_turn_and_who_comes_when_too_many_wait_is_sent_away() {
        let turns: &'static Turns = Box::leak(Box::new(Turns::new(1, 1)));
        let first = turns.take().expect("nobody else");
        let second = std::thread::spawn(move || turns.take().map(drop));
        while turns.places.lock().expect("not poisoned").waiting == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(turns.take().map(drop).expect_err("one waits already").kind(), ErrorKind::Busy);
        drop(first);
        second.join().expect("no panic").expect("its turn");
        turns.take().map(drop).expect("free again");
    }
}
