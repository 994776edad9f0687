//! What a plugin asks the house for through `phm_call`, and how the house answers.
//!
//! Every operation is a capability that the manifest has to declare with a reason, the administrator has to grant, and,
//! where it is about a person's records, that person's consent has to cover. A refusal names the door that was shut.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A call: `{"v":1,"op":"records.list","args":{…}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Call {
    /// The version of the messages: 1.
    pub v: u32,
    /// The operation.
    pub op: String,
    /// What it takes.
    #[serde(default)]
    pub args: Value,
}

/// A reply: `{"ok":…}` or `{"error":{…}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Reply {
    /// What was asked for.
    Ok(Value),
    /// Why not.
    Error(Refusal),
}

/// Why the house did not do what was asked.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refusal {
    /// A stable code.
    pub code: String,
    /// The door that was shut; absent where the call passed the doors and could not be answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door: Option<Door>,
    /// What to do about it.
    pub message: String,
}

/// Where a call was stopped.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Door {
    /// The manifest does not declare it, or it is no message of the version that the manifest names.
    Manifest,
    /// The administrator did not grant it.
    Administrator,
    /// The person's consent does not cover it.
    Consent,
    /// It would exceed a limit.
    Limit,
}

impl Door {
    /// The word in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Administrator => "administrator",
            Self::Consent => "consent",
            Self::Limit => "limit",
        }
    }
}

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

operation! {
    /// Records of one kind of the person the call is about, newest first. Needs consent to read that kind.
    RecordsList = "records.list" -> Records {
        /// The kind, for example `medication`.
        pub kind: String,
        /// The person; the one the call is about and no other.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub profile: Option<String>,
        /// Only with this code: `system|code` or bare.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub code: Option<String>,
        /// Only from here on: a date or an instant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub from: Option<String>,
        /// Only up to here, inclusive.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub to: Option<String>,
        /// The page, from 1.
        #[serde(default = "first", skip_serializing_if = "is_first")]
        pub page: u32,
        /// Records a page, at most 100.
        #[serde(default = "usual", skip_serializing_if = "is_usual")]
        pub per_page: u32,
    }
}

const fn first() -> u32 {
    1
}

const fn usual() -> u32 {
    50
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_first(page: &u32) -> bool {
    *page == first()
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_usual(per_page: &u32) -> bool {
    *per_page == usual()
}

impl RecordsList {
    /// The first page of all records of `kind`.
    pub fn of(kind: impl Into<String>) -> Self {
        let (page, per_page) = (first(), usual());
        Self { kind: kind.into(), profile: None, code: None, from: None, to: None, page, per_page }
    }
}

/// One page of records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Records {
    /// The records, in the shape of the HTTP API: `{"id","kind","occurred","body",…}`.
    pub records: Vec<Value>,
    /// How many there are on all pages.
    pub total: u64,
}

operation! {
    /// Proposes a record. It becomes one when a person accepts it, and its provenance names the plugin. Needs consent to
    /// add to that kind.
    RecordsPropose = "records.propose" -> Proposed {
        /// The kind.
        pub kind: String,
        /// The body, in the shape of the HTTP API.
        pub body: Value,
        /// The person; the one the call is about and no other.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub profile: Option<String>,
        /// Where it was found.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub evidence: Option<Evidence>,
    }
}

/// Where something was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evidence {
    /// The record of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The page, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Left, top, width and height as parts of one.
    #[serde(default, rename = "box", skip_serializing_if = "Option::is_none")]
    pub region: Option<[f32; 4]>,
    /// The words themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A proposal that waits for a person.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Proposed {
    /// Its id.
    pub proposal: String,
}

operation! {
    /// The text of a document of the person the call is about, as it was read before. Needs consent to read documents. One
    /// that nothing has read yet is refused with `not-read`.
    DocumentsText = "documents.text" -> DocumentText {
        /// The record of the document.
        pub document: String,
    }
}

/// The text of a document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DocumentText {
    /// All of it.
    pub text: String,
    /// The same page by page, with the places of the words.
    #[serde(default)]
    pub pages: Vec<super::document::Page>,
    /// The plugin that read it, with its version; absent for a file that is text itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_by: Option<String>,
}

operation! {
    /// A piece of the file of a document of the person the call is about. Needs consent to read documents.
    DocumentsContent = "documents.content" -> Piece {
        /// The record of the document.
        pub document: String,
        /// Where the piece begins.
        #[serde(default, skip_serializing_if = "is_zero")]
        pub from: u64,
        /// How many bytes, at most a MiB; the last piece is shorter.
        #[serde(default = "piece", skip_serializing_if = "is_piece")]
        pub length: u32,
    }
}

const fn piece() -> u32 {
    DocumentsContent::MOST
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_piece(length: &u32) -> bool {
    *length == piece()
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(from: &u64) -> bool {
    *from == 0
}

impl DocumentsContent {
    /// Bytes of a piece at most.
    pub const MOST: u32 = 1 << 20;

    /// The largest piece that begins at `from`.
    pub fn at(document: impl Into<String>, from: u64) -> Self {
        Self { document: document.into(), from, length: Self::MOST }
    }
}

/// A piece of a file.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Piece {
    /// The bytes in base64; none behind the end.
    pub bytes: String,
    /// The length of the whole file.
    pub size: u64,
    /// What the file is: `application/pdf`.
    pub media_type: String,
}

/// Some text.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Text {
    /// The text.
    pub text: String,
}

operation! {
    /// The text on a page of a scanned document. Needs consent to read documents.
    OcrRecognize = "ocr.recognize" -> Text {
        /// The record of the document.
        pub document: String,
        /// The page, from 1.
        #[serde(default = "first")]
        pub page: u32,
    }
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
    fn a_reply_has_the_shape_of_the_contract() {
        let refusal = Refusal { code: "not-granted".into(), door: Some(Door::Consent), message: "…".into() };
        assert_eq!(
            serde_json::to_value(Reply::Error(refusal)).expect("plain"),
            json!({"error": {"code": "not-granted", "door": "consent", "message": "…"}})
        );
        assert_eq!(serde_json::to_value(Reply::Ok(json!({}))).expect("plain"), json!({"ok": {}}));
    }

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
