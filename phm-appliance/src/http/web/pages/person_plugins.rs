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

    /// What of `kinds` a grant for each of the actions is about: to read what it only wants to add, or to add what it only wants to
    /// read, is not asked for and not given.
    fn terms(&self, kinds: &[String]) -> Vec<(Vec<String>, Vec<&'static str>)> {
        let of = |wanted: &BTreeSet<String>| -> Vec<String> {
            kinds.iter().filter(|kind| wanted.contains(*kind)).cloned().collect()
        };
        let (reads, adds) = (of(&self.reads), of(&self.adds));
        let all = if reads == adds {
            vec![(reads, vec!["read", "add"])]
        } else {
            vec![(reads, vec!["read"]), (adds, vec!["add"])]
        };
        all.into_iter().filter(|(kinds, _)| !kinds.is_empty()).collect()
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
        let mut hosts = Some(hosts);
        for (kinds, actions) in wanted.terms(&kinds) {
            // Named once, so that taking one grant back takes the sending back.
            let hosts = hosts.take().unwrap_or_default();
            at.give(profile, &json!({"to": {"plugin": name}, "kinds": kinds, "actions": actions, "hosts": hosts}))?;
        }
        Ok(None)
    });
    match outcome.await? {
        None => Ok(go(&format!("/p/{profile}/access?done=given"))),
        Some(view) => html_with(StatusCode::UNPROCESSABLE_ENTITY, &view),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_read_is_not_added_and_what_is_only_added_is_not_read() {
        let set = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect::<BTreeSet<String>>();
        let list = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect::<Vec<String>>();
        let wanted =
            Wanted { reads: set(&["document", "note"]), adds: set(&["lab-result", "note"]), hosts: BTreeSet::new() };
        let terms = wanted.terms(&list(&["document", "lab-result"]));
        assert_eq!(terms, vec![(list(&["document"]), vec!["read"]), (list(&["lab-result"]), vec!["add"])]);
        assert_eq!(wanted.terms(&list(&["note"])), vec![(list(&["note"]), vec!["read", "add"])]);
        assert_eq!(wanted.terms(&list(&["lab-result"])), vec![(list(&["lab-result"]), vec!["add"])]);
        assert!(wanted.terms(&[]).is_empty());
    }
}
