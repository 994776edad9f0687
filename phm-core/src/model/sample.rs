//! Samples as they are sent: a moment and a number each.

use serde::Serialize;
use serde_json::Value;

use super::{At, Decimal, FieldInfo, Part, Report, Slot};
use crate::error::{Error, Result};
use crate::fields;
use crate::time::Instant;

/// More samples are not taken at once.
pub const MOST_SAMPLES: usize = 10_000;

fields! {
    /// One measurement of a series.
    pub struct Sample {
        /// When it was taken.
        at: Instant,
        /// What was measured, in the unit of the series.
        value: Decimal,
    }
}

fields! {
    /// Measurements of one series.
    pub struct Samples {
        /// The measurements, in any order.
        samples: SampleList,
    }
}

/// At least one sample, and at most [`MOST_SAMPLES`].
#[derive(Clone, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct SampleList(Vec<Sample>);

impl Sample {
    /// The sample of this value at this moment.
    pub const fn new(at: Instant, value: Decimal) -> Self {
        Self { at, value }
    }
}

impl Samples {
    /// The samples in `{"samples":[{"at":…,"value":…}]}`; the error's details name every rule that is broken.
    pub fn from_json(body: &Value) -> Result<Vec<Sample>> {
        super::fields::read::<Self>(body).map(|read| read.samples.0).map_err(Error::invalid)
    }
}

impl Slot for SampleList {
    type View<'a> = &'a [Sample];

    const INFO: FieldInfo = <Vec<Sample> as Slot>::INFO;

    fn take(value: Option<&Value>, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let list = match value {
            Some(Value::Array(list)) if list.len() > MOST_SAMPLES => Err("too-many"),
            Some(Value::Array(list)) if !list.is_empty() => Ok(list),
            None | Some(Value::Array(_)) => Err("required"),
            Some(_) => Err("wrong-type"),
        };
        let list = list.map_err(|code| report.say(at, code)).ok()?;
        let before = report.len();
        let samples: Vec<_> = list
            .iter()
            .enumerate()
            .filter_map(|(index, value)| Sample::read(value, &at.entry(index), report))
            .collect();
        (report.len() == before).then_some(Self(samples))
    }

    fn view(&self) -> &[Sample] {
        &self.0
    }

    fn is_absent(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn samples_keep_their_digits_and_their_moments() {
        let body = json!({"samples": [{"at": "2026-04-03T10:00:00+02:00", "value": "72.50"}, {"at": "2026-04-03T08:01:00Z", "value": 72}]});
        let samples = Samples::from_json(&body).expect("samples");
        let said: Vec<_> = samples.iter().map(|sample| format!("{} {}", sample.at(), sample.value())).collect();
        assert_eq!(said, ["2026-04-03T08:00:00.000Z 72.50", "2026-04-03T08:01:00.000Z 72"]);
    }

    #[test]
    fn samples_that_mean_nothing_are_refused_with_their_place() {
        let good = json!({"at": "2026-04-03T08:00:00Z", "value": "72"});
        let cases = [
            (json!([]), " wrong-type"),
            (json!({}), "/samples required"),
            (json!({"samples": []}), "/samples required"),
            (json!({"samples": {}}), "/samples wrong-type"),
            (json!({"samples": vec![good.clone(); MOST_SAMPLES + 1]}), "/samples too-many"),
            (json!({"samples": [good], "unit": "/min"}), "/unit unknown-field"),
            (
                json!({"samples": [{"at": "2026-04-03T08:00:00Z", "value": "72", "note": "x"}]}),
                "/samples/0/note unknown-field",
            ),
            (json!({"samples": [{"value": "72"}]}), "/samples/0/at required"),
            (json!({"samples": [{"at": "2026-04-03", "value": "72"}]}), "/samples/0/at invalid-instant"),
            (json!({"samples": [{"at": "2026-04-03T08:00:00Z"}]}), "/samples/0/value required"),
            (json!({"samples": [{"at": "2026-04-03T08:00:00Z", "value": "fast"}]}), "/samples/0/value invalid-decimal"),
            (json!({"samples": [{"at": "2026-04-03T08:00:00Z", "value": 72.5}]}), "/samples/0/value invalid-decimal"),
        ];
        for (body, expected) in cases {
            let error = Samples::from_json(&body).expect_err("refused");
            let said: Vec<_> =
                error.details().iter().map(|detail| format!("{} {}", detail.path, detail.code)).collect();
            assert_eq!(said.join(", "), expected);
        }
    }
}
