//! What there is to say about a person's data, as a code with arguments.
//!
//! The words stand in the catalogues of whoever shows it, in the reader's language; nothing is glued from sentences.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::time::{PartialDate, When};

/// One argument of a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Argument {
    /// A text or a number with its digits.
    Text(String),
    /// How many.
    Count(u64),
}

/// A message: a code of the catalogues, what stands in it, and who says so.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// The code, for example `trend-rising`.
    pub code: &'static str,
    /// What stands in it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<&'static str, Argument>,
    /// The source of a clinical statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
}

impl Message {
    /// A message without arguments.
    pub fn new(code: &'static str) -> Self {
        Self { code, args: BTreeMap::new(), source: None }
    }

    /// The same with a text.
    pub fn text(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.args.insert(name, Argument::Text(text.into()));
        self
    }

    /// The same with a number of things.
    pub fn count(mut self, name: &'static str, many: usize) -> Self {
        self.args.insert(name, Argument::Count(u64::try_from(many).unwrap_or(u64::MAX)));
        self
    }

    /// The same with a day.
    pub fn day(self, name: &'static str, day: PartialDate) -> Self {
        self.text(name, day.to_string())
    }

    /// The same with a day or moment, where it is known.
    pub fn when(self, name: &'static str, when: Option<When>) -> Self {
        match when {
            Some(when) => self.text(name, when.to_string()),
            None => self,
        }
    }

    /// The same with its source.
    pub fn source(self, source: &'static str) -> Self {
        Self { source: Some(source), ..self }
    }
}
