//! The binary form of audit rows: numbers as LEB128, byte strings behind their length.
//!
//! Reading is strict: a number has one spelling, nothing may follow the last field, and a length is believed only
//! as far as there are bytes.

use crate::error::Error;

/// Stored bytes do not have the form they should have.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an audit row or hash does not have the form it should have; run `phm verify`")]
pub struct FormError;

impl From<FormError> for Error {
    fn from(error: FormError) -> Self {
        Self::corrupt(error.to_string())
    }
}

/// Writes fields one behind the other.
#[derive(Default)]
pub(super) struct Writer(pub Vec<u8>);

impl Writer {
    pub fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(u8::try_from(number & 0x7F).expect("seven bits") | 0x80);
            number >>= 7;
        }
        self.0.push(u8::try_from(number).expect("seven bits"));
    }

    pub fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    /// Bytes of a length that the form fixes.
    pub fn fixed(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.fixed(bytes);
    }
}

/// Reads fields one behind the other.
pub(super) struct Reader<'b>(pub &'b [u8]);

impl<'b> Reader<'b> {
    pub fn byte(&mut self) -> Result<u8, FormError> {
        Ok(self.fixed::<1>()?[0])
    }

    pub fn number(&mut self) -> Result<u64, FormError> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            if bits << shift >> shift != bits || (byte == 0 && shift > 0) {
                return Err(FormError);
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(FormError)
    }

    /// How many items follow, each of at least `least` bytes.
    pub fn count(&mut self, least: usize) -> Result<usize, FormError> {
        let count = usize::try_from(self.number()?).map_err(|_| FormError)?;
        if count.checked_mul(least).is_some_and(|bytes| bytes <= self.0.len()) { Ok(count) } else { Err(FormError) }
    }

    pub fn fixed<const N: usize>(&mut self) -> Result<[u8; N], FormError> {
        let (bytes, rest) = self.0.split_first_chunk::<N>().ok_or(FormError)?;
        self.0 = rest;
        Ok(*bytes)
    }

    pub fn bytes(&mut self) -> Result<&'b [u8], FormError> {
        let count = self.count(1)?;
        let (bytes, rest) = self.0.split_at(count);
        self.0 = rest;
        Ok(bytes)
    }

    pub fn text(&mut self) -> Result<String, FormError> {
        String::from_utf8(self.bytes()?.to_vec()).map_err(|_| FormError)
    }

    /// Nothing may follow.
    pub fn end(self) -> Result<(), FormError> {
        if self.0.is_empty() { Ok(()) } else { Err(FormError) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_reads_back(number: u64) {
            let mut out = Writer::default();
            out.number(number);
            let mut reader = Reader(&out.0);
            prop_assert_eq!(reader.number(), Ok(number));
            prop_assert_eq!(reader.end(), Ok(()));
        }
    }

    #[test]
    fn a_number_has_one_spelling() {
        for bytes in
            [&[0x80, 0x00][..], &[0x80], &[], &[0xFF; 9], &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2]]
        {
            assert!(Reader(bytes).number().is_err(), "{bytes:?}");
        }
        assert_eq!(Reader(&[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]).number(), Ok(u64::MAX));
    }

    #[test]
    fn a_length_is_believed_only_as_far_as_there_are_bytes() {
        assert!(Reader(&[3, 1, 2]).bytes().is_err());
        assert!(Reader(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]).count(32).is_err());
        assert_eq!(Reader(&[2, 1, 2]).bytes(), Ok(&[1, 2][..]));
        assert!(Reader(&[2, 0xFF, 0xFF]).text().is_err());
    }
}
