//! What follows from blood values: liver, salts, anaemia.

use super::given::Given;
use super::input::Input;
use super::{Answer, Calculator, Outcome, first_below};

const AGE: Input = Input::quantity("age", "a", 0.0, 125.0);
const SODIUM: Input = Input::lab("sodium", "mmol/L", 80.0, 220.0, "sodium");

pub(super) const ALL: &[Calculator] = &[
    Calculator {
        name: "fib-4",
        inputs: &[
            AGE,
            Input::lab("ast", "U/L", 1.0, 20_000.0, "ast"),
            Input::lab("alt", "U/L", 1.0, 20_000.0, "alt"),
            Input::lab("platelets", "10*9/L", 1.0, 3000.0, "platelets"),
        ],
        formula: "age x AST / (platelets [10^9/L] x square root of ALT)",
        unit: Some("1"),
        year: 2006,
        source: "Sterling et al., Hepatology 2006;43:1317; from 65 years low below 2.0: McPherson et al., Am J Gastroenterol 2017;112:740",
        validity: "18 years and older; not in acute liver disease",
        digits: 2,
        run: |given| {
            let age = given.number("age");
            if age < 18.0 {
                return Err("age-below-18");
            }
            let value = age * given.number("ast") / (given.number("platelets") * given.number("alt").sqrt());
            let low = if age >= 65.0 { 2.0 } else { 1.3 };
            let category = if value < low {
                "low"
            } else if value > 2.67 {
                "high"
            } else {
                "indeterminate"
            };
            Ok(Answer::number(value).with_category(category))
        },
    },
    Calculator {
        name: "corrected-calcium",
        inputs: &[
            Input::lab("calcium", "mg/dL", 3.0, 20.0, "calcium"),
            Input::lab("albumin", "g/dL", 0.5, 8.0, "albumin"),
        ],
        formula: "calcium [mg/dL] + 0.8 x (4.0 - albumin [g/dL])",
        unit: Some("mg/dL"),
        year: 1973,
        source: "Payne et al., Br Med J 1973;4:643",
        validity: "adults; measured ionised calcium is better",
        digits: 1,
        run: |given| Ok(Answer::number(0.8_f64.mul_add(4.0 - given.number("albumin"), given.number("calcium")))),
    },
    Calculator {
        name: "anion-gap",
        inputs: &[
            SODIUM,
            Input::lab("chloride", "mmol/L", 50.0, 150.0, "chloride"),
            Input::lab("bicarbonate", "mmol/L", 2.0, 60.0, "bicarbonate"),
        ],
        formula: "sodium - chloride - bicarbonate",
        unit: Some("mmol/L"),
        year: 1977,
        source: "Emmett and Narins, Medicine 1977;56:38",
        validity: "without potassium",
        digits: 0,
        run: |given| {
            Ok(Answer::number(given.number("sodium") - given.number("chloride") - given.number("bicarbonate")))
        },
    },
    Calculator {
        name: "osmolality",
        inputs: &[
            SODIUM,
            Input::lab("glucose", "mg/dL", 15.0, 1500.0, "glucose"),
            Input::lab("bun", "mg/dL", 1.0, 250.0, "bun"),
        ],
        formula: "2 x sodium + glucose / 18 + urea nitrogen / 2.8",
        unit: Some("mosm/kg"),
        year: 1975,
        source: "Dorwart and Chalmers, Clin Chem 1975;21:190",
        validity: "adults",
        digits: 0,
        run: |given| {
            let value = 2.0 * given.number("sodium") + given.number("glucose") / 18.0 + given.number("bun") / 2.8;
            Ok(Answer::number(value))
        },
    },
    Calculator {
        name: "anaemia-who",
        inputs: &[
            Input::lab("haemoglobin", "g/L", 20.0, 260.0, "haemoglobin"),
            AGE,
            Input::choice("sex", &["female", "male"]),
            Input::choice("pregnancy_trimester", &["1", "2", "3"]).optional(),
        ],
        formula: "haemoglobin below 105 g/L (6 to 23 months), 110 (2 to 4 years), 115 (5 to 11), 120 (12 to 14), women 120, men 130; pregnancy 110, 105, 110 by trimester",
        unit: Some("g/L"),
        year: 2024,
        source: "WHO guideline on haemoglobin cutoffs to define anaemia in individuals and populations, Geneva 2024",
        validity: "6 months and older, sea level, not smoking",
        digits: 0,
        run: anaemia,
    },
];

fn anaemia(given: &Given<'_>) -> Outcome {
    let age = given.number("age");
    if age < 0.5 {
        return Err("age-below-6-months");
    }
    let limit = match given.word("pregnancy_trimester") {
        "" => {
            let adult = if given.female() { 120.0 } else { 130.0 };
            [(2.0, 105.0), (5.0, 110.0), (12.0, 115.0), (15.0, 120.0)]
                .iter()
                .find(|(below, _)| age < *below)
                .map_or(adult, |(_, limit)| *limit)
        }
        _ if !given.female() || age < 10.0 => return Err("inputs-contradict"),
        "2" => 105.0,
        _ => 110.0,
    };
    let value = given.number("haemoglobin");
    Ok(Answer::number(value)
        .with_category(first_below(value, &[(limit, "anaemia-range")], "no-anaemia"))
        .part("limit", limit, "g/L"))
}
