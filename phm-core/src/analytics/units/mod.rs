//! Converting between units of UCUM, and between what a laboratory weighs and what it counts.
//!
//! A conversion is made for one substance: `mg/dL` and `mmol/L` of glucose lie on one axis because its molar mass is
//! known, those of a protein do not. Nothing is guessed: units that measure different things are refused, and so are
//! free-standing annotations that differ (`{tablet}` is no `{capsule}`, `mL/min` no `mL/min/{1.73_m2}`). The original
//! quantity is never replaced; what comes out of here is a view of it.
//!
//! Sizes of units: The Unified Code for Units of Measure, version 2.2 (2024). A unit of which PHM does not know the size meets
//! only itself.

mod measure;

use measure::{EQUIVALENTS, MASS, Measure, SUBSTANCE};

use crate::model::{Decimal, Quantity, Unit};

/// Why one unit cannot be converted to another.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// UCUM does not know the unit.
    #[error("the unit is unknown")]
    UnknownUnit,
    /// The two units measure different things.
    #[error("the two units measure different things")]
    DifferentThings,
    /// One unit weighs and the other counts molecules, and the molar mass of the substance is not known.
    #[error("weighing and counting meet only where the molar mass is known")]
    NoMolarMass,
    /// The number in the other unit, or how often one unit fits the other, is beyond every number.
    #[error("the number is too large or too small to be converted")]
    OutOfRange,
}

impl Refused {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownUnit => "unknown-unit",
            Self::DifferentThings => "wrong-unit",
            Self::NoMolarMass => "no-molar-mass",
            Self::OutOfRange => "out-of-range",
        }
    }
}

/// What is known of a substance that conversions need.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Substance {
    /// Grams of one mole.
    pub molar_mass: Option<f64>,
    /// Charges of one ion, for equivalents.
    pub valence: Option<f64>,
    /// Whether international units of it are enzyme units (µmol of substrate a minute), as laboratories print both.
    pub enzyme: bool,
    /// Whether it is glycated haemoglobin: `%` (NGSP) and `mmol/mol` (IFCC) are joined by the master equation.
    pub glycated: bool,
    /// Whether it is a ratio that some write with an annotation only: `{INR}` for `1`.
    pub ratio: bool,
}

impl Substance {
    /// A substance of which nothing is known.
    pub const NONE: Self = Self { molar_mass: None, valence: None, enzyme: false, glycated: false, ratio: false };
}

/// NGSP % of an IFCC value in mmol/mol: the master equation (IFCC/NGSP, Clin Chem 2004;50:166, as published by NGSP).
pub fn ngsp(ifcc: f64) -> f64 {
    0.09148 * ifcc + 2.152
}

/// IFCC mmol/mol of an NGSP value in %.
pub fn ifcc(ngsp: f64) -> f64 {
    (ngsp - 2.152) / 0.09148
}

/// From one unit to another: multiply, then add.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conversion {
    factor: f64,
    offset: f64,
}

impl Conversion {
    /// A unit to itself.
    pub const SAME: Self = Self { factor: 1.0, offset: 0.0 };

    /// The conversion of amounts of a substance.
    pub fn between(from: &Unit, to: &Unit, of: &Substance) -> Result<Self, Refused> {
        if from == to {
            return Ok(Self::SAME);
        }
        let (from, to) = (plain(from.as_str(), *of), plain(to.as_str(), *of));
        if of.glycated
            && let Some(conversion) = glycated(&bare(&from), &bare(&to))
        {
            return Ok(conversion);
        }
        let (from, to) = (Measure::of(&from)?, Measure::of(&to)?);
        if from.annotations != to.annotations || from.conventions != to.conventions {
            return Err(Refused::DifferentThings);
        }
        // How many more moles, grams and equivalents the second counts.
        let more = |dimension: usize| to.dimensions[dimension] - from.dimensions[dimension];
        let (grams, moles, charges) = (more(MASS), more(SUBSTANCE), more(EQUIVALENTS));
        let others = |measure: &Measure| {
            let mut dimensions = measure.dimensions;
            for joined in [MASS, SUBSTANCE, EQUIVALENTS] {
                dimensions[joined] = 0;
            }
            dimensions
        };
        if others(&from) != others(&to) || grams + moles + charges != 0 {
            return Err(Refused::DifferentThings);
        }
        let mut factor = from.factor / to.factor;
        if charges != 0 {
            factor *= of.valence.ok_or(Refused::NoMolarMass)?.powi(charges);
        }
        if grams != 0 {
            factor *= of.molar_mass.ok_or(Refused::NoMolarMass)?.powi(grams);
        }
        // In between stand base units: kelvins, where zeros differ.
        let conversion = Self { factor, offset: from.offset.mul_add(factor, -to.offset) };
        // `10*999` is a unit by the grammar and larger than any number.
        if factor.is_normal() && conversion.offset.is_finite() { Ok(conversion) } else { Err(Refused::OutOfRange) }
    }

