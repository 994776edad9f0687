//! From a FHIR resource to a record of PHM.
//!
//! Each function takes one resource type and answers the body of its kind as `contracts.md` writes it, or `None` when
//! the resource lacks what the kind requires; it is then kept as a `fhir-resource`. A resource that says of itself
//! that it was entered in error, was ruled out, or must not be done, never becomes anything that looks like a fact.

mod care;
mod clinical;
mod medication;
mod observation;
mod person;
mod spare;
pub(super) mod values;

use serde_json::Value;

use super::glossary;
use super::json::Node;
use crate::id::RecordId;
use crate::model::{self, Checked, KindInfo};
use values::Body;

/// What was understood of a resource.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// The kind of record.
    pub kind: &'static KindInfo,
    /// Its body, as it passed the check of its kind.
    pub body: Checked,
}

/// What a mapping may ask about the rest of the input.
pub(super) struct Context<'c> {
    /// The resource itself, for what it contains.
    pub(super) root: &'c Node<'c>,
    /// The words behind a reference.
    pub(super) words: &'c dyn Fn(&Node<'_>) -> Option<String>,
    /// The record of the resource a reference points to, when it has one of the given types.
    pub(super) record: &'c dyn Fn(&str, &[&str]) -> Option<RecordId>,
    /// The panel that names this resource as a member.
    pub(super) panel: Option<RecordId>,
}

impl Context<'_> {
    fn contained(&self, reference: &str) -> Option<&Node<'_>> {
        let id = reference.strip_prefix('#')?;
        self.root.list("contained").iter().find(|inner| inner.text("id") == Some(id))
    }

    /// The words behind a Reference, from what is contained, its display or the rest of the input.
    fn behind(&self, reference: &Node<'_>) -> Option<String> {
        let contained = reference.text("reference").and_then(|text| self.contained(text));
        contained
            .and_then(|inner| glossary::words(inner.text("resourceType").unwrap_or(""), inner))
            .or_else(|| (self.words)(reference))
    }

    /// The name of whom or what a Reference points to.
    fn name(&self, reference: &Node<'_>) -> Option<String> {
        if let Some(display) = reference.words("display") {
            return Some(display.to_owned());
        }
        let words = self.behind(reference)?;
        if words.starts_with('{') {
            let concept: Value = serde_json::from_str(&words).ok()?;
            let text = concept["text"].as_str().or(concept["codes"][0]["display"].as_str());
            return text.map(str::to_owned);
        }
        Some(words)
    }

    /// The concept a Reference points to.
    fn concept(&self, reference: &Node<'_>) -> Option<Value> {
        let words = self.behind(reference).filter(|words| words.starts_with('{'));
        words.and_then(|words| serde_json::from_str(&words).ok()).or_else(|| {
            let mut body = Body::default();
            body.put("text", Some(reference.words("display")?));
            Some(body.value())
        })
    }

    /// The first of the references that can be named.
    fn party(&self, references: &[Node<'_>]) -> Option<Value> {
        references.iter().find_map(|reference| {
            let mut body = Body::default();
            body.put("name", Some(self.name(reference)?));
            Some(body.value())
        })
    }
}

/// The record a resource becomes.
pub(super) fn resource(kind: &str, node: &Node<'_>, context: &Context<'_>) -> Mapped {
    if is_void(node) {
        return fhir_resource(kind, node);
    }
    let understood = understood(kind, node, context).and_then(|(kind, body)| checked(kind, &body.value()));
    understood.unwrap_or_else(|| fhir_resource(kind, node))
}

fn understood(kind: &str, node: &Node<'_>, context: &Context<'_>) -> Option<(&'static str, Body)> {
    Some(match kind {
        "Patient" => ("profile", person::profile(node)),
        "Encounter" => ("visit", clinical::visit(node, context)?),
        "Condition" => ("condition", clinical::condition(node)?),
        "AllergyIntolerance" => ("allergy", clinical::allergy(node)?),
        "Procedure" => ("procedure", clinical::procedure(node, context)?),
        "Immunization" => ("immunization", clinical::immunization(node, context)?),
        "FamilyMemberHistory" => ("family-history", clinical::family_history(node)?),
        "MedicationRequest" => ("medication", medication::request(node, context)?),
        "MedicationStatement" => ("medication", medication::statement(node, context)?),
        "MedicationAdministration" => ("dose", medication::dose(node, context)?),
        "Observation" => observation::observation(node, context)?,
        "DiagnosticReport" => ("lab-result", observation::report(node, context)?),
        "DocumentReference" => ("document", care::document(node, context)?),
        "Appointment" => ("appointment", care::appointment(node, context)?),
        "CarePlan" => ("care-plan", care::care_plan(node, context)?),
        "Device" => ("device", care::device(node)?),
        "Coverage" => ("insurance", care::insurance(node, context)?),
        _ => return None,
    })
}

/// The stored form of a `profile` from a Patient; `None` when the Patient's data break the rules of the kind.
pub(super) fn profile(node: &Node<'_>) -> Option<String> {
    checked("profile", &person::profile(node).value()).map(|mapped| mapped.body.json)
}

/// The body, if it obeys its kind, perhaps without some details.
fn checked(kind: &str, body: &Value) -> Option<Mapped> {
    let kind = model::kinds().iter().find(|info| info.name == kind)?;
    let body = (kind.check)(body).or_else(|wrong| {
        let left = spare::without(kind.fields, body, &wrong).ok_or(wrong)?;
        (kind.check)(&left)
    });
    body.ok().map(|body| Mapped { kind, body })
}

/// Whether the resource takes itself back.
fn is_void(node: &Node<'_>) -> bool {
    node.text("status") == Some("entered-in-error")
        || matches!(values::first_code(node.get("verificationStatus")), Some("entered-in-error" | "refuted"))
        || node.flag("doNotPerform") == Some(true)
}

/// A resource that is kept as it is.
pub(super) fn fhir_resource(kind: &str, node: &Node<'_>) -> Mapped {
    let subject = ["subject", "patient", "beneficiary", "for"].iter().find_map(|name| node.first(name));
    let mut body = Body::default();
    body.put("resource_type", Some(kind))
        .put("resource_id", node.words("id").filter(|id| id.len() <= 256))
        .put("subject", subject.and_then(|subject| subject.words("reference")).filter(|text| text.len() <= 512));
    checked("fhir-resource", &body.value()).expect("a resource type and short texts are a fhir-resource")
}
