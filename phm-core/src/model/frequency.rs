//! How often a medicine is taken, from "twice a day" to a taper.
//!
//! Times by the clock (`at`), by the part of the day (`slots`, with an amount each: `2-0-1`) or only by number; days of the
//! week; cycles of days with and without; steps of a taper. Nothing here stands for something that was not said.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::fields;

use super::macros::choice;
use super::{At, Count, Number, Part, Quantity, Report, Text};

/// A unit of time of a schedule, by its UCUM code: `s min h d wk mo a`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeUnit {
    /// Seconds.
    S,
    /// Minutes.
    Min,
    /// Hours.
    H,
    /// Days.
    D,
    /// Weeks.
    Wk,
    /// Months.
    Mo,
    /// Years.
    A,
}

impl TimeUnit {
    fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "s" | "second" | "seconds" => Self::S,
            "min" | "minute" | "minutes" => Self::Min,
            "h" | "hour" | "hours" => Self::H,
            "d" | "day" | "days" => Self::D,
            "wk" | "week" | "weeks" => Self::Wk,
            "mo" | "month" | "months" => Self::Mo,
            "a" | "year" | "years" => Self::A,
            _ => return None,
        })
    }
}

impl Part for TimeUnit {
    type View<'a> = Self;

    const OF: &'static str = "choice";
    const CHOICES: &'static [&'static str] = &["s", "min", "h", "d", "wk", "mo", "a"];

    /// Takes the English words too.
    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let unit = value.as_str().map(Self::from_word);
        if !matches!(unit, Some(Some(_))) {
            report.say(at, if unit.is_none() { "wrong-type" } else { "unknown-unit" });
        }
        unit.flatten()
    }

    fn view(&self) -> Self {
        *self
    }
}

/// A time by the clock on the wall, to the minute: `08:00`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ClockTime {
    hour: u8,
    minute: u8,
}

impl ClockTime {
    /// The time; `None` when no clock shows it.
    pub const fn new(hour: u8, minute: u8) -> Option<Self> {
        if hour < 24 && minute < 60 { Some(Self { hour, minute }) } else { None }
    }

    /// The hour, 0 to 23.
    pub const fn hour(self) -> u8 {
        self.hour
    }

