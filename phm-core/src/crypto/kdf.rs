//! Deriving keys: HKDF-SHA-256 from keys, Argon2id from what people remember.
//!
//! At most two Argon2id runs work at a time, so that a burst of sign-ins cannot exhaust a small board's memory;
//! the others wait. Parameters read from a file are bounded before memory is taken.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::error::Unspecified;
use ring::hkdf;
use zeroize::{Zeroize as _, Zeroizing};

use super::{CryptoError, digest, random};

/// `N` bytes from HKDF-SHA-256 (RFC 5869); `info` is the parts one behind the other.
pub(super) fn hkdf<const N: usize>(key: &[u8], salt: &[u8], info: &[&[u8]]) -> Zeroizing<[u8; N]> {
    let mut out = Zeroizing::new([0; N]);
    fill_hkdf(key, salt, info, &mut *out).expect("HKDF-SHA-256 gives up to 8,160 bytes");
    out
}

/// Fills `out` from HKDF-SHA-256; refused above 8,160 bytes.
pub(super) fn fill_hkdf(key: &[u8], salt: &[u8], info: &[&[u8]], out: &mut [u8]) -> Result<(), Unspecified> {
    struct Length(usize);
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let length = Length(out.len());
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(key).expand(info, length).and_then(|okm| okm.fill(out))
}

/// How much work one guess at a passphrase costs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
}

impl Cost {
    /// The least that is ever used: 19 MiB, 2 passes (OWASP Password Storage Cheat Sheet, 2023).
    pub const FLOOR: Self = Self { memory_kib: 19 * 1024, passes: 2 };

    /// [`Cost::tuned`], found out when a new passphrase needs it: trying takes time and 19 MiB of memory, and most who
    /// open a vault make no new way to unlock it.
    pub const WHEN_NEEDED: Self = Self { memory_kib: 0, passes: 0 };

    /// The most memory a new slot uses, so that every small board can open it.
    const MOST_KIB: u32 = 64 * 1024;

    /// A cost of `memory_kib` KiB and `passes` passes; refused below [`Cost::FLOOR`] and above 64 MiB.
    pub fn new(memory_kib: u32, passes: u32) -> Result<Self, CryptoError> {
        let cost = Self { memory_kib, passes };
        if !(Self::FLOOR.memory_kib..=Self::MOST_KIB).contains(&memory_kib) || passes < Self::FLOOR.passes {
            return Err(CryptoError::Refused("a password hash takes 19 to 64 MiB and at least 2 passes"));
        }
        cost.bounded()
    }

    /// The cost that takes about half a second here: as much memory as two passes allow, then more passes.
    pub fn tuned() -> Self {
        Self::tuned_for(timed(Self { passes: 1, ..Self::FLOOR }))
    }

    /// The same cost, found out now where that was put off.
    pub(super) fn settled(self) -> Self {
        if self == Self::WHEN_NEEDED { Self::tuned() } else { self }
    }

    /// The cost that takes about half a second where one pass over 19 MiB takes `trial`.
    fn tuned_for(trial: Duration) -> Self {
        const TARGET: f64 = 0.5;
        let per_kib = trial.as_secs_f64().max(1e-4) / f64::from(Self::FLOOR.memory_kib);
        for memory_kib in [Self::MOST_KIB, 46 * 1024, 32 * 1024] {
            let passes = TARGET / (per_kib * f64::from(memory_kib));
            if passes >= 2.0 {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 2 and 64
                return Self { memory_kib, passes: passes.min(64.0) as u32 };
            }
        }
        Self::FLOOR
    }

    /// Memory in KiB; 0 as long as it is not found out.
    pub fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over that memory; 0 as long as it is not found out.
    pub fn passes(self) -> u32 {
        self.passes
    }

    /// A cost read from a file, unless it would exhaust the machine: at most 1 GiB, at most 64 GiB in all passes.
    pub(super) fn read(memory_kib: u32, passes: u32) -> Result<Self, CryptoError> {
        Self { memory_kib, passes }.bounded()
    }

    fn bounded(self) -> Result<Self, CryptoError> {
        let work = u64::from(self.memory_kib) * u64::from(self.passes);
        if (8..=1 << 20).contains(&self.memory_kib) && (1..=1 << 26).contains(&work) {
            Ok(self)
        } else {
            Err(CryptoError::Refused("a password hash may take at most 1 GiB of memory"))
        }
    }
}

/// A turn in the queue of two.
struct Turn;

static RUNNING: Mutex<u8> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

impl Turn {
    fn wait() -> Self {
        let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut running = FREED.wait_while(running, |running| *running >= 2).unwrap_or_else(PoisonError::into_inner);
        *running += 1;
        Self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        FREED.notify_one();
    }
}

/// Argon2id, version 19, one lane (RFC 9106); the memory is wiped afterwards.
pub(super) fn argon2id(secret: &[u8], salt: &[u8], cost: Cost) -> Zeroizing<[u8; 32]> {
    let _turn = Turn::wait();
    run(secret, salt, cost)
}

