//! The settings of a plugin, by the JSON Schema in its package.
//!
//! Of JSON Schema there is what a page can show to somebody who decides: one object of texts, choices, numbers, switches, lists of
//! texts and secrets. A schema that uses anything else is refused, because a rule that nobody checks would look like one that
//! holds.

use std::collections::BTreeSet;

use phm_core::Detail;
use serde_json::{Map, Value};

use crate::error::{PluginError, Result};
use crate::shown;

/// Bytes of a schema's file at most: it is kept with the plugin and read again for every call.
const MOST_BYTES: usize = 64 << 10;
/// Settings at most.
const MOST_FIELDS: usize = 50;
/// Bytes of any text in a schema at most.
const LONGEST_WORDS: usize = 300;
/// Letters of a text at most, where the schema does not say.
const LONGEST_TEXT: u64 = 4_000;
/// Texts of a list at most, where the schema does not say.
const MOST_TEXTS: u64 = 100;

/// Which settings there are, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    fields: Vec<Field>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What a person calls it; its name where the schema does not say.
    pub title: String,
    /// What it is for; may be empty.
    pub help: String,
    /// Whether it must be given.
    pub required: bool,
    /// What counts where it is not given.
    pub default: Option<Value>,
    /// What it may be.
    pub form: Form,
}

/// What a setting may be.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// A text with so many letters.
    Text {
        /// Letters at least.
        shortest: u64,
        /// Letters at most.
        longest: u64,
        /// Whether it is only ever written: it is never shown again (`"writeOnly": true`).
        secret: bool,
    },
    /// One of these words.
    Choice(Vec<String>),
    /// A whole number.
    Integer {
        /// The least.
        least: Option<i64>,
        /// The most.
        most: Option<i64>,
    },
    /// A number.
    Number {
        /// The least.
        least: Option<f64>,
        /// The most.
        most: Option<f64>,
    },
    /// Yes or no.
    Flag,
    /// Several texts.
    Texts {
        /// Letters of each at most.
        longest: u64,
        /// How many at most.
        most: u64,
    },
}

