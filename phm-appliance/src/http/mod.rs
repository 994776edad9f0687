//! The HTTP side of the appliance.

pub mod web;
