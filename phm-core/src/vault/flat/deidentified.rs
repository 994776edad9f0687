//! Flat views and exports without what names a person.

use std::io::Write;

use serde_json::{Value, json};

use super::builder::Builder;
use super::rows::{Row, columns_of};
use super::{FlatQuery, Table};
use crate::access::Action;
use crate::error::{Error, Result};
use crate::exchange::deidentified::{Deidentifier, Report, is_an_old_age, is_left_out, is_short};
use crate::id::{ProfileId, RecordId};
use crate::index::Timeframe;
use crate::model::KindInfo;
use crate::time::When;
use crate::vault::series::{SERIES, export as samples};
use crate::vault::session::{PROFILE, Session};

impl Session {
    /// The records of one kind as [`Session::table`] gives them, de-identified with `secret`, and what went.
    ///
    /// # Errors
    /// As [`Session::table`], for exporting instead of reading.
    pub fn deidentified_table(&self, kind: &str, query: &FlatQuery, secret: &[u8]) -> Result<(Table, Report)> {
        let info = self.inner.options.kinds.get(kind).filter(|info| !info.system).ok_or_else(Error::not_found)?;
        let (mut builder, mut work) =
            (Builder::new(info.name, columns_of(info)), Deidentifier::new(secret, self.now()));
        let mut permits = self.table_permits(Action::Export, info.name, query)?;
        // In the order of the ids outside: that of the vault would join two exports of it, person by person.
        permits.sort_by_cached_key(|permit| work.id(permit.profile().as_bytes()));
        for permit in permits {
            let somebody = work.person(permit.profile());
            work.report.people += 1;
            if is_left_out(info) {
                // Not even opened: nobody has seen them, so the log does not say so either.
                work.leave_out(info, self.count_records(&permit, query)?);
                continue;
            }
            self.each_record(&permit, query, |row, header| {
                let Some(body) = work.body(info, &somebody, row.body) else { return Ok(()) };
                let id = work.id(header.record.as_bytes());
                let (occurred, how) = (header.occurred.and_then(|when| work.when(&somebody, when)), row.how);
                let left = Row {
                    id: &id,
                    profile: &somebody.id,
                    version: row.version,
                    occurred,
                    // When something was written says when it was, whatever its own date says.
                    recorded_at: None,
                    updated_at: None,
                    how,
                    body: &body,
                };
                left.cells(info, |cells| builder.push(cells));
                Ok(())
            })?;
        }
        Ok((builder.done(), work.report))
    }

    /// Writes everything of the people in `query` the actor may export, de-identified with `secret`, as JSON lines:
    /// `{"kind","id","profile","occurred","body"}`, and `{"kind":"sample","series","profile","at","value"}`.
    ///
    /// # Errors
    /// As [`Session::export`].
    pub fn export_deidentified(&self, query: &FlatQuery, secret: &[u8], out: &mut dyn Write) -> Result<Report> {
        let mut work = Deidentifier::new(secret, self.now());
        let infos: Vec<KindInfo> = self.inner.options.kinds.iter().filter(|info| !info.system).copied().collect();
        let mut people = std::collections::BTreeSet::new();
        let mut asked = self.people_to_export(query)?;
        // In the order of the ids outside: that of the vault would join two exports of it, person by person.
        asked.sort_by_cached_key(|profile| work.id(profile.as_bytes()));
        asked.dedup();
        for info in &infos {
            for profile in &asked {
                let Some(permit) = self.unless_refused(Action::Export, *profile, info.name)? else { continue };
                people.insert(*profile);
                if is_left_out(info) {
                    // Not even opened: nobody has seen them, so the log does not say so either.
                    work.leave_out(info, self.count_records(&permit, query)?);
                    continue;
                }
                let somebody = work.person(permit.profile());
                let mut series: Vec<(RecordId, String, Option<String>)> = Vec::new();
                // A series may have begun long before the samples that are asked for.
                let time = if info.name == SERIES { Timeframe::default() } else { query.time };
                let records = FlatQuery { time, ..query.clone() };
                self.each_record(&permit, &records, |row, header| {
                    let Some(body) = work.body(info, &somebody, row.body) else { return Ok(()) };
                    let id = work.id(header.record.as_bytes());
                    let occurred = header.occurred.and_then(|when| work.when(&somebody, when));
                    let line = json!({
                        "kind": info.name, "id": id, "profile": somebody.id, "occurred": occurred, "body": body,
                    });
                    writeln!(out, "{line}")?;
                    if info.name == SERIES {
                        let unit = body.get("unit").and_then(Value::as_str).map(str::to_owned);
                        series.push((header.record, id, unit));
                    }
                    Ok(())
                })?;
                for (record, id, unit) in series {
                    let names_nobody = |value: &str| {
                        is_short(value) && unit.as_deref().is_some_and(|unit| !is_an_old_age(value, unit, None))
                    };
                    self.sample_pieces(&permit, record, |_, columns| {
                        for (at, value) in samples::rows(columns) {
                            if !query.time.contains(Some(When::Instant(at))) {
                                continue;
                            }
                            let moved = work.when(&somebody, When::Instant(at)).filter(|_| names_nobody(value));
                            let Some(moved) = moved else {
                                *work.report.removed.entry("sample/value".to_owned()).or_default() += 1;
                                continue;
                            };
                            let line = json!({
                                "kind": "sample", "series": id, "profile": somebody.id, "at": moved, "value": value,
                            });
                            writeln!(out, "{line}")?;
                            work.report.samples += 1;
                        }
                        Ok(())
                    })?;
                }
            }
        }
        work.report.people = people.len() as u64;
        Ok(work.report)
    }

    /// The people of whom something may be exported; asked aloud for those who were named.
    fn people_to_export(&self, query: &FlatQuery) -> Result<Vec<ProfileId>> {
        if query.profiles.is_empty() {
            return Ok(self.inner.profile_ids().into_iter().filter(ProfileId::is_person).collect());
        }
        for profile in &query.profiles {
            let mut kinds = self.inner.options.kinds.iter().filter(|info| !info.system);
            if !kinds.any(|info| self.may(Action::Export, *profile, info.name)) {
                self.permit(Action::Export, *profile, PROFILE)?;
            }
        }
        Ok(query.profiles.clone())
    }
}
