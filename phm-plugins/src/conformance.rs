//! What any plugin of a kind must do, whatever it is about.
//!
//! `phm plugin test` and `phm plugin validate` ask this of every plugin: that it answers the plainest inputs of its kind in the
//! form of its kind, the same twice, and that it makes nothing up.

use phm_plugin_api::Kind;
use phm_plugin_api::v1::{document, drugs, notify};
use serde_json::{Value, json};

use crate::alone::Alone;
use crate::error::{PluginError, Result};
use crate::package::Package;

/// A name that is no medicine anywhere.
const NO_MEDICINE: &str = "xyzabcine";
/// What the document of a file is called that a plugin is lent.
const LENT: &str = "00000000-0000-4000-8000-000000000001";
/// A name that nobody has.
const NO_PERSON: &str = "Xyzabc Example";

/// Letters of a title at most: it becomes the subject of a letter.
const LONGEST_TITLE: usize = 120;

/// Every promise of its kind that a package breaks, in words.
///
/// # Errors
/// Where it cannot be run at all.
pub fn broken(package: &Package) -> Result<Vec<String>> {
    let alone = Alone::new(package)?;
    let kind = alone.manifest().kind;
    let mut broken = Vec::new();
    // What has to read records may say that it cannot: alone it gets none.
    let needs_a_house = matches!(kind, Kind::Assistant | Kind::Insight);
    for (name, input) in inputs(kind) {
        ask(&alone, name, &input, needs_a_house, &mut broken);
    }
    for (name, bytes) in files(kind) {
        let input = json!({"document": LENT, "media_type": "application/pdf", "pages": []});
        // It may say that it cannot: it may be one that asks for no file.
        ask(&alone.with_file("application/pdf", bytes), name, &input, true, &mut broken);
    }
    Ok(broken)
}

/// Asks the same twice and judges the answers.
fn ask(alone: &Alone, name: &str, input: &Value, may_fail: bool, broken: &mut Vec<String>) {
    match (alone.call(input).called, alone.call(input).called) {
        (Ok(first), Ok(again)) => {
            if first.output != again.output {
                broken.push(format!("{name}: the same input gives another answer"));
            }
            let wrong = judge(alone.manifest().kind, input, &first.output);
            broken.extend(wrong.into_iter().map(|what| format!("{name}: {what}")));
        }
        (Err(PluginError::Failed), Err(PluginError::Failed)) if may_fail => {}
        (Err(error), _) | (_, Err(error)) => broken.push(format!("{name}: {error}")),
    }
}

/// Files from which nothing can be read.
fn files(kind: Kind) -> &'static [(&'static str, &'static [u8])] {
    match kind {
        Kind::Document => &[
            ("an empty file", b""),
            ("a file of noise", b"\x00\x01\xfe\xff noise \x80"),
            (
                "a file that is cut off",
                b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Ki",
            ),
            (
                "a file that leads nowhere",
                b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 /Root 9 0 R >>\nstartxref\n9\n%%EOF\n",
            ),
        ],
        _ => &[],
    }
}

/// The plainest inputs of a kind.
fn inputs(kind: Kind) -> Vec<(&'static str, Value)> {
    match kind {
        Kind::Drugs => vec![
            ("nothing to check", json!({})),
            ("an unknown medicine", json!({"medications": [{"name": NO_MEDICINE}]})),
            ("an unknown candidate", json!({"candidates": [NO_MEDICINE]})),
            ("an empty name", json!({"medications": [{"name": ""}]})),
            (
                "an unknown allergy",
                json!({"medications": [{"name": NO_MEDICINE}], "allergies": [{"name": NO_MEDICINE}]}),
            ),
        ],
        Kind::Document => vec![
            ("no page", json!({"document": "", "pages": []})),
            ("a page that says nothing", json!({"document": "", "pages": [{"number": 1, "text": "\n \u{0}"}]})),
        ],
        Kind::Import => vec![
            ("an empty file", json!({"file": "empty", "bytes": ""})),
            ("a file of another format", json!({"file": "noise.bin", "bytes": "AAECAwQF/w=="})),
        ],
        Kind::Notify => vec![
            ("an unknown event", json!({"event": "no-such-event", "language": "en", "outside": false})),
            ("an unknown event outside", json!({"event": "no-such-event", "language": "en", "outside": true})),
            ("a dose", due("en", false)),
            ("a dose in a language it may not speak", due("xx", false)),
            ("a dose outside", due("en", true)),
            ("a dose outside, in Hindi", due("hi", true)),
            ("a dose outside, in Punjabi", due("pa", true)),
        ],
        // Both need a house; alone they may fail, but not by answering nonsense.
        Kind::Assistant => vec![
            ("no question", json!({"question": "", "language": "en"})),
            ("a question about nobody", json!({"question": "What do I take?", "language": "en"})),
            ("a question in a language it may not speak", json!({"question": NO_MEDICINE, "language": "xx"})),
        ],
        Kind::Insight => vec![
            ("nobody's records", json!({"language": "en"})),
            ("nobody's records, in a language it may not speak", json!({"language": "xx"})),
        ],
    }
}

