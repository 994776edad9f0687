//! A notation as a whole: what its phrases say together, where none contradicts another.

use serde_json::{Map, Value, json};

use super::{Counted, Found, PIECES, Rhythm, Understood, same};
use crate::model::{At, DayPart, Frequency, Part as _, Quantity, Report};

impl Found {
    /// Everything together, where nothing contradicts anything else.
    pub(super) fn finish(mut self, text: &str) -> Option<Understood> {
        let one = |amount: usize| amount <= 1;
        self.parts.dedup();
        self.meals.dedup();
        if !one(self.patterns.len())
            || !one(self.meals.len())
            || !one(self.durations.len())
            || !one(self.doses.len())
            || !one(self.at_most.len())
        {
            return None;
        }
        let rhythm = self.agreed_rhythm()?;
        let slots = self.slots()?;
        // "2 tablets daily" may be one in the morning and one at night; "2 tablets daily at night" may not.
        if self.perhaps_a_sum && slots.is_empty() {
            return None;
        }
        // "2 tablets 2-0-1": two or four in the morning.
        let several = self.doses.first().is_some_and(|(amount, unit)| PIECES.contains(unit) && !same(*amount, 1.0));
        let mut places = self.patterns.iter().flatten().filter(|pieces| **pieces > 0.0);
        if several && places.any(|pieces| !same(*pieces, 1.0)) {
            return None;
        }
        let at_most = self.times_at_most()?;
        if self.reason && !self.as_needed {
            if rhythm.is_some() || !slots.is_empty() || !self.weekdays.is_empty() {
                return None;
            }
            self.as_needed = true;
        }
        // "3 days weekly" is no course of three days.
        let days = self.durations.first().filter(|(_, unit)| *unit == "d").map(|(days, _)| *days);
        let within = |rhythm: Rhythm, days: f64| match rhythm.unit {
            "wk" => days <= 7.0,
            "mo" => days <= 31.0,
            _ => false,
        };
        if rhythm.zip(days).is_some_and(|(rhythm, days)| within(rhythm, days)) {
            return None;
        }
        // "3 days, Monday Wednesday Friday" is none either.
        if !self.weekdays.is_empty() && days.is_some_and(|days| days <= 7.0) {
            return None;
        }
        // "Every 8 h, max 2 times a day": one of the two is wrong, where nobody says that it is taken only when it is needed.
        let a_day = match rhythm {
            Some(Rhythm { times, per, unit: "h" }) => Some(24.0 * times / per),
            Some(Rhythm { times, per, unit: "d" }) => Some(times / per),
            Some(_) => None,
            None => u32::try_from(slots.len()).ok().map(f64::from),
        };
        if !self.as_needed && a_day.zip(at_most).is_some_and(|(a_day, most)| a_day > most + 1e-9) {
            return None;
        }
        let mut frequency = Map::new();
        if let Some(rhythm) = rhythm {
            // "OD at night", "BD 1-0-1": both have to say the same.
            let agrees = slots.is_empty()
                || rhythm.unit == "d"
                    && (same(rhythm.per, 1.0) || slots.len() == 1)
                    && slots.len() == whole(rhythm.times)?;
            let weekly = self.weekdays.is_empty()
                || rhythm.unit == "wk" && whole(rhythm.times)? == self.weekdays.len()
                || rhythm.unit == "d" && same(rhythm.per, 1.0);
            if !agrees || !weekly {
                return None;
            }
            frequency.extend(rhythm_json(rhythm)?);
        } else if !slots.is_empty() {
            frequency.extend(rhythm_json(Rhythm {
                times: f64::from(u32::try_from(slots.len()).ok()?),
                per: 1.0,
                unit: "d",
            })?);
        } else if !self.weekdays.is_empty() {
            frequency.extend(rhythm_json(Rhythm {
                times: f64::from(u32::try_from(self.weekdays.len()).ok()?),
                per: 1.0,
                unit: "wk",
            })?);
        } else if !self.as_needed {
            return None;
        }
        if !slots.is_empty() {
            frequency.insert("slots".to_owned(), Value::Array(slots));
        }
        if !self.weekdays.is_empty() {
            frequency.insert("weekdays".to_owned(), self.weekdays.iter().map(|day| json!(day)).collect());
        }
        frequency.extend(self.meals.first().map(|meal| ("meal".to_owned(), json!(meal))));
        if self.as_needed {
            frequency.insert("as_needed".to_owned(), json!(true));
        }
        frequency.extend(at_most.map(|most| ("max_per_day".to_owned(), json!(most))));
        frequency.insert("text".to_owned(), json!(text));
        let mut report = Report::default();
        let frequency = Frequency::read(&Value::Object(frequency), &At::ROOT, &mut report)?;
        let quantity = |(amount, unit): &(f64, &str)| {
            (*amount > 0.0).then(|| Some(Quantity::new(amount.to_string().parse().ok()?, unit.parse().ok()?))).flatten()
        };
        let duration = self.durations.first().map(quantity);
        let dose = self.doses.first().map(quantity);
        // A length or an amount of nothing is not understood.
        if matches!(duration, Some(None)) || matches!(dose, Some(None)) {
            return None;
        }
        Some(Understood { frequency, duration: duration.flatten(), dose: dose.flatten() })
    }

