//! What is left of a medicine, when it runs out and by when to get more.
//!
//! Left is what was in the packs, less every dose that was taken since the first pack. A past dose that nobody logged
//! counts as taken: the answer rather asks for more too early than too late, and says how many doses it assumed; what
//! was taken after it and before the next dose was due is that dose, taken late, and not a second one. Skipped and
//! missed doses stay in the pack. The day it runs out is the day of the first dose that is not covered any more; a
//! dose that was due within the last hour and may still be taken is the first of those. A pack of more than five years
//! ago is past its date and does not count.

use std::collections::HashSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Serialize, Serializer};

use super::super::schedule::{Logged, Plan, Scheduled, Shift, State, schedule, written};
use super::super::units::{Conversion, Substance};
use super::ingredients::milligrams;
use crate::model::{DoseStatus, Medication, Pack, Unit};
use crate::time::{Instant, PartialDate};

/// How many days before it runs out to get more, where the medication does not say.
pub const USUAL_LEAD_DAYS: u64 = 7;

/// Nobody plans further.
const HORIZON_DAYS: i64 = 730;

/// What is coming is worked out in stretches of so many days: most packs are empty long before two years are over.
const STRETCH_DAYS: i64 = 61;

/// Packs are counted this far back.
const OLDEST_PACK_DAYS: i64 = 5 * 366;

const DAY: i64 = 86_400_000;

/// A dose is taken no earlier than so long before it is due; what was taken before is another one.
const EARLIEST: i64 = DAY / 2;

/// An amount that is left, written as a decimal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Left(pub f64);

impl Serialize for Left {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&written(self.0))
    }
}

/// What is left of a medicine.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Supply {
    /// How much is left, in the unit of the packs.
    pub remaining: Option<Left>,
    /// The unit of the packs.
    pub unit: Option<String>,
    /// The day of the first dose that is not covered.
    pub run_out_on: Option<PartialDate>,
    /// The day by which to get more.
    pub refill_by: Option<PartialDate>,
    /// How many days that is before it runs out.
    pub lead_days: u64,
    /// Past doses that nobody logged and that count as taken.
    pub assumed: usize,
    /// Why one of the answers is missing: `no-packs` (of the last five years), `unit-of-packs`, `no-dose`,
    /// `as-needed`, `lasts-to-the-end`, `lasts-two-years`, or why there is no plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

