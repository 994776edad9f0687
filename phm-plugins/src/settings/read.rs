//! Reading a schema: nothing passes that is not understood, shown and checked here.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Field, LONGEST_WORDS, MOST_FIELDS, Schema};
use crate::error::{PluginError, Result};
use crate::shown;

/// Bytes of a schema's file at most: it is kept with the plugin and read again for every call.
const MOST_BYTES: usize = 64 << 10;

impl Schema {
    /// Reads the bytes of a schema's file.
    ///
    /// # Errors
    /// `invalid-package` with the place, where it is no JSON or uses more of JSON Schema than is shown and checked here.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MOST_BYTES {
            return Err(wrong("/", "it is larger than 64 KiB"));
        }
        let value = serde_json::from_slice(bytes).map_err(|_| wrong("/", "it is no JSON"))?;
        Self::of(&value)
    }

    /// The schema of this value; see [`Schema::parse`].
    pub fn of(value: &Value) -> Result<Self> {
        let root = value.as_object().ok_or_else(|| wrong("/", "it must be an object"))?;
        let known = ["$schema", "title", "description", "type", "properties", "required", "additionalProperties"];
        only(root, "", &known)?;
        if root.get("type").and_then(Value::as_str) != Some("object") {
            return Err(wrong("/type", "the settings together are an object"));
        }
        if root.get("additionalProperties").is_some_and(|more| *more != Value::Bool(false)) {
            return Err(wrong("/additionalProperties", "there are no settings but those of the schema"));
        }
        words(root, "")?;
        let is_odd = |named: &Value| named.as_str().is_none_or(|named| named.len() > LONGEST_WORDS);
        if root.get("$schema").is_some_and(is_odd) {
            return Err(wrong("/$schema", "it is the address of a version of JSON Schema"));
        }
        let empty = Map::new();
        let properties = match root.get("properties") {
            None => &empty,
            Some(properties) => properties.as_object().ok_or_else(|| wrong("/properties", "it must be an object"))?,
        };
        if properties.len() > MOST_FIELDS {
            return Err(wrong("/properties", "there are more than 50"));
        }
        let mut required = texts(root.get("required"), "/required")?;
        let mut fields = Vec::new();
        for (name, schema) in properties {
            let is_required = required.contains(name);
            required.retain(|one| one != name);
            fields.push(Field::of(name, schema, is_required)?);
        }
        if !required.is_empty() {
            return Err(wrong("/required", "it names what is no property"));
        }
        Ok(Self { fields })
    }
}

/// What is wrong with a schema, and where.
pub(super) fn wrong(at: &str, text: &str) -> PluginError {
    PluginError::Package(shown::plain(&format!("the schema of its settings at {at}: {text}")))
}

/// Refuses every word of JSON Schema that is not among these.
pub(super) fn only(map: &Map<String, Value>, at: &str, known: &[&str]) -> Result<()> {
    match map.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(wrong(at, &format!("`{key}` is not understood here; PHM takes {}", known.join(", ")))),
    }
}

/// `title` and `description`: what a person reads.
pub(super) fn words(map: &Map<String, Value>, at: &str) -> Result<(String, String)> {
    let word = |name: &str| match map.get(name) {
        None => Ok(String::new()),
        Some(Value::String(text)) if text.len() <= LONGEST_WORDS && !text.contains(shown::is_hidden) => {
            Ok(text.clone())
        }
        Some(_) => Err(wrong(&format!("{at}/{name}"), "it is a text of at most 300 bytes without hidden letters")),
    };
    Ok((word("title")?, word("description")?))
}

/// A list of different texts; empty where there is none.
pub(super) fn texts(value: Option<&Value>, at: &str) -> Result<Vec<String>> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let none = || wrong(at, "it is a list of different texts without hidden letters");
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for one in value.as_array().ok_or_else(none)? {
        let text = one.as_str().filter(|text| !text.contains(shown::is_hidden)).ok_or_else(none)?;
        if !seen.insert(text) {
            return Err(none());
        }
        all.push(text.to_owned());
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_of_more_than_is_shown_and_checked_is_refused_with_its_place() {
        let of = |property: Value| json!({"type": "object", "properties": {"a": property}});
        for (schema, place) in [
            (json!([]), "at /"),
            (json!({"type": "array"}), "/type"),
            (json!({"type": "object", "additionalProperties": true}), "/additionalProperties"),
            (json!({"type": "object", "oneOf": []}), "`oneOf`"),
            (json!({"type": "object", "required": ["b"]}), "/required"),
            (json!({"type": "object", "properties": {"a b": {"type": "boolean"}}}), "/properties"),
            (of(json!({"type": "string", "pattern": "^a$"})), "`pattern`"),
            (of(json!({"type": "string", "format": "uri"})), "`format`"),
            (of(json!({"type": "object"})), "/properties/a"),
            (of(json!({"$ref": "#/b"})), "/properties/a"),
            (of(json!({"type": ["string", "null"]})), "/properties/a"),
            (of(json!({"type": "string", "enum": []})), "/properties/a/enum"),
            (of(json!({"type": "string", "enum": ["a", "a"]})), "/properties/a/enum"),
            (of(json!({"type": "array", "items": {"type": "integer"}})), "/properties/a/items"),
            (of(json!({"type": "array"})), "/properties/a/items"),
            (of(json!({"type": "integer", "minimum": "1"})), "/properties/a/minimum"),
            (of(json!({"type": "integer", "maximum": 3, "default": 4})), "default"),
            (of(json!({"type": "string", "writeOnly": true, "default": "x"})), "secret"),
            (of(json!({"type": "boolean", "title": "a\u{202e}b"})), "/properties/a/title"),
            (of(json!({"type": "string", "maxLength": 1_000_000})), "/properties/a/maxLength"),
            (of(json!({"type": "string", "minLength": 5, "maxLength": 4})), "bounds"),
            (of(json!({"type": "integer", "minimum": 2, "maximum": 1})), "bounds"),
            (of(json!({"type": "number", "minimum": 0.2, "maximum": 0.1})), "bounds"),
            (json!({"type": "object", "$schema": ["x"]}), "/$schema"),
            (json!({"type": "object", "$schema": "x".repeat(301)}), "/$schema"),
        ] {
            let error = Schema::of(&schema).expect_err("refused");
            assert_eq!(error.code(), "invalid-package");
            assert!(error.to_string().contains(place), "{schema}: {error}");
        }
        assert!(Schema::parse(b"{").is_err());
        let padded = |bytes: usize| format!("{{\"type\": \"object\"}}{}", " ".repeat(bytes));
        assert!(Schema::parse(padded(1_000).as_bytes()).is_ok());
        assert!(Schema::parse(padded(MOST_BYTES).as_bytes()).is_err());
    }
}
