//! Telling people something outside the pages: letters by mail, and reminders by the channels they chose.
//!
//! What leaves the house never carries what is in a record, only that there is something to do and a link to do it; of
//! reminders a person may choose to be told more on a channel of theirs.

pub mod answers;
pub mod board;
pub mod channels;
pub mod letters;
mod mail;
mod mailer;
mod outbox;
pub mod quiet;
pub mod wishes;

pub use channels::Channel;
pub use mail::{Letter, MailWay, Security};
pub use mailer::Mailer;
pub use outbox::Outbox;
