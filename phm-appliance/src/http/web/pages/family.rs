//! The family of a person: inviting, changing, leaving, and accepting an invitation.

use phm_core::access::{CarerRights, Kinds};
use phm_core::id::ProfileId;
use phm_core::time::When;
use phm_core::vault::{Offer, Related, WaitingInvitation};
use phm_core::{Error, ErrorKind};
use poem::Response;
use poem::http::StatusCode;

use super::access::chosen;
use super::hand_over::to_refuse;
use super::reply::{go, html, html_with, said_wrong};
use super::visit::{Frame, Visit};
use crate::http::api::family::invitation_url;
use crate::http::house::AtWork;
use crate::http::problem::Problem;
use crate::http::telling::tell_family;
use crate::http::web::forms::{labels, layout};
use crate::http::web::view::access::kinds;
use crate::http::web::view::family::{Family, Join, MemberView};
use crate::http::web::view::page::{Here, Notice, Tone};
use crate::http::web::view::sent::Sent;
use crate::i18n::Locale;

/// The family.
pub async fn family(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let done = visit.asked("done").to_owned();
    let view = visit.with(move |session, frame| {
        let mut view = shown(session, frame, profile)?;
        let key = match done.as_str() {
            "saved" => Some("family-saved"),
            "ended" => Some("family-ended"),
            _ => None,
        };
        view.page.notices.extend(key.map(|key| Notice { tone: Tone::Good, text: frame.t().say(key) }));
        Ok(view)
    });
    html(&view.await?)
}

fn shown(session: &AtWork, frame: &Frame, profile: ProfileId) -> Result<Family, Problem> {
    let t = frame.t();
    let page = frame.page(session, &t.say("nav-family"), Here::Family, Some(profile))?;
    let may_share = session.answers_for(profile);
    let may_own = session.may_erase_profile(profile);
    let member = |related: &Related| member(t, related, may_share, may_own);
    let waits = |one: WaitingInvitation| {
        let until = t.with("access-until", "when", t.when(When::Instant(one.expires_at)));
        (one.id, offered(t, &one.offer), until)
    };
    let waiting = if may_share { session.invitations(profile)? } else { Vec::new() };
    Ok(Family {
        members: session.family(profile)?.iter().map(member).collect(),
        may_invite: may_share,
        may_make_owners: may_own,
        may_hand_over: session.may_hand_over(profile),
        kinds: kinds_to_choose(t),
        waiting: waiting.into_iter().map(waits).collect(),
        handing: to_refuse(session, frame, profile)?,
        link: String::new(),
        errors: Vec::new(),
        sent: Sent::default(),
        page,
    })
}

/// As what somebody is invited, in a word.
fn offered(t: &Locale, offer: &Offer) -> String {
    match offer {
        Offer::Myself => t.say("family-as-self"),
        offer => t.say(&format!("relation-{}", offer.as_str())),
    }
}

/// The kinds of records that can be chosen one by one: word and name.
pub fn kinds_to_choose(t: &Locale) -> Vec<(String, String)> {
    let kinds = layout::LAYOUTS.iter().filter(|layout| !layout.collection.is_empty());
    kinds.map(|layout| (layout.kind.to_owned(), labels::kinds(t, layout.kind))).collect()
}

