//! Schedules, supply and daily sums, with JSON in and out.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde_json::{Value, json};

use super::super::medicines::adherence::taken_of_due;
use super::super::medicines::ingredients::{Product, daily_sums};
use super::super::medicines::stock::supply;
use super::super::schedule::{Habits, Logged, NoPlan, Plan, Prescribed, Shift, allowance, schedule, written};
use super::{each, invalid, json_of, list, moment, text};
use crate::error::Result;
use crate::model::{Dose, Kind as _, Medication};

/// A time zone by its name, from the data that is compiled in; or by its rule (`EST5EDT,M3.2.0,M11.1.0`).
fn zone(args: &Value) -> Result<TimeZone> {
    let Some(name) = args.get("zone").and_then(Value::as_str) else { return Ok(TimeZone::UTC) };
    let known = TimeZoneDatabase::bundled().get(name).or_else(|_| TimeZone::posix(name));
    known.map_err(|_| invalid("/zone", "unknown-time-zone"))
}

fn log(args: &Value) -> Result<Vec<Logged>> {
    each(args, "log", |entry| Dose::from_json(entry).map(|dose| Logged::of(&dose)))
}

/// Nobody puts off more doses than this.
const MOST_SHIFTS: usize = 1000;

/// The doses of a plan that are put off; of a dose that the plan does not have nobody knows what was meant.
fn shifts(args: &Value, plan: Option<&Plan>) -> Result<Vec<Shift>> {
    let list = list(args, "shifts")?;
    if list.len() > MOST_SHIFTS {
        return Err(invalid("/shifts", "too-many"));
    }
    let one = |(index, shift): (usize, &Value)| {
        let later_too = shift.get("later_too").and_then(Value::as_bool).unwrap_or(false);
        let found = Shift::new(moment(shift, "planned")?, moment(shift, "to")?, later_too);
        let found = found.ok_or_else(|| invalid(&format!("/shifts/{index}/to"), "too-far"))?;
        let known = plan.is_none_or(|plan| found.is_of(plan));
        if known { Ok(found) } else { Err(invalid(&format!("/shifts/{index}/planned"), "no-such-dose")) }
    };
    list.iter().enumerate().map(one).collect()
}

/// Longer intervals are asked for in parts.
const LONGEST_INTERVAL: i64 = 400 * 86_400_000;

pub(super) fn scheduled(args: &Value) -> Result<Value> {
    let medication = Medication::from_json(args.get("medication").unwrap_or(&Value::Null))?;
    let (from, to, now) = (moment(args, "from")?, moment(args, "to")?, moment(args, "now")?);
    if to.millis() - from.millis() > LONGEST_INTERVAL {
        return Err(invalid("/to", "too-long"));
    }
    let plan = Plan::of(&Prescribed::of(&medication), &Habits::usual(zone(args)?));
    let log = log(args)?;
    let plan = match plan {
        Ok(plan) => plan,
        Err(NoPlan::AsNeeded) => {
            let frequency = medication.frequency();
            let may = frequency.and_then(|frequency| allowance(frequency, medication.dose(), &log, now));
            return Ok(json!({"planned": false, "reason": NoPlan::AsNeeded.code(), "allowance": may}));
        }
        Err(reason) => return Ok(json!({"planned": false, "reason": reason.code()})),
    };
    let doses = schedule(&plan, &shifts(args, Some(&plan))?, &log, from, to, now);
    let adherence = taken_of_due(&doses);
    let doses: Vec<Value> = doses
        .iter()
        .map(|dose| {
            let moved = (dose.due.at != dose.due.planned).then_some(dose.due.planned);
            let amount = dose.due.amount.map(written);
            json!({"due_at": dose.due.at, "planned_at": moved, "state": dose.state, "amount": amount})
        })
        .collect();
    Ok(json!({"planned": true, "doses": doses, "adherence": adherence}))
}

pub(super) fn supplied(args: &Value) -> Result<Value> {
    let medication = Medication::from_json(args.get("medication").unwrap_or(&Value::Null))?;
    let zone = zone(args)?;
    let plan = Plan::of(&Prescribed::of(&medication), &Habits::usual(zone.clone()));
    let plan = plan.as_ref().map_err(|reason| reason.code());
    let shifts = shifts(args, plan.ok())?;
    json_of(&supply(&medication, plan, &zone, &shifts, &log(args)?, moment(args, "now")?))
}

pub(super) fn summed(args: &Value) -> Result<Value> {
    let product = |product: &Value| {
        let per_day = product.get("per_day").and_then(Value::as_f64).filter(|per_day| (0.0..=1000.0).contains(per_day));
        Ok(Product {
            name: text(product, "name")?.to_owned(),
            strength: text(product, "strength")?.to_owned(),
            per_day: per_day.ok_or_else(|| invalid("/products/per_day", "invalid-number"))?,
        })
    };
    json_of(&daily_sums(&each(args, "products", product)?))
}
