//! A care plan: what is to be reached and how.

use crate::fields;
use crate::time::{PartialDate, When};

use super::{At, Kind, Report, Summary, Text, Word};

fields! {
    /// Something to be reached.
    pub struct Goal {
        /// What.
        text: Text,
        /// How much of it.
        target: Option<Text>,
        /// By which day.
        due: Option<PartialDate>,
        /// How far it has come.
        status: Option<Word>,
    }
}

fields! {
    /// What is to be reached and how.
    pub struct CarePlan checked by in_order {
        /// What the plan is called.
        title: Text,
        /// How far it has come.
        status: Option<Word>,
        /// Since when.
        start: Option<When>,
        /// Until when.
        end: Option<When>,
        /// What is to be reached.
        goals: Vec<Goal>,
        /// What is to be done.
        activities: Vec<Text>,
    }
}

fn in_order(plan: &CarePlan, at: &At<'_>, report: &mut Report) {
    super::in_order(plan.start, plan.end, at, "end", report);
}

impl Kind for CarePlan {
    const NAME: &'static str = "care-plan";
    const COLLECTION: &'static str = "care-plans";

    fn occurred(&self) -> Option<When> {
        self.start
    }

    fn summary(&self) -> Summary {
        Summary::of(self.title()).status(self.status())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn a_care_plan_keeps_its_stored_form() {
        let body = json!({
            "title": "Diabetes", "status": "active", "start": "2026-01", "end": "2026-12-31",
            "goals": [{"text": "HbA1c", "target": "below 7 %", "due": "2026-06", "status": "in-progress"}],
            "activities": ["walk 30 minutes a day"],
        });
        insta::assert_snapshot!(stored::<CarePlan>(&body), @r#"{"title":"Diabetes","status":"active","start":"2026-01","end":"2026-12-31","goals":[{"text":"HbA1c","target":"below 7 %","due":"2026-06","status":"in-progress"}],"activities":["walk 30 minutes a day"]}"#);
        assert_eq!(listed::<CarePlan>(&body), "2026-01|Diabetes||active||");
    }

    #[test]
    fn care_plans_that_mean_nothing_are_refused() {
        let cases = [
            (json!({"goals": []}), "/title required"),
            (json!({"title": "D", "goals": [{"due": "2026"}]}), "/goals/0/text required"),
            (json!({"title": "D", "goals": [{"text": "x", "due": "soon"}]}), "/goals/0/due invalid-date"),
            (json!({"title": "D", "goals": ["x"]}), "/goals/0 wrong-type"),
            (json!({"title": "D", "activities": [" "]}), "/activities/0 required"),
            (json!({"title": "D", "start": "2026", "end": "2025-12-31"}), "/end end-before-start"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<CarePlan>(&body), expected, "{body}");
        }
    }
}
