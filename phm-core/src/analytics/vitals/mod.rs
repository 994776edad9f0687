//! Vital signs: whether a number can be true, which category it is in, what several readings come to.

pub mod growth;

use super::calculators::{Pressure, Scheme};
use super::units::{Conversion, Substance};
use crate::model::{Comparator, Quantity, Unit, VitalSign};

/// A sign of which PHM knows what people have: LOINC codes, unit, lowest and highest value of a living person.
///
/// The bounds are wide on purpose: they find another unit or a slip of the pen, and call nobody ill. Records of survival:
/// temperature 13.7 to 46.5 °C, heights and weights of the tallest, smallest and heaviest people.
pub struct Sign {
    /// Its name inside PHM.
    pub name: &'static str,
    /// Its LOINC codes, the usual one first.
    pub loinc: &'static [&'static str],
    /// The unit of the bounds.
    pub unit: &'static str,
    low: f64,
    high: f64,
}

/// The signs.
pub const SIGNS: &[Sign] = &[
    Sign { name: "systolic", loinc: &["8480-6"], unit: "mm[Hg]", low: 40.0, high: 300.0 },
    Sign { name: "diastolic", loinc: &["8462-4"], unit: "mm[Hg]", low: 20.0, high: 200.0 },
    Sign { name: "heart-rate", loinc: &["8867-4"], unit: "/min", low: 20.0, high: 300.0 },
    Sign { name: "respiratory-rate", loinc: &["9279-1"], unit: "/min", low: 4.0, high: 90.0 },
    Sign { name: "temperature", loinc: &["8310-5"], unit: "Cel", low: 25.0, high: 45.0 },
    Sign { name: "oxygen-saturation", loinc: &["59408-5", "2708-6"], unit: "%", low: 40.0, high: 100.0 },
    Sign { name: "weight", loinc: &["29463-7", "3141-9"], unit: "kg", low: 0.3, high: 400.0 },
    Sign { name: "height", loinc: &["8302-2"], unit: "cm", low: 20.0, high: 260.0 },
    Sign { name: "bmi", loinc: &["39156-5"], unit: "kg/m2", low: 5.0, high: 120.0 },
    Sign { name: "waist", loinc: &["8280-0"], unit: "cm", low: 20.0, high: 300.0 },
    Sign { name: "head-circumference", loinc: &["9843-4"], unit: "cm", low: 15.0, high: 75.0 },
];

impl Sign {
    /// The sign with this LOINC code.
    pub fn by_loinc(code: &str) -> Option<&'static Self> {
        SIGNS.iter().find(|sign| sign.loinc.contains(&code))
    }

    /// The sign with this name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        SIGNS.iter().find(|sign| sign.name == name)
    }

    /// A value in the unit of the sign; an error code where the unit is of something else or nobody has such a value.
    pub fn read(&self, quantity: &Quantity) -> Result<f64, &'static str> {
        let from: Unit = quantity.unit().parse().map_err(|_| "unknown-unit")?;
        // The rate of a heart is written per minute and in beats per minute.
        let from = if from.as_str().starts_with('{') && from.as_str().ends_with("/min") { per_minute() } else { from };
        let own: Unit = self.unit.parse().expect("a test reads the units of all signs");
        let conversion = Conversion::between(&from, &own, &Substance::NONE).map_err(super::units::Refused::code)?;
        let value = conversion.apply(quantity.value().to_f64());
        let slack = 1e-9 * self.high;
        if value >= self.low - slack && value <= self.high + slack { Ok(value) } else { Err("implausible-value") }
    }
}

fn per_minute() -> Unit {
    "/min".parse().expect("a unit of UCUM")
}

/// The blood pressure in a record: its components by code. `Err` says why the two numbers are no pressure.
///
/// Of one that is above what a cuff can measure the number is the least that it was; one below a number is none.
pub fn pressure_of(sign: &VitalSign) -> Option<Result<Pressure, &'static str>> {
    let of = |name: &str| {
        let own = Sign::by_name(name)?;
        sign.components()
            .iter()
            .find(|component| own.loinc.iter().any(|code| component.concept().has(super::labs::LOINC, code)))
            .map(|component| match component.quantity().comparator() {
                Some(Comparator::Less | Comparator::AtMost) => Err("not-exact"),
                _ => own.read(component.quantity()),
            })
    };
    let (systolic, diastolic) = (of("systolic")?, of("diastolic")?);
    Some(systolic.and_then(|systolic| Pressure::new(systolic, diastolic?).ok_or("systolic-not-above-diastolic")))
}

/// The average of readings at home.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HomeAverage {
    /// The average upper number.
    pub systolic: f64,
    /// The average lower number.
    pub diastolic: f64,
    /// Of how many readings.
    pub readings: usize,
}

impl HomeAverage {
    /// Whether the average is raised by the home threshold of a scheme: 130/80 (ACC/AHA), 135/85 (ESC, ISH).
    pub fn is_raised(&self, scheme: Scheme) -> bool {
        let (systolic, diastolic) = scheme.home_threshold();
        self.systolic >= systolic || self.diastolic >= diastolic
    }
}

