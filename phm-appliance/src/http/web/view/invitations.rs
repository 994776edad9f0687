//! Invitations to register, for whoever runs the house.

use askama::Template;

use super::page::Page;

/// What waits, and a way to make more.
#[derive(Debug, Template)]
#[template(path = "invitations.html")]
pub struct Invitations {
    /// Shared parts.
    pub page: Page,
    /// Invitations that nobody has registered with.
    pub waiting: Vec<GuestView>,
    /// Whether anybody can register with one.
    pub in_use: bool,
}

/// An invitation that waits.
#[derive(Clone, Debug)]
pub struct GuestView {
    /// Its id, which nobody registers with.
    pub id: String,
    /// When and by whom it was made, in words.
    pub made: String,
    /// Until when it is good, in words.
    pub until: String,
}
