//! `Idempotency-Key`: a request sent twice is done once.
//!
//! The answer to the first is kept for 24 hours as sealed state, under the account and the key; the second gets the same
//! answer. The same key with another body is a mistake of the client: 409.

use std::sync::{Mutex, PoisonError};

use phm_core::access::Actor;
use phm_core::id::ProfileId;
use phm_core::vault::Record;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Request, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::version::etag;
use crate::http::envelope::Created;
use crate::http::house::AtWork;
use crate::http::problem::Problem;

/// How long an answer is kept.
const KEPT_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Longest key taken.
const LONGEST_KEY: usize = 200;

/// A request that is to be done once.
pub struct Once {
    key: String,
    request: [u8; 32],
}

/// What was made, as it is answered now and again.
#[derive(Debug, Deserialize, Serialize)]
pub struct Kept {
    #[serde(default)]
    request: [u8; 32],
    #[serde(default)]
    location: String,
    #[serde(default)]
    version: u32,
    data: Box<RawValue>,
}

/// An answer that is no record. The fields are named as those of [`Kept`]: the same key with another request is told from
/// the first by `request`, whatever either of them made.
#[derive(Deserialize, Serialize)]
struct KeptAnswer {
    #[serde(default)]
    request: [u8; 32],
    data: Option<Box<RawValue>>,
}

impl Once {
    /// The key of the request, if it has one; `body` are its bytes.
    pub fn read(request: &Request, body: &[u8]) -> Result<Option<Self>, Problem> {
        let Some(key) = request.header("idempotency-key") else { return Ok(None) };
        if key.is_empty() || key.len() > LONGEST_KEY {
            return Err(Problem::invalid("/Idempotency-Key", "invalid-value"));
        }
        let address = request.original_uri().path().as_bytes();
        let hash = Sha256::new().chain_update(address).chain_update([0]).chain_update(body);
        Ok(Some(Self { key: key.to_owned(), request: hash.finalize().into() }))
    }

    /// Where the answer is kept: what a program asked for is nobody else's answer.
    fn row(&self, at: &AtWork) -> Result<String, Problem> {
        match at.actor() {
            Actor::Person { account } => Ok(format!("idempotency/{account}/{}", self.key)),
            Actor::Token { id, .. } => Ok(format!("idempotency/token/{id}/{}", self.key)),
            _ => Err(Problem::not_signed_in()),
        }
    }

    /// The kept answer, or that of `work`, which is kept from now on.
    pub fn keep(self, at: &AtWork, work: impl FnOnce() -> phm_core::Result<Record>) -> Result<Kept, Problem> {
        self.keep_as(at, || Ok(Kept::of(&work()?)), |kept| &mut kept.request)
    }

    /// The same for what is not a record: any answer that can be written down.
    pub fn keep_answer(
        self,
        at: &AtWork,
        work: impl FnOnce() -> Result<Box<RawValue>, Problem>,
    ) -> Result<Box<RawValue>, Problem> {
        let work = || Ok(KeptAnswer { request: [0; 32], data: Some(work()?) });
        let kept = self.keep_as(at, work, |kept| &mut kept.request)?;
        kept.data.ok_or_else(Problem::internal)
    }

    fn keep_as<T: DeserializeOwned + Serialize>(
        self,
        at: &AtWork,
        work: impl FnOnce() -> Result<T, Problem>,
        request: fn(&mut T) -> &mut [u8; 32],
    ) -> Result<T, Problem> {
        // One at a time: two copies of a request that arrive together must not both find nothing.
        static TURN: Mutex<()> = Mutex::new(());
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let name = self.row(at)?;
        if let Some(mut kept) = at.vault.state::<T>(ProfileId::SYSTEM, &name)? {
            if *request(&mut kept) == self.request {
                return Ok(kept);
            }
            let text = "this Idempotency-Key was used for another request";
            return Err(Problem::new(StatusCode::CONFLICT, "idempotency-key-reused", text));
        }
        let mut kept = work()?;
        *request(&mut kept) = self.request;
        let expires = at.now().plus_millis(KEPT_MILLIS);
        at.vault.put_state(ProfileId::SYSTEM, &name, &kept, Some(expires))?;
        Ok(kept)
    }
}

impl Kept {
    /// What is answered for a new record.
    pub fn of(record: &Record) -> Self {
        let data = serde_json::value::to_raw_value(record).expect("a record always serialises");
        let collection = super::collection_of(&record.kind);
        let location = match collection {
            Some(collection) => format!("/api/v1/profiles/{}/{collection}/{}", record.profile, record.id),
            None => format!("/api/v1/profiles/{}", record.profile),
        };
        Self { request: [0; 32], location, version: record.version, data }
    }
}

/// 201 with the record, its version and its place.
impl IntoResponse for Kept {
    fn into_response(self) -> Response {
        let location = HeaderValue::from_str(&self.location).expect("ids and collections are plain text");
        Created::new(self.data)
            .with_header(header::ETAG, etag(self.version))
            .with_header(header::LOCATION, location)
            .into_response()
    }
}
