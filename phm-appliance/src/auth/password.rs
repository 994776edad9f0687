//! What a password must be.
//!
//! After NIST SP 800-63B (2024): length matters, forced mixtures do not. At least [`SHORTEST`] characters, and not
//! what guessing tries early: zxcvbn estimates how many guesses it takes, knowing common passwords, words, names, dates,
//! patterns and the person's own name and address, and says why it is easy.

use zxcvbn::feedback::Warning;
use zxcvbn::{Score, zxcvbn};

/// Fewest characters.
pub const SHORTEST: usize = 12;

/// Most characters; longer ones are refused rather than cut.
pub const LONGEST: usize = 256;

/// Checks a new password; `email` and `name` are those of its owner.
///
/// # Errors
/// The stable code of the rule it breaks: `too-short`, `too-long`, or `too-easy` with the reason where there is one.
pub fn check(password: &str, email: &str, name: &str) -> Result<(), &'static str> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err("too-short");
    }
    if length > LONGEST {
        return Err("too-long");
    }
    let own: Vec<&str> = email
        .split(['@', '.', '-', '_', '+'])
        .chain(name.split_whitespace())
        .chain([email, name, "phm"])
        .filter(|part| part.chars().count() > 2)
        .collect();
    let judged = zxcvbn(password, &own);
    if judged.score() >= Score::Three {
        // Several own words behind each other count as a sentence: what is left without them has to be hard as well.
        let others = without(password, &own);
        let is_hard = others.is_none_or(|others| zxcvbn(&others, &own).score() >= Score::Three);
        return if is_hard { Ok(()) } else { Err("too-easy-name") };
    }
    Err(judged.feedback().and_then(zxcvbn::feedback::Feedback::warning).map_or("too-easy", reason))
}

/// A password without the words in it that are its owner's own; `None` where there are none.
fn without(password: &str, own: &[&str]) -> Option<String> {
    let whole = password.to_lowercase();
    let mut own: Vec<String> = own.iter().map(|word| word.to_lowercase()).collect();
    own.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let rest = own.iter().fold(whole.clone(), |rest, word| rest.replace(word, " "));
    (rest != whole).then_some(rest)
}

fn reason(warning: Warning) -> &'static str {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => "too-easy-keys",
        Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            "too-easy-repeats"
        }
        Warning::SequencesLikeAbcAreEasyToGuess => "too-easy-sequence",
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => "too-easy-date",
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess | Warning::CommonNamesAndSurnamesAreEasyToGuess => {
            "too-easy-name"
        }
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword => "too-easy-common",
        Warning::AWordByItselfIsEasyToGuess => "too-easy-word",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_enough_and_hard_to_guess_is_all_that_is_asked() {
        for good in [
            "correct horse battery",
            "ਪੰਜਾਬ ਦੀ ਮਿੱਟੀ ਦੀ ਖੁਸ਼ਬੂ",
            "tr0ub4dor&3xyz!",
            "सुबह की चाय और अख़बार",
            "asha correct horse battery",
        ] {
            assert_eq!(check(good, "asha@example.org", "Asha Example"), Ok(()), "{good}");
        }
    }

    #[test]
    fn short_easy_and_own_passwords_are_refused_and_told_why() {
        let check = |password: &str| check(password, "asha.example@example.org", "Asha Example");
        assert_eq!(check("short"), Err("too-short"));
        assert_eq!(check(&"x".repeat(300)), Err("too-long"));
        for (easy, why) in [
            ("aaaaaaaaaaaaaaa", "too-easy-repeats"),
            ("abcabcabcabcabc", "too-easy-repeats"),
            ("abcdefghijklmnop", "too-easy-sequence"),
        ] {
            assert_eq!(check(easy), Err(why), "{easy}");
        }
        for easy in ["123456789012", "Password12345!", "Asha.Example1", "abababababab", "qwertyuiop12", "ashaexample2"]
        {
            let refused = check(easy).expect_err(easy);
            assert!(refused.starts_with("too-easy"), "{easy}: {refused}");
        }
    }
}
