//! What records are called that others point to: a dose is known by its medicine.

use std::collections::BTreeMap;

use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::vault::Removed;
use serde_json::Value;

use crate::http::house::AtWork;
use crate::http::web::forms::fill::{at, text_of};
use crate::http::web::forms::{Input, Layout, layout};
use crate::http::web::view::record::title_of;
use crate::http::web::view::{Record, RowData};
use crate::i18n::Locale;

/// Names of records by their ids.
pub type Names = BTreeMap<String, String>;

/// The name of one record; nothing where it is gone or not for this reader.
fn name(at: &AtWork, t: &Locale, profile: ProfileId, kind: &str, id: &str) -> Option<String> {
    // Nobody asked for it: where it is not for this reader, nothing was refused.
    let permit = at.permit_if_allowed(Action::Read, profile, kind)?;
    let id: RecordId = id.parse().ok()?;
    let record = at.read(&permit, id, Removed::Show).ok()?;
    Some(title_of(t, kind, &Record::of(&record).body)).filter(|name| !name.is_empty())
}

/// Gives each dose among `rows` the name of its medicine.
pub fn name_doses(at: &AtWork, t: &Locale, profile: ProfileId, rows: &mut [RowData]) {
    let mut known = BTreeMap::<String, Option<String>>::new();
    for row in rows.iter_mut().filter(|row| row.kind == "dose" && row.title.is_empty()) {
        let Some(medicine) = row.codes.first().cloned() else { continue };
        let found = known.entry(medicine.clone()).or_insert_with(|| name(at, t, profile, "medication", &medicine));
        row.title = found.clone().unwrap_or_default();
    }
}

/// The names of the records a body points to.
pub fn linked(session: &AtWork, t: &Locale, profile: ProfileId, layout: &Layout, body: &Value) -> Names {
    let mut names = Names::new();
    for field in layout.fields() {
        let (Input::Link(collection) | Input::Links(collection)) = field.input else { continue };
        let Some(target) = layout::of_collection(collection) else { continue };
        let ids = match at(body, field.path) {
            Some(Value::Array(items)) => items.iter().map(text_of).collect(),
            Some(value) => vec![text_of(value)],
            None => Vec::new(),
        };
        for id in ids {
            if let Some(name) = name(session, t, profile, target.kind, &id) {
                names.insert(id, name);
            }
        }
    }
    names
}
