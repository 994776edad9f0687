//! The letters and numbers of a written dose, in one form.
//!
//! People write digits of three scripts, five kinds of dashes, `½` and `1/2`, letters composed and decomposed. Here they become
//! words in lower case with plain digits; a number keeps its decimal point.

use super::super::labs::decomposed;

/// Lower case, plain digits and dashes, one form for each letter, numbers apart from words.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut plain = String::with_capacity(text.len());
    for letter in decomposed(text).chars().flat_map(char::to_lowercase) {
        match letter {
            '०'..='९' => plain.extend(char::from_digit(u32::from(letter) - u32::from('०'), 10)),
            '੦'..='੯' => plain.extend(char::from_digit(u32::from(letter) - u32::from('੦'), 10)),
            '+' => plain.push('-'),
            dash if is_dash(dash) => plain.push('-'),
            '×' | '*' => plain.push_str(" x "),
            '½' => plain.push_str("\u{1}½"),
            ',' | ';' | ':' | '(' | ')' | '।' | '|' | '@' | '\'' | '’' | '"' => plain.push(' '),
            '\u{200c}' | '\u{200d}' => {}
            '/' => plain.push('\u{2}'),
            letter if letter.is_whitespace() => plain.push(' '),
            letter => plain.push(letter),
        }
    }
    let plain = halves(&plain);
    let plain = dashes(&plain);
    let mut words = Vec::new();
    for word in plain.split(' ').filter(|word| !word.is_empty()) {
        split(word, &mut words);
    }
    words
}

/// A dash of any kind.
pub(super) fn is_dash(letter: char) -> bool {
    matches!(letter, '-' | '–' | '—' | '−' | '‐' | '‑')
}

/// `1½`, `1 1/2` and `1/2` as decimals; any other stroke is a word of its own (`11/2` and `1/24` are no halves).
fn halves(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("1\u{2}2") {
        let (before, after) = (&rest[..at], &rest[at + 3..]);
        let part = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | '\u{2}');
        let alone = !before.ends_with(part) && !after.starts_with(part);
        out.push_str(before);
        out.push_str(if alone { "\u{1}½" } else { "1\u{2}2" });
        rest = after;
    }
    out.push_str(rest);
    for whole in 0..10 {
        out = out
            .replace(&format!("{whole}\u{1}½"), &format!("{whole}.5"))
            .replace(&format!("{whole} \u{1}½"), &format!("{whole}.5"));
    }
    out.replace("\u{1}½", "0.5").replace('\u{2}', " / ")
}

/// Dashes close up between numbers (`1 - 0 - 1`), and part words.
///
/// The dashes of a pattern stand all alike: after `1-0-1 - 2 tablets` nobody knows whether the two are part of it, and such a
/// word gets a dash too many, with which it is no pattern.
fn dashes(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut spaced_before = false;
    for (index, letter) in letters.iter().enumerate() {
        let before = letters[..index].iter().rev().find(|letter| **letter != ' ');
        let after = letters[index + 1..].iter().find(|letter| **letter != ' ');
        let digit = |letter: Option<&char>| letter.is_some_and(char::is_ascii_digit);
        // A number may begin with its point: `.5-0-.5`.
        let begins = letters[index + 1..].iter().position(|letter| *letter != ' ').map(|gap| index + 1 + gap);
        let part = after == Some(&'.') && begins.is_some_and(|begins| digit(letters.get(begins + 1)));
        match letter {
            '-' if digit(before) && (digit(after) || part) => {
                out.truncate(out.trim_end().len());
                let begun = out.rsplit(' ').next().is_some_and(|word| word.contains('-'));
                let spaced = letters[..index].ends_with(&[' ']) || letters.get(index + 1) == Some(&' ');
                if begun && spaced != spaced_before {
                    out.push('-');
                }
                spaced_before = spaced;
                out.push('-');
            }
            '-' => out.push(' '),
            ' ' if out.ends_with('-') => {}
            letter => out.push(*letter),
        }
    }
    out
}

/// `5d` is `5 d`, `b.d.` is `bd`, `q8h` is `q 8 h`; a pattern stays whole.
fn split(word: &str, words: &mut Vec<String>) {
    if word.contains('-') {
        words.push(word.to_owned());
        return;
    }
    let mut piece = String::new();
    for letter in word.chars() {
        let digit = |letter: char| letter.is_ascii_digit() || letter == '.';
        let turns =
            piece.chars().last().is_some_and(|last| digit(last) != digit(letter) && last != '.' && letter != '.');
        if turns {
            words.push(std::mem::take(&mut piece));
        }
        piece.push(letter);
    }
    words.push(piece);
    // The dot of `.5` is a decimal point; those of `b.d.` are not.
    let of_number = |word: &str| {
        word.starts_with(|letter: char| letter.is_ascii_digit())
            || word.as_bytes().windows(2).any(|pair| pair[0] == b'.' && pair[1].is_ascii_digit())
    };
    for word in words.iter_mut().filter(|word| !of_number(word)) {
        word.retain(|letter| letter != '.');
    }
    words.retain(|word| !word.is_empty());
}

/// A number of at most six digits.
pub(super) fn number(word: &str) -> Option<f64> {
    let plain = word.trim_end_matches('.');
    let good = plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && plain.len() <= 6;
    good.then(|| plain.parse().ok()).flatten()
}

/// `None` for a word without dashes, `Some(None)` for one that is no pattern of three or four small numbers.
#[allow(clippy::option_option)]
pub(super) fn pattern(word: &str) -> Option<Option<Vec<f64>>> {
    if !word.contains('-') {
        return None;
    }
    let numbers: Option<Vec<f64>> = word.split('-').map(number).collect();
    Some(numbers.filter(|numbers| {
        (3..=4).contains(&numbers.len())
            && numbers.iter().all(|one| *one <= 10.0)
            && numbers.iter().any(|one| *one > 0.0)
    }))
}
