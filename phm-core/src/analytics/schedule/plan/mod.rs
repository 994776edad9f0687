//! The plan of one medicine, and the doses it makes due.

mod interval;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Habits;
use super::clock::{begin, first, is_a_day};
use super::prescribed::{NoPlan, Prescribed, until};
use super::rhythm::{Known, Rhythm, TaperStep, rhythm, steps, whole};
use crate::model::{Frequency, Quantity, SlotDose, Unit};
use crate::time::{Instant, When};

/// A dose that is due.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Due {
    /// When, after shifts.
    pub at: Instant,
    /// When the plan has it; its name in the log of shifts.
    pub planned: Instant,
    /// How much, in the unit of the plan; unknown where nobody said.
    pub amount: Option<f64>,
}

/// When one medicine is due.
#[derive(Clone, Debug)]
pub struct Plan {
    zone: TimeZone,
    rhythm: Rhythm,
    /// Where it begins, on the wall; its days are counted from here.
    from: Option<DateTime>,
    /// The moment at which it begins.
    begins: Option<Instant>,
    /// Whether its first dose waits for that moment where the usual time of the day has passed: the next one would be days or
    /// a month later.
    begins_with_a_dose: bool,
    /// The first moment that is no longer part of it.
    ends: Option<Instant>,
    amount: Option<f64>,
    unit: Option<Unit>,
    cycle: Option<(i64, i64)>,
    steps: Vec<TaperStep>,
    habits: Habits,
}

impl Plan {
    /// The plan of what was prescribed.
    pub fn of(prescribed: &Prescribed<'_>, habits: &Habits) -> Result<Self, NoPlan> {
        if !prescribed.in_use() {
            return Err(NoPlan::NotInUse);
        }
        let frequency = prescribed.frequency.ok_or(NoPlan::NoFrequency)?;
        if frequency.as_needed() == Some(true) {
            return Err(NoPlan::AsNeeded);
        }
        // Words alone are a frequency where every one of them is understood.
        let parsed = in_words(frequency).map(super::parse);
        let (frequency, words) = match &parsed {
            Some(super::Notation::Understood(parsed)) => (&parsed.frequency, Some(parsed)),
            Some(super::Notation::NotUnderstood) => return Err(NoPlan::NoFrequency),
            None => (frequency, None),
        };
        if frequency.as_needed() == Some(true) {
            return Err(NoPlan::AsNeeded);
        }
        let zone = habits.zone.clone();
        let from = prescribed.start.map(|start| first(start, &zone));
        let known = match prescribed.start {
            Some(When::Instant(_)) => Known::Moment,
            Some(day) if is_a_day(day) => Known::Day,
            _ => Known::No,
        };
        let begins = prescribed.start.and_then(|start| begin(start, &zone));
        let rhythm = rhythm(frequency, habits, known)?;
        let begins_with_a_dose = known == Known::Moment && !says_the_time(frequency) && rhythm.skips_days();
        let duration = prescribed.duration.or_else(|| words.and_then(|words| words.duration.as_ref()));
        let ends = until(prescribed.end, duration, from.zip(begins).filter(|_| known >= Known::Day), &zone)?;
        let dose = prescribed.dose.or_else(|| words.and_then(|words| words.dose.as_ref()));
        if dose.is_some_and(|dose| pieces_twice(frequency, dose)) {
            return Err(NoPlan::Contradictory);
        }
        let of_step = || frequency.steps().first().and_then(|step| step.dose().unit().parse().ok());
        let unit: Option<Unit> = match dose {
            Some(dose) => dose.unit().parse().ok(),
            None => of_step(),
        };
        let cycle = frequency.on_days().zip(frequency.off_days()).map(|(on, off)| (whole(on), whole(off)));
        let steps = steps(frequency, unit.as_ref())?;
        let needs_start = cycle.is_some() || !steps.is_empty();
        if needs_start && known < Known::Day {
            return Err(NoPlan::NoStart);
        }
        Ok(Self {
            zone,
            rhythm,
            from,
            begins,
            begins_with_a_dose,
            ends,
            amount: dose.map(|dose| dose.value().to_f64()),
            unit,
            cycle,
            steps,
            habits: habits.clone(),
        })
    }

    /// The unit of the amounts; none where they count pieces or nobody said.
    pub fn unit(&self) -> Option<&Unit> {
        self.unit.as_ref()
    }

    /// The time zone in which it is kept.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }
}

/// Whether a frequency names a time of the day.
fn says_the_time(frequency: &Frequency) -> bool {
    !frequency.at().is_empty() || !frequency.slots().is_empty()
}

/// Whether pieces are counted twice and differently: of `2-0-1` beside a dose of two tablets nobody knows how many are taken.
fn pieces_twice(frequency: &Frequency, dose: &Quantity) -> bool {
    let one = |amount: f64| (amount - 1.0).abs() < 1e-9;
    let counts = dose.unit().starts_with('{') && !one(dose.value().to_f64());
    counts && frequency.slots().iter().filter_map(SlotDose::amount).any(|amount| !one(amount))
}

