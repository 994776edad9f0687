//! The forms at the door: registering, the second factor, a forgotten password, a proven address.

use askama::Template;

use super::page::Page;

/// A form before one is inside, or a message where it has no fields and no button.
#[derive(Debug, Template)]
#[template(path = "door.html")]
pub struct DoorForm {
    /// Shared parts.
    pub page: Page,
    /// The heading.
    pub heading: String,
    /// What it is about.
    pub lead: String,
    /// What is wrong; empty for nothing.
    pub error: String,
    /// Where it goes.
    pub action: &'static str,
    /// The island that helps with it; empty for none.
    pub island: &'static str,
    /// What travels along.
    pub hidden: Vec<(&'static str, String)>,
    /// What a person fills in.
    pub fields: Vec<DoorField>,
    /// What is asked of a passkey, where one may be shown instead; empty for nothing.
    pub passkey: String,
    /// The button; empty for a message.
    pub button: String,
    /// Ways on: address and text.
    pub links: Vec<(String, String)>,
}

impl DoorForm {
    /// A page with its title as heading, and nothing on it yet.
    pub fn titled(page: Page) -> Self {
        Self {
            heading: page.title.clone(),
            page,
            lead: String::new(),
            error: String::new(),
            action: "",
            island: "",
            hidden: Vec::new(),
            fields: Vec::new(),
            passkey: String::new(),
            button: String::new(),
            links: Vec::new(),
        }
    }
}

/// One field.
#[derive(Clone, Debug, Default)]
pub struct DoorField {
    /// Its name in the form.
    pub name: &'static str,
    /// What stands above it.
    pub label: String,
    /// Its type in HTML.
    pub kind: &'static str,
    /// What a browser may fill in.
    pub autocomplete: &'static str,
    /// What was typed before; secrets are never sent back.
    pub value: String,
    /// What stands below it.
    pub help: String,
    /// What is wrong with it; empty for nothing.
    pub error: String,
}

/// An authenticator app that is being set up.
#[derive(Debug, Template)]
#[template(path = "factor_app.html")]
pub struct FactorApp {
    /// Shared parts.
    pub page: Page,
    /// The secret as people type it, in groups.
    pub secret: String,
    /// The same for a camera.
    pub code: String,
    /// What is wrong; empty for nothing.
    pub error: String,
}

/// Something shown once: recovery codes, or a link to hand over.
#[derive(Debug, Template)]
#[template(path = "shown_once.html")]
pub struct ShownOnce {
    /// Shared parts.
    pub page: Page,
    /// The heading.
    pub heading: String,
    /// What it is for.
    pub lead: String,
    /// What is shown.
    pub lines: Vec<String>,
    /// Where one goes on.
    pub onward: &'static str,
}
