//! How bodies are read: every rule that is broken is found in one pass, with its place and a stable code.
//!
//! A [`Part`] is a value that cannot be wrong once it exists; a [`Slot`] is how a field holds it (`T` required,
//! `Option<T>`, `Vec<T>`). [`fields!`](crate::fields) makes a record or an object out of slots: a type with
//! private fields and getters, whose only way in is [`Part::read`], together with its description for forms.
//!
//! | code | meaning |
//! |---|---|
//! | `required` | nothing where something is needed, or blank text |
//! | `unknown-field` | the kind has no such field |
//! | `wrong-type` | another JSON type is expected |
//! | `too-long` `too-many` | a text over 64 KiB, a list over 1,000 |
//! | `invalid-date` `invalid-instant` `invalid-decimal` `invalid-id` `invalid-choice` | not of that form |
//! | `invalid-number` | not in the range that the field can mean |
//! | `invalid-email` `invalid-media-type` `invalid-sha256` `invalid-type-name` | not of that form |
//! | `unknown-unit` `not-a-time` | not a UCUM unit, not a unit of time |
//! | `end-before-start` `low-above-high` | two fields contradict each other |
//! | `only-one` | a second value where one excludes the other |

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::Detail;

use super::FieldInfo;

/// More entries in one list are refused with `too-many`.
pub const LONGEST_LIST: usize = 1_000;

/// A report of more broken rules than this helps nobody.
const MOST_DETAILS: usize = 100;

/// Where in a body the reader is: a JSON pointer that is only written out when something is wrong.
#[derive(Clone, Copy)]
pub struct At<'a> {
    above: Option<&'a At<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Name(&'a str),
    Index(usize),
}

impl<'a> At<'a> {
    /// The whole body.
    pub const ROOT: Self = At { above: None, step: Step::Root };

    /// A field of the object here.
    pub const fn field(&'a self, name: &'a str) -> At<'a> {
        At { above: Some(self), step: Step::Name(name) }
    }

    /// An entry of the list here.
    pub const fn entry(&'a self, index: usize) -> At<'a> {
        At { above: Some(self), step: Step::Index(index) }
    }

    /// The JSON pointer (RFC 6901).
    pub fn pointer(&self) -> String {
        let mut path = self.above.map(At::pointer).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Index(index) => path.extend(["/", &index.to_string()]),
            Step::Name(name) => {
                path.push('/');
                // Names of unknown fields come from outside: keep the report small.
                let name = &name[..name.floor_char_boundary(100)];
                path.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
        }
        path
    }
}

/// The broken rules found so far.
#[derive(Default)]
pub struct Report {
    details: Vec<Detail>,
}

impl Report {
    /// Notes that the value at a place breaks the rule named by `code`.
    pub fn say(&mut self, at: &At<'_>, code: &'static str) {
        if self.details.len() < MOST_DETAILS {
            self.details.push(Detail { path: at.pointer(), code });
        }
    }

    /// How many have been found.
    pub fn len(&self) -> usize {
        self.details.len()
    }

    /// Whether none has been found.
    pub fn is_empty(&self) -> bool {
        self.details.is_empty()
    }

    /// What was found, in the order of the kind's fields.
    pub fn into_details(self) -> Vec<Detail> {
        self.details
    }
}

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
    let mut report = Report::default();
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

