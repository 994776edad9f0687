//! A person's overview, timeline, collections, and who looked.

use std::collections::BTreeMap;

use phm_core::access::Action;
use phm_core::audit::query::AuditQuery;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::{Query, Timeframe};
use phm_core::time::{Instant, When};
use phm_core::vault::{Removed, Row};
use phm_plugins::host::http::sent_to;
use poem::Response;

use super::access::notices;
use super::house_retention;
use super::looked;
use super::names::name_doses;
use super::reply::{go, html};
use super::restrictions;
use super::visit::{Frame, Visit};
use crate::http::api;
use crate::http::house::AtWork;
use crate::http::problem::Problem;
use crate::http::web::forms::layout;
use crate::http::web::view::dashboard::{Dashboard, DashboardData, Span, TrendCard, TrendData};
use crate::http::web::view::page::Here;
use crate::http::web::view::records::{Overview, Pager};
use crate::http::web::view::timeline::Timeline;
use crate::http::web::view::who_looked::{AuditData, WhoLooked};
use crate::http::web::view::{Record, RowData};
use crate::i18n::Locale;

/// Rows of a timeline's page.
const ROWS: u32 = 30;

/// Entries of the audit trail on a page of "who looked": a few lines are made of them.
const LOOKS: u32 = 400;

/// Vital signs in the order people look for them.
const VITALS: [&str; 7] =
    ["blood-pressure", "weight", "heart-rate", "temperature", "oxygen-saturation", "height", "bmi"];

/// Conditions on the overview at most.
const CONDITIONS: usize = 8;

/// Entries of the recent timeline.
const RECENT: u32 = 6;

/// The overview; htmx asks for the trend alone.
pub async fn dashboard(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let span = Span::of_word(visit.asked("trend")).unwrap_or_default();
    let is_part = visit.is_part && visit.request.header("hx-boosted").is_none() && !visit.asked("trend").is_empty();
    if is_part {
        let card = visit.with(move |session, frame| {
            let results = hba1c(session, profile, readable(api::hba1c(session, profile))?);
            Ok(TrendCard::new(frame.t(), &profile.to_string(), frame.csrf(), &results, span, session.now()))
        });
        return html(&card.await?);
    }
    if visit
        .with(move |session, _| Ok(session.knows(profile) && !session.may(Action::Read, profile, "profile")))
        .await?
    {
        // Whose name is not shared has no overview; what is shared stands in the timeline.
        return Ok(go(&format!("/p/{profile}/timeline")));
    }
    let view = visit
        .with(move |session, frame| {
            let mut page = frame.page(session, "", Here::Dashboard, Some(profile))?;
            page.notices.extend(restrictions::said(session, frame, profile, None)?);
            page.notices.extend(house_retention::said(session, frame, profile)?);
            let data = overview(session, profile, frame.t())?;
            Ok(Dashboard::new(page, &data, span, session.now()))
        })
        .await?;
    html(&view)
}

fn overview(session: &AtWork, profile: ProfileId, t: &Locale) -> Result<DashboardData, Problem> {
    let found = api::Dashboard::of(session, profile, t.zone())?;
    let permit = session.permit(Action::Read, profile, "profile")?;
    let about = session.read(&permit, RecordId::from_bytes(*profile.as_bytes()), Removed::Hide)?;
    let records = |records: Vec<phm_core::vault::Record>| records.iter().map(Record::of).collect::<Vec<_>>();
    let mut conditions = records(found.conditions);
    // What is said not to last stays in its list; what is known to last comes first.
    conditions.retain(|record| record.body["chronic"] != false);
    conditions.sort_by_key(|record| record.body["chronic"] != true);
    conditions.truncate(CONDITIONS);
    let vital =
        |name: &&str| found.vitals.iter().find(|vital| vital.name == *name).map(|vital| RowData::of(&vital.row));
    Ok(DashboardData {
        profile: Record::of(&about),
        conditions,
        medications: records(found.medications),
        hba1c: hba1c(session, profile, Some(found.hba1c)),
        appointments: records(found.appointments),
        vitals: VITALS.iter().filter_map(vital).collect(),
        bmi: found.bmi.map(|bmi| bmi.value),
        allergies: records(found.allergies),
        recent: recent(session, profile)?,
        attention: found.attention,
        not_shared: found.not_shown.into_iter().map(str::to_owned).collect(),
        told: notices(session, t, profile)?,
    })
}

