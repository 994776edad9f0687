//! What a breach report needs: who did what in a stretch of time, to how many people, and by which ways in.
//!
//! It is read from the audit log and holds nothing of a record: who, when, what was done, the kinds of records and how many,
//! and how many people they are about, whom it does not name. Tokens and grants stand with what they opened, without the
//! reasons people wrote.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use super::alerts::actor_of;
use super::people::People;
use super::session::Session;
use crate::access::{AccountId, Actions, Actor, ActorRef, GrantId, Grantee, Roles, TokenId};
use crate::audit::entry::{Deed, Entry, Outcome, Pseudonym};
use crate::error::{Detail, Error, Result, if_whole};
use crate::id::{LogId, ProfileId};
use crate::time::Instant;

const HOUR: i64 = 3_600_000;
/// The longest stretch of time one report is about: a year and a day.
const LONGEST: i64 = 366 * 24 * HOUR;
/// Entries stand behind later ones by less than this.
const DISORDER: i64 = HOUR;
/// Lines of what happened.
const MOST_EVENTS: usize = 20_000;

/// What a report is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IncidentQuery {
    /// From when on.
    pub from: Instant,
    /// First moment after it.
    pub to: Instant,
    /// Only what was done by this account, or for it.
    pub account: Option<AccountId>,
}

/// What happened in a stretch of time, without anything of a record.
#[derive(Clone, Debug, Serialize)]
pub struct Incident {
    /// From when on.
    pub from: Instant,
    /// First moment after it.
    pub to: Instant,
    /// How many people records were touched of.
    pub people: u64,
    /// How often records were touched, by kind; a record that was read twice counts twice.
    pub records: BTreeMap<String, u64>,
    /// Who did something, whoever touched most records first.
    pub actors: Vec<IncidentActor>,
    /// What happened, by the hour, oldest first.
    pub events: Vec<IncidentEvent>,
    /// The tokens of these accounts.
    pub tokens: Vec<IncidentToken>,
    /// What was granted to these accounts at that time.
    pub grants: Vec<IncidentGrant>,
    /// Whether there are more lines of what happened than stand here; numbers are of all.
    pub truncated: bool,
    /// Rows of the log that could not be read; `phm verify` says which.
    pub unreadable: u64,
}

/// Somebody who did something.
#[derive(Clone, Debug, Serialize)]
pub struct IncidentActor {
    /// Who.
    pub actor: ActorRef,
    /// The account they are, or act for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The e-mail address of that account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Its roles.
    pub roles: Roles,
    /// When they first did something.
    pub first_at: Instant,
    /// When they last did.
    pub last_at: Instant,
    /// How many people's records they touched.
    pub people: u64,
    /// How often they touched records, by kind.
    pub records: BTreeMap<String, u64>,
    /// How often they were refused.
    pub refused: u64,
}

/// What somebody did with one kind of record within an hour.
#[derive(Clone, Debug, Serialize)]
pub struct IncidentEvent {
    /// The hour in which it happened.
    pub hour: Instant,
    /// Who.
    pub actor: ActorRef,
    /// What was done.
    pub action: &'static str,
    /// How it ended.
    pub outcome: &'static str,
    /// The kind of record; none where it is about the house, or its key is gone. `plugin` is a call of one about nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// How many records, or how many times.
    pub count: u64,
    /// How many people they are about.
    pub people: u64,
}

/// A token of an account that did something.
#[derive(Clone, Debug, Serialize)]
pub struct IncidentToken {
    /// The token.
    pub id: TokenId,
    /// Whose it is.
    pub account: AccountId,
    /// What it is called.
    pub name: String,
    /// On which kinds of record.
    pub kinds: Vec<String>,
    /// What it may do.
    pub actions: Actions,
    /// On how many people's records.
    pub people: u64,
    /// When it was made.
    pub made_at: Option<Instant>,
    /// Until when it holds.
    pub expires_at: Option<Instant>,
    /// Whether it was taken back.
    pub revoked: bool,
}

/// What was granted to an account that did something.
#[derive(Clone, Debug, Serialize)]
pub struct IncidentGrant {
    /// The grant.
    pub id: GrantId,
    /// To whom.
    pub to: Grantee,
    /// On which kinds of record.
    pub kinds: Vec<String>,
    /// What may be done with them.
    pub actions: Actions,
    /// From when on.
    pub starts_at: Instant,
    /// Until when.
    pub ends_at: Option<Instant>,
    /// When it was taken back.
    pub revoked_at: Option<Instant>,
    /// The template it was made from, such as `break-glass`.
    pub template: Option<String>,
}

