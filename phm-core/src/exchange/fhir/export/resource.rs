//! From a record of PHM to a FHIR resource.
//!
//! What was typed by hand leaves as the resource type that an import would turn into the same kind again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::out::{
    Fields, Json, alone, coded, concept, flag, items, notes, number, party, period, quantity, said, single, text, words,
};
use super::{measured, medicine};

const CONDITION_CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const CONDITION_VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
const ALLERGY_CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";

/// The type a record of this kind leaves as.
pub(super) fn type_of(kind: &str, body: &Value) -> &'static str {
    match kind {
        "profile" => "Patient",
        "visit" => "Encounter",
        "condition" => "Condition",
        "allergy" => "AllergyIntolerance",
        "medication" if body.get("prescribed_on").is_some() || body.get("prescriber").is_some() => "MedicationRequest",
        "medication" => "MedicationStatement",
        "dose" => "MedicationAdministration",
        "lab-result" if is_panel(body) => "DiagnosticReport",
        "immunization" => "Immunization",
        "procedure" => "Procedure",
        "family-history" => "FamilyMemberHistory",
        "document" | "note" => "DocumentReference",
        "appointment" => "Appointment",
        "message" => "Communication",
        "care-plan" => "CarePlan",
        "insurance" => "Coverage",
        "device" => "Device",
        "prescription" => "List",
        "lab-result" | "vital-sign" | "symptom-report" | "series" => "Observation",
        _ => "Basic",
    }
}

fn is_panel(body: &Value) -> bool {
    ["quantity", "text_value", "coded_value", "ratio", "panel"].iter().all(|name| body.get(name).is_none())
}

/// The elements that say what the body says, without type, id and subject.
pub(super) fn elements(kind: &str, resource_type: &str, body: &Value) -> Fields {
    match (kind, resource_type) {
        ("profile", _) => patient(body),
        ("visit", _) => encounter(body),
        ("condition", _) => condition(body),
        ("allergy", _) => allergy(body),
        ("medication", "MedicationStatement") => medicine::statement(body),
        ("medication", _) => medicine::request(body),
        ("dose", _) => medicine::administration(body),
        ("prescription", _) => medicine::prescription(body),
        ("lab-result", "DiagnosticReport") => measured::report(body),
        ("lab-result", _) => measured::lab_result(body),
        ("vital-sign", _) => measured::vital_sign(body),
        ("immunization", _) => immunization(body),
        ("procedure", _) => procedure(body),
        ("family-history", _) => family_history(body),
        ("document", _) => document(body),
        ("note", _) => note(body),
        ("appointment", _) => appointment(body),
        ("message", _) => message(body),
        ("symptom-report", _) => measured::symptoms(body),
        ("care-plan", _) => care_plan(body),
        ("insurance", _) => coverage(body),
        ("device", _) => device(body),
        ("series", _) => measured::series(body),
        _ => Fields::default(),
    }
}

/// The element by which a type names its patient.
pub(super) fn subject_element(resource_type: &str) -> Option<&'static str> {
    match resource_type {
        "Patient" | "Appointment" => None,
        "AllergyIntolerance" | "Immunization" | "FamilyMemberHistory" | "Device" => Some("patient"),
        "Coverage" => Some("beneficiary"),
        _ => Some("subject"),
    }
}

fn texts(body: &Value, name: &str) -> Vec<Json> {
    items(body, name).iter().filter_map(|item| item.as_str().map(Json::text)).collect()
}

fn patient(body: &Value) -> Fields {
    let mut fields = Fields::default();
    let identifiers = items(body, "identifiers").iter().map(|own| {
        let mut fields = Fields::default();
        fields.put("type", said(words(own, "type"))).put("system", text(own, "system"));
        fields.text("value", own.as_str().or_else(|| words(own, "value")));
        fields.object()
    });
    fields.list("identifier", identifiers.collect());
    if let Some(own) = body.get("name") {
        let mut name = Fields::default();
        name.text("text", own.as_str().or_else(|| words(own, "text"))).put("family", text(own, "family"));
        name.list("given", texts(own, "given"));
        fields.put("name", alone(name.some()));
    }
    let contacts = items(body, "contacts").iter().map(|own| {
        let mut fields = Fields::default();
        let known = ["phone", "fax", "email", "pager", "url", "sms"];
        let system = words(own, "type").map(|kind| if known.contains(&kind) { kind } else { "other" });
        let uses = ["home", "work", "temp", "old", "mobile"];
        fields.text("system", system).put("value", text(own, "value"));
        fields.text("use", words(own, "use").filter(|word| uses.contains(word)));
        fields.object()
    });
    fields.list("telecom", contacts.collect());
    fields.put("gender", text(body, "sex")).put("birthDate", text(body, "birth_date"));
    match words(body, "deceased_on") {
        Some(day) => fields.text("deceasedDateTime", Some(day)),
        None => fields.put("deceasedBoolean", flag(body, "deceased")),
    };
    fields.put("address", alone(single("text", text(body, "address"))));
    let people = items(body, "emergency_contacts").iter().map(|own| {
        let mut phone = Fields::default();
        phone.text("system", Some("phone")).put("value", text(own, "phone"));
        let mut fields = Fields::default();
        fields.put("relationship", alone(said(words(own, "relation"))));
        fields.put("name", single("text", text(own, "name")));
        fields.put("telecom", own.get("phone").and(alone(phone.some())));
        fields.object()
    });
    fields.list("contact", people.collect());
    let languages = texts(body, "languages").into_iter().map(|language| {
        let Json::Text(code) = language else { unreachable!("texts are texts") };
        single("language", coded("urn:ietf:bcp:47", Some(&code))).expect("a language was given")
    });
    fields.list("communication", languages.collect());
    fields
}

