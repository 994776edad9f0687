//! What the demo's generator tells, as two files of FHIR R4, through a vault and back.

#[path = "../../phm-core/tests/round_trip/mod.rs"]
mod round_trip;

use std::fmt::Write as _;
use std::path::Path;

use phm_appliance::demo::{Entry, Household, Options};
use phm_core::exchange::fhir::to_fhir;
use phm_core::id::RecordId;
use round_trip::{resources, round_trip};
use serde_json::json;

/// Every so many resources one comes in two versions.
const REPEATED: usize = 7;

/// A resource as it is written, and its id.
struct Written {
    id: RecordId,
    text: String,
}

/// Everything of one household, people first, each person's resources naming them by `patient`.
fn household(options: Options, patient: impl Fn(RecordId) -> String) -> Vec<Written> {
    let household = Household::new(options);
    let mut all = Vec::new();
    for (at, person) in household.people().enumerate() {
        let own = RecordId::from_bytes([u8::try_from(at + 1).expect("a few people"); 16]);
        let named = patient(own);
        let profile = Entry { person: at, id: own, kind: "profile", body: person.profile, content: None };
        for Entry { id, kind, body, .. } in std::iter::once(profile).chain(household.entries(at)) {
            let text = String::from_utf8(to_fhir(kind, &body, &id.to_string(), &named)).expect("JSON is text");
            all.push(Written { id, text });
        }
    }
    all
}

/// The resource with its version said, and a word that only this version has.
fn versioned(text: &str, version: u32) -> String {
    let meta = json!({"versionId": version.to_string(), "lastUpdated": format!("2026-11-2{version}T10:00:00Z")});
    let rest = text.strip_prefix('{').expect("an object");
    format!(r#"{{"meta":{meta},"implicitRules":"http://example.org/rules/{version}",{rest}"#)
}

/// Every resource once, and of every seventh an older or a newer version behind it.
fn versions(at: usize, text: &str) -> Vec<String> {
    match at % (2 * REPEATED) {
        1 => vec![versioned(text, 1), versioned(text, 2)],
        REPEATED => vec![versioned(text, 2), versioned(text, 1)],
        _ => vec![text.to_owned()],
    }
}

fn options(profiles: usize, records: u64, seed: u64) -> Options {
    let household = Options::household(jiff::civil::date(2026, 11, 22));
    Options { profiles, records: Some(records), seed, ..household }
}

/// A Bundle of type `transaction`, its resources known by `urn:uuid:` addresses.
fn transaction(path: &Path, options: Options) {
    let urn = |id: RecordId| format!("urn:uuid:{id}");
    let mut out = r#"{"resourceType":"Bundle","type":"transaction","entry":["#.to_owned();
    for (at, Written { id, text }) in household(options, urn).into_iter().enumerate() {
        for text in versions(at, &text) {
            let comma = if out.ends_with('[') { "" } else { "," };
            let (url, resource) = (urn(id), serde_json::from_str::<serde_json::Value>(&text).expect("JSON"));
            let request = json!({"method": "POST", "url": resource["resourceType"]});
            write!(out, r#"{comma}{{"fullUrl":"{url}","resource":{text},"request":{request}}}"#).expect("to memory");
        }
    }
    std::fs::write(path, out + "]}").expect("written");
}

/// One resource a line.
fn lines(path: &Path, options: Options) {
    let all = household(options, |id| format!("Patient/{id}"));
    let lines: Vec<String> = all.iter().enumerate().flat_map(|(at, one)| versions(at, &one.text)).collect();
    std::fs::write(path, lines.join("\n")).expect("written");
}

#[test]
fn a_generated_transaction_comes_back_as_it_went_in() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("transaction.json");
    transaction(&path, options(3, 150, 11));
    let counts = round_trip(&path, "transaction").totals.counts;
    let different = resources(&path).len() as u64;
    assert_eq!((counts.added, different), (453, 453), "three people with 150 records each");
    assert!(counts.updated > 20 && counts.older > 20, "{counts:?}");
}

#[test]
fn generated_lines_come_back_as_they_went_in() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("lines.ndjson");
    lines(&path, options(5, 400, 12));
    let counts = round_trip(&path, "lines").totals.counts;
    let different = resources(&path).len() as u64;
    assert_eq!((counts.added, different), (2_005, 2_005), "five people with 400 records each");
    assert!(counts.updated > 100 && counts.older > 100, "{counts:?}");
}
