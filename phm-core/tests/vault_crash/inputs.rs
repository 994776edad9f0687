//! FHIR inputs made at test time: families of patients with readings, in a first and in a revised round.
//!
//! Input `n` is round `n % 2` of family `n / 2`. The revised round says something new about every reading and nothing
//! new about the patients. Even families come as a Bundle, odd ones as NDJSON.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

pub const PEOPLE: u32 = 2;
pub const READINGS: u32 = 300;

/// What every reading of a round says.
pub fn value_of(number: u32) -> u32 {
    60 + number % 2 * 100
}

/// What import counts of this input when nothing disturbs it: added, updated, unchanged.
pub fn counts_of(number: u32) -> (u64, u64, u64) {
    let (people, readings) = (u64::from(PEOPLE), u64::from(PEOPLE * READINGS));
    if number.is_multiple_of(2) { (people + readings, 0, 0) } else { (0, readings, people) }
}

pub fn name_of(number: u32, person: u32) -> String {
    format!("Family {} Person {person}", number / 2)
}

/// The file of an input, written if it is not there yet.
pub fn input(folder: &Path, number: u32) -> PathBuf {
    let bundle = (number / 2).is_multiple_of(2);
    let path = folder.join(format!("input-{number}.{}", if bundle { "json" } else { "ndjson" }));
    if !path.exists() {
        let resources = (0..PEOPLE).flat_map(|person| resources(number, person));
        let text = if bundle {
            let entry = |resource: Value| {
                let url = format!("https://example.org/{}/{}", name(&resource, "resourceType"), name(&resource, "id"));
                json!({"fullUrl": url, "resource": resource})
            };
            let entries: Vec<Value> = resources.map(entry).collect();
            json!({"resourceType": "Bundle", "type": "collection", "entry": entries}).to_string()
        } else {
            resources.map(|resource| resource.to_string() + "\n").collect()
        };
        let unfinished = folder.join(format!("unfinished-{number}"));
        fs::write(&unfinished, text).expect("an input");
        fs::rename(unfinished, &path).expect("an input");
    }
    path
}

fn name<'r>(resource: &'r Value, field: &str) -> &'r str {
    resource[field].as_str().expect("a text")
}

fn resources(number: u32, person: u32) -> Vec<Value> {
    let patient = format!("f{}p{person}", number / 2);
    let mut all = vec![json!({
        "resourceType": "Patient", "id": patient, "name": [{"text": name_of(number, person)}], "gender": "female",
    })];
    let category = json!([{"coding": [{
        "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs",
    }]}]);
    all.extend((0..READINGS).map(|reading| {
        json!({
            "resourceType": "Observation", "id": format!("{patient}o{reading}"), "status": "final",
            "meta": {"lastUpdated": format!("{}-01-01T00:00:00Z", 2020 + number % 2)},
            "category": category,
            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}], "text": "Heart rate"},
            "subject": {"reference": format!("Patient/{patient}")},
            "effectiveDateTime": format!("2019-{:02}-{:02}", 1 + reading % 12, 1 + reading % 28),
            "valueQuantity": {
                "value": value_of(number), "unit": "/min", "code": "/min", "system": "http://unitsofmeasure.org",
            },
        })
    }));
    all
}