fn encounter(body: &Value) -> Fields {
    let known = ["planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled", "unknown"];
    let status = words(body, "status").filter(|status| known.contains(status));
    let mut class = Fields::default();
    class.text("system", Some("http://terminology.hl7.org/CodeSystem/v3-ActCode")).text("code", Some("AMB"));
    let mut fields = Fields::default();
    fields.text("status", Some(status.unwrap_or("finished"))).put("class", class.some());
    fields.put("type", alone(said(words(body, "type"))));
    fields.put("participant", alone(single("individual", party(body.get("provider")))));
    fields.put("period", period(words(body, "start"), words(body, "end")));
    fields.put("reasonCode", alone(said(words(body, "chief_complaint"))));
    let diagnoses = items(body, "diagnoses").iter().filter_map(|own| {
        let title = words(own, "text").or_else(|| words(&own["codes"][0], "display")).or_else(|| own.as_str());
        single("condition", single("display", title.map(Json::text)))
    });
    fields.list("diagnosis", diagnoses.collect());
    fields
}

fn condition(body: &Value) -> Fields {
    let mut fields = Fields::default();
    fields
        .put("clinicalStatus", coded(CONDITION_CLINICAL, words(body, "status")))
        .put("verificationStatus", coded(CONDITION_VERIFICATION, words(body, "verification")))
        .put("severity", said(words(body, "severity")))
        .put("code", concept(body.get("concept")))
        .put("onsetDateTime", text(body, "onset"))
        .put("abatementDateTime", text(body, "ended"))
        .put("note", notes(body, "notes"));
    fields
}

fn allergy(body: &Value) -> Fields {
    let mut fields = Fields::default();
    fields
        .put("clinicalStatus", coded(ALLERGY_CLINICAL, words(body, "status")))
        .put("category", alone(text(body, "category")))
        .put("criticality", text(body, "criticality"))
        .put("code", concept(body.get("substance")))
        .put("onsetDateTime", text(body, "onset"))
        .put("note", notes(body, "notes"));
    let reactions = items(body, "reactions").iter().map(|own| {
        let mut fields = Fields::default();
        fields.put("manifestation", alone(concept(own.get("manifestation")))).put("severity", text(own, "severity"));
        fields.object()
    });
    fields.list("reaction", reactions.collect());
    fields
}

fn immunization(body: &Value) -> Fields {
    let known = ["completed", "not-done"];
    let status = words(body, "status").filter(|status| known.contains(status));
    let mut fields = Fields::default();
    fields
        .text("status", Some(status.unwrap_or("completed")))
        .put("vaccineCode", concept(body.get("vaccine")))
        .put("occurrenceDateTime", text(body, "given_on"))
        .put("lotNumber", text(body, "lot"))
        .put("expirationDate", text(body, "expires_on"))
        .put("site", concept(body.get("site")))
        .put("route", concept(body.get("route")))
        .put("performer", alone(single("actor", party(body.get("performer")))))
        .put("protocolApplied", alone(single("doseNumberPositiveInt", number(body.get("dose_number")))));
    fields
}

