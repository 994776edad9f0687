//! Medicines as FHIR.

use serde_json::Value;

use super::out::{
    Fields, Json, alone, concept, flag, items, number, party, period, quantity, said, single, text, words,
};

fn dosage(body: &Value) -> Option<Json> {
    let frequency = body.get("frequency");
    let mut fields = Fields::default();
    fields.put("text", text(body, "instructions"));
    if let Some(own) = frequency {
        let mut repeat = Fields::default();
        if own.get("unit").is_some() {
            repeat.put("frequency", number(own.get("times"))).put("period", number(own.get("per")));
            repeat.put("periodUnit", text(own, "unit"));
        }
        let mut timing = Fields::default();
        timing.put("repeat", repeat.some()).put("code", said(words(own, "text")));
        fields.put("timing", timing.some()).put("asNeededBoolean", flag(own, "as_needed"));
    }
    fields.put("route", concept(body.get("route")));
    fields.put("doseAndRate", alone(single("doseQuantity", quantity(body.get("dose")))));
    fields.some()
}

pub(super) fn request(body: &Value) -> Fields {
    let mut fields = Fields::default();
    fields
        .text("status", Some(words(body, "status").unwrap_or("unknown")))
        .text("intent", Some("order"))
        .put("medicationCodeableConcept", concept(body.get("drug")))
        .put("authoredOn", text(body, "prescribed_on"))
        .put("requester", party(body.get("prescriber")))
        .put("reasonCode", alone(said(words(body, "reason"))))
        .put("dosageInstruction", alone(dosage(body)))
        .put("dispenseRequest", single("validityPeriod", period(words(body, "start"), words(body, "end"))));
    fields
}

pub(super) fn statement(body: &Value) -> Fields {
    let mut fields = Fields::default();
    fields
        .text("status", Some(words(body, "status").unwrap_or("unknown")))
        .put("medicationCodeableConcept", concept(body.get("drug")))
        .put("effectivePeriod", period(words(body, "start"), words(body, "end")))
        .put("reasonCode", alone(said(words(body, "reason"))))
        .put("dosage", alone(dosage(body)));
    fields
}

pub(super) fn administration(body: &Value) -> Fields {
    let medication = words(body, "medication").unwrap_or("");
    let status = match words(body, "status") {
        Some("skipped" | "missed") => "not-done",
        _ => "completed",
    };
    let is_id = medication.parse::<crate::id::RecordId>().is_ok();
    let mut fields = Fields::default();
    fields.text("status", Some(status));
    if is_id {
        let reference = || single("reference", Some(Json::text(format!("MedicationRequest/{medication}"))));
        fields.put("medicationReference", single("display", Some(Json::text("see the order"))));
        fields.put("request", reference());
    } else {
        fields.put("medicationCodeableConcept", said(Some(medication)));
    }
    fields.put("effectiveDateTime", text(body, "at"));
    fields.put("statusReason", alone(said(words(body, "reason"))));
    fields.put("dosage", single("dose", quantity(body.get("amount"))));
    fields
}

/// One sheet of paper with several medicines: a List of the orders it contains.
pub(super) fn prescription(body: &Value) -> Fields {
    let (mut contained, mut entries) = (Vec::new(), Vec::new());
    for (index, item) in items(body, "items").iter().enumerate() {
        let mut order = Fields::default();
        order.text("resourceType", Some("MedicationRequest")).text("id", Some(&format!("item-{index}")));
        let Json::Object(elements) = request(item).object() else { unreachable!("fields make an object") };
        for (name, value) in elements {
            order.put(name, Some(value));
        }
        contained.push(order.object());
        entries.extend(single("item", single("reference", Some(Json::text(format!("#item-{index}"))))));
    }
    let mut fields = Fields::default();
    fields.list("contained", contained);
    fields.text("status", Some("current")).text("mode", Some("snapshot")).text("title", Some("Prescription"));
    fields.put("date", text(body, "prescribed_on")).put("source", party(body.get("prescriber")));
    fields.list("entry", entries);
    fields
}