/// What is known of an actor while the log is read.
struct Acted {
    first_at: Instant,
    last_at: Instant,
    people: HashSet<Pseudonym>,
    records: BTreeMap<String, u64>,
    refused: u64,
}

/// One line of what happened while the log is read.
type Line = (i64, String, String, &'static str, &'static str, String);

/// What was read of the log.
#[derive(Default)]
struct Gathered {
    people: HashSet<Pseudonym>,
    records: BTreeMap<String, u64>,
    actors: HashMap<Actor, Acted>,
    events: BTreeMap<Line, (Actor, u64, HashSet<Pseudonym>)>,
    truncated: bool,
    unreadable: u64,
}

impl Session {
    /// What happened in a stretch of time, for whoever runs the house; that it was asked for stands in the log.
    ///
    /// # Errors
    /// `not-granted` for anybody else; `invalid` for a stretch that ends before it begins or is longer than a year.
    pub fn incident(&self, asked: &IncidentQuery) -> Result<Incident> {
        self.runs_the_house()?;
        let wrong = |path: &str, code| Err(Error::invalid(vec![Detail { path: path.to_owned(), code }]));
        if asked.to <= asked.from {
            return wrong("/to", "ends-before-it-begins");
        }
        if asked.from.plus_millis(LONGEST) < asked.to {
            return wrong("/from", "too-long");
        }
        self.note_administered("incident")?;
        let inner = &self.inner;
        inner.committer.flush()?;
        let logs = inner.at_barrier(|ledger| Ok(inner.known_logs(ledger)?.0))?;
        let people_of = self.pseudonyms()?;
        let mut gathered = Gathered::default();
        'logs: for log in logs.iter().rev() {
            for leaf in (0..log.size).rev() {
                self.go_on()?;
                let Some(row) = if_whole(inner.audit_row(log.id, leaf))? else {
                    gathered.unreadable += 1;
                    continue;
                };
                let newest = row.entries.iter().map(|entry| entry.at).max();
                if newest.is_some_and(|newest| newest < asked.from.plus_millis(-DISORDER)) {
                    break 'logs;
                }
                for entry in row.entries.iter().filter(|entry| asked.takes(entry)) {
                    let profile = entry.subject.and_then(|subject| people_of.get(&subject).copied());
                    gathered.add(entry, profile, self.kind_told(log.id, profile, entry));
                }
            }
        }
        let people = self.people()?;
        Ok(gathered.told(asked, &people))
    }

    /// Whose pseudonyms in the log are whose.
    fn pseudonyms(&self) -> Result<HashMap<Pseudonym, ProfileId>> {
        let mut found = HashMap::new();
        for id in self.inner.profile_ids() {
            if let Some(head) = self.inner.stored_head(id, &self.inner.keys.blind_profile(id))? {
                found.insert(Pseudonym::from_bytes(head.pseudonym), id);
            }
        }
        Ok(found)
    }

    /// The kind of record an entry is about; nothing else is taken of what it says about a person.
    fn kind_told(&self, log: LogId, profile: Option<ProfileId>, entry: &Entry) -> String {
        let about = profile.and_then(|profile| self.inner.audit_about(log, profile, entry));
        about.map(|about| about.kind).unwrap_or_default()
    }
}

impl IncidentQuery {
    fn takes(&self, entry: &Entry) -> bool {
        let by = self.account.is_none_or(|account| entry.actor.account() == Some(account));
        by && self.from <= entry.at && entry.at < self.to
    }
}

impl Gathered {
    fn add(&mut self, entry: &Entry, profile: Option<ProfileId>, kind: String) {
        // Somebody who was erased is nobody's profile any more, and was a person.
        let person = entry.subject.filter(|_| profile.is_none_or(|profile| profile.is_person()));
        let acted = self.actors.entry(entry.actor.clone()).or_insert_with(|| Acted {
            first_at: entry.at,
            last_at: entry.at,
            people: HashSet::new(),
            records: BTreeMap::new(),
            refused: 0,
        });
        acted.first_at = acted.first_at.min(entry.at);
        acted.last_at = acted.last_at.max(entry.at);
        if entry.outcome == Outcome::Refused {
            acted.refused = acted.refused.saturating_add(entry.count);
        } else if let Some(person) = person.filter(|_| touches(entry.deed)) {
            acted.people.insert(person);
            self.people.insert(person);
            let named = if kind.is_empty() { "unknown" } else { &*kind };
            for counts in [&mut acted.records, &mut self.records] {
                let count = counts.entry(named.to_owned()).or_default();
                *count = count.saturating_add(entry.count);
            }
        }
        let hour = entry.at.millis().div_euclid(HOUR) * HOUR;
        let (actor, deed, outcome) = (&entry.actor, entry.deed.as_str(), entry.outcome.as_str());
        let line = (hour, actor.type_name().to_owned(), actor.id(), deed, outcome, kind);
        if self.events.len() >= MOST_EVENTS && !self.events.contains_key(&line) {
            self.truncated = true;
            return;
        }
        let event = self.events.entry(line).or_insert_with(|| (actor.clone(), 0, HashSet::new()));
        event.1 = event.1.saturating_add(entry.count);
        event.2.extend(person);
    }

