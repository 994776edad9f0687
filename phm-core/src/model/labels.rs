//! Labels on a record: short words such as `sensitive` that consent and lists look at.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, de};
use serde_json::Value;

use super::{At, Part, Report, Slot};

/// The text is not a label.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a label is a word in lower case such as `mental-health`, at most 64 letters, digits and dashes")]
pub struct NotALabel;

/// One label: lower-case letters, digits and dashes, beginning with a letter, at most 64.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Label(String);

impl Label {
    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Label {
    type Err = NotALabel;

    fn from_str(text: &str) -> Result<Self, NotALabel> {
        let begins = text.starts_with(|letter: char| letter.is_ascii_lowercase());
        let fits = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if begins && fits && text.len() <= 64 { Ok(Self(text.to_owned())) } else { Err(NotALabel) }
    }
}

impl Part for Label {
    type View<'a> = &'a str;

    const OF: &'static str = "text";

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let label = value.as_str().and_then(|text| text.parse().ok());
        if label.is_none() {
            report.say(at, if value.is_string() { "invalid-choice" } else { "wrong-type" });
        }
        label
    }

    fn view(&self) -> &str {
        &self.0
    }
}

/// The labels of a record, each once, in order.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Labels(BTreeSet<Label>);

impl Labels {
    /// Whether this label is among them.
    pub fn has(&self, label: &str) -> bool {
        self.iter().any(|own| own == label)
    }

    /// The labels in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Label::as_str)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl FromIterator<Label> for Labels {
    fn from_iter<I: IntoIterator<Item = Label>>(labels: I) -> Self {
        Self(labels.into_iter().collect())
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = Vec::<String>::deserialize(deserializer)?;
        words.iter().map(|word| word.parse::<Label>()).collect::<Result<_, _>>().map_err(de::Error::custom)
    }
}

impl Slot for Labels {
    type View<'a> = &'a Self;

    const INFO: super::FieldInfo = <Vec<Label> as Slot>::INFO;

    fn take(value: Option<&Value>, at: &At<'_>, report: &mut Report) -> Option<Self> {
        Vec::take(value, at, report).map(Self::from_iter)
    }

    fn view(&self) -> &Self {
        self
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stand_once_and_in_order() {
        let labels: Labels = serde_json::from_str(r#"["sensitive","hiv","sensitive"]"#).expect("labels");
        assert_eq!(serde_json::to_string(&labels).expect("labels"), r#"["hiv","sensitive"]"#);
        assert!(labels.has("hiv") && !labels.has("mental-health") && labels.len() == 2);
    }

    #[test]
    fn other_words_are_no_labels() {
        for text in ["", "Hiv", "a b", "1a", "-a", "é", &"a".repeat(65)] {
            assert!(text.parse::<Label>().is_err(), "{text}");
            assert!(serde_json::from_value::<Labels>(serde_json::json!([text])).is_err(), "{text}");
        }
    }
}
