//! Rules by which proposals are accepted: what a person has decided beforehand, about one kind of record that one plugin
//! proposes for one person.
//!
//! A rule is sealed state of the person. It is about exactly what it was made about: the package that was installed then, with its
//! author's signature and what the administrator had granted it. When any of that changes the rule is over, and does not come
//! back by itself. In a vault that was restored from a backup, or copied, every rule of before is at rest until somebody makes
//! it anew: it may have been ended since. A rule holds only while whoever made it could make it still, while the plugin is granted
//! to add such records, and while it may see nothing sensitive of the person, and keeps nothing from when it might. Whatever the
//! rule says, what would be sensitive waits for a person, and so does what was decided on once already, by a rule or by somebody. A
//! record that a rule made names the rule in its provenance.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use phm_core::access::{AccountId, Action, Actor, Permit};
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::Instant;
use phm_core::vault::{Record, Session, Together, Vault};
use phm_core::{Detail, Error, ErrorKind, Result};
use phm_plugin_api::Kind;
use phm_plugin_api::v1::Operation as _;
use phm_plugin_api::v1::calls::RecordsPropose;
use serde::{Deserialize, Serialize};

use crate::host::kv;
use crate::installed::{self, Installed};
use crate::proposals::{self, Proposal};
use crate::remembered::Remembered;
use crate::signature::AuthorKey;

/// The state row of a person with the rules.
const ROW: &str = "plugin acceptance";
/// The word by which "who looked" knows that a rule was made or ended.
const WHAT: &str = "acceptance";
/// The kind that says who a person is.
const PROFILE: &str = "profile";
/// Rules about one person at most.
const MOST: usize = 100;
/// Records that a rule makes in a day; more wait for a person.
const MOST_A_DAY: u32 = 500;
/// Bytes that these may take: what was written is kept for good.
const MOST_BYTES_A_DAY: usize = 2 << 20;
const DAY_MILLIS: i64 = 86_400_000;

/// Kinds of which a wrong record may harm at once: a rule for them is made only by who was told so and wants it all the same.
pub const GRAVE: [&str; 4] = ["allergy", "dose", "medication", "prescription"];

/// What somebody wants to be accepted without being looked at.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The plugin.
    pub plugin: String,
    /// The kind of record.
    pub kind: String,
    /// Whether a kind among [`GRAVE`] is wanted all the same.
    pub despite_harm: bool,
    /// The SHA-256 of the package that was shown to whoever wants it, where one was: about another they have not decided.
    pub shown: Option<String>,
}

/// A rule as those who may make one see it.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    /// Its id, which stands in the provenance of what it accepts.
    pub id: RecordId,
    /// The plugin.
    pub plugin: String,
    /// Its version when the rule was made.
    pub version: String,
    /// Whose signature it carried.
    pub signer: AuthorKey,
    /// The kind of record.
    pub kind: String,
    /// The account that made it.
    pub made_by: AccountId,
    /// When.
    pub made_at: Instant,
    /// How many records it has accepted.
    pub accepted: u64,
    /// Whether it holds, and why not.
    pub state: State,
}

/// Whether a rule holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It does.
    Holds,
    /// The vault was restored from a backup since: whether the rule was ended after that nobody here knows. It holds again when
    /// somebody makes it anew.
    Restored,
    /// Package, author or permissions of the plugin are not what they were, or it is off: the rule is over.
    PluginChanged,
    /// Whoever made it could not make it now.
    MakerMayNot,
    /// The plugin is not granted to add such records.
    NotGranted,
    /// The plugin may see something sensitive of the person, or keeps or has sent something from when it might, which could come
    /// back in what it proposes.
    SeesSensitive,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Holds, Self::Restored, Self::PluginChanged, Self::MakerMayNot, Self::NotGranted, Self::SeesSensitive];

    /// Its word, as in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Restored => "restored",
            Self::PluginChanged => "plugin-changed",
            Self::MakerMayNot => "maker-may-not",
            Self::NotGranted => "not-granted",
            Self::SeesSensitive => "sees-sensitive",
        }
    }
}

/// A rule as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Rule {
    id: RecordId,
    plugin: String,
    version: String,
    signer: AuthorKey,
    /// How often the plugin had changed when the rule was made.
    changes: u64,
    kind: String,
    made_by: AccountId,
    made_at: Instant,
    /// The audit log that the vault wrote then: it writes another one after it was restored.
    #[serde(default)]
    log: Option<String>,
    #[serde(default)]
    accepted: u64,
    /// The day on which it accepted last, and how many then.
    #[serde(default)]
    day: (i64, u32),
    /// How many bytes then.
    #[serde(default)]
    day_bytes: usize,
}

