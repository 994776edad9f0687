//! Accounts, relations and grants, as the policy needs them: read from the `system` profile and kept until it changes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use serde_json::Value;

use super::Inner;
use super::emergency::BREAK_GLASS;
use crate::access::{
    AccountId, Action, Actions, Actor, ActorRef, CarerRights, Decision, Facts, Grant, Grantee, Kinds, Labels, Question,
    Relation, Restricted, Role, Roles, Sensitivity, TokenId, TokenLimits,
};
use crate::error::{Error, Result};
use crate::id::{ProfileId, RecordId};
use crate::time::{Instant, PartialDate, When};

/// An account, as the policy needs it.
#[derive(Clone, Debug)]
struct Holder {
    email: String,
    name: String,
    roles: Roles,
    active: bool,
}

/// Everybody's accounts, relations and grants.
#[derive(Debug, Default)]
pub(crate) struct People {
    /// Changes when any of them changes.
    pub epoch: u64,
    accounts: HashMap<AccountId, Holder>,
    relations: HashMap<ProfileId, Vec<Held>>,
    grants: HashMap<ProfileId, Vec<Grant>>,
    tokens: HashMap<TokenId, KnownToken>,
    restrictions: HashMap<ProfileId, Vec<HeldBack>>,
    restricted: HashMap<ProfileId, Restricted>,
}

/// A restriction, by the record that says so.
#[derive(Clone, Debug)]
pub(super) struct HeldBack {
    pub id: RecordId,
    /// Everything where there are none.
    pub records: Vec<RecordId>,
    pub reason: Option<String>,
    pub by: Option<AccountId>,
    pub since: Instant,
}

/// How an account stands to a person, by the record that says so.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub id: RecordId,
    pub account: AccountId,
    pub relation: Relation,
}

/// A token, as the policy and the door need it.
#[derive(Clone, Debug)]
pub(super) struct KnownToken {
    pub name: String,
    pub limits: TokenLimits,
    /// What stands in the vault instead of its secret.
    pub digest: Option<String>,
    pub made_at: Option<Instant>,
}

impl Inner {
    /// Accounts, relations and grants as they stand now.
    pub fn people(&self) -> Result<Arc<People>> {
        if let Some(people) = &*self.people.read().unwrap_or_else(PoisonError::into_inner) {
            return Ok(Arc::clone(people));
        }
        let mut slot = self.people.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(people) = &*slot {
            return Ok(Arc::clone(people));
        }
        let people = Arc::new(self.read_people()?);
        *slot = Some(Arc::clone(&people));
        Ok(people)
    }

