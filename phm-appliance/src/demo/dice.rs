//! Repeatable chance for invented people.
//!
//! The same seed gives the same household on every machine, so that tests, benches and screenshots agree. This is
//! SplitMix64 (Steele, Lea and Flood, 2014): good enough to invent blood pressures, never used for a secret. What
//! must be unguessable is taken from `phm_core::crypto::random`. All arithmetic is on whole numbers, because
//! floating point may differ between processors.

use phm_core::id::RecordId;

/// A run of repeatable numbers.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// The run number `run` of `seed`; runs of one seed do not resemble each other.
    pub(super) fn new(seed: u64, run: u64) -> Self {
        let mut dice = Self(seed ^ run.wrapping_mul(0xd134_2543_de82_ef95));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, but not including, `end`.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        u32::try_from(((self.next() >> 32) * u64::from(end)) >> 32).expect("it is below a 32-bit number")
    }

    /// A number near `middle`: bell-shaped, two thirds within half of `spread`, none beyond one and a half of it.
    pub(super) fn near(&mut self, middle: i64, spread: u32) -> i64 {
        let sum: i64 = (0..3).map(|_| i64::from(self.below(2 * spread + 1)) - i64::from(spread)).sum();
        middle + sum / 2
    }

    /// True `percent` times in a hundred.
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of `from`.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let end = u32::try_from(from.len()).expect("lists here are short");
        &from[self.below(end) as usize]
    }

    /// A repeatable id in the form of a version 4 UUID.
    pub(super) fn id(&mut self) -> RecordId {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next().to_be_bytes());
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        RecordId::from_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let (mut one, mut two, mut other) = (Dice::new(7, 1), Dice::new(7, 1), Dice::new(7, 2));
        let ones: Vec<_> = (0..8).map(|_| one.next()).collect();
        assert_eq!(ones, (0..8).map(|_| two.next()).collect::<Vec<_>>());
        assert_ne!(ones, (0..8).map(|_| other.next()).collect::<Vec<_>>());
    }

    #[test]
    fn numbers_stay_in_their_bounds_and_reach_them() {
        let mut dice = Dice::new(1, 1);
        let rolls: Vec<_> = (0..1000).map(|_| dice.below(6)).collect();
        assert_eq!((rolls.iter().min(), rolls.iter().max()), (Some(&0), Some(&5)));
        assert!((0..1000).all(|_| (85..=115).contains(&dice.near(100, 10))));
    }
}
