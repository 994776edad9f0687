//! Reading how people write doses: `1-0-1`, `BD`, `every 8 h`, `twice daily after food`, `दिन में दो बार`, `ਦਿਨ ਵਿੱਚ ਦੋ ਵਾਰ`.
//!
//! Every word has to be understood and all of them have to agree; otherwise the answer is "not understood" and a person is
//! asked. There is no nearest reading.

use serde_json::{Map, Value, json};

use super::letters::{number, pattern, words};
use super::words::{LEXICON, Says};
use crate::model::{At, DayPart, Frequency, Meal, Part as _, Quantity, Report, Weekday};

/// What a notation says.
// Most notations are understood: boxing the larger one would cost more than it saves.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq)]
pub enum Notation {
    /// All of it was understood.
    Understood(Understood),
    /// Some of it was not, or it contradicts itself.
    NotUnderstood,
}

/// A notation that was understood.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Understood {
    /// How often.
    pub frequency: Frequency,
    /// For how long.
    pub duration: Option<Quantity>,
    /// How much at a time.
    pub dose: Option<Quantity>,
}

/// A longer text is no notation of a dose.
const LONGEST: usize = 300;

/// Reads a notation.
pub fn parse(text: &str) -> Notation {
    read(text).map_or(Notation::NotUnderstood, Notation::Understood)
}

fn read(text: &str) -> Option<Understood> {
    if text.len() > LONGEST {
        return None;
    }
    let mut found = Found::default();
    let tokens = tokens(text)?;
    let mut rest = tokens.as_slice();
    while !rest.is_empty() {
        let used = found.take(rest)?;
        rest = &rest[used..];
    }
    found.finish(text.trim())
}

/// One piece of a notation.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Says(Says),
    /// `1-0-1`.
    Pattern(Vec<f64>),
}

/// The text as pieces; `None` when a word is not known.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let words = words(text);
    let mut rest = words.as_slice();
    let mut tokens = Vec::new();
    while let [first, ..] = rest {
        if let Some(pattern) = pattern(first) {
            tokens.push(Token::Pattern(pattern?));
            rest = &rest[1..];
        } else if let Some((says, used)) = LEXICON.longest(rest) {
            tokens.push(Token::Says(says));
            rest = &rest[used..];
        } else {
            tokens.push(Token::Says(Says::Number(number(first)?)));
            rest = &rest[1..];
        }
    }
    Some(tokens)
}

/// So many times in so many of a unit.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rhythm {
    times: f64,
    per: f64,
    unit: &'static str,
}

