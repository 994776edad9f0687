//! Exporting a person's records: what was imported leaves byte for byte, what was amended leaves with only that
//! changed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::str::FromStr;

use serde_json::Value;
use serde_json::value::RawValue;

use super::profiles::OpenProfile;
use super::readings::DOCUMENT;
use super::records::{admits, admits_as_labelled, read_lock};
use super::series::{self, SERIES};
use super::session::{PROFILE, Session};
use crate::access::{Action, Permit};
use crate::error::{Detail, Error, ErrorKind, Result};
use crate::exchange::fhir::json::Node;
use crate::exchange::fhir::{BundleWriter, Identity, NdjsonWriter, Origin, attached_binary, patch_original, to_fhir};
use crate::id::{ProfileId, RecordId};
use crate::index::{Act, RecordState, Version};

/// Records between two looks whether the permission still holds.
const PAGE: usize = 500;

/// The form of an export.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ExportFormat {
    /// One FHIR R4 Bundle of type `collection`.
    FhirBundle,
    /// One FHIR R4 resource a line.
    Ndjson,
    /// One record a row: `id,kind,occurred,title,value,unit,status,flag,system,code,version,updated_at`. A series is
    /// followed by its samples, each a row of kind `sample` under the id of the series.
    Csv,
}

impl FromStr for ExportFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "fhir-bundle" => Ok(Self::FhirBundle),
            "ndjson" => Ok(Self::Ndjson),
            "csv" => Ok(Self::Csv),
            _ => Err(Error::new(ErrorKind::Invalid, "invalid-choice", "the format is fhir-bundle, ndjson or csv")),
        }
    }
}

/// What is written of one record.
struct Leaving {
    id: RecordId,
    kind: String,
    /// The entry of its newest version.
    current: u64,
    /// The entry that holds its body.
    body: u64,
    /// The entry of the newest version with an original, where the permit admits that version too.
    original: Option<u64>,
}

impl Session {
    /// Writes everything of a person the actor may export, in the order it was recorded; answers the resources by type.
    ///
    /// Removed records are left out. The permission is asked for again every few hundred records.
    pub fn export(
        &self,
        profile: ProfileId,
        format: ExportFormat,
        out: &mut dyn Write,
    ) -> Result<BTreeMap<String, u64>> {
        let permits = self.export_permits(profile)?;
        let open = self.inner.open_profile(profile)?;
        let mut leaving = leaving(&open, &permits);
        if format != ExportFormat::Csv {
            self.add_files_beside(&open, &permits, &mut leaving)?;
        }
        let patient = self.patient_reference(&open)?;
        // Noted before anything leaves: whoever breaks off the transfer has seen what came until then.
        for permit in &permits {
            let ids: Vec<RecordId> = leaving.iter().filter(|one| one.kind == permit.kind()).map(|one| one.id).collect();
            if !ids.is_empty() {
                self.note_read("export", permit, &ids)?;
            }
        }
        let mut counts = BTreeMap::new();
        match format {
            ExportFormat::FhirBundle => {
                let mut bundle = BundleWriter::new(out)?;
                self.each_resource(&open, &leaving, &permits, &patient, &mut counts, |origin| Ok(bundle.add(origin)?))?;
                bundle.finish()?;
            }
            ExportFormat::Ndjson => {
                let mut lines = NdjsonWriter::new(out);
                self.each_resource(&open, &leaving, &permits, &patient, &mut counts, |origin| Ok(lines.add(origin)?))?;
                lines.finish()?;
            }
            ExportFormat::Csv => self.csv(&open, &leaving, &permits, &mut counts, out)?,
        }
        Ok(counts)
    }