    fn told(self, asked: &IncidentQuery, people: &People) -> Incident {
        let named = |actor: &Actor| actor_of(people, actor.type_name(), &actor.id(), actor.account());
        let mut accounts: Vec<AccountId> = self.actors.keys().filter_map(Actor::account).collect();
        accounts.sort();
        accounts.dedup();
        let mut actors: Vec<IncidentActor> = self
            .actors
            .iter()
            .map(|(actor, acted)| IncidentActor {
                actor: named(actor),
                account: actor.account(),
                email: actor.account().and_then(|account| people.email(account)).map(str::to_owned),
                roles: actor.account().map_or(Roles::NONE, |account| people.roles(account)),
                first_at: acted.first_at,
                last_at: acted.last_at,
                people: acted.people.len() as u64,
                records: acted.records.clone(),
                refused: acted.refused,
            })
            .collect();
        let touched =
            |actor: &IncidentActor| actor.records.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
        actors.sort_by(|a, b| {
            touched(b).cmp(&touched(a)).then(a.first_at.cmp(&b.first_at)).then(a.actor.id.cmp(&b.actor.id))
        });
        let events = self.events.iter().map(|(line, (actor, count, about))| IncidentEvent {
            hour: Instant::from_millis(line.0),
            actor: named(actor),
            action: line.3,
            outcome: line.4,
            kind: Some(line.5.clone()).filter(|kind| !kind.is_empty()),
            count: *count,
            people: about.len() as u64,
        });
        Incident {
            from: asked.from,
            to: asked.to,
            people: self.people.len() as u64,
            events: events.collect(),
            tokens: accounts.iter().flat_map(|account| tokens(people, *account)).collect(),
            grants: grants(people, &accounts, asked),
            records: self.records,
            actors,
            truncated: self.truncated,
            unreadable: self.unreadable,
        }
    }
}

/// Whether a deed touches records.
fn touches(deed: Deed) -> bool {
    !matches!(
        deed,
        Deed::Share
            | Deed::Revoke
            | Deed::SignIn
            | Deed::SignOut
            | Deed::Administer
            | Deed::BackUp
            | Deed::Unlock
            | Deed::BeginLog
    )
}

fn tokens(people: &People, account: AccountId) -> Vec<IncidentToken> {
    let token = people.tokens_of(account).map(|token| IncidentToken {
        id: token.limits.id,
        account,
        name: token.name.clone(),
        kinds: token.limits.kinds.names().into_iter().map(str::to_owned).collect(),
        actions: token.limits.actions,
        people: token.limits.profiles.len() as u64,
        made_at: token.made_at,
        expires_at: token.limits.expires_at,
        revoked: token.limits.revoked,
    });
    let mut all: Vec<IncidentToken> = token.collect();
    all.sort_by_key(|token| token.id);
    all
}

/// The grants to these accounts, or to a role they have, that held at some time of the stretch.
fn grants(people: &People, accounts: &[AccountId], asked: &IncidentQuery) -> Vec<IncidentGrant> {
    let is_to = |to: &Grantee| match to {
        Grantee::Account(account) => accounts.contains(account),
        Grantee::Role(role) => accounts.iter().any(|account| people.roles(*account).contains(*role)),
        Grantee::Token(id) => people.token(*id).is_some_and(|token| accounts.contains(&token.limits.account)),
        Grantee::Plugin(_) | Grantee::Service(_) => false,
    };
    let held = people.all_grants().filter(|grant| {
        let over = [grant.terms.ends_at, grant.revoked_at].into_iter().flatten().min();
        is_to(&grant.terms.to) && grant.terms.starts_at < asked.to && over.is_none_or(|over| asked.from < over)
    });
    let mut all: Vec<IncidentGrant> = held
        .map(|grant| IncidentGrant {
            id: grant.id,
            to: grant.terms.to.clone(),
            kinds: grant.terms.kinds.names().into_iter().map(str::to_owned).collect(),
            actions: grant.terms.actions,
            starts_at: grant.terms.starts_at,
            ends_at: grant.terms.ends_at,
            revoked_at: grant.revoked_at,
            template: grant.terms.template.clone(),
        })
        .collect();
    all.sort_by(|a, b| a.starts_at.cmp(&b.starts_at).then(a.id.cmp(&b.id)));
    all
}
