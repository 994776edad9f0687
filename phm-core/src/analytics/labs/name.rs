//! Finding a test by the name on a report.
//!
//! A name is taken when all of its words, and no others, are those of one name in the catalogue; the order of words,
//! punctuation, case and words that say nothing (`serum`, `level`) do not matter. There is no "nearly": a name that is not
//! in the catalogue is not understood, and somebody is asked.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::{Test, all};

/// What a written name means.
#[derive(Clone, Copy, Debug)]
pub enum Recognised {
    /// This test.
    One(&'static Test),
    /// Nothing that PHM knows.
    NotUnderstood,
}

impl Recognised {
    /// The test, where the name was understood.
    pub const fn test(self) -> Option<&'static Test> {
        match self {
            Self::One(test) => Some(test),
            Self::NotUnderstood => None,
        }
    }
}

/// Words on reports that do not say which test it is. Blood is what most tests are made from; urine and other fluids are
/// never left out.
const SAY_NOTHING: &[&str] = &[
    "serum",
    "sr",
    "plasma",
    "blood",
    "level",
    "levels",
    "test",
    "tests",
    "estimation",
    "assay",
    "value",
    "investigation",
    "whole",
    "edta",
    "venous",
    "specimen",
    "sample",
    "सीरम",
    "टेस्ट",
    "जांच",
    "जाँच",
    "की",
    "ਸੀਰਮ",
    "ਟੈਸਟ",
    "ਜਾਂਚ",
    "ਦੀ",
];

/// Names that would be those of a test without the words that say nothing, and are of another: haemoglobin outside of red
/// cells is measured for haemolysis.
const OTHERS: &[&str] = &[
    "plasma haemoglobin",
    "plasma hemoglobin",
    "plasma hb",
    "serum haemoglobin",
    "serum hemoglobin",
    "serum hb",
    "sr haemoglobin",
    "sr hemoglobin",
    "sr hb",
];

/// The words of [`SAY_NOTHING`] that say something in the names of [`OTHERS`].
const FLUIDS: &[&str] = &["plasma", "serum", "sr"];

/// The test that a written name means.
pub fn recognise(name: &str) -> Recognised {
    static NAMES: LazyLock<HashMap<String, &'static Test>> = LazyLock::new(|| {
        let names = all().iter().flat_map(|test| {
            test.en.iter().chain(&test.hi).chain(&test.pa).flat_map(|name| keys(name)).map(move |key| (key, test))
        });
        names.collect()
    });
    static NOT: LazyLock<HashSet<String>> = LazyLock::new(|| OTHERS.iter().map(|name| key(&words(name))).collect());
    let keys = keys(name);
    // "Plasma haemoglobin level", and haemoglobin in EDTA plasma: only the fluid counts of what says nothing else.
    let fluid = |word: &String| FLUIDS.contains(&word.as_str()) || !SAY_NOTHING.contains(&word.as_str());
    if !keys.is_empty() && NOT.contains(&key(&words(name).into_iter().filter(fluid).collect::<Vec<_>>())) {
        return Recognised::NotUnderstood;
    }
    let found = keys.iter().find_map(|key| NAMES.get(key).copied());
    found.map_or(Recognised::NotUnderstood, Recognised::One)
}

/// The name as the catalogue keeps it: with every word, then without those that say nothing.
fn keys(name: &str) -> Vec<String> {
    if name.len() > LONGEST {
        return Vec::new();
    }
    let all = words(name);
    let telling = |(place, word): (usize, &String)| {
        // `S. creatinine` is of serum; protein S and haemoglobin S are tests of their own.
        let is_silent = SAY_NOTHING.contains(&word.as_str()) || place == 0 && word == "s";
        (!is_silent).then(|| word.clone())
    };
    let telling: Vec<String> = all.iter().enumerate().filter_map(telling).collect();
    let mut keys: Vec<String> =
        [all, telling].into_iter().filter(|words| !words.is_empty()).map(|words| key(&words)).collect();
    keys.dedup();
    keys
}

/// Words in an order that does not depend on how they were written.
fn key(words: &[String]) -> String {
    let mut words = words.to_vec();
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

/// A longer text is no name of a test.
const LONGEST: usize = 200;

/// Letters with a dot below, which are written in one character or in two, in two.
pub(in crate::analytics) fn decomposed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        let base = match letter {
            '\u{958}' => 'क',
            '\u{959}' => 'ख',
            '\u{95a}' => 'ग',
            '\u{95b}' => 'ज',
            '\u{95c}' => 'ड',
            '\u{95d}' => 'ढ',
            '\u{95e}' => 'फ',
            '\u{95f}' => 'य',
            '\u{a33}' => 'ਲ',
            '\u{a36}' => 'ਸ',
            '\u{a59}' => 'ਖ',
            '\u{a5a}' => 'ਗ',
            '\u{a5b}' => 'ਜ',
            '\u{a5e}' => 'ਫ',
            plain => {
                out.push(plain);
                continue;
            }
        };
        let dot = if base < '\u{a00}' { '\u{93c}' } else { '\u{a3c}' };
        out.extend([base, dot]);
    }
    out
}

/// The words, in one form of their letters.
fn words(name: &str) -> Vec<String> {
    let mut text = String::with_capacity(name.len());
    for letter in decomposed(name).chars().flat_map(char::to_lowercase) {
        match letter {
            '०'..='९' => text.push(digit(letter, '०')),
            '੦'..='੯' => text.push(digit(letter, '੦')),
            'β' => text.push_str("beta"),
            'γ' => text.push_str("gamma"),
            '.' | '\u{200c}' | '\u{200d}' => {}
            '+' | '%' => text.extend([' ', letter, ' ']),
            letter if letter.is_alphanumeric() || is_mark(letter) => text.push(letter),
            _ => text.push(' '),
        }
    }
    text.split_whitespace().map(str::to_owned).collect()
}

fn digit(letter: char, zero: char) -> char {
    char::from_digit(u32::from(letter) - u32::from(zero), 10).unwrap_or(letter)
}

/// Vowel signs and other marks of Devanagari and Gurmukhi, which are no letters by themselves.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{900}'..='\u{97f}' | '\u{a00}'..='\u{a7f}') && !matches!(letter, '।' | '॥')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_tests() {
        let mut seen: HashMap<String, &str> = HashMap::new();
        for test in all() {
            for name in test.en.iter().chain(&test.hi).chain(&test.pa) {
                for key in keys(name) {
                    let before = seen.insert(key, &test.key);
                    assert!(before.is_none_or(|before| before == test.key), "{name} is {} and {before:?}", test.key);
                }
            }
        }
    }

    /// The table has a name and the key of its test, or `-` where nothing may be understood.
    #[test]
    fn two_hundred_written_names_are_read_as_their_table_says() {
        let table = include_str!("../../../tests/vectors/lab-names.tsv");
        let (mut rows, mut understood, mut wrong) = (0, 0, Vec::new());
        for line in table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (name, expected) = line.split_once('\t').expect("name, tab, key");
            let found = recognise(name).test().map(|test| test.key.as_str());
            rows += 1;
            understood += usize::from(found.is_some());
            let expected = Some(expected).filter(|key| *key != "-");
            if found != expected {
                wrong.push(format!("{name}: {found:?} for {expected:?}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(rows >= 200 && understood >= 150, "{understood} of {rows} were understood");
    }
}
