//! Lists, pages, forms and histories of records of any kind.

use askama::Template;
use phm_core::access::{Action, Labels, Permit, Sensitivity};
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::{Query, Sort, Timeframe};
use phm_core::time::{Instant, When};
use phm_core::vault::{How, Removed};
use phm_plugin_api::v1::drugs::Finding;
use poem::Response;
use poem::http::{StatusCode, header};
use serde_json::{Value, json};

use super::access::chosen;
use super::names::{linked, name_doses};
use super::person::{page_number, pager};
use super::reply::{go, html, html_with, own_path};
use super::restrictions;
use super::visit::{Frame, Visit};
use crate::http::api::Taking;
use crate::http::house::AtWork;
use crate::http::interactions::{against, medicine_of};
use crate::http::problem::Problem;
use crate::http::reading::offered;
use crate::http::web::forms::read::{Submitted, body as read_body};
use crate::http::web::forms::{Input, Layout, Links, Problem as Fault, labels, layout, presets};
use crate::http::web::view::dashboard::ConditionCard;
use crate::http::web::view::interactions::FindingView;
use crate::http::web::view::page::{Here, Notice, Page, Tone};
use crate::http::web::view::records::{Detail, Filter, Form, FormData, History, List, VersionData};
use crate::http::web::view::series::{Gauged, Range, SeriesCard, Stretch};
use crate::http::web::view::taking::TakingView;
use crate::http::web::view::{Record, RowData};

/// Rows of a list's page.
const ROWS: u32 = 30;

/// Records a form offers to link to.
const LINKS: u32 = 100;

/// The kind the path names.
fn kind_of(visit: &Visit) -> Result<&'static Layout, Problem> {
    let name = visit.part("collection");
    let name = if name.is_empty() { "documents".to_owned() } else { name };
    layout::of_collection(&name).ok_or_else(Problem::not_found)
}

fn here(layout: &Layout) -> Here {
    Here::Collection(layout.collection.to_owned())
}

fn frame_of(session: &AtWork, frame: &Frame, layout: &Layout, profile: ProfileId) -> Result<Page, Problem> {
    frame.page(session, &labels::kinds(frame.t(), layout.kind), here(layout), Some(profile))
}

/// A list.
pub async fn list(visit: Visit) -> Result<Response, Problem> {
    let (profile, layout) = (visit.profile()?, kind_of(&visit)?);
    let asked = |name: &str| visit.asked(name).trim().to_owned();
    let filter = Filter { q: asked("q"), status: asked("status"), from: asked("from"), to: asked("to") };
    let number = page_number(&visit);
    let view = visit
        .with(move |session, frame| {
            let permit = session.permit(Action::Read, profile, layout.kind)?;
            let query = Query {
                text: Some(filter.q.clone()).filter(|text| !text.is_empty()),
                status: Some(filter.status.clone()).filter(|status| !status.is_empty()).into_iter().collect(),
                time: Timeframe { from: filter.from.parse().ok(), to: filter.to.parse().ok() },
                sort: Sort::NewestFirst,
                page: number,
                per_page: ROWS,
                ..Query::default()
            };
            let found = session.summaries(&permit, &query)?;
            let narrowed =
                [("q", &*filter.q), ("status", &*filter.status), ("from", &*filter.from), ("to", &*filter.to)];
            let pager = pager(found.page, found.per_page, found.total, &narrowed);
            let mut rows: Vec<RowData> = found.items.iter().map(RowData::of).collect();
            restrictions::mark(session, profile, &mut rows)?;
            name_doses(session, frame.t(), profile, &mut rows);
            let mut view = List::new(frame_of(session, frame, layout, profile)?, layout, &rows, filter, pager);
            if !session.may(Action::Add, profile, layout.kind) {
                view.may_add = false;
                view.quick.clear();
            }
            Ok(view)
        })
        .await?;
    html(&view)
}

