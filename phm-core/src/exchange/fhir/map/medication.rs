//! Medicines: what was prescribed, what is taken, what was given.

use serde_json::{Value, json};

use super::Context;
use super::values::{
    Body, concept, date, first_code, instant, notes, quantity, quantity_text, range_text, span, title, titles, when,
};
use crate::exchange::fhir::json::Node;

/// MedicationRequest to medication.
pub(super) fn request(node: &Node<'_>, context: &Context<'_>) -> Option<Body> {
    let dosage = node.first("dosageInstruction");
    let repeat = dosage.and_then(|dosage| dosage.get("timing")).and_then(|timing| timing.get("repeat"));
    let bounds = repeat.and_then(|repeat| repeat.get("boundsPeriod"));
    let validity = node.get("dispenseRequest").and_then(|dispense| dispense.get("validityPeriod"));
    let of = |period: Option<&Node<'_>>, side| period.and_then(|period| when(period.words(side)));
    let status = match node.words("status") {
        Some(status @ ("active" | "on-hold" | "completed" | "stopped")) => Some(status),
        Some("cancelled") => Some("stopped"),
        Some(_) => Some("unknown"),
        None => None,
    };
    let mut body = taken(node, context, node.list("dosageInstruction"))?;
    body.put("start", of(bounds, "start").or_else(|| of(validity, "start")))
        .put("end", of(bounds, "end"))
        .put("prescriber", node.get("requester").and_then(|who| context.party(std::slice::from_ref(who))))
        .put("prescribed_on", date(node.words("authoredOn")))
        .put("status", status);
    Some(body)
}

/// MedicationStatement to medication.
pub(super) fn statement(node: &Node<'_>, context: &Context<'_>) -> Option<Body> {
    let (start, end) = span(node, "effective");
    let status = match node.words("status") {
        Some(status @ ("active" | "on-hold" | "completed" | "stopped")) => Some(status),
        Some("not-taken") => Some("stopped"),
        Some(_) => Some("unknown"),
        None => None,
    };
    let mut body = taken(node, context, node.list("dosage"))?;
    body.put("start", when(start)).put("end", when(end)).put("status", status);
    Some(body)
}

/// MedicationAdministration to dose; the medicine is the one it was ordered as, else its name.
pub(super) fn dose(node: &Node<'_>, context: &Context<'_>) -> Option<Body> {
    let order = node.get("request").and_then(|request| request.words("reference"));
    let ordered = order.and_then(|order| (context.record)(order, &["MedicationRequest", "MedicationStatement"]));
    let medication = ordered.map(|id| id.to_string()).or_else(|| called(&drug(node, context)?))?;
    let (at, _) = span(node, "effective");
    let status = match node.words("status") {
        Some("completed" | "in-progress") => Some("taken"),
        Some("not-done") => Some("skipped"),
        // Given in part, or nobody knows: none of the words fits.
        _ => return None,
    };
    let mut body = Body::default();
    body.put("medication", Some(medication))
        .put("at", Some(instant(at)?))
        .put("amount", node.get("dosage").and_then(|dosage| dosage.get("dose")).and_then(quantity))
        .put("status", status)
        .put("reason", titles(node.list("statusReason")).or_else(|| titles(node.list("reasonCode"))));
    Some(body)
}

