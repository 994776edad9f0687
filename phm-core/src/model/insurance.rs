//! An insurance: who pays.

use crate::fields;
use crate::time::When;

use super::{At, Kind, Party, Report, Summary, Text, Word};

fields! {
    /// Who pays, and under which number.
    pub struct Insurance checked by in_order {
        /// Who pays.
        payer: Party,
        /// Under which plan.
        plan: Option<Text>,
        /// The number of the insured.
        member_number: Option<Word>,
        /// The group the insured belongs to.
        group: Option<Text>,
        /// Who holds the insurance.
        holder: Option<Text>,
        /// Since when.
        start: Option<When>,
        /// Until when.
        end: Option<When>,
    }
}

fn in_order(insurance: &Insurance, at: &At<'_>, report: &mut Report) {
    super::in_order(insurance.start, insurance.end, at, "end", report);
}

impl Kind for Insurance {
    const NAME: &'static str = "insurance";
    const COLLECTION: &'static str = "insurance";

    fn occurred(&self) -> Option<When> {
        self.start
    }

    fn summary(&self) -> Summary {
        Summary::of(self.payer.name()).value(self.plan())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn an_insurance_keeps_its_stored_form() {
        let body = json!({
            "payer": "Lake Mutual", "plan": "Family", "member_number": "M-7", "group": "G-1", "holder": "Ravi Kaur",
            "start": "2025", "end": "2026-12-31",
        });
        insta::assert_snapshot!(stored::<Insurance>(&body), @r#"{"payer":{"name":"Lake Mutual"},"plan":"Family","member_number":"M-7","group":"G-1","holder":"Ravi Kaur","start":"2025","end":"2026-12-31"}"#);
        assert_eq!(listed::<Insurance>(&body), "2025|Lake Mutual|Family|||");
    }

    #[test]
    fn insurances_that_mean_nothing_are_refused() {
        let cases = [
            (json!({"plan": "Family"}), "/payer required"),
            (json!({"payer": ""}), "/payer required"),
            (json!({"payer": "L", "member_number": 7}), "/member_number wrong-type"),
            (json!({"payer": "L", "start": "2026", "end": "2025"}), "/end end-before-start"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Insurance>(&body), expected, "{body}");
        }
    }
}
