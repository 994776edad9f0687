//! The family of a person: owners, guardians, carers; inviting, changing, leaving.

use std::sync::Arc;

use phm_core::access::{AccountId, CarerRights, Kinds, Labels, Sensitivity};
use phm_core::id::RecordId;
use phm_core::time::{Instant, When};
use phm_core::vault::{Invited, Offer, Related, WaitingInvitation};
use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::Chapter;
use super::place::ProfileName;
use super::sign_in::reader;
use crate::http::body::Body;
use crate::http::described::As;
use crate::http::envelope::{Answer, Created, NoContent};
use crate::http::guard::SignedIn;
use crate::http::house::{AtWork, House};
use crate::http::problem::Problem;
use crate::http::telling::tell_family;

/// How an account stands to a person.
#[derive(Object)]
struct Member {
    /// The relation's own id.
    id: String,
    /// The account.
    account: String,
    /// The name of its holder.
    name: String,
    /// `self owner guardian carer`.
    relation: String,
    /// A carer's kinds; `*` stands for all.
    kinds: Option<Vec<String>>,
    /// Whether a carer may add and change records.
    edit: Option<bool>,
    /// The sensitive labels that were named for a carer.
    labels: Option<Vec<String>>,
    /// Until when a carer is one; without it, until that is ended.
    ends_at: Option<String>,
    /// Whether it is the caller's own.
    mine: bool,
}

/// What a carer may do.
#[derive(Deserialize, Object, Serialize)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct Rights {
    /// The kinds of record; `*` stands for all.
    kinds: Vec<String>,
    /// Whether they may add and change records; otherwise they look only.
    #[serde(default)]
    #[oai(default)]
    edit: bool,
    /// The sensitive labels that are named: `mental-health sexual-health private-note`.
    #[serde(default)]
    #[oai(default)]
    labels: Vec<String>,
    /// Until when they are a carer; a day means its end. An end that was set stays unless another one is named.
    #[serde(default)]
    ends_at: Option<String>,
}

/// What somebody is to be to a person.
#[derive(Deserialize, Object, Serialize)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct Offered {
    /// `carer guardian owner self`; `self` is the person, who takes the records over.
    relation: String,
    /// Of a carer: the kinds of record; `*` stands for all.
    #[serde(default)]
    kinds: Option<Vec<String>>,
    /// Of a carer: whether they may add and change records.
    #[serde(default)]
    edit: Option<bool>,
    /// Of a carer: the sensitive labels that are named.
    #[serde(default)]
    labels: Option<Vec<String>>,
    /// Of a carer: until when they are one; a day means its end. Whom a guardian lets in is one no longer than the
    /// guardian.
    #[serde(default)]
    ends_at: Option<String>,
}

/// Somebody whose account is known, and what they are to be to a person.
#[derive(Deserialize, Object, Serialize)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct LetIn {
    /// The account.
    account: String,
    /// `carer guardian owner self`; `self` is the person, who takes the records over.
    relation: String,
    /// Of a carer: the kinds of record; `*` stands for all.
    #[serde(default)]
    kinds: Option<Vec<String>>,
    /// Of a carer: whether they may add and change records.
    #[serde(default)]
    edit: Option<bool>,
    /// Of a carer: the sensitive labels that are named.
    #[serde(default)]
    labels: Option<Vec<String>>,
    /// Of a carer: until when they are one; a day means its end. Whom a guardian lets in is one no longer than the
    /// guardian.
    #[serde(default)]
    ends_at: Option<String>,
}

/// An invitation; its secret is shown once.
#[derive(Object, Serialize)]
struct MadeInvitation {
    /// What the invited person accepts it with.
    invitation: String,
    /// The page on which they do.
    url: String,
    /// Until when it is good.
    expires_at: String,
}

/// An invitation that nobody has accepted.
#[derive(Object)]
struct WaitingCard {
    /// Its id, which accepts nothing.
    id: String,
    /// Who gave it.
    by: Inviter,
    /// As what.
    relation: String,
    /// A carer's kinds.
    kinds: Option<Vec<String>>,
    /// Whether a carer may add and change records.
    edit: Option<bool>,
    /// The sensitive labels that are named for a carer.
    labels: Option<Vec<String>>,
    /// Until when a carer is one.
    ends_at: Option<String>,
    /// Until when it is good.
    expires_at: String,
}

/// The secret of an invitation.
#[derive(Deserialize, Object, Serialize)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct Secret {
    /// As it was shown to whoever made it.
    invitation: String,
}

