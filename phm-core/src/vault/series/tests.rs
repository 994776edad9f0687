//! Series against a plain map, and everything that must be refused, noticed or kept.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use super::append::Sizes;
use super::rows::{DIRECTORY, delta};
use super::written::Written;
use super::*;
use crate::access::{Actor, Labels, Scope};
use crate::audit::query::AuditQuery;
use crate::crypto::kdf::Cost;
use crate::crypto::secret::{Secret, make_key_file};
use crate::error::ErrorKind;
use crate::id::ProfileId;
use crate::model::Sample;
use crate::store::layout::{self, Table};
use crate::store::{Batch, Engine, Store as _};
use crate::time::{Instant, When};
use crate::vault::{How, Options, Removed, Vault};

/// Small enough that a few samples fill blocks and a few entries are merged.
const SMALL: Sizes = Sizes { block: 8, waiting: 12, entries: 4 };
const MINUTE: i64 = 60_000;

struct House {
    dir: tempfile::TempDir,
    secret: Secret,
    vault: Vault,
    session: Session,
    asha: ProfileId,
}

fn house() -> House {
    house_on(Engine::Sled)
}

fn house_on(engine: Engine) -> House {
    let dir = tempfile::tempdir().expect("a folder");
    let secret = make_key_file(&dir.path().join("key")).expect("a key file");
    let options = Options { engine, ..options() };
    let (vault, _) = Vault::create(&dir.path().join("vault"), std::slice::from_ref(&secret), options).expect("made");
    let session = vault.session(Actor::Operator, "test").expect("the operator");
    let asha = session.add_profile(&json!({"name": {"text": "Asha"}}), None).expect("a person").profile;
    House { dir, secret, vault, session, asha }
}

fn options() -> Options {
    Options { cost: Cost::FLOOR, ..Options::default() }
}

fn sample(at: i64, value: &str) -> Sample {
    Sample::new(Instant::from_millis(at), value.parse().expect("a decimal"))
}

/// Samples a minute apart.
fn minutes(range: std::ops::Range<i64>) -> Vec<Sample> {
    range.map(|n| sample(n * MINUTE, &(60 + n % 40).to_string())).collect()
}

impl House {
    fn permit(&self, action: Action) -> Permit {
        self.session.permit(action, self.asha, SERIES).expect("allowed")
    }

    fn series(&self) -> RecordId {
        let body = json!({"concept": "Heart rate", "unit": "/min"});
        self.session.add(&self.permit(Action::Add), &body, How::Typed).expect("a series").id
    }

    fn append(&self, series: RecordId, samples: &[Sample]) -> Appended {
        let permit = self.permit(Action::Add);
        self.session.append_sized(&permit, series, samples, &How::Device, SMALL).expect("added")
    }

    fn undo(&self, series: RecordId, entry: u64) -> Result<u64> {
        self.session.undo_append(&self.permit(Action::Amend), series, entry)
    }

    fn read(&self, series: RecordId, time: Timeframe) -> Result<Vec<(i64, String)>> {
        let query = SampleQuery { time, written: true, ..SampleQuery::default() };
        let (_, columns) = self.session.samples(&self.permit(Action::Read), series, &query)?;
        let texts = columns.written.expect("asked for");
        let text = |at: usize| texts.get(at).expect("one for each").to_owned();
        for (at, value) in columns.values.iter().enumerate() {
            assert_eq!(text(at).parse::<f64>().expect("a number").to_bits(), value.to_bits());
        }
        Ok(columns.times.iter().enumerate().map(|(at, time)| (*time, text(at))).collect())
    }

    fn all(&self, series: RecordId) -> Vec<(i64, String)> {
        self.read(series, Timeframe::default()).expect("read")
    }

    /// Forgets what is in memory, so that it is read from the store again.
    fn forget(&self, series: RecordId) {
        let open = self.vault.inner.open_profile(self.asha).expect("open");
        *open.shelves.place(series).lock().expect("unlocked") = None;
    }

