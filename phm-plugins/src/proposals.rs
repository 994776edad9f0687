//! Proposals: what a plugin would add, waiting for a person.
//!
//! Nothing a plugin says is a record. A proposal is sealed state of the person it is about; somebody who may add that kind of
//! record accepts it, and the record's provenance names the plugin, or rejects it, and it is gone. The record comes and the
//! proposal goes in one commit, so that nothing is accepted twice, whenever the power fails. Where the person has made a rule for
//! it, a proposal is accepted as it comes, and a medicine once it was checked; see [`crate::acceptance`].

use std::collections::{BTreeMap, BTreeSet};

use phm_core::access::{Action, Permit};
use phm_core::id::{ProfileId, RecordId};
use phm_core::model::Source;
use phm_core::time::Instant;
use phm_core::vault::{How, PLUGIN_PROPOSALS, Record, Removed, Session, Together, Vault};
use phm_core::{Error, Result};
use phm_plugin_api::v1::calls::Evidence;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::acceptance::{Accepting, Held, Verdict};
use crate::remembered::Remembered;
use crate::{installed, readings};

/// Proposals of one plugin that may wait for one person. Each plugin has its own, so that none shuts out another.
pub const MOST: usize = 500;
/// Kinds that no plugin proposes: what a file is the house finds when the file comes, and who somebody is one record says.
pub const NEVER: [&str; 2] = ["document", "profile"];
/// Bytes they may take together, with the words they were found in.
const MOST_BYTES: usize = 2 << 20;

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
    /// Why it waits, where a rule would have accepted it otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
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
        Self { id: RecordId::new(), plugin, version, kind, body, evidence, proposed_at, held: None }
    }

    /// The document it was found in.
    pub fn document(&self) -> Option<RecordId> {
        self.evidence.as_ref()?.document.as_ref()?.parse().ok()
    }
}

/// Bytes of what would be added and of the words it was found in.
pub fn size(body: &Value, evidence: Option<&Evidence>) -> usize {
    let evidence = serde_json::to_string(&evidence).map_or(usize::MAX, |text| text.len());
    body.to_string().len().saturating_add(evidence)
}

/// A proposal that a rule accepted as it came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Made {
    /// The proposal, which waits for nobody.
    pub proposal: RecordId,
    /// The record that came of it.
    pub record: RecordId,
}

/// What became of proposals.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Came {
    /// Those that wait for a person now.
    pub waiting: Vec<RecordId>,
    /// Those that a rule accepted as they came.
    pub made: Vec<Made>,
    /// Those that wait and that a rule accepts once the medicine was checked.
    pub to_check: Vec<RecordId>,
}

/// Lets the proposals of one plugin wait, all of them or none, as if the package that is on now had made them; `false` where too
/// many of its own wait already. A medicine waits whatever the rules say: it is checked only when a call is over.
pub fn add(vault: &Vault, profile: ProfileId, plugin: &str, proposals: Vec<Proposal>) -> Result<bool> {
    let changes = installed::on(vault, plugin)?.map(|(_, changes)| changes);
    Ok(add_of(vault, profile, plugin, changes, None, proposals)?.is_some())
}

/// The same for what was found in one document: what the plugin found there before, and nobody decided on, waits no more. What
/// was decided on meanwhile does not wait again, and nothing does where the document was removed meanwhile. What a rule accepts
/// becomes a record in the same commit; `None` where too many would wait if there were no rule.
///
/// `changes` is how often what stands behind the plugin's name had changed when the call began: a rule is about that package.
/// With `None` no rule accepts anything.
pub fn add_of(
    vault: &Vault,
    profile: ProfileId,
    plugin: &str,
    changes: Option<u64>,
    document: Option<RecordId>,
    mut proposals: Vec<Proposal>,
) -> Result<Option<Came>> {
    let log = vault.audit_log()?;
    vault.together(|all| {
        let mut waiting: Vec<Proposal> = all.state(profile, PLUGIN_PROPOSALS)?.unwrap_or_default();
        let before = waiting.len();
        if let Some(document) = document {
            waiting.retain(|one| one.plugin != plugin || one.document() != Some(document));
            let known = readings::decisions(all, profile, document)?;
            let is_open = |one: &Proposal| {
                known.as_ref().is_some_and(|known| !known.contains(&readings::fingerprint(&one.kind, &one.body)))
            };
            proposals.retain(is_open);
        }
        if !fits(waiting.iter().chain(&proposals).filter(|one| one.plugin == plugin)) {
            return Ok(None);
        }
        let mut rules = Accepting::begin(vault, all, profile, changes, log)?;
        let mut came = Came::default();
        let mut decided: BTreeMap<RecordId, Vec<String>> = BTreeMap::new();
        for mut one in proposals {
            let verdict = rules.accept(all, &one, false)?;
            if let Verdict::Made(record) = verdict {
                came.made.push(Made { proposal: one.id, record });
                note_decided(&mut decided, &one);
                continue;
            }
            if verdict == Verdict::ToCheck {
                one.held = Some(Held::MedicineNotChecked);
                came.to_check.push(one.id);
            }
            came.waiting.push(one.id);
            waiting.push(one);
        }
        for (document, marks) in decided {
            readings::decided(all, profile, document, marks)?;
        }
        rules.end(all)?;
        // What waits may be long: it is not written again where rules took all that came.
        if waiting.len() != before || !came.waiting.is_empty() {
            let_wait(all, profile, &waiting)?;
        }
        Ok(Some(came))
    })
}

