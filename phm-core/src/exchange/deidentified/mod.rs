//! Records without what names a person: names, places, numbers and free text out, dates moved, ids replaced.
//!
//! What stays is what the description of a kind says is of a closed form: choices, numbers, amounts with units, codes of
//! public systems. Everything else goes, so a field that is added to a kind goes until somebody decides otherwise. Dates move
//! by the same span for one person, ids become others; both follow from a secret, so that exports with the same secret fit
//! together, and exports with different ones are not joined by their ids, their dates or their order. After HIPAA's Safe
//! Harbor (45 CFR 164.514(b)(2)), which wants ages above 89 gone too, and every date that says somebody is as old as that.
//!
//! What lies between two dates of a person stays as it was, and so do the values: whoever holds two exports, or knows some
//! values of somebody, may still find the same person by them. The report says what went, and whoever passes it on decides.

mod codes;
mod dates;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::crypto::digest::{hmac_sha256, sha256};
use crate::id::{ProfileId, RecordId};
use crate::model::{FieldInfo, KindInfo};
use crate::time::{Instant, When};

use dates::Shift;

/// Kinds of which nothing but words would be left, or nobody knows what they hold.
const LEFT_OUT: &[&str] = &["message", "note", "document", "insurance", "fhir-resource", "family-history"];

/// Whether records of this kind are left out as a whole.
pub fn is_left_out(info: &KindInfo) -> bool {
    info.system || LEFT_OUT.contains(&info.name)
}

/// Longer numbers may be telephone or record numbers.
const MOST_DIGITS: usize = 8;

/// `10*12/L` and `/100` need few digits; a unit may be a whole number, and that may be anybody's.
const MOST_DIGITS_OF_A_UNIT: usize = 6;

/// Older people are few (45 CFR 164.514(b)(2)(i)(C)).
const OLDEST: f64 = 89.0;

/// What is longer ago says by itself that somebody is older: their birth, a vaccination as a child.
const LONGEST_AGO: i64 = 90 * YEAR;

const YEAR: i64 = 31_557_600_000;

/// What went, and what became of the rest.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// People.
    pub people: u64,
    /// Records that are left.
    pub records: u64,
    /// Samples that are left.
    pub samples: u64,
    /// Values that were taken out, by kind and field.
    pub removed: BTreeMap<String, u64>,
    /// Dates and moments that were moved.
    pub moved: u64,
    /// Records that were left out as a whole, by kind.
    pub left_out: BTreeMap<String, u64>,
}

/// Takes what names a person out of records.
pub struct Deidentifier {
    key: Zeroizing<[u8; 32]>,
    now: Instant,
    /// What went so far.
    pub report: Report,
}

/// One person, as they appear outside.
pub struct Somebody {
    /// The id in place of theirs.
    pub id: String,
    shift: Shift,
}

impl Deidentifier {
    /// Follows from `secret`; `now` says who is older than 89.
    pub fn new(secret: &[u8], now: Instant) -> Self {
        Self { key: Zeroizing::new(sha256(&[b"phm de-identified", secret])), now, report: Report::default() }
    }

    fn pseudonym(&self, of: &[u8], id: &[u8]) -> [u8; 16] {
        let hash = hmac_sha256(&*self.key, &[of, id]);
        hash[..16].try_into().expect("a hash has 32 bytes")
    }

    /// How a person appears outside.
    pub fn person(&self, profile: ProfileId) -> Somebody {
        let random = self.pseudonym(b"shift ", profile.as_bytes());
        let shift = Shift::of(random[..8].try_into().expect("sixteen bytes"));
        Somebody { id: self.id(profile.as_bytes()), shift }
    }

    /// A date or moment of somebody, moved; `None` where it says that they are older than 89, and where the calendar ends.
    pub fn when(&self, of: &Somebody, when: When) -> Option<When> {
        let ago = self.now.millis().saturating_sub(when.first().millis());
        if ago > LONGEST_AGO { None } else { of.shift.when(when) }
    }

    /// The id in place of another.
    pub fn id(&self, id: &[u8; 16]) -> String {
        RecordId::version_four(self.pseudonym(b"id ", id)).to_string()
    }

    /// What is left of a body; `None` where the record is left out.
    pub fn body(&mut self, info: &KindInfo, of: &Somebody, body: &Value) -> Option<Value> {
        if is_left_out(info) {
            self.leave_out(info, 1);
            return None;
        }
        self.report.records += 1;
        let mut left = Map::new();
        self.fields(info.fields, of, body, info.name, &mut left);
        Some(Value::Object(left))
    }