    fn whole(&self) {
        let report = self.vault.verify(None).expect("verified");
        assert!(report.ok, "{:?}", report.damaged);
    }

    /// What `verify` finds: place, entry without the person, file and reason.
    fn damage(&self) -> Vec<String> {
        let report = self.vault.verify(None).expect("verified");
        let said = |damage: &crate::vault::Damage| {
            let entry = damage.entry.clone().unwrap_or_default().replace(&self.asha.to_string(), "");
            format!("{} {entry} {} {}", damage.place.word(), damage.file.clone().unwrap_or_default(), damage.reason)
        };
        report.damaged.iter().map(said).collect()
    }

    fn address(&self, series: RecordId, number: u64) -> Vec<u8> {
        layout::series(&rows::blind(&self.vault.inner.keys, self.asha, series), number, 0)
    }

    /// Every row of a series as it stands in the store.
    fn rows(&self, series: RecordId) -> Vec<(Vec<u8>, Vec<u8>)> {
        let (from, to) = layout::rows_of(Table::Series, &rows::blind(&self.vault.inner.keys, self.asha, series));
        let mut rows = Vec::new();
        let mut take = |(address, value): (&[u8], &[u8])| {
            rows.push((address.to_vec(), value.to_vec()));
            true
        };
        self.vault.inner.store.scan(&from, &to, &mut take).expect("scanned");
        rows
    }

    fn put(&self, rows: Vec<(Vec<u8>, Vec<u8>)>, delete: Vec<Vec<u8>>) {
        self.vault.inner.store.commit(Batch { put: rows, delete, ..Batch::default() }).expect("written");
    }
}

fn time(from: i64, to: i64) -> Timeframe {
    let when = |millis| Some(When::Instant(Instant::from_millis(millis)));
    Timeframe { from: when(from), to: when(to) }
}

#[test]
fn samples_come_back_in_order_of_time_with_every_digit() {
    let house = house();
    let series = house.series();
    let sent = [sample(3 * MINUTE, "72.50"), sample(MINUTE, "71"), sample(2 * MINUTE, "7.1e1"), sample(-MINUTE, "-0")];
    assert_eq!(house.append(series, &sent), Appended { added: 4, duplicates: 0, entry: Some(3) });
    let texts: Vec<_> = house.all(series).into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["-0", "71", "7.1e1", "72.50"]);
    assert_eq!(house.vault.stats().expect("counted").samples, 4);
    house.whole();
}

#[test]
fn the_same_sample_again_changes_nothing_and_another_value_at_its_time_does() {
    let house = house();
    let series = house.series();
    let sent = [sample(0, "72"), sample(0, "72"), sample(MINUTE, "73")];
    assert_eq!(house.append(series, &sent), Appended { added: 2, duplicates: 1, entry: Some(3) });
    let entries = house.vault.stats().expect("counted").entries;
    assert_eq!(house.append(series, &sent), Appended { added: 0, duplicates: 3, entry: None });
    assert_eq!(house.vault.stats().expect("counted").entries, entries, "nothing new makes no entry");
    assert_eq!(house.append(series, &[sample(0, "72.0")]).added, 1);
    // The same in another series is another sample.
    assert_eq!(house.append(house.series(), &sent).added, 2);
    assert_eq!(house.all(series).len(), 3);
}

