//! What a person may ask for about what is kept of them: a copy that people read, and the end of all of it.

use std::io::Write;

use askama::Template;
use phm_core::access::{Action, Permit};
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::{Query, Sort};
use phm_core::vault::Session;
use poem::Response;
use poem::http::{StatusCode, header};

use super::reply::{go, html, html_with};
use super::visit::{Frame, Visit};
use crate::http::house::AtWork;
use crate::http::problem::Problem;
use crate::http::stream::written;
use crate::http::web::forms::{Layout, labels, layout};
use crate::http::web::view::Record;
use crate::http::web::view::data::{ReadableHead, ReadableKind, ReadableRecord, YourData};
use crate::http::web::view::page::Here;
use crate::i18n::Locale;

/// Records that are read at one time.
const PAGE: u32 = 200;

/// The page of a person's rights.
pub async fn data(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    html(&visit.with(move |session, frame| shown(session, frame, profile)).await?)
}

fn shown(session: &AtWork, frame: &Frame, profile: ProfileId) -> Result<YourData, Problem> {
    let page = frame.page(session, &frame.t().say("nav-data"), Here::Access, Some(profile))?;
    Ok(YourData {
        may_export: session.may(Action::Export, profile, "profile"),
        may_restrict: session.answers_for(profile),
        may_erase: session.may_erase_profile(profile),
        errors: Vec::new(),
        page,
    })
}

/// Everything as one page that people read and print, written as it is taken.
pub async fn readable(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let caller = visit.signed_in()?.signed.clone();
    let (vault, t) = (visit.house.open()?.vault, visit.t.clone());
    let body = written(move |out| {
        let session = vault.session(caller.actor(), &caller.purpose)?;
        session.permit(Action::Export, profile, "profile")?;
        write_all(&session, &t, profile, out)
    });
    Ok(Response::builder()
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .header(header::CONTENT_DISPOSITION, "attachment; filename=\"records.html\"")
        .header(header::CACHE_CONTROL, "no-store")
        .body(body.await?))
}

fn write_all(session: &Session, t: &Locale, profile: ProfileId, out: &mut dyn Write) -> Result<(), Problem> {
    let made = t.when_text(&session.now().to_string());
    let name = session.profile_card(profile)?.name;
    put(out, &ReadableHead { t: t.clone(), name, made })?;
    for layout in layout::LAYOUTS {
        // What may not be taken along stays out, as in the other copies.
        let Some(taken) = session.permit_if_allowed(Action::Export, profile, layout.kind) else { continue };
        let Some(read) = session.permit_if_allowed(Action::Read, profile, layout.kind) else { continue };
        if taken.scope().covers(read.scope()) {
            write_kind(session, t, layout, (&read, &taken), out)?;
        }
    }
    out.write_all(b"</body>\n</html>\n").map_err(|_| Problem::internal())
}

fn write_kind(
    session: &Session,
    t: &Locale,
    layout: &'static Layout,
    (read, taken): (&Permit, &Permit),
    out: &mut dyn Write,
) -> Result<(), Problem> {
    let mut query = Query { sort: Sort::NewestFirst, per_page: PAGE, ..Query::default() };
    loop {
        let found = session.list(read, &query)?;
        // That they left stands in the log before they do.
        let ids: Vec<RecordId> = found.items.iter().map(|record| record.id).collect();
        session.note_taken(taken, &ids)?;
        if query.page == 1 && !found.items.is_empty() {
            put(out, &ReadableKind { title: labels::kinds(t, layout.kind) })?;
        }
        for record in &found.items {
            put(out, &ReadableRecord::new(t, layout, &Record::of(record)))?;
        }
        if u64::from(query.page) * u64::from(PAGE) >= found.total {
            return Ok(());
        }
        query.page += 1;
    }
}

fn put(out: &mut dyn Write, part: &impl Template) -> Result<(), Problem> {
    let text = part.render().map_err(|_| Problem::internal())?;
    // The client went away: there is nobody to tell.
    out.write_all(text.as_bytes()).map_err(|_| Problem::internal())
}

/// Erases a person, where their name was typed once more.
pub async fn erase(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let typed = visit.field("confirm");
    let refused = visit.with(move |session, frame| {
        // Strangers learn nothing of a name.
        session.permit(Action::Erase, profile, "profile")?;
        if session.profile_card(profile)?.name.trim() != typed.trim() {
            let errors = vec![frame.t().say("data-erase-wrong")];
            return Ok(Some(YourData { errors, ..shown(session, frame, profile)? }));
        }
        session.erase_profile(profile)?;
        Ok(None)
    });
    match refused.await? {
        None => Ok(go("/people")),
        Some(view) => html_with(StatusCode::UNPROCESSABLE_ENTITY, &view),
    }
}
