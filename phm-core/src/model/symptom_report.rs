//! A symptom report: what somebody feels, in their own words.

use crate::fields;
use crate::time::When;

use super::{Concept, Kind, Summary, Text, Word};

fields! {
    /// One symptom out of the words.
    pub struct Symptom {
        /// Which symptom.
        concept: Concept,
        /// How bad it is.
        severity: Option<Word>,
    }
}

fields! {
    /// What somebody feels, in their own words.
    pub struct SymptomReport {
        /// Their words.
        text: Text,
        /// The language of the words, as a tag such as `hi`.
        language: Option<Word>,
        /// Since when.
        started: Option<When>,
        /// The symptoms in it.
        items: Vec<Symptom>,
    }
}

impl Kind for SymptomReport {
    const NAME: &'static str = "symptom-report";
    const COLLECTION: &'static str = "symptom-reports";

    fn occurred(&self) -> Option<When> {
        self.started
    }

    fn summary(&self) -> Summary {
        let codes = self.items.iter().flat_map(|item| item.concept.search_codes()).collect();
        Summary { codes, ..Summary::of(self.text()) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn a_symptom_report_keeps_its_stored_form() {
        let body = json!({
            "text": "सिर में दर्द", "language": "hi", "started": "2026-04-02",
            "items": [{"concept": {"text": "Headache", "codes": [{"code": "25064002"}]}, "severity": "moderate"}],
        });
        insta::assert_snapshot!(stored::<SymptomReport>(&body), @r#"{"text":"सिर में दर्द","language":"hi","started":"2026-04-02","items":[{"concept":{"text":"Headache","codes":[{"code":"25064002"}]},"severity":"moderate"}]}"#);
        assert_eq!(listed::<SymptomReport>(&body), "2026-04-02|सिर में दर्द||||#25064002");
    }

    #[test]
    fn symptom_reports_that_mean_nothing_are_refused() {
        let cases = [
            (json!({"language": "hi"}), "/text required"),
            (json!({"text": "\n"}), "/text required"),
            (json!({"text": "x".repeat(70_000)}), "/text too-long"),
            (json!({"text": "ache", "started": "yesterday"}), "/started invalid-date"),
            (json!({"text": "ache", "items": [{"severity": "mild"}]}), "/items/0/concept required"),
            (json!({"text": "ache", "items": ["ache"]}), "/items/0 wrong-type"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<SymptomReport>(&body), expected, "{body}");
        }
    }
}
