//! A webhook: a program of the person's own, which can check that it hears from this house and not from somebody else.
//!
//! The body is `{"id","title","text","link","sent_at"}`. `x-phm-signature` is `sha256=` and HMAC-SHA256 (RFC 2104), in hex, of
//! the timestamp in `x-phm-timestamp` (seconds since 1970), a full stop and the body, under the secret of the channel. A receiver
//! compares it, refuses what is older than some minutes, and knows a repeated attempt by `x-phm-delivery`.

use phm_core::crypto::digest;
use serde_json::json;

use super::{Said, Unsent, Ways};
use crate::notify::wishes::Door;

/// The header with the signature.
pub const SIGNATURE: &str = "x-phm-signature";

/// Calls the program.
pub(super) fn send(ways: &Ways<'_>, door: &Door, said: &Said) -> Result<(), Unsent> {
    let body = json!({
        "id": said.id, "title": said.title, "text": said.text, "link": said.link, "sent_at": ways.now,
    });
    let (seconds, body) = (ways.now.millis().div_euclid(1000), body.to_string());
    let headers = [
        ("x-phm-timestamp", seconds.to_string()),
        (SIGNATURE, signature(&door.secret, seconds, &body)),
        ("x-phm-delivery", said.id.clone()),
    ];
    ways.outside.post(&door.url, &headers, body.into_bytes())
}

/// The signature of a body that was sent at this second.
pub fn signature(secret: &str, seconds: i64, body: &str) -> String {
    let code = digest::hmac_sha256(secret.as_bytes(), &[seconds.to_string().as_bytes(), b".", body.as_bytes()]);
    format!("sha256={}", digest::hex(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_covers_time_and_body() {
        // printf '1795000000.{"id":"1"}' | openssl dgst -sha256 -hmac secret
        let signed = signature("secret", 1_795_000_000, r#"{"id":"1"}"#);
        assert_eq!(signed, "sha256=59ef9ae7574a6d1b9c3dd8c9a5d54fb1e670c060f4f22f52bcde8008444c3ff9");
        assert_ne!(signed, signature("secret", 1_795_000_001, r#"{"id":"1"}"#));
        assert_ne!(signed, signature("other", 1_795_000_000, r#"{"id":"1"}"#));
    }
}
