//! The three ways to write a kind down: [`fields!`](crate::fields) for what has fields, `choice!` for closed choices
//! of words, `words!` for words of which there are usual ones.
//!
//! A kind is written once. Its type, getters, reader, stored form and description come from the same lines, so they
//! cannot come apart.

/// Makes a record or an object of it out of its fields: the type, its getters, its reader, its description.
///
/// `checked by` names a function that reports what contradicts itself between fields; it runs when every field
/// by itself is in order. `is` names the type for `FieldInfo::of`, `bare` the field a bare string stands for.
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
