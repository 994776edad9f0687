//! Reading a document: the document plugin that is on is handed it, and what it finds waits for a person.
//!
//! A plugin reads nothing by itself. Whoever answers for the person lets it read this one document, for as long as that takes;
//! what it proposes becomes a record only when somebody accepts it, or a rule that somebody made for that.

use phm_core::access::{Action, Actor, Labels, Sensitivity};
use phm_core::id::{ProfileId, RecordId};
use phm_core::vault::{Record, Removed};
use phm_plugin_api::Kind;
use phm_plugin_api::v1::Operation as _;
use phm_plugin_api::v1::calls::RecordsPropose;
use phm_plugin_api::v1::document::{Input, NotUnderstood, Output};
use phm_plugins::CallContext;
use phm_plugins::installed::Installed;
use poem::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use super::house::AtWork;
use super::problem::Problem;

const DOCUMENT: &str = "document";
/// What plugins read that are given the file itself.
const PDF: &str = "application/pdf";
/// Minutes for which a plugin may read a document that it was let read.
const MINUTES: i64 = 15;

/// What reading a document came to.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// The plugin that read it.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// The proposals that wait for a person now.
    pub proposals: Vec<String>,
    /// The records that rules of the person made of what it proposed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<String>,
    /// How many pages have text.
    pub pages: usize,
    /// What looked like something to propose and was not understood.
    pub not_understood: Vec<NotUnderstood>,
    /// Why the document could not be read at all, as a code.
    pub unreadable: Option<String>,
}

/// The plugin that a document of this body could be read by, for somebody who may let it: its name and version.
///
/// # Errors
/// As what is installed can be read.
pub fn offered(at: &AtWork, profile: ProfileId, body: &Value) -> Result<Option<String>, Problem> {
    if body["media_type"] != PDF || !at.may(Action::Share, profile, DOCUMENT) {
        return Ok(None);
    }
    let plugin = at.plugins.enabled_of(Kind::Document)?;
    Ok(plugin.map(|plugin| format!("{} {}", plugin.name, plugin.version)))
}

/// Has a document read. With `consent`, which says what for, the plugin is let read it first.
///
/// # Errors
/// `no-reader` where no plugin that reads documents is on; `not-granted` where the plugin may not read the document, or the
/// caller may not let it; as the plugin's call otherwise.
pub fn read(at: &AtWork, profile: ProfileId, id: RecordId, consent: Option<&str>) -> Result<Outcome, Problem> {
    let permit = at.permit(Action::Read, profile, DOCUMENT)?;
    let record = at.read(&permit, id, Removed::Hide)?;
    let body: Value = serde_json::from_str(record.body.get()).unwrap_or_default();
    let plugin = at.plugins.enabled_of(Kind::Document)?.ok_or_else(|| {
        Problem::new(
            StatusCode::CONFLICT,
            "no-reader",
            "no plugin that reads documents is on; an admin can switch one on",
        )
    })?;
    match (holds(at, &plugin, profile)?, consent) {
        (Holds::Everything, _) | (Holds::Something, None) => {}
        (_, Some(purpose)) => agree(at, &plugin, &record, purpose)?,
        (Holds::Nothing, None) => {
            let text = "the person has not granted the plugin this document; send `consent` to let it read this one";
            return Err(Problem::new(StatusCode::FORBIDDEN, "not-granted", text));
        }
    }
    let media_type = body["media_type"].as_str().unwrap_or_default().to_owned();
    let input = Input { document: id.to_string(), media_type, pages: Vec::new() };
    let input = serde_json::to_value(input).map_err(|_| Problem::internal())?;
    let called = at.plugins.call(&CallContext::about(at, permit), &plugin.name, &input, &[id])?;
    let output: Output = serde_json::from_value(called.output).map_err(|_| Problem::internal())?;
    Ok(Outcome {
        plugin: plugin.name,
        version: plugin.version,
        proposals: called.proposals,
        accepted: called.accepted,
        pages: output.pages.iter().filter(|page| !page.text.is_empty()).count(),
        not_understood: output.not_understood,
        unreadable: output.unreadable,
    })
}

/// What a plugin may do of what it needs to read documents.
enum Holds {
    /// All of it, with every document.
    Everything,
    /// All of it, with some documents.
    Something,
    /// Not all of it.
    Nothing,
}

fn holds(at: &AtWork, plugin: &Installed, profile: ProfileId) -> Result<Holds, Problem> {
    let Some(account) = at.actor().account() else { return Ok(Holds::Nothing) };
    let own = at.vault.session(Actor::Plugin { name: plugin.name.clone(), account }, "reading a document")?;
    let proposes = proposed(plugin).iter().all(|kind| own.may(Action::Add, profile, kind));
    Ok(match own.permit_if_allowed(Action::Read, profile, DOCUMENT) {
        Some(permit) if proposes && permit.scope().is_everything() => Holds::Everything,
        Some(_) if proposes => Holds::Something,
        _ => Holds::Nothing,
    })
}

/// Lets a plugin read one document, however sensitive that is, and propose what it finds there, for a short time.
fn agree(at: &AtWork, plugin: &Installed, document: &Record, purpose: &str) -> Result<(), Problem> {
    let ends_at = at.now().plus_millis(MINUTES * 60_000);
    let (to, kinds) = (json!({ "plugin": plugin.name }), proposed(plugin));
    // A label that a grant cannot name keeps the document from everybody who may not see all of them.
    let labels: Result<Labels, _> = document.labels.iter().map(|label| label.parse::<Sensitivity>()).collect();
    let labels = labels.unwrap_or(Labels::ALL);
    let read = json!({
        "to": to, "kinds": [DOCUMENT], "actions": ["read"], "records": [document.id], "labels": labels,
        "purpose": purpose, "ends_at": ends_at,
    });
    at.give(document.profile, &read)?;
    if !kinds.is_empty() {
        let add = json!({"to": to, "kinds": kinds, "actions": ["add"], "purpose": purpose, "ends_at": ends_at});
        at.give(document.profile, &add)?;
    }
    Ok(())
}

/// The kinds of records that a plugin was granted to propose.
fn proposed(plugin: &Installed) -> Vec<String> {
    let granted = plugin.granted.iter().flatten().filter(|one| one.capability == RecordsPropose::NAME);
    granted.flat_map(|one| one.kinds.clone()).collect()
}
