//! Texts: they say something, they are not endless, and they are kept as they were written.

use std::fmt;
use std::ops::Deref;

use serde::Serialize;
use serde_json::Value;

use super::fields::blank;
use super::{At, Part, Report};

/// A longer text is refused with `too-long`, in bytes of UTF-8.
pub const LONGEST_TEXT: usize = 64 * 1024;

/// A longer word (a status, a code, a system) is refused with `too-long`, in bytes of UTF-8.
pub const LONGEST_WORD: usize = 1024;

/// A text that says something.
#[derive(Clone, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn read_up_to(longest: usize, value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let code = match value {
            Value::String(text) if text.trim().is_empty() => "required",
            Value::String(text) if text.len() > longest => "too-long",
            Value::String(text) => return Some(Self(text.clone())),
            _ => "wrong-type",
        };
        report.say(at, code);
        None
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(..)")
    }
}

impl Part for Text {
    type View<'a> = &'a str;

    const OF: &'static str = "text";

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        Self::read_up_to(LONGEST_TEXT, value, at, report)
    }

    fn view(&self) -> &str {
        &self.0
    }

    fn is_blank(value: &Value) -> bool {
        blank(value)
    }
}

/// A short text: a status, a type, a lot number.
#[derive(Clone, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Word(Text);

impl Part for Word {
    type View<'a> = &'a str;

    const OF: &'static str = "text";

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        Text::read_up_to(LONGEST_WORD, value, at, report).map(Self)
    }

    fn view(&self) -> &str {
        &self.0
    }

    fn is_blank(value: &Value) -> bool {
        blank(value)
    }
}

impl Deref for Word {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{refused, stored};

    #[test]
    fn a_text_is_kept_as_it_was_written() {
        assert_eq!(stored::<Text>(&json!("  ਦਰਦ\n\u{301}\"")), "\"  ਦਰਦ\\n\u{301}\\\"\"");
    }

    #[test]
    fn texts_and_words_have_an_end() {
        stored::<Text>(&json!("x".repeat(LONGEST_TEXT)));
        assert_eq!(refused::<Text>(&json!("x".repeat(LONGEST_TEXT + 1))), " too-long");
        stored::<Word>(&json!("x".repeat(LONGEST_WORD)));
        assert_eq!(refused::<Word>(&json!("x".repeat(LONGEST_WORD + 1))), " too-long");
        assert_eq!(refused::<Word>(&json!("\u{a0}\t")), " required");
    }

    #[test]
    fn a_text_does_not_show_itself_in_a_log() {
        let text = crate::model::testing::read::<Text>(&json!("private"));
        assert_eq!(format!("{text:?}"), "Text(..)");
    }
}
