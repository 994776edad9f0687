//! What a setting may be: a text, a choice, a number, a switch or a list of texts.

use serde_json::{Map, Value};

use super::read::{only, texts, wrong};
use super::{LONGEST_WORDS, MOST_FIELDS};
use crate::error::Result;

/// Letters of a text at most, where the schema does not say.
const LONGEST_TEXT: u64 = 4_000;
/// Texts of a list at most, where the schema does not say.
const MOST_TEXTS: u64 = 100;

/// What a setting may be.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// A text with so many letters.
    Text {
        /// Letters at least.
        shortest: u64,
        /// Letters at most.
        longest: u64,
        /// Whether it is only ever written: it is never shown again (`"writeOnly": true`).
        secret: bool,
    },
    /// One of these words.
    Choice(Vec<String>),
    /// A whole number.
    Integer {
        /// The least.
        least: Option<i64>,
        /// The most.
        most: Option<i64>,
    },
    /// A number.
    Number {
        /// The least.
        least: Option<f64>,
        /// The most.
        most: Option<f64>,
    },
    /// Yes or no.
    Flag,
    /// Several texts.
    Texts {
        /// Letters of each at most.
        longest: u64,
        /// How many at most.
        most: u64,
    },
}

impl Form {
    /// Reads what the schema at `at` says of a value.
    pub(super) fn of(map: &Map<String, Value>, at: &str) -> Result<Self> {
        let known = |more: &[&str]| {
            let mut all = vec!["type", "title", "description", "default"];
            all.extend(more);
            only(map, at, &all)
        };
        let most = |name: &str, usual: u64| match map.get(name) {
            None => Ok(usual),
            Some(value) => {
                let value = value.as_u64().filter(|value| *value <= usual);
                value.ok_or_else(|| wrong(&format!("{at}/{name}"), &format!("it is a number of at most {usual}")))
            }
        };
        match map.get("type").and_then(Value::as_str) {
            Some("string") if map.contains_key("enum") => {
                known(&["enum"])?;
                let at = format!("{at}/enum");
                let choices = texts(map.get("enum"), &at)?;
                let is_long = |choice: &String| choice.is_empty() || choice.len() > LONGEST_WORDS;
                if choices.is_empty() || choices.len() > MOST_FIELDS || choices.iter().any(is_long) {
                    return Err(wrong(&at, "these are 1 to 50 texts that are not empty"));
                }
                Ok(Self::Choice(choices))
            }
            Some("string") => {
                known(&["minLength", "maxLength", "writeOnly"])?;
                let secret = match map.get("writeOnly") {
                    None => false,
                    Some(value) => value.as_bool().ok_or_else(|| wrong(at, "`writeOnly` is true or false"))?,
                };
                let (shortest, longest) = (most_or_none(map, at)?, most("maxLength", LONGEST_TEXT)?);
                in_order(Some(shortest), Some(longest), at)?;
                Ok(Self::Text { shortest, longest, secret })
            }
            Some("integer") => {
                known(&["minimum", "maximum"])?;
                let bound = |name: &str| whole(map.get(name), &format!("{at}/{name}"));
                let (least, most) = (bound("minimum")?, bound("maximum")?);
                in_order(least, most, at)?;
                Ok(Self::Integer { least, most })
            }
            Some("number") => {
                known(&["minimum", "maximum"])?;
                let bound = |name: &str| number(map.get(name), &format!("{at}/{name}"));
                let (least, most) = (bound("minimum")?, bound("maximum")?);
                in_order(least, most, at)?;
                Ok(Self::Number { least, most })
            }
            Some("boolean") => {
                known(&[])?;
                Ok(Self::Flag)
            }
            Some("array") => {
                known(&["items", "maxItems"])?;
                let at = format!("{at}/items");
                let none = || wrong(&at, "a list holds texts: {\"type\":\"string\"}");
                let items = map.get("items").and_then(Value::as_object).ok_or_else(none)?;
                only(items, &at, &["type", "maxLength"])?;
                if items.get("type").and_then(Value::as_str) != Some("string") {
                    return Err(none());
                }
                let longest = match items.get("maxLength") {
                    None => LONGEST_TEXT,
                    Some(value) => value.as_u64().filter(|value| *value <= LONGEST_TEXT).ok_or_else(none)?,
                };
                Ok(Self::Texts { longest, most: most("maxItems", MOST_TEXTS)? })
            }
            _ => Err(wrong(at, "`type` is string, integer, number, boolean or array")),
        }
    }
}

fn most_or_none(map: &Map<String, Value>, at: &str) -> Result<u64> {
    let Some(value) = map.get("minLength") else { return Ok(0) };
    let value = value.as_u64().filter(|value| *value <= LONGEST_TEXT);
    value.ok_or_else(|| wrong(&format!("{at}/minLength"), "it is a number of at most 4000"))
}

/// Refuses bounds that nothing lies between: a setting that nobody can give.
fn in_order<T: Copy + PartialOrd>(least: Option<T>, most: Option<T>, at: &str) -> Result<()> {
    match least.zip(most) {
        Some((least, most)) if least > most => Err(wrong(at, "nothing lies between its bounds")),
        _ => Ok(()),
    }
}

fn whole(value: Option<&Value>, at: &str) -> Result<Option<i64>> {
    value.map(|value| value.as_i64().ok_or_else(|| wrong(at, "it is a whole number"))).transpose()
}

fn number(value: Option<&Value>, at: &str) -> Result<Option<f64>> {
    value.map(|value| value.as_f64().ok_or_else(|| wrong(at, "it is a number"))).transpose()
}
