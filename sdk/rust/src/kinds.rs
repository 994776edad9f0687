//! The kinds of plugins as types, each with what it takes and answers.

use phm_plugin_api::{Kind, v1};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A kind of plugin.
pub trait PluginKind {
    /// The kind in the manifest.
    const KIND: Kind;
    /// What it takes.
    type Input: DeserializeOwned;
    /// What it answers.
    type Output: Serialize;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $module:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl PluginKind for $name {
            const KIND: Kind = Kind::$name;
            type Input = v1::$module::Input;
            type Output = v1::$module::Output;
        }
    )+};
}

kinds! {
    /// Reads the text of a document and proposes records with their evidence.
    Document document;
    /// Checks medicines against each other and against allergies.
    Drugs drugs;
    /// Turns an event into messages.
    Notify notify;
    /// Answers a question from granted records, with citations.
    Assistant assistant;
    /// Reads a file of some format and proposes records.
    Import import;
    /// Looks at records and says what stands out.
    Insight insight;
}

/// Whether two texts are the same, for the compiler.
#[doc(hidden)]
pub const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut n = 0;
    while n < a.len() {
        if a[n] != b[n] {
            return false;
        }
        n += 1;
    }
    true
}
