//! AHA PREVENT, base model, ten years: cardiovascular disease, atherosclerotic disease, heart failure; without race.
//!
//! Coefficients: supplement of Khan et al., Circulation 2024;149:430, as implemented by the Stata module `prevent`
//! (A. Linden, SSC archive, 2024).

use super::given::Given;
use super::input::Input;
use super::{Answer, Calculator, Outcome};

pub(super) const ALL: &[Calculator] = &[Calculator {
    name: "prevent",
    inputs: &[
        Input::quantity("age", "a", 0.0, 125.0),
        Input::choice("sex", &["female", "male"]),
        Input::lab("total_cholesterol", "mg/dL", 50.0, 1500.0, "cholesterol-total"),
        Input::lab("hdl", "mg/dL", 5.0, 200.0, "hdl"),
        Input::quantity("systolic", "mm[Hg]", 40.0, 300.0),
        Input::quantity("bmi", "kg/m2", 10.0, 100.0),
        Input::quantity("egfr", "mL/min/{1.73_m2}", 1.0, 250.0),
        Input::flag("treated_blood_pressure"),
        Input::flag("statin"),
        Input::flag("smoker"),
        Input::flag("diabetes"),
        Input::flag("known_cardiovascular_disease"),
    ],
    formula: "AHA PREVENT base model, 10 years; the value is total cardiovascular disease",
    unit: Some("%"),
    year: 2024,
    source: "Khan et al., Circulation 2024;149:430",
    validity: "30 to 79 years, without known cardiovascular disease; total cholesterol 130 to 320, HDL 20 to 100 mg/dL, systolic 90 to 200 mm[Hg], BMI 18.5 to below 40, eGFR 15 to 150; not calibrated for South Asia",
    digits: 1,
    run: prevent,
}];

/// One row for each term, one column for each model: CVD, ASCVD, HF of women, then of men.
#[rustfmt::skip]
const TERMS: [[f64; 6]; 23] = [
    // CVD F       CVD M       ASCVD F     ASCVD M     HF F        HF M
    [0.793_932_9,  0.768_852_8,  0.719_883,    0.709_984_7,  0.899_823_5,  0.897_264_2],  // age
    [0.030_523_9,  0.073_617_4,  0.117_696_7,  0.165_866_3,  0.0,          0.0],          // non-HDL
    [-0.160_685_7, -0.095_443_1, -0.151_185,   -0.114_428_5, 0.0,          0.0],          // HDL
    [-0.239_400_3, -0.434_734_5, -0.083_535_8, -0.283_721_2, -0.455_977_1, -0.681_146_6], // systolic below 110
    [0.360_078_1,  0.336_265_8,  0.359_285_2,  0.323_997_7,  0.357_650_5,  0.363_446_1],  // systolic above 110
    [0.866_760_4,  0.769_285_7,  0.834_858_5,  0.718_959_7,  1.038_346,    0.923_776],    // diabetes
    [0.536_073_9,  0.438_687_1,  0.483_107_8,  0.395_697_3,  0.583_916,    0.502_373_6],  // smoker
    [0.0,          0.0,          0.0,          0.0,          -0.007_229_4, -0.048_584_1], // BMI below 30
    [0.0,          0.0,          0.0,          0.0,          0.299_770_6,  0.372_692_9],  // BMI above 30
    [0.604_591_7,  0.537_897_9,  0.486_461_9,  0.369_007_5,  0.745_163_8,  0.692_691_7],  // eGFR below 60
    [0.043_376_9,  0.016_482_7,  0.039_777_9,  0.020_361_9,  0.055_708_7,  0.025_182_7],  // eGFR above 60
    [0.315_167_2,  0.288_879,    0.226_530_9,  0.203_652_2,  0.353_444_2,  0.298_092_2],  // treated
    [-0.147_765_5, -0.133_734_9, -0.059_237_4, -0.086_558_1, 0.0,          0.0],          // statin
    [-0.066_361_2, -0.047_592_4, -0.039_576_2, -0.032_291_6, -0.098_151_1, -0.049_773_1], // treated x systolic
    [0.119_787_9,  0.150_273,    0.084_442_3,  0.114_563,    0.0,          0.0],          // statin x non-HDL
    [-0.081_971_5, -0.051_787_4, -0.056_783_9, -0.030_000_5, 0.0,          0.0],          // age x non-HDL
    [0.030_676_9,  0.019_116_9,  0.032_569_2,  0.023_274_7,  0.0,          0.0],          // age x HDL
    [-0.094_634_8, -0.104_947_7, -0.103_598_5, -0.092_702_4, -0.094_666_3, -0.128_920_1], // age x systolic
    [-0.270_57,    -0.225_194_8, -0.241_754_2, -0.201_852_5, -0.358_104_1, -0.304_092_4], // age x diabetes
    [-0.078_715,   -0.089_506_7, -0.079_114_2, -0.097_052_7, -0.115_945_3, -0.140_168_8], // age x smoker
    [0.0,          0.0,          0.0,          0.0,          -0.003_878,   0.006_812_6],  // age x BMI above 30
    [-0.163_780_6, -0.154_370_2, -0.167_149_2, -0.121_708_1, -0.188_428_9, -0.179_777_8], // age x eGFR below 60
    [-3.307_728,   -3.031_168,   -3.819_975,   -3.500_655,   -4.310_409,   -3.946_391],   // constant
];

