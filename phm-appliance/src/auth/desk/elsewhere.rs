//! Coming in by an identity provider.
//!
//! Somebody is known again by issuer and subject. The first time they are taken for the account with the address the
//! provider vouches for, where the policy says so and the account's own address is proven: an account somebody else made with
//! that address in the meantime is not handed over, and neither is one that is another person's at the same provider.

use phm_core::ErrorKind;
use phm_core::access::{AccountId, Actor, Role, Roles};
use phm_core::crypto::digest;
use phm_core::id::{ProfileId, RecordId};
use poem::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Arrival, Desk, Entered, Outcome};
use crate::auth::accounts::{self, Account, NewAccount};
use crate::auth::invitation;
use crate::auth::provider::{Elsewhere, ProviderError};
use crate::auth::session::LONGEST;
use crate::auth::standing::Standing;
use crate::http::Problem;
use crate::settings::OidcLink;

const FORMAT: u8 = 1;

/// What the provider said of somebody who came in, as it is kept beside their session. It names the account, so that it
/// goes with whoever is erased.
#[derive(Deserialize, Serialize)]
struct Came {
    format: u8,
    account: AccountId,
    token: String,
}

impl Desk {
    /// Where to send somebody who signs in elsewhere, and the state their browser keeps until they are back.
    ///
    /// # Errors
    /// 404 where there is no identity provider, 503 `provider-unreachable` where it does not answer.
    pub fn leave(&self, next: &str) -> Result<(String, String), Problem> {
        let provider = self.provider.as_ref().ok_or_else(Problem::not_found)?;
        let (address, state, leaving) = provider.leave(next).map_err(|error| problem_of(&error))?;
        self.leaving.begin_as(&state, leaving, self.now());
        Ok((address, state))
    }

    /// Lets somebody in who comes back with a code, or half-way in; and where they wanted to go.
    ///
    /// # Errors
    /// 401 `sign-in-failed` for an answer that does not hold, 403 `no-account` for somebody unknown, 503
    /// `provider-unreachable`.
    pub fn come_back(
        &self,
        state: &str,
        code: &str,
        issuer: Option<&str>,
        arrival: &Arrival,
    ) -> Result<(Outcome, String), Problem> {
        let provider = self.provider.as_ref().ok_or_else(Problem::not_found)?;
        let now = self.now();
        let leaving = self.leaving.take(state, now).ok_or_else(super::sign_in_failed)?;
        let who = provider.come_back(&leaving, code, issuer).map_err(|error| problem_of(&error))?;
        let account = match self.read::<AccountId>(&row(&who.issuer, &who.subject))? {
            // Also where an earlier provider knew them, whose row nobody took away when they said so.
            Some(id) if Standing::of(&self.vault, id)?.elsewhere_refused => return Err(no_account()),
            Some(id) => self.find(id)?,
            None => self.first_time(&who)?,
        };
        let account = self.take_roles(account, &who)?;
        let outcome = match self.second_factor_of(&account, arrival)? {
            Some(half_way) => {
                self.half_way_from.begin_as(&half_way.ticket, who.token, now);
                Outcome::HalfWay(half_way)
            }
            None => {
                let entered = self.begin(account, arrival.door, &arrival.agent, now)?;
                self.remember_coming(&entered, who.token)?;
                Outcome::Inside(Box::new(entered))
            }
        };
        Ok((outcome, leaving.next))
    }

    /// Keeps what the provider said of somebody who is in now, for when they sign out.
    pub(super) fn remember_coming(&self, entered: &Entered, token: String) -> Result<(), Problem> {
        let expires = self.now().plus_millis(i64::try_from(LONGEST.as_millis()).unwrap_or(i64::MAX));
        let came = Came { format: FORMAT, account: entered.account.id, token };
        Ok(self.vault.put_state(ProfileId::SYSTEM, &came_row(entered.session), &came, Some(expires))?)
    }

    /// Where somebody whose session ends may sign out at the identity provider too; `None` for whoever did not come from
    /// there, and where it offers no such place or does not answer. It is told once.
    pub fn way_out(&self, session: RecordId) -> Result<Option<String>, Problem> {
        let Some(provider) = &self.provider else { return Ok(None) };
        let row = came_row(session);
        let came = self.read::<Came>(&row)?.filter(|came| came.format == FORMAT);
        let Some(Came { token, .. }) = came else { return Ok(None) };
        self.vault.delete_state(ProfileId::SYSTEM, &row)?;
        Ok(provider.way_out(&token).unwrap_or_else(|error| {
            tracing::warn!(%error, "the identity provider does not say where one signs out");
            None
        }))
    }

    /// Whether an account is known by an identity provider, and whether its holder lets one sign them in.
    pub fn elsewhere(&self, account: AccountId) -> Result<(bool, bool), Problem> {
        let standing = Standing::of(&self.vault, account)?;
        Ok((standing.elsewhere.is_some(), !standing.elsewhere_refused))
    }

    /// Lets an identity provider sign somebody in from now on, or not any more; then it forgets who they are there. Whoever
    /// does it shows their password: without one they could come in no more.
    ///
    /// # Errors
    /// 403 `password-needed`; 429 after too many wrong ones.
    pub fn let_elsewhere(&self, account: AccountId, password: &str, allowed: bool) -> Result<(), Problem> {
        self.prove_password(account, password)?;
        if !allowed {
            self.forget_elsewhere(account)?;
        }
        Ok(Standing::change(&self.vault, account, |standing| standing.elsewhere_refused = !allowed)?)
    }

