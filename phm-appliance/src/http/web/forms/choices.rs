//! The words and units forms offer. A stored word that is not offered is kept and shown as it stands.

/// Results: FHIR's interpretation codes, as far as a person writes them down.
pub const INTERPRETATION: &[&str] = &["N", "L", "H", "LL", "HH", "A"];
/// How final a result is.
pub const RESULT_STATUS: &[&str] = &["final", "preliminary", "amended", "corrected", "cancelled"];
/// Clinical state of a condition.
pub const CONDITION_STATUS: &[&str] = &["active", "recurrence", "relapse", "inactive", "remission", "resolved"];
/// How sure the diagnosis is.
pub const VERIFICATION: &[&str] = &["confirmed", "provisional", "differential", "unconfirmed", "refuted"];
/// How bad it is.
pub const SEVERITY: &[&str] = &["mild", "moderate", "severe"];
/// What an allergy is to.
pub const ALLERGY_CATEGORY: &[&str] = &["food", "medication", "environment", "biologic"];
/// How dangerous an allergy may become.
pub const CRITICALITY: &[&str] = &["low", "high", "unable-to-assess"];
/// State of an allergy.
pub const ALLERGY_STATUS: &[&str] = &["active", "inactive", "resolved"];
/// State of a medication.
pub const MEDICATION_STATUS: &[&str] = &["active", "completed", "stopped", "on-hold", "unknown"];
/// The time a frequency counts in.
pub const PERIODS: &[&str] = &["h", "d", "wk", "mo"];
/// State of a visit.
pub const VISIT_STATUS: &[&str] = &["planned", "in-progress", "finished", "cancelled"];
/// State of an appointment.
pub const APPOINTMENT_STATUS: &[&str] =
    &["requested", "booked", "confirmed", "arrived", "completed", "cancelled", "no-show"];
/// State of an immunization.
pub const IMMUNIZATION_STATUS: &[&str] = &["completed", "not-done"];
/// State of a procedure.
pub const PROCEDURE_STATUS: &[&str] = &["completed", "preparation", "in-progress", "stopped", "not-done"];
/// What happened to a dose.
pub const DOSE_STATUS: &[&str] = &["taken", "skipped", "missed"];
/// What a document is.
pub const DOCUMENT_CATEGORY: &[&str] =
    &["lab-report", "prescription", "imaging", "discharge-summary", "visit-note", "insurance", "other"];
/// How a picture was taken.
pub const MODALITY: &[&str] = &["xray", "mri", "ct", "ultrasound"];
/// Units of laboratory results, in UCUM.
pub const LAB_UNITS: &[&str] = &[
    "%",
    "mg/dL",
    "g/dL",
    "mmol/L",
    "umol/L",
    "mEq/L",
    "ng/mL",
    "pg/mL",
    "ug/dL",
    "U/L",
    "m[IU]/L",
    "10*3/uL",
    "10*6/uL",
    "fL",
    "pg",
    "mm/h",
    "mL/min/{1.73_m2}",
    "mg/g",
];
/// Units of vital signs, in UCUM.
pub const VITAL_UNITS: &[&str] = &["mm[Hg]", "kg", "cm", "/min", "Cel", "[degF]", "%", "kg/m2", "[lb_av]", "[in_i]"];
/// Units of doses, in UCUM.
pub const DOSE_UNITS: &[&str] = &["mg", "ug", "g", "mL", "[iU]", "{tablet}", "{capsule}", "{drop}", "{puff}"];
/// Units of time, in UCUM.
pub const TIME_UNITS: &[&str] = &["d", "wk", "mo", "a"];
