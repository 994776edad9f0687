//! What the form and the page of each kind look like: which fields, in which order, asked for how.
//!
//! The model says which fields a kind has; this says in which order a person thinks of them and which are rare
//! enough to fold away. A field's name is its path in the body, so that forms need no translation table.

mod daily;
mod rare;

use daily::{
    ALLERGY, APPOINTMENT, CONDITION, DOCUMENT, IMMUNIZATION, LAB_RESULT, MEDICATION, PROCEDURE, VISIT, VITAL_SIGN,
};
use rare::{
    CARE_PLAN, DEVICE, DOSE, FAMILY_HISTORY, FHIR_RESOURCE, INSURANCE, MESSAGE, NOTE, PRESCRIPTION, PROFILE, SERIES,
    SYMPTOM_REPORT,
};

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
    LAB_RESULT,
    VITAL_SIGN,
    MEDICATION,
    CONDITION,
    ALLERGY,
    VISIT,
    APPOINTMENT,
    IMMUNIZATION,
    PROCEDURE,
    DOCUMENT,
    PRESCRIPTION,
    DOSE,
    SYMPTOM_REPORT,
    FAMILY_HISTORY,
    CARE_PLAN,
    INSURANCE,
    DEVICE,
    NOTE,
    MESSAGE,
    SERIES,
    FHIR_RESOURCE,
    PROFILE,
];

#[cfg(test)]
mod tests;
