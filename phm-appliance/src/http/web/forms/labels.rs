//! Names of fields, choices, kinds and units for people.

use crate::i18n::Locale;

/// The catalogue's name for a path: its last part, `_` as `-`.
pub fn key(path: &str) -> String {
    path.rsplit('.').next().unwrap_or(path).replace('_', "-")
}

/// The catalogue's name for a stored word; signs become letters.
pub fn word_key(word: &str) -> String {
    word.replace('+', "-plus").replace('_', "-")
}

/// The label of a field, where the catalogue has one: the kind's own before the common one.
pub fn known(locale: &Locale, kind: &str, path: &str) -> Option<String> {
    let (own, whole) = (format!("field-{kind}-{}", key(path)), format!("field-{}", path.replace(['.', '_'], "-")));
    locale.first_of(&[&own, &whole, &format!("field-{}", key(path))])
}

/// The label of a field; one the catalogue does not know is shown by its name.
pub fn field(locale: &Locale, kind: &str, path: &str) -> String {
    known(locale, kind, path).unwrap_or_else(|| key(path).replace('-', " "))
}

/// A line of help under a field, where there is one.
pub fn help(locale: &Locale, kind: &str, path: &str) -> String {
    let (own, common) = (format!("help-{kind}-{}", key(path)), format!("help-{}", key(path)));
    locale.first_of(&[&own, &common]).unwrap_or_default()
}

/// The name of a stored word, where the catalogue has one.
pub fn known_choice(locale: &Locale, path: &str, word: &str) -> Option<String> {
    let blood = path.ends_with("blood_group");
    if blood {
        return Some(word.replace('-', "−"));
    }
    let (own, common) = (format!("choice-{}-{}", key(path), word_key(word)), format!("choice-{}", word_key(word)));
    locale.first_of(&[&own, &common])
}

/// The name of a stored word; an unknown one as it stands.
pub fn choice(locale: &Locale, path: &str, word: &str) -> String {
    known_choice(locale, path, word).unwrap_or_else(|| word.to_owned())
}

/// A kind, as the name of one record.
pub fn kind(locale: &Locale, kind: &str) -> String {
    locale.first_of(&[&format!("kind-{kind}")]).unwrap_or_else(|| kind.to_owned())
}

/// A kind, as the name of a list.
pub fn kinds(locale: &Locale, kind: &str) -> String {
    locale.first_of(&[&format!("kinds-{kind}")]).unwrap_or_else(|| kind.to_owned())
}

/// A UCUM unit as people write it.
pub fn unit(locale: &Locale, ucum: &str) -> String {
    let known = match ucum {
        "mm[Hg]" => "mmHg",
        "Cel" => "°C",
        "[degF]" => "°F",
        "kg/m2" => "kg/m²",
        "[lb_av]" => "lb",
        "[in_i]" => "in",
        "[iU]" => "IU",
        "[iU]/L" | "[IU]/L" => "IU/L",
        "m[IU]/L" => "mIU/L",
        "u[IU]/mL" => "µIU/mL",
        "10*3/uL" => "10³/µL",
        "10*6/uL" => "10⁶/µL",
        "10*9/L" => "10⁹/L",
        "10*12/L" => "10¹²/L",
        "ug" => "µg",
        "ug/dL" => "µg/dL",
        "ug/L" => "µg/L",
        "umol/L" => "µmol/L",
        "mL/min/{1.73_m2}" => "mL/min/1.73 m²",
        "/min" | "{beats}/min" | "{Beats}/min" => return locale.say("unit-per-minute"),
        "d" => return locale.say("unit-days"),
        "wk" => return locale.say("unit-weeks"),
        "mo" => return locale.say("unit-months"),
        "a" => return locale.say("unit-years"),
        "h" => return locale.say("unit-hours"),
        "{tablet}" => return locale.say("unit-tablet"),
        "{capsule}" => return locale.say("unit-capsule"),
        "{drop}" => return locale.say("unit-drop"),
        "{puff}" => return locale.say("unit-puff"),
        "1" | "{score}" | "{nominal}" => "",
        other => other.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')).unwrap_or(other),
    };
    known.to_owned()
}

/// What a person types for a unit, as UCUM.
pub fn typed_unit(text: &str) -> String {
    let text = text.trim();
    let ucum = match text.to_ascii_lowercase().as_str() {
        "mmhg" => "mm[Hg]",
        "°c" | "degc" => "Cel",
        "°f" | "degf" => "[degF]",
        "bpm" | "per minute" | "/minute" => "/min",
        "iu" => "[iU]",
        "iu/l" => "[iU]/L",
        "miu/l" => "m[IU]/L",
        "mcg" | "µg" => "ug",
        "mcg/dl" | "µg/dl" => "ug/dL",
        "µmol/l" => "umol/L",
        "mg/dl" => "mg/dL",
        "g/dl" => "g/dL",
        "mmol/l" => "mmol/L",
        "meq/l" => "mEq/L",
        "kg/m²" => "kg/m2",
        "lb" | "lbs" => "[lb_av]",
        "ml" => "mL",
        "tablet" | "tablets" => "{tablet}",
        "capsule" | "capsules" => "{capsule}",
        "drop" | "drops" => "{drop}",
        "puff" | "puffs" => "{puff}",
        "day" | "days" => "d",
        "week" | "weeks" => "wk",
        "month" | "months" => "mo",
        "year" | "years" => "a",
        _ => text,
    };
    ucum.to_owned()
}
