//! Records that whoever runs the house hands over, because nobody in the family can any more.
//!
//! An administrator could close the accounts of a family and hand the records to an account of their own. So what they ask
//! for waits. Another administrator whose account was as it is for [`HAND_OVER_DAYS`] before agrees, by asking for the same,
//! and it is done; without one it is done when it is asked for again after these days. Meanwhile everybody who is something to
//! the person is told, also where their account is closed, and each of them can refuse: then only the operator can still do
//! it. The days begin once somebody could hear of it: who can sign in sees it on their pages, and for everybody else
//! [`Session::heard_of_hand_over`] says that a letter has left. Where neither is so, time alone hands nothing over.
//! Where an account of the family was opened, closed or changed since, or somebody became something to the person, it begins
//! anew: nobody prepares it in a minute in which a family was closed out. In a vault that was restored it begins anew, too,
//! since somebody may have refused after the backup. That it was asked for stands in the log of the
//! person and among the alerts.

use serde::{Deserialize, Serialize};

use super::family::RELATION;
use super::people::Held;
use super::records::read_lock;
use super::session::Session;
use super::state::StateChange;
use super::waiting::Write;
use crate::access::{AccountId, Actor, ActorRef};
use crate::audit::entry::Deed;
use crate::error::{Error, ErrorKind, Result};
use crate::id::{LogId, ProfileId};
use crate::index::RecordState;
use crate::time::Instant;

/// Days between asking to hand records over and doing so without anybody's agreement.
pub const HAND_OVER_DAYS: i64 = 7;
/// The state row of a person that says what was asked for.
pub(super) const ASKED: &str = "hand-over-asked";
const WAIT: i64 = HAND_OVER_DAYS * 24 * 3_600_000;

/// What was asked for, as it is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Asked {
    account: AccountId,
    by: AccountId,
    at: Instant,
    /// Since when somebody could hear of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    heard_at: Option<Instant>,
    /// The audit log the vault wrote then; a restored one writes another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log: Option<LogId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    refused: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused_by: Option<AccountId>,
}

/// What became of a wish to hand records over.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum HandOver {
    /// The records belong to the person from now on.
    Done,
    /// It was asked for just now: whoever is something to the person is to be told.
    Asked {
        /// When it can be done without anybody's agreement; never, as long as nobody could hear of it.
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Instant>,
    },
    /// It was asked for before, and waits for another administrator or this moment.
    Waits {
        /// When it can be done without anybody's agreement; never, as long as nobody could hear of it, who is to be told.
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Instant>,
    },
}

/// A wish to hand somebody's records over that was not done yet.
#[derive(Clone, Debug, Serialize)]
pub struct AskedHandOver {
    /// Whose records.
    pub profile: ProfileId,
    /// To which account.
    pub account: AccountId,
    /// Who asked.
    pub by: ActorRef,
    /// When.
    pub at: Instant,
    /// When it can be done without anybody's agreement; never, as long as nobody could hear of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Whether somebody refused.
    pub refused: bool,
}

impl Session {
    /// Asks to hand a person's records over to the person's account, for whoever runs the house, where nobody in the family
    /// can any more; does so where another administrator asked for the same, or it was asked for long enough ago. The
    /// operator's wish is done at once. Whoever keeps the records does it by [`Session::let_in`] or an invitation.
    ///
    /// # Errors
    /// `not-granted` for anybody else; `not-found` where there is no such person, somebody in the family can do it, or the
    /// caller has to do with them or takes over themselves; `refused` where somebody said no; else as [`Session::let_in`].
    pub fn hand_over(&self, profile: ProfileId, account: AccountId) -> Result<HandOver> {
        self.runs_the_house()?;
        let log = self.inner.at_barrier(|ledger| Ok(ledger.log()))?;
        self.inner.with_state_lock(|| self.hand_over_now(profile, account, log))
    }

