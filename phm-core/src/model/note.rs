//! A note: something worth keeping that has no form of its own.

use crate::fields;
use crate::time::When;

use super::{Kind, Summary, Text, Word};

fields! {
    /// Something worth keeping.
    pub struct Note {
        /// What it is called.
        title: Option<Text>,
        /// What it says.
        text: Text,
        /// Whether only its writer is to read it.
        private: Option<bool>,
        /// The records it is about.
        about: Vec<Word>,
    }
}

impl Kind for Note {
    const NAME: &'static str = "note";
    const COLLECTION: &'static str = "notes";

    fn occurred(&self) -> Option<When> {
        None
    }

    fn summary(&self) -> Summary {
        Summary::of(self.title().unwrap_or(self.text()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn a_note_keeps_its_stored_form() {
        let body = json!({
            "title": "Questions", "text": "Ask about sleep.", "private": true,
            "about": ["6f9619ff-8b86-4011-b42d-00c04fc964ff"],
        });
        insta::assert_snapshot!(stored::<Note>(&body), @r#"{"title":"Questions","text":"Ask about sleep.","private":true,"about":["6f9619ff-8b86-4011-b42d-00c04fc964ff"]}"#);
        assert_eq!(listed::<Note>(&body), "|Questions||||");
        assert_eq!(listed::<Note>(&json!({"text": "Ask about sleep."})), "|Ask about sleep.||||");
    }

    #[test]
    fn notes_that_mean_nothing_are_refused() {
        let cases = [
            (json!({"title": "Questions"}), "/text required"),
            (json!({"text": null}), "/text required"),
            (json!({"text": ["x"]}), "/text wrong-type"),
            (json!({"text": "x", "private": 1}), "/private wrong-type"),
            (json!({"text": "x", "about": "y"}), "/about wrong-type"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Note>(&body), expected, "{body}");
        }
    }
}
