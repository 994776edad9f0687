//! The API as a client meets it, over a real vault in a temporary folder.

mod erasure;
mod clinical;
mod house;
mod records;
mod samples;
mod sign_in;
mod transfer;
mod whole;
