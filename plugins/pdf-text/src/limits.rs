//! Lines that explain a value instead of stating one.

/// Words that say whose bounds follow, or what a value within them means, in small letters. A line of nothing else is part of
/// a reference range, and what stands under its head of values is a bound and no result.
const LIMITS: &[&str] = &[
    "above",
    "acceptable",
    "adult",
    "adults",
    "below",
    "borderline",
    "boys",
    "child",
    "children",
    "control",
    "deficiency",
    "deficient",
    "desirable",
    "diabetes",
    "diabetic",
    "elevated",
    "fair",
    "female",
    "females",
    "follicular",
    "girls",
    "good",
    "high",
    "ideal",
    "impaired",
    "insufficiency",
    "insufficient",
    "intermediate",
    "low",
    "luteal",
    "male",
    "males",
    "men",
    "mild",
    "moderate",
    "near",
    "newborn",
    "non",
    "normal",
    "optimal",
    "ovulatory",
    "poor",
    "postmenopausal",
    "pre",
    "prediabetes",
    "prediabetic",
    "pregnancy",
    "pregnant",
    "range",
    "reference",
    "risk",
    "severe",
    "sufficiency",
    "sufficient",
    "therapeutic",
    "to",
    "toxic",
    "toxicity",
    "trimester",
    "very",
    "women",
    "year",
    "years",
    "yrs",
];

/// Whether the words where a test's name would stand only say whose bounds follow, or what a value within them means.
pub fn is_limit(name: &str) -> bool {
    let mut words = name.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some() && words.all(|word| LIMITS.contains(&word.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_range_are_told_from_tests() {
        for name in ["Desirable", "Borderline high", "Adults (> 18 years)", "Non-diabetic:", "Control"] {
            assert!(is_limit(name), "{name}");
        }
        for name in ["Cholesterol", "High sensitivity CRP", "Normetanephrine", "", "12"] {
            assert!(!is_limit(name), "{name}");
        }
    }
}
