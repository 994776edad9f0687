//! The words of a reminder, from the plugin for notifications that is on.
//!
//! The plugin is asked twice: for what is read in the house, with what is known of the event, and for what leaves it, without
//! being told even what kind of event it was, in a call that is about nobody: no record is open to it then, nor what it kept of
//! the person before. So what leaves the house by default cannot say what it is about, whatever the plugin does. What it answers is
//! bounded and without control characters, because it becomes the subject of a letter.

use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::vault::Session;
use phm_plugin_api::v1::notify::{Input, Output};
use phm_plugins::{CallContext, PluginError, Plugins};
use serde_json::Value;

use super::due::Event;
use crate::notify::board::Words;

/// The event of what leaves the house by default: that there is something, and nothing else.
const SOMETHING: &str = "reminder";

/// Letters of a title at most.
const LONGEST_TITLE: usize = 120;
/// Letters of a text at most.
const LONGEST_TEXT: usize = 2_000;

/// What is asked of the plugin.
pub(super) struct Wanted<'a> {
    /// The plugins of the house.
    pub plugins: &'a Plugins,
    /// The one that is on.
    pub plugin: &'a str,
    /// The session of the service.
    pub session: &'a Session,
    /// About whom.
    pub profile: ProfileId,
    /// What happened.
    pub event: &'a Event,
    /// The person's name.
    pub person: &'a str,
}

/// The words of one reminder.
pub(super) struct Said {
    /// What is read in the house.
    pub inside: Words,
    /// What leaves it by default.
    pub outside: Option<Words>,
}

/// The words of an event; nothing where the plugin has nothing to say, and a code where it failed.
pub(super) fn render(wanted: &Wanted<'_>, language: &str) -> Result<Option<Said>, String> {
    let mut data = wanted.event.data.clone();
    data["person"] = Value::from(wanted.person);
    let input = |event: &str, data: Value, outside: bool| Input {
        event: event.to_owned(),
        data,
        language: language.to_owned(),
        outside,
    };
    let permit = wanted.session.permit(Action::Read, wanted.profile, wanted.event.kind);
    let about = CallContext::about(wanted.session, permit.map_err(|error| error.code().to_owned())?);
    let inside = ask(wanted, &about, &input(wanted.event.event, data, false), &wanted.event.records)?;
    let Some(inside) = inside else { return Ok(None) };
    let nobody = CallContext::of(wanted.session);
    let outside = ask(wanted, &nobody, &input(SOMETHING, Value::Null, true), &[])?;
    Ok(Some(Said { inside, outside }))
}

fn ask(
    wanted: &Wanted<'_>,
    context: &CallContext,
    input: &Input,
    handed: &[RecordId],
) -> Result<Option<Words>, String> {
    let failed = |error: &PluginError| {
        // The reason is in the plugin's log; nothing of the input is here.
        tracing::warn!(code = error.code(), "the plugin for notifications failed");
        error.code().to_owned()
    };
    let input = serde_json::to_value(input).map_err(|_| "internal")?;
    let called = wanted.plugins.call(context, wanted.plugin, &input, handed).map_err(|error| failed(&error))?;
    let output: Output = serde_json::from_value(called.output).map_err(|_| "bad-answer")?;
    Ok(words(&output))
}

/// The messages of a plugin as one: the title of the first, and every text.
fn words(output: &Output) -> Option<Words> {
    let title = cut(&output.messages.first()?.title.replace('\n', " "), LONGEST_TITLE);
    let texts: Vec<&str> = output.messages.iter().map(|message| message.text.as_str()).collect();
    let text = cut(&texts.join("\n"), LONGEST_TEXT);
    (!title.is_empty()).then_some(Words { title, text })
}

fn cut(text: &str, most: usize) -> String {
    let plain = text.chars().filter(|letter| *letter == '\n' || !letter.is_control());
    plain.take(most).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use phm_plugin_api::v1::notify::Message;

    use super::*;

    #[test]
    fn what_a_plugin_says_is_bounded_and_makes_no_header_of_its_own() {
        let message = |title: &str, text: &str| Message { title: title.to_owned(), text: text.to_owned() };
        let output =
            Output { messages: vec![message("One\r\nBcc: all@example.org", &"x".repeat(3_000)), message("Two", "y")] };
        let said = words(&output).expect("words");
        assert_eq!(said.title, "One Bcc: all@example.org");
        assert_eq!(said.text.len(), LONGEST_TEXT);
        assert!(words(&Output::default()).is_none() && words(&Output { messages: vec![message("\n", "x")] }).is_none());
    }
}
