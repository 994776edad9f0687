//! What a unit measures: its dimensions and its size in base units.
//!
//! Source: The Unified Code for Units of Measure, version 2.2 (2024), the definitions of its atoms. Substance in moles, charge
//! equivalents and osmoles are dimensions of their own here, where UCUM only counts: a millimole is never taken for a number
//! of anything else. An atom in brackets whose size is a convention of a laboratory (`[IU]`, `[CFU]`) is a dimension of its own.

use std::collections::BTreeMap;

use super::Refused;

/// Dimensions: length, time, mass, temperature, charge, angle, substance, equivalents, osmoles.
const DIMENSIONS: usize = 9;
pub(super) const MASS: usize = 2;
pub(super) const SUBSTANCE: usize = 6;
pub(super) const EQUIVALENTS: usize = 7;

/// A unit of UCUM, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measure {
    /// Powers of the dimensions.
    pub dimensions: [i32; DIMENSIONS],
    /// Conventional units with their powers.
    pub conventions: BTreeMap<String, i32>,
    /// Free-standing annotations with their powers.
    pub annotations: BTreeMap<String, i32>,
    /// Its size in metres, seconds, grams, kelvins, coulombs, radians, moles, equivalents and osmoles.
    pub factor: f64,
    /// For a temperature with another zero: kelvins are `factor x (value + offset)`.
    pub offset: f64,
}

impl Measure {
    /// Takes a unit apart that the grammar has accepted; an atom without a known size is refused.
    pub fn of(unit: &str) -> Result<Self, Refused> {
        let mut measure = Self {
            dimensions: [0; DIMENSIONS],
            conventions: BTreeMap::new(),
            annotations: BTreeMap::new(),
            factor: 1.0,
            offset: 0.0,
        };
        // Temperatures have a zero of their own and mean something only by themselves.
        let temperature = match unit {
            "Cel" => Some((1.0, 273.15)),
            "[degF]" => Some((5.0 / 9.0, 459.67)),
            _ => None,
        };
        if let Some((factor, offset)) = temperature {
            measure.dimensions[3] = 1;
            (measure.factor, measure.offset) = (factor, offset);
            return Ok(measure);
        }
        measure.term(unit, 1)?;
        measure.conventions.retain(|_, power| *power != 0);
        measure.annotations.retain(|_, power| *power != 0);
        Ok(measure)
    }

