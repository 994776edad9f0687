//! Kidneys: filtration, clearance, stages.

use super::super::{exceeds, reaches};
use super::given::Given;
use super::input::Input;
use super::{Answer, Calculator};

const SEX: Input = Input::choice("sex", &["female", "male"]);
const AGE: Input = Input::quantity("age", "a", 0.0, 125.0);
const CREATININE: Input = Input::lab("creatinine", "mg/dL", 0.1, 30.0, "creatinine");
const CYSTATIN: Input = Input::lab("cystatin_c", "mg/L", 0.2, 12.0, "cystatin-c");
const GFR: &str = "mL/min/{1.73_m2}";
const KDIGO: &str = "KDIGO 2024 clinical practice guideline for chronic kidney disease (Kidney Int 2024;105 Suppl 4S)";

pub(super) const ALL: &[Calculator] = &[
    Calculator {
        name: "ckd-epi-2021",
        inputs: &[CREATININE, AGE, SEX],
        formula: "CKD-EPI 2021 creatinine: 142 x min(Scr/k,1)^a x max(Scr/k,1)^-1.200 x 0.9938^age x 1.012 if female",
        unit: Some(GFR),
        year: 2021,
        source: "Inker et al., N Engl J Med 2021;385:1737",
        validity: "18 years and older; stable creatinine",
        digits: 0,
        run: |given| {
            adult(given)?;
            let (k, alpha, sex) = if given.female() { (0.7, -0.241, 1.012) } else { (0.9, -0.302, 1.0) };
            let ratio = given.number("creatinine") / k;
            Ok(filtration(142.0 * low_high(ratio, alpha, -1.200) * 0.9938_f64.powf(given.number("age")) * sex))
        },
    },
    Calculator {
        name: "ckd-epi-cystatin-2012",
        inputs: &[CYSTATIN, AGE, SEX],
        formula: "CKD-EPI 2012 cystatin C: 133 x min(Scys/0.8,1)^-0.499 x max(Scys/0.8,1)^-1.328 x 0.996^age x 0.932 if female",
        unit: Some(GFR),
        year: 2012,
        source: "Inker et al., N Engl J Med 2012;367:20",
        validity: "18 years and older",
        digits: 0,
        run: |given| {
            adult(given)?;
            let ratio = given.number("cystatin_c") / 0.8;
            let sex = if given.female() { 0.932 } else { 1.0 };
            Ok(filtration(133.0 * low_high(ratio, -0.499, -1.328) * 0.996_f64.powf(given.number("age")) * sex))
        },
    },
    Calculator {
        name: "ckd-epi-2021-creatinine-cystatin",
        inputs: &[CREATININE, CYSTATIN, AGE, SEX],
        formula: "CKD-EPI 2021 creatinine and cystatin C",
        unit: Some(GFR),
        year: 2021,
        source: "Inker et al., N Engl J Med 2021;385:1737",
        validity: "18 years and older; stable creatinine",
        digits: 0,
        run: |given| {
            adult(given)?;
            let (k, alpha, sex) = if given.female() { (0.7, -0.219, 0.963) } else { (0.9, -0.144, 1.0) };
            let creatinine = low_high(given.number("creatinine") / k, alpha, -0.544);
            let cystatin = low_high(given.number("cystatin_c") / 0.8, -0.323, -0.778);
            Ok(filtration(135.0 * creatinine * cystatin * 0.9961_f64.powf(given.number("age")) * sex))
        },
    },
    Calculator {
        name: "schwartz-bedside",
        inputs: &[CREATININE, Input::quantity("height", "cm", 40.0, 220.0), AGE],
        formula: "bedside Schwartz: 0.413 x height [cm] / creatinine [mg/dL]",
        unit: Some(GFR),
        year: 2009,
        source: "Schwartz et al., J Am Soc Nephrol 2009;20:629",
        validity: "1 to 17 years; categories from 2 years on",
        digits: 0,
        run: |given| {
            let age = given.number("age");
            if age < 1.0 {
                return Err("age-below-1");
            }
            if age >= 18.0 {
                return Err("age-above-17");
            }
            let value = 0.413 * given.number("height") / given.number("creatinine");
            // KDIGO 2012, chapter 1: the kidneys of a child below two years are still growing, and no category is for them.
            Ok(if age < 2.0 { Answer::number(value) } else { filtration(value) })
        },
    },
    Calculator {
        name: "cockcroft-gault",
        inputs: &[CREATININE, AGE, Input::quantity("weight", "kg", 20.0, 400.0), SEX],
        formula: "Cockcroft-Gault: (140 - age) x weight [kg] / (72 x creatinine [mg/dL]) x 0.85 if female",
        unit: Some("mL/min"),
        year: 1976,
        source: "Cockcroft and Gault, Nephron 1976;16:31",
        validity: "18 to 139 years; for dosing medicines only",
        digits: 0,
        run: |given| {
            adult(given)?;
            let sex = if given.female() { 0.85 } else { 1.0 };
            let value =
                (140.0 - given.number("age")) * given.number("weight") / (72.0 * given.number("creatinine")) * sex;
            Ok(Answer::number(value).note_if(true, "for-dosing-only"))
        },
    },
    Calculator {
        name: "kdigo-gfr-category",
        inputs: &[
            Input::quantity("egfr", GFR, 0.5, 300.0),
            Input::quantity("earlier_egfr", GFR, 0.5, 300.0).optional(),
            Input::quantity("days_apart", "d", 0.0, 36_500.0).optional(),
        ],
        formula: "KDIGO: G1 from 90, G2 60 to 89, G3a 45 to 59, G3b 30 to 44, G4 15 to 29, G5 below 15",
        unit: Some(GFR),
        year: 2024,
        source: KDIGO,
        validity: "one value gives a range; chronic kidney disease needs at least 90 days of abnormality",
        digits: 0,
        run: |given| Ok(kdigo(given)),
    },
    Calculator {
        name: "kdigo-albuminuria-category",
        inputs: &[Input::lab("acr", "mg/g", 0.1, 20_000.0, "urine-acr")],
        formula: "KDIGO: A1 below 30, A2 30 to 300, A3 above 300 mg/g (3 and 30 mg/mmol)",
        unit: Some("mg/g"),
        year: 2024,
        source: KDIGO,
        validity: "one value gives a range; chronic kidney disease needs at least 90 days of abnormality",
        digits: 0,
        run: |given| {
            let molar = given.written_in("acr", "mg/mmol");
            let (value, low, high) =
                molar.map_or_else(|| (given.number("acr"), 30.0, 300.0), |value| (value, 3.0, 30.0));
            let category = if exceeds(value, high) {
                "a3-range"
            } else if reaches(value, low) {
                "a2-range"
            } else {
                "a1-range"
            };
            Ok(Answer::number(given.number("acr")).with_category(category))
        },
    },
];

