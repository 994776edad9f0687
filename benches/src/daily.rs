//! The rows about daily care: all there is to say of a person with 10,000 lab results, and what one million samples
//! come to.
//!
//! What is measured are the functions of `phm_core::analytics` that the appliance, the bindings and the plugins call,
//! over what lists and reads give them. The bench `daily` measures the same by criterion.

use std::collections::BTreeMap;
use std::hint::black_box;

use phm_core::analytics::labs::{self, Bounds, Who, judge};
use phm_core::analytics::trends::{
    Entry, Expected, Statistics, explain, hba1c_story, series, statistics, statistics_of,
};
use phm_core::analytics::{Message, summary};
use phm_core::model::{Condition, Kind as _, LabResult, Unit};
use phm_core::time::{Instant, PartialDate, When};
use serde_json::json;

use crate::house::micros;
use crate::table::{Row, Target, interleaved};

/// Results of the one person.
pub const RESULTS: usize = 10_000;
/// Samples of the other.
pub const SAMPLES: u32 = 1_000_000;

const DAY: i64 = 86_400_000;

/// Whose results they are.
const WHO: Who = Who { sex: Some("female"), age_years: Some(50.0), youngest_years: None };

/// A result as lists have it, and the body that a read gives.
struct Listed {
    code: &'static str,
    value: String,
    unit: &'static str,
    when: When,
    body: String,
}

/// A person with [`RESULTS`] lab results, three a day, and diabetes.
pub struct Person {
    results: Vec<Listed>,
    diabetes: Condition,
    now: Instant,
    today: PartialDate,
}

impl Person {
    /// Ten tests in turn, one of them HbA1c.
    pub fn of_ten_tests() -> Self {
        Self::with(of_ten_tests)
    }

    /// All of them HbA1c: nobody has a longer trend.
    pub fn of_one_test() -> Self {
        Self::with(hba1c)
    }

    fn with(of: impl Fn(usize) -> (&'static str, String, &'static str)) -> Self {
        let diabetes = Condition::from_json(&json!({"concept": "Type 2 diabetes mellitus"})).expect("a condition");
        let results = (0..RESULTS).map(|index| listed(index, of(index))).collect();
        let today = PartialDate::day(1980, 12, 14).expect("a day");
        Self { results, diabetes, now: Instant::from_millis(4000 * DAY), today }
    }

    /// The trend of HbA1c among the results, with everything there is to say of it.
    pub fn trend(&self) -> Vec<Message> {
        let test = labs::by_key("hba1c").expect("in the catalogue");
        let percent: Unit = "%".parse().expect("a unit");
        let of_test = |result: &&Listed| labs::by_loinc(result.code).is_some_and(|found| found.key == test.key);
        let entries: Vec<Entry<'_>> = self
            .results
            .iter()
            .filter(of_test)
            .map(|result| Entry { value: &result.value, unit: result.unit, when: result.when })
            .collect();
        let found = series(Some(test), &entries, &percent);
        let expected = Expected::usual(test, WHO, &percent);
        let numbers = statistics_of(&found, expected.as_ref());
        assert_eq!(numbers.map(|numbers| numbers.count), Some(entries.len()), "every value is on the axis");
        let mut said = explain(&found, numbers.as_ref());
        said.extend(hba1c_story(&found, false));
        said
    }

    /// The dashboard: the newest of each test with what is wrong with it, what is overdue, figures of visits.
    pub fn dashboard(&self) -> Vec<Message> {
        let newest = summary::newest_of_each(0..self.results.len(), |index| {
            let result = &self.results[*index];
            Some((labs::by_loinc(result.code)?, result.when))
        });
        let dates: BTreeMap<&str, PartialDate> =
            newest.iter().map(|(key, index)| (*key, self.results[*index].when.date())).collect();
        let mut said = summary::overdue_tests([self.diabetes.concept()], &dates, self.today);
        for (key, index) in newest {
            let test = labs::by_key(key).expect("in the catalogue");
            let result = LabResult::from_stored(&self.results[index].body).expect("whole");
            let judgement = judge(Some(test), &result, WHO);
            said.extend(judgement.and_then(|judgement| summary::about_result(test, &result, &judgement)));
        }
        let figures = summary::figures(self.results.iter().map(|result| result.when), self.now);
        assert_eq!(figures.total_visits, self.results.len());
        said
    }

