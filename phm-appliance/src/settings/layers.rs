//! The layers of settings, before they are typed.
//!
//! `default.toml` names every key there is; a value of another layer must have a known key and the type of its default.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;

const DEFAULTS: &str = include_str!("default.toml");

/// Where a value came from.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The defaults that are compiled in.
    Default,
    /// `phm.toml` in the data folder.
    File,
    /// A variable `PHM__SECTION__KEY`.
    Environment,
    /// A flag of the command line.
    Flag,
}

impl Source {
    fn place(self) -> &'static str {
        match self {
            Self::Default => "default.toml",
            Self::File => "phm.toml",
            Self::Environment => "the environment",
            Self::Flag => "the command line",
        }
    }
}

/// The value of a setting.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// On or off.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::List(list) => f.write_str(&list.join(",")),
        }
    }
}

/// One line of `phm settings`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Listed {
    /// `section.key`.
    pub key: String,
    /// The value in force; `***` for a secret.
    pub value: Value,
    /// Where it came from.
    pub source: Source,
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// No setting has this name.
    #[error("unknown setting `{key}` in {place}; did you mean `{nearest}`?")]
    UnknownKey {
        /// The name as given.
        key: String,
        /// Where it was given.
        place: &'static str,
        /// The nearest valid name.
        nearest: String,
    },
    /// The value does not fit.
    #[error("the setting `{key}` must be {expected}")]
    Value {
        /// `section.key`.
        key: String,
        /// What would fit.
        expected: &'static str,
    },
    /// `phm.toml` is not TOML.
    #[error("phm.toml is not valid TOML: {0}")]
    Syntax(String),
    /// `phm.toml` cannot be read.
    #[error("phm.toml cannot be read: {0}")]
    Unreadable(#[source] std::io::Error),
    /// `phm.toml` names the folder it lies in.
    #[error("data_dir cannot be set in phm.toml, which lies inside it; use --data-dir or PHM_DATA_DIR")]
    DataDirInFile,
}

/// All values with their sources.
pub(super) struct Layers(BTreeMap<String, (Value, Source)>);

impl Layers {
    pub fn defaults() -> Self {
        let table: toml::Table = DEFAULTS.parse().expect("a test reads the defaults");
        let mut values = BTreeMap::new();
        for (key, value) in flatten(table) {
            let value = from_toml(value).expect("a test reads the defaults");
            values.insert(key, (value, Source::Default));
        }
        Self(values)
    }

    pub fn add_file(&mut self, text: &str) -> Result<(), SettingsError> {
        let table: toml::Table =
            text.parse().map_err(|error: toml::de::Error| SettingsError::Syntax(error.message().to_owned()))?;
        for (key, value) in flatten(table) {
            if key == "data_dir" {
                return Err(SettingsError::DataDirInFile);
            }
            let expected = type_name(self.known(&key, Source::File)?);
            let value = from_toml(value).ok_or(SettingsError::Value { key: key.clone(), expected })?;
            self.set(&key, value, Source::File)?;
        }
        Ok(())
    }

    pub fn add_environment(
        &mut self,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), SettingsError> {
        for (name, text) in environment {
            if let Some(rest) = name.strip_prefix("PHM__") {
                self.add_text(&rest.replace("__", ".").to_lowercase(), &text, Source::Environment)?;
            }
        }
        Ok(())
    }

