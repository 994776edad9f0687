//! Flat views: the records of one kind, or the samples of one code, of many people as one table.
//!
//! Every row passes a permit of its person, and every look stands in their log, as with a list. People of whom the caller
//! may not see the kind are left out, as in a list of people.

mod builder;
mod columns;
mod deidentified;
#[cfg(feature = "fuzzing")]
pub(super) mod door;
mod fields;
mod kept;
mod read;
mod rows;
mod stored;

use std::collections::HashSet;

use serde_json::Value;

pub use columns::{Batch, Bits, Column, Filled, Of, Strings, Table, Values};

use builder::{Builder, Cell, same_word};
pub(in crate::vault) use kept::Form;
#[cfg(test)]
pub(in crate::vault) use kept::context;
use read::Reading;
use rows::{Row, columns_of};

use super::SampleQuery;
use super::profiles::OpenProfile;
use super::records::{found, page_of, read_lock};
use super::series::SERIES;
use super::session::Session;
use crate::access::{Action, Permit};
use crate::error::{Detail, Error, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::{CodeFilter, Header, Query, RecordState, Sort, Timeframe};
use crate::model::Kinds;
use crate::time::Instant;

/// Which rows a table has.
#[derive(Clone, Debug, Default)]
pub struct FlatQuery {
    /// Whose records; of everybody the caller may see, where it is empty.
    pub profiles: Vec<ProfileId>,
    /// With any of these codes; all where it is empty.
    pub codes: Vec<CodeFilter>,
    /// When it occurred, or when the sample was taken.
    pub time: Timeframe,
}

impl FlatQuery {
    /// The records of one person that it asks for, oldest first.
    fn of_records(&self) -> Query {
        Query {
            codes: self.codes.clone(),
            time: self.time,
            sort: Sort::OldestFirst,
            per_page: u32::MAX,
            ..Query::default()
        }
    }
}

impl Session {
    /// The records of one kind as a table, person by person, oldest first. Of each person it says what was there when their
    /// part was begun: what is changed or destroyed while that is read may still stand in it.
    ///
    /// # Errors
    /// `not-found` where there is no such kind, or no such person for the caller; `not-granted` where a person was named
    /// of whom the caller may not see the kind.
    pub fn table(&self, kind: &str, query: &FlatQuery) -> Result<Table> {
        let info = self.inner.options.kinds.get(kind).filter(|info| !info.system).ok_or_else(Error::not_found)?;
        let mut builder = Builder::new(info.name, columns_of(info));
        let permits = self.table_permits(Action::Read, info.name, query)?;
        let form = Form::new(info);
        let reading = Reading { session: self, info, form: &form, query };
        read::each_page(&reading, &permits, &mut |permit, page| {
            if page.ids.is_empty() {
                return Ok(());
            }
            self.use_permit(permit, permit.action())?;
            // Noted before anything leaves.
            self.note_read("table", permit, &page.ids)?;
            page.runs.into_iter().for_each(|run| builder.extend(&run.rows.columns, run.which));
            Ok(())
        })?;
        Ok(builder.done())
    }

    /// The samples of every series with one of the codes as a table: `profile series at value unit`.
    ///
    /// Samples of one series stand together, in order of time; their columns are those that were read, not copied again.
    ///
    /// # Errors
    /// As [`Session::table`].
    pub fn sample_table(&self, query: &FlatQuery) -> Result<Table> {
        let mut builder = Builder::new("samples", rows::sample_columns());
        for permit in self.table_permits(Action::Read, SERIES, query)? {
            for series in self.series_with(&permit, &query.codes)? {
                let asked = SampleQuery { time: query.time, ..SampleQuery::default() };
                let (unit, columns) = self.samples(&permit, series, &asked)?;
                let rows = columns.times.len();
                if rows == 0 {
                    continue;
                }
                let plain = |values| Filled { values, valid: None };
                builder.push_batch(Batch {
                    rows,
                    columns: vec![
                        same_word(&permit.profile().to_string(), rows),
                        same_word(&series.to_string(), rows),
                        plain(Values::Integer(columns.times)),
                        plain(Values::Number(columns.values)),
                        same_word(&unit, rows),
                    ],
                });
            }
        }
        Ok(builder.done())
    }

    /// A permit to read or export `kind` for each person that is asked for.
    fn table_permits(&self, action: Action, kind: &str, query: &FlatQuery) -> Result<Vec<Permit>> {
        if !query.profiles.is_empty() {
            // Somebody who is named twice has their records once, or every figure about them would be wrong.
            let mut seen = HashSet::new();
            let each = query.profiles.iter().filter(|profile| seen.insert(**profile));
            return each.map(|profile| self.permit(action, *profile, kind)).collect();
        }
        let people = self.inner.profile_ids().into_iter().filter(ProfileId::is_person);
        people.filter_map(|id| self.unless_refused(action, id, kind).transpose()).collect()
    }

    /// Shows every record of the permit's kind that `query` asks for, oldest first, to be exported.
    fn each_record(
        &self,
        permit: &Permit,
        query: &FlatQuery,
        mut show: impl FnMut(&Row<'_>, &Header) -> Result<()>,
    ) -> Result<()> {
        let open = self.inner.open_profile(permit.profile())?;
        let profile = permit.profile().to_string();
        let all: Vec<_> = {
            let index = read_lock(&open);
            let (_, states) = page_of(&index, permit, &query.of_records());
            states.into_iter().filter_map(found).collect()
        };
        for page in all.chunks(read::PAGE.0) {
            self.use_permit(permit, permit.action())?;
            // Noted before anything leaves.
            let ids: Vec<RecordId> = page.iter().map(|found| found.header.record).collect();
            self.note_read("de-identified", permit, &ids)?;
            for found in page {
                let Some(body) = self.body_of(&open, found.body_seq)? else { continue };
                let header = &found.header;
                let id = header.record.to_string();
                show(&Row::of_version(header, found.recorded_at, [&id, &profile], &body), header)?;
            }
        }
        Ok(())
    }

    /// The body of an entry; none where it was destroyed since the index was asked.
    fn body_of(&self, open: &OpenProfile, seq: u64) -> Result<Option<Value>> {
        match self.body(open, seq) {
            Ok(body) => super::export::value_of(&body).map(Some),
            Err(error) if error.kind() == crate::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// How many records of the permit's kind `query` asks for.
    fn count_records(&self, permit: &Permit, query: &FlatQuery) -> Result<u64> {
        let open = self.inner.open_profile(permit.profile())?;
        let asked = Query { codes: query.codes.clone(), time: query.time, per_page: 1, ..Query::default() };
        let index = read_lock(&open);
        Ok(page_of(&index, permit, &asked).0)
    }

    /// The series of a person with any of the codes.
    fn series_with(&self, permit: &Permit, codes: &[CodeFilter]) -> Result<Vec<RecordId>> {
        let open = self.inner.open_profile(permit.profile())?;
        let asked = Query { codes: codes.to_vec(), per_page: u32::MAX, ..Query::default() };
        let index = read_lock(&open);
        let (_, states) = page_of(&index, permit, &asked);
        Ok(states.into_iter().map(RecordState::id).collect())
    }
}

/// A table of records as the API answers them, for programs that read a vault through it.
///
/// # Errors
/// `not-found` where there is no such kind; `invalid` with the place of what is no record.
pub fn table_of(kinds: &Kinds, kind: &str, records: &[Value]) -> Result<Table> {
    let info = kinds.get(kind).filter(|info| !info.system).ok_or_else(Error::not_found)?;
    let mut builder = Builder::new(info.name, columns_of(info));
    for (at, record) in records.iter().enumerate() {
        let row = Row::of_json(record);
        row.ok_or_else(|| invalid(format!("/{at}")))?.cells(info, |cells| builder.push(cells));
    }
    Ok(builder.done())
}

/// A table of samples as the API answers them: `{"profile","series","unit","samples":[{"at","value"}]}` each.
///
/// # Errors
/// `invalid` with the place of what is none.
pub fn samples_of(series: &[Value]) -> Result<Table> {
    let mut builder = Builder::new("samples", rows::sample_columns());
    for (at, one) in series.iter().enumerate() {
        let text = |name: &str| one.get(name).and_then(Value::as_str).ok_or_else(|| invalid(format!("/{at}/{name}")));
        let (profile, id, unit) = (text("profile")?, text("series")?, text("unit")?);
        let samples = one.get("samples").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for (row, sample) in samples.iter().enumerate() {
            let text = |name: &str| sample.get(name).and_then(Value::as_str);
            let moment = text("at").and_then(|text| text.parse::<Instant>().ok());
            let value = text("value").and_then(|text| text.parse::<f64>().ok());
            let (Some(moment), Some(value)) = (moment, value) else {
                return Err(invalid(format!("/{at}/samples/{row}")));
            };
            builder.push(&[
                Cell::Text(profile),
                Cell::Text(id),
                Cell::Integer(moment.millis()),
                Cell::Number(value),
                Cell::Text(unit),
            ]);
        }
    }
    Ok(builder.done())
}

fn invalid(path: String) -> Error {
    Error::invalid(vec![Detail { path, code: "wrong-type" }])
}

/// The columns of a kind's table, without any rows: names, types, units and what they mean.
pub fn describe(kinds: &Kinds, kind: &str) -> Result<Vec<Column>> {
    if kind == "samples" {
        return Ok(rows::sample_columns());
    }
    kinds.get(kind).filter(|info| !info.system).map(columns_of).ok_or_else(Error::not_found)
}
