//! What every call through `phm_call` is wrapped in, and every answer of the house.

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
}
