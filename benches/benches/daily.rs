//! The logic of daily care, by criterion: a person with 10,000 lab results, and one million samples.
//!
//! Aimed at (issue 5): trend and dashboard of the results within 2 ms, of the samples within 20 ms.

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, Throughput};
use phm_core::analytics::labs::{self, Bounds, Who, judge};
use phm_core::analytics::trends::{Entry, Expected, explain, hba1c_story, series, statistics, statistics_of};
use phm_core::analytics::{Message, summary};
use phm_core::model::{Concept, Condition, Kind as _, LabResult, Unit};
use phm_core::time::{Instant, PartialDate, When};
use serde_json::json;

const DAY: i64 = 86_400_000;

/// Whose results they are.
const WHO: Who = Who { sex: Some("female"), age_years: Some(50.0) };

/// A result as lists have it, and the body that a read gives.
struct Listed {
    code: &'static str,
    value: String,
    unit: &'static str,
    when: When,
    body: String,
}

/// 10,000 results, three a day.
fn listed(of: impl Fn(usize) -> (&'static str, String, &'static str)) -> Vec<Listed> {
    (0..10_000_usize)
        .map(|index| {
            let when = When::Instant(Instant::from_millis(i64::try_from(index).unwrap_or(0) * DAY / 3));
            let (code, value, unit) = of(index);
            let body = json!({
                "concept": {"codes": [{"system": labs::LOINC, "code": code}]},
                "quantity": {"value": value, "unit": unit}, "collected_at": when,
            });
            let body = LabResult::from_json(&body).expect("a result").to_stored();
            Listed { code, value, unit, when, body }
        })
        .collect()
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

/// The trend of HbA1c among results, with everything there is to say of it.
fn trend(results: &[Listed]) -> Vec<Message> {
    let test = labs::by_key("hba1c").expect("in the catalogue");
    let percent: Unit = "%".parse().expect("a unit");
    let of_test = |result: &&Listed| labs::by_loinc(result.code).is_some_and(|found| found.key == test.key);
    let entries: Vec<Entry<'_>> = results
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
fn dashboard(results: &[Listed], conditions: &[&Concept], today: PartialDate, now: Instant) -> Vec<Message> {
    let newest = summary::newest_of_each(0..results.len(), |index| {
        let result = &results[*index];
        Some((labs::by_loinc(result.code)?, result.when))
    });
    let dates: BTreeMap<&str, PartialDate> =
        newest.iter().map(|(key, index)| (*key, results[*index].when.date())).collect();
    let mut said = summary::overdue_tests(conditions.iter().copied(), &dates, today);
    for (key, index) in newest {
        let test = labs::by_key(key).expect("in the catalogue");
        let result = LabResult::from_stored(&results[index].body).expect("whole");
        let judgement = judge(Some(test), &result, WHO);
        said.extend(judgement.and_then(|judgement| summary::about_result(test, &result, &judgement)));
    }
    let figures = summary::figures(results.iter().map(|result| result.when), now);
    assert_eq!(figures.total_visits, results.len());
    said
}

fn daily(criterion: &mut Criterion) {
    // The longest trend that a person with 10,000 results has is that of a single test.
    let (results, one_test) = (listed(of_ten_tests), listed(hba1c));
    let diabetes = Condition::from_json(&json!({"concept": "Type 2 diabetes mellitus"})).expect("a condition");
    let (now, today) = (Instant::from_millis(4000 * DAY), PartialDate::day(1980, 12, 14).expect("a day"));
    // What is measured does something.
    assert!(trend(&results).len() > 2 && dashboard(&results, &[diabetes.concept()], today, now).len() > 2);
    let mut group = criterion.benchmark_group("daily care");
    group.throughput(Throughput::Elements(10_000));
    group.bench_function("trend and dashboard of 10,000 results", |bencher| {
        bencher.iter(|| {
            let results = black_box(&results);
            black_box((trend(results), dashboard(results, &[diabetes.concept()], today, now)))
        });
    });
    group.bench_function("trend and dashboard of 10,000 results of one test", |bencher| {
        bencher.iter(|| {
            let results = black_box(&one_test);
            black_box((trend(results), dashboard(results, &[diabetes.concept()], today, now)))
        });
    });
    let times: Vec<i64> = (0..1_000_000).map(|index| index * 60_000).collect();
    let values: Vec<f64> = (0..1_000_000_u32).map(|index| 60.0 + f64::from(index % 800 * 7919 % 800) / 10.0).collect();
    let bounds = Bounds::closed(Some(70.0), Some(110.0));
    group.throughput(Throughput::Elements(1_000_000));
    group.bench_function("statistics of 1,000,000 samples", |bencher| {
        bencher.iter(|| black_box(statistics(black_box(&times), black_box(&values), Some(&bounds))));
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    daily(&mut criterion);
    criterion.final_summary();
}
