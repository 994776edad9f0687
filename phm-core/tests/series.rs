//! Series at their real sizes: blocks of 4,096 samples, backups, exports, and a million samples.

mod house;

use std::path::Path;
use std::time::Instant as Stopwatch;

use phm_core::ErrorKind;
use phm_core::access::Action;
use phm_core::backup::{self, Order};
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Timeframe;
use phm_core::model::{MOST_SAMPLES, Sample};
use phm_core::store::layout::{self, Table};
use phm_core::store::{Batch, Engine, Generations, Store as _};
use phm_core::time::{Instant, When};
use phm_core::vault::{ExportFormat, How, SampleQuery, Session};
use serde_json::{Value, json};

const MINUTE: i64 = 60_000;

/// Heart rates, one a minute.
fn pulse(range: std::ops::Range<i64>) -> Vec<Sample> {
    let one = |n: i64| {
        let value = (60 + n * 7 % 41).to_string().parse().expect("a decimal");
        Sample::new(Instant::from_millis(n * MINUTE), value)
    };
    range.map(one).collect()
}

fn series(session: &Session, person: ProfileId) -> RecordId {
    house::add(session, person, "series", &json!({"concept": "Heart rate", "unit": "/min"})).id
}

fn append(session: &Session, person: ProfileId, series: RecordId, samples: &[Sample]) -> u64 {
    let permit = session.permit(Action::Add, person, "series").expect("allowed");
    samples
        .chunks(MOST_SAMPLES)
        .map(|chunk| session.append_samples(&permit, series, chunk, &How::Device).expect("added").added)
        .sum()
}

fn read(session: &Session, person: ProfileId, series: RecordId, query: &SampleQuery) -> Vec<i64> {
    let permit = session.permit(Action::Read, person, "series").expect("allowed");
    session.samples(&permit, series, query).expect("read").1.times
}

#[test]
fn a_backup_brings_blocks_and_waiting_samples_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Example");
    let one = series(&session, asha);
    assert_eq!(append(&session, asha, one, &pulse(0..12_000)), 12_000);
    assert_eq!(append(&session, asha, one, &pulse(11_990..15_000)), 3_000);
    let file = dir.path().join("backup.phmb");
    backup::write(&vault, &file).expect("written");
    backup::restore(&file, &dir.path().join("again"), &house::key(), house::options()).expect("restored");
    let again = house::open(&dir.path().join("again")).expect("the vault opens");
    let session = house::operator(&again);
    let times = read(&session, asha, one, &SampleQuery::default());
    assert!(times.iter().copied().eq((0..15_000).map(|n| n * MINUTE)));
    assert_eq!(append(&session, asha, one, &pulse(14_000..16_000)), 1_000);
    let report = again.verify(None).expect("verified");
    assert!(report.ok, "{}", house::damage(&report));
}

/// Deletes rows of series behind the vault's back, by their numbers, and whatever is left of them in the files.
fn lose(dir: &Path, numbers: &[u64]) {
    let store = Generations::open(dir, Engine::default(), 4 << 20).expect("the store opens");
    let (from, to) = layout::rows(Table::Series);
    let mut lost = Batch::default();
    store
        .scan(&from, &to, &mut |(address, _)| {
            let number = u64::from_be_bytes(address[17..25].try_into().expect("eight bytes"));
            if numbers.contains(&number) {
                lost.delete(address.to_vec());
            }
            true
        })
        .expect("scanned");
    assert!(lost.delete.len() >= numbers.len());
    store.commit(lost).expect("lost");
    store.compact().expect("compacted");
}

/// The row of the samples that an entry added and that are in no block yet.
const fn waiting(entry: u64) -> u64 {
    1 << 63 | entry
}

/// A vault in which Asha's series has two blocks (entry 3) and samples that wait (entries 4 and 5), of which the last were
/// taken back; and a person without any.
fn asha_and_her_pulse(dir: &Path) -> (ProfileId, RecordId) {
    let vault = house::create(dir);
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Example");
    let one = series(&session, asha);
    append(&session, asha, one, &pulse(0..5_000));
    append(&session, asha, one, &pulse(5_000..5_003));
    append(&session, asha, one, &pulse(5_003..5_010));
    let permit = session.permit(Action::Amend, asha, "series").expect("allowed");
    assert_eq!(session.undo_append(&permit, one, 5).expect("taken back"), 7);
    house::person(&session, "Ravi Example");
    drop(session);
    vault.close().expect("closed");
    (asha, one)
}

