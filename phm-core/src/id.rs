//! Names of things: random UUIDs (version 4, RFC 9562), written in lower case.
//!
//! Each thing has its own type, so a record's id cannot be passed where a person's is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Detail, Error, ErrorKind};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new random id.
            pub fn new() -> Self {
                Self::version_four(crate::crypto::random())
            }

            /// The version-four id made of these random bytes.
            pub fn version_four(random: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(random).into_uuid())
            }

            /// The id with these bytes, as read back from storage.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The sixteen bytes of the id.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        /// A new random id.
        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0.as_hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                Uuid::try_parse(text)
                    .ok()
                    .filter(|id| id.as_hyphenated().to_string() == text)
                    .map(Self)
                    .ok_or_else(|| {
                        let text = "this is no id; an id is 36 signs long, such as 1f0c5e1e-7d9a-4c53-9d38-0a6d2f5b7c11";
                        let place = Detail { path: String::new(), code: "invalid-id" };
                        Error::new(ErrorKind::Invalid, "invalid", text).with_details(vec![place])
                    })
            }
        }
    };
}

id!(
    /// A person, or one of the two profiles that are nobody: `system` and `library`.
    ProfileId
);
id!(
    /// A record of any kind.
    RecordId
);
id!(
    /// A vault.
    VaultId
);
id!(
    /// A sealed file of a document.
    FileId
);
id!(
    /// One writer's audit log.
    LogId
);

id!(
    /// A full backup and the increments that continue it.
    ChainId
);

impl ProfileId {
    /// Holds accounts, relations, grants and tokens; no clinical content.
    pub const SYSTEM: Self = Self::from_bytes(*b"phm\0system\0\0\0\0\0\0");
    /// Holds shared reference resources that came without a patient.
    pub const LIBRARY: Self = Self::from_bytes(*b"phm\0library\0\0\0\0\0");

    /// Whether this is a person, not `system` or `library`.
    pub fn is_person(&self) -> bool {
        *self != Self::SYSTEM && *self != Self::LIBRARY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_lower_case_version_four() {
        let id = RecordId::new();
        assert_eq!(id.0.get_version_num(), 4);
        assert_eq!(id.to_string(), id.to_string().to_lowercase());
        assert_eq!(id.to_string().parse::<RecordId>().expect("own text"), id);
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in ["", "x", "6F9619FF-8B86-D011-B42D-00C04FC964FF", "6f9619ff8b86d011b42d00c04fc964ff"] {
            assert!(text.parse::<RecordId>().is_err(), "{text}");
        }
    }
}