    /// The minute, 0 to 59.
    pub const fn minute(self) -> u8 {
        self.minute
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl Serialize for ClockTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Part for ClockTime {
    type View<'a> = Self;

    const OF: &'static str = "time";

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let Some(text) = value.as_str() else {
            report.say(at, "wrong-type");
            return None;
        };
        let two = |text: &str| {
            (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
        };
        let time = text.split_once(':').and_then(|(hour, minute)| Self::new(two(hour)?, two(minute)?));
        if time.is_none() {
            report.say(at, "invalid-time");
        }
        time
    }

    fn view(&self) -> Self {
        *self
    }
}

choice! {
    /// A part of the day by which people take medicine.
    pub enum DayPart {
        /// In the morning.
        Morning = "morning",
        /// At noon or in the afternoon.
        Noon = "noon",
        /// In the evening.
        Evening = "evening",
        /// At night, at bedtime.
        Night = "night",
    }
}

choice! {
    /// A day of the week.
    pub enum Weekday {
        /// Monday.
        Monday = "mon",
        /// Tuesday.
        Tuesday = "tue",
        /// Wednesday.
        Wednesday = "wed",
        /// Thursday.
        Thursday = "thu",
        /// Friday.
        Friday = "fri",
        /// Saturday.
        Saturday = "sat",
        /// Sunday.
        Sunday = "sun",
    }
}

choice! {
    /// How a medicine goes with food.
    pub enum Meal {
        /// Before food.
        Before = "before",
        /// With food.
        With = "with",
        /// After food.
        After = "after",
        /// On an empty stomach.
        Empty = "empty-stomach",
    }
}

fields! {
    /// What is taken in one part of the day.
    pub struct SlotDose {
        /// When.
        part: DayPart,
        /// How many of the medicine's pieces, where the parts differ.
        amount: Option<Number>,
    }
}

fields! {
    /// One step of a taper.
    pub struct Step {
        /// For how many days; the last step may go on.
        days: Option<Count<1>>,
        /// How much at a time.
        dose: Quantity,
        /// How many times a day, where it changes too.
        times: Option<Count<1>>,
    }
}

fields! {
    /// How often: `times` every `per` `unit`, for example 2 every 1 d.
    pub struct Frequency checked by says_how_often {
        /// How many times in each period.
        times: Option<Count<1>>,
        /// How many units of time a period has.
        per: Option<Number>,
        /// The unit of time.
        unit: Option<TimeUnit>,
        /// Whether only when it is needed.
        as_needed: Option<bool>,
        /// How many times at most on one day.
        max_per_day: Option<Number>,
        /// In words.
        text: Option<Text>,
        /// At these times by the clock.
        at: Vec<ClockTime>,
        /// In these parts of the day.
        slots: Vec<SlotDose>,
        /// On these days of the week.
        weekdays: Vec<Weekday>,
        /// How it goes with food.
        meal: Option<Meal>,
        /// Days with the medicine in each cycle.
        on_days: Option<Count<1>>,
        /// Days without it after those.
        off_days: Option<Count<1>>,
        /// The steps of a taper, one after the other.
        steps: Vec<Step>,
    }
}

fn says_how_often(frequency: &Frequency, at: &At<'_>, report: &mut Report) {
    if frequency.per.is_some() && frequency.unit.is_none() {
        report.say(&at.field("unit"), "required");
    }
    if frequency.on_days.is_some() != frequency.off_days.is_some() {
        report.say(&at.field(if frequency.on_days.is_some() { "off_days" } else { "on_days" }), "required");
    }
    if !frequency.at.is_empty() && !frequency.slots.is_empty() {
        report.say(&at.field("slots"), "only-one");
    }
    let open = frequency.steps.iter().rev().skip(1).position(|step| step.days.is_none());
    if let Some(before_last) = open {
        let index = frequency.steps.len() - 2 - before_last;
        report.say(&at.field("steps").entry(index).field("days"), "required");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{refused, stored};

    #[test]
    fn a_frequency_keeps_its_stored_form() {
        let body = json!({
            "slots": [{"part": "morning", "amount": 2}, {"part": "night", "amount": 0.5}], "weekdays": ["mon", "thu"],
            "meal": "after", "on_days": 21, "off_days": 7,
            "steps": [{"days": 5, "dose": {"value": "40", "unit": "mg"}}, {"dose": {"value": "20", "unit": "mg"}, "times": 1}],
        });
        insta::assert_snapshot!(stored::<Frequency>(&body), @r#"{"slots":[{"part":"morning","amount":2},{"part":"night","amount":0.5}],"weekdays":["mon","thu"],"meal":"after","on_days":21,"off_days":7,"steps":[{"days":5,"dose":{"value":"40","unit":"mg"}},{"dose":{"value":"20","unit":"mg"},"times":1}]}"#);
        assert_eq!(stored::<Frequency>(&json!({"at": ["08:00", "20:30"]})), r#"{"at":["08:00","20:30"]}"#);
    }

    #[test]
    fn frequencies_that_mean_nothing_are_refused() {
        let dose = json!({"value": "40", "unit": "mg"});
        let cases = [
            (json!({"at": ["8:00"]}), "/at/0 invalid-time"),
            (json!({"at": ["24:00"]}), "/at/0 invalid-time"),
            (json!({"at": [8]}), "/at/0 wrong-type"),
            (json!({"at": ["08:00"], "slots": [{"part": "night"}]}), "/slots only-one"),
            (json!({"slots": [{"part": "teatime"}]}), "/slots/0/part invalid-choice"),
            (json!({"slots": [{"part": "night", "amount": 0}]}), "/slots/0/amount invalid-number"),
            (json!({"weekdays": ["monday"]}), "/weekdays/0 invalid-choice"),
            (json!({"on_days": 21}), "/off_days required"),
            (json!({"off_days": 7}), "/on_days required"),
            (json!({"steps": [{"dose": dose}, {"dose": dose}]}), "/steps/0/days required"),
            (json!({"steps": [{"days": 0, "dose": dose}]}), "/steps/0/days invalid-number"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Frequency>(&body), expected, "{body}");
        }
    }
}
