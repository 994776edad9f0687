//! Tokens with which programs act for an account.
//!
//! A token is opaque, narrower than its account, and ends. Its text is `phm_`, its id, and a secret of 256 bits that is
//! shown once; the vault keeps an HMAC of the secret under the token key, so a copy of the vault's records lets nobody
//! in. What a token may do is decided anew at every use: it never exceeds what its account may do then.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::people::KnownToken;
use super::session::Session;
use super::{Inner, Vault};
use crate::access::{AccountId, Actions, Actor, Kinds, TokenId, TokenLimits};
use crate::crypto;
use crate::crypto::digest::same;
use crate::error::{Detail, Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::time::{Instant, When};

/// The kind of records that hold tokens.
const TOKEN: &str = "token";
/// What every token's text begins with, so that people and scanners for leaked secrets know it.
const PREFIX: &str = "phm_";
/// How long a token may hold at most.
const LONGEST_DAYS: i64 = 366;

/// What somebody asks a token for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    name: String,
    profiles: Vec<ProfileId>,
    kinds: Vec<String>,
    actions: Actions,
    expires_at: When,
}

/// A token as its owner sees it; its secret is known to nobody but who was shown it.
#[derive(Clone, Debug, Serialize)]
pub struct TokenCard {
    /// The token.
    pub id: TokenId,
    /// What it is called.
    pub name: String,
    /// On whose records.
    pub profiles: Vec<ProfileId>,
    /// On which kinds.
    pub kinds: Vec<String>,
    /// What it may do.
    pub actions: Actions,
    /// When it was made.
    pub created_at: Option<Instant>,
    /// Until when it holds.
    pub expires_at: Option<Instant>,
    /// Whether it was taken back.
    pub revoked: bool,
}

/// A token that was just made.
pub struct MadeToken {
    /// What its owner sees from now on.
    pub card: TokenCard,
    /// Its text, which is shown once.
    pub text: Zeroizing<String>,
}

// The secret never ends up in a log by way of `{:?}`.
impl std::fmt::Debug for MadeToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MadeToken(..)")
    }
}

impl Session {
    /// Makes a token for the account at work: `name`, `profiles`, `kinds`, `actions` and `expires_at`, none of them empty.
    ///
    /// # Errors
    /// `invalid` with the places that break a rule; `not-granted` or `not-found` where the account itself may not do what
    /// the token is to do.
    pub fn make_token(&self, body: &Value) -> Result<MadeToken> {
        let Actor::Person { account } = self.actor else {
            return Err(Error::new(ErrorKind::Denied, "not-granted", "only somebody who signed in makes tokens"));
        };
        let now = self.inner.now();
        let wanted = read(body, now, |kind| self.inner.options.kinds.get(kind).is_some_and(|info| !info.system))?;
        for profile in &wanted.profiles {
            self.may_know(*profile)?;
            for kind in self.kinds_of(&Kinds::of(wanted.kinds.iter().cloned())) {
                for action in wanted.actions.iter() {
                    self.permit(action, *profile, kind)?;
                }
            }
        }
        let secret: Zeroizing<[u8; 32]> = Zeroizing::new(crypto::random());
        let id = RecordId::new();
        let (epoch, key) = self.inner.keys.token_key()?;
        let digest = URL_SAFE_NO_PAD.encode(key.digest(id.as_bytes(), &secret[..]));
        let expires = match wanted.expires_at {
            When::Instant(moment) => moment,
            When::Date(day) => day.end(),
        };
        let body = json!({
            "name": wanted.name, "account": account, "profiles": wanted.profiles, "kinds": wanted.kinds,
            "actions": wanted.actions, "expires_at": expires, "created_at": now,
            "secret_hash": format!("{epoch}.{digest}"),
        });
        self.add_system(TOKEN, id, &body, None)?;
        let shown = Zeroizing::new([id.as_bytes().as_slice(), &secret[..]].concat());
        let text = Zeroizing::new([PREFIX, &*Zeroizing::new(URL_SAFE_NO_PAD.encode(&*shown))].concat());
        let card = TokenCard {
            id,
            name: wanted.name,
            profiles: wanted.profiles,
            kinds: wanted.kinds,
            actions: wanted.actions,
            created_at: Some(now),
            expires_at: Some(expires),
            revoked: false,
        };
        Ok(MadeToken { card, text })
    }

    /// The tokens of the account at work, newest first.
    pub fn tokens(&self) -> Result<Vec<TokenCard>> {
        let account = self.actor.account().ok_or_else(Error::not_found)?;
        let people = self.people()?;
        let mut cards: Vec<TokenCard> = people.tokens_of(account).map(card).collect();
        cards.sort_by(|a, b| b.created_at.cmp(&a.created_at).then(a.id.cmp(&b.id)));
        Ok(cards)
    }

    /// Takes a token of the account at work back; it holds no longer when this returns.
    pub fn revoke_token(&self, id: TokenId) -> Result<()> {
        let Actor::Person { account } = self.actor else { return Err(Error::not_found()) };
        let people = self.people()?;
        people.token(id).filter(|token| token.limits.account == account).ok_or_else(Error::not_found)?;
        let now = self.inner.now();
        self.change_system(TOKEN, id, None, |body| {
            body["revoked_at"] = json!(now);
        })
    }

