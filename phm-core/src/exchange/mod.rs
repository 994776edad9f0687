//! Other formats at the edge.

pub mod deidentified;
pub mod fhir;
