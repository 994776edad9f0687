//! Ten-year risk of heart and vessels: Pooled Cohort Equations and Framingham.
//!
//! None of these was calibrated in South Asia; every answer says so.

use super::given::Given;
use super::input::Input;
use super::{Answer, Calculator, Outcome, first_below};

const SEX: Input = Input::choice("sex", &["female", "male"]);
const AGE: Input = Input::quantity("age", "a", 0.0, 125.0);
const TOTAL: Input = Input::lab("total_cholesterol", "mg/dL", 50.0, 1500.0, "cholesterol-total");
const HDL: Input = Input::lab("hdl", "mg/dL", 5.0, 200.0, "hdl");
const SYSTOLIC: Input = Input::quantity("systolic", "mm[Hg]", 40.0, 300.0);
const TREATED: Input = Input::flag("treated_blood_pressure");
const SMOKER: Input = Input::flag("smoker");
const DIABETES: Input = Input::flag("diabetes");
const KNOWN: Input = Input::flag("known_cardiovascular_disease");

pub(super) const ALL: &[Calculator] = &[
    Calculator {
        name: "ascvd-pce",
        inputs: &[
            AGE,
            SEX,
            Input::choice("coefficients", &["white", "black"]).optional(),
            TOTAL,
            HDL,
            SYSTOLIC,
            TREATED,
            SMOKER,
            DIABETES,
            KNOWN,
        ],
        formula: "ACC/AHA Pooled Cohort Equations",
        unit: Some("%"),
        year: 2013,
        source: "Goff et al., Circulation 2014;129 Suppl 2:S49",
        validity: "40 to 79 years, total cholesterol 130 to 320, HDL 20 to 100 mg/dL, systolic 90 to 200, without known cardiovascular disease; derived in the United States, misestimates in South Asians",
        digits: 1,
        run: pooled_cohorts,
    },
    Calculator {
        name: "framingham-cvd",
        inputs: &[AGE, SEX, TOTAL, HDL, SYSTOLIC, TREATED, SMOKER, DIABETES, KNOWN],
        formula: "Framingham general cardiovascular disease, with lipids",
        unit: Some("%"),
        year: 2008,
        source: "D'Agostino et al., Circulation 2008;117:743",
        validity: "30 to 74 years, without known cardiovascular disease; not calibrated for South Asia",
        digits: 1,
        run: |given| framingham(given, Framingham::Lipids),
    },
    Calculator {
        name: "framingham-cvd-office",
        inputs: &[AGE, SEX, Input::quantity("bmi", "kg/m2", 10.0, 100.0), SYSTOLIC, TREATED, SMOKER, DIABETES, KNOWN],
        formula: "Framingham general cardiovascular disease, office version with body mass index",
        unit: Some("%"),
        year: 2008,
        source: "D'Agostino et al., Circulation 2008;117:743",
        validity: "30 to 74 years, without known cardiovascular disease; not calibrated for South Asia",
        digits: 1,
        run: |given| framingham(given, Framingham::Office),
    },
];

