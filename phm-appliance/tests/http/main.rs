//! The API as a client meets it, over a real vault in a temporary folder.

mod clinical;
mod daily;
mod erasure;
mod house;
mod records;
mod restoring;
mod samples;
mod sign_in;
mod transfer;
mod whole;
