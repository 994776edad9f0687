//! The next doses of a medicine and how long it lasts, on the page of a medication.

use phm_core::time::{Instant, PartialDate};

use crate::http::api::Taking;
use crate::http::web::forms::units;
use crate::i18n::Locale;

/// Doses shown at most.
const DOSES: usize = 6;

const DAY: i64 = 86_400_000;

/// Doses and supply in words.
#[derive(Clone, Debug, Default)]
pub struct TakingView {
    /// When, and what became of it.
    pub doses: Vec<(String, String)>,
    /// What is left, when it runs out, or why there are no times.
    pub lines: Vec<String>,
    /// Where a dose is written down; empty for whoever may not.
    pub log: String,
}

impl TakingView {
    /// What there is to say at `now`.
    pub fn new(t: &Locale, taking: &Taking, now: Instant) -> Self {
        let mut view = Self::default();
        // What is late stays in sight; what is over is in the log.
        match taking.doses(now.plus_millis(-DAY / 2), now.plus_millis(14 * DAY), now) {
            Ok(doses) => {
                let open = doses.iter().filter(|dose| dose.due_at >= now || dose.state.is_open());
                view.doses = open
                    .take(DOSES)
                    .map(|dose| {
                        let when = t.when(phm_core::time::When::Instant(dose.due_at));
                        (when, t.say(&format!("taking-state-{}", dose.state.word())))
                    })
                    .collect();
            }
            Err(reason) => view.lines.push(t.say(&format!("taking-none-{reason}"))),
        }
        let supply = taking.supply(now);
        if let (Some(left), Some(unit)) = (supply.remaining, &supply.unit) {
            let amount = ((left.0 * 100.0).round() / 100.0).to_string();
            let unit = units::of(t, unit, &amount);
            view.lines.push(t.with_all("taking-left", &[("amount", &t.number(amount)), ("unit", &unit)]));
        }
        let line = |key: &str, date: Option<PartialDate>| date.map(|date| t.with(key, "date", t.date(date)));
        view.lines.extend(line("taking-runs-out", supply.run_out_on));
        view.lines.extend(line("taking-refill-by", supply.refill_by));
        view
    }
}
