//! What was measured: vital signs, laboratory results, panels.

use serde_json::Value;

use super::Context;
use super::values::{
    Body, any_code, concept, first_code, notes, quantity, quantity_text, range_text, span, title, when,
};
use crate::exchange::fhir::json::Node;

/// Observation to vital-sign or lab-result, by its category; one that says none but is a result of a report is the
/// laboratory's.
pub(super) fn observation(node: &Node<'_>, context: &Context<'_>) -> Option<(&'static str, Body)> {
    let category = node.list("category");
    if any_code(category, "vital-signs") {
        vital_sign(node, context).map(|body| ("vital-sign", body))
    } else if any_code(category, "laboratory") || (category.is_empty() && context.panel.is_some()) {
        lab_result(node, context).map(|body| ("lab-result", body))
    } else {
        None
    }
}

fn vital_sign(node: &Node<'_>, context: &Context<'_>) -> Option<Body> {
    let measured = span(node, "effective").0.or_else(|| node.words("issued"));
    let value = node.get("valueQuantity").and_then(quantity);
    let components = node.list("component").iter().filter_map(component).filter(|_| value.is_none());
    let components: Vec<Value> = components.collect();
    if value.is_none() && components.is_empty() {
        return None;
    }
    let mut body = Body::default();
    body.put("concept", Some(concept(node.get("code")?)?))
        .put("quantity", value)
        .put("measured_at", Some(when(measured)?))
        .put("device", node.get("device").and_then(|device| context.name(device)))
        .put("notes", notes(node));
    body.list("components", components);
    Some(body)
}

fn component(node: &Node<'_>) -> Option<Value> {
    let mut body = Body::default();
    body.put("concept", Some(concept(node.get("code")?)?)).put("quantity", Some(quantity(node.get("valueQuantity")?)?));
    Some(body.value())
}

fn lab_result(node: &Node<'_>, context: &Context<'_>) -> Option<Body> {
    let mut body = Body::default();
    body.put("concept", Some(concept(node.get("code")?)?));
    let valued = value(node, &mut body);
    // Without a value it is a panel, if it names members; else nobody knows what it found.
    if !valued && node.list("hasMember").is_empty() {
        return None;
    }
    body.put("range", node.list("referenceRange").iter().find_map(reference_range))
        .put("interpretation", first_code(node.first("interpretation")))
        .put("panel", context.panel.map(|panel| panel.to_string()));
    observed(node, context, &mut body);
    body.put("remarks", notes(node));
    Some(body)
}

/// DiagnosticReport to a lab-result that is a panel.
pub(super) fn report(node: &Node<'_>, context: &Context<'_>) -> Option<Body> {
    let mut body = Body::default();
    body.put("concept", Some(concept(node.get("code")?)?));
    observed(node, context, &mut body);
    body.put("remarks", node.words("conclusion"));
    Some(body)
}

/// Status, moments, laboratory and specimen.
fn observed(node: &Node<'_>, context: &Context<'_>, body: &mut Body) {
    let specimen = node.first("specimen");
    body.put("status", node.words("status"))
        .put("specimen", specimen.and_then(|specimen| context.concept(specimen)))
        .put("collected_at", when(span(node, "effective").0))
        .put("resulted_at", when(node.words("issued")))
        .put("laboratory", context.party(node.list("performer")));
}

/// Puts `value[x]` where it belongs; `false` when there is none.
fn value(node: &Node<'_>, body: &mut Body) -> bool {
    let concept = node.get("valueCodeableConcept").and_then(concept);
    let quantity = node.get("valueQuantity").and_then(quantity);
    let ratio = node.get("valueRatio").and_then(ratio);
    let count = node.number("valueInteger").map(|number| serde_json::json!({"value": number, "unit": "1"}));
    let flag = node.flag("valueBoolean").map(|flag| flag.to_string());
    let said = ["valueString", "valueTime", "valueDateTime"].iter().find_map(|name| node.words(name));
    let range = node.get("valueRange").and_then(range_text);
    let period = node.get("valuePeriod").map(|period| {
        format!("{} – {}", period.words("start").unwrap_or(""), period.words("end").unwrap_or("")).trim().to_owned()
    });
    let text = said.map(str::to_owned).or(flag).or(range).or(period);
    if let Some(quantity) = quantity.or(count) {
        body.put("quantity", Some(quantity));
    } else if let Some(concept) = concept {
        body.put("coded_value", Some(concept));
    } else if let Some(ratio) = ratio {
        body.put("ratio", Some(ratio));
    } else if let Some(text) = text {
        body.put("text_value", Some(text));
    } else {
        return false;
    }
    true
}

/// A titre stays a titre (`1:128`); two amounts with units stay two amounts.
fn ratio(node: &Node<'_>) -> Option<Value> {
    let (one, two) = (node.get("numerator")?, node.get("denominator")?);
    let bare = |side: &Node<'_>| side.words("unit").is_none() && side.words("code").is_none_or(|code| code == "1");
    if bare(one) && bare(two) {
        return Some(Value::from(format!("{}:{}", quantity_text(one)?, quantity_text(two)?)));
    }
    let mut body = Body::default();
    body.put("numerator", Some(quantity(one)?)).put("denominator", Some(quantity(two)?));
    Some(body.value())
}

fn reference_range(node: &Node<'_>) -> Option<Value> {
    let side = |name| node.get(name).and_then(quantity);
    let mut body = Body::default();
    body.put("low", side("low")).put("high", side("high"));
    body.put("text", node.words("text").or_else(|| node.get("type").and_then(title).filter(|_| body_has_none(node))));
    (!body.is_empty()).then(|| body.value())
}

fn body_has_none(node: &Node<'_>) -> bool {
    node.get("low").is_none() && node.get("high").is_none()
}
