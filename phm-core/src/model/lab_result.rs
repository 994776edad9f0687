//! A result of a laboratory: one test with one value, or a panel that other results name.

use crate::fields;
use crate::time::When;

use super::macros::words;
use super::{At, Concept, Document, Id, Kind, Party, Quantity, Range, Ratio, Report, Summary, Text, Word};

words! {
    /// What a laboratory thinks of a value; usually a code of HL7's ObservationInterpretation.
    pub struct Interpretation: "L" "H" "LL" "HH" "N" "A" "AA" "POS" "NEG" "IND" "S" "I" "R"
}

fields! {
    /// A result of a laboratory.
    pub struct LabResult checked by has_one_value {
        /// The test.
        concept: Concept,
        /// The value as an amount.
        quantity: Option<Quantity>,
        /// The value in words.
        text_value: Option<Text>,
        /// The value as a concept.
        coded_value: Option<Concept>,
        /// The value as a ratio or titre.
        ratio: Option<Ratio>,
        /// Where the laboratory expects the value.
        range: Option<Range>,
        /// What the laboratory thinks of the value.
        interpretation: Option<Interpretation>,
        /// How final it is.
        status: Option<Word>,
        /// What was examined.
        specimen: Option<Concept>,
        /// When the specimen was taken.
        collected_at: Option<When>,
        /// When the result was released.
        resulted_at: Option<When>,
        /// Who examined it.
        laboratory: Option<Party>,
        /// The panel this result belongs to.
        panel: Option<Id<LabResult>>,
        /// The report it was read from.
        document: Option<Id<Document>>,
        /// What the laboratory remarked.
        remarks: Option<Text>,
    }
}

fn has_one_value(result: &LabResult, at: &At<'_>, report: &mut Report) {
    let values = [
        ("quantity", result.quantity.is_some()),
        ("text_value", result.text_value.is_some()),
        ("coded_value", result.coded_value.is_some()),
        ("ratio", result.ratio.is_some()),
    ];
    for (name, _) in values.iter().filter(|(_, given)| *given).skip(1) {
        report.say(&at.field(name), "only-one");
    }
    super::in_order(result.collected_at, result.resulted_at, at, "resulted_at", report);
}

impl LabResult {
    /// What lists call it: its name, and what was examined where no code says it. Glucose in urine is not glucose in
    /// blood.
    pub fn title(&self) -> String {
        let (name, specimen) = (self.concept.title(), self.specimen().map(Concept::title));
        match specimen.filter(|specimen| self.concept.codes().is_empty() && !specimen.is_empty()) {
            Some(specimen) => format!("{name}, {specimen}"),
            None => name.to_owned(),
        }
    }
}

impl Kind for LabResult {
    const NAME: &'static str = "lab-result";
    const COLLECTION: &'static str = "lab-results";

    fn occurred(&self) -> Option<When> {
        self.collected_at.or(self.resulted_at)
    }

