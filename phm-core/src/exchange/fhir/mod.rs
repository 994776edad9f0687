//! FHIR R4.

mod address;
mod check;
mod compartment;
mod document;
mod export;
mod facts;
mod found;
mod glossary;
pub mod json;
mod map;
mod moment;
mod origin;
mod people;
mod placed;
mod plan;
mod scan;
mod shape;
mod sharing;
mod source;

pub use address::{Identity, content_digest};
pub use export::{BundleWriter, NdjsonWriter, patch_original, to_fhir};
pub use facts::Freshness;
pub use found::{Entry, Found, Place, Refused, Skipped};
pub use map::Mapped;
pub use origin::Origin;
pub use people::{Known, Person};
pub use placed::{Belonging, Owner, Placed, Records};
pub use plan::{Aim, Plan, SourceReport};
pub use source::{Opener, Seen, Source};

#[cfg(test)]
mod tests;
