//! Coming in by an identity provider.
//!
//! Somebody is known again by issuer and subject. The first time they are taken for the account with the address the
//! provider vouches for, where the policy says so and the account's own address is proven: an account somebody else made with
//! that address in the meantime is not handed over.

use phm_core::ErrorKind;
use phm_core::access::{AccountId, Actor};
use phm_core::crypto::digest;
use phm_core::id::ProfileId;
use poem::http::StatusCode;

use super::{Arrival, Desk, Outcome};
use crate::auth::accounts::{self, Account, NewAccount};
use crate::auth::invitation;
use crate::auth::provider::{Elsewhere, ProviderError};
use crate::auth::standing::Standing;
use crate::http::Problem;
use crate::settings::OidcLink;

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
    /// 401 `sign-in-failed` for an answer that does not hold, 403 `no-account` for somebody unknown.
    pub fn come_back(
        &self,
        state: &str,
        code: &str,
        issuer: Option<&str>,
        arrival: &Arrival,
    ) -> Result<(Outcome, String), Problem> {
        let provider = self.provider.as_ref().ok_or_else(Problem::not_found)?;
        let leaving = self.leaving.take(state, self.now()).ok_or_else(super::sign_in_failed)?;
        let who = provider.come_back(&leaving, code, issuer).map_err(|error| problem_of(&error))?;
        let account = self.account_of(&who)?;
        self.take_roles(&account, &who)?;
        let account = accounts::find(&self.vault, account.id)?.ok_or_else(no_account)?;
        let outcome = match self.second_factor_of(&account, arrival)? {
            Some(half_way) => Outcome::HalfWay(half_way),
            None => Outcome::Inside(Box::new(self.begin(account, arrival.door, &arrival.agent)?)),
        };
        Ok((outcome, leaving.next))
    }

    fn account_of(&self, who: &Elsewhere) -> Result<Account, Problem> {
        if let Some(id) = self.read::<AccountId>(&row(who))? {
            return accounts::find(&self.vault, id)?.ok_or_else(no_account);
        }
        let email = who.verified_email.as_deref().ok_or_else(no_account)?;
        let gate = self.vault.session(Actor::Gate, "sign-in elsewhere")?;
        let account = match gate.account_by_email(email) {
            Ok(id) if self.settings.oidc_link == OidcLink::Verified => {
                if !Standing::of(&self.vault, id)?.is_proven() {
                    return Err(no_account());
                }
                accounts::find(&self.vault, id)?.ok_or_else(no_account)?
            }
            Ok(_) => return Err(no_account()),
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            Err(_) if !self.settings.oidc_register => return Err(no_account()),
            Err(_) => accounts::add(
                &self.vault,
                &NewAccount {
                    email: email.to_owned(),
                    name: who.name.clone().unwrap_or_else(|| email.to_owned()),
                    roles: vec!["patient".to_owned()],
                    // Nobody knows it; its holder may choose one by a letter.
                    password: invitation::secret(),
                },
            )?,
        };
        let now = self.now();
        self.vault.put_state(ProfileId::SYSTEM, &row(who), &account.id, None)?;
        Standing::change(&self.vault, account.id, |standing| {
            standing.elsewhere = Some((who.issuer.clone(), who.subject.clone()));
            standing.verified_at = Some(now);
        })?;
        Ok(account)
    }

    /// Gives and takes the roles the settings tie to groups; other roles stay, and so does the last administrator.
    fn take_roles(&self, account: &Account, who: &Elsewhere) -> Result<(), Problem> {
        let rules = &self.settings.oidc_roles;
        if rules.is_empty() {
            return Ok(());
        }
        let tied = |role: &String| rules.iter().any(|(_, tied)| tied == role);
        let mut roles: Vec<String> = account.roles.iter().filter(|role| !tied(role)).cloned().collect();
        for (group, role) in rules {
            if who.groups.contains(group) && !roles.contains(role) {
                roles.push(role.clone());
            }
        }
        let is_admin = |roles: &[String]| roles.iter().any(|role| role == "admin");
        if is_admin(&account.roles) && !is_admin(&roles) {
            let others = accounts::all(&self.vault)?;
            if !others.iter().any(|other| other.id != account.id && is_admin(&other.roles)) {
                tracing::warn!("the identity provider would take the last administrator away; the role stays");
                roles.push("admin".to_owned());
            }
        }
        if roles != account.roles {
            accounts::set_roles(&self.vault, account.id, &roles)?;
        }
        Ok(())
    }
}

fn row(who: &Elsewhere) -> String {
    let parts = [who.issuer.as_bytes(), b"\n", who.subject.as_bytes()];
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
