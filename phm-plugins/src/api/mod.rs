//! The messages, by version. A version's file is frozen once it is out.

pub mod v1;
