//! The forms of what is written down now and then, and of the person.

use super::super::choices::{DOSE_STATUS, DOSE_UNITS, SEVERITY};
use super::{Input, Layout, NOTES, field, main, more};

/// Prescription.
pub const PRESCRIPTION: Layout = Layout {
    kind: "prescription",
    collection: "prescriptions",
    icon: "scroll-text",
    sections: &[
        main(&[
            field("prescribed_on", Input::Date).must(),
            field("valid_until", Input::Date),
            field("prescriber", Input::Party),
            field("refills", Input::Number),
            field(
                "items",
                Input::Group(&[
                    field("drug", Input::Concept).must(),
                    field("strength", Input::Text),
                    field("dose", Input::Quantity(DOSE_UNITS)),
                    field("frequency.text", Input::Text),
                    field("instructions", Input::Text),
                ]),
            )
            .must()
            .wide(),
        ]),
        more(&[field("status", Input::Text), field("visit", Input::Link("visits"))]),
    ],
};

/// Dose.
pub const DOSE: Layout = Layout {
    kind: "dose",
    collection: "doses",
    icon: "tablets",
    sections: &[main(&[
        field("medication", Input::Link("medications")).must().wide(),
        field("at", Input::Instant).must(),
        field("amount", Input::Quantity(DOSE_UNITS)),
        field("status", Input::Choice(DOSE_STATUS)),
        field("reason", Input::Text),
    ])],
};

/// Symptom report.
pub const SYMPTOM_REPORT: Layout = Layout {
    kind: "symptom-report",
    collection: "symptom-reports",
    icon: "thermometer",
    sections: &[main(&[
        field("text", Input::LongText).must().wide(),
        field("started", Input::When),
        field("language", Input::Choice(&["en", "hi", "pa"])),
        field(
            "items",
            Input::Group(&[field("concept", Input::Concept).must(), field("severity", Input::Choice(SEVERITY))]),
        )
        .wide(),
    ])],
};

/// Family history.
pub const FAMILY_HISTORY: Layout = Layout {
    kind: "family-history",
    collection: "family-history",
    icon: "git-fork",
    sections: &[main(&[
        field("relation", Input::Text).must(),
        field("deceased", Input::Flag),
        field(
            "conditions",
            Input::Group(&[field("concept", Input::Concept).must(), field("onset_age", Input::Quantity(&["a"]))]),
        )
        .wide(),
        NOTES,
    ])],
};

/// Care plan.
pub const CARE_PLAN: Layout = Layout {
    kind: "care-plan",
    collection: "care-plans",
    icon: "clipboard-list",
    sections: &[main(&[
        field("title", Input::Text).must().wide(),
        field("status", Input::Text),
        field("start", Input::When),
        field("end", Input::When),
        field(
            "goals",
            Input::Group(&[
                field("text", Input::Text).must(),
                field("target", Input::Text),
                field("due", Input::Date),
                field("status", Input::Text),
            ]),
        )
        .wide(),
        field("activities", Input::Lines).wide(),
    ])],
};

/// Insurance.
pub const INSURANCE: Layout = Layout {
    kind: "insurance",
    collection: "insurance",
    icon: "wallet",
    sections: &[main(&[
        field("payer", Input::Party).must(),
        field("plan", Input::Text),
        field("member_number", Input::Text),
        field("group", Input::Text),
        field("holder", Input::Text),
        field("start", Input::When),
        field("end", Input::When),
    ])],
};

/// Device.
pub const DEVICE: Layout = Layout {
    kind: "device",
    collection: "devices",
    icon: "watch",
    sections: &[main(&[
        field("type", Input::Concept).must().wide(),
        field("manufacturer", Input::Text),
        field("model", Input::Text),
        field("serial", Input::Text),
        field("udi", Input::Text),
        field("status", Input::Text),
    ])],
};

/// Note.
pub const NOTE: Layout = Layout {
    kind: "note",
    collection: "notes",
    icon: "sticky-note",
    sections: &[main(&[
        field("title", Input::Text).wide(),
        field("text", Input::LongText).must().wide(),
        field("private", Input::Flag).wide(),
    ])],
};

/// Message.
pub const MESSAGE: Layout = Layout {
    kind: "message",
    collection: "messages",
    icon: "message-square",
    sections: &[main(&[
        field("from", Input::Party),
        field("to", Input::Group(&[field("", Input::Party)])).wide(),
        field("text", Input::LongText).must().wide(),
        field("sent_at", Input::Instant).must(),
        field("thread", Input::Text),
    ])],
};

/// Series.
pub const SERIES: Layout = Layout {
    kind: "series",
    collection: "series",
    icon: "chart-line",
    sections: &[main(&[
        field("concept", Input::Concept).must().wide(),
        field("unit", Input::Text).must(),
        field("source", Input::Text),
    ])],
};

/// Fhir resource.
pub const FHIR_RESOURCE: Layout = Layout {
    kind: "fhir-resource",
    collection: "fhir-resources",
    icon: "braces",
    sections: &[main(&[
        field("resource_type", Input::Text).must(),
        field("resource_id", Input::Text),
        field("subject", Input::Text),
    ])],
};

/// Profile.
pub const PROFILE: Layout = Layout {
    kind: "profile",
    collection: "",
    icon: "user-round",
    sections: &[main(&[
        field("name.text", Input::Text).must().wide(),
        field("birth_date", Input::Date),
        field("sex", Input::Choice(&["female", "male", "other", "unknown"])),
        field("blood_group", Input::Choice(&["A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-"])),
        field("languages", Input::Lines),
        field(
            "emergency_contacts",
            Input::Group(&[
                field("name", Input::Text).must(),
                field("relation", Input::Text),
                field("phone", Input::Text),
            ]),
        )
        .wide(),
    ])],
};
