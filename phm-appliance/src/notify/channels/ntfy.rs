//! ntfy: publishing to a topic, by JSON at the root of the server (docs.ntfy.sh, "Publish as JSON").

use serde_json::json;

use super::{Outside, Said, Unsent};
use crate::notify::wishes::Door;

/// Letters of a topic at most.
const LONGEST_TOPIC: usize = 64;

/// Bytes of a message at most; of a longer one the server makes a file.
const LONGEST_MESSAGE: usize = 4_000;

/// Publishes a message.
pub(super) fn send(outside: &Outside, door: &Door, said: &Said) -> Result<(), Unsent> {
    let (server, topic) = place(&door.url)?;
    let body = json!({"topic": topic, "title": said.title, "message": fitted(&said.text), "click": said.link});
    let mut headers = Vec::new();
    if !door.secret.is_empty() {
        headers.push(("authorization", format!("Bearer {}", door.secret)));
    }
    outside.post(&server, &headers, body.to_string().into_bytes())
}

/// As much of a text as fits, in whole letters.
fn fitted(text: &str) -> &str {
    let mut end = text.len().min(LONGEST_MESSAGE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_ends_with_a_whole_letter() {
        assert_eq!(fitted("दवा"), "दवा");
        assert_eq!(fitted(&"द".repeat(2_000)).len(), 3_999, "three bytes each");
    }
}
