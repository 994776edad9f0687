//! What is kept of an imported resource beside the record: its exact bytes, and the `fullUrl` of its entry.

use super::address::Identity;
use super::facts::{self, Freshness};
use super::json::Node;

/// The bytes a resource came as.
///
/// Stored form, version 1: `1`, the length of the `fullUrl` in four bytes (big-endian; all ones for none), the
/// `fullUrl`, the resource.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Origin<'a> {
    /// The `fullUrl` of its Bundle entry.
    pub full_url: Option<&'a str>,
    /// The resource, byte for byte.
    pub resource: &'a [u8],
}

const VERSION: u8 = 1;

impl<'a> Origin<'a> {
    /// The stored form.
    pub fn encode(&self) -> Vec<u8> {
        let url = self.full_url.unwrap_or("");
        let length = match self.full_url {
            Some(url) => u32::try_from(url.len()).unwrap_or(u32::MAX),
            None => u32::MAX,
        };
        let url = if length == u32::MAX { "" } else { url };
        let mut bytes = Vec::with_capacity(5 + url.len() + self.resource.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(url.as_bytes());
        bytes.extend_from_slice(self.resource);
        bytes
    }

    /// Reads the stored form; `None` when it is none.
    pub fn decode(bytes: &'a [u8]) -> Option<Self> {
        let (length, rest) = bytes.strip_prefix(&[VERSION])?.split_first_chunk()?;
        match u32::from_be_bytes(*length) {
            u32::MAX => Some(Self { full_url: None, resource: rest }),
            length => {
                let (url, resource) = rest.split_at_checked(length as usize)?;
                Some(Self { full_url: Some(std::str::from_utf8(url).ok()?), resource })
            }
        }
    }

    /// What makes the resource the same as another, how new it is, and the digest of its content; `None` when the bytes
    /// are no resource.
    pub fn facts(&self) -> Option<(Identity, Freshness, [u8; 32])> {
        let node = Node::parse(self.resource).ok()?;
        let id = node.text("id").filter(|id| !id.is_empty());
        let identity = facts::identity(self.full_url, node.text("resourceType")?, id, self.resource);
        Some((identity, Freshness::of(&node), super::address::content_digest(self.resource)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_gives_back_every_byte() {
        for full_url in [None, Some(""), Some("urn:uuid:1")] {
            let origin = Origin { full_url, resource: b"{ \"resourceType\": \"X\" }" };
            assert_eq!(Origin::decode(&origin.encode()), Some(origin));
        }
        let sample = Origin { full_url: Some("u"), resource: b"{}" }.encode();
        assert_eq!(sample, b"\x01\x00\x00\x00\x01u{}");
    }

    #[test]
    fn broken_forms_are_refused() {
        for bytes in [
            &b""[..],
            b"\x01\x00\x00\x00",
            b"\x02\xff\xff\xff\xff{}",
            b"\x01\x00\x00\x00\x09u{}",
            b"\x01\x00\x00\x00\x01\xff{}",
        ] {
            assert_eq!(Origin::decode(bytes), None, "{bytes:?}");
        }
    }
}
