//! What plugins read out of documents goes with them.
//!
//! Whoever runs plugins keeps that in rows of state and alone knows their whole form. Here the rows have their names, so that a
//! document takes with it what was read out of it, in the same commit.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Inner;
use super::state::StateChange;
use crate::error::Result;
use crate::id::{ProfileId, RecordId};

/// The kind of the records about files.
pub(super) const DOCUMENT: &str = "document";

/// The state row of a person with what plugins propose about them: a list, in which each proposal names the document it was
/// found in as `document` in its `evidence`.
pub const PLUGIN_PROPOSALS: &str = "plugin proposals";

/// The state row of a person with what was read out of this document of theirs.
#[must_use]
pub fn reading_row(document: RecordId) -> String {
    format!("document reading/{document}")
}

impl Inner {
    /// The changes that let go of what was read out of these documents, and of what was proposed of it and nobody has decided
    /// on. For whoever holds the state lock and removes or destroys the documents.
    pub(super) fn forget_readings_of(
        &self,
        profile: ProfileId,
        documents: &BTreeSet<RecordId>,
    ) -> Result<Vec<StateChange>> {
        let mut changes: Vec<StateChange> =
            documents.iter().map(|document| StateChange::delete(profile, &reading_row(*document))).collect();
        let gone: BTreeSet<String> = documents.iter().map(ToString::to_string).collect();
        let is_of = |proposal: &Value| proposal["evidence"]["document"].as_str().is_some_and(|id| gone.contains(id));
        let waiting: Vec<Value> = self.state(profile, PLUGIN_PROPOSALS)?.unwrap_or_default();
        let stay: Vec<&Value> = waiting.iter().filter(|proposal| !is_of(proposal)).collect();
        if stay.len() < waiting.len() {
            changes.push(if stay.is_empty() {
                StateChange::delete(profile, PLUGIN_PROPOSALS)
            } else {
                StateChange::put(profile, PLUGIN_PROPOSALS, &stay, None)?
            });
        }
        Ok(changes)
    }
}