#[test]
fn taking_an_entry_back_hides_exactly_its_samples_before_and_behind_a_merge() {
    let house = house();
    let series = house.series();
    let first = house.append(series, &minutes(0..10)).entry.expect("new");
    let second = house.append(series, &minutes(5..20));
    assert_eq!((second.added, second.duplicates), (10, 5));
    assert_eq!(house.undo(series, first).expect("undone"), 10);
    assert_eq!(house.all(series).len(), 10);
    assert_eq!(house.undo(series, first).expect_err("twice").code(), "conflict");
    // Sent again, they are new again.
    let third = house.append(series, &minutes(0..30));
    assert_eq!((third.added, third.duplicates), (20, 10));
    // The third has moved the first two into blocks.
    assert!(house.rows(series).iter().any(|(address, _)| *address == house.address(series, DIRECTORY)));
    assert_eq!(house.all(series).len(), 30);
    assert_eq!(house.undo(series, second.entry.expect("new")).expect("undone"), 10);
    let left: Vec<i64> = house.all(series).into_iter().map(|(at, _)| at / MINUTE).collect();
    assert_eq!(left, (0..10).chain(20..30).collect::<Vec<_>>());
    house.forget(series);
    assert_eq!(house.all(series).len(), 20);
    for (entry, code) in [(1, "not-found"), (2, "not-found"), (999, "not-found"), (0, "not-found")] {
        assert_eq!(house.undo(series, entry).expect_err("no such entry").code(), code);
    }
    assert_eq!(house.undo(house.series(), first).expect_err("another series").code(), "not-found");
    let left = house.session.appends(&house.permit(Action::Read), series, 10).expect("listed");
    assert_eq!(left.iter().map(|unit| unit.count).collect::<Vec<_>>(), [20]);
    assert_eq!(house.vault.stats().expect("counted").samples, 20);
    house.whole();
}

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<(i64, u8)>),
    /// Takes back one of the entries so far.
    Undo(prop::sample::Index),
    Read(i64, i64),
    Gather(i64, i64, &'static str),
    Forget,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let at = || 0_i64..240;
    let step = prop_oneof![
        6 => prop::collection::vec((at(), 0_u8..3), 1..24).prop_map(Step::Append),
        2 => any::<prop::sample::Index>().prop_map(Step::Undo),
        2 => (at(), at()).prop_map(|(a, b)| Step::Read(a.min(b), a.max(b))),
        2 => (at(), at(), prop::sample::select(vec!["1m", "7m", "1h", "1d"]))
            .prop_map(|(a, b, bucket)| Step::Gather(a.min(b), a.max(b), bucket)),
        1 => Just(Step::Forget),
    ];
    prop::collection::vec(step, 1..30)
}

/// What a series shows, with the entry that added each sample.
#[derive(Default)]
struct Model {
    shown: BTreeMap<(i64, Written), u64>,
    entries: Vec<u64>,
    undone: BTreeSet<u64>,
}

impl Model {
    fn within(&self, from: i64, to: i64) -> Vec<(i64, String)> {
        let inside = self.shown.keys().filter(|(at, _)| (from..=to).contains(at));
        inside.map(|(at, value)| (*at, value.to_string())).collect()
    }

    fn gathered(&self, from: i64, to: i64, length: i64) -> Vec<(i64, String, String, f64, u64)> {
        let mut all: BTreeMap<i64, Vec<&Written>> = BTreeMap::new();
        for (at, value) in self.shown.keys().filter(|(at, _)| (from..=to).contains(at)) {
            all.entry(at.div_euclid(length) * length).or_default().push(value);
        }
        let one = |(at, values): (i64, Vec<&Written>)| {
            let (min, max) = (values.iter().min().expect("some"), values.iter().max().expect("some"));
            let sum: f64 = values.iter().map(|value| value.float()).sum();
            let count = values.len() as u64;
            (at, min.to_string(), max.to_string(), sum / f64::from(u32::try_from(count).expect("few")), count)
        };
        all.into_iter().map(one).collect()
    }
}

