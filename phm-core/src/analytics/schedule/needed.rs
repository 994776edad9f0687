//! How much more may be taken of a medicine that is taken only when it is needed.
//!
//! A daily maximum holds for any 24 hours, not for a day of the calendar: four doses before midnight and four after it are
//! eight within an hour. Every entry of the log counts as at least one dose, and one of more than the dose as so many.

use serde::Serialize;

use super::doses::Logged;
use super::notation::{Notation, parse};
use super::plan::in_words;
use crate::analytics::units::{Conversion, Substance};
use crate::model::{DoseStatus, Frequency, Quantity, TimeUnit, Unit};
use crate::time::Instant;

const DAY: i64 = 86_400_000;
const HOUR: f64 = 3_600_000.0;

/// No maximum is larger: one dose every quarter of an hour.
const MOST: u32 = 24 * 4;

/// What may still be taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Allowance {
    /// How many doses at most in 24 hours.
    pub at_most: u32,
    /// How many of them the log has in the last 24 hours.
    pub taken: u32,
    /// How many more there are until these 24 hours are over.
    pub left: u32,
    /// From when on one may be taken again; nothing where that is now.
    pub next_at: Option<Instant>,
}

/// What may still be taken at `now`; `None` where it is not taken only when needed, or where nobody said how often at most.
pub fn allowance(frequency: &Frequency, dose: Option<&Quantity>, log: &[Logged], now: Instant) -> Option<Allowance> {
    let parsed = in_words(frequency).map(parse);
    let (frequency, dose) = match &parsed {
        Some(Notation::Understood(words)) => (&words.frequency, dose.or(words.dose.as_ref())),
        _ => (frequency, dose),
    };
    if frequency.as_needed() != Some(true) {
        return None;
    }
    let most = frequency.max_per_day()?;
    let at_most = (1..=MOST).rev().find(|doses| f64::from(*doses) <= most + 1e-9)?;
    let of_day =
        |entry: &&Logged| entry.status == DoseStatus::Taken && entry.at <= now && entry.at.plus_millis(DAY) > now;
    let mut recent: Vec<(Instant, u32)> =
        log.iter().filter(of_day).map(|entry| (entry.at, doses_in(entry, dose))).collect();
    recent.sort_unstable();
    let taken = recent.iter().fold(0_u32, |sum, (_, doses)| sum.saturating_add(*doses));
    // The oldest of them are the first that no longer count.
    let mut counting = taken;
    let free = recent.iter().find_map(|(at, doses)| {
        let full = counting >= at_most;
        counting = counting.saturating_sub(*doses);
        (full && counting < at_most).then(|| at.plus_millis(DAY))
    });
    let gap = gap(frequency);
    let rested = recent.last().and_then(|(at, _)| gap.map(|gap| at.plus_millis(gap)));
    let next_at = free.max(rested).filter(|next| *next > now);
    Some(Allowance { at_most, taken, left: at_most.saturating_sub(taken), next_at })
}

/// How many doses an entry is: two tablets at once are two of a medicine of which a dose is one.
fn doses_in(entry: &Logged, dose: Option<&Quantity>) -> u32 {
    let doses = dose.and_then(|dose| share(entry, dose)).unwrap_or(1.0);
    (1..=MOST).find(|whole| f64::from(*whole) >= doses - 1e-9).unwrap_or(MOST)
}

/// The amount of an entry in doses, where it says one that can be compared.
fn share(entry: &Logged, dose: &Quantity) -> Option<f64> {
    let (amount, unit) = entry.amount.as_ref()?;
    let (from, to): (Unit, Unit) = (unit.parse().ok()?, dose.unit().parse().ok()?);
    let amount = Conversion::between(&from, &to, &Substance::NONE).ok()?.apply(*amount);
    Some(amount / dose.value().to_f64()).filter(|doses| doses.is_finite())
}

