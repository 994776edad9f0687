//! The doses of a plan in an interval.

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Time};

use super::super::clock::{days_between, instant, local, whole_days};
use super::super::rhythm::Rhythm;
use super::{Due, Plan};
use crate::time::Instant;

impl Plan {
    /// The doses due from `from` (included) to `to` (not included), in order.
    pub fn doses(&self, from: Instant, to: Instant) -> Vec<Due> {
        let mut doses = match &self.rhythm {
            Rhythm::Elapsed { millis } => self.elapsed(*millis, from, to),
            Rhythm::Days { .. } | Rhythm::Months { .. } => self.by_day(from, to),
        };
        doses.retain(|due| due.at >= from && due.at < to);
        doses
    }

    /// Whether a dose is planned for exactly this moment.
    pub fn has(&self, at: Instant) -> bool {
        !self.doses(at, at.plus_millis(1)).is_empty()
    }

    fn elapsed(&self, millis: i64, from: Instant, to: Instant) -> Vec<Due> {
        let Some(start) = self.begins else { return Vec::new() };
        let ends = self.ends.unwrap_or(to).min(to);
        let skipped = from.millis().saturating_sub(start.millis()).div_euclid(millis).max(0);
        let mut doses = Vec::new();
        let mut at = start.plus_millis(skipped.saturating_mul(millis));
        while at < ends {
            if let Some(amount) = self.step_at(local(at, &self.zone)) {
                doses.push(Due { at, planned: at, amount: amount.map_or(self.amount, |(amount, _)| Some(amount)) });
            }
            at = at.plus_millis(millis);
        }
        doses
    }

    fn by_day(&self, from: Instant, to: Instant) -> Vec<Due> {
        let mut doses = Vec::new();
        // A day more on both ends: around midnight a local day lies in two days of UTC.
        let mut day = local(from, &self.zone).date().saturating_sub(1.day());
        let mut last = local(to, &self.zone).date().saturating_add(1.day());
        if let Some(start) = self.from {
            day = day.max(start.date());
        }
        if let Some(ends) = self.ends {
            last = last.min(local(ends, &self.zone).date());
        }
        while day <= last {
            if let Some(times) = self.times_on(day) {
                self.on_day(day, times, &mut doses);
            }
            day = match day.checked_add(1.day()) {
                Ok(next) => next,
                Err(_) => break,
            };
        }
        doses.sort_by_key(|due| due.at);
        doses
    }

    /// Adds the doses of one day.
    fn on_day(&self, day: Date, own_times: &[(Time, Option<f64>)], doses: &mut Vec<Due>) {
        // A day on the wall may see the end of one step and the beginning of the next.
        let first = self.step_at(day.to_datetime(Time::MIN));
        let second = self.step_at(day.to_datetime(Time::MAX)).filter(|second| first != Some(*second));
        for step in [first, second].into_iter().flatten() {
            // A step that takes the medicine more or less often has no times of its own by the clock.
            let other = |times: &u32| usize::try_from(*times).ok() != Some(own_times.len());
            let spread = step.and_then(|(_, times)| times).filter(other).map(|times| self.habits.spread(times));
            let times: Vec<_> = match spread {
                Some(spread) => spread.into_iter().map(|time| (time, None)).collect(),
                None => own_times.to_vec(),
            };
            let begins_late = self.begins_with_a_dose && times.len() == 1;
            for (time, own) in times {
                let wall = day.to_datetime(time);
                let Some(at) = instant(wall, &self.zone).filter(|_| self.step_at(wall) == Some(step)) else { continue };
                // Only the day it begins on has times before it begins.
                let at = self.begins.filter(|begins| begins_late && at < *begins).unwrap_or(at);
                if self.begins.is_none_or(|begins| at >= begins) && self.ends.is_none_or(|ends| at < ends) {
                    let amount = step.map(|(amount, _)| amount).or_else(|| self.amount_of(own));
                    doses.push(Due { at, planned: at, amount });
                }
            }
        }
    }

    /// `2-0-1` of a medicine of which one piece is a dose of 500 mg: two doses and one.
    fn amount_of(&self, pieces: Option<f64>) -> Option<f64> {
        match (pieces, self.amount) {
            (Some(pieces), Some(amount)) => Some(pieces * amount),
            (pieces, amount) => pieces.or(amount),
        }
    }

