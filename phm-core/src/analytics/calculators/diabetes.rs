//! Sugar: averages, categories, risk.

use super::super::reaches;
use super::super::units::{ifcc, ngsp};
use super::given::Given;
use super::input::Input;
use super::{Answer, Calculator, Outcome, first_below};

const ADA: &str =
    "American Diabetes Association, Standards of Care in Diabetes 2025, section 2 (Diabetes Care 2025;48 Suppl 1)";

/// HbA1c in percent; higher or lower values are another unit or a slip of the pen.
const HBA1C: Input = Input::lab("hba1c", "%", 3.0, 20.0, "hba1c");
const ALTERED: Input = Input::flag("altered_red_cells");
const FASTING: Input = Input::lab("glucose", "mg/dL", 15.0, 1500.0, "glucose-fasting");
const GLUCOSE: Input = Input::lab("glucose", "mg/dL", 15.0, 1500.0, "glucose");
const SEX: Input = Input::choice("sex", &["female", "male"]);
const AGE: Input = Input::quantity("age", "a", 0.0, 125.0);

pub(super) const ALL: &[Calculator] = &[
    Calculator {
        name: "eag",
        inputs: &[HBA1C, ALTERED],
        formula: "ADAG: eAG [mg/dL] = 28.7 x HbA1c - 46.7; eAG [mmol/L] = 1.59 x HbA1c - 2.59",
        unit: Some("mg/dL"),
        year: 2008,
        source: "Nathan et al., Diabetes Care 2008;31:1473",
        validity: "adults; unreliable with altered red cells",
        digits: 0,
        run: |given| Ok(eag(given)),
    },
    Calculator {
        name: "hba1c-ifcc",
        inputs: &[HBA1C],
        formula: "master equation: NGSP [%] = 0.09148 x IFCC [mmol/mol] + 2.152",
        unit: Some("mmol/mol"),
        year: 2004,
        source: "IFCC/NGSP master equation (Hoelzel et al., Clin Chem 2004;50:166)",
        validity: "HbA1c of 3 to 20 %",
        digits: 0,
        run: |given| Ok(Answer::number(ifcc(given.number("hba1c")))),
    },
    Calculator {
        name: "hba1c-ngsp",
        inputs: &[Input {
            name: "hba1c",
            kind: super::Kind::Quantity { unit: "mmol/mol", plausible: (9.0, 196.0), test: Some("hba1c") },
            required: true,
        }],
        formula: "master equation: NGSP [%] = 0.09148 x IFCC [mmol/mol] + 2.152",
        unit: Some("%"),
        year: 2004,
        source: "IFCC/NGSP master equation (Hoelzel et al., Clin Chem 2004;50:166)",
        validity: "HbA1c of 9 to 196 mmol/mol",
        digits: 1,
        run: |given| Ok(Answer::number(ngsp(given.number("hba1c")))),
    },
    Calculator {
        name: "gmi",
        inputs: &[Input::lab("mean_glucose", "mg/dL", 40.0, 500.0, "glucose")],
        formula: "GMI [%] = 3.31 + 0.02392 x mean glucose [mg/dL]",
        unit: Some("%"),
        year: 2018,
        source: "Bergenstal et al., Diabetes Care 2018;41:2275",
        validity: "mean of continuous glucose monitoring; not a laboratory HbA1c",
        digits: 1,
        run: |given| {
            let value = 0.02392_f64.mul_add(given.number("mean_glucose"), 3.31);
            Ok(Answer::number(value).note_if(true, "not-a-laboratory-hba1c"))
        },
    },
    Calculator {
        name: "hba1c-category",
        inputs: &[HBA1C, ALTERED],
        formula: "HbA1c: below 5.7 % normal, 5.7 to 6.4 % prediabetes, from 6.5 % diabetes range",
        unit: Some("%"),
        year: 2025,
        source: ADA,
        validity: "not pregnant; a diagnosis needs two abnormal results; unreliable with altered red cells",
        digits: 1,
        run: |given| {
            let value = given.number("hba1c");
            let category = first_below(value, &[(5.7, "normal"), (6.5, "prediabetes")], "diabetes-range");
            Ok(caveats(given, Answer::number(value).with_category(category))
                .note_if(category == "diabetes-range", "needs-two-results"))
        },
    },
    Calculator {
        name: "fasting-glucose-category",
        inputs: &[FASTING, Input::choice("scheme", &["ada", "who"]).optional()],
        formula: "fasting plasma glucose: ADA 100 and 126 mg/dL (5.6 and 7.0 mmol/L), WHO 110 and 126 mg/dL (6.1 and 7.0 mmol/L)",
        unit: Some("mg/dL"),
        year: 2025,
        source: "ADA Standards of Care in Diabetes 2025, section 2; WHO/IDF, Definition and diagnosis of diabetes (2006)",
        validity: "not pregnant, fasting for 8 hours; a diagnosis needs two abnormal results",
        digits: 0,
        run: |given| {
            let (raised, word) = match given.word("scheme") {
                "who" => ((110.0, 6.1), "impaired-fasting-glucose"),
                _ => ((100.0, 5.6), "prediabetes"),
            };
            Ok(by_glucose(given, &[(raised, "normal"), ((126.0, 7.0), word)], "diabetes-range"))
        },
    },
    Calculator {
        name: "ogtt-category",
        inputs: &[GLUCOSE],
        formula: "2 hours after 75 g of glucose: below 140 normal, 140 to 199 prediabetes, from 200 mg/dL diabetes range (7.8 and 11.1 mmol/L)",
        unit: Some("mg/dL"),
        year: 2025,
        source: ADA,
        validity: "not pregnant; a diagnosis needs two abnormal results",
        digits: 0,
        run: |given| {
            Ok(by_glucose(given, &[((140.0, 7.8), "normal"), ((200.0, 11.1), "prediabetes")], "diabetes-range"))
        },
    },
    Calculator {
        name: "random-glucose-category",
        inputs: &[GLUCOSE, Input::flag("classic_symptoms")],
        formula: "random plasma glucose from 200 mg/dL (11.1 mmol/L) counts only with classic symptoms",
        unit: Some("mg/dL"),
        year: 2025,
        source: ADA,
        validity: "not pregnant",
        digits: 0,
        run: |given| {
            let answer = by_glucose(given, &[((200.0, 11.1), "below-diabetes-range")], "diabetes-range");
            let high = answer.category == Some("diabetes-range");
            if high && !given.flag("classic_symptoms") {
                return Ok(answer.with_category("not-conclusive"));
            }
            Ok(answer)
        },
    },
    Calculator {
        name: "hypoglycaemia-level",
        inputs: &[GLUCOSE, Input::flag("needs_help")],
        formula: "level 1 below 70, level 2 below 54 mg/dL (3.9 and 3.0 mmol/L), level 3 needs the help of another person",
        unit: Some("mg/dL"),
        year: 2025,
        source: "American Diabetes Association, Standards of Care in Diabetes 2025, section 6",
        validity: "people with diabetes",
        digits: 0,
        run: |given| {
            let answer = by_glucose(given, &[((54.0, 3.0), "level-2"), ((70.0, 3.9), "level-1")], "none");
            let answer = if given.flag("needs_help") { answer.with_category("level-3") } else { answer };
            let urgent = matches!(answer.category, Some("level-2" | "level-3"));
            Ok(answer.note_if(urgent, "urgent"))
        },
    },
    Calculator {
        name: "homa-ir",
        inputs: &[FASTING, Input::lab("insulin", "u[IU]/mL", 0.1, 500.0, "insulin"), Input::flag("on_insulin")],
        formula: "HOMA-IR = fasting glucose [mg/dL] x insulin [uIU/mL] / 405",
        unit: Some("1"),
        year: 1985,
        source: "Matthews et al., Diabetologia 1985;28:412",
        validity: "fasting; not for people on insulin",
        digits: 2,
        run: |given| {
            if given.flag("on_insulin") {
                return Err("on-insulin");
            }
            Ok(Answer::number(given.number("glucose") * given.number("insulin") / 405.0))
        },
    },
    Calculator {
        name: "idrs",
        inputs: &[
            AGE,
            SEX,
            Input::quantity("waist", "cm", 30.0, 250.0),
            Input::choice("activity", &["exercise-and-strenuous-work", "exercise-or-strenuous-work", "neither"]),
            Input::choice("parents_with_diabetes", &["none", "one", "both"]),
        ],
        formula: "Indian Diabetes Risk Score: age, waist, activity, family history",
        unit: Some("{score}"),
        year: 2005,
        source: "Mohan et al., J Assoc Physicians India 2005;53:759",
        validity: "Indian adults without known diabetes, 18 and older",
        digits: 0,
        run: idrs,
    },
];