    /// Chosen records of a person as one FHIR bundle, for whoever may give all of them on and take them out.
    ///
    /// # Errors
    /// `invalid` with the places of those that are not there for the caller; `not-granted` where a kind of them is not
    /// to be given on.
    pub(super) fn bundle_of(&self, profile: ProfileId, ids: &[RecordId]) -> Result<Vec<u8>> {
        let open = self.inner.open_profile(profile)?;
        let kinds: BTreeSet<String> = {
            let index = read_lock(&open);
            let of =
                |id: &RecordId| index.record(*id).filter(|state| !state.removed()).map(|state| state.kind().to_owned());
            ids.iter().filter_map(of).collect()
        };
        let permits = |action| kinds.iter().map(|kind| self.permit(action, profile, kind)).collect::<Result<Vec<_>>>();
        let (out, on) = (permits(Action::Export)?, permits(Action::Share)?);
        let given_on: BTreeSet<RecordId> = leaving(&open, &on).into_iter().map(|one| one.id).collect();
        let mut chosen = leaving(&open, &out);
        // What is restricted goes to nobody, whoever gives it.
        let closed = self.restricted_of(&open, ids)?;
        chosen.retain(|one| ids.contains(&one.id) && given_on.contains(&one.id) && !closed.contains(&one.id));
        let missing = |id: &RecordId| !chosen.iter().any(|one| one.id == *id);
        let wrong: Vec<Detail> = ids
            .iter()
            .enumerate()
            .filter(|(_, id)| missing(id))
            .map(|(at, _)| Detail { path: format!("/records/{at}"), code: "unknown" })
            .collect();
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        let (mut bytes, mut counts) = (Vec::new(), BTreeMap::new());
        let patient = self.patient_reference(&open)?;
        let mut bundle = BundleWriter::new(&mut bytes)?;
        self.each_resource(&open, &chosen, &out, &patient, &mut counts, |origin| Ok(bundle.add(origin)?))?;
        bundle.finish()?;
        Ok(bytes)
    }

    /// Whether the caller may give all of these records on and take them out, as [`Session::bundle_of`] asks; nothing
    /// is noted.
    pub(super) fn gives_on(&self, profile: ProfileId, ids: &[RecordId]) -> Result<bool> {
        let open = self.inner.open_profile(profile)?;
        if !self.restricted_of(&open, ids)?.is_empty() {
            return Ok(false);
        }
        let kinds: BTreeSet<String> = {
            let index = read_lock(&open);
            ids.iter().filter_map(|id| Some(index.record(*id)?.kind().to_owned())).collect()
        };
        let mut permits = Vec::new();
        for kind in &kinds {
            for action in [Action::Export, Action::Share] {
                let Some(permit) = self.unless_refused(action, profile, kind)? else { return Ok(false) };
                permits.push(permit);
            }
        }
        let index = read_lock(&open);
        Ok(ids.iter().all(|id| {
            let state = index.record(*id).filter(|state| !state.removed());
            let (Some(state), Some(current)) = (state, state.and_then(RecordState::current)) else { return false };
            permits.iter().filter(|permit| permit.kind() == state.kind()).all(|permit| admits(permit, current))
        }))
    }

    /// What the files may be called that came beside the document with this original.
    pub(super) fn files_named(&self, open: &OpenProfile, original: u64) -> Result<Vec<Identity>> {
        let stored = self.inner.reader(open.id, open.blinded).origin(original)?;
        Ok(stored.as_deref().and_then(Origin::decode).map(|origin| attached_binary(&origin)).unwrap_or_default())
    }

    /// Adds the files that came beside documents that leave, where the caller does not see every label: by themselves these
    /// files are not shown to them.
    fn add_files_beside(&self, open: &OpenProfile, permits: &[Permit], leaving: &mut Vec<Leaving>) -> Result<()> {
        let Some(permit) = permits.iter().find(|permit| permit.kind() == "fhir-resource") else { return Ok(()) };
        if permit.scope().is_everything() {
            return Ok(());
        }
        let mut known: BTreeSet<RecordId> = leaving.iter().map(|one| one.id).collect();
        let documents = leaving.iter().filter(|one| one.kind == DOCUMENT).filter_map(|one| one.original);
        for seq in documents.collect::<Vec<u64>>() {
            let named = self.files_named(open, seq)?;
            let index = read_lock(open);
            for identity in named {
                let state = index.by_identity(identity.as_bytes()).filter(|state| state.kind() == permit.kind());
                let is_open = |version: Version<'_>| version.is_bare_file() && admits_as_labelled(permit, version);
                let file = state.and_then(|state| leaves(state, &is_open));
                leaving.extend(file.filter(|file| known.insert(file.id)));
            }
        }
        leaving.sort_by_key(|one| one.current);
        Ok(())
    }