    /// Reads a term up to its end or the bracket that closes it; answers what follows.
    fn term<'u>(&mut self, text: &'u str, power: i32) -> Result<&'u str, Refused> {
        let (mut rest, mut sign) = (text, 1);
        loop {
            rest = match rest.chars().next() {
                None => return Ok(rest),
                Some(')') => return Ok(&rest[1..]),
                Some(operator @ ('.' | '/')) => {
                    sign = if operator == '.' { 1 } else { -1 };
                    &rest[1..]
                }
                Some('(') => self.term(&rest[1..], power * sign)?,
                Some('{') => {
                    let (inside, after) = rest[1..].split_once('}').unwrap_or((&rest[1..], ""));
                    *self.annotations.entry(inside.to_owned()).or_default() += power * sign;
                    after
                }
                Some(_) => self.component(rest, power * sign)?,
            };
        }
    }

    /// An atom or a number, with its exponent and what is annotated to it.
    fn component<'u>(&mut self, text: &'u str, power: i32) -> Result<&'u str, Refused> {
        let mut bracket = false;
        let end = text.find(|letter| {
            bracket = (bracket || letter == '[') && letter != ']';
            !bracket && matches!(letter, '.' | '/' | '(' | ')' | '{')
        });
        let (token, rest) = text.split_at(end.unwrap_or(text.len()));
        let name = token.trim_end_matches(|letter: char| letter.is_ascii_digit());
        if name.is_empty() {
            let number: f64 = token.parse().map_err(|_| Refused::UnknownUnit)?;
            self.factor *= number.powi(power);
        } else {
            let exponent: i32 = token[name.len()..].parse().unwrap_or(1);
            let (name, exponent) = match name.strip_suffix('-') {
                Some(name) => (name, -exponent),
                None => (name.strip_suffix('+').unwrap_or(name), exponent),
            };
            self.atom(name, power * exponent)?;
        }
        let Some((annotation, after)) = rest.strip_prefix('{').and_then(|inside| inside.split_once('}')) else {
            return Ok(rest);
        };
        // A nanogram of fibrinogen equivalents is about half a nanogram of D-dimer, and no laboratory's half is another's.
        if let Some(of) = EQUIVALENT_TO.iter().find(|of| of.eq_ignore_ascii_case(annotation)) {
            self.conventions.insert((*of).to_owned(), 1);
        }
        Ok(after)
    }

    fn atom(&mut self, name: &str, power: i32) -> Result<(), Refused> {
        if let Some(atom) = ATOMS.iter().find(|atom| atom.name == name) {
            self.times(atom, 1.0, power);
            return Ok(());
        }
        if let Some((atom, prefix)) = PREFIXES.iter().find_map(|(prefix, size)| {
            let rest = name.strip_prefix(prefix)?;
            ATOMS.iter().find(|atom| atom.metric && atom.name == rest).map(|atom| (atom, *size))
        }) {
            self.times(atom, prefix, power);
            return Ok(());
        }
        // `k[IU]`, `[CFU]`: a convention, perhaps with a prefix.
        let (prefix, convention) = name.split_at(name.find('[').ok_or(Refused::UnknownUnit)?);
        let size = match prefix {
            "" => 1.0,
            prefix => PREFIXES
                .iter()
                .find(|(known, _)| *known == prefix)
                .map(|(_, size)| *size)
                .ok_or(Refused::UnknownUnit)?,
        };
        if !CONVENTIONS.contains(&convention) {
            return Err(Refused::UnknownUnit);
        }
        let convention = if convention == "[iU]" { "[IU]" } else { convention };
        *self.conventions.entry(convention.to_owned()).or_default() += power;
        self.factor *= size.powi(power);
        Ok(())
    }

    fn times(&mut self, atom: &Atom, prefix: f64, power: i32) {
        self.factor *= (atom.factor * prefix).powi(power);
        for (own, more) in self.dimensions.iter_mut().zip(atom.dimensions) {
            *own += i32::from(more) * power;
        }
    }
}

struct Atom {
    name: &'static str,
    metric: bool,
    factor: f64,
    dimensions: [i8; DIMENSIONS],
}

const fn atom(name: &'static str, factor: f64, dimensions: [i8; DIMENSIONS]) -> Atom {
    Atom { name, metric: false, factor, dimensions }
}

const fn metric(name: &'static str, factor: f64, dimensions: [i8; DIMENSIONS]) -> Atom {
    Atom { name, metric: true, factor, dimensions }
}

const ONE: [i8; DIMENSIONS] = [0; DIMENSIONS];
const LENGTH: [i8; DIMENSIONS] = [1, 0, 0, 0, 0, 0, 0, 0, 0];
const TIME: [i8; DIMENSIONS] = [0, 1, 0, 0, 0, 0, 0, 0, 0];
const WEIGHT: [i8; DIMENSIONS] = [0, 0, 1, 0, 0, 0, 0, 0, 0];
const VOLUME: [i8; DIMENSIONS] = [3, 0, 0, 0, 0, 0, 0, 0, 0];
const PRESSURE: [i8; DIMENSIONS] = [-1, -2, 1, 0, 0, 0, 0, 0, 0];
const FORCE: [i8; DIMENSIONS] = [1, -2, 1, 0, 0, 0, 0, 0, 0];
const ENERGY: [i8; DIMENSIONS] = [2, -2, 1, 0, 0, 0, 0, 0, 0];
const POWER: [i8; DIMENSIONS] = [2, -3, 1, 0, 0, 0, 0, 0, 0];
const RATE: [i8; DIMENSIONS] = [0, -1, 0, 0, 0, 0, 0, 0, 0];
const ABSORBED: [i8; DIMENSIONS] = [2, -2, 0, 0, 0, 0, 0, 0, 0];
const MOLES: [i8; DIMENSIONS] = [0, 0, 0, 0, 0, 0, 1, 0, 0];
const CATALYSIS: [i8; DIMENSIONS] = [0, -1, 0, 0, 0, 0, 1, 0, 0];
const DAY: f64 = 86_400.0;

