//! The forms of what a family writes down daily, which stand in the navigation itself.

use super::super::choices::{
    ALLERGY_CATEGORY, ALLERGY_STATUS, APPOINTMENT_STATUS, CONDITION_STATUS, CRITICALITY, DOCUMENT_CATEGORY, DOSE_UNITS,
    IMMUNIZATION_STATUS, INTERPRETATION, LAB_UNITS, MEDICATION_STATUS, MODALITY, PERIODS, PROCEDURE_STATUS,
    RESULT_STATUS, SEVERITY, TIME_UNITS, VERIFICATION, VISIT_STATUS, VITAL_UNITS,
};
use super::{Input, Layout, NOTES, Section, field, main, more};

/// Lab result.
pub const LAB_RESULT: Layout = Layout {
    kind: "lab-result",
    collection: "lab-results",
    icon: "flask-conical",
    sections: &[
        main(&[
            field("concept", Input::Concept).must().wide(),
            field("quantity", Input::Quantity(LAB_UNITS)),
            field("interpretation", Input::Choice(INTERPRETATION)),
            field("range", Input::Range),
            field("collected_at", Input::When),
            field("laboratory", Input::Party),
            field("remarks", Input::LongText).wide(),
        ]),
        more(&[
            field("text_value", Input::Text),
            field("coded_value", Input::Concept),
            field("ratio.numerator", Input::Quantity(LAB_UNITS)),
            field("ratio.denominator", Input::Quantity(LAB_UNITS)),
            field("status", Input::Choice(RESULT_STATUS)),
            field("specimen", Input::Concept),
            field("resulted_at", Input::When),
            field("panel", Input::Link("lab-results")),
            field("document", Input::Link("documents")),
        ]),
    ],
};

/// Vital sign.
pub const VITAL_SIGN: Layout = Layout {
    kind: "vital-sign",
    collection: "vital-signs",
    icon: "activity",
    sections: &[
        main(&[
            field("concept", Input::Concept).must().wide(),
            field("quantity", Input::Quantity(VITAL_UNITS)),
            field("measured_at", Input::When).must(),
            field("notes", Input::LongText).wide(),
        ]),
        more(&[
            field(
                "components",
                Input::Group(&[
                    field("concept", Input::Concept).must(),
                    field("quantity", Input::Quantity(VITAL_UNITS)),
                ]),
            )
            .wide(),
            field("device", Input::Text),
        ]),
    ],
};

/// Medication.
pub const MEDICATION: Layout = Layout {
    kind: "medication",
    collection: "medications",
    icon: "pill",
    sections: &[
        main(&[
            field("drug", Input::Concept).must().wide(),
            field("strength", Input::Text),
            field("form", Input::Text),
            field("dose", Input::Quantity(DOSE_UNITS)),
            field("route", Input::Concept),
        ]),
        Section {
            heading: "section-how-often",
            folded: false,
            fields: &[
                field("frequency.times", Input::Number),
                field("frequency.per", Input::Number),
                field("frequency.unit", Input::Choice(PERIODS)),
                field("frequency.max_per_day", Input::Number),
                field("frequency.as_needed", Input::Flag),
                field("frequency.text", Input::Text).wide(),
                field("instructions", Input::LongText).wide(),
            ],
        },
        Section {
            heading: "section-when-and-why",
            folded: false,
            fields: &[
                field("status", Input::Choice(MEDICATION_STATUS)),
                field("reason", Input::Text),
                field("start", Input::When),
                field("end", Input::When),
                field("prescriber", Input::Party),
                field("prescribed_on", Input::Date),
                field("duration", Input::Quantity(TIME_UNITS)),
            ],
        },
        Section {
            heading: "section-supply",
            folded: true,
            fields: &[
                field(
                    "packs",
                    Input::Group(&[
                        field("got_on", Input::Date).must(),
                        field("amount", Input::Quantity(DOSE_UNITS)).must(),
                    ]),
                )
                .wide(),
                field("refill_days", Input::Number),
            ],
        },
    ],
};

