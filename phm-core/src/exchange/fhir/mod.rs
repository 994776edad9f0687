//! FHIR R4 at the edge: in without loss, out as it came.
//!
//! An import reads its sources twice. The first pass checks everything and makes a [`Plan`]: whose each resource is, what
//! refers to what, what is refused. The second pass hands out each resource as a [`Placed`], with its owners, the record it
//! becomes for each ([`Mapped`]) and the bytes to keep ([`Origin`]). Nothing here touches a vault, and nothing is held in
//! memory but the resource at hand and a few bytes for each of the others.
//!
//! ```
//! use phm_core::exchange::fhir::{Aim, Plan, Source};
//!
//! let lines = concat!(
//!     r#"{"resourceType":"Patient","id":"1","name":[{"family":"Roe"}]}"#, "\n",
//!     r#"{"resourceType":"Condition","id":"2","code":{"text":"Asthma"},"subject":{"reference":"Patient/1"}}"#, "\n",
//! );
//! let sources = [Source::stream("lines", Box::new(move || Ok(Box::new(lines.as_bytes()))))];
//! let plan = Plan::make(&sources, Aim::NewProfiles, &|_identity| Ok(None))?;
//! assert!(!plan.is_refused() && plan.people().len() == 1);
//!
//! let mut kinds = Vec::new();
//! plan.read(&sources, 0, &mut |placed| {
//!     for belonging in placed.owners() {
//!         kinds.push(placed.map(belonging, &|_identity, _in_input| None).kind.name);
//!     }
//!     Ok(())
//! })?;
//! assert_eq!(kinds, ["profile", "condition"]);
//! # Ok::<(), phm_core::Error>(())
//! ```

mod address;
mod attached;
mod bound;
mod check;
mod compartment;
mod document;
mod export;
mod facts;
mod first_pass;
mod found;
mod glossary;
pub mod json;
mod likeness;
mod map;
mod moment;
mod origin;
mod parse;
mod people;
mod placed;
mod plan;
mod scan;
mod shape;
mod shapes;
mod sharing;
mod source;
mod zipped;

pub use address::{Identity, content_digest};
pub use attached::{attached_binary, attached_file, binary_file};
pub use export::{BundleWriter, NdjsonWriter, patch_original, to_fhir};
pub use facts::Freshness;
pub use found::{Entry, Found, Place, Refused, Skipped};
pub(crate) use likeness::are_two_people;
pub use map::Mapped;
pub use origin::Origin;
pub use people::{Known, Person};
pub use placed::{Belonging, Owner, Placed, Records};
pub use plan::{Aim, Plan, SourceReport};
pub use source::{Opener, Seen, Source};

#[cfg(test)]
mod tests;
