//! Measurements and tests people enter most, with the codes and units they come with.
//!
//! Codes and names are LOINC's (2.78).

use serde_json::{Value, json};

use crate::i18n::Locale;

/// A ready-made start of a form.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Its word in addresses, `?of=weight`, and in the catalogue, `preset-weight`.
    pub word: &'static str,
    /// The kind it starts.
    pub kind: &'static str,
    /// LOINC code.
    pub code: &'static str,
    /// LOINC's name.
    pub display: &'static str,
    /// The name that is stored.
    pub text: &'static str,
    /// Unit in UCUM.
    pub unit: &'static str,
}

const fn vital(
    word: &'static str,
    code: &'static str,
    display: &'static str,
    text: &'static str,
    unit: &'static str,
) -> Preset {
    Preset { word, kind: "vital-sign", code, display, text, unit }
}

const fn lab(
    word: &'static str,
    code: &'static str,
    display: &'static str,
    text: &'static str,
    unit: &'static str,
) -> Preset {
    Preset { word, kind: "lab-result", code, display, text, unit }
}

/// All presets, in the order they are offered.
pub const PRESETS: &[Preset] = &[
    vital("blood-pressure", "85354-9", "Blood pressure panel with all children optional", "Blood pressure", "mm[Hg]"),
    vital("weight", "29463-7", "Body weight", "Weight", "kg"),
    vital("pulse", "8867-4", "Heart rate", "Pulse", "/min"),
    vital("temperature", "8310-5", "Body temperature", "Temperature", "Cel"),
    vital("oxygen", "59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", "Oxygen saturation", "%"),
    vital("height", "8302-2", "Body height", "Height", "cm"),
    lab("hba1c", "4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "HbA1c", "%"),
    lab("glucose-fasting", "1558-6", "Fasting glucose [Mass/volume] in Serum or Plasma", "Fasting glucose", "mg/dL"),
    lab("cholesterol", "2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "Total cholesterol", "mg/dL"),
    lab("creatinine", "2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "Creatinine", "mg/dL"),
    lab("haemoglobin", "718-7", "Hemoglobin [Mass/volume] in Blood", "Haemoglobin", "g/dL"),
    lab("tsh", "3016-3", "Thyrotropin [Units/volume] in Serum or Plasma", "TSH", "m[IU]/L"),
];

/// The presets of a kind.
pub fn of_kind(kind: &str) -> impl Iterator<Item = &'static Preset> {
    PRESETS.iter().filter(move |preset| preset.kind == kind)
}

/// The preset a form's address names.
pub fn named(kind: &str, word: &str) -> Option<&'static Preset> {
    of_kind(kind).find(|preset| preset.word == word)
}

/// Names to offer while a concept is typed.
pub fn suggestions(locale: &Locale, kind: &str, path: &str) -> Vec<String> {
    let _ = locale;
    if path == "concept" { of_kind(kind).map(|preset| preset.text.to_owned()).collect() } else { Vec::new() }
}

/// The code of a name that is exactly a preset's.
pub fn code_of(text: &str) -> Option<Value> {
    let preset = PRESETS.iter().find(|preset| preset.text.eq_ignore_ascii_case(text))?;
    Some(loinc(preset.code, preset.display))
}

fn loinc(code: &str, display: &str) -> Value {
    json!({ "system": "http://loinc.org", "code": code, "display": display })
}

fn concept(text: &str, code: &str, display: &str) -> Value {
    json!({ "text": text, "codes": [loinc(code, display)] })
}

impl Preset {
    /// The body a form starts from.
    pub fn body(&self) -> Value {
        let concept_of_all = concept(self.text, self.code, self.display);
        if self.word == "blood-pressure" {
            let part = |text: &str, code: &str, display: &str| json!({ "concept": concept(text, code, display), "quantity": { "value": "", "unit": self.unit } });
            return json!({ "concept": concept_of_all, "components": [
                part("Systolic", "8480-6", "Systolic blood pressure"),
                part("Diastolic", "8462-4", "Diastolic blood pressure"),
            ] });
        }
        json!({ "concept": concept_of_all, "quantity": { "value": "", "unit": self.unit } })
    }
}
