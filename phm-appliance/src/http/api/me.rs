//! The caller's own account.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::OpenApi;

use super::Chapter;
use super::sign_in::Holder;
use crate::http::envelope::Answer;
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::problem::Problem;

/// The caller's own account.
pub struct Me;

#[OpenApi]
impl Me {
    /// Who is signed in.
    #[oai(path = "/me", method = "get", operation_id = "me", tag = "Chapter::Auth")]
    async fn me(&self, caller: SignedIn, house: Data<&Arc<House>>) -> Result<Answer<Holder>, Problem> {
        let account = house.open()?.desk(move |desk| desk.account(caller.account)).await?;
        Ok(Answer::new(Holder::of(account)))
    }
}
