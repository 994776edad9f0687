//! Samples of a series: adding them, reading them whole or gathered, taking them back.

use std::sync::Arc;

use phm_core::access::Action;
use phm_core::id::RecordId;
use phm_core::index::Timeframe;
use phm_core::model::Samples as Sent;
use phm_core::time::Instant;
use phm_core::vault::{Bucket, Columns, Gathered, How, SampleQuery};
use poem::web::Data;
use poem::{Request, RequestBody, Result};
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::registry::{MetaRequest, MetaSchema};
use poem_openapi::types::Any;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, OpenApi};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::Chapter;
use super::idempotency::Once;
use super::place::ProfileName;
use super::records::{inline, text};
use crate::http::body::{json_request, read_json};
use crate::http::envelope::{Answer, NoContent};
use crate::http::guard::Caller;
use crate::http::house::House;
use crate::http::problem::Problem;

/// The kind of record samples belong to.
const SERIES: &str = "series";
/// The media types a body of samples may have.
const JSON: [&str; 1] = ["application/json"];
/// Samples in one answer unless the caller says otherwise, and at most.
const USUAL: usize = 10_000;
const MOST: usize = 100_000;
/// Entries with samples in one answer.
const MOST_APPENDS: usize = 200;

/// Samples of series.
pub struct Samples;

// poem-openapi reads the parameters of a query from the arguments.
#[allow(clippy::too_many_arguments)]
#[OpenApi(tag = "Chapter::Samples")]
impl Samples {
    /// Add samples to a series, at most 10,000 at once; those it has already are counted and change nothing.
    #[oai(path = "/profiles/:profile/series/:id/samples", method = "post", operation_id = "series_samples_add")]
    async fn add(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        id: Path<String>,
        request: &Request,
        body: SampleBody,
        /// The same key and body within 24 hours give the same answer and add nothing.
        #[oai(name = "Idempotency-Key")]
        _key: Header<Option<String>>,
    ) -> Result<Answer<Any<Box<RawValue>>>, Problem> {
        let (profile, id) = place(&profile.0, &id.0)?;
        let once = Once::read(request, &body.bytes)?;
        let appended = house
            .with(&caller, move |session| {
                let permit = session.permit(Action::Add, profile.resolve(session)?, SERIES)?;
                let add = || {
                    let samples = Sent::from_json(&body.value)?;
                    let appended = session.append_samples(&permit, id, &samples, &How::Device)?;
                    to_raw_value(&appended).map_err(|_| Problem::internal())
                };
                match once {
                    Some(once) => once.keep_answer(session, add),
                    None => add(),
                }
            })
            .await?;
        Ok(Answer::new(Any(appended)))
    }

    /// The samples of a series, oldest first, or with `bucket` the least, greatest, mean and number in each stretch.
    #[oai(path = "/profiles/:profile/series/:id/samples", method = "get", operation_id = "series_samples")]
    async fn read(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        request: &Request,
        profile: Path<String>,
        id: Path<String>,
        /// Not before this instant or date.
        from: Query<Option<String>>,
        /// Not after this instant or date; a date means all of it.
        to: Query<Option<String>>,
        /// The stretch: `15m`, `1h`, `1d`, `1w`.
        bucket: Query<Option<String>>,
        /// With `bucket=1d`: the days of this place, for example `Asia/Kolkata`.
        zone: Query<Option<String>>,
        /// Samples in one answer, 10,000 unless said otherwise, at most 100,000; those of one moment stay together.
        limit: Query<Option<String>>,
    ) -> Result<Answer<Any<Shown>>, Problem> {
        only(request, &["from", "to", "bucket", "zone", "limit"])?;
        let (profile, id) = place(&profile.0, &id.0)?;
        let when = |text: Option<String>, path| {
            text.map(|text| text.parse().map_err(|_| Problem::invalid(path, "invalid-value"))).transpose()
        };
        let time = Timeframe { from: when(from.0, "/from")?, to: when(to.0, "/to")? };
        let bucket = wanted_bucket(bucket.0.as_deref(), zone.0.as_deref())?;
        let limit = wanted_limit(limit.0.as_deref(), USUAL, MOST)?;
        let shown = house
            .with(&caller, move |session| {
                let permit = session.permit(Action::Read, profile.resolve(session)?, SERIES)?;
                Ok(match bucket {
                    Some(bucket) => {
                        let (unit, buckets) = session.gathered_samples(&permit, id, time, &bucket)?;
                        Shown::Gathered { unit, buckets }
                    }
                    None => {
                        let query = SampleQuery { time, limit, written: true };
                        let (unit, columns) = session.samples(&permit, id, &query)?;
                        Shown::whole(unit, &columns)
                    }
                })
            })
            .await?;
        Ok(Answer::new(Any(shown)))
    }

