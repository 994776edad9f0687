//! Messages of the core in the reader's language.

use phm_core::analytics::{Argument, Message, labs};

use crate::http::web::forms::units;
use crate::i18n::Locale;

/// The text of a message: days, numbers, units and names of tests as the reader writes them.
pub fn said(t: &Locale, message: &Message) -> String {
    let text = |name: &str| match message.args.get(name) {
        Some(Argument::Text(text)) => text.clone(),
        Some(Argument::Count(count)) => count.to_string(),
        None => String::new(),
    };
    let value = text("value");
    let shown = |name: &str| match name {
        "when" | "last" | "run_out_on" => t.when_text(&text(name)),
        "unit" => units::of(t, &text(name), &value),
        "test" => labs::by_key(&text(name)).map_or_else(|| text(name), |test| test.name(t.language().tag()).to_owned()),
        "name" | "medicine" | "condition" => text(name),
        _ => t.number(text(name)),
    };
    let values: Vec<(&str, String)> = message.args.keys().map(|name| (*name, shown(name))).collect();
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    t.with_all(message.code, &values)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use phm_core::analytics::schedule::NoPlan;

    use super::*;
    use crate::i18n::{Digits, Language};

    #[test]
    fn a_message_is_said_in_every_language_with_nothing_left_open() {
        for language in Language::ALL {
            let t = Locale::new(language, Digits::Latin, TimeZone::UTC);
            let late = Message::new("attention-test-overdue")
                .text("test", "hba1c")
                .text("condition", "diabetes")
                .text("last", "2026-01-10");
            let high = Message::new("attention-high")
                .text("test", "potassium")
                .text("name", "Potassium")
                .text("value", "5.9")
                .text("unit", "mmol/L")
                .text("when", "2026-01-10");
            // Called as a function: what stands in quotes behind `.count(` is taken for the name of a text.
            let dose = Message::count(Message::new("attention-late-dose").text("medicine", "Metformin"), "doses", 2);
            for message in [late, high, dose] {
                let text = said(&t, &message);
                assert!(!text.contains(['{', '$']) && text != message.code, "{text}");
            }
        }
    }

    #[test]
    fn every_code_of_the_core_has_a_text() {
        let t = Locale::new(Language::English, Digits::Latin, TimeZone::UTC);
        for code in [
            "attention-critically-low",
            "attention-critically-high",
            "attention-critically-abnormal",
            "attention-severe-pressure",
            "attention-low",
            "attention-high",
            "attention-abnormal",
            "attention-refill",
            "attention-run-out",
            "attention-runs-out-today",
            "attention-run-out-assumed",
            "attention-late-dose",
            "attention-test-overdue",
            "attention-tetanus-booster",
            "trend-no-values",
            "trend-one-value",
            "trend-now-lower",
            "trend-now-higher",
            "trend-now-same",
            "trend-now-unclear",
            "trend-rising",
            "trend-falling",
            "trend-unclear",
            "trend-too-few",
            "trend-in-range",
            "trend-asked",
            "trend-not-exact",
            "hba1c-average",
            "hba1c-range-normal",
            "hba1c-range-prediabetes",
            "hba1c-range-diabetes",
            "hba1c-unreliable",
        ] {
            assert!(t.has(code), "{code}");
        }
        for state in ["due", "late", "missed", "taken", "skipped"] {
            assert!(t.has(&format!("taking-state-{state}")), "{state}");
        }
        for reason in NoPlan::ALL.map(NoPlan::code) {
            assert!(t.has(&format!("taking-none-{reason}")), "{reason}");
        }
    }
}