#[test]
fn a_series_that_lost_a_row_is_not_reported_as_backed_up() {
    for lost in [0, 1, 2, waiting(4), waiting(5)] {
        let home = tempfile::tempdir().expect("a folder");
        let dir = home.path().join("vault");
        asha_and_her_pulse(&dir);
        let vault = house::open(&dir).expect("the vault opens");
        let whole = home.path().join("whole.phmb");
        backup::write(&vault, &whole).expect("written");
        vault.close().expect("closed");
        lose(&dir, &[lost]);
        let vault = house::open(&dir).expect("the vault opens");
        // Nobody wrote anything of hers since.
        house::person(&house::operator(&vault), "Kiran Example");
        for since in [None, Some(whole)] {
            let file = home.path().join("again.phmb");
            let order = Order { since, ..Order::default() };
            let error = backup::make(&vault, &file, &order).expect_err("a row is missing");
            assert_eq!(error.kind(), ErrorKind::Corrupt);
            assert!(error.to_string().contains("series") && !file.exists(), "row {lost}: {error}");
        }
    }
}

#[test]
fn salvage_names_samples_that_are_lost_and_marks_those_that_were_taken_back() {
    let home = tempfile::tempdir().expect("a folder");
    let (dir, out) = (home.path().join("vault"), home.path().join("out"));
    let (asha, one) = asha_and_her_pulse(&dir);
    lose(&dir, &[2, waiting(4)]);
    let report = backup::salvage(&dir, &out, &house::key(), house::options()).expect("salvaged");
    let lost: Vec<_> =
        report.lost_samples.iter().map(|lost| (lost.profile, lost.series, lost.entry, lost.lost)).collect();
    assert_eq!(lost, [(asha, one, 3, 5_000 - 4_096), (asha, one, 4, 3)]);
    assert_eq!(report.samples, 4_096 + 7);
    let text = std::fs::read_to_string(out.join(format!("{asha}.ndjson"))).expect("a file");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let taken_back: Vec<&Value> = lines.iter().filter(|line| line["taken_back"] == true).collect();
    assert!(taken_back.len() == 7 && taken_back.iter().all(|line| line["entry"] == 5), "{taken_back:?}");
    let undo = lines.iter().find(|line| line["seq"] == 6).expect("the entry that took them back");
    assert_eq!((&undo["samples"]["undoes"], &undo["samples"]["count"]), (&5.into(), &7.into()));
}

#[test]
fn samples_keep_the_unit_and_the_meaning_they_were_measured_with() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Example");
    let codes = json!([{"system": "http://loinc.org", "code": "2339-0"}]);
    let glucose = json!({"concept": {"text": "Glucose", "codes": codes}, "unit": "mg/dL"});
    let one = house::add(&session, asha, "series", &glucose);
    let permit = session.permit(Action::Amend, asha, "series").expect("allowed");
    let amend = |version: u32, body: &Value| session.amend(&permit, one.id, version, body, How::Typed);
    let other = json!({"concept": {"text": "Glucose", "codes": codes}, "unit": "mmol/L"});
    amend(1, &other).expect("nothing was measured yet");
    amend(2, &glucose).expect("nothing was measured yet");
    append(&session, asha, one.id, &pulse(0..3));
    let refused = |body: &Value| -> Vec<(String, &'static str)> {
        let error = amend(3, body).expect_err("samples would mean something else");
        error.details().iter().map(|detail| (detail.path.clone(), detail.code)).collect()
    };
    assert_eq!(refused(&other), [("/unit".to_owned(), "has-samples")]);
    assert_eq!(refused(&json!({"concept": "Heart rate", "unit": "mg/dL"})), [("/concept".to_owned(), "has-samples")]);
    let error = session.restore(&permit, one.id, 3, Some(2)).expect_err("an earlier version said another unit");
    assert_eq!(error.details()[0].path, "/unit");
    let renamed = json!({"concept": {"text": "Blood sugar", "codes": codes}, "unit": "mg/dL"});
    assert_eq!(amend(3, &renamed).expect("the codes say that it is the same").version, 4);
}

