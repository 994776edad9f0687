//! A dose: one time that a medicine was taken, or was not.

use crate::fields;
use crate::time::{Instant, When};

use super::macros::choice;
use super::{Kind, Link, Medication, Quantity, Summary, Text};

choice! {
    /// What became of a dose.
    pub enum DoseStatus {
        /// It was taken.
        Taken = "taken",
        /// It was left out on purpose.
        Skipped = "skipped",
        /// It was forgotten.
        Missed = "missed",
    }
}

fields! {
    /// One time that a medicine was taken, or was not.
    pub struct Dose {
        /// Of which medicine.
        medication: Link<Medication>,
        /// When.
        at: Instant,
        /// How much.
        amount: Option<Quantity>,
        /// What became of it.
        status: Option<DoseStatus>,
        /// Why it was skipped or missed.
        reason: Option<Text>,
    }
}

impl Kind for Dose {
    const NAME: &'static str = "dose";
    const COLLECTION: &'static str = "doses";

    fn occurred(&self) -> Option<When> {
        Some(When::Instant(self.at))
    }

    /// The doses of one medicine are found by its id, as a code without a system.
    fn summary(&self) -> Summary {
        let medication = self.medication.as_str();
        let mut summary = match self.medication.record() {
            Some(_) => Summary { codes: vec![(String::new(), medication.to_owned())], ..Summary::default() },
            None => Summary::of(medication),
        };
        if let Some(amount) = &self.amount {
            summary = summary.quantity(amount);
        }
        summary.status(self.status.map(DoseStatus::word))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, read, refused, stored};

    const ID: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";

    #[test]
    fn a_dose_keeps_its_stored_form() {
        let body = json!({
            "medication": ID, "at": "2026-04-03T08:00:00.000Z", "amount": {"value": "2.50", "unit": "mg"},
            "status": "taken", "reason": "headache",
        });
        insta::assert_snapshot!(stored::<Dose>(&body), @r#"{"medication":"6f9619ff-8b86-4011-b42d-00c04fc964ff","at":"2026-04-03T08:00:00.000Z","amount":{"value":"2.50","unit":"mg"},"status":"taken","reason":"headache"}"#);
        assert_eq!(listed::<Dose>(&body), format!("2026-04-03T08:00:00.000Z||2.50 mg|taken||#{ID}"));
        assert!(read::<Dose>(&body).medication().record().is_some());
        let named = json!({"medication": "Aspirin", "at": "2026-04-03T08:00:00Z"});
        assert_eq!(listed::<Dose>(&named), "2026-04-03T08:00:00.000Z|Aspirin||||");
    }

    #[test]
    fn doses_that_mean_nothing_are_refused() {
        let cases = [
            (json!({}), "/medication required, /at required"),
            (json!({"medication": "", "at": "2026-04-03T08:00:00Z"}), "/medication required"),
            (json!({"medication": ID, "at": "2026-04-03"}), "/at invalid-instant"),
            (json!({"medication": ID, "at": "2026-04-03T08:00:00Z", "status": "late"}), "/status invalid-choice"),
            (
                json!({"medication": ID, "at": "2026-04-03T08:00:00Z", "amount": {"value": "1"}}),
                "/amount/unit required",
            ),
            (
                json!({"medication": ID, "at": "2026-04-03T08:00:00Z", "amount": {"value": "x", "unit": "mg"}}),
                "/amount/value invalid-decimal",
            ),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Dose>(&body), expected, "{body}");
        }
    }
}
