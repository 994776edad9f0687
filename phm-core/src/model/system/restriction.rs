//! A restriction: records of a person that are kept and not used by others until it is lifted.

use crate::fields;
use crate::id::{ProfileId, RecordId};
use crate::model::{Id, Kind, Summary, Text};
use crate::time::When;

use super::Account;

fields! {
    /// Records of a person that are kept and not used by others.
    pub struct Restriction {
        /// Whose records.
        profile: ProfileId,
        /// Which; everything about the person where none is named.
        records: Vec<RecordId>,
        /// Why.
        purpose: Option<Text>,
        /// Since when.
        since: Option<When>,
        /// The account that restricted them; none where the operator did.
        given_by: Option<Id<Account>>,
    }
}

impl Kind for Restriction {
    const NAME: &'static str = "restriction";
    const COLLECTION: &'static str = "";
    const SYSTEM: bool = true;

    fn occurred(&self) -> Option<When> {
        self.since
    }

    fn summary(&self) -> Summary {
        Summary::of(self.purpose().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{refused, stored};

    const A: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
    const B: &str = "6f9619ff-8b86-4011-b42d-00c04fc964fe";

    #[test]
    fn a_restriction_keeps_its_stored_form() {
        let body = json!({
            "profile": B, "records": [A], "purpose": "disputed", "since": "2026-04-03T00:00:00Z", "given_by": A,
        });
        insta::assert_snapshot!(stored::<Restriction>(&body), @r#"{"profile":"6f9619ff-8b86-4011-b42d-00c04fc964fe","records":["6f9619ff-8b86-4011-b42d-00c04fc964ff"],"purpose":"disputed","since":"2026-04-03T00:00:00.000Z","given_by":"6f9619ff-8b86-4011-b42d-00c04fc964ff"}"#);
    }

    #[test]
    fn restrictions_that_mean_nothing_are_refused() {
        for (body, expected) in [
            (json!({}), "/profile required"),
            (json!({"profile": B, "records": ["me"]}), "/records/0 invalid-id"),
            (json!({"profile": B, "kinds": ["note"]}), "/kinds unknown-field"),
        ] {
            assert_eq!(refused::<Restriction>(&body), expected, "{body}");
        }
    }
}
