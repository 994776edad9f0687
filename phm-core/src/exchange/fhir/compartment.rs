//! Whose resource it is: the Patient compartment of FHIR R4.
//!
//! Source: CompartmentDefinition/patient, FHIR 4.0.1, its search parameters written out as the elements they stand
//! for. Beyond it, a resource of any other type that says `patient`, `subject` or `for` (Device, Task, …) is about that
//! patient too.

use super::json::Node;

/// Elements that hold references to patients: the path, and whether the resource is *about* whom it names there
/// rather than merely performed, written or received by them.
type Path = (&'static [&'static str], bool);

const PATIENT: Path = (&["patient"], true);
const SUBJECT: Path = (&["subject"], true);

fn paths(kind: &str) -> &'static [Path] {
    match kind {
        "AllergyIntolerance" => &[PATIENT, (&["recorder"], false), (&["asserter"], false)],
        "Appointment" => &[(&["participant", "actor"], true)],
        "AppointmentResponse" => &[(&["actor"], true)],
        "AuditEvent" => &[(&["agent", "who"], false), (&["entity", "what"], false)],
        "CarePlan" => &[SUBJECT, (&["activity", "detail", "performer"], false)],
        "CareTeam" => &[SUBJECT, (&["participant", "member"], false)],
        "Claim" | "ExplanationOfBenefit" => &[PATIENT, (&["payee", "party"], false)],
        "Communication" => &[SUBJECT, (&["sender"], false), (&["recipient"], false)],
        "CommunicationRequest" => &[SUBJECT, (&["sender"], false), (&["recipient"], false), (&["requester"], false)],
        "Composition" => &[SUBJECT, (&["author"], false), (&["attester", "party"], false)],
        "Condition" => &[SUBJECT, (&["asserter"], false)],
        "Coverage" => {
            &[(&["beneficiary"], true), (&["policyHolder"], false), (&["subscriber"], false), (&["payor"], false)]
        }
        "DeviceRequest" | "ServiceRequest" | "Observation" => &[SUBJECT, (&["performer"], false)],
        "DocumentManifest" => &[SUBJECT, (&["author"], false), (&["recipient"], false)],
        "Basic" | "DocumentReference" => &[SUBJECT, (&["author"], false)],
        "EnrollmentRequest" => &[(&["candidate"], true)],
        "Group" => &[(&["member", "entity"], false)],
        "Invoice" => &[SUBJECT, (&["recipient"], false)],
        "List" | "QuestionnaireResponse" => &[SUBJECT, (&["source"], false), (&["author"], false)],
        "MedicationAdministration" | "Procedure" => &[SUBJECT, (&["performer", "actor"], false)],
        "MedicationDispense" => &[SUBJECT, (&["receiver"], false)],
        // A Patient is its own; a link names the same person elsewhere, who keeps a history of their own.
        "Patient" => &[],
        "Person" => &[(&["link", "target"], false)],
        "Provenance" => &[(&["target"], false)],
        "RequestGroup" => &[SUBJECT, (&["action", "participant"], false)],
        "ResearchSubject" => &[(&["individual"], true)],
        "Schedule" => &[(&["actor"], false)],
        "Task" => &[(&["for"], true)],
        "EpisodeOfCare"
        | "BodyStructure"
        | "ClaimResponse"
        | "CoverageEligibilityRequest"
        | "CoverageEligibilityResponse"
        | "Consent"
        | "DetectedIssue"
        | "FamilyMemberHistory"
        | "Immunization"
        | "ImmunizationEvaluation"
        | "ImmunizationRecommendation"
        | "MolecularSequence"
        | "NutritionOrder"
        | "RelatedPerson"
        | "SupplyDelivery"
        | "VisionPrescription"
        | "Device" => &[PATIENT],
        _ => &[SUBJECT, PATIENT],
    }
}

/// Types that say nothing about one person by themselves: what refers to them decides whose they are.
pub(super) fn is_shared(kind: &str) -> bool {
    matches!(
        kind,
        "Practitioner"
            | "PractitionerRole"
            | "Organization"
            | "OrganizationAffiliation"
            | "Location"
            | "HealthcareService"
            | "Endpoint"
            | "Medication"
            | "MedicationKnowledge"
            | "Substance"
            | "Binary"
            | "Questionnaire"
            | "PlanDefinition"
            | "ActivityDefinition"
            | "Library"
            | "Measure"
            | "Slot"
            | "Schedule"
            | "Device"
            | "DeviceDefinition"
            | "ValueSet"
            | "CodeSystem"
            | "StructureDefinition"
            | "NamingSystem"
            | "InsurancePlan"
    )
}

/// Tells `take` every Reference by which `node` belongs to somebody, with whether it is about them.
pub(super) fn mentions<'n>(kind: &str, node: &'n Node<'n>, take: &mut dyn FnMut(&'n Node<'n>, bool)) {
    match kind {
        "Bundle" => {
            for entry in node.list("entry") {
                inner(entry, take);
            }
        }
        "Parameters" => {
            for parameter in node.list("parameter") {
                inner(parameter, take);
            }
        }
        _ => {
            for (path, about) in paths(kind) {
                follow(node, path, &mut |reference| take(reference, *about));
            }
        }
    }
}

