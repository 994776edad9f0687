//! Kinds of the house itself: who may come in, what they may do, what was imported.
//!
//! They are records like the others, sealed, versioned and audited, in the profile that is nobody:
//! [`ProfileId::SYSTEM`](crate::id::ProfileId::SYSTEM). None of them holds clinical content.

mod account;
mod grant;
mod import;
mod relation;
mod restriction;
mod token;

use serde_json::Value;

use super::macros::choice;
use super::{At, Part, Report};
use crate::id::ProfileId;

pub use account::{Account, AccountStatus, Email, Role};
pub use grant::{Grant, Recipient};
pub use import::{Import, ImportState};
pub use relation::{Relation, RelationWord};
pub use restriction::Restriction;
pub use token::Token;

choice! {
    /// What somebody may do with records.
    pub enum ActionWord {
        /// See them.
        Read = "read",
        /// Add new ones.
        Add = "add",
        /// Change, remove and restore them.
        Amend = "amend",
        /// Let others see them.
        Share = "share",
        /// Take them out of the house.
        Export = "export",
    }
}

impl Part for ProfileId {
    type View<'a> = Self;

    const OF: &'static str = "id";
    const LINKS: Option<&'static str> = Some("profile");

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let id = value.as_str().and_then(|text| text.parse().ok());
        if id.is_none() {
            report.say(at, if value.is_string() { "invalid-id" } else { "wrong-type" });
        }
        id
    }

    fn view(&self) -> Self {
        *self
    }
}
