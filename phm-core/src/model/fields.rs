//! How bodies are read: every rule that is broken is found in one pass, with its place and a stable code.
//!
//! A [`Part`] is a value that cannot be wrong once it exists; a [`Slot`] is how a field holds it (`T` required,
//! `Option<T>`, `Vec<T>`). [`fields!`](crate::fields) makes a record or an object out of slots: a type with
//! private fields and getters, whose only way in is [`Part::read`], together with its description for forms.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::Detail;

use super::{At, FieldInfo, Report};

/// More entries in one list are refused with `too-many`.
pub const LONGEST_LIST: usize = 1_000;

/// A value that cannot be wrong once it exists.
pub trait Part: Serialize + Sized {
    /// What a getter gives: a copy of small values, a borrow of others.
    type View<'a>
    where
        Self: 'a;

    /// Word for its type, as in [`FieldInfo::of`].
    const OF: &'static str;
    /// Its fields, where it is an object.
    const FIELDS: &'static [FieldInfo] = &[];
    /// The words it may be, where it is a choice.
    const CHOICES: &'static [&'static str] = &[];
    /// Whether other words than those are taken too.
    const OPEN: bool = false;
    /// The field that a bare string stands for.
    const BARE: Option<&'static str> = None;
    /// The kind of record it names.
    const LINKS: Option<&'static str> = None;

    /// Reads the value, or reports what is wrong with it and answers `None`.
    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self>;

    /// What a getter gives.
    fn view(&self) -> Self::View<'_>;

    /// Whether the value is what an empty field of a form sends; an optional field is then absent.
    fn is_blank(value: &Value) -> bool {
        Self::BARE.is_some() && blank(value)
    }
}

/// Whether this is a text of nothing but white space.
pub(super) fn blank(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Reads a whole body.
pub(super) fn read<T: Part>(value: &Value) -> Result<T, Vec<Detail>> {
    read_into(value, Report::default())
}

/// Reads a whole body that was accepted when it was stored.
pub(super) fn read_stored<T: Part>(value: &Value) -> Result<T, Vec<Detail>> {
    read_into(value, Report::of_stored())
}

fn read_into<T: Part>(value: &Value, mut report: Report) -> Result<T, Vec<Detail>> {
    match T::read(value, &At::ROOT, &mut report) {
        Some(part) if report.is_empty() => Ok(part),
        _ => Err(report.into_details()),
    }
}

/// How a field holds its value.
pub trait Slot: Serialize + Sized {
    /// What a getter gives.
    type View<'a>
    where
        Self: 'a;

    /// Its description, still without a name.
    const INFO: FieldInfo;

    /// Reads the field, which may be missing.
    fn take(value: Option<&Value>, at: &At<'_>, report: &mut Report) -> Option<Self>;

    /// What a getter gives.
    fn view(&self) -> Self::View<'_>;

    /// Whether it stays out of the stored form.
    fn is_absent(&self) -> bool;
}

const fn info<T: Part>(required: bool, many: bool) -> FieldInfo {
    FieldInfo {
        name: "",
        doc: "",
        of: T::OF,
        many,
        required,
        choices: T::CHOICES,
        open: T::OPEN,
        fields: T::FIELDS,
        bare: T::BARE,
        links: T::LINKS,
        default: None,
    }
}

impl<T: Part> Slot for T {
    type View<'a>
        = T::View<'a>
    where
        T: 'a;

    const INFO: FieldInfo = info::<T>(true, false);

    fn take(value: Option<&Value>, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let Some(value) = value else {
            report.say(at, "required");
            return None;
        };
        T::read(value, at, report)
    }

    fn view(&self) -> T::View<'_> {
        Part::view(self)
    }

    fn is_absent(&self) -> bool {
        false
    }
}

impl<T: Part> Slot for Option<T> {
    type View<'a>
        = Option<T::View<'a>>
    where
        T: 'a;

    const INFO: FieldInfo = info::<T>(false, false);

    fn take(value: Option<&Value>, at: &At<'_>, report: &mut Report) -> Option<Self> {
        match value {
            Some(value) if !T::is_blank(value) => T::read(value, at, report).map(Some),
            _ => Some(None),
        }
    }

    fn view(&self) -> Option<T::View<'_>> {
        self.as_ref().map(Part::view)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Part> Slot for Vec<T> {
    type View<'a>
        = &'a [T]
    where
        T: 'a;

    const INFO: FieldInfo = info::<T>(false, true);

    fn take(value: Option<&Value>, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let list = match value {
            None => return Some(Vec::new()),
            Some(Value::Array(list)) => list,
            Some(_) => {
                report.say(at, "wrong-type");
                return None;
            }
        };
        if list.len() > LONGEST_LIST {
            report.say(at, "too-many");
            return None;
        }
        let before = report.len();
        let mut parts = Self::with_capacity(list.len());
        for (index, value) in list.iter().enumerate() {
            parts.extend(T::read(value, &at.entry(index), report));
        }
        (report.len() == before).then_some(parts)
    }

    fn view(&self) -> &[T] {
        self
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// A list that has at least one entry.
#[derive(Clone, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct NonEmpty<T>(Vec<T>);

impl<T: Part> Slot for NonEmpty<T> {
    type View<'a>
        = &'a [T]
    where
        T: 'a;

    const INFO: FieldInfo = info::<T>(true, true);

    fn take(value: Option<&Value>, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let list = Vec::take(value, at, report)?;
        if list.is_empty() {
            report.say(at, "required");
            return None;
        }
        Some(Self(list))
    }

    fn view(&self) -> &[T] {
        &self.0
    }

    fn is_absent(&self) -> bool {
        false
    }
}

/// An object while it is being read; used by [`fields!`](crate::fields).
#[doc(hidden)]
pub struct Object<'a> {
    from: From<'a>,
    seen: std::cell::Cell<usize>,
}

enum From<'a> {
    Object(&'a Map<String, Value>),
    Bare(&'static str, &'a Value),
}

impl<'a> Object<'a> {
    /// The object in `value`, or the text that stands for its field `bare`.
    pub fn open(value: &'a Value, bare: Option<&'static str>, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let from = match (value, bare) {
            (Value::Object(map), _) => From::Object(map),
            (Value::String(_), Some(bare)) => From::Bare(bare, value),
            _ => {
                report.say(at, "wrong-type");
                return None;
            }
        };
        Some(Self { from, seen: std::cell::Cell::new(0) })
    }

    /// Reads one field.
    pub fn take<S: Slot>(&self, name: &'static str, at: &At<'_>, report: &mut Report) -> Option<S> {
        match self.from {
            From::Bare(bare, value) if bare == name => S::take(Some(value), at, report),
            From::Bare(..) => S::take(None, at, report),
            From::Object(map) => {
                let value = map.get(name);
                self.seen.set(self.seen.get() + usize::from(value.is_some()));
                S::take(value.filter(|value| !value.is_null()), &at.field(name), report)
            }
        }
    }

    /// Reports the fields that nobody took.
    pub fn finish(&self, fields: &[FieldInfo], at: &At<'_>, report: &mut Report) {
        let From::Object(map) = self.from else { return };
        if map.len() == self.seen.get() {
            return;
        }
        for name in map.keys() {
            if fields.iter().all(|field| field.name != name) {
                report.say(&at.field(name), "unknown-field");
            }
        }
    }
}
