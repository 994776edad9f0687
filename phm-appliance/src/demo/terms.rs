//! The words and codes the invented records use.
//!
//! Conditions, findings and procedures are SNOMED CT, tests and vital signs LOINC, medicines RxNorm (by ingredient),
//! vaccines CVX.

use serde_json::{Value, json};

/// A concept with one code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    text: &'static str,
    system: &'static str,
    code: &'static str,
}

impl Term {
    /// The concept as records carry it.
    pub(super) fn json(&self) -> Value {
        json!({"text": self.text, "codes": [{"system": self.system, "code": self.code, "display": self.text}]})
    }

    /// Its words.
    pub(super) fn text(&self) -> &'static str {
        self.text
    }
}

pub(super) const fn snomed(code: &'static str, text: &'static str) -> Term {
    Term { text, system: "http://snomed.info/sct", code }
}

pub(super) const fn loinc(code: &'static str, text: &'static str) -> Term {
    Term { text, system: "http://loinc.org", code }
}

pub(super) const fn rxnorm(code: &'static str, text: &'static str) -> Term {
    Term { text, system: "http://www.nlm.nih.gov/research/umls/rxnorm", code }
}

pub(super) const fn cvx(code: &'static str, text: &'static str) -> Term {
    Term { text, system: "http://hl7.org/fhir/sid/cvx", code }
}

/// A number that is measured: what, in which unit, with how many decimals, within which usual limits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measure {
    pub(super) term: Term,
    pub(super) unit: &'static str,
    /// Decimals; amounts are whole numbers in the last of them.
    pub(super) places: u32,
    pub(super) low: Option<i64>,
    pub(super) high: Option<i64>,
}

impl Measure {
    const fn new(
        code: &'static str,
        text: &'static str,
        unit: &'static str,
        places: u32,
        low: Option<i64>,
        high: Option<i64>,
    ) -> Self {
        Self { term: loinc(code, text), unit, places, low, high }
    }

    /// `amount` as a quantity: 92 with one decimal is `9.2`.
    pub(super) fn quantity(&self, amount: i64) -> Value {
        json!({"value": decimal(amount, self.places), "unit": self.unit})
    }

    /// How `amount` stands to the usual limits.
    pub(super) fn interpretation(&self, amount: i64) -> &'static str {
        match (self.low, self.high) {
            (Some(low), _) if amount < low => "L",
            (_, Some(high)) if amount > high => "H",
            _ => "N",
        }
    }

    /// The usual limits as records carry them.
    pub(super) fn range(&self) -> Option<Value> {
        let limits = [("low", self.low), ("high", self.high)];
        let known = limits.iter().filter_map(|(name, limit)| limit.map(|limit| ((*name).into(), self.quantity(limit))));
        let known: serde_json::Map<String, Value> = known.collect();
        (!known.is_empty()).then_some(Value::Object(known))
    }
}

/// `amount` in the last of `places` decimals, as it is written.
pub(super) fn decimal(amount: i64, places: u32) -> String {
    if places == 0 {
        return amount.to_string();
    }
    let one = 10_i64.pow(places);
    let width = places as usize;
    let sign = if amount < 0 { "-" } else { "" };
    format!("{sign}{}.{:0width$}", (amount / one).abs(), (amount % one).abs())
}

/// Vital signs.
pub(super) mod vital {
    use super::{Measure, Term, loinc};

    pub(in crate::demo) const PRESSURE: Term = loinc("85354-9", "Blood pressure");
    pub(in crate::demo) const SYSTOLIC: Measure =
        Measure::new("8480-6", "Systolic blood pressure", "mm[Hg]", 0, None, None);
    pub(in crate::demo) const DIASTOLIC: Measure =
        Measure::new("8462-4", "Diastolic blood pressure", "mm[Hg]", 0, None, None);
    pub(in crate::demo) const PULSE: Measure = Measure::new("8867-4", "Heart rate", "/min", 0, None, None);
    pub(in crate::demo) const WEIGHT: Measure = Measure::new("29463-7", "Body weight", "kg", 1, None, None);
    pub(in crate::demo) const HEIGHT: Measure = Measure::new("8302-2", "Body height", "cm", 1, None, None);
    pub(in crate::demo) const BMI: Measure = Measure::new("39156-5", "Body mass index", "kg/m2", 1, None, None);
    pub(in crate::demo) const HEAD: Measure = Measure::new("9843-4", "Head circumference", "cm", 1, None, None);
    pub(in crate::demo) const TEMPERATURE: Measure = Measure::new("8310-5", "Body temperature", "Cel", 1, None, None);
    pub(in crate::demo) const OXYGEN: Measure = Measure::new("59408-5", "Oxygen saturation", "%", 0, None, None);
}

/// Laboratory tests with the usual limits of the laboratory that does them, and its panels.
pub(super) mod lab {
    use super::{Measure, Term, loinc};