/// Condition.
pub const CONDITION: Layout = Layout {
    kind: "condition",
    collection: "conditions",
    icon: "heart-pulse",
    sections: &[
        main(&[
            field("concept", Input::Concept).must().wide(),
            field("status", Input::Choice(CONDITION_STATUS)),
            field("severity", Input::Choice(SEVERITY)),
            field("chronic", Input::Flag).wide(),
            field("onset", Input::When),
            field("ended", Input::When),
            NOTES,
        ]),
        more(&[field("verification", Input::Choice(VERIFICATION))]),
    ],
};

/// Allergy.
pub const ALLERGY: Layout = Layout {
    kind: "allergy",
    collection: "allergies",
    icon: "shield-alert",
    sections: &[main(&[
        field("substance", Input::Concept).must().wide(),
        field("category", Input::Choice(ALLERGY_CATEGORY)),
        field("criticality", Input::Choice(CRITICALITY)),
        field("status", Input::Choice(ALLERGY_STATUS)),
        field("onset", Input::When),
        field(
            "reactions",
            Input::Group(&[field("manifestation", Input::Concept).must(), field("severity", Input::Choice(SEVERITY))]),
        )
        .wide(),
        NOTES,
    ])],
};

/// Visit.
pub const VISIT: Layout = Layout {
    kind: "visit",
    collection: "visits",
    icon: "stethoscope",
    sections: &[
        main(&[
            field("chief_complaint", Input::Text).wide(),
            field("start", Input::When).must(),
            field("end", Input::When),
            field("provider", Input::Party),
            field("type", Input::Text),
            field("status", Input::Choice(VISIT_STATUS)),
            field("diagnoses", Input::Group(&[field("", Input::Concept)])).wide(),
            NOTES,
        ]),
        more(&[
            field("tests", Input::Lines).wide(),
            field("prescriptions", Input::Links("prescriptions")),
            field("documents", Input::Links("documents")),
        ]),
    ],
};

/// Appointment.
pub const APPOINTMENT: Layout = Layout {
    kind: "appointment",
    collection: "appointments",
    icon: "calendar",
    sections: &[main(&[
        field("reason", Input::Text).wide(),
        field("start", Input::Instant).must(),
        field("duration_minutes", Input::Number),
        field("provider", Input::Party),
        field("place", Input::Text),
        field("type", Input::Text),
        field("status", Input::Choice(APPOINTMENT_STATUS)),
        NOTES,
    ])],
};

/// Immunization.
pub const IMMUNIZATION: Layout = Layout {
    kind: "immunization",
    collection: "immunizations",
    icon: "syringe",
    sections: &[
        main(&[
            field("vaccine", Input::Concept).must().wide(),
            field("given_on", Input::Date).must(),
            field("dose_number", Input::Number),
            field("performer", Input::Party),
            field("status", Input::Choice(IMMUNIZATION_STATUS)),
        ]),
        more(&[
            field("lot", Input::Text),
            field("expires_on", Input::Date),
            field("site", Input::Concept),
            field("route", Input::Concept),
        ]),
    ],
};

/// Procedure.
pub const PROCEDURE: Layout = Layout {
    kind: "procedure",
    collection: "procedures",
    icon: "bandage",
    sections: &[main(&[
        field("concept", Input::Concept).must().wide(),
        field("performed_start", Input::When),
        field("performed_end", Input::When),
        field("performer", Input::Party),
        field("body_site", Input::Concept),
        field("status", Input::Choice(PROCEDURE_STATUS)),
        field("outcome", Input::Text),
        NOTES,
    ])],
};

/// Document.
pub const DOCUMENT: Layout = Layout {
    kind: "document",
    collection: "documents",
    icon: "file-text",
    sections: &[main(&[
        field("title", Input::Text).must().wide(),
        field("category", Input::Choice(DOCUMENT_CATEGORY)).must(),
        field("modality", Input::Choice(MODALITY)),
        field("dated_on", Input::Date),
        field("author", Input::Party),
        field("visit", Input::Link("visits")).wide(),
        field("remarks", Input::LongText).wide(),
    ])],
};
