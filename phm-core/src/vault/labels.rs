//! Which labels a record has: what its codes say, what it came with, and what the person marked.
//!
//! Labels are made when a version is written and stand in its header. What the codes of a body say follows the body;
//! everything else, such as the marks of whoever sent a resource or of the person, stays from version to version until
//! somebody who answers for the person takes it away. Folding the journal adds what today's tables say of the summary
//! (`index/judged.rs`), so that what was written before a table grew has its label too.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::session::{PROFILE, Session};
use super::shown::{How, Record};
use crate::access::{Labels, Permit, Sensitivity, is_told_by_name, label_of, label_of_name};
use crate::error::{Detail, Error, Result};
use crate::exchange::fhir::json::Node;
use crate::id::RecordId;
use crate::index::{Act, Header};

/// What a body says by itself: a note its writer keeps to themselves, and sensitive codes. The record that says who a
/// person is has no label, or nobody could be told apart.
pub(super) fn of_body(kind: &str, json: &str) -> Vec<Box<str>> {
    let mut said = Said::default();
    if kind == "note" && serde_json::from_str::<Value>(json).is_ok_and(|body| body["private"] == Value::Bool(true)) {
        said.words.insert(Sensitivity::PrivateNote.as_str());
    }
    if kind != PROFILE {
        // A stored form is JSON; what breaks off has said what stands before the break.
        let _ = Gathering(&mut said).deserialize(&mut serde_json::Deserializer::from_str(json));
    }
    said.words.into_iter().map(Into::into).collect()
}

/// What an imported resource says: its security labels, and every code in it.
pub(super) fn of_resource(kind: &str, resource: &Node<'_>) -> Vec<Box<str>> {
    let mut said = Said::default();
    if kind != PROFILE {
        in_node(resource, &mut said);
    }
    said.words.into_iter().map(Into::into).collect()
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

/// The fields of an object that say what a code is, and what the concept around codes is called.
const TOLD: [&str; 4] = ["system", "code", "display", "text"];

/// The fields, of our kinds and of FHIR, that say which medicine something is about: what stands there is the name of a
/// medicine, with or without a code. Notes, reasons and instructions stand elsewhere and say nothing by a word.
const MEDICINE: [&str; 4] = ["drug", "medication", "medicationCodeableConcept", "medicationReference"];

/// What was gone through has said so far.
#[derive(Default)]
struct Said {
    words: BTreeSet<&'static str>,
    /// Whether a code stands in the object that is gone through of which a name would say more: many write that beside
    /// their codes, and not into them.
    unnamed: bool,
    /// Whether what is gone through says which medicine something is about.
    medicine: bool,
}

impl Said {
    /// Goes into an object; what this answers belongs to [`Said::leave`].
    fn enter(&mut self) -> bool {
        std::mem::take(&mut self.unnamed)
    }

    /// Goes into what stands under a name; what this answers belongs to [`Said::leave_field`].
    fn enter_field(&mut self, name: Option<&str>) -> bool {
        let around = self.medicine;
        self.medicine |= name.is_some_and(|name| MEDICINE.contains(&name));
        around
    }

    /// Takes the text that stands under a name itself, if it is one.
    fn leave_field(&mut self, around: bool, text: Option<&str>) {
        if std::mem::replace(&mut self.medicine, around) && !around {
            self.words.extend(text.and_then(label_of_name));
        }
    }

    /// Takes what an object says itself, once all in it was gone through: its fields as [`TOLD`] names them.
    fn leave(&mut self, around: bool, [system, code, display, text]: [Option<&str>; 4]) {
        if std::mem::replace(&mut self.unnamed, around) {
            self.words.extend(text.and_then(label_of_name));
        }
        if self.medicine {
            self.words.extend([display, text].into_iter().flatten().filter_map(label_of_name));
        }
        let Some((system, code)) = system.zip(code) else { return };
        if let Some(label) = label_of(system, code, display) {
            self.words.insert(label);
        } else {
            self.unnamed |= is_told_by_name(system);
        }
    }
}

/// Goes through JSON for the labels that its codes say, and keeps nothing else of it. Of a text it answers the text
/// itself.
struct Gathering<'w>(&'w mut Said);

