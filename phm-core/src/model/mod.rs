//! The kinds of record, and the values they are made of.
//!
//! Plain data, parsed into types that cannot be wrong: each kind is a struct with private fields whose only way in
//! is its reader, so whoever holds a [`LabResult`] knows that it has a test and at most one value. The same
//! description of fields makes forms and the OpenAPI document. Nothing here does input or output.
//!
//! ```
//! use phm_core::model::{Kind, LabResult, Quantity};
//!
//! let body = serde_json::json!({
//!     "concept": {"text": "HbA1c", "codes": [{"system": "http://loinc.org", "code": "4548-4"}]},
//!     "quantity": {"value": "6.50", "unit": "%"},
//!     "collected_at": "2026-04-03",
//! });
//! let result = LabResult::from_json(&body)?;
//! assert_eq!(result.quantity().map(Quantity::shown).as_deref(), Some("6.50"));
//! assert_eq!(result.occurred().map(|when| when.to_string()).as_deref(), Some("2026-04-03"));
//!
//! let wrong = serde_json::json!({"concept": "HbA1c", "quantity": {"value": "6.50", "unit": "bananas"}});
//! let error = LabResult::from_json(&wrong).unwrap_err();
//! assert_eq!((error.details()[0].path.as_str(), error.details()[0].code), ("/quantity/unit", "unknown-unit"));
//! # Ok::<(), phm_core::Error>(())
//! ```

mod coding;
mod decimal;
mod fields;
mod info;
mod kinds;
mod labels;
mod link;
mod macros;
mod number;
mod party;
mod patch;
mod provenance;
mod quantity;
mod report;
mod sample;
mod text;
mod unit;

mod allergy;
mod appointment;
mod care_plan;
mod condition;
mod device;
mod document;
mod dose;
mod family_history;
mod fhir_resource;
mod frequency;
mod immunization;
mod insurance;
mod lab_result;
mod medication;
mod message;
mod note;
mod prescription;
mod procedure;
mod profile;
mod series;
mod symptom_report;
pub mod system;
mod visit;
mod vital_sign;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::time::When;

pub use coding::{Code, Concept};
pub use decimal::{Decimal, NotADecimal};
pub use fields::{LONGEST_LIST, NonEmpty, Part, Slot};
pub use info::{Checked, FieldInfo, KindInfo, Summary};
pub use kinds::{Kinds, kinds};
pub use labels::{Label, Labels};
pub use link::{Id, Link};
pub use number::{Count, Number, ThirtyMinutes};
pub use party::Party;
pub use patch::merge_patch;
pub use provenance::{How, Provenance, Source};
pub use quantity::{Comparator, Parts, Quantity, Range, Ratio};
pub use report::{At, Report};
pub use sample::{MOST_SAMPLES, Sample, SampleList, Samples};
pub use text::{LONGEST_TEXT, LONGEST_WORD, Text, Word};
pub use unit::{Unit, UnknownUnit};

pub use allergy::{Allergy, AllergyCategory, Criticality, Reaction};
pub use appointment::{Appointment, AppointmentStatus};
pub use care_plan::{CarePlan, Goal};
pub use condition::{Condition, ConditionStatus};
pub use device::Device;
pub use document::{Document, DocumentCategory, MediaType, Modality, Sha256};
pub use dose::{Dose, DoseStatus};
pub use family_history::{FamilyHistory, RelativesCondition};
pub use fhir_resource::{FhirResource, ResourceType};
#[doc(hidden)]
pub use fields::Object;
pub use frequency::{ClockTime, DayPart, Frequency, Meal, SlotDose, Step, TimeUnit, Weekday};
pub use immunization::Immunization;
#[doc(hidden)]
pub use info::bare_name;
pub use insurance::Insurance;
pub use lab_result::{Interpretation, LabResult};
pub use medication::{LONGEST_COURSE_YEARS, Medication, MedicationStatus, Pack};
pub use message::Message;
pub use note::Note;
pub use prescription::Prescription;
pub use procedure::Procedure;
pub use profile::{BloodGroup, Contact, EmergencyContact, Identifier, Name, NumberedBy, Profile, Sex};
pub use series::Series;
pub use symptom_report::{Symptom, SymptomReport};
pub use visit::Visit;
pub use vital_sign::{Component, VitalSign};

/// A kind of record: what it is called, where it stands in a history, what lists show of it.
pub trait Kind: Part {
    /// One name everywhere: stored bytes, URLs, JSON, capabilities.
    const NAME: &'static str;
    /// Name of its collection in URLs; empty where it is not reached through one.
    const COLLECTION: &'static str;
    /// Version of the stored form.
    const VERSION: u8 = 1;
    /// Whether it belongs to the running of the house and never to a person's record.
    const SYSTEM: bool = false;
    /// A body of more bytes in stored form is refused with `too-long`; documents hold what is larger.
    const LARGEST: usize = 1 << 20;

    /// When the fact belongs in a person's history, where it is known.
    fn occurred(&self) -> Option<When>;

    /// What lists show.
    fn summary(&self) -> Summary;

    /// The record in a body; the error's details name every rule that is broken.
    fn from_json(body: &Value) -> Result<Self> {
        fields::read(body).map_err(Error::invalid)
    }

    /// The record in its stored form.
    fn from_stored(json: &str) -> Result<Self> {
        let body =
            serde_json::from_str(json).map_err(|_| Error::corrupt("a stored record is not JSON; run `phm verify`"))?;
        let broken = || Error::corrupt("a stored record breaks the rules of its kind; run `phm verify`");
        fields::read_stored(&body).map_err(|details| broken().with_details(details))
    }

    /// The stored form: fields in the order of the kind, absent fields left out.
    fn to_stored(&self) -> String {
        serde_json::to_string(self).expect("texts, numbers and lists always become JSON")
    }
}

/// Reports an end that lies before its start, whatever the two dates may mean.
///
/// A day has no time zone and a moment is in UTC, so between the two a day of difference proves nothing.
fn in_order(start: Option<When>, end: Option<When>, at: &At<'_>, name: &'static str, report: &mut Report) {
    const DAY: i64 = 24 * 3600 * 1000;
    let (Some(start), Some(end)) = (start, end) else { return };
    let slack = match (start, end) {
        (When::Instant(_), When::Instant(_)) | (When::Date(_), When::Date(_)) => 0,
        _ => DAY,
    };
    if end.end().plus_millis(slack) <= start.first() {
        report.say(&at.field(name), "end-before-start");
    }
}
