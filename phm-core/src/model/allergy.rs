//! An allergy or intolerance.

use crate::fields;
use crate::time::When;

use super::macros::choice;
use super::{Concept, Kind, Summary, Text, Word};

choice! {
    /// What somebody is allergic to; the words of FHIR.
    pub enum AllergyCategory {
        /// Something eaten.
        Food = "food",
        /// A medicine.
        Medication = "medication",
        /// Pollen, dust, stings …
        Environment = "environment",
        /// A vaccine, serum or blood product.
        Biologic = "biologic",
    }
}

choice! {
    /// How bad the next reaction may be; the words of FHIR.
    pub enum Criticality {
        /// Unlikely to threaten life.
        Low = "low",
        /// May threaten life.
        High = "high",
        /// Nobody can tell.
        UnableToAssess = "unable-to-assess",
    }
}

fields! {
    /// What happened once.
    pub struct Reaction {
        /// What was seen or felt.
        manifestation: Concept,
        /// How bad it was.
        severity: Option<Word>,
    }
}

fields! {
    /// An allergy or intolerance.
    pub struct Allergy {
        /// To what.
        substance: Concept,
        /// What sort of thing that is.
        category: Option<AllergyCategory>,
        /// How bad the next reaction may be.
        criticality: Option<Criticality>,
        /// Whether it still is there.
        status: Option<Word>,
        /// What happened so far.
        reactions: Vec<Reaction>,
        /// When it was first seen.
        onset: Option<When>,
        /// Whatever else is worth keeping.
        notes: Option<Text>,
    }
}

impl Kind for Allergy {
    const NAME: &'static str = "allergy";
    const COLLECTION: &'static str = "allergies";

    fn occurred(&self) -> Option<When> {
        self.onset
    }

    fn summary(&self) -> Summary {
        self.substance.summarised().status(self.status()).flag(self.criticality.map(Criticality::word))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn an_allergy_keeps_its_stored_form() {
        let body = json!({
            "substance": {"text": "Penicillin", "codes": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "7980"}]},
            "category": "medication", "criticality": "high", "status": "active", "onset": "2001-02",
            "reactions": [{"manifestation": "hives", "severity": "severe"}], "notes": "as a child",
        });
        insta::assert_snapshot!(stored::<Allergy>(&body), @r#"{"substance":{"text":"Penicillin","codes":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"7980"}]},"category":"medication","criticality":"high","status":"active","reactions":[{"manifestation":{"text":"hives"},"severity":"severe"}],"onset":"2001-02","notes":"as a child"}"#);
        assert_eq!(
            listed::<Allergy>(&body),
            "2001-02|Penicillin||active|high|http://www.nlm.nih.gov/research/umls/rxnorm#7980"
        );
    }

    #[test]
    fn allergies_that_mean_nothing_are_refused() {
        let cases = [
            (json!({}), "/substance required"),
            (json!({"substance": "nuts", "category": "nuts"}), "/category invalid-choice"),
            (json!({"substance": "nuts", "criticality": "unable_to_assess"}), "/criticality invalid-choice"),
            (json!({"substance": "nuts", "reactions": [{"severity": "mild"}]}), "/reactions/0/manifestation required"),
            (json!({"substance": "nuts", "reactions": "hives"}), "/reactions wrong-type"),
            (
                json!({"substance": "nuts", "reactions": [{"manifestation": "x", "at": "2020"}]}),
                "/reactions/0/at unknown-field",
            ),
            (json!({"substance": ["nuts"]}), "/substance wrong-type"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Allergy>(&body), expected, "{body}");
        }
    }
}
