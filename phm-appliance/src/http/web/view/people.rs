//! Everyone whose records one may see.

use askama::Template;

use super::page::Page;
use super::patients::EmergencyView;
use crate::http::web::forms::SectionView;

/// The list of people, and the form that adds one.
#[derive(Debug, Template)]
#[template(path = "people.html")]
pub struct People {
    /// Shared parts.
    pub page: Page,
    /// What others have arranged with the reader for an emergency.
    pub emergencies: Vec<EmergencyView>,
}

/// The form of a profile.
#[derive(Debug, Template)]
#[template(path = "profile_form.html")]
pub struct ProfileForm {
    /// Shared parts.
    pub page: Page,
    /// The heading.
    pub heading: String,
    /// Where it is sent.
    pub action: String,
    /// Where cancelling leads.
    pub back: String,
    /// The version being edited; 0 for a new one.
    pub version: u32,
    /// The sections.
    pub sections: Vec<SectionView>,
    /// What is wrong beyond single fields.
    pub errors: Vec<String>,
}