/// Milliseconds between two doses, where a rhythm by hours or minutes was said too: `every 6 h as needed`.
fn gap(frequency: &Frequency) -> Option<i64> {
    let unit = match frequency.unit()? {
        TimeUnit::H => HOUR,
        TimeUnit::Min => HOUR / 60.0,
        _ => return None,
    };
    let times = u32::try_from(frequency.times().unwrap_or(1)).ok().filter(|times| *times > 0)?;
    let gap = frequency.per().unwrap_or(1.0) * unit / f64::from(times);
    Some(super::prescribed::nearest(gap))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::{Kind as _, Medication};

    fn at(text: &str) -> Instant {
        format!("2026-01-{text}:00Z").parse().expect("a moment")
    }

    /// At most, taken, left, and when again.
    fn found(frequency: Value, log: &[(&str, Option<f64>)], now: &str) -> Option<(u32, u32, u32, Option<String>)> {
        let body = json!({"drug": "X", "dose": {"value": "1", "unit": "{tablet}"}, "frequency": frequency});
        let medication = Medication::from_json(&body).expect("a medication");
        let entry = |(when, amount): &(&str, Option<f64>)| Logged {
            at: at(when),
            status: DoseStatus::Taken,
            amount: amount.map(|amount| (amount, "{tablet}".to_owned())),
        };
        let log: Vec<Logged> = log.iter().map(entry).collect();
        let frequency = medication.frequency().expect("a frequency");
        let found = allowance(frequency, medication.dose(), &log, at(now))?;
        Some((found.at_most, found.taken, found.left, found.next_at.map(|next| next.to_string()[8..16].to_owned())))
    }

    #[test]
    fn a_daily_maximum_holds_over_midnight() {
        let most = || json!({"as_needed": true, "max_per_day": 4});
        let evening = [("05T20:00", None), ("05T21:00", None), ("05T22:00", None), ("05T23:30", None)];
        assert_eq!(found(most(), &evening[..1], "05T23:59"), Some((4, 1, 3, None)));
        for now in ["05T23:59", "06T00:01", "06T19:59"] {
            assert_eq!(found(most(), &evening, now), Some((4, 4, 0, Some("06T20:00".to_owned()))), "{now}");
        }
        assert_eq!(found(most(), &evening, "06T20:00"), Some((4, 3, 1, None)));
        let back: Vec<_> = evening.iter().rev().copied().collect();
        assert_eq!(found(most(), &back, "06T00:01"), found(most(), &evening, "06T00:01"));
        // What will be taken counts when it was.
        assert_eq!(found(most(), &evening, "05T20:30"), Some((4, 1, 3, None)));
    }

    #[test]
    fn more_than_a_dose_counts_as_so_many() {
        let most = || json!({"text": "SOS max 4 times a day"});
        assert_eq!(found(most(), &[("05T08:00", Some(2.0))], "05T09:00"), Some((4, 2, 2, None)));
        assert_eq!(found(most(), &[("05T08:00", Some(0.5))], "05T09:00"), Some((4, 1, 3, None)));
        let double = [("05T08:00", Some(2.0)), ("05T12:00", Some(3.0))];
        assert_eq!(found(most(), &double, "05T13:00"), Some((4, 5, 0, Some("06T08:00".to_owned()))));
        // Once the two of eight o'clock are over, three of four are left behind.
        assert_eq!(found(most(), &double, "06T08:00"), Some((4, 3, 1, None)));
        let many = [("05T08:00", Some(5.0))];
        assert_eq!(found(most(), &many, "05T13:00"), Some((4, 5, 0, Some("06T08:00".to_owned()))));
    }

    #[test]
    fn hours_between_doses_are_kept() {
        let every = || json!({"text": "every 6 h as needed max 4 times a day"});
        assert_eq!(found(every(), &[("05T08:00", None)], "05T09:00"), Some((4, 1, 3, Some("05T14:00".to_owned()))));
        assert_eq!(found(every(), &[("05T08:00", None)], "05T14:00"), Some((4, 1, 3, None)));
        assert_eq!(found(every(), &[], "05T14:00"), Some((4, 0, 4, None)));
    }

    #[test]
    fn without_a_maximum_nothing_is_said() {
        for frequency in [
            json!({"as_needed": true}),
            json!({"times": 2, "per": 1, "unit": "d", "max_per_day": 4}),
            json!({"as_needed": true, "max_per_day": 0.5}),
            json!({"text": "as the doctor says"}),
        ] {
            assert_eq!(found(frequency.clone(), &[], "05T14:00"), None, "{frequency}");
        }
    }
}
