//! The shapes of the FHIR R4 resources PHM understands.
//!
//! Source: FHIR 4.0.1, the resource pages.

use super::shape::Of::{Date, Flag, Moment, Number, Text};
use super::shape::{
    ADDRESS, ATTACHMENT, CODING, CONCEPT, CONTACT, DOSAGE, Field, IDENTIFIER, NAME, NOTE, PERIOD, QUANTITY, RANGE,
    REFERENCE, many, one, shape,
};

static PATIENT: &[Field] = &[
    many("identifier", IDENTIFIER),
    one("active", Flag),
    many("name", NAME),
    many("telecom", CONTACT),
    one("gender", Text),
    one("birthDate", Date),
    many("address", ADDRESS),
    one("maritalStatus", CONCEPT),
    many("contact", shape(CONTACT_PERSON)),
    many("communication", shape(COMMUNICATION)),
    many("generalPractitioner", REFERENCE),
    one("managingOrganization", REFERENCE),
    many("photo", ATTACHMENT),
];
static CONTACT_PERSON: &[Field] = &[
    many("relationship", CONCEPT),
    one("name", NAME),
    many("telecom", CONTACT),
    one("address", ADDRESS),
    one("gender", Text),
    one("organization", REFERENCE),
    one("period", PERIOD),
];
static COMMUNICATION: &[Field] = &[one("language", CONCEPT), one("preferred", Flag)];

static ENCOUNTER: &[Field] = &[
    many("identifier", IDENTIFIER),
    one("status", Text),
    one("class", CODING),
    many("type", CONCEPT),
    one("serviceType", CONCEPT),
    one("subject", REFERENCE),
    many("participant", shape(PARTICIPANT)),
    one("period", PERIOD),
    many("reasonCode", CONCEPT),
    many("reasonReference", REFERENCE),
    many("diagnosis", shape(DIAGNOSIS)),
    one("serviceProvider", REFERENCE),
    many("location", shape(LOCATION)),
];
static PARTICIPANT: &[Field] = &[many("type", CONCEPT), one("period", PERIOD), one("individual", REFERENCE)];
static DIAGNOSIS: &[Field] = &[one("condition", REFERENCE), one("use", CONCEPT), one("rank", Number)];
static LOCATION: &[Field] = &[one("location", REFERENCE), one("status", Text), one("period", PERIOD)];

static CONDITION: &[Field] = &[
    many("identifier", IDENTIFIER),
    one("clinicalStatus", CONCEPT),
    one("verificationStatus", CONCEPT),
    many("category", CONCEPT),
    one("severity", CONCEPT),
    one("code", CONCEPT),
    many("bodySite", CONCEPT),
    one("subject", REFERENCE),
    one("encounter", REFERENCE),
    one("onsetDateTime", Moment),
    one("abatementDateTime", Moment),
    one("recordedDate", Moment),
    many("note", NOTE),
];

static ALLERGY: &[Field] = &[
    many("identifier", IDENTIFIER),
    one("clinicalStatus", CONCEPT),
    one("verificationStatus", CONCEPT),
    one("type", Text),
    many("category", Text),
    one("criticality", Text),
    one("code", CONCEPT),
    one("patient", REFERENCE),
    one("encounter", REFERENCE),
    one("recordedDate", Moment),
    one("lastOccurrence", Moment),
    many("note", NOTE),
    many("reaction", shape(REACTION)),
];
static REACTION: &[Field] = &[
    one("substance", CONCEPT),
    many("manifestation", CONCEPT),
    one("description", Text),
    one("onset", Moment),
    one("severity", Text),
    one("exposureRoute", CONCEPT),
    many("note", NOTE),
];

static MEDICATION_REQUEST: &[Field] = &[
    many("identifier", IDENTIFIER),
    one("status", Text),
    one("intent", Text),
    many("category", CONCEPT),
    one("priority", Text),
    one("medicationReference", REFERENCE),
    one("subject", REFERENCE),
    one("encounter", REFERENCE),
    one("authoredOn", Moment),
    one("requester", REFERENCE),
    many("reasonCode", CONCEPT),
    many("reasonReference", REFERENCE),
    many("note", NOTE),
    many("dosageInstruction", DOSAGE),
    one("dispenseRequest", shape(DISPENSE)),
];
static DISPENSE: &[Field] =
    &[one("validityPeriod", PERIOD), one("numberOfRepeatsAllowed", Number), one("quantity", QUANTITY)];

