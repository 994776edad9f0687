//! A condition: what somebody has or had.

use crate::fields;
use crate::time::When;

use super::macros::choice;
use super::{At, Concept, Kind, Report, Summary, Text, Word};

choice! {
    /// Whether a condition is there; the words of FHIR's clinical status.
    pub enum ConditionStatus {
        /// It is there.
        Active = "active",
        /// It is there again.
        Recurrence = "recurrence",
        /// It is there again after it had become better.
        Relapse = "relapse",
        /// It is not felt.
        Inactive = "inactive",
        /// It is asleep and may come back.
        Remission = "remission",
        /// It is over.
        Resolved = "resolved",
    }
}

fields! {
    /// A disease, complaint or finding that lasts.
    pub struct Condition checked by in_order {
        /// What it is.
        concept: Concept,
        /// Whether it is there.
        status: Option<ConditionStatus>,
        /// How sure it is.
        verification: Option<Word>,
        /// How bad it is.
        severity: Option<Text>,
        /// Whether it stays.
        chronic: Option<bool>,
        /// When it began.
        onset: Option<When>,
        /// When it was over.
        ended: Option<When>,
        /// Whatever else is worth keeping.
        notes: Option<Text>,
    }
}

fn in_order(condition: &Condition, at: &At<'_>, report: &mut Report) {
    super::in_order(condition.onset, condition.ended, at, "ended", report);
}

impl Kind for Condition {
    const NAME: &'static str = "condition";
    const COLLECTION: &'static str = "conditions";

    fn occurred(&self) -> Option<When> {
        self.onset
    }

    fn summary(&self) -> Summary {
        self.concept.summarised().status(self.status.map(ConditionStatus::word)).flag(self.severity())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn a_condition_keeps_its_stored_form() {
        let body = json!({
            "concept": "Asthma", "status": "active", "verification": "confirmed", "severity": "mild", "chronic": true,
            "onset": "1999", "ended": "2004-05-06", "notes": "exercise",
        });
        insta::assert_snapshot!(stored::<Condition>(&body), @r#"{"concept":{"text":"Asthma"},"status":"active","verification":"confirmed","severity":"mild","chronic":true,"onset":"1999","ended":"2004-05-06","notes":"exercise"}"#);
        assert_eq!(listed::<Condition>(&body), "1999|Asthma||active|mild|");
        assert_eq!(listed::<Condition>(&json!({"concept": "Asthma"})), "|Asthma||||");
    }

    #[test]
    fn conditions_that_mean_nothing_are_refused() {
        let cases = [
            (json!({"status": "active"}), "/concept required"),
            (json!({"concept": " "}), "/concept/text required"),
            (json!({"concept": "Asthma", "status": "cured"}), "/status invalid-choice"),
            (json!({"concept": "Asthma", "status": "Active"}), "/status invalid-choice"),
            (json!({"concept": "Asthma", "chronic": "yes"}), "/chronic wrong-type"),
            (json!({"concept": "Asthma", "onset": "1999", "ended": "1998-12-31"}), "/ended end-before-start"),
            (json!({"concept": "Asthma", "onset": "31-12-1999"}), "/onset invalid-date"),
            (
                json!({"concept": {"codes": [{}]}, "status": "x", "onset": "y", "z": 1}),
                "/concept/codes/0/code required, /status invalid-choice, /onset invalid-date, /z unknown-field",
            ),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Condition>(&body), expected, "{body}");
        }
    }
}