    /// Both; what is measured does something.
    pub fn all(&self) -> (Vec<Message>, Vec<Message>) {
        let (trend, dashboard) = (self.trend(), self.dashboard());
        assert!(trend.len() > 2 && !dashboard.is_empty(), "there is something to say");
        (trend, dashboard)
    }
}

fn listed(index: usize, (code, value, unit): (&'static str, String, &'static str)) -> Listed {
    let when = When::Instant(Instant::from_millis(i64::try_from(index).unwrap_or(0) * DAY / 3));
    let body = json!({
        "concept": {"codes": [{"system": labs::LOINC, "code": code}]},
        "quantity": {"value": value, "unit": unit}, "collected_at": when,
    });
    let body = LabResult::from_json(&body).expect("a result").to_stored();
    Listed { code, value, unit, when, body }
}

/// An HbA1c, in per cent or in mmol/mol.
fn hba1c(index: usize) -> (&'static str, String, &'static str) {
    let step = index % 17;
    if index.is_multiple_of(20) {
        ("59261-8", format!("{}", 45 + step), "mmol/mol")
    } else {
        ("4548-4", format!("6.{}", step % 10), "%")
    }
}

/// Ten tests in turn, one of them HbA1c.
fn of_ten_tests(index: usize) -> (&'static str, String, &'static str) {
    let codes = ["2160-0", "2823-3", "718-7", "2093-3", "1742-6", "3016-3", "2345-7", "777-3", "6690-2"];
    let units = ["mg/dL", "mmol/L", "g/dL", "mg/dL", "U/L", "m[IU]/L", "mg/dL", "10*3/uL", "10*3/uL"];
    let step = index % 17;
    match index % 10 {
        0 => hba1c(index),
        other => (codes[other - 1], format!("{}.{}", 4 + step, step % 10), units[other - 1]),
    }
}

/// [`SAMPLES`] samples of a heart rate, one a minute, as the vault gives them out.
pub struct Samples {
    times: Vec<i64>,
    values: Vec<f64>,
}

impl Samples {
    /// Always the same ones.
    pub fn of_heart_rate() -> Self {
        Self {
            times: (0..i64::from(SAMPLES)).map(|index| index * 60_000).collect(),
            values: (0..SAMPLES).map(|index| 60.0 + f64::from(index % 800 * 7919 % 800) / 10.0).collect(),
        }
    }

    /// What they come to: how many inside the bounds, how large, and which way they go.
    pub fn statistics(&self) -> Option<Statistics> {
        statistics(&self.times, &self.values, Some(&Bounds::closed(Some(70.0), Some(110.0))))
    }
}

/// Measures and gives the rows.
pub fn rows(rounds: usize) -> Vec<Row> {
    let (ten, one, samples) = (Person::of_ten_tests(), Person::of_one_test(), Samples::of_heart_rate());
    let milliseconds = |times: usize, work: &dyn Fn()| micros(times, |_| work()) / 1e3;
    let of_person = |person: &Person| {
        black_box(black_box(person).all());
    };
    let of_samples = || {
        black_box(black_box(&samples).statistics());
    };
    let [of_ten, of_one, of_million] = interleaved(
        rounds,
        [&mut || milliseconds(20, &|| of_person(&ten)), &mut || milliseconds(20, &|| of_person(&one)), &mut || {
            milliseconds(5, &of_samples)
        }],
    );
    vec![
        Row::alone("trend and dashboard of 10,000 lab results of ten tests", "ms", Target::AtMost(2.0), of_ten),
        Row::alone("the same where all are of one test", "ms", Target::AtMost(2.0), of_one),
        Row::alone("what 1,000,000 samples come to, with their trend", "ms", Target::AtMost(20.0), of_million),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_has_something_to_say() {
        for person in [Person::of_ten_tests(), Person::of_one_test()] {
            let (trend, dashboard) = person.all();
            let codes: Vec<&str> = trend.iter().chain(&dashboard).map(|message| message.code).collect();
            for expected in ["trend-in-range", "hba1c-average", "attention-test-overdue"] {
                assert!(codes.contains(&expected), "{expected}: {codes:?}");
            }
        }
        let found = Samples::of_heart_rate().statistics().expect("values");
        assert_eq!(u32::try_from(found.count), Ok(SAMPLES));
        assert!(found.inside.is_some_and(|inside| inside > 0 && inside < found.count));
    }
}
