//! One use or change, as the log keeps it: the outer part, which names no person and no content.
//!
//! Who it is about stands here as a pseudonym only. What it is about is [`Inner`](super::inner::Inner), sealed under
//! that person's key, so that erasing a person leaves the log whole and silent about them.

use std::fmt;

use super::tree::Hash;
use crate::access::Actor;
use crate::id::LogId;
use crate::store::layout::Table;
use crate::time::Instant;

/// A person as the log knows them: random, the same in all entries about them, told by nothing outside the vault.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Pseudonym([u8; 16]);

impl Pseudonym {
    /// The pseudonym with these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonym(")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $variant:ident = $code:literal $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[repr(u8)]
        pub enum $name {
            $($(#[$word_doc])* $variant = $code,)+
        }

        impl $name {
            /// Every word.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word the audit shows.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// What stands in stored bytes; never renumbered.
            pub(super) const fn code(self) -> u8 {
                self as u8
            }

            /// Reads what stands in stored bytes.
            pub(super) fn from_code(code: u8) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.code() == code)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

coded! {
    /// What was done: the audit's `action`.
    Deed {
        /// Records were seen.
        Read = 1 "read",
        /// A record was added.
        Add = 2 "add",
        /// A record was changed.
        Amend = 3 "amend",
        /// A record was removed.
        Remove = 4 "remove",
        /// A removed record was restored.
        Restore = 5 "restore",
        /// Access was given.
        Share = 6 "share",
        /// Access was taken back.
        Revoke = 7 "revoke",
        /// Records were taken out of the vault.
        Export = 8 "export",
        /// Records were imported.
        Import = 9 "import",
        /// An import was undone.
        Undo = 10 "undo",
        /// A person was erased.
        Erase = 11 "erase",
        /// A record was rectified: its earlier content destroyed.
        Rectify = 12 "rectify",
        /// Records past their retention were destroyed.
        Purge = 13 "purge",
        /// Somebody signed in.
        SignIn = 14 "sign-in",
        /// Somebody signed out or a session was ended.
        SignOut = 15 "sign-out",
        /// An account, relation, token or setting was changed.
        Administer = 16 "administer",
        /// The vault was backed up.
        BackUp = 17 "back-up",
        /// The vault was opened with a secret.
        Unlock = 18 "unlock",
        /// A new log was begun.
        BeginLog = 19 "begin-log",
    }
}

coded! {
    /// How it ended.
    Outcome {
        /// It was allowed and done.
        Allowed = 1 "allowed",
        /// The policy refused it.
        Refused = 2 "refused",
        /// It was allowed and could not be done.
        Failed = 3 "failed",
    }
}

/// What binds a stored row to the log: `HMAC-SHA-256(r, plaintext)`, where r are 32 random bytes inside the sealed body.
///
/// Resealing keeps r, so the commitment stays true under a new key; erasing destroys r, so it tells nothing any more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Written {
    /// The table the row stands in.
    pub table: Table,
    /// Whose row it is. Never the blinded address: that changes when a store is migrated.
    pub pseudonym: Pseudonym,
    /// Its number in that person's journal.
    pub seq: u64,
    /// The commitment.
    pub commitment: [u8; 32],
}

/// A fact about the log or the store that checking needs to know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Remark {
    /// This log goes on where another ended.
    Continues {
        /// The other log.
        log: LogId,
        /// How many rows it had.
        size: u64,
        /// Its root at that size.
        root: Hash,
        /// Why: `restore`, `clone`, `failover`.
        reason: String,
    },
    /// These rows are missing on purpose: rectified, past retention, or of somebody who was erased.
    Purged {
        /// The table the rows stood in.
        table: Table,
        /// Whose they were.
        pseudonym: Pseudonym,
        /// The first of them.
        from: u64,
        /// The one behind the last.
        to: u64,
    },
}

/// One use or change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: Actor,
    /// What.
    pub deed: Deed,
    /// How it ended.
    pub outcome: Outcome,
    /// About whom; `None` for what concerns the whole house.
    pub subject: Option<Pseudonym>,
    /// The [place](super::place) of the row that holds the entry before this one about the same person: "who looked"
    /// walks from the newest back.
    pub previous: Option<u64>,
    /// How many records, or how many times.
    pub count: u64,
    /// The inner part, sealed under the subject's key; empty when there is none.
    pub inner: Vec<u8>,
    /// What it wrote.
    pub writes: Vec<Written>,
    /// What checking needs to know besides.
    pub remarks: Vec<Remark>,
}

impl Entry {
    /// An entry without an inner part, about nobody, that wrote nothing; the rest is filled in by field.
    pub const fn new(at: Instant, actor: Actor, deed: Deed, outcome: Outcome) -> Self {
        Self {
            at,
            actor,
            deed,
            outcome,
            subject: None,
            previous: None,
            count: 1,
            inner: Vec::new(),
            writes: Vec::new(),
            remarks: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_in_stored_bytes_are_never_renumbered() {
        let deeds: Vec<_> = Deed::ALL.iter().map(|deed| (deed.code(), deed.as_str())).collect();
        insta::assert_snapshot!(format!("{deeds:?}"));
        let outcomes: Vec<_> = Outcome::ALL.iter().map(|outcome| (outcome.code(), outcome.as_str())).collect();
        assert_eq!(outcomes, [(1, "allowed"), (2, "refused"), (3, "failed")]);
        assert!(Deed::from_code(0).is_none() && Deed::from_code(20).is_none() && Outcome::from_code(4).is_none());
    }
}
