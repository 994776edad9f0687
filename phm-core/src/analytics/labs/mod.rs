//! The laboratory tests that PHM knows, and what it makes of a value.
//!
//! The catalogue is one data file ([`all`]): codes, names in three languages, units, plausible values, ranges with their
//! source. A test is found by code or by its written name ([`recognise`]); a value is taken in its unit or asked about
//! ([`understand`]), never reinterpreted; a laboratory's own range comes before the catalogue's ([`judge()`]).

mod judge;
mod name;
mod range;
mod reading;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::units::{Conversion, Substance};
use crate::model::{Concept, LabResult, Unit};

pub(super) use judge::words_of;
pub use judge::{Basis, Judged, Judgement, judge};
pub(super) use name::decomposed;
pub use name::{Recognised, recognise};
pub use range::{Bounds, bounds_of_text};
pub(super) use reading::is_plausible;
pub use reading::{Question, Reading, understand};

/// The code system of LOINC.
pub const LOINC: &str = "http://loinc.org";

/// A laboratory test of the catalogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Its name inside PHM, for example `hba1c`.
    pub key: String,
    /// LOINC codes of it, the usual one first. Codes that count and codes that weigh are one test.
    pub loinc: Vec<String>,
    /// Names in English, the usual one first.
    pub en: Vec<String>,
    /// Names in Hindi.
    pub hi: Vec<String>,
    /// Names in Punjabi.
    pub pa: Vec<String>,
    /// The unit of everything below; a test whose result is words (positive, negative) has none.
    #[serde(default, deserialize_with = "unit")]
    pub unit: Option<Unit>,
    /// Other units that laboratories print.
    #[serde(default, deserialize_with = "units")]
    pub units: Vec<Unit>,
    #[serde(default)]
    molar_mass: Option<f64>,
    #[serde(default)]
    valence: Option<f64>,
    #[serde(default)]
    enzyme: bool,
    #[serde(default)]
    glycated: bool,
    #[serde(default)]
    ratio: bool,
    /// The lowest and highest value that a living person has; beyond, the unit or the number is in doubt.
    #[serde(default)]
    pub plausible: Option<(f64, f64)>,
    /// Below and above these a laboratory would call by telephone.
    #[serde(default)]
    pub critical: Option<(Option<f64>, Option<f64>)>,
    /// Ranges where the laboratory printed none.
    pub ranges: Vec<UsualRange>,
}

/// A range for people of some age and sex.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsualRange {
    /// Only for this sex.
    #[serde(default)]
    pub sex: Option<String>,
    /// From this age on.
    #[serde(default)]
    pub from_years: Option<f64>,
    /// Below this age.
    #[serde(default)]
    pub to_years: Option<f64>,
    /// The lowest usual value.
    #[serde(default)]
    pub low: Option<f64>,
    /// The highest usual value.
    #[serde(default)]
    pub high: Option<f64>,
    /// The lowest value that is already too high, where the source says "below".
    #[serde(default)]
    pub below: Option<f64>,
    /// The lowest value that is too high whatever the report leaves unsaid, such as when the person last ate. What lies
    /// between the usual values and this one is not decided.
    #[serde(default)]
    pub surely_high: Option<f64>,
    /// The same in other units, where the source rounds it there for itself.
    #[serde(default)]
    pub also: Vec<Also>,
    /// Who says so.
    pub source: String,
}

/// The bounds of a range as its source gives them in another unit: 200 mg/dL of glucose are given as 11.1 mmol/L, which are
/// 199.97 mg/dL.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Also {
    /// The other unit.
    #[serde(deserialize_with = "known_unit")]
    pub unit: Unit,
    /// The lowest usual value in it.
    #[serde(default)]
    pub low: Option<f64>,
    /// The highest usual value in it.
    #[serde(default)]
    pub high: Option<f64>,
    /// The lowest value in it that is already too high.
    #[serde(default)]
    pub below: Option<f64>,
    /// The lowest value in it that is too high whatever the report leaves unsaid.
    #[serde(default)]
    pub surely_high: Option<f64>,
}

impl UsualRange {
    /// The bounds, in the unit of the test.
    pub fn bounds(&self) -> Bounds {
        bounds(self.low, self.high, self.below)
    }

    /// The bounds for values written in `unit`, where the source gives them in it besides the unit of the test.
    pub fn also_in(&self, unit: &Unit) -> Option<Bounds> {
        self.also_of(unit).map(|also| bounds(also.low, also.high, also.below))
    }

    /// For values written in `unit`, what is not surely too high: a value above the usual ones that lies inside these
    /// bounds is not decided. Nothing where every value above the usual ones is too high.
    pub fn left_open(&self, unit: &Unit) -> Option<Bounds> {
        let from = self.also_of(unit).map_or(self.surely_high, |also| also.surely_high);
        from.map(|from| bounds(None, None, Some(from)))
    }

