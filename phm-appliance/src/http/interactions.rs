//! Whether a person's medicines go together, for whoever asks over HTTP: the check itself is that of `phm-plugins`.

use phm_core::access::Action;
use phm_core::id::ProfileId;
use phm_plugin_api::v1::drugs::Finding;
use phm_plugins::interactions::{self, medicines_of};
use serde_json::Value;

use super::house::AtWork;
use super::problem::Problem;

pub use phm_plugins::interactions::{Asked, Interactions, medicine_of};

/// Checks the medicines of a person, with others beside them.
///
/// # Errors
/// As the permit to read medications.
pub fn check(at: &AtWork, profile: ProfileId, asked: &Asked) -> Result<Interactions, Problem> {
    let found = interactions::check(&at.plugins, at, profile, asked)?;
    if let Some(code) = found.why.as_deref().filter(|code| *code != "no-plugin") {
        // The reason is in the plugin's log; nothing of the input is here.
        tracing::warn!(code, "the drugs plugin failed");
    }
    Ok(found)
}

/// What is found against a medicine that is about to be written down, beside all that the person takes and is allergic to.
///
/// Nothing for one that is over, for a body that breaks a rule, where the caller may not read medicines, and where nothing could
/// be checked: the page of interactions says that.
///
/// # Errors
/// As [`check`].
pub fn against(at: &AtWork, profile: ProfileId, body: &Value) -> Result<Vec<Finding>, Problem> {
    let over = matches!(body["status"].as_str(), Some("stopped" | "completed"));
    let is_whole = at.vault.kinds().get("medication").is_some_and(|info| (info.check)(body).is_ok());
    if over || !is_whole || !at.may(Action::Read, profile, "medication") {
        return Ok(Vec::new());
    }
    let medicines = medicines_of("medication", body, at.now());
    let names: Vec<String> = medicines.iter().map(|one| one.name.clone()).collect();
    let found = check(at, profile, &Asked { medicines, ..Asked::default() })?;
    Ok(found.findings_about(&names).cloned().collect())
}