    fn export_permits(&self, profile: ProfileId) -> Result<Vec<Permit>> {
        let mut permits = Vec::new();
        let mut refused = None;
        for info in self.inner.options.kinds.iter().filter(|info| !info.system) {
            match self.unless_refused(Action::Export, profile, info.name)? {
                Some(permit) => permits.push(permit),
                None => refused = Some(info.name),
            }
        }
        match refused {
            // Asked aloud: somebody who may take nothing with them was refused.
            Some(kind) if permits.is_empty() => self.permit(Action::Export, profile, kind).map(|permit| vec![permit]),
            _ => Ok(permits),
        }
    }

    /// How resources typed by hand refer to the person.
    pub(super) fn patient_reference(&self, open: &OpenProfile) -> Result<String> {
        let seq = {
            let index = read_lock(open);
            let state = index.record(RecordId::from_bytes(*open.id.as_bytes()));
            state.and_then(|state| state.visible().find(|version| version.has_origin())).map(Version::seq)
        };
        let stored = seq.map(|seq| self.inner.reader(open.id, open.blinded).origin(seq)).transpose()?.flatten();
        let origin = stored.as_deref().and_then(Origin::decode);
        let full_url = origin.as_ref().and_then(|origin| origin.full_url).filter(|url| url.starts_with("urn:"));
        let id = || {
            let node = Node::parse(origin.as_ref()?.resource).ok()?;
            node.text("id").map(|id| format!("Patient/{id}"))
        };
        Ok(full_url.map(str::to_owned).or_else(id).unwrap_or_else(|| format!("Patient/{}", open.id)))
    }

