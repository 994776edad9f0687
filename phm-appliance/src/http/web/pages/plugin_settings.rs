//! The settings of a plugin, as a form made from the JSON Schema in its package.

use phm_core::Detail;
use phm_plugins::installed::{self, Installed};
use phm_plugins::settings::{Field, Form};
use phm_plugins::{PluginError, settings};
use poem::Response;
use poem::http::StatusCode;
use serde_json::{Map, Number, Value};

use super::reply::{go, html, html_with};
use super::visit::{Frame, Visit};
use crate::http::house::AtWork;
use crate::http::problem::Problem;
use crate::http::web::view::page::Here;
use crate::http::web::view::plugin_settings::PluginSettings;
use crate::i18n::to_latin;

/// The form with what is set.
pub async fn form(visit: Visit) -> Result<Response, Problem> {
    let name = visit.part("name");
    let view = visit.with(move |at, frame| {
        at.runs_the_house()?;
        let plugin = installed::get(&at.vault, &name)?;
        let set = plugin.in_force()?;
        shown(at, frame, &plugin, &set, &[])
    });
    html(&view.await?)
}

/// Sets them, or says what does not fit.
pub async fn save(visit: Visit) -> Result<Response, Problem> {
    let name = visit.part("name");
    let sent = visit.form.clone();
    let refused = visit
        .with(move |at, frame| {
            at.runs_the_house()?;
            let plugin = installed::get(&at.vault, &name)?;
            let set = read(&plugin.schema()?, &sent);
            match installed::set_settings(&at.vault, at, &name, set.clone()) {
                Ok(()) => Ok(None),
                Err(PluginError::Settings(faults)) => Ok(Some(shown(at, frame, &plugin, &set, &faults)?)),
                Err(error) => Err(error.into()),
            }
        })
        .await?;
    match refused {
        None => Ok(go("/admin/plugins")),
        Some(view) => html_with(StatusCode::UNPROCESSABLE_ENTITY, &view),
    }
}

fn shown(
    at: &AtWork,
    frame: &Frame,
    plugin: &Installed,
    set: &Value,
    faults: &[Detail],
) -> Result<PluginSettings, Problem> {
    let page = frame.page(at, &frame.t().say("plugin-settings"), Here::Admin, None)?;
    Ok(PluginSettings::new(page, plugin, &plugin.schema()?, set, faults))
}

/// The settings a form says. What is no number is passed on as it was typed, and the schema says so.
fn read(schema: &settings::Schema, sent: &[(String, String)]) -> Value {
    let mut set = Map::new();
    for field in schema.fields() {
        let name = format!("set.{}", field.name);
        let typed = sent.iter().rev().find(|(key, _)| *key == name).map_or("", |(_, value)| value.trim());
        let forgets = sent.iter().any(|(key, value)| *key == format!("forget.{}", field.name) && value == "yes");
        if let Some(value) = value_of(field, typed, forgets) {
            set.insert(field.name.clone(), value);
        }
    }
    Value::Object(set)
}

fn value_of(field: &Field, typed: &str, forgets: bool) -> Option<Value> {
    let given = Some(typed).filter(|typed| !typed.is_empty());
    let as_typed = |typed: &str| Value::from(typed);
    match &field.form {
        Form::Flag => Some(Value::from(typed == "yes")),
        Form::Text { secret: true, .. } if forgets => Some(Value::from("")),
        Form::Text { .. } | Form::Choice(_) => given.map(as_typed),
        Form::Integer { .. } => {
            given.map(|typed| to_latin(typed).parse::<i64>().map_or_else(|_| as_typed(typed), Value::from))
        }
        Form::Number { .. } => given.map(|typed| {
            let number = to_latin(typed).parse::<f64>().ok().and_then(Number::from_f64);
            number.map_or_else(|| as_typed(typed), Value::Number)
        }),
        Form::Texts { .. } => {
            let lines = typed.lines().map(str::trim).filter(|line| !line.is_empty());
            Some(Value::from(lines.map(str::to_owned).collect::<Vec<String>>()))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_says_what_was_typed_in_the_types_of_the_schema() {
        let schema = settings::Schema::of(&json!({"type": "object", "properties": {
            "text": {"type": "string"}, "key": {"type": "string", "writeOnly": true}, "days": {"type": "integer"},
            "share": {"type": "number"}, "loud": {"type": "boolean"}, "names": {"type": "array", "items": {"type": "string"}},
        }}))
        .expect("a schema");
        let of = |pairs: &[(&str, &str)]| {
            let pairs: Vec<(String, String)> =
                pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            read(&schema, &pairs)
        };
        let all = of(&[
            ("set.text", " a "),
            ("set.key", "hush"),
            ("set.days", "१२"),
            ("set.share", "0.5"),
            ("set.loud", "yes"),
            ("set.names", "a\r\n\r\n b \r\n"),
            ("other", "x"),
        ]);
        let wanted = json!({"text": "a", "key": "hush", "days": 12, "share": 0.5, "loud": true, "names": ["a", "b"]});
        assert_eq!(all, wanted);
        assert_eq!(of(&[]), json!({"loud": false, "names": []}));
        assert_eq!(of(&[("set.days", "soon"), ("forget.key", "yes")])["days"], "soon", "the schema says what it is");
        assert_eq!(of(&[("set.key", "new"), ("forget.key", "yes")])["key"], "");
    }
}
