//! The provider's home: those who let them see, what was arranged for an emergency, and breaking the glass.

use askama::Template;

use super::page::{Page, Person};

/// My patients.
#[derive(Debug, Template)]
#[template(path = "patients.html")]
pub struct Patients {
    /// Shared parts.
    pub page: Page,
    /// Who lets the reader see.
    pub patients: Vec<PatientView>,
    /// What was arranged for an emergency.
    pub emergencies: Vec<EmergencyView>,
    /// The form that breaks the glass, for providers.
    pub glass: Option<GlassForm>,
}

/// Somebody who lets the reader see.
#[derive(Clone, Debug)]
pub struct PatientView {
    /// The person.
    pub person: Person,
    /// What is shared.
    pub what: String,
    /// Until when.
    pub term: String,
    /// Whether the glass is broken.
    pub broken: bool,
}

/// Something that was arranged for an emergency.
#[derive(Clone, Debug)]
pub struct EmergencyView {
    /// The grant.
    pub id: String,
    /// On whose records.
    pub profile: String,
    /// Who gave it.
    pub name: String,
    /// What it opens and when.
    pub text: String,
    /// Whether it can be asked for now.
    pub may_ask: bool,
}

/// The form that breaks the glass.
#[derive(Clone, Debug, Default)]
pub struct GlassForm {
    /// What was typed before.
    pub name: String,
    /// What was typed before.
    pub born: String,
    /// What was typed before.
    pub reason: String,
    /// What is wrong; empty for nothing.
    pub error: String,
}