fn run(house: &House, steps: &[Step]) {
    let series = house.series();
    let mut model = Model::default();
    let value =
        |at: i64, pick: u8| ["72", "72.0", "7.2e1"][usize::from(pick)].replace("72", &(50 + at % 50).to_string());
    for step in steps {
        match step {
            Step::Append(rows) => {
                let rows: Vec<Sample> = rows.iter().map(|(at, pick)| sample(at * MINUTE, &value(*at, *pick))).collect();
                let keys: BTreeSet<_> = rows.iter().map(|row| (row.at().millis(), Written::of(row.value()))).collect();
                let new: Vec<_> = keys.into_iter().filter(|key| !model.shown.contains_key(key)).collect();
                let done = house.append(series, &rows);
                assert_eq!((done.added, done.duplicates), (new.len() as u64, (rows.len() - new.len()) as u64));
                assert_eq!(done.entry.is_some(), !new.is_empty());
                if let Some(entry) = done.entry {
                    model.entries.push(entry);
                    model.shown.extend(new.into_iter().map(|key| (key, entry)));
                }
            }
            Step::Undo(index) if !model.entries.is_empty() => {
                let entry = *index.get(&model.entries);
                let outcome = house.undo(series, entry);
                let before = model.shown.len();
                model.shown.retain(|_, source| *source != entry);
                match outcome {
                    Ok(count) => assert_eq!(count, (before - model.shown.len()) as u64),
                    Err(error) => assert!(error.code() == "conflict" && model.undone.contains(&entry)),
                }
                model.undone.insert(entry);
            }
            Step::Undo(_) => {}
            Step::Read(from, to) => {
                let (from, to) = (from * MINUTE, to * MINUTE);
                assert_eq!(house.read(series, time(from, to)).expect("read"), model.within(from, to));
            }
            Step::Gather(from, to, bucket) => {
                let (from, to) = (from * MINUTE, to * MINUTE);
                let permit = house.permit(Action::Read);
                let length = match *bucket {
                    "1m" => MINUTE,
                    "7m" => 7 * MINUTE,
                    "1h" => 60 * MINUTE,
                    _ => 24 * 60 * MINUTE,
                };
                let bucket: Bucket = bucket.parse().expect("a bucket");
                let (unit, rows) =
                    house.session.gathered_samples(&permit, series, time(from, to), &bucket).expect("gathered");
                assert_eq!(unit, "/min");
                let expected = model.gathered(from, to, length);
                assert_eq!(rows.len(), expected.len());
                for (row, (at, min, max, mean, count)) in rows.iter().zip(expected) {
                    assert_eq!((row.at.millis(), &row.min, &row.max, row.count), (at, &min, &max, count));
                    let near = row.mean.parse::<f64>().expect("a number");
                    assert!((near - mean).abs() < 0.006, "{near} is not {mean}");
                }
            }
            Step::Forget => house.forget(series),
        }
    }
    assert_eq!(house.all(series), model.within(i64::MIN, i64::MAX));
    house.forget(series);
    assert_eq!(house.all(series), model.within(i64::MIN, i64::MAX));
    let permit = house.permit(Action::Read);
    let record = house.session.read(&permit, series, Removed::Hide).expect("read");
    let body: Value = serde_json::from_str(record.body.get()).expect("JSON");
    if !model.entries.is_empty() {
        assert_eq!(body["count"], json!(model.shown.len()));
    }
}

#[test]
fn a_series_shows_what_a_plain_map_would() {
    for engine in [Engine::Sled, Engine::Redb] {
        let house = house_on(engine);
        let mut runner = TestRunner::new(Config { cases: 20, failure_persistence: None, ..Config::default() });
        runner
            .run(&steps(), |steps| {
                run(&house, &steps);
                Ok(())
            })
            .expect("the same");
        house.whole();
    }
}

#[test]
fn a_page_ends_between_two_moments_and_says_where_the_next_begins() {
    let house = house();
    let series = house.series();
    house.append(series, &minutes(0..10));
    house.append(series, &[sample(3 * MINUTE, "1"), sample(3 * MINUTE, "2")]);
    let permit = house.permit(Action::Read);
    let mut seen = Vec::new();
    let mut query = SampleQuery { limit: 4, ..SampleQuery::default() };
    loop {
        let (_, page) = house.session.samples(&permit, series, &query).expect("read");
        assert!(page.times.len() <= 6 && page.written.is_none());
        seen.extend(page.times);
        let Some(next) = page.next else { break };
        query.time = time(next, i64::MAX);
    }
    assert_eq!(seen.len(), 12);
    assert!(seen.is_sorted());
}

/// A permit as a grant gives one.
fn narrow(house: &House, action: Action, scope: Scope) -> Permit {
    Permit::new(action, house.asha, SERIES, scope, None, u64::MAX)
}