impl Rule {
    /// Whether it holds, and then the session in which it accepts: the plugin's, for whoever made the rule. `log` is the audit
    /// log that the vault writes.
    fn open(&self, vault: &Vault, profile: ProfileId, log: &str) -> Result<(State, Option<(Session, Permit)>)> {
        if self.log.as_deref() != Some(log) {
            return Ok((State::Restored, None));
        }
        if installed::on(vault, &self.plugin)?.is_none_or(|(_, changes)| changes != self.changes) {
            return Ok((State::PluginChanged, None));
        }
        let maker = match vault.session(Actor::Person { account: self.made_by }, "rule of acceptance") {
            Ok(maker) => maker,
            Err(error) if error.kind() == ErrorKind::Denied => return Ok((State::MakerMayNot, None)),
            Err(error) => return Err(error),
        };
        if !may_make(&maker, profile, &self.kind) {
            return Ok((State::MakerMayNot, None));
        }
        let actor = Actor::Plugin { name: self.plugin.clone(), account: self.made_by };
        let purpose = format!("plugin {} {}: accepted by rule", self.plugin, self.version);
        let session = vault.session(actor, &purpose)?;
        let Some(permit) = session.permit_if_allowed(Action::Add, profile, &self.kind) else {
            return Ok((State::NotGranted, None));
        };
        let sees = |kind: &str| {
            let read = session.permit_if_allowed(Action::Read, profile, kind);
            read.is_some_and(|permit| permit.scope().opens_sensitive())
        };
        let keeps = kv::keeps_sensitive(vault, profile, &self.plugin)?;
        if keeps || vault.kinds().iter().any(|kind| !kind.system && sees(kind.name)) {
            return Ok((State::SeesSensitive, None));
        }
        Ok((State::Holds, Some((session, permit))))
    }

    /// What it is about, as "who looked" has it.
    fn about(&self) -> String {
        format!("{} {} {}", self.plugin, self.version, self.kind)
    }

    fn card(&self, vault: &Vault, profile: ProfileId, log: &str) -> Result<Card> {
        let (state, _) = self.open(vault, profile, log)?;
        Ok(Card {
            id: self.id,
            plugin: self.plugin.clone(),
            version: self.version.clone(),
            signer: self.signer,
            kind: self.kind.clone(),
            made_by: self.made_by,
            made_at: self.made_at,
            accepted: self.accepted,
            state,
        })
    }

    /// How many it has accepted today, and how many bytes.
    fn of_day(&self, today: i64) -> (u32, usize) {
        if self.day.0 == today { (self.day.1, self.day_bytes) } else { (0, 0) }
    }

    /// Whether it may accept one more of so many bytes today.
    fn has_room_for(&self, bytes: usize, today: i64) -> bool {
        let (count, taken) = self.of_day(today);
        count < MOST_A_DAY && taken.saturating_add(bytes) <= MOST_BYTES_A_DAY
    }

    fn count(&mut self, bytes: usize, today: i64) {
        let (count, taken) = self.of_day(today);
        self.accepted += 1;
        self.day = (today, count + 1);
        self.day_bytes = taken.saturating_add(bytes);
    }
}

/// Whether somebody may decide about every record of this kind beforehand: they speak for the person, could accept each of them,
/// and let the plugin add it.
fn may_make(session: &Session, profile: ProfileId, kind: &str) -> bool {
    session.answers_for(profile)
        && [Action::Share, Action::Add].into_iter().all(|action| {
            session.permit_if_allowed(action, profile, kind).is_some_and(|permit| permit.scope().is_everything())
        })
}

/// Refuses whoever does not speak for the person, also who was lent the right to let others see.
fn must_answer_for(session: &Session, profile: ProfileId) -> Result<()> {
    session.permit(Action::Share, profile, PROFILE)?;
    if session.answers_for(profile) { Ok(()) } else { Err(not_granted()) }
}

fn not_granted() -> Error {
    let text = "only somebody who answers for the person, and may accept every record of this kind, decides about them beforehand";
    Error::new(ErrorKind::Denied, "not-granted", text)
}

