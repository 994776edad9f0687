//! What must be known of a resource before anything is understood of it.

use std::cmp::Ordering;

use super::address::{self, Identity, Naming};
use super::found::Entry;
use super::json::Node;
use super::moment;
use crate::time::Instant;

/// How new a resource says it is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Freshness {
    /// `meta.lastUpdated`
    pub last_updated: Option<Instant>,
    /// `meta.versionId`, where it is a number.
    pub version: Option<u64>,
}

impl Freshness {
    /// What the `meta` of a resource says.
    pub fn of(node: &Node<'_>) -> Self {
        let meta = node.get("meta");
        Self {
            last_updated: meta.and_then(|meta| meta.text("lastUpdated")).and_then(moment::instant),
            version: meta.and_then(|meta| meta.text("versionId")).and_then(|version| version.parse().ok()),
        }
    }

    /// Which of two is newer: by `lastUpdated`, then by `versionId`; `None` when neither decides.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        let by_time = self.last_updated.zip(other.last_updated).map(|(one, two)| one.cmp(&two));
        let by_version = self.version.zip(other.version).map(|(one, two)| one.cmp(&two));
        by_time.filter(|order| order.is_ne()).or(by_version.filter(|order| order.is_ne()))
    }
}

/// Type, id, identity and freshness of one resource.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    pub(super) naming: Naming<'a>,
    /// The base relative references in it are read against.
    pub(super) base: Option<&'a str>,
    pub(super) identity: Identity,
    pub(super) freshness: Freshness,
}

impl<'a> Facts<'a> {
    pub(super) fn of(entry: &Entry<'a>, source: usize) -> Self {
        let container = ((source as u64) << 32) | u64::from(entry.container);
        let kind = entry.node.text("resourceType").unwrap_or("");
        let id = entry.node.text("id").filter(|id| !id.is_empty());
        Self {
            naming: Naming { container, full_url: entry.full_url, kind, id },
            base: address::base_of_references(entry.full_url),
            identity: identity(entry.full_url, kind, id, entry.bytes),
            freshness: Freshness::of(entry.node),
        }
    }
}

/// What makes a resource the same one as another.
pub(super) fn identity(full_url: Option<&str>, kind: &str, id: Option<&str>, bytes: &[u8]) -> Identity {
    match id {
        Some(id) => Identity::of(address::base_of(full_url, kind, Some(id)), kind, id),
        None => Identity::of_content(&address::content_digest(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(meta: &str) -> Freshness {
        Freshness::of(&Node::parse(format!("{{\"meta\":{meta}}}").as_bytes()).expect("JSON"))
    }

    #[test]
    fn the_newer_one_is_told_by_time_then_by_version_or_not_at_all() {
        let old = fresh(r#"{"lastUpdated":"2019-01-01T00:00:00Z","versionId":"9"}"#);
        let new = fresh(r#"{"lastUpdated":"2019-01-01T00:00:00.001Z","versionId":"1"}"#);
        assert_eq!(old.compare(&new), Some(Ordering::Less));
        let (two, ten) = (fresh(r#"{"versionId":"2"}"#), fresh(r#"{"versionId":"10"}"#));
        assert_eq!(ten.compare(&two), Some(Ordering::Greater));
        assert_eq!(two.compare(&two), None);
        assert_eq!(old.compare(&Freshness::default()), None);
        assert_eq!(fresh(r#"{"versionId":"a"}"#), Freshness::default());
    }
}
