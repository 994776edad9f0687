//! The handlers of pages: turn the request into our types, call the core once, turn the answer into a page.
//!
//! A page is for a person: what goes wrong is said in words in their language, a missing sign-in leads to the sign-in
//! page and back. Every form carries the CSRF value of its session; one that does not is refused before anything else.

mod acceptance;
mod access;
mod account;
mod accounts;
mod data;
mod documents;
mod enter;
mod family;
mod hand_over;
mod house_retention;
mod household;
mod imports;
mod invitations;
mod links;
mod looked;
mod names;
mod oversight;
mod patients;
mod person;
mod person_plugins;
mod plugin_settings;
mod plugin_uploads;
mod plugins;
mod proposals;
mod records;
mod reminders;
mod reply;
mod restrictions;
mod retention;
mod security;
mod tokens;
mod trust;
mod visit;
mod watch;

use std::future::Future;
use std::pin::Pin;

use poem::endpoint::make;
use poem::{Endpoint, EndpointExt as _, Request, Response, Route, get};

use super::assets;
use crate::http::problem::Problem;
use visit::Visit;

type Answer = Pin<Box<dyn Future<Output = Result<Response, Problem>> + Send>>;

/// One page: GET shows, POST does.
fn page<F, A>(handler: F) -> impl Endpoint<Output = Response> + 'static
where
    F: Fn(Visit) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Result<Response, Problem>> + Send + 'static,
{
    make(move |request: Request| {
        let handler = handler.clone();
        let answer: Answer = Box::pin(async move { Ok(answered(request, handler).await) });
        async move { answer.await.map_err(poem::Error::from) }
    })
}

async fn answered<F, A>(request: Request, handler: F) -> Response
where
    F: Fn(Visit) -> A + Send + Sync,
    A: Future<Output = Result<Response, Problem>> + Send,
{
    let (visit, manner) = match Visit::receive(request).await {
        Ok(received) => received,
        Err((problem, manner)) => {
            let mut response = manner.failure(&problem);
            manner.finish(&mut response);
            return response;
        }
    };
    match handler(visit).await {
        Ok(mut response) => {
            manner.finish(&mut response);
            response
        }
        Err(problem) => manner.failure(&problem),
    }
}

/// How to trust this machine; served on plain http too.
pub fn trust_page() -> impl Endpoint<Output = Response> + 'static {
    get(page(trust::trust)).map_to_response()
}

/// The certificate of this machine's authority; served on plain http too.
pub fn trust_file() -> impl Endpoint<Output = Response> + 'static {
    get(page(trust::certificate)).map_to_response()
}

/// What a link opens, asked for by its page.
async fn opened(request: Request) -> poem::Result<Response> {
    let (request, mut body) = request.split();
    Ok(links::open(&request, &mut body).await?)
}