/// The kinds of records that a plugin may propose, and that a rule may be about. Plugins that the house hands what their caller
/// sees, sensitive or not, have none: what they propose could say again what no grant has shown them.
pub fn kinds_of(plugin: &Installed) -> Vec<String> {
    if matches!(plugin.kind, Kind::Drugs | Kind::Notify) {
        return Vec::new();
    }
    let granted = plugin.granted.iter().flatten().filter(|one| one.capability == RecordsPropose::NAME);
    let is_proposed = |kind: &String| !proposals::NEVER.contains(&kind.as_str());
    let mut kinds: Vec<String> = granted.flat_map(|one| one.kinds.clone()).filter(is_proposed).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// The rules about a person, oldest first, for whoever answers for them.
///
/// # Errors
/// `not-granted` for everybody else who knows of the person.
pub fn rules(vault: &Vault, session: &Session, profile: ProfileId) -> Result<Vec<Card>> {
    must_answer_for(session, profile)?;
    let rules: Vec<Rule> = vault.state(profile, ROW)?.unwrap_or_default();
    let log = vault.audit_log()?;
    rules.iter().map(|rule| rule.card(vault, profile, &log)).collect()
}

/// Makes a rule; one about the same plugin and kind from before ends.
///
/// # Errors
/// `not-granted` for who does not answer for the person, or is no person who signed in, and for who may not accept and share every
/// record of the kind; `invalid` where no such plugin is on, or not the package that was shown, where it may not propose the kind,
/// and for a kind among [`GRAVE`] without `despite_harm`.
pub fn make(vault: &Vault, session: &Session, profile: ProfileId, wanted: &Wanted) -> Result<Card> {
    must_answer_for(session, profile)?;
    let &Actor::Person { account } = session.actor() else { return Err(not_granted()) };
    let fault = |path: &str, code| Error::invalid(vec![Detail { path: path.to_owned(), code }]);
    let found = installed::on(vault, &wanted.plugin)?;
    let is_shown = |(plugin, _): &(Installed, u64)| wanted.shown.as_ref().is_none_or(|shown| *shown == plugin.sha256);
    let (plugin, changes) = found.filter(is_shown).ok_or_else(|| fault("/plugin", "invalid-choice"))?;
    if !kinds_of(&plugin).contains(&wanted.kind) {
        return Err(fault("/kind", "invalid-choice"));
    }
    if GRAVE.contains(&wanted.kind.as_str()) && !wanted.despite_harm {
        return Err(fault("/despite_harm", "required"));
    }
    if !may_make(session, profile, &wanted.kind) {
        return Err(not_granted());
    }
    let log = vault.audit_log()?;
    let rule = Rule {
        id: RecordId::new(),
        plugin: plugin.name,
        version: plugin.version,
        signer: plugin.signer,
        changes,
        kind: wanted.kind.clone(),
        made_by: account,
        made_at: session.now(),
        log: Some(log.clone()),
        accepted: 0,
        day: (0, 0),
        day_bytes: 0,
    };
    vault.together(|all| {
        let rules: Vec<Rule> = all.state(profile, ROW)?.unwrap_or_default();
        let (ended, mut rules): (Vec<Rule>, Vec<Rule>) =
            rules.into_iter().partition(|one| one.plugin == rule.plugin && one.kind == rule.kind);
        if rules.len() >= MOST {
            return Err(fault("", "too-many"));
        }
        rules.push(rule.clone());
        keep(all, profile, &rules)?;
        for one in ended {
            all.note_rule(session, profile, (WHAT, &one.about()), one.id, true);
        }
        all.note_rule(session, profile, (WHAT, &rule.about()), rule.id, false);
        Ok(())
    })?;
    rule.card(vault, profile, &log)
}

/// Ends a rule: what the plugin proposes waits for a person again. What the rule accepted stays.
///
/// # Errors
/// `not-granted` as [`rules`]; `not-found` where there is no such rule.
pub fn end(vault: &Vault, session: &Session, profile: ProfileId, id: RecordId) -> Result<()> {
    must_answer_for(session, profile)?;
    vault.together(|all| {
        let mut rules: Vec<Rule> = all.state(profile, ROW)?.unwrap_or_default();
        let at = rules.iter().position(|one| one.id == id).ok_or_else(Error::not_found)?;
        let ended = rules.remove(at);
        keep(all, profile, &rules)?;
        all.note_rule(session, profile, (WHAT, &ended.about()), ended.id, true);
        Ok(())
    })
}

fn keep(all: &mut Together<'_>, profile: ProfileId, rules: &[Rule]) -> Result<()> {
    if rules.is_empty() {
        all.delete_state(profile, ROW);
        return Ok(());
    }
    all.put_state(profile, ROW, &rules, None)
}

/// The rules about a person at work on proposals, within one commit.
pub(crate) struct Accepting<'v> {
    vault: &'v Vault,
    profile: ProfileId,
    /// How often what stands behind the plugin's name had changed when it began to run.
    changes: Option<u64>,
    /// The audit log that the vault writes.
    log: String,
    rules: Vec<Rule>,
    /// The sessions of those that were asked for; `None` where a rule does not hold.
    open: BTreeMap<usize, Option<(Session, Permit)>>,
    /// What was decided on already of what those are about.
    remembered: BTreeMap<usize, Remembered>,
    changed: bool,
}

