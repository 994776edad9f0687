//! Forms: from a body to fields on a page, and from submitted fields back to a body.
//!
//! A field's name is its path in the body (`quantity.value`, `reactions.0.manifestation.text`). What a form does
//! not show, an edit does not touch.

mod choices;
pub mod fill;
pub mod labels;
pub mod layout;
pub mod presets;
pub mod read;
pub mod units;

pub use fill::{Control, FieldView, OptionView, SectionView};
pub use layout::{Field, Input, Layout, Section};

/// A problem of one field, by the path the model names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// JSON pointer into the body, `/quantity/unit`.
    pub path: String,
    /// Stable code, `unknown-unit`.
    pub code: String,
}

/// Records a field may link to: for each collection, id and title.
pub type Links = std::collections::BTreeMap<String, Vec<(String, String)>>;