#[test]
fn a_grant_for_some_time_shows_the_samples_of_that_time_and_takes_no_others() {
    let house = house();
    let series = house.series();
    house.append(series, &minutes(0..40));
    let when = |minute: i64| Some(When::Instant(Instant::from_millis(minute * MINUTE)));
    let scope = || Scope::new(when(10), when(19), Labels::NONE, None);
    let read = narrow(&house, Action::Read, scope());
    let (_, seen) = house.session.samples(&read, series, &SampleQuery::default()).expect("read");
    assert_eq!(seen.times, (10..20).map(|n| n * MINUTE).collect::<Vec<_>>());
    let (_, rows) = house
        .session
        .gathered_samples(&read, series, Timeframe::default(), &"1d".parse().expect("a day"))
        .expect("read");
    assert_eq!(
        rows.iter().map(|row| row.count).collect::<Vec<_>>(),
        [10],
        "no summary of a whole block leaks the rest"
    );
    assert!(house.session.appends(&read, series, 10).expect("listed").is_empty());
    let add = narrow(&house, Action::Add, scope());
    for (samples, allowed) in [(minutes(15..16), true), (minutes(9..12), false), (minutes(20..21), false)] {
        let outcome = house.session.append_samples(&add, series, &samples, &How::Typed);
        assert_eq!(outcome.map_err(|error| error.code()).err(), (!allowed).then_some("not-granted"));
    }
    let amend = narrow(&house, Action::Amend, scope());
    let undone = house.session.undo_append(&amend, series, 3);
    assert_eq!(undone.expect_err("its samples reach outside").code(), "not-found");
    // What the record says of its samples is not told to somebody who sees only some.
    let open = house.vault.inner.open_profile(house.asha).expect("open");
    let mut record = house.session.read(&house.permit(Action::Read), series, Removed::Hide).expect("read");
    assert!(record.body.get().contains("\"count\":40"));
    fill_extent(&open, &read, &mut record).expect("said");
    assert!(!record.body.get().contains("count") && !record.body.get().contains("from"));
}

#[test]
fn samples_are_reached_only_with_the_right_permit_to_a_series_that_is_there() {
    let house = house();
    let series = house.series();
    house.append(series, &minutes(0..10));
    let read = house.permit(Action::Read);
    let code = |outcome: Result<Appended>| outcome.expect_err("refused").code();
    let append = |permit: &Permit, series| house.session.append_samples(permit, series, &minutes(0..1), &How::Typed);
    assert_eq!(code(append(&read, series)), "other-permit");
    let query = SampleQuery::default();
    let add = house.permit(Action::Add);
    assert_eq!(house.session.samples(&add, series, &query).expect_err("refused").code(), "other-permit");
    assert_eq!(house.session.undo_append(&add, series, 3).expect_err("refused").code(), "other-permit");
    assert_eq!(code(append(&add, RecordId::new())), "not-found");
    let notes = house.session.permit(Action::Read, house.asha, "note").expect("allowed");
    assert_eq!(house.session.samples(&notes, series, &query).expect_err("refused").code(), "not-found");
    let other = Scope::new(None, None, Labels::ALL, Some(BTreeSet::from([RecordId::new()])));
    let other = narrow(&house, Action::Read, other);
    assert_eq!(house.session.samples(&other, series, &query).expect_err("refused").code(), "not-found");
    let ravi = house.session.add_profile(&json!({"name": {"text": "Ravi"}}), None).expect("a person").profile;
    let ravis = house.session.permit(Action::Read, ravi, SERIES).expect("allowed");
    assert_eq!(house.session.samples(&ravis, series, &query).expect_err("refused").code(), "not-found");
    // Removed, nothing of it shows; restored, all of it does.
    let amend = house.permit(Action::Amend);
    house.session.remove(&amend, series, 1).expect("removed");
    assert_eq!(house.session.samples(&read, series, &query).expect_err("removed").code(), "not-found");
    assert_eq!(code(append(&add, series)), "not-found");
    assert_eq!(house.vault.stats().expect("counted").samples, 0);
    house.session.restore(&amend, series, 2, None).expect("restored");
    assert_eq!(house.all(series).len(), 10);
    house.whole();
}