#[rustfmt::skip]
const ATOMS: &[Atom] = &[
    metric("m", 1.0, LENGTH), metric("s", 1.0, TIME), metric("g", 1.0, WEIGHT), metric("mol", 1.0, MOLES),
    metric("K", 1.0, [0, 0, 0, 1, 0, 0, 0, 0, 0]), metric("C", 1.0, [0, 0, 0, 0, 1, 0, 0, 0, 0]),
    metric("rad", 1.0, [0, 0, 0, 0, 0, 1, 0, 0, 0]), atom("deg", std::f64::consts::PI / 180.0, [0, 0, 0, 0, 0, 1, 0, 0, 0]),
    metric("eq", 1.0, [0, 0, 0, 0, 0, 0, 0, 1, 0]), metric("osm", 1.0, [0, 0, 0, 0, 0, 0, 0, 0, 1]),
    atom("10*", 10.0, ONE), atom("10^", 10.0, ONE), atom("%", 0.01, ONE), atom("[ppth]", 1e-3, ONE), atom("[ppm]", 1e-6, ONE),
    atom("[ppb]", 1e-9, ONE),
    atom("min", 60.0, TIME), atom("h", 3600.0, TIME), atom("d", DAY, TIME), atom("wk", 7.0 * DAY, TIME),
    atom("mo", 365.25 / 12.0 * DAY, TIME), atom("mo_j", 365.25 / 12.0 * DAY, TIME), atom("mo_g", 365.2425 / 12.0 * DAY, TIME),
    atom("a", 365.25 * DAY, TIME), atom("a_j", 365.25 * DAY, TIME), atom("a_g", 365.2425 * DAY, TIME),
    metric("L", 1e-3, VOLUME), metric("l", 1e-3, VOLUME), atom("[drp]", 5e-8, VOLUME),
    atom("[foz_us]", 2.957_352_956_25e-5, VOLUME), atom("[cup_us]", 2.365_882_365e-4, VOLUME),
    atom("[tsp_us]", 4.928_921_593_75e-6, VOLUME), atom("[tbs_us]", 1.478_676_478_125e-5, VOLUME),
    atom("[pt_us]", 4.731_764_73e-4, VOLUME), atom("[gal_us]", 3.785_411_784e-3, VOLUME),
    metric("t", 1e6, WEIGHT), atom("[lb_av]", 453.592_37, WEIGHT), atom("[oz_av]", 28.349_523_125, WEIGHT),
    atom("[stone_av]", 6_350.293_18, WEIGHT), atom("[gr]", 0.064_798_91, WEIGHT),
    atom("[in_i]", 0.0254, LENGTH), atom("[ft_i]", 0.3048, LENGTH), atom("[yd_i]", 0.9144, LENGTH), atom("[mi_i]", 1609.344, LENGTH),
    metric("g%", 1e4, [-3, 0, 1, 0, 0, 0, 0, 0, 0]),
    metric("Pa", 1e3, PRESSURE), metric("bar", 1e8, PRESSURE), metric("m[Hg]", 133_322_000.0, PRESSURE),
    metric("m[H2O]", 9_806_650.0, PRESSURE), atom("[in_i'Hg]", 133_322_000.0 * 0.0254, PRESSURE), atom("atm", 101_325_000.0, PRESSURE),
    metric("N", 1e3, FORCE), metric("J", 1e3, ENERGY), metric("cal", 4184.0, ENERGY), metric("cal_th", 4184.0, ENERGY),
    atom("[Cal]", 4_184_000.0, ENERGY), metric("W", 1e3, POWER), metric("Hz", 1.0, RATE),
    metric("A", 1.0, [0, -1, 0, 0, 1, 0, 0, 0, 0]), metric("V", 1e3, [2, -2, 1, 0, -1, 0, 0, 0, 0]),
    metric("Bq", 1.0, RATE), metric("Ci", 3.7e10, RATE), metric("Gy", 1.0, ABSORBED), metric("Sv", 1.0, ABSORBED),
    metric("kat", 1.0, CATALYSIS), metric("U", 1e-6 / 60.0, CATALYSIS),
];