/// Makes a record or an object of it out of its fields: the type, its getters, its reader, its description.
///
/// `checked by` names a function that reports what contradicts itself between fields; it runs when every field
/// by itself is in order. `is` names the type for [`FieldInfo::of`], `bare` the field a bare string stands for.
///
/// ```
/// use phm_core::fields;
/// use phm_core::model::{Kind, Party, Summary, Text};
/// use phm_core::time::When;
///
/// fields! {
///     /// A place where people are treated.
///     pub struct Clinic {
///         /// What it is called.
///         name: Text,
///         /// Who leads it.
///         lead: Option<Party>,
///     }
/// }
///
/// impl Kind for Clinic {
///     const NAME: &'static str = "clinic";
///     const COLLECTION: &'static str = "clinics";
///
///     fn occurred(&self) -> Option<When> {
///         None
///     }
///
///     fn summary(&self) -> Summary {
///         Summary::of(self.name())
///     }
/// }
///
/// let clinic = Clinic::from_json(&serde_json::json!({"name": "Lakeside", "lead": "Dr Rao"}))?;
/// assert_eq!(clinic.lead().map(|lead| lead.name()), Some("Dr Rao"));
/// # Ok::<(), phm_core::Error>(())
/// ```
#[macro_export]
macro_rules! fields {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident $(is $of:literal)? $(bare $bare:ident)? $(checked by $check:path)? {
            $($(#[doc = $doc:literal])+ $field:ident: $type:ty),* $(,)?
        }
    ) => {
        $(#[$meta])*
        // The names are those of JSON.
        #[allow(clippy::struct_field_names)]
        #[derive(Clone, Eq, PartialEq)]
        $vis struct $name {
            $($field: $type),*
        }

        impl $name {
            $(
                $(#[doc = $doc])+
                pub fn $field(&self) -> <$type as $crate::model::Slot>::View<'_> {
                    <$type as $crate::model::Slot>::view(&self.$field)
                }
            )*
        }

        // People's data never ends up in a log by way of `{:?}`.
        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                $(
                    if !$crate::model::Slot::is_absent(&self.$field) {
                        const NAME: &str = $crate::model::bare_name(stringify!($field));
                        ::serde::ser::SerializeMap::serialize_entry(&mut map, NAME, &self.$field)?;
                    }
                )*
                ::serde::ser::SerializeMap::end(map)
            }
        }

        impl $crate::model::Part for $name {
            type View<'a> = &'a Self;

            const OF: &'static str = $crate::fields!(@first $($of)? "object");
            const FIELDS: &'static [$crate::model::FieldInfo] = &[
                $(<$type as $crate::model::Slot>::INFO.named(stringify!($field), concat!($($doc),+))),*
            ];
            const BARE: ::std::option::Option<&'static str> =
                $crate::fields!(@first $(::std::option::Option::Some(stringify!($bare)),)? ::std::option::Option::None);

            fn read(
                value: &::serde_json::Value,
                at: &$crate::model::At<'_>,
                report: &mut $crate::model::Report,
            ) -> ::std::option::Option<Self> {
                let before = report.len();
                let object = $crate::model::Object::open(value, Self::BARE, at, report)?;
                $(
                    let $field = {
                        const NAME: &str = $crate::model::bare_name(stringify!($field));
                        object.take::<$type>(NAME, at, report)
                    };
                )*
                object.finish(Self::FIELDS, at, report);
                if report.len() != before {
                    return None;
                }
                let read = Self { $($field: $field?),* };
                $($check(&read, at, report);)?
                (report.len() == before).then_some(read)
            }

            fn view(&self) -> &Self {
                self
            }
        }
    };
    (@first $first:literal $($rest:literal)?) => { $first };
    (@first $first:expr $(, $rest:expr)?) => { $first };
}

/// A closed choice of words.
macro_rules! choice {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$doc:meta])+ $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        $vis enum $name {
            $($(#[$doc])+ $variant),*
        }

        impl $name {
            /// The word in JSON.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),*
                }
            }

            /// The choice with this word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl $crate::model::Part for $name {
            type View<'a> = Self;

            const OF: &'static str = "choice";
            const CHOICES: &'static [&'static str] = &[$($word),*];

            fn read(value: &serde_json::Value, at: &$crate::model::At<'_>, report: &mut $crate::model::Report)
                -> Option<Self>
            {
                let choice = value.as_str().map(Self::from_word);
                if !matches!(choice, Some(Some(_))) {
                    report.say(at, if choice.is_none() { "wrong-type" } else { "invalid-choice" });
                }
                choice.flatten()
            }

            fn view(&self) -> Self {
                *self
            }

            fn is_blank(value: &serde_json::Value) -> bool {
                $crate::model::fields::blank(value)
            }
        }
    };
}

/// A word for which there are usual ones, and others are taken too.
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis struct $name:ident: $($word:literal)+) => {
        $(#[$meta])*
        #[derive(Clone, Eq, PartialEq, serde::Serialize)]
        #[serde(transparent)]
        $vis struct $name($crate::model::Text);

        impl $crate::model::Part for $name {
            type View<'a> = &'a str;

            const OF: &'static str = "text";
            const CHOICES: &'static [&'static str] = &[$($word),+];
            const OPEN: bool = true;

            fn read(value: &serde_json::Value, at: &$crate::model::At<'_>, report: &mut $crate::model::Report)
                -> Option<Self>
            {
                $crate::model::Text::read_up_to($crate::model::text::LONGEST_WORD, value, at, report).map(Self)
            }

            fn view(&self) -> &str {
                self.0.as_str()
            }

            fn is_blank(value: &serde_json::Value) -> bool {
                $crate::model::fields::blank(value)
            }
        }
    };
}

pub(super) use {choice, words};
