//! A package that was uploaded, for whoever decides about it: what it asks for and why, and whose signature it carries.

use askama::Template;
use phm_plugins::Looked;

use super::page::Page;
use super::plugins::{AskView, ask_view, fault_of, takes};

/// The page.
#[derive(Debug, Template)]
#[template(path = "plugin_upload.html")]
pub struct PluginUpload {
    /// Shared parts.
    pub page: Page,
    /// What went wrong with the choice, in a sentence; empty at first.
    pub fault: String,
    /// The name of the plugin.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 of the package, which is its address too.
    pub sha256: String,
    /// What it does, in its author's words.
    pub summary: String,
    /// What is installed under its name, in a sentence; empty for nothing.
    pub replaces: String,
    /// What it asks for.
    pub asks: Vec<AskView>,
    /// How much it may take for one call, in a sentence.
    pub takes: String,
    /// Whose signature it carries, in a sentence.
    pub signed: String,
    /// Whether the key is trusted.
    pub trusted: bool,
}

impl PluginUpload {
    /// The page of a package; `fault` is the code of what went wrong, or empty.
    pub fn new(page: Page, looked: &Looked, fault: &str) -> Self {
        let (t, manifest) = (&page.t, &looked.manifest);
        let key = looked.signer.to_string();
        let signed = match &looked.trusted_as {
            Some(name) => t.with_all("plugin-upload-trusted", &[("name", name), ("key", &key)]),
            None => t.with("plugin-upload-unknown", "key", &key),
        };
        let replaces = looked.replaces.as_ref();
        Self {
            fault: fault_of(t, fault),
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            sha256: looked.sha256.clone(),
            summary: manifest.summary.clone(),
            replaces: replaces.map(|one| t.with("plugin-upload-replaces", "version", &one.version)).unwrap_or_default(),
            asks: manifest.permissions.iter().map(|asked| ask_view(t, asked, false)).collect(),
            takes: takes(t, &manifest.limits),
            signed,
            trusted: looked.trusted_as.is_some(),
            page,
        }
    }
}
