//! Other formats at the edge.

pub mod fhir;
