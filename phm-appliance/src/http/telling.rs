//! Letters to those who answer for a person, at once when somebody came in, or asked to, without being let in by them; and to
//! the family when the records were handed over.
//!
//! A letter says that it happened and where it stands; who it was, whom it is about and why stands behind the sign-in.

use phm_core::access::{AccountId, Actor};
use phm_core::id::ProfileId;
use phm_core::time::Instant;
use phm_core::vault::HandOver;

use super::house::House;
use super::problem::Problem;
use crate::auth::Desk;
use crate::i18n::Locale;
use crate::notify::{Letter, letters};

/// Sends a letter to everybody who answers for the person. What happened has happened: where nobody can be told by mail it
/// stands on their pages, and the caller goes on.
pub async fn tell(house: &House, profile: ProfileId, t: Locale, letter: fn(&Locale, &str, &str) -> Letter) {
    if !house.sends_mail() {
        return;
    }
    let asked =
        house.as_actor(Actor::Gate, "notice".to_owned(), move |session| Ok(session.whom_to_tell(profile)?)).await;
    write(house, asked, format!("/p/{profile}/access"), t, letter).await;
}

/// Tells everybody who answers for the person that a rule was made by which what a plugin proposes is accepted unseen, with a link
/// to who made it, as [`tell`] does.
pub async fn tell_of_rule(house: &House, profile: ProfileId, t: Locale) {
    if !house.sends_mail() {
        return;
    }
    let asked =
        house.as_actor(Actor::Gate, "notice".to_owned(), move |session| Ok(session.whom_to_tell(profile)?)).await;
    write(house, asked, format!("/p/{profile}/who-looked"), t, letters::acceptance).await;
}

/// Sends a letter to the family of a person whose records were handed over to them.
pub async fn tell_family(house: &House, profile: ProfileId, t: Locale) {
    if !house.sends_mail() {
        return;
    }
    let asked =
        house.as_actor(Actor::Gate, "notice".to_owned(), move |session| Ok(session.whom_it_was_handed(profile)?)).await;
    write(house, asked, format!("/p/{profile}/family"), t, letters::handed).await;
}

/// Tells what became of an administrator's wish to hand a person's records over, and answers it as it stands then: the week
/// in which the family can refuse may begin with these letters.
pub async fn tell_of_wish(
    house: &House,
    profile: ProfileId,
    account: AccountId,
    came: HandOver,
    t: Locale,
) -> HandOver {
    match came {
        HandOver::Done => tell_family(house, profile, t).await,
        HandOver::Asked { until } => {
            return HandOver::Asked { until: tell_of_hand_over(house, profile, account, t).await.or(until) };
        }
        // The program may have ended before the letters were written, or the house sent none then.
        HandOver::Waits { until: None } => {
            return HandOver::Waits { until: tell_of_hand_over(house, profile, account, t).await };
        }
        HandOver::Waits { .. } => {}
    }
    came
}

/// Tells everybody who is something to a person that an administrator wants to hand the person's records over, each with a
/// link that refuses it, and everybody who runs the house. Answers when that can be done, if it begins with these letters.
async fn tell_of_hand_over(house: &House, profile: ProfileId, account: AccountId, t: Locale) -> Option<Instant> {
    if !house.sends_mail() {
        return None;
    }
    let reader = t.clone();
    let asked = match house.open() {
        Ok(opened) => opened.desk(move |desk| desk.ask_the_family(profile, &reader)).await,
        Err(locked) => Err(locked),
    };
    tell_the_house(house, &format!("/admin/accounts/{account}"), t, letters::handing_asked).await;
    asked.unwrap_or_else(|problem| {
        tracing::error!(code = problem.code(), "a family could not be told by mail that records are to be handed over");
        None
    })
}

/// Sends a letter to everybody who runs the house, with a link to the page `path`, as [`tell`] does.
pub async fn tell_the_house(house: &House, path: &str, t: Locale, letter: fn(&Locale, &str, &str) -> Letter) {
    if !house.sends_mail() {
        return;
    }
    let asked =
        house.as_actor(Actor::Gate, "notice".to_owned(), |session| Ok(session.whom_to_tell_of_the_house()?)).await;
    write(house, asked, path.to_owned(), t, letter).await;
}

async fn write(
    house: &House,
    asked: Result<Vec<String>, Problem>,
    path: String,
    t: Locale,
    letter: fn(&Locale, &str, &str) -> Letter,
) {
    let Ok(addresses) = asked else {
        tracing::error!("nobody could be told by mail of what happened");
        return;
    };
    let tell = move |desk: &Desk| {
        desk.write_to(&addresses, &path, &t, letter);
        Ok(())
    };
    let sent = match house.open() {
        Ok(opened) => opened.desk(tell).await,
        Err(locked) => Err(locked),
    };
    if sent.is_err() {
        tracing::error!("letters of what happened were not handed over");
    }
}
