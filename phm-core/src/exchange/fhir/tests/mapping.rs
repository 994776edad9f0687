//! What a resource becomes.

use serde_json::json;

use super::*;

/// The records of a Bundle's resources, by type and id.
fn mapped(resources: &Value) -> Vec<Read2> {
    let lines: Vec<String> = resources.as_array().expect("a list").iter().map(Value::to_string).collect();
    let sources = [text("x.ndjson", lines.join("\n"))];
    let plan = plan(&sources);
    assert!(!plan.is_refused(), "{:?}", plan.sources()[0].refused_entries);
    second_pass(&plan, &sources)
}

/// The record of one resource, written as text so that numbers keep their digits.
fn one(resource: &str) -> (&'static str, Value) {
    let sources = [text("x", resource)];
    let plan = plan(&sources);
    assert!(!plan.is_refused(), "{:?}", plan.sources()[0].refused_entries);
    let read = second_pass(&plan, &sources).pop().expect("one resource");
    (read.kind, read.body)
}

#[test]
fn a_laboratory_value_keeps_its_digits_unit_range_and_moment() {
    let (kind, body) = one(
        r#"{"resourceType":"Observation","id":"1","status":"final","category":[{"coding":[{"code":"laboratory"}]}],
        "code":{"coding":[{"system":"http://loinc.org","code":"4548-4","display":"HbA1c"}]},"effectiveDateTime":"2019-04-03T12:00:00+02:00",
        "valueQuantity":{"value":6.10,"comparator":"<","unit":"percent","system":"http://unitsofmeasure.org","code":"%"},
        "interpretation":[{"coding":[{"code":"H"}]}],"referenceRange":[{"low":{"value":4.0,"code":"%"},"high":{"value":6,"code":"%"}}],
        "performer":[{"display":"Lab One"}],"note":[{"text":"fasting"}]}"#,
    );
    assert_eq!(kind, "lab-result");
    let expected = json!({
        "concept": {"codes": [{"system": "http://loinc.org", "code": "4548-4", "display": "HbA1c"}]},
        "quantity": {"value": "6.10", "unit": "%", "comparator": "<"},
        "range": {"low": {"value": "4.0", "unit": "%"}, "high": {"value": "6", "unit": "%"}},
        "interpretation": "H", "status": "final", "collected_at": "2019-04-03T10:00:00.000Z",
        "laboratory": {"name": "Lab One"}, "remarks": "fasting"
    });
    assert_eq!(body, expected);
}

