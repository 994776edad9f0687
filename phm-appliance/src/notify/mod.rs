//! Telling people something outside the pages: letters by mail.
//!
//! A letter never carries what is in a record, only that there is something to do and a link to do it.

pub mod letters;
mod mail;
mod mailer;
mod outbox;

pub use mail::{Letter, MailWay, Security};
pub use mailer::Mailer;
pub use outbox::Outbox;