/// One record.
pub async fn detail(visit: Visit) -> Result<Response, Problem> {
    let (profile, layout, id) = (visit.profile()?, kind_of(&visit)?, visit.record()?);
    let notice = match visit.asked("done") {
        "saved" => Some(visit.t.say("notice-saved")),
        "removed" => Some(visit.t.say("notice-removed")),
        "restored" => Some(visit.t.say("notice-restored")),
        _ => None,
    };
    let range = Range::of_word(visit.asked("range")).unwrap_or_default();
    let until: Option<Instant> = visit.asked("until").parse().ok();
    let view = visit
        .with(move |session, frame| {
            let permit = session.permit(Action::Read, profile, layout.kind)?;
            let found = session.read(&permit, id, Removed::Show)?;
            let record = Record::of(&found);
            let mut page = frame_of(session, frame, layout, profile)?;
            page.notices.extend(notice.map(|text| Notice { tone: Tone::Good, text }));
            let restricted = restrictions::said(session, frame, profile, Some(id))?;
            let is_restricted = restricted.is_some();
            page.notices.extend(restricted);
            let names = linked(session, frame.t(), profile, layout, &record.body);
            let mut view = Detail::new(page, layout, &record, &names);
            view.page.title.clone_from(&view.title);
            if layout.kind == "series" && !record.removed {
                view.series = Some(samples(session, frame, &permit, id, &record.body, (range, until))?);
            }
            if layout.kind == "medication" && !record.removed && session.may(Action::Read, profile, "dose") {
                let taking = Taking::of(session, profile, id, frame.t().zone())?;
                let mut shown = TakingView::new(frame.t(), &taking, session.now());
                let is_over = matches!(record.body["status"].as_str(), Some("completed" | "stopped"));
                if !is_over && session.may(Action::Add, profile, "dose") {
                    shown.log = format!("/p/{profile}/doses/new?medication={id}");
                }
                view.taking = Some(shown);
            }
            view.say_labels(&found.labels);
            let may_amend = session.may(Action::Amend, profile, layout.kind);
            view.may_mark = may_amend && !record.removed && session.answers_for(profile);
            view.may_restrict = !is_restricted && session.answers_for(profile);
            view.may_amend = view.may_amend && may_amend;
            if record.removed {
                view.file = None;
            }
            if let Some(file) = view.file.as_mut() {
                if session.has_content(&permit, id)? {
                    file.reader = offered(session, profile, &record.body)?.unwrap_or_default();
                } else {
                    file.close();
                }
            }
            view.may_share =
                session.may(Action::Share, profile, layout.kind) && session.may(Action::Export, profile, layout.kind);
            Ok(view)
        })
        .await?;
    html(&view)
}

/// The samples of a series: the newest of them, or those up to the day that is asked for.
fn samples(
    session: &AtWork,
    frame: &Frame,
    permit: &Permit,
    id: RecordId,
    body: &Value,
    (range, until): (Range, Option<Instant>),
) -> Result<SeriesCard, Problem> {
    let t = frame.t();
    let moment = |name: &str| body[name].as_str().and_then(|text| text.parse::<Instant>().ok());
    let extent = moment("from").zip(moment("to"));
    let last = until.or(extent.map(|(_, last)| last)).unwrap_or_else(|| session.now());
    let stretch = Stretch::ending(t, range, last);
    let (from, to) = (When::Instant(stretch.from), When::Instant(stretch.to.plus_millis(-1)));
    let time = Timeframe { from: Some(from), to: Some(to) };
    let (unit, rows) = session.gathered_samples(permit, id, time, &range.bucket(t))?;
    let path = format!("/p/{}/series/{id}", permit.profile());
    Ok(SeriesCard::new(t, &path, range, stretch, &Gauged { unit, rows, extent }))
}

/// The imported bytes of a record.
pub async fn original(visit: Visit) -> Result<Response, Problem> {
    let (profile, layout, id) = (visit.profile()?, kind_of(&visit)?, visit.record()?);
    let bytes = visit
        .with(move |session, _| {
            let permit = session.permit(Action::Read, profile, layout.kind)?;
            session.original(&permit, id)?.ok_or_else(Problem::not_found)
        })
        .await?;
    let response = Response::builder().header(header::CONTENT_TYPE, "application/json; charset=utf-8");
    Ok(response.header(header::CACHE_CONTROL, "no-store").body(bytes))
}

/// Every version of a record.
pub async fn history(visit: Visit) -> Result<Response, Problem> {
    let (profile, layout, id) = (visit.profile()?, kind_of(&visit)?, visit.record()?);
    let view = visit
        .with(move |session, frame| {
            let permit = session.permit(Action::Read, profile, layout.kind)?;
            let versions = session.history(&permit, id)?;
            let versions: Vec<VersionData> = versions
                .into_iter()
                .map(|version| VersionData {
                    version: version.version,
                    action: version.action.to_owned(),
                    actor: version.actor.name,
                    recorded_at: version.recorded_at.to_string(),
                    body: serde_json::from_str(version.body.get()).unwrap_or_default(),
                })
                .collect();
            let mut view = History::new(frame_of(session, frame, layout, profile)?, layout, &id.to_string(), &versions);
            view.page.title = frame.t().say("history");
            Ok(view)
        })
        .await?;
    html(&view)
}

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
pub(super) struct Draft<'a> {
    pub(super) body: &'a Value,
    pub(super) editing: Option<(RecordId, u32)>,
    pub(super) faults: &'a [Fault],
    pub(super) grow: Option<&'a str>,
    pub(super) of: Option<&'a str>,
    pub(super) conflict: bool,
}