fn procedure(body: &Value) -> Fields {
    let known = ["preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "unknown"];
    let status = words(body, "status").filter(|status| known.contains(status));
    let mut fields = Fields::default();
    fields
        .text("status", Some(status.unwrap_or("completed")))
        .put("code", concept(body.get("concept")))
        .put("performedPeriod", period(words(body, "performed_start"), words(body, "performed_end")))
        .put("performer", alone(single("actor", party(body.get("performer")))))
        .put("bodySite", alone(concept(body.get("body_site"))))
        .put("outcome", said(words(body, "outcome")))
        .put("note", notes(body, "notes"));
    fields
}

fn family_history(body: &Value) -> Fields {
    let mut fields = Fields::default();
    fields
        .text("status", Some("completed"))
        .put("relationship", said(words(body, "relation")))
        .put("deceasedBoolean", flag(body, "deceased"))
        .put("note", notes(body, "notes"));
    let conditions = items(body, "conditions").iter().map(|own| {
        let mut fields = Fields::default();
        fields.put("code", concept(own.get("concept"))).put("onsetAge", quantity(own.get("onset_age")));
        fields.object()
    });
    fields.list("condition", conditions.collect());
    fields
}

fn document(body: &Value) -> Fields {
    let mut attachment = Fields::default();
    attachment
        .put("contentType", text(body, "media_type"))
        .put("title", text(body, "title"))
        .put("size", number(body.get("bytes")))
        .put("creation", text(body, "dated_on"));
    let mut fields = Fields::default();
    fields
        .text("status", Some("current"))
        .put("category", alone(said(words(body, "category"))))
        .put("author", alone(party(body.get("author"))))
        .put("description", text(body, "remarks"))
        .put("content", alone(single("attachment", attachment.some())));
    fields
}

fn note(body: &Value) -> Fields {
    let mut attachment = Fields::default();
    attachment
        .text("contentType", Some("text/plain"))
        .put("data", words(body, "text").map(|text| Json::text(STANDARD.encode(text))))
        .text("title", Some(words(body, "title").unwrap_or("Note")));
    let mut fields = Fields::default();
    fields.text("status", Some("current")).put("content", alone(single("attachment", attachment.some())));
    fields
}

fn appointment(body: &Value) -> Fields {
    let status = match words(body, "status") {
        Some("requested") => "proposed",
        Some("arrived") => "arrived",
        Some("completed") => "fulfilled",
        Some("cancelled") => "cancelled",
        Some("no-show") => "noshow",
        _ => "booked",
    };
    let attends = |actor: Option<Json>| {
        let mut fields = Fields::default();
        fields.put("actor", Some(actor?)).text("status", Some("accepted"));
        fields.some()
    };
    let mut place = Fields::default();
    place.text("type", Some("Location")).put("display", text(body, "place"));
    let place = body.get("place").and(place.some());
    let mut fields = Fields::default();
    fields
        .text("status", Some(status))
        .put("appointmentType", said(words(body, "type")))
        .put("reasonCode", alone(said(words(body, "reason"))))
        .put("start", text(body, "start"))
        .put("minutesDuration", number(body.get("duration_minutes")))
        .put("comment", text(body, "notes"));
    fields.list("participant", [attends(party(body.get("provider"))), attends(place)].into_iter().flatten().collect());
    fields
}

fn message(body: &Value) -> Fields {
    let mut fields = Fields::default();
    fields
        .text("status", Some("completed"))
        .put("sent", text(body, "sent_at"))
        .put("sender", party(body.get("from")))
        .list("recipient", items(body, "to").iter().filter_map(|to| party(Some(to))).collect())
        .put("payload", alone(single("contentString", text(body, "text"))));
    fields
}

fn care_plan(body: &Value) -> Fields {
    let known = ["draft", "active", "on-hold", "revoked", "completed", "unknown"];
    let status = words(body, "status").filter(|status| known.contains(status));
    let mut fields = Fields::default();
    fields
        .text("status", Some(status.unwrap_or("active")))
        .text("intent", Some("plan"))
        .put("title", text(body, "title"))
        .put("period", period(words(body, "start"), words(body, "end")));
    let goals = items(body, "goals").iter().filter_map(|goal| single("display", text(goal, "text")));
    fields.list("goal", goals.collect());
    let activities = items(body, "activities").iter().filter_map(|activity| {
        let words = activity.as_str().or_else(|| words(activity, "text"))?;
        let mut detail = Fields::default();
        detail.text("status", Some("unknown")).text("description", Some(words));
        single("detail", detail.some())
    });
    fields.list("activity", activities.collect());
    fields
}

fn coverage(body: &Value) -> Fields {
    let class = |code: &str, name: &str| {
        let mut fields = Fields::default();
        fields.put("type", coded("http://terminology.hl7.org/CodeSystem/coverage-class", Some(code)));
        fields.put("value", text(body, name));
        body.get(name).and(fields.some())
    };
    let mut fields = Fields::default();
    fields
        .text("status", Some("active"))
        .put("subscriberId", text(body, "member_number"))
        .put("policyHolder", single("display", text(body, "holder")))
        .put("period", period(words(body, "start"), words(body, "end")))
        .put("payor", alone(party(body.get("payer"))))
        .list("class", [class("group", "group"), class("plan", "plan")].into_iter().flatten().collect());
    fields
}

fn device(body: &Value) -> Fields {
    let known = ["active", "inactive", "unknown"];
    let mut fields = Fields::default();
    fields
        .put("udiCarrier", alone(single("carrierHRF", text(body, "udi"))))
        .text("status", words(body, "status").filter(|status| known.contains(status)))
        .put("manufacturer", text(body, "manufacturer"))
        .put("serialNumber", text(body, "serial"))
        .put("modelNumber", text(body, "model"))
        .put("type", concept(body.get("type")));
    fields
}