/// Lets rules accept those of these proposals that nothing holds and that still wait, and has the others say what holds them.
/// `None` where it is not as it was any more when they were checked: then nothing has changed.
pub(crate) fn settle(
    vault: &Vault,
    profile: ProfileId,
    changes: u64,
    checked: &BTreeMap<RecordId, Option<Held>>,
    is_as_before: impl FnOnce() -> bool,
) -> Result<Option<Vec<Made>>> {
    let log = vault.audit_log()?;
    vault.together(|all| {
        if !is_as_before() {
            return Ok(None);
        }
        let waiting: Vec<Proposal> = all.state(profile, PLUGIN_PROPOSALS)?.unwrap_or_default();
        let mut rules = Accepting::begin(vault, all, profile, Some(changes), log)?;
        let (mut left, mut made) = (Vec::new(), Vec::new());
        let mut decided: BTreeMap<RecordId, Vec<String>> = BTreeMap::new();
        for mut one in waiting {
            if let Some(held) = checked.get(&one.id) {
                one.held = *held;
                if held.is_none()
                    && let Verdict::Made(record) = rules.accept(all, &one, true)?
                {
                    made.push(Made { proposal: one.id, record });
                    note_decided(&mut decided, &one);
                    continue;
                }
            }
            left.push(one);
        }
        for (document, marks) in decided {
            readings::decided(all, profile, document, marks)?;
        }
        rules.end(all)?;
        let_wait(all, profile, &left)?;
        Ok(Some(made))
    })
}

/// Notes that a proposal was decided on, where it was found in a document.
fn note_decided(decided: &mut BTreeMap<RecordId, Vec<String>>, one: &Proposal) {
    if let Some(document) = one.document() {
        decided.entry(document).or_default().push(readings::fingerprint(&one.kind, &one.body));
    }
}

/// Whether so many proposals of one plugin may wait, and such large ones.
fn fits<'p>(proposals: impl Iterator<Item = &'p Proposal>) -> bool {
    let (mut count, mut bytes) = (0, 0usize);
    for one in proposals {
        count += 1;
        bytes = bytes.saturating_add(size(&one.body, one.evidence.as_ref()));
    }
    count <= MOST && bytes <= MOST_BYTES
}

/// The proposals about a person that this session may decide on, oldest first. The look stands in the audit, since what a
/// plugin read out of a document is shown. What holds a medicine may say something of the others and of allergies: it is told to who
/// sees all of both.
pub fn waiting(vault: &Vault, session: &Session, profile: ProfileId) -> Result<Vec<Proposal>> {
    let mut all: Vec<Proposal> = vault.state(profile, PLUGIN_PROPOSALS)?.unwrap_or_default();
    all.retain(|one| is_open(session, profile, one));
    let sees_all = |kind: &str| {
        let read = session.permit_if_allowed(Action::Read, profile, kind);
        read.is_some_and(|permit| permit.scope().is_everything())
    };
    if !(sees_all("medication") && sees_all("allergy")) {
        for one in &mut all {
            one.held = None;
        }
    }
    let kinds: BTreeSet<&str> = all.iter().map(|one| one.kind.as_str()).collect();
    for kind in kinds {
        session.note_plugin("proposals", &session.permit(Action::Read, profile, kind)?, &[], true)?;
    }
    Ok(all)
}

/// Whether the session may add records of the kind, and would see this one and the document whose words it repeats: a proposal
/// is as private as what comes of it, and as where it comes from.
fn is_open(session: &Session, profile: ProfileId, proposal: &Proposal) -> bool {
    let read = session.permit_if_allowed(Action::Read, profile, &proposal.kind);
    let seen = read.is_some_and(|permit| session.would_see(&permit, &proposal.body, proposal.document()));
    seen && shows_source(session, profile, proposal) && session.may(Action::Add, profile, &proposal.kind)
}

