//! Body size: mass index, surface, waist, growth of children.

use super::super::reaches;
use super::super::vitals::growth::{self, Measure};
use super::super::vitals::{BmiScheme, bmi, bmi_category};
use super::given::Given;
use super::input::Input;
use super::{Answer, Calculator, Outcome};

const SEX: Input = Input::choice("sex", &["female", "male"]);
const AGE: Input = Input::quantity("age", "a", 0.0, 125.0);
const WEIGHT: Input = Input::quantity("weight", "kg", 0.3, 400.0);
const HEIGHT: Input = Input::quantity("height", "cm", 20.0, 260.0);
const WHO_GROWTH: &str = "WHO Child Growth Standards (2006), WHO Multicentre Growth Reference Study Group";

pub(super) const ALL: &[Calculator] = &[
    Calculator {
        name: "bmi",
        inputs: &[WEIGHT, HEIGHT, AGE.optional(), Input::choice("scheme", &["who", "asian", "india"]).optional()],
        formula: "weight [kg] / height [m]^2",
        unit: Some("kg/m2"),
        year: 2004,
        source: "WHO classification; Asian action points: WHO expert consultation, Lancet 2004;363:157; Indian consensus: Misra et al., J Assoc Physicians India 2009;57:163",
        validity: "18 years and older; children by percentile only",
        digits: 1,
        run: |given| {
            if given.maybe("age").is_some_and(|age| age < 18.0) {
                return Err("child-percentile-only");
            }
            let value = bmi(given.number("weight"), given.number("height"));
            let scheme = match given.word("scheme") {
                "asian" => BmiScheme::Asian,
                "india" => BmiScheme::India,
                _ => BmiScheme::Who,
            };
            Ok(Answer::number(value).with_category(bmi_category(scheme, value)))
        },
    },
    Calculator {
        name: "waist-risk",
        inputs: &[Input::quantity("waist", "cm", 30.0, 250.0), SEX, AGE],
        formula: "raised from 90 cm in South Asian men, from 80 cm in South Asian women",
        unit: Some("cm"),
        year: 2006,
        source: "International Diabetes Federation, consensus definition of the metabolic syndrome (2006)",
        validity: "South Asian adults, 18 and older",
        digits: 0,
        run: |given| {
            if given.number("age") < 18.0 {
                return Err("age-below-18");
            }
            let waist = given.number("waist");
            let raised = reaches(waist, if given.female() { 80.0 } else { 90.0 });
            Ok(Answer::number(waist).with_category(if raised { "raised" } else { "not-raised" }))
        },
    },
    Calculator {
        name: "bsa-mosteller",
        inputs: &[WEIGHT, HEIGHT],
        formula: "square root of height [cm] x weight [kg] / 3600",
        unit: Some("m2"),
        year: 1987,
        source: "Mosteller, N Engl J Med 1987;317:1098",
        validity: "children and adults",
        digits: 2,
        run: |given| Ok(Answer::number((given.number("height") * given.number("weight") / 3600.0).sqrt())),
    },
    Calculator {
        name: "bsa-dubois",
        inputs: &[Input::quantity("weight", "kg", 2.0, 400.0), HEIGHT],
        formula: "0.007184 x weight [kg]^0.425 x height [cm]^0.725",
        unit: Some("m2"),
        // Republished in Nutrition 1989;5:303.
        year: 1989,
        source: "DuBois and DuBois, Arch Intern Med 1916;17:863, reprinted in Nutrition 1989;5:303",
        validity: "adults",
        digits: 2,
        run: |given| {
            Ok(Answer::number(0.007_184 * given.number("weight").powf(0.425) * given.number("height").powf(0.725)))
        },
    },
    Calculator {
        name: "who-weight-for-age",
        inputs: &[SEX, Input::quantity("age", "d", 0.0, 45_000.0), WEIGHT],
        formula: "WHO LMS z-score, extended beyond 3 standard deviations",
        unit: Some("{z_score}"),
        year: 2006,
        source: WHO_GROWTH,
        validity: "0 to 60 months",
        digits: 2,
        run: |given| z_score(given, Measure::Weight, given.number("weight")),
    },
    Calculator {
        name: "who-length-for-age",
        inputs: &[SEX, Input::quantity("age", "d", 0.0, 45_000.0), HEIGHT],
        formula: "WHO LMS z-score of length (lying, below 2 years) or height (standing)",
        unit: Some("{z_score}"),
        year: 2006,
        source: WHO_GROWTH,
        validity: "0 to 60 months",
        digits: 2,
        run: |given| z_score(given, Measure::Length, given.number("height")),
    },
    Calculator {
        name: "who-bmi-for-age",
        inputs: &[SEX, Input::quantity("age", "d", 0.0, 45_000.0), WEIGHT, HEIGHT],
        formula: "WHO LMS z-score of weight / length^2, extended beyond 3 standard deviations",
        unit: Some("{z_score}"),
        year: 2006,
        source: WHO_GROWTH,
        validity: "0 to 60 months",
        digits: 2,
        run: |given| z_score(given, Measure::Bmi, bmi(given.number("weight"), given.number("height"))),
    },
];

fn z_score(given: &Given<'_>, measure: Measure, value: f64) -> Outcome {
    let z = growth::z_score(measure, given.female(), given.number("age"), value)?;
    Ok(Answer::number(z).with_category(growth::category(measure, z)).part("percentile", growth::percentile(z), "%"))
}
