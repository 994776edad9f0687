//! Grants: what a person lets somebody do with their records, for how long, and its end.

use std::sync::Arc;

use phm_core::access::{AccountId, Action, GrantId, Roles, Template};
use phm_core::id::ProfileId;
use phm_core::vault::{Given, GrantState};
use poem::Request;
use poem::web::Data;
use poem_openapi::param::{Header, Path};
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::Chapter;
use super::idempotency::Once;
use super::place::ProfileName;
use super::sign_in::reader;
use crate::http::body::Told;
use crate::http::described::As;
use crate::http::envelope::{Answer, Created, NoContent};
use crate::http::guard::{Caller, SignedIn};
use crate::http::house::{AtWork, House};
use crate::http::problem::Problem;
use crate::http::telling::tell;
use crate::notify::letters;

/// To whom something is granted: exactly one of these.
#[derive(Object)]
struct Recipient {
    /// An account, by id.
    account: Option<String>,
    /// Everybody in a role: `admin patient provider pharmacist lab front-desk`.
    role: Option<String>,
    /// A token, by id.
    token: Option<String>,
    /// A plugin, by name.
    plugin: Option<String>,
    /// A service of the house, by name: a standing grant for its work.
    service: Option<String>,
}

/// What a person lets somebody do with their records. What a known `template` fills in need not be said.
#[derive(Object)]
pub(super) struct Terms {
    /// To whom.
    to: Recipient,
    /// Hosts to which a plugin may send what it reads.
    hosts: Option<Vec<String>>,
    /// The kinds of record; `*` stands for all.
    kinds: Option<Vec<String>>,
    /// Only records that occurred from here on.
    from: Option<String>,
    /// Only records that occurred up to here, inclusive.
    to_date: Option<String>,
    /// The sensitive records that are named, by their labels: `mental-health sexual-health private-note`.
    labels: Option<Vec<String>>,
    /// Only these records.
    records: Option<Vec<String>>,
    /// What may be done: `read add amend share export`; `amend` covers removing and restoring.
    actions: Option<Vec<String>>,
    /// Why.
    purpose: Option<String>,
    /// First moment; the present one unless said otherwise.
    starts_at: Option<String>,
    /// First moment after it; a day means its end. Without one it lasts until it is revoked.
    ends_at: Option<String>,
    /// The template it is made from.
    template: Option<String>,
    /// For emergencies: it opens nothing until so many hours after it was asked for.
    wait_hours: Option<u16>,
}

/// An actor by name.
#[derive(Object)]
struct Who {
    /// `person token plugin service operator gate`.
    r#type: String,
    /// Of the account, token or standing grant; a plugin's name.
    id: String,
    /// The name people know them by.
    name: String,
}

/// A grant as those concerned see it.
#[derive(Object)]
pub(super) struct Grant {
    /// The grant.
    id: String,
    /// On whose records.
    profile: String,
    /// Who gave it.
    given_by: Who,
    /// The name of the account it is given to, where it is given to one.
    to_name: Option<String>,
    /// What it gives.
    #[oai(flatten)]
    terms: Terms,
    /// What it gives now: `scheduled waiting asked live ended revoked`.
    state: String,
    /// From when on it opens something; none for an emergency nobody has asked about.
    opens_at: Option<String>,
    /// When it was taken back.
    revoked_at: Option<String>,
}

/// A template in the list of templates.
#[derive(Object, Serialize)]
struct TemplateCard {
    /// Its name.
    name: String,
    /// The kinds of record.
    kinds: Vec<String>,
    /// What may be done.
    actions: Vec<String>,
    /// How many hours it lasts; without it, until it is revoked.
    hours: Option<u16>,
    /// How many hours a grant for emergencies waits after it was asked for.
    wait_hours: Option<u16>,
}

/// Somebody to whom access can be given by name.
#[derive(Object, Serialize)]
struct Acquaintance {
    /// The account.
    account: String,
    /// The name.
    name: String,
    /// What they are in the house.
    roles: Vec<String>,
}

/// Grants.
pub struct Grants;

// poem-openapi awaits every operation.
#[allow(clippy::unused_async)]
#[OpenApi(tag = "Chapter::Consent")]
impl Grants {
    /// Who may see a person's records: all grants for whoever answers for the person, else those from and to the
    /// caller.
    #[oai(path = "/profiles/:profile/grants", method = "get", operation_id = "grants_list")]
    async fn list(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<Answer<Vec<Shown>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let given = house.with(&caller, move |session| Ok(session.grants(profile.resolve(session)?)?)).await?;
        Ok(Answer::new(given.into_iter().map(Shown::new).collect()))
    }