    /// The `system` profile has changed: permits are asked for again, people read again.
    pub fn forget_people(&self) {
        *self.people.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn read_people(&self) -> Result<People> {
        let profile = self.open_profile(ProfileId::SYSTEM)?;
        let index = super::records::read_lock(&profile);
        let mut people = People { epoch: index.last_seq(), ..People::default() };
        let reader = self.reader(profile.id, profile.blinded);
        for state in index.records().filter(|state| !state.removed()) {
            let (Some(version), kind) = (state.current(), state.kind()) else { continue };
            if !matches!(kind, "account" | "relation" | "grant" | "token" | "restriction") {
                continue;
            }
            let body = reader.body(version.seq())?.map(|body| serde_json::from_str::<Value>(body.get()));
            let Some(Ok(body)) = body else {
                return Err(Error::corrupt(
                    "an account, relation, grant, token or restriction has an unknown form; run `phm verify`",
                ));
            };
            // One that is not understood opens nothing; it must not close the vault for everybody.
            let _ = people.take(kind, state.id(), version.at(), body);
        }
        Ok(people)
    }

    /// The policy's answer to a question.
    pub fn decide(&self, question: &Question<'_>, now: Instant) -> Result<(Decision, u64)> {
        let people = self.people()?;
        let mut facts = self.facts(question.actor, question.profile, now)?;
        let decision = self.options.policy.decide(question, &facts);
        // Whoever keeps the house keeps what is restricted; what they do with it is shown to the person.
        let keeps = matches!(question.actor, Actor::Operator | Actor::Gate);
        let closes = decision.is_allow() && !keeps;
        let Some(restricted) = people.restricted.get(&question.profile).filter(|_| closes) else {
            return Ok((decision, people.epoch));
        };
        let own = if matches!(question.actor, Actor::Person { .. }) {
            facts.grants.clear();
            facts.relations.retain(|relation| !matches!(relation, Relation::Carer(_)));
            self.options.policy.decide(question, &facts)
        } else {
            Decision::NotGranted
        };
        Ok((restricted.narrow(decision, own), people.epoch))
    }

    /// What the policy is told of an actor and a person.
    pub fn facts(&self, actor: &Actor, profile: ProfileId, now: Instant) -> Result<Facts> {
        let people = self.people()?;
        let mut facts = Facts::nothing(now);
        let Some(account) = actor.account() else { return Ok(facts) };
        if let Some(holder) = people.accounts.get(&account) {
            facts.active = holder.active;
            facts.roles = holder.roles;
        }
        let of_profile = people.relations.get(&profile).into_iter().flatten();
        let own = of_profile.filter(|held| held.account == account);
        facts.relations = own.map(|held| held.relation.clone()).collect();
        // Whoever is no provider any more has nothing from a glass they broke as one.
        let provider = facts.roles.contains(Role::Provider);
        let counts = |grant: &&Grant| provider || grant.terms.template.as_deref() != Some(BREAK_GLASS);
        facts.grants = people.grants(profile).iter().filter(counts).cloned().collect();
        if let Actor::Token { id, .. } = actor {
            facts.token = people.tokens.get(id).map(|token| token.limits.clone());
        }
        if facts.relations.contains(&Relation::Guardian) {
            facts.birth_date = self.birth_date(profile)?;
        }
        Ok(facts)
    }

    /// The day of birth, as precisely as the profile says.
    pub fn birth_date(&self, id: ProfileId) -> Result<Option<PartialDate>> {
        if !self.keys.has_profile(id) {
            return Ok(None);
        }
        let profile = self.open_profile(id)?;
        let index = super::records::read_lock(&profile);
        let version = index.record(RecordId::from_bytes(*id.as_bytes())).and_then(crate::index::RecordState::current);
        let Some(version) = version else { return Ok(None) };
        let seq = version.seq();
        let mut born = profile.born.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, date)) = born.filter(|(said_by, _)| *said_by == seq) {
            return Ok(date);
        }
        let body = self.reader(profile.id, profile.blinded).body(seq)?;
        let body: Option<Value> = body.and_then(|body| serde_json::from_str(body.get()).ok());
        let date = body.and_then(|body| body.get("birth_date")?.as_str()?.parse().ok());
        *born = Some((seq, date));
        Ok(date)
    }
}

/// Whether the policy will understand an account, a relation or a grant; other kinds are none of its business.
pub(super) fn is_understood(kind: &str, body: &Value) -> bool {
    let id = RecordId::from_bytes([0; 16]);
    People::default().take(kind, id, Instant::from_millis(0), body.clone()).is_some()
}

impl People {
    fn take(&mut self, kind: &str, id: RecordId, at: Instant, body: Value) -> Option<()> {
        match kind {
            "account" => self.take_account(id, &body),
            "relation" => self.take_relation(id, &body),
            "grant" => self.take_grant(id, at, body),
            "token" => self.take_token(id, &body),
            "restriction" => self.take_restriction(id, at, &body),
            _ => Some(()),
        }
    }

