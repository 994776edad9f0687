//! A visit: somebody saw a provider.

use crate::fields;
use crate::time::When;

use super::{At, Concept, Document, Id, Kind, Party, Prescription, Report, Summary, Text, Word};

fields! {
    /// A visit to a provider, or of one.
    pub struct Visit checked by in_order {
        /// When it began.
        start: When,
        /// When it ended.
        end: Option<When>,
        /// What kind of visit it was.
        r#type: Option<Word>,
        /// How far it has come.
        status: Option<Word>,
        /// Whom they saw.
        provider: Option<Party>,
        /// What they came for.
        chief_complaint: Option<Text>,
        /// Tests that were done or ordered.
        tests: Vec<Text>,
        /// What was found.
        diagnoses: Vec<Concept>,
        /// What was prescribed.
        prescriptions: Vec<Id<Prescription>>,
        /// What was written or brought.
        documents: Vec<Id<Document>>,
        /// Whatever else is worth keeping.
        notes: Option<Text>,
    }
}

fn in_order(visit: &Visit, at: &At<'_>, report: &mut Report) {
    super::in_order(Some(visit.start), visit.end, at, "end", report);
}

impl Kind for Visit {
    const NAME: &'static str = "visit";
    const COLLECTION: &'static str = "visits";

    fn occurred(&self) -> Option<When> {
        Some(self.start)
    }

    fn summary(&self) -> Summary {
        let title = self.chief_complaint().or_else(|| self.diagnoses.first().map(Concept::title));
        let title = title.or(self.r#type()).or_else(|| self.provider().map(Party::name)).unwrap_or_default();
        let codes = self.diagnoses.iter().flat_map(Concept::search_codes).collect();
        Summary { codes, ..Summary::of(title).status(self.status()) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn a_visit_keeps_its_stored_form() {
        let body = json!({
            "start": "2026-04-03T12:00:00+02:00", "end": "2026-04-03T10:30:00Z", "type": "ambulatory",
            "status": "finished", "provider": "Dr Rao", "chief_complaint": "cough", "tests": ["chest x-ray"],
            "diagnoses": [{"text": "Bronchitis", "codes": [{"system": "http://snomed.info/sct", "code": "10509002"}]}],
            "prescriptions": ["6f9619ff-8b86-4011-b42d-00c04fc964ff"],
            "documents": ["6f9619ff-8b86-4011-b42d-00c04fc964fe"], "notes": "rest",
        });
        insta::assert_snapshot!(stored::<Visit>(&body), @r#"{"start":"2026-04-03T10:00:00.000Z","end":"2026-04-03T10:30:00.000Z","type":"ambulatory","status":"finished","provider":{"name":"Dr Rao"},"chief_complaint":"cough","tests":["chest x-ray"],"diagnoses":[{"text":"Bronchitis","codes":[{"system":"http://snomed.info/sct","code":"10509002"}]}],"prescriptions":["6f9619ff-8b86-4011-b42d-00c04fc964ff"],"documents":["6f9619ff-8b86-4011-b42d-00c04fc964fe"],"notes":"rest"}"#);
        assert_eq!(listed::<Visit>(&body), "2026-04-03T10:00:00.000Z|cough||finished||http://snomed.info/sct#10509002");
    }

    #[test]
    fn visits_that_mean_nothing_are_refused() {
        let cases = [
            (json!({}), "/start required"),
            (json!({"start": ""}), "/start invalid-date"),
            (json!({"start": "yesterday"}), "/start invalid-date"),
            (json!({"start": "2026-04-03T10:00:00"}), "/start invalid-instant"),
            (json!({"start": 2026}), "/start wrong-type"),
            (json!({"start": "2026-04-03", "end": "2026-04-02"}), "/end end-before-start"),
            (json!({"start": "2026-04-03T10:00:00Z", "end": "2026-04-03T09:59:59Z"}), "/end end-before-start"),
            (json!({"start": "2026-04-03T10:00:00Z", "end": "2026-04-01"}), "/end end-before-start"),
            (json!({"start": "2026", "prescriptions": ["7"]}), "/prescriptions/0 invalid-id"),
            (json!({"start": "2026", "documents": [7]}), "/documents/0 wrong-type"),
            (json!({"start": "2026", "diagnoses": [{}]}), "/diagnoses/0/text required"),
            (json!({"start": "2026", "provider": {"id": "x"}}), "/provider/name required"),
            (json!({"start": "2026", "tests": [""]}), "/tests/0 required"),
            (json!({"start": "2026", "Notes": ""}), "/Notes unknown-field"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Visit>(&body), expected, "{body}");
        }
    }

    #[test]
    fn an_end_that_may_be_later_is_taken() {
        for (start, end) in [
            ("2026-04-03", "2026-04-03"),
            ("2026-04-03", "2026-04"),
            ("2026-04-03", "2026"),
            ("2026-04-03T22:00:00Z", "2026-04-03"),
            ("2026-04-04", "2026-04-03T20:00:00Z"),
        ] {
            stored::<Visit>(&json!({"start": start, "end": end}));
        }
    }

    #[test]
    fn a_blank_optional_text_is_the_same_as_none() {
        assert_eq!(
            stored::<Visit>(&json!({"start": "2026", "notes": " ", "provider": "", "type": null})),
            r#"{"start":"2026"}"#
        );
    }
}