    /// Whether the two units are one by another name: `mmol/l` and `mmol/L`.
    pub fn is_same(self) -> bool {
        (self.factor - 1.0).abs() < 1e-9 && self.offset.abs() < 1e-9
    }

    /// The value in the other unit, unrounded; not a number one can go on with where it is beyond every number.
    pub fn apply(self, value: f64) -> f64 {
        value.mul_add(self.factor, self.offset)
    }
}

/// A quantity in the unit asked for.
///
/// Its text has two significant digits more than the original was written with, so that converting back and rounding
/// gives the digits of the original again.
pub fn convert(quantity: &Quantity, to: &Unit, of: &Substance) -> Result<Converted, Refused> {
    let from: Unit = quantity.unit().parse().map_err(|_| Refused::UnknownUnit)?;
    let value = Conversion::between(&from, to, of)?.apply(quantity.value().to_f64());
    if !value.is_finite() {
        return Err(Refused::OutOfRange);
    }
    let text = if from == *to {
        quantity.value().to_string()
    } else {
        significant(value, significant_digits(quantity.value()) + 2)
    };
    Ok(Converted { value, text, unit: to.clone() })
}

/// A quantity in another unit than it was written in.
#[derive(Clone, Debug, PartialEq)]
pub struct Converted {
    /// The value, unrounded.
    pub value: f64,
    /// The value with its stated digits.
    pub text: String,
    /// Its unit.
    pub unit: Unit,
}

/// How many digits of a decimal say something: `0.050` has two, `120` three.
pub fn significant_digits(decimal: &Decimal) -> usize {
    let mantissa = decimal.as_str().split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    digits.max(1)
}

/// A number with this many significant digits, never in exponent form; what is beyond every number as `inf` or `NaN`.
pub fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.abs().to_string();
    }
    let mut places = digits;
    // The exponent of the first digit, found without a cast: how often ten fits.
    let mut size = value.abs();
    while size >= 10.0 {
        size /= 10.0;
        places = places.saturating_sub(1);
    }
    while size < 1.0 && places < 30 {
        size *= 10.0;
        places += 1;
    }
    format!("{value:.*}", places.saturating_sub(1))
}

/// The unit as conversions of this substance read it.
fn plain(unit: &str, of: Substance) -> String {
    if of.ratio && unit.starts_with('{') && unit.find('}') == Some(unit.len() - 1) {
        return "1".to_owned();
    }
    if of.enzyme { unit.replace("[IU]", "U").replace("[iU]", "U") } else { unit.to_owned() }
}

/// The unit without annotations that stand at its end.
fn bare(unit: &str) -> String {
    let mut text = unit;
    while let Some(end) = text.strip_suffix('}').and_then(|inside| inside.rfind('{')) {
        text = &text[..end];
    }
    text.to_owned()
}

