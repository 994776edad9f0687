//! Stored numbers in as few bytes as they need, and texts behind their length.
//!
//! A varint has seven bits a byte, the lowest first; the highest bit says that another byte follows. A signed number is
//! folded before: 0, -1, 1, -2 become 0, 1, 2, 3.

/// Adds a number.
pub(crate) fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

/// Adds a signed number.
pub(crate) fn put_signed(out: &mut Vec<u8>, number: i64) {
    put(out, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

/// Adds a text, with its length in bytes in front.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Stored bytes that are read from the front.
pub(crate) struct Bytes<'b>(pub &'b [u8]);

impl<'b> Bytes<'b> {
    /// The next byte.
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// The next `count` bytes.
    pub fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// The next number; `None` where it is cut, or longer than it need be.
    pub fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            if shift == 63 && bits > 1 || shift > 0 && byte == 0 {
                return None;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// The next number, where it counts something there can be at most `most` of.
    pub fn count(&mut self, most: usize) -> Option<usize> {
        self.number().and_then(|count| usize::try_from(count).ok()).filter(|count| *count <= most)
    }

    /// The next signed number.
    pub fn signed(&mut self) -> Option<i64> {
        let folded = self.number()?;
        Some((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed())
    }

    /// The next text, which has its length in front: `most` bytes at most.
    pub fn text(&mut self, most: usize) -> Option<&'b str> {
        let length = self.count(most)?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    /// Whether all has been read.
    pub fn at_end(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_numbers_take_one_byte_and_the_largest_ten() {
        let bytes = |number| {
            let mut out = Vec::new();
            put_signed(&mut out, number);
            out
        };
        assert_eq!(bytes(0), [0]);
        assert_eq!(bytes(-1), [1]);
        assert_eq!(bytes(63), [126]);
        assert_eq!(bytes(64), [0x80, 1]);
        assert_eq!(bytes(i64::MIN).len(), 10);
    }

    #[test]
    fn numbers_that_are_cut_or_longer_than_they_need_be_are_refused() {
        for bytes in
            [&[][..], &[0x80], &[0x80, 0], &[0xFF; 11], &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2]]
        {
            assert_eq!(Bytes(bytes).number(), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_text_is_read_as_far_as_there_are_bytes_and_no_longer_than_it_may_be() {
        let mut out = Vec::new();
        put_text(&mut out, "5 µg");
        assert_eq!(out, [5, b'5', b' ', 0xC2, 0xB5, b'g']);
        assert_eq!(Bytes(&out).text(usize::MAX), Some("5 µg"));
        assert_eq!(Bytes(&out).text(4), None);
        assert_eq!(Bytes(&out[..5]).text(usize::MAX), None);
        assert_eq!(Bytes(&[1, 0xC2]).text(usize::MAX), None, "half a letter");
    }

    proptest! {
        #[test]
        fn whatever_is_put_is_read_again(numbers in prop::collection::vec(any::<i64>(), 0..50)) {
            let mut out = Vec::new();
            for number in &numbers {
                put_signed(&mut out, *number);
                put(&mut out, number.cast_unsigned());
            }
            let mut bytes = Bytes(&out);
            for number in numbers {
                prop_assert_eq!(bytes.signed(), Some(number));
                prop_assert_eq!(bytes.number(), Some(number.cast_unsigned()));
            }
            prop_assert!(bytes.at_end());
        }
    }
}
