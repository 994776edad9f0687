//! A message between a patient and those who treat them.

use crate::fields;
use crate::time::{Instant, When};

use super::{Document, Kind, Link, Party, Summary, Text, Word};

fields! {
    /// A message between a patient and those who treat them.
    pub struct Message {
        /// The conversation it belongs to.
        thread: Option<Word>,
        /// Who wrote it.
        from: Option<Party>,
        /// To whom.
        to: Vec<Party>,
        /// What it says.
        text: Text,
        /// When it was sent.
        sent_at: Option<Instant>,
        /// Documents that go with it.
        attachments: Vec<Link<Document>>,
    }
}

impl Kind for Message {
    const NAME: &'static str = "message";
    const COLLECTION: &'static str = "messages";

    fn occurred(&self) -> Option<When> {
        self.sent_at.map(When::Instant)
    }

    fn summary(&self) -> Summary {
        Summary::of(self.text())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn a_message_keeps_its_stored_form() {
        let body = json!({
            "thread": "7", "from": "Dr Rao", "to": ["Asha Kaur", {"name": "Ravi Kaur"}], "text": "Please rest.",
            "sent_at": "2026-04-03T08:00:00Z", "attachments": ["6f9619ff-8b86-4011-b42d-00c04fc964ff"],
        });
        insta::assert_snapshot!(stored::<Message>(&body), @r#"{"thread":"7","from":{"name":"Dr Rao"},"to":[{"name":"Asha Kaur"},{"name":"Ravi Kaur"}],"text":"Please rest.","sent_at":"2026-04-03T08:00:00.000Z","attachments":["6f9619ff-8b86-4011-b42d-00c04fc964ff"]}"#);
        assert_eq!(listed::<Message>(&body), "2026-04-03T08:00:00.000Z|Please rest.||||");
    }

    #[test]
    fn messages_that_mean_nothing_are_refused() {
        let cases = [
            (json!({}), "/text required"),
            (json!({"text": "", "sent_at": "2026-04-03T08:00:00Z"}), "/text required"),
            (json!({"text": "x", "sent_at": "2026-04-03"}), "/sent_at invalid-instant"),
            (json!({"text": "x", "sent_at": "2026-04-03T08:00:00Z", "to": "Ravi"}), "/to wrong-type"),
            (json!({"text": "x", "sent_at": "2026-04-03T08:00:00Z", "to": [""]}), "/to/0 required"),
            (json!({"text": "x", "sent_at": "2026-04-03T08:00:00Z", "attachments": [{}]}), "/attachments/0 wrong-type"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Message>(&body), expected, "{body}");
        }
    }
}
