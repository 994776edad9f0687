//! Gotify: a message of an application, whose token is the secret (gotify.net, "Push messages").

use serde_json::json;

use super::{Outside, Said, Unsent};
use crate::notify::wishes::Door;

/// As loud as what is to be seen soon and wakes nobody.
const PRIORITY: u8 = 5;

/// Pushes a message.
pub(super) fn send(outside: &Outside, door: &Door, said: &Said) -> Result<(), Unsent> {
    let body = json!({
        "title": said.title, "message": said.text, "priority": PRIORITY,
        "extras": {"client::notification": {"click": {"url": said.link}}},
    });
    outside.post(&place(&door.url)?, &[("x-gotify-key", door.secret.clone())], body.to_string().into_bytes())
}

/// Where messages go on the server at this address.
pub(super) fn place(url: &str) -> Result<String, Unsent> {
    if url.contains(['?', '#']) {
        return Err(Unsent::Address);
    }
    Ok(format!("{}/message", url.trim_end_matches('/')))
}