/// A resource inside one that is kept whole.
fn inner<'n>(holder: &'n Node<'n>, take: &mut dyn FnMut(&'n Node<'n>, bool)) {
    if let Some(resource) = holder.get("resource")
        && let Some(kind) = resource.text("resourceType")
    {
        mentions(kind, resource, take);
    }
}

fn follow<'n>(node: &'n Node<'n>, path: &[&str], take: &mut dyn FnMut(&'n Node<'n>)) {
    let Some((name, rest)) = path.split_first() else { return take(node) };
    for next in node.list(name) {
        follow(next, rest, take);
    }
}

/// Tells `take` the name and text of everything in `node` that points to another resource.
///
/// These are `reference`, an attachment's `url`, and the canonical addresses of questionnaires and plans.
pub(super) fn references<'n>(node: &'n Node<'n>, element: &'n str, take: &mut dyn FnMut(&'n str, Pointer<'n>)) {
    match node {
        Node::List(items) => items.iter().for_each(|item| references(item, element, take)),
        Node::Object(members) => {
            let mut pointed = false;
            for member in members {
                match (&*member.name, &member.value) {
                    ("text" | "resourceType", _) => {}
                    ("reference", Node::Text(text)) => {
                        pointed = true;
                        take(element, Pointer::Reference(text));
                    }
                    ("url", Node::Text(text)) if element == "attachment" || element == "content" => {
                        take(element, Pointer::Reference(text));
                    }
                    ("questionnaire", Node::Text(text)) => take(&member.name, Pointer::Canonical(text)),
                    ("instantiatesCanonical", value) => {
                        for item in value.items().iter().chain(Some(value)) {
                            if let Some(text) = item.as_text() {
                                take(&member.name, Pointer::Canonical(text));
                            }
                        }
                    }
                    ("extension" | "resource", value) => references(value, element, take),
                    (name, value) => references(value, name, take),
                }
            }
            if !pointed
                && element != "identifier"
                && let (Some(identifier @ Node::Object(_)), Some(kind)) =
                    (node.get("identifier"), expected(node, element))
            {
                take(element, Pointer::Identifier(kind, identifier));
            }
        }
        _ => {}
    }
}

/// Something that points to another resource.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pointer<'n> {
    /// The text of a `reference`.
    Reference(&'n str),
    /// A canonical address.
    Canonical(&'n str),
    /// A reference by identifier alone, with the type it is expected to have.
    Identifier(&'n str, &'n Node<'n>),
}

/// The type a Reference without `reference` is expected to point to.
fn expected<'n>(node: &'n Node<'n>, element: &'n str) -> Option<&'n str> {
    node.text("type").or(match element {
        "practitioner" | "individual" | "requester" | "performer" | "author" | "recorder" | "asserter" => {
            Some("Practitioner")
        }
        "organization" | "managingOrganization" | "serviceProvider" | "custodian" | "payor" | "insurer" | "partOf" => {
            Some("Organization")
        }
        "location" => Some("Location"),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<(String, bool)> {
        let node = Node::parse(text.as_bytes()).expect("JSON");
        let mut all = Vec::new();
        mentions(node.text("resourceType").expect("a type"), &node, &mut |reference, about| {
            all.push((reference.text("reference").unwrap_or("?").to_owned(), about));
        });
        all
    }

    #[test]
    fn a_resource_is_about_its_subject_and_by_its_performer() {
        let text = r#"{"resourceType":"Observation","subject":{"reference":"Patient/1"},
            "performer":[{"reference":"Patient/2"},{"reference":"Practitioner/3"}]}"#;
        let expected =
            [("Patient/1".to_owned(), true), ("Patient/2".to_owned(), false), ("Practitioner/3".to_owned(), false)];
        assert_eq!(named(text), expected);
    }

    #[test]
    fn nested_elements_are_followed_and_a_kept_bundle_names_whom_its_entries_name() {
        let text = r#"{"resourceType":"Appointment","participant":[{"actor":{"reference":"Patient/1"}},{"actor":{}}]}"#;
        assert_eq!(named(text), [("Patient/1".to_owned(), true), ("?".to_owned(), true)]);
        let text = r#"{"resourceType":"Bundle","type":"message","entry":[{"resource":
            {"resourceType":"Immunization","patient":{"reference":"Patient/1"}}}]}"#;
        assert_eq!(named(text), [("Patient/1".to_owned(), true)]);
    }

    #[test]
    fn everything_that_points_elsewhere_is_found() {
        let text = r#"{"resourceType":"X","extension":[{"valueReference":{"reference":"A/1"}}],"questionnaire":"http://q",
            "content":[{"attachment":{"url":"Binary/2"}}],"practitioner":{"identifier":{"system":"s","value":"v"}},
            "contained":[{"resourceType":"Y","owner":{"reference":"B/3"}}],"text":{"div":"x"}}"#;
        let node = Node::parse(text.as_bytes()).expect("JSON");
        let mut all = Vec::new();
        references(&node, "", &mut |_, pointer| {
            all.push(match pointer {
                Pointer::Reference(text) | Pointer::Canonical(text) => text.to_owned(),
                Pointer::Identifier(kind, _) => kind.to_owned(),
            });
        });
        assert_eq!(all, ["A/1", "http://q", "Binary/2", "Practitioner", "B/3"]);
    }
}