/// The kinds that tell a person's story. Somebody who writes down every tablet has hundreds of doses, which would hide it.
fn telling() -> Vec<&'static str> {
    let kinds = layout::LAYOUTS.iter().filter(|layout| !layout.collection.is_empty() && layout.kind != "dose");
    kinds.map(|layout| layout.kind).collect()
}

/// What happened last; what is to come has a place of its own.
fn recent(session: &AtWork, profile: ProfileId) -> Result<Vec<RowData>, Problem> {
    let time = Timeframe { from: None, to: Some(When::Instant(session.now())) };
    let query = Query { time, per_page: RECENT, uncounted: true, ..Query::default() };
    let mut rows: Vec<RowData> = session.timeline(profile, &telling(), &query)?.items.iter().map(RowData::of).collect();
    restrictions::mark(session, profile, &mut rows)?;
    Ok(rows)
}

/// The HbA1c trend among those that were found, for a reader who may choose its unit or not.
fn hba1c(session: &AtWork, profile: ProfileId, found: Option<Vec<api::Trend>>) -> TrendData {
    let trend = found.into_iter().flatten().find(|trend| trend.test == Some("hba1c"));
    TrendData { trend, may_choose: session.permit_if_allowed(Action::Amend, profile, "lab-result").is_some() }
}

/// Shows a test in another unit from now on.
pub async fn choose_unit(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let (test, unit, span) = (visit.field("test"), visit.field("unit"), visit.field("trend"));
    visit.with(move |session, _| api::PreferredUnits::choose(session, profile, &test, &unit)).await?;
    let span = Span::of_word(&span).unwrap_or_default();
    Ok(go(&format!("/p/{profile}?trend={}#trend", span.word())))
}

/// Nothing where the person has not shared the kind.
fn readable<T>(found: Result<T, Problem>) -> Result<Option<T>, Problem> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(problem) if problem.code() == "not-granted" => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// The timeline.
pub async fn timeline(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let asked = visit.query.iter().filter(|(name, _)| name == "kinds").flat_map(|(_, kinds)| kinds.split(','));
    let kinds: Vec<String> = asked.filter(|kind| layout::of_kind(kind).is_some()).map(str::to_owned).collect();
    let number = page_number(&visit);
    let view = visit
        .with(move |session, frame| {
            let names = if kinds.is_empty() { telling() } else { kinds.iter().map(String::as_str).collect() };
            let query = Query { page: number, per_page: ROWS, ..Query::default() };
            let found = session.timeline(profile, &names, &query)?;
            let chosen = kinds.iter().map(|kind| ("kinds", kind.as_str())).collect::<Vec<_>>();
            let pager = pager(found.page, found.per_page, found.total, &chosen);
            let mut rows: Vec<RowData> = found.items.iter().map(RowData::of).collect();
            restrictions::mark(session, profile, &mut rows)?;
            name_doses(session, frame.t(), profile, &mut rows);
            let page = frame.page(session, &frame.t().say("nav-timeline"), Here::Timeline, Some(profile))?;
            Ok(Timeline::new(page, &rows, &kinds, pager))
        })
        .await?;
    html(&view)
}

/// The page asked for, from 1.
pub fn page_number(visit: &Visit) -> u32 {
    visit.asked("page").parse().unwrap_or(1).clamp(1, 1_000_000)
}

