//! openFDA's drug labels: JSON `{"meta":…,"results":[…]}`, or the ZIP it comes in. Results are read one by one. Of a substance, or
//! of the same substances together, the label with the newest date counts. What it says is evidence to cite, not a list of pairs.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};
use zip::ZipArchive;

use super::gathered::{Counted, Gathered, name_of};
use crate::error::{PluginError, Result};

/// Letters that are kept of what a label says about interactions.
const LONGEST: usize = 8_000;
/// Bytes of one label in the file at most; the longest real ones are a few MiB.
const LONGEST_LABEL: u64 = 32 << 20;
/// Labels of a substance together with others that are kept: they are cited by nobody who asks about it alone.
const MOST_TOGETHER: usize = 24;

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
            let left = Cell::new(LONGEST_LABEL);
            let mut reader = BufReader::new(Paced { inner: Counted::open(path)?, left: &left });
            parsed(&mut reader, &name, gathered, &mut labels, &left)?;
            // To its end, so that what it was is what all of it was.
            left.set(u64::MAX);
            io::copy(&mut reader, &mut io::sink())?;
            gathered.sources.push(reader.into_inner().inner.source(name));
        }
    }
    let mut together: BTreeMap<String, usize> = BTreeMap::new();
    for (substances, (effective, set_id, text)) in labels {
        gathered.let_go(letters(&substances, &text));
        for substance in &substances {
            let with: Vec<&String> = substances.iter().filter(|one| *one != substance).collect();
            if !with.is_empty() {
                let many = together.entry(substance.clone()).or_default();
                *many += 1;
                if *many > MOST_TOGETHER {
                    gathered.leave("one of many labels of a substance together with others");
                    continue;
                }
            }
            gathered.keep(substance, &json!({"set_id": set_id, "effective": effective, "with": with, "text": text}));
        }
    }
    Ok(())
}

/// How much of a label is held.
fn letters(substances: &[String], text: &str) -> usize {
    substances.iter().map(String::len).sum::<usize>() + text.len()
}

/// A file of which only so much is read before somebody says how much more.
struct Paced<'c, R> {
    inner: R,
    left: &'c Cell<u64>,
}

impl<R: Read> Read for Paced<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.left.get()).unwrap_or(usize::MAX);
        if left == 0 {
            return Err(io::Error::other("one entry is too large"));
        }
        let most = buffer.len().min(left);
        let read = self.inner.read(&mut buffer[..most])?;
        self.left.set(self.left.get().saturating_sub(read as u64));
        Ok(read)
    }
}

fn zipped(path: &Path, name: &str, gathered: &mut Gathered, labels: &mut Labels) -> Result<()> {
    let none = |_| PluginError::Facts(format!("{name} is no ZIP, or damaged"));
    let mut archive = ZipArchive::new(std::fs::File::open(path)?).map_err(none)?;
    for n in 0..archive.len() {
        let entry = archive.by_index(n).map_err(none)?;
        let is_json = String::from_utf8_lossy(entry.name_raw()).to_lowercase().ends_with(".json");
        if is_json {
            let left = Cell::new(LONGEST_LABEL);
            let mut reader = BufReader::new(Paced { inner: entry, left: &left });
            parsed(&mut reader, name, gathered, labels, &left)?;
        }
    }
    let mut whole = Counted::open(path)?;
    io::copy(&mut whole, &mut io::sink())?;
    gathered.sources.push(whole.source(name.to_owned()));
    Ok(())
}

fn parsed(
    reader: &mut impl Read,
    name: &str,
    gathered: &mut Gathered,
    labels: &mut Labels,
    left: &Cell<u64>,
) -> Result<()> {
    let mut json = serde_json::Deserializer::from_reader(reader);
    let whole = Whole { name, gathered: &mut *gathered, labels, left };
    let found = whole.deserialize(&mut json);
    gathered.had_room()?;
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
    left: &'g Cell<u64>,
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
                    left: self.left,
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
    left: &'g Cell<u64>,
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
            self.left.set(LONGEST_LABEL);
            number += 1;
            self.gathered.read += 1;
            match serde_json::from_value::<Label>(value) {
                Ok(label) => one(label, self.name, number, self.gathered, self.labels),
                Err(_) => self.gathered.refuse(self.name, number, "a field has another form"),
            }
            if self.gathered.had_room().is_err() {
                return Err(A::Error::custom("too much"));
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
            let names = letters(&substances, "");
            gathered.hold(names + text.len());
            if let Some((_, _, older)) = labels.insert(substances, (effective_time, set_id, text)) {
                gathered.let_go(names + older.len());
            }
        }
    }
}
