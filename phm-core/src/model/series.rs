//! A series: many measurements of one thing. The samples are stored apart; this says what they are.

use crate::fields;
use crate::time::When;

use super::{At, Concept, Count, Kind, Report, Summary, Text, Unit};

fields! {
    /// Many measurements of one thing.
    pub struct Series checked by in_order {
        /// What is measured.
        concept: Concept,
        /// The unit of every sample.
        unit: Unit,
        /// Which device or app measures.
        source: Option<Text>,
        /// When the first sample was taken.
        from: Option<When>,
        /// When the last sample was taken.
        to: Option<When>,
        /// How many samples there are.
        count: Option<Count>,
    }
}

fn in_order(series: &Series, at: &At<'_>, report: &mut Report) {
    super::in_order(series.from, series.to, at, "to", report);
}

impl Kind for Series {
    const NAME: &'static str = "series";
    const COLLECTION: &'static str = "series";

    fn occurred(&self) -> Option<When> {
        self.from
    }

    fn summary(&self) -> Summary {
        Summary { unit: Some(self.unit.to_string()), ..self.concept.summarised() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn a_series_keeps_its_stored_form() {
        let body = json!({
            "concept": "Heart rate", "unit": "/min", "source": "Watch", "from": "2026-04-03T08:00:00Z",
            "to": "2026-04-03T09:00:00Z", "count": 3600,
        });
        insta::assert_snapshot!(stored::<Series>(&body), @r#"{"concept":{"text":"Heart rate"},"unit":"/min","source":"Watch","from":"2026-04-03T08:00:00.000Z","to":"2026-04-03T09:00:00.000Z","count":3600}"#);
        assert_eq!(listed::<Series>(&body), "2026-04-03T08:00:00.000Z|Heart rate|/min|||");
    }

    #[test]
    fn series_that_mean_nothing_are_refused() {
        let cases = [
            (json!({}), "/concept required, /unit required"),
            (json!({"concept": "Pulse", "unit": ""}), "/unit required"),
            (json!({"concept": "Pulse", "unit": "beats"}), "/unit unknown-unit"),
            (json!({"concept": "Pulse", "unit": "/min", "count": -1}), "/count invalid-number"),
            (json!({"concept": "Pulse", "unit": "/min", "from": "2026", "to": "2025"}), "/to end-before-start"),
            (json!({"concept": "Pulse", "unit": "/min", "samples": []}), "/samples unknown-field"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Series>(&body), expected, "{body}");
        }
    }
}
