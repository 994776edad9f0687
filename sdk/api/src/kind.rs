//! The kinds of plugins, and the export of each.

use serde::{Deserialize, Serialize};

/// What a plugin is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Kind {
    /// Reads the text of a document and proposes records with their evidence.
    Document,
    /// Checks medicines against each other and against allergies.
    Drugs,
    /// Turns an event into messages; the house delivers them.
    Notify,
    /// Answers a question from granted records, with citations.
    Assistant,
    /// Reads a file of some format and proposes records.
    Import,
    /// Looks at records and says what stands out.
    Insight,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Document, Self::Drugs, Self::Notify, Self::Assistant, Self::Import, Self::Insight];

    /// The word in the manifest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Drugs => "drugs",
            Self::Notify => "notify",
            Self::Assistant => "assistant",
            Self::Import => "import",
            Self::Insight => "insight",
        }
    }

    /// The function a plugin of this kind exports.
    pub const fn export(self) -> &'static str {
        match self {
            Self::Document | Self::Import => "read",
            Self::Drugs => "check",
            Self::Notify => "render",
            Self::Assistant => "answer",
            Self::Insight => "find",
        }
    }

    /// The kind of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exports_are_those_of_the_contract() {
        let exports: Vec<_> = Kind::ALL.iter().map(|kind| format!("{}→{}", kind.as_str(), kind.export())).collect();
        assert_eq!(
            exports.join(" "),
            "document→read drugs→check notify→render assistant→answer import→read insight→find"
        );
    }

    #[test]
    fn a_word_reads_back_as_its_kind() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_word(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_string(&kind).expect("plain"), format!("\"{}\"", kind.as_str()));
        }
        assert_eq!(Kind::from_word("Drugs"), None);
    }
}
