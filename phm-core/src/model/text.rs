//! Texts, words, numbers and names of records: the small parts of a body.
//!
//! A text that exists is not blank and not longer than 64 KiB; it is kept as it was written.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::id::RecordId;
use crate::time::{Instant, PartialDate, When};

use super::fields::blank;
use super::{At, FieldInfo, Kind, Part, Report, Slot};

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

/// A whole number that counts something, up to 2⁵³ − 1 so that every JSON reader keeps it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Count<const LEAST: u64 = 0>(u64);

impl<const LEAST: u64> Part for Count<LEAST> {
    type View<'a> = u64;

    const OF: &'static str = "integer";

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let number = value.as_u64().filter(|number| (LEAST..1 << 53).contains(number));
        if number.is_none() {
            report.say(at, if value.is_number() { "invalid-number" } else { "wrong-type" });
        }
        number.map(Self)
    }

    fn view(&self) -> u64 {
        self.0
    }
}

/// Minutes that an appointment takes when nobody says otherwise.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ThirtyMinutes(Count<1>);

impl Slot for ThirtyMinutes {
    type View<'a> = u64;

    const INFO: FieldInfo = {
        let mut info = <Option<Count<1>> as Slot>::INFO;
        info.default = Some("30");
        info
    };

    fn take(value: Option<&Value>, at: &At<'_>, report: &mut Report) -> Option<Self> {
        value.map_or(Some(Count(30)), |value| Count::read(value, at, report)).map(Self)
    }

    fn view(&self) -> u64 {
        self.0.0
    }

    fn is_absent(&self) -> bool {
        false
    }
}

/// A number above zero that nobody measured: how often, every how many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(f64);

// Only finite numbers exist.
impl Eq for Number {}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        if self.0.fract() == 0.0 { serializer.serialize_u64(self.0 as u64) } else { serializer.serialize_f64(self.0) }
    }
}

impl Part for Number {
    type View<'a> = f64;

    const OF: &'static str = "number";

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let number = value.as_f64().filter(|number| *number > 0.0 && *number <= 1e9);
        if number.is_none() {
            report.say(at, if value.is_number() { "invalid-number" } else { "wrong-type" });
        }
        number.map(Self)
    }

    fn view(&self) -> f64 {
        self.0
    }
}

impl Part for bool {
    type View<'a> = Self;

    const OF: &'static str = "boolean";

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        if !value.is_boolean() {
            report.say(at, "wrong-type");
        }
        value.as_bool()
    }

    fn view(&self) -> Self {
        *self
    }
}

/// Reads a value from its text; `code` says what a text that is none is called.
fn parse<T: std::str::FromStr>(
    value: &Value,
    code: impl FnOnce(&str) -> &'static str,
    at: &At<'_>,
    report: &mut Report,
) -> Option<T> {
    let Some(text) = value.as_str() else {
        report.say(at, "wrong-type");
        return None;
    };
    let parsed = text.parse().ok();
    if parsed.is_none() {
        report.say(at, code(text));
    }
    parsed
}

macro_rules! parsed {
    ($($type:ident of $of:literal: $code:expr),* $(,)?) => {$(
        impl Part for $type {
            type View<'a> = Self;

            const OF: &'static str = $of;

            fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
                parse(value, $code, at, report)
            }

            fn view(&self) -> Self {
                *self
            }
        }
    )*};
}

parsed! {
    Instant of "instant": |_| "invalid-instant",
    PartialDate of "date": |_| "invalid-date",
    When of "when": |text| if text.len() > 10 { "invalid-instant" } else { "invalid-date" },
    RecordId of "id": |_| "invalid-id",
}

/// The id of another record of the same person.
pub struct Id<K>(RecordId, PhantomData<fn() -> K>);

/// Another record of the same person by its id, or, where it is kept elsewhere, in words.
pub struct Link<K>(Word, PhantomData<fn() -> K>);

impl<K> Link<K> {
    /// The words, or the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The record, where this is an id.
    pub fn record(&self) -> Option<RecordId> {
        self.0.parse().ok()
    }
}

impl<K: Kind> Part for Id<K> {
    type View<'a>
        = RecordId
    where
        K: 'a;

    const OF: &'static str = "id";
    const LINKS: Option<&'static str> = Some(K::NAME);

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        RecordId::read(value, at, report).map(|id| Self(id, PhantomData))
    }

    fn view(&self) -> RecordId {
        self.0
    }
}

impl<K: Kind> Part for Link<K> {
    type View<'a>
        = &'a Self
    where
        K: 'a;

    const OF: &'static str = "link";
    const LINKS: Option<&'static str> = Some(K::NAME);

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        Word::read(value, at, report).map(|word| Self(word, PhantomData))
    }

    fn view(&self) -> &Self {
        self
    }

    fn is_blank(value: &Value) -> bool {
        blank(value)
    }
}

// By hand, because a derive would ask the same of `K`.
macro_rules! names_a_record {
    ($($type:ident),*) => {$(
        impl<K> Clone for $type<K> {
            fn clone(&self) -> Self {
                Self(self.0.clone(), PhantomData)
            }
        }

        impl<K> Eq for $type<K> {}

        impl<K> PartialEq for $type<K> {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl<K> Serialize for $type<K> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }
    )*};
}

names_a_record!(Id, Link);

impl<K> Id<K> {
    /// The record.
    pub fn record(&self) -> RecordId {
        self.0
    }
}