/// What is wrong with a schema, and where.
fn wrong(at: &str, text: &str) -> PluginError {
    PluginError::Package(shown::plain(&format!("the schema of its settings at {at}: {text}")))
}

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

    /// The settings there are.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Every place of `settings` that breaks the schema.
    pub fn faults(&self, settings: &Value) -> Vec<Detail> {
        let Some(given) = settings.as_object() else { return vec![detail("", "wrong-type")] };
        let mut faults: Vec<Detail> = Vec::new();
        for name in given.keys().filter(|name| self.field(name).is_none()) {
            faults.push(detail(name, "unknown-field"));
        }
        for field in &self.fields {
            match given.get(&field.name) {
                None if field.required && field.default.is_none() => faults.push(detail(&field.name, "required")),
                None => {}
                Some(value) => faults.extend(field.form.fault(value).map(|code| detail(&field.name, code))),
            }
        }
        faults
    }

    /// The part of `settings` that the schema takes: what an earlier version of the plugin had otherwise is left behind.
    pub fn fitting(&self, settings: &Value) -> Value {
        let fits =
            |(name, value): &(&String, &Value)| self.field(name).is_some_and(|field| field.form.fault(value).is_none());
        let given = settings.as_object().into_iter().flatten();
        Value::Object(given.filter(fits).map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// The part of `settings`, set under the schema `earlier`, that this one takes. A secret that would be one no more is left
    /// behind: whoever gave it was told that it is never shown again.
    pub fn taken_over(&self, earlier: &Self, settings: &Value) -> Value {
        let is_secret = |schema: &Self, name: &str| schema.field(name).is_some_and(Field::is_secret);
        let mut all = self.fitting(settings);
        if let Some(all) = all.as_object_mut() {
            all.retain(|name, _| !is_secret(earlier, name) || is_secret(self, name));
        }
        all
    }

    /// `settings` with the defaults of the schema for what is not given.
    pub fn in_force(&self, settings: &Value) -> Value {
        let mut all = settings.as_object().cloned().unwrap_or_default();
        for field in &self.fields {
            if let Some(default) = &field.default {
                all.entry(field.name.clone()).or_insert_with(|| default.clone());
            }
        }
        Value::Object(all)
    }

    /// `settings` with `***` for every secret.
    pub fn masked(&self, settings: &Value) -> Value {
        let mut all = settings.as_object().cloned().unwrap_or_default();
        for (name, value) in &mut all {
            if self.field(name).is_none_or(Field::is_secret) {
                *value = Value::from("***");
            }
        }
        Value::Object(all)
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

fn detail(name: &str, code: &'static str) -> Detail {
    Detail { path: format!("/{name}"), code }
}

impl Field {
    fn of(name: &str, schema: &Value, required: bool) -> Result<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if !(1..=64).contains(&name.len()) || !name.bytes().all(plain) {
            return Err(wrong("/properties", "names are letters, digits, `_` and `-`"));
        }
        let at = format!("/properties/{name}");
        let map = schema.as_object().ok_or_else(|| wrong(&at, "it must be an object"))?;
        let (title, help) = words(map, &at)?;
        let form = Form::of(map, &at)?;
        let default = map.get("default").cloned();
        if default.as_ref().is_some_and(|default| form.fault(default).is_some()) {
            return Err(wrong(&at, "the default breaks the rules of the setting itself"));
        }
        let title = if title.is_empty() { name.to_owned() } else { title };
        let field = Self { name: name.to_owned(), title, help, required, default, form };
        if field.is_secret() && field.default.is_some() {
            return Err(wrong(&at, "a secret has no default, since everybody could read it in the package"));
        }
        Ok(field)
    }

    /// Whether it is never shown again.
    pub fn is_secret(&self) -> bool {
        matches!(self.form, Form::Text { secret: true, .. })
    }
}

impl Form {
    fn of(map: &Map<String, Value>, at: &str) -> Result<Self> {
        let known = |more: &[&str]| {
            let mut all = vec!["type", "title", "description", "default"];
            all.extend(more);
            only(map, at, &all)
        };
        let most = |name: &str, usual: u64| match map.get(name) {
            None => Ok(usual),
            Some(value) => {
                let value = value.as_u64().filter(|value| *value <= usual);
                value.ok_or_else(|| wrong(&format!("{at}/{name}"), &format!("it is a number of at most {usual}")))
            }
        };
        match map.get("type").and_then(Value::as_str) {
            Some("string") if map.contains_key("enum") => {
                known(&["enum"])?;
                let at = format!("{at}/enum");
                let choices = texts(map.get("enum"), &at)?;
                let is_long = |choice: &String| choice.is_empty() || choice.len() > LONGEST_WORDS;
                if choices.is_empty() || choices.len() > MOST_FIELDS || choices.iter().any(is_long) {
                    return Err(wrong(&at, "these are 1 to 50 texts that are not empty"));
                }
                Ok(Self::Choice(choices))
            }
            Some("string") => {
                known(&["minLength", "maxLength", "writeOnly"])?;
                let secret = match map.get("writeOnly") {
                    None => false,
                    Some(value) => value.as_bool().ok_or_else(|| wrong(at, "`writeOnly` is true or false"))?,
                };
                let (shortest, longest) = (most_or_none(map, at)?, most("maxLength", LONGEST_TEXT)?);
                in_order(Some(shortest), Some(longest), at)?;
                Ok(Self::Text { shortest, longest, secret })
            }
            Some("integer") => {
                known(&["minimum", "maximum"])?;
                let bound = |name: &str| whole(map.get(name), &format!("{at}/{name}"));
                let (least, most) = (bound("minimum")?, bound("maximum")?);
                in_order(least, most, at)?;
                Ok(Self::Integer { least, most })
            }
            Some("number") => {
                known(&["minimum", "maximum"])?;
                let bound = |name: &str| number(map.get(name), &format!("{at}/{name}"));
                let (least, most) = (bound("minimum")?, bound("maximum")?);
                in_order(least, most, at)?;
                Ok(Self::Number { least, most })
            }
            Some("boolean") => {
                known(&[])?;
                Ok(Self::Flag)
            }
            Some("array") => {
                known(&["items", "maxItems"])?;
                let at = format!("{at}/items");
                let none = || wrong(&at, "a list holds texts: {\"type\":\"string\"}");
                let items = map.get("items").and_then(Value::as_object).ok_or_else(none)?;
                only(items, &at, &["type", "maxLength"])?;
                if items.get("type").and_then(Value::as_str) != Some("string") {
                    return Err(none());
                }
                let longest = match items.get("maxLength") {
                    None => LONGEST_TEXT,
                    Some(value) => value.as_u64().filter(|value| *value <= LONGEST_TEXT).ok_or_else(none)?,
                };
                Ok(Self::Texts { longest, most: most("maxItems", MOST_TEXTS)? })
            }
            _ => Err(wrong(at, "`type` is string, integer, number, boolean or array")),
        }
    }

    /// The code of what is wrong with a value.
    fn fault(&self, value: &Value) -> Option<&'static str> {
        let letters = |text: &str| text.chars().count() as u64;
        match self {
            Self::Text { shortest, longest, .. } => match value.as_str().map(letters) {
                None => Some("wrong-type"),
                Some(length) if length < *shortest => Some("too-short"),
                Some(length) if length > *longest => Some("too-long"),
                Some(_) => None,
            },
            Self::Choice(choices) => match value.as_str() {
                None => Some("wrong-type"),
                Some(word) if choices.iter().any(|choice| choice == word) => None,
                Some(_) => Some("invalid-choice"),
            },
            Self::Integer { least, most } => match value.as_i64() {
                None => Some("invalid-number"),
                Some(value) if least.is_some_and(|least| value < least) => Some("out-of-range"),
                Some(value) if most.is_some_and(|most| value > most) => Some("out-of-range"),
                Some(_) => None,
            },
            Self::Number { least, most } => match value.as_f64() {
                None => Some("invalid-number"),
                Some(value) if least.is_some_and(|least| value < least) => Some("out-of-range"),
                Some(value) if most.is_some_and(|most| value > most) => Some("out-of-range"),
                Some(_) => None,
            },
            Self::Flag => (!value.is_boolean()).then_some("wrong-type"),
            Self::Texts { longest, most } => match value.as_array() {
                None => Some("wrong-type"),
                Some(all) if all.len() as u64 > *most => Some("too-many"),
                Some(all) if !all.iter().all(Value::is_string) => Some("wrong-type"),
                Some(all) if all.iter().filter_map(Value::as_str).any(|text| letters(text) > *longest) => {
                    Some("too-long")
                }
                Some(_) => None,
            },
        }
    }
}

/// Refuses every word of JSON Schema that is not among these.
fn only(map: &Map<String, Value>, at: &str, known: &[&str]) -> Result<()> {
    match map.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(wrong(at, &format!("`{key}` is not understood here; PHM takes {}", known.join(", ")))),
    }
}

