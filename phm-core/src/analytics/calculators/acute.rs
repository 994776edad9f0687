//! Scores for the acutely ill: NEWS2, qSOFA, corrected QT.

use super::given::Given;
use super::input::Input;
use super::{Answer, Calculator, Outcome};

const RESPIRATION: Input = Input::quantity("respiratory_rate", "/min", 0.0, 90.0);
const SYSTOLIC: Input = Input::quantity("systolic", "mm[Hg]", 30.0, 320.0);
const PULSE: Input = Input::quantity("pulse", "/min", 15.0, 350.0);
const QT: Input = Input::quantity("qt", "ms", 150.0, 800.0);

pub(super) const ALL: &[Calculator] = &[
    Calculator {
        name: "news2",
        inputs: &[
            RESPIRATION,
            Input::quantity("oxygen_saturation", "%", 40.0, 100.0),
            Input::choice("saturation_scale", &["1", "2"]).optional(),
            Input::flag("on_oxygen"),
            SYSTOLIC,
            PULSE,
            Input::choice("consciousness", &["alert", "new-confusion", "voice", "pain", "unresponsive"]),
            Input::quantity("temperature", "Cel", 25.0, 45.0),
            Input::quantity("age", "a", 0.0, 125.0).optional(),
            Input::flag("pregnant"),
        ],
        formula: "National Early Warning Score 2: seven signs of 0 to 3 points; 5 or 6 urgent, from 7 emergency, any single 3 urgent review",
        unit: Some("{score}"),
        year: 2017,
        source: "Royal College of Physicians, National Early Warning Score (NEWS) 2, London 2017",
        validity: "16 years and older, not pregnant",
        digits: 0,
        run: news2,
    },
    Calculator {
        name: "qsofa",
        inputs: &[RESPIRATION, SYSTOLIC, Input::flag("altered_mentation")],
        formula: "one point each: respiratory rate from 22, systolic to 100, altered mentation; positive from 2",
        unit: Some("{score}"),
        year: 2016,
        source: "Singer et al., JAMA 2016;315:801",
        validity: "adults with suspected infection",
        digits: 0,
        run: |given| {
            let points = [
                given.number("respiratory_rate") >= 22.0,
                given.number("systolic") <= 100.0,
                given.flag("altered_mentation"),
            ];
            let score: f64 = points.iter().map(|point| f64::from(u8::from(*point))).sum();
            Ok(Answer::number(score).with_category(if score >= 2.0 { "positive" } else { "negative" }))
        },
    },
    Calculator {
        name: "qtc-bazett",
        inputs: &[QT, PULSE],
        formula: "QT [ms] / square root of RR [s]",
        unit: Some("ms"),
        year: 1997,
        source: "Bazett, Heart 1920;7:353, reprinted in Ann Noninvasive Electrocardiol 1997;2:177",
        validity: "regular rhythm; overcorrects far from a rate of 60",
        digits: 0,
        run: |given| Ok(Answer::number(given.number("qt") / (60.0 / given.number("pulse")).sqrt())),
    },
    Calculator {
        name: "qtc-fridericia",
        inputs: &[QT, PULSE],
        formula: "QT [ms] / cube root of RR [s]",
        unit: Some("ms"),
        year: 2003,
        source: "Fridericia, Acta Med Scand 1920;53:469, reprinted in Ann Noninvasive Electrocardiol 2003;8:343",
        validity: "regular rhythm",
        digits: 0,
        run: |given| Ok(Answer::number(given.number("qt") / (60.0 / given.number("pulse")).cbrt())),
    },
];

/// Points by rising steps: the points of the first step that the value does not exceed.
fn up_to(value: f64, steps: &[(f64, u8)], beyond: u8) -> u8 {
    steps.iter().find(|(bound, _)| value <= *bound).map_or(beyond, |(_, points)| *points)
}

fn news2(given: &Given<'_>) -> Outcome {
    if given.maybe("age").is_some_and(|age| age < 16.0) {
        return Err("age-below-16");
    }
    if given.flag("pregnant") {
        return Err("pregnant");
    }
    let oxygen = given.flag("on_oxygen");
    // Rates, pressures and saturations are charted as whole numbers, temperatures with one digit.
    let whole = |name| given.number(name).round();
    let saturation = whole("oxygen_saturation");
    let saturation = match (given.word("saturation_scale"), oxygen) {
        ("2", false) => up_to(saturation, &[(83.0, 3), (85.0, 2), (87.0, 1)], 0),
        ("2", true) => up_to(saturation, &[(83.0, 3), (85.0, 2), (87.0, 1), (92.0, 0), (94.0, 1), (96.0, 2)], 3),
        _ => up_to(saturation, &[(91.0, 3), (93.0, 2), (95.0, 1)], 0),
    };
    let temperature = (given.number("temperature") * 10.0).round() / 10.0;
    let points = [
        up_to(whole("respiratory_rate"), &[(8.0, 3), (11.0, 1), (20.0, 0), (24.0, 2)], 3),
        saturation,
        if oxygen { 2 } else { 0 },
        up_to(whole("systolic"), &[(90.0, 3), (100.0, 2), (110.0, 1), (219.0, 0)], 3),
        up_to(whole("pulse"), &[(40.0, 3), (50.0, 1), (90.0, 0), (110.0, 1), (130.0, 2)], 3),
        if given.word("consciousness") == "alert" { 0 } else { 3 },
        up_to(temperature, &[(35.0, 3), (36.0, 1), (38.0, 0), (39.0, 1)], 2),
    ];
    let score: u8 = points.iter().sum();
    let single = points.contains(&3);
    let category = match score {
        7.. => "emergency",
        5 | 6 => "urgent",
        _ if single => "urgent-review",
        _ => "low",
    };
    Ok(Answer::number(f64::from(score)).with_category(category).note_if(single, "one-sign-alone-is-critical"))
}