/// All pages and the assets they use.
pub fn routes() -> impl Endpoint<Output = Response> + 'static {
    Route::new()
        .at("/assets/:name", get(assets::serve))
        .at("/setup", get(page(enter::setup)).post(page(enter::set_up)))
        .at(visit::RESTORE, get(page(enter::restore_page)).post(page(enter::restore)))
        .at("/unlock", get(page(enter::locked)).post(page(enter::unlock)))
        .at("/trust", trust_page())
        .at("/trust/phm.crt", trust_file())
        .at("/sign-in", get(page(enter::door)).post(page(enter::sign_in)))
        .at("/sign-in/second", poem::post(page(account::second)))
        .at("/sign-in/passkey", poem::post(page(account::passkey)))
        .at("/sign-in/oidc", get(page(account::leave)))
        .at("/sign-in/oidc/back", get(page(account::come_back)))
        .at("/register", get(page(account::register)).post(page(account::sign_up)))
        .at("/forgot", get(page(account::forgotten)).post(page(account::forgot)))
        .at("/reset", get(page(account::resetting)).post(page(account::reset)))
        .at("/verify", get(page(account::verifying)).post(page(account::verify)))
        .at("/refuse", get(page(hand_over::refusing)).post(page(hand_over::refuse)))
        .at("/sign-out", poem::post(page(enter::sign_out)))
        .at("/people", get(page(household::people)))
        .at("/people/new", get(page(household::new_person)).post(page(household::add_person)))
        .at("/notifications", get(page(reminders::notifications)))
        .at("/notifications/seen", poem::post(page(reminders::seen)))
        .at("/notifications/:id/answer", poem::post(page(reminders::answer)))
        .at("/r/:token", get(page(reminders::link)).post(page(reminders::answer_link)))
        .at("/settings/reminders", get(page(reminders::settings)).post(page(reminders::save)))
        .at("/settings/reminders/test", poem::post(page(reminders::test)))
        .at("/settings", get(page(household::settings)).post(page(household::save_settings)))
        .at("/settings/password", poem::post(page(security::change_password)))
        .at("/settings/email", poem::post(page(security::change_email)))
        .at("/settings/elsewhere", poem::post(page(security::let_elsewhere)))
        .at("/settings/app", poem::post(page(security::offer_app)))
        .at("/settings/app/confirm", poem::post(page(security::confirm_app)))
        .at("/settings/app/remove", poem::post(page(security::drop_app)))
        .at("/settings/recovery-codes", poem::post(page(security::new_codes)))
        .at("/settings/passkeys", poem::post(page(security::keep_passkey)))
        .at("/settings/passkeys/:id/remove", poem::post(page(security::drop_passkey)))
        .at("/settings/sessions/end-others", poem::post(page(security::end_others)))
        .at("/settings/sessions/:id/end", poem::post(page(household::end_session)))
        .at("/admin", get(page(household::admin)))
        .at("/admin/reminders", get(page(reminders::admin)))
        .at("/admin/reminders/:id/retry", poem::post(page(reminders::retry)))
        .at("/admin/reminders/:id/forget", poem::post(page(reminders::forget)))
        .at("/admin/alerts", get(page(oversight::alerts)))
        .at("/admin/retention", get(page(house_retention::rules)).post(page(house_retention::propose)))
        .at("/admin/retention/:kind/end", poem::post(page(house_retention::end)))
        .at("/admin/incident", get(page(oversight::incident)))
        .at("/admin/incident/report.json", get(page(oversight::incident_file)))
        .at("/admin/permissions", get(page(accounts::permissions)))
        .at("/admin/plugins", get(page(plugins::all)))
        .at(visit::PACKAGE, poem::post(page(plugin_uploads::upload)))
        .at("/admin/plugin-uploads/:sha256", get(page(plugin_uploads::look)).post(page(plugin_uploads::install)))
        .at("/admin/plugins/:name/settings", get(page(plugin_settings::form)).post(page(plugin_settings::save)))
        .at("/admin/plugins/:name/enable", poem::post(page(plugins::switch_on)))
        .at("/admin/plugins/:name/disable", poem::post(page(plugins::switch_off)))
        .at("/admin/invitations", get(page(invitations::all)).post(page(invitations::make)))
        .at("/admin/invitations/:id/withdraw", poem::post(page(invitations::withdraw)))
        .at("/admin/accounts/new", get(page(accounts::new)).post(page(accounts::add)))
        .at("/admin/accounts/:id", get(page(accounts::account)).post(page(accounts::change)))
        .at("/admin/accounts/:id/unlock", poem::post(page(accounts::unlock)))
        .at("/admin/accounts/:id/take-over", poem::post(page(accounts::take_over)))
        .at("/admin/accounts/:id/sign-out", poem::post(page(accounts::sign_out)))
        .at("/patients", get(page(patients::patients)))
        .at("/patients/break-glass", poem::post(page(patients::break_glass)))
        .at("/tokens", get(page(tokens::tokens)).post(page(tokens::make)))
        .at("/tokens/:id/revoke", poem::post(page(tokens::revoke)))
        .at("/join", get(page(family::join)).post(page(family::look)))
        .at("/join/accept", poem::post(page(family::accept)))
        .at("/admin/accounts/:id/reset-link", poem::post(page(security::hand_out_link)))
        .at("/p/:p", get(page(person::dashboard)))
        .at("/p/:p/units", poem::post(page(person::choose_unit)))
        .at("/p/:p/profile", get(page(household::profile)).post(page(household::save_profile)))
        .at("/p/:p/timeline", get(page(person::timeline)))
        .at("/p/:p/records", get(page(person::collections)))
        .at("/p/:p/add", get(page(person::choices)))
        .at("/p/:p/who-looked", get(page(person::who_looked)))
        .at("/p/:p/who-looked/log.csv", get(page(looked::table)))
        .at("/p/:p/who-looked/log.json", get(page(looked::list)))
        .at("/p/:p/data", get(page(data::data)))
        .at("/p/:p/data/records.html", get(page(data::readable)))
        .at("/p/:p/data/erase", poem::post(page(data::erase)))
        .at("/p/:p/access", get(page(access::access)).post(page(access::give)))
        .at("/p/:p/plugins", get(page(person_plugins::plugins)).post(page(person_plugins::give)))
        .at("/p/:p/access/seen", poem::post(page(access::seen)))
        .at("/p/:p/access/:id/revoke", poem::post(page(access::revoke)))
        .at("/p/:p/access/:id/refuse", poem::post(page(access::refuse)))
        .at("/p/:p/access/:id/ask", poem::post(page(access::ask)))
        .at("/p/:p/hand-over/refuse", poem::post(page(hand_over::refuse_here)))
        .at("/p/:p/family", get(page(family::family)).post(page(family::invite)))
        .at("/p/:p/family/:id", poem::post(page(family::change)))
        .at("/p/:p/family/:id/end", poem::post(page(family::end)))
        .at("/p/:p/family/invitations/:id/withdraw", poem::post(page(family::withdraw)))
        .at("/p/:p/links", get(page(links::links)).post(page(links::make)))
        .at("/p/:p/links/:id/end", poem::post(page(links::end)))
        .at("/p/:p/restrictions", get(page(restrictions::restrictions)).post(page(restrictions::restrict)))
        .at("/p/:p/restrictions/:id/lift", poem::post(page(restrictions::lift)))
        .at("/p/:p/retention", get(page(retention::rules)).post(page(retention::keep)))
        .at("/p/:p/retention/:kind/end", poem::post(page(retention::end)))
        .at("/p/:p/retention/:kind/answer", poem::post(page(house_retention::answer)))
        .at("/p/:p/watch", get(page(watch::watch)))
        .at("/s/:id", get(page(links::door)).post(make(opened)))
        .at("/p/:p/import", get(page(imports::start)).post(page(imports::upload)))
        .at("/p/:p/import/:i", get(page(imports::one)))
        .at("/p/:p/import/:i/confirm", poem::post(page(imports::confirm)))
        .at("/p/:p/import/:i/accept", poem::post(page(imports::accept)))
        .at("/p/:p/import/:i/undo", poem::post(page(imports::undo)))
        .at("/p/:p/interactions", get(page(plugins::interactions)))
        .at("/p/:p/proposals", get(page(proposals::waiting)))
        .at("/p/:p/proposals/rules", poem::post(page(acceptance::make)))
        .at("/p/:p/proposals/rules/:id/end", poem::post(page(acceptance::end)))
        .at("/p/:p/proposals/:id/accept", poem::post(page(proposals::accept)))
        .at("/p/:p/proposals/:id/amend", get(page(proposals::edit)).post(page(proposals::amend)))
        .at("/p/:p/proposals/:id/reject", poem::post(page(proposals::reject)))
        .at("/p/:p/documents/new", get(page(records::new)).post(page(documents::add)))
        .at("/p/:p/documents/:id/content", get(page(documents::content)))
        .at("/p/:p/documents/:id/read", poem::post(page(proposals::read)))
        .at("/p/:p/:collection", get(page(records::list)))
        .at("/p/:p/:collection/new", get(page(records::new)).post(page(records::create)))
        .at("/p/:p/:collection/:id", get(page(records::detail)))
        .at("/p/:p/:collection/:id/edit", get(page(records::edit)).post(page(records::amend)))
        .at("/p/:p/:collection/:id/history", get(page(records::history)))
        .at("/p/:p/:collection/:id/original", get(page(records::original)))
        .at("/p/:p/:collection/:id/labels", poem::post(page(records::mark)))
        .at("/p/:p/:collection/:id/remove", poem::post(page(records::remove)))
        .at("/p/:p/:collection/:id/restore", poem::post(page(records::restore)))
        .at("/*path", get(page(enter::nowhere)))
        .map_to_response()
}
