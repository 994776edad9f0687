//! A procedure: an operation, an examination, a treatment.

use crate::fields;
use crate::time::When;

use super::{At, Concept, Kind, Party, Report, Summary, Text, Word};

fields! {
    /// Something done to or for somebody.
    pub struct Procedure checked by in_order {
        /// What was done.
        concept: Concept,
        /// When it began.
        performed_start: Option<When>,
        /// When it ended.
        performed_end: Option<When>,
        /// How far it has come.
        status: Option<Word>,
        /// Who did it.
        performer: Option<Party>,
        /// Where in or on the body.
        body_site: Option<Concept>,
        /// What came of it.
        outcome: Option<Text>,
        /// Whatever else is worth keeping.
        notes: Option<Text>,
    }
}

fn in_order(procedure: &Procedure, at: &At<'_>, report: &mut Report) {
    super::in_order(procedure.performed_start, procedure.performed_end, at, "performed_end", report);
}

impl Kind for Procedure {
    const NAME: &'static str = "procedure";
    const COLLECTION: &'static str = "procedures";

    fn occurred(&self) -> Option<When> {
        self.performed_start.or(self.performed_end)
    }

    fn summary(&self) -> Summary {
        self.concept.summarised().status(self.status())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn a_procedure_keeps_its_stored_form() {
        let body = json!({
            "concept": "Appendectomy", "performed_start": "2010-03-04T10:00:00Z",
            "performed_end": "2010-03-04T11:15:00Z", "status": "completed", "performer": "Dr Rao",
            "body_site": "appendix", "outcome": "well", "notes": "laparoscopic",
        });
        insta::assert_snapshot!(stored::<Procedure>(&body), @r#"{"concept":{"text":"Appendectomy"},"performed_start":"2010-03-04T10:00:00.000Z","performed_end":"2010-03-04T11:15:00.000Z","status":"completed","performer":{"name":"Dr Rao"},"body_site":{"text":"appendix"},"outcome":"well","notes":"laparoscopic"}"#);
        assert_eq!(listed::<Procedure>(&body), "2010-03-04T10:00:00.000Z|Appendectomy||completed||");
        assert_eq!(listed::<Procedure>(&json!({"concept": "X", "performed_end": "2010"})), "2010|X||||");
    }

    #[test]
    fn procedures_that_mean_nothing_are_refused() {
        let cases = [
            (json!({"status": "completed"}), "/concept required"),
            (
                json!({"concept": "X", "performed_start": "2010", "performed_end": "2009"}),
                "/performed_end end-before-start",
            ),
            (json!({"concept": "X", "performed_start": "March 2010"}), "/performed_start invalid-date"),
            (json!({"concept": "X", "performer": 7}), "/performer wrong-type"),
            (json!({"concept": "X", "body_site": {"code": "x"}}), "/body_site/code unknown-field"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Procedure>(&body), expected, "{body}");
        }
    }
}
