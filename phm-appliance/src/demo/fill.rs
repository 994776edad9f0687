//! Writing an invented household into a vault.
//!
//! Everything goes through the session, as a person's own typing would: checked, sealed, audited. Records name each
//! other, and the vault gives ids; so what is named is written first, and the names are replaced by what the vault gave.

use std::collections::HashMap;

use phm_core::Result;
use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::model::{MOST_SAMPLES, Sample};
use phm_core::vault::{How, Session};
use serde_json::{Value, json};

use super::{Entry, Household, Options, WATCH};

/// Records in one write; bounds memory and keeps each commit short.
const AT_ONCE: usize = 500;
/// Fields that hold the id of another record.
const ONE: [&str; 4] = ["medication", "panel", "document", "visit"];
/// Fields that hold ids of other records.
const MANY: [&str; 2] = ["documents", "prescriptions"];

/// The kind of what samples belong to.
const SERIES: &str = "series";

/// What was written.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// The people, in the order of the household.
    pub profiles: Vec<ProfileId>,
    /// Records of all of them, the profiles themselves aside.
    pub records: u64,
    /// Samples of all of them.
    pub samples: u64,
}

/// Writes the household of `options`; its people belong to `owner`, where there is one.
pub fn fill(session: &Session, options: Options, owner: Option<RecordId>) -> Result<Made> {
    let household = Household::new(options);
    let mut made = Made::default();
    for (at, person) in household.people().enumerate() {
        let profile = session.add_profile(&person.profile, owner)?.profile;
        made.profiles.push(profile);
        let mut writer = Writer { session, profile, given: HashMap::new(), written: 0 };
        let history = household.history(at);
        for stage in 0..=LAST_STAGE {
            writer.write(history.iter().filter(|entry| self::stage(entry) == stage))?;
        }
        made.samples += writer.measure(&household, at, &history)?;
        let mut readings = household.readings(at, history.len());
        loop {
            writer.given.clear();
            let chunk: Vec<Entry> = readings.by_ref().take(AT_ONCE).collect();
            if chunk.is_empty() {
                break;
            }
            writer.write(chunk.iter())?;
        }
        made.records += writer.written;
    }
    Ok(made)
}

const LAST_STAGE: u8 = 3;

/// What an entry may be named by comes before what names it.
fn stage(entry: &Entry) -> u8 {
    match entry.kind {
        "document" => 0,
        "medication" | "visit" => 1,
        "lab-result" if entry.body["quantity"].is_null() => 2,
        _ => LAST_STAGE,
    }
}

fn measured(sample: super::Sample) -> Sample {
    Sample::new(sample.at, sample.value.to_string().parse().expect("a whole number is a decimal"))
}

struct Writer<'s> {
    session: &'s Session,
    profile: ProfileId,
    /// The ids the vault gave, by those of the demo.
    given: HashMap<String, RecordId>,
    written: u64,
}

impl Writer<'_> {
    fn write<'e>(&mut self, entries: impl Iterator<Item = &'e Entry>) -> Result<()> {
        let mut by_kind: HashMap<&str, Vec<&Entry>> = HashMap::new();
        let mut kinds = Vec::new();
        for entry in entries {
            by_kind.entry(entry.kind).or_insert_with(|| {
                kinds.push(entry.kind);
                Vec::new()
            });
            by_kind.entry(entry.kind).or_default().push(entry);
        }
        for kind in kinds {
            for chunk in by_kind[kind].chunks(AT_ONCE) {
                self.write_kind(kind, chunk)?;
            }
        }
        Ok(())
    }

    fn write_kind(&mut self, kind: &str, entries: &[&Entry]) -> Result<()> {
        let permit = self.session.permit(Action::Add, self.profile, kind)?;
        let bodies: Vec<Value> = entries.iter().map(|entry| self.named(&entry.body)).collect();
        let mut records = Vec::with_capacity(entries.len());
        if kind == "document" {
            for (entry, body) in entries.iter().zip(&bodies) {
                let content = entry.content.as_deref().unwrap_or_default();
                records.push(self.session.add_document(&permit, body, &mut &*content, content.len() as u64)?);
            }
        } else {
            records = self.session.add_many(&permit, &bodies, &How::Typed)?;
        }
        for (entry, record) in entries.iter().zip(records) {
            self.given.insert(entry.id.to_string(), record.id);
        }
        self.written += entries.len() as u64;
        Ok(())
    }

    /// Writes the person's samples; a history too short to have their series gets it for them.
    fn measure(&mut self, household: &Household, at: usize, history: &[Entry]) -> Result<u64> {
        let mut samples = household.samples(at).peekable();
        if samples.peek().is_none() {
            return Ok(0);
        }
        let permit = self.session.permit(Action::Add, self.profile, SERIES)?;
        let told = history.iter().find(|entry| entry.kind == SERIES);
        let series = match told.and_then(|entry| self.given.get(&entry.id.to_string())) {
            Some(series) => *series,
            None => {
                self.written += 1;
                let samples = household.options.samples.unwrap_or(WATCH);
                self.session.add(&permit, &household.series(samples), How::Typed)?.id
            }
        };
        let mut written = 0;
        loop {
            let chunk: Vec<Sample> = samples.by_ref().take(MOST_SAMPLES).map(measured).collect();
            if chunk.is_empty() {
                return Ok(written);
            }
            written += self.session.append_samples(&permit, series, &chunk, &How::Device)?.added;
        }
    }

    /// The body with the vault's ids in place of the demo's.
    fn named(&self, body: &Value) -> Value {
        let mut body = body.clone();
        let given = |id: &Value| id.as_str().and_then(|id| self.given.get(id)).map(|id| json!(id));
        for field in ONE {
            if let Some(id) = body.get(field).and_then(given) {
                body[field] = id;
            }
        }
        for field in MANY {
            for id in body.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(known) = given(id) {
                    *id = known;
                }
            }
        }
        body
    }
}