static MEDICATION_STATEMENT: &[Field] = &[
    many("identifier", IDENTIFIER),
    one("status", Text),
    many("statusReason", CONCEPT),
    one("category", CONCEPT),
    one("medicationReference", REFERENCE),
    one("subject", REFERENCE),
    one("context", REFERENCE),
    one("dateAsserted", Moment),
    one("informationSource", REFERENCE),
    many("reasonCode", CONCEPT),
    many("note", NOTE),
    many("dosage", DOSAGE),
];

static MEDICATION_ADMINISTRATION: &[Field] = &[
    many("identifier", IDENTIFIER),
    one("status", Text),
    many("statusReason", CONCEPT),
    one("category", CONCEPT),
    one("medicationReference", REFERENCE),
    one("subject", REFERENCE),
    one("context", REFERENCE),
    one("request", REFERENCE),
    many("reasonCode", CONCEPT),
    one("dosage", shape(ADMINISTERED)),
];
static ADMINISTERED: &[Field] =
    &[one("text", Text), one("site", CONCEPT), one("route", CONCEPT), one("method", CONCEPT), one("dose", QUANTITY)];

static OBSERVATION: &[Field] = &[
    many("identifier", IDENTIFIER),
    one("status", Text),
    many("category", CONCEPT),
    one("code", CONCEPT),
    one("subject", REFERENCE),
    many("focus", REFERENCE),
    one("encounter", REFERENCE),
    one("issued", Moment),
    many("performer", REFERENCE),
    one("dataAbsentReason", CONCEPT),
    many("interpretation", CONCEPT),
    many("note", NOTE),
    one("bodySite", CONCEPT),
    one("method", CONCEPT),
    one("specimen", REFERENCE),
    one("device", REFERENCE),
    many("referenceRange", shape(REFERENCE_RANGE)),
    many("hasMember", REFERENCE),
    many("derivedFrom", REFERENCE),
    many("component", shape(COMPONENT)),
];
static REFERENCE_RANGE: &[Field] =
    &[one("low", QUANTITY), one("high", QUANTITY), one("type", CONCEPT), one("age", RANGE), one("text", Text)];
static COMPONENT: &[Field] = &[
    one("code", CONCEPT),
    one("dataAbsentReason", CONCEPT),
    many("interpretation", CONCEPT),
    many("referenceRange", shape(REFERENCE_RANGE)),
];

static REPORT: &[Field] = &[
    many("identifier", IDENTIFIER),
    one("status", Text),
    many("category", CONCEPT),
    one("code", CONCEPT),
    one("subject", REFERENCE),
    one("encounter", REFERENCE),
    one("issued", Moment),
    many("performer", REFERENCE),
    many("resultsInterpreter", REFERENCE),
    many("specimen", REFERENCE),
    many("result", REFERENCE),
    one("conclusion", Text),
    many("conclusionCode", CONCEPT),
    many("presentedForm", ATTACHMENT),
];

static IMMUNIZATION: &[Field] = &[
    many("identifier", IDENTIFIER),
    one("status", Text),
    one("statusReason", CONCEPT),
    one("vaccineCode", CONCEPT),
    one("patient", REFERENCE),
    one("encounter", REFERENCE),
    one("recorded", Moment),
    one("primarySource", Flag),
    one("location", REFERENCE),
    one("manufacturer", REFERENCE),
    one("lotNumber", Text),
    one("expirationDate", Moment),
    one("site", CONCEPT),
    one("route", CONCEPT),
    one("doseQuantity", QUANTITY),
    many("performer", shape(PERFORMER)),
    many("note", NOTE),
];
static PERFORMER: &[Field] = &[one("function", CONCEPT), one("actor", REFERENCE)];

static PROCEDURE: &[Field] = &[
    many("identifier", IDENTIFIER),
    one("status", Text),
    one("category", CONCEPT),
    one("code", CONCEPT),
    one("subject", REFERENCE),
    one("encounter", REFERENCE),
    many("performer", shape(PERFORMER)),
    one("location", REFERENCE),
    many("reasonCode", CONCEPT),
    many("bodySite", CONCEPT),
    one("outcome", CONCEPT),
    many("note", NOTE),
];

static DOCUMENT: &[Field] = &[
    many("identifier", IDENTIFIER),
    one("status", Text),
    one("docStatus", Text),
    one("type", CONCEPT),
    many("category", CONCEPT),
    one("subject", REFERENCE),
    one("date", Moment),
    many("author", REFERENCE),
    one("description", Text),
    many("content", shape(CONTENT)),
    one("context", shape(CONTEXT)),
];
static CONTENT: &[Field] = &[one("attachment", ATTACHMENT), one("format", CODING)];
static CONTEXT: &[Field] = &[many("encounter", REFERENCE), one("period", PERIOD)];

