//! How an account stands to a profile.

use serde::{Deserialize, Serialize};

use super::kinds::Kinds;
use super::words::{Action, Labels};
use crate::time::Instant;

/// How an account stands to a profile. Written `self`, `owner`, `guardian`, or `{"carer":{…}}`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// The profile is about the account's holder.
    #[serde(rename = "self")]
    Myself,
    /// Keeps the profile; the person has no account of their own, or chose so.
    Owner,
    /// Answers for a dependant; what that opens shrinks as the dependant grows up.
    Guardian,
    /// Helps, with what was chosen for them.
    Carer(CarerRights),
}

impl Relation {
    /// The relation's word: `self owner guardian carer`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Myself => "self",
            Self::Owner => "owner",
            Self::Guardian => "guardian",
            Self::Carer(_) => "carer",
        }
    }
}

/// What a carer was trusted with. A carer never shares, exports or erases.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarerRights {
    /// The chosen kinds.
    pub kinds: Kinds,
    /// Whether the carer may add and amend; otherwise they only look.
    #[serde(default)]
    pub edit: bool,
    /// The sensitive labels that were named for them.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// First moment at which the carer is none any more; without one they help until that is ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Instant>,
}

impl CarerRights {
    /// The actions that were chosen.
    pub fn actions(&self) -> &'static [Action] {
        if self.edit { &[Action::Read, Action::Add, Action::Amend] } else { &[Action::Read] }
    }

    /// Whether `action` on records of `kind` was chosen.
    pub fn allows(&self, action: Action, kind: &str) -> bool {
        let chosen = match action {
            Action::Read => true,
            Action::Add | Action::Amend => self.edit,
            Action::Share | Action::Export | Action::Erase => false,
        };
        chosen && self.kinds.contains(kind)
    }

    /// Whether the carer's time is over at `now`.
    pub fn is_over(&self, now: Instant) -> bool {
        self.ends_at.is_some_and(|ends_at| ends_at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_are_written_as_the_contracts_name_them() {
        let carer = Relation::Carer(CarerRights { kinds: Kinds::of(["dose"]), edit: true, ..CarerRights::default() });
        for (relation, json) in [
            (Relation::Myself, r#""self""#),
            (Relation::Owner, r#""owner""#),
            (Relation::Guardian, r#""guardian""#),
            (carer, r#"{"carer":{"kinds":["dose"],"edit":true}}"#),
        ] {
            assert_eq!(serde_json::to_string(&relation).expect("plain text"), json);
            assert_eq!(serde_json::from_str::<Relation>(json).expect("own text"), relation);
        }
    }

    #[test]
    fn a_carer_who_looks_does_not_write_and_none_shares_or_exports() {
        let looks = CarerRights { kinds: Kinds::of(["dose"]), ..CarerRights::default() };
        let edits = CarerRights { edit: true, ..looks.clone() };
        for (action, look, edit) in [
            (Action::Read, true, true),
            (Action::Add, false, true),
            (Action::Amend, false, true),
            (Action::Share, false, false),
            (Action::Export, false, false),
            (Action::Erase, false, false),
        ] {
            assert_eq!((looks.allows(action, "dose"), edits.allows(action, "dose")), (look, edit), "{action}");
            assert!(!edits.allows(action, "note"), "{action}");
        }
    }
}
