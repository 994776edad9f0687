//! A series against a plain map.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;

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
