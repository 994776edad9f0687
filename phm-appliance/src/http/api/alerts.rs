//! Alerts: access that was unusual, for the person and for whoever runs the house.

use std::sync::Arc;

use phm_core::vault::Alert;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};

use super::Chapter;
use super::place::ProfileName;
use crate::http::described::As;
use crate::http::envelope::Answer;
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::problem::Problem;

/// Whose access was unusual.
#[derive(Object)]
struct AlertActor {
    /// `person token plugin service gate operator`.
    r#type: String,
    /// The account, token or grant; a plugin's name.
    id: String,
    /// The name people know them by.
    name: String,
}

/// An access that was unusual.
#[derive(Object)]
struct AlertCard {
    /// The alert's own id.
    id: String,
    /// When it became unusual.
    at: String,
    /// `volume`: very many records in an hour; `hour`: at night; `refusals`: many in ten minutes;
    /// `hand-over`: whoever runs the house asks to hand the records over; `reset-link`: they got a link with which the
    /// password of an account is chosen anew; `let-in`: the operator let an account be family.
    what: String,
    /// Who.
    actor: AlertActor,
    /// How many records, or refusals, until then.
    count: u64,
}

/// Alerts.
pub struct Alerts;

#[OpenApi(tag = "Chapter::Consent")]
impl Alerts {
    /// Unusual access to a person's records, newest first, for whoever answers for the person; the last fifty.
    #[oai(path = "/profiles/:profile/alerts", method = "get", operation_id = "alerts_list")]
    async fn list(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<Answer<Vec<As<Alert, AlertCard>>>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let alerts = house.with(&caller, move |session| Ok(session.alerts(profile.resolve(session)?)?)).await?;
        Ok(Answer::new(alerts.into_iter().map(As::new).collect()))
    }

    /// Unusual access in the house, newest first, for admins: who, what and how much, not whose records.
    #[oai(path = "/alerts", method = "get", operation_id = "house_alerts_list")]
    async fn house(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
    ) -> Result<Answer<Vec<As<Alert, AlertCard>>>, Problem> {
        let alerts = house.with(&caller, |session| Ok(session.house_alerts()?)).await?;
        Ok(Answer::new(alerts.into_iter().map(As::new).collect()))
    }
}
