//! The samples of series.

use serde_json::{Value, json};

use super::args::{Args, invalid};
use crate::access::{Action, Permit};
use crate::error::{Detail, Error, Result};
use crate::id::RecordId;
use crate::model::Samples;
use crate::time::Instant;
use crate::vault::session::Session;
use crate::vault::shown::How;
use crate::vault::{Bucket, SampleQuery};

const SERIES: &str = "series";

fn reached(session: &Session, action: Action, args: &Args<'_>) -> Result<(Permit, RecordId)> {
    Ok((session.permit(action, args.profile()?, SERIES)?, args.id(SERIES)?))
}

/// Adds up to 10,000 samples; those the series has already change nothing.
pub(super) fn add(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "series", "samples"])?;
    let (permit, series) = reached(session, Action::Add, &args)?;
    let samples = Samples::from_json(&json!({"samples": args.value("samples")?}))?;
    super::json(&session.append_samples(&permit, series, &samples, &How::Device)?)
}

/// The samples of a series as they were written, and when the next one was taken where there are more than `limit`.
pub(super) fn read(session: &Session, args: &Value) -> Result<String> {
    const MOST: u32 = 100_000;
    let args = Args::of(args, &["profile", "series", "since", "until", "limit"])?;
    let (permit, series) = reached(session, Action::Read, &args)?;
    let limit = args.number_if("limit")?.unwrap_or(MOST);
    if limit == 0 || limit > MOST {
        return Err(invalid("limit", "out-of-range"));
    }
    let query = SampleQuery { time: args.time()?, limit: limit as usize, written: true };
    let (unit, columns) = session.samples(&permit, series, &query)?;
    let written = columns.written.as_ref().ok_or_else(|| Error::internal("samples without their texts"))?;
    let sample = |(row, at): (usize, &i64)| json!({"at": Instant::from_millis(*at), "value": written.get(row)});
    let samples: Vec<Value> = columns.times.iter().enumerate().map(sample).collect();
    super::json(&json!({"unit": unit, "samples": samples, "next": columns.next.map(Instant::from_millis)}))
}

pub(super) fn buckets(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "series", "since", "until", "bucket", "zone"])?;
    let (permit, series) = reached(session, Action::Read, &args)?;
    let bucket: Bucket = args.text("bucket")?.parse()?;
    let bucket = match args.text_if("zone")? {
        None => bucket,
        Some(zone) if bucket.is_day() => Bucket::days_in(zone)?,
        Some(_) => return Err(Error::invalid(vec![Detail { path: "/zone".to_owned(), code: "only-for-days" }])),
    };
    let (unit, gathered) = session.gathered_samples(&permit, series, args.time()?, &bucket)?;
    super::json(&json!({"unit": unit, "buckets": gathered}))
}

/// What was added and not taken back, newest first; `before` is the last entry of the page before.
pub(super) fn appends(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "series", "before", "limit"])?;
    let (permit, series) = reached(session, Action::Read, &args)?;
    let before = args.number_if("before")?.map(u64::from);
    super::json(&session.appends(&permit, series, before, args.number_if("limit")?.unwrap_or(50) as usize)?)
}

/// Takes back what one entry added.
pub(super) fn undo(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "series", "entry"])?;
    let (permit, series) = reached(session, Action::Amend, &args)?;
    let hidden = session.undo_append(&permit, series, args.number("entry")?.into())?;
    super::json(&json!({"hidden": hidden}))
}
