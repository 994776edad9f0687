//! Units of measure in UCUM, the Unified Code for Units of Measure.
//!
//! A [`Unit`] is one that UCUM's grammar can read: known atoms, prefixes only where UCUM allows them, exponents,
//! products, quotients, annotations (`{score}`). Spellings in daily use that mean exactly one unit (`mmHg`, `mcg`,
//! `beats/min`) are taken for it; everything else is refused, because a unit that nobody can read makes a number
//! that nobody may compare. Imports put foreign words between braces: [`Unit::from_free_text`].

mod atoms;

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde_json::Value;

use super::{At, Part, Report};
use atoms::{CUSTOMARY, METRIC, PLAIN, PREFIXES, WRITTEN};

/// The text is not a unit of UCUM.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a unit of UCUM; write for example `mg/dL`, `mm[Hg]` or `{{tablet}}`")]
pub struct UnknownUnit;

/// A unit of UCUM, by its case-sensitive code.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Unit(String);

/// UCUM's own longest examples are far below this.
const LONGEST: usize = 128;
const DEEPEST: usize = 8;

impl Unit {
    /// The UCUM code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The unit that a person means who writes it by hand or prints it, whose capitals mean nothing: `500 Mg` are no
    /// megagrams, `5 ML` no megalitres. For what programs send, which write UCUM, there is the exact reading of
    /// [`FromStr`].
    pub fn as_written(text: &str) -> Result<Self, UnknownUnit> {
        let lower = text.trim().replace(['µ', 'μ'], "u").to_ascii_lowercase();
        let written = WRITTEN.iter().find(|unit| unit.to_ascii_lowercase() == lower).copied();
        let customary = || CUSTOMARY.iter().find(|(spelling, _)| *spelling == lower).map(|(_, unit)| *unit);
        written.or_else(customary).map_or_else(|| text.parse(), |unit| Ok(Self(unit.to_owned())))
    }

    /// The unit of a foreign record, which may be in words: `Tablet` becomes `{Tablet}`, a count of tablets.
    ///
    /// An annotation has no dimension, so such a number is never compared with one in a real unit. Nothing, or
    /// only white space, is the unit `1`.
    pub fn from_free_text(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() {
            return Self("1".into());
        }
        Self::as_written(text).unwrap_or_else(|_| {
            let word = text.replace(|letter: char| letter == '{' || letter == '}' || letter.is_control(), " ");
            let word = word.trim();
            let word = &word[..word.floor_char_boundary(LONGEST - 2)];
            Self(if word.is_empty() { "1".into() } else { format!("{{{word}}}") })
        })
    }

    /// Whether it measures time, from milliseconds to years.
    pub fn is_time(&self) -> bool {
        matches!(
            self.as_str(),
            "ms" | "s" | "min" | "h" | "d" | "wk" | "mo" | "mo_s" | "mo_j" | "mo_g" | "a" | "a_t" | "a_j" | "a_g"
        )
    }
}

impl FromStr for Unit {
    type Err = UnknownUnit;

