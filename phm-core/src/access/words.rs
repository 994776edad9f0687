//! The closed vocabularies of consent, and sets of their words.
//!
//! A word has one spelling everywhere: in stored bytes, in JSON, in the audit, on the command line. A word this
//! version does not know is refused, never ignored: ignoring one would widen what a grant gives.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A text is not one of the words it should be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown word; see the list in the documentation")]
pub struct UnknownWord;

macro_rules! words {
    (
        $(#[$doc:meta])* $one:ident;
        $(#[$many_doc:meta])* $many:ident;
        $($(#[$word_doc:meta])* $name:ident = $word:literal,)+
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum $one {
            $($(#[$word_doc])* $name,)+
        }

        impl $one {
            /// Every word, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word as it is written everywhere.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }

        impl fmt::Display for $one {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $one {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or(UnknownWord)
            }
        }

        impl Serialize for $one {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $one {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }

        $(#[$many_doc])*
        #[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
        pub struct $many(u8);

        impl $many {
            /// The set without a word.
            pub const NONE: Self = Self(0);
            /// The set of every word.
            pub const ALL: Self = Self(0 $(| 1 << $one::$name as u8)+);

            /// The set of `words`.
            pub fn of(words: &[$one]) -> Self {
                words.iter().copied().collect()
            }

            /// Whether `word` is in the set.
            pub const fn contains(self, word: $one) -> bool {
                self.0 & (1 << word as u8) != 0
            }

            /// Whether every word of `other` is in the set.
            pub const fn covers(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// The words that are in both sets.
            pub const fn intersection(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }

            /// Whether the set has no word.
            #[allow(clippy::trivially_copy_pass_by_ref)] // serde asks by reference
            pub const fn is_empty(&self) -> bool {
                self.0 == 0
            }

            /// The words of the set, in the order of the documentation.
            pub fn iter(self) -> impl Iterator<Item = $one> {
                $one::ALL.iter().copied().filter(move |word| self.contains(*word))
            }
        }

        impl FromIterator<$one> for $many {
            fn from_iter<I: IntoIterator<Item = $one>>(words: I) -> Self {
                Self(words.into_iter().fold(0, |bits, word| bits | 1 << word as u8))
            }
        }

        impl fmt::Debug for $many {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_set().entries(self.iter().map($one::as_str)).finish()
            }
        }

        impl Serialize for $many {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.iter())
            }
        }

        impl<'de> Deserialize<'de> for $many {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(Vec::<$one>::deserialize(deserializer)?.into_iter().collect())
            }
        }
    };
}

words! {
    /// What an account is in the house. A role opens no record; relations and grants do.
    Role;
    /// The roles of one account.
    Roles;
    /// Manages accounts, plugins and settings; sees no content.
    Admin = "admin",
    /// Keeps their own records.
    Patient = "patient",
    /// Treats people.
    Provider = "provider",
    /// Dispenses medicines.
    Pharmacist = "pharmacist",
    /// Reports results.
    Lab = "lab",
    /// Keeps the appointments.
    FrontDesk = "front-desk",
}

words! {
    /// What one may do with records.
    Action;
    /// What a grant or a token allows.
    Actions;
    /// See them.
    Read = "read",
    /// Add new ones.
    Add = "add",
    /// Change, remove and restore them.
    Amend = "amend",
    /// Give others access to them.
    Share = "share",
    /// Take a copy out of the vault.
    Export = "export",
    /// Destroy them, beyond recall. Nobody can be granted this.
    Erase = "erase",
}

words! {
    /// Why a record is more private than others. A record with such a label stays hidden unless a grant names it.
    Sensitivity;
    /// The labels of a record, or the labels a grant names.
    Labels;
    /// Mental health and addiction.
    MentalHealth = "mental-health",
    /// Sexual and reproductive health.
    SexualHealth = "sexual-health",
    /// A note its author keeps to themselves.
    PrivateNote = "private-note",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_written_as_the_list_of_its_words() {
        let roles: Roles = serde_json::from_str(r#"["front-desk","admin"]"#).expect("known words");
        assert!(roles.contains(Role::Admin) && roles.contains(Role::FrontDesk) && !roles.contains(Role::Provider));
        assert_eq!(serde_json::to_string(&roles).expect("plain words"), r#"["admin","front-desk"]"#);
        assert_eq!(format!("{roles:?}"), r#"{"admin", "front-desk"}"#);
    }

    #[test]
    fn a_word_nobody_defined_is_refused() {
        for text in ["", "Read", "write", "mental health", "*"] {
            assert!(text.parse::<Action>().is_err() && text.parse::<Sensitivity>().is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Labels>(r#"["mental-health","genetics"]"#).is_err());
    }

    #[test]
    fn every_word_reads_back_as_itself() {
        for word in Action::ALL {
            assert_eq!(word.as_str().parse(), Ok(*word));
        }
        for word in Sensitivity::ALL {
            assert_eq!(word.as_str().parse(), Ok(*word));
        }
        assert_eq!(Role::ALL.len(), 6);
        assert!(Labels::ALL.covers(Labels::NONE) && !Labels::NONE.covers(Labels::ALL) && Labels::NONE.is_empty());
    }
}