    /// Forgets who an account is elsewhere; the next time it is found by its address again.
    pub(super) fn forget_elsewhere(&self, account: AccountId) -> phm_core::Result<()> {
        let Some((issuer, subject)) = Standing::of(&self.vault, account)?.elsewhere else { return Ok(()) };
        self.vault.delete_state(ProfileId::SYSTEM, &row(&issuer, &subject))?;
        Standing::change(&self.vault, account, |standing| standing.elsewhere = None)
    }

    /// The account of somebody who has not come from there before.
    fn first_time(&self, who: &Elsewhere) -> Result<Account, Problem> {
        let email = who.verified_email.as_deref().ok_or_else(no_account)?;
        let gate = self.vault.session(Actor::Gate, "sign-in elsewhere")?;
        let account = match gate.account_by_email(email) {
            Ok(id) => self.theirs_already(id, who)?,
            Err(error) if error.kind() == ErrorKind::NotFound => self.newcomer(email, who)?,
            Err(error) => return Err(error.into()),
        };
        let now = self.now();
        self.vault.put_state(ProfileId::SYSTEM, &row(&who.issuer, &who.subject), &account.id, None)?;
        Standing::change(&self.vault, account.id, |standing| {
            standing.elsewhere = Some((who.issuer.clone(), who.subject.clone()));
            standing.verified_at = Some(now);
        })?;
        Ok(account)
    }

    /// The account with their address, where it may be handed over.
    fn theirs_already(&self, id: AccountId, who: &Elsewhere) -> Result<Account, Problem> {
        let standing = Standing::of(&self.vault, id)?;
        // At one provider an account is one person: whoever has the address there now may be somebody else.
        let is_another = standing.elsewhere.as_ref().is_some_and(|(issuer, _)| *issuer == who.issuer);
        let is_refused = standing.elsewhere_refused || self.settings.oidc_link != OidcLink::Verified;
        if is_refused || !standing.is_proven() || is_another {
            return Err(no_account());
        }
        self.find(id)
    }

    /// A new account, where newcomers are welcome. The first account of a house is made by setting it up.
    fn newcomer(&self, email: &str, who: &Elsewhere) -> Result<Account, Problem> {
        let roles = self.roles_of(Roles::of(&[Role::Patient]), who);
        if !self.settings.oidc_register || roles.is_empty() || !self.has_accounts()? {
            return Err(no_account());
        }
        let name = who.name.clone().filter(|name| !name.trim().is_empty() && name.len() <= 200);
        let new = NewAccount {
            email: email.to_owned(),
            name: name.unwrap_or_else(|| email.to_owned()),
            roles: roles.iter().map(|role| role.to_string()).collect(),
            // Nobody knows it; its holder may choose one by a letter.
            password: invitation::secret(),
        };
        Ok(accounts::add(&self.vault, &new)?)
    }

    /// The roles of somebody who has had these: what the settings tie to groups goes by the groups, the rest stays.
    fn roles_of(&self, before: Roles, who: &Elsewhere) -> Roles {
        let rules = &self.settings.oidc_roles;
        let stays = before.iter().filter(|role| !rules.iter().any(|(_, tied)| tied == role));
        let given = rules.iter().filter(|(group, _)| who.groups.contains(group)).map(|(_, role)| *role);
        stays.chain(given).collect()
    }

    /// Gives and takes the roles the settings tie to groups; the last administrator stays one.
    fn take_roles(&self, account: Account, who: &Elsewhere) -> Result<Account, Problem> {
        let before: Roles = account.roles.iter().filter_map(|word| word.parse::<Role>().ok()).collect();
        let roles = self.roles_of(before, who);
        if roles == before {
            return Ok(account);
        }
        if roles.is_empty() {
            tracing::warn!(account = %account.id, "the identity provider leaves an account without any role");
            return Err(no_account());
        }
        let house = self.vault.session(Actor::Operator, "roles by an identity provider")?;
        match house.change_account(account.id, Some(roles), None) {
            Err(error) if error.code() == "last-admin" => {
                tracing::warn!("the identity provider would take the last administrator away; the role stays");
                let roles: Roles = roles.iter().chain([Role::Admin]).collect();
                if roles != before {
                    house.change_account(account.id, Some(roles), None)?;
                }
            }
            other => drop(other?),
        }
        self.find(account.id)
    }

    fn find(&self, id: AccountId) -> Result<Account, Problem> {
        accounts::find(&self.vault, id)?.ok_or_else(no_account)
    }
}

fn came_row(session: RecordId) -> String {
    format!("came-from-elsewhere/{session}")
}

fn row(issuer: &str, subject: &str) -> String {
    let parts = [issuer.as_bytes(), b"\n", subject.as_bytes()];
    format!("elsewhere/{}", digest::hex(&digest::sha256(&parts)))
}

fn no_account() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "no-account", "nobody here has this identity; ask an admin for an invitation")
}

fn problem_of(error: &ProviderError) -> Problem {
    tracing::warn!(%error, "signing in elsewhere failed");
    match error {
        ProviderError::Refused(_) => super::sign_in_failed(),
        ProviderError::Settings | ProviderError::Unreachable => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "provider-unreachable",
            "the identity provider cannot be asked; try again later",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_stays_as_it_is() {
        let account = "6f9619ff-8b86-4011-b42d-00c04fc964ff".parse().expect("an id");
        let came = Came { format: FORMAT, account, token: "a.b.c".to_owned() };
        insta::assert_snapshot!(serde_json::to_string(&came).expect("JSON"), @r#"{"format":1,"account":"6f9619ff-8b86-4011-b42d-00c04fc964ff","token":"a.b.c"}"#);
    }
}
