//! What the form and the page of each kind look like: which fields, in which order, asked for how.
//!
//! The model says which fields a kind has; this says in which order a person thinks of them and which are rare
//! enough to fold away. A field's name is its path in the body, so that forms need no translation table.

use super::choices::*;

/// How a value is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Input {
    /// One line of text.
    Text,
    /// Several lines of text.
    LongText,
    /// A list of texts, one per line.
    Lines,
    /// A whole number.
    Number,
    /// Yes or no.
    Flag,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// A day, a month or a year.
    Date,
    /// A moment or a day, as precisely as known.
    When,
    /// A moment.
    Instant,
    /// An amount and its unit in one line, with the units to offer.
    Quantity(&'static [&'static str]),
    /// Low and high bound in the unit of the result.
    Range,
    /// Something with a name and perhaps codes.
    Concept,
    /// A person or place with a name.
    Party,
    /// Another record of the person, by its collection.
    Link(&'static str),
    /// Several other records.
    Links(&'static str),
    /// A list of small objects.
    Group(&'static [Field]),
}

/// One field of a form.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Path in the body, with dots.
    pub path: &'static str,
    /// How it is asked for.
    pub input: Input,
    /// Whether the kind requires it.
    pub required: bool,
    /// Whether it takes the whole width.
    pub wide: bool,
}

/// A group of fields under one heading.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// Catalogue key of the heading; empty for the first section.
    pub heading: &'static str,
    /// Folded until asked for, unless something in it is filled.
    pub folded: bool,
    /// The fields, in order.
    pub fields: &'static [Field],
}

/// The form of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// The kind.
    pub kind: &'static str,
    /// Its collection in addresses; empty for the profile.
    pub collection: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// Its sections, in order.
    pub sections: &'static [Section],
}

impl Layout {
    /// All fields, in order.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> {
        self.sections.iter().flat_map(|section| section.fields)
    }
}

/// The layout of a kind.
pub fn of_kind(kind: &str) -> Option<&'static Layout> {
    LAYOUTS.iter().find(|layout| layout.kind == kind)
}

/// The layout of a collection.
pub fn of_collection(collection: &str) -> Option<&'static Layout> {
    LAYOUTS.iter().find(|layout| layout.collection == collection && !collection.is_empty())
}

const fn field(path: &'static str, input: Input) -> Field {
    Field { path, input, required: false, wide: false }
}

impl Field {
    const fn must(self) -> Self {
        Self { required: true, ..self }
    }

    const fn wide(self) -> Self {
        Self { wide: true, ..self }
    }
}

const fn main(fields: &'static [Field]) -> Section {
    Section { heading: "", folded: false, fields }
}

const fn more(fields: &'static [Field]) -> Section {
    Section { heading: "section-more", folded: true, fields }
}

const NOTES: Field = field("notes", Input::LongText).wide();

/// Every kind a person can see, in the order pages offer them.
pub const LAYOUTS: &[Layout] = &[
    Layout {
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
    },
    Layout {
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
    },
    Layout {
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
        ],
    },
    Layout {
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
    },
    Layout {
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
                Input::Group(&[
                    field("manifestation", Input::Concept).must(),
                    field("severity", Input::Choice(SEVERITY)),
                ]),
            )
            .wide(),
            NOTES,
        ])],
    },
    Layout {
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
    },
    Layout {
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
    },
    Layout {
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
    },
    Layout {
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
    },
    Layout {
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
    },
    Layout {
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
                .wide(),
            ]),
            more(&[field("status", Input::Text), field("visit", Input::Link("visits"))]),
        ],
    },
    Layout {
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
    },
    Layout {
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
    },
    Layout {
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
    },
    Layout {
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
    },
    Layout {
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
    },
    Layout {
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
    },
    Layout {
        kind: "note",
        collection: "notes",
        icon: "sticky-note",
        sections: &[main(&[
            field("title", Input::Text).wide(),
            field("text", Input::LongText).must().wide(),
            field("private", Input::Flag).wide(),
        ])],
    },
    Layout {
        kind: "message",
        collection: "messages",
        icon: "message-square",
        sections: &[main(&[
            field("from", Input::Party),
            field("to", Input::Group(&[field("", Input::Party)])).wide(),
            field("text", Input::LongText).must().wide(),
            field("sent_at", Input::Instant),
            field("thread", Input::Text),
        ])],
    },
    Layout {
        kind: "series",
        collection: "series",
        icon: "chart-line",
        sections: &[main(&[
            field("concept", Input::Concept).must().wide(),
            field("unit", Input::Text).must(),
            field("source", Input::Text),
        ])],
    },
    Layout {
        kind: "fhir-resource",
        collection: "fhir-resources",
        icon: "braces",
        sections: &[main(&[
            field("resource_type", Input::Text).must(),
            field("resource_id", Input::Text),
            field("subject", Input::Text),
        ])],
    },
    Layout {
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
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::http::web::forms::labels;
    use crate::i18n::{Digits, Language, Locale};

    fn check(kind: &str, fields: &[Field], locale: &Locale, missing: &mut BTreeSet<String>) {
        for field in fields {
            if !field.path.is_empty() && labels::known(locale, kind, field.path).is_none() {
                missing.insert(format!("field-{}", labels::key(field.path)));
            }
            match field.input {
                Input::Choice(words) => missing.extend(
                    words
                        .iter()
                        .filter(|word| labels::known_choice(locale, field.path, word).is_none())
                        .map(|word| format!("choice-{}", labels::word_key(word))),
                ),
                Input::Group(inner) => check(kind, inner, locale, missing),
                _ => {}
            }
        }
    }

    #[test]
    fn every_field_and_choice_has_a_name_in_every_language() {
        for language in Language::ALL {
            let locale = Locale::new(language, Digits::Latin, TimeZone::UTC);
            let mut missing = BTreeSet::new();
            for layout in LAYOUTS {
                for key in [format!("kind-{}", layout.kind), format!("kinds-{}", layout.kind)] {
                    if !locale.has(&key) {
                        missing.insert(key);
                    }
                }
                for section in layout.sections {
                    check(layout.kind, section.fields, &locale, &mut missing);
                    if !section.heading.is_empty() && !locale.has(section.heading) {
                        missing.insert(section.heading.to_owned());
                    }
                }
            }
            assert!(missing.is_empty(), "{}: {missing:?}", language.tag());
        }
    }

    #[test]
    fn a_path_stands_once_in_a_layout() {
        for layout in LAYOUTS {
            let paths = layout.fields().map(|field| field.path).collect::<Vec<_>>();
            assert_eq!(paths.iter().collect::<BTreeSet<_>>().len(), paths.len(), "{}", layout.kind);
        }
    }
}
