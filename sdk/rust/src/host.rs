//! Asking the house for something.

use phm_plugin_api::v1::calls::{Level, Log};
use phm_plugin_api::v1::{Call, Operation, Refusal, Reply, VERSION};
use serde_json::Value;

/// Asks for one operation. A refusal says which door was shut: the manifest does not declare it, the administrator did not
/// grant it, the person's consent does not cover it, or a limit is reached.
pub fn call<O: Operation>(operation: &O) -> Result<O::Answer, Refusal> {
    let args = serde_json::to_value(operation).map_err(|_| unreadable())?;
    let reply = send(&Call { v: VERSION, op: O::NAME.to_owned(), args })?;
    serde_json::from_value(reply).map_err(|_| unreadable())
}

/// Writes a line into the plugin's log. Where that is not granted the line is dropped, and the plugin goes on.
pub fn log(level: Level, message: impl Into<String>) {
    let _dropped = call(&Log { level, message: message.into() });
}

#[cfg(target_arch = "wasm32")]
fn send(call: &Call) -> Result<Value, Refusal> {
    let request = serde_json::to_vec(call).map_err(|_| unreadable())?;
    opened(&crate::guest::phm_call(&request))
}

#[cfg(not(target_arch = "wasm32"))]
fn send(call: &Call) -> Result<Value, Refusal> {
    let request = serde_json::to_vec(call).map_err(|_| unreadable())?;
    opened(&crate::testing::answer(&request))
}

fn opened(reply: &[u8]) -> Result<Value, Refusal> {
    match serde_json::from_slice(reply).map_err(|_| unreadable())? {
        Reply::Ok(value) => Ok(value),
        Reply::Error(refusal) => Err(refusal),
    }
}

fn unreadable() -> Refusal {
    Refusal { code: "unreadable".into(), door: None, message: "the reply of the house could not be read".into() }
}
