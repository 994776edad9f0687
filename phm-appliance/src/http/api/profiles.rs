//! People: the profiles the caller may see.

use std::sync::Arc;

use phm_core::access::Action;
use phm_core::id::RecordId;
use phm_core::model::merge_patch;
use phm_core::vault::{How, Record, Removed};
use poem::http::header;
use poem::web::Data;
use poem::{IntoResponse, Request, RequestBody, Response, Result};
use poem_openapi::param::{Header, Path};
use poem_openapi::registry::{MetaRequest, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions, Object, OpenApi};
use serde::Serialize;
use serde_json::Value;

use super::Chapter;
use super::idempotency::{Kept, Once};
use super::place::ProfileName;
use super::records::{PATCHES, WHOLE, inline};
use super::version::{BasedOn, etag};
use crate::http::body::{json_request, read_json};
use crate::http::envelope::{Answer, register_meta, success_response};
use crate::http::guard::Caller;
use crate::http::house::House;
use crate::http::problem::{Problem, failure_responses};

/// The kind of the record that says who a person is.
const PROFILE: &str = "profile";

/// A person in a list of people.
#[derive(Object, Serialize)]
struct Person {
    /// The profile.
    profile: String,
    /// The name.
    name: String,
    /// The day of birth, as precisely as it is known.
    birth_date: Option<String>,
    /// `female`, `male`, `other` or `unknown`.
    sex: Option<String>,
    /// The e-mail address of the account that owns the profile.
    owner: Option<String>,
    /// How the caller stands to the person: `self owner guardian carer`.
    relation: Option<String>,
    /// How many records the caller may see.
    records: u64,
}

/// People.
pub struct Profiles;

#[OpenApi(tag = "Chapter::Profiles")]
impl Profiles {
    /// Everybody the caller may see.
    #[oai(path = "/profiles", method = "get", operation_id = "profiles_list")]
    async fn list(&self, caller: Caller, house: Data<&Arc<House>>) -> Result<Answer<Vec<Person>>, Problem> {
        let cards = house.with(&caller, |session| Ok(session.profiles()?)).await?;
        let people = cards.into_iter().map(|card| Person {
            profile: card.profile.to_string(),
            name: card.name,
            birth_date: card.birth_date,
            sex: card.sex,
            owner: card.owner,
            relation: card.relation,
            records: card.records,
        });
        Ok(Answer::new(people.collect()))
    }

    /// Add a person, whom the caller then owns.
    #[oai(path = "/profiles", method = "post", operation_id = "profiles_create")]
    async fn create(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        request: &Request,
        body: Who<false>,
        /// The same key and body within 24 hours give the same answer and add nobody.
        #[oai(name = "Idempotency-Key")]
        _key: Header<Option<String>>,
    ) -> Result<MadePerson, Problem> {
        let once = Once::read(request, &body.bytes)?;
        let body = body.value;
        let made = house.with(&caller, move |session| {
            let add = || session.add_profile(&body, None);
            match once {
                Some(once) => once.keep(session, add),
                None => Ok(Kept::of(&add()?)),
            }
        });
        Ok(MadePerson(made.await?))
    }

    /// Who a person is.
    #[oai(path = "/profiles/:profile", method = "get", operation_id = "profiles_read")]
    async fn read(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        profile: Path<String>,
    ) -> Result<OnePerson, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let read = house.with(&caller, move |session| {
            let profile = profile.resolve(session)?;
            let permit = session.permit(Action::Read, profile, PROFILE)?;
            Ok(session.read(&permit, RecordId::from_bytes(*profile.as_bytes()), Removed::Hide)?)
        });
        Ok(OnePerson(read.await?))
    }

    /// Replace what is known of a person.
    #[oai(path = "/profiles/:profile", method = "put", operation_id = "profiles_put")]
    async fn put(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        /// The version the change is based on, such as `"1"`.
        #[oai(name = "If-Match")]
        version: BasedOn,
        body: Who<false>,
    ) -> Result<AmendedPerson, Problem> {
        amend(&house, &caller, &profile, version, body.value, |_, body| body).await
    }

    /// Change parts of what is known of a person (RFC 7396).
    #[oai(path = "/profiles/:profile", method = "patch", operation_id = "profiles_patch")]
    async fn patch(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        /// The version the change is based on, such as `"1"`.
        #[oai(name = "If-Match")]
        version: BasedOn,
        body: Who<true>,
    ) -> Result<AmendedPerson, Problem> {
        if !body.value.is_object() {
            return Err(Problem::invalid("", "wrong-type"));
        }
        let merged = |mut current: Value, patch: Value| {
            merge_patch(&mut current, &patch);
            current
        };
        amend(&house, &caller, &profile, version, body.value, merged).await
    }
}

/// Amends who a person is with what `change` makes of the body there is and the body that came.
async fn amend(
    house: &House,
    caller: &Caller,
    profile: &str,
    version: BasedOn,
    body: Value,
    change: fn(Value, Value) -> Value,
) -> Result<AmendedPerson, Problem> {
    let profile = ProfileName::read(profile)?;
    let amended = house.with(caller, move |session| {
        let profile = profile.resolve(session)?;
        let id = RecordId::from_bytes(*profile.as_bytes());
        let permit = session.permit(Action::Amend, profile, PROFILE)?;
        let current = session.read(&session.permit(Action::Read, profile, PROFILE)?, id, Removed::Hide)?;
        let current: Value = serde_json::from_str(current.body.get()).map_err(|_| Problem::internal())?;
        Ok(session.amend(&permit, id, version.0, &change(current, body), How::Typed)?)
    });
    Ok(AmendedPerson(OnePerson(amended.await?)))
}

/// The body of a profile, whole or as a patch.
struct Who<const PATCH: bool> {
    bytes: Vec<u8>,
    value: Value,
}

impl<'a, const PATCH: bool> ApiExtractor<'a> for Who<PATCH> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<MetaRequest> {
        Some(if PATCH {
            json_request(inline(MetaSchema::new("object")), &PATCHES)
        } else {
            json_request(MetaSchemaRef::Reference("Profile".to_owned()), &WHOLE)
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let (bytes, value) = read_json(request, body, if PATCH { &PATCHES } else { &WHOLE }).await?;
        Ok(Self { bytes, value })
    }
}

fn person_response(status: u16) -> MetaResponses {
    let response: MetaResponse = success_response(status, MetaSchemaRef::Reference("ProfileRecord".to_owned()));
    MetaResponses { responses: vec![response] }
}

/// The record of one person.
struct OnePerson(Record);

impl IntoResponse for OnePerson {
    fn into_response(self) -> Response {
        let tag = etag(self.0.version);
        Answer::<_>::new(self.0).with_header(header::ETAG, tag).into_response()
    }
}

impl ApiResponse for OnePerson {
    fn meta() -> MetaResponses {
        person_response(200)
    }

    fn register(registry: &mut Registry) {
        register_meta(registry);
    }
}

/// The record of a person after a change.
struct AmendedPerson(OnePerson);

impl IntoResponse for AmendedPerson {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl ApiResponse for AmendedPerson {
    fn meta() -> MetaResponses {
        let mut meta = OnePerson::meta();
        meta.responses.extend(failure_responses(&[428]));
        meta
    }

    fn register(registry: &mut Registry) {
        OnePerson::register(registry);
    }
}

/// A new person.
struct MadePerson(Kept);

impl IntoResponse for MadePerson {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl ApiResponse for MadePerson {
    fn meta() -> MetaResponses {
        person_response(201)
    }

    fn register(registry: &mut Registry) {
        register_meta(registry);
    }
}
