//! Which labels a record has: what its codes say, what it came with, and what the person marked.
//!
//! Labels are made when a version is written and stand in its header. What the codes of a body say follows the body;
//! everything else, such as the marks of whoever sent a resource or of the person, stays from version to version until
//! somebody who answers for the person takes it away.

use std::collections::BTreeSet;

use serde_json::Value;

use super::session::{PROFILE, Session};
use super::shown::{How, Record};
use crate::access::{Labels, Permit, Sensitivity, label_of};
use crate::error::{Detail, Error, Result};
use crate::exchange::fhir::json::Node;
use crate::id::RecordId;
use crate::index::{Act, Header};

/// What a body says by itself: a note its writer keeps to themselves, and sensitive codes. The record that says who a
/// person is has no label, or nobody could be told apart.
pub(super) fn of_body(kind: &str, json: &str) -> Vec<Box<str>> {
    let mut words = BTreeSet::new();
    if let (false, Ok(body)) = (kind == PROFILE, serde_json::from_str::<Value>(json)) {
        if kind == "note" && body.get("private") == Some(&Value::Bool(true)) {
            words.insert(Sensitivity::PrivateNote.as_str());
        }
        in_value(&body, &mut words);
    }
    words.into_iter().map(Into::into).collect()
}

/// What an imported resource says: its security labels, and every code in it.
pub(super) fn of_resource(kind: &str, bytes: &[u8]) -> Vec<Box<str>> {
    let mut words = BTreeSet::new();
    if let (false, Ok(resource)) = (kind == PROFILE, Node::parse(bytes)) {
        in_node(&resource, &mut words);
    }
    words.into_iter().map(Into::into).collect()
}

/// Each label of either, once, in order.
pub(super) fn merged(own: &[Box<str>], more: &[Box<str>]) -> Vec<Box<str>> {
    own.iter().chain(more).cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

/// The labels of a version that its body, which is `json`, does not say by itself.
pub(super) fn marks(kind: &str, labels: &[Box<str>], json: &str) -> Vec<Box<str>> {
    if labels.is_empty() {
        return Vec::new();
    }
    let said = of_body(kind, json);
    labels.iter().filter(|label| !said.contains(label)).cloned().collect()
}

fn in_value(value: &Value, words: &mut BTreeSet<&'static str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| in_value(item, words)),
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            words.extend(text("system").zip(text("code")).and_then(|(system, code)| label_of(system, code)));
            fields.values().for_each(|field| in_value(field, words));
        }
        _ => {}
    }
}

fn in_node(node: &Node<'_>, words: &mut BTreeSet<&'static str>) {
    words.extend(node.text("system").zip(node.text("code")).and_then(|(system, code)| label_of(system, code)));
    node.items().iter().for_each(|item| in_node(item, words));
    node.members().iter().for_each(|member| in_node(&member.value, words));
}

impl Session {
    /// Marks a record that still is at version `based_on` as sensitive, in a new version: with these labels beside those
    /// that its codes say, and no other that a grant could name.
    ///
    /// # Errors
    /// `conflict` when the record has moved on; `not-granted` for whoever does not answer for the person, since a mark
    /// hides the record from others and taking one away shows it to them; `invalid` for the record that says who a
    /// person is.
    pub fn mark(&self, permit: &Permit, id: RecordId, based_on: u32, labels: Labels) -> Result<Record> {
        self.must_answer_for(permit.profile())?;
        if permit.kind() == PROFILE {
            return Err(Error::invalid(vec![Detail { path: "/labels".to_owned(), code: "invalid-choice" }]));
        }
        let profile = self.inner.open_profile(permit.profile())?;
        self.mark_anew(permit, id, based_on, |found, next| {
            let body = self.body(&profile, found.body_seq)?;
            // What is no word of ours, such as `restricted`, is nobody's to take away unseen.
            let foreign = found.header.labels.iter().filter(|label| label.parse::<Sensitivity>().is_err()).cloned();
            let own: Vec<Box<str>> = labels.iter().map(|label| label.as_str().into()).chain(foreign).collect();
            let labels = merged(&of_body(permit.kind(), body.get()), &own);
            let (at, provenance) = (self.inner.now(), self.provenance(&How::Typed));
            let header = Header { at, act: Act::Amend, version: next, labels, provenance, ..found.header.clone() };
            // It stays the resource it came as: a mark is no amendment that another version would conflict with.
            let header = Header { import: None, origin: false, ..header };
            Ok((header, Some(body.get().to_owned())))
        })
    }
}