    fn each_resource(
        &self,
        open: &OpenProfile,
        leaving: &[Leaving],
        permits: &[Permit],
        patient: &str,
        counts: &mut BTreeMap<String, u64>,
        mut write: impl FnMut(&Origin<'_>) -> Result<()>,
    ) -> Result<()> {
        let reader = self.inner.reader(open.id, open.blinded);
        for page in leaving.chunks(PAGE) {
            self.use_permits(permits)?;
            for one in page {
                let stored = one.original.map(|seq| reader.origin(seq)).transpose()?.flatten();
                let origin = stored.as_deref().and_then(Origin::decode);
                let bytes = match (&origin, one.original) {
                    (Some(origin), Some(seq)) if seq == one.current => origin.resource.to_vec(),
                    (Some(origin), Some(seq)) => {
                        let (old, new) = (self.value(open, seq)?, self.value(open, one.body)?);
                        patch_original(origin.resource, &one.kind, &old, &new)
                            .ok_or_else(|| Error::corrupt("an original is no FHIR resource; run `phm verify`"))?
                    }
                    _ => {
                        let mut body = self.value(open, one.body)?;
                        if let Some(permit) = series_permit(permits, one) {
                            series::say_extent(open, permit, one.id, &mut body);
                        }
                        to_fhir(&one.kind, &body, &one.id.to_string(), patient)
                    }
                };
                let full_url = origin.as_ref().and_then(|origin| origin.full_url);
                let resource_type =
                    Node::parse(&bytes).ok().and_then(|node| node.text("resourceType").map(str::to_owned));
                *counts.entry(resource_type.unwrap_or_default()).or_default() += 1;
                write(&Origin { full_url, resource: &bytes })?;
                if let Some(permit) = series_permit(permits, one) {
                    self.sample_documents(permit, one.id, patient, |resource| {
                        *counts.entry("DocumentReference".to_owned()).or_default() += 1;
                        write(&Origin { full_url: None, resource })
                    })?;
                }
            }
        }
        Ok(())
    }

    fn csv(
        &self,
        open: &OpenProfile,
        leaving: &[Leaving],
        permits: &[Permit],
        counts: &mut BTreeMap<String, u64>,
        out: &mut dyn Write,
    ) -> Result<()> {
        let failed = |error: csv::Error| match error.into_kind() {
            csv::ErrorKind::Io(error) => Error::from(error),
            _ => Error::internal("a row could not be written"),
        };
        let mut table = csv::Writer::from_writer(out);
        let columns = "id,kind,occurred,title,value,unit,status,flag,system,code,version,updated_at";
        table.write_record(columns.split(',')).map_err(failed)?;
        for (at, one) in leaving.iter().filter(|one| one.kind != PROFILE).enumerate() {
            if at % PAGE == 0 {
                self.use_permits(permits)?;
            }
            let index = read_lock(open);
            let current = index.entry(one.current).ok_or_else(|| Error::internal("an entry has left the index"))?;
            let (system, code) = current.codes().first().map_or(("", ""), |(system, code)| (system, code));
            let row = [
                one.id.to_string(),
                one.kind.clone(),
                current.occurred().map(|when| when.to_string()).unwrap_or_default(),
                plain(current.title()),
                plain(current.value().unwrap_or_default()),
                plain(current.unit().unwrap_or_default()),
                plain(current.status().unwrap_or_default()),
                plain(current.flag().unwrap_or_default()),
                plain(system),
                plain(code),
                current.version().to_string(),
                current.at().to_string(),
            ];
            drop(index);
            table.write_record(&row).map_err(failed)?;
            *counts.entry(one.kind.clone()).or_default() += 1;
            let Some(permit) = series_permit(permits, one) else { continue };
            let [id, _, _, title, _, unit, .., system, code, _, _] = row;
            self.sample_pieces(permit, one.id, |_, columns| {
                for (at, value) in series::export::rows(columns) {
                    let at = at.to_string();
                    let row = [&id, "sample", &at, &title, value, &unit, "", "", &system, &code, "", ""];
                    table.write_record(row).map_err(failed)?;
                    *counts.entry("sample".to_owned()).or_default() += 1;
                }
                Ok(())
            })?;
        }
        Ok(table.flush()?)
    }

    /// Asks whether everything that was allowed still is.
    fn use_permits(&self, permits: &[Permit]) -> Result<()> {
        permits.iter().try_for_each(|permit| self.use_permit(permit, Action::Export))
    }

    fn value(&self, open: &OpenProfile, seq: u64) -> Result<Value> {
        value_of(&self.body(open, seq)?)
    }
}

/// The permit to export a series and its samples.
fn series_permit<'p>(permits: &'p [Permit], one: &Leaving) -> Option<&'p Permit> {
    permits.iter().find(|permit| one.kind == SERIES && permit.kind() == SERIES)
}

/// A stored body as a value.
pub(super) fn value_of(body: &RawValue) -> Result<Value> {
    json_of(body.get())
}

/// A stored form as a value.
pub(super) fn json_of(json: &str) -> Result<Value> {
    serde_json::from_str(json).map_err(|_| Error::corrupt("a record has an unknown form; run `phm verify`"))
}

fn leaving(open: &OpenProfile, permits: &[Permit]) -> Vec<Leaving> {
    let index = read_lock(open);
    let mut leaving: Vec<Leaving> = index
        .records()
        .filter_map(|state| {
            let admitted = |permit: &&Permit| {
                permit.kind() == state.kind() && state.current().is_some_and(|current| admits(permit, current))
            };
            let permit = permits.iter().find(admitted)?;
            leaves(state, &|version| admits(permit, version))
        })
        .collect();
    leaving.sort_by_key(|one| one.current);
    leaving
}

/// What is written of a record that is not removed and whose newest version is open.
fn leaves(state: RecordState<'_>, is_open: &dyn Fn(Version<'_>) -> bool) -> Option<Leaving> {
    let current = state.current().filter(|current| !state.removed() && is_open(*current))?;
    let original = state.visible().find(|version| version.has_origin());
    let original = original.filter(|version| is_open(*version)).map(Version::seq);
    let body = state.visible().find(|version| version.act() != Act::Remove)?.seq();
    Some(Leaving { id: state.id(), kind: state.kind().to_owned(), current: current.seq(), body, original })
}

/// A text that no spreadsheet takes for a formula.
fn plain(text: &str) -> String {
    let number = text.parse::<f64>().is_ok();
    if !number && text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}