    /// Counts records that are left out as a whole.
    pub fn leave_out(&mut self, info: &KindInfo, many: u64) {
        if many > 0 {
            *self.report.left_out.entry(info.name.to_owned()).or_default() += many;
        }
    }

    fn fields(&mut self, fields: &[FieldInfo], of: &Somebody, body: &Value, path: &str, left: &mut Map<String, Value>) {
        for field in fields {
            let Some(value) = body.get(field.name) else { continue };
            let path = format!("{path}/{}", field.name);
            if field.many {
                let items = value.as_array().into_iter().flatten();
                let kept: Vec<Value> = items.filter_map(|item| self.one(field, of, item, &path)).collect();
                if !kept.is_empty() {
                    left.insert(field.name.to_owned(), Value::Array(kept));
                }
            } else if let Some(kept) = self.one(field, of, value, &path) {
                left.insert(field.name.to_owned(), kept);
            }
        }
    }

    fn one(&mut self, field: &FieldInfo, of: &Somebody, value: &Value, path: &str) -> Option<Value> {
        let kept = match field.of {
            "quantity" => self.quantity(value, path),
            "concept" => self.concept(value, path),
            "range" => {
                let mut left = Map::new();
                for end in ["low", "high"] {
                    let bound = value.get(end).and_then(|bound| self.quantity(bound, &format!("{path}/{end}")));
                    left.extend(bound.map(|bound| (end.to_owned(), bound)));
                }
                if value.get("text").is_some() {
                    self.gone(&format!("{path}/text"));
                }
                (!left.is_empty()).then_some(Value::Object(left))
            }
            "object" | "ratio" if value.is_object() => {
                let mut left = Map::new();
                self.fields(field.fields, of, value, path, &mut left);
                (!left.is_empty()).then_some(Value::Object(left))
            }
            "ratio" => value.as_str().filter(|text| is_titre(text)).map(Value::from),
            "instant" | "when" | "date" => self.moved(of, value),
            "decimal" => value.as_str().filter(|text| is_short(text)).map(Value::from),
            "integer" | "number" => Some(value.clone()).filter(|value| is_short(&value.to_string())),
            "boolean" | "time" => Some(value.clone()),
            "unit" => value.as_str().and_then(plain_unit).map(Value::from),
            "id" | "link" => {
                let id: Option<RecordId> = value.as_str().and_then(|text| text.parse().ok());
                id.map(|id| Value::from(self.id(id.as_bytes())))
            }
            // A choice keeps its usual words, and no other text stays at all.
            _ => value.as_str().filter(|text| field.choices.contains(text)).map(Value::from),
        };
        if kept.is_none() {
            self.gone(path);
        }
        kept
    }

    fn moved(&mut self, of: &Somebody, value: &Value) -> Option<Value> {
        let moved = self.when(of, value.as_str()?.parse().ok()?)?;
        self.report.moved += 1;
        Some(moved.to_string().into())
    }

    fn quantity(&mut self, value: &Value, path: &str) -> Option<Value> {
        let (number, unit) = (value.get("value")?.as_str()?, value.get("unit")?.as_str()?);
        let comparator = value.get("comparator").and_then(Value::as_str);
        let plain = plain_unit(unit)?;
        let of_age = if says_years(unit) { "a" } else { plain.as_str() };
        if !is_short(number) || is_an_old_age(number, of_age, comparator) {
            return None;
        }
        if plain != unit {
            self.gone(&format!("{path}/unit"));
        }
        let mut left = Map::new();
        left.insert("value".into(), number.into());
        left.insert("unit".into(), plain.into());
        left.extend(comparator.map(|comparator| ("comparator".to_owned(), comparator.into())));
        Some(Value::Object(left))
    }

    fn concept(&mut self, value: &Value, path: &str) -> Option<Value> {
        if value.get("text").is_some() {
            self.gone(&format!("{path}/text"));
        }
        let codes = value.get("codes").and_then(Value::as_array).into_iter().flatten();
        let kept: Vec<Value> = codes
            .filter_map(|code| {
                let (system, code) = (code.get("system")?.as_str()?, code.get("code")?.as_str()?);
                codes::is_public(system, code).then(|| serde_json::json!({"system": system, "code": code}))
            })
            .collect();
        (!kept.is_empty()).then(|| serde_json::json!({ "codes": kept }))
    }

    fn gone(&mut self, path: &str) {
        *self.report.removed.entry(path.to_owned()).or_default() += 1;
    }
}

/// Whether a number has so few digits, and such, that it names nobody.
pub fn is_short(number: &str) -> bool {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    digits <= MOST_DIGITS
        && number.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
        && !is_a_day(number)
}

