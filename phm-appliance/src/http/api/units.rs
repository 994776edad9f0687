//! The units a person wants to see results in: one for each test of the catalogue, where it is not that of the newest
//! result.
//!
//! What is chosen holds for whoever looks at the person; results keep the unit they were written in.

use std::collections::BTreeMap;
use std::sync::Arc;

use phm_core::access::Action;
use phm_core::analytics::labs::{self, Test};
use phm_core::analytics::units::Conversion;
use phm_core::id::ProfileId;
use phm_core::model::Unit;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use serde::{Deserialize, Serialize};

use super::Chapter;
use super::place::ProfileName;
use crate::http::body::Body;
use crate::http::envelope::Answer;
use crate::http::guard::Caller;
use crate::http::house::{AtWork, House};
use crate::http::problem::Problem;

/// The kind of record that is shown in them.
const RESULTS: &str = "lab-result";
/// The name of the state row.
const ROW: &str = "preferred-units";

/// The unit of each test, by the test's name in the catalogue, for example `{"hba1c": "mmol/mol"}`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct PreferredUnits(BTreeMap<String, String>);

impl PreferredUnits {
    /// Those of a person; the caller may have none of the results, and learns nothing then.
    pub fn of(at: &AtWork, profile: ProfileId) -> Result<Self, Problem> {
        at.permit(Action::Read, profile, RESULTS)?;
        Ok(at.vault.state(profile, ROW)?.unwrap_or_default())
    }

    /// The unit a test is wanted in.
    pub fn of_test(&self, test: &Test) -> Option<Unit> {
        self.0.get(&test.key)?.parse().ok()
    }

    /// Wants one test in another unit from now on.
    ///
    /// # Errors
    /// 422 where there is no such test, or where it cannot be brought to this unit.
    pub fn choose(at: &AtWork, profile: ProfileId, test: &str, unit: &str) -> Result<(), Problem> {
        at.permit(Action::Amend, profile, RESULTS)?;
        let unit = fitting(test, unit)?;
        at.vault.update_state(profile, ROW, |units: Option<Self>| {
            let mut units = units.unwrap_or_default();
            units.0.insert(test.to_owned(), unit.to_string());
            Ok((Some((units, None)), ()))
        })?;
        Ok(())
    }

    fn checked(self) -> Result<Self, Problem> {
        let check = |(test, unit): (String, String)| {
            let unit = fitting(&test, &unit)?.to_string();
            Ok((test, unit))
        };
        self.0.into_iter().map(check).collect::<Result<_, Problem>>().map(Self)
    }
}

/// The unit, where results of the test can be shown in it.
fn fitting(test: &str, unit: &str) -> Result<Unit, Problem> {
    let path = format!("/units/{}", test.replace('~', "~0").replace('/', "~1"));
    let known = labs::by_key(test).and_then(|test| Some((test, test.unit.as_ref()?)));
    let (test, own) = known.ok_or_else(|| Problem::invalid(&path, "unknown-test"))?;
    let unit: Unit = unit.parse().map_err(|_| Problem::invalid(&path, "unknown-unit"))?;
    let fits = Conversion::between(own, &unit, &test.substance()).is_ok();
    if fits { Ok(unit) } else { Err(Problem::invalid(&path, "unit-does-not-fit")) }
}

/// A choice of units.
#[derive(poem_openapi::Object, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    /// The unit (UCUM) of each test, by the test's name in the catalogue.
    units: BTreeMap<String, String>,
}

/// The units results are shown in.
pub struct Units;

#[OpenApi(tag = "Chapter::Clinical")]
impl Units {
    /// The units a person's results are shown in, where that is not the unit of the newest one.
    #[oai(path = "/profiles/:profile/preferred-units", method = "get", operation_id = "preferred_units")]
    async fn read(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<Answer<Choice>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let units = house.with(&caller, move |at| PreferredUnits::of(at, profile.resolve(at)?)).await?;
        Ok(Answer::new(Choice { units: units.0 }))
    }

    /// Choose the units a person's results are shown in. Every trend comes in them unless it is asked for in another.
    #[oai(path = "/profiles/:profile/preferred-units", method = "put", operation_id = "preferred_units_choose")]
    async fn choose(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        body: Body<Choice>,
    ) -> Result<Answer<Choice>, Problem> {
        let (profile, units) = (ProfileName::read(&profile.0)?, PreferredUnits(body.0.units));
        let units = house
            .with(&caller, move |at| {
                let profile = profile.resolve(at)?;
                at.permit(Action::Amend, profile, RESULTS)?;
                let units = units.checked()?;
                at.vault.put_state(profile, ROW, &units, None)?;
                Ok(units)
            })
            .await?;
        Ok(Answer::new(Choice { units: units.0 }))
    }
}
