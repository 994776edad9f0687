//! The rhythm that a frequency means: days and times of the day, days of the month, or hours that pass.
//!
//! A frequency may say one thing in several ways (`2 a day`, at `08:00` and `20:00`). Where they do not say the same, nobody
//! here decides which of them was meant.

use std::collections::BTreeSet;

use jiff::civil::Time;

use super::super::units::{Conversion, Substance};
use super::prescribed::{NoPlan, nearest};
use super::{Habits, time};
use crate::model::{Frequency, Quantity, SlotDose, Step, TimeUnit, Unit, Weekday};

/// When the doses of a plan come.
#[derive(Clone, Debug)]
pub(super) enum Rhythm {
    /// On some days, at some times of the day with an amount each.
    Days { every: i64, weekdays: BTreeSet<i8>, times: Vec<(Time, Option<f64>)> },
    /// On one day every so many months.
    Months { every: i32, times: Vec<(Time, Option<f64>)> },
    /// Whenever so much time has passed.
    Elapsed { millis: i64 },
}

impl Rhythm {
    /// Whether days without the medicine lie between its doses, counted from the day it begins.
    pub fn skips_days(&self) -> bool {
        match self {
            Self::Days { every, weekdays, .. } => *every > 1 && weekdays.is_empty(),
            Self::Months { .. } => true,
            Self::Elapsed { .. } => false,
        }
    }
}

/// One step of a taper.
#[derive(Clone, Debug)]
pub(super) struct TaperStep {
    pub days: Option<i64>,
    pub amount: f64,
    pub times: Option<u32>,
}

/// How precisely it is known from when.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Known {
    /// Not even the day.
    No,
    /// The day.
    Day,
    /// The moment.
    Moment,
}

/// More doses a day than one every quarter of an hour are no plan.
const MOST_A_DAY: u32 = 24 * 4;
const HOUR: f64 = 3_600_000.0;
const QUARTER: f64 = 900_000.0;

/// What a frequency means for somebody with these habits.
pub(super) fn rhythm(frequency: &Frequency, habits: &Habits, start: Known) -> Result<Rhythm, NoPlan> {
    let times = frequency.times().map(|times| u32::try_from(times).unwrap_or(u32::MAX));
    let per = frequency.per().unwrap_or(1.0);
    let named = named(frequency, habits)?;
    let weekdays: BTreeSet<i8> = frequency.weekdays().iter().map(|day| of_week(*day)).collect();
    let steps = frequency.steps().iter().any(|step| step.times().is_some());
    let says_when = !named.is_empty() || !weekdays.is_empty() || steps;
    let unit = match frequency.unit() {
        // "Of a day", but nobody said how many times.
        Some(_) if times.is_none() && frequency.per().is_none() && !says_when => return Err(NoPlan::NoFrequency),
        Some(unit) => unit,
        None if says_when => TimeUnit::D,
        // "3 times" of what nobody said.
        None => return Err(NoPlan::NoFrequency),
    };
    let said = Said { times, per, named, weekdays, steps, start, habits };
    match unit {
        TimeUnit::S => said.elapsed(per * 1000.0),
        TimeUnit::Min => said.elapsed(per * 60_000.0),
        TimeUnit::H => said.elapsed(per * HOUR),
        TimeUnit::D if per.fract() != 0.0 => said.elapsed(per * 24.0 * HOUR),
        TimeUnit::D => said.days(),
        TimeUnit::Wk => said.weeks(),
        TimeUnit::Mo => said.months(per),
        TimeUnit::A => said.months(per * 12.0),
    }
}

/// Times of the day that were named, each once; one part of the day with two amounts contradicts itself.
fn named(frequency: &Frequency, habits: &Habits) -> Result<Vec<(Time, Option<f64>)>, NoPlan> {
    let clock = frequency.at().iter().map(|at| (time(*at), None));
    let slot = |slot: &SlotDose| (habits.part(slot.part()), slot.amount());
    let mut named: Vec<(Time, Option<f64>)> = Vec::new();
    for (at, amount) in clock.chain(frequency.slots().iter().map(slot)) {
        match named.iter().find(|(known, _)| *known == at) {
            None => named.push((at, amount)),
            Some((_, known)) if *known == amount => {}
            Some(_) => return Err(NoPlan::Contradictory),
        }
    }
    if named.len() > usize::try_from(MOST_A_DAY).unwrap_or(usize::MAX) { Err(NoPlan::TooOften) } else { Ok(named) }
}

struct Said<'a> {
    times: Option<u32>,
    per: f64,
    named: Vec<(Time, Option<f64>)>,
    weekdays: BTreeSet<i8>,
    /// Whether steps of a taper say how many times a day.
    steps: bool,
    start: Known,
    habits: &'a Habits,
}

