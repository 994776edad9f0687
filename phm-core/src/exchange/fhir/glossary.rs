//! Names and concepts that other resources refer to.
//!
//! A prescription often says no more than `Medication/7`, a visit `Practitioner/3`. The first pass keeps the words behind
//! such references, each once and within a budget; beyond it a reference stays without words, nothing else.

use std::collections::HashMap;

use serde_json::Value;

use super::address::{self, Keys, Name};
use super::facts::Facts;
use super::json::Node;
use super::map::values;

const MAX_ENTRIES: usize = 200_000;
const MAX_BYTES: usize = 8 << 20;

#[derive(Default)]
pub(super) struct Glossary {
    words: Vec<Box<str>>,
    by_words: HashMap<Box<str>, u32>,
    by_name: HashMap<u64, u32>,
    bytes: usize,
}

impl Glossary {
    /// Keeps the words of a resource that others may refer to.
    pub(super) fn add(&mut self, keys: &Keys, facts: &Facts<'_>, node: &Node<'_>) {
        if self.by_name.len() >= MAX_ENTRIES {
            return;
        }
        let Some(words) = words(facts.naming.kind, node) else { return };
        let Some(number) = self.keep(words) else { return };
        keys.of_resource(&facts.naming, |name| {
            self.by_name.insert(name, number);
        });
        if matches!(facts.naming.kind, "Practitioner" | "Organization" | "Location") {
            address::identifiers(node, |identifier| {
                self.by_name.insert(keys.of(Name::Identifier(facts.naming.kind, identifier)), number);
            });
        }
    }

    fn keep(&mut self, words: String) -> Option<u32> {
        if let Some(&number) = self.by_words.get(words.as_str()) {
            return Some(number);
        }
        if self.bytes + 2 * words.len() > MAX_BYTES {
            return None;
        }
        self.bytes += 2 * words.len();
        let number = u32::try_from(self.words.len()).ok()?;
        self.words.push(words.clone().into_boxed_str());
        self.by_words.insert(words.into_boxed_str(), number);
        Some(number)
    }

    /// Gives back what only collecting needs.
    pub(super) fn settle(&mut self) {
        self.by_words = HashMap::new();
    }

    /// The words behind the first of `names` that has some.
    pub(super) fn find(&self, names: impl IntoIterator<Item = u64>) -> Option<&str> {
        let number = names.into_iter().find_map(|name| self.by_name.get(&name))?;
        self.words.get(*number as usize).map(|words| &**words)
    }
}

/// The name of somebody or some place; or a concept, as JSON.
pub(super) fn words(kind: &str, node: &Node<'_>) -> Option<String> {
    let concept = |name| values::concept(node.get(name)?).map(|concept: Value| concept.to_string());
    match kind {
        "Practitioner" | "RelatedPerson" => values::human_name(node.first("name")?),
        "Organization" | "Location" | "HealthcareService" => node.words("name").map(str::to_owned),
        "PractitionerRole" => {
            node.get("practitioner").and_then(|reference| reference.words("display")).map(str::to_owned)
        }
        "Medication" | "Condition" => concept("code"),
        "Specimen" => concept("type"),
        _ => None,
    }
}
