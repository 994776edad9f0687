//! Whether a person's medicines go together, for whoever asks over HTTP: the check itself is that of `phm-plugins`.

use phm_core::access::Action;
use phm_core::id::ProfileId;
use phm_core::time::Instant;
use phm_plugin_api::v1::drugs::Finding;
use phm_plugins::interactions::{self, medicines_of};
use serde_json::Value;

use super::house::AtWork;
use super::problem::Problem;

pub use phm_plugins::interactions::{Asked, Interactions};

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
    if medicines.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = medicines.iter().map(|one| one.name.clone()).collect();
    let found = check(at, profile, &Asked { medicines, ..Asked::default() })?;
    Ok(found.findings_about(&names).cloned().collect())
}

/// What somebody is warned of who writes this down, in a line: the medicine with what the check is told of its dose and
/// route. Who was told of one dose was not told of another.
pub fn warned_of(body: &Value, now: Instant) -> String {
    let medicines = medicines_of("medication", body, now).into_iter();
    let parts = medicines.flat_map(|one| [Some(one.name.trim().to_owned()), one.strength_mg, one.per_day, one.route]);
    parts.flatten().collect::<Vec<String>>().join(" ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_was_told_of_one_dose_was_not_told_of_another() {
        let now: Instant = "2026-11-28T10:00:00Z".parse().expect("an instant");
        let of = |body: Value| warned_of(&body, now);
        assert_eq!(of(json!({"drug": " ibuprofen "})), "ibuprofen");
        let dosed = |strength: &str, times: &str| {
            of(json!({"drug": "ibuprofen", "strength": strength, "route": "oral",
                "frequency": {"times": times, "per": "1", "unit": "d"}}))
        };
        assert_eq!(dosed("400 mg", "3"), "ibuprofen 400 3 oral");
        assert!(dosed("800 mg", "3") != dosed("400 mg", "3") && dosed("400 mg", "6") != dosed("400 mg", "3"));
        assert_eq!(of(json!({"drug": "ibuprofen", "status": "completed", "end": "2020"})), "", "it works no more");
    }
}
