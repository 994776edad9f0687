//! First steps: the vault and the first account, and unlocking after a restart.

use std::sync::Arc;

use phm_core::crypto::secret::Secret;
use phm_core::vault::Vault;
use poem::http::StatusCode;
use poem::web::Data;
use poem::{Request, RequestBody};
use poem_openapi::registry::MetaRequest;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::Chapter;
use super::documents::{binary, multipart};
use super::records::text;
use super::restoring::Received;
use crate::auth::accounts::{self, NewAccount};
use crate::http::body::Body;
use crate::http::context::Client;
use crate::http::envelope::{Answer, Created};
use crate::http::house::{House, blocking};
use crate::http::problem::Problem;

/// Whether PHM is to be set up.
#[derive(Object, Serialize)]
struct SetUpState {
    /// Whether there is no account yet.
    needed: bool,
}

/// Who sets PHM up.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
pub struct FirstSteps {
    /// The token of the set-up link.
    pub token: String,
    /// The passphrase of the new vault; needed when there is none yet.
    #[serde(default)]
    pub passphrase: Option<String>,
    /// The e-mail address of the first account.
    pub email: String,
    /// Its password.
    pub password: String,
    /// The name of its holder.
    pub name: String,
}

/// What set-up made.
#[derive(Object, Serialize)]
pub struct FirstAccount {
    /// The first account.
    pub account: String,
    /// Its holder's profile.
    pub profile: Option<String>,
    /// Opens the vault when the passphrase is lost; shown once. Only when set-up made the vault.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_code: Option<String>,
}

/// How the vault is unlocked.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct Unlock {
    /// The passphrase.
    #[serde(default)]
    passphrase: Option<String>,
    /// The recovery code.
    #[serde(default)]
    recovery_code: Option<String>,
}

/// Whether the vault is locked.
#[derive(Object, Serialize)]
struct LockState {
    /// Whether it waits for its passphrase.
    locked: bool,
}

/// What came back from a backup.
#[derive(Object, Serialize)]
pub struct RestoredVault {
    /// People.
    pub profiles: u64,
    /// Journal entries.
    pub entries: u64,
    /// Root of the audit log that was restored.
    pub audit_root: String,
}

/// Backups as they are uploaded.
struct BackupUpload(Received);

impl<'a> ApiExtractor<'a> for BackupUpload {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<MetaRequest> {
        let fields = ["token", "passphrase", "recovery_code", "key"].map(|name| (name, text()));
        Some(multipart(fields.into_iter().chain([("file", binary())]).collect()))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self(Received::read(request, body).await?))
    }
}

/// Set-up and unlocking.
pub struct SetUp;

#[OpenApi]
impl SetUp {
    /// Whether PHM is to be set up.
    #[oai(path = "/setup", method = "get", operation_id = "setup_state", tag = "Chapter::Setup")]
    async fn state(&self, house: Data<&Arc<House>>) -> Result<Answer<SetUpState>, Problem> {
        Ok(Answer::new(SetUpState { needed: house.needs_setup().await? }))
    }

    /// Make the vault, where there is none, and the first account. A vault is made over https, or on the machine itself.
    #[oai(path = "/setup", method = "post", operation_id = "setup", tag = "Chapter::Setup")]
    async fn set_up(
        &self,
        house: Data<&Arc<House>>,
        client: Data<&Client>,
        body: Body<FirstSteps>,
    ) -> Result<Created<FirstAccount>, Problem> {
        house.limits.sign_in(*client.0)?;
        let (house, client, steps) = (Arc::clone(house.0), *client.0, body.0);
        if !house.needs_setup().await? {
            return Err(Problem::new(StatusCode::CONFLICT, "already-set-up", "PHM is set up; sign in"));
        }
        blocking(move || set_up(&house, client, steps)).await.map(Created::new)
    }

    /// Restore a backup, where there is no vault yet: the full one and its increments as `file`, in any order, behind
    /// `token` and one of `passphrase`, `recovery_code`, `key`; over https, or on the machine itself.
    #[oai(path = "/setup/restore", method = "post", operation_id = "setup_restore", tag = "Chapter::Setup")]
    async fn restore(
        &self,
        house: Data<&Arc<House>>,
        client: Data<&Client>,
        upload: BackupUpload,
    ) -> Result<Created<RestoredVault>, Problem> {
        house.limits.sign_in(*client.0)?;
        let house = Arc::clone(house.0);
        let report = blocking(move || upload.0.restore(&house)).await?;
        Ok(Created::new(RestoredVault {
            profiles: report.profiles,
            entries: report.entries,
            audit_root: report.audit_root,
        }))
    }

    /// Unlock the vault after a restart; over https, or on the machine itself.
    #[oai(path = "/unlock", method = "post", operation_id = "unlock", tag = "Chapter::Setup")]
    async fn unlock(
        &self,
        house: Data<&Arc<House>>,
        client: Data<&Client>,
        body: Body<Unlock>,
    ) -> Result<Answer<LockState>, Problem> {
        house.limits.sign_in(*client.0)?;
        let secret = match body.0 {
            Unlock { passphrase: Some(passphrase), recovery_code: None } => Secret::passphrase(&passphrase),
            Unlock { passphrase: None, recovery_code: Some(code) } => {
                Secret::recovery_code(&code).map_err(phm_core::Error::from)?
            }
            _ => return Err(Problem::invalid("/passphrase", "required")),
        };
        let (house, client) = (Arc::clone(house.0), *client.0);
        blocking(move || house.unlock(&secret, client)).await?;
        Ok(Answer::new(LockState { locked: false }))
    }
}

/// Makes the vault, where there is none, and the first account; uses the token up.
///
/// # Errors
/// 403 `https-needed` where the vault would be made and others could listen.
pub fn set_up(house: &Arc<House>, client: Client, steps: FirstSteps) -> Result<FirstAccount, Problem> {
    house.with_setup_token(&steps.token.clone(), || {
        let new = NewAccount { email: steps.email, name: steps.name, roles: Vec::new(), password: steps.password };
        // Everything that can be wrong is found before a vault is made.
        accounts::check(&new)?;
        match house.open() {
            Ok(_) => {}
            Err(problem) if problem.code() == "setup-needed" => {
                client.must_be_private()?;
                let passphrase = steps.passphrase.filter(|passphrase| !passphrase.is_empty());
                let passphrase = passphrase.ok_or_else(|| Problem::invalid("/passphrase", "required"))?;
                crate::auth::password::check(&passphrase, "", "")
                    .map_err(|code| Problem::invalid("/passphrase", code))?;
                let secret = Secret::passphrase(&passphrase);
                let (vault, code) = Vault::create(&house.settings.data_dir, &[secret], house.options())?;
                crate::whereabouts::remember(&vault);
                *house.unshown_code() = Some(code.to_string());
                house.move_in(vault)?;
            }
            Err(problem) => return Err(problem),
        }
        let account = accounts::add(&house.open()?.vault, &new)?;
        Ok(FirstAccount {
            account: account.id.to_string(),
            profile: account.profile.map(|profile| profile.to_string()),
            recovery_code: house.unshown_code().take(),
        })
    })
}
