//! The rows about a person with a million samples: opening, reading them as columns, and what the API answers then.

use std::path::Path;
use std::time::Instant as Stopwatch;

use phm_core::Result;
use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::{Query, Timeframe};
use phm_core::model::{MOST_SAMPLES, Sample};
use phm_core::time::{Instant, When};
use phm_core::vault::{How, SampleQuery, Session};
use serde_json::json;

use crate::house::House;
use crate::table::{Row, Target, interleaved};

/// Samples of the one person.
pub const SAMPLES: i64 = 1_000_000;
const MINUTE: i64 = 60_000;
/// Some two years before the end of 2026.
const FIRST: i64 = 1_735_000_000_000;

/// Gives a person a series of [`SAMPLES`] heart rates, one a minute.
pub fn fill(session: &Session, profile: ProfileId) -> Result<RecordId> {
    let permit = session.permit(Action::Add, profile, "series")?;
    let body = json!({
        "concept": {"text": "Heart rate", "codes": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "unit": "/min", "source": "Watch",
    });
    let series = session.add(&permit, &body, How::Typed)?.id;
    let mut samples = (0..SAMPLES).map(sample);
    loop {
        let chunk: Vec<Sample> = samples.by_ref().take(MOST_SAMPLES).collect();
        if chunk.is_empty() {
            return Ok(series);
        }
        session.append_samples(&permit, series, &chunk, &How::Device)?;
    }
}

fn sample(number: i64) -> Sample {
    let mixed = number.wrapping_mul(2_654_435_761).rem_euclid(1 << 32) >> 16;
    let value = (58 + number / 60 % 24 + mixed % 17).to_string();
    Sample::new(Instant::from_millis(FIRST + number * MINUTE), value.parse().expect("a whole number is a decimal"))
}

/// Measures in `data` and gives the rows.
pub fn rows(data: &Path, rounds: usize) -> std::result::Result<Vec<Row>, Box<dyn std::error::Error>> {
    let folder = data.join("series");
    std::fs::create_dir_all(&folder)?;
    let house = House::create(&folder)?;
    let profile = house.profile;
    let begun = Stopwatch::now();
    let series = fill(&house.session, profile)?;
    let written = 1e6 / begun.elapsed().as_secs_f64();
    let House { vault, session, .. } = house;
    let live = vault.stats()?.bytes.live;
    drop(session);
    vault.close()?;
    let mut opened = || {
        let begun = Stopwatch::now();
        let house = House::open(&folder, profile).expect("opened");
        first_page(&house, series).expect("shown");
        let seconds = begun.elapsed().as_secs_f64();
        let House { vault, session, .. } = house;
        drop(session);
        vault.close().expect("closed");
        seconds
    };
    let [seconds] = interleaved(rounds, [&mut opened]);
    let open = "open a vault of 1,000,000 samples, list the series and show its last month by days";
    let house = House::open(&folder, profile)?;
    let mut columns = || {
        let begun = Stopwatch::now();
        let permit = house.session.permit(Action::Read, profile, "series").expect("the operator may");
        let read = house.session.samples(&permit, series, &SampleQuery::default()).expect("read").1;
        assert_eq!(read.times.len(), read.values.len());
        begun.elapsed().as_secs_f64()
    };
    let [read] = interleaved(rounds, [&mut columns]);
    let bytes = f64::from(u32::try_from(live)?) / 1e6;
    Ok(vec![
        Row::alone(open, "s", Target::AtMost(1.0), seconds),
        Row::alone("read 1,000,000 samples as columns of times and numbers", "s", Target::AtMost(0.5), read),
        Row::alone("append samples, 10,000 at a time", "samples/s", Target::ForTheRecord, written),
        Row::alone("live bytes of a sample, all told", "bytes", Target::ForTheRecord, bytes),
    ])
}

fn first_page(house: &House, series: RecordId) -> Result<()> {
    let permit = house.session.permit(Action::Read, house.profile, "series")?;
    assert_eq!(house.session.summaries(&permit, &Query::default())?.items.len(), 1);
    let last = FIRST + SAMPLES * MINUTE;
    let from = Some(When::Instant(Instant::from_millis(last - 30 * 24 * 60 * MINUTE)));
    let bucket = "1d".parse()?;
    let (_, days) = house.session.gathered_samples(&permit, series, Timeframe { from, to: None }, &bucket)?;
    assert!(days.len() >= 30);
    Ok(())
}
