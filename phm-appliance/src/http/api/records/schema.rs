//! The OpenAPI description of record bodies, made from what the core knows of each kind.

use std::collections::BTreeMap;

use phm_core::model::{FieldInfo, KindInfo};
use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use serde_json::{Value, json};

/// Names every schema records need in the document.
pub fn register(registry: &mut Registry, kinds: &[&'static KindInfo]) {
    let mut values = BTreeMap::new();
    for kind in kinds {
        shared(kind.fields, &mut values);
    }
    registry.schemas.extend(values);
    for kind in kinds {
        registry.schemas.entry(body_name(kind)).or_insert_with(|| object(kind.fields));
        registry.schemas.entry(record_name(kind)).or_insert_with(|| record(kind));
    }
    registry.schemas.entry("Version".to_owned()).or_insert_with(version);
    registry.schemas.entry("Provenance".to_owned()).or_insert_with(provenance);
}

/// A reference to the schema of a kind's body.
pub fn body_ref(kind: &KindInfo) -> MetaSchemaRef {
    MetaSchemaRef::Reference(body_name(kind))
}

/// A reference to the schema of a record of a kind.
pub fn record_ref(kind: &KindInfo) -> MetaSchemaRef {
    MetaSchemaRef::Reference(record_name(kind))
}

/// A list of what `items` describes.
pub fn list_of(items: MetaSchemaRef) -> MetaSchemaRef {
    inline(MetaSchema { items: Some(Box::new(items)), ..MetaSchema::new("array") })
}

/// A schema that stands where it is used.
pub fn inline(schema: MetaSchema) -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(schema))
}

/// A plain text.
pub fn text() -> MetaSchemaRef {
    inline(MetaSchema::new("string"))
}

/// A text with a format.
pub fn formatted(format: &'static str) -> MetaSchemaRef {
    inline(MetaSchema::new_with_format("string", format))
}

fn reference(name: &str) -> MetaSchemaRef {
    MetaSchemaRef::Reference(name.to_owned())
}

/// The name of a kind's body in the document: `lab-result` becomes `LabResult`.
pub fn body_name(kind: &KindInfo) -> String {
    capitals(kind.name)
}

fn capitals(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    name.split('-').map(capital).collect()
}

fn record_name(kind: &KindInfo) -> String {
    format!("{}Record", body_name(kind))
}

fn of_field(field: &FieldInfo) -> MetaSchemaRef {
    let one = match field.of {
        "choice" if !field.open => choice(field.choices),
        "quantity" | "concept" | "party" | "range" => reference(&capitals(field.of)),
        "object" => inline(with_bare(object(field.fields), field)),
        "ratio" if !field.fields.is_empty() => inline(with_bare(object(field.fields), field)),
        simple => of_type(simple),
    };
    if field.many { list_of(one) } else { described(one, field.doc) }
}

/// The schema with the sentence of its field; a reference keeps that of what it refers to.
fn described(schema: MetaSchemaRef, doc: &'static str) -> MetaSchemaRef {
    match schema {
        MetaSchemaRef::Inline(schema) if !doc.is_empty() => inline(MetaSchema { description: Some(doc), ..*schema }),
        other => other,
    }
}

fn object(fields: &'static [FieldInfo]) -> MetaSchema {
    MetaSchema {
        required: fields.iter().filter(|field| field.required).map(|field| field.name).collect(),
        properties: fields.iter().map(|field| (field.name, of_field(field))).collect(),
        ..MetaSchema::new("object")
    }
}

/// Where a bare text may stand for the object.
fn with_bare(schema: MetaSchema, field: &FieldInfo) -> MetaSchema {
    match field.bare {
        Some(_) => MetaSchema { any_of: vec![text(), inline(schema)], ..MetaSchema::ANY },
        None => schema,
    }
}

/// The values many bodies share, each described where it first occurs.
fn shared(fields: &'static [FieldInfo], found: &mut BTreeMap<String, MetaSchema>) {
    for field in fields {
        if matches!(field.of, "quantity" | "concept" | "party" | "range") {
            found.entry(capitals(field.of)).or_insert_with(|| with_bare(object(field.fields), field));
        }
        shared(field.fields, found);
    }
}

fn choice(words: &[&'static str]) -> MetaSchemaRef {
    let enum_items: Vec<Value> = words.iter().map(|word| json!(word)).collect();
    inline(MetaSchema { enum_items, ..MetaSchema::new("string") })
}

/// The schema of a type by the name the core gives it; what has no name here may be any value.
fn of_type(name: &str) -> MetaSchemaRef {
    match name {
        "text" | "code" | "unit" | "decimal" | "when" | "date" | "time" | "link" | "choice" => text(),
        "id" => formatted("uuid"),
        "instant" => formatted("date-time"),
        "integer" => inline(MetaSchema::new("integer")),
        "number" => inline(MetaSchema::new("number")),
        "boolean" => inline(MetaSchema::new("boolean")),
        _ => inline(MetaSchema::ANY),
    }
}

fn record(kind: &KindInfo) -> MetaSchema {
    MetaSchema {
        required: vec![
            "id",
            "kind",
            "profile",
            "version",
            "occurred",
            "recorded_at",
            "updated_at",
            "removed",
            "labels",
            "provenance",
            "body",
        ],
        properties: vec![
            ("id", formatted("uuid")),
            ("kind", choice(&[kind.name])),
            ("profile", formatted("uuid")),
            ("version", inline(MetaSchema::new("integer"))),
            ("occurred", inline(MetaSchema { nullable: true, ..MetaSchema::new("string") })),
            ("recorded_at", formatted("date-time")),
            ("updated_at", formatted("date-time")),
            ("removed", inline(MetaSchema::new("boolean"))),
            ("labels", list_of(text())),
            ("provenance", reference("Provenance")),
            ("body", body_ref(kind)),
        ],
        ..MetaSchema::new("object")
    }
}

fn provenance() -> MetaSchema {
    MetaSchema {
        required: vec!["how"],
        properties: vec![
            ("how", choice(&["typed", "import", "document", "device", "plugin"])),
            ("actor", inline(MetaSchema::ANY)),
            ("import", formatted("uuid")),
            ("source", inline(MetaSchema::new("object"))),
            ("page", inline(MetaSchema::new("integer"))),
            ("box", inline(MetaSchema::ANY)),
            ("plugin", text()),
            ("rule", text()),
        ],
        ..MetaSchema::new("object")
    }
}

fn version() -> MetaSchema {
    MetaSchema {
        required: vec!["version", "action", "recorded_at"],
        properties: vec![
            ("version", inline(MetaSchema::new("integer"))),
            ("action", choice(&["create", "amend", "remove", "restore"])),
            ("actor", inline(MetaSchema::ANY)),
            ("recorded_at", formatted("date-time")),
            ("body", inline(MetaSchema { nullable: true, ..MetaSchema::ANY })),
        ],
        ..MetaSchema::new("object")
    }
}
