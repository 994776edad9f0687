//! Links: chosen records for somebody without an account.

use std::sync::Arc;

use phm_core::access::Action;
use phm_core::vault::ShareCard;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::Chapter;
use super::place::ProfileName;
use crate::http::body::Told;
use crate::http::described::As;
use crate::http::envelope::{Answer, Created, NoContent};
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::problem::Problem;

/// What a link is to open.
#[derive(Object)]
struct WantedLink {
    /// The records, by id.
    records: Vec<String>,
    /// Until when it can be opened; a day means its end.
    expires_at: String,
    /// Whether it is good once.
    single_use: Option<bool>,
    /// What whoever opens it has to know besides; five wrong ones in all end it.
    passcode: Option<String>,
}

/// Who made a link.
#[derive(Object)]
struct Maker {
    /// `person` or `operator`.
    r#type: String,
    /// The account.
    id: String,
    /// The name people know them by.
    name: String,
}

/// A link as those who may give access see it.
#[derive(Object)]
struct Share {
    /// The link's id, which is no secret.
    id: String,
    /// Who made it.
    by: Maker,
    /// The records.
    records: Vec<String>,
    /// When it was made.
    made_at: String,
    /// Until when it can be opened.
    expires_at: String,
    /// Whether it is good once.
    single_use: bool,
    /// Whether it asks for a passcode.
    has_passcode: bool,
    /// Wrong passcodes that may still be tried.
    attempts_left: u32,
    /// When it was opened: the last hundred times.
    opened: Vec<String>,
    /// How often it was opened in all.
    times_opened: u64,
    /// `open used locked ended revoked`; `revoked` too where whoever made it may not give all of it on any more.
    state: String,
}

/// A link that was just made; its key is shown this once.
#[derive(Object)]
struct NewShare {
    /// The link: whoever has it opens the records, with the passcode where there is one.
    url: String,
    /// What is seen of it from now on.
    #[oai(flatten)]
    share: Share,
}

#[derive(Serialize)]
struct MadeLink {
    url: String,
    #[serde(flatten)]
    card: ShareCard,
}

/// Links.
pub struct Shares;

#[OpenApi(tag = "Chapter::Consent")]
impl Shares {
    /// The links to a person's records, newest first, with when they were opened: all of them for whoever answers for
    /// the person, else the caller's own.
    #[oai(path = "/profiles/:profile/shares", method = "get", operation_id = "shares_list")]
    async fn list(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<Answer<Vec<As<ShareCard, Share>>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let cards = house.with(&caller, move |session| Ok(session.shares(profile.resolve(session)?)?)).await?;
        Ok(Answer::new(cards.into_iter().map(As::new).collect()))
    }

    /// Make a link to chosen records: sealed under a key that stands in the link and nowhere else.
    #[oai(path = "/profiles/:profile/shares", method = "post", operation_id = "shares_create")]
    async fn create(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        body: Told<WantedLink>,
    ) -> Result<Created<As<MadeLink, NewShare>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let https = needs_https(&house);
        let made = house.with(&caller, move |session| {
            let profile = profile.resolve(session)?;
            // Strangers learn nothing, on whatever connection.
            session.permit(Action::Share, profile, "profile")?;
            https?;
            Ok(session.make_share(profile, &body.value)?)
        });
        let made = made.await?;
        let url = share_url(&house, &made.card.id, &made.key);
        Ok(Created::new(As::new(MadeLink { url, card: made.card })))
    }

    /// End a link; its ciphertext is deleted.
    #[oai(path = "/profiles/:profile/shares/:id", method = "delete", operation_id = "shares_revoke")]
    async fn revoke(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        id: Path<String>,
    ) -> Result<NoContent, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        house.with(&caller, move |session| Ok(session.end_share(profile.resolve(session)?, &id.0)?)).await?;
        Ok(NoContent::default())
    }
}

/// The link, with its key in the fragment, which no browser sends.
pub(in crate::http) fn share_url(house: &House, id: &str, key: &str) -> String {
    format!("{}/s/{id}#{key}", house.settings.public_url)
}

/// Refuses links whose page could not decrypt: browsers do that on https and on the machine itself only.
pub(in crate::http) fn needs_https(house: &House) -> Result<(), Problem> {
    let local = ["http://localhost", "http://127.0.0.1", "http://[::1]"];
    let url = &house.settings.public_url;
    if url.starts_with("https://") || local.iter().any(|base| url.starts_with(base)) {
        return Ok(());
    }
    Err(Problem::https_needed())
}
