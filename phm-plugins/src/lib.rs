//! Plugins: programs that strangers wrote, run where people's health records are.
//!
//! A plugin is a package: a manifest that says what it wants and why, a WebAssembly module, and the signature of somebody the
//! administrator trusts. It runs in an instance of its own for each call, with a bounded amount of memory, time and work, and
//! reaches the house by one function only. Every call of that function passes three doors: the manifest declares it, the
//! administrator granted it, and the consent of the person it is about covers it. What it proposes becomes a record when a
//! person accepts it, or a rule that a person has made.
//!
//! ```text
//!  package ── signature ── manifest            what was installed                package, signature, manifest
//!      |                       | declared ∩ granted                              granter
//!  module ── instance ── phm_call ──> doors ──> one family of operations         runtime, api, host
//!                                                    | permits of a session of the plugin, for the caller's account
//!                                                  vault
//! ```
//!
//! Nothing outside `runtime` knows what runs the modules.

pub mod acceptance;
pub mod alone;
pub mod api;
pub mod calls;
pub mod conformance;
pub mod context;
pub mod error;
pub mod facts;
pub mod granter;
pub mod host;
pub mod installed;
pub mod interactions;
pub mod limits;
pub mod logbook;
pub mod looked;
pub mod manifest;
pub mod package;
pub mod proposals;
pub mod readings;
mod remembered;
pub mod runtime;
pub mod settings;
mod shown;
pub mod signature;
pub mod taken_back;

pub use calls::{Called, Plugins};
pub use context::CallContext;
pub use error::{PluginError, Result};
pub use limits::Limits;
pub use looked::Looked;
pub use manifest::Manifest;
pub use package::Package;
