//! Units as people read and type them, and as UCUM.
//!
//! A record keeps the UCUM unit it was given; pages show `µg`, `mmHg` or `2 tablets`. What a form shows for a unit is
//! taken back as that unit, whatever the language it was shown in.

use phm_core::model::Unit;

use crate::i18n::{Digits, Language, Locale};

/// Units with a word of their own in the catalogues, under every form they come in; the first is the one stored.
const WORDS: &[(&str, &[&str])] = &[
    ("unit-per-minute", &["/min", "{beats}/min", "{Beats}/min"]),
    ("unit-days", &["d"]),
    ("unit-weeks", &["wk"]),
    ("unit-months", &["mo"]),
    ("unit-years", &["a"]),
    ("unit-hours", &["h"]),
    ("unit-tablet", &["{tablet}", "{tbl}", "{tab}", "tbl", "TAB"]),
    ("unit-capsule", &["{capsule}", "{cap}", "CAP"]),
    ("unit-drop", &["{drop}", "[drp]"]),
    ("unit-puff", &["{puff}", "{Puff}"]),
];

/// What stands for what inside a UCUM unit, longest first.
const SIGNS: &[(&str, &str)] = &[
    ("[lb_av]", "lb"),
    ("[oz_av]", "oz"),
    ("[in_i]", "in"),
    ("[ft_i]", "ft"),
    ("[degF]", "°F"),
    ("[IU]", "IU"),
    ("[iU]", "IU"),
    ("[Hg]", "Hg"),
    ("[pH]", "pH"),
    ("Cel", "°C"),
    ("umol", "µmol"),
    ("10*12", "10¹²"),
    ("10*3", "10³"),
    ("10*6", "10⁶"),
    ("10*9", "10⁹"),
    ("_m2", " m²"),
    ("/m2", "/m²"),
    ("ug", "µg"),
    ("uL", "µL"),
    ("uI", "µI"),
    ("u[", "µ["),
];

/// A UCUM unit for people, beside the number `value`.
pub fn of(locale: &Locale, ucum: &str, value: &str) -> String {
    if let Some((key, _)) = WORDS.iter().find(|(_, forms)| forms.contains(&ucum)) {
        return counted(locale, key, value);
    }
    if matches!(ucum, "1" | "{score}" | "{nominal}") {
        return String::new();
    }
    let (mut shown, mut rest) = (String::with_capacity(ucum.len()), ucum);
    while let Some(letter) = rest.chars().next() {
        if let Some((sign, plain)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
            // What stands in front of a bracketed unit is part of its name: `u[IU]` is µIU.
            let taken = if sign.ends_with('[') { sign.len() - 1 } else { sign.len() };
            shown.push_str(plain.trim_end_matches('['));
            rest = &rest[taken..];
        } else {
            if !matches!(letter, '{' | '}') {
                shown.push(letter);
            }
            rest = &rest[letter.len_utf8()..];
        }
    }
    shown
}

/// The parts of units that stand for themselves in a text of their own.
const PARTS: &[&str] =
    &["ng", "ug", "mg", "g", "kg", "uL", "mL", "L", "umol", "mmol", "mol", "mEq", "[iU]", "[IU]", "h", "d", "%"];

/// A number and its unit in one text, such as the strength of a medicine; nothing for any other text.
pub fn split(text: &str) -> Option<(&str, &str)> {
    let (number, unit) = text.trim().split_once(' ')?;
    let is_number = number.starts_with(|first: char| first.is_ascii_digit())
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (is_number && unit.split('/').all(|part| PARTS.contains(&part))).then_some((number, unit))
}

/// The same text for people: `75 ug` is 75 µg, in the reader's digits. Any other text stays as it was written.
pub fn in_words(locale: &Locale, text: &str) -> String {
    match split(text) {
        Some((number, unit)) => format!("{} {}", locale.number(number), of(locale, unit, number)),
        None => text.to_owned(),
    }
}

/// The word of a catalogue for so many; a part of one is spoken of as several.
fn counted(locale: &Locale, key: &str, value: &str) -> String {
    let whole = value.strip_suffix(".0").unwrap_or(value).parse::<u32>();
    locale.count(key, whole.unwrap_or(2))
}

/// A unit as a form shows it.
pub fn for_form(locale: &Locale, ucum: &str) -> String {
    let shown = of(locale, ucum, "2");
    if shown.is_empty() { ucum.to_owned() } else { shown }
}

/// Whether a form in any of the languages shows this unit as `text`.
pub fn is_shown_as(ucum: &str, text: &str) -> bool {
    Language::ALL.into_iter().any(|language| for_form(&plainly(language), ucum) == text.trim())
}

fn plainly(language: Language) -> Locale {
    Locale::new(language, Digits::Latin, jiff::tz::TimeZone::UTC)
}

