//! openFDA's drug labels: JSON `{"meta":…,"results":[…]}`, or the ZIP it comes in. Results are read one by one. Of a substance, or
//! of the same substances together, the label with the newest date counts. What it says is evidence to cite, not a list of pairs.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};
use zip::ZipArchive;

use super::gathered::{Counted, Gathered, name_of};
use crate::error::{PluginError, Result};

/// Letters that are kept of what a label says about interactions.
const LONGEST: usize = 8_000;

/// The newest label of the same substances: its date, its id, what it says.
type Labels = BTreeMap<Vec<String>, (String, String, String)>;

/// What is read of a label.
#[derive(Deserialize)]
struct Label {
    #[serde(default)]
    set_id: String,
    #[serde(default)]
    effective_time: String,
    #[serde(default)]
    drug_interactions: Vec<String>,
    #[serde(default)]
    openfda: Openfda,
}

#[derive(Default, Deserialize)]
struct Openfda {
    #[serde(default)]
    generic_name: Vec<String>,
    #[serde(default)]
    substance_name: Vec<String>,
}

/// Reads the files.
pub fn read(files: &[PathBuf], gathered: &mut Gathered) -> Result<()> {
    let mut labels = Labels::new();
    for path in files {
        let name = name_of(path);
        if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("zip")) {
            zipped(path, &name, gathered, &mut labels)?;
        } else {
            let mut reader = BufReader::new(Counted::open(path)?);
            parsed(&mut reader, &name, gathered, &mut labels)?;
            // To its end, so that what it was is what all of it was.
            std::io::copy(&mut reader, &mut std::io::sink())?;
            gathered.sources.push(reader.into_inner().source(name));
        }
    }
    for (substances, (effective, set_id, text)) in labels {
        for substance in &substances {
            let with: Vec<&String> = substances.iter().filter(|one| *one != substance).collect();
            gathered.keep(substance, &json!({"set_id": set_id, "effective": effective, "with": with, "text": text}));
        }
    }
    Ok(())
}

fn zipped(path: &Path, name: &str, gathered: &mut Gathered, labels: &mut Labels) -> Result<()> {
    let none = |_| PluginError::Facts(format!("{name} is no ZIP, or damaged"));
    let mut archive = ZipArchive::new(std::fs::File::open(path)?).map_err(none)?;
    for n in 0..archive.len() {
        let entry = archive.by_index(n).map_err(none)?;
        let is_json = String::from_utf8_lossy(entry.name_raw()).to_lowercase().ends_with(".json");
        if is_json {
            parsed(&mut BufReader::new(entry), name, gathered, labels)?;
        }
    }
    let mut whole = Counted::open(path)?;
    std::io::copy(&mut whole, &mut std::io::sink())?;
    gathered.sources.push(whole.source(name.to_owned()));
    Ok(())
}

fn parsed(reader: &mut impl Read, name: &str, gathered: &mut Gathered, labels: &mut Labels) -> Result<()> {
    let mut json = serde_json::Deserializer::from_reader(reader);
    let found = Whole { name, gathered, labels }.deserialize(&mut json);
    let wrong = |error: serde_json::Error| {
        let (line, column) = (error.line(), error.column());
        PluginError::Facts(format!(
            "{name} is no file of openFDA labels, or it is cut, at line {line}, column {column}"
        ))
    };
    if found.map_err(wrong)? { Ok(()) } else { Err(PluginError::Facts(format!("{name} holds no results"))) }
}

/// The whole file; answers whether it had results.
struct Whole<'g> {
    name: &'g str,
    gathered: &'g mut Gathered,
    labels: &'g mut Labels,
}

impl<'de> DeserializeSeed<'de> for Whole<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Whole<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with results")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut has_results = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == "results" {
                has_results = true;
                map.next_value_seed(Results {
                    name: self.name,
                    gathered: &mut *self.gathered,
                    labels: &mut *self.labels,
                })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(has_results)
    }
}

struct Results<'g> {
    name: &'g str,
    gathered: &'g mut Gathered,
    labels: &'g mut Labels,
}

impl<'de> DeserializeSeed<'de> for Results<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Results<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of labels")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(value) = all.next_element::<Value>()? {
            number += 1;
            self.gathered.read += 1;
            match serde_json::from_value::<Label>(value) {
                Ok(label) => one(label, self.name, number, self.gathered, self.labels),
                Err(_) => self.gathered.refuse(self.name, number, "a field has another form"),
            }
        }
        Ok(())
    }
}

fn one(label: Label, file: &str, number: u64, gathered: &mut Gathered, labels: &mut Labels) {
    let Label { set_id, effective_time, drug_interactions, openfda } = label;
    let is_date = effective_time.len() == 8 && effective_time.bytes().all(|byte| byte.is_ascii_digit());
    if set_id.is_empty() || !is_date {
        gathered.refuse(file, number, "no set_id or no date");
        return;
    }
    let named = if openfda.substance_name.is_empty() { openfda.generic_name } else { openfda.substance_name };
    let mut substances: Vec<String> =
        named.iter().map(|name| super::folded(name)).filter(|name| !name.is_empty()).collect();
    substances.sort();
    substances.dedup();
    let text = drug_interactions.join("\n");
    if substances.is_empty() {
        gathered.leave("a label that names no substance");
    } else if text.trim().is_empty() {
        gathered.leave("a label that says nothing about interactions");
    } else {
        gathered.used += 1;
        let text: String = text.chars().take(LONGEST).collect();
        let newer = labels.get(&substances).is_none_or(|(effective, ..)| *effective < effective_time);
        if newer {
            labels.insert(substances, (effective_time, set_id, text));
        }
    }
}