/// What is left of a medicine at `now`; `zone` is where the days of the packs are.
pub fn supply(
    medication: &Medication,
    plan: Result<&Plan, &'static str>,
    zone: &TimeZone,
    shifts: &[Shift],
    log: &[Logged],
    now: Instant,
) -> Supply {
    let mut supply = Supply {
        remaining: None,
        unit: None,
        run_out_on: None,
        refill_by: None,
        lead_days: medication.refill_days().unwrap_or(USUAL_LEAD_DAYS),
        assumed: 0,
        reason: None,
    };
    let why = |reason| Some(reason);
    let (got, first, unit) = match packs(medication, zone, now) {
        Ok(found) => found,
        Err(reason) => return Supply { reason: why(reason), ..supply },
    };
    supply.unit = Some(unit.to_string());
    let pieces = Pieces::of(medication, &unit, plan.ok().and_then(Plan::unit));
    let logged = |entry: &Logged| match &entry.amount {
        Some((amount, own)) => pieces.of_amount(*amount, own),
        None => pieces.of_dose(medication.dose().map(|dose| dose.value().to_f64())),
    };
    let after_first = |entry: &&Logged| entry.at >= first && entry.at <= now && entry.status == DoseStatus::Taken;
    let (plan, planned) = match plan {
        Ok(plan) => (plan, until_now(plan, shifts, log, first, now)),
        Err(reason) => {
            // As needed: only what was logged is gone.
            let used: Option<f64> = log.iter().filter(after_first).map(logged).sum();
            return Supply { remaining: used.map(|used| Left((got - used).max(0.0))), reason: why(reason), ..supply };
        }
    };
    let mut used = 0.0;
    // What counts as taken though nobody logged it, by the place of the dose.
    let mut assumed: Vec<Option<f64>> = vec![None; planned.len()];
    for (dose, assumed) in planned.iter().zip(&mut assumed) {
        let own = match dose.state {
            State::Skipped | State::Due => continue,
            State::Missed if dose.log.is_some() => continue,
            State::Taken => dose
                .log
                .and_then(|entry| log[entry].amount.as_ref())
                .map_or_else(|| pieces.of_dose(dose.due.amount), |(amount, unit)| pieces.of_amount(*amount, unit)),
            State::Missed | State::Late => {
                *assumed = pieces.of_dose(dose.due.amount);
                *assumed
            }
        };
        let Some(own) = own else { return Supply { reason: why("no-dose"), ..supply } };
        used += own;
    }
    // What was taken beside the plan is gone too: in place of a dose that was only assumed, or besides.
    let by_plan: HashSet<usize> = planned.iter().filter_map(|dose| dose.log).collect();
    let beside = log.iter().enumerate().filter(|(index, entry)| after_first(entry) && !by_plan.contains(index));
    let mut beside: Vec<&Logged> = beside.map(|(_, entry)| entry).collect();
    beside.sort_by_key(|entry| entry.at);
    for entry in beside {
        let Some(own) = logged(entry) else { return Supply { reason: why("no-dose"), ..supply } };
        let before = planned.partition_point(|dose| dose.due.at <= entry.at).checked_sub(1);
        used += own - before.and_then(|place| assumed[place].take()).unwrap_or(0.0);
    }
    supply.assumed = assumed.iter().flatten().count();
    let remaining = (got - used).max(0.0);
    supply.remaining = Some(Left(remaining));
    let horizon = now.plus_millis(HORIZON_DAYS * DAY);
    let mut left = remaining;
    let (mut coming, mut from) = (planned, now);
    loop {
        for due in coming.iter().filter(|dose| dose.state == State::Due).map(|dose| dose.due) {
            let Some(own) = pieces.of_dose(due.amount) else { return Supply { reason: why("no-dose"), ..supply } };
            left -= own;
            if left < -1e-9 {
                let day = local_day(due.at, plan);
                supply.run_out_on = date(day);
                let lead = i64::try_from(supply.lead_days).unwrap_or(0).min(HORIZON_DAYS);
                supply.refill_by = date(day.saturating_sub(lead.days()));
                return supply;
            }
        }
        if from >= horizon {
            break;
        }
        let to = from.plus_millis(STRETCH_DAYS * DAY).min(horizon);
        coming = schedule(plan, shifts, log, from, to, now);
        from = to;
    }
    let goes_on = !plan.doses(horizon, horizon.plus_millis(400 * DAY)).is_empty();
    Supply { reason: why(if goes_on { "lasts-two-years" } else { "lasts-to-the-end" }), ..supply }
}

/// The doses that were due before `now`, and those that are due later and were taken already.
fn until_now(plan: &Plan, shifts: &[Shift], log: &[Logged], first: Instant, now: Instant) -> Vec<Scheduled> {
    let mut doses = schedule(plan, shifts, log, first, now.plus_millis(EARLIEST + 1), now);
    doses.retain(|dose| dose.due.at < now || dose.state == State::Taken);
    doses
}

/// All that was got by `now` in one unit, and the beginning of the day of the first pack; else why not.
fn packs(medication: &Medication, zone: &TimeZone, now: Instant) -> Result<(f64, Instant, Unit), &'static str> {
    let begins = |pack: &Pack| crate::analytics::schedule::midnight(pack.got_on(), zone);
    let oldest = now.plus_millis(-OLDEST_PACK_DAYS * DAY);
    let counts = |pack: &&Pack| begins(pack).is_some_and(|at| at >= oldest && at <= now);
    let got: Vec<_> = medication.packs().iter().filter(counts).collect();
    let first = got.iter().filter_map(|pack| begins(pack)).min().ok_or("no-packs")?;
    let units: Vec<Unit> =
        got.iter().map(|pack| pack.amount().unit().parse()).collect::<Result<_, _>>().map_err(|_| "unit-of-packs")?;
    // The unit of the earliest pack, whatever the order they were written in.
    let earliest = got.iter().zip(&units).min_by_key(|(pack, unit)| (pack.got_on(), unit.as_str()));
    let unit = earliest.map(|(_, unit)| unit).ok_or("no-packs")?;
    let mut amounts = Vec::with_capacity(got.len());
    for (pack, own) in got.iter().zip(&units) {
        let conversion = Conversion::between(own, unit, &Substance::NONE).map_err(|_| "unit-of-packs")?;
        amounts.push(conversion.apply(pack.amount().value().to_f64()));
    }
    amounts.sort_by(f64::total_cmp);
    Ok((amounts.iter().sum(), first, unit.clone()))
}