/// Where in a list one is.
pub fn pager(page: u32, per_page: u32, total: u64, query: &[(&str, &str)]) -> Pager {
    let pages = total.div_ceil(u64::from(per_page.max(1)));
    let query: Vec<_> = query.iter().filter(|(_, value)| !value.is_empty()).collect();
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    Pager {
        page: page as usize,
        pages: usize::try_from(pages).unwrap_or(usize::MAX),
        total: usize::try_from(total).unwrap_or(usize::MAX),
        query: if query.is_empty() { query } else { query + "&" },
    }
}

/// All collections with how much is in them.
pub async fn collections(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let view = visit
        .with(move |session, frame| {
            let mut counts = BTreeMap::new();
            for layout in layout::LAYOUTS.iter().filter(|layout| !layout.collection.is_empty()) {
                let Some(permit) = session.permit_if_allowed(Action::Read, profile, layout.kind) else { continue };
                let query = Query { per_page: 1, ..Query::default() };
                let total = session.summaries(&permit, &query)?.total;
                counts.insert(layout.kind.to_owned(), usize::try_from(total).unwrap_or(usize::MAX));
            }
            let page = frame.page(session, &frame.t().say("nav-records"), Here::Records, Some(profile))?;
            Ok(Overview::new(page, false, &counts))
        })
        .await?;
    html(&view)
}

/// What can be added.
pub async fn choices(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let view = visit
        .with(move |session, frame| {
            let page = frame.page(session, &frame.t().say("nav-add"), Here::Add, Some(profile))?;
            Ok(Overview::new(page, true, &BTreeMap::new()))
        })
        .await?;
    html(&view)
}

/// Who looked at or changed a person's records.
pub async fn who_looked(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let number = page_number(&visit);
    let filter = looked::filter(&visit);
    let view = visit
        .with(move |session, frame: &Frame| {
            let query = AuditQuery { page: number.into(), per_page: LOOKS.into(), ..looked::query(frame.t(), &filter) };
            let found = session.who_looked(profile, &query)?;
            let entries: Vec<AuditData> = found
                .rows
                .into_iter()
                .map(|row| AuditData {
                    at: row.at.to_string(),
                    actor_type: row.actor.r#type,
                    actor_name: row.actor.name,
                    action: row.action.to_owned(),
                    kind: row.kind.unwrap_or_default(),
                    count: row.count,
                    purpose: row.purpose.unwrap_or_default(),
                    outcome: row.outcome.to_owned(),
                    sent_to: row.operation.as_deref().and_then(sent_to).unwrap_or_default().to_owned(),
                })
                .collect();
            let page = frame.page(session, &frame.t().say("nav-who-looked"), Here::WhoLooked, Some(profile))?;
            let pager = pager(number, LOOKS, found.total, &filter.pairs());
            Ok(WhoLooked { filter, ..WhoLooked::new(page, &entries, pager) })
        })
        .await?;
    html(&view)
}

impl RowData {
    /// The core's row.
    pub fn of(row: &Row) -> Self {
        Self {
            id: row.id.to_string(),
            kind: row.kind.clone(),
            occurred: row.occurred,
            title: row.title.clone(),
            value: row.value.clone(),
            unit: row.unit.clone(),
            status: row.status.clone(),
            flag: row.flag.clone(),
            codes: row.codes.iter().map(|(_, code)| code.clone()).collect(),
            restricted: false,
        }
    }
}

impl Record {
    /// The core's record.
    pub fn of(record: &phm_core::vault::Record) -> Self {
        let moment = |instant: Instant| instant.to_string();
        Self {
            id: record.id.to_string(),
            kind: record.kind.clone(),
            version: record.version,
            occurred: record.occurred.map(|when| when.to_string()),
            recorded_at: moment(record.recorded_at),
            updated_at: moment(record.updated_at),
            removed: record.removed,
            provenance: serde_json::to_value(&record.provenance).unwrap_or_default(),
            body: serde_json::from_str(record.body.get()).unwrap_or_default(),
        }
    }
}
