//! One actor at work for a purpose.
//!
//! A session asks the policy for permits, and every read and write takes one. It knows which people the actor may see at
//! all; to everybody else a profile does not exist.

use std::sync::Arc;

use super::Inner;
use super::emergency::BREAK_GLASS;
use super::people::People;
use super::shown::How;
use crate::access::{Action, Actor, Permit, Question};
use crate::error::{Error, ErrorKind, Result, if_whole};
use crate::id::{ProfileId, RecordId};
use crate::index::Header;
use crate::model::{self, Provenance};
use crate::time::Instant;

/// The kind of the record that says who a profile is.
pub(crate) const PROFILE: &str = "profile";

/// Is asked between the parts of something long whether it is to end; `true` ends it.
pub type Stop = Arc<dyn Fn() -> bool + Send + Sync>;

/// Ends what is being done where somebody wants it to end.
pub(super) fn go_on(stop: Option<&Stop>) -> Result<()> {
    if stop.is_some_and(|stop| stop()) { Err(interrupted()) } else { Ok(()) }
}

/// Somebody wanted the work to end.
pub(super) fn interrupted() -> Error {
    Error::new(ErrorKind::Io, "interrupted", "the work was stopped before it was done")
}

/// Why somebody is at work, as the log keeps it and the person concerned reads it: short, and with nothing that is not seen
/// or turns what stands beside it around. That the glass was broken is said by the grant that did it, and by nobody else.
fn as_noted(purpose: &str) -> String {
    let is_seen = |letter: &char| {
        !matches!(letter, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}')
            && !matches!(letter, '\u{2060}'..='\u{206f}')
    };
    let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
    let seen: String = purpose.chars().filter(is_seen).map(plain).collect();
    let mut rest = seen.trim();
    while let Some(after) = rest.strip_prefix(BREAK_GLASS) {
        rest = after.trim_start();
    }
    rest.chars().take(200).collect()
}

/// One actor at work for a purpose.
pub struct Session {
    pub(super) inner: Arc<Inner>,
    pub(super) actor: Actor,
    pub(super) purpose: String,
    stop: Option<Stop>,
}

impl Session {
    pub(super) fn new(inner: Arc<Inner>, actor: Actor, purpose: &str) -> Result<Self> {
        let session = Self { inner, actor, purpose: as_noted(purpose), stop: None };
        if session.actor.account().is_some() {
            let people = session.people()?;
            if !session.actor.account().is_some_and(|account| people.active(account)) {
                return Err(Error::new(ErrorKind::Denied, "account-inactive", "this account is not active"));
            }
        }
        Ok(session)
    }

    /// The same session, whose long work ends with `interrupted` where `stop` says so: reading many records, exporting,
    /// importing, verifying. A change is made as a whole or not at all.
    pub fn stopped_by(mut self, stop: Stop) -> Self {
        self.stop = Some(stop);
        self
    }

    /// Ends what is being done where somebody wants it to end.
    pub(super) fn go_on(&self) -> Result<()> {
        go_on(self.stop())
    }

    /// Who is asked whether to end.
    pub(super) fn stop(&self) -> Option<&Stop> {
        self.stop.as_ref()
    }