    fn take_account(&mut self, id: AccountId, body: &Value) -> Option<()> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let roles = body.get("roles").and_then(Value::as_array);
        let roles: Option<Roles> = match roles {
            None => Some(Roles::NONE),
            Some(roles) => roles.iter().map(|role| role.as_str()?.parse::<Role>().ok()).collect(),
        };
        let active = text("status").is_none_or(|status| status == "active");
        let holder = Holder { email: text("email")?.to_owned(), name: text("name")?.to_owned(), roles: roles?, active };
        self.accounts.insert(id, holder);
        Some(())
    }

    fn take_relation(&mut self, id: RecordId, body: &Value) -> Option<()> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let words = |name: &str| words(body, name);
        let relation = match text("relation")? {
            "self" => Relation::Myself,
            "owner" => Relation::Owner,
            "guardian" => Relation::Guardian,
            "carer" => {
                let edit = words("actions").iter().any(|action| action != Action::Read.as_str());
                let labels: Result<Labels, _> =
                    words("labels").iter().map(|label| label.parse::<Sensitivity>()).collect();
                let ends_at = text("ends_at").map(|when| when.parse().map(ends)).transpose().ok()?;
                Relation::Carer(CarerRights { kinds: Kinds::of(words("kinds")), edit, labels: labels.ok()?, ends_at })
            }
            _ => return None,
        };
        let (account, profile) = (text("account")?.parse().ok()?, text("profile")?.parse().ok()?);
        self.relations.entry(profile).or_default().push(Held { id, account, relation });
        Some(())
    }

    fn take_grant(&mut self, id: RecordId, at: Instant, mut body: Value) -> Option<()> {
        let fields = body.as_object_mut()?;
        fields.insert("id".into(), Value::String(id.to_string()));
        // One that does not say when it begins begins when it was given.
        fields.entry("starts_at").or_insert_with(|| Value::String(at.to_string()));
        // A day begins with its first moment and ends after its last.
        for (name, moment) in [
            ("starts_at", When::first as fn(When) -> Instant),
            ("ends_at", When::end),
            ("revoked_at", When::first),
            ("asked_at", When::end),
        ] {
            let Some(text) = fields.get(name).and_then(Value::as_str).filter(|text| text.parse::<Instant>().is_err())
            else {
                continue;
            };
            let when: When = text.parse().ok()?;
            fields.insert(name.into(), Value::String(moment(when).to_string()));
        }
        let grant: Grant = serde_json::from_value(body).ok()?;
        self.grants.entry(grant.profile).or_default().push(grant);
        Some(())
    }

    fn take_token(&mut self, id: TokenId, body: &Value) -> Option<()> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let profiles: Result<Vec<ProfileId>, _> = words(body, "profiles").iter().map(|id| id.parse()).collect();
        let actions: Result<Actions, _> =
            words(body, "actions").iter().map(|action| action.parse::<Action>()).collect();
        let limits = TokenLimits {
            id,
            account: text("account")?.parse().ok()?,
            profiles: profiles.ok()?,
            kinds: Kinds::of(words(body, "kinds")),
            actions: actions.ok()?,
            // Sensitive records are named by a grant to the token.
            labels: Labels::NONE,
            expires_at: text("expires_at").map(|when| when.parse().map(ends)).transpose().ok()?,
            revoked: body.get("revoked_at").is_some_and(|at| !at.is_null()),
        };
        let made_at = text("created_at").and_then(|when| when.parse().ok()).map(When::first);
        let token = KnownToken {
            name: text("name")?.to_owned(),
            limits,
            digest: text("secret_hash").map(str::to_owned),
            made_at,
        };
        self.tokens.insert(id, token);
        Some(())
    }

    fn take_restriction(&mut self, id: RecordId, at: Instant, body: &Value) -> Option<()> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let profile: ProfileId = text("profile")?.parse().ok()?;
        let restricted = self.restricted.entry(profile).or_default();
        let records: Result<Vec<RecordId>, _> = words(body, "records").iter().map(|id| id.parse()).collect();
        let Ok(records) = records else {
            // What is not understood closes more, never less.
            restricted.add_everything();
            return None;
        };
        if records.is_empty() {
            restricted.add_everything();
        }
        restricted.add(records.iter().copied());
        let by = text("given_by").and_then(|id| id.parse().ok());
        let since = text("since").and_then(|when| when.parse().ok()).unwrap_or(at);
        let held = HeldBack { id, records, reason: text("purpose").map(str::to_owned), by, since };
        self.restrictions.entry(profile).or_default().push(held);
        Some(())
    }

    /// What of a person's records is restricted.
    pub(super) fn restricted(&self, profile: ProfileId) -> Restricted {
        self.restricted.get(&profile).cloned().unwrap_or_default()
    }

    /// The restrictions of a person's records, in no order.
    pub(super) fn restrictions(&self, profile: ProfileId) -> &[HeldBack] {
        self.restrictions.get(&profile).map_or(&[], Vec::as_slice)
    }

    /// Whether the account exists and is active.
    pub fn active(&self, account: AccountId) -> bool {
        self.accounts.get(&account).is_some_and(|holder| holder.active)
    }

    /// The roles of an account.
    pub fn roles(&self, account: AccountId) -> Roles {
        self.accounts.get(&account).map_or(Roles::NONE, |holder| holder.roles)
    }

    /// The grants on a person's records, live or not.
    pub fn grants(&self, profile: ProfileId) -> &[Grant] {
        self.grants.get(&profile).map_or(&[], Vec::as_slice)
    }

    /// The reason somebody gave who broke the glass of a person's records, while it is broken.
    pub(super) fn broken_glass(&self, account: AccountId, profile: ProfileId, now: Instant) -> Option<&str> {
        let breaks = |grant: &&Grant| {
            grant.terms.template.as_deref() == Some(BREAK_GLASS)
                && grant.terms.to == Grantee::Account(account)
                && grant.is_live(now)
        };
        self.grants(profile).iter().find(breaks)?.terms.purpose.as_deref()
    }

    /// Every grant, whosesoever records it opens.
    pub(super) fn all_grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.values().flatten()
    }

    /// How accounts stand to a person.
    pub(super) fn relations(&self, profile: ProfileId) -> &[Held] {
        self.relations.get(&profile).map_or(&[], Vec::as_slice)
    }

    /// A token that was made, revoked or not.
    pub(super) fn token(&self, id: TokenId) -> Option<&KnownToken> {
        self.tokens.get(&id)
    }

    /// Every token of an account.
    pub(super) fn tokens_of(&self, account: AccountId) -> impl Iterator<Item = &KnownToken> {
        self.tokens.values().filter(move |token| token.limits.account == account)
    }

    /// The e-mail address of the account that owns the profile, or whose own it is.
    pub fn owner_of(&self, profile: ProfileId) -> Option<String> {
        let of = |wanted: &Relation| self.relations(profile).iter().find(|held| held.relation == *wanted);
        let held = of(&Relation::Owner).or_else(|| of(&Relation::Myself))?;
        self.accounts.get(&held.account).map(|holder| holder.email.clone())
    }

    /// The profile an account calls its own.
    pub fn own_profile(&self, account: AccountId) -> Option<ProfileId> {
        let own = |all: &[Held]| all.iter().any(|held| held.account == account && held.relation == Relation::Myself);
        self.relations.iter().find(|(_, relations)| own(relations)).map(|(profile, _)| *profile)
    }

    /// How an account stands to a profile.
    pub fn relation(&self, account: AccountId, profile: ProfileId) -> Option<String> {
        let held = self.relations(profile).iter().find(|held| held.account == account)?;
        Some(held.relation.as_str().to_owned())
    }

    /// The account's name, where it still exists.
    pub fn name(&self, account: AccountId) -> Option<&str> {
        self.accounts.get(&account).map(|holder| holder.name.as_str())
    }

    /// The account's e-mail address, where it still exists.
    pub(super) fn email(&self, account: AccountId) -> Option<&str> {
        self.accounts.get(&account).map(|holder| holder.email.as_str())
    }

    /// The active account with this e-mail address, in any case of letters.
    pub fn by_email(&self, email: &str) -> Option<AccountId> {
        let wanted = email.trim().to_lowercase();
        self.accounts.iter().find(|(_, holder)| holder.email.to_lowercase() == wanted).map(|(id, _)| *id)
    }

    /// Every account, active or not: its id, e-mail address, name, roles, and whether it is active.
    pub(super) fn accounts(&self) -> impl Iterator<Item = (AccountId, &str, &str, Roles, bool)> {
        self.accounts.iter().map(|(id, one)| (*id, one.email.as_str(), one.name.as_str(), one.roles, one.active))
    }

    /// How many active accounts run the house.
    pub(super) fn admins(&self) -> usize {
        self.accounts.values().filter(|holder| holder.active && holder.roles.contains(Role::Admin)).count()
    }

    /// How many accounts there are.
    pub fn count(&self) -> usize {
        self.accounts.len()
    }

    /// An actor as history shows it, by the id in a record's provenance: with the name of today.
    pub fn actor_ref(&self, id: &str) -> ActorRef {
        let name = id.parse::<AccountId>().ok().and_then(|account| self.name(account));
        let r#type = if matches!(id, "operator" | "gate") { id } else { "person" };
        ActorRef { r#type: r#type.to_owned(), id: id.to_owned(), name: name.unwrap_or(plain_name(r#type)).to_owned() }
    }
}

/// When something that is said to end then has ended: a day ends after its last moment.
fn ends(when: When) -> Instant {
    match when {
        When::Instant(instant) => instant,
        When::Date(day) => day.end(),
    }
}

/// The words of a list in a body.
fn words(body: &Value, name: &str) -> Vec<String> {
    let items = body.get(name).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The name of an actor that is no account.
pub(super) fn plain_name(r#type: &str) -> &'static str {
    match r#type {
        "operator" => "Operator",
        "gate" => "Sign-in",
        _ => "",
    }
}