/// `title` and `description`: what a person reads.
fn words(map: &Map<String, Value>, at: &str) -> Result<(String, String)> {
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
fn texts(value: Option<&Value>, at: &str) -> Result<Vec<String>> {
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

fn most_or_none(map: &Map<String, Value>, at: &str) -> Result<u64> {
    let Some(value) = map.get("minLength") else { return Ok(0) };
    let value = value.as_u64().filter(|value| *value <= LONGEST_TEXT);
    value.ok_or_else(|| wrong(&format!("{at}/minLength"), "it is a number of at most 4000"))
}

/// Refuses bounds that nothing lies between: a setting that nobody can give.
fn in_order<T: Copy + PartialOrd>(least: Option<T>, most: Option<T>, at: &str) -> Result<()> {
    match least.zip(most) {
        Some((least, most)) if least > most => Err(wrong(at, "nothing lies between its bounds")),
        _ => Ok(()),
    }
}

fn whole(value: Option<&Value>, at: &str) -> Result<Option<i64>> {
    value.map(|value| value.as_i64().ok_or_else(|| wrong(at, "it is a whole number"))).transpose()
}

fn number(value: Option<&Value>, at: &str) -> Result<Option<f64>> {
    value.map(|value| value.as_f64().ok_or_else(|| wrong(at, "it is a number"))).transpose()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Schema {
        Schema::of(&json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": false,
            "required": ["unit"],
            "properties": {
                "unit": {"type": "string", "title": "Unit", "enum": ["mg/dL", "mmol/L"]},
                "greeting": {"type": "string", "minLength": 2, "maxLength": 5, "default": "hello"},
                "key": {"type": "string", "writeOnly": true},
                "days": {"type": "integer", "minimum": 1, "maximum": 30},
                "share": {"type": "number", "minimum": 0, "maximum": 1},
                "loud": {"type": "boolean", "default": false},
                "names": {"type": "array", "items": {"type": "string", "maxLength": 3}, "maxItems": 2},
            },
        }))
        .expect("a schema of what is understood")
    }

    fn found(settings: &Value) -> Vec<(String, &'static str)> {
        schema().faults(settings).into_iter().map(|fault| (fault.path, fault.code)).collect()
    }

    #[test]
    fn what_the_schema_takes_passes_and_what_it_does_not_is_named_by_its_path() {
        let good = json!({"unit": "mg/dL", "greeting": "héllo", "key": "s", "days": 30, "share": 0.5, "loud": true,
            "names": ["a", "b"]});
        assert_eq!(found(&good), Vec::new());
        for (name, bad, code) in [
            ("unit", json!("g"), "invalid-choice"),
            ("unit", json!(1), "wrong-type"),
            ("greeting", json!("h"), "too-short"),
            ("greeting", json!("hello!"), "too-long"),
            ("greeting", json!(null), "wrong-type"),
            ("key", json!({}), "wrong-type"),
            ("days", json!(0), "out-of-range"),
            ("days", json!(31), "out-of-range"),
            ("days", json!(1.5), "invalid-number"),
            ("days", json!("3"), "invalid-number"),
            ("share", json!(1.1), "out-of-range"),
            ("share", json!(-0.1), "out-of-range"),
            ("share", json!("half"), "invalid-number"),
            ("loud", json!("yes"), "wrong-type"),
            ("names", json!("a"), "wrong-type"),
            ("names", json!(["a", 1]), "wrong-type"),
            ("names", json!(["a", "b", "c"]), "too-many"),
            ("names", json!(["abcd"]), "too-long"),
        ] {
            let mut settings = good.clone();
            settings[name] = bad.clone();
            assert_eq!(found(&settings), vec![(format!("/{name}"), code)], "{name}: {bad}");
        }
        let other = found(&json!({"colour": "red"}));
        assert_eq!(other, vec![("/colour".to_owned(), "unknown-field"), ("/unit".to_owned(), "required")]);
        assert_eq!(found(&json!([])), vec![("/".to_owned(), "wrong-type")]);
    }

    #[test]
    fn what_is_not_given_has_its_default_and_what_does_not_fit_any_more_is_left_behind() {
        let schema = schema();
        assert_eq!(schema.in_force(&json!({"loud": true})), json!({"loud": true, "greeting": "hello"}));
        assert_eq!(schema.fitting(&json!({"unit": "g", "days": 3, "gone": 1})), json!({"days": 3}));
    }

    #[test]
    fn a_secret_that_a_new_schema_would_show_is_left_behind() {
        let of = |key: Value| Schema::of(&json!({"type": "object", "properties": {"key": key}})).expect("a schema");
        let (secret, plain) = (of(json!({"type": "string", "writeOnly": true})), of(json!({"type": "string"})));
        let set = json!({"key": "hush"});
        assert_eq!(plain.taken_over(&secret, &set), json!({}));
        assert_eq!(secret.taken_over(&secret, &set), set);
        assert_eq!(plain.taken_over(&plain, &set), set);
        assert_eq!(secret.taken_over(&plain, &set), set);
    }

    #[test]
    fn a_secret_is_not_shown_and_nothing_that_the_schema_does_not_know() {
        let shown = schema().masked(&json!({"key": "hush", "days": 3, "gone": "hush"}));
        assert_eq!(shown, json!({"key": "***", "days": 3, "gone": "***"}));
    }

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