    /// A value given as text, read by the type of its default; lists are separated by commas.
    pub fn add_text(&mut self, key: &str, text: &str, source: Source) -> Result<(), SettingsError> {
        let default = self.known(key, source)?;
        let expected = type_name(default);
        let value = match default {
            Value::Flag(_) => text.parse().ok().map(Value::Flag),
            Value::Number(_) => text.parse().ok().map(Value::Number),
            Value::Text(_) => Some(Value::Text(text.to_owned())),
            Value::List(_) => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Some(Value::List(parts.map(str::to_owned).collect()))
            }
        };
        self.set(key, value.ok_or(SettingsError::Value { key: key.to_owned(), expected })?, source)
    }

    pub fn listing(&self) -> Vec<Listed> {
        let shown = |key: &str, value: &Value| {
            if is_secret(key) { Value::Text("***".to_owned()) } else { value.clone() }
        };
        let rows = self.0.iter();
        rows.map(|(key, (value, source))| Listed { key: key.clone(), value: shown(key, value), source: *source })
            .collect()
    }

    pub fn text(&self, key: &str) -> &str {
        match &self.0[key].0 {
            Value::Text(text) => text,
            _ => unreachable!("`set` keeps the type of the default"),
        }
    }

    pub fn flag(&self, key: &str) -> bool {
        matches!(self.0[key].0, Value::Flag(true))
    }

    pub fn list(&self, key: &str) -> Vec<String> {
        match &self.0[key].0 {
            Value::List(list) => list.clone(),
            _ => unreachable!("`set` keeps the type of the default"),
        }
    }

    pub fn number<T: TryFrom<i64>>(&self, key: &str) -> Result<T, SettingsError> {
        let Value::Number(number) = self.0[key].0 else { unreachable!("`set` keeps the type of the default") };
        T::try_from(number).map_err(|_| SettingsError::Value { key: key.to_owned(), expected: "a number in range" })
    }

    pub fn parse<T: FromStr>(&self, key: &str, expected: &'static str) -> Result<T, SettingsError> {
        self.text(key).parse().map_err(|_| SettingsError::Value { key: key.to_owned(), expected })
    }

    pub fn choose<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Result<T, SettingsError> {
        let text = self.text(key);
        let chosen = choices.iter().find(|(word, _)| *word == text);
        chosen.map(|(_, choice)| *choice).ok_or(SettingsError::Value {
            key: key.to_owned(),
            expected: "one of the words its comment in default.toml names",
        })
    }

    fn known(&self, key: &str, source: Source) -> Result<&Value, SettingsError> {
        self.0.get(key).map(|(value, _)| value).ok_or_else(|| SettingsError::UnknownKey {
            key: key.to_owned(),
            place: source.place(),
            nearest: self.nearest(key),
        })
    }

    fn nearest(&self, key: &str) -> String {
        let nearest = self.0.keys().min_by_key(|known| strsim::damerau_levenshtein(known, key));
        nearest.cloned().unwrap_or_default()
    }

    fn set(&mut self, key: &str, value: Value, source: Source) -> Result<(), SettingsError> {
        let known = self.known(key, source)?;
        if std::mem::discriminant(known) != std::mem::discriminant(&value) {
            return Err(SettingsError::Value { key: key.to_owned(), expected: type_name(known) });
        }
        self.0.insert(key.to_owned(), (value, source));
        Ok(())
    }
}

/// A setting whose value is a secret rather than the name of a file that holds it.
fn is_secret(key: &str) -> bool {
    ["password", "secret", "token", "passphrase"].iter().any(|word| key.ends_with(word))
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Flag(_) => "true or false",
        Value::Number(_) => "a whole number",
        Value::Text(_) => "a text",
        Value::List(_) => "a list of texts",
    }
}

fn flatten(table: toml::Table) -> Vec<(String, toml::Value)> {
    let mut flat = Vec::new();
    for (name, value) in table {
        match value {
            toml::Value::Table(section) => {
                flat.extend(flatten(section).into_iter().map(|(key, value)| (format!("{name}.{key}"), value)));
            }
            value => flat.push((name, value)),
        }
    }
    flat
}

fn from_toml(value: toml::Value) -> Option<Value> {
    match value {
        toml::Value::Boolean(flag) => Some(Value::Flag(flag)),
        toml::Value::Integer(number) => Some(Value::Number(number)),
        toml::Value::String(text) => Some(Value::Text(text)),
        toml::Value::Array(items) => {
            let texts = items.into_iter().map(|item| item.as_str().map(str::to_owned));
            texts.collect::<Option<Vec<_>>>().map(Value::List)
        }
        _ => None,
    }
}
