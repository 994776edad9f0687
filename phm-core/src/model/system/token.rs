//! A token: a secret with which a program acts for an account, within limits.

use crate::fields;
use crate::id::ProfileId;
use crate::model::{Id, Kind, Summary, Text, Word};
use crate::time::When;

use super::{Account, ActionWord};

fields! {
    /// A secret with which a program acts for an account. Only its hash is kept.
    pub struct Token {
        /// What it is called.
        name: Text,
        /// For whom it acts.
        account: Option<Id<Account>>,
        /// On whose records.
        profiles: Vec<ProfileId>,
        /// On which kinds of record.
        kinds: Vec<Word>,
        /// What it may do.
        actions: Vec<ActionWord>,
        /// Until when it holds.
        expires_at: Option<When>,
        /// The hash of the secret.
        secret_hash: Option<Word>,
        /// When it was made.
        created_at: Option<When>,
        /// When it was taken back.
        revoked_at: Option<When>,
    }
}

impl Kind for Token {
    const NAME: &'static str = "token";
    const COLLECTION: &'static str = "";
    const SYSTEM: bool = true;

    fn occurred(&self) -> Option<When> {
        self.created_at
    }

    fn summary(&self) -> Summary {
        Summary::of(self.name())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    const A: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";

    #[test]
    fn a_token_keeps_its_stored_form() {
        let body = json!({
            "name": "Notebook", "account": A, "profiles": [A], "kinds": ["lab-result"], "actions": ["read"],
            "expires_at": "2027-01-01T00:00:00Z", "secret_hash": "00ff", "created_at": "2026-11-22T00:00:00Z",
            "revoked_at": "2026-12-01T00:00:00Z",
        });
        insta::assert_snapshot!(stored::<Token>(&body), @r#"{"name":"Notebook","account":"6f9619ff-8b86-4011-b42d-00c04fc964ff","profiles":["6f9619ff-8b86-4011-b42d-00c04fc964ff"],"kinds":["lab-result"],"actions":["read"],"expires_at":"2027-01-01T00:00:00.000Z","secret_hash":"00ff","created_at":"2026-11-22T00:00:00.000Z","revoked_at":"2026-12-01T00:00:00.000Z"}"#);
        assert_eq!(listed::<Token>(&body), "2026-11-22T00:00:00.000Z|Notebook||||");
    }

    #[test]
    fn tokens_that_mean_nothing_are_refused() {
        let cases = [
            (json!({"actions": ["read"]}), "/name required"),
            (json!({"name": "N", "profiles": ["me"]}), "/profiles/0 invalid-id"),
            (json!({"name": "N", "actions": ["all"]}), "/actions/0 invalid-choice"),
            (json!({"name": "N", "expires_at": "never"}), "/expires_at invalid-date"),
            (json!({"name": "N", "secret": "phm_x"}), "/secret unknown-field"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Token>(&body), expected, "{body}");
        }
    }
}