impl<'v> Accepting<'v> {
    /// The rules as they are before this commit, for what a plugin proposes behind whose name something had changed so often when
    /// it began to run. Another package may have its name and version by now, or it is only tried out and nobody installed it
    /// (`None`): no rule is about that. `log` is the audit log that the vault writes.
    pub fn begin(
        vault: &'v Vault,
        all: &Together<'_>,
        profile: ProfileId,
        changes: Option<u64>,
        log: String,
    ) -> Result<Self> {
        let rules = all.state(profile, ROW)?.unwrap_or_default();
        let (open, remembered) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { vault, profile, changes, log, rules, open, remembered, changed: false })
    }

    /// The record of a proposal that a rule accepts; `None` where it waits for a person.
    pub fn accept(&mut self, all: &mut Together<'_>, proposal: &Proposal) -> Result<Option<Record>> {
        let Some(changes) = self.changes else { return Ok(None) };
        let about = |rule: &Rule| {
            let is_package = rule.plugin == proposal.plugin && rule.version == proposal.version;
            is_package && rule.changes == changes && rule.kind == proposal.kind
        };
        let Some(at) = self.rules.iter().position(about) else { return Ok(None) };
        if let Entry::Vacant(place) = self.open.entry(at) {
            place.insert(self.rules[at].open(self.vault, self.profile, &self.log)?.1);
        }
        let Some(Some((session, permit))) = self.open.get(&at) else { return Ok(None) };
        // Where it says that it found it in a document that it may not see, somebody looks whether that is so.
        if !proposals::shows_source(session, self.profile, proposal) {
            return Ok(None);
        }
        let known = match self.remembered.entry(at) {
            Entry::Occupied(place) => place.into_mut(),
            Entry::Vacant(place) => place.insert(Remembered::beside(all, self.profile, proposal)?),
        };
        let rule = &mut self.rules[at];
        let (bytes, today) = (proposals::size(&proposal.body, None), session.now().millis().div_euclid(DAY_MILLIS));
        if known.has(proposal) || !rule.has_room_for(bytes, today) {
            return Ok(None);
        }
        let source = proposal.document();
        let how = proposals::how(session, self.profile, proposal, Some(rule.id));
        let labels = session.would_have(permit, &proposal.body, source);
        let made = labels.and_then(|labels| {
            if labels.is_empty() {
                all.add_from(session, permit, &proposal.body, how, source).map(Some)
            } else {
                Ok(None)
            }
        });
        match made {
            Ok(Some(record)) => {
                rule.count(bytes, today);
                known.add(proposal);
                self.changed = true;
                Ok(Some(record))
            }
            Ok(None) => Ok(None),
            // Who looks at it is told what is wrong with it, or may do more than the plugin.
            Err(error) if matches!(error.kind(), ErrorKind::Denied | ErrorKind::Invalid) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps what the rules have to remember.
    pub fn end(self, all: &mut Together<'_>) -> Result<()> {
        for remembered in self.remembered.into_values() {
            remembered.keep(all)?;
        }
        if self.changed { keep(all, self.profile, &self.rules) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_accepts_so_many_a_day_and_so_much() {
        let mut rule = Rule {
            id: RecordId::new(),
            plugin: "probe".into(),
            version: "0.1.0".into(),
            signer: serde_json::from_value(format!("phm-plugin-key-1:{}", "0".repeat(64)).into()).expect("a key"),
            changes: 1,
            kind: "lab-result".into(),
            made_by: RecordId::new(),
            made_at: Instant::from_millis(0),
            log: None,
            accepted: 0,
            day: (0, 0),
            day_bytes: 0,
        };
        for _ in 0..MOST_A_DAY {
            assert!(rule.has_room_for(1, 7));
            rule.count(1, 7);
        }
        assert!(!rule.has_room_for(1, 7) && rule.has_room_for(1, 8), "the day is full, the next is not");
        rule.count(MOST_BYTES_A_DAY - 10, 9);
        assert!(rule.has_room_for(10, 9) && !rule.has_room_for(11, 9) && rule.has_room_for(11, 10));
        assert_eq!(rule.accepted, u64::from(MOST_A_DAY) + 1);
    }

    #[test]
    fn the_words_of_states_are_those_of_the_json() {
        for state in State::ALL {
            assert_eq!(serde_json::to_value(state).expect("JSON"), state.word());
        }
    }
}
