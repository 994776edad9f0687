//! What a resource is called, and what a reference points to.
//!
//! The rules are FHIR R4's (Bundle, "Resolving references in Bundles"; References): a relative reference is read
//! against the base of its entry's `fullUrl`; a `urn:` or other plain text against the `fullUrl`s of the same Bundle;
//! `/_history/n` names a version of the same thing; `Type?identifier=system|value` and a reference by `identifier`
//! alone name whoever carries that identifier.

use std::hash::{BuildHasher as _, RandomState};

use super::json::{Node, compact};
use crate::crypto::digest::{Sha256, sha256};

/// What makes two resources the same one, whoever they are about: http base of the `fullUrl` if any, type and id; or
/// the digest of the content where there is no id.
///
/// It is the same in every vault and on every machine, and never changes; it belongs into sealed bodies only.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Identity([u8; 16]);

impl Identity {
    /// The resource of `kind` with `id` below `base`.
    pub fn of(base: Option<&str>, kind: &str, id: &str) -> Self {
        Self::cut(sha256(&[b"fhir id\0", base.unwrap_or("").as_bytes(), b"\0", kind.as_bytes(), b"\0", id.as_bytes()]))
    }

    /// The resource without an id whose content has this digest.
    pub fn of_content(content: &[u8; 32]) -> Self {
        Self::cut(sha256(&[b"fhir content\0", content]))
    }

    /// The sixteen bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The identity with these bytes, as read back from storage.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    fn cut(digest: [u8; 32]) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(bytes)
    }

    pub(super) fn short(&self) -> u64 {
        u64::from_be_bytes(self.0[..8].try_into().expect("eight of sixteen bytes"))
    }
}

/// SHA-256 over a resource without the white space between its tokens.
pub fn content_digest(bytes: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    compact(bytes, |part| digest.update(part));
    digest.finish()
}

/// A reference taken apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Target<'a> {
    /// `#id`: inside the same resource.
    Contained(&'a str),
    /// `Type/id`, with the base where the reference is absolute.
    Typed {
        /// The part before `/Type/id`.
        base: Option<&'a str>,
        /// The resource type.
        kind: &'a str,
        /// The logical id.
        id: &'a str,
    },
    /// `Type?identifier=system|value`.
    Identified {
        /// The resource type.
        kind: &'a str,
        /// `system|value`
        identifier: &'a str,
    },
    /// Anything else, above all `urn:uuid:…`: a `fullUrl` of the same Bundle.
    Verbatim(&'a str),
}

impl<'a> Target<'a> {
    /// Takes `reference` apart.
    pub fn parse(reference: &'a str) -> Self {
        let reference = reference.trim();
        if let Some(id) = reference.strip_prefix('#') {
            return Self::Contained(id);
        }
        if reference.starts_with("urn:") {
            return Self::Verbatim(reference);
        }
        if let Some((path, query)) = reference.split_once('?') {
            let kind = path.rsplit('/').next().unwrap_or(path);
            return match query.split('&').find_map(|part| part.strip_prefix("identifier=")) {
                Some(identifier) if is_type(kind) => Self::Identified { kind, identifier },
                _ => Self::Verbatim(reference),
            };
        }
        let path = reference.split_once("/_history/").map_or(reference, |(path, _)| path);
        let mut parts = path.rsplitn(3, '/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(id), Some(kind), base) if is_type(kind) && is_id(id) => {
                Self::Typed { base: base.filter(|base| !base.is_empty()), kind, id }
            }
            _ => Self::Verbatim(reference),
        }
    }
}

fn is_type(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase()) && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Whether `text` may be an id: FHIR allows 64 letters, digits, dashes and dots; what is found in the wild is wider.
pub fn is_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte))
}

/// The http base of a `fullUrl` that ends in `/kind/id`.
pub fn base_of<'a>(full_url: Option<&'a str>, kind: &str, id: Option<&str>) -> Option<&'a str> {
    let url = full_url.filter(|url| url.starts_with("http://") || url.starts_with("https://"))?;
    let url = url.split_once("/_history/").map_or(url, |(path, _)| path);
    url.strip_suffix(id?)?.strip_suffix('/')?.strip_suffix(kind)?.strip_suffix('/')
}

/// The base that relative references in an entry with this `fullUrl` are read against.
pub fn base_of_references(full_url: Option<&str>) -> Option<&str> {
    match full_url.filter(|url| url.starts_with("http://") || url.starts_with("https://")).map(Target::parse)? {
        Target::Typed { base, .. } => base,
        _ => None,
    }
}

/// Short keys of names, good within one plan only: they are made with a random key.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys(RandomState);