    /// How many times at most on one day: amounts are as many times as there are doses in them.
    #[allow(clippy::option_option)]
    fn times_at_most(&self) -> Option<Option<f64>> {
        let Some((most, of)) = self.at_most.first().copied() else { return Some(None) };
        let dose = self.doses.first().copied();
        match (of, dose) {
            (Counted::Times, _) | (Counted::Unsaid, None) => Some(Some(most)),
            // "2 tablets, max 8 a day": eight tablets or eight times.
            (Counted::Unsaid, Some((amount, unit))) => {
                (same(amount, 1.0) || !PIECES.contains(&unit)).then_some(Some(most))
            }
            (Counted::Of(of), Some((amount, unit))) if of == unit && amount > 0.0 => {
                let times = most / amount;
                (times >= 1.0 && same(times, times.round())).then_some(Some(times.round()))
            }
            (Counted::Of(_), _) => None,
        }
    }

    /// `None` where two rhythms contradict each other; `BD every 12 h` does not.
    #[allow(clippy::option_option)]
    fn agreed_rhythm(&self) -> Option<Option<Rhythm>> {
        let Some(first) = self.rhythms.first() else { return Some(None) };
        let mut agreed = *first;
        for other in &self.rhythms[1..] {
            agreed = agree(agreed, *other, !self.weekdays.is_empty())?;
        }
        Some(Some(agreed))
    }

    fn slots(&self) -> Option<Vec<Value>> {
        let parts = [DayPart::Morning, DayPart::Noon, DayPart::Evening, DayPart::Night];
        let Some(pattern) = self.patterns.first() else {
            let mut named: Vec<DayPart> = parts.iter().copied().filter(|part| self.parts.contains(part)).collect();
            if named.len() != self.parts.len() {
                // The same part twice, apart from each other.
                named.clear();
                return if self.parts.is_empty() { Some(Vec::new()) } else { None };
            }
            return Some(named.into_iter().map(|part| json!({"part": part})).collect());
        };
        let of_three = [DayPart::Morning, DayPart::Noon, DayPart::Night];
        let places: &[DayPart] = if pattern.len() == 3 { &of_three } else { &parts };
        let taken: Vec<(DayPart, f64)> =
            places.iter().copied().zip(pattern.iter().copied()).filter(|(_, amount)| *amount > 0.0).collect();
        let named = self.parts.iter().all(|part| taken.iter().any(|(place, _)| place == part));
        if !named || !self.parts.is_empty() && self.parts.len() != taken.len() {
            return None;
        }
        Some(taken.into_iter().map(|(part, amount)| json!({"part": part, "amount": amount})).collect())
    }
}

fn agree(a: Rhythm, b: Rhythm, on_weekdays: bool) -> Option<Rhythm> {
    let hours = |rhythm: Rhythm| match rhythm.unit {
        "h" => Some(rhythm.per / rhythm.times),
        "d" => Some(24.0 * rhythm.per / rhythm.times),
        _ => None,
    };
    if a == b {
        return Some(a);
    }
    // "Once daily" beside "twice a week" says how often on those days, where the days are named.
    match (a.unit, b.unit) {
        ("d", "wk") if on_weekdays && same(a.per, 1.0) && same(a.times, 1.0) => return Some(b),
        ("wk", "d") if on_weekdays && same(b.per, 1.0) && same(b.times, 1.0) => return Some(a),
        _ => {}
    }
    if same(hours(a)?, hours(b)?) { Some(if a.unit == "h" { a } else { b }) } else { None }
}

fn whole(number: f64) -> Option<usize> {
    (0..=24_u8).find(|small| same(f64::from(*small), number)).map(usize::from)
}

fn rhythm_json(rhythm: Rhythm) -> Option<Map<String, Value>> {
    let body = json!({"times": whole(rhythm.times)?, "per": rhythm.per, "unit": rhythm.unit});
    body.as_object().cloned()
}