/// The words of a frequency that says nothing else.
pub(super) fn in_words(frequency: &Frequency) -> Option<&str> {
    let silent = frequency.times().is_none()
        && frequency.unit().is_none()
        && frequency.at().is_empty()
        && frequency.slots().is_empty()
        && frequency.weekdays().is_empty()
        && frequency.steps().is_empty();
    frequency.text().filter(|_| silent)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::clock::local;
    use super::*;
    use crate::model::{Kind as _, Medication};

    pub(super) fn plan(body: &Value, zone: &str) -> Result<Plan, NoPlan> {
        let medication = Medication::from_json(body).expect("a medication");
        Plan::of(&Prescribed::of(&medication), &Habits::usual(TimeZone::posix(zone).expect("a zone")))
    }

    pub(super) fn due(body: Value, zone: &str, from: &str, to: &str) -> Vec<String> {
        let plan = plan(&body, zone).expect("a plan");
        let (from, to) = (from.parse().expect("a moment"), to.parse().expect("a moment"));
        plan.doses(from, to)
            .iter()
            .map(|due| {
                let at = local(due.at, plan.zone()).strftime("%m-%d %H:%M").to_string();
                due.amount.map_or(at.clone(), |amount| format!("{at} x{amount}"))
            })
            .collect()
    }

    #[test]
    fn a_course_of_nothing_or_of_more_than_a_life_makes_no_plan() {
        for (value, unit) in
            [("0", "d"), ("-5", "d"), ("1e9", "d"), ("20000", "a"), ("1e60", "mo"), ("1e99", "wk"), ("-1e99", "ms")]
        {
            let body = json!({"drug": "X", "start": "2026-01-05", "frequency": {"times": 1, "per": 1, "unit": "d"}, "duration": {"value": value, "unit": unit}});
            // One that was written before such lengths were refused.
            let medication = Medication::from_stored(&body.to_string()).expect("a medication");
            let plan = Plan::of(&Prescribed::of(&medication), &Habits::usual(TimeZone::UTC));
            assert_eq!(plan.expect_err("no plan"), NoPlan::Contradictory, "{value} {unit}");
        }
        let body = json!({"drug": "X", "start": "9999-12-30", "frequency": {"times": 1, "per": 1, "unit": "d"}, "duration": {"value": "3", "unit": "a"}});
        let found = due(body, "UTC0", "9999-12-29T00:00:00Z", "9999-12-30T20:00:00Z");
        assert_eq!(found, ["12-30 08:00"]);
    }

    #[test]
    fn a_medicine_that_is_not_in_use_is_not_due() {
        let with = |status: &str| {
            let body = json!({"drug": "X", "start": "2026-01-05", "status": status, "frequency": {"text": "OD"}});
            plan(&body, "UTC0").map(|_| ())
        };
        for status in ["stopped", "completed", "on-hold"] {
            assert_eq!(with(status), Err(NoPlan::NotInUse), "{status}");
        }
        for status in ["active", "unknown"] {
            assert_eq!(with(status), Ok(()), "{status}");
        }
    }

    #[test]
    fn what_was_not_said_is_never_assumed() {
        let of = |body: Value| plan(&body, "UTC0").map(|_| ()).expect_err("no plan");
        let with = |frequency: Value| of(json!({"drug": "X", "frequency": frequency}));
        assert_eq!(of(json!({"drug": "X", "start": "2026-01-05"})), NoPlan::NoFrequency);
        assert_eq!(with(json!({"times": 3})), NoPlan::NoFrequency);
        assert_eq!(with(json!({"text": "as the doctor says"})), NoPlan::NoFrequency);
        assert_eq!(with(json!({"as_needed": true, "times": 3, "per": 1, "unit": "d"})), NoPlan::AsNeeded);
        assert_eq!(with(json!({"text": "SOS"})), NoPlan::AsNeeded);
        assert_eq!(with(json!({"times": 1, "per": 8, "unit": "h"})), NoPlan::NoStart);
        assert_eq!(with(json!({"times": 3, "per": 1, "unit": "wk"})), NoPlan::WhichDays);
        assert_eq!(with(json!({"times": 1, "per": 1, "unit": "s"})), NoPlan::TooOften);
        let month = json!({"drug": "X", "start": "2026-01", "frequency": {"times": 1, "per": 2, "unit": "d"}});
        assert_eq!(of(month), NoPlan::NoStart);
        // Neither the day a course began nor the hour that hours are counted from is assumed.
        let course = json!({"drug": "X", "start": "2026-01", "frequency": {"times": 1, "per": 1, "unit": "d"}, "duration": {"value": "5", "unit": "d"}});
        assert_eq!(of(course), NoPlan::NoStart);
        let hours = json!({"drug": "X", "start": "2026-01-05", "frequency": {"times": 1, "per": 8, "unit": "h"}});
        assert_eq!(of(hours), NoPlan::NoStart);
    }

    #[test]
    fn pieces_that_are_counted_twice_make_no_plan() {
        let with = |value: &str, unit: &str, morning: f64| {
            let slots = json!([{"part": "morning", "amount": morning}, {"part": "night", "amount": 1}]);
            let dose = json!({"value": value, "unit": unit});
            let body = json!({"drug": "X", "start": "2026-01-05", "dose": dose, "frequency": {"slots": slots}});
            plan(&body, "UTC0").map(|_| ())
        };
        assert_eq!(with("2", "{tablet}", 2.0), Err(NoPlan::Contradictory));
        for (value, unit, morning) in [("1", "{tablet}", 2.0), ("2", "{tablet}", 1.0), ("500", "mg", 2.0)] {
            assert_eq!(with(value, unit, morning), Ok(()), "{value} {unit}, {morning}");
        }
    }

    #[test]
    fn words_that_are_understood_are_a_frequency() {
        let body = json!({"drug": "X", "start": "2026-01-05", "frequency": {"text": "1-0-1 x 5 days"}});
        let found = due(body, "UTC0", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
        assert_eq!((found.len(), found[1].as_str()), (10, "01-05 21:00 x1"));
    }
}
