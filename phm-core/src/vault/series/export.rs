//! Samples on their way out.
//!
//! FHIR R4 has no value for measurements at uneven times: `SampledData` wants a fixed period. So each series leaves as
//! one Observation that says what is measured, and its samples as CSV attachments (`at,value`, values as written) of
//! DocumentReferences that name the Observation. In the CSV form of an export each sample is a row of kind `sample`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{Columns, SampleQuery};
use crate::access::Permit;
use crate::error::Result;
use crate::id::RecordId;
use crate::index::Timeframe;
use crate::time::{Instant, When};
use crate::vault::session::Session;

/// Samples of one attachment, or of one piece of a table.
const AT_ONCE: usize = 50_000;

impl Session {
    /// Shows the samples of a series piece by piece; the permission is asked for again before each.
    pub(in crate::vault) fn sample_pieces(
        &self,
        permit: &Permit,
        series: RecordId,
        mut show: impl FnMut(usize, &Columns) -> Result<()>,
    ) -> Result<()> {
        let mut query = SampleQuery { limit: AT_ONCE, written: true, ..SampleQuery::default() };
        for number in 1.. {
            let (_, columns) = self.samples(permit, series, &query)?;
            if !columns.times.is_empty() {
                show(number, &columns)?;
            }
            let Some(next) = columns.next else { break };
            query.time = Timeframe { from: Some(When::Instant(Instant::from_millis(next))), to: None };
        }
        Ok(())
    }

    /// The samples of a series as FHIR resources.
    pub(in crate::vault) fn sample_documents(
        &self,
        permit: &Permit,
        series: RecordId,
        patient: &str,
        mut write: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        self.sample_pieces(permit, series, |number, columns| {
            let mut table = String::from("at,value\n");
            for (at, value) in rows(columns) {
                table.extend([&at.to_string(), ",", value, "\n"]);
            }
            let moment = |at: Option<&i64>| at.map(|at| Instant::from_millis(*at).to_string());
            let resource = json!({
                "resourceType": "DocumentReference",
                "id": format!("{series}-{number}"),
                "status": "current",
                "type": {"text": "Samples of a series"},
                "subject": {"reference": patient},
                "content": [{"attachment": {
                    "contentType": "text/csv", "title": format!("samples-{number}.csv"), "data": STANDARD.encode(table),
                }}],
                "context": {
                    "period": {"start": moment(columns.times.first()), "end": moment(columns.times.last())},
                    "related": [{"reference": format!("Observation/{series}")}],
                },
            });
            write(resource.to_string().as_bytes())
        })
    }
}

/// Moments and values as written.
pub(in crate::vault) fn rows(columns: &Columns) -> impl Iterator<Item = (Instant, &str)> {
    let text = |at| columns.written.as_ref().and_then(|texts| texts.get(at)).unwrap_or_default();
    columns.times.iter().enumerate().map(move |(at, time)| (Instant::from_millis(*time), text(at)))
}
