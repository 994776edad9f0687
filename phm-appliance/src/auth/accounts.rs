//! Accounts: who may sign in.
//!
//! An account is a record of kind `account` in the vault's `system` profile, with history like any other. The first
//! account of a vault is admin and patient; every patient has a profile of their own.

use std::sync::{Mutex, PoisonError};

use phm_core::access::{AccountId, Action, Actor};
use phm_core::crypto::kdf::{Cost, hash_password, verify_password};
use phm_core::id::ProfileId;
use phm_core::index::{Query, Sort};
use phm_core::vault::{How, Removed, Vault};
use phm_core::{Detail, Error, ErrorKind};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::hashing::{self, Turn};
use super::password;

/// The kind of the records of accounts.
const ACCOUNT: &str = "account";

/// OWASP's first choice for Argon2id (Password Storage Cheat Sheet, 2024): 19 MiB, two passes.
const COST: Cost = Cost::FLOOR;

/// One at a time: two people must not take one address together, nor both be the first.
static TURN: Mutex<()> = Mutex::new(());

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

/// An account as it is stored.
#[derive(Deserialize)]
struct Stored {
    email: String,
    name: String,
    #[serde(default)]
    roles: Vec<String>,
    password_hash: Option<String>,
    status: Option<String>,
}

/// Adds an account and, for a patient, the holder's own profile.
///
/// # Errors
/// `invalid` with the places that break a rule; `email-taken`.
pub fn add(vault: &Vault, new: &NewAccount) -> phm_core::Result<Account> {
    check(new)?;
    let password_hash = hashed(&new.password)?;
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let session = vault.session(Actor::Operator, "accounts")?;
    match session.account_by_email(&new.email) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
        Ok(_) => return Err(email_taken()),
    }
    let roles = match (new.roles.is_empty(), vault.has_accounts()?) {
        (false, _) => new.roles.clone(),
        (true, false) => vec!["admin".to_owned(), "patient".to_owned()],
        (true, true) => vec!["patient".to_owned()],
    };
    let (email, name) = (new.email.trim(), new.name.trim());
    let body = json!({ "email": email, "name": name, "roles": roles, "password_hash": password_hash });
    let permit = session.permit(Action::Add, ProfileId::SYSTEM, ACCOUNT)?;
    let account = session.add(&permit, &body, How::Typed)?.id;
    if roles.iter().any(|role| role == "patient") {
        session.add_own_profile(&json!({ "name": { "text": name } }), account)?;
    }
    find(vault, account)?.ok_or_else(|| Error::internal("a new account is not there"))
}

/// The account with this id, while it is active.
pub fn find(vault: &Vault, id: AccountId) -> phm_core::Result<Option<Account>> {
    Ok(stored(vault, id)?.map(|(account, _)| account))
}

/// Every active account, oldest first.
pub fn all(vault: &Vault) -> phm_core::Result<Vec<Account>> {
    let session = vault.session(Actor::Operator, "accounts")?;
    let permit = session.permit(Action::Read, ProfileId::SYSTEM, ACCOUNT)?;
    let mut query = Query { sort: Sort::OldestFirst, per_page: 200, ..Query::default() };
    let mut accounts = Vec::new();
    loop {
        let page = session.summaries(&permit, &query)?;
        for row in &page.items {
            accounts.extend(find(vault, row.id)?);
        }
        if u64::from(query.page) * u64::from(query.per_page) >= page.total {
            return Ok(accounts);
        }
        query.page += 1;
    }
}

