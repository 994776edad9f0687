//! Checks medicines against each other and against allergies.
//!
//! A name is checked only where it is exactly that of a substance, or an exact synonym, or where a person confirmed what it
//! means. Brands and names that are nearly right are proposed. What is not checked is said: never "no interaction found" about
//! a medicine that was not looked at. No clinician has reviewed the tables yet; every row says where it comes from.

mod check;
mod names;
mod tables;

use phm_plugin_sdk::v1::drugs::{Input, Output};
use phm_plugin_sdk::{Fault, Plugin, export, kinds};

pub use check::check;
pub use tables::{FILES, Tables};

/// The plugin.
pub struct DrugInteractions;

impl Plugin for DrugInteractions {
    type Kind = kinds::Drugs;

    fn call(input: Input) -> Result<Output, Fault> {
        let tables = Tables::read().map_err(Fault::new)?;
        Ok(check(&tables, &input))
    }
}

export!(check: DrugInteractions);
