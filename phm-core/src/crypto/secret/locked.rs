//! Where keys lie: in places of their own, on pages that stay out of the swap.
//!
//! A key is moved and cloned by its place, never by its bytes, so no growing table leaves a copy behind. When the last
//! owner is gone its place is overwritten with zeros and taken by the next key. Pages are never given back, because
//! the system locks whole pages and does not count how often. Where it refuses to lock one, the key lies there all
//! the same and [`swappable_pages`] tells.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering, compiler_fence};
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::{Zeroize as _, Zeroizing};

use crate::crypto::random;

const PAGE: usize = 4096;
const WORDS: usize = 4;
const KEYS: usize = PAGE / (8 * WORDS);

type Place = [AtomicU64; WORDS];

#[repr(align(4096))]
struct Page([Place; KEYS]);

static FREE: Mutex<Vec<&'static Place>> = Mutex::new(Vec::new());
static SWAPPABLE: AtomicUsize = AtomicUsize::new(0);

/// How many pages with keys the system refused to keep out of the swap.
pub fn swappable_pages() -> usize {
    SWAPPABLE.load(Ordering::Relaxed)
}

/// Thirty-two bytes in a place of their own.
#[derive(Clone)]
pub(in crate::crypto) struct Held(Arc<Taken>);

struct Taken(&'static Place);

impl Held {
    /// A new random key.
    pub fn random() -> Self {
        Self::new(Zeroizing::new(random()))
    }

    /// These bytes; what they came in is wiped.
    pub fn new(mut bytes: Zeroizing<[u8; 32]>) -> Self {
        let place = take();
        for (word, eight) in place.iter().zip(bytes.chunks_exact(8)) {
            word.store(u64::from_ne_bytes(eight.try_into().expect("eight bytes")), Ordering::Relaxed);
        }
        bytes.zeroize();
        Self(Arc::new(Taken(place)))
    }

    /// A copy of the bytes, for as long as a calculation needs them.
    pub fn bytes(&self) -> Zeroizing<[u8; 32]> {
        let mut bytes = Zeroizing::new([0; 32]);
        for (word, eight) in self.0.0.iter().zip(bytes.chunks_exact_mut(8)) {
            eight.copy_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes());
        }
        bytes
    }
}

impl From<Zeroizing<[u8; 32]>> for Held {
    fn from(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self::new(bytes)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        for word in self.0 {
            word.store(0, Ordering::Relaxed);
        }
        // Nobody may take the place before it is empty.
        compiler_fence(Ordering::SeqCst);
        FREE.lock().unwrap_or_else(PoisonError::into_inner).push(self.0);
    }
}

fn take() -> &'static Place {
    let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
    if free.is_empty() {
        let page: &'static Page = Box::leak(Box::new(Page([const { [const { AtomicU64::new(0) }; WORDS] }; KEYS])));
        match region::lock(std::ptr::from_ref(page), PAGE) {
            // To stay locked for as long as the process lives.
            Ok(guard) => std::mem::forget(guard),
            Err(_) => _ = SWAPPABLE.fetch_add(1, Ordering::Relaxed),
        }
        free.extend(page.0.iter());
    }
    free.pop().expect("a page has places")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(place: &Place) -> [u64; WORDS] {
        std::array::from_fn(|at| place[at].load(Ordering::SeqCst))
    }

    #[test]
    fn a_place_is_wiped_when_its_last_owner_is_gone() {
        // Another test may take the place before it is looked at; not every time.
        for _ in 0..1_000 {
            let held = Held::new(Zeroizing::new([7; 32]));
            let place = held.0.0;
            let other = held.clone();
            drop(held);
            assert_eq!((*other.bytes(), words(place)), ([7; 32], [0x0707_0707_0707_0707; WORDS]));
            drop(other);
            let free = FREE.lock().expect("free places");
            if free.iter().any(|other| std::ptr::eq(*other, place)) {
                assert_eq!(words(place), [0; WORDS]);
                return;
            }
        }
        panic!("the place was always taken");
    }

    #[test]
    fn many_keys_lie_apart_and_come_back_as_they_were() {
        let keys: Vec<[u8; 32]> = (0..1_000).map(|_| random()).collect();
        let held: Vec<Held> = keys.iter().map(|key| Held::new(Zeroizing::new(*key))).collect();
        assert!(keys.iter().zip(&held).all(|(key, held)| *held.bytes() == *key));
        assert_ne!(Held::random().bytes(), Held::random().bytes());
    }

    /// What the kernel says of the pages; where the limit for locked memory is too low it refuses, and that is counted.
    #[cfg(target_os = "linux")]
    #[test]
    fn pages_with_keys_are_locked_or_counted() {
        let _held = Held::random();
        let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
        let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:")).expect("a line");
        let locked: usize = locked.trim().trim_end_matches("kB").trim().parse().expect("a number");
        assert!(locked >= PAGE / 1024 || swappable_pages() > 0, "{locked} kB are locked");
    }
}
