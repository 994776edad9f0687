//! An immunization: a vaccine that was given, or was not.

use crate::fields;
use crate::time::{PartialDate, When};

use super::{Concept, Count, Kind, Party, Summary, Word};

// A lot that had expired and was given all the same is a fact worth keeping, so the two days are not compared.
fields! {
    /// A vaccine that was given, or was not.
    pub struct Immunization {
        /// Which vaccine.
        vaccine: Concept,
        /// On which day.
        given_on: PartialDate,
        /// Whether it was given.
        status: Option<Word>,
        /// Which dose of its course this was, from 1.
        dose_number: Option<Count<1>>,
        /// The maker's lot.
        lot: Option<Word>,
        /// The last day the lot may be used.
        expires_on: Option<PartialDate>,
        /// Where into the body.
        site: Option<Concept>,
        /// By which way.
        route: Option<Concept>,
        /// Who gave it.
        performer: Option<Party>,
    }
}

impl Kind for Immunization {
    const NAME: &'static str = "immunization";
    const COLLECTION: &'static str = "immunizations";

    fn occurred(&self) -> Option<When> {
        Some(When::Date(self.given_on))
    }

    fn summary(&self) -> Summary {
        self.vaccine.summarised().status(self.status())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn an_immunization_keeps_its_stored_form() {
        let body = json!({
            "vaccine": {"codes": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "207", "display": "COVID-19"}]},
            "given_on": "2021-05-06", "status": "completed", "dose_number": 2, "lot": "X7", "expires_on": "2021-12",
            "site": "left arm", "route": "intramuscular", "performer": "Nurse Lee",
        });
        insta::assert_snapshot!(stored::<Immunization>(&body), @r#"{"vaccine":{"codes":[{"system":"http://hl7.org/fhir/sid/cvx","code":"207","display":"COVID-19"}]},"given_on":"2021-05-06","status":"completed","dose_number":2,"lot":"X7","expires_on":"2021-12","site":{"text":"left arm"},"route":{"text":"intramuscular"},"performer":{"name":"Nurse Lee"}}"#);
        assert_eq!(listed::<Immunization>(&body), "2021-05-06|COVID-19||completed||http://hl7.org/fhir/sid/cvx#207");
    }

    #[test]
    fn immunizations_that_mean_nothing_are_refused() {
        let cases = [
            (json!({}), "/vaccine required, /given_on required"),
            (json!({"vaccine": "MMR", "given_on": "2021-05-06T10:00:00Z"}), "/given_on invalid-date"),
            (json!({"vaccine": "MMR", "given_on": "2021-02-29"}), "/given_on invalid-date"),
            (json!({"vaccine": "MMR", "given_on": "2021", "dose_number": 0}), "/dose_number invalid-number"),
            (json!({"vaccine": "MMR", "given_on": "2021", "dose_number": "2"}), "/dose_number wrong-type"),
            (json!({"vaccine": "MMR", "given_on": "2021", "lot": 7}), "/lot wrong-type"),
            (json!({"vaccine": "MMR", "given_on": "2021", "lot": "x".repeat(2000)}), "/lot too-long"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Immunization>(&body), expected, "{body}");
        }
    }
}
