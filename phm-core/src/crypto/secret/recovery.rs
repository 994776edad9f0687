//! The recovery code: the way back in when everything else is lost.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::Secret;
use crate::crypto::digest::sha256;
use crate::crypto::{CryptoError, random};

/// A code on paper that opens the vault when everything else is lost: 128 random bits and a checksum of 32, as eight
/// groups of four letters and digits (Crockford's base 32, which has no I, L, O and U).
///
/// [`fmt::Display`] prints it, because it must be shown once; [`fmt::Debug`] does not.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct RecoveryCode([u8; 16]);

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl RecoveryCode {
    /// A new random code.
    pub fn generate() -> Self {
        Self(random())
    }

    /// The secret that this code is.
    pub fn secret(&self) -> Secret {
        Secret::of_recovery_code(&self.0)
    }

    fn checksum(code: &[u8]) -> [u8; 4] {
        let [a, b, c, d, ..] = sha256(&[b"phm recovery code", code]);
        [a, b, c, d]
    }

    pub(super) fn parse(text: &str) -> Result<Self, CryptoError> {
        const FORM: &str = "a recovery code has 32 letters and digits in eight groups of four";
        let mut bits = Zeroizing::new(Vec::with_capacity(20));
        let (mut held, mut count, mut letters) = (0_u32, 0_u32, 0);
        for letter in text.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | '–' | '—')) {
            let plain = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = ALPHABET.iter().position(|known| char::from(*known) == plain);
            let value = value.and_then(|value| u32::try_from(value).ok()).ok_or(CryptoError::NotASecret(FORM))?;
            letters += 1;
            held = held << 5 | value;
            count += 5;
            if count >= 8 {
                count -= 8;
                bits.push((held >> count & 0xFF) as u8);
            }
        }
        match bits.split_first_chunk::<16>() {
            Some((code, checksum)) if letters == 32 => {
                if Self::checksum(code) == checksum {
                    Ok(Self(*code))
                } else {
                    Err(CryptoError::NotASecret("the recovery code has a typing mistake; compare it with the paper"))
                }
            }
            _ => Err(CryptoError::NotASecret(FORM)),
        }
    }
}

impl fmt::Display for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        let mut bits = Zeroizing::new([0_u8; 20]);
        bits[..16].copy_from_slice(&self.0);
        bits[16..].copy_from_slice(&Self::checksum(&self.0));
        for (number, five) in bits.chunks_exact(5).enumerate() {
            // Forty bits are two groups of four letters.
            let forty = five.iter().fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
            for letter in 0..8 {
                if letter % 4 == 0 && (number, letter) != (0, 0) {
                    f.write_char('-')?;
                }
                let index = (forty >> (35 - 5 * letter)) & 31;
                f.write_char(char::from(ALPHABET[usize::try_from(index).expect("five bits")]))?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_has_the_form_that_stands_on_paper() {
        let code = RecoveryCode(*b"0123456789abcdef");
        assert_eq!(code.to_string(), "60RK-4CSM-6MV3-EE1S-C5H6-6S35-CRWT-DMN4");
        assert_eq!(RecoveryCode([0xFF; 16]).to_string().split('-').map(str::len).collect::<Vec<_>>(), [4; 8]);
    }

    #[test]
    fn a_recovery_code_forgives_how_it_is_typed() {
        for _ in 0..50 {
            let code = RecoveryCode::generate();
            let text = code.to_string();
            let typed =
                [text.clone(), text.to_lowercase(), text.replace('-', ""), format!(" {} ", text.replace('-', "  "))];
            for typed in typed.iter().chain(&[text.replace('0', "o").replace('1', "l")]) {
                assert_eq!(Secret::recovery_code(typed).expect("forgiving").material(), code.0);
            }
        }
    }

    #[test]
    fn a_mistyped_recovery_code_is_refused() {
        let text = RecoveryCode::generate().to_string();
        for (place, letter) in text.char_indices().filter(|(_, letter)| *letter != '-') {
            let other = if letter == 'A' { "B" } else { "A" };
            let mut typed = text.clone();
            typed.replace_range(place..=place, other);
            assert!(matches!(Secret::recovery_code(&typed), Err(CryptoError::NotASecret(_))), "letter {place}");
        }
        for typed in ["", "AAAA", &text[1..], &format!("{text}A"), &text.replace('-', "U")] {
            assert!(matches!(Secret::recovery_code(typed), Err(CryptoError::NotASecret(_))));
        }
    }
}
