//! The shapes of FHIR R4's data types.
//!
//! Source: FHIR 4.0.1, datatypes. Only what PHM reads is listed: an element that is not listed
//! is not checked beyond the rules that hold for its name (see [`super::check`]).

/// What a value must look like.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    /// A string.
    Text,
    /// `true` or `false`.
    Flag,
    /// A number.
    Number,
    /// `2019`, `2019-04` or `2019-04-03`.
    Date,
    /// A date, or a moment with its offset.
    Moment,
    /// An object with these elements.
    Shape(&'static [Field]),
}

/// An element: its name, whether it is a list, and what it holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) many: bool,
    pub(super) of: Of,
}

pub(super) const fn one(name: &'static str, of: Of) -> Field {
    Field { name, many: false, of }
}

pub(super) const fn many(name: &'static str, of: Of) -> Field {
    Field { name, many: true, of }
}

pub(super) const fn shape(fields: &'static [Field]) -> Of {
    Of::Shape(fields)
}

use Of::{Flag, Moment, Number, Text};

static PERIOD_FIELDS: &[Field] = &[one("start", Moment), one("end", Moment)];
pub(super) const PERIOD: Of = shape(PERIOD_FIELDS);

static CODING_FIELDS: &[Field] =
    &[one("system", Text), one("version", Text), one("code", Text), one("display", Text), one("userSelected", Flag)];
pub(super) const CODING: Of = shape(CODING_FIELDS);

static CONCEPT_FIELDS: &[Field] = &[many("coding", CODING), one("text", Text)];
pub(super) const CONCEPT: Of = shape(CONCEPT_FIELDS);

static QUANTITY_FIELDS: &[Field] =
    &[one("value", Number), one("comparator", Text), one("unit", Text), one("system", Text), one("code", Text)];
pub(super) const QUANTITY: Of = shape(QUANTITY_FIELDS);

static RANGE_FIELDS: &[Field] = &[one("low", QUANTITY), one("high", QUANTITY)];
pub(super) const RANGE: Of = shape(RANGE_FIELDS);

static RATIO_FIELDS: &[Field] = &[one("numerator", QUANTITY), one("denominator", QUANTITY)];
pub(super) const RATIO: Of = shape(RATIO_FIELDS);

static IDENTIFIER_FIELDS: &[Field] =
    &[one("use", Text), one("type", CONCEPT), one("system", Text), one("value", Text), one("period", PERIOD)];
pub(super) const IDENTIFIER: Of = shape(IDENTIFIER_FIELDS);

static REFERENCE_FIELDS: &[Field] =
    &[one("reference", Text), one("type", Text), one("identifier", IDENTIFIER), one("display", Text)];
pub(super) const REFERENCE: Of = shape(REFERENCE_FIELDS);

static NAME_FIELDS: &[Field] = &[
    one("use", Text),
    one("text", Text),
    one("family", Text),
    many("given", Text),
    many("prefix", Text),
    many("suffix", Text),
    one("period", PERIOD),
];
pub(super) const NAME: Of = shape(NAME_FIELDS);

static CONTACT_FIELDS: &[Field] = &[one("system", Text), one("value", Text), one("use", Text), one("period", PERIOD)];
pub(super) const CONTACT: Of = shape(CONTACT_FIELDS);

static ADDRESS_FIELDS: &[Field] = &[
    one("use", Text),
    one("text", Text),
    many("line", Text),
    one("city", Text),
    one("district", Text),
    one("state", Text),
    one("postalCode", Text),
    one("country", Text),
    one("period", PERIOD),
];
pub(super) const ADDRESS: Of = shape(ADDRESS_FIELDS);

static NOTE_FIELDS: &[Field] = &[one("time", Moment), one("text", Text)];
pub(super) const NOTE: Of = shape(NOTE_FIELDS);

static ATTACHMENT_FIELDS: &[Field] = &[
    one("contentType", Text),
    one("language", Text),
    one("data", Text),
    one("url", Text),
    one("size", Number),
    one("hash", Text),
    one("title", Text),
    one("creation", Moment),
];
pub(super) const ATTACHMENT: Of = shape(ATTACHMENT_FIELDS);

static REPEAT_FIELDS: &[Field] = &[
    one("boundsPeriod", PERIOD),
    one("count", Number),
    one("duration", Number),
    one("durationUnit", Text),
    one("frequency", Number),
    one("frequencyMax", Number),
    one("period", Number),
    one("periodMax", Number),
    one("periodUnit", Text),
    many("dayOfWeek", Text),
    many("timeOfDay", Text),
    many("when", Text),
];
static TIMING_FIELDS: &[Field] = &[many("event", Moment), one("repeat", shape(REPEAT_FIELDS)), one("code", CONCEPT)];
pub(super) const TIMING: Of = shape(TIMING_FIELDS);

static DOSE_RATE_FIELDS: &[Field] =
    &[one("type", CONCEPT), one("doseQuantity", QUANTITY), one("doseRange", RANGE), one("rateQuantity", QUANTITY)];
static DOSAGE_FIELDS: &[Field] = &[
    one("sequence", Number),
    one("text", Text),
    many("additionalInstruction", CONCEPT),
    one("patientInstruction", Text),
    one("timing", TIMING),
    one("asNeededBoolean", Flag),
    one("asNeededCodeableConcept", CONCEPT),
    one("site", CONCEPT),
    one("route", CONCEPT),
    one("method", CONCEPT),
    many("doseAndRate", shape(DOSE_RATE_FIELDS)),
    one("maxDosePerPeriod", RATIO),
];
pub(super) const DOSAGE: Of = shape(DOSAGE_FIELDS);

static META_FIELDS: &[Field] = &[
    one("versionId", Text),
    one("lastUpdated", Moment),
    one("source", Text),
    many("profile", Text),
    many("security", CODING),
    many("tag", CODING),
];

/// Elements of every resource.
pub(super) static RESOURCE: &[Field] = &[
    one("resourceType", Text),
    one("id", Text),
    one("meta", shape(META_FIELDS)),
    one("implicitRules", Text),
    one("language", Text),
    one("text", shape(&[])),
    many("contained", shape(&[])),
    many("extension", shape(&[])),
    many("modifierExtension", shape(&[])),
];
