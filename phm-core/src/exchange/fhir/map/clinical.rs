//! What happened to a person: visits, conditions, allergies, procedures, immunizations, family history.

use serde_json::Value;

use super::Context;
use super::values::{Body, concept, date, first_code, notes, quantity, range_text, span, title, titles, when, whole};
use crate::exchange::fhir::json::Node;

/// Encounter to visit.
pub(super) fn visit(node: &Node<'_>, context: &Context<'_>) -> Option<Body> {
    let period = node.get("period")?;
    let class = node.get("class").and_then(|class| class.words("display").or_else(|| class.words("code")));
    let individuals: Vec<Node<'_>> =
        node.list("participant").iter().filter_map(|participant| participant.get("individual").cloned()).collect();
    let place = node.get("serviceProvider").and_then(|provider| context.name(provider));
    let provider = context.party(&individuals).map(|mut provider| {
        if let Some(place) = &place {
            provider["organization"] = Value::from(place.as_str());
        }
        provider
    });
    let reasons = titles(node.list("reasonCode"))
        .or_else(|| node.first("reasonReference").and_then(|reason| context.name(reason)));
    let mut body = Body::default();
    body.put("start", Some(when(period.words("start"))?))
        .put("end", when(period.words("end")))
        .put("type", node.list("type").iter().find_map(title).or(class))
        .put("status", node.words("status"))
        .put("provider", provider.or_else(|| place.map(|place| serde_json::json!({"name": place}))))
        .put("chief_complaint", reasons);
    let diagnoses = node.list("diagnosis").iter().filter_map(|diagnosis| diagnosis.get("condition"));
    body.list("diagnoses", diagnoses.filter_map(|condition| context.concept(condition)));
    Some(body)
}

/// Condition to condition.
pub(super) fn condition(node: &Node<'_>) -> Option<Body> {
    let known = ["active", "recurrence", "relapse", "inactive", "remission", "resolved"];
    let (onset, _) = span(node, "onset");
    let (ended, ended_by) = span(node, "abatement");
    let age = node.get("onsetAge").and_then(super::values::quantity_text);
    let said = node.words("onsetString").map(str::to_owned).or(age);
    let mut body = Body::default();
    body.put("concept", Some(concept(node.get("code")?)?))
        .put("status", first_code(node.get("clinicalStatus")).filter(|status| known.contains(status)))
        .put("verification", first_code(node.get("verificationStatus")))
        .put("severity", node.get("severity").and_then(title))
        .put("onset", when(onset))
        .put("ended", when(ended_by.or(ended)))
        .put("notes", notes(node).or_else(|| said.filter(|_| onset.is_none())));
    Some(body)
}

/// AllergyIntolerance to allergy.
pub(super) fn allergy(node: &Node<'_>) -> Option<Body> {
    let reactions = node.list("reaction");
    let substance = node.get("code").and_then(concept);
    let substance = substance.or_else(|| reactions.iter().find_map(|reaction| concept(reaction.get("substance")?)));
    let category = node.list("category").iter().find_map(Node::as_text);
    let mut body = Body::default();
    body.put("substance", Some(substance?))
        .put("category", category.filter(|word| matches!(*word, "food" | "medication" | "environment" | "biologic")))
        .put(
            "criticality",
            node.words("criticality").filter(|word| matches!(*word, "low" | "high" | "unable-to-assess")),
        )
        .put("status", first_code(node.get("clinicalStatus")))
        .put("onset", when(span(node, "onset").0))
        .put("notes", notes(node));
    body.list("reactions", reactions.iter().flat_map(reaction));
    Some(body)
}

fn reaction<'n>(node: &'n Node<'n>) -> impl Iterator<Item = Value> + 'n {
    node.list("manifestation").iter().filter_map(|manifestation| {
        let mut body = Body::default();
        body.put("manifestation", Some(concept(manifestation)?)).put("severity", node.words("severity"));
        Some(body.value())
    })
}

/// Procedure to procedure.
pub(super) fn procedure(node: &Node<'_>, context: &Context<'_>) -> Option<Body> {
    let (start, end) = span(node, "performed");
    let actors: Vec<Node<'_>> =
        node.list("performer").iter().filter_map(|performer| performer.get("actor").cloned()).collect();
    let mut body = Body::default();
    body.put("concept", Some(concept(node.get("code")?)?))
        .put("performed_start", when(start))
        .put("performed_end", when(end))
        .put("status", node.words("status"))
        .put("performer", context.party(&actors))
        .put("body_site", node.list("bodySite").iter().find_map(concept))
        .put("outcome", node.get("outcome").and_then(title))
        .put("notes", notes(node));
    Some(body)
}

/// Immunization to immunization.
pub(super) fn immunization(node: &Node<'_>, context: &Context<'_>) -> Option<Body> {
    let protocol = node.first("protocolApplied");
    let number =
        protocol.and_then(|protocol| protocol.number("doseNumberPositiveInt").or(protocol.words("doseNumberString")));
    let actors: Vec<Node<'_>> =
        node.list("performer").iter().filter_map(|performer| performer.get("actor").cloned()).collect();
    let mut body = Body::default();
    body.put("vaccine", Some(concept(node.get("vaccineCode")?)?))
        .put("given_on", Some(date(node.words("occurrenceDateTime"))?))
        .put("status", node.words("status"))
        .put("dose_number", whole(number))
        .put("lot", node.words("lotNumber"))
        .put("expires_on", date(node.words("expirationDate")))
        .put("site", node.get("site").and_then(concept))
        .put("route", node.get("route").and_then(concept))
        .put("performer", context.party(&actors));
    Some(body)
}

/// FamilyMemberHistory to family-history.
pub(super) fn family_history(node: &Node<'_>) -> Option<Body> {
    let deceased = node.flag("deceasedBoolean");
    let said = ["deceasedAge", "deceasedRange", "deceasedDate", "deceasedString"];
    let mut body = Body::default();
    body.put("relation", Some(title(node.get("relationship")?)?))
        .put("deceased", deceased.or_else(|| said.iter().any(|name| node.get(name).is_some()).then_some(true)))
        .put("notes", notes(node));
    body.list("conditions", node.list("condition").iter().filter_map(family_condition));
    Some(body)
}

fn family_condition(node: &Node<'_>) -> Option<Value> {
    let mut body = Body::default();
    body.put("concept", Some(concept(node.get("code")?)?)).put(
        "onset_age",
        node.get("onsetAge").filter(|_| node.get("onsetRange").and_then(range_text).is_none()).and_then(quantity),
    );
    Some(body.value())
}