    fn hand_over_now(&self, profile: ProfileId, account: AccountId, log: LogId) -> Result<HandOver> {
        let people = self.people()?;
        let held = people.relations(profile);
        let own = self.actor.account();
        let has_to_do = own == Some(account) || held.iter().any(|one| own == Some(one.account));
        let is_kept = held.iter().try_fold(false, |kept, one| Ok::<_, Error>(kept || self.keeps(profile, one)?))?;
        if held.is_empty() || has_to_do || is_kept {
            return Err(Error::not_found());
        }
        self.is_old_enough(profile)?;
        // What could not be done is said when it is asked for, and not a week later.
        let write = self.taking_over(profile, account)?;
        let Some(by) = own else {
            self.inner.committer.commit(write)?;
            return Ok(HandOver::Done);
        };
        let now = self.inner.now();
        match self.inner.state::<Asked>(profile, ASKED)? {
            Some(asked) if asked.refused => {
                let text = "somebody of the family refused; whoever holds the vault's secret can still do it";
                Err(Error::new(ErrorKind::Conflict, "refused", text))
            }
            Some(asked) if asked.goes_on(account, log) && !self.were_changed_since(held, asked.at)? => {
                let until = asked.until();
                let has_waited = until.is_some_and(|until| until <= now);
                if has_waited || (by != asked.by && self.has_been_so_before(by, asked.at)?) {
                    self.inner.committer.commit(write)?;
                    return Ok(HandOver::Done);
                }
                Ok(HandOver::Waits { until })
            }
            _ => {
                // Whoever can sign in sees it on their pages from now on.
                let heard_at = held.iter().any(|one| people.active(one.account)).then_some(now);
                let asked = Asked { account, by, at: now, heard_at, log: Some(log), refused: false, refused_by: None };
                let mut state = self.alert_of_hand_over(profile)?;
                state.push(StateChange::put(profile, ASKED, &asked, None)?);
                let notes = vec![self.deed(Deed::Share, "hand-over-asked", profile, RELATION, [])];
                self.inner.committer.commit(Write { state, notes, ..Write::default() })?;
                Ok(HandOver::Asked { until: asked.until() })
            }
        }
    }

    /// Whether nothing of an account was changed within [`HAND_OVER_DAYS`] before a moment: who could make another
    /// administrator on the spot would agree with themselves.
    fn has_been_so_before(&self, account: AccountId, moment: Instant) -> Result<bool> {
        let open = self.inner.open_profile(ProfileId::SYSTEM)?;
        let index = read_lock(&open);
        let Some(state) = index.record(account) else { return Ok(false) };
        Ok(state.current().is_some_and(|version| version.at().plus_millis(WAIT) <= moment))
    }

    /// Whether the account of anybody who is something to a person, or what they are, was changed after a moment. A family
    /// that was closed out, let in and closed out again was not asked for all that time.
    pub(super) fn were_changed_since(&self, held: &[Held], moment: Instant) -> Result<bool> {
        let open = self.inner.open_profile(ProfileId::SYSTEM)?;
        let index = read_lock(&open);
        let is_later = |id| {
            let current = index.record(id).and_then(RecordState::current);
            current.is_some_and(|version| moment < version.at())
        };
        Ok(held.iter().any(|one| is_later(one.account) || is_later(one.id)))
    }

    /// Notes that a letter has left to those who are something to a person of whom it was asked to hand their records over;
    /// the days begin with it, where they have not begun. Answers when it can be done. For the door, which sends letters.
    ///
    /// # Errors
    /// `not-granted` for anybody else.
    pub fn heard_of_hand_over(&self, profile: ProfileId) -> Result<Option<Instant>> {
        self.minds_the_door()?;
        self.inner.with_state_lock(|| {
            let Some(asked) = self.inner.state::<Asked>(profile, ASKED)? else { return Ok(None) };
            if asked.heard_at.is_some() {
                return Ok(asked.until());
            }
            let asked = Asked { heard_at: Some(self.inner.now()), ..asked };
            let state = vec![StateChange::put(profile, ASKED, &asked, None)?];
            self.inner.committer.commit(Write { state, ..Write::default() })?;
            Ok(asked.until())
        })
    }