/// A name by which something may be found.
#[derive(Clone, Copy, Debug, Hash)]
pub(super) enum Name<'a> {
    /// A `fullUrl` as it stands, inside one container.
    Scoped(u64, &'a str),
    /// A `urn:` wherever it stands.
    Urn(&'a str),
    /// Type and id below an http base.
    Based(&'a str, &'a str, &'a str),
    /// Type and id of a resource without a base.
    Bare(&'a str, &'a str),
    /// Type and id of a resource with whatever base.
    Loose(&'a str, &'a str),
    /// Type and `system|value` of an identifier.
    Identifier(&'a str, &'a str),
    /// A canonical address.
    Canonical(&'a str),
    /// No name but the content.
    Content(&'a [u8]),
}

/// How many names a reference is looked up by.
pub(super) const CANDIDATES: usize = 3;

impl Keys {
    pub(super) fn of(&self, name: Name<'_>) -> u64 {
        self.0.hash_one(name)
    }

    /// The names a resource answers to, its most exact one first.
    pub(super) fn of_resource(&self, entry: &Naming<'_>, mut take: impl FnMut(u64)) {
        let Naming { container, full_url, kind, id, .. } = *entry;
        if let Some(id) = id {
            if let Some(base) = base_of(full_url, kind, Some(id)) {
                take(self.of(Name::Based(base, kind, id)));
                take(self.of(Name::Loose(kind, id)));
            } else {
                take(self.of(Name::Bare(kind, id)));
            }
        }
        if let Some(url) = full_url {
            // A `fullUrl` that says no more than type and id needs no name of its own.
            if url.starts_with("urn:") {
                take(self.of(Name::Urn(url)));
            }
            if base_of(full_url, kind, id).is_none() {
                take(self.of(Name::Scoped(container, url)));
                if let Target::Typed { base: Some(base), kind, id } = Target::parse(url) {
                    take(self.of(Name::Based(base, kind, id)));
                }
            }
        }
    }

    /// The names by which `target` may be found, most exact first; `base` and `container` are those of the entry the
    /// reference stands in.
    pub(super) fn of_target(
        &self,
        target: Target<'_>,
        base: Option<&str>,
        container: u64,
    ) -> [Option<u64>; CANDIDATES] {
        match target {
            Target::Contained(_) => [None; CANDIDATES],
            Target::Typed { base: Some(base), kind, id } => {
                [Some(self.of(Name::Based(base, kind, id))), Some(self.of(Name::Bare(kind, id))), None]
            }
            Target::Typed { base: None, kind, id } => match base {
                Some(base) => [Some(self.of(Name::Based(base, kind, id))), Some(self.of(Name::Bare(kind, id))), None],
                None => [Some(self.of(Name::Bare(kind, id))), Some(self.of(Name::Loose(kind, id))), None],
            },
            Target::Identified { kind, identifier } => [Some(self.of(Name::Identifier(kind, identifier))), None, None],
            Target::Verbatim(url) => {
                let scoped = Some(self.of(Name::Scoped(container, url)));
                if url.starts_with("urn:") {
                    [scoped, Some(self.of(Name::Urn(url))), None]
                } else {
                    [scoped, None, None]
                }
            }
        }
    }
}

/// What names a resource.
#[derive(Clone, Copy, Debug)]
pub(super) struct Naming<'a> {
    pub(super) container: u64,
    pub(super) full_url: Option<&'a str>,
    pub(super) kind: &'a str,
    pub(super) id: Option<&'a str>,
}

/// `system|value` of every identifier of a resource.
pub(super) fn identifiers(node: &Node<'_>, mut take: impl FnMut(&str)) {
    for identifier in node.list("identifier") {
        if let Some(text) = identifier_text(identifier) {
            take(&text);
        }
    }
}

/// `system|value` of one Identifier.
pub(super) fn identifier_text(identifier: &Node<'_>) -> Option<String> {
    let value = identifier.words("value")?;
    Some(format!("{}|{value}", identifier.words("system").unwrap_or("")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_apart() {
        let typed = |base, kind, id| Target::Typed { base, kind, id };
        assert_eq!(Target::parse("Patient/1"), typed(None, "Patient", "1"));
        assert_eq!(Target::parse("Patient/1/_history/2"), typed(None, "Patient", "1"));
        assert_eq!(
            Target::parse("http://a.example/fhir/Patient/1"),
            typed(Some("http://a.example/fhir"), "Patient", "1")
        );
        assert_eq!(Target::parse("#p"), Target::Contained("p"));
        assert_eq!(Target::parse("urn:uuid:1"), Target::Verbatim("urn:uuid:1"));
        assert_eq!(Target::parse("resource:0"), Target::Verbatim("resource:0"));
        let identified = Target::Identified { kind: "Practitioner", identifier: "http://npi|9" };
        assert_eq!(Target::parse("Practitioner?identifier=http://npi|9"), identified);
    }

    #[test]
    fn only_an_http_address_that_ends_in_type_and_id_has_a_base() {
        assert_eq!(base_of(Some("https://a/b/Patient/1"), "Patient", Some("1")), Some("https://a/b"));
        assert_eq!(base_of(Some("https://a/b/Patient/1"), "Patient", Some("2")), None);
        assert_eq!(base_of(Some("urn:uuid:1"), "Patient", Some("1")), None);
        assert_eq!(base_of_references(Some("https://a/b/Patient/1")), Some("https://a/b"));
    }

    #[test]
    fn identities_tell_base_type_and_id_apart() {
        let one = Identity::of(None, "Patient", "1");
        assert_eq!(one, Identity::of(None, "Patient", "1"));
        assert_ne!(one, Identity::of(Some("https://a"), "Patient", "1"));
        assert_ne!(one, Identity::of(None, "Person", "1"));
        assert_eq!(content_digest(b"{ \"a\": 1 }"), content_digest(b"{\"a\":1}"));
        assert_ne!(content_digest(b"{\"a\":1}"), content_digest(b"{\"a\":1.0}"));
    }
}