/// What was found so far.
#[derive(Default)]
struct Found {
    rhythms: Vec<Rhythm>,
    patterns: Vec<Vec<f64>>,
    parts: Vec<DayPart>,
    meals: Vec<Meal>,
    weekdays: Vec<Weekday>,
    durations: Vec<(f64, &'static str)>,
    doses: Vec<(f64, &'static str)>,
    as_needed: bool,
    reason: bool,
    at_most: Vec<(f64, Counted)>,
}

/// What a daily maximum counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Counted {
    /// Times.
    Times,
    /// Amounts in this unit.
    Of(&'static str),
    /// It was not said.
    Unsaid,
}

/// Units that count pieces of a medicine.
const PIECES: [&str; 4] = ["{tablet}", "{capsule}", "{puff}", "{drop}"];

impl Found {
    /// Takes what stands first; answers how many pieces that was.
    fn take(&mut self, rest: &[Token]) -> Option<usize> {
        use Says::{
            A, AsNeeded, AtMost, Daily, Days, Every, Hourly, Hours, Months, Nothing, Number, Of, Often, On, OtherDay,
            Per, Reason, Times, Weeks,
        };
        let says = |index: usize| match rest.get(index) {
            Some(Token::Says(says)) => Some(*says),
            _ => None,
        };
        if let Some(Token::Pattern(pattern)) = rest.first() {
            self.patterns.push(pattern.clone());
            return Some(1);
        }
        let period = |says: Option<Says>| match says {
            Some(Per(unit) | A(unit)) => Some(unit),
            _ => None,
        };
        let span = |says: Option<Says>| match says {
            Some(Hours) => Some("h"),
            Some(Days) => Some("d"),
            Some(Weeks) => Some("wk"),
            Some(Months) => Some("mo"),
            _ => None,
        };
        let filler = |index: usize| says(index) == Some(Nothing);
        match (says(0)?, says(1), says(2), says(3)) {
            // "Max 4 times a day", "max 4 a day", "max 8 tablets a day"; of another time nothing is understood.
            (AtMost, Some(Number(most)), Some(Times), Some(A("d") | Per("d")))
            | (AtMost, Some(A("d") | Per("d")), Some(Number(most)), Some(Times)) => {
                Some(self.most(most, Counted::Times, 4))
            }
            (AtMost, Some(Number(most)), Some(Of(unit)), Some(A("d") | Per("d"))) => {
                Some(self.most(most, Counted::Of(unit), 4))
            }
            (AtMost, Some(Number(most)), Some(A("d")), _) => Some(self.most(most, Counted::Unsaid, 3)),
            (AtMost, Some(Daily(most)), ..) => {
                let most = [1.0, 2.0, 3.0, 4.0].get(usize::try_from(most).ok()?.checked_sub(1)?).copied()?;
                Some(self.most(most, Counted::Times, 2))
            }
            (Daily(times), ..) => {
                let times = u32::try_from(times).ok()?;
                self.rhythm(f64::from(times), 1.0, "d", 1)
            }
            // "3 times a day", "दो बार रोज".
            (Number(times), Some(Times), third, _) if period(third).is_some() => {
                self.rhythm(times, 1.0, period(third)?, 3)
            }
            // "Twice weekly", "weekly once".
            (Often(times), second, ..) if period(second).is_some() => {
                self.rhythm(f64::from(u32::try_from(times).ok()?), 1.0, period(second)?, 2)
            }
            (A(unit) | Per(unit), Some(Often(times)), ..) => {
                self.rhythm(f64::from(u32::try_from(times).ok()?), 1.0, unit, 2)
            }
            // "3 a day".
            (Number(times), Some(A(unit)), ..) => self.rhythm(times, 1.0, unit, 2),
            // "1 tablet a day"; of "2 tablets a day" nobody knows whether together.
            (Number(amount), Some(Of(unit)), Some(A(per)), _) => {
                if !same(amount, 1.0) || !PIECES.contains(&unit) {
                    return None;
                }
                self.doses.push((amount, unit));
                self.rhythm(1.0, 1.0, per, 3)
            }
            // "दिन में दो बार", "daily 2 times".
            (A(unit) | Per(unit), Some(Number(times)), Some(Times), _) => self.rhythm(times, 1.0, unit, 3),
            // "हफ्ते में 3 दिन": on three days of the week, but on which.
            (Per("wk" | "mo"), Some(Number(_)), third, _) if span(third).is_some() => None,
            // "daily for 5 days": once daily.
            (Per(unit), ..) => self.rhythm(1.0, 1.0, unit, 1),
            (Every, Some(Number(per)), third, _) if span(third).is_some() => {
                let used = 3 + usize::from(filler(3));
                self.rhythm(1.0, per, span(third)?, used)
            }
            (Every, second, ..) if span(second).is_some() => self.rhythm(1.0, 1.0, span(second)?, 2),
            (Number(per), Some(Hourly), ..) => self.rhythm(1.0, per, "h", 2),
            (OtherDay, ..) => self.rhythm(1.0, 2.0, "d", 1),
            (Number(length), second, ..) if span(second).is_some() && span(second) != Some("h") => {
                self.durations.push((length, span(second)?));
                Some(2)
            }
            (Number(amount), Some(Of(unit)), ..) => {
                self.doses.push((amount, unit));
                Some(2)
            }
            (Says::Part(part), ..) => {
                self.parts.push(part);
                Some(1)
            }
            (Says::Meal(meal), ..) => {
                self.meals.push(meal);
                Some(1)
            }
            (On(day), ..) => {
                self.weekdays.push(day);
                Some(1)
            }
            (AsNeeded, ..) => {
                self.as_needed = true;
                Some(1)
            }
            (Reason, ..) => {
                self.reason = true;
                Some(1)
            }
            // "Every Monday" is on Mondays; words without meaning and the piece of a medicine say nothing more.
            (Every, Some(On(_) | Says::Part(_)), ..) | (Nothing | Of("{tablet}" | "{capsule}" | "{drop}"), ..) => {
                Some(1)
            }
            _ => None,
        }
    }

    fn most(&mut self, most: f64, of: Counted, used: usize) -> usize {
        self.at_most.push((most, of));
        used
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

    fn rhythm(&mut self, times: f64, per: f64, unit: &'static str, used: usize) -> Option<usize> {
        (times > 0.0 && times.fract() == 0.0 && times <= 24.0 && per > 0.0).then(|| {
            self.rhythms.push(Rhythm { times, per, unit });
            used
        })
    }

    /// Everything together, where nothing contradicts anything else.
    fn finish(mut self, text: &str) -> Option<Understood> {
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

/// Whether two numbers of a notation are the same; they have at most six digits.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

fn whole(number: f64) -> Option<usize> {
    (0..=24_u8).find(|small| same(f64::from(*small), number)).map(usize::from)
}

fn rhythm_json(rhythm: Rhythm) -> Option<Map<String, Value>> {
    let body = json!({"times": whole(rhythm.times)?, "per": rhythm.per, "unit": rhythm.unit});
    body.as_object().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A notation in one line, as the table writes it.
    fn line(text: &str) -> String {
        let Notation::Understood(found) = parse(text) else { return "-".to_owned() };
        let body = serde_json::to_value(&found.frequency).expect("JSON");
        let mut parts = Vec::new();
        if let (Some(times), Some(unit)) = (body.get("times"), body.get("unit")) {
            let per =
                body["per"].as_f64().filter(|per| !same(*per, 1.0)).map(|per| per.to_string()).unwrap_or_default();
            parts.push(format!("{times}/{per}{}", unit.as_str().unwrap_or_default()));
        }
        for slot in body["slots"].as_array().into_iter().flatten() {
            let amount = slot.get("amount").map(|amount| format!("={amount}")).unwrap_or_default();
            parts.push(format!("{}{amount}", slot["part"].as_str().unwrap_or_default()));
        }
        parts.extend(body["weekdays"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        parts.extend(
            body["meal"].as_str().map(|meal| format!("{meal}-food").replace("empty-stomach-food", "empty-stomach")),
        );
        parts.extend(body["as_needed"].as_bool().map(|_| "as-needed".to_owned()));
        parts.extend(body.get("max_per_day").map(|most| format!("max={most}")));
        let quantity = |quantity: &Quantity| format!("{}{}", quantity.value(), quantity.unit());
        parts.extend(found.duration.as_ref().map(|duration| format!("for={}", quantity(duration))));
        parts.extend(found.dose.as_ref().map(|dose| format!("dose={}", quantity(dose))));
        parts.join(" ")
    }

    #[test]
    fn written_notations_are_read_as_their_table_says() {
        let table = include_str!("../../../tests/vectors/dose-notations.tsv");
        let mut counts = std::collections::BTreeMap::new();
        let mut wrong = Vec::new();
        for row in table.lines().filter(|row| !row.starts_with('#') && !row.is_empty()) {
            let [language, text, expected] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
            let found = line(text);
            *counts.entry(language).or_insert(0) += usize::from(found != "-");
            if found != expected {
                wrong.push(format!("{text}: {found}, expected {expected}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        for language in ["en", "hi", "pa"] {
            assert!(counts[language] >= 20, "{counts:?}");
        }
    }

    #[test]
    fn what_is_written_is_kept_and_a_long_text_is_no_notation() {
        let Notation::Understood(found) = parse("  BD after food ") else { panic!("understood") };
        assert_eq!(found.frequency.text(), Some("BD after food"));
        assert_eq!(parse(&"bd ".repeat(200)), Notation::NotUnderstood);
        assert_eq!(parse(""), Notation::NotUnderstood);
    }
}
