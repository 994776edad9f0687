//! People as a list of people shows them, to each caller as much as they may see.

use serde::Serialize;
use serde_json::Value;

use super::people::People;
use super::profiles::OpenProfile;
use super::records::{find, page_of_all, read_lock};
use super::session::{PROFILE, Session};
use super::shown::Removed;
use crate::access::{Action, Permit};
use crate::error::{Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::Query;

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
                Err(error) if error.is_of_what_was_read() => {
                    cards.push(self.damaged_card(&people, id));
                }
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
        let live = self.seen_of(&open)?;
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
        Ok(ProfileCard { name: String::new(), records: self.seen_of(&open)?, ..self.damaged_card(people, id) })
    }

    /// How many records of an open profile the actor may see.
    fn seen_of(&self, open: &OpenProfile) -> Result<u64> {
        let kinds = self.inner.options.kinds.iter().filter(|info| !info.system && info.name != PROFILE);
        let permits = kinds.map(|info| self.unless_refused(Action::Read, open.id, info.name));
        let permits: Vec<Permit> = permits.filter_map(Result::transpose).collect::<Result<_>>()?;
        let index = read_lock(open);
        // Counted, and none of them shown.
        let all = Query { per_page: 0, ..Query::default() };
        let (seen, _) = page_of_all(&index, &permits, &all);
        Ok(seen)
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
}
