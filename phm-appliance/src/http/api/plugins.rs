//! Plugins, for admins: installing one, what is installed, what each asks for and may do, and its log; switching one on and off.

use std::sync::Arc;

use phm_plugins::installed::{self, Installed};
use phm_plugins::manifest::Permission;
use phm_plugins::signature::AuthorKey;
use phm_plugins::{PluginError, logbook};
use poem::web::Data;
use poem::{Request, RequestBody, Result};
use poem_openapi::param::Path;
use poem_openapi::registry::MetaRequest;
use poem_openapi::types::Any;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, Object, OpenApi};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Chapter;
use super::documents::{binary, multipart};
use super::records::text;
use super::upload::Upload;
use crate::http::body::Body;
use crate::http::envelope::{Answer, Created};
use crate::http::guard::SignedIn;
use crate::http::house::House;
use crate::http::packages;
use crate::http::problem::Problem;

/// What a plugin may do of what it asks for.
#[derive(Deserialize, Object, Serialize)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct PluginChoice {
    /// The capabilities to grant; all that it declares where none are named.
    #[serde(default)]
    only: Option<Vec<String>>,
    /// The `sha256` of the package that was looked at; where another one is installed by now, nothing is switched on.
    #[serde(default)]
    sha256: Option<String>,
}

/// Plugins.
pub struct Plugins;

#[OpenApi(tag = "Chapter::Plugins")]
impl Plugins {
    /// Every installed plugin: name, version, kind, `state` (`on` or `off`), whose signature it carries, and its permissions with
    /// the reason for each and whether it was granted, and how much it may take for one call.
    #[oai(path = "/plugins", method = "get", operation_id = "plugins_list")]
    async fn list(&self, caller: SignedIn, house: Data<&Arc<House>>) -> Result<Answer<Any<Value>>, Problem> {
        let all = house.with(&caller, |at| {
            at.runs_the_house()?;
            Ok(at.plugins.list()?)
        });
        Ok(Answer::new(Any(all.await?.iter().map(shown).collect())))
    }

    /// Install a package (`file`, at most 16 MiB), switched off. Its signature must be of a key that is trusted here; where that
    /// is still to be decided, `trust` names the key (`phm-plugin-key-1:…`) and `name` whose it is.
    #[oai(path = "/plugins", method = "post", operation_id = "plugins_install")]
    async fn install(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        upload: PackageUpload,
    ) -> Result<Created<Any<Value>>, Problem> {
        let Upload { content, fields, .. } = upload.0;
        let wrong_key = |_| Problem::invalid("/trust", "wrong-type");
        let trust = fields.get("trust").map(|key| key.parse::<AuthorKey>()).transpose().map_err(wrong_key)?;
        let name = fields.get("name").map(|name| name.trim().to_owned()).unwrap_or_default();
        if trust.is_some() && name.is_empty() {
            return Err(Problem::invalid("/name", "required"));
        }
        let plugin = house.with(&caller, move |at| {
            at.runs_the_house()?;
            let bytes = packages::read(&content)?;
            let Some(key) = trust else { return Ok(at.plugins.install(at, &bytes)?) };
            let signer = at.plugins.look(at, &bytes)?.signer;
            if signer != key {
                return Err(PluginError::UntrustedKey(signer.to_string()).into());
            }
            Ok(at.plugins.install_trusting(at, &bytes, &name)?)
        });
        Ok(Created::new(Any(shown(&plugin.await?))))
    }

    /// Switch a plugin on, with all that it asks for or with a part of it.
    #[oai(path = "/plugins/:name/enable", method = "post", operation_id = "plugins_enable")]
    async fn enable(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        name: Path<String>,
        body: Body<PluginChoice>,
    ) -> Result<Answer<Any<Value>>, Problem> {
        let (name, PluginChoice { only, sha256 }) = (name.0, body.0);
        let plugin = house.with(&caller, move |at| {
            Ok(installed::enable_shown(&at.vault, at, &name, sha256.as_deref(), only.as_deref())?)
        });
        Ok(Answer::new(Any(shown(&plugin.await?))))
    }

    /// Switch a plugin off. Calls that run finish; no other begins.
    #[oai(path = "/plugins/:name/disable", method = "post", operation_id = "plugins_disable")]
    async fn disable(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        name: Path<String>,
    ) -> Result<Answer<Any<Value>>, Problem> {
        let name = name.0;
        let plugin = house.with(&caller, move |at| Ok(installed::disable(&at.vault, at, &name)?));
        Ok(Answer::new(Any(shown(&plugin.await?))))
    }

    /// What a plugin logged in calls about nobody, oldest first. What it logs in a call about a person belongs to that person.
    #[oai(path = "/plugins/:name/log", method = "get", operation_id = "plugins_log")]
    async fn log(
        &self,
        caller: SignedIn,
        house: Data<&Arc<House>>,
        name: Path<String>,
    ) -> Result<Answer<Any<Value>>, Problem> {
        let name = name.0;
        let lines = house.with(&caller, move |at| {
            at.runs_the_house()?;
            installed::get(&at.vault, &name)?;
            let lines = logbook::read(&at.vault, &name, None)?;
            at.note_administered("read a plugin's log")?;
            Ok(lines)
        });
        Ok(Answer::new(Any(json!(lines.await?))))
    }
}

/// A package as it is uploaded.
struct PackageUpload(Upload);

impl<'a> ApiExtractor<'a> for PackageUpload {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<MetaRequest> {
        Some(multipart(vec![("file", binary()), ("trust", text()), ("name", text())]))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        Ok(Self(Upload::read_within(request, body, &["trust", "name"], packages::MOST_BYTES).await?))
    }
}

/// A plugin as an admin sees it; its settings are not shown, since they may hold a secret.
fn shown(plugin: &Installed) -> Value {
    let granted = |asked: &Permission| plugin.granted.as_ref().is_some_and(|granted| granted.contains(asked));
    let permission = |asked: &Permission| {
        json!({
            "capability": asked.capability, "reason": asked.reason, "kinds": asked.kinds, "hosts": asked.hosts,
            "granted": granted(asked),
        })
    };
    let permissions: Vec<Value> = plugin.declared.iter().map(permission).collect();
    json!({
        "name": plugin.name, "version": plugin.version, "kind": plugin.kind, "summary": plugin.summary,
        "state": if plugin.granted.is_some() { "on" } else { "off" },
        "signer": plugin.signer, "sha256": plugin.sha256, "installed_at": plugin.installed_at,
        "limits": plugin.limits, "permissions": permissions,
    })
}