/// What an amount of D-dimer is measured as; each meets only itself.
const EQUIVALENT_TO: [&str; 2] = ["FEU", "DDU"];

/// Units whose size is a convention; each meets only itself.
const CONVENTIONS: &[&str] = &[
    "[IU]",
    "[iU]",
    "[HPF]",
    "[LPF]",
    "[CFU]",
    "[PFU]",
    "[FFU]",
    "[arb'U]",
    "[USP'U]",
    "[GPL'U]",
    "[MPL'U]",
    "[APL'U]",
    "[beth'U]",
    "[anti'Xa'U]",
    "[ELU]",
    "[EU]",
    "[Lf]",
    "[PNU]",
    "[BAU]",
    "[AU]",
    "[D'ag'U]",
    "[todd'U]",
    "[dye'U]",
    "[smgy'U]",
    "[bdsk'U]",
    "[ka'U]",
    "[knk'U]",
    "[mclg'U]",
    "[tb'U]",
    "[CCID_50]",
    "[TCID_50]",
    "[EID_50]",
    "[Amb'a'1'U]",
    "[S]",
    "[MET]",
];

#[rustfmt::skip]
const PREFIXES: &[(&str, f64)] = &[
    ("da", 1e1), ("Y", 1e24), ("Z", 1e21), ("E", 1e18), ("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3), ("h", 1e2),
    ("d", 1e-1), ("c", 1e-2), ("m", 1e-3), ("u", 1e-6), ("n", 1e-9), ("p", 1e-12), ("f", 1e-15), ("a", 1e-18), ("z", 1e-21), ("y", 1e-24),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_atom_is_one_of_the_grammar_and_stands_once() {
        for (index, one) in ATOMS.iter().enumerate() {
            assert!(one.name.parse::<crate::model::Unit>().is_ok(), "{}", one.name);
            assert!(ATOMS[index + 1..].iter().all(|other| other.name != one.name), "{}", one.name);
        }
        for convention in CONVENTIONS {
            assert!(convention.parse::<crate::model::Unit>().is_ok(), "{convention}");
        }
    }

    #[test]
    fn a_unit_is_taken_apart_from_left_to_right() {
        let of = |unit: &str| Measure::of(unit).expect("known");
        assert!((of("mg/dL").factor / of("g/L").factor - 0.01).abs() < 1e-15);
        assert_eq!(of("ug/kg/min").dimensions, of("ug/(kg.min)").dimensions);
        assert_eq!(of("kg.m/s2").dimensions, of("N").dimensions);
        assert_eq!(of("mmol/(24.h)").dimensions, of("mmol/d").dimensions);
        assert!((of("mmol/(24.h)").factor / of("mmol/d").factor - 1.0).abs() < 1e-12);
        assert!((of("10*3/uL").factor / of("10*9/L").factor - 1.0).abs() < 1e-12);
        assert!((of("g/cm-2").factor / of("g.cm2").factor - 1.0).abs() < 1e-12);
        assert_eq!(of("mL/min/{1.73_m2}").annotations, BTreeMap::from([("1.73_m2".to_owned(), -1)]));
        assert_eq!(of("mg/g{creat}").annotations, BTreeMap::new());
        assert_eq!(of("m[IU]/L").conventions, of("u[iU]/mL").conventions);
        for unknown in ["[pH]", "B[SPL]", "tex"] {
            assert_eq!(Measure::of(unknown), Err(Refused::UnknownUnit), "{unknown}");
        }
    }
}
