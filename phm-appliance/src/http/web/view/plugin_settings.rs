//! The settings of a plugin, as a form made from the JSON Schema in its package.

use askama::Template;
use phm_core::Detail;
use phm_plugins::installed::Installed;
use phm_plugins::settings::{Field, Form, Schema};
use serde_json::Value;

use super::page::Page;
use crate::http::web::forms::fill::problem_text;
use crate::i18n::Locale;

/// The page.
#[derive(Debug, Template)]
#[template(path = "plugin_settings.html")]
pub struct PluginSettings {
    /// Shared parts.
    pub page: Page,
    /// The name of the plugin.
    pub name: String,
    /// What is wrong and belongs to no field, in sentences.
    pub errors: Vec<String>,
    /// The fields of the form.
    pub fields: Vec<SettingView>,
}

/// One setting, ready to print.
#[derive(Clone, Debug)]
pub struct SettingView {
    /// Its name.
    pub name: String,
    /// What a person calls it.
    pub title: String,
    /// What it is for; may be empty.
    pub help: String,
    /// What is wrong with it, in a sentence; empty for nothing.
    pub fault: String,
    /// `text`, `secret`, `choice`, `number`, `flag` or `texts`.
    pub form: &'static str,
    /// What is set, as it is typed; of a secret nothing.
    pub value: String,
    /// Whether it is set: of a secret that is all that is shown, of a switch that it is on.
    pub is_set: bool,
    /// Whether it must be given.
    pub required: bool,
    /// The words to choose from.
    pub choices: Vec<String>,
    /// Letters at most; 0 where that is not for this setting.
    pub longest: u64,
}

impl PluginSettings {
    /// The form with `set` filled in, and with what is wrong.
    pub fn new(page: Page, plugin: &Installed, schema: &Schema, set: &Value, faults: &[Detail]) -> Self {
        let fields: Vec<SettingView> =
            schema.fields().iter().map(|field| view(&page.t, field, plugin, set, faults)).collect();
        let is_of_a_field = |fault: &&Detail| schema.fields().iter().any(|field| is_about(fault, field));
        let homeless = faults.iter().filter(|fault| !is_of_a_field(fault));
        let errors = homeless.map(|fault| problem_text(&page.t, fault.code)).collect();
        Self { name: plugin.name.clone(), errors, fields, page }
    }
}

fn is_about(fault: &Detail, field: &Field) -> bool {
    fault.path.strip_prefix('/') == Some(field.name.as_str())
}

fn view(t: &Locale, field: &Field, plugin: &Installed, set: &Value, faults: &[Detail]) -> SettingView {
    let fault = faults.iter().find(|fault| is_about(fault, field));
    let value = set.get(&field.name);
    let is_secret = field.is_secret();
    let (form, choices, longest) = match &field.form {
        Form::Text { secret: true, longest, .. } => ("secret", Vec::new(), *longest),
        Form::Text { longest, .. } => ("text", Vec::new(), *longest),
        Form::Choice(choices) => ("choice", choices.clone(), 0),
        Form::Integer { .. } | Form::Number { .. } => ("number", Vec::new(), 0),
        Form::Flag => ("flag", Vec::new(), 0),
        Form::Texts { .. } => ("texts", Vec::new(), 0),
    };
    let typed = match value {
        _ if is_secret => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let is_set = if is_secret { plugin.settings.get(&field.name).is_some() } else { value == Some(&Value::Bool(true)) };
    SettingView {
        name: field.name.clone(),
        title: field.title.clone(),
        help: field.help.clone(),
        fault: fault.map(|fault| problem_text(t, fault.code)).unwrap_or_default(),
        form,
        value: typed,
        is_set,
        required: field.required && !is_secret,
        choices,
        longest,
    }
}