#[test]
fn other_values_find_their_field_and_foreign_units_stand_between_braces() {
    let value = |value: &str| {
        let (kind, body) = one(&format!(
            r#"{{"resourceType":"Observation","category":[{{"coding":[{{"code":"laboratory"}}]}}],"code":{{"text":"x"}},{value}}}"#
        ));
        (kind, body)
    };
    let cases = [
        (r#""valueString":"clear""#, "text_value", json!("clear")),
        (r#""valueBoolean":true"#, "text_value", json!("true")),
        (r#""valueInteger":7"#, "quantity", json!({"value": "7", "unit": "1"})),
        (r#""valueQuantity":{"value":1,"unit":"Tablet"}"#, "quantity", json!({"value": "1", "unit": "{Tablet}"})),
        (r#""valueQuantity":{"value":1e2}"#, "quantity", json!({"value": "1e2", "unit": "1"})),
        (r#""valueCodeableConcept":{"text":"positive"}"#, "coded_value", json!({"text": "positive"})),
        (r#""valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}"#, "ratio", json!("1:128")),
    ];
    for (text, field, expected) in cases {
        let (kind, body) = value(text);
        assert_eq!((kind, &body[field]), ("lab-result", &expected), "{text}");
    }
    assert_eq!(value(r#""dataAbsentReason":{"text":"lost"}"#).0, "fhir-resource");
}

#[test]
fn a_blood_pressure_is_one_vital_sign_with_two_components() {
    let component = |code: &str, value: &str| {
        format!(
            r#"{{"code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}},"valueQuantity":{{"value":{value},"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}}}"#
        )
    };
    let (kind, body) = one(&format!(
        r#"{{"resourceType":"Observation","status":"final","category":[{{"coding":[{{"code":"vital-signs"}}]}}],"code":{{"text":"Blood pressure"}},
        "effectiveDateTime":"2020-01-02","component":[{},{}]}}"#,
        component("8480-6", "120"),
        component("8462-4", "80.0")
    ));
    assert_eq!((kind, &body["measured_at"]), ("vital-sign", &json!("2020-01-02")));
    assert_eq!(body["components"][1]["quantity"], json!({"value": "80.0", "unit": "mm[Hg]"}));
    let (kind, _) = one(
        r#"{"resourceType":"Observation","category":[{"coding":[{"code":"vital-signs"}]}],"code":{"text":"x"},"valueQuantity":{"value":1}}"#,
    );
    assert_eq!(kind, "fhir-resource", "nobody knows when it was measured");
}

#[test]
fn words_and_records_behind_references_are_found() {
    let reads = mapped(&json!([
        {"resourceType": "Patient", "id": "p"},
        {"resourceType": "Practitioner", "id": "d", "name": [{"prefix": ["Dr."], "given": ["Jo"], "family": "Rao"}]},
        {"resourceType": "Medication", "id": "m", "code": {"text": "Aspirin"}},
        {"resourceType": "MedicationRequest", "id": "r", "status": "cancelled", "subject": {"reference": "Patient/p"},
         "medicationReference": {"reference": "Medication/m"}, "requester": {"reference": "Practitioner/d"}, "authoredOn": "2020-05-06",
         "dosageInstruction": [{"text": "one", "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}, "asNeededBoolean": true}]},
        {"resourceType": "MedicationAdministration", "id": "a", "status": "completed", "subject": {"reference": "Patient/p"},
         "medicationReference": {"reference": "Medication/m"}, "request": {"reference": "MedicationRequest/r"},
         "effectiveDateTime": "2020-05-07T08:00:00Z"},
        {"resourceType": "Condition", "id": "c", "code": {"text": "Cold"}, "subject": {"reference": "Patient/p"}},
        {"resourceType": "Encounter", "id": "e", "subject": {"reference": "Patient/p"}, "period": {"start": "2020-05-06"},
         "participant": [{"individual": {"reference": "Practitioner/d"}}], "diagnosis": [{"condition": {"reference": "Condition/c"}}]},
        {"resourceType": "Observation", "id": "o", "status": "final", "subject": {"reference": "Patient/p"}, "code": {"text": "Na"},
         "category": [{"coding": [{"code": "laboratory"}]}], "valueString": "ok"},
        {"resourceType": "DiagnosticReport", "id": "g", "code": {"text": "Panel"}, "subject": {"reference": "Patient/p"},
         "result": [{"reference": "Observation/o"}]},
    ]));
    let body = |what: &str| &reads.iter().find(|read| read.what == what).expect("read").body;
    let id = |kind: &str, id: &str| json!(record_of(&Identity::of(None, kind, id)).to_string());
    let medication = body("MedicationRequest/r");
    assert_eq!(medication["drug"], json!({"text": "Aspirin"}));
    assert_eq!(medication["prescriber"], json!({"name": "Dr. Jo Rao"}));
    assert_eq!((&medication["status"], &medication["prescribed_on"]), (&json!("stopped"), &json!("2020-05-06")));
    assert_eq!(medication["frequency"]["times"], json!(2));
    assert_eq!(medication["frequency"]["unit"], json!("d"));
    assert_eq!(medication["frequency"]["as_needed"], json!(true));
    assert_eq!(body("MedicationAdministration/a")["medication"], id("MedicationRequest", "r"));
    assert_eq!(body("Encounter/e")["diagnoses"], json!([{"text": "Cold"}]));
    assert_eq!(body("Encounter/e")["provider"]["name"], json!("Dr. Jo Rao"));
    assert_eq!(body("Observation/o")["panel"], id("DiagnosticReport", "g"));
}

#[test]
fn references_by_urn_find_records_whether_or_not_id_and_urn_agree() {
    let bundle = r#"{"resourceType":"Bundle","type":"transaction","entry":[
        {"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient","id":"p"}},
        {"fullUrl":"urn:uuid:e1","resource":{"resourceType":"Encounter","id":"e1","subject":{"reference":"urn:uuid:p"}}},
        {"fullUrl":"urn:uuid:e2","resource":{"resourceType":"Encounter","id":"other","subject":{"reference":"urn:uuid:p"}}},
        {"resource":{"resourceType":"DocumentReference","id":"1","subject":{"reference":"urn:uuid:p"},"type":{"text":"Letter"},
          "content":[{"attachment":{"contentType":"text/plain; charset=utf-8","data":"aGVsbG8="}}],"context":{"encounter":[{"reference":"urn:uuid:e1"}]}}},
        {"resource":{"resourceType":"DocumentReference","id":"2","subject":{"reference":"urn:uuid:p"},"description":"Letter",
          "content":[{"attachment":{"contentType":"text/plain"}}],"context":{"encounter":[{"reference":"urn:uuid:e2"}]}}},
        {"resource":{"resourceType":"DocumentReference","id":"3","subject":{"reference":"urn:uuid:p"},"description":"Letter",
          "content":[{"attachment":{"contentType":"text/plain"}}],"context":{"encounter":[{"reference":"urn:uuid:nowhere"}]}}}]}"#;
    let sources = [text("b.json", bundle)];
    let reads = second_pass(&plan(&sources), &sources);
    let visit = |id: &str| json!(record_of(&Identity::of(None, "Encounter", id)).to_string());
    assert_eq!(reads[3].body["visit"], visit("e1"));
    assert_eq!((&reads[3].body["media_type"], &reads[3].body["bytes"]), (&json!("text/plain"), &json!(5)));
    assert_eq!(reads[4].body["visit"], visit("other"));
    assert_eq!((reads[5].kind, reads[5].body.get("visit")), ("document", None));
}

#[test]
fn what_takes_itself_back_or_must_not_be_done_never_looks_like_a_fact() {
    for resource in [
        r#"{"resourceType":"Condition","code":{"text":"x"},"verificationStatus":{"coding":[{"code":"entered-in-error"}]}}"#,
        r#"{"resourceType":"Condition","code":{"text":"x"},"clinicalStatus":{"coding":[{"code":"active"}]},"verificationStatus":{"coding":[{"code":"refuted"}]}}"#,
        r#"{"resourceType":"AllergyIntolerance","code":{"text":"x"},"verificationStatus":{"coding":[{"code":"refuted"}]}}"#,
        r#"{"resourceType":"Procedure","code":{"text":"x"},"status":"entered-in-error"}"#,
        r#"{"resourceType":"MedicationRequest","medicationCodeableConcept":{"text":"x"},"doNotPerform":true}"#,
    ] {
        assert_eq!(one(resource).0, "fhir-resource", "{resource}");
    }
}

#[test]
fn what_lacks_something_its_kind_requires_is_kept_as_it_is() {
    for (resource, kind) in [
        (r#"{"resourceType":"Encounter","status":"planned"}"#, "fhir-resource"),
        (r#"{"resourceType":"Condition","onsetDateTime":"2019"}"#, "fhir-resource"),
        (
            r#"{"resourceType":"Immunization","vaccineCode":{"text":"x"},"occurrenceString":"as a child"}"#,
            "fhir-resource",
        ),
        (r#"{"resourceType":"Appointment","status":"booked","start":"2020-01-01"}"#, "fhir-resource"),
        (r#"{"resourceType":"CarePlan","category":[{"text":"Diabetes care"}]}"#, "care-plan"),
        (r#"{"resourceType":"Device","deviceName":[{"name":"Pump"}]}"#, "device"),
        (
            r#"{"resourceType":"Condition","code":{"text":"x"},"onsetDateTime":"2019","abatementDateTime":"2018"}"#,
            "fhir-resource",
        ),
    ] {
        assert_eq!(one(resource).0, kind, "{resource}");
    }
    let (_, body) = one(r#"{"resourceType":"Claim","id":"7","patient":{"reference":"Patient/1"}}"#);
    assert_eq!(body, json!({"resource_type": "Claim", "resource_id": "7", "subject": "Patient/1"}));
}

#[test]
fn several_doses_of_one_medicine_are_not_taken_for_the_first_of_them() {
    let order = |dosages: &str| {
        one(&format!(
            r#"{{"resourceType":"MedicationRequest","status":"active","medicationCodeableConcept":{{"text":"Insulin"}},"dosageInstruction":[{dosages}]}}"#
        ))
    };
    let dosage = |text: &str, units: u32| {
        format!(
            r#"{{{text}"doseAndRate":[{{"doseQuantity":{{"value":{units},"unit":"units"}}}}],"timing":{{"repeat":{{"frequency":1,"period":1,"periodUnit":"d"}}}}}}"#
        )
    };
    let (kind, body) = order(&format!("{},{}", dosage(r#""text":"10 in the morning","#, 10), dosage("", 20)));
    assert_eq!((kind, body.get("dose"), body.get("frequency")), ("medication", None, None));
    assert_eq!(body["instructions"], json!("10 in the morning\n20 units, 1 × / 1 d"));
    let (_, body) = order(&format!(r#"{{"text":"before meals"}},{}"#, dosage("", 10)));
    assert_eq!((&body["dose"]["value"], &body["frequency"]["times"]), (&json!("10"), &json!(1)));
    assert_eq!(body["instructions"], json!("before meals"));
    // Nor is the second for the only one because the first says from how much to how much.
    let between =
        r#"{"doseAndRate":[{"doseRange":{"low":{"value":5,"unit":"units"},"high":{"value":8,"unit":"units"}}}]}"#;
    let (_, body) = order(&format!("{between},{}", dosage("", 20)));
    assert_eq!((body.get("dose"), body.get("frequency")), (None, None));
    assert_eq!(body["instructions"], json!("5 units – 8 units\n20 units, 1 × / 1 d"));
    let (_, body) = order(between);
    assert_eq!((body.get("dose"), &body["instructions"]), (None, &json!("5 units – 8 units")));
}

#[test]
fn a_wrong_detail_hides_nothing_but_itself() {
    let lab = |more: &str| {
        one(&format!(
            r#"{{"resourceType":"Observation","status":"final","category":[{{"coding":[{{"code":"laboratory"}}]}}],"code":{{"text":"x"}},{more}}}"#
        ))
    };
    let value = r#""valueQuantity":{"value":6,"code":"%"}"#;
    let upside_down = r#""referenceRange":[{"low":{"value":9,"code":"%"},"high":{"value":4,"code":"%"}}]"#;
    let (kind, body) = lab(&format!("{value},{upside_down}"));
    assert_eq!((kind, body.get("range"), &body["quantity"]["value"]), ("lab-result", None, &json!("6")));
    let early = r#""effectiveDateTime":"2020-02-02","issued":"2019-01-01T00:00:00Z""#;
    let (kind, body) = lab(&format!("{value},{early}"));
    assert_eq!((kind, body.get("resulted_at")), ("lab-result", None));
    let (kind, body) = one(
        r#"{"resourceType":"Immunization","status":"completed","vaccineCode":{"text":"x"},"occurrenceDateTime":"2020",
        "protocolApplied":[{"doseNumberPositiveInt":0}]}"#,
    );
    assert_eq!((kind, body.get("dose_number")), ("immunization", None));
    let (kind, body) =
        one(r#"{"resourceType":"FamilyMemberHistory","status":"completed","relationship":{"text":"aunt"},"condition":[
        {"code":{"text":"Gout"}},{"code":{"text":"Stroke"},"onsetAge":{"value":50,"unit":"summers"}}]}"#);
    assert_eq!(
        (kind, &body["conditions"]),
        ("family-history", &json!([{"concept": {"text": "Gout"}}, {"concept": {"text": "Stroke"}}]))
    );
    // What would then say something else is kept as it came, such as a value with a comparator that nobody knows.
    assert_eq!(lab(r#""valueQuantity":{"value":6,"code":"%","comparator":"about"}"#).0, "fhir-resource");
}

#[test]
fn a_patient_becomes_a_profile_even_without_a_name() {
    let (kind, body) = one(
        r#"{"resourceType":"Patient","id":"1","gender":"female","birthDate":"1980-02","deceasedDateTime":"2020-01-01T10:00:00Z",
        "name":[{"use":"old","family":"Doe"},{"use":"official","given":["Ann","May"],"family":"Roe"}],
        "telecom":[{"system":"phone","value":"1","use":"home"}],"address":[{"line":["1 High St"],"city":"Leeds"}],
        "communication":[{"language":{"coding":[{"code":"pa"}]}}],"identifier":[{"system":"s","value":"v"}],
        "contact":[{"relationship":[{"text":"son"}],"name":{"text":"Tom"},"telecom":[{"system":"phone","value":"2"}]}]}"#,
    );
    assert_eq!(kind, "profile");
    let expected = json!({
        "name": {"given": ["Ann", "May"], "family": "Roe"}, "birth_date": "1980-02", "sex": "female", "languages": ["pa"],
        "contacts": [{"type": "phone", "value": "1", "use": "home"}], "address": "1 High St, Leeds",
        "emergency_contacts": [{"name": "Tom", "relation": "son", "phone": "2"}],
        "identifiers": [{"system": "s", "value": "v"}], "deceased": true, "deceased_on": "2020-01-01"
    });
    assert_eq!(body, expected);
    assert_eq!(one(r#"{"resourceType":"Patient","id":"x7"}"#), ("profile", json!({"name": {"text": "x7"}})));
}