/// The average of at least two readings; of fewer there is none.
pub fn home_average(readings: &[Pressure]) -> Option<HomeAverage> {
    if readings.len() < 2 {
        return None;
    }
    let mean = |of: fn(Pressure) -> f64| {
        let mut values: Vec<f64> = readings.iter().copied().map(of).collect();
        // Added up from the smallest, the sum does not depend on the order of the readings.
        values.sort_by(f64::total_cmp);
        values.iter().sum::<f64>() / super::count(values.len())
    };
    Some(HomeAverage {
        systolic: mean(Pressure::systolic),
        diastolic: mean(Pressure::diastolic),
        readings: readings.len(),
    })
}

/// A scheme of body mass index for adults.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum BmiScheme {
    /// WHO.
    #[default]
    Who,
    /// The action points of WHO's expert consultation on Asian populations, Lancet 2004;363:157.
    Asian,
    /// The Indian consensus, Misra et al., J Assoc Physicians India 2009;57:163.
    India,
}

/// Body mass index in kg/m².
pub fn bmi(kilograms: f64, centimetres: f64) -> f64 {
    let metres = centimetres / 100.0;
    kilograms / (metres * metres)
}

/// The category of an adult's body mass index.
pub fn bmi_category(scheme: BmiScheme, value: f64) -> &'static str {
    let (steps, last): (&[(f64, &'static str)], _) = match scheme {
        BmiScheme::Who => (
            &[(18.5, "underweight"), (25.0, "normal"), (30.0, "overweight"), (35.0, "obesity-1"), (40.0, "obesity-2")],
            "obesity-3",
        ),
        BmiScheme::Asian => (&[(18.5, "underweight"), (23.0, "normal"), (27.5, "increased-risk")], "high-risk"),
        BmiScheme::India => (&[(18.5, "underweight"), (23.0, "normal"), (25.0, "overweight")], "obesity"),
    };
    steps.iter().find(|(bound, _)| !super::reaches(value, *bound)).map_or(last, |(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::model::Kind as _;

    #[test]
    fn every_sign_has_a_unit_and_valid_codes() {
        for sign in SIGNS {
            assert!(sign.unit.parse::<Unit>().is_ok(), "{}", sign.name);
            assert!(sign.loinc.iter().all(|code| crate::analytics::labs::is_loinc(code)), "{}", sign.name);
        }
    }

    #[test]
    fn a_number_nobody_has_is_found() {
        let read = |name: &str, value: &str, unit: &str| {
            let quantity = Quantity::new(value.parse().expect("a decimal"), unit.parse().expect("a unit"));
            Sign::by_name(name).expect("a sign").read(&quantity)
        };
        assert_eq!(read("temperature", "98.6", "Cel"), Err("implausible-value"));
        assert!((read("temperature", "98.6", "[degF]").expect("read") - 37.0).abs() < 1e-9);
        assert_eq!(read("heart-rate", "72", "{beats}/min"), Ok(72.0));
        assert_eq!(read("heart-rate", "720", "/min"), Err("implausible-value"));
        assert_eq!(read("height", "1.7", "cm"), Err("implausible-value"));
        assert_eq!(read("weight", "70", "cm"), Err("wrong-unit"));
    }

    #[test]
    fn a_body_mass_index_at_a_bound_has_reached_it() {
        for (kilograms, centimetres, scheme, category) in [
            (64.0, 160.0, BmiScheme::Who, "overweight"),
            (76.8, 160.0, BmiScheme::Who, "obesity-1"),
            (70.4, 160.0, BmiScheme::Asian, "high-risk"),
            (64.0, 160.0, BmiScheme::India, "obesity"),
            (63.9, 160.0, BmiScheme::Who, "normal"),
        ] {
            assert_eq!(bmi_category(scheme, bmi(kilograms, centimetres)), category, "{kilograms} kg, {scheme:?}");
        }
    }

    #[test]
    fn a_pressure_upside_down_is_none() {
        let sign = |systolic: &str, diastolic: &str| {
            let part = |code: &str, value: &str| json!({"concept": {"codes": [{"system": "http://loinc.org", "code": code}]}, "quantity": {"value": value, "unit": "mm[Hg]"}});
            let body = json!({"concept": "BP", "measured_at": "2026", "components": [part("8462-4", diastolic), part("8480-6", systolic)]});
            pressure_of(&VitalSign::from_json(&body).expect("a sign"))
        };
        let good = sign("120", "80").expect("two numbers").expect("a pressure");
        assert!((good.systolic() - 120.0).abs() < 1e-9);
        assert_eq!(sign("80", "120"), Some(Err("systolic-not-above-diastolic")));
        assert_eq!(sign("1200", "80"), Some(Err("implausible-value")));
    }

    proptest! {
        #[test]
        fn an_average_does_not_depend_on_the_order(mut values in prop::collection::vec((90.0_f64..220.0, 40.0_f64..89.0), 2..40)) {
            let of = |values: &[(f64, f64)]| {
                let readings: Vec<_> = values.iter().map(|(s, d)| Pressure::new(*s, *d).expect("a pressure")).collect();
                home_average(&readings)
            };
            let before = of(&values);
            values.reverse();
            prop_assert_eq!(before, of(&values));
            prop_assert_eq!(of(&values[..1]), None);
        }
    }
}
