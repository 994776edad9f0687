//! Says what is due, from templates: one title and one text for each event and language.
//!
//! The templates are its settings, and the defaults stand in `settings.json`, which is also what the page of its settings is made
//! from. What leaves the house says that there is a reminder and nothing else, whatever the event and whatever is known of it.

mod templates;

use phm_plugin_sdk::serde_json::{self, Value};
use phm_plugin_sdk::v1::calls::SettingsGet;
use phm_plugin_sdk::v1::notify::{Input, Message, Output};
use phm_plugin_sdk::{Fault, Plugin, export, host, kinds};

pub use templates::{EVENTS, LANGUAGES, OUTSIDE, Templates, filled};

/// The plugin.
pub struct Reminders;

impl Plugin for Reminders {
    type Kind = kinds::Notify;

    fn call(input: Input) -> Result<Output, Fault> {
        // Without the administrator's leave to read its settings it speaks in its own words.
        let settings = host::call(&SettingsGet {}).unwrap_or_else(|_| Value::Object(serde_json::Map::new()));
        let templates = Templates::new(settings).map_err(Fault::new)?;
        Ok(Output { messages: say(&templates, &input).into_iter().collect() })
    }
}

/// The message of an event; nothing for one that is not known.
pub fn say(templates: &Templates, input: &Input) -> Option<Message> {
    let known = EVENTS.contains(&input.event.as_str()) || input.event == OUTSIDE;
    if !known {
        return None;
    }
    // What is known of the event has no place in what leaves the house.
    let nothing = Value::Null;
    let (event, data) = if input.outside { (OUTSIDE, &nothing) } else { (input.event.as_str(), &input.data) };
    let text = |part: &str| filled(&templates.text(event, part, &input.language), data);
    Some(Message { title: text("title"), text: text("text") })
}

export!(render: Reminders);