impl<'a> Draft<'a> {
    pub(super) fn of(body: &'a Value) -> Self {
        Self { body, editing: None, faults: &[], grow: None, of: None, conflict: false }
    }
}

/// A form of records.
pub(super) fn form(
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

/// What came of a form.
enum Outcome {
    Saved(RecordId),
    Again(Box<Form>, StatusCode),
}

fn answer(outcome: Outcome, list: &str, back: Option<&str>) -> Result<Response, Problem> {
    match outcome {
        Outcome::Saved(id) => Ok(go(&back.map_or_else(|| format!("{list}/{id}?done=saved"), str::to_owned))),
        Outcome::Again(form, status) => html_with(status, &*form),
    }
}

/// The faults of a refused body; any other problem is passed on.
pub fn faults(error: phm_core::Error) -> Result<Vec<Fault>, Problem> {
    let found: Vec<Fault> =
        error.details().iter().map(|fault| Fault { path: fault.path.clone(), code: fault.code.to_owned() }).collect();
    if found.is_empty() { Err(error.into()) } else { Ok(found) }
}

/// Adds a record.
pub async fn create(visit: Visit) -> Result<Response, Problem> {
    let (profile, layout) = (visit.profile()?, kind_of(&visit)?);
    let (pairs, grow, zone) = (visit.form.clone(), grow(&visit), visit.t.zone().clone());
    let outcome = visit.with(move |session, frame| {
        let permit = session.permit(Action::Add, profile, layout.kind)?;
        let body = read_body(layout, Submitted(&pairs), None, &zone);
        let again = |faults: &[Fault], status| {
            let draft = Draft { faults, grow: grow.as_deref(), ..Draft::of(&body) };
            Ok(Outcome::Again(Box::new(form(session, frame, layout, profile, &draft)?), status))
        };
        if grow.is_some() {
            return again(&[], StatusCode::OK);
        }
        let warnings = warnings(session, layout, profile, &body, Submitted(&pairs))?;
        if !warnings.is_empty() {
            let mut view = form(session, frame, layout, profile, &Draft::of(&body))?;
            warn(&mut view, frame, &body, &warnings);
            return Ok(Outcome::Again(Box::new(view), StatusCode::CONFLICT));
        }
        match session.add(&permit, &body, How::Typed) {
            Ok(record) => Ok(Outcome::Saved(record.id)),
            Err(error) => again(&faults(error)?, StatusCode::UNPROCESSABLE_ENTITY),
        }
    });
    answer(outcome.await?, &format!("/p/{profile}/{}", layout.collection), None)
}

/// Says on a form what speaks against the medicine in it; whoever sends it again was told.
pub(super) fn warn(view: &mut Form, frame: &Frame, body: &Value, warnings: &[Finding]) {
    view.warnings = warnings.iter().map(|finding| FindingView::of(frame.t(), finding)).collect();
    view.warned = medicine_of(body);
}

/// What speaks against a medicine that is about to be added, unless whoever adds it has been told of this one.
pub(super) fn warnings(
    session: &AtWork,
    layout: &Layout,
    profile: ProfileId,
    body: &Value,
    sent: Submitted<'_>,
) -> Result<Vec<Finding>, Problem> {
    if layout.kind != "medication" || sent.get("warned").is_some_and(|warned| warned == medicine_of(body)) {
        return Ok(Vec::new());
    }
    against(session, profile, body)
}

/// The group that is to get one row more.
pub(super) fn grow(visit: &Visit) -> Option<String> {
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

/// Amends a record; htmx gets the condition's card back when it was edited in place.
pub async fn amend(visit: Visit) -> Result<Response, Problem> {
    let (profile, layout, id) = (visit.profile()?, kind_of(&visit)?, visit.record()?);
    let (pairs, grow, zone) = (visit.form.clone(), grow(&visit), visit.t.zone().clone());
    let based_on: u32 = visit.field("version").parse().map_err(|_| Problem::version_required())?;
    let in_place = visit.is_part && visit.asked("inline") == "1" && layout.kind == "condition";
    let work = move |session: &AtWork, frame: &Frame| {
        let permit = session.permit(Action::Amend, profile, layout.kind)?;
        let current = session.read(&session.permit(Action::Read, profile, layout.kind)?, id, Removed::Hide)?;
        let before = Record::of(&current);
        let body = read_body(layout, Submitted(&pairs), Some(&before.body), &zone);
        let again = |faults: &[Fault], conflict, status| {
            let version = if conflict { current.version } else { based_on };
            let editing = Some((id, version));
            let draft = Draft { body: &body, editing, faults, grow: grow.as_deref(), of: None, conflict };
            Ok(Outcome::Again(Box::new(form(session, frame, layout, profile, &draft)?), status))
        };
        if grow.is_some() {
            return again(&[], false, StatusCode::OK);
        }
        match session.amend(&permit, id, based_on, &body, How::Typed) {
            Ok(_) => Ok(Outcome::Saved(id)),
            Err(error) if error.kind() == phm_core::ErrorKind::Conflict => again(&[], true, StatusCode::CONFLICT),
            Err(error) => again(&faults(error)?, false, StatusCode::UNPROCESSABLE_ENTITY),
        }
    };
    let outcome = visit.with(work).await?;
    if in_place {
        return card(&visit, profile, id, matches!(outcome, Outcome::Saved(_))).await;
    }
    let back = visit.field("back");
    answer(outcome, &format!("/p/{profile}/{}", layout.collection), own_path(&back))
}

/// The card of a condition as it is now.
async fn card(visit: &Visit, profile: ProfileId, id: RecordId, saved: bool) -> Result<Response, Problem> {
    let card = visit.with(move |session, frame| {
        let record = session.read(&session.permit(Action::Read, profile, "condition")?, id, Removed::Hide)?;
        let page = frame.page(session, "", Here::Dashboard, Some(profile))?;
        let mut card = ConditionCard::new(&page, &Record::of(&record));
        if !saved {
            card.open = true;
            card.error = frame.t().say("form-conflict");
        }
        card.render().map_err(|_| Problem::internal())
    });
    let text = card.await?;
    Ok(Response::builder().header(header::CONTENT_TYPE, "text/html; charset=utf-8").body(text))
}

/// Marks a record as sensitive, or takes marks away.
pub async fn mark(visit: Visit) -> Result<Response, Problem> {
    let (profile, layout, id) = (visit.profile()?, kind_of(&visit)?, visit.record()?);
    let based_on: u32 = visit.field("version").parse().map_err(|_| Problem::version_required())?;
    let words = chosen(&visit, "labels");
    visit
        .with(move |session, _| {
            let label = |word: &String| word.parse::<Sensitivity>();
            let labels: Result<Labels, _> = words.iter().map(label).collect();
            let labels = labels.map_err(|_| Problem::invalid("/labels", "invalid-choice"))?;
            let permit = session.permit(Action::Amend, profile, layout.kind)?;
            session.mark(&permit, id, based_on, labels)?;
            Ok(())
        })
        .await?;
    Ok(go(&format!("/p/{profile}/{}/{id}", layout.collection)))
}

/// Removes a record.
pub async fn remove(visit: Visit) -> Result<Response, Problem> {
    let (profile, layout, id) = (visit.profile()?, kind_of(&visit)?, visit.record()?);
    let based_on: u32 = visit.field("version").parse().map_err(|_| Problem::version_required())?;
    visit
        .with(move |session, _| {
            let permit = session.permit(Action::Amend, profile, layout.kind)?;
            Ok(session.remove(&permit, id, based_on)?)
        })
        .await?;
    Ok(go(&format!("/p/{profile}/{}/{id}?done=removed", layout.collection)))
}

/// Brings a removed record, or an earlier version, back.
pub async fn restore(visit: Visit) -> Result<Response, Problem> {
    let (profile, layout, id) = (visit.profile()?, kind_of(&visit)?, visit.record()?);
    let based_on: u32 = visit.field("version").parse().map_err(|_| Problem::version_required())?;
    let to = visit.field("to").parse().ok();
    visit
        .with(move |session, _| {
            let permit = session.permit(Action::Amend, profile, layout.kind)?;
            Ok(session.restore(&permit, id, based_on, to)?)
        })
        .await?;
    Ok(go(&format!("/p/{profile}/{}/{id}?done=restored", layout.collection)))
}
