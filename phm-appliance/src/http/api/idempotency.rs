//! `Idempotency-Key`: a request sent twice is done once.
//!
//! The answer to the first is kept for 24 hours as sealed state, under the account and the key; the second gets the same
//! answer. The same key with another body is a mistake of the client: 409.

use std::sync::{Mutex, PoisonError};

use phm_core::id::ProfileId;
use phm_core::vault::Record;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Request, Response};
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
    location: String,
    version: u32,
    data: Box<RawValue>,
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

    /// The kept answer, or that of `work`, which is kept from now on.
    pub fn keep(self, at: &AtWork, work: impl FnOnce() -> phm_core::Result<Record>) -> Result<Kept, Problem> {
        // One at a time: two copies of a request that arrive together must not both find nothing.
        static TURN: Mutex<()> = Mutex::new(());
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let account = at.actor().account().ok_or_else(Problem::not_signed_in)?;
        let name = format!("idempotency/{account}/{}", self.key);
        if let Some(kept) = at.vault.state::<Kept>(ProfileId::SYSTEM, &name)? {
            if kept.request == self.request {
                return Ok(kept);
            }
            let text = "this Idempotency-Key was used for another request";
            return Err(Problem::new(StatusCode::CONFLICT, "idempotency-key-reused", text));
        }
        let kept = Kept { request: self.request, ..Kept::of(&work()?) };
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
