//! Who is at work.
//!
//! There are six kinds of actor and no other: nothing in PHM runs as a god. Tokens, plugins and services act for
//! an account and never exceed it.

use serde::{Deserialize, Serialize};

use crate::id::RecordId;

/// The id of an account: of its record in the `system` profile.
pub type AccountId = RecordId;
/// The id of a token: of its record in the `system` profile.
pub type TokenId = RecordId;
/// The id of a grant: of its record in the `system` profile.
pub type GrantId = RecordId;

/// Who asks, reads or writes.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Actor {
    /// Somebody who signed in.
    Person {
        /// Their account.
        account: AccountId,
    },
    /// A program with a token that an account made.
    Token {
        /// The token.
        id: TokenId,
        /// The account it acts for.
        account: AccountId,
    },
    /// A plugin called for somebody.
    Plugin {
        /// The plugin's name.
        name: String,
        /// The account it acts for.
        account: AccountId,
    },
    /// Work of the house itself (reminders, backups) under a standing grant that a person gave and can revoke.
    Service {
        /// The standing grant.
        grant: GrantId,
        /// The account that gave it.
        account: AccountId,
        /// The service's name.
        name: String,
    },
    /// Whoever holds the vault's secret: the command line. May do all; shown to the people concerned.
    Operator,
    /// The door before anybody is signed in: looks up accounts in `system` and nothing else.
    Gate,
}

impl Actor {
    /// The actor's type as the audit shows it: `person token plugin service operator gate`.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Person { .. } => "person",
            Self::Token { .. } => "token",
            Self::Plugin { .. } => "plugin",
            Self::Service { .. } => "service",
            Self::Operator => "operator",
            Self::Gate => "gate",
        }
    }

    /// The actor's id as the audit shows it: of the account, token or standing grant; a plugin's name.
    pub fn id(&self) -> String {
        match self {
            Self::Person { account } => account.to_string(),
            Self::Token { id, .. } => id.to_string(),
            Self::Plugin { name, .. } => name.clone(),
            Self::Service { grant, .. } => grant.to_string(),
            Self::Operator | Self::Gate => self.type_name().to_owned(),
        }
    }

    /// The account that the actor is or acts for.
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Person { account }
            | Self::Token { account, .. }
            | Self::Plugin { account, .. }
            | Self::Service { account, .. } => Some(*account),
            Self::Operator | Self::Gate => None,
        }
    }

    /// The actor as audit and provenance show it, under the name people know it by.
    pub fn named(&self, name: impl Into<String>) -> ActorRef {
        ActorRef { r#type: self.type_name().to_owned(), id: self.id(), name: name.into() }
    }
}

/// An actor as audit and provenance show it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct ActorRef {
    /// `person token plugin service operator gate`.
    pub r#type: String,
    /// See [`Actor::id`].
    pub id: String,
    /// The name people know the actor by.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_actor_but_operator_and_gate_acts_for_an_account() {
        let (account, id) = (RecordId::from_bytes([1; 16]), RecordId::from_bytes([2; 16]));
        let actors = [
            (Actor::Person { account }, "person", account.to_string(), true),
            (Actor::Token { id, account }, "token", id.to_string(), true),
            (Actor::Plugin { name: "labs".into(), account }, "plugin", "labs".into(), true),
            (Actor::Service { grant: id, account, name: "reminders".into() }, "service", id.to_string(), true),
            (Actor::Operator, "operator", "operator".into(), false),
            (Actor::Gate, "gate", "gate".into(), false),
        ];
        for (actor, name, id, for_somebody) in actors {
            assert_eq!((actor.type_name(), actor.id()), (name, id));
            assert_eq!(actor.account(), for_somebody.then_some(account));
        }
    }

    #[test]
    fn an_actor_is_shown_with_type_id_and_name() {
        let shown = serde_json::to_string(&Actor::Operator.named("Command line")).expect("plain text");
        assert_eq!(shown, r#"{"type":"operator","id":"operator","name":"Command line"}"#);
    }
}