static CARE_PLAN: &[Field] = &[
    many("identifier", IDENTIFIER),
    one("status", Text),
    one("intent", Text),
    many("category", CONCEPT),
    one("title", Text),
    one("description", Text),
    one("subject", REFERENCE),
    one("encounter", REFERENCE),
    one("period", PERIOD),
    one("created", Moment),
    many("goal", REFERENCE),
    many("activity", shape(ACTIVITY)),
    many("note", NOTE),
];
static ACTIVITY: &[Field] = &[one("detail", shape(ACTIVITY_DETAIL)), one("reference", REFERENCE)];
static ACTIVITY_DETAIL: &[Field] = &[one("code", CONCEPT), one("status", Text), one("description", Text)];

static DEVICE: &[Field] = &[
    many("identifier", IDENTIFIER),
    many("udiCarrier", shape(UDI)),
    one("status", Text),
    one("manufacturer", Text),
    one("manufactureDate", Moment),
    one("expirationDate", Moment),
    one("lotNumber", Text),
    one("serialNumber", Text),
    many("deviceName", shape(DEVICE_NAME)),
    one("modelNumber", Text),
    one("type", CONCEPT),
    one("patient", REFERENCE),
];
static UDI: &[Field] = &[one("deviceIdentifier", Text), one("carrierHRF", Text)];
static DEVICE_NAME: &[Field] = &[one("name", Text), one("type", Text)];

static COVERAGE: &[Field] = &[
    many("identifier", IDENTIFIER),
    one("status", Text),
    one("type", CONCEPT),
    one("policyHolder", REFERENCE),
    one("subscriber", REFERENCE),
    one("subscriberId", Text),
    one("beneficiary", REFERENCE),
    one("relationship", CONCEPT),
    one("period", PERIOD),
    many("payor", REFERENCE),
    many("class", shape(COVERAGE_CLASS)),
];
static COVERAGE_CLASS: &[Field] = &[one("type", CONCEPT), one("value", Text), one("name", Text)];

static FAMILY_HISTORY: &[Field] = &[
    many("identifier", IDENTIFIER),
    one("status", Text),
    one("patient", REFERENCE),
    one("date", Moment),
    one("name", Text),
    one("relationship", CONCEPT),
    one("sex", CONCEPT),
    many("condition", shape(FAMILY_CONDITION)),
    many("note", NOTE),
];
static FAMILY_CONDITION: &[Field] = &[one("code", CONCEPT), one("outcome", CONCEPT), many("note", NOTE)];

static APPOINTMENT: &[Field] = &[
    many("identifier", IDENTIFIER),
    one("status", Text),
    many("serviceCategory", CONCEPT),
    many("serviceType", CONCEPT),
    many("specialty", CONCEPT),
    one("appointmentType", CONCEPT),
    many("reasonCode", CONCEPT),
    one("description", Text),
    one("start", Moment),
    one("end", Moment),
    one("minutesDuration", Number),
    one("created", Moment),
    one("comment", Text),
    many("participant", shape(ATTENDEE)),
];
static ATTENDEE: &[Field] =
    &[many("type", CONCEPT), one("actor", REFERENCE), one("status", Text), one("period", PERIOD)];

static MEDICATION: &[Field] =
    &[many("identifier", IDENTIFIER), one("code", CONCEPT), one("status", Text), one("form", CONCEPT)];

/// The elements of a resource type PHM understands, those of every resource aside.
pub(super) fn of_type(kind: &str) -> &'static [Field] {
    match kind {
        "Patient" => PATIENT,
        "Encounter" => ENCOUNTER,
        "Condition" => CONDITION,
        "AllergyIntolerance" => ALLERGY,
        "Medication" => MEDICATION,
        "MedicationRequest" => MEDICATION_REQUEST,
        "MedicationStatement" => MEDICATION_STATEMENT,
        "MedicationAdministration" => MEDICATION_ADMINISTRATION,
        "Observation" => OBSERVATION,
        "DiagnosticReport" => REPORT,
        "Immunization" => IMMUNIZATION,
        "Procedure" => PROCEDURE,
        "DocumentReference" => DOCUMENT,
        "CarePlan" => CARE_PLAN,
        "Device" => DEVICE,
        "Coverage" => COVERAGE,
        "FamilyMemberHistory" => FAMILY_HISTORY,
        "Appointment" => APPOINTMENT,
        _ => &[],
    }
}
