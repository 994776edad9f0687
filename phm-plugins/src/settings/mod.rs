//! The settings of a plugin, by the JSON Schema in its package.
//!
//! Of JSON Schema there is what a page can show to somebody who decides: one object of texts, choices, numbers, switches, lists of
//! texts and secrets. A schema that uses anything else is refused, because a rule that nobody checks would look like one that
//! holds. `read` reads a schema, `field` one setting of it, `form` what that may be, `fault` says what is wrong with a value.

mod fault;
mod field;
mod form;
mod read;

use phm_core::Detail;
use serde_json::Value;

pub use self::field::Field;
pub use self::form::Form;

/// Settings at most, and words of a choice.
const MOST_FIELDS: usize = 50;
/// Bytes of any text in a schema at most.
const LONGEST_WORDS: usize = 300;

/// Which settings there are, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    fields: Vec<Field>,
}

impl Schema {
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
}
