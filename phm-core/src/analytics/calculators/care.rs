//! Days and dates of care: days covered by medicine, the due date of a pregnancy.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::super::medicines::adherence::{Fill, days_covered};
use super::given::Given;
use super::input::Input;
use super::{Answer, Calculator, Outcome};

pub(super) const ALL: &[Calculator] = &[
    Calculator {
        name: "days-covered",
        inputs: &[
            Input::quantity("period", "d", 1.0, 36_500.0),
            // Pairs of day and days of supply: `0:30 28:30 70:30`.
            Input::written("fills", "day:days"),
        ],
        formula: "distinct days with supply / days in the period; overlapping early refills are carried forward",
        unit: Some("%"),
        year: 2006,
        source: "Hess et al., Ann Pharmacother 2006;40:1280; threshold of 80 %: Pharmacy Quality Alliance",
        validity: "medicines taken every day",
        digits: 1,
        run: covered,
    },
    Calculator {
        name: "due-date",
        inputs: &[Input::written("last_period_on", "date"), Input::quantity("cycle", "d", 15.0, 60.0).optional()],
        formula: "Naegele: first day of the last period + 280 days + (cycle - 28)",
        unit: None,
        year: 2017,
        source: "ACOG Committee Opinion 700, Methods for estimating the due date (2017)",
        validity: "a known first day of the last period; an early ultrasound is better",
        digits: 0,
        run: due_date,
    },
];

/// Whether a text has the form that an input asks for.
pub(super) fn is_form(form: &str, text: &str) -> bool {
    match form {
        "date" => date(text).is_some(),
        _ => fills(text).is_some(),
    }
}

fn date(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

fn fills(text: &str) -> Option<Vec<Fill>> {
    if text.len() > 10_000 {
        return None;
    }
    let pair = |pair: &str| {
        let (day, days) = pair.split_once(':')?;
        let (day, days): (u32, u32) = (day.parse().ok()?, days.parse().ok()?);
        (day <= 36_500 && days <= 3_650).then_some(Fill { day, days })
    };
    text.split([' ', ',']).filter(|part| !part.is_empty()).map(pair).collect()
}

fn covered(given: &Given<'_>) -> Outcome {
    let period = given.number("period");
    if period.fract() != 0.0 {
        return Err("period-not-whole-days");
    }
    // Between 1 and 36,500 and whole, as was just checked.
    let days = (0..=36_500_u32).find(|days| f64::from(*days) >= period).unwrap_or(36_500);
    let fills = fills(given.word("fills")).expect("the form was checked when it was read");
    let covered = days_covered(days, &fills);
    let percent = 100.0 * f64::from(covered) / f64::from(days);
    let category = if percent >= 80.0 { "at-least-80" } else { "below-80" };
    Ok(Answer::number(percent).with_category(category).part("covered", f64::from(covered), "d"))
}

fn due_date(given: &Given<'_>) -> Outcome {
    let first = date(given.word("last_period_on")).expect("the form was checked when it was read");
    let cycle = given.maybe("cycle").unwrap_or(28.0);
    let shift = (cycle - 28.0).round();
    let shift = (-13..=32_i32).find(|days| f64::from(*days) >= shift).unwrap_or(32);
    let due = first.checked_add((280 + shift).days()).map_err(|_| "date-out-of-range")?;
    Ok(Answer { text: Some(due.to_string()), ..Answer::default() })
}
