//! When somebody cannot be asked: breaking the glass, what was arranged for an emergency, and what the person is told.

use std::sync::Arc;

use phm_core::time::PartialDate;
use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::Chapter;
use super::grants::Shown;
use super::place::ProfileName;
use super::sign_in::reader;
use crate::http::body::Body;
use crate::http::envelope::{Answer, Created, NoContent};
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::problem::Problem;
use crate::http::telling::tell;
use crate::notify::letters;

/// Why the glass is broken.
#[derive(Deserialize, Object, Serialize)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct Reason {
    /// In words; the person reads it.
    reason: String,
}

/// Who was brought in, and why the glass is broken.
#[derive(Deserialize, Object, Serialize)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct BroughtIn {
    /// The whole name, as it stands in the records.
    name: String,
    /// The day of birth.
    birth_date: String,
    /// Why, in words; the person reads it.
    reason: String,
}

/// Emergencies.
pub struct Emergencies;

#[OpenApi(tag = "Chapter::Consent")]
impl Emergencies {
    /// Break the glass: a provider opens a person's records to read them, for an hour. The person is told.
    #[oai(path = "/profiles/:profile/break-glass", method = "post", operation_id = "break_glass")]
    async fn break_glass(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        request: &Request,
        body: Body<Reason>,
    ) -> Result<Created<Shown>, Problem> {
        let (profile, t) = (ProfileName::read(&profile.0)?, reader(request));
        let given =
            house.with(&caller, move |session| Ok(session.break_glass(profile.resolve(session)?, &body.0.reason)?));
        let given = given.await?;
        tell(&house, given.profile, t, letters::glass).await;
        Ok(Created::new(Shown::new(given)))
    }

    /// The same for somebody of whom only name and day of birth are known; both must fit exactly one person.
    #[oai(path = "/break-glass", method = "post", operation_id = "break_glass_by_name")]
    async fn by_name(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        request: &Request,
        body: Body<BroughtIn>,
    ) -> Result<Created<Shown>, Problem> {
        let t = reader(request);
        let BroughtIn { name, birth_date, reason } = body.0;
        let born: PartialDate = birth_date.parse().map_err(|_| Problem::invalid("/birth_date", "invalid-date"))?;
        let given = house.with(&caller, move |session| Ok(session.break_glass_of(&name, born, &reason)?)).await?;
        tell(&house, given.profile, t, letters::glass).await;
        Ok(Created::new(Shown::new(given)))
    }

    /// What others have granted the caller for an emergency.
    #[oai(path = "/emergencies", method = "get", operation_id = "emergencies_list")]
    async fn emergencies(&self, caller: SignedIn, house: Data<&Arc<House>>) -> Result<Answer<Vec<Shown>>, Problem> {
        let given = house.with(&caller, |session| Ok(session.emergencies()?)).await?;
        Ok(Answer::new(given.into_iter().map(Shown::new).collect()))
    }

    /// What a person is to know of at once: who broke the glass, and who asked in an emergency.
    #[oai(path = "/profiles/:profile/notices", method = "get", operation_id = "notices_list")]
    async fn notices(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<Answer<Vec<Shown>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let told = house.with(&caller, move |session| {
            let profile = profile.resolve(session)?;
            session.permit(phm_core::access::Action::Share, profile, "profile")?;
            Ok(session.notices(profile)?)
        });
        Ok(Answer::new(told.await?.into_iter().map(Shown::new).collect()))
    }

    /// Put the notices about broken glass away.
    #[oai(path = "/profiles/:profile/notices/seen", method = "post", operation_id = "notices_seen")]
    async fn seen(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<NoContent, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        house.with(&caller, move |session| Ok(session.put_notices_away(profile.resolve(session)?)?)).await?;
        Ok(NoContent::default())
    }
}
