//! Records typed by hand leave as FHIR and come back; amended imports keep everything that was not amended.

use serde_json::json;

use super::*;
use crate::model;

/// A record of every kind an import makes, with every field an export writes.
fn records() -> Vec<(&'static str, Value)> {
    let code = json!({"system": "http://loinc.org", "code": "1-1", "display": "One"});
    let concept = json!({"text": "Thing", "codes": [code]});
    let amount = json!({"value": "1.50", "unit": "mg", "comparator": "<"});
    vec![
        (
            "profile",
            json!({"name": {"given": ["Ann"], "family": "Roe"}, "birth_date": "1980-02-03", "sex": "female", "languages": ["pa"],
            "contacts": [{"type": "email", "value": "a@b.example"}], "address": "1 High St", "deceased": false,
            "emergency_contacts": [{"name": "Tom", "relation": "son", "phone": "2"}], "identifiers": [{"system": "s", "value": "v"}]}),
        ),
        (
            "visit",
            json!({"start": "2020-01-02T10:00:00.000Z", "end": "2020-01-02T11:00:00.000Z", "type": "check-up", "status": "finished",
            "provider": {"name": "Dr Rao"}, "chief_complaint": "cough", "diagnoses": [{"text": "Cold"}]}),
        ),
        (
            "condition",
            json!({"concept": concept, "status": "active", "verification": "confirmed", "severity": "mild", "onset": "2019",
            "ended": "2020-04", "notes": "n"}),
        ),
        (
            "allergy",
            json!({"substance": concept, "category": "food", "criticality": "high", "status": "active", "onset": "2019-01-02",
            "reactions": [{"manifestation": {"text": "rash"}, "severity": "mild"}], "notes": "n"}),
        ),
        (
            "medication",
            json!({"drug": concept, "dose": {"value": "2", "unit": "mg"}, "frequency": {"times": 2, "per": 1, "unit": "d"},
            "route": {"text": "oral"}, "start": "2020-01-01", "end": "2020-02", "status": "active", "reason": "pain", "instructions": "with food"}),
        ),
        (
            "medication",
            json!({"drug": concept, "prescriber": {"name": "Dr Rao"}, "prescribed_on": "2020-01-01", "status": "stopped", "start": "2020-01-01"}),
        ),
        (
            "lab-result",
            json!({"concept": concept, "quantity": amount, "range": {"low": {"value": "1", "unit": "mg"}, "text": "up"},
            "interpretation": "H", "status": "final", "specimen": {"text": "blood"}, "collected_at": "2020-01-01",
            "resulted_at": "2020-01-02T00:00:00.000Z", "laboratory": {"name": "Lab"}, "remarks": "r"}),
        ),
        ("lab-result", json!({"concept": concept, "ratio": "1:128", "status": "final"})),
        ("lab-result", json!({"concept": concept, "text_value": "clear", "status": "final"})),
        ("lab-result", json!({"concept": concept, "coded_value": {"text": "positive"}, "status": "final"})),
        ("lab-result", json!({"concept": concept, "status": "final", "remarks": "a panel"})),
        (
            "vital-sign",
            json!({"concept": concept, "quantity": {"value": "70.0", "unit": "kg"}, "measured_at": "2020-01-01T00:00:00.000Z", "notes": "n"}),
        ),
        (
            "vital-sign",
            json!({"concept": concept, "measured_at": "2020", "components": [{"concept": concept, "quantity": amount}]}),
        ),
        (
            "immunization",
            json!({"vaccine": concept, "given_on": "2020-01-01", "status": "completed", "dose_number": 2, "lot": "L1",
            "expires_on": "2021-01-01", "site": {"text": "arm"}, "route": {"text": "im"}, "performer": {"name": "Nurse"}}),
        ),
        (
            "procedure",
            json!({"concept": concept, "performed_start": "2020-01-01", "performed_end": "2020-01-02", "status": "completed",
            "performer": {"name": "Dr Rao"}, "body_site": {"text": "knee"}, "outcome": "good", "notes": "n"}),
        ),
        (
            "family-history",
            json!({"relation": "mother", "conditions": [{"concept": concept, "onset_age": {"value": "50", "unit": "a"}}],
            "deceased": true, "notes": "n"}),
        ),
        (
            "document",
            json!({"title": "Letter", "category": "other", "media_type": "application/pdf", "bytes": 7, "dated_on": "2020-01-01",
            "author": {"name": "Dr Rao"}, "remarks": "r"}),
        ),
        (
            "appointment",
            json!({"start": "2030-01-01T10:00:00.000Z", "duration_minutes": 20, "type": "check-up", "status": "booked",
            "provider": {"name": "Dr Rao"}, "place": "Room 1", "reason": "cough", "notes": "n"}),
        ),
        (
            "care-plan",
            json!({"title": "Plan", "status": "active", "start": "2020", "end": "2021", "goals": [{"text": "walk"}], "activities": ["run"]}),
        ),
        (
            "insurance",
            json!({"payer": {"name": "Fund"}, "plan": "Gold", "member_number": "1", "group": "g", "holder": "Ann", "start": "2020", "end": "2021"}),
        ),
        (
            "device",
            json!({"type": concept, "manufacturer": "M", "model": "X", "serial": "1", "udi": "u", "status": "active"}),
        ),
        (
            "dose",
            json!({"medication": "Aspirin", "at": "2020-01-01T10:00:00.000Z", "amount": {"value": "1", "unit": "mg"}, "status": "skipped", "reason": "sick"}),
        ),
    ]
}