/// What a person types for a unit, as UCUM.
pub fn typed(text: &str) -> String {
    let text = text.trim();
    let ucum = match text.to_lowercase().as_str() {
        "mmhg" => "mm[Hg]",
        "°c" | "degc" => "Cel",
        "°f" | "degf" => "[degF]",
        "bpm" | "/minute" => "/min",
        "iu" => "[iU]",
        "iu/l" => "[iU]/L",
        "miu/l" => "m[IU]/L",
        "µiu/ml" => "u[IU]/mL",
        "mcg" | "µg" => "ug",
        "mcg/dl" | "µg/dl" => "ug/dL",
        "µg/l" => "ug/L",
        "µmol/l" => "umol/L",
        "mg/dl" => "mg/dL",
        "g/dl" => "g/dL",
        "mmol/l" => "mmol/L",
        "meq/l" => "mEq/L",
        "kg/m²" => "kg/m2",
        "10³/µl" => "10*3/uL",
        "10⁶/µl" => "10*6/uL",
        "10⁹/l" => "10*9/L",
        "10¹²/l" => "10*12/L",
        "ml/min/1.73 m²" => "mL/min/{1.73_m2}",
        "lb" | "lbs" => "[lb_av]",
        "ml" => "mL",
        _ => {
            let written = || Unit::as_written(text).map_or_else(|_| text.to_owned(), |unit| unit.to_string());
            return word(text).map_or_else(written, str::to_owned);
        }
    };
    ucum.to_owned()
}

/// The unit whose word in any of the languages this is.
fn word(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    let said = |key: &str| {
        Language::ALL.into_iter().any(|language| {
            [1_u32, 2].into_iter().any(|count| plainly(language).count(key, count).to_lowercase() == text)
        })
    };
    WORDS.iter().find(|(key, _)| said(key)).map(|(_, forms)| forms[0])
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn locale(language: Language) -> Locale {
        Locale::new(language, Digits::Latin, TimeZone::UTC)
    }

    #[test]
    fn no_unit_is_shown_in_the_signs_of_machines() {
        let english = locale(Language::English);
        let shown = [
            ("ug", "µg"),
            ("mm[Hg]", "mmHg"),
            ("u[IU]/mL", "µIU/mL"),
            ("m[IU]/L", "mIU/L"),
            ("10*3/uL", "10³/µL"),
            ("mL/min/{1.73_m2}", "mL/min/1.73 m²"),
            ("kg/m2", "kg/m²"),
            ("[lb_av]", "lb"),
            ("umol/L", "µmol/L"),
            ("ug/dL", "µg/dL"),
            ("Cel", "°C"),
            ("%", "%"),
            ("mg/dL", "mg/dL"),
            ("{score}", ""),
            ("{sachet}", "sachet"),
        ];
        for (ucum, people) in shown {
            assert_eq!(of(&english, ucum, "2"), people, "{ucum}");
        }
    }

    #[test]
    fn a_strength_is_shown_for_people_and_other_words_as_they_are() {
        let english = locale(Language::English);
        for (written, shown) in [
            ("75 ug", "75 µg"),
            ("60000 [iU]", "60000 IU"),
            ("500 mg", "500 mg"),
            ("2.5 mg/mL", "2.5 mg/mL"),
            ("500 mg of the drug", "500 mg of the drug"),
            ("1 drug", "1 drug"),
            ("forte", "forte"),
            ("", ""),
        ] {
            assert_eq!(in_words(&english, written), shown);
        }
        let hindi = Locale::new(Language::Hindi, Digits::Native, TimeZone::UTC);
        assert_eq!(in_words(&hindi, "75 ug"), "७५ µg");
    }

    #[test]
    fn tablets_are_counted_in_every_language() {
        assert_eq!(of(&locale(Language::English), "{tbl}", "1"), "tablet");
        assert_eq!(of(&locale(Language::English), "tbl", "2"), "tablets");
        assert_eq!(of(&locale(Language::English), "{tablet}", "0.5"), "tablets");
        assert_eq!(of(&locale(Language::Hindi), "{tablet}", "2"), "गोलियाँ");
        assert_eq!(of(&locale(Language::Punjabi), "{tablet}", "1"), "ਗੋਲੀ");
    }

    #[test]
    fn capitals_that_a_person_types_make_no_megagrams() {
        for (typed_as, ucum) in
            [("Mg", "mg"), ("MG", "mg"), ("ML", "mL"), ("Gm", "g"), ("PG/ML", "pg/mL"), ("sachet", "sachet")]
        {
            assert_eq!(typed(typed_as), ucum);
        }
    }

    #[test]
    fn what_a_form_shows_for_a_unit_comes_back_as_that_unit() {
        for language in Language::ALL {
            let locale = locale(language);
            for ucum in ["mm[Hg]", "{tablet}", "ug", "d", "/min", "10*9/L", "u[IU]/mL", "ng/mL", "%", "mmol/L"] {
                assert_eq!(typed(&for_form(&locale, ucum)), ucum, "{} {ucum}", language.tag());
            }
            for ucum in ["{tbl}", "TAB", "ug/kg", "{score}", "[IU]/L"] {
                assert!(is_shown_as(ucum, &for_form(&locale, ucum)), "{} {ucum}", language.tag());
            }
        }
        assert_eq!(for_form(&locale(Language::English), "{tbl}"), "tablets");
    }
}
