//! Settings and administration.

use askama::Template;

use super::page::Page;
use crate::i18n::{Digits, Language, Locale, zones};

/// One signed-in device.
#[derive(Clone, Debug)]
pub struct DeviceView {
    /// The session.
    pub id: String,
    /// Browser or program, as it named itself.
    pub name: String,
    /// Since when, in words.
    pub since: String,
    /// Whether it is this one.
    pub current: bool,
}

/// One passkey.
#[derive(Clone, Debug)]
pub struct PasskeyView {
    /// Its id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// The name of this house it works under.
    pub host: String,
    /// When it was last used or made, in words.
    pub used: String,
}

/// A person's own settings.
#[allow(clippy::struct_excessive_bools)] // each is a question the page asks by itself
#[derive(Debug, Template)]
#[template(path = "settings.html")]
pub struct Settings {
    /// Shared parts.
    pub page: Page,
    /// Signed-in devices.
    pub devices: Vec<DeviceView>,
    /// Whether an authenticator app is in use.
    pub app: bool,
    /// Passkeys.
    pub passkeys: Vec<PasskeyView>,
    /// Whether a passkey can be made here.
    pub passkeys_here: bool,
    /// What the identity provider is called; empty where there is none.
    pub elsewhere: String,
    /// Whether it knows the reader.
    pub elsewhere_linked: bool,
    /// Whether it may sign the reader in.
    pub elsewhere_allowed: bool,
    /// How many recovery codes are left, in words.
    pub codes_left: String,
    /// The time zone chosen by hand; empty for the device's own.
    pub zone: String,
    /// The zone times are shown in now.
    pub zone_now: String,
}

impl Settings {
    /// Whether `word` is the chosen digits.
    pub fn digits_are(&self, word: &str) -> bool {
        Digits::of_word(word) == Some(self.page.t.digits())
    }

    /// Whether `word` is the chosen theme.
    pub fn theme_is(&self, word: &str) -> bool {
        self.page.theme.word() == word
    }

    /// The digits of the language's own script, as a sample; nothing where it has none but the common ones.
    pub fn native_sample(&self) -> Option<String> {
        let language = self.page.t.language();
        (language != Language::English)
            .then(|| Locale::new(language, Digits::Native, self.page.t.zone().clone()).number("0123"))
    }

    /// Time zones to choose from, with whether each is the chosen one.
    pub fn zones(&self) -> Vec<(String, bool)> {
        zones::names()
            .into_iter()
            .map(|name| {
                let chosen = name == self.zone;
                (name, chosen)
            })
            .collect()
    }
}

/// An account in the administration.
#[derive(Clone, Debug)]
pub struct AccountView {
    /// The account.
    pub id: String,
    /// Whether the holder can sign in.
    pub active: bool,
    /// Name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// Roles in words.
    pub roles: String,
}

/// A check of the house.
#[derive(Clone, Debug)]
pub struct CheckView {
    /// Name.
    pub name: String,
    /// `ok`, `warn`, `fail`.
    pub status: String,
    /// What it says.
    pub message: String,
}

/// The administration, which sees no content.
#[derive(Debug, Template)]
#[template(path = "admin.html")]
pub struct Admin {
    /// Shared parts.
    pub page: Page,
    /// Label and value of each figure.
    pub figures: Vec<(String, String)>,
    /// Checks of the house.
    pub checks: Vec<CheckView>,
    /// Accounts.
    pub accounts: Vec<AccountView>,
    /// Settings in force: key, value, where from.
    pub settings: Vec<(String, String, String)>,
}