    fn also_of(&self, unit: &Unit) -> Option<&Also> {
        let same =
            |also: &&Also| Conversion::between(unit, &also.unit, &Substance::NONE).is_ok_and(Conversion::is_same);
        self.also.iter().find(same)
    }
}

impl Test {
    /// What conversions need to know.
    pub fn substance(&self) -> Substance {
        Substance {
            molar_mass: self.molar_mass,
            valence: self.valence,
            enzyme: self.enzyme,
            glycated: self.glycated,
            ratio: self.ratio,
        }
    }

    /// Its LOINC code for new records.
    pub fn code(&self) -> &str {
        &self.loinc[0]
    }

    /// What it is called in a language (`en`, `hi`, `pa`); English where the language has no name.
    pub fn name(&self, language: &str) -> &str {
        let names = match language {
            "hi" => &self.hi,
            "pa" => &self.pa,
            _ => &self.en,
        };
        names.first().unwrap_or(&self.en[0])
    }

    /// The range for a person, where the catalogue has one that surely fits: a sex or age that is not known fits none
    /// that asks for it.
    pub fn usual_range(&self, who: Who) -> Option<&UsualRange> {
        self.ranges.iter().find(|range| {
            let sex = range.sex.as_deref().is_none_or(|sex| who.sex == Some(sex));
            let age = who.age_years.map_or(range.from_years.is_none() && range.to_years.is_none(), |age| {
                let youngest = who.youngest_years.unwrap_or(age);
                range.from_years.is_none_or(|from| youngest >= from) && range.to_years.is_none_or(|to| age < to)
            });
            sex && age
        })
    }
}

/// Whose value it is, as far as ranges depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Who {
    /// `female` or `male`.
    pub sex: Option<&'static str>,
    /// Age at the time of the value; of somebody below 18 whose birth date is not known to the day the highest it may be.
    pub age_years: Option<f64>,
    /// The lowest age it may be; nothing where that is the same.
    pub youngest_years: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    notice: String,
    #[serde(rename = "units")]
    _units: String,
    tests: Vec<Test>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    serde_json::from_str(include_str!("catalogue.json")).expect("a test reads the catalogue that is compiled in")
});

static BY_CODE: LazyLock<HashMap<&'static str, &'static Test>> =
    LazyLock::new(|| all().iter().flat_map(|test| test.loinc.iter().map(move |code| (code.as_str(), test))).collect());

/// Every test.
pub fn all() -> &'static [Test] {
    &CATALOGUE.tests
}

/// What LOINC's licence asks to be shown beside its codes.
pub fn notice() -> &'static str {
    &CATALOGUE.notice
}

/// The test with this key.
pub fn by_key(key: &str) -> Option<&'static Test> {
    all().iter().find(|test| test.key == key)
}

/// The test with this LOINC code.
pub fn by_loinc(code: &str) -> Option<&'static Test> {
    BY_CODE.get(code).copied()
}

/// The test that a record is about: by its codes, else by its name when that says exactly one.
pub fn of_concept(concept: &Concept) -> Option<&'static Test> {
    let codes = concept.codes().iter().map(|code| (code.system().unwrap_or_default(), code.code()));
    of_codes(codes, concept.text().unwrap_or_default())
}

/// The test that a result is about: by its codes, which say the specimen too; else by its name together with what was
/// examined, because glucose in urine is another test than glucose in blood.
pub fn of_result(result: &LabResult) -> Option<&'static Test> {
    let concept = result.concept();
    if !concept.codes().is_empty() {
        return of_concept(concept);
    }
    recognise(&result.title()).test()
}

/// The test that systems with codes say; a record without any code is about what its title says, as people type it.
pub fn of_codes<'a>(codes: impl IntoIterator<Item = (&'a str, &'a str)>, title: &str) -> Option<&'static Test> {
    let mut uncoded = true;
    for (system, code) in codes {
        uncoded = false;
        if let Some(test) = by_loinc(code).filter(|_| system == LOINC) {
            return Some(test);
        }
    }
    // A code that PHM does not know says more than a name: it may be another specimen or method.
    if uncoded { recognise(title).test() } else { None }
}

/// Whether a text is a LOINC code: digits, a hyphen, and the check digit that the digits give (modulus 10).
pub fn is_loinc(code: &str) -> bool {
    let Some((number, check)) = code.split_once('-') else { return false };
    let digits =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(number, 7) || !digits(check, 1) {
        return false;
    }
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit - b'0');
            if place % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
        })
        .sum();
    check.parse() == Ok((10 - sum % 10) % 10)
}

fn bounds(low: Option<f64>, high: Option<f64>, below: Option<f64>) -> Bounds {
    Bounds { low, high: high.or(below), above: false, below: below.is_some() }
}