/// What request and statement have in common.
fn taken(node: &Node<'_>, context: &Context<'_>, dosages: &[Node<'_>]) -> Option<Body> {
    let reference = node.get("medicationReference");
    let contained = reference.and_then(|reference| context.contained(reference.text("reference")?));
    let dosage = dosages.first();
    // Ten units in the morning and twenty at night are no dose and no rhythm together: then words say all of it.
    let mut measured = dosages
        .iter()
        .filter(|dosage| dose_of(dosage).is_some() || doses_between(dosage).is_some() || frequency(dosage).is_some());
    let first = measured.next();
    let only = first.filter(|_| measured.next().is_none());
    let several = first.is_some() && only.is_none();
    let said = dosages
        .iter()
        .filter_map(|dosage| dosage.words("text").map(str::to_owned).or_else(|| described(dosage).filter(|_| several)));
    let for_patient = dosages.iter().filter_map(|dosage| dosage.words("patientInstruction")).map(str::to_owned);
    let mut instructions: Vec<String> = said.chain(for_patient).collect();
    // Of several, it stands among the words about each.
    instructions.extend(dosage.filter(|_| !several).and_then(doses_between));
    instructions.extend(notes(node));
    let mut body = Body::default();
    body.put("drug", Some(drug(node, context)?))
        .put("form", contained.and_then(|inner| inner.get("form")).and_then(title))
        .put("dose", only.and_then(dose_of))
        .put("frequency", only.and_then(frequency))
        .put("route", dosage.and_then(|dosage| dosage.get("route")).and_then(concept))
        .put("reason", reason(node, context))
        .put("instructions", (!instructions.is_empty()).then(|| instructions.join("\n")));
    Some(body)
}

/// Which medicine: said in place, contained, or in a Medication elsewhere in the input.
fn drug(node: &Node<'_>, context: &Context<'_>) -> Option<Value> {
    let drug = node.get("medicationCodeableConcept").and_then(concept);
    drug.or_else(|| context.concept(node.get("medicationReference")?))
}

/// The words of a concept.
fn called(concept: &Value) -> Option<String> {
    let first = &concept["codes"][0];
    let words = concept["text"].as_str().or(first["display"].as_str()).or(first["code"].as_str());
    words.map(str::to_owned)
}

fn reason(node: &Node<'_>, context: &Context<'_>) -> Option<String> {
    titles(node.list("reasonCode")).or_else(|| {
        let all: Vec<String> = node.list("reasonReference").iter().filter_map(|reason| context.name(reason)).collect();
        (!all.is_empty()).then(|| all.join(", "))
    })
}

/// How much at a time.
fn dose_of(dosage: &Node<'_>) -> Option<Value> {
    dosage.first("doseAndRate").and_then(|amount| amount.get("doseQuantity")).and_then(quantity)
}

/// From how much to how much at a time, in words.
fn doses_between(dosage: &Node<'_>) -> Option<String> {
    dosage.first("doseAndRate").and_then(|amount| amount.get("doseRange")).and_then(range_text)
}

/// How much and how often, in words.
fn described(dosage: &Node<'_>) -> Option<String> {
    let dose = dosage.first("doseAndRate").and_then(|amount| amount.get("doseQuantity")).and_then(quantity_text);
    let dose = dose.or_else(|| doses_between(dosage));
    let often = frequency(dosage).and_then(|own| match own["text"].as_str() {
        Some(text) => Some(text.to_owned()),
        None => Some(format!("{} × / {} {}", own["times"].as_u64()?, own["per"].as_u64()?, own["unit"].as_str()?)),
    });
    let parts: Vec<String> = dose.into_iter().chain(often).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// How often: `times` in every `per` `unit`.
fn frequency(dosage: &Node<'_>) -> Option<Value> {
    let timing = dosage.get("timing");
    let repeat = timing.and_then(|timing| timing.get("repeat"));
    let as_needed = dosage.flag("asNeededBoolean").or(dosage.get("asNeededCodeableConcept").map(|_| true));
    let number = |name| repeat.and_then(|repeat| repeat.number(name)).and_then(count);
    let mut body = Body::default();
    if let Some(unit) = repeat.and_then(|repeat| repeat.words("periodUnit"))
        && let Some(per) = number("period")
    {
        body.put("times", Some(number("frequency").unwrap_or_else(|| json!(1)))).put("per", Some(per));
        body.put("unit", Some(unit));
    }
    body.put("as_needed", as_needed.filter(|needed| *needed));
    let code = timing.and_then(|timing| timing.get("code"));
    body.put("text", code.and_then(|code| title(code).or_else(|| first_code(Some(code)))));
    (!body.is_empty()).then(|| body.value())
}

/// A whole number, also when written as `1.0`.
fn count(text: &str) -> Option<Value> {
    let whole = text
        .split_once('.')
        .map_or(Some(text), |(whole, rest)| rest.bytes().all(|digit| digit == b'0').then_some(whole));
    whole?.parse::<u32>().ok().map(|number| json!(number))
}
