//! What a kind looks like from outside: its names, its fields, its door.
//!
//! Forms, tables, the OpenAPI document and the bindings are made from these descriptions, so a field that is
//! described here is a field that [`KindInfo::check`] takes, and there are no others.

use std::fmt;

use serde_json::Value;

use crate::error::Detail;
use crate::time::When;

use super::{Kind, Report};

/// What a list shows of a record without opening its body.
#[derive(Clone, Debug, Default, Eq, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Summary {
    /// The record in a few words: the test, the medicine, the reason of the visit.
    pub title: String,
    /// The value as a person reads it, with comparator and without unit; several components joined by `/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The unit of the value, in UCUM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The record's status, by the word of its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The interpretation of a result (`H`, `L`, …) or another short flag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// The codes one may search by: system and code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<(String, String)>,
}

impl Summary {
    /// A summary that has a title only.
    pub fn of(title: impl AsRef<str>) -> Self {
        Self { title: short(title.as_ref()), ..Self::default() }
    }

    /// The same with a status.
    pub fn status(mut self, status: Option<&str>) -> Self {
        self.status = status.map(short);
        self
    }

    /// The same with a flag.
    pub fn flag(mut self, flag: Option<&str>) -> Self {
        self.flag = flag.map(short);
        self
    }

    /// The same with a value.
    pub fn value(mut self, value: Option<&str>) -> Self {
        self.value = value.map(short);
        self
    }
}

/// Lists stay small whatever a body holds: 160 bytes of a text, cut between characters.
pub(super) fn short(text: &str) -> String {
    const LONGEST: usize = 160;
    let text = text.trim();
    if text.len() <= LONGEST { text.to_owned() } else { format!("{}…", &text[..text.floor_char_boundary(LONGEST)]) }
}

/// A body that obeys the rules of its kind.
#[derive(Clone, Eq, PartialEq)]
pub struct Checked {
    /// The stored form: the body as JSON, fields in the order of the kind, absent fields left out.
    pub json: String,
    /// When the fact belongs in a person's history, where it is known.
    pub occurred: Option<When>,
    /// What lists show.
    pub summary: Summary,
}

impl fmt::Debug for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Checked(..)")
    }
}

/// One field of a kind or of an object inside it, for forms, documents and tables.
#[derive(Clone, Copy, Debug)]
pub struct FieldInfo {
    /// Name in JSON.
    pub name: &'static str,
    /// What it holds, in a sentence.
    pub doc: &'static str,
    /// Type of its value: `text code unit decimal integer number boolean instant when date time id link choice quantity
    /// concept party range ratio object json`.
    ///
    /// `code unit decimal instant when date time id link choice` are JSON strings; `ratio` is a string or an object;
    /// `quantity concept party range object` are objects described by [`FieldInfo::fields`].
    pub of: &'static str,
    /// Whether it is a list.
    pub many: bool,
    /// Whether the kind requires it; a required list has at least one entry.
    pub required: bool,
    /// The words it may hold, where it is a choice.
    pub choices: &'static [&'static str],
    /// Whether words beside `choices` are taken too.
    pub open: bool,
    /// The fields of an object.
    pub fields: &'static [FieldInfo],
    /// The field that a bare string in the place of the object stands for.
    pub bare: Option<&'static str>,
    /// The kind of record that an `id` or `link` names; none where an id may be that of any.
    pub links: Option<&'static str>,
    /// What stands in the stored form when nothing is given, written as JSON.
    pub default: Option<&'static str>,
}

impl FieldInfo {
    /// The same description under a name in JSON (an identifier may carry `r#`) and with a doc comment.
    pub const fn named(mut self, name: &'static str, doc: &'static str) -> Self {
        self.name = bare_name(name);
        self.doc = doc.trim_ascii();
        self
    }
}

/// The JSON name of a Rust identifier: `r#type` is `type`.
#[doc(hidden)]
pub const fn bare_name(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', ..] => name.split_at(2).1,
        _ => name,
    }
}

/// A kind of record.
#[derive(Clone, Copy, Debug)]
pub struct KindInfo {
    /// One name everywhere: stored bytes, JSON, capabilities.
    pub name: &'static str,
    /// Name of its collection in URLs; empty for kinds that are not reached through one (`profile`, system kinds).
    pub collection: &'static str,
    /// Version of the stored form.
    pub version: u8,
    /// Whether it belongs to the running of the house (accounts, grants …) and never to a person's record.
    pub system: bool,
    /// Its fields, in order.
    pub fields: &'static [FieldInfo],
    /// Checks a body and brings it into stored form.
    pub check: fn(&Value) -> Result<Checked, Vec<Detail>>,
}

impl KindInfo {
    /// The description of a typed kind.
    pub const fn of<K: Kind>() -> Self {
        Self {
            name: K::NAME,
            collection: K::COLLECTION,
            version: K::VERSION,
            system: K::SYSTEM,
            fields: K::FIELDS,
            check: check::<K>,
        }
    }
}

fn check<K: Kind>(value: &Value) -> Result<Checked, Vec<Detail>> {
    let record = super::fields::read::<K>(value)?;
    let json = serde_json::to_string(&record).expect("texts, numbers and lists always become JSON");
    if json.len() > K::LARGEST {
        let mut report = Report::default();
        report.say(&super::At::ROOT, "too-long");
        return Err(report.into_details());
    }
    Ok(Checked { json, occurred: record.occurred(), summary: record.summary() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_titles_are_cut_between_characters() {
        let title = Summary::of("ਦਵਾਈ ".repeat(100)).title;
        assert!(title.len() < 170);
        assert!(title.ends_with('…'));
    }

    #[test]
    fn a_keyword_keeps_its_name_in_json() {
        assert_eq!(bare_name("r#type"), "type");
        assert_eq!(bare_name("start"), "start");
    }
}