/// Who invites.
#[derive(Object)]
struct Inviter {
    /// `person` or `operator`.
    r#type: String,
    /// The account.
    id: String,
    /// The name people know them by.
    name: String,
}

/// An invitation as the invited sees it.
#[derive(Object)]
struct Shown {
    /// To whose family.
    profile: String,
    /// The person's name.
    name: String,
    /// Who invites.
    by: Inviter,
    /// As what.
    relation: String,
    /// A carer's kinds.
    kinds: Option<Vec<String>>,
    /// Whether a carer may add and change records.
    edit: Option<bool>,
    /// The sensitive labels that are named for a carer.
    labels: Option<Vec<String>>,
    /// Until when a carer is one.
    ends_at: Option<String>,
}

/// The family one has come into.
#[derive(Object, Serialize)]
struct Joined {
    /// The person.
    profile: String,
}

/// Families.
pub struct Families;

#[OpenApi(tag = "Chapter::Family")]
impl Families {
    /// How accounts stand to a person: all for whoever answers for the person, else what is the caller's own.
    #[oai(path = "/profiles/:profile/family", method = "get", operation_id = "family_list")]
    async fn list(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<Answer<Vec<As<Related, Member>>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let all = house.with(&caller, move |session| Ok(session.family(profile.resolve(session)?)?)).await?;
        Ok(Answer::new(all.into_iter().map(As::new).collect()))
    }

    /// Let an account that is known be a carer, a guardian, an owner, or the person, who then takes the records over.
    #[oai(path = "/profiles/:profile/family", method = "post", operation_id = "family_let_in")]
    async fn let_in(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        request: &Request,
        profile: Path<String>,
        body: Body<LetIn>,
    ) -> Result<NoContent, Problem> {
        let t = reader(request);
        let profile = ProfileName::read(&profile.0)?;
        let LetIn { account, relation, kinds, edit, labels, ends_at } = body.0;
        let account: AccountId = account.parse().map_err(|_| Problem::invalid("/account", "invalid-id"))?;
        let offer = offer(Offered { relation, kinds, edit, labels, ends_at })?;
        let handed = house.with(&caller, move |session| {
            let profile = of(session, profile)?;
            session.let_in(profile, account, &offer)?;
            Ok((offer == Offer::Myself).then_some(profile))
        });
        if let Some(profile) = handed.await? {
            tell_family(&house, profile, t).await;
        }
        Ok(NoContent::default())
    }

    /// Invite somebody to be a carer, a guardian, an owner or the person: whoever holds the secret accepts it, once, within a week.
    #[oai(path = "/profiles/:profile/family/invitations", method = "post", operation_id = "family_invite")]
    async fn invite(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        body: Body<Offered>,
    ) -> Result<Created<MadeInvitation>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let offer = offer(body.0)?;
        let made = house.with(&caller, move |session| Ok(session.invite(of(session, profile)?, &offer)?));
        let (invitation, expires) = made.await?;
        let url = invitation_url(&house, &invitation);
        Ok(Created::new(MadeInvitation { invitation, url, expires_at: expires.to_string() }))
    }

    /// The invitations that nobody has accepted, oldest first.
    #[oai(path = "/profiles/:profile/family/invitations", method = "get", operation_id = "family_invitations_list")]
    async fn invitations(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<Answer<Vec<As<WaitingInvitation, WaitingCard>>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let all = house.with(&caller, move |session| Ok(session.invitations(of(session, profile)?)?)).await?;
        Ok(Answer::new(all.into_iter().map(As::new).collect()))
    }

    /// Take an invitation back that nobody has accepted.
    #[oai(
        path = "/profiles/:profile/family/invitations/:id",
        method = "delete",
        operation_id = "family_invitations_end"
    )]
    async fn withdraw(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        id: Path<String>,
    ) -> Result<NoContent, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        house.with(&caller, move |session| Ok(session.withdraw_invitation(of(session, profile)?, &id.0)?)).await?;
        Ok(NoContent::default())
    }

    /// Change what a carer may do.
    #[oai(path = "/profiles/:profile/family/:id", method = "post", operation_id = "family_change")]
    async fn change(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        id: Path<String>,
        body: Body<Rights>,
    ) -> Result<NoContent, Problem> {
        let (profile, id) = place(&profile.0, &id.0)?;
        let Rights { kinds, edit, labels, ends_at } = body.0;
        let rights = CarerRights { ends_at: end(ends_at.as_deref())?, ..rights(kinds, edit, &labels)? };
        house.with(&caller, move |session| Ok(session.change_carer(of(session, profile)?, id, rights)?)).await?;
        Ok(NoContent::default())
    }

    /// Leave a family, or end what somebody is to a person.
    #[oai(path = "/profiles/:profile/family/:id", method = "delete", operation_id = "family_end")]
    async fn end(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        id: Path<String>,
    ) -> Result<NoContent, Problem> {
        let (profile, id) = place(&profile.0, &id.0)?;
        house.with(&caller, move |session| Ok(session.end_relation(of(session, profile)?, id)?)).await?;
        Ok(NoContent::default())
    }

    /// What an invitation is for.
    #[oai(path = "/family/invitations/look", method = "post", operation_id = "family_invitation")]
    async fn look(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        body: Body<Secret>,
    ) -> Result<Answer<As<Invited, Shown>>, Problem> {
        let shown = house.with(&caller, move |session| Ok(session.invited(&body.0.invitation)?)).await?;
        Ok(Answer::new(As::new(shown)))
    }

    /// Accept an invitation.
    #[oai(path = "/family/invitations/accept", method = "post", operation_id = "family_accept")]
    async fn accept(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        request: &Request,
        body: Body<Secret>,
    ) -> Result<Answer<Joined>, Problem> {
        let t = reader(request);
        let accepted = house.with(&caller, move |session| {
            let offer = session.invited(&body.0.invitation)?.offer;
            Ok((session.accept(&body.0.invitation)?, offer == Offer::Myself))
        });
        let (profile, is_handed) = accepted.await?;
        if is_handed {
            tell_family(&house, profile, t).await;
        }
        Ok(Answer::new(Joined { profile: profile.to_string() }))
    }
}