    /// What was added to a series and not taken back, newest first, at most 200 entries; those before the last of them
    /// with `before`.
    #[oai(path = "/profiles/:profile/series/:id/appends", method = "get", operation_id = "series_appends")]
    async fn appends(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        request: &Request,
        profile: Path<String>,
        id: Path<String>,
        /// Only entries older than this one.
        before: Query<Option<String>>,
        /// Entries in one answer, at most 200.
        limit: Query<Option<String>>,
    ) -> Result<Answer<Any<Value>>, Problem> {
        only(request, &["before", "limit"])?;
        let (profile, id) = place(&profile.0, &id.0)?;
        let before = before.0.map(|text| text.parse::<u64>()).transpose();
        let before = before.map_err(|_| Problem::invalid("/before", "invalid-value"))?;
        let most = wanted_limit(limit.0.as_deref(), MOST_APPENDS, MOST_APPENDS)?;
        let units = house
            .with(&caller, move |session| {
                let permit = session.permit(Action::Read, profile.resolve(session)?, SERIES)?;
                Ok(session.appends(&permit, id, before, most)?)
            })
            .await?;
        Ok(Answer::new(Any(json!(units))))
    }

    /// Take back exactly the samples that one entry added.
    #[oai(
        path = "/profiles/:profile/series/:id/appends/:entry",
        method = "delete",
        operation_id = "series_appends_undo"
    )]
    async fn undo(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        id: Path<String>,
        entry: Path<String>,
    ) -> Result<NoContent, Problem> {
        let (profile, id) = place(&profile.0, &id.0)?;
        let entry: u64 = entry.0.parse().map_err(|_| Problem::not_found())?;
        house
            .with(&caller, move |session| {
                let permit = session.permit(Action::Amend, profile.resolve(session)?, SERIES)?;
                Ok(session.undo_append(&permit, id, entry)?)
            })
            .await?;
        Ok(NoContent::default())
    }
}

/// The person and the series a path names.
fn place(profile: &str, id: &str) -> Result<(ProfileName, RecordId), Problem> {
    Ok((ProfileName::read(profile)?, id.parse().map_err(|_| Problem::not_found())?))
}

/// Refuses parameters nobody knows: a filter that does not filter shows too much.
fn only(request: &Request, known: &[&str]) -> Result<(), Problem> {
    let pairs: Vec<(String, String)> = request.params().unwrap_or_default();
    match pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err(Problem::invalid(format!("/{name}"), "unknown-field")),
        None => Ok(()),
    }
}

fn wanted_bucket(bucket: Option<&str>, zone: Option<&str>) -> Result<Option<Bucket>, Problem> {
    let bucket: Option<Bucket> = bucket.map(str::parse).transpose()?;
    match (bucket, zone) {
        (Some(bucket), Some(zone)) if bucket.is_day() => Ok(Some(Bucket::days_in(zone)?)),
        // Only days are as long as their place has them.
        (_, Some(_)) => Err(Problem::invalid("/zone", "only-with-days")),
        (bucket, None) => Ok(bucket),
    }
}

fn wanted_limit(limit: Option<&str>, usual: usize, most: usize) -> Result<usize, Problem> {
    let Some(limit) = limit else { return Ok(usual) };
    let number = limit.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| Problem::invalid("/limit", "invalid-value"))
}

/// Samples as they are answered.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Shown {
    Whole {
        /// The unit of every value.
        unit: String,
        samples: Vec<One>,
        /// When the next sample was taken, where there are more: the `from` of the next page.
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<Instant>,
    },
    Gathered {
        /// The unit of every value.
        unit: String,
        buckets: Vec<Gathered>,
    },
}

/// One sample as it is answered.
#[derive(Debug, Serialize)]
struct One {
    at: Instant,
    value: String,
}

impl Shown {
    fn whole(unit: String, columns: &Columns) -> Self {
        let text = |at: usize| columns.written.as_ref().and_then(|texts| texts.get(at)).unwrap_or_default().to_owned();
        let one = |(number, at): (usize, &i64)| One { at: Instant::from_millis(*at), value: text(number) };
        let samples = columns.times.iter().enumerate().map(one).collect();
        Self::Whole { unit, samples, next: columns.next.map(Instant::from_millis) }
    }
}

/// Samples as they are sent; read behind the permission.
struct SampleBody {
    bytes: Vec<u8>,
    value: Value,
}

impl<'a> ApiExtractor<'a> for SampleBody {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<MetaRequest> {
        let object = |required, properties| MetaSchema { required, properties, ..MetaSchema::new("object") };
        let sample = object(
            vec!["at", "value"],
            vec![("at", inline(MetaSchema::new_with_format("string", "date-time"))), ("value", text())],
        );
        let list = MetaSchema {
            items: Some(Box::new(inline(sample))),
            min_items: Some(1),
            max_items: Some(phm_core::model::MOST_SAMPLES),
            ..MetaSchema::new("array")
        };
        Some(json_request(inline(object(vec!["samples"], vec![("samples", inline(list))])), &JSON))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let (bytes, value) = read_json(request, body, &JSON).await?;
        Ok(Self { bytes, value })
    }
}
