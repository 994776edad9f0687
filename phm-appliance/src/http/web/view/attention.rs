//! What needs attention, each line with the way to what it is about.

use phm_core::analytics::{Argument, Message};

use super::record::{Record, title_of};
use super::said::said;
use crate::http::web::forms::presets;
use crate::i18n::Locale;

/// One line of what needs attention.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AttentionLine {
    /// What it says.
    pub text: String,
    /// Where one sees it, or does what it asks for; empty where there is no such place.
    pub href: String,
}

impl AttentionLine {
    /// The line of a message about `profile`, whose medications in use are `medications`.
    pub fn new(t: &Locale, profile: &str, message: &Message, medications: &[Record]) -> Self {
        let way = way_on(t, message, medications);
        let href = if way.is_empty() { String::new() } else { format!("/p/{profile}/{way}") };
        Self { text: said(t, message), href }
    }
}

/// The place below a person: the medicine; the results or measurements of the name; a new result where a test is due.
fn way_on(t: &Locale, message: &Message, medications: &[Record]) -> String {
    let text = |name: &str| match message.args.get(name) {
        Some(Argument::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    if let Some(medicine) = text("medicine") {
        let own = medications.iter().find(|record| title_of(t, "medication", &record.body) == medicine);
        return own.map_or_else(|| found("medications", medicine), |record| format!("medications/{}", record.id));
    }
    match (message.code, text("test"), text("name")) {
        ("attention-test-overdue", test, _) => {
            let preset = test.and_then(|test| presets::named("lab-result", test));
            preset.map_or_else(|| "lab-results/new".to_owned(), |preset| format!("lab-results/new?of={}", preset.word))
        }
        ("attention-tetanus-booster", ..) => "immunizations".to_owned(),
        (_, Some(_), Some(name)) => found("lab-results", name),
        (_, None, Some(name)) => found("vital-signs", name),
        _ => String::new(),
    }
}

/// A collection narrowed to a name.
fn found(collection: &str, name: &str) -> String {
    format!("{collection}?{}", serde_urlencoded::to_string([("q", name)]).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::json;

    use super::*;
    use crate::i18n::{Digits, Language};

    #[test]
    fn every_line_leads_to_what_it_is_about() {
        let t = Locale::new(Language::English, Digits::Latin, TimeZone::UTC);
        let metformin = Record { id: "m1".into(), body: json!({"drug": {"text": "Metformin"}}), ..Record::default() };
        let medications = [metformin];
        let href = |message: Message| AttentionLine::new(&t, "p1", &message, &medications).href;
        let late = |medicine: &str| Message::new("attention-late-dose").text("medicine", medicine);
        assert_eq!(href(late("Metformin")), "/p/p1/medications/m1");
        assert_eq!(href(late("Vitamin B & C")), "/p/p1/medications?q=Vitamin+B+%26+C");
        let high = Message::new("attention-high").text("test", "hba1c").text("name", "Hemoglobin A1c");
        assert_eq!(href(high), "/p/p1/lab-results?q=Hemoglobin+A1c");
        assert_eq!(
            href(Message::new("attention-severe-pressure").text("name", "Blood pressure")),
            "/p/p1/vital-signs?q=Blood+pressure"
        );
        let overdue = |test: &str| Message::new("attention-test-overdue").text("test", test);
        assert_eq!(href(overdue("hba1c")), "/p/p1/lab-results/new?of=hba1c");
        assert_eq!(href(overdue("urine-acr")), "/p/p1/lab-results/new");
        assert_eq!(href(Message::new("attention-tetanus-booster")), "/p/p1/immunizations");
    }
}
