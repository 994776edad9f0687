//! Who looked at or changed a person's records.

use phm_core::audit::query::AuditQuery;

use super::{Asked, Shown};
use crate::http::envelope::Pagination;
use crate::http::problem::Problem;

/// The view, newest first.
pub fn audit(asked: &Asked<'_>) -> Result<Shown, Problem> {
    let list = &asked.query;
    let query = AuditQuery {
        actor: asked.other("actor").map(str::to_owned),
        kind: asked.other("kind").map(str::to_owned),
        from: list.time.from,
        to: list.time.to,
        page: list.page.into(),
        per_page: list.per_page.into(),
    };
    let page = asked.session.who_looked(asked.profile, &query)?;
    let shown = Shown::new(&page.rows)?;
    Ok(Shown { pagination: Some(Pagination::new(list.page, list.per_page, page.total)), ..shown })
}
