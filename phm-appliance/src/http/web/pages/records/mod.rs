//! Lists, pages, forms and histories of records of any kind.

mod changes;
mod detail;
mod form;

use phm_core::access::Action;
use phm_core::id::ProfileId;
use phm_core::index::{Query, Sort, Timeframe};
use poem::Response;

use super::names::name_doses;
use super::person::{page_number, pager};
use super::reply::html;
use super::restrictions;
use super::visit::{Frame, Visit};
use crate::http::house::AtWork;
use crate::http::problem::Problem;
use crate::http::web::forms::{Layout, labels, layout};
use crate::http::web::view::RowData;
use crate::http::web::view::page::{Here, Page};
use crate::http::web::view::records::{Filter, List};

pub use changes::{amend, create, faults, mark, remove, restore};
pub(super) use changes::{warn, warnings};
pub use detail::{detail, history, original};
pub(super) use form::{Draft, form, grow};
pub use form::{edit, new};

/// Rows of a list's page.
const ROWS: u32 = 30;

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