fn glycated(from: &str, to: &str) -> Option<Conversion> {
    match (from, to) {
        ("%", "mmol/mol") => Some(Conversion { factor: 1.0 / 0.09148, offset: -2.152 / 0.09148 }),
        ("mmol/mol", "%") => Some(Conversion { factor: 0.09148, offset: 2.152 }),
        ("%", "%") | ("mmol/mol", "mmol/mol") => Some(Conversion::SAME),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unit(text: &str) -> Unit {
        text.parse().expect("a unit")
    }

    fn quantity(value: &str, of: &str) -> Quantity {
        Quantity::new(value.parse().expect("a decimal"), unit(of))
    }

    fn between(value: f64, from: &str, to: &str, of: Substance) -> Result<f64, Refused> {
        Conversion::between(&unit(from), &unit(to), &of).map(|conversion| conversion.apply(value))
    }

    const GLUCOSE: Substance = Substance { molar_mass: Some(180.156), ..Substance::NONE };
    const CALCIUM: Substance = Substance { molar_mass: Some(40.078), valence: Some(2.0), ..Substance::NONE };
    const HBA1C: Substance = Substance { glycated: true, ..Substance::NONE };
    const ENZYME: Substance = Substance { enzyme: true, ..Substance::NONE };

    #[test]
    fn weighed_and_counted_amounts_lie_on_one_axis() {
        let near = |value: Result<f64, Refused>, expected: f64| (value.expect("one axis") - expected).abs() < 0.005;
        assert!(near(between(126.0, "mg/dL", "mmol/L", GLUCOSE), 6.99));
        assert!(near(between(6.99, "mmol/L", "mg/dL", GLUCOSE), 125.93));
        assert!(near(between(5.0, "meq/L", "mmol/L", CALCIUM), 2.5));
        assert!(near(between(2.5, "mmol/L", "meq/L", CALCIUM), 5.0));
        assert!(near(between(10.0, "mg/dL", "meq/L", CALCIUM), 4.99));
        assert!(near(
            between(30.0, "mg/g", "mg/mmol", Substance { molar_mass: Some(113.12), ..Substance::NONE }),
            3.39
        ));
        assert!(near(between(250.0, "10*3/uL", "10*9/L", Substance::NONE), 250.0));
        assert!(near(between(98.6, "[degF]", "Cel", Substance::NONE), 37.0));
    }

    #[test]
    fn glycated_haemoglobin_follows_the_master_equation_and_not_the_units() {
        assert!((between(53.0, "mmol/mol", "%", HBA1C).expect("one axis") - 7.0).abs() < 0.005);
        assert!((between(7.0, "%", "mmol/mol", HBA1C).expect("one axis") - 53.0).abs() < 0.05);
        assert!((between(6.5, "%{Hb}", "mmol/mol", HBA1C).expect("one axis") - 47.53).abs() < 0.005);
    }

    #[test]
    fn units_of_different_things_are_refused() {
        assert_eq!(between(1.0, "mg/dL", "mmol/L", Substance::NONE), Err(Refused::NoMolarMass));
        assert_eq!(between(1.0, "mg/dL", "mm[Hg]", GLUCOSE), Err(Refused::DifferentThings));
        assert_eq!(between(1.0, "meq/L", "mmol/L", GLUCOSE), Err(Refused::NoMolarMass));
        assert_eq!(between(1.0, "{tablet}", "{capsule}", Substance::NONE), Err(Refused::DifferentThings));
        assert_eq!(between(1.0, "{गोली}", "{tablet}", Substance::NONE), Err(Refused::DifferentThings));
        assert_eq!(between(1.0, "mL/min", "mL/min/{1.73_m2}", Substance::NONE), Err(Refused::DifferentThings));
        assert_eq!(between(1.0, "mmol/L", "/L", GLUCOSE), Err(Refused::DifferentThings));
        assert_eq!(between(1.0, "[IU]/L", "U/L", Substance::NONE), Err(Refused::DifferentThings));
        assert_eq!(between(40.0, "[IU]/L", "U/L", ENZYME), Ok(40.0));
        assert_eq!(between(3.0, "{गोली}", "{गोली}", Substance::NONE), Ok(3.0));
    }

    #[test]
    fn a_conversion_states_two_digits_more_than_it_was_given() {
        let sugar = quantity("126", "mg/dL");
        assert_eq!(convert(&sugar, &unit("mmol/L"), &GLUCOSE).expect("one axis").text, "6.9939");
        assert_eq!(convert(&sugar, &unit("mg/dL"), &GLUCOSE).expect("itself").text, "126");
        assert_eq!(significant(0.000_123_4, 3), "0.000123");
        assert_eq!(significant(99.96, 3), "100.0");
    }

    #[test]
    fn numbers_beyond_every_number_are_refused() {
        for (value, from, to) in [
            ("1e99", "10*300", "1"),
            ("1", "10*999", "1"),
            ("1", "1", "10*999"),
            ("1", "10*-999", "1"),
            ("1", "10*999", "10*998"),
        ] {
            assert_eq!(
                convert(&quantity(value, from), &unit(to), &Substance::NONE),
                Err(Refused::OutOfRange),
                "{from}"
            );
        }
        for value in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            assert!(significant(value, 3).len() < 5);
        }
        assert!(between(1.0, "mmol/l", "mmol/L", GLUCOSE).is_ok());
        assert!(Conversion::between(&unit("mmol/l"), &unit("mmol/L"), &GLUCOSE).is_ok_and(Conversion::is_same));
        assert!(!Conversion::between(&unit("mg/dL"), &unit("mmol/L"), &GLUCOSE).is_ok_and(Conversion::is_same));
    }

    proptest! {
        #[test]
        fn a_conversion_and_back_gives_the_digits_again(whole in 0_u32..100_000, places in 0_usize..4, kind in 0_usize..6) {
            let (from, to, of) = [
                ("mg/dL", "mmol/L", GLUCOSE), ("meq/L", "mmol/L", CALCIUM), ("%", "mmol/mol", HBA1C),
                ("[degF]", "Cel", Substance::NONE), ("[lb_av]", "kg", Substance::NONE), ("[IU]/L", "ukat/L", ENZYME),
            ][kind];
            let text = format!("{:.*}", places, f64::from(whole) / [1.0, 10.0, 100.0, 1000.0][places]);
            let original = quantity(&text, from);
            let there = convert(&original, &unit(to), &of).expect("one axis");
            // An affine scale near its zero has no significant digits to carry; the unrounded value does.
            let back = Conversion::between(&unit(to), &unit(from), &of).expect("one axis").apply(there.value);
            let shown = format!("{back:.places$}");
            prop_assert_eq!(shown.trim_start_matches('-'), text.as_str());
            if !matches!(kind, 2 | 3) {
                let shown: f64 = there.text.parse().expect("a number");
                let back = Conversion::between(&unit(to), &unit(from), &of).expect("one axis").apply(shown);
                prop_assert_eq!(format!("{back:.places$}"), text);
            }
        }
    }
}
