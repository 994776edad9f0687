//! Measurements as FHIR: results, reports, vital signs, symptoms, series.

use serde_json::Value;

use super::out::{
    Fields, Json, alone, coded, concept, items, notes, number, party, period, quantity, said, single, text, words,
};

const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
const INTERPRETATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";

fn category(code: &str) -> Option<Json> {
    alone(coded(CATEGORY, Some(code)))
}

pub(super) fn lab_result(body: &Value) -> Fields {
    let mut fields = Fields::default();
    observed(body, &mut fields);
    fields.put("category", category("laboratory"));
    fields
        .put("valueQuantity", quantity(body.get("quantity")))
        .put("valueString", text(body, "text_value"))
        .put("valueCodeableConcept", concept(body.get("coded_value")))
        .put("valueRatio", ratio(body.get("ratio")));
    fields.put("interpretation", alone(coded(INTERPRETATION, words(body, "interpretation"))));
    fields.put("specimen", single("display", specimen(body)));
    if let Some(own) = body.get("range") {
        let mut range = Fields::default();
        range
            .put("low", quantity(own.get("low")))
            .put("high", quantity(own.get("high")))
            .put("text", text(own, "text"));
        fields.put("referenceRange", alone(range.some()));
    }
    fields.put("note", notes(body, "remarks"));
    fields
}

pub(super) fn report(body: &Value) -> Fields {
    let mut fields = Fields::default();
    observed(body, &mut fields);
    fields.put("specimen", alone(single("display", specimen(body))));
    fields.put("conclusion", text(body, "remarks"));
    fields
}

/// What results and reports have in common.
fn observed(body: &Value, fields: &mut Fields) {
    let known =
        ["registered", "preliminary", "final", "amended", "corrected", "cancelled", "unknown", "partial", "appended"];
    let status = words(body, "status").filter(|status| known.contains(status));
    fields
        .text("status", Some(status.unwrap_or("final")))
        .put("code", concept(body.get("concept")))
        .put("effectiveDateTime", text(body, "collected_at"))
        .put("issued", words(body, "resulted_at").filter(|moment| moment.len() > 10).map(Json::text))
        .put("performer", alone(party(body.get("laboratory"))));
}

fn specimen(body: &Value) -> Option<Json> {
    let own = body.get("specimen")?;
    own.as_str().or_else(|| words(own, "text")).or_else(|| words(&own["codes"][0], "display")).map(Json::text)
}

fn ratio(value: Option<&Value>) -> Option<Json> {
    let value = value?;
    let mut fields = Fields::default();
    if let Some((one, two)) = value.as_str().and_then(|text| text.split_once(':')) {
        let side = |text: &str| {
            let is_number = text.trim().parse::<f64>().is_ok_and(f64::is_finite);
            single("value", is_number.then(|| Json::Number(text.trim().to_owned())))
        };
        fields.put("numerator", side(one)).put("denominator", side(two));
    } else {
        fields
            .put("numerator", quantity(value.get("numerator")))
            .put("denominator", quantity(value.get("denominator")));
    }
    fields.some()
}

pub(super) fn vital_sign(body: &Value) -> Fields {
    let mut fields = Fields::default();
    fields
        .text("status", Some("final"))
        .put("category", category("vital-signs"))
        .put("code", concept(body.get("concept")))
        .put("effectiveDateTime", text(body, "measured_at"))
        .put("valueQuantity", quantity(body.get("quantity")))
        .put("device", single("display", text(body, "device")));
    let components = items(body, "components").iter().map(|own| {
        let mut fields = Fields::default();
        fields.put("code", concept(own.get("concept"))).put("valueQuantity", quantity(own.get("quantity")));
        fields.object()
    });
    fields.list("component", components.collect());
    fields.put("note", notes(body, "notes"));
    fields
}

pub(super) fn symptoms(body: &Value) -> Fields {
    let mut fields = Fields::default();
    fields
        .text("status", Some("final"))
        .put("code", said(Some("Symptoms")))
        .put("effectiveDateTime", text(body, "started"))
        .put("valueString", text(body, "text"));
    let components = items(body, "items").iter().map(|own| {
        let severity = own.get("severity").map(|severity| match severity {
            Value::String(text) => Json::text(text.as_str()),
            other => Json::text(other.to_string()),
        });
        let mut fields = Fields::default();
        fields.put("code", concept(own.get("concept"))).put("valueString", severity);
        fields.object()
    });
    fields.list("component", components.collect());
    fields
}

pub(super) fn series(body: &Value) -> Fields {
    let mut fields = Fields::default();
    let count = number(body.get("count")).map(|count| {
        let mut text = String::new();
        count.write(&mut text);
        text
    });
    fields
        .text("status", Some("final"))
        .put("code", concept(body.get("concept")))
        .put("effectivePeriod", period(words(body, "from"), words(body, "to")))
        .put("note", alone(single("text", count.map(|count| Json::text(format!("{count} samples"))))));
    fields
}
