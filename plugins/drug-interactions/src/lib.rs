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
use phm_plugin_sdk::v1::{Door, Refusal};
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

/// What the user's own data say of a name.
fn facts(name: &str) -> Result<Option<Value>, Fault> {
    lent(host::call(&DrugsFacts { name: name.to_owned() }))
}

/// What a house answered. Where it lends nothing, or was not allowed to, the tables stand alone; where it lends something and could
/// not say it, as when data are not there any more or are too many for one answer, nothing is checked as if they had said nothing.
fn lent(answer: Result<Value, Refusal>) -> Result<Option<Value>, Fault> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(refusal) => {
            let is_shut = matches!(refusal.door, Some(Door::Manifest | Door::Administrator | Door::Consent));
            // The first door also stops what is no message, which says nothing of what the house lends.
            let is_none = matches!(refusal.code.as_str(), "bad-message" | "bad-arguments" | "unknown-version");
            let lends_nothing = matches!(refusal.code.as_str(), "unavailable" | "unknown-operation");
            if (is_shut && !is_none) || lends_nothing { Ok(None) } else { Err(refusal.into()) }
        }
    }
}

export!(check: DrugInteractions);

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: &str, door: Option<Door>) -> Result<Option<Value>, Fault> {
        lent(Err(Refusal { code: code.to_owned(), door, message: String::new() }))
    }

    #[test]
    fn only_a_house_that_lends_nothing_leaves_the_tables_alone() {
        assert_eq!(refused("unavailable", None), Ok(None));
        assert_eq!(refused("unknown-operation", None), Ok(None));
        assert_eq!(refused("not-declared", Some(Door::Manifest)), Ok(None));
        assert_eq!(refused("not-granted", Some(Door::Administrator)), Ok(None));
        assert_eq!(refused("nobody", Some(Door::Consent)), Ok(None), "it runs alone");
        for (code, door) in [
            ("facts-changed", None),
            ("internal", None),
            ("unreadable", None),
            ("bad-arguments", Some(Door::Manifest)),
            ("reply-too-large", Some(Door::Limit)),
        ] {
            assert!(refused(code, door).is_err(), "{code} was taken for nothing known");
        }
        assert_eq!(lent(Ok(Value::Null)), Ok(Some(Value::Null)));
    }
}
