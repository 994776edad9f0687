//! How to trust this machine's own certificate authority.

use askama::Template;

use super::page::Page;

/// The page every device is sent to once.
#[derive(Debug, Template)]
#[template(path = "trust.html")]
pub struct Trust {
    /// Shared parts.
    pub page: Page,
    /// SHA-256 of the authority's certificate.
    pub fingerprint: String,
    /// The authority's name, under which systems list it.
    pub name: String,
    /// Where this page is for other devices.
    pub address: String,
    /// That address as a QR code.
    pub code: String,
}

impl Trust {
    /// The systems there are steps for: their names, and the steps.
    pub fn systems(&self) -> [(String, Vec<String>); 6] {
        ["iphone", "android", "windows", "mac", "linux", "firefox"].map(|system| {
            let step = |number: u32| {
                let key = format!("trust-{system}-{number}");
                self.page.t.has(&key).then(|| self.page.t.with(&key, "name", &self.name))
            };
            (self.page.t.say(&format!("trust-{system}")), (1..).map_while(step).collect())
        })
    }
}