impl<'de> DeserializeSeed<'de> for Gathering<'_> {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> std::result::Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Gathering<'_> {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> std::result::Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> std::result::Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, _: bool) -> std::result::Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> std::result::Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> std::result::Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> std::result::Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> std::result::Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<Self::Value, A::Error> {
        while items.next_element_seed(Gathering(&mut *self.0))?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> std::result::Result<Self::Value, A::Error> {
        let around = self.0.enter();
        let mut texts: [Option<Cow<'de, str>>; 4] = Default::default();
        while let Some(name) = fields.next_key_seed(Gathering(&mut *self.0))? {
            let outside = self.0.enter_field(name.as_deref());
            let text = fields.next_value_seed(Gathering(&mut *self.0))?;
            self.0.leave_field(outside, text.as_deref());
            if let Some(place) = TOLD.iter().position(|told| name.as_deref() == Some(*told)) {
                texts[place] = text;
            }
        }
        self.0.leave(around, texts.each_ref().map(Option::as_deref));
        Ok(None)
    }
}

fn in_node(node: &Node<'_>, said: &mut Said) {
    node.items().iter().for_each(|item| in_node(item, said));
    if node.members().is_empty() {
        return;
    }
    let around = said.enter();
    for member in node.members() {
        let outside = said.enter_field(Some(&*member.name));
        in_node(&member.value, said);
        said.leave_field(outside, member.value.as_text());
    }
    said.leave(around, TOLD.map(|name| node.text(name)));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_a_body_is_looked_at_wherever_it_stands() {
        let mental = r#"{"system":"http://hl7.org/fhir/sid/icd-10","code":"F32.1"}"#;
        let other = r#"{"system":"http://loinc.org","code":"4548-4"}"#;
        let sexual = r#"{"code":"J05AR20","n":[1,-2,3.5,null,true],"system":"http://www.whocc.no/atc"}"#;
        let unnamed = r#"{"system":"urn:oid:2.16.840.1.113883.6.88","code":"0"}"#;
        let bodies: [(String, &[&str]); 23] = [
            (format!(r#"{{"concept":{{"codes":[{other},{mental}]}}}}"#), &["mental-health"]),
            (format!(r#"{{"a":[[{sexual}],{{"b":{mental}}}]}}"#), &["mental-health", "sexual-health"]),
            (mental.to_owned(), &["mental-health"]),
            (mental.replace("http://", r"http:\/\/").replace("F32", r"\u004632"), &["mental-health"]),
            (other.to_owned(), &[]),
            // Not one code: the system of one and the code of another, or neither a text.
            (r#"{"system":"http://hl7.org/fhir/sid/icd-10","a":{"code":"F32.1"}}"#.to_owned(), &[]),
            (r#"{"system":{"code":"F32"},"code":["F32"]}"#.to_owned(), &[]),
            (r#""F32""#.to_owned(), &[]),
            // A medicine whose name stands beside its code, before or behind it; not in what is around that, and not where
            // no code is one of a medicine.
            (format!(r#"{{"drug":{{"text":"Sertraline 50 mg","codes":[{other},{unnamed}]}}}}"#), &["mental-health"]),
            (format!(r#"{{"drug":{{"coding":[{unnamed}],"text":"Sertraline 50 mg"}}}}"#), &["mental-health"]),
            (format!(r#"{{"text":"sertraline","drug":{{"text":"metformin","codes":[{unnamed}]}}}}"#), &[]),
            (format!(r#"[{{"codes":[{unnamed}]}},{{"text":"sertraline","codes":[{other}]}}]"#), &[]),
            (r#"{"text":"sertraline"}"#.to_owned(), &[]),
            // A medicine without a code, or with one of no table, by its own name; by whole words, and by no note on it.
            (r#"{"drug":{"text":"Sertraline 50 mg"}}"#.to_owned(), &["mental-health"]),
            (r#"{"items":[{"drug":{"text":"X"}},{"drug":{"text":"SILDENAFIL"}}]}"#.to_owned(), &["sexual-health"]),
            (r#"{"medication":"Lithium 300 mg","at":"2026-04-03T08:00:00Z"}"#.to_owned(), &["mental-health"]),
            (r#"{"medicationCodeableConcept":{"text":"lithium"}}"#.to_owned(), &["mental-health"]),
            (
                r#"{"drug":{"codes":[{"system":"urn:own","code":"7","display":"Lithium"}]}}"#.to_owned(),
                &["mental-health"],
            ),
            (r#"{"drug":{"text":"lithiumlike"}}"#.to_owned(), &[]),
            (r#"{"drug":{"text":"X"},"reason":"after sertraline","instructions":"no lithium"}"#.to_owned(), &[]),
            (r#"{"drug":{"text":"X"},"notes":{"text":"sertraline"}}"#.to_owned(), &[]),
            (r#"{"drug":{"text":"X","codes":[]},"text":"sertraline"}"#.to_owned(), &[]),
            ("{}".to_owned(), &[]),
        ];
        for (json, expected) in bodies {
            let said = of_body("condition", &json);
            assert_eq!(said.iter().map(AsRef::as_ref).collect::<Vec<&str>>(), expected, "{json}");
            assert_eq!(of_resource("condition", &Node::parse(json.as_bytes()).expect("JSON")), said, "{json}");
            assert!(of_body(PROFILE, &json).is_empty(), "{json}");
        }
    }

    #[test]
    fn a_note_is_private_where_it_says_so_itself() {
        let said = |json: &str| of_body("note", json).len();
        assert_eq!(said(r#"{"text":"x","private":true}"#), 1);
        for json in [r#"{"text":"x","private":false}"#, r#"{"text":"x"}"#, r#"{"a":{"private":true}}"#] {
            assert_eq!(said(json), 0, "{json}");
        }
        assert!(of_body("visit", r#"{"private":true}"#).is_empty());
    }
}
