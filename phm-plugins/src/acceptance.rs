//! Rules by which proposals are accepted: what a person has decided beforehand, about one kind of record that one plugin
//! proposes for one person.
//!
//! A rule is sealed state of the person. It is about exactly what it was made about: the package that was installed then, with its
//! author's signature and what the administrator had granted it. When any of that changes the rule is over, and does not come
//! back by itself. In a vault that was restored from a backup, or copied, every rule of before is at rest until somebody makes
//! it anew: it may have been ended since. A rule holds only while whoever made it could make it still, while the plugin is granted
//! to add such records, and while it may see nothing sensitive of the person, and keeps nothing from when it might. Whatever the
//! rule says, what would be sensitive waits for a person, and so does what was decided on once already, by a rule or by somebody. A
//! medicine is accepted only after the check that warns somebody who saves one by hand, and where that found nothing; see
//! [`Held`]. A record that a rule made names the rule in its provenance.

mod accepting;
mod checked;
mod rule;

use phm_core::access::{Action, Actor};
use phm_core::id::{ProfileId, RecordId};
use phm_core::vault::{Session, Together, Vault};
use phm_core::{Detail, Error, ErrorKind, Result};
use phm_plugin_api::Kind;
use phm_plugin_api::v1::Operation as _;
use phm_plugin_api::v1::calls::RecordsPropose;

use crate::installed::{self, Installed};
use crate::proposals;

pub(crate) use accepting::{Accepting, Verdict};
pub use checked::Held;
pub(crate) use checked::settle;
pub use rule::{Card, State};
use rule::{Rule, may_make};

/// The state row of a person with the rules.
const ROW: &str = "plugin acceptance";
/// The word by which "who looked" knows that a rule was made or ended.
const WHAT: &str = "acceptance";
/// The kind that says who a person is.
const PROFILE: &str = "profile";
/// Rules about one person at most.
const MOST: usize = 100;

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
