//! What a person lets plugins do with their records, and where a plugin may send what it reads of them.

use std::collections::BTreeSet;

use phm_core::access::Action;
use phm_core::id::ProfileId;
use phm_plugin_api::Kind;
use phm_plugins::installed::Installed;
use poem::Response;
use poem::http::StatusCode;
use serde_json::json;

use super::access::chosen;
use super::reply::{go, html, html_with};
use super::visit::{Frame, Visit};
use crate::http::house::AtWork;
use crate::http::problem::Problem;
use crate::http::web::view::page::Here;
use crate::http::web::view::person_plugins::{PersonPlugin, PersonPlugins};

/// What a plugin asks of people, as far as it was granted by whoever runs the house.
struct Wanted {
    reads: BTreeSet<String>,
    adds: BTreeSet<String>,
    hosts: BTreeSet<String>,
}

impl Wanted {
    fn of(plugin: &Installed) -> Self {
        let (mut reads, mut adds, mut hosts) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for permission in plugin.granted.iter().flatten() {
            let kinds = permission.kinds.iter().cloned();
            match permission.capability.as_str() {
                "records.list" => reads.extend(kinds),
                "records.propose" => adds.extend(kinds),
                "documents.content" | "documents.text" | "ocr.recognize" => _ = reads.insert("document".to_owned()),
                "http.fetch" => hosts.extend(permission.hosts.iter().cloned()),
                _ => {}
            }
        }
        // What is handed to it is what it can send.
        if plugin.kind == Kind::Drugs && !hosts.is_empty() {
            reads.extend(["medication".to_owned(), "allergy".to_owned()]);
        }
        Self { reads, adds, hosts }
    }

    fn kinds(&self) -> BTreeSet<String> {
        self.reads.union(&self.adds).cloned().collect()
    }
}

/// The plugins that are on and ask for something of people.
pub async fn plugins(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    html(&visit.with(move |at, frame| shown(at, frame, profile, false)).await?)
}

fn shown(at: &AtWork, frame: &Frame, profile: ProfileId, failed: bool) -> Result<PersonPlugins, Problem> {
    at.permit(Action::Share, profile, "profile")?;
    let page = frame.page(at, &frame.t().say("person-plugins"), Here::Access, Some(profile))?;
    let mut plugins = Vec::new();
    for plugin in at.plugins.list()?.into_iter().filter(|plugin| plugin.granted.is_some()) {
        let wanted = Wanted::of(&plugin);
        if !wanted.kinds().is_empty() {
            plugins.push(PersonPlugin::new(frame.t(), &plugin, &wanted.kinds(), &wanted.hosts));
        }
    }
    let errors = if failed { vec![frame.t().say("form-check-fields")] } else { Vec::new() };
    Ok(PersonPlugins { page, plugins, errors })
}

/// Lets a plugin do what was chosen, and nothing that it does not ask for.
pub async fn give(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let (name, kinds, hosts) = (visit.field("plugin"), chosen(&visit, "kinds"), chosen(&visit, "hosts"));
    let outcome = visit.with(move |at, frame| {
        at.permit(Action::Share, profile, "profile")?;
        let plugin = at.plugins.list()?.into_iter().find(|one| one.name == name && one.granted.is_some());
        let wanted = Wanted::of(&plugin.ok_or_else(Problem::not_found)?);
        let kinds: Vec<String> = kinds.into_iter().filter(|kind| wanted.kinds().contains(kind)).collect();
        let hosts: Vec<String> = hosts.into_iter().filter(|host| wanted.hosts.contains(host)).collect();
        if kinds.is_empty() {
            return Ok(Some(shown(at, frame, profile, true)?));
        }
        let is_among = |wanted: &BTreeSet<String>| kinds.iter().any(|kind| wanted.contains(kind));
        let reads = is_among(&wanted.reads).then_some("read");
        let actions: Vec<&str> = reads.into_iter().chain(is_among(&wanted.adds).then_some("add")).collect();
        at.give(profile, &json!({"to": {"plugin": name}, "kinds": kinds, "actions": actions, "hosts": hosts}))?;
        Ok(None)
    });
    match outcome.await? {
        None => Ok(go(&format!("/p/{profile}/access?done=given"))),
        Some(view) => html_with(StatusCode::UNPROCESSABLE_ENTITY, &view),
    }
}