/// How long one run takes. Waiting for others is no part of it: whoever keeps the house busy with sign-ins would
/// otherwise make what is found out meanwhile cheap.
fn timed(cost: Cost) -> Duration {
    timed_by(Turn::wait, Instant::now, || {
        run(b"trial", &[0; 16], cost);
    })
}

/// How long `work` takes by the clock `now` once `wait` has given it its turn, which is held meanwhile.
fn timed_by<T>(wait: impl FnOnce() -> T, now: impl Fn() -> Instant, work: impl FnOnce()) -> Duration {
    let _turn = wait();
    let start = now();
    work();
    now().duration_since(start)
}

fn run(secret: &[u8], salt: &[u8], cost: Cost) -> Zeroizing<[u8; 32]> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).expect("costs are within Argon2's bounds");
    run_with(&Argon2::new(Algorithm::Argon2id, Version::V0x13, params), secret, salt)
}

fn run_with(argon2: &Argon2<'_>, secret: &[u8], salt: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut memory = vec![Block::default(); argon2.params().block_count()];
    let mut out = Zeroizing::new([0; 32]);
    argon2
        .hash_password_into_with_memory(secret, salt, &mut *out, &mut memory)
        .expect("salts are 16 to 32 bytes and secrets far below 4 GiB");
    memory.zeroize();
    out
}

/// What stands in an account instead of its password: a PHC string with Argon2id, a fresh salt and `cost`.
pub fn hash_password(password: &str, cost: Cost) -> String {
    let (salt, cost) = (random::<16>(), cost.settled());
    let hash = argon2id(password.as_bytes(), &salt, cost);
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(*hash));
    format!("$argon2id$v=19$m={},t={},p=1${salt}${hash}", cost.memory_kib, cost.passes)
}

/// What [`hash_password`] would make of `password` with the salt and cost of `stored`, so that one run compares it with
/// several that share them. A string of another form gives nothing.
pub fn hash_like(password: &str, stored: &str) -> Option<String> {
    let (cost, salt, _) = parse_phc(stored)?;
    let hash = STANDARD_NO_PAD.encode(*argon2id(password.as_bytes(), &salt, cost));
    Some(format!("{}${hash}", stored.rsplit_once('$')?.0))
}

/// Whether `password` is the one `stored` was made from. A string of another form matches nothing.
pub fn verify_password(password: &str, stored: &str) -> bool {
    let Some((cost, salt, expected)) = parse_phc(stored) else { return false };
    digest::same(&*argon2id(password.as_bytes(), &salt, cost), &expected)
}

/// Whether `stored` costs less than `cost`, so that it is worth hashing the password anew at the next sign-in.
pub fn is_cheaper(stored: &str, cost: Cost) -> bool {
    parse_phc(stored).is_none_or(|(used, ..)| used.memory_kib < cost.memory_kib || used.passes < cost.passes)
}

