//! What is in several products together: daily sums of each substance.
//!
//! A sum counts a substance in every product that surely contains it, combination products included. Products whose
//! names are not known exactly are named as not counted, never left out silently.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::exceeds;
use super::super::units::{Conversion, Substance};
use super::{Resolved, resolve};
use crate::model::Unit;

/// A product somebody takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// What it is called.
    pub name: String,
    /// How much of each substance is in one piece, in the order of the name: `500 mg`, `500 mg / 125 mg`.
    pub strength: String,
    /// How many pieces on one day; at most so many for a medicine taken as needed.
    pub per_day: f64,
}

/// How much of one substance on one day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DailySum {
    /// The substance.
    pub substance: &'static str,
    /// Milligrams on one day.
    pub milligrams: f64,
    /// Products it is in.
    pub products: Vec<String>,
    /// Whether it is more than the highest daily amount for adults from all sources.
    pub above_ceiling: bool,
    /// That amount, where a source names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<f64>,
    /// Who names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
}

/// Daily sums, and what could not be counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DailySums {
    /// One for each substance.
    pub sums: Vec<DailySum>,
    /// Products whose substances or strengths are not surely known.
    pub not_counted: Vec<String>,
}

/// Highest daily amounts for adults, in milligrams from all sources.
const CEILINGS: &[(&str, f64, &str)] =
    &[("paracetamol", 4000.0, "US product labelling for acetaminophen (FDA, 2011): 4 g a day for adults")];

/// The daily sums of products.
pub fn daily_sums(products: &[Product]) -> DailySums {
    let mut parts: BTreeMap<&'static str, Vec<(String, f64)>> = BTreeMap::new();
    let mut out = DailySums::default();
    for product in products {
        match substances(product) {
            Some(substances) => {
                for (substance, milligrams) in substances {
                    parts.entry(substance).or_default().push((product.name.clone(), milligrams * product.per_day));
                }
            }
            None => out.not_counted.push(product.name.clone()),
        }
    }
    out.not_counted.sort_unstable();
    for (substance, mut parts) in parts {
        // In one order, so that the sum does not depend on the order of the products.
        parts.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
        let milligrams = parts.iter().map(|(_, amount)| amount).sum();
        let ceiling = CEILINGS.iter().find(|(name, ..)| *name == substance);
        out.sums.push(DailySum {
            substance,
            milligrams,
            products: parts.into_iter().map(|(name, _)| name).collect(),
            above_ceiling: ceiling.is_some_and(|(_, most, _)| exceeds(milligrams, *most)),
            ceiling: ceiling.map(|(_, most, _)| *most),
            source: ceiling.map(|(.., source)| *source),
        });
    }
    out
}

/// Substances and milligrams of one piece; `None` where they are not surely known.
fn substances(product: &Product) -> Option<Vec<(&'static str, f64)>> {
    let Resolved::Known(names) = resolve(&product.name) else { return None };
    let amounts: Option<Vec<f64>> = product.strength.split(['/', '+']).map(milligrams).collect();
    let amounts = amounts?;
    (amounts.len() == names.len() && product.per_day >= 0.0).then(|| names.into_iter().zip(amounts).collect())
}

/// `500 mg`, `0.5 g`, `500mg` in milligrams. Strengths are printed and typed: `500 Mg` are no megagrams.
pub(super) fn milligrams(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
    let amount: f64 = text[..end].parse().ok()?;
    let unit = Unit::as_written(&text[end..]).ok()?;
    let own: Unit = "mg".parse().ok()?;
    Some(Conversion::between(&unit, &own, &Substance::NONE).ok()?.apply(amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(name: &str, strength: &str, per_day: f64) -> Product {
        Product { name: name.to_owned(), strength: strength.to_owned(), per_day }
    }

    #[test]
    fn a_substance_in_two_products_is_added_up() {
        let products = [
            product("Paracetamol", "650 mg", 4.0),
            product("ibuprofen + acetaminophen", "400 mg / 325 mg", 6.0),
            product("Dolo", "650 mg", 3.0),
        ];
        let found = daily_sums(&products);
        assert_eq!(found.not_counted, ["Dolo"], "a brand is a proposal until somebody confirms it");
        let paracetamol = found.sums.iter().find(|sum| sum.substance == "paracetamol").expect("a sum");
        assert!((paracetamol.milligrams - 4550.0).abs() < 1e-9 && paracetamol.above_ceiling);
        assert_eq!(paracetamol.products.len(), 2);
        let mut back = products.to_vec();
        back.reverse();
        assert_eq!(daily_sums(&back), found);
    }

    #[test]
    fn a_strength_that_is_not_clear_is_not_counted() {
        for (name, strength) in [
            ("Paracetamol", "strong"),
            ("Paracetamol", ""),
            ("ibuprofen + paracetamol", "400 mg"),
            ("Metformin", "500"),
        ] {
            let found = daily_sums(&[product(name, strength, 1.0)]);
            assert!(found.sums.is_empty() && found.not_counted.len() == 1, "{name} {strength}");
        }
        assert_eq!(milligrams("0.5 g"), Some(500.0));
    }

    #[test]
    fn capitals_of_a_strength_mean_nothing_and_units_of_several_products_meet() {
        for (text, expected) in [
            ("500 Mg", 500.0),
            ("500 MG", 500.0),
            ("0.5 G", 500.0),
            ("0.5 gm", 500.0),
            ("500000 mcg", 500.0),
            ("500000 µg", 500.0),
        ] {
            let found = milligrams(text).unwrap_or_else(|| panic!("{text} is a weight"));
            assert!((found - expected).abs() < 1e-6, "{text}: {found}");
        }
        for text in ["5 mL", "5 %", "100 IU", "mg", "-5 mg", "1,000 mg"] {
            assert_eq!(milligrams(text), None, "{text}");
        }
        let products = [product("Paracetamol", "1 G", 2.0), product("Acetaminophen", "650 Mg", 4.0)];
        let found = daily_sums(&products);
        assert!((found.sums[0].milligrams - 4600.0).abs() < 1e-6 && found.sums[0].above_ceiling, "{found:?}");
    }
}
