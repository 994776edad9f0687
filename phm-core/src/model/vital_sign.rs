//! A vital sign: blood pressure, pulse, weight …

use crate::fields;
use crate::time::When;

use super::{At, Concept, Device, Kind, Link, Quantity, Report, Summary, Text};

fields! {
    /// One of several values measured together.
    pub struct Component {
        /// Which one.
        concept: Concept,
        /// Its value.
        quantity: Quantity,
    }
}

fields! {
    /// A vital sign: one value, or several measured together.
    pub struct VitalSign checked by has_a_value {
        /// What was measured.
        concept: Concept,
        /// The value.
        quantity: Option<Quantity>,
        /// The values, where several belong together.
        components: Vec<Component>,
        /// When it was measured.
        measured_at: When,
        /// With what.
        device: Option<Link<Device>>,
        /// Whatever else is worth keeping.
        notes: Option<Text>,
    }
}

fn has_a_value(sign: &VitalSign, at: &At<'_>, report: &mut Report) {
    match (&sign.quantity, sign.components.is_empty()) {
        (None, true) => report.say(&at.field("quantity"), "required"),
        (Some(_), false) => report.say(&at.field("components"), "only-one"),
        _ => {}
    }
}

impl VitalSign {
    /// The components as people say them: of a blood pressure the systolic (LOINC 8480-6) first.
    fn spoken(&self) -> Vec<&Component> {
        let mut components: Vec<_> = self.components.iter().collect();
        components.sort_by_key(|component| !component.concept.has("http://loinc.org", "8480-6"));
        components
    }
}

impl Kind for VitalSign {
    const NAME: &'static str = "vital-sign";
    const COLLECTION: &'static str = "vital-signs";

    fn occurred(&self) -> Option<When> {
        Some(self.measured_at)
    }

    fn summary(&self) -> Summary {
        let summary = self.concept.summarised();
        if let Some(quantity) = &self.quantity {
            return summary.quantity(quantity);
        }
        let components = self.spoken();
        let unit = components.first().map(|component| component.quantity.unit());
        let same = components.iter().all(|component| Some(component.quantity.unit()) == unit);
        let shown = |component: &&Component| {
            let quantity = &component.quantity;
            if same { quantity.shown() } else { format!("{} {}", quantity.shown(), quantity.unit()) }
        };
        let values: Vec<String> = components.iter().map(shown).collect();
        let summary = summary.value(Some(&values.join("/")));
        Summary { unit: unit.filter(|_| same).map(str::to_owned), ..summary }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    fn pressure() -> Value {
        let part = |code: &str, value: &str| {
            json!({
                "concept": {"codes": [{"system": "http://loinc.org", "code": code}]},
                "quantity": {"value": value, "unit": "mm[Hg]"},
            })
        };
        json!({
            "concept": "Blood pressure", "measured_at": "2026-04-03T08:00:00Z", "device": "Omron", "notes": "sitting",
            "components": [part("8462-4", "80"), part("8480-6", "120")],
        })
    }

    #[test]
    fn a_vital_sign_keeps_its_stored_form() {
        insta::assert_snapshot!(stored::<VitalSign>(&pressure()), @r#"{"concept":{"text":"Blood pressure"},"components":[{"concept":{"codes":[{"system":"http://loinc.org","code":"8462-4"}]},"quantity":{"value":"80","unit":"mm[Hg]"}},{"concept":{"codes":[{"system":"http://loinc.org","code":"8480-6"}]},"quantity":{"value":"120","unit":"mm[Hg]"}}],"measured_at":"2026-04-03T08:00:00.000Z","device":"Omron","notes":"sitting"}"#);
        let body = json!({"concept": "Weight", "quantity": {"value": "70.50", "unit": "kg"}, "measured_at": "2026"});
        insta::assert_snapshot!(stored::<VitalSign>(&body), @r#"{"concept":{"text":"Weight"},"quantity":{"value":"70.50","unit":"kg"},"measured_at":"2026"}"#);
        assert_eq!(listed::<VitalSign>(&body), "2026|Weight|70.50 kg|||");
    }

    #[test]
    fn a_blood_pressure_reads_systolic_over_diastolic() {
        assert_eq!(listed::<VitalSign>(&pressure()), "2026-04-03T08:00:00.000Z|Blood pressure|120/80 mm[Hg]|||");
        let mut mixed = pressure();
        mixed["components"][0]["quantity"]["unit"] = json!("kPa");
        assert_eq!(listed::<VitalSign>(&mixed), "2026-04-03T08:00:00.000Z|Blood pressure|120 mm[Hg]/80 kPa|||");
    }

    #[test]
    fn vital_signs_that_mean_nothing_are_refused() {
        let quantity = json!({"value": "70", "unit": "kg"});
        let mut both = pressure();
        both["quantity"] = quantity.clone();
        let cases = [
            (json!({"concept": "W", "quantity": quantity}), "/measured_at required"),
            (json!({"concept": "W", "measured_at": "2026"}), "/quantity required"),
            (json!({"concept": "W", "measured_at": "2026", "components": []}), "/quantity required"),
            (both, "/components only-one"),
            (json!({"quantity": quantity, "measured_at": "2026"}), "/concept required"),
            (
                json!({"concept": "W", "measured_at": "2026", "components": [{"concept": "x"}]}),
                "/components/0/quantity required",
            ),
            (
                json!({"concept": "W", "measured_at": "2026", "quantity": {"value": "70", "unit": "kilo"}}),
                "/quantity/unit unknown-unit",
            ),
            (
                json!({"concept": "W", "measured_at": "2026-04-03 08:00", "quantity": quantity}),
                "/measured_at invalid-instant",
            ),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<VitalSign>(&body), expected, "{body}");
        }
    }
}
