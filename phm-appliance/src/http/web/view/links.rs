//! Links to chosen records, and the page on which one is opened.

use askama::Template;

use super::page::{Page, Tone};
use super::sent::Sent;

/// The links to a person's records.
#[derive(Debug, Template)]
#[template(path = "links.html")]
pub struct Links {
    /// Shared parts.
    pub page: Page,
    /// The links.
    pub links: Vec<LinkView>,
    /// What can go along: kind and name.
    pub parts: Vec<(String, String)>,
    /// For how long: hours and name.
    pub spans: Vec<(u32, String)>,
    /// A record that goes along; empty for none.
    pub record: String,
    /// A link that was just made.
    pub link: String,
    /// Whether links cannot be made on this connection.
    pub closed: bool,
    /// What is wrong with what was sent.
    pub errors: Vec<String>,
    /// The form as it was sent before.
    pub sent: Sent,
}

/// A link, ready to print.
#[derive(Clone, Debug)]
pub struct LinkView {
    /// The link's id.
    pub id: String,
    /// How much it opens.
    pub title: String,
    /// When it was made.
    pub made: String,
    /// Until when, how, and whether it was opened.
    pub facts: Vec<String>,
    /// How it stands.
    pub state: String,
    /// How that is meant.
    pub tone: Tone,
    /// Whether it can be opened.
    pub open: bool,
}

/// The page of somebody who has a link.
#[derive(Debug, Template)]
#[template(path = "open_link.html")]
pub struct OpenLink {
    /// Shared parts.
    pub page: Page,
    /// The link's id.
    pub id: String,
    /// Whether it asks for a passcode.
    pub asks: bool,
    /// Whether it cannot be opened any more.
    pub gone: bool,
}

/// Types of FHIR resources and the catalogue's names for their lists.
pub const KINDS: [(&str, &str); 9] = [
    ("Patient", "kinds-profile"),
    ("AllergyIntolerance", "kinds-allergy"),
    ("Condition", "kinds-condition"),
    ("MedicationStatement", "kinds-medication"),
    ("MedicationRequest", "kinds-prescription"),
    ("Immunization", "kinds-immunization"),
    ("Observation", "links-observations"),
    ("Procedure", "kinds-procedure"),
    ("DocumentReference", "kinds-document"),
];
