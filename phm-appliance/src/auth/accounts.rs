//! Accounts: who may sign in.
//!
//! An account is a record of kind `account` in the vault's `system` profile, with history like any other; its password
//! hash is sealed state beside it and replaced in place. The first account of a vault is admin and patient.

use phm_core::access::{AccountId, Actor};
use phm_core::crypto::{Cost, hash_password, verify_password};
use phm_core::id::ProfileId;
use phm_core::vault::{AccountCard, Session, Vault};
use phm_core::{Detail, Error};
use serde::Serialize;
use serde_json::json;

use super::password;

/// OWASP's first choice for Argon2id (Password Storage Cheat Sheet, 2024): 19 MiB, two passes.
const COST: Cost = Cost::FLOOR;

/// An account as its holder sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The e-mail address one signs in with.
    pub email: String,
    /// The holder's name.
    pub name: String,
    /// What the holder may do in the house; adds no access to content.
    pub roles: Vec<String>,
    /// The holder's own profile.
    pub profile: Option<ProfileId>,
}

impl From<AccountCard> for Account {
    fn from(card: AccountCard) -> Self {
        Self { id: card.id, email: card.email, name: card.name, roles: card.roles, profile: card.profile }
    }
}

/// What a new account needs.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The e-mail address one signs in with.
    pub email: String,
    /// The holder's name.
    pub name: String,
    /// What the holder may do in the house; empty: `patient`, and for the first account also `admin`.
    pub roles: Vec<String>,
    /// The password in clear.
    pub password: String,
}

/// Adds an account with a profile of its holder's own.
///
/// # Errors
/// `invalid` with the places that break a rule; `email-taken`.
pub fn add(vault: &Vault, actor: Actor, new: &NewAccount) -> phm_core::Result<Account> {
    check(new)?;
    let session = vault.session(actor, "accounts")?;
    let first = session.accounts()?.is_empty();
    let roles = match (new.roles.is_empty(), first) {
        (false, _) => new.roles.clone(),
        (true, true) => vec!["admin".to_owned(), "patient".to_owned()],
        (true, false) => vec!["patient".to_owned()],
    };
    let hash = hash_password(&new.password, COST);
    let person = json!({ "name": { "text": new.name.trim() } });
    let body = json!({ "email": new.email.trim(), "name": new.name.trim(), "roles": roles });
    let (id, _profile) = session.add_account(&body, &person)?;
    session.state(ProfileId::SYSTEM).put(&password_row(id), &hash, None)?;
    find(&session, id)?.ok_or_else(|| Error::internal("a new account is not there"))
}

/// The account with this id, while it is active.
pub fn find(session: &Session, id: AccountId) -> phm_core::Result<Option<Account>> {
    Ok(session.accounts()?.into_iter().find(|account| account.id == id).map(Account::from))
}

/// The account these belong to. Takes as long whether or not the account exists.
pub fn verify(session: &Session, email: &str, password: &str) -> phm_core::Result<Option<Account>> {
    let account = session.account_by_email(email)?;
    let stored = match &account {
        Some(account) => session.state(ProfileId::SYSTEM).get::<String>(&password_row(account.id))?,
        None => None,
    };
    let fits = verify_password(password, stored.as_deref().unwrap_or_else(|| decoy()));
    Ok(account.filter(|_| fits && stored.is_some()).map(Account::from))
}

/// Sets a new password.
pub fn set_password(session: &Session, account: &Account, password: &str) -> phm_core::Result<()> {
    password::check(password, &account.email, &account.name).map_err(|code| fault("/password", code))?;
    let hash = hash_password(password, COST);
    session.state(ProfileId::SYSTEM).put(&password_row(account.id), &hash, None)
}

fn password_row(account: AccountId) -> String {
    format!("password/{account}")
}

/// The hash of a password nobody has, for accounts nobody has.
fn decoy() -> &'static str {
    static DECOY: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    DECOY.get_or_init(|| hash_password(&super::invitation::secret(), COST))
}

/// Checks what a new account is made of.
pub fn check(new: &NewAccount) -> phm_core::Result<()> {
    let mut faults = Vec::new();
    let email = new.email.trim();
    let looks_right = email.len() <= 254
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if !looks_right {
        faults.push(Detail { path: "/email".to_owned(), code: "invalid-email" });
    }
    if new.name.trim().is_empty() || new.name.len() > 200 {
        faults.push(Detail { path: "/name".to_owned(), code: "invalid-value" });
    }
    if let Err(code) = password::check(&new.password, email, &new.name) {
        faults.push(Detail { path: "/password".to_owned(), code });
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::invalid(faults)) }
}

fn fault(path: &str, code: &'static str) -> Error {
    Error::invalid(vec![Detail { path: path.to_owned(), code }])
}