#[test]
fn salvage_keeps_the_samples_of_every_row_that_opens() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Example");
    let one = series(&session, asha);
    append(&session, asha, one, &pulse(0..5_000));
    append(&session, asha, one, &pulse(5_000..5_003));
    drop(session);
    vault.close().expect("closed");
    let out = dir.path().join("out");
    backup::salvage(&dir.path().join("vault"), &out, &house::key(), house::options()).expect("salvaged");
    let text = std::fs::read_to_string(out.join(format!("{asha}.ndjson"))).expect("a file");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let samples: Vec<&Value> = lines.iter().filter(|line| !line["series"].is_null()).collect();
    assert_eq!(samples.len(), 5_003);
    assert_eq!(*samples[0], json!({"series": one, "entry": 3, "at": "1970-01-01T00:00:00.000Z", "value": "60"}));
}

#[test]
fn an_export_has_every_sample_as_it_was_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(dir.path());
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Example");
    let one = series(&session, asha);
    append(&session, asha, one, &[Sample::new(Instant::from_millis(0), "72.50".parse().expect("a decimal"))]);
    append(&session, asha, one, &pulse(1..3));
    let mut csv = Vec::new();
    let counts = session.export(asha, ExportFormat::Csv, &mut csv).expect("exported");
    assert_eq!((counts.get("series"), counts.get("sample")), (Some(&1), Some(&3)));
    let csv = String::from_utf8(csv).expect("text");
    assert!(csv.contains(&format!("{one},sample,1970-01-01T00:00:00.000Z,Heart rate,72.50,/min")), "{csv}");
    let mut lines = Vec::new();
    let counts = session.export(asha, ExportFormat::Ndjson, &mut lines).expect("exported");
    assert_eq!((counts.get("Observation"), counts.get("DocumentReference")), (Some(&1), Some(&1)));
    let lines = String::from_utf8(lines).expect("text");
    let resources: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let attached = resources.iter().find(|one| one["resourceType"] == "DocumentReference").expect("the samples");
    assert_eq!(attached["context"]["related"][0]["reference"], format!("Observation/{one}"));
    let data = attached["content"][0]["attachment"]["data"].as_str().expect("data");
    // Base64 of "at,value\n1970-01-01T00:00:00.000Z,72.50\n" and what follows.
    assert!(data.starts_with("YXQsdmFsdWUKMTk3MC0wMS0wMVQwMDowMDowMC4wMDBaLDcyLjUwC"), "{data}");
}

/// With `PHM_LONG=1` a million samples, else sixty thousand.
#[test]
fn a_long_series_opens_quickly_and_reads_ranges_without_the_rest() {
    let long = std::env::var_os("PHM_LONG").is_some();
    let count = if long { 1_000_000 } else { 60_000 };
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(dir.path());
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Example");
    let one = series(&session, asha);
    let began = Stopwatch::now();
    assert_eq!(append(&session, asha, one, &pulse(0..count)), u64::try_from(count).expect("few"));
    println!("{count} samples written in {:?}", began.elapsed());
    drop(session);
    vault.close().expect("closed");

    let began = Stopwatch::now();
    let vault = house::open(dir.path()).expect("opened");
    let session = house::operator(&vault);
    let when = |n: i64| Some(When::Instant(Instant::from_millis(n * MINUTE)));
    let day = Timeframe { from: when(count / 2), to: when(count / 2 + 1439) };
    let times = read(&session, asha, one, &SampleQuery { time: day, ..SampleQuery::default() });
    println!("opened, and a day read, in {:?}", began.elapsed());
    assert_eq!(times.len(), 1440);
    let began = Stopwatch::now();
    let all = read(&session, asha, one, &SampleQuery::default());
    println!("{} samples read as columns in {:?}", all.len(), began.elapsed());
    assert!(all.iter().copied().eq((0..count).map(|n| n * MINUTE)));
    let permit = session.permit(Action::Read, asha, "series").expect("allowed");
    let began = Stopwatch::now();
    let bucket = "1w".parse().expect("a week");
    let (_, weeks) = session.gathered_samples(&permit, one, Timeframe::default(), &bucket).expect("gathered");
    println!("{} weeks gathered in {:?}", weeks.len(), began.elapsed());
    assert_eq!(weeks.iter().map(|week| week.count).sum::<u64>(), u64::try_from(count).expect("few"));
    let stats = vault.stats().expect("counted");
    println!("{} live bytes", stats.bytes.live);
    assert_eq!(stats.samples, u64::try_from(count).expect("few"));
    // Fewer than four bytes a sample, with everything that seals and indexes them.
    assert!(stats.bytes.live < 4 * stats.samples + 100_000, "{} bytes", stats.bytes.live);
    let report = vault.verify(None).expect("verified");
    assert!(report.ok, "{}", house::damage(&report));
}
