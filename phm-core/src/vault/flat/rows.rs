//! A record as a row: what every kind has, then its fields.

use serde_json::Value;

use super::builder::Cell;
use super::columns::{Column, Of};
use super::fields;
use crate::index::Header;
use crate::model::KindInfo;
use crate::time::{Instant, When};

/// A record on its way into a table.
pub(super) struct Row<'a> {
    pub id: &'a str,
    pub profile: &'a str,
    pub version: u32,
    pub occurred: Option<When>,
    pub recorded_at: Option<Instant>,
    pub updated_at: Option<Instant>,
    pub how: &'a str,
    pub body: &'a Value,
}

impl<'a> Row<'a> {
    /// The row of a version of a record; `names` are those of the record and of the person.
    pub fn of_version(header: &Header, recorded_at: Instant, names: [&'a str; 2], body: &'a Value) -> Self {
        let [id, profile] = names;
        Self {
            id,
            profile,
            version: header.version,
            occurred: header.occurred,
            recorded_at: Some(recorded_at),
            updated_at: Some(header.at),
            how: header.provenance.how.word(),
            body,
        }
    }

    /// The row of a record as the API answers it; `None` where it is none.
    pub fn of_json(record: &'a Value) -> Option<Self> {
        let text = |name: &str| record.get(name).and_then(Value::as_str);
        let moment = |name: &str| text(name)?.parse::<Instant>().ok();
        Some(Self {
            id: text("id")?,
            profile: text("profile")?,
            version: u32::try_from(record.get("version")?.as_u64()?).ok()?,
            occurred: text("occurred").and_then(|text| text.parse().ok()),
            recorded_at: Some(moment("recorded_at")?),
            updated_at: Some(moment("updated_at")?),
            how: record.pointer("/provenance/how")?.as_str()?,
            body: record.get("body")?,
        })
    }
}

fn column(name: &str, of: Of, doc: &str) -> Column {
    Column { name: name.to_owned(), of, unit: None, doc: doc.to_owned() }
}

/// The columns of a kind's table.
pub(super) fn columns_of(info: &KindInfo) -> Vec<Column> {
    let mut columns = vec![
        column("id", Of::Text, "The record."),
        column("profile", Of::Word, "The person it is about."),
        column("version", Of::Integer, "Its version, from 1."),
        column("occurred", Of::Moment, "When it occurred; the first moment in UTC that its date may mean."),
        column("occurred_text", Of::Text, "When it occurred, as precisely as it is known."),
        column("recorded_at", Of::Moment, "When its first version was recorded."),
        column("updated_at", Of::Moment, "When this version was recorded."),
        column("how", Of::Word, "How it came into the vault."),
    ];
    for field in info.fields {
        fields::columns(field, &mut columns);
    }
    columns
}

/// The columns of a table of samples.
pub(super) fn sample_columns() -> Vec<Column> {
    vec![
        column("profile", Of::Word, "The person."),
        column("series", Of::Word, "The series the sample belongs to."),
        column("at", Of::Moment, "When it was taken."),
        column("value", Of::Number, "What was measured, in the unit of the row."),
        column("unit", Of::Word, "The unit of the value in UCUM."),
    ]
}

impl Row<'_> {
    /// Shows the cells of the record, one for each column of a table of its kind.
    pub fn cells<T>(&self, info: &KindInfo, show: impl FnOnce(&[Cell<'_>]) -> T) -> T {
        let occurred = self.occurred.map(|when| when.to_string());
        let moment = |at: Instant| Cell::Integer(at.millis());
        let mut made = fields::Made::default();
        for field in info.fields {
            fields::make(field, self.body.get(field.name), &mut made);
        }
        let mut cells = Vec::with_capacity(8 + made.len());
        cells.extend([
            Cell::Text(self.id),
            Cell::Text(self.profile),
            Cell::Integer(self.version.into()),
            self.occurred.map_or(Cell::None, |when| moment(when.first())),
            occurred.as_deref().map_or(Cell::None, Cell::Text),
            self.recorded_at.map_or(Cell::None, moment),
            self.updated_at.map_or(Cell::None, moment),
            Cell::Text(self.how),
        ]);
        cells.extend(made.cells());
        show(&cells)
    }
}
