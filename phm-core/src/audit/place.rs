//! Where a row stands among all logs of a vault.
//!
//! A restore begins a new log, so the entries about a person may lie in several. One number names the place of a row: the
//! log's own number in the high 16 bits, the leaf in the 48 below. A vault's first log has the number 0, so there a place
//! is the leaf; and a row that was written later, in whatever log, has the higher place.

const LEAF_BITS: u32 = 48;

/// The place of `leaf` in the log with this number.
pub fn of(number: u16, leaf: u64) -> u64 {
    u64::from(number) << LEAF_BITS | leaf
}

/// The number of the log, and the leaf in it.
pub fn split(place: u64) -> (u16, u64) {
    let number = u16::try_from(place >> LEAF_BITS).expect("sixteen bits are left");
    (number, place & ((1 << LEAF_BITS) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_leaves_in_the_first_log_and_grow_with_every_later_one() {
        assert_eq!(of(0, 17), 17);
        for (number, leaf) in [(0, 0), (0, (1 << 48) - 1), (1, 0), (u16::MAX, 5)] {
            assert_eq!(split(of(number, leaf)), (number, leaf));
        }
        assert!(of(0, (1 << 48) - 1) < of(1, 0));
    }
}
