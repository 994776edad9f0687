//! What plugins have to say about a person's medicines. For admins: which plugins there are, and whether they are on.

use phm_plugins::installed::{self, Installed};
use phm_plugins::{PluginError, logbook};
use poem::Response;

use super::access::chosen;
use super::reply::{go, html};
use super::visit::Visit;
use crate::http::interactions::{Asked, check};
use crate::http::problem::Problem;
use crate::http::web::view::interactions::InteractionsPage;
use crate::http::web::view::page::Here;
use crate::http::web::view::plugins::PluginsPage;

/// Whether a person's medicines go together.
pub async fn interactions(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let view = visit
        .with(move |session, frame| {
            let found = check(session, profile, &Asked::default())?;
            let page = frame.page(
                session,
                &frame.t().say("nav-interactions"),
                Here::Collection("medications".to_owned()),
                Some(profile),
            )?;
            Ok(InteractionsPage::new(page, &found))
        })
        .await?;
    html(&view)
}

/// What is installed, what it may do and what it logged, for whoever runs the house.
pub async fn all(visit: Visit) -> Result<Response, Problem> {
    html(&page_with(&visit, "").await?)
}

/// The same page with the code of what went wrong; empty for nothing.
pub async fn page_with(visit: &Visit, fault: &str) -> Result<PluginsPage, Problem> {
    let fault = fault.to_owned();
    visit
        .with(move |session, frame| {
            session.runs_the_house()?;
            let page = frame.page(session, &frame.t().say("admin-plugins"), Here::Admin, None)?;
            let mut all: Vec<(Installed, Vec<String>)> = Vec::new();
            for plugin in session.plugins.list()? {
                let lines = logbook::read(&session.vault, &plugin.name, None)?;
                let lines = lines.into_iter().map(|line| format!("{} {}", line.at, line.message)).collect();
                all.push((plugin, lines));
            }
            if all.iter().any(|(_, lines)| !lines.is_empty()) {
                session.note_administered("read a plugin's log")?;
            }
            Ok(PluginsPage::new(page, &all, &fault))
        })
        .await
}

/// Switches a plugin on, with what was chosen of all that its page said it asks for.
pub async fn switch_on(visit: Visit) -> Result<Response, Problem> {
    let (name, shown) = (visit.part("name"), visit.field("sha256"));
    // A form that offers no choice grants what it says.
    let only = (visit.field("choice") == "yes").then(|| chosen(&visit, "only"));
    visit
        .with(move |session, _| {
            switched(installed::enable_shown(&session.vault, session, &name, Some(&shown), only.as_deref()))
        })
        .await
}

/// Switches a plugin off.
pub async fn switch_off(visit: Visit) -> Result<Response, Problem> {
    let name = visit.part("name");
    visit.with(move |session, _| switched(installed::disable(&session.vault, session, &name))).await
}

fn switched(done: Result<Installed, PluginError>) -> Result<Response, Problem> {
    done?;
    Ok(go("/admin/plugins"))
}
