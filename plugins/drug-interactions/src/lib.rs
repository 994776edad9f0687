//! Checks medicines against each other and against allergies.
//!
//! A name is checked only where it is exactly that of a substance, or an exact synonym, or where a person confirmed what it
//! means. Brands and names that are nearly right are proposed. What is not checked is said: never "no interaction found" about
//! a medicine that was not looked at. No clinician has reviewed the tables yet; every row says where it comes from.

mod brought;
mod check;
mod names;
mod tables;

use phm_plugin_sdk::serde_json::Value;
use phm_plugin_sdk::v1::calls::DrugsFacts;
use phm_plugin_sdk::v1::drugs::{Input, Output};
use phm_plugin_sdk::{Fault, Plugin, export, host, kinds};

pub use brought::add;
pub use check::check;
pub use tables::{FILES, Tables};

/// The plugin.
pub struct DrugInteractions;

impl Plugin for DrugInteractions {
    type Kind = kinds::Drugs;

    fn call(input: Input) -> Result<Output, Fault> {
        let tables = Tables::read().map_err(Fault::new)?;
        let output = check(&tables, &input);
        add(&tables, &input, output, &mut facts)
    }
}

/// What the user's own data say of a name. Where the house lends none, or was not allowed to, the tables stand alone; where data
/// were imported and are not there any more, nothing is checked as if they had said nothing.
fn facts(name: &str) -> Result<Option<Value>, Fault> {
    match host::call(&DrugsFacts { name: name.to_owned() }) {
        Ok(found) => Ok(Some(found)),
        Err(refusal) if refusal.code == "facts-changed" => Err(refusal.into()),
        Err(_) => Ok(None),
    }
}

export!(check: DrugInteractions);
