//! The logic of daily care, by criterion: a person with 10,000 lab results, and one million samples.
//!
//! Aimed at (issue 5): trend and dashboard of the results within 2 ms, of the samples within 20 ms.

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, Throughput};
use phm_core::analytics::labs::{self, Bounds};
use phm_core::analytics::summary;
use phm_core::analytics::trends::{Entry, explain, hba1c_story, series, statistics, statistics_of};
use phm_core::model::Unit;
use phm_core::time::{Instant, PartialDate, When};

const DAY: i64 = 86_400_000;

/// Results as lists have them: code, value, unit, time; every tenth an HbA1c, half of those in mmol/mol.
fn results() -> Vec<(&'static str, String, &'static str, When)> {
    let codes = ["2160-0", "2823-3", "718-7", "2093-3", "1742-6", "3016-3", "2345-7", "777-3", "6690-2"];
    let units = ["mg/dL", "mmol/L", "g/dL", "mg/dL", "U/L", "m[IU]/L", "mg/dL", "10*3/uL", "10*3/uL"];
    (0..10_000_usize)
        .map(|index| {
            let at = When::Instant(Instant::from_millis(i64::try_from(index).unwrap_or(0) * DAY / 3));
            let step = index % 17;
            match index % 10 {
                0 if index % 20 == 0 => ("59261-8", format!("{}", 45 + step), "mmol/mol", at),
                0 => ("4548-4", format!("6.{}", step % 10), "%", at),
                other => (codes[other - 1], format!("{}.{}", 4 + step, step % 10), units[other - 1], at),
            }
        })
        .collect()
}

fn daily(criterion: &mut Criterion) {
    let results = results();
    let percent: Unit = "%".parse().expect("a unit");
    let test = labs::by_key("hba1c").expect("in the catalogue");
    let (now, today) = (Instant::from_millis(4000 * DAY), PartialDate::day(1980, 12, 14).expect("a day"));
    let mut group = criterion.benchmark_group("daily care");
    group.throughput(Throughput::Elements(10_000));
    group.bench_function("trend and dashboard of 10,000 results", |bencher| {
        bencher.iter(|| {
            // The trend of one test among all results.
            let entries: Vec<Entry<'_>> = results
                .iter()
                .filter(|(code, ..)| labs::by_loinc(code).is_some_and(|found| found.key == test.key))
                .map(|(_, value, unit, when)| Entry { value, unit, when: *when })
                .collect();
            let found = series(Some(test), &entries, &percent);
            let numbers = statistics_of(&found, Some(&Bounds::closed(None, Some(7.0))));
            let mut said = explain(&found, numbers.as_ref());
            said.extend(hba1c_story(&found, false));
            // The dashboard: the newest of each test, what is overdue, figures of visits.
            let newest = summary::newest_of_each(0..results.len(), |index| {
                let (code, _, _, when) = &results[*index];
                Some((labs::by_loinc(code)?, *when))
            });
            let dates: BTreeMap<&str, PartialDate> =
                newest.iter().map(|(key, index)| (*key, results[*index].3.date())).collect();
            said.extend(summary::overdue_tests([], &dates, today));
            black_box((said, summary::figures(results.iter().map(|(.., when)| *when), now)))
        });
    });
    let times: Vec<i64> = (0..1_000_000).map(|index| index * 60_000).collect();
    let values: Vec<f64> = (0..1_000_000_u32).map(|index| 60.0 + f64::from(index * 7919 % 800) / 10.0).collect();
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
