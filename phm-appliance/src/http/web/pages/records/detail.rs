//! One record as it stands: its page, the samples of a series, every version, and the bytes it was imported from.

use phm_core::access::{Action, Permit};
use phm_core::id::RecordId;
use phm_core::index::Timeframe;
use phm_core::time::{Instant, When};
use phm_core::vault::Removed;
use poem::Response;
use poem::http::header;
use serde_json::Value;

use super::super::names::linked;
use super::super::reply::html;
use super::super::restrictions;
use super::super::visit::{Frame, Visit};
use super::{frame_of, kind_of};
use crate::http::api::Taking;
use crate::http::house::AtWork;
use crate::http::problem::Problem;
use crate::http::reading::offered;
use crate::http::web::view::Record;
use crate::http::web::view::page::{Notice, Tone};
use crate::http::web::view::records::{Detail, History, VersionData};
use crate::http::web::view::series::{Gauged, Range, SeriesCard, Stretch};
use crate::http::web::view::taking::TakingView;

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