/// Whether the session would see the document that a proposal says it was found in; what names none is no secret.
pub(crate) fn shows_source(session: &Session, profile: ProfileId, proposal: &Proposal) -> bool {
    let Some(document) = proposal.document() else { return true };
    // Whoever sees everything may also decide on what names a document that is not there.
    let is_shown = |permit: &Permit| permit.scope().is_everything() || session.shows(permit, document);
    session.permit_if_allowed(Action::Read, profile, "document").is_some_and(|permit| is_shown(&permit))
}

/// Makes the record that was proposed. Found in a sensitive document, it is as sensitive as that.
///
/// # Errors
/// `not-found` where no such proposal waits; as [`Session::permit`] and [`Session::add`] otherwise, and then it goes on waiting.
pub fn accept(vault: &Vault, session: &Session, profile: ProfileId, id: RecordId) -> Result<Record> {
    accept_as(vault, session, profile, id, None)
}

/// The same as somebody has amended it: the body is theirs, where it was found stays.
///
/// # Errors
/// As [`accept`].
pub fn accept_as(
    vault: &Vault,
    session: &Session,
    profile: ProfileId,
    id: RecordId,
    body: Option<&Value>,
) -> Result<Record> {
    decide(vault, session, profile, id, |proposal, all| {
        let permit = session.permit(Action::Add, profile, &proposal.kind)?;
        let (body, how) = (body.unwrap_or(&proposal.body), how(session, profile, proposal, None));
        all.add_from(session, &permit, body, how, proposal.document())
    })
}

/// Forgets what was proposed.
///
/// # Errors
/// As [`accept`].
pub fn reject(vault: &Vault, session: &Session, profile: ProfileId, id: RecordId) -> Result<()> {
    decide(vault, session, profile, id, |proposal, _| {
        session.permit(Action::Add, profile, &proposal.kind)?;
        Ok(())
    })
}

/// Where the record comes from: the plugin with its version, the file, page and place it was found at, and the rule by which it was
/// accepted where nobody looked at it.
pub(crate) fn how(session: &Session, profile: ProfileId, proposal: &Proposal, rule: Option<RecordId>) -> How {
    let source = proposal.document().and_then(|document| {
        let permit = session.permit_if_allowed(Action::Read, profile, "document")?;
        let record = session.read(&permit, document, Removed::Show).ok()?;
        let body: Value = serde_json::from_str(record.body.get()).ok()?;
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        Some(Source { file: text("title")?, sha256: text("sha256")? })
    });
    let evidence = proposal.evidence.as_ref();
    How::Plugin {
        plugin: format!("{} {}", proposal.plugin, proposal.version),
        source,
        page: evidence.and_then(|found| found.page),
        region: evidence.and_then(|found| found.region),
        rule: rule.map(|rule| rule.to_string()),
    }
}

/// The proposal of this id, for somebody who may decide on it.
///
/// # Errors
/// `not-found` where no such proposal waits for this session.
pub fn one(vault: &Vault, session: &Session, profile: ProfileId, id: RecordId) -> Result<Proposal> {
    waiting(vault, session, profile)?.into_iter().find(|one| one.id == id).ok_or_else(Error::not_found)
}

/// Takes a proposal out in the commit of what `done` does with it, so that it is decided on once; nobody else decides on it
/// meanwhile. What was decided on is not proposed again when its document is read again, and no rule accepts the same later. One
/// that the session would not see is not there for it.
fn decide<T>(
    vault: &Vault,
    session: &Session,
    profile: ProfileId,
    id: RecordId,
    done: impl FnOnce(&Proposal, &mut Together<'_>) -> Result<T>,
) -> Result<T> {
    vault.together(|all| {
        let mut waiting: Vec<Proposal> = all.state(profile, PLUGIN_PROPOSALS)?.unwrap_or_default();
        let at = waiting.iter().position(|one| one.id == id).ok_or_else(Error::not_found)?;
        let proposal = waiting.remove(at);
        if !is_open(session, profile, &proposal) {
            session.permit(Action::Add, profile, &proposal.kind)?;
            return Err(Error::not_found());
        }
        let answer = done(&proposal, all)?;
        let_wait(all, profile, &waiting)?;
        let mut remembered = Remembered::beside(all, profile, &proposal)?;
        remembered.add(&proposal);
        remembered.keep(all)?;
        if let Some(document) = proposal.document() {
            readings::decided(all, profile, document, vec![readings::fingerprint(&proposal.kind, &proposal.body)])?;
        }
        Ok(answer)
    })
}

/// Makes these the proposals that wait.
fn let_wait(all: &mut Together<'_>, profile: ProfileId, waiting: &[Proposal]) -> Result<()> {
    if waiting.is_empty() {
        all.delete_state(profile, PLUGIN_PROPOSALS);
        return Ok(());
    }
    all.put_state(profile, PLUGIN_PROPOSALS, &waiting, None)
}
