//! Reading how people write doses: `1-0-1`, `BD`, `every 8 h`, `twice daily after food`, `दिन में दो बार`, `ਦਿਨ ਵਿੱਚ ਦੋ ਵਾਰ`.
//!
//! Every word has to be understood and all of them have to agree; otherwise the answer is "not understood" and a person is
//! asked. There is no nearest reading.

mod phrases;
mod whole;

use super::letters::{is_dash, number, pattern, words};
use super::words::{LEXICON, Says};
use crate::model::{DayPart, Frequency, Meal, Quantity, Weekday};

/// What a notation says.
// Most notations are understood: boxing the larger one would cost more than it saves.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq)]
pub enum Notation {
    /// All of it was understood.
    Understood(Understood),
    /// Some of it was not, or it contradicts itself.
    NotUnderstood,
}

/// A notation that was understood.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Understood {
    /// How often.
    pub frequency: Frequency,
    /// For how long.
    pub duration: Option<Quantity>,
    /// How much at a time.
    pub dose: Option<Quantity>,
}

/// A longer text is no notation of a dose.
const LONGEST: usize = 300;

/// Reads a notation.
pub fn parse(text: &str) -> Notation {
    read(text).map_or(Notation::NotUnderstood, Notation::Understood)
}

fn read(text: &str) -> Option<Understood> {
    if text.len() > LONGEST || leaves_open(text) {
        return None;
    }
    let mut found = Found::default();
    let tokens = tokens(text)?;
    let mut rest = tokens.as_slice();
    while !rest.is_empty() {
        let used = found.take(rest)?;
        rest = &rest[used..];
    }
    found.finish(text.trim())
}

/// What stands on the two sides of a dash or a plus, where they are words of the lexicon and no numbers.
type Joint = (Option<Says>, Option<Says>);

/// Whether words leave open what is meant: `Mon-Fri` is two days or five, `OD + HS` once or twice.
fn leaves_open(text: &str) -> bool {
    let says = |word: Option<&String>| {
        let (says, _) = LEXICON.longest(std::slice::from_ref(word?))?;
        Some(says).filter(|says| !matches!(says, Says::Number(_)))
    };
    let joints = |joins: fn(char) -> bool| -> Vec<Joint> {
        let pieces: Vec<Vec<String>> = text.split(joins).map(words).collect();
        pieces.windows(2).map(|pair| (says(pair[0].last()), says(pair[1].first()))).collect()
    };
    // Of drops OD is a rhythm to some and the right eye to others.
    let all = words(text);
    let drops = |word: &String| matches!(says(Some(word)), Some(Says::Of("{drop}")));
    if all.iter().any(|word| word == "od") && all.iter().any(drops) {
        return true;
    }
    let days = |joint: &Joint| matches!(joint, (Some(Says::On(_)), Some(Says::On(_))));
    let parts = |joint: &Joint| matches!(joint, (Some(Says::Part(_)), Some(Says::Part(_))));
    let numbers = |joint: &Joint| matches!(joint, (None, None));
    joints(is_dash).iter().any(days)
        || joints(|letter: char| letter == '+').iter().any(|joint| !(numbers(joint) || parts(joint) || days(joint)))
}

/// One piece of a notation.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Says(Says),
    /// `1-0-1`.
    Pattern(Vec<f64>),
}

/// The text as pieces; `None` when a word is not known.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let words = words(text);
    let mut rest = words.as_slice();
    let mut tokens = Vec::new();
    while let [first, ..] = rest {
        if let Some(pattern) = pattern(first) {
            tokens.push(Token::Pattern(pattern?));
            rest = &rest[1..];
        } else if let Some((says, used)) = LEXICON.longest(rest) {
            tokens.push(Token::Says(says));
            rest = &rest[used..];
        } else {
            tokens.push(Token::Says(Says::Number(number(first)?)));
            rest = &rest[1..];
        }
    }
    Some(tokens)
}

/// So many times in so many of a unit.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rhythm {
    times: f64,
    per: f64,
    unit: &'static str,
}

/// What was found so far.
#[derive(Default)]
struct Found {
    rhythms: Vec<Rhythm>,
    patterns: Vec<Vec<f64>>,
    parts: Vec<DayPart>,
    meals: Vec<Meal>,
    weekdays: Vec<Weekday>,
    durations: Vec<(f64, &'static str)>,
    doses: Vec<(f64, &'static str)>,
    /// Whether the amount may be that of a whole day, week or month.
    perhaps_a_sum: bool,
    as_needed: bool,
    reason: bool,
    at_most: Vec<(f64, Counted)>,
}

/// What a daily maximum counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Counted {
    /// Times.
    Times,
    /// Amounts in this unit.
    Of(&'static str),
    /// It was not said.
    Unsaid,
}

/// Units that count pieces of a medicine.
const PIECES: [&str; 4] = ["{tablet}", "{capsule}", "{puff}", "{drop}"];

/// Whether two numbers of a notation are the same; they have at most six digits.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// A notation in one line, as the table writes it.
    fn line(text: &str) -> String {
        let Notation::Understood(found) = parse(text) else { return "-".to_owned() };
        let body = serde_json::to_value(&found.frequency).expect("JSON");
        let mut parts = Vec::new();
        if let (Some(times), Some(unit)) = (body.get("times"), body.get("unit")) {
            let per =
                body["per"].as_f64().filter(|per| !same(*per, 1.0)).map(|per| per.to_string()).unwrap_or_default();
            parts.push(format!("{times}/{per}{}", unit.as_str().unwrap_or_default()));
        }
        for slot in body["slots"].as_array().into_iter().flatten() {
            let amount = slot.get("amount").map(|amount| format!("={amount}")).unwrap_or_default();
            parts.push(format!("{}{amount}", slot["part"].as_str().unwrap_or_default()));
        }
        parts.extend(body["weekdays"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        parts.extend(
            body["meal"].as_str().map(|meal| format!("{meal}-food").replace("empty-stomach-food", "empty-stomach")),
        );
        parts.extend(body["as_needed"].as_bool().map(|_| "as-needed".to_owned()));
        parts.extend(body.get("max_per_day").map(|most| format!("max={most}")));
        let quantity = |quantity: &Quantity| format!("{}{}", quantity.value(), quantity.unit());
        parts.extend(found.duration.as_ref().map(|duration| format!("for={}", quantity(duration))));
        parts.extend(found.dose.as_ref().map(|dose| format!("dose={}", quantity(dose))));
        parts.join(" ")
    }

    #[test]
    fn written_notations_are_read_as_their_table_says() {
        let table = include_str!("../../../../tests/vectors/dose-notations.tsv");
        let mut counts = std::collections::BTreeMap::new();
        let mut wrong = Vec::new();
        for row in table.lines().filter(|row| !row.starts_with('#') && !row.is_empty()) {
            let [language, text, expected] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
            let found = line(text);
            *counts.entry(language).or_insert(0) += usize::from(found != "-");
            if found != expected {
                wrong.push(format!("{text}: {found}, expected {expected}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        for language in ["en", "hi", "pa"] {
            assert!(counts[language] >= 20, "{counts:?}");
        }
    }

    #[test]
    fn what_is_written_is_kept_and_a_long_text_is_no_notation() {
        let Notation::Understood(found) = parse("  BD after food ") else { panic!("understood") };
        assert_eq!(found.frequency.text(), Some("BD after food"));
        assert_eq!(parse(&"bd ".repeat(200)), Notation::NotUnderstood);
        assert_eq!(parse(""), Notation::NotUnderstood);
    }
}
