//! `notify`: an event in, messages out. The house delivers them; a plugin never sends by itself.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something that happened, or is due.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Input {
    /// What: `dose-due`, `refill`, `appointment`, `result`, `grant-expires`; or `reminder`, of which nothing more is said.
    pub event: String,
    /// What is known of it, by name: `person`; and of a dose `at medicines count`, of a refill `medicine run_out_on`, of an
    /// appointment `at with place reason`, of results `names count`, of a grant `to at`. An empty text is not known.
    #[serde(default)]
    pub data: Value,
    /// The language of whoever reads it: `en`, `hi` or `pa`.
    pub language: String,
    /// Whether it leaves the house, where no medical content may stand in it. The house then says nothing of the event.
    pub outside: bool,
}

/// Messages.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Output {
    /// The messages.
    pub messages: Vec<Message>,
}

/// A message.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Message {
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
}
