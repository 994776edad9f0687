//! A relation: what an account is to a person.

use crate::fields;
use crate::id::ProfileId;
use crate::model::macros::choice;
use crate::model::{Id, Kind, Labels, Summary, Word};
use crate::time::When;

use super::{Account, ActionWord};

choice! {
    /// What an account is to a person.
    pub enum RelationWord {
        /// The same person.
        SelfSame = "self",
        /// Who keeps their records.
        Owner = "owner",
        /// Who decides for them.
        Guardian = "guardian",
        /// Who looks after them.
        Carer = "carer",
    }
}

fields! {
    /// What an account is to a person, and what it may do by that.
    pub struct Relation {
        /// The account.
        account: Id<Account>,
        /// The person.
        profile: ProfileId,
        /// What the account is to the person.
        relation: RelationWord,
        /// What it may do, where that is less than the relation allows.
        actions: Vec<ActionWord>,
        /// With which kinds of record, where that is less than all.
        kinds: Vec<Word>,
        /// The sensitive records that it covers too, by their labels.
        labels: Labels,
        /// Until when it holds, where that is not for good.
        ends_at: Option<When>,
    }
}

impl Kind for Relation {
    const NAME: &'static str = "relation";
    const COLLECTION: &'static str = "";
    const SYSTEM: bool = true;

    fn occurred(&self) -> Option<When> {
        None
    }

    fn summary(&self) -> Summary {
        Summary::of(self.relation.word())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    const A: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
    const B: &str = "6f9619ff-8b86-4011-b42d-00c04fc964fe";

    #[test]
    fn a_relation_keeps_its_stored_form() {
        let body =
            json!({"account": A, "profile": B, "relation": "carer", "actions": ["read", "add"], "kinds": ["dose"]});
        insta::assert_snapshot!(stored::<Relation>(&body), @r#"{"account":"6f9619ff-8b86-4011-b42d-00c04fc964ff","profile":"6f9619ff-8b86-4011-b42d-00c04fc964fe","relation":"carer","actions":["read","add"],"kinds":["dose"]}"#);
        assert_eq!(listed::<Relation>(&body), "|carer||||");
    }

    #[test]
    fn relations_that_mean_nothing_are_refused() {
        let cases = [
            (json!({}), "/account required, /profile required, /relation required"),
            (json!({"account": "me", "profile": B, "relation": "self"}), "/account invalid-id"),
            (json!({"account": A, "profile": 7, "relation": "self"}), "/profile wrong-type"),
            (json!({"account": A, "profile": B, "relation": "friend"}), "/relation invalid-choice"),
            (
                json!({"account": A, "profile": B, "relation": "self", "actions": ["delete"]}),
                "/actions/0 invalid-choice",
            ),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Relation>(&body), expected, "{body}");
        }
    }
}