    fn times_on(&self, day: Date) -> Option<&[(Time, Option<f64>)]> {
        match &self.rhythm {
            Rhythm::Days { every, weekdays, times } => {
                let since = self.from.map_or(0, |start| days_between(start.date(), day));
                let of_week = weekdays.is_empty() || weekdays.contains(&day.weekday().to_monday_one_offset());
                let of_rhythm = if weekdays.is_empty() {
                    since.rem_euclid(*every) == 0
                } else {
                    // Every other week counts weeks from the one it began in.
                    let start = self.from.map_or(day, DateTime::date);
                    let monday = start.saturating_sub(i64::from(start.weekday().to_monday_zero_offset()).days());
                    days_between(monday, day).div_euclid(7).rem_euclid(every / 7) == 0
                };
                (of_week && of_rhythm).then_some(times)
            }
            Rhythm::Months { every, times } => {
                let start = self.from?.date();
                let months = (i32::from(day.year()) - i32::from(start.year())) * 12 + i32::from(day.month())
                    - i32::from(start.month());
                // The 31st of a month of thirty days is its last.
                let due = months >= 0
                    && months % every == 0
                    && start.checked_add(months.months()).is_ok_and(|due| due == day);
                due.then_some(times)
            }
            Rhythm::Elapsed { .. } => None,
        }
    }

