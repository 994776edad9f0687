//! What a password must be.
//!
//! After NIST SP 800-63B (2024): length matters, forced mixtures do not. At least [`SHORTEST`] characters, not among the
//! first guesses everybody makes, not the person's own name or address.

/// Fewest characters.
pub const SHORTEST: usize = 12;

/// Most characters; longer ones are refused rather than cut.
pub const LONGEST: usize = 256;

/// The beginnings and patterns tried first by anybody who guesses; compared without case, digits and signs.
const GUESSED_FIRST: [&str; 16] = [
    "password",
    "passwort",
    "qwerty",
    "qwertyuiop",
    "letmein",
    "welcome",
    "iloveyou",
    "admin",
    "administrator",
    "changeme",
    "changemeplease",
    "monkey",
    "dragon",
    "sunshine",
    "princess",
    "abcdefghijkl",
];

/// Checks a new password; `email` and `name` are those of its owner.
///
/// # Errors
/// The stable code of the rule it breaks: `too-short`, `too-long` or `too-easy`.
pub fn check(password: &str, email: &str, name: &str) -> Result<(), &'static str> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err("too-short");
    }
    if length > LONGEST {
        return Err("too-long");
    }
    let letters: String = password.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    let own = [email.split('@').next().unwrap_or_default(), name]
        .map(|text| text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect::<String>());
    let different = {
        let mut seen: Vec<char> = password.chars().collect();
        seen.sort_unstable();
        seen.dedup();
        seen.len()
    };
    let digits_only = letters.is_empty() && password.chars().all(|c| c.is_ascii_digit());
    let is_own = own.iter().any(|own| own.len() > 3 && letters == *own);
    if different < 5 || digits_only || is_own || GUESSED_FIRST.contains(&letters.as_str()) {
        return Err("too-easy");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_enough_and_not_guessed_first_is_all_that_is_asked() {
        for good in ["correct horse battery", "ਪੰਜਾਬ ਦੀ ਮਿੱਟੀ ਦੀ ਖੁਸ਼ਬੂ", "tr0ub4dor&3xyz!"]
        {
            assert_eq!(check(good, "asha@example.org", "Asha Example"), Ok(()), "{good}");
        }
    }

    #[test]
    fn short_easy_and_own_passwords_are_refused() {
        let check = |password: &str| check(password, "asha.example@example.org", "Asha Example");
        assert_eq!(check("short"), Err("too-short"));
        assert_eq!(check(&"x".repeat(300)), Err("too-long"));
        for easy in ["aaaaaaaaaaaaaaa", "123456789012", "Password12345!", "Asha.Example1", "abababababab"] {
            assert_eq!(check(easy), Err("too-easy"), "{easy}");
        }
    }
}
