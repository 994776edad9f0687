//! One actor at work for a purpose.
//!
//! A session asks the policy for permits, and every read and write takes one. It knows which people the actor may see at
//! all; to everybody else a profile does not exist.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::Serialize;
use serde_json::Value;

use super::Inner;
use super::emergency::BREAK_GLASS;
use super::journal;
use super::people::People;
use super::profiles::OpenProfile;
use super::records::{find, page_of_all, raw};
use super::shown::{How, Record, Removed};
use super::waiting::{NewEntry, Write};
use crate::access::{Action, Actor, Permit, Question};
use crate::audit::entry::Deed;
use crate::error::{Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::{Act, Header, Query};
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

/// A person in a list of people.
#[derive(Clone, Debug, Serialize)]
pub struct ProfileCard {
    /// Whose profile it is.
    pub profile: ProfileId,
    /// The name as a person reads it.
    pub name: String,
    /// The day of birth, as precisely as it is known.
    pub birth_date: Option<String>,
    /// `female`, `male`, `other` or `unknown`.
    pub sex: Option<String>,
    /// The e-mail address of the account that owns it.
    pub owner: Option<String>,
    /// How many records there are that the caller may see.
    pub records: u64,
    /// How the caller stands to the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
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

    /// Refuses actors who only act for somebody, such as a token made for reading, where a person is made.
    pub(super) fn may_make_people(&self) -> Result<()> {
        self.inner.may_change()?;
        match self.actor {
            Actor::Person { .. } | Actor::Operator | Actor::Gate => Ok(()),
            _ => Err(Error::new(ErrorKind::Denied, "not-granted", "only somebody who signed in may add a person")),
        }
    }

    /// Re-checks a permit before it is used: time and policy may have moved on.
    pub(super) fn use_permit(&self, permit: &Permit, action: Action) -> Result<()> {
        if self.inner.failed.load(Ordering::SeqCst) {
            return Err(super::store_failed());
        }
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

    /// Makes a person. With `owner`, that account keeps their records; a person at work always keeps them themselves.
    pub fn add_profile(&self, body: &Value, owner: Option<RecordId>) -> Result<Record> {
        self.may_make_people()?;
        let owner = self.actor.account().or(owner);
        self.add_related_profile(body, owner.map(|account| (account, "owner")))
    }

    /// Makes the profile that is an account's own.
    pub fn add_own_profile(&self, body: &Value, account: RecordId) -> Result<Record> {
        self.minds_the_door()?;
        self.add_related_profile(body, Some((account, "self")))
    }

    fn add_related_profile(&self, body: &Value, related: Option<(RecordId, &str)>) -> Result<Record> {
        let id = ProfileId::new();
        let mut write = Write::default();
        let record = self.profile_entry(id, body, &mut write)?;
        if let Some((account, relation)) = related {
            self.relate(account, id, relation, &mut write)?;
        }
        self.inner.keys.add_profiles(&[id])?;
        self.inner.committer.commit(write)?;
        Ok(record)
    }

    /// Adds to `write` the entry that says who a new profile is.
    pub(super) fn profile_entry(&self, id: ProfileId, body: &Value, write: &mut Write) -> Result<Record> {
        let checked = self.check(PROFILE, body)?;
        let record_id = RecordId::from_bytes(*id.as_bytes());
        let header = self.header(Act::Create, record_id, PROFILE, 1, &checked, self.provenance(&How::Typed))?;
        let body = raw(checked.json)?;
        let prepared = journal::prepare(&header, Some(&body))?;
        let record = Record {
            id: record_id,
            kind: PROFILE.to_owned(),
            profile: id,
            version: 1,
            occurred: header.occurred,
            recorded_at: header.at,
            updated_at: header.at,
            removed: false,
            labels: Vec::new(),
            provenance: header.provenance.clone(),
            body,
        };
        write.notes.push(self.deed(Deed::Add, "add", id, PROFILE, [record_id]));
        write.entries.push(NewEntry { profile: id, header, prepared, origin: None });
        Ok(record)
    }

    /// Adds to `write` a relation of an account to a profile.
    pub(super) fn relate(
        &self,
        account: RecordId,
        profile: ProfileId,
        relation: &str,
        write: &mut Write,
    ) -> Result<()> {
        let body = serde_json::json!({"account": account, "profile": profile, "relation": relation});
        let checked = self.check("relation", &body)?;
        let id = RecordId::new();
        let header = self.header(Act::Create, id, "relation", 1, &checked, self.provenance(&How::Typed))?;
        let body = raw(checked.json)?;
        let prepared = journal::prepare(&header, Some(&body))?;
        write.notes.push(self.deed(Deed::Administer, "relate", ProfileId::SYSTEM, "relation", [id]));
        write.entries.push(NewEntry { profile: ProfileId::SYSTEM, header, prepared, origin: None });
        Ok(())
    }

    /// Every person the actor may see, by name.
    pub fn profiles(&self) -> Result<Vec<ProfileCard>> {
        let people = self.people()?;
        let mut cards = Vec::new();
        for id in self.inner.profile_ids() {
            if !id.is_person() {
                continue;
            }
            let card = match self.ask(Action::Read, id, PROFILE) {
                Ok(permit) => self.card(&people, &permit),
                Err(error) if error.kind() == ErrorKind::Denied => self.nameless_card(&people, id),
                Err(error) => Err(error),
            };
            match card {
                Ok(card) => cards.push(card),
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Denied) => {}
                // One damaged journal hides nobody, and keeps nobody from the others.
                Err(error) if error.kind() == ErrorKind::Corrupt => cards.push(self.damaged_card(&people, id)),
                Err(error) => return Err(error),
            }
        }
        cards.sort_by(|a, b| a.name.cmp(&b.name).then(a.profile.cmp(&b.profile)));
        self.note_people(&cards)?;
        Ok(cards)
    }

    /// The person as a list of people shows them.
    pub fn profile_card(&self, profile: ProfileId) -> Result<ProfileCard> {
        let permit = self.permit(Action::Read, profile, PROFILE)?;
        let card = self.card(&*self.people()?, &permit)?;
        self.note_read("read", &permit, &[RecordId::from_bytes(*profile.as_bytes())])?;
        Ok(card)
    }

    fn card(&self, people: &People, permit: &Permit) -> Result<ProfileCard> {
        let id = permit.profile();
        let open = self.inner.open_profile(id)?;
        let found = find(&open, permit, RecordId::from_bytes(*id.as_bytes()), Removed::Hide)?;
        let body: Value = serde_json::from_str(self.body(&open, found.body_seq)?.get())
            .map_err(|_| Error::corrupt("a profile has an unknown form; run `phm verify`"))?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let live = self.seen_of(&open);
        Ok(ProfileCard {
            profile: id,
            name: found.header.summary.title,
            birth_date: text("birth_date"),
            sex: text("sex"),
            owner: people.owner_of(id),
            records: live,
            relation: self.actor.account().and_then(|account| people.relation(account, id)),
        })
    }

    /// What a list shows of a person whose name the caller may not read.
    fn nameless_card(&self, people: &People, id: ProfileId) -> Result<ProfileCard> {
        let open = self.inner.open_profile(id)?;
        Ok(ProfileCard { name: String::new(), records: self.seen_of(&open), ..self.damaged_card(people, id) })
    }

    /// How many records of an open profile the actor may see.
    fn seen_of(&self, open: &OpenProfile) -> u64 {
        let kinds = self.inner.options.kinds.iter().filter(|info| !info.system && info.name != PROFILE);
        let permits: Vec<Permit> = kinds.filter_map(|info| self.ask(Action::Read, open.id, info.name).ok()).collect();
        let index = super::records::read_lock(open);
        // Counted, and none of them shown.
        let all = Query { per_page: 0, ..Query::default() };
        let (seen, _) = page_of_all(&index, &permits, &all);
        seen
    }

    /// What a list shows of a person whose journal does not open.
    fn damaged_card(&self, people: &People, id: ProfileId) -> ProfileCard {
        ProfileCard {
            profile: id,
            name: "(damaged: run `phm verify`)".to_owned(),
            birth_date: None,
            sex: None,
            owner: people.owner_of(id),
            records: 0,
            relation: self.actor.account().and_then(|account| people.relation(account, id)),
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
