//! Accounts, for admins: who there is, in which roles, and who may come in.

use std::sync::Arc;

use phm_core::access::{Role, Roles};
use phm_core::id::{ProfileId, RecordId};
use phm_core::vault::{AccountCard, HandOver};
use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::Chapter;
use super::sign_in::{SessionCard, reader};
use crate::auth::accounts::{self, NewAccount};
use crate::http::body::Body;
use crate::http::described::As;
use crate::http::envelope::{Answer, Created, NoContent};
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::problem::Problem;
use crate::http::telling::tell_of_wish;

/// An account as whoever runs the house sees it.
#[derive(Object)]
struct Account {
    /// The account.
    id: String,
    /// The e-mail address one signs in with.
    email: String,
    /// The holder's name.
    name: String,
    /// `admin patient provider pharmacist lab front-desk`.
    roles: Vec<String>,
    /// Whether the holder can sign in.
    active: bool,
}

/// A new account.
#[derive(Deserialize, Object, Serialize)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct New {
    /// The e-mail address one signs in with.
    email: String,
    /// The holder's name.
    name: String,
    /// `admin patient provider pharmacist lab front-desk`; at least one.
    roles: Vec<String>,
    /// The first password.
    password: String,
}

/// What is to change.
#[derive(Deserialize, Object, Serialize)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct Change {
    /// The roles from now on.
    #[serde(default)]
    roles: Option<Vec<String>>,
    /// Whether the holder can sign in; a closed account is out at once.
    #[serde(default)]
    active: Option<bool>,
}

/// Whose records are handed over.
#[derive(Deserialize, Object, Serialize)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct HandedOver {
    /// The person.
    profile: String,
}

/// What became of a wish to hand records over.
#[derive(Object)]
struct TakeOver {
    /// `done`; `asked`, and the family was told; or `waits`, as it was asked for before.
    state: String,
    /// When it can be done without another administrator; without this never, as nobody of the family can hear of it: no
    /// account of theirs is open, and no letter has left the house.
    until: Option<String>,
}

/// Accounts.
pub struct Accounts;

#[OpenApi(tag = "Chapter::Accounts")]
impl Accounts {
    /// Every account, by name.
    #[oai(path = "/accounts", method = "get", operation_id = "accounts_list")]
    async fn list(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
    ) -> Result<Answer<Vec<As<AccountCard, Account>>>, Problem> {
        let cards = house.with(&caller, |session| Ok(session.accounts()?)).await?;
        Ok(Answer::new(cards.into_iter().map(As::new).collect()))
    }

    /// Make an account.
    #[oai(path = "/accounts", method = "post", operation_id = "accounts_create")]
    async fn create(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        body: Body<New>,
    ) -> Result<Created<As<AccountCard, Account>>, Problem> {
        let New { email, name, roles: wanted, password } = body.0;
        let card = house.with(&caller, move |session| {
            session.accounts()?;
            if wanted.is_empty() {
                return Err(Problem::invalid("/roles", "required"));
            }
            roles(&wanted)?;
            let made = accounts::add(&session.vault, &NewAccount { email, name, roles: wanted, password })?;
            session.accounts()?.into_iter().find(|card| card.id == made.id).ok_or_else(Problem::internal)
        });
        Ok(Created::new(As::new(card.await?)))
    }

    /// Give an account other roles, close it or open it again. The last admin stays one.
    #[oai(path = "/accounts/:id", method = "post", operation_id = "accounts_change")]
    async fn change(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        id: Path<String>,
        body: Body<Change>,
    ) -> Result<Answer<As<AccountCard, Account>>, Problem> {
        let id = read_id(&id.0)?;
        let Change { roles: wanted, active } = body.0;
        let card = house.with(&caller, move |session| {
            let roles = wanted.as_deref().map(roles).transpose()?;
            Ok(session.change_account(id, roles, active)?)
        });
        let card = card.await?;
        if !card.active {
            end_sessions(&house, id).await?;
        }
        Ok(Answer::new(As::new(card)))
    }

    /// Sign an account out everywhere.
    #[oai(path = "/accounts/:id/sessions", method = "delete", operation_id = "accounts_sessions_end")]
    async fn sign_out(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        id: Path<String>,
    ) -> Result<NoContent, Problem> {
        let id = read_id(&id.0)?;
        administer(&house, &caller, "account-sign-out", id).await?;
        end_sessions(&house, id).await?;
        Ok(NoContent::default())
    }

    /// Where an account is signed in.
    #[oai(path = "/accounts/:id/sessions", method = "get", operation_id = "accounts_sessions_list")]
    async fn sessions(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        id: Path<String>,
    ) -> Result<Answer<Vec<SessionCard>>, Problem> {
        let id = read_id(&id.0)?;
        administer(&house, &caller, "account-sessions", id).await?;
        let sessions = house.open()?.desk(move |desk| desk.sessions(id)).await?;
        let current = caller.session;
        Ok(Answer::new(sessions.into_iter().map(|session| SessionCard::of(session, current)).collect()))
    }

    /// Hand a person's records over to the person's own account, where nobody in the family can any more: from the age of
    /// `policy.takes_over_from` on. Whoever keeps the records does it in the family. It waits until another administrator asks
    /// for the same, or it is asked for again after a week; until then everybody who is something to the person can refuse.
    #[oai(path = "/accounts/:id/take-over", method = "post", operation_id = "accounts_take_over")]
    async fn take_over(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        request: &Request,
        id: Path<String>,
        body: Body<HandedOver>,
    ) -> Result<Answer<As<HandOver, TakeOver>>, Problem> {
        let (id, t) = (read_id(&id.0)?, reader(request));
        let asked = house.with(&caller, move |session| {
            session.runs_the_house()?;
            let profile: ProfileId = body.0.profile.parse().map_err(|_| Problem::invalid("/profile", "invalid-id"))?;
            Ok((profile, session.hand_over(profile, id)?))
        });
        let (profile, came) = asked.await?;
        Ok(Answer::new(As::new(tell_of_wish(&house, profile, id, came, t).await)))
    }

    /// Forget the wrong passwords and codes that make the holder of an account wait.
    #[oai(path = "/accounts/:id/unlock", method = "post", operation_id = "accounts_unlock")]
    async fn unlock(&self, caller: SignedIn, house: Data<&Arc<House>>, id: Path<String>) -> Result<NoContent, Problem> {
        let id = read_id(&id.0)?;
        administer(&house, &caller, "account-unlock", id).await?;
        house.open()?.desk(move |desk| desk.forgive(id)).await?;
        Ok(NoContent::default())
    }
}

/// Admits somebody who runs the house to do something about an account, and notes it in the log of the house.
pub(in crate::http) async fn administer(
    house: &House,
    caller: &SignedIn,
    operation: &'static str,
    account: RecordId,
) -> Result<AccountCard, Problem> {
    house.with(caller, move |session| Ok(session.administer_account(operation, account)?)).await
}

/// Ends every session of an account.
pub(in crate::http) async fn end_sessions(house: &House, account: RecordId) -> Result<(), Problem> {
    house.open()?.desk(move |desk| desk.end_others(account, None)).await
}

/// Roles that there are.
pub(in crate::http) fn roles(words: &[String]) -> Result<Roles, Problem> {
    let role = |(at, word): (usize, &String)| {
        word.parse::<Role>().map_err(|_| Problem::invalid(format!("/roles/{at}"), "invalid-choice"))
    };
    words.iter().enumerate().map(role).collect()
}

fn read_id(text: &str) -> Result<RecordId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}
