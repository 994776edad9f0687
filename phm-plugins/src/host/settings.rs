//! The plugin's own settings, as the administrator set them.

use phm_plugin_api::v1::calls::SettingsGet;
use phm_plugin_api::v1::{Operation as _, Refusal};
use serde_json::Value;

use super::Host;

/// `settings.get`
pub fn get(host: &mut Host, _: SettingsGet) -> Result<Value, Refusal> {
    host.pass(SettingsGet::NAME, None, None)?;
    Ok(host.settings.clone())
}
