//! What was examined: glucose in urine is not glucose in blood.

/// Words that say of a page that not all on it was found in blood, in small letters.
const NOT_BLOOD: &[&str] =
    &["ascitic", "csf", "faeces", "feces", "fluid", "harn", "pleural", "saliva", "stool", "urin", "urinary", "urine"];
/// Tests that are made of blood and of something else, where their name says no more than this, in small letters.
const OF_EITHER: &[&str] = &[
    "acid",
    "albumin",
    "amylase",
    "bilirubin",
    "calcium",
    "cells",
    "chloride",
    "cortisol",
    "creatinine",
    "glucose",
    "ketones",
    "leucocytes",
    "leukocytes",
    "magnesium",
    "osmolality",
    "ph",
    "phosphorus",
    "potassium",
    "protein",
    "proteins",
    "rbc",
    "red",
    "sodium",
    "sugar",
    "total",
    "urea",
    "uric",
    "wbc",
    "white",
];

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// Whether a line names something other than blood.
pub fn is_not_blood(line: &str) -> bool {
    words(line).any(|word| NOT_BLOOD.contains(&word.as_str()))
}

/// Whether the name of a test leaves open what was examined.
pub fn is_open(name: &str) -> bool {
    words(name).next().is_some() && words(name).all(|word| OF_EITHER.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_what_was_examined_are_not_open() {
        assert!(is_open("Glucose") && is_open("Total protein:") && is_open("pH"));
        for name in ["Glucose, serum", "Urine protein", "Haemoglobin", "Creatinine clearance", "", "7"] {
            assert!(!is_open(name), "{name}");
        }
        assert!(is_not_blood("URINE ROUTINE EXAMINATION") && !is_not_blood("Biochemistry, serum"));
    }
}