    /// Let somebody do something with a person's records.
    #[oai(path = "/profiles/:profile/grants", method = "post", operation_id = "grants_create")]
    async fn create(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        request: &Request,
        body: Told<Terms>,
        /// The same key and body within 24 hours give the same answer and grant nothing more.
        #[oai(name = "Idempotency-Key")]
        _key: Header<Option<String>>,
    ) -> Result<Created<As<Box<RawValue>, Grant>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let once = Once::read(request, &body.bytes)?;
        let terms = body.value;
        let given = house.with(&caller, move |session| {
            let profile = profile.resolve(session)?;
            let give = || to_raw_value(&session.give(profile, &terms)?).map_err(|_| Problem::internal());
            match once {
                Some(once) => {
                    // What was answered once is not answered to whoever has lost the right since.
                    session.permit(Action::Share, profile, "profile")?;
                    once.keep_answer(session, give)
                }
                None => give(),
            }
        });
        Ok(Created::new(As::new(given.await?)))
    }

    /// One grant.
    #[oai(path = "/profiles/:profile/grants/:id", method = "get", operation_id = "grants_read")]
    async fn read(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        id: Path<String>,
    ) -> Result<Answer<Shown>, Problem> {
        let (profile, id) = place(&profile.0, &id.0)?;
        let found = house.with(&caller, move |session| {
            let all = session.grants(profile.resolve(session)?)?;
            all.into_iter().find(|given| given.id == id).ok_or_else(Problem::not_found)
        });
        Ok(Answer::new(Shown::new(found.await?)))
    }

    /// Take a grant back, or give up one of one's own. Whatever it opened closes at once.
    #[oai(path = "/profiles/:profile/grants/:id", method = "delete", operation_id = "grants_revoke")]
    async fn revoke(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        id: Path<String>,
    ) -> Result<NoContent, Problem> {
        let (profile, id) = place(&profile.0, &id.0)?;
        house.with(&caller, move |session| Ok(session.revoke(profile.resolve(session)?, id)?)).await?;
        Ok(NoContent::default())
    }

    /// Ask for what was granted for an emergency: it opens when its hours have passed and nobody has said no.
    #[oai(path = "/profiles/:profile/grants/:id/ask", method = "post", operation_id = "grants_ask")]
    async fn ask(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        id: Path<String>,
        request: &Request,
    ) -> Result<Answer<Shown>, Problem> {
        let ((profile, id), t) = (place(&profile.0, &id.0)?, reader(request));
        let asked = house.with(&caller, move |session| ask_once(session, profile.resolve(session)?, id));
        let (given, first) = asked.await?;
        if first {
            tell(&house, given.profile, t, letters::asked).await;
        }
        Ok(Answer::new(Shown::new(given)))
    }

    /// Say no to somebody who asked in an emergency.
    #[oai(path = "/profiles/:profile/grants/:id/refuse", method = "post", operation_id = "grants_refuse")]
    async fn refuse(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        id: Path<String>,
    ) -> Result<Answer<Shown>, Problem> {
        let (profile, id) = place(&profile.0, &id.0)?;
        let refused =
            house.with(&caller, move |session| Ok(session.refuse_in_emergency(profile.resolve(session)?, id)?));
        Ok(Answer::new(Shown::new(refused.await?)))
    }

    /// The templates of grants, for saying them in plain words.
    #[oai(path = "/grant-templates", method = "get", operation_id = "grant_templates_list")]
    async fn templates(&self, _caller: Caller) -> Result<Answer<Vec<TemplateCard>>, Problem> {
        let card = |template: &Template| TemplateCard {
            name: template.name.to_owned(),
            kinds: template.kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            actions: template.actions.iter().map(ToString::to_string).collect(),
            hours: template.hours,
            wait_hours: template.wait_hours,
        };
        Ok(Answer::new(Template::ALL.iter().map(card).collect()))
    }

    /// To whom access to a person's records can be given by name: the staff of the house and one's family.
    #[oai(path = "/profiles/:profile/acquaintances", method = "get", operation_id = "acquaintances_list")]
    async fn acquaintances(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<Answer<Vec<Acquaintance>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let found = house.with(&caller, move |session| Ok(session.acquaintances(profile.resolve(session)?)?)).await?;
        let card = |(account, name, roles): (AccountId, String, Roles)| Acquaintance {
            account: account.to_string(),
            name,
            roles: roles.iter().map(|role| role.to_string()).collect(),
        };
        Ok(Answer::new(found.into_iter().map(card).collect()))
    }
}

/// The person and the grant a path names.
pub(super) fn place(profile: &str, id: &str) -> Result<(ProfileName, GrantId), Problem> {
    Ok((ProfileName::read(profile)?, id.parse().map_err(|_| Problem::not_found())?))
}

/// Asks for what was granted for an emergency, and says whether nobody had asked before.
pub(in crate::http) fn ask_once(session: &AtWork, profile: ProfileId, id: GrantId) -> Result<(Given, bool), Problem> {
    let waits = |given: &Given| given.id == id && given.state == GrantState::Waiting;
    let first = session.emergencies()?.iter().any(waits);
    Ok((session.ask_in_emergency(profile, id)?, first))
}

/// A grant as the core answers it.
pub(super) type Shown = As<Given, Grant>;