impl Said<'_> {
    fn elapsed(&self, millis: f64) -> Result<Rhythm, NoPlan> {
        if !self.named.is_empty() || !self.weekdays.is_empty() || self.steps {
            return Err(NoPlan::Contradictory);
        }
        let millis = millis / f64::from(self.times.unwrap_or(1));
        if millis < QUARTER {
            return Err(NoPlan::TooOften);
        }
        // Hours that pass are counted from a moment; midnight of a day would be a guess.
        if self.start < Known::Moment { Err(NoPlan::NoStart) } else { Ok(Rhythm::Elapsed { millis: nearest(millis) }) }
    }

    fn days(self) -> Result<Rhythm, NoPlan> {
        let every = nearest(self.per).max(1);
        let times = self.times.unwrap_or(1);
        if times > MOST_A_DAY {
            return Err(NoPlan::TooOften);
        }
        self.agrees(1, false)?;
        if !self.weekdays.is_empty() {
            // Every other day, and on Mondays.
            return if every > 1 { Err(NoPlan::Contradictory) } else { Ok(self.on_days(7, times)) };
        }
        if every > 1 && times > 1 && self.named.is_empty() {
            return Err(NoPlan::WhichDays);
        }
        if every > 1 && self.start < Known::Day { Err(NoPlan::NoStart) } else { Ok(self.on_days(every, times)) }
    }

    fn weeks(self) -> Result<Rhythm, NoPlan> {
        if self.per.fract() != 0.0 {
            return Err(NoPlan::WhichDays);
        }
        let every = nearest(self.per).max(1).saturating_mul(7);
        if self.weekdays.is_empty() {
            if self.times.is_some_and(|times| times > 1) {
                return Err(NoPlan::WhichDays);
            }
            self.agrees(1, false)?;
        } else {
            self.agrees(self.weekdays.len(), true)?;
        }
        let counted = self.weekdays.is_empty() || every > 7;
        if counted && self.start < Known::Day { Err(NoPlan::NoStart) } else { Ok(self.on_days(every, 1)) }
    }

    fn months(self, months: f64) -> Result<Rhythm, NoPlan> {
        if self.times.is_some_and(|times| times > 1) || months.fract() != 0.0 || !self.weekdays.is_empty() {
            return Err(NoPlan::WhichDays);
        }
        self.agrees(1, false)?;
        if self.start < Known::Day {
            return Err(NoPlan::NoStart);
        }
        let every = i32::try_from(nearest(months)).unwrap_or(i32::MAX).max(1);
        Ok(Rhythm::Months { every, times: self.on(1) })
    }

    /// Refuses `times` that are not as many as the times of the day that were named on so many days; where none was
    /// named, only days of the week are `counted`.
    fn agrees(&self, days: usize, counted: bool) -> Result<(), NoPlan> {
        let named = days * self.named.len().max(1);
        let other = self.times.is_some_and(|times| usize::try_from(times).ok() != Some(named));
        if other && (counted || !self.named.is_empty()) { Err(NoPlan::Contradictory) } else { Ok(()) }
    }

    fn on_days(self, every: i64, times: u32) -> Rhythm {
        let times = self.on(times);
        Rhythm::Days { every, weekdays: self.weekdays, times }
    }

    fn on(&self, times: u32) -> Vec<(Time, Option<f64>)> {
        if self.named.is_empty() {
            self.habits.spread(times).into_iter().map(|time| (time, None)).collect()
        } else {
            self.named.clone()
        }
    }
}

/// The steps of a taper in the unit `own`; steps in units that do not meet it are no taper.
pub(super) fn steps(frequency: &Frequency, own: Option<&Unit>) -> Result<Vec<TaperStep>, NoPlan> {
    let amount = |dose: &Quantity| {
        let from: Option<Unit> = dose.unit().parse().ok();
        let (from, own) = from.zip(own).ok_or(NoPlan::UnitsDiffer)?;
        let conversion = Conversion::between(&from, own, &Substance::NONE).map_err(|_| NoPlan::UnitsDiffer)?;
        Ok(conversion.apply(dose.value().to_f64()))
    };
    let step = |step: &Step| {
        let times = step.times().map(|times| u32::try_from(times).unwrap_or(u32::MAX));
        if times.is_some_and(|times| times > MOST_A_DAY) {
            return Err(NoPlan::TooOften);
        }
        Ok(TaperStep { days: step.days().map(whole), amount: amount(step.dose())?, times })
    };
    frequency.steps().iter().map(step).collect()
}

/// A whole number that sums of a thousand of do not leave the range of.
pub(super) fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX).min(1 << 40)
}

