//! The plugin's log. A line may hold what the plugin has read, so it goes nowhere but into the plugin's own sealed log.

use phm_plugin_api::v1::calls::{Done, Log};
use phm_plugin_api::v1::{Door, Operation as _, Refusal};

use super::Host;
use crate::granter::refusal;

/// `log`
pub fn write(host: &mut Host, asked: Log) -> Result<Done, Refusal> {
    host.pass(Log::NAME, None, None)?;
    if host.lines.add(asked.level, &asked.message) {
        Ok(Done {})
    } else {
        Err(refusal("log-full", Door::Limit, "this call has logged as much as it may; the line was dropped"))
    }
}
