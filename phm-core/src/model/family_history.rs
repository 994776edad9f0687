//! Family history: what a relative has or had.

use crate::fields;
use crate::time::When;

use super::{At, Concept, Kind, Quantity, Report, Summary, Text};

fields! {
    /// What a relative has or had.
    pub struct RelativesCondition checked by at_an_age {
        /// What it is.
        concept: Concept,
        /// How old they were when it began.
        onset_age: Option<Quantity>,
    }
}

fn at_an_age(condition: &RelativesCondition, at: &At<'_>, report: &mut Report) {
    super::quantity::is_time(condition.onset_age(), &at.field("onset_age"), report);
}

fields! {
    /// The history of one relative.
    pub struct FamilyHistory {
        /// What they are to the person: mother, brother …
        relation: Text,
        /// What they have or had.
        conditions: Vec<RelativesCondition>,
        /// Whether they have died.
        deceased: Option<bool>,
        /// Whatever else is worth keeping.
        notes: Option<Text>,
    }
}

impl Kind for FamilyHistory {
    const NAME: &'static str = "family-history";
    const COLLECTION: &'static str = "family-history";

    fn occurred(&self) -> Option<When> {
        None
    }

    fn summary(&self) -> Summary {
        let concepts: Vec<&Concept> = self.conditions.iter().map(RelativesCondition::concept).collect();
        let titles: Vec<&str> = concepts.iter().map(|concept| concept.title()).collect();
        let codes = concepts.iter().flat_map(|concept| concept.search_codes()).collect();
        let value = titles.join(", ");
        Summary { codes, ..Summary::of(self.relation()).value((!value.is_empty()).then_some(value.as_str())) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn a_family_history_keeps_its_stored_form() {
        let body = json!({
            "relation": "mother", "deceased": true, "notes": "by telephone",
            "conditions": [{"concept": "Diabetes", "onset_age": {"value": "52", "unit": "a"}}, {"concept": "Stroke"}],
        });
        insta::assert_snapshot!(stored::<FamilyHistory>(&body), @r#"{"relation":"mother","conditions":[{"concept":{"text":"Diabetes"},"onset_age":{"value":"52","unit":"a"}},{"concept":{"text":"Stroke"}}],"deceased":true,"notes":"by telephone"}"#);
        assert_eq!(listed::<FamilyHistory>(&body), "|mother|Diabetes, Stroke|||");
        assert_eq!(listed::<FamilyHistory>(&json!({"relation": "aunt"})), "|aunt||||");
    }

    #[test]
    fn family_histories_that_mean_nothing_are_refused() {
        let cases = [
            (json!({"conditions": [{"concept": "Diabetes"}]}), "/relation required"),
            (json!({"relation": " "}), "/relation required"),
            (json!({"relation": "mother", "conditions": ["Diabetes"]}), "/conditions/0 wrong-type"),
            (json!({"relation": "mother", "conditions": [{}]}), "/conditions/0/concept required"),
            (
                json!({"relation": "mother", "conditions": [{"concept": "D", "onset_age": {"value": "52", "unit": "kg"}}]}),
                "/conditions/0/onset_age/unit not-a-time",
            ),
            (
                json!({"relation": "mother", "conditions": [{"concept": "D", "onset_age": 52}]}),
                "/conditions/0/onset_age wrong-type",
            ),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<FamilyHistory>(&body), expected, "{body}");
        }
    }
}
