//! Records that administrators hand over: what waits, and how the family refuses it.

use std::sync::Arc;

use phm_core::vault::AskedHandOver;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};

use super::Chapter;
use super::place::ProfileName;
use super::recovery::LetterToken;
use crate::http::body::Body;
use crate::http::context::Client;
use crate::http::described::As;
use crate::http::envelope::{Answer, NoContent};
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::problem::Problem;

/// Who asked to hand records over.
#[derive(Object)]
struct TakeOverBy {
    /// `person`.
    r#type: String,
    /// The account.
    id: String,
    /// The name people know them by.
    name: String,
}

/// Records that wait to be handed over.
#[derive(Object)]
struct WaitingTakeOver {
    /// Whose records.
    profile: String,
    /// To which account.
    account: String,
    /// Who asked.
    by: TakeOverBy,
    /// When.
    at: String,
    /// When it can be done without another administrator; without this never, as nobody of the family can hear of it.
    until: Option<String>,
    /// Whether somebody of the family refused; then only the operator can do it.
    refused: bool,
}

/// Records that administrators hand over.
pub struct HandOvers;

#[OpenApi(tag = "Chapter::Accounts")]
impl HandOvers {
    /// What administrators asked to hand over and is not done, for admins; nothing of a record.
    #[oai(path = "/take-overs", method = "get", operation_id = "take_overs_list")]
    async fn list(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
    ) -> Result<Answer<Vec<As<AskedHandOver, WaitingTakeOver>>>, Problem> {
        let waiting = house.with(&caller, |session| Ok(session.asked_hand_overs()?)).await?;
        Ok(Answer::new(waiting.into_iter().map(As::new).collect()))
    }

    /// Refuse that an administrator hands a person's records over, for anybody who is something to the person.
    #[oai(path = "/profiles/:profile/take-over/refusal", method = "post", operation_id = "take_over_refuse")]
    async fn refuse(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<NoContent, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        house.with(&caller, move |session| Ok(session.refuse_hand_over(profile.resolve(session)?)?)).await?;
        Ok(NoContent::default())
    }

    /// Refuse it with the link of the letter that told of it, also for whoever cannot sign in any more.
    #[oai(path = "/auth/take-over/refusal", method = "post", operation_id = "auth_take_over_refuse")]
    async fn refuse_by_letter(
        &self,
        house: Data<&Arc<House>>,
        client: Data<&Client>,
        body: Body<LetterToken>,
    ) -> Result<NoContent, Problem> {
        house.limits.sign_in(*client.0)?;
        house.open()?.desk(move |desk| desk.refuse_hand_over(&body.0.token)).await?;
        Ok(NoContent::default())
    }
}