#[test]
fn adding_reading_and_taking_back_stand_in_the_audit_log() {
    let house = house();
    let series = house.series();
    let entry = house.append(series, &minutes(0..10)).entry.expect("new");
    house.append(series, &minutes(0..10));
    house.all(series);
    house.undo(series, entry).expect("undone");
    let looked = house.session.who_looked(house.asha, &AuditQuery::default()).expect("looked");
    let said: Vec<_> =
        looked.rows.iter().map(|row| format!("{} {}", row.action, row.kind.as_deref().unwrap_or_default())).collect();
    for (line, times) in [("undo series", 1), ("add series", 3), ("read series", 1)] {
        assert_eq!(said.iter().filter(|said| *said == line).count(), times, "{line}: {said:?}");
    }
}

#[test]
fn a_new_key_seals_blocks_and_waiting_samples_again() {
    let house = house();
    let (series, other) = (house.series(), house.series());
    for day in 0..6 {
        house.append(series, &minutes(day * 10..day * 10 + 10));
    }
    house.append(other, &minutes(0..3));
    let before = house.rows(series);
    let (old, _) = house.vault.inner.keys.profile_key(house.asha).expect("a key");
    let rotated = house.session.rotate_profile(house.asha).expect("rotated");
    let after = house.rows(series);
    assert_eq!(before.len(), after.len());
    assert!(after.iter().all(|(_, row)| crate::crypto::epoch_of(row) == Some(rotated.epoch) && rotated.epoch != old));
    assert_eq!((house.all(series).len(), house.all(other).len()), (60, 3));
    house.forget(series);
    assert_eq!(house.all(series).len(), 60);
    house.append(series, &minutes(60..70));
    house.whole();
    // A row under the dropped key, put back, opens no more.
    house.put(before[..1].to_vec(), Vec::new());
    assert!(!house.damage().is_empty());
}

#[test]
fn damage_is_named_and_never_served_and_the_rest_is_readable() {
    let house = house();
    let series = house.series();
    for day in 0..8 {
        house.append(series, &minutes(day * 10..day * 10 + 10));
    }
    let rows = house.rows(series);
    let blocks: Vec<_> = rows
        .iter()
        .filter(|(address, _)| {
            let (number, _) = layout::seq_and_part(address).expect("a row");
            number != DIRECTORY && rows::entry_of(number).is_none()
        })
        .cloned()
        .collect();
    assert!(blocks.len() > 4);
    let number = |address: &[u8]| layout::seq_and_part(address).expect("a row").0;
    // A flipped bit in one block.
    let (address, good) = blocks[1].clone();
    let mut bad = good.clone();
    bad[100] ^= 1;
    house.put(vec![(address.clone(), bad)], Vec::new());
    let error = house.read(series, Timeframe::default()).expect_err("damaged");
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains(&format!("#series {series}/{}", number(&address))), "{error}");
    assert_eq!(house.read(series, time(40 * MINUTE, 49 * MINUTE)).expect("another block").len(), 10);
    assert_eq!(house.damage(), [format!("store #series {series}/{}  seal", number(&address))]);
    // Another block's row in its place, and none.
    house.put(vec![(address.clone(), blocks[2].1.clone())], Vec::new());
    assert_eq!(house.damage(), [format!("store #series {series}/{}  seal", number(&address))]);
    house.put(Vec::new(), vec![address.clone()]);
    assert_eq!(house.damage(), [format!("store #series {series}/{}  missing", number(&address))]);
    assert_eq!(house.read(series, Timeframe::default()).expect_err("missing").kind(), ErrorKind::Corrupt);
    house.put(vec![(address, good)], Vec::new());
    house.whole();
    // Samples that wait, taken out.
    let last = rows.last().cloned().expect("a row");
    let entry = rows::entry_of(number(&last.0)).expect("waiting samples");
    house.put(Vec::new(), vec![last.0.clone()]);
    house.forget(series);
    let error = house.read(series, Timeframe::default()).expect_err("missing");
    assert!(error.to_string().contains(&format!("#{entry} ")), "{error}");
    assert_eq!(house.damage(), [format!("journal #{entry} samples missing")]);
    house.put(vec![last], Vec::new());
    house.whole();
    // Rows of a series nobody has.
    let strange = layout::series(&[9; 16], 1, 0);
    house.put(vec![(strange.clone(), vec![1; 300])], Vec::new());
    assert_eq!(house.damage(), ["store series: 1 rows of nobody  order"]);
    house.put(Vec::new(), vec![strange]);
}