/// The account these belong to. Takes as long whether or not the account exists; the caller holds a turn at hashing.
pub(super) fn verify(vault: &Vault, email: &str, password: &str, _turn: &Turn) -> phm_core::Result<Option<Account>> {
    let gate = vault.session(Actor::Gate, "sign-in")?;
    let found = match gate.account_by_email(email) {
        Ok(id) => stored(vault, id)?,
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let hash = found.as_ref().and_then(|(_, hash)| hash.as_deref());
    let fits = verify_password(password, hash.unwrap_or_else(|| decoy()));
    Ok(found.filter(|(_, hash)| fits && hash.is_some()).map(|(account, _)| account))
}

/// Whether this is the password of the account.
pub fn has_password(vault: &Vault, id: AccountId, password: &str) -> phm_core::Result<bool> {
    let hash = stored(vault, id)?.and_then(|(_, hash)| hash);
    let _turn = hashing::turn()?;
    let fits = verify_password(password, hash.as_deref().unwrap_or_else(|| decoy()));
    Ok(fits && hash.is_some())
}

/// Gives an active account a new password, which was checked before.
///
/// # Errors
/// `not-found` when there is no such account, or it is not active.
pub fn set_password(vault: &Vault, id: AccountId, password: &str) -> phm_core::Result<()> {
    let hash = hashed(password)?;
    amend(vault, id, "a new password", |body| body["password_hash"] = json!(hash))
}

/// Gives an active account another address to sign in with.
///
/// # Errors
/// `invalid` for what is no address; `email-taken`; `not-found` when there is no such account, or it is not active.
pub fn set_email(vault: &Vault, id: AccountId, email: &str) -> phm_core::Result<()> {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    may_have(vault, id, email)?;
    let email = email.trim();
    amend(vault, id, "a new address", |body| body["email"] = json!(email))
}

/// Whether an account may have this address to sign in with; nothing is changed.
///
/// # Errors
/// `invalid` for what is no address; `email-taken`.
pub fn may_have(vault: &Vault, id: AccountId, email: &str) -> phm_core::Result<()> {
    check_email(email)?;
    match vault.session(Actor::Gate, "a new address")?.account_by_email(email.trim()) {
        Ok(other) if other != id => Err(email_taken()),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Changes the record of an active account.
fn amend(vault: &Vault, id: AccountId, purpose: &str, change: impl Fn(&mut serde_json::Value)) -> phm_core::Result<()> {
    let session = vault.session(Actor::Operator, purpose)?;
    let read = session.permit(Action::Read, ProfileId::SYSTEM, ACCOUNT)?;
    let amend = session.permit(Action::Amend, ProfileId::SYSTEM, ACCOUNT)?;
    // Somebody may change the account at the same moment; theirs is kept, and ours is put upon it.
    for _ in 0..3 {
        let record = session.read(&read, id, Removed::Hide)?;
        let mut body: serde_json::Value = serde_json::from_str(record.body.get())
            .map_err(|_| Error::corrupt("an account has an unknown form; run `phm verify`"))?;
        if body.get("status").is_some_and(|status| status != "active") {
            return Err(Error::not_found());
        }
        change(&mut body);
        match session.amend(&amend, id, record.version, &body, How::Typed) {
            Err(error) if error.kind() == ErrorKind::Conflict => {}
            other => return other.map(|_| ()),
        }
    }
    Err(Error::new(ErrorKind::Busy, "busy", "the account is being changed; try again"))
}

/// Checks a new password of somebody.
pub fn check_password(password: &str, email: &str, name: &str) -> phm_core::Result<()> {
    password::check(password, email, name)
        .map_err(|code| Error::invalid(vec![Detail { path: "/password".to_owned(), code }]))
}

/// An active account with the hash of its password.
fn stored(vault: &Vault, id: AccountId) -> phm_core::Result<Option<(Account, Option<String>)>> {
    let gate = vault.session(Actor::Gate, "sign-in")?;
    let permit = gate.permit(Action::Read, ProfileId::SYSTEM, ACCOUNT)?;
    let record = match gate.read(&permit, id, Removed::Hide) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let stored: Stored = serde_json::from_str(record.body.get())
        .map_err(|_| Error::corrupt("an account has an unknown form; run `phm verify`"))?;
    if stored.status.is_some_and(|status| status != "active") {
        return Ok(None);
    }
    let profile = vault.own_profile(id)?;
    let Stored { email, name, roles, password_hash, .. } = stored;
    Ok(Some((Account { id, email, name, roles, profile }, password_hash)))
}

/// What is kept of a password.
fn hashed(password: &str) -> phm_core::Result<String> {
    let _turn = hashing::turn()?;
    Ok(hash_password(password, COST))
}

/// The hash of a password nobody has, for accounts nobody has.
fn decoy() -> &'static str {
    static DECOY: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    DECOY.get_or_init(|| hash_password(&super::invitation::secret(), COST))
}

fn email_taken() -> Error {
    Error::new(ErrorKind::Conflict, "email-taken", "somebody signs in with this address already")
}

/// Whether a text may be an address: one name at one host, and nothing that means more to a mail program.
fn is_address(email: &str) -> bool {
    email.len() <= 254
        && !email.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[]\\,;:\"".contains(c))
        && email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
}

/// Checks an address somebody is to sign in with.
pub fn check_email(email: &str) -> phm_core::Result<()> {
    if is_address(email.trim()) {
        return Ok(());
    }
    Err(Error::invalid(vec![Detail { path: "/email".to_owned(), code: "invalid-email" }]))
}

/// Checks what a new account is made of.
pub fn check(new: &NewAccount) -> phm_core::Result<()> {
    let mut faults = Vec::new();
    let email = new.email.trim();
    if !is_address(email) {
        faults.push(Detail { path: "/email".to_owned(), code: "invalid-email" });
    }
    if new.name.trim().is_empty() {
        faults.push(Detail { path: "/name".to_owned(), code: "required" });
    } else if new.name.len() > 200 {
        faults.push(Detail { path: "/name".to_owned(), code: "too-long" });
    }
    // Words of a name or address that is none are not compared with: there may be any number of them.
    let (own_email, own_name) = if faults.is_empty() { (email, new.name.as_str()) } else { ("", "") };
    if let Err(code) = password::check(&new.password, own_email, own_name) {
        faults.push(Detail { path: "/password".to_owned(), code });
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::invalid(faults)) }
}
