//! Clinical logic that needs no records: calculators, units, names of tests and medicines, notations, schedules,
//! trends.
//!
//! It reads nothing of anybody: what goes in is what the plugin has already. So only the doors of manifest and
//! administrator stand before it.

use phm_core::analytics;
use phm_plugin_api::v1::calls::ClinicalCall;
use phm_plugin_api::v1::{Operation as _, Refusal};
use serde_json::Value;

use super::Host;
use crate::api::v1::wrong;

/// `clinical.call`
pub fn call(host: &mut Host, asked: ClinicalCall) -> Result<Value, Refusal> {
    host.pass(ClinicalCall::NAME, None, None)?;
    answer(&asked)
}

/// What the core answers, to a plugin in a house and to one that runs alone.
pub(crate) fn answer(asked: &ClinicalCall) -> Result<Value, Refusal> {
    analytics::call(&asked.op, &asked.args).map_err(|error| refused(&error))
}

/// The core's refusal, with the places that are wrong and never what stood there.
fn refused(error: &phm_core::Error) -> Refusal {
    let places: Vec<String> = error.details().iter().map(|detail| format!("{} {}", detail.path, detail.code)).collect();
    let message =
        if places.is_empty() { "there is no such operation or calculator".to_owned() } else { places.join(", ") };
    wrong(error.code(), &message)
}