fn parse_phc(stored: &str) -> Option<(Cost, Vec<u8>, Vec<u8>)> {
    let mut fields = stored.strip_prefix("$argon2id$v=19$m=")?.split('$');
    let (costs, salt, hash) = (fields.next()?, fields.next()?, fields.next()?);
    let (memory_kib, passes) = costs.strip_suffix(",p=1")?.split_once(",t=")?;
    let cost = Cost::read(memory_kib.parse().ok()?, passes.parse().ok()?).ok()?;
    let (salt, hash) = (STANDARD_NO_PAD.decode(salt).ok()?, STANDARD_NO_PAD.decode(hash).ok()?);
    (fields.next().is_none() && (8..=64).contains(&salt.len()) && hash.len() == 32).then_some((cost, salt, hash))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::crypto::bytes::{hex, unhex};

    const QUICK: Cost = Cost { memory_kib: 64, passes: 1 };

    #[test]
    fn hkdf_matches_rfc_5869_appendix_a() {
        let case_1 = hkdf::<42>(
            &[0x0b; 22],
            &unhex("000102030405060708090a0b0c"),
            &[&unhex("f0f1f2f3f4"), &unhex("f5f6f7f8f9")],
        );
        assert_eq!(
            hex(&*case_1),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        );
        let range = |from: u8, to: u8| (from..=to).collect::<Vec<_>>();
        let case_2 = hkdf::<82>(&range(0x00, 0x4f), &range(0x60, 0xaf), &[&range(0xb0, 0xff)]);
        assert_eq!(
            hex(&*case_2),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
        );
        let case_3 = hkdf::<42>(&[0x0b; 22], &[], &[]);
        assert_eq!(
            hex(&*case_3),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        );
    }

    #[test]
    fn a_hash_like_another_is_the_same_for_the_same_password_alone() {
        let first = hash_password("one", QUICK);
        assert_eq!(hash_like("one", &first).as_ref(), Some(&first));
        let second = hash_like("two", &first).expect("a hash");
        assert!(second != first && verify_password("two", &second) && !verify_password("one", &second));
        assert_eq!(hash_like("one", "not a hash"), None);
    }

    #[test]
    fn argon2id_matches_rfc_9106_section_5_3() {
        // The vector has a secret, associated data and four lanes, which ours never have; what runs is the same.
        let params = argon2::ParamsBuilder::new()
            .m_cost(32)
            .t_cost(3)
            .p_cost(4)
            .data(argon2::AssociatedData::new(&[4; 12]).expect("short"))
            .build()
            .expect("params");
        let argon2 = Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).expect("argon2");
        assert_eq!(
            hex(&*run_with(&argon2, &[1; 32], &[2; 16])),
            "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
        );
    }

    #[test]
    fn our_argon2id_matches_the_reference_program() {
        // Argon2 reference implementation, test.c: version 0x13, Argon2id, t=2, m=2^16, p=1.
        let cost = Cost { memory_kib: 1 << 16, passes: 2 };
        assert_eq!(
            hex(&*argon2id(b"password", b"somesalt", cost)),
            "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"
        );
    }

    #[test]
    fn a_password_opens_its_own_hash_and_no_other() {
        let stored = hash_password("correct horse", QUICK);
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "the PHC string form");
        assert!(verify_password("correct horse", &stored));
        assert!(!verify_password("correct horsf", &stored));
        assert!(!verify_password("", &stored));
        assert_ne!(stored, hash_password("correct horse", QUICK), "the salt is fresh");
        assert!(is_cheaper(&stored, Cost::FLOOR) && !is_cheaper(&stored, QUICK));
    }

    #[test]
    fn a_stored_hash_of_another_form_matches_nothing() {
        let stored = hash_password("a", QUICK);
        let bad = [
            String::new(),
            "a".to_owned(),
            stored.replace("argon2id", "argon2i"),
            stored.replace("m=64", "m=4294967295"),
            stored.replace("m=64", "m=2097152"),
            stored.replace("t=1", "t=0"),
            stored.replace("t=1", "t=4294967295"),
            stored.replace("p=1", "p=2"),
            format!("{stored}$x"),
        ];
        for bad in bad {
            assert!(!verify_password("a", &bad));
        }
    }

    #[test]
    fn costs_stay_within_their_bounds() {
        assert!(Cost::new(19 * 1024, 2).is_ok());
        for (memory_kib, passes) in [(19 * 1024 - 1, 2), (19 * 1024, 1), (64 * 1024 + 1, 2), (64 * 1024, u32::MAX)] {
            assert!(Cost::new(memory_kib, passes).is_err());
        }
        assert!(Cost::read((1 << 20) + 1, 1).is_err(), "more than 1 GiB");
        assert!(Cost::read(1 << 20, 65).is_err(), "more than 64 GiB in all");
    }

    #[test]
    fn what_was_put_off_is_never_below_the_floor() {
        let settled = Cost::WHEN_NEEDED.settled();
        assert!(settled.memory_kib >= Cost::FLOOR.memory_kib && settled.passes >= Cost::FLOOR.passes);
        assert_eq!(QUICK.settled(), QUICK);
        assert!(Cost::new(0, 0).is_err() && Cost::read(0, 0).is_err(), "no file may put it off");
    }

    #[test]
    fn tuning_aims_at_half_a_second_and_never_goes_below_the_floor() {
        // Seconds for one pass over 19 MiB, from a fast server to a board that is too slow.
        assert_eq!(Cost::tuned_for(Duration::from_millis(15)), Cost { memory_kib: 64 * 1024, passes: 9 });
        assert_eq!(Cost::tuned_for(Duration::from_millis(60)), Cost { memory_kib: 64 * 1024, passes: 2 });
        assert_eq!(Cost::tuned_for(Duration::from_millis(80)), Cost { memory_kib: 46 * 1024, passes: 2 });
        assert_eq!(Cost::tuned_for(Duration::from_millis(130)), Cost { memory_kib: 32 * 1024, passes: 2 });
        assert_eq!(Cost::tuned_for(Duration::from_secs(3)), Cost::FLOOR);
        assert!(Cost::tuned_for(Duration::ZERO).passes <= 64);
    }

    #[test]
    fn waiting_for_others_makes_no_passphrase_cheaper() {
        // A clock that moves only where somebody says so: an hour of waiting, three seconds of work.
        let clock = Cell::new(Instant::now());
        let pass = |time: Duration| clock.set(clock.get() + time);
        let took = timed_by(|| pass(Duration::from_hours(1)), || clock.get(), || pass(Duration::from_secs(3)));
        assert_eq!(took, Duration::from_secs(3));
    }

    #[test]
    fn no_more_than_two_hashes_run_at_a_time() {
        let most = std::sync::atomic::AtomicU8::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let _turn = Turn::wait();
                    most.fetch_max(*RUNNING.lock().expect("lock"), std::sync::atomic::Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(5));
                });
            }
        });
        assert!(most.into_inner() <= 2);
    }
}
