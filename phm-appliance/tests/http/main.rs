//! The API as a client meets it, over a real vault in a temporary folder.

mod browser;
mod clinical;
mod consent;
mod daily;
mod documents;
mod elsewhere;
mod erasure;
mod house;
mod house_retention;
mod interactions;
mod links;
mod matrix;
mod passkeys;
mod permissions;
mod plugin_pages;
mod records;
mod recovery;
mod reminder_doors;
mod reminders;
mod restoring;
mod rights;
mod samples;
mod second;
mod sign_in;
mod transfer;
mod whole;
