//! The logic of daily care, by criterion: a person with 10,000 lab results, and one million samples.
//!
//! Aimed at (issue 5): trend and dashboard of the results within 2 ms, of the samples within 20 ms. `make bench`
//! prints the same beside these targets.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use phm_benches::daily::{Person, RESULTS, SAMPLES, Samples};

fn daily(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("daily care");
    group.throughput(Throughput::Elements(RESULTS as u64));
    for (name, person) in
        [("10,000 results", Person::of_ten_tests()), ("10,000 results of one test", Person::of_one_test())]
    {
        group.bench_function(format!("trend of {name}"), |bencher| bencher.iter(|| black_box(&person).trend()));
        group.bench_function(format!("dashboard of {name}"), |bencher| bencher.iter(|| black_box(&person).dashboard()));
        group.bench_function(format!("trend and dashboard of {name}"), |bencher| {
            bencher.iter(|| black_box(&person).all());
        });
    }
    let samples = Samples::of_heart_rate();
    group.throughput(Throughput::Elements(SAMPLES.into()));
    group.bench_function("statistics of 1,000,000 samples", |bencher| {
        bencher.iter(|| black_box(&samples).statistics());
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    daily(&mut criterion);
    criterion.final_summary();
}