    fn from_str(text: &str) -> Result<Self, UnknownUnit> {
        // UCUM knows these too, as weight by volume; everybody else writes what they mean.
        if let Some(unit) = match text {
            "mg%" => Some("mg/dL"),
            "g%" => Some("g/dL"),
            _ => None,
        } {
            return Ok(Self(unit.to_owned()));
        }
        if is_ucum(text) {
            return Ok(Self(text.to_owned()));
        }
        if text.len() > LONGEST {
            return Err(UnknownUnit);
        }
        let plain = text.trim().replace(['µ', 'μ'], "u").replace("°", "deg ").replace('²', "2");
        if is_ucum(&plain) {
            return Ok(Self(plain));
        }
        let lower = plain.to_ascii_lowercase().replace("deg  ", "deg ");
        let found = CUSTOMARY.iter().find(|(spelling, _)| *spelling == lower);
        found.map(|(_, unit)| Self((*unit).to_owned())).ok_or(UnknownUnit)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Part for Unit {
    type View<'a> = &'a str;

    const OF: &'static str = "unit";

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let code = match value.as_str() {
            None => "wrong-type",
            Some(text) if text.trim().is_empty() => "required",
            Some(text) => match text.parse() {
                Ok(unit) => return Some(unit),
                Err(UnknownUnit) => "unknown-unit",
            },
        };
        report.say(at, code);
        None
    }

    fn view(&self) -> &str {
        &self.0
    }
}

fn is_ucum(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST && term(text, 0) == Some("")
}

/// `["/"] component {("." | "/") component}`; answers what follows it.
fn term(text: &str, depth: usize) -> Option<&str> {
    let mut rest = component(text.strip_prefix('/').unwrap_or(text), depth)?;
    while let Some(next) = rest.strip_prefix(['.', '/']) {
        rest = component(next, depth)?;
    }
    Some(rest)
}

/// `"(" term ")" | annotation | number | [prefix] atom [exponent] [annotation]`.
fn component(text: &str, depth: usize) -> Option<&str> {
    if let Some(inside) = text.strip_prefix('(') {
        return if depth < DEEPEST { term(inside, depth + 1)?.strip_prefix(')') } else { None };
    }
    if text.starts_with('{') {
        return annotation(text);
    }
    let (token, rest) = text.split_at(token_length(text)?);
    if token.is_empty() || !is_simple(token) {
        return None;
    }
    if rest.starts_with('{') { annotation(rest) } else { Some(rest) }
}

/// `{any printable text}`. Real records carry spaces and letters of other alphabets here, so they are taken too.
fn annotation(text: &str) -> Option<&str> {
    let (inside, rest) = text.strip_prefix('{')?.split_once('}')?;
    let readable = !inside.trim().is_empty() && !inside.contains('{') && !inside.chars().any(char::is_control);
    readable.then_some(rest)
}

/// Up to the next operator that is not between square brackets.
fn token_length(text: &str) -> Option<usize> {
    let mut bracket = false;
    for (index, letter) in text.char_indices() {
        match letter {
            '[' if bracket => return None,
            '[' => bracket = true,
            ']' if !bracket => return None,
            ']' => bracket = false,
            '.' | '/' | '(' | ')' | '{' | '}' if !bracket => return Some(index),
            _ => {}
        }
    }
    (!bracket).then_some(text.len())
}

fn is_simple(token: &str) -> bool {
    if token.bytes().all(|byte| byte.is_ascii_digit()) {
        return token.len() <= 12 && token != "0";
    }
    let base = token.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let exponent = token.len() - base.len();
    let base = if exponent > 0 { base.strip_suffix(['+', '-']).unwrap_or(base) } else { base };
    exponent <= 3 && is_atom(base)
}

fn is_atom(text: &str) -> bool {
    // The atoms of nearly every record, ahead of the search.
    if matches!(text, "L" | "g" | "m" | "%" | "d" | "mg" | "dL" | "mL" | "mmol") || known(METRIC, text) {
        return true;
    }
    known(PLAIN, text)
        || PREFIXES.iter().any(|prefix| text.strip_prefix(prefix).is_some_and(|atom| known(METRIC, atom)))
}

fn known(atoms: &[&str], text: &str) -> bool {
    atoms.binary_search(&text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted() {
        assert!(METRIC.is_sorted() && PLAIN.is_sorted() && CUSTOMARY.is_sorted());
    }

    #[test]
    fn units_of_real_records_are_kept_as_they_are() {
        for text in [
            "mg/dL",
            "mm[Hg]",
            "{score}",
            "10*3/uL",
            "/min",
            "kg/m2",
            "%",
            "1",
            "mL/min/{1.73_m2}",
            "10*6/uL",
            "10*9/L",
            "[IU]/L",
            "m[IU]/L",
            "u[IU]/mL",
            "Cel",
            "[degF]",
            "[lb_av]",
            "[in_i]",
            "U/L",
            "meq/L",
            "mmol/mol",
            "ng/mL{FEU}",
            "{T-score}",
            "{filmovertrukne tabletter}",
            "{kapsler, hårde}",
            "{wine glasses}/d",
            "/[HPF]",
            "mg/g{creat}",
            "cal/[foz_us]",
            "ug/kg/min",
            "mmol/(24.h)",
            "[pH]",
            "fL",
            "pg",
            "d",
            "a",
            "wk",
            "kPa",
            "cm[H2O]",
            "L/L",
            "10*12/L",
            "g/cm-2",
            "ms",
            "[diop]",
            "deg",
            "dB[SPL]",
            "%{hemoglobin}",
            "10^3/uL",
            "mL/h",
            "{tablet}",
            "mo",
            "kg.m/s2",
            "umol/min/mg",
            "[in_i'Hg]",
            "[Amb'a'1'U]/mL",
            "mosm/kg",
        ] {
            assert_eq!(text.parse::<Unit>().map(|unit| unit.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn spellings_in_daily_use_become_the_unit_they_mean() {
        for (text, unit) in [
            ("mmHg", "mm[Hg]"),
            ("mm Hg", "mm[Hg]"),
            ("beats/min", "/min"),
            ("mcg", "ug"),
            ("µg/L", "ug/L"),
            ("μmol/L", "umol/L"),
            ("x10*9/L", "10*9/L"),
            ("gm%", "g/dL"),
            ("mg%", "mg/dL"),
            ("lakhs/cumm", "10*5/mm3"),
            ("lbs", "[lb_av]"),
            ("°C", "Cel"),
            ("° F", "[degF]"),
            ("MG/DL", "mg/dL"),
            ("mL/min/1.73m2", "mL/min/{1.73_m2}"),
            ("mL/min/1.73 m²", "mL/min/{1.73_m2}"),
            ("kg/m²", "kg/m2"),
            ("mm/hr", "mm/h"),
            ("mm/1st hr", "mm/h"),
            ("mm/1st hour", "mm/h"),
            ("x10^9/L", "10*9/L"),
            ("x10^3/µL", "10*3/uL"),
            ("10^9/L", "10^9/L"),
            ("million/cumm", "10*6/mm3"),
            ("/cmm", "/mm3"),
            ("cells/cmm", "/mm3"),
            ("KG", "kg"),
            ("CM", "cm"),
            ("gms/dl", "g/dL"),
            ("NG/ML", "ng/mL"),
        ] {
            assert_eq!(text.parse::<Unit>().map(|unit| unit.to_string()).as_deref(), Ok(unit), "{text}");
        }
    }

    #[test]
    fn capitals_of_what_a_person_writes_mean_nothing() {
        for (text, unit) in [
            ("Mg", "mg"),
            ("MG", "mg"),
            ("ML", "mL"),
            ("Ml", "mL"),
            ("Gm", "g"),
            ("G", "g"),
            ("KG", "kg"),
            ("Mm", "mm"),
            ("MG/L", "mg/L"),
            ("PG/ML", "pg/mL"),
            ("Pg/ml", "pg/mL"),
            ("U/ML", "U/mL"),
            ("u/l", "U/L"),
            ("µG/DL", "ug/dL"),
            ("MMOL/L", "mmol/L"),
            (" mg ", "mg"),
            ("mm Hg", "mm[Hg]"),
            ("10*9/L", "10*9/L"),
            // What UCUM reads as kelvins, metres, picohenries and unified masses.
            ("K/µL", "10*3/uL"),
            ("M/uL", "10*6/uL"),
            ("pH", "[pH]"),
            ("/cu.mm", "/mm3"),
            ("Lacs/cumm", "10*5/mm3"),
            ("Lakhs/cu.mm", "10*5/mm3"),
            ("Million/cu.mm", "10*6/mm3"),
            ("Thou/cumm", "10*3/mm3"),
            ("mm in 1st hour", "mm/h"),
            ("/HPF", "/[HPF]"),
        ] {
            assert_eq!(Unit::as_written(text).map(|unit| unit.to_string()).as_deref(), Ok(unit), "{text}");
        }
        // What a program sends is UCUM to the letter.
        assert_eq!("Mg".parse::<Unit>().map(|unit| unit.to_string()).as_deref(), Ok("Mg"));
        assert!(Unit::as_written("bananas").is_err());
        for (index, unit) in WRITTEN.iter().enumerate() {
            assert!(is_ucum(unit), "{unit}");
            let same = |other: &&str| other.eq_ignore_ascii_case(unit);
            assert!(!WRITTEN[index + 1..].iter().any(same), "{unit}");
        }
    }

    #[test]
    fn every_customary_spelling_means_a_unit() {
        for (spelling, unit) in CUSTOMARY {
            assert!(is_ucum(unit), "{unit}");
            assert_eq!(*spelling, spelling.to_ascii_lowercase(), "{spelling}");
        }
    }

    #[test]
    fn what_is_no_unit_is_refused() {
        for text in [
            "",
            " ",
            "bananas",
            "mg/dLL",
            "mg//dL",
            "mg/",
            "/",
            "xyz",
            "mg dL",
            "kmin",
            "{",
            "}",
            "{}",
            "{a",
            "mg{a}{b}",
            "(mg",
            "mg)",
            "[Hg]",
            "mm[Hg",
            "m[IU",
            "0",
            "mg/0",
            "m-",
            "m2345",
            "(score)",
            "tablet",
            "giga.l-1",
            "$",
            "((((((((((mg))))))))))",
            "\u{0}",
        ] {
            assert!(text.parse::<Unit>().is_err(), "{text:?}");
        }
        assert!("m".repeat(200).parse::<Unit>().is_err());
        assert!(format!("{{{}}}", "x".repeat(200)).parse::<Unit>().is_err());
    }

    #[test]
    fn foreign_words_become_annotations() {
        for (text, unit) in [
            ("Tablet", "{Tablet}"),
            ("", "1"),
            ("{", "1"),
            ("8 oz {can}", "{8 oz  can}"),
            ("mmHg", "mm[Hg]"),
            ("गोली", "{गोली}"),
        ] {
            let made = Unit::from_free_text(text);
            assert_eq!(made.as_str(), unit);
            assert_eq!(made.as_str().parse::<Unit>(), Ok(made), "an import's unit passes the check");
        }
        let long = Unit::from_free_text(&"ਗੋਲੀ".repeat(100));
        assert_eq!(long.as_str().parse::<Unit>(), Ok(long));
    }

    #[test]
    fn time_is_told_from_other_units() {
        assert!("d".parse::<Unit>().expect("a unit").is_time());
        assert!(!"mg".parse::<Unit>().expect("a unit").is_time());
    }
}