    fn summary(&self) -> Summary {
        let summary = Summary { codes: self.concept.search_codes(), ..Summary::of(self.title()) };
        let summary = summary.status(self.status()).flag(self.interpretation());
        if let Some(quantity) = &self.quantity {
            return summary.quantity(quantity);
        }
        let ratio = self.ratio.as_ref().map(Ratio::shown);
        let words = self.text_value().or_else(|| self.coded_value().map(Concept::title));
        summary.value(words.or(ratio.as_deref()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn a_lab_result_keeps_its_stored_form() {
        let body = json!({
            "concept": {"text": "HbA1c", "codes": [{"system": "http://loinc.org", "code": "4548-4", "display": "Hemoglobin A1c"}]},
            "quantity": {"value": "6.50", "unit": "%", "comparator": ">="},
            "range": {"low": {"value": "4.0", "unit": "%"}, "high": {"value": "5.6", "unit": "%"}, "text": "4.0-5.6"},
            "interpretation": "H", "status": "final", "specimen": "blood", "collected_at": "2026-04-03T08:00:00Z",
            "resulted_at": "2026-04-03", "laboratory": "City Lab", "panel": "6f9619ff-8b86-4011-b42d-00c04fc964ff",
            "document": "6f9619ff-8b86-4011-b42d-00c04fc964fe", "remarks": "fasting",
        });
        insta::assert_snapshot!(stored::<LabResult>(&body), @r#"{"concept":{"text":"HbA1c","codes":[{"system":"http://loinc.org","code":"4548-4","display":"Hemoglobin A1c"}]},"quantity":{"value":"6.50","unit":"%","comparator":">="},"range":{"low":{"value":"4.0","unit":"%"},"high":{"value":"5.6","unit":"%"},"text":"4.0-5.6"},"interpretation":"H","status":"final","specimen":{"text":"blood"},"collected_at":"2026-04-03T08:00:00.000Z","resulted_at":"2026-04-03","laboratory":{"name":"City Lab"},"panel":"6f9619ff-8b86-4011-b42d-00c04fc964ff","document":"6f9619ff-8b86-4011-b42d-00c04fc964fe","remarks":"fasting"}"#);
        assert_eq!(
            listed::<LabResult>(&body),
            "2026-04-03T08:00:00.000Z|HbA1c|>=6.50 %|final|H|http://loinc.org#4548-4"
        );
    }

    #[test]
    fn every_form_of_a_value_shows_in_lists() {
        let of = |name: &str, value| listed::<LabResult>(&json!({"concept": "T", "resulted_at": "2026", name: value}));
        assert_eq!(of("text_value", json!("trace")), "2026|T|trace|||");
        assert_eq!(of("coded_value", json!({"codes": [{"code": "x", "display": "Positive"}]})), "2026|T|Positive|||");
        assert_eq!(of("ratio", json!("1:128")), "2026|T|1:128|||");
        assert_eq!(of("remarks", json!("a panel has no value")), "2026|T||||");
    }

    #[test]
    fn what_was_examined_stands_in_the_title_where_no_code_says_it() {
        let of =
            |concept| listed::<LabResult>(&json!({"concept": concept, "specimen": "urine", "resulted_at": "2026"}));
        assert_eq!(of(json!("Glucose")), "2026|Glucose, urine||||");
        let coded = json!({"text": "Glucose", "codes": [{"system": "http://loinc.org", "code": "2350-7"}]});
        assert_eq!(of(coded), "2026|Glucose||||http://loinc.org#2350-7");
    }

    #[test]
    fn lab_results_that_mean_nothing_are_refused() {
        let quantity = json!({"value": "1", "unit": "mg/dL"});
        let cases = [
            (json!({"quantity": quantity}), "/concept required"),
            (json!({"concept": "T", "quantity": {"value": "1", "unit": "mg/dLL"}}), "/quantity/unit unknown-unit"),
            (json!({"concept": "T", "quantity": quantity, "text_value": "x"}), "/text_value only-one"),
            (
                json!({"concept": "T", "quantity": quantity, "coded_value": "x", "ratio": "1:2"}),
                "/coded_value only-one, /ratio only-one",
            ),
            (json!({"concept": "T", "range": {"low": "4"}}), "/range/low wrong-type"),
            (json!({"concept": "T", "range": {}}), "/range required"),
            (json!({"concept": "T", "range": "4-5"}), "/range wrong-type"),
            (
                json!({"concept": "T", "collected_at": "2026-04-03", "resulted_at": "2026-04-01"}),
                "/resulted_at end-before-start",
            ),
            (json!({"concept": "T", "panel": "CBC"}), "/panel invalid-id"),
            (json!({"concept": "T", "document": "6F9619FF-8B86-4011-B42D-00C04FC964FF"}), "/document invalid-id"),
            (json!({"concept": "T", "interpretation": ["H"]}), "/interpretation wrong-type"),
            (json!({"concept": "T", "value": "1"}), "/value unknown-field"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<LabResult>(&body), expected, "{body}");
        }
    }
}
