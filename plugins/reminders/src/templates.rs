//! Templates, and how they are filled in: a title is a line, a text several.
//!
//! `{name}` stands for what is known under that name. A line of which something is not known is left out, so that an appointment
//! without a place has no line about one; the last line that is left is never left out.

use phm_plugin_sdk::serde_json::{self, Value};

/// The events there are templates for.
pub const EVENTS: [&str; 5] = ["dose-due", "refill", "appointment", "result", "grant-expires"];

/// The template of what leaves the house.
pub const OUTSIDE: &str = "reminder";

/// The languages there are templates in; the first one is spoken where another is asked for.
pub const LANGUAGES: [&str; 3] = ["en", "hi", "pa"];

/// The settings as they are described, with the defaults.
const DESCRIBED: &str = include_str!("../settings.json");

/// The templates: those of the administrator, and the defaults.
pub struct Templates {
    own: Value,
    described: Value,
}

impl Templates {
    /// The templates under these settings.
    pub fn new(settings: Value) -> Result<Self, String> {
        let described = serde_json::from_str(DESCRIBED).map_err(|_| "settings.json of the plugin is no JSON")?;
        Ok(Self { own: settings, described })
    }

    /// The template of a part (`title` or `text`) of an event in a language.
    pub fn text(&self, event: &str, part: &str, language: &str) -> String {
        let language = LANGUAGES.into_iter().find(|known| *known == language).unwrap_or(LANGUAGES[0]);
        let name = format!("{event}-{part}-{language}");
        let own = lines(&self.own[name.as_str()]);
        if own.trim().is_empty() { lines(&self.described["properties"][name.as_str()]["default"]) } else { own }
    }
}

/// A text as it stands, or the lines of one.
fn lines(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

/// A template with what is known in its places.
pub fn filled(template: &str, data: &Value) -> String {
    let lines: Vec<(String, bool)> = template.lines().map(|line| fill(line, data)).collect();
    let whole: Vec<&str> = lines.iter().filter(|(_, whole)| *whole).map(|(line, _)| line.as_str()).collect();
    if whole.is_empty() {
        return lines.first().map(|(line, _)| line.trim().to_owned()).unwrap_or_default();
    }
    whole.join("\n")
}

/// A line with what is known in its places, and whether all of it is known.
fn fill(line: &str, data: &Value) -> (String, bool) {
    let (mut text, mut whole, mut rest) = (String::new(), true, line);
    while let Some((before, place)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, after)) = place.split_once('}') else {
            // A brace that opens no place is one.
            text.push('{');
            rest = place;
            continue;
        };
        let known = match &data[name] {
            Value::String(known) => known.clone(),
            Value::Number(known) => known.to_string(),
            _ => String::new(),
        };
        whole &= !known.trim().is_empty();
        text.push_str(&known);
        rest = after;
    }
    text.push_str(rest);
    (text, whole)
}
