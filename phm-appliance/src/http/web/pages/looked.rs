//! What is left of "who looked" when somebody asks for a part, and the log as a file.

use phm_core::audit::query::{AuditPage, AuditQuery, AuditRow};
use phm_core::time::When;
use poem::Response;
use poem::http::header;
use serde_json::json;

use super::visit::Visit;
use crate::http::problem::Problem;
use crate::http::web::view::who_looked::LookFilter;
use crate::i18n::Locale;

/// Entries of one file; of more the newest, and days choose others.
const MOST: u64 = 50_000;

/// What is asked for.
pub fn filter(visit: &Visit) -> LookFilter {
    let asked = |name: &str| visit.asked(name).trim().to_owned();
    LookFilter { actor: asked("actor"), kind: asked("kind"), from: asked("from"), to: asked("to") }
}

/// The same for the log, by the days of the reader. A day that is none narrows nothing.
pub fn query(t: &Locale, filter: &LookFilter) -> AuditQuery {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let (from, to) = (t.day_begins(&filter.from).map(When::Instant), t.day_ends(&filter.to).map(When::Instant));
    AuditQuery {
        actor: some(&filter.actor),
        kind: some(&filter.kind),
        from: from.or_else(|| filter.from.parse().ok()),
        to: to.or_else(|| filter.to.parse().ok()),
        ..AuditQuery::default()
    }
}

async fn found(visit: &Visit) -> Result<AuditPage, Problem> {
    let profile = visit.profile()?;
    let query = AuditQuery { per_page: MOST, ..query(&visit.t, &filter(visit)) };
    visit.with(move |session, _| Ok(session.who_looked(profile, &query)?)).await
}

fn file(kind: &str, name: &str, bytes: Vec<u8>) -> Response {
    Response::builder()
        .header(header::CONTENT_TYPE, kind)
        .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))
        .header(header::CACHE_CONTROL, "no-store")
        .body(bytes)
}

/// The log as JSON.
pub async fn list(visit: Visit) -> Result<Response, Problem> {
    let page = found(&visit).await?;
    let bytes = serde_json::to_vec_pretty(&json!({"total": page.total, "entries": page.rows}));
    Ok(file("application/json; charset=utf-8", "who-looked.json", bytes.map_err(|_| Problem::internal())?))
}

/// The log as a table.
pub async fn table(visit: Visit) -> Result<Response, Problem> {
    let page = found(&visit).await?;
    let mut text = String::from("at,actor_type,actor_id,actor,action,operation,kind,count,purpose,outcome\r\n");
    for row in &page.rows {
        text.push_str(&line(row));
    }
    Ok(file("text/csv; charset=utf-8", "who-looked.csv", text.into_bytes()))
}

fn line(row: &AuditRow) -> String {
    let cells = [
        row.at.to_string(),
        row.actor.r#type.clone(),
        row.actor.id.clone(),
        row.actor.name.clone(),
        row.action.to_owned(),
        row.operation.clone().unwrap_or_default(),
        row.kind.clone().unwrap_or_default(),
        row.count.to_string(),
        row.purpose.clone().unwrap_or_default(),
        row.outcome.to_owned(),
    ];
    cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + "\r\n"
}

/// A cell as RFC 4180 has it. What a spreadsheet would take for a formula is made a text.
fn quoted(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if is_formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_stays_one_cell_and_is_no_formula() {
        for (cell, expected) in [
            ("Asha", "Asha"),
            ("Kaur, Asha", "\"Kaur, Asha\""),
            ("a \"b\"", "\"a \"\"b\"\"\""),
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("-1, 2", "\"'-1, 2\""),
            ("", ""),
        ] {
            assert_eq!(quoted(cell), expected);
        }
    }
}