/// How many of a pack's unit a dose is.
struct Pieces {
    pack: Unit,
    dose: Option<Unit>,
    /// Milligrams in one piece.
    strength: Option<f64>,
}

impl Pieces {
    fn of(medication: &Medication, pack: &Unit, plan: Option<&Unit>) -> Self {
        let dose = plan.cloned().or_else(|| medication.dose().and_then(|dose| dose.unit().parse().ok()));
        Self { pack: pack.clone(), dose, strength: medication.strength().and_then(milligrams) }
    }

    fn of_dose(&self, amount: Option<f64>) -> Option<f64> {
        let amount = amount?;
        match &self.dose {
            Some(unit) => self.convert(amount, unit),
            // Amounts without a unit count pieces, as packs of pieces do; one of a bottle may be a spoon or a
            // millilitre.
            None => self.counts().then_some(amount),
        }
    }

    fn of_amount(&self, amount: f64, unit: &str) -> Option<f64> {
        self.convert(amount, &unit.parse().ok()?)
    }

    fn convert(&self, amount: f64, unit: &Unit) -> Option<f64> {
        if let Ok(conversion) = Conversion::between(unit, &self.pack, &Substance::NONE) {
            return Some(conversion.apply(amount));
        }
        // 1000 mg of tablets of 500 mg are two; only for packs that count pieces.
        let milligram: Unit = "mg".parse().ok()?;
        let weight = Conversion::between(unit, &milligram, &Substance::NONE).ok()?.apply(amount);
        self.strength.filter(|strength| self.counts() && *strength > 0.0).map(|strength| weight / strength)
    }

    /// Whether packs count pieces.
    fn counts(&self) -> bool {
        self.pack.as_str().starts_with('{') || self.pack.as_str() == "1"
    }
}

fn local_day(at: Instant, plan: &Plan) -> Date {
    plan.zone().to_datetime(Timestamp::from_millisecond(at.millis()).unwrap_or(Timestamp::MAX)).date()
}

fn date(day: Date) -> Option<PartialDate> {
    PartialDate::day(day.year(), day.month().unsigned_abs(), day.day().unsigned_abs())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::schedule::{Habits, Prescribed};
    use super::*;
    use crate::model::Kind as _;

    fn of(body: &Value, now: &str) -> Supply {
        let medication = Medication::from_json(body).expect("a medication");
        let plan = Plan::of(&Prescribed::of(&medication), &Habits::usual(TimeZone::UTC));
        let plan = plan.as_ref().map_err(|reason| reason.code());
        supply(&medication, plan, &TimeZone::UTC, &[], &[], now.parse().expect("a moment"))
    }

    #[test]
    fn a_number_without_a_unit_is_a_piece_and_never_a_millilitre() {
        let with = |unit: &str| {
            let pack = json!([{"got_on": "2026-01-05", "amount": {"value": "100", "unit": unit}}]);
            let body = json!({"drug": "X", "start": "2026-01-05", "frequency": {"text": "1-0-1"}, "packs": pack});
            let found = of(&body, "2026-01-05T07:00:00Z");
            (found.run_out_on.map(|day| day.to_string()), found.reason)
        };
        assert_eq!(with("{tablet}"), (Some("2026-02-24".to_owned()), None));
        for unit in ["mL", "g"] {
            assert_eq!(with(unit), (None, Some("no-dose")), "{unit}");
        }
    }

    #[test]
    fn a_pack_lasts_as_long_as_it_is_looked_for_in_stretches() {
        let with = |tablets: u32| {
            let pack = json!([{"got_on": "2026-01-05", "amount": {"value": tablets.to_string(), "unit": "{tablet}"}}]);
            let dose = json!({"value": "1", "unit": "{tablet}"});
            let at = json!({"at": ["08:00"]});
            let body = json!({"drug": "X", "start": "2026-01-05", "dose": dose, "frequency": at, "packs": pack});
            of(&body, "2026-01-05T07:00:00Z")
        };
        let first: Date = "2026-01-05".parse().expect("a day");
        for tablets in [1, 60, 61, 62, 121, 122, 123, 729] {
            let expected = first.saturating_add(i64::from(tablets).days()).to_string();
            let found = with(tablets).run_out_on.map(|day| day.to_string());
            assert_eq!(found, Some(expected), "{tablets}");
        }
        assert_eq!(with(800).reason, Some("lasts-two-years"));
    }
}
