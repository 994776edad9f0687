//! The form of a record, new or being edited: what it is filled with and which records it offers to link to.

use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use phm_core::vault::Removed;
use poem::Response;
use serde_json::{Value, json};

use super::super::reply::html;
use super::super::visit::{Frame, Visit};
use super::{frame_of, kind_of};
use crate::http::house::AtWork;
use crate::http::problem::Problem;
use crate::http::web::forms::{Input, Layout, Links, Problem as Fault, layout, presets};
use crate::http::web::view::Record;
use crate::http::web::view::records::{Form, FormData};

/// Records a form offers to link to.
const LINKS: u32 = 100;

/// The form of a new record.
pub async fn new(visit: Visit) -> Result<Response, Problem> {
    let (profile, layout) = (visit.profile()?, kind_of(&visit)?);
    if matches!(layout.kind, "fhir-resource" | "series") {
        return Err(Problem::not_found());
    }
    let (of, medication) = (visit.asked("of").to_owned(), visit.asked("medication").to_owned());
    let view = visit
        .with(move |session, frame| {
            session.permit(Action::Add, profile, layout.kind)?;
            let body = presets::named(layout.kind, &of).map_or_else(|| json!({}), presets::Preset::body);
            let mut body = begun(layout, body, session, frame);
            if layout.kind == "dose" && medication.parse::<RecordId>().is_ok() {
                body["medication"] = json!(medication);
            }
            form(session, frame, layout, profile, &Draft { of: Some(&of), ..Draft::of(&body) })
        })
        .await?;
    html(&view)
}

/// A measurement and a dose are most often written down at once.
fn begun(layout: &Layout, mut body: Value, session: &AtWork, frame: &Frame) -> Value {
    if layout.kind == "vital-sign" {
        body["measured_at"] = json!(session.now().to_string());
    }
    if layout.kind == "lab-result" {
        body["collected_at"] = json!(frame.t().local_date(session.now()).to_string());
    }
    if layout.kind == "dose" {
        body["at"] = json!(session.now().to_string());
        body["status"] = json!("taken");
    }
    body
}

/// What a form is filled with.
#[derive(Clone, Copy)]
pub(in crate::http::web::pages) struct Draft<'a> {
    pub(in crate::http::web::pages) body: &'a Value,
    pub(in crate::http::web::pages) editing: Option<(RecordId, u32)>,
    pub(in crate::http::web::pages) faults: &'a [Fault],
    pub(in crate::http::web::pages) grow: Option<&'a str>,
    pub(in crate::http::web::pages) of: Option<&'a str>,
    pub(in crate::http::web::pages) conflict: bool,
}

impl<'a> Draft<'a> {
    pub(in crate::http::web::pages) fn of(body: &'a Value) -> Self {
        Self { body, editing: None, faults: &[], grow: None, of: None, conflict: false }
    }
}

/// A form of records.
pub(in crate::http::web::pages) fn form(
    session: &AtWork,
    frame: &Frame,
    layout: &'static Layout,
    profile: ProfileId,
    draft: &Draft<'_>,
) -> Result<Form, Problem> {
    let links = links(session, frame, layout, profile)?;
    let id = draft.editing.map(|(id, version)| (id.to_string(), version));
    let data = FormData {
        editing: id.as_ref().map(|(id, version)| (id.as_str(), *version)),
        body: draft.body,
        problems: draft.faults,
        links: &links,
        grow: draft.grow,
        of: draft.of.filter(|of| !of.is_empty()),
        conflict: draft.conflict,
    };
    let mut view = Form::new(frame_of(session, frame, layout, profile)?, layout, &data);
    view.page.title.clone_from(&view.heading);
    Ok(view)
}

/// The records fields of the layout may link to.
fn links(session: &AtWork, frame: &Frame, layout: &Layout, profile: ProfileId) -> Result<Links, Problem> {
    let mut links = Links::new();
    for field in layout.fields() {
        let (Input::Link(collection) | Input::Links(collection)) = field.input else { continue };
        let Some(target) = layout::of_collection(collection) else { continue };
        let Some(permit) = session.permit_if_allowed(Action::Read, profile, target.kind) else { continue };
        let query = Query { per_page: LINKS, ..Query::default() };
        let rows = session.summaries(&permit, &query)?.items;
        let named = rows.iter().map(|row| {
            let date = row.occurred.map(|when| frame.t().short_date(frame.t().day_of(when)));
            let name = date.map_or_else(|| row.title.clone(), |date| format!("{} · {date}", row.title));
            (row.id.to_string(), name)
        });
        links.insert(collection.to_owned(), named.collect());
    }
    Ok(links)
}

/// The group that is to get one row more.
pub(in crate::http::web::pages) fn grow(visit: &Visit) -> Option<String> {
    Some(visit.field("grow")).filter(|group| !group.is_empty())
}

/// The form of a record being edited.
pub async fn edit(visit: Visit) -> Result<Response, Problem> {
    let (profile, layout, id) = (visit.profile()?, kind_of(&visit)?, visit.record()?);
    let view = visit
        .with(move |session, frame| {
            session.permit(Action::Amend, profile, layout.kind)?;
            let record = session.read(&session.permit(Action::Read, profile, layout.kind)?, id, Removed::Hide)?;
            let shown = Record::of(&record);
            let draft = Draft { editing: Some((id, record.version)), ..Draft::of(&shown.body) };
            form(session, frame, layout, profile, &draft)
        })
        .await?;
    html(&view)
}