/// The page on which an invitation is accepted; its secret stands in the fragment, which no server sees.
pub(in crate::http) fn invitation_url(house: &House, invitation: &str) -> String {
    format!("{}/join#{invitation}", house.settings.public_url)
}

fn of(session: &AtWork, profile: ProfileName) -> Result<phm_core::id::ProfileId, Problem> {
    profile.resolve(session)
}

fn place(profile: &str, id: &str) -> Result<(ProfileName, RecordId), Problem> {
    Ok((ProfileName::read(profile)?, id.parse().map_err(|_| Problem::not_found())?))
}

/// What somebody is to be, as the core knows it.
fn offer(offered: Offered) -> Result<Offer, Problem> {
    let Offered { relation, kinds, edit, labels, ends_at } = offered;
    if relation != "carer" && (kinds.is_some() || edit.is_some() || labels.is_some() || ends_at.is_some()) {
        return Err(Problem::invalid("/relation", "only-for-carers"));
    }
    match relation.as_str() {
        "carer" => {
            let kinds = kinds.ok_or_else(|| Problem::invalid("/kinds", "required"))?;
            let rights = rights(kinds, edit.unwrap_or_default(), &labels.unwrap_or_default())?;
            Ok(Offer::Carer(CarerRights { ends_at: end(ends_at.as_deref())?, ..rights }))
        }
        "guardian" => Ok(Offer::Guardian),
        "owner" => Ok(Offer::Owner),
        "self" => Ok(Offer::Myself),
        _ => Err(Problem::invalid("/relation", "invalid-choice")),
    }
}

/// The rights of a carer, with kinds and labels that there are.
pub(in crate::http) fn rights(kinds: Vec<String>, edit: bool, labels: &[String]) -> Result<CarerRights, Problem> {
    let known = |name: &str| name == "*" || super::records::described().iter().any(|kind| kind.name == name);
    if let Some(at) = kinds.iter().position(|name| !known(name)) {
        return Err(Problem::invalid(format!("/kinds/{at}"), "unknown-kind"));
    }
    let label = |(at, label): (usize, &String)| {
        label.parse::<Sensitivity>().map_err(|_| Problem::invalid(format!("/labels/{at}"), "invalid-choice"))
    };
    let labels: Labels = labels.iter().enumerate().map(label).collect::<Result<_, _>>()?;
    Ok(CarerRights { kinds: Kinds::of(kinds), edit, labels, ends_at: None })
}

/// The moment at which a carer is none any more; a day ends after its last moment.
fn end(text: Option<&str>) -> Result<Option<Instant>, Problem> {
    let end = |text: &str| match text.parse() {
        Ok(When::Instant(moment)) => Ok(moment),
        Ok(When::Date(day)) => Ok(day.end()),
        Err(_) => Err(Problem::invalid("/ends_at", "invalid-date")),
    };
    text.map(end).transpose()
}
