//! An import: what was brought in at one time, and how far that has come.
//!
//! Beside its state it is whatever the importer tells (files, counts, refusals), as one JSON object; the shape of
//! that is the import object of the command line.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::model::macros::choice;
use crate::model::{At, FieldInfo, Kind, Part, Report, Slot, Summary};
use crate::time::When;

choice! {
    /// How far an import has come.
    pub enum ImportState {
        /// The files are being read.
        Checking = "checking",
        /// What would be brought in is shown.
        Preview = "preview",
        /// It is being brought in.
        Importing = "importing",
        /// Everything is written; people see it in parts, because it is about very many.
        Showing = "showing",
        /// It was brought in.
        Done = "done",
        /// It is being taken back in parts, because it is about very many people.
        Hiding = "hiding",
        /// It was not brought in.
        Failed = "failed",
        /// It was taken back.
        Undone = "undone",
    }
}

/// What was brought in at one time.
#[derive(Clone, Eq, PartialEq)]
pub struct Import {
    state: ImportState,
    body: Map<String, Value>,
}

/// Deeper objects than an importer ever writes.
const DEEPEST: usize = 16;

impl Import {
    /// How far it has come.
    pub fn state(&self) -> ImportState {
        self.state
    }

    /// Everything that is known of it, its state too.
    pub fn body(&self) -> &Map<String, Value> {
        &self.body
    }
}

impl std::fmt::Debug for Import {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Import(..)")
    }
}

impl Serialize for Import {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.body.serialize(serializer)
    }
}

impl Part for Import {
    type View<'a> = &'a Self;

    const OF: &'static str = "json";
    const FIELDS: &'static [FieldInfo] = &[ImportState::INFO.named("state", "How far it has come.")];

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let Value::Object(body) = value else {
            report.say(at, "wrong-type");
            return None;
        };
        if deeper_than(DEEPEST, value) {
            report.say(at, "too-long");
            return None;
        }
        let state = Slot::take(body.get("state"), &at.field("state"), report)?;
        Some(Self { state, body: body.clone() })
    }

    fn view(&self) -> &Self {
        self
    }
}

fn deeper_than(levels: usize, value: &Value) -> bool {
    match value {
        Value::Object(map) => levels == 0 || map.values().any(|value| deeper_than(levels - 1, value)),
        Value::Array(list) => levels == 0 || list.iter().any(|value| deeper_than(levels - 1, value)),
        _ => false,
    }
}

impl Kind for Import {
    const NAME: &'static str = "import";
    const COLLECTION: &'static str = "";
    const SYSTEM: bool = true;
    /// It names every person an import is about: room for several hundred thousand.
    const LARGEST: usize = 32 << 20;

    fn occurred(&self) -> Option<When> {
        None
    }

    fn summary(&self) -> Summary {
        let title = self.body.get("path").and_then(Value::as_str).unwrap_or_default();
        Summary::of(title).status(Some(self.state.word()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::KindInfo;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn an_import_keeps_its_stored_form() {
        let body = json!({"added": 7, "files": [{"path": "a.json", "refused": []}], "path": "a.json", "state": "done"});
        insta::assert_snapshot!(stored::<Import>(&body), @r#"{"added":7,"files":[{"path":"a.json","refused":[]}],"path":"a.json","state":"done"}"#);
        assert_eq!(listed::<Import>(&body), "|a.json||done||");
    }

    #[test]
    fn an_import_about_as_many_people_as_a_city_has_is_kept() {
        let profiles: Vec<String> = (0..100_000).map(|n| format!("{n:08x}-0000-4000-8000-000000000000")).collect();
        let body = json!({"state": "done", "profiles": profiles});
        assert!(stored::<Import>(&body).len() > 3_000_000);
        let endless = json!({"state": "done", "files": "x".repeat(Import::LARGEST)});
        let refused = (KindInfo::of::<Import>().check)(&endless).expect_err("refused");
        assert_eq!(refused.iter().map(|detail| detail.code).collect::<Vec<_>>(), ["too-long"]);
    }

    #[test]
    fn imports_that_mean_nothing_are_refused() {
        let deep = (0..20).fold(json!(1), |inside, _| json!([inside]));
        let cases = [
            (json!([]), " wrong-type"),
            (json!({}), "/state required"),
            (json!({"state": "finished"}), "/state invalid-choice"),
            (json!({"state": "done", "deep": deep}), " too-long"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Import>(&body), expected, "{body}");
        }
    }
}
