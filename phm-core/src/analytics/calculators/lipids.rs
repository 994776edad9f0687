//! Lipids: what is calculated where it was not measured.

use super::input::Input;
use super::{Answer, Calculator};

const TOTAL: Input = Input::lab("total_cholesterol", "mg/dL", 50.0, 1500.0, "cholesterol-total");
const HDL: Input = Input::lab("hdl", "mg/dL", 5.0, 200.0, "hdl");
const TRIGLYCERIDES: Input = Input::lab("triglycerides", "mg/dL", 15.0, 10_000.0, "triglycerides");
const MEASURED: Input = Input::flag("ldl_was_measured");

pub(super) const ALL: &[Calculator] = &[
    Calculator {
        name: "non-hdl",
        inputs: &[TOTAL, HDL],
        formula: "total cholesterol - HDL",
        unit: Some("mg/dL"),
        year: 2001,
        source: "NCEP Adult Treatment Panel III, JAMA 2001;285:2486",
        validity: "HDL below total cholesterol",
        digits: 0,
        run: |given| {
            let value = given.number("total_cholesterol") - given.number("hdl");
            if value < 0.0 { Err("hdl-above-total") } else { Ok(Answer::number(value)) }
        },
    },
    Calculator {
        name: "ldl-friedewald",
        inputs: &[TOTAL, HDL, TRIGLYCERIDES, MEASURED],
        formula: "Friedewald: total cholesterol - HDL - triglycerides / 5",
        unit: Some("mg/dL"),
        year: 1972,
        source: "Friedewald et al., Clin Chem 1972;18:499",
        validity: "fasting, triglycerides below 400 mg/dL; a measured LDL is never replaced",
        digits: 0,
        run: |given| {
            let (total, hdl, triglycerides) =
                (given.number("total_cholesterol"), given.number("hdl"), given.number("triglycerides"));
            if given.flag("ldl_was_measured") {
                return Err("ldl-was-measured");
            }
            if triglycerides >= 400.0 {
                return Err("triglycerides-too-high");
            }
            let value = total - hdl - triglycerides / 5.0;
            if value < 0.0 { Err("inputs-contradict") } else { Ok(Answer::number(value)) }
        },
    },
    Calculator {
        name: "ldl-sampson",
        inputs: &[TOTAL, HDL, TRIGLYCERIDES, MEASURED],
        formula: "Sampson-NIH: TC/0.948 - HDL/0.971 - (TG/8.56 + TG x nonHDL/2140 - TG^2/16100) - 9.44",
        unit: Some("mg/dL"),
        year: 2020,
        source: "Sampson et al., JAMA Cardiol 2020;5:540",
        validity: "triglycerides up to 800 mg/dL; a measured LDL is never replaced",
        digits: 0,
        run: |given| {
            let (total, hdl, triglycerides) =
                (given.number("total_cholesterol"), given.number("hdl"), given.number("triglycerides"));
            if given.flag("ldl_was_measured") {
                return Err("ldl-was-measured");
            }
            if triglycerides > 800.0 {
                return Err("triglycerides-too-high");
            }
            let remnants = triglycerides / 8.56 + triglycerides * (total - hdl) / 2140.0
                - triglycerides * triglycerides / 16_100.0;
            let value = total / 0.948 - hdl / 0.971 - remnants - 9.44;
            if value < 0.0 { Err("inputs-contradict") } else { Ok(Answer::number(value)) }
        },
    },
];