    /// What was asked for and is not done, for whoever runs the house; nothing of a record.
    ///
    /// # Errors
    /// `not-granted` for anybody else.
    pub fn asked_hand_overs(&self) -> Result<Vec<AskedHandOver>> {
        self.runs_the_house()?;
        let people = self.people()?;
        let mut all = Vec::new();
        for profile in self.inner.profile_ids().into_iter().filter(ProfileId::is_person) {
            if let Some(asked) = self.inner.state::<Asked>(profile, ASKED)? {
                let (by, until) = (people.actor_ref(&asked.by.to_string()), asked.until());
                let Asked { account, at, refused, .. } = asked;
                all.push(AskedHandOver { profile, account, by, at, until, refused });
            }
        }
        Ok(all)
    }

    /// Until when, at least, somebody who is something to a person can refuse that their records are handed over, where that
    /// was asked for; nothing for anybody else.
    pub fn hand_over_to_refuse(&self, profile: ProfileId) -> Result<Option<Instant>> {
        if !self.is_something_to(profile)? {
            return Ok(None);
        }
        let asked: Option<Asked> = self.inner.state(profile, ASKED)?;
        let earliest = self.inner.now().plus_millis(WAIT);
        Ok(asked.filter(|asked| !asked.refused).map(|asked| asked.until().unwrap_or(earliest)))
    }

    /// Refuses that a person's records are handed over, for anybody who is something to the person.
    ///
    /// # Errors
    /// `not-found` for whoever has nothing to do with the person; `not-granted` for whoever is nothing to them;
    /// `nothing-asked` where that was not asked for.
    pub fn refuse_hand_over(&self, profile: ProfileId) -> Result<()> {
        self.may_know(profile)?;
        match self.actor.account() {
            Some(account) if self.is_something_to(profile)? => self.refuse_asked(profile, account),
            _ => Err(crate::access::not_granted()),
        }
    }

    /// The same for an account whose holder cannot sign in any more and showed a letter. For the door.
    ///
    /// # Errors
    /// As [`Session::refuse_hand_over`].
    pub fn refuse_hand_over_for(&self, profile: ProfileId, account: AccountId) -> Result<()> {
        self.minds_the_door()?;
        if self.people()?.relations(profile).iter().all(|held| held.account != account) {
            return Err(Error::not_found());
        }
        self.refuse_asked(profile, account)
    }

    /// The accounts of everybody who is something to a person, with their addresses, also where they are closed: to all of
    /// them it is told that the records are to be handed over. For the door, which sends letters.
    pub fn whom_to_ask_of_hand_over(&self, profile: ProfileId) -> Result<Vec<(AccountId, String)>> {
        self.minds_the_door()?;
        let people = self.people()?;
        let mut found: Vec<(AccountId, String)> = Vec::new();
        for held in people.relations(profile) {
            if let (Some(email), true) =
                (people.email(held.account), found.iter().all(|(account, _)| *account != held.account))
            {
                found.push((held.account, email.to_owned()));
            }
        }
        Ok(found)
    }

    fn is_something_to(&self, profile: ProfileId) -> Result<bool> {
        let Actor::Person { account } = self.actor else { return Ok(false) };
        Ok(self.people()?.relations(profile).iter().any(|held| held.account == account))
    }

    fn refuse_asked(&self, profile: ProfileId, account: AccountId) -> Result<()> {
        self.inner.with_state_lock(|| {
            let Some(asked) = self.inner.state::<Asked>(profile, ASKED)? else {
                let text = "nobody asks to hand these records over";
                return Err(Error::new(ErrorKind::Conflict, "nothing-asked", text));
            };
            if asked.refused {
                return Ok(());
            }
            let refused = Asked { refused: true, refused_by: Some(account), ..asked };
            let state = vec![StateChange::put(profile, ASKED, &refused, None)?];
            let notes = vec![self.deed(Deed::Revoke, "hand-over-refused", profile, RELATION, [])];
            self.inner.committer.commit(Write { state, notes, ..Write::default() })
        })
    }
}

impl Asked {
    /// Whether it is the same wish in the same copy of the vault.
    fn goes_on(&self, account: AccountId, log: LogId) -> bool {
        self.account == account && self.log == Some(log)
    }

    fn until(&self) -> Option<Instant> {
        Some(self.heard_at?.plus_millis(WAIT))
    }
}