fn member(t: &Locale, related: &Related, may_share: bool, may_own: bool) -> MemberView {
    let rights = related.rights.as_ref();
    let sentence = match (related.relation, rights) {
        ("self", _) => t.say("family-is"),
        ("owner", _) => t.say("family-keeps"),
        ("guardian", _) => t.say("family-guards"),
        (_, Some(rights)) => {
            let key = if rights.edit { "family-edits" } else { "family-looks" };
            t.with(key, "what", kinds(t, &rights.kinds))
        }
        _ => String::new(),
    };
    let own = related.relation == "self";
    MemberView {
        id: related.id.to_string(),
        name: related.name.clone(),
        relation: if own { String::new() } else { t.say(&format!("relation-{}", related.relation)) },
        sentence,
        term: rights
            .and_then(|rights| rights.ends_at)
            .map(|ends| t.with("access-until", "when", t.when(When::Instant(ends))))
            .unwrap_or_default(),
        tone: if own { Tone::Good } else { Tone::Calm },
        mine: related.mine,
        may_end: !own && (related.mine || if related.relation == "carer" { may_share } else { may_own }),
        may_change: may_share && rights.is_some(),
        edits: rights.is_some_and(|rights| rights.edit),
        kinds: rights.map(|rights| rights.kinds.names().into_iter().map(str::to_owned).collect()).unwrap_or_default(),
    }
}

/// What a carer is given by a form: everything, or what was chosen and whose it is.
fn rights(visit: &Visit) -> CarerRights {
    let kinds = chosen(visit, "kinds");
    let kinds = if visit.field("all") == "no" && !kinds.is_empty() {
        Kinds::of(kinds.into_iter().chain(["profile".to_owned()]))
    } else if visit.field("all") == "no" {
        Kinds::default()
    } else {
        Kinds::All
    };
    CarerRights { kinds, edit: visit.field("as") == "editor", ..CarerRights::default() }
}

/// Invites somebody, and shows the link this once.
pub async fn invite(visit: Visit) -> Result<Response, Problem> {
    let profile = visit.profile()?;
    let offer = match visit.field("as").as_str() {
        "guardian" => Offer::Guardian,
        "owner" => Offer::Owner,
        "self" => Offer::Myself,
        _ => Offer::Carer(rights(&visit)),
    };
    let house = std::sync::Arc::clone(&visit.house);
    let sent = Sent::new(&visit.form);
    let outcome = visit.with(move |session, frame| match session.invite(profile, &offer) {
        Ok((secret, _)) => {
            Ok((StatusCode::OK, Family { link: invitation_url(&house, &secret), ..shown(session, frame, profile)? }))
        }
        Err(error) => {
            let (status, view) = refused(session, frame, profile, error)?;
            Ok((status, Family { sent, ..view }))
        }
    });
    let (status, view) = outcome.await?;
    html_with(status, &view)
}

/// The family's page with what was wrong.
fn refused(session: &AtWork, frame: &Frame, profile: ProfileId, error: Error) -> Result<(StatusCode, Family), Problem> {
    let errors = match (error.kind(), error.code()) {
        (_, "last-keeper") => vec![frame.t().say("family-last-keeper")],
        (_, "too-young") => vec![frame.t().say("family-too-young")],
        (ErrorKind::Invalid, _) => said_wrong(frame.t(), &error, &[("/kinds", "family-kinds")]),
        _ => return Err(error.into()),
    };
    let problem = Problem::from(error);
    Ok((problem.status_code(), Family { errors, ..shown(session, frame, profile)? }))
}

/// Changes what a carer may do.
pub async fn change(visit: Visit) -> Result<Response, Problem> {
    let (profile, id, rights) = (visit.profile()?, visit.record()?, rights(&visit));
    let outcome = visit.with(move |session, frame| match session.change_carer(profile, id, rights) {
        Ok(()) => Ok(None),
        Err(error) => refused(session, frame, profile, error).map(Some),
    });
    match outcome.await? {
        None => Ok(go(&format!("/p/{profile}/family?done=saved"))),
        Some((status, view)) => html_with(status, &view),
    }
}

/// Takes an invitation back.
pub async fn withdraw(visit: Visit) -> Result<Response, Problem> {
    let (profile, id) = (visit.profile()?, visit.part("id"));
    visit.with(move |session, _| Ok(session.withdraw_invitation(profile, &id)?)).await?;
    Ok(go(&format!("/p/{profile}/family?done=ended")))
}

