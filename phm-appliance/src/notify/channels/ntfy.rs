//! ntfy: publishing to a topic, by JSON at the root of the server (docs.ntfy.sh, "Publish as JSON").

use serde_json::json;

use super::{Outside, Said, Unsent};
use crate::notify::wishes::Door;

/// Letters of a topic at most.
const LONGEST_TOPIC: usize = 64;

/// Publishes a message.
pub(super) fn send(outside: &Outside, door: &Door, said: &Said) -> Result<(), Unsent> {
    let (server, topic) = place(&door.url)?;
    let body = json!({"topic": topic, "title": said.title, "message": said.text, "click": said.link});
    let mut headers = Vec::new();
    if !door.secret.is_empty() {
        headers.push(("authorization", format!("Bearer {}", door.secret)));
    }
    outside.post(&server, &headers, body.to_string().into_bytes())
}

/// Server and topic of an address such as `https://ntfy.sh/my-topic`.
pub(super) fn place(url: &str) -> Result<(String, String), Unsent> {
    let (server, topic) = url.trim_end_matches('/').rsplit_once('/').ok_or(Unsent::Address)?;
    let is_topic = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let whole = server.contains("://") && !server.ends_with('/');
    if !whole || topic.is_empty() || topic.len() > LONGEST_TOPIC || !topic.chars().all(is_topic) {
        return Err(Unsent::Address);
    }
    Ok((format!("{server}/"), topic.to_owned()))
}
