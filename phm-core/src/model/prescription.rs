//! A prescription: what a provider wrote on one day.

use crate::fields;
use crate::time::{PartialDate, When};

use super::{At, Concept, Count, Kind, Link, Medication, NonEmpty, Party, Report, Summary, Visit, Word};

fields! {
    /// What a provider prescribed on one day.
    pub struct Prescription checked by in_order {
        /// The medicines.
        items: NonEmpty<Medication>,
        /// The day it was written.
        prescribed_on: PartialDate,
        /// The last day it may be filled.
        valid_until: Option<PartialDate>,
        /// How often it may be filled again.
        refills: Option<Count>,
        /// Who wrote it.
        prescriber: Option<Party>,
        /// At which visit.
        visit: Option<Link<Visit>>,
        /// How far it has come.
        status: Option<Word>,
    }
}

fn in_order(prescription: &Prescription, at: &At<'_>, report: &mut Report) {
    let (start, end) = (When::Date(prescription.prescribed_on), prescription.valid_until.map(When::Date));
    super::in_order(Some(start), end, at, "valid_until", report);
}

impl Kind for Prescription {
    const NAME: &'static str = "prescription";
    const COLLECTION: &'static str = "prescriptions";

    fn occurred(&self) -> Option<When> {
        Some(When::Date(self.prescribed_on))
    }

    fn summary(&self) -> Summary {
        let drugs: Vec<&Concept> = self.items().iter().map(Medication::drug).collect();
        let titles: Vec<&str> = drugs.iter().map(|drug| drug.title()).collect();
        let codes = drugs.iter().flat_map(|drug| drug.search_codes()).collect();
        Summary { codes, ..Summary::of(titles.join(", ")).status(self.status()) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn a_prescription_keeps_its_stored_form() {
        let body = json!({
            "items": [{"drug": "Amoxicillin", "dose": {"value": "500", "unit": "mg"}}, {"drug": "Ibuprofen"}],
            "prescribed_on": "2026-04-03", "valid_until": "2026-05-03", "refills": 0, "prescriber": {"name": "Dr Rao"},
            "visit": "6f9619ff-8b86-4011-b42d-00c04fc964ff", "status": "active",
        });
        insta::assert_snapshot!(stored::<Prescription>(&body), @r#"{"items":[{"drug":{"text":"Amoxicillin"},"dose":{"value":"500","unit":"mg"}},{"drug":{"text":"Ibuprofen"}}],"prescribed_on":"2026-04-03","valid_until":"2026-05-03","refills":0,"prescriber":{"name":"Dr Rao"},"visit":"6f9619ff-8b86-4011-b42d-00c04fc964ff","status":"active"}"#);
        assert_eq!(listed::<Prescription>(&body), "2026-04-03|Amoxicillin, Ibuprofen||active||");
    }

    #[test]
    fn prescriptions_that_mean_nothing_are_refused() {
        let item = json!({"drug": "X"});
        let cases = [
            (json!({}), "/items required, /prescribed_on required"),
            (json!({"items": [], "prescribed_on": "2026"}), "/items required"),
            (json!({"items": item, "prescribed_on": "2026"}), "/items wrong-type"),
            (json!({"items": [item, {}], "prescribed_on": "2026"}), "/items/1/drug required"),
            (
                json!({"items": [item, {"drug": "Y", "start": "2026-02", "end": "2026-01"}], "prescribed_on": "2026"}),
                "/items/1/end end-before-start",
            ),
            (json!({"items": [item], "prescribed_on": "2026-04-03T08:00:00Z"}), "/prescribed_on invalid-date"),
            (
                json!({"items": [item], "prescribed_on": "2026-04-03", "valid_until": "2026-04-02"}),
                "/valid_until end-before-start",
            ),
            (json!({"items": [item], "prescribed_on": "2026", "refills": "3"}), "/refills wrong-type"),
            (json!({"items": [item], "prescribed_on": "2026", "refills": -3}), "/refills invalid-number"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Prescription>(&body), expected, "{body}");
        }
    }
}
