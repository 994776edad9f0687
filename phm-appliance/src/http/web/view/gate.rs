//! The pages before one is inside: set-up, unlock, sign-in.

use askama::Template;

use super::page::Page;

/// The first page of a new house.
#[derive(Debug, Template)]
#[template(path = "setup.html")]
pub struct Setup {
    /// Shared parts.
    pub page: Page,
    /// What was typed, when something was wrong.
    pub typed: Typed,
    /// Whether the vault is still to be made and needs a passphrase.
    pub makes_vault: bool,
    /// Whether what is asked for may be typed here: no secret of the vault, or nobody else can listen.
    pub is_safe: bool,
    /// Whether there is a page that says how to trust this machine.
    pub has_authority: bool,
    /// What is wrong, by field name.
    pub errors: Vec<(String, String)>,
}

/// What a person typed and may see again; secrets are never sent back.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// The one-time token.
    pub token: String,
    /// E-mail.
    pub email: String,
    /// Name.
    pub name: String,
}

impl Setup {
    /// What is wrong with a field; empty for nothing.
    pub fn error(&self, field: &str) -> &str {
        self.errors.iter().find(|(name, _)| name == field).map_or("", |(_, text)| text)
    }
}

/// Restores a backup into an empty house.
#[derive(Debug, Template)]
#[template(path = "setup_restore.html")]
pub struct RestoreBackup {
    /// Shared parts.
    pub page: Page,
    /// The one-time token, where it was typed before.
    pub token: String,
    /// Whether a secret may be typed here: nobody else can listen.
    pub is_safe: bool,
    /// Whether there is a page that says how to trust this machine.
    pub has_authority: bool,
    /// What is wrong, by field name.
    pub errors: Vec<(String, String)>,
}

impl RestoreBackup {
    /// What is wrong with a field; empty for nothing.
    pub fn error(&self, field: &str) -> &str {
        self.errors.iter().find(|(name, _)| name == field).map_or("", |(_, text)| text)
    }
}

/// Shown once after a vault was made.
#[derive(Debug, Template)]
#[template(path = "recovery.html")]
pub struct Recovery {
    /// Shared parts.
    pub page: Page,
    /// The recovery code in its groups.
    pub groups: Vec<String>,
}

/// The only page of a locked house.
#[derive(Debug, Template)]
#[template(path = "unlock.html")]
pub struct Unlock {
    /// Shared parts.
    pub page: Page,
    /// What is wrong; empty for nothing.
    pub error: String,
    /// Whether a secret may be typed here: nobody else can listen.
    pub is_safe: bool,
    /// Whether there is a page that says how to trust this machine.
    pub has_authority: bool,
}

/// Sign-in.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    /// Shared parts.
    pub page: Page,
    /// The e-mail typed before.
    pub email: String,
    /// Where to go afterwards; a path of ours.
    pub next: String,
    /// What is wrong; empty for nothing.
    pub error: String,
    /// Whether passkeys work under the name of the house that is used.
    pub has_passkeys: bool,
    /// What stands on the button of the identity provider; empty where there is none.
    pub elsewhere: String,
    /// Where to go afterwards, for a query.
    pub next_query: String,
    /// Whether anybody may register, be it with an invitation.
    pub may_register: bool,
}

/// Something went wrong, in words.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub struct Failure {
    /// Shared parts.
    pub page: Page,
    /// The heading.
    pub heading: String,
    /// What to do.
    pub text: String,
    /// The request's id, for the log.
    pub request: String,
}