/// The stored form of a body as JSON.
fn stored(kind: &str, body: &Value) -> Value {
    let info = model::kinds().iter().find(|info| info.name == kind).expect("a kind");
    let checked = (info.check)(body).unwrap_or_else(|details| panic!("{kind}: {details:?}"));
    serde_json::from_str(&checked.json).expect("JSON")
}

fn imported(resource: &[u8]) -> (&'static str, Value) {
    let sources = [text("x", resource)];
    let plan = plan(&sources);
    let resource = String::from_utf8_lossy(resource).into_owned();
    assert!(!plan.is_refused(), "{:?} {resource}", plan.sources()[0].refused_entries);
    let read = second_pass(&plan, &sources).pop().expect("one resource");
    (read.kind, read.body)
}

#[test]
fn a_record_typed_by_hand_comes_back_as_it_was() {
    for (kind, body) in records() {
        let body = stored(kind, &body);
        let resource = to_fhir(kind, &body, "id-1", "Patient/p");
        let (back, read) = imported(&resource);
        assert_eq!((back, &read), (kind, &body), "{}", String::from_utf8_lossy(&resource));
    }
}

#[test]
fn every_kind_leaves_as_a_resource_that_names_its_patient() {
    let others = [
        ("prescription", json!({"items": [{"drug": "Aspirin"}], "prescribed_on": "2020-01-01"})),
        ("symptom-report", json!({"text": "headache", "items": [{"concept": "headache", "severity": 3}]})),
        ("message", json!({"text": "hello", "from": "Ann", "to": ["Dr Rao"]})),
        ("note", json!({"text": "remember", "title": "N"})),
        ("series", json!({"concept": "Pulse", "unit": "/min", "source": "watch", "count": 7})),
        ("fhir-resource", json!({"resource_type": "Goal"})),
    ];
    for (kind, body) in records().into_iter().chain(others) {
        let resource = to_fhir(kind, &body, "id-1", "Patient/p");
        let node = json::Node::parse(&resource).expect("JSON");
        let resource_type = node.text("resourceType").expect("a type");
        assert_eq!(node.text("id"), Some("id-1"));
        assert_eq!(check::resource(resource_type, &node), Ok(()), "{kind}");
        let named = String::from_utf8_lossy(&resource).contains("Patient/p");
        assert!(named || resource_type == "Patient", "{kind}");
    }
}

