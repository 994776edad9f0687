//! What each page shows, as plain structs with their templates.
//!
//! A view is made from what a session answered (records in the shape of the contract) and a reader's
//! [`Locale`](crate::i18n::Locale); all its texts are ready to print. Templates only place them.

pub mod acceptance;
pub mod access;
pub mod accounts;
pub mod alerts;
pub mod attention;
pub mod dashboard;
pub mod data;
pub mod describe;
pub mod document;
pub mod door;
pub mod family;
pub mod gate;
pub mod house_retention;
pub mod import;
pub mod incident;
pub mod interactions;
pub mod invitations;
pub mod links;
pub mod oversight;
pub mod page;
pub mod patients;
pub mod people;
pub mod person_plugins;
pub mod plugin_settings;
pub mod plugin_upload;
pub mod plugins;
pub mod proposals;
pub mod record;
pub mod records;
pub mod reminders;
pub mod restrictions;
pub mod retention;
pub mod row;
pub mod said;
pub mod sent;
pub mod series;
pub mod source;
pub mod taking;
pub mod timeline;
pub mod tokens;
pub mod trend;
pub mod trust;
pub mod who_looked;

pub use page::{Notice, Page, Person, Theme, Tone};
pub use record::Record;
pub use row::{Row, RowData};
