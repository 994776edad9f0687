//! What a plugin may ask the house for through `phm_call`: every operation, what it takes and what it answers.
//!
//! Every operation is a capability that the manifest has to declare with a reason, the administrator has to grant, and,
//! where it is about a person's records, that person's consent has to cover. A refusal names the door that was shut.

mod documents;
mod records;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::documents::{DocumentText, DocumentsContent, DocumentsText, OcrRecognize, Piece};
pub use self::records::{Evidence, Proposed, Records, RecordsList, RecordsPropose};
pub use super::envelope::{Call, Door, Refusal, Reply};

/// An operation with its name, which is the capability too, and what it answers.
pub trait Operation: Serialize + DeserializeOwned {
    /// The name in `op`, and in the manifest's `capability`.
    const NAME: &'static str;
    /// What the house answers.
    type Answer: Serialize + DeserializeOwned;
}

/// The names of all operations.
pub const OPERATIONS: &[&str] = &[
    RecordsList::NAME,
    RecordsPropose::NAME,
    DocumentsText::NAME,
    DocumentsContent::NAME,
    OcrRecognize::NAME,
    LlmGenerate::NAME,
    LlmEmbed::NAME,
    DrugsFacts::NAME,
    ClinicalCall::NAME,
    HttpFetch::NAME,
    SettingsGet::NAME,
    KvGet::NAME,
    KvPut::NAME,
    Log::NAME,
];

macro_rules! operation {
    ($(#[$doc:meta])* $name:ident = $op:literal -> $answer:ty { $($body:tt)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub struct $name { $($body)* }

        impl Operation for $name {
            const NAME: &'static str = $op;
            type Answer = $answer;
        }
    };
}

use operation;

/// Some text.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Text {
    /// The text.
    pub text: String,
}

operation! {
    /// Lets the language model of the house go on from a prompt.
    LlmGenerate = "llm.generate" -> Text {
        /// The prompt.
        pub prompt: String,
        /// Tokens at most.
        pub max_tokens: u32,
    }
}

operation! {
    /// What the embedding model of the house makes of texts.
    LlmEmbed = "llm.embed" -> Vectors {
        /// The texts.
        pub texts: Vec<String>,
    }
}

/// A vector a text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Vectors {
    /// The vectors, in the order of the texts.
    pub vectors: Vec<Vec<f32>>,
}

operation! {
    /// What the house knows of a medicine.
    DrugsFacts = "drugs.facts" -> Value {
        /// The name as it was written.
        pub name: String,
    }
}

operation! {
    /// Clinical logic that needs no records: `calculators` lists the calculators with their inputs and sources,
    /// `calculate` runs one; `convert`, `recognise_test`, `evaluate_result`, `parse_dose`, `resolve_medicine`,
    /// `schedule`, `supply`, `trend` and more are those of the Python module and of C. It reads nothing of anybody, so
    /// no consent is asked.
    ClinicalCall = "clinical.call" -> Value {
        /// Its name.
        pub op: String,
        /// What it takes.
        #[serde(default)]
        pub args: Value,
    }
}

operation! {
    /// Fetches from a host that the manifest names. In a call about a person it needs a grant of theirs that names plugin
    /// and host.
    HttpFetch = "http.fetch" -> Fetched {
        /// The address, `https://…`.
        pub url: String,
        /// `GET` or `POST`.
        #[serde(default = "get")]
        pub method: String,
        /// The body of a `POST`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub body: Option<String>,
    }
}

fn get() -> String {
    "GET".to_owned()
}

/// What a host answered.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fetched {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

operation! {
    /// The plugin's settings, as the administrator set them.
    SettingsGet = "settings.get" -> Value {}
}

operation! {
    /// A value the plugin kept about the person the call is about, or for itself where it is about nobody.
    KvGet = "kv.get" -> Kept {
        /// The name it was kept under.
        pub key: String,
    }
}

/// A kept value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Kept {
    /// The value; null where none is kept.
    pub value: Value,
}

operation! {
    /// Keeps a value; null forgets it.
    KvPut = "kv.put" -> Done {
        /// The name to keep it under.
        pub key: String,
        /// The value.
        pub value: Value,
    }
}

operation! {
    /// Writes a line into the plugin's log.
    Log = "log" -> Done {
        /// How much it matters.
        pub level: Level,
        /// The line.
        pub message: String,
    }
}

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Level {
    /// Somebody has to look.
    Error,
    /// Something was not as it should be.
    Warn,
    /// Something happened.
    Info,
    /// For whoever writes the plugin.
    Debug,
}

/// It was done.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Done {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unknown_fields_are_refused() {
        assert!(serde_json::from_value::<Call>(json!({"v": 1, "op": "log", "args": {}, "as": "admin"})).is_err());
        assert!(serde_json::from_value::<RecordsList>(json!({"kind": "note", "actor": "operator"})).is_err());
        assert!(serde_json::from_value::<KvPut>(json!({"key": "a", "value": 1, "profile": "b"})).is_err());
    }

    #[test]
    fn what_is_left_out_has_its_usual_value() {
        let list: RecordsList = serde_json::from_value(json!({"kind": "note"})).expect("a list");
        assert_eq!(list, RecordsList::of("note"));
        assert_eq!(serde_json::to_value(&list).expect("plain"), json!({"kind": "note"}));
    }
}