#[test]
fn an_amended_import_changes_only_what_was_amended() {
    let original = br#"{
  "resourceType" : "Observation",
  "id" : "1",
  "extension" : [ { "url" : "u", "valueDecimal" : 1.00 } ],
  "status" : "final",
  "category" : [{"coding":[{"code":"laboratory"}]}],
  "code" : { "coding" : [ { "system" : "s", "code" : "c" } ], "text" : "Sugar" },
  "effectivePeriod" : { "start" : "2020-01-01" },
  "valueQuantity" : { "extension" : [], "value" : 6.10, "unit" : "mg" , "system" : "http://unitsofmeasure.org", "code" : "mg" },
  "note" : [ { "text" : "one" }, { "text" : "two" } ]
}"#;
    let (kind, old) = imported(original);
    let mut new = old.clone();
    new["quantity"]["value"] = json!("6.20");
    let patched = patch_original(original, kind, &old, &new).expect("JSON");
    let expected = String::from_utf8_lossy(original).replace("6.10", "6.20");
    assert_eq!(String::from_utf8_lossy(&patched), expected);
    assert_eq!(imported(&patched), (kind, new.clone()));

    new["collected_at"] = json!("2020-02-02");
    new["remarks"] = json!("three");
    new["status"] = Value::Null;
    new["interpretation"] = json!("H");
    let new = stored(kind, &new);
    let patched = patch_original(original, kind, &old, &new).expect("JSON");
    let text = String::from_utf8_lossy(&patched).into_owned();
    assert!(text.contains("\"effectiveDateTime\": \"2020-02-02\"") && !text.contains("effectivePeriod"), "{text}");
    assert!(text.contains(r#"[ { "url" : "u", "valueDecimal" : 1.00 } ]"#), "{text}");
    let (_, read) = imported(&patched);
    assert_eq!((&read["remarks"], &read["interpretation"]), (&json!("three"), &json!("H")));

    let same = patch_original(original, kind, &old, &old).expect("JSON");
    assert_eq!(same, original);
}

#[test]
fn an_amended_document_keeps_the_files_of_all_its_attachments() {
    let original = br#"{"resourceType":"DocumentReference","content":[{"attachment":{"contentType":"text/html","url":"Binary/1"}},{"attachment":{"contentType":"application/pdf","title":"Scan","data":"JVBERi0xLjc="}}]}"#;
    let (kind, old) = imported(original);
    let mut new = old.clone();
    new["title"] = json!("Blood count");
    let patched = patch_original(original, kind, &old, &new).expect("JSON");
    assert_eq!(String::from_utf8_lossy(&patched), String::from_utf8_lossy(original).replace("Scan", "Blood count"));
    assert_eq!(imported(&patched), (kind, new));
}

#[test]
fn elements_can_be_taken_away_and_a_named_person_replaced() {
    let original = br#"{"resourceType":"Procedure","status":"completed","code":{"text":"x"},"performer":[{"function":{"text":"f"},"actor":{"reference":"Practitioner/1","display":"Dr A"}}],"note":[{"text":"n"}],"outcome":{"text":"good"}}"#;
    let (kind, old) = imported(original);
    let mut new = old.clone();
    new["performer"] = json!({"name": "Dr B"});
    new.as_object_mut().expect("an object").remove("notes");
    new.as_object_mut().expect("an object").remove("outcome");
    let patched = patch_original(original, kind, &old, &new).expect("JSON");
    let expected = r#"{"resourceType":"Procedure","status":"completed","code":{"text":"x"},"performer":[{"function":{"text":"f"},"actor":{"display":"Dr B"}}]}"#;
    assert_eq!(String::from_utf8_lossy(&patched), expected);
    assert_eq!(imported(&patched), (kind, new));
}

#[test]
fn every_change_of_every_field_survives_the_patch() {
    for (kind, body) in records() {
        let old = stored(kind, &body);
        let original = to_fhir(kind, &old, "id-1", "Patient/p");
        for name in old.as_object().expect("an object").keys() {
            let mut new = old.clone();
            new.as_object_mut().expect("an object").remove(name);
            let info = model::kinds().iter().find(|info| info.name == kind).expect("a kind");
            if (info.check)(&new).is_err() {
                continue;
            }
            let patched = patch_original(&original, kind, &old, &new).expect("JSON");
            let node = json::Node::parse(&patched).unwrap_or_else(|error| panic!("{kind} {name}: {error}"));
            assert_eq!(check::resource(node.text("resourceType").expect("a type"), &node), Ok(()), "{kind} {name}");
        }
    }
}

#[test]
fn lines_hold_one_resource_each_and_say_the_same() {
    let pretty = b"{\n  \"resourceType\": \"Patient\",\n  \"id\": \"a b\"\n}";
    let mut writer = NdjsonWriter::new(Vec::new());
    for _ in 0..2 {
        writer.add(&Origin { full_url: Some("urn:uuid:1"), resource: pretty }).expect("memory");
    }
    let written = writer.finish().expect("memory");
    let lines: Vec<&[u8]> = written.trim_ascii_end().split(|byte| *byte == b'\n').collect();
    assert_eq!(lines.len(), 2);
    assert!(same(lines[0], pretty));
}
