//! Accounts and the table of permissions, for whoever runs the house.

use askama::Template;

use super::oversight::DeviceView;
use super::page::Page;

/// One account, or the form of a new one.
#[derive(Debug, Template)]
#[template(path = "account.html")]
pub struct AccountForm {
    /// Shared parts.
    pub page: Page,
    /// The account; empty for a new one.
    pub id: String,
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// Every role: word, name, whether it is held.
    pub roles: Vec<(String, String, bool)>,
    /// Whether the holder may sign in.
    pub active: bool,
    /// Where the holder is signed in.
    pub devices: Vec<DeviceView>,
    /// Records that wait to be handed over to it: whose, what is to be known, and whether that can be agreed to.
    pub waiting: Vec<(String, String, bool)>,
    /// What is wrong with what was sent.
    pub errors: Vec<String>,
}

/// Who may do what.
#[derive(Debug, Template)]
#[template(path = "permissions.html")]
pub struct Permissions {
    /// Shared parts.
    pub page: Page,
    /// Everybody who could ask, in words.
    pub who: Vec<String>,
    /// Chapters with their rows: operation, and sign, meaning and class of each verdict.
    pub chapters: Vec<(String, Vec<PermissionView>)>,
    /// The signs: sign, class, meaning.
    pub key: Vec<(String, &'static str, String)>,
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct PermissionView {
    /// The operation.
    pub operation: String,
    /// Sign, class and meaning for everybody.
    pub verdicts: Vec<(String, &'static str, String)>,
}
