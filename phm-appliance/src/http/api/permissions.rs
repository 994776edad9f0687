//! The table of permissions, to be read.

use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::Chapter;
use crate::http::envelope::Answer;
use crate::http::guard::Caller;
use crate::http::problem::Problem;
use crate::permissions::{self, Row};

/// What comes of one operation for everybody.
#[derive(Object, Serialize)]
struct Permission {
    /// The chapter it stands in.
    chapter: String,
    /// The name of the operation; `*` stands for a kind of record.
    operation: String,
    /// For each of `who`: `+` may, `x` may not (403), `?` learns nothing (404), `-` has to sign in (401), `o` open.
    verdicts: Vec<String>,
}

/// Who may do what.
#[derive(Object, Serialize)]
struct Table {
    /// Everybody who could ask.
    who: Vec<String>,
    /// The operations.
    rows: Vec<Permission>,
}

/// Permissions.
pub struct Permissions;

// poem-openapi awaits every operation.
#[allow(clippy::unused_async)]
#[OpenApi(tag = "Chapter::Consent")]
impl Permissions {
    /// Who may do what: the one table this program is tested against.
    #[oai(path = "/permissions", method = "get", operation_id = "permissions_list")]
    async fn list(&self, _caller: Caller) -> Result<Answer<Table>, Problem> {
        let table = permissions::Table::standard();
        let row = |row: &Row| Permission {
            chapter: row.chapter.to_owned(),
            operation: row.operation.to_owned(),
            verdicts: row.verdicts.iter().map(|verdict| verdict.sign().to_owned()).collect(),
        };
        let who = table.who.iter().map(|who| (*who).to_owned()).collect();
        Ok(Answer::new(Table { who, rows: table.rows.iter().map(row).collect() }))
    }
}
