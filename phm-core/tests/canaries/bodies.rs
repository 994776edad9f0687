//! Bodies of every public kind with a canary in every field that takes a text, made from the kinds' own descriptions.

use phm_core::model::{FieldInfo, KindInfo};
use serde_json::{Map, Value, json};

const ID: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";

/// Makes canaries: twelve letters each, the same for the same seed and number.
pub struct Canaries {
    seed: u64,
    pub made: u64,
}

impl Canaries {
    pub fn new(seed: u64) -> Self {
        Self { seed, made: 0 }
    }

    pub fn next(&mut self) -> String {
        self.made += 1;
        let hash = phm_core::crypto::digest::sha256(&[&self.seed.to_be_bytes(), &self.made.to_be_bytes()]);
        hash.iter().take(super::search::LETTERS).map(|byte| char::from(b'a' + byte % 26)).collect()
    }
}

/// Bodies that together have a canary in every field of the kind: one for each field, with what is required beside it.
pub fn bodies(kind: &KindInfo, canaries: &mut Canaries) -> Vec<Value> {
    let mut all = Vec::new();
    for field in kind.fields {
        let start = canaries.made;
        match fit(kind, &[field.name], canaries) {
            Ok(body) => all.push(body),
            // Some of its fields exclude each other: one at a time.
            Err(_) if !field.fields.is_empty() => {
                canaries.made = start;
                for part in field.fields {
                    let body = fit(kind, &[field.name, part.name], canaries);
                    all.push(body.unwrap_or_else(|why| panic!("{} {} {}: {why}", kind.name, field.name, part.name)));
                }
            }
            Err(why) => panic!("{} {}: {why}", kind.name, field.name),
        }
    }
    all
}

/// A body as the kind takes it: where it wants a unit of time, a canary cannot stand, and some fields want another one.
fn fit(kind: &KindInfo, path: &[&str], canaries: &mut Canaries) -> Result<Value, String> {
    let mut body = object(kind.fields, path, canaries);
    for _ in 0..4 {
        for detail in (kind.check)(&body).err().unwrap_or_default() {
            let (parent, name) = detail.path.rsplit_once('/').unwrap_or_default();
            // Deep inside a list fields cannot be tried one at a time, so what others exclude is left out there.
            let deep = parent.matches('/').count() >= 3;
            let Some(fields) = body.pointer_mut(parent).and_then(Value::as_object_mut) else { continue };
            match (detail.code, field_at(kind.fields, &detail.path)) {
                ("not-a-time", _) => _ = fields.insert(name.to_owned(), json!("d")),
                ("only-one", _) if deep => _ = fields.remove(name),
                ("required", Some(field)) => {
                    let one = value(field, &[], canaries);
                    fields.insert(name.to_owned(), if field.many { json!([one]) } else { one });
                }
                _ => {}
            }
        }
    }
    match (kind.check)(&body) {
        Ok(_) => Ok(body),
        Err(details) => Err(format!("{details:?} {body}")),
    }
}

/// The field that a path in a body leads to.
fn field_at<'k>(fields: &'k [FieldInfo], path: &str) -> Option<&'k FieldInfo> {
    let mut names = path.split('/').skip(1).filter(|name| name.parse::<usize>().is_err());
    let first = names.next()?;
    let field = fields.iter().find(|field| field.name == first)?;
    names.try_fold(field, |field, name| field.fields.iter().find(|part| part.name == name))
}

/// An object with its required fields and the one the path leads to; where the path ends, with all of them.
fn object(fields: &[FieldInfo], path: &[&str], canaries: &mut Canaries) -> Value {
    let wanted = |field: &&FieldInfo| field.required || path.is_empty() || path[0] == field.name;
    let mut body = Map::new();
    for field in fields.iter().filter(wanted) {
        let rest = if path.first() == Some(&field.name) { &path[1..] } else { &[] };
        let one = value(field, rest, canaries);
        body.insert(field.name.to_owned(), if field.many { json!([one]) } else { one });
    }
    Value::Object(body)
}

fn value(field: &FieldInfo, path: &[&str], canaries: &mut Canaries) -> Value {
    match field.of {
        _ if !field.choices.is_empty() && !field.open => json!(field.choices[0]),
        "text" if field.name == "email" => json!(format!("{}@example.org", canaries.next())),
        "text" if field.name == "sha256" => json!("0a".repeat(32)),
        "text" if field.name == "media_type" => json!(format!("text/{}", canaries.next())),
        "text" if field.name == "resource_type" => json!("Claim"),
        "text" | "link" | "code" | "choice" => json!(canaries.next()),
        "unit" => json!(format!("{{{}}}", canaries.next())),
        "decimal" | "number" if field.of == "decimal" => json!("1.5"),
        "number" => json!(1.5),
        "integer" => json!(1),
        "boolean" => json!(true),
        "instant" => json!("2020-01-01T00:00:00Z"),
        "time" => json!("08:30"),
        "date" | "when" => json!("2020-01-01"),
        "id" => json!(ID),
        "json" => json!({"resourceType": "Claim", "id": canaries.next(), "note": {"deep": [canaries.next()]}}),
        _ => object(field.fields, path, canaries),
    }
}
