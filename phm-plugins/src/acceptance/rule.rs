//! One rule of acceptance: what is kept of it, whether it holds, and how much more it accepts today.
//!
//! Whether it holds is found out whenever it is asked, from what is installed, granted and kept at that moment; nothing of the
//! answer is remembered.

use phm_core::access::{AccountId, Action, Actor, Permit};
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::Instant;
use phm_core::vault::{Session, Vault};
use phm_core::{ErrorKind, Result};
use serde::{Deserialize, Serialize};

use crate::host::kv;
use crate::installed;
use crate::proposals::Proposal;
use crate::signature::AuthorKey;

/// Records that a rule makes in a day; more wait for a person.
const MOST_A_DAY: u32 = 500;
/// Bytes that these may take: what was written is kept for good.
const MOST_BYTES_A_DAY: usize = 2 << 20;

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
pub(super) struct Rule {
    pub(super) id: RecordId,
    pub(super) plugin: String,
    pub(super) version: String,
    pub(super) signer: AuthorKey,
    /// How often the plugin had changed when the rule was made.
    pub(super) changes: u64,
    pub(super) kind: String,
    pub(super) made_by: AccountId,
    pub(super) made_at: Instant,
    /// The audit log that the vault wrote then: it writes another one after it was restored.
    #[serde(default)]
    pub(super) log: Option<String>,
    #[serde(default)]
    pub(super) accepted: u64,
    /// The day on which it accepted last, and how many then.
    #[serde(default)]
    pub(super) day: (i64, u32),
    /// How many bytes then.
    #[serde(default)]
    pub(super) day_bytes: usize,
}

impl Rule {
    /// Whether it holds, and then the session in which it accepts: the plugin's, for whoever made the rule. `log` is the audit
    /// log that the vault writes.
    pub(super) fn open(
        &self,
        vault: &Vault,
        profile: ProfileId,
        log: &str,
    ) -> Result<(State, Option<(Session, Permit)>)> {
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

    /// Whether it is about a proposal of the package behind whose name something had changed so often.
    pub(super) fn is_about(&self, proposal: &Proposal, changes: u64) -> bool {
        let is_package = self.plugin == proposal.plugin && self.version == proposal.version;
        is_package && self.changes == changes && self.kind == proposal.kind
    }

    /// What it is about, as "who looked" has it.
    pub(super) fn about(&self) -> String {
        format!("{} {} {}", self.plugin, self.version, self.kind)
    }

    pub(super) fn card(&self, vault: &Vault, profile: ProfileId, log: &str) -> Result<Card> {
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
    pub(super) fn has_room_for(&self, bytes: usize, today: i64) -> bool {
        let (count, taken) = self.of_day(today);
        count < MOST_A_DAY && taken.saturating_add(bytes) <= MOST_BYTES_A_DAY
    }

    pub(super) fn count(&mut self, bytes: usize, today: i64) {
        let (count, taken) = self.of_day(today);
        self.accepted += 1;
        self.day = (today, count + 1);
        self.day_bytes = taken.saturating_add(bytes);
    }
}

/// Whether somebody may decide about every record of this kind beforehand: they speak for the person, could accept each of them,
/// and let the plugin add it.
pub(super) fn may_make(session: &Session, profile: ProfileId, kind: &str) -> bool {
    session.answers_for(profile)
        && [Action::Share, Action::Add].into_iter().all(|action| {
            session.permit_if_allowed(action, profile, kind).is_some_and(|permit| permit.scope().is_everything())
        })
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
