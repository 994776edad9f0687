//! Blood pressure: categories by a named scheme, mean and pulse pressure.

use super::given::Given;
use super::input::Input;
use super::{Answer, Calculator, Outcome};

const SYSTOLIC: Input = Input::quantity("systolic", "mm[Hg]", 40.0, 300.0);
const DIASTOLIC: Input = Input::quantity("diastolic", "mm[Hg]", 20.0, 200.0);

/// A scheme of categories for adults.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Scheme {
    /// ACC/AHA 2017; the categories were kept in 2025.
    #[default]
    AccAha2017,
    /// European Society of Cardiology 2024.
    Esc2024,
    /// International Society of Hypertension 2020.
    Ish2020,
}

impl Scheme {
    /// The scheme a word names.
    pub fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "acc-aha-2017" => Self::AccAha2017,
            "esc-2024" => Self::Esc2024,
            "ish-2020" => Self::Ish2020,
            _ => return None,
        })
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AccAha2017 => "acc-aha-2017",
            Self::Esc2024 => "esc-2024",
            Self::Ish2020 => "ish-2020",
        }
    }

    /// From this average on, readings at home count as raised.
    pub const fn home_threshold(self) -> (f64, f64) {
        match self {
            Self::AccAha2017 => (130.0, 80.0),
            Self::Esc2024 | Self::Ish2020 => (135.0, 85.0),
        }
    }
}

/// One blood pressure in mm\[Hg\], the systolic above the diastolic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pressure {
    systolic: f64,
    diastolic: f64,
}

impl Pressure {
    /// A pressure; `None` where the systolic is not above the diastolic or a number is no pressure.
    pub fn new(systolic: f64, diastolic: f64) -> Option<Self> {
        let good = (40.0..=300.0).contains(&systolic) && (20.0..=200.0).contains(&diastolic) && systolic > diastolic;
        good.then_some(Self { systolic, diastolic })
    }

    /// The upper number.
    pub const fn systolic(self) -> f64 {
        self.systolic
    }

    /// The lower number.
    pub const fn diastolic(self) -> f64 {
        self.diastolic
    }

    /// The category; the higher of the two numbers decides.
    pub fn category(self, scheme: Scheme) -> &'static str {
        let steps: &[((f64, f64), &'static str)] = match scheme {
            Scheme::AccAha2017 => {
                &[((140.0, 90.0), "stage-2"), ((130.0, 80.0), "stage-1"), ((120.0, f64::MAX), "elevated")]
            }
            Scheme::Esc2024 => &[((140.0, 90.0), "hypertension"), ((120.0, 70.0), "elevated")],
            Scheme::Ish2020 => {
                &[((160.0, 100.0), "grade-2"), ((140.0, 90.0), "grade-1"), ((130.0, 85.0), "high-normal")]
            }
        };
        let lowest = if scheme == Scheme::Esc2024 { "non-elevated" } else { "normal" };
        let reached = |(systolic, diastolic): (f64, f64)| self.systolic >= systolic || self.diastolic >= diastolic;
        steps.iter().find(|(bounds, _)| reached(*bounds)).map_or(lowest, |(_, name)| *name)
    }

    /// Above 180 or above 120: to be measured again after five minutes, and care the same day.
    pub fn is_severe(self) -> bool {
        self.systolic > 180.0 || self.diastolic > 120.0
    }
}

pub(super) const ALL: &[Calculator] = &[
    Calculator {
        name: "blood-pressure-category",
        inputs: &[
            SYSTOLIC,
            DIASTOLIC,
            Input::choice("scheme", &["acc-aha-2017", "esc-2024", "ish-2020"]).optional(),
            Input::quantity("age", "a", 0.0, 125.0).optional(),
            Input::flag("warning_signs"),
            Input::flag("pregnant"),
        ],
        formula: "categories by scheme; the higher of the two numbers decides; above 180 or 120 severe",
        unit: None,
        year: 2017,
        source: "ACC/AHA 2017 (Whelton et al., Hypertension 2018;71:e13), ESC 2024 (Eur Heart J 2024;45:3912), ISH 2020 (Unger et al., Hypertension 2020;75:1334); pregnancy: ACOG Practice Bulletin 222 (2020)",
        validity: "18 years and older; one reading is no diagnosis",
        digits: 0,
        run: category,
    },
    Calculator {
        name: "mean-arterial-pressure",
        inputs: &[SYSTOLIC, DIASTOLIC],
        formula: "(systolic + 2 x diastolic) / 3",
        unit: Some("mm[Hg]"),
        year: 2017,
        source: "Whelton et al., ACC/AHA guideline, Hypertension 2018;71:e13",
        validity: "systolic above diastolic",
        digits: 1,
        run: |given| {
            let pressure = read(given)?;
            Ok(Answer::number(2.0_f64.mul_add(pressure.diastolic, pressure.systolic) / 3.0))
        },
    },
    Calculator {
        name: "pulse-pressure",
        inputs: &[SYSTOLIC, DIASTOLIC],
        formula: "systolic - diastolic",
        unit: Some("mm[Hg]"),
        year: 2017,
        source: "Whelton et al., ACC/AHA guideline, Hypertension 2018;71:e13",
        validity: "systolic above diastolic",
        digits: 0,
        run: |given| read(given).map(|pressure| Answer::number(pressure.systolic - pressure.diastolic)),
    },
];

fn read(given: &Given<'_>) -> Result<Pressure, &'static str> {
    Pressure::new(given.number("systolic"), given.number("diastolic")).ok_or("systolic-not-above-diastolic")
}

fn category(given: &Given<'_>) -> Outcome {
    let pressure = read(given)?;
    let signs = given.flag("warning_signs");
    // What cannot wait comes before the question whether the scheme is for this person.
    if given.flag("pregnant") {
        let (systolic, diastolic) = (pressure.systolic, pressure.diastolic);
        let raised = systolic >= 140.0 || diastolic >= 90.0;
        let category = if systolic >= 160.0 || diastolic >= 110.0 || raised && signs {
            "emergency"
        } else if raised {
            "raised-in-pregnancy"
        } else {
            "not-raised"
        };
        return Ok(Answer::category(category).note_if(category == "emergency", "call-for-help-now"));
    }
    if pressure.is_severe() {
        return Ok(if signs {
            Answer::category("emergency").note_if(true, "call-for-help-now")
        } else {
            Answer::category("severe").note_if(true, "measure-again-after-5-min").note_if(true, "care-the-same-day")
        });
    }
    if given.maybe("age").is_some_and(|age| age < 18.0) {
        return Err("age-below-18");
    }
    let scheme = Scheme::of_word(given.word("scheme")).unwrap_or_default();
    Ok(Answer::category(pressure.category(scheme)))
}