fn within(given: &Given<'_>, youngest: f64, oldest: f64) -> Result<f64, &'static str> {
    if given.flag("known_cardiovascular_disease") {
        return Err("known-cardiovascular-disease");
    }
    let age = given.number("age");
    if age < youngest {
        return Err("age-below-validity");
    }
    // Somebody is 79 until the day they are 80.
    if age >= oldest + 1.0 { Err("age-above-validity") } else { Ok(age) }
}

fn one(flag: bool) -> f64 {
    f64::from(u8::from(flag))
}

fn pooled_cohorts(given: &Given<'_>) -> Outcome {
    let age = within(given, 40.0, 79.0)?.ln();
    // The limits of the calculator that the guideline's authors published.
    for (name, low, high, reason) in [
        ("total_cholesterol", 130.0, 320.0, "cholesterol-outside-validity"),
        ("hdl", 20.0, 100.0, "hdl-outside-validity"),
        ("systolic", 90.0, 200.0, "systolic-outside-validity"),
    ] {
        let value = given.number(name);
        if value < low - 1e-9 * low || value > high + 1e-9 * high {
            return Err(reason);
        }
    }
    let (total, hdl, systolic) =
        (given.number("total_cholesterol").ln(), given.number("hdl").ln(), given.number("systolic").ln());
    let treated = given.flag("treated_blood_pressure");
    let (smoker, diabetes) = (one(given.flag("smoker")), one(given.flag("diabetes")));
    let pick = |with: f64, without: f64| if treated { with } else { without };
    let black = given.word("coefficients") == "black";
    let (sum, mean, survival) = match (given.female(), black) {
        (true, false) => (
            -29.799 * age + 4.884 * age * age + 13.540 * total - 3.114 * age * total - 13.578 * hdl
                + 3.149 * age * hdl
                + pick(2.019, 1.957) * systolic
                + smoker * (7.574 - 1.665 * age)
                + 0.661 * diabetes,
            -29.18,
            0.9665_f64,
        ),
        (true, true) => (
            17.114 * age + 0.940 * total - 18.920 * hdl
                + 4.475 * age * hdl
                + pick(29.291 - 6.432 * age, 27.820 - 6.087 * age) * systolic
                + 0.691 * smoker
                + 0.874 * diabetes,
            86.61,
            0.9533,
        ),
        (false, false) => (
            12.344 * age + 11.853 * total - 2.664 * age * total - 7.990 * hdl
                + 1.769 * age * hdl
                + pick(1.797, 1.764) * systolic
                + smoker * (7.837 - 1.795 * age)
                + 0.658 * diabetes,
            61.18,
            0.9144,
        ),
        (false, true) => (
            2.469 * age + 0.302 * total - 0.307 * hdl
                + pick(1.916, 1.809) * systolic
                + 0.549 * smoker
                + 0.645 * diabetes,
            19.54,
            0.8954,
        ),
    };
    let risk = 100.0 * (1.0 - survival.powf((sum - mean).exp()));
    let category = first_below(risk, &[(5.0, "low"), (7.5, "borderline"), (20.0, "intermediate")], "high");
    Ok(Answer::number(risk).with_category(category).note_if(true, "not-calibrated-for-south-asia"))
}

enum Framingham {
    Lipids,
    Office,
}

fn framingham(given: &Given<'_>, version: Framingham) -> Outcome {
    let age = within(given, 30.0, 74.0)?.ln();
    let systolic = given.number("systolic").ln();
    let treated = given.flag("treated_blood_pressure");
    let (smoker, diabetes) = (one(given.flag("smoker")), one(given.flag("diabetes")));
    let pick = |with: f64, without: f64| if treated { with } else { without };
    let (sum, mean, survival) = match (version, given.female()) {
        (Framingham::Lipids, female) => {
            let (total, hdl) = (given.number("total_cholesterol").ln(), given.number("hdl").ln());
            if female {
                let sum = 2.32888 * age + 1.20904 * total - 0.70833 * hdl
                    + pick(2.82263, 2.76157) * systolic
                    + 0.52873 * smoker
                    + 0.69154 * diabetes;
                (sum, 26.1931, 0.95012_f64)
            } else {
                let sum = 3.06117 * age + 1.12370 * total - 0.93263 * hdl
                    + pick(1.99881, 1.93303) * systolic
                    + 0.65451 * smoker
                    + 0.57367 * diabetes;
                (sum, 23.9802, 0.88936)
            }
        }
        (Framingham::Office, true) => {
            let sum = 2.72107 * age
                + 0.51125 * given.number("bmi").ln()
                + pick(2.88267, 2.81291) * systolic
                + 0.61868 * smoker
                + 0.77763 * diabetes;
            (sum, 26.0145, 0.94833)
        }
        (Framingham::Office, false) => {
            let sum = 3.11296 * age
                + 0.79277 * given.number("bmi").ln()
                + pick(1.92672, 1.85508) * systolic
                + 0.70953 * smoker
                + 0.53160 * diabetes;
            (sum, 23.9388, 0.88431)
        }
    };
    let risk = 100.0 * (1.0 - survival.powf((sum - mean).exp()));
    let category = first_below(risk, &[(10.0, "low"), (20.0, "intermediate")], "high");
    Ok(Answer::number(risk)
        .with_category(category)
        .note_if(true, "not-calibrated-for-south-asia")
        .note_if(risk > 30.0, "show-as-above-30"))
}