fn known_unit<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Unit, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

fn unit<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Unit>, D::Error> {
    known_unit(deserializer).map(Some)
}

fn units<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Unit>, D::Error> {
    let all = Vec::<String>::deserialize(deserializer)?;
    all.iter().map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_catalogue_keeps_its_promises() {
        let (mut keys, mut codes) = (HashSet::new(), HashSet::new());
        assert!(all().len() >= 70, "{}", all().len());
        for test in all() {
            let key = &test.key;
            assert!(keys.insert(key), "{key} stands twice");
            assert!(
                !test.loinc.is_empty() && !test.en.is_empty() && !test.hi.is_empty() && !test.pa.is_empty(),
                "{key}"
            );
            for code in &test.loinc {
                assert!(is_loinc(code), "{code}");
                assert!(codes.insert(code), "{code} stands twice");
            }
            assert_eq!(test.unit.is_none(), test.plausible.is_none(), "{key} has a unit or is in words");
            let Some(own) = &test.unit else { continue };
            let (low, high) = test.plausible.expect("what has a unit has plausible values");
            assert!(low < high, "{key}");
            for other in &test.units {
                let there = Conversion::between(own, other, &test.substance());
                assert!(there.is_ok(), "{key}: {own} and {other} are one axis: {there:?}");
            }
            for range in &test.ranges {
                let bounds = range.bounds();
                let empty = bounds.low.is_none() && bounds.high.is_none() && range.surely_high.is_none();
                assert!(!empty, "{key} has an empty range");
                assert!(range.high.is_none() || range.below.is_none(), "{key}: up to a value or below one");
                assert!(!range.source.is_empty(), "{key}: a range names its source");
                let inside = |value: f64| (low..=high).contains(&value);
                assert!(bounds.low.is_none_or(inside) && bounds.high.is_none_or(inside), "{key}: a range is plausible");
                assert!(bounds.low.zip(bounds.high).is_none_or(|(low, high)| low < high), "{key}");
                let above =
                    range.surely_high.is_none_or(|surely| inside(surely) && range.below.is_none_or(|b| b < surely));
                assert!(above, "{key}: what is surely high is plausible, and above what is expected");
                for also in &range.also {
                    let there = Conversion::between(own, &also.unit, &test.substance()).expect("one axis");
                    assert!(!there.is_same(), "{key}: another unit");
                    let other = range.also_in(&also.unit).expect("given");
                    // A rounding, and not another opinion. KDIGO rounds an albumin of 30 mg/g to 3 mg/mmol.
                    let near = |own: Option<f64>, other: Option<f64>| match (own, other) {
                        (Some(own), Some(other)) => (there.apply(own) / other - 1.0).abs() < 0.14,
                        (own, other) => own.is_none() && other.is_none(),
                    };
                    assert!(near(bounds.low, other.low) && near(bounds.high, other.high), "{key}: {}", also.unit);
                    assert!(near(range.surely_high, also.surely_high), "{key}: {}", also.unit);
                    assert_eq!((bounds.above, bounds.below), (other.above, other.below), "{key}");
                }
            }
        }
        assert!(notice().contains("LOINC is copyright Regenstrief Institute"));
    }

    #[test]
    fn a_range_that_depends_on_what_is_not_known_is_not_used() {
        let creatinine = by_key("creatinine").expect("in the catalogue");
        let who = |sex, age_years| Who { sex, age_years, youngest_years: None };
        assert_eq!(creatinine.usual_range(who(Some("female"), Some(50.0))).and_then(|range| range.high), Some(1.1));
        assert!(creatinine.usual_range(who(None, Some(50.0))).is_none());
        assert!(creatinine.usual_range(who(Some("male"), None)).is_none());
        assert!(creatinine.usual_range(who(Some("male"), Some(9.0))).is_none());
        // A boy of 14 or 15 has one of two ranges.
        let haemoglobin = by_key("haemoglobin").expect("in the catalogue");
        let boy = |youngest, age| Who { sex: Some("male"), age_years: Some(age), youngest_years: Some(youngest) };
        assert!(haemoglobin.usual_range(boy(14.6, 15.5)).is_none());
        assert_eq!(haemoglobin.usual_range(boy(13.6, 14.5)).and_then(|range| range.low), Some(12.0));
        assert_eq!(haemoglobin.usual_range(boy(15.1, 16.0)).and_then(|range| range.low), Some(13.0));
    }

    #[test]
    fn the_check_digit_of_loinc_is_checked() {
        for good in ["718-7", "4548-4", "98979-8", "2160-0"] {
            assert!(is_loinc(good), "{good}");
        }
        for bad in ["718-8", "718", "718-", "-7", "71a-7", "718-77", "12345678-9", ""] {
            assert!(!is_loinc(bad), "{bad}");
        }
    }
}
