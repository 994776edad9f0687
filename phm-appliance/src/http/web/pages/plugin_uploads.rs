//! Installing a plugin by upload: the package is taken in, its permissions are looked at, and then it is installed, or not.

use std::sync::Arc;

use phm_core::id::RecordId;
use phm_core::vault::Spool;
use phm_plugins::{PluginError, installed};
use poem::Response;
use poem::http::StatusCode;

use super::access::chosen;
use super::plugins::page_with;
use super::reply::{go, html, html_with};
use super::visit::{PACKAGE, Visit};
use crate::http::packages;
use crate::http::problem::Problem;
use crate::http::web::view::page::Here;
use crate::http::web::view::plugin_upload::PluginUpload;

/// Takes a package in, and leads to what it asks for.
pub async fn upload(mut visit: Visit) -> Result<Response, Problem> {
    let account = visit.signed_in()?.signed.account;
    let Some(upload) = visit.upload.take() else { return refused(&visit, "no-file").await };
    let spool = upload.content;
    let looked = visit
        .with(move |at, _| {
            at.runs_the_house()?;
            let bytes = packages::read(&spool)?;
            Ok(told(at.plugins.look(at, &bytes))?.map(|looked| (looked.sha256, spool)))
        })
        .await?;
    match looked {
        Ok((sha256, spool)) => {
            visit.house.packages.keep(account, &sha256, spool, visit.house.clock.now());
            Ok(go(&format!("{PACKAGE}/{sha256}")))
        }
        Err(code) => refused(&visit, &code).await,
    }
}

/// What a package asks for, before it is installed.
pub async fn look(visit: Visit) -> Result<Response, Problem> {
    let (_, spool) = waiting(&visit)?;
    html(&looked(&visit, spool, "").await?)
}

/// How far installing came.
enum Outcome {
    /// It was not installed, because of this.
    Refused(String),
    /// It was installed and could not be switched on, because of this.
    Off(String),
    /// All was done.
    Done,
}

/// Installs what was looked at; switches it on where that was chosen, with what was chosen.
pub async fn install(visit: Visit) -> Result<Response, Problem> {
    let (account, spool) = waiting(&visit)?;
    let (sha256, whose, only) = (visit.part("sha256"), visit.field("whose"), chosen(&visit, "only"));
    let (trusts, on) = (visit.field("trust") == "yes", visit.field("then") == "on");
    if trusts && whose.is_empty() {
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &looked(&visit, spool, "name-missing").await?);
    }
    let package = Arc::clone(&spool);
    let outcome = visit
        .with(move |at, _| {
            at.runs_the_house()?;
            let bytes = packages::read(&package)?;
            let done =
                if trusts { at.plugins.install_trusting(at, &bytes, &whose) } else { at.plugins.install(at, &bytes) };
            let plugin = match told(done)? {
                Ok(plugin) => plugin,
                Err(code) => return Ok(Outcome::Refused(code)),
            };
            if !on {
                return Ok(Outcome::Done);
            }
            let switched =
                installed::enable_shown(&at.vault, at, &plugin.name, Some(&plugin.sha256), Some(only.as_slice()));
            Ok(told(switched)?.map_or_else(Outcome::Off, |_| Outcome::Done))
        })
        .await?;
    if !matches!(outcome, Outcome::Refused(_)) {
        visit.house.packages.forget(account, &sha256, visit.house.clock.now());
    }
    match outcome {
        Outcome::Refused(code) => html_with(StatusCode::UNPROCESSABLE_ENTITY, &looked(&visit, spool, &code).await?),
        Outcome::Off(code) => html_with(StatusCode::CONFLICT, &page_with(&visit, &code).await?),
        Outcome::Done => Ok(go("/admin/plugins")),
    }
}

/// The package the address names, which its sender has sent.
fn waiting(visit: &Visit) -> Result<(RecordId, Arc<Spool>), Problem> {
    let account = visit.signed_in()?.signed.account;
    let found = visit.house.packages.find(account, &visit.part("sha256"), visit.house.clock.now());
    Ok((account, found.ok_or_else(Problem::not_found)?))
}

async fn looked(visit: &Visit, spool: Arc<Spool>, fault: &str) -> Result<PluginUpload, Problem> {
    let fault = fault.to_owned();
    visit
        .with(move |at, frame| {
            at.runs_the_house()?;
            let looked = at.plugins.look(at, &packages::read(&spool)?)?;
            let page = frame.page(at, &frame.t().say("plugin-upload"), Here::Admin, None)?;
            Ok(PluginUpload::new(page, &looked, &fault))
        })
        .await
}

/// The page of plugins with what is wrong with the package.
async fn refused(visit: &Visit, code: &str) -> Result<Response, Problem> {
    html_with(StatusCode::UNPROCESSABLE_ENTITY, &page_with(visit, code).await?)
}

/// What is wrong with a package, by its code, for its sender; what is wrong with the house is a problem.
fn told<T>(done: Result<T, PluginError>) -> Result<Result<T, String>, Problem> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(PluginError::Vault(error)) => Err(error.into()),
        Err(error) => Ok(Err(error.code().to_owned())),
    }
}