/// Ends a relation.
pub async fn end(visit: Visit) -> Result<Response, Problem> {
    let (profile, id) = (visit.profile()?, visit.record()?);
    let outcome = visit.with(move |session, frame| match session.end_relation(profile, id) {
        Ok(()) => Ok(Ok(session.knows(profile))),
        Err(error) => refused(session, frame, profile, error).map(Err),
    });
    match outcome.await? {
        Ok(true) => Ok(go(&format!("/p/{profile}/family?done=ended"))),
        Ok(false) => Ok(go("/people")),
        Err((status, view)) => html_with(status, &view),
    }
}

/// The page of an invitation, before its secret is known.
pub async fn join(visit: Visit) -> Result<Response, Problem> {
    visit.signed_in()?;
    let view = visit.with(|session, frame| join_page(session, frame, "")).await?;
    html(&view)
}

fn join_page(session: &AtWork, frame: &Frame, error: &str) -> Result<Join, Problem> {
    let page = frame.page(session, &frame.t().say("join-title"), Here::Elsewhere, None)?;
    let error = if error.is_empty() { String::new() } else { frame.t().say(error) };
    Ok(Join { page, invitation: String::new(), sentence: String::new(), relation: String::new(), error })
}

/// Shows what an invitation is for.
pub async fn look(visit: Visit) -> Result<Response, Problem> {
    let secret = secret_of(&visit);
    let outcome = visit.with(move |session, frame| match session.invited(&secret) {
        Ok(invited) => {
            let t = frame.t();
            let sentence = t.with_all("join-for", &[("by", &invited.by.name), ("name", &invited.name)]);
            let relation = match &invited.offer {
                Offer::Carer(rights) => {
                    let key = if rights.edit { "family-as-editor" } else { "family-as-carer" };
                    format!("{}: {}", t.say(key), kinds(t, &rights.kinds))
                }
                Offer::Myself => t.say("join-as-self"),
                offer => offered(t, offer),
            };
            let view = Join { invitation: secret, sentence, relation, ..join_page(session, frame, "")? };
            Ok((StatusCode::OK, view))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Ok((StatusCode::UNPROCESSABLE_ENTITY, join_page(session, frame, "join-invalid")?))
        }
        Err(error) => Err(error.into()),
    });
    let (status, view) = outcome.await?;
    html_with(status, &view)
}

/// Accepts an invitation.
pub async fn accept(visit: Visit) -> Result<Response, Problem> {
    let secret = secret_of(&visit);
    let outcome = visit.with(move |session, frame| match accepted(session, &secret) {
        Ok(accepted) => Ok(Ok(accepted)),
        Err(error) => {
            let (status, key) = match (error.kind(), error.code()) {
                (_, "has-records") => (StatusCode::CONFLICT, "join-has-records"),
                (ErrorKind::Conflict, _) => (StatusCode::CONFLICT, "join-already"),
                (ErrorKind::NotFound, _) => (StatusCode::UNPROCESSABLE_ENTITY, "join-invalid"),
                _ => return Err(error.into()),
            };
            Ok(Err((status, join_page(session, frame, key)?)))
        }
    });
    match outcome.await? {
        Ok((profile, is_handed)) => {
            if is_handed {
                tell_family(&visit.house, profile, visit.t.clone()).await;
            }
            Ok(go(&format!("/p/{profile}")))
        }
        Err((status, view)) => html_with(status, &view),
    }
}

/// Takes an invitation up; says whether it handed the records over.
fn accepted(session: &AtWork, secret: &str) -> Result<(ProfileId, bool), Error> {
    let is_handed = session.invited(secret)?.offer == Offer::Myself;
    Ok((session.accept(secret)?, is_handed))
}

/// The secret, also where somebody pasted the whole link.
fn secret_of(visit: &Visit) -> String {
    let typed = visit.field("invitation");
    typed.rsplit('#').next().unwrap_or_default().trim().to_owned()
}
