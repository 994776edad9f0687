//! Proposals: what a plugin would add, waiting for a person.
//!
//! Nothing a plugin says is a record. A proposal is sealed state of the person it is about; somebody who may add that kind of
//! record accepts it, and the record's provenance names the plugin, or rejects it, and it is gone.

use std::collections::BTreeMap;

use phm_core::access::{Action, Labels, Permit, Scope};
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::Instant;
use phm_core::vault::{How, Record, Session, Vault};
use phm_core::{Error, Result};
use phm_plugin_api::v1::calls::Evidence;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Proposals of one plugin that may wait for one person. Each plugin has its own, so that none shuts out another.
pub const MOST: usize = 500;
/// Bytes they may take together, with the words they were found in.
const MOST_BYTES: usize = 2 << 20;
const ROW: &str = "plugin proposals";

/// What a plugin would add.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Its id.
    pub id: RecordId,
    /// The plugin.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// The kind of the record.
    pub kind: String,
    /// Its body.
    pub body: Value,
    /// Where it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// When it was proposed.
    pub proposed_at: Instant,
}

impl Proposal {
    /// A new one.
    pub fn new(
        plugin: String,
        version: String,
        kind: String,
        body: Value,
        evidence: Option<Evidence>,
        proposed_at: Instant,
    ) -> Self {
        Self { id: RecordId::new(), plugin, version, kind, body, evidence, proposed_at }
    }
}

/// Bytes of what would be added and of the words it was found in.
pub fn size(body: &Value, evidence: Option<&Evidence>) -> usize {
    let evidence = serde_json::to_string(&evidence).map_or(usize::MAX, |text| text.len());
    body.to_string().len().saturating_add(evidence)
}

/// Lets the proposals of one plugin wait, all of them or none; `false` where too many of its own wait already.
pub fn add(vault: &Vault, profile: ProfileId, plugin: &str, proposals: Vec<Proposal>) -> Result<bool> {
    vault.update_state(profile, ROW, |waiting: Option<Vec<Proposal>>| {
        let mut waiting = waiting.unwrap_or_default();
        let before = waiting.len();
        waiting.extend(proposals);
        let (mut count, mut bytes) = (0, 0usize);
        for one in waiting.iter().filter(|one| one.plugin == plugin) {
            count += 1;
            bytes = bytes.saturating_add(size(&one.body, one.evidence.as_ref()));
        }
        let fits = count <= MOST && bytes <= MOST_BYTES;
        if !fits {
            waiting.truncate(before);
        }
        Ok(((!waiting.is_empty()).then_some((waiting, None)), fits))
    })
}

/// The proposals about a person that this session may decide on, oldest first. Whoever may see a part of the records of a kind
/// only, of some time or chosen ones, sees no proposal of it: where it would belong is not decided yet. The look stands in the
/// audit, since what a plugin read out of a document is shown.
pub fn waiting(vault: &Vault, session: &Session, profile: ProfileId) -> Result<Vec<Proposal>> {
    let mut all: Vec<Proposal> = vault.state(profile, ROW)?.unwrap_or_default();
    // What is proposed has no label yet.
    let plain = Scope::labelled(Labels::NONE);
    let mut permits: BTreeMap<String, Option<Permit>> = BTreeMap::new();
    for one in &all {
        permits.entry(one.kind.clone()).or_insert_with(|| {
            let read = session.permit_if_allowed(Action::Read, profile, &one.kind);
            read.filter(|read| read.scope().covers(&plain) && session.may(Action::Add, profile, &one.kind))
        });
    }
    all.retain(|one| permits.get(&one.kind).is_some_and(Option::is_some));
    for permit in permits.values().flatten() {
        session.note_plugin("proposals", permit, &[], true)?;
    }
    Ok(all)
}

/// Makes the record that was proposed.
///
/// # Errors
/// `not-found` where no such proposal waits; as [`Session::permit`] and [`Session::add`] otherwise, and then it goes on waiting.
pub fn accept(vault: &Vault, session: &Session, profile: ProfileId, id: RecordId) -> Result<Record> {
    decide(vault, profile, id, |proposal| {
        let permit = session.permit(Action::Add, profile, &proposal.kind)?;
        session.add(&permit, &proposal.body, How::Plugin(proposal.plugin.clone()))
    })
}

/// Forgets what was proposed.
///
/// # Errors
/// As [`accept`].
pub fn reject(vault: &Vault, session: &Session, profile: ProfileId, id: RecordId) -> Result<()> {
    decide(vault, profile, id, |proposal| session.permit(Action::Add, profile, &proposal.kind).map(|_| ()))
}

/// Takes a proposal out once `done` has succeeded; nobody else decides on it meanwhile.
fn decide<T>(vault: &Vault, profile: ProfileId, id: RecordId, done: impl FnOnce(&Proposal) -> Result<T>) -> Result<T> {
    vault.update_state(profile, ROW, |waiting: Option<Vec<Proposal>>| {
        let mut waiting = waiting.unwrap_or_default();
        let at = waiting.iter().position(|one| one.id == id).ok_or_else(Error::not_found)?;
        let answer = done(&waiting[at])?;
        waiting.remove(at);
        Ok(((!waiting.is_empty()).then_some((waiting, None)), answer))
    })
}