    /// `None` at a time without the medicine; else what a taper says for it.
    #[allow(clippy::option_option)]
    fn step_at(&self, wall: DateTime) -> Option<Option<(f64, Option<u32>)>> {
        let since = self.from.map_or(0, |start| whole_days(start, wall));
        if let Some((on, off)) = self.cycle
            && since.rem_euclid(on + off) >= on
        {
            return None;
        }
        if self.steps.is_empty() {
            return Some(None);
        }
        let mut before = 0;
        for step in &self.steps {
            let Some(days) = step.days else { return Some(Some((step.amount, step.times))) };
            before += days;
            if since < before {
                return Some(Some((step.amount, step.times)));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::tests::{due, plan};
    use super::*;

    /// Spring forward on the second Sunday of March at 2:00, back on the first Sunday of November.
    const NEW_YORK: &str = "EST5EDT,M3.2.0,M11.1.0";

    #[test]
    fn doses_follow_what_was_prescribed() {
        let of = |frequency: Value| json!({"drug": "X", "start": "2026-01-05", "frequency": frequency});
        let week = |frequency: Value| due(of(frequency), "UTC0", "2026-01-05T00:00:00Z", "2026-01-12T00:00:00Z");
        assert_eq!(week(json!({"times": 1, "per": 1, "unit": "d"})).len(), 7);
        assert_eq!(
            week(json!({"times": 3, "per": 1, "unit": "d"}))[..3],
            ["01-05 08:00", "01-05 14:00", "01-05 20:00"]
        );
        assert_eq!(
            week(json!({"times": 1, "per": 2, "unit": "d"})),
            ["01-05 08:00", "01-07 08:00", "01-09 08:00", "01-11 08:00"]
        );
        assert_eq!(week(json!({"weekdays": ["mon", "thu"], "at": ["07:30"]})), ["01-05 07:30", "01-08 07:30"]);
        assert_eq!(
            week(json!({"slots": [{"part": "morning", "amount": 2}, {"part": "night", "amount": 0.5}]}))[..2],
            ["01-05 08:00 x2", "01-05 21:00 x0.5"]
        );
        assert_eq!(week(json!({"times": 1, "per": 1, "unit": "wk"})), ["01-05 08:00"]);
        assert_eq!(
            week(json!({"times": 1, "per": 1, "unit": "d", "on_days": 2, "off_days": 3})),
            ["01-05 08:00", "01-06 08:00", "01-10 08:00", "01-11 08:00"]
        );
        let taper = json!({"times": 1, "per": 1, "unit": "d", "steps": [
            {"days": 2, "dose": {"value": "40", "unit": "mg"}}, {"days": 1, "dose": {"value": "20", "unit": "mg"}, "times": 2},
        ]});
        assert_eq!(week(taper), ["01-05 08:00 x40", "01-06 08:00 x40", "01-07 08:00 x20", "01-07 20:00 x20"]);
    }

    #[test]
    fn monthly_doses_stay_in_their_month() {
        let body = json!({"drug": "X", "start": "2026-01-31", "frequency": {"times": 1, "per": 1, "unit": "mo"}});
        let found = due(body, "UTC0", "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z");
        assert_eq!(found, ["01-31 08:00", "02-28 08:00", "03-31 08:00", "04-30 08:00", "05-31 08:00"]);
    }

    #[test]
    fn a_course_ends_when_it_was_meant_to() {
        let with = |more: Value| {
            let mut body =
                json!({"drug": "X", "start": "2026-01-05", "frequency": {"times": 2, "per": 1, "unit": "d"}});
            body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            due(body, "UTC0", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z").len()
        };
        assert_eq!(with(json!({"duration": {"value": "5", "unit": "d"}})), 10);
        assert_eq!(with(json!({"duration": {"value": "1", "unit": "wk"}})), 14);
        assert_eq!(with(json!({"end": "2026-01-06"})), 4);
        assert_eq!(with(json!({"end": "2026-01-06T10:00:00Z"})), 3);
        assert_eq!(with(json!({"end": "2026-01-20", "duration": {"value": "3", "unit": "d"}})), 6);
    }

    #[test]
    fn times_on_the_wall_keep_their_place_when_the_clocks_change() {
        let body = json!({"drug": "X", "start": "2026-03-07", "frequency": {"at": ["02:30", "20:00"]}});
        let found = due(body, NEW_YORK, "2026-03-07T05:00:00Z", "2026-03-10T04:00:00Z");
        assert_eq!(found, ["03-07 02:30", "03-07 20:00", "03-08 03:30", "03-08 20:00", "03-09 02:30", "03-09 20:00"]);
        let body = json!({"drug": "X", "start": "2026-10-31", "frequency": {"at": ["01:30"]}});
        let found = due(body, NEW_YORK, "2026-10-31T04:00:00Z", "2026-11-03T05:00:00Z");
        assert_eq!(found, ["10-31 01:30", "11-01 01:30", "11-02 01:30"]);
    }

    #[test]
    fn a_course_that_began_in_an_hour_that_comes_twice_begins_and_ends_there() {
        // Half past one comes at 5:30 UTC, and at 6:30 UTC again.
        let again = "2026-11-01T06:30:00Z";
        let hours = json!({"drug": "X", "start": again, "frequency": {"times": 1, "per": 8, "unit": "h"}});
        let found = due(hours, NEW_YORK, "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z");
        assert_eq!(found, ["11-01 01:30", "11-01 09:30", "11-01 17:30"]);
        let by_the_clock = |bound: &str| {
            let mut body = json!({"drug": "X", "start": "2026-11-01", "frequency": {"at": ["01:45"]}});
            body[bound] = json!(again);
            due(body, NEW_YORK, "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z").len()
        };
        assert_eq!((by_the_clock("start"), by_the_clock("end")), (0, 1), "the dose is due at 5:45 UTC");
    }

    #[test]
    fn a_course_of_hours_lasts_hours_that_pass_and_one_of_days_lasts_days() {
        let of = |value: &str, unit: &str| {
            let (start, duration) = ("2026-03-08T05:00:00Z", json!({"value": value, "unit": unit}));
            let every = json!({"times": 1, "per": 1, "unit": "h"});
            let body = json!({"drug": "X", "start": start, "frequency": every, "duration": duration});
            due(body, NEW_YORK, start, "2026-03-12T05:00:00Z").len()
        };
        // The day has 23 hours.
        assert_eq!((of("1", "d"), of("24", "h"), of("0.5", "d"), of("36", "h")), (23, 24, 12, 36));
    }

    #[test]
    fn days_of_a_taper_that_began_at_an_hour_are_counted_from_it() {
        let steps = json!([
            {"days": 2, "dose": {"value": "40", "unit": "mg"}}, {"days": 1, "dose": {"value": "20", "unit": "mg"}, "times": 2},
        ]);
        let of = |times: u32, start: &str| {
            let frequency = json!({"times": times, "per": 1, "unit": "d", "steps": steps});
            let body = json!({"drug": "X", "start": start, "frequency": frequency});
            due(body, "UTC0", "2026-01-05T00:00:00Z", "2026-01-12T00:00:00Z")
        };
        let found = of(1, "2026-01-05T10:00:00Z");
        assert_eq!(found, ["01-06 08:00 x40", "01-07 08:00 x40", "01-07 20:00 x20", "01-08 08:00 x20"]);
        let found = of(2, "2026-01-05T10:00:00Z");
        let forty = ["01-05 20:00 x40", "01-06 08:00 x40", "01-06 20:00 x40", "01-07 08:00 x40"];
        assert_eq!((&found[..4], found.len()), (&forty.map(str::to_owned)[..], 6));
        assert_eq!(of(2, "2026-01-05").len(), 6);
    }

    #[test]
    fn a_medicine_taken_less_than_daily_begins_with_a_dose() {
        let of = |frequency: Value| {
            let body = json!({"drug": "X", "start": "2026-01-05T10:00:00Z", "frequency": frequency});
            due(body, "UTC0", "2026-01-01T00:00:00Z", "2026-02-10T00:00:00Z")
        };
        assert_eq!(of(json!({"times": 1, "per": 1, "unit": "mo"})), ["01-05 10:00", "02-05 08:00"]);
        assert_eq!(of(json!({"times": 1, "per": 3, "unit": "wk"})), ["01-05 10:00", "01-26 08:00"]);
        assert_eq!(of(json!({"times": 1, "per": 20, "unit": "d"})), ["01-05 10:00", "01-25 08:00"]);
        let early =
            json!({"drug": "X", "start": "2026-01-05T07:00:00Z", "frequency": {"times": 1, "per": 1, "unit": "mo"}});
        assert_eq!(due(early, "UTC0", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"), ["01-05 08:00"]);
        // A time that was named stays, and so do the days of the week and the times of the day.
        assert_eq!(of(json!({"times": 1, "per": 1, "unit": "mo", "at": ["08:00"]})), ["02-05 08:00"]);
        assert_eq!(of(json!({"times": 1, "per": 1, "unit": "wk", "weekdays": ["mon"]}))[..1], ["01-12 08:00"]);
        assert_eq!(of(json!({"times": 1, "per": 1, "unit": "d"}))[..1], ["01-06 08:00"]);
    }

    #[test]
    fn every_n_hours_counts_hours_that_pass() {
        let body =
            json!({"drug": "X", "start": "2026-03-08T05:00:00Z", "frequency": {"times": 1, "per": 8, "unit": "h"}});
        let found = due(body, NEW_YORK, "2026-03-08T05:00:00Z", "2026-03-09T05:00:00Z");
        assert_eq!(found, ["03-08 00:00", "03-08 09:00", "03-08 17:00"]);
    }

    proptest! {
        #[test]
        fn over_changing_clocks_a_day_keeps_its_count(
            times in 1_u64..6, day in 0_i32..400, length in 1_i32..20, zone in prop::sample::select(vec![NEW_YORK, "IST-5:30", "NZST-12NZDT,M9.5.0,M4.1.0/3", "UTC0"]),
        ) {
            let start = jiff::civil::date(2026, 1, 1) + day.days();
            let body = json!({"drug": "X", "start": start.to_string(), "frequency": {"times": times, "per": 1, "unit": "d"}});
            let plan = plan(&body, zone).expect("a plan");
            let midnight = |date: Date| instant(date.to_datetime(Time::midnight()), plan.zone()).expect("a moment");
            let (from, to) = (midnight(start), midnight(start + length.days()));
            let found = plan.doses(from, to);
            prop_assert_eq!(u64::try_from(found.len()).expect("few"), times * u64::try_from(length).expect("few"));
            prop_assert!(found.windows(2).all(|pair| pair[0].at < pair[1].at));
        }

        #[test]
        fn an_interval_is_the_sum_of_its_parts(hours in 1_u32..30, cut in 1_i64..2000) {
            let body = json!({"drug": "X", "start": "2026-03-05T00:00:00Z", "frequency": {"times": 1, "per": hours, "unit": "h"}});
            let plan = plan(&body, NEW_YORK).expect("a plan");
            let from: Instant = "2026-03-05T00:00:00Z".parse().expect("a moment");
            let (middle, to) = (from.plus_millis(cut * 600_000), from.plus_millis(2000 * 600_000));
            let mut parts = plan.doses(from, middle);
            parts.extend(plan.doses(middle, to));
            prop_assert_eq!(parts, plan.doses(from, to));
        }
    }
}
