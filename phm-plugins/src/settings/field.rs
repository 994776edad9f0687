//! One setting of a schema.

use serde_json::Value;

use super::Form;
use super::read::{words, wrong};
use crate::error::Result;

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

impl Field {
    /// Reads the schema of the setting `name`.
    pub(super) fn of(name: &str, schema: &Value, required: bool) -> Result<Self> {
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