    /// Takes back every token of an account, whose address or password somebody else may have had. For the door; answers how
    /// many held until now.
    ///
    /// # Errors
    /// `not-granted` for anybody else.
    pub fn revoke_tokens_of(&self, account: AccountId) -> Result<usize> {
        self.minds_the_door()?;
        let (now, people) = (self.inner.now(), self.people()?);
        let holds = |limits: &&TokenLimits| !limits.revoked && limits.expires_at.is_some_and(|expires| now < expires);
        let ids: Vec<TokenId> =
            people.tokens_of(account).map(|token| &token.limits).filter(holds).map(|limits| limits.id).collect();
        for id in &ids {
            self.change_system(TOKEN, *id, None, |body| body["revoked_at"] = json!(now))?;
        }
        Ok(ids.len())
    }

    /// The kinds of record that are meant.
    pub(super) fn kinds_of(&self, kinds: &Kinds) -> Vec<&'static str> {
        let all = self.inner.options.kinds.iter().filter(|info| !info.system);
        all.filter(|info| kinds.contains(info.name)).map(|info| info.name).collect()
    }
}

impl Vault {
    /// Whose token this is, if it is one, and holds.
    ///
    /// # Errors
    /// `wrong-secret`, whatever is wrong with it.
    pub fn admit_token(&self, text: &str) -> Result<(TokenId, AccountId)> {
        self.inner.admit_token(text)
    }
}

impl Inner {
    fn admit_token(&self, text: &str) -> Result<(TokenId, AccountId)> {
        let refused = || Error::new(ErrorKind::WrongSecret, "wrong-secret", "this token does not hold");
        let (id, secret) = parse(text).ok_or_else(refused)?;
        let people = self.people()?;
        let token = people.token(id).ok_or_else(refused)?;
        let kept = token.digest.as_deref().ok_or_else(refused)?;
        let (epoch, digest) = kept.split_once('.').ok_or_else(refused)?;
        let key = epoch.parse().ok().and_then(|epoch| self.keys.token_key_at(epoch)).ok_or_else(refused)?;
        let shown = URL_SAFE_NO_PAD.encode(key.digest(id.as_bytes(), &secret[..]));
        let limits = &token.limits;
        let holds = !limits.revoked
            && limits.expires_at.is_some_and(|expires| self.now() < expires)
            && people.active(limits.account);
        if same(shown.as_bytes(), digest.as_bytes()) && holds { Ok((id, limits.account)) } else { Err(refused()) }
    }
}

fn card(token: &KnownToken) -> TokenCard {
    let KnownToken { name, limits, made_at, .. } = token;
    TokenCard {
        id: limits.id,
        name: name.clone(),
        profiles: limits.profiles.clone(),
        kinds: limits.kinds.names().into_iter().map(str::to_owned).collect(),
        actions: limits.actions,
        created_at: *made_at,
        expires_at: limits.expires_at,
        revoked: limits.revoked,
    }
}

/// Id and secret of a token's text.
fn parse(text: &str) -> Option<(TokenId, Zeroizing<[u8; 32]>)> {
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?);
    let (id, secret) = bytes.split_first_chunk::<16>()?;
    Some((RecordId::from_bytes(*id), Zeroizing::new(secret.try_into().ok()?)))
}

/// Reads what somebody asks a token for.
fn read(body: &Value, now: Instant, known: impl Fn(&str) -> bool) -> Result<Wanted> {
    let mut wrong = Vec::new();
    let mut say = |path: String, code: &'static str| wrong.push(Detail { path, code });
    let Value::Object(fields) = body else {
        return Err(Error::invalid(vec![Detail { path: String::new(), code: "not-an-object" }]));
    };
    for name in fields.keys() {
        if !["name", "profiles", "kinds", "actions", "expires_at"].contains(&name.as_str()) {
            say(format!("/{name}"), "unknown-field");
        }
    }
    for name in ["name", "profiles", "kinds", "actions", "expires_at"] {
        let given = fields.get(name).is_some_and(|value| match value {
            Value::Null => false,
            Value::Array(items) => !items.is_empty(),
            Value::String(text) => !text.trim().is_empty(),
            _ => true,
        });
        if !given {
            say(format!("/{name}"), "required");
        }
    }
    let kinds = fields.get("kinds").and_then(Value::as_array).into_iter().flatten();
    for (n, kind) in kinds.enumerate() {
        if !kind.as_str().is_some_and(|kind| kind == "*" || known(kind)) {
            say(format!("/kinds/{n}"), "unknown-kind");
        }
    }
    if wrong.is_empty() {
        match serde_json::from_value::<Wanted>(body.clone()) {
            Ok(wanted) => {
                let end = match wanted.expires_at {
                    When::Instant(moment) => moment,
                    When::Date(day) => day.end(),
                };
                if end <= now {
                    wrong.push(Detail { path: "/expires_at".to_owned(), code: "in-the-past" });
                } else if end > now.plus_millis(LONGEST_DAYS * 24 * 3_600_000) {
                    wrong.push(Detail { path: "/expires_at".to_owned(), code: "too-late" });
                } else {
                    return Ok(wanted);
                }
            }
            Err(_) => wrong.push(Detail { path: field_that_fails(fields), code: "invalid" }),
        }
    }
    Err(Error::invalid(wrong))
}

/// The first field that does not read as what it should be.
fn field_that_fails(fields: &serde_json::Map<String, Value>) -> String {
    let reads = |name: &str| {
        let value = fields.get(name).cloned().unwrap_or_default();
        match name {
            "name" => value.is_string(),
            "profiles" => serde_json::from_value::<Vec<ProfileId>>(value).is_ok(),
            "actions" => serde_json::from_value::<Actions>(value).is_ok(),
            "expires_at" => serde_json::from_value::<When>(value).is_ok(),
            _ => value.is_array(),
        }
    };
    let names = ["name", "profiles", "kinds", "actions", "expires_at"];
    names.into_iter().find(|name| !reads(name)).map(|name| format!("/{name}")).unwrap_or_default()
}
