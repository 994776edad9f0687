//! Whether a result is where it is expected.
//!
//! The laboratory's own judgement stands first, then its own printed range, then the catalogue's. What cannot be decided
//! (`< 5` against 3 to 7) stays undecided. Codes are those of HL7's ObservationInterpretation.

#[cfg(test)]
mod tests;
mod words;

use serde::Serialize;

use super::super::units::Substance;
use super::{Bounds, Test, Who, understand};
use crate::model::{Comparator, LabResult, Quantity, Range, Unit};

pub(in crate::analytics) use words::words_of;
use words::{in_words, presence, wanted};

/// What a judgement rests on.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The laboratory said so.
    Laboratory,
    /// The range that the report prints.
    OwnRange,
    /// A range of the catalogue.
    UsualRange,
    /// A limit at which laboratories call by telephone.
    CriticalLimit,
}

/// What a value is, as a code.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Judged {
    /// Critically low.
    LL,
    /// Low.
    L,
    /// Where it is expected.
    N,
    /// High.
    H,
    /// Critically high.
    HH,
    /// Abnormal.
    A,
    /// Critically abnormal.
    AA,
}

impl Judged {
    /// The code of HL7.
    pub const fn code(self) -> &'static str {
        match self {
            Self::LL => "LL",
            Self::L => "L",
            Self::N => "N",
            Self::H => "H",
            Self::HH => "HH",
            Self::A => "A",
            Self::AA => "AA",
        }
    }

    /// Whether it is where it is expected.
    pub const fn is_expected(self) -> bool {
        matches!(self, Self::N)
    }

    /// Whether somebody should act on the same day.
    pub const fn is_critical(self) -> bool {
        matches!(self, Self::LL | Self::HH | Self::AA)
    }
}

/// A judgement, what it rests on and who says so.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// The code.
    pub code: Judged,
    /// What it rests on.
    pub basis: Basis,
    /// The source of a catalogue range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
}

/// Who says so for critical limits.
const CRITICAL: &str =
    "typical critical limits of laboratories (compare Kost, JAMA 1990;263:704); a deployer may change them";

/// Whether a result is where it is expected; `None` where nothing decides it.
///
/// A range of the laboratory's own that cannot be read decides nothing, and keeps the catalogue's from deciding.
pub fn judge(test: Option<&'static Test>, result: &LabResult, who: Who) -> Option<Judgement> {
    if let Some(critical) = test.zip(result.quantity()).and_then(|(test, quantity)| critical(test, quantity, who)) {
        return Some(Judgement { code: critical, basis: Basis::CriticalLimit, source: Some(CRITICAL) });
    }
    if let Some(code) = result.interpretation().and_then(by_laboratory) {
        return Some(Judgement { code, basis: Basis::Laboratory, source: None });
    }
    let found = result.interpretation().and_then(presence);
    if let Some(judgement) = found.and_then(|found| wanted(test, result, found)) {
        return Some(judgement);
    }
    let Some(quantity) = result.quantity() else {
        return in_words(words_of(result)?, result.range().and_then(Range::text));
    };
    let substance = test.map_or(Substance::NONE, Test::substance);
    let unit: Unit = quantity.unit().parse().ok()?;
    // A number that people have in another unit only is asked about first, whatever range stands beside it.
    let in_another = |test| understand(test, quantity).is_err_and(|asked| asked.is_of_another_unit());
    if test.is_some_and(in_another) {
        return None;
    }
    if let Some(range) = result.range() {
        let bounds = Bounds::of(range, &unit, &substance)?;
        let code = side(quantity, quantity.value().to_f64(), &bounds)?;
        return Some(Judgement { code, basis: Basis::OwnRange, source: None });
    }
    let test = test?;
    let range = test.usual_range(who)?;
    let value = understand(test, quantity).ok()?.value;
    // A value is judged in the unit it was written in, where the source rounds its bounds for that unit.
    let (value, bounds) = match range.also_in(&unit) {
        Some(bounds) => (quantity.value().to_f64(), bounds),
        None => (value, range.bounds()),
    };
    let code = match range.left_open(&unit) {
        None => side(quantity, value, &bounds)?,
        Some(open) if side(quantity, value, &open) == Some(Judged::H) => Judged::H,
        // 150 mg/dL of glucose are too much after a night without food and not after a meal; a report that says neither
        // decides neither. Where no value is expected at all, none below is.
        Some(_) => side(quantity, value, &bounds).filter(|code| match code {
            Judged::L => true,
            _ => *code == Judged::N && bounds.high.is_some(),
        })?,
    };
    Some(Judgement { code, basis: Basis::UsualRange, source: Some(&range.source) })
}

/// Critical limits are those of adults.
fn critical(test: &Test, quantity: &Quantity, who: Who) -> Option<Judged> {
    let (low, high) = test.critical?;
    if who.age_years.is_some_and(|age| age < 18.0) {
        return None;
    }
    let value = understand(test, quantity).ok()?.value;
    let bounds = Bounds { low, high, above: false, below: false };
    match side(quantity, value, &bounds)? {
        Judged::L => Some(Judged::LL),
        Judged::H => Some(Judged::HH),
        _ => None,
    }
}

fn by_laboratory(code: &str) -> Option<Judged> {
    Some(match code {
        "LL" => Judged::LL,
        "L" | "LU" | "LX" => Judged::L,
        "N" => Judged::N,
        "H" | "HU" | "HX" => Judged::H,
        "HH" => Judged::HH,
        "A" => Judged::A,
        "AA" => Judged::AA,
        _ => return None,
    })
}

/// On which side a value lies, as far as its comparator lets one tell.
fn side(quantity: &Quantity, value: f64, bounds: &Bounds) -> Option<Judged> {
    let side = bounds.side(value);
    let judged = match side {
        -1 => Judged::L,
        0 => Judged::N,
        _ => Judged::H,
    };
    match quantity.comparator() {
        None => Some(judged),
        // Below a value that is itself low is low; below one without a lower bound to miss is inside.
        Some(Comparator::Less | Comparator::AtMost) => {
            let low = bounds.low.is_some_and(|low| value <= low) && quantity.comparator() == Some(Comparator::Less);
            match side {
                -1 => Some(Judged::L),
                0 if low => Some(Judged::L),
                0 if bounds.low.is_none() => Some(Judged::N),
                _ => bounds.high.filter(|high| value <= *high && bounds.low.is_none()).map(|_| Judged::N),
            }
        }
        Some(Comparator::More | Comparator::AtLeast) => {
            let high = bounds.high.is_some_and(|high| value >= high) && quantity.comparator() == Some(Comparator::More);
            match side {
                1 => Some(Judged::H),
                0 if high => Some(Judged::H),
                0 if bounds.high.is_none() => Some(Judged::N),
                _ => bounds.low.filter(|low| value >= *low && bounds.high.is_none()).map(|_| Judged::N),
            }
        }
    }
}
