//! Parts of the core on their own, by criterion: sealing, the engine under the vault, the audit tree, checking a body.
//!
//! `cargo bench -p phm-benches` runs these; `make bench` measures the whole.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput};
use phm_core::audit::tree::{Frontier, leaf_hash};
use phm_core::crypto::Suite;
use phm_core::crypto::seal::{Prepared, open, seal};
use phm_core::crypto::secret::ProfileKey;
use phm_core::model::Kinds;
use phm_core::store::{Batch, Engine, Store as _};

/// A body of about 1.5 KB, as an imported laboratory result has.
fn body() -> String {
    let remark = "Venous sample, fasting; measured on an automated analyser and checked before release. ".repeat(13);
    serde_json::json!({
        "concept": {"text": "Glucose", "codes": [{"system": "http://loinc.org", "code": "2345-7", "display": "Glucose"}]},
        "quantity": {"value": "92.0", "unit": "mg/dL"},
        "range": {"low": {"value": "70", "unit": "mg/dL"}, "high": {"value": "99", "unit": "mg/dL"}},
        "status": "final", "collected_at": "2026-03-01T03:40:00.000Z", "laboratory": "Doaba Diagnostics", "remarks": remark,
    })
    .to_string()
}

fn sealing(criterion: &mut Criterion) {
    let (key, context, body) = (ProfileKey::generate(), [7; 64], body());
    let mut group = criterion.benchmark_group("sealing");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("prepare", |bencher| bencher.iter(|| Prepared::new(black_box(body.as_bytes()))));
    let prepared = Prepared::new(body.as_bytes()).expect("a short body");
    for suite in [Suite::Aes256Gcm, Suite::ChaCha20Poly1305] {
        group.bench_function(format!("seal, {suite:?}"), |bencher| {
            bencher.iter(|| seal(suite, &key, 1, &context, black_box(&prepared)));
        });
        let sealed = seal(suite, &key, 1, &context, &prepared);
        group.bench_function(format!("open, {suite:?}"), |bencher| {
            bencher.iter(|| open(&key, &context, black_box(&sealed)).expect("it opens"));
        });
    }
    group.finish();
}

fn engines(criterion: &mut Criterion) {
    for engine in Engine::ON_DISK {
        durable_batches(criterion, engine);
    }
}

fn durable_batches(criterion: &mut Criterion, engine: Engine) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let store = engine.open(folder.path(), 16 << 20).expect("a store");
    let mut next = 0_u64;
    let mut group = criterion.benchmark_group(format!("{} behind its guard", engine.name()));
    group.sample_size(20);
    for size in [1_u64, 64] {
        group.throughput(Throughput::Elements(size));
        group.bench_function(format!("durable batch of {size}"), |bencher| {
            let batch = || {
                let mut batch = Batch::default();
                for _ in 0..size {
                    next += 1;
                    batch.append([&[1; 17][..], &next.to_be_bytes(), &[0, 0]].concat(), vec![0x5a; 1100]);
                }
                batch
            };
            bencher.iter_batched(batch, |batch| store.commit(batch).expect("committed"), BatchSize::SmallInput);
        });
    }
    group.finish();
}

fn audit(criterion: &mut Criterion) {
    criterion.bench_function("audit tree, one leaf", |bencher| {
        let mut tree = Frontier::new();
        bencher.iter(|| tree.push(leaf_hash(&[black_box(&[0x5a; 160])])));
    });
}

fn checking(criterion: &mut Criterion) {
    let kinds = Kinds::standard();
    let kind = kinds.get("lab-result").expect("a standard kind");
    let body = body();
    criterion.bench_function("check a body of 1.5 KB, from text", |bencher| {
        bencher.iter(|| {
            let value = serde_json::from_str(black_box(&body)).expect("JSON");
            (kind.check)(&value).map(|checked| checked.json.len()).expect("a valid body")
        });
    });
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for part in [sealing, engines, audit, checking] {
        part(&mut criterion);
    }
    criterion.final_summary();
}