/// `19610403` or `03041961`: eight digits that may be a day, and then perhaps the one on which somebody was born.
fn is_a_day(number: &str) -> bool {
    if number.len() != 8 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let part = |from: usize, to: usize| number[from..to].parse::<u16>().unwrap_or_default();
    let day = |year: u16, a: u16, b: u16| {
        (1850..=2100).contains(&year) && (1..=31).contains(&a) && (1..=31).contains(&b) && a.min(b) <= 12
    };
    day(part(0, 4), part(4, 6), part(6, 8)) || day(part(4, 8), part(0, 2), part(2, 4))
}

/// Whether an amount is an age above 89 years, in whatever unit of time it is given.
pub fn is_an_old_age(number: &str, unit: &str, comparator: Option<&str>) -> bool {
    // How many of them are a year (UCUM: a = 365.25 d, mo = a/12).
    let in_a_year = match unit {
        "a" | "a_t" | "a_j" | "a_g" => 1.0,
        "mo" | "mo_s" | "mo_j" | "mo_g" => 12.0,
        "wk" => 365.25 / 7.0,
        "d" => 365.25,
        "h" => 365.25 * 24.0,
        _ => return false,
    };
    let above = comparator.is_some_and(|comparator| comparator.starts_with('>'));
    let years = number.parse::<f64>().map(|many| many / in_a_year);
    years.is_ok_and(|years| years > OLDEST || (above && years >= OLDEST))
}

/// Whether a unit says in words that it is years, as imports put foreign words between braces: `{years}`, `{ਸਾਲ}`.
fn says_years(unit: &str) -> bool {
    let words = unit.to_lowercase();
    words.contains('{') && ["year", "yr", "वर्ष", "साल", "ਸਾਲ"].iter().any(|word| words.contains(word))
}

/// A unit without annotations, which hold any text: `{heron}/min` is `/min`. None where its numbers are too long.
fn plain_unit(unit: &str) -> Option<String> {
    let mut inside = false;
    let kept: String = unit
        .chars()
        .filter(|letter| {
            inside = (inside || *letter == '{') && *letter != '}';
            !inside && *letter != '}'
        })
        .collect();
    let kept = kept.trim_matches('.').replace("./", "/").replace("..", ".").replace("//", "/1/").replace("()", "1");
    let digits = kept.bytes().filter(u8::is_ascii_digit).count();
    if digits > MOST_DIGITS_OF_A_UNIT {
        return None;
    }
    Some(if kept.is_empty() || kept.ends_with('/') { format!("{kept}1") } else { kept })
}

