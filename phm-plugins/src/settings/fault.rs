//! What is wrong with a value that was given for a setting.

use serde_json::Value;

use super::Form;

impl Form {
    /// The code of what is wrong with a value.
    pub(super) fn fault(&self, value: &Value) -> Option<&'static str> {
        let letters = |text: &str| text.chars().count() as u64;
        match self {
            Self::Text { shortest, longest, .. } => match value.as_str().map(letters) {
                None => Some("wrong-type"),
                Some(length) if length < *shortest => Some("too-short"),
                Some(length) if length > *longest => Some("too-long"),
                Some(_) => None,
            },
            Self::Choice(choices) => match value.as_str() {
                None => Some("wrong-type"),
                Some(word) if choices.iter().any(|choice| choice == word) => None,
                Some(_) => Some("invalid-choice"),
            },
            Self::Integer { least, most } => match value.as_i64() {
                None => Some("invalid-number"),
                Some(value) if least.is_some_and(|least| value < least) => Some("out-of-range"),
                Some(value) if most.is_some_and(|most| value > most) => Some("out-of-range"),
                Some(_) => None,
            },
            Self::Number { least, most } => match value.as_f64() {
                None => Some("invalid-number"),
                Some(value) if least.is_some_and(|least| value < least) => Some("out-of-range"),
                Some(value) if most.is_some_and(|most| value > most) => Some("out-of-range"),
                Some(_) => None,
            },
            Self::Flag => (!value.is_boolean()).then_some("wrong-type"),
            Self::Texts { longest, most } => match value.as_array() {
                None => Some("wrong-type"),
                Some(all) if all.len() as u64 > *most => Some("too-many"),
                Some(all) if !all.iter().all(Value::is_string) => Some("wrong-type"),
                Some(all) if all.iter().filter_map(Value::as_str).any(|text| letters(text) > *longest) => {
                    Some("too-long")
                }
                Some(_) => None,
            },
        }
    }
}
