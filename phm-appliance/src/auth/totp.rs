//! One-time codes of an authenticator app (RFC 6238 over RFC 4226).
//!
//! HMAC-SHA-1, six digits, steps of 30 seconds: what every app speaks. A code of the step before or after is taken too,
//! for clocks that differ, but never one of a step that was used or passed over: [`check`] answers with the step, and
//! whoever keeps the secret keeps that beside it.

use totp_rs::{Algorithm, Builder, Secret, Totp};

/// Bytes of a secret, as RFC 4226 section 4 recommends.
pub const SECRET: usize = 20;

/// Seconds of a step.
const STEP: i64 = 30;

/// Digits of a code.
const DIGITS: u8 = 6;

/// Steps a clock may be ahead or behind.
const SKEW: i64 = 1;

/// The code of a secret at a counter (HOTP).
pub fn code(secret: &[u8], counter: u64, digits: u8) -> String {
    generator(secret, digits).generate(counter).to_string()
}

/// The step in which `shown` is the code of `secret`, when that is near `seconds` after 1970 and later than `last`.
pub fn check(secret: &[u8], shown: &str, seconds: i64, last: Option<u64>) -> Option<u64> {
    let shown: String = shown.chars().filter(|letter| !letter.is_whitespace()).collect();
    let now = seconds.div_euclid(STEP);
    let generator = generator(secret, DIGITS);
    // Every step is compared, so that the time does not tell which one it was.
    let mut found = None;
    for step in (now - SKEW..=now + SKEW).filter_map(|step| u64::try_from(step).ok()) {
        let code = generator.generate(step).to_string();
        let fits = phm_core::crypto::digest::same(code.as_bytes(), shown.as_bytes());
        if fits && last.is_none_or(|last| step > last) {
            found = Some(step);
        }
    }
    found
}

/// The address an authenticator app reads from a QR code.
pub fn address(secret: &[u8], account: &str) -> String {
    let label = format!("PHM:{account}");
    let query = serde_urlencoded::to_string([
        ("secret", base32(secret).as_str()),
        ("issuer", "PHM"),
        ("algorithm", "SHA1"),
        ("digits", "6"),
        ("period", "30"),
    ]);
    format!("otpauth://totp/{}?{}", escaped(&label), query.unwrap_or_default())
}

/// A secret as people type it into an app that reads no QR code (RFC 4648, without padding).
pub fn base32(secret: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::new();
    for chunk in secret.chunks(5) {
        let mut bytes = [0; 8];
        bytes[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(bytes);
        let letters = (chunk.len() * 8).div_ceil(5);
        for at in 0..letters {
            let index = usize::try_from(bits >> (35 - 5 * at) & 31).expect("five bits");
            text.push(char::from(LETTERS[index]));
        }
    }
    text
}

fn generator(secret: &[u8], digits: u8) -> Totp {
    let secret = Secret::new(secret.into());
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(digits).with_secret(secret);
    // One second a step: what is asked for is then the counter itself.
    builder.with_step_duration(1).build_noncompliant()
}

fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC: &[u8] = b"12345678901234567890";

    #[test]
    fn the_counters_of_rfc_4226_give_its_codes() {
        // Appendix D.
        let codes =
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (counter, expected) in (0..).zip(codes) {
            assert_eq!(code(RFC, counter, 6), expected, "counter {counter}");
        }
    }

    #[test]
    fn the_times_of_rfc_6238_give_its_codes() {
        // Appendix B, SHA-1.
        let times = [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ];
        for (seconds, expected) in times {
            assert_eq!(code(RFC, seconds / 30, 8), expected, "{seconds}");
            let seconds = i64::try_from(seconds).expect("a time");
            let six = &expected[2..];
            assert_eq!(check(RFC, six, seconds, None), u64::try_from(seconds / 30).ok());
        }
    }

    #[test]
    fn a_code_is_good_once_and_near_its_time() {
        let now = 1_111_111_109_i64;
        let step = u64::try_from(now / 30).expect("a step");
        let of = |step: u64| code(RFC, step, 6);
        for near in [step - 1, step, step + 1] {
            assert_eq!(check(RFC, &of(near), now, None), Some(near));
        }
        for far in [step - 2, step + 2] {
            assert_eq!(check(RFC, &of(far), now, None), None);
        }
        assert_eq!(check(RFC, &of(step), now, Some(step)), None, "used");
        assert_eq!(check(RFC, &of(step - 1), now, Some(step)), None, "passed over");
        assert_eq!(check(RFC, &of(step + 1), now, Some(step)), Some(step + 1));
        for wrong in ["", "12345", "1234567", "abcdef", "+12345"] {
            assert_eq!(check(RFC, wrong, now, None), None, "{wrong}");
        }
        let spaced = format!("{} {}", &of(step)[..3], &of(step)[3..]);
        assert_eq!(check(RFC, &spaced, now, None), Some(step), "apps show codes in two groups");
    }

    #[test]
    fn an_app_reads_secret_and_owner_from_the_address() {
        // RFC 4648 section 10, without padding.
        for (bytes, text) in [("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        let address = address(RFC, "asha kaur@example.org");
        assert!(
            address.starts_with("otpauth://totp/PHM%3Aasha%20kaur@example.org?secret=GEZDGNBVGY3TQOJQ"),
            "{address}"
        );
    }
}
