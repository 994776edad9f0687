//! Which conditions a record says, by code or by name.
//!
//! A name says a condition only where nothing beside it takes it back: "no diabetes" and "at risk of diabetes" do not.

use super::super::labs;
use crate::model::Concept;

const ICD10: [&str; 2] = ["http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm"];
const SNOMED: &str = "http://snomed.info/sct";

/// How a condition is recognised: by the beginning of an ICD-10 code, a SNOMED CT code or words in its name.
pub(super) struct Marks {
    icd10: &'static [&'static str],
    snomed: &'static [&'static str],
    /// Whole words, or with a `*` their beginnings.
    words: &'static [&'static str],
    /// Words beside them that make another condition of it.
    other: &'static [&'static str],
}

/// Before its name these say that somebody does not have a condition; `risk` and `screening` right behind it too.
const NOT_HAD: &[&str] =
    &["no", "not", "without", "non", "pre", "family", "risk", "screening", "rule", "suspected", "borderline"];

impl Marks {
    pub(super) fn fit(&self, concept: &Concept) -> bool {
        let coded = concept.codes().iter().any(|code| {
            let system = code.system().unwrap_or_default();
            ICD10.contains(&system) && self.icd10.iter().any(|start| code.code().starts_with(start))
                || system == SNOMED && self.snomed.contains(&code.code())
        });
        coded || self.named(concept.title())
    }

    /// Whether a part of a name says it: "Type 2 diabetes, no complications" does, "no diabetes" and "prediabetes" do not.
    fn named(&self, name: &str) -> bool {
        let name = labs::decomposed(name).to_lowercase();
        let other: Vec<String> = self.other.iter().map(|word| labs::decomposed(word)).collect();
        let parts = name.split([',', ';', '.', '(', ')', ':', '।']);
        let words = |text: &str| -> Vec<String> {
            text.split(|letter: char| letter.is_whitespace() || matches!(letter, '-' | '/'))
                .map(str::to_owned)
                .collect()
        };
        let is = |word: &str, wanted: &str| match wanted.strip_suffix('*') {
            Some(start) => word.starts_with(start),
            None => word == wanted,
        };
        if words(&name).iter().any(|word| other.iter().any(|other| other == word.trim_matches(','))) {
            return false;
        }
        parts.map(words).any(|part| {
            let part: Vec<&str> = part.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
            self.words.iter().any(|phrase| {
                let phrase = words(&labs::decomposed(phrase));
                let found = |window: &[&str]| window.iter().zip(&phrase).all(|(word, wanted)| is(word, wanted));
                part.windows(phrase.len()).enumerate().filter(|(_, window)| found(window)).any(|(at, _)| {
                    let behind = part.get(at + phrase.len()).copied().unwrap_or_default();
                    let had = !part[..at].iter().any(|word| NOT_HAD.contains(word));
                    had && !matches!(behind, "risk" | "screening")
                })
            })
        })
    }
}

pub(super) const DIABETES: Marks = Marks {
    icd10: &["E10", "E11", "E13", "E14"],
    snomed: &["44054006", "46635009", "73211009"],
    words: &["diabetes", "मधुमेह", "ਸ਼ੂਗਰ ਦੀ ਬਿਮਾਰੀ"],
    // One of a pregnancy has rules of its own (ICD-10: O24), and ends with it.
    other: &["insipidus", "gestational", "गर्भकालीन", "गर्भावधि", "ਗਰਭਕਾਲੀ"],
};
pub(super) const KIDNEY: Marks = Marks {
    icd10: &["N18"],
    snomed: &["709044004", "431855005", "431856006", "433144002", "431857002", "433146000"],
    words: &["chronic kidney disease"],
    other: &[],
};
pub(super) const THYROID: Marks =
    Marks { icd10: &["E03"], snomed: &["40930008"], words: &["hypothyroidism"], other: &[] };
const ALTERED_RED_CELLS: Marks = Marks {
    icd10: &["D50", "D55", "D56", "D57", "D58", "D59", "O", "Z33", "Z34", "N186", "N18.6", "Z992", "Z99.2"],
    snomed: &["87522002", "40108008", "127040003", "61261009", "77386006", "265764009"],
    words: &[
        "iron deficiency",
        "thalass*",
        "sickle",
        "haemoly*",
        "hemoly*",
        "haemoglobinopathy",
        "hemoglobinopathy",
        "pregnan*",
        "dialysis",
        "haemodialysis",
        "hemodialysis",
        "transfusion",
    ],
    other: &[],
};

/// Whether a condition on record makes HbA1c unreliable: variants and loss of red cells, iron deficiency, pregnancy, dialysis.
pub fn alters_red_cells<'a>(conditions: impl IntoIterator<Item = &'a Concept>) -> bool {
    conditions.into_iter().any(|concept| ALTERED_RED_CELLS.fit(concept))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{At, Part as _, Report};

    #[test]
    fn what_alters_red_cells_is_found_by_its_name() {
        let altered = |name: &str| {
            let concept = Concept::read(&json!(name), &At::ROOT, &mut Report::default()).expect("a concept");
            alters_red_cells([&concept])
        };
        for name in ["β-Thalassaemia minor", "Iron deficiency anaemia", "Pregnancy", "Sickle cell disease"] {
            assert!(altered(&name.replace("β-", "Beta ")), "{name}");
        }
        assert!(!altered("No pregnancy"));
    }
}
