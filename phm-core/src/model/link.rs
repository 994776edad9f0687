//! Values that are parsed from a text: moments, days, and names of other records.

use std::marker::PhantomData;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::id::RecordId;
use crate::time::{Instant, PartialDate, When};

use super::fields::blank;
use super::{At, Kind, Part, Report, Word};

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