/// A dose that is due.
fn due(language: &str, outside: bool) -> Value {
    let data = json!({"person": NO_PERSON, "at": "08:00", "medicines": NO_MEDICINE, "count": 1});
    json!({"event": "dose-due", "data": data, "language": language, "outside": outside})
}

/// What is wrong with an answer.
fn judge(kind: Kind, input: &Value, output: &Value) -> Vec<&'static str> {
    let mut wrong = Vec::new();
    match kind {
        Kind::Drugs => {
            let Ok(output) = serde_json::from_value::<drugs::Output>(output.clone()) else { return vec!["no answer"] };
            let count = |name: &str| input[name].as_array().map_or(0, Vec::len);
            if output.total as usize != count("medications") + count("candidates") {
                wrong.push("`total` is not the number of medicines and candidates");
            }
            if output.checked as usize + output.not_checked.len() != output.total as usize {
                wrong.push("a medicine is neither checked nor in `not_checked`");
            }
            if output.checked > 0 || !output.checked_names.is_empty() || !output.findings.is_empty() {
                wrong.push("an unknown medicine was checked");
            }
            if output.allergies_not_checked.len() != count("allergies") {
                wrong.push("an unknown allergy is not in `allergies_not_checked`");
            }
            if output.data_version.is_empty() {
                wrong.push("`data_version` is empty");
            }
        }
        Kind::Document | Kind::Import => {
            let known = |words: &[&str], word: &Value| word.as_str().is_some_and(|word| words.contains(&word));
            if !output["unreadable"].is_null() && !known(document::UNREADABLE, &output["unreadable"]) {
                wrong.push("`unreadable` is none of the words there are for it");
            }
            let mut lines = output["not_understood"].as_array().into_iter().flatten();
            if lines.any(|line| !known(document::WHY, &line["why"])) {
                wrong.push("`why` is none of the words there are for it");
            }
            if output["proposals"].as_array().is_none_or(|proposals| !proposals.is_empty()) {
                wrong.push("something was proposed from nothing");
            }
        }
        Kind::Notify => {
            let Ok(output) = serde_json::from_value::<notify::Output>(output.clone()) else { return vec!["no answer"] };
            if input["event"] == "no-such-event" && !output.messages.is_empty() {
                wrong.push("something is said of an event that there is not");
            }
            let said: Vec<&str> = output.messages.iter().flat_map(|one| [one.title.as_str(), &one.text]).collect();
            let said = said.join("\n");
            if input["outside"] == true && [NO_MEDICINE, NO_PERSON].iter().any(|name| said.contains(name)) {
                wrong.push("what leaves the house names a person or a medicine");
            }
            let is_title = |title: &str| !title.trim().is_empty() && title.chars().count() <= LONGEST_TITLE;
            if !output.messages.iter().all(|one| is_title(&one.title) && !one.title.contains(char::is_control)) {
                wrong.push("a title is empty, longer than 120 letters, or more than a line");
            }
        }
        Kind::Assistant => {
            if output["citations"].as_array().is_none_or(|citations| !citations.is_empty()) {
                wrong.push("a record is cited that there is not");
            }
        }
        Kind::Insight => {
            let mut findings = output["findings"].as_array().into_iter().flatten();
            if findings.any(|finding| finding["records"].as_array().is_none_or(|records| !records.is_empty())) {
                wrong.push("a finding rests on a record that there is not");
            }
        }
    }
    wrong
}