const fn of_week(day: Weekday) -> i8 {
    match day {
        Weekday::Monday => 1,
        Weekday::Tuesday => 2,
        Weekday::Wednesday => 3,
        Weekday::Thursday => 4,
        Weekday::Friday => 5,
        Weekday::Saturday => 6,
        Weekday::Sunday => 7,
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::{Value, json};

    use super::super::{Plan, Prescribed};
    use super::*;
    use crate::model::{Kind as _, Medication};

    fn refused(frequency: &Value) -> Option<&'static str> {
        let body = json!({"drug": "X", "start": "2026-01-05", "frequency": frequency});
        let medication = Medication::from_json(&body).expect("a medication");
        Plan::of(&Prescribed::of(&medication), &Habits::usual(TimeZone::UTC)).err().map(NoPlan::code)
    }

    #[test]
    fn frequencies_that_contradict_themselves_make_no_plan() {
        for frequency in [
            json!({"times": 3, "unit": "d", "at": ["08:00"]}),
            json!({"times": 1, "unit": "d", "at": ["08:00", "20:00"]}),
            json!({"times": 2, "per": 1, "unit": "d", "slots": [{"part": "night"}]}),
            // Methotrexate once a week is not methotrexate on two days of it.
            json!({"times": 1, "unit": "wk", "weekdays": ["mon", "thu"]}),
            json!({"times": 3, "unit": "wk", "weekdays": ["mon", "thu"]}),
            json!({"times": 2, "unit": "wk", "weekdays": ["mon"]}),
            json!({"times": 2, "unit": "wk", "weekdays": ["mon", "thu"], "at": ["08:00", "20:00"]}),
            json!({"times": 1, "unit": "wk", "at": ["08:00", "20:00"]}),
            json!({"times": 1, "per": 2, "unit": "d", "weekdays": ["mon"]}),
            json!({"times": 1, "per": 8, "unit": "h", "weekdays": ["mon"]}),
            json!({"times": 1, "per": 8, "unit": "h", "at": ["08:00"]}),
            json!({"times": 1, "per": 12, "unit": "h", "slots": [{"part": "night"}]}),
            json!({"times": 1, "per": 1, "unit": "mo", "at": ["08:00", "20:00"]}),
            json!({"slots": [{"part": "night", "amount": 1}, {"part": "night", "amount": 2}]}),
        ] {
            assert_eq!(refused(&frequency), Some("contradictory"), "{frequency}");
        }
    }

    #[test]
    fn frequencies_that_say_the_same_twice_do() {
        for frequency in [
            json!({"times": 2, "per": 1, "unit": "d", "at": ["08:00", "20:00"]}),
            json!({"times": 1, "per": 1, "unit": "d", "at": ["08:00", "08:00"]}),
            json!({"times": 2, "unit": "wk", "weekdays": ["mon", "thu", "mon"]}),
            json!({"times": 4, "unit": "wk", "weekdays": ["mon", "thu"], "at": ["08:00", "20:00"]}),
            json!({"unit": "wk", "weekdays": ["mon"]}),
            json!({"times": 2, "per": 1, "unit": "d", "weekdays": ["mon"]}),
            json!({"times": 1, "per": 2, "unit": "d", "at": ["08:00"]}),
        ] {
            assert_eq!(refused(&frequency), None, "{frequency}");
        }
    }

    #[test]
    fn a_unit_alone_says_nothing_of_how_often() {
        for unit in ["d", "wk", "h", "mo"] {
            assert_eq!(refused(&json!({"unit": unit})), Some("no-frequency"), "{unit}");
        }
    }

    #[test]
    fn more_than_every_quarter_of_an_hour_is_no_plan_in_any_form() {
        let dose = json!({"value": "1", "unit": "mg"});
        for frequency in [
            json!({"times": 97, "per": 1, "unit": "d"}),
            json!({"times": 4_000_000_000_u64, "per": 1, "unit": "d"}),
            json!({"times": 1, "per": 1, "unit": "min"}),
            json!({"times": 1, "per": 1, "unit": "d", "steps": [{"dose": dose, "times": 97}]}),
            json!({"times": 1, "per": 1, "unit": "d", "steps": [{"dose": dose, "times": 4_000_000_000_u64}]}),
            json!({"times": 1, "per": 1, "unit": "d", "steps": [{"dose": dose, "times": 9_000_000_000_000_u64}]}),
        ] {
            assert_eq!(refused(&frequency), Some("too-often"), "{frequency}");
        }
        let at: Vec<String> = (0..200).map(|five| format!("{:02}:{:02}", five / 12, five % 12 * 5)).collect();
        // One that was written before such lists were refused.
        let body = json!({"drug": {"text": "X"}, "start": "2026-01-05", "frequency": {"at": at}});
        let medication = Medication::from_stored(&body.to_string()).expect("a medication");
        let plan = Plan::of(&Prescribed::of(&medication), &Habits::usual(TimeZone::UTC));
        assert_eq!(plan.err(), Some(NoPlan::TooOften));
    }

    #[test]
    fn a_taper_over_units_that_do_not_meet_is_no_plan() {
        let taper = |units: [&str; 2]| {
            let steps = units.map(|unit| json!({"days": 2, "dose": {"value": "1", "unit": unit}}));
            refused(&json!({"times": 1, "per": 1, "unit": "d", "steps": steps}))
        };
        assert_eq!(taper(["mg", "{tablet}"]), Some("units-differ"));
        assert_eq!(taper(["mg", "mL"]), Some("units-differ"));
        assert_eq!(taper(["mg", "ug"]), None);
    }
}
