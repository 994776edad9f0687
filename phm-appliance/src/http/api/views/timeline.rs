//! Timeline and search: rows over all kinds the caller may read.

use super::{Asked, Shown};
use crate::http::api::records::kinds;
use crate::http::problem::Problem;

/// What happened to a person.
pub fn timeline(asked: &Asked<'_>) -> Result<Shown, Problem> {
    let wanted = asked.words("kinds");
    if wanted.iter().any(|name| !kinds().iter().any(|kind| kind.name == *name)) {
        return Err(Problem::invalid("/kinds", "invalid-value"));
    }
    Shown::page(&asked.session.timeline(asked.profile, &wanted, &asked.query)?)
}

/// Records in which all words of `q` occur.
pub fn search(asked: &Asked<'_>) -> Result<Shown, Problem> {
    if asked.query.text.as_deref().is_none_or(|text| text.trim().is_empty()) {
        return Err(Problem::invalid("/q", "required"));
    }
    timeline(asked)
}