/// `1:128`: two numbers that are short together, too.
fn is_titre(text: &str) -> bool {
    let short = |a: &str, b: &str| !a.is_empty() && !b.is_empty() && is_short(a) && is_short(b);
    text.split_once(':').is_some_and(|(a, b)| short(a.trim(), b.trim()) && a.len() + b.len() <= MOST_DIGITS)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::kinds;

    fn info(name: &str) -> &'static KindInfo {
        kinds().iter().find(|kind| kind.name == name).expect("a kind")
    }

    fn of(secret: &[u8]) -> Deidentifier {
        Deidentifier::new(secret, "2026-11-28T00:00:00Z".parse().expect("a moment"))
    }

    #[test]
    fn a_result_keeps_code_amount_and_flag_and_nothing_in_words() {
        let body = json!({
            "concept": {"text": "HbA1c of Asha", "codes": [
                {"system": "http://loinc.org", "code": "4548-4", "display": "of Asha"}, {"system": "urn:asha", "code": "1"}]},
            "quantity": {"value": "6.40", "unit": "%{Asha}", "comparator": "<"},
            "range": {"low": {"value": "4", "unit": "%"}, "text": "Asha's"},
            "interpretation": "H", "status": "Asha said so", "laboratory": {"name": "Asha's laboratory"},
            "collected_at": "2026-04-03", "remarks": "Asha was late",
        });
        let mut work = of(b"secret");
        let somebody = work.person(ProfileId::new());
        let left = work.body(info("lab-result"), &somebody, &body).expect("a body");
        let date = left["collected_at"].as_str().expect("a date").to_owned();
        assert_ne!(date, "2026-04-03");
        assert_eq!(
            left,
            json!({
                "concept": {"codes": [{"system": "http://loinc.org", "code": "4548-4"}]},
                "quantity": {"value": "6.40", "unit": "%", "comparator": "<"},
                "range": {"low": {"value": "4", "unit": "%"}}, "interpretation": "H", "collected_at": date,
            })
        );
        assert!(!left.to_string().contains("Asha"));
        let went: Vec<&str> = work.report.removed.keys().map(String::as_str).collect();
        let expected = ["concept/text", "laboratory", "quantity/unit", "range/text", "remarks", "status"];
        assert_eq!(went, expected.map(|path| format!("lab-result/{path}")));
        assert_eq!((work.report.records, work.report.moved), (1, 1));
    }

    #[test]
    fn two_secrets_give_other_ids_and_other_dates_and_one_gives_the_same() {
        let person = ProfileId::new();
        let at: Instant = "2026-04-03T08:00:00Z".parse().expect("a moment");
        let of_secret = |secret: &[u8]| {
            let work = of(secret);
            let somebody = work.person(person);
            (work.when(&somebody, When::Instant(at)), somebody.id)
        };
        let (one, other) = (of_secret(b"one"), of_secret(b"other"));
        assert_eq!(one, of_secret(b"one"));
        assert!(one.0 != other.0 && one.1 != other.1 && one.1 != person.to_string());
        let two = ProfileId::new();
        let work = of(b"one");
        let moved = |who| work.when(&work.person(who), When::Instant(at));
        assert_ne!(moved(person), moved(two), "each person has a shift of their own");
    }

    #[test]
    fn ages_above_89_and_long_numbers_go() {
        let mut work = of(b"secret");
        let somebody = work.person(ProfileId::new());
        let mut left = |birth: &str| {
            let body = json!({"name": {"text": "Asha"}, "birth_date": birth, "sex": "female"});
            work.body(info("profile"), &somebody, &body).expect("a body")
        };
        assert!(left("1930").get("birth_date").is_none());
        assert!(left("1940-02").get("birth_date").is_some());
        assert_eq!(left("1930"), json!({"sex": "female"}));
        assert!(!is_short("9876543210") && !is_short("98765 43210") && is_short("-12.50") && is_short("1e3"));
        assert!(!is_short("19610403") && !is_short("03041961") && is_short("20000000") && is_short("1961.403"));
        assert!(is_titre("1:128") && !is_titre("98765:43210") && !is_titre(":128"));
    }

    #[test]
    fn an_age_above_89_goes_in_every_unit_and_with_every_date_that_says_so() {
        for (number, unit, comparator) in [
            ("91", "a", None),
            ("1100", "mo", None),
            ("4800", "wk", None),
            ("33000", "d", None),
            ("89", "a", Some(">")),
        ] {
            assert!(is_an_old_age(number, unit, comparator), "{number} {unit}");
        }
        for (number, unit) in [("89", "a"), ("1000", "mo"), ("91", "kg"), ("32000", "d")] {
            assert!(!is_an_old_age(number, unit, None), "{number} {unit}");
        }
        assert!(says_years("{Years}") && says_years("{ਸਾਲ}") && !says_years("{beats}/min") && !says_years("a"));
        let mut work = of(b"secret");
        let somebody = work.person(ProfileId::new());
        assert!(work.quantity(&json!({"value": "91", "unit": "{years}"}), "x").is_none());
        assert!(work.quantity(&json!({"value": "91", "unit": "{score}"}), "x").is_some());
        let mut left = |given_on: &str| {
            let body = json!({"vaccine": {"text": "smallpox"}, "given_on": given_on, "status": "completed"});
            work.body(info("immunization"), &somebody, &body).expect("a body")
        };
        assert!(left("1931-05").get("given_on").is_none() && left("1951-05").get("given_on").is_some());
        let when = |text: &str| work.when(&somebody, text.parse().expect("a date"));
        assert!(when("1931-05").is_none() && when("1951-05").is_some());
    }

    #[test]
    fn units_lose_their_annotations() {
        for (unit, plain) in [
            ("mg/dL", "mg/dL"),
            ("{Asha}", "1"),
            ("{beats}/min", "/min"),
            ("10*3{cells}/uL", "10*3/uL"),
            ("mg/{dose}", "mg/1"),
            ("mg/{dose}/d", "mg/1/d"),
            ("({Asha})/d", "1/d"),
        ] {
            assert_eq!(plain_unit(unit).as_deref(), Some(plain), "{unit}");
        }
        for number in ["9876543210", "/9876543210", "9876.54321/min"] {
            assert_eq!(plain_unit(number), None, "a number is no unit that anybody needs");
        }
    }

    #[test]
    fn kinds_of_words_are_left_out_and_counted() {
        let mut work = of(b"secret");
        let somebody = work.person(ProfileId::new());
        assert!(work.body(info("note"), &somebody, &json!({"text": "Asha"})).is_none());
        assert!(work.body(info("account"), &somebody, &json!({})).is_none());
        assert_eq!(work.report.left_out["note"], 1);
    }
}
