//! Where a record comes from: who said so, how, and from which source.
//!
//! The vault writes it beside the body; nobody types it. "From the report of 3 April, page 2" is read from here.

use serde::{Deserialize, Serialize};

/// How a record came to be.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum How {
    /// Somebody typed it, or a program did for them.
    #[default]
    Typed,
    /// A file was imported.
    Import,
    /// It was read from a document.
    Document,
    /// A device measured it.
    Device,
    /// A plugin proposed it and somebody accepted.
    Plugin,
}

impl How {
    /// The word in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Typed => "typed",
            Self::Import => "import",
            Self::Document => "document",
            Self::Device => "device",
            Self::Plugin => "plugin",
        }
    }
}

/// A file that a record was read from.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Its name, without folders.
    pub file: String,
    /// The SHA-256 of its bytes as 64 hex digits.
    pub sha256: String,
}

/// Where a record comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// How it came to be.
    pub how: How,
    /// Who acted: an account, the operator, a job.
    pub actor: String,
    /// The import that brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<String>,
    /// The file it was read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The page of the document, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Where on the page: left, top, width and height as parts of one.
    #[serde(default, rename = "box", skip_serializing_if = "Option::is_none")]
    pub region: Option<[f32; 4]>,
    /// The plugin that proposed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
    /// The rule, which a person had made, by which it was accepted without being looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

impl Provenance {
    /// Typed by `actor`.
    pub fn typed(actor: impl Into<String>) -> Self {
        Self { how: How::Typed, actor: actor.into(), ..Self::default() }
    }

    /// Brought by the import `import` from `source`, done by `actor`.
    pub fn import(actor: impl Into<String>, import: impl Into<String>, source: Source) -> Self {
        Self { how: How::Import, import: Some(import.into()), source: Some(source), ..Self::typed(actor) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provenance_keeps_its_stored_form() {
        let typed = Provenance::typed("operator");
        assert_eq!(serde_json::to_string(&typed).expect("json"), r#"{"how":"typed","actor":"operator"}"#);
        let source = Source { file: "report.pdf".into(), sha256: "00".repeat(32) };
        let mut read = Provenance { page: Some(2), region: Some([0.5, 0.25, 0.125, 0.0]), ..Provenance::typed("a") };
        read.how = How::Document;
        read.source = Some(source);
        let json = serde_json::to_string(&read).expect("json");
        assert!(json.ends_with(r#""page":2,"box":[0.5,0.25,0.125,0.0]}"#), "{json}");
        assert_eq!(serde_json::from_str::<Provenance>(&json).expect("own json"), read);
        read.rule = Some("r".into());
        let json = serde_json::to_string(&read).expect("json");
        assert!(json.ends_with(r#","rule":"r"}"#), "{json}");
        assert_eq!(serde_json::from_str::<Provenance>(&json).expect("own json"), read);
    }
}