#[test]
fn a_series_put_back_from_an_earlier_time_is_noticed() {
    let house = house();
    let series = house.series();
    for day in 0..3 {
        house.append(series, &minutes(day * 10..day * 10 + 10));
    }
    let earlier = house.rows(series);
    for day in 3..9 {
        house.append(series, &minutes(day * 10..day * 10 + 10));
    }
    let later = house.rows(series);
    let gone = later.iter().map(|(address, _)| address.clone()).collect();
    house.put(Vec::new(), gone);
    house.put(earlier, Vec::new());
    house.forget(series);
    assert_eq!(house.read(series, Timeframe::default()).expect_err("too few").kind(), ErrorKind::Corrupt);
    let damage = house.damage();
    assert!(!damage.is_empty() && damage.iter().all(|line| line.starts_with("journal") && line.ends_with("missing")));
    // One old block with everything else as it is.
    house.put(later.clone(), Vec::new());
    house.forget(series);
    let numbers: BTreeSet<Vec<u8>> = later.iter().map(|(address, _)| address.clone()).collect();
    let rest = house.rows(series).into_iter().map(|(address, _)| address).filter(|address| !numbers.contains(address));
    house.put(Vec::new(), rest.collect());
    house.whole();
}

#[test]
fn a_vault_that_was_closed_has_every_sample_and_goes_on_from_there() {
    let House { dir, secret, vault, session, asha } = house();
    let permit = session.permit(Action::Add, asha, SERIES).expect("allowed");
    let body = json!({"concept": "Steps", "unit": "1", "count": 7});
    let series = session.add(&permit, &body, How::Typed).expect("a series").id;
    for day in 0..6 {
        session.append_sized(&permit, series, &minutes(day * 10..day * 10 + 10), &How::Device, SMALL).expect("added");
    }
    drop(session);
    vault.close().expect("closed");
    let vault = Vault::open(&dir.path().join("vault"), &secret, options()).expect("opened");
    let session = vault.session(Actor::Operator, "test").expect("the operator");
    let house = House { dir, secret, vault, session, asha };
    assert_eq!(house.all(series).len(), 60);
    assert_eq!(house.append(series, &minutes(55..65)).added, 5);
    house.whole();
    let owned = house.vault.inner.series_of(&house.vault.inner.open_profile(asha).expect("open"));
    assert_eq!(owned.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [series]);
    let mut batch = Batch::default();
    let rows = house.vault.inner.delete_series_rows(&owned[0].1, 1000, &mut batch).expect("listed");
    assert_eq!((rows, batch.delete.len()), (house.rows(series).len(), rows));
}

#[test]
fn many_people_measuring_at_once_lose_and_double_nothing() {
    let house = house();
    let series = house.series();
    std::thread::scope(|scope| {
        for lane in 0..4 {
            let house = &house;
            scope.spawn(move || {
                for round in 0..12 {
                    house.append(series, &minutes(round * 10..round * 10 + 5 + lane));
                    let seen = house.all(series);
                    assert!(seen.is_sorted() && seen.len() >= 5);
                }
            });
        }
    });
    assert_eq!(house.all(series).len(), 12 * 8);
    house.whole();
    assert!(
        house
            .rows(series)
            .iter()
            .filter(|(address, _)| { layout::seq_and_part(address).is_some_and(|(number, _)| number >= delta(0)) })
            .count()
            <= 5,
        "samples are moved into blocks as others come"
    );
}