fn prevent(given: &Given<'_>) -> Outcome {
    if given.flag("known_cardiovascular_disease") {
        return Err("known-cardiovascular-disease");
    }
    let (years, total, high) = (given.number("age"), given.number("total_cholesterol"), given.number("hdl"));
    let (systolic, mass, filtration) = (given.number("systolic"), given.number("bmi"), given.number("egfr"));
    let outside = [
        (!(30.0..80.0).contains(&years), "age-outside-validity"),
        (!(130.0..=320.0).contains(&total), "cholesterol-outside-validity"),
        (!(20.0..=100.0).contains(&high), "hdl-outside-validity"),
        (!(90.0..=200.0).contains(&systolic), "systolic-outside-validity"),
        (!(18.5..40.0).contains(&mass), "bmi-outside-validity"),
        (!(15.0..=150.0).contains(&filtration), "egfr-outside-validity"),
    ];
    if let Some((_, reason)) = outside.iter().find(|(outside, _)| *outside) {
        return Err(reason);
    }
    let flag = |name| f64::from(u8::from(given.flag(name)));
    let (diabetes, smoker) = (flag("diabetes"), flag("smoker"));
    let (treated, statin) = (flag("treated_blood_pressure"), flag("statin"));
    let age = (years - 55.0) / 10.0;
    let non_hdl = (total - high) * 0.02586 - 3.5;
    let hdl = (high * 0.02586 - 1.3) / 0.3;
    let low_systolic = (systolic.min(110.0) - 110.0) / 20.0;
    let high_systolic = (systolic.max(110.0) - 130.0) / 20.0;
    let low_filtration = (filtration.min(60.0) - 60.0) / -15.0;
    let high_filtration = (filtration.max(60.0) - 90.0) / -15.0;
    let low_mass = (mass.min(30.0) - 25.0) / 5.0;
    let high_mass = (mass.max(30.0) - 30.0) / 5.0;
    let terms = [
        age,
        non_hdl,
        hdl,
        low_systolic,
        high_systolic,
        diabetes,
        smoker,
        low_mass,
        high_mass,
        low_filtration,
        high_filtration,
        treated,
        statin,
        treated * high_systolic,
        statin * non_hdl,
        age * non_hdl,
        age * hdl,
        age * high_systolic,
        age * diabetes,
        age * smoker,
        age * high_mass,
        age * low_filtration,
        1.0,
    ];
    let risk = |model: usize| {
        let column = if given.female() { model } else { model + 1 };
        let sum: f64 = terms.iter().zip(&TERMS).map(|(term, row)| term * row[column]).sum();
        100.0 / (1.0 + (-sum).exp())
    };
    Ok(Answer::number(risk(0))
        .part("ascvd", risk(2), "%")
        .part("heart-failure", risk(4), "%")
        .note_if(true, "not-calibrated-for-south-asia"))
}