    pub(in crate::demo) const HBA1C: Measure = Measure::new("4548-4", "Hemoglobin A1c", "%", 1, Some(40), Some(56));
    pub(in crate::demo) const FASTING: Measure =
        Measure::new("1558-6", "Fasting glucose", "mg/dL", 0, Some(70), Some(99));
    pub(in crate::demo) const CAPILLARY: Measure =
        Measure::new("41653-7", "Glucose by glucometer", "mg/dL", 0, Some(70), Some(130));

    pub(in crate::demo) const LIPIDS: Term = loinc("24331-1", "Lipid panel");
    pub(in crate::demo) const CHOLESTEROL: Measure =
        Measure::new("2093-3", "Total cholesterol", "mg/dL", 0, None, Some(200));
    pub(in crate::demo) const TRIGLYCERIDES: Measure =
        Measure::new("2571-8", "Triglycerides", "mg/dL", 0, None, Some(150));
    pub(in crate::demo) const HDL: Measure = Measure::new("2085-9", "HDL cholesterol", "mg/dL", 0, Some(40), None);
    pub(in crate::demo) const LDL: Measure =
        Measure::new("13457-7", "LDL cholesterol, calculated", "mg/dL", 0, None, Some(100));

    pub(in crate::demo) const KIDNEYS: Term = loinc("24320-4", "Basic metabolic panel");
    pub(in crate::demo) const CREATININE: Measure =
        Measure::new("2160-0", "Creatinine", "mg/dL", 2, Some(50), Some(110));
    pub(in crate::demo) const EGFR: Measure =
        Measure::new("98979-8", "eGFR (CKD-EPI 2021)", "mL/min/{1.73_m2}", 0, Some(60), None);
    pub(in crate::demo) const UREA: Measure = Measure::new("3094-0", "Urea nitrogen", "mg/dL", 0, Some(7), Some(20));
    pub(in crate::demo) const SODIUM: Measure = Measure::new("2951-2", "Sodium", "mmol/L", 0, Some(135), Some(145));
    pub(in crate::demo) const POTASSIUM: Measure = Measure::new("2823-3", "Potassium", "mmol/L", 1, Some(35), Some(51));
    pub(in crate::demo) const ALBUMIN_CREATININE: Measure =
        Measure::new("9318-7", "Albumin/creatinine ratio in urine", "mg/g", 0, None, Some(30));

    pub(in crate::demo) const LIVER: Term = loinc("24325-3", "Hepatic function panel");
    pub(in crate::demo) const ALT: Measure =
        Measure::new("1742-6", "Alanine aminotransferase", "U/L", 0, None, Some(40));
    pub(in crate::demo) const AST: Measure =
        Measure::new("1920-8", "Aspartate aminotransferase", "U/L", 0, None, Some(40));
    pub(in crate::demo) const BILIRUBIN: Measure =
        Measure::new("1975-2", "Total bilirubin", "mg/dL", 1, Some(1), Some(12));

    pub(in crate::demo) const BLOOD_COUNT: Term = loinc("58410-2", "Complete blood count");
    pub(in crate::demo) const HEMOGLOBIN: Measure =
        Measure::new("718-7", "Hemoglobin", "g/dL", 1, Some(120), Some(160));
    pub(in crate::demo) const LEUKOCYTES: Measure =
        Measure::new("6690-2", "Leukocytes", "10*3/uL", 1, Some(40), Some(110));
    pub(in crate::demo) const PLATELETS: Measure =
        Measure::new("777-3", "Platelets", "10*3/uL", 0, Some(150), Some(410));

    pub(in crate::demo) const TSH: Measure =
        Measure::new("3016-3", "Thyrotropin (TSH)", "m[IU]/L", 2, Some(40), Some(450));
    pub(in crate::demo) const FERRITIN: Measure = Measure::new("2276-4", "Ferritin", "ng/mL", 0, Some(15), Some(150));
    pub(in crate::demo) const VITAMIN_D: Measure =
        Measure::new("62292-8", "25-hydroxyvitamin D", "ng/mL", 0, Some(30), Some(100));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_their_decimals() {
        assert_eq!(decimal(92, 1), "9.2");
        assert_eq!(decimal(700, 2), "7.00");
        assert_eq!(decimal(-5, 1), "-0.5");
        assert_eq!(decimal(128, 0), "128");
    }

    #[test]
    fn limits_decide_the_interpretation() {
        assert_eq!(lab::HBA1C.interpretation(92), "H");
        assert_eq!(lab::HDL.interpretation(38), "L");
        assert_eq!(lab::HDL.interpretation(90), "N");
        assert_eq!(lab::HDL.range(), Some(json!({"low": {"value": "40", "unit": "mg/dL"}})));
        assert_eq!(vital::PULSE.range(), None);
    }
}