fn caveats(given: &Given<'_>, answer: Answer) -> Answer {
    answer.note_if(given.flag("altered_red_cells"), "hba1c-unreliable")
}

fn eag(given: &Given<'_>) -> Answer {
    let hba1c = given.number("hba1c");
    let answer =
        Answer::number(28.7_f64.mul_add(hba1c, -46.7)).part("eag-mmol", 1.59_f64.mul_add(hba1c, -2.59), "mmol/L");
    caveats(given, answer)
}

/// Bounds stand in both units, because the guidelines round each for itself: a value is judged in the one it was written in.
fn by_glucose(given: &Given<'_>, steps: &[((f64, f64), &'static str)], last: &'static str) -> Answer {
    let molar = given.written_in("glucose", "mmol/L");
    let value = molar.unwrap_or_else(|| given.number("glucose"));
    let bound = |(weighed, counted): (f64, f64)| if molar.is_some() { counted } else { weighed };
    let category = steps.iter().find(|(bounds, _)| !reaches(value, bound(*bounds))).map_or(last, |(_, name)| *name);
    Answer::number(given.number("glucose")).with_category(category)
}

fn idrs(given: &Given<'_>) -> Outcome {
    let age = given.number("age");
    if age < 18.0 {
        return Err("age-below-18");
    }
    let (waist, bound) = (given.number("waist"), if given.female() { 80.0 } else { 90.0 });
    let age = if age < 35.0 {
        0.0
    } else if age < 50.0 {
        20.0
    } else {
        30.0
    };
    let waist = if reaches(waist, bound + 10.0) {
        20.0
    } else if reaches(waist, bound) {
        10.0
    } else {
        0.0
    };
    let activity = match given.word("activity") {
        "exercise-and-strenuous-work" => 0.0,
        "exercise-or-strenuous-work" => 20.0,
        _ => 30.0,
    };
    let family = match given.word("parents_with_diabetes") {
        "none" => 0.0,
        "one" => 10.0,
        _ => 20.0,
    };
    let score = age + waist + activity + family;
    Ok(Answer::number(score).with_category(first_below(score, &[(30.0, "low"), (60.0, "medium")], "high")))
}