    /// Who is at work.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    pub(super) fn people(&self) -> Result<Arc<People>> {
        self.inner.people()
    }

    /// Asks the policy whether the actor may do `action` with records of `kind` of a person.
    ///
    /// # Errors
    /// `not-found` where the actor has nothing to do with the person, the same as where there is no such person;
    /// `not-granted` where they have, but not for this.
    pub fn permit(&self, action: Action, profile: ProfileId, kind: &str) -> Result<Permit> {
        let answer = self.ask(action, profile, kind);
        match answer.as_ref().err().map(Error::kind) {
            Some(ErrorKind::Denied) => self.note_refusal(action, profile, kind),
            Some(ErrorKind::NotFound) if profile.is_person() => self.count_stranger(),
            _ => {}
        }
        answer
    }

    /// Whether [`Session::permit`] would give one, for showing or not showing what leads there; nothing is noted.
    pub fn may(&self, action: Action, profile: ProfileId, kind: &str) -> bool {
        self.ask(action, profile, kind).is_ok()
    }

    /// A permit where [`Session::permit`] would give one, for showing as much as the actor may see; nothing is noted.
    pub fn permit_if_allowed(&self, action: Action, profile: ProfileId, kind: &str) -> Option<Permit> {
        self.ask(action, profile, kind).ok()
    }

    /// As [`Session::permit_if_allowed`], for what has to be whole: nothing where the actor is refused, or the person's journal
    /// is damaged.
    ///
    /// # Errors
    /// Where nobody knows, because something could not be read.
    pub(super) fn unless_refused(&self, action: Action, profile: ProfileId, kind: &str) -> Result<Option<Permit>> {
        // What the house itself keeps is nobody's journal.
        self.people()?;
        match self.ask(action, profile, kind) {
            Err(error) if matches!(error.kind(), ErrorKind::Denied | ErrorKind::NotFound) => Ok(None),
            asked => if_whole(asked),
        }
    }

    /// As [`Session::permit`], where a refusal is an answer like another and nobody was refused anything they asked for.
    pub(super) fn ask(&self, action: Action, profile: ProfileId, kind: &str) -> Result<Permit> {
        let info = self.inner.options.kinds.get(kind).ok_or_else(Error::not_found)?;
        if !matches!(action, Action::Read | Action::Export) {
            self.inner.may_change()?;
        }
        let now = self.inner.now();
        let question = Question { actor: &self.actor, action, profile, kind: info.name, purpose: &self.purpose };
        let (decision, epoch) = self.inner.decide(&question, now)?;
        let allowed = match decision.allowed() {
            // Without a look at the person: a missing one costs the same as one the actor has nothing to do with.
            Err(error) if error.kind() != ErrorKind::Denied => return Err(Error::not_found()),
            allowed => allowed,
        };
        let exists =
            self.inner.keys.has_profile(profile) && !self.inner.is_leaving(profile) && self.is_there(profile)?;
        match allowed {
            Ok((scope, until)) if exists => Ok(Permit::new(action, profile, info.name, scope, until, epoch)),
            Err(error) if exists => Err(error),
            _ => Err(Error::not_found()),
        }
    }

    /// Whether anything of the profile is visible; one whose import was undone is not there.
    pub(super) fn is_there(&self, profile: ProfileId) -> Result<bool> {
        if !profile.is_person() {
            return Ok(true);
        }
        let open = self.inner.open_profile(profile)?;
        let index = super::records::read_lock(&open);
        Ok(index.record(RecordId::from_bytes(*profile.as_bytes())).is_some_and(|state| !state.removed()))
    }

    /// Asks that the actor may do `action` with every record of every kind of a person.
    pub(super) fn permit_everything(&self, action: Action, profile: ProfileId) -> Result<()> {
        for info in self.inner.options.kinds.iter().filter(|info| !info.system) {
            if !self.permit(action, profile, info.name)?.scope().is_everything() {
                let text = "this needs access to the whole history";
                return Err(Error::new(ErrorKind::Denied, "not-granted", text));
            }
        }
        Ok(())
    }

    /// Whether the actor may do `action` with every record of every kind of a person; nothing is noted.
    pub(super) fn may_everything(&self, action: Action, profile: ProfileId) -> bool {
        let mut kinds = self.inner.options.kinds.iter().filter(|info| !info.system);
        kinds.all(|info| self.ask(action, profile, info.name).is_ok_and(|permit| permit.scope().is_everything()))
    }

    /// Re-checks a permit before it is used: time and policy may have moved on.
    pub(super) fn use_permit(&self, permit: &Permit, action: Action) -> Result<()> {
        self.inner.check()?;
        self.go_on()?;
        let epoch = self.people()?.epoch;
        let now = self.inner.now();
        if permit.check_for(action, now, epoch).is_err() {
            // Relations or time have changed: ask again instead of trusting the old answer.
            let again = self.permit(permit.action(), permit.profile(), permit.kind())?;
            if permit.action() != action || !again.scope().covers(permit.scope()) {
                permit.check_for(action, now, epoch)?;
            }
        }
        Ok(())
    }

    /// Refuses to write what the permit would not show.
    pub(super) fn admit(permit: &Permit, header: &Header) -> Result<()> {
        if super::records::admits_header(permit, header, None) {
            Ok(())
        } else {
            Err(Error::new(ErrorKind::Denied, "not-granted", "the grant does not cover this record"))
        }
    }

    pub(super) fn provenance(&self, how: &How) -> Provenance {
        let actor = self.actor.account().map_or_else(|| self.actor.id(), |account| account.to_string());
        let typed = Provenance::typed(actor);
        match how {
            How::Typed => typed,
            How::Device => Provenance { how: model::How::Device, ..typed },
            How::Document { source, page } => {
                Provenance { how: model::How::Document, source: Some(source.clone()), page: *page, ..typed }
            }
            How::Plugin { plugin, source, page, region, rule } => Provenance {
                how: model::How::Plugin,
                plugin: Some(plugin.clone()),
                source: source.clone(),
                page: *page,
                region: *region,
                rule: rule.clone(),
                ..typed
            },
        }
    }

    /// A number that grows with everything that is written about a person, for looking again only where something came.
    ///
    /// # Errors
    /// `not-found` where the caller has nothing to do with the person.
    pub fn changes(&self, profile: ProfileId) -> Result<u64> {
        self.may_know(profile)?;
        let open = self.inner.open_profile(profile)?;
        let index = super::records::read_lock(&open);
        Ok(index.last_seq())
    }

    /// Policy time.
    pub fn now(&self) -> Instant {
        self.inner.now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_says_nothing_unseen_and_no_broken_glass() {
        for (given, noted) in [
            ("second opinion", "second opinion"),
            ("दूसरी राय", "दूसरी राय"),
            ("क\u{94d}\u{200d}ष", "क\u{94d}\u{200d}ष"),
            ("break-glass: nobody could ask", ": nobody could ask"),
            (" break-glass  break-glass: x", ": x"),
            ("\u{200b}break-glass: x", ": x"),
            ("br\u{2060}eak-glass: x", ": x"),
            ("care\u{202e}\nerac", "care erac"),
        ] {
            assert_eq!(as_noted(given), noted, "{given:?}");
        }
        assert_eq!(as_noted(&"a".repeat(300)).chars().count(), 200);
    }
}