fn adult(given: &Given<'_>) -> Result<(), &'static str> {
    if given.number("age") < 18.0 { Err("age-below-18") } else { Ok(()) }
}

fn low_high(ratio: f64, below: f64, above: f64) -> f64 {
    ratio.min(1.0).powf(below) * ratio.max(1.0).powf(above)
}

fn filtration(value: f64) -> Answer {
    Answer::number(value).with_category(RANGES[stage(value)])
}

const RANGES: [&str; 6] = ["g5-range", "g4-range", "g3b-range", "g3a-range", "g2-range", "g1-range"];
const CONSISTENT: [&str; 4] =
    ["consistent-with-ckd-g5", "consistent-with-ckd-g4", "consistent-with-ckd-g3b", "consistent-with-ckd-g3a"];

/// From G5 upwards.
fn stage(value: f64) -> usize {
    [15.0, 30.0, 45.0, 60.0, 90.0].iter().filter(|bound| reaches(value, **bound)).count()
}

fn kdigo(given: &Given<'_>) -> Answer {
    let value = given.number("egfr");
    let answer = Answer::number(value);
    let earlier = given.maybe("earlier_egfr").zip(given.maybe("days_apart"));
    // A stage has lasted where the earlier value was in it or in a worse one: from 55 to 20 is no lasting G4.
    let lasting = earlier
        .is_some_and(|(earlier, days)| days >= 90.0 && !reaches(earlier, 60.0) && stage(earlier) <= stage(value));
    let category = match CONSISTENT.get(stage(value)).filter(|_| lasting) {
        Some(category) => category,
        None => RANGES[stage(value)],
    };
    answer.with_category(category).note_if(!lasting && value < 60.0, "needs-90-days")
}
