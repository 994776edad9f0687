//! Mail: a letter to the address somebody signs in with, kept in the vault until it has left.

use super::{Said, Unsent, Ways};
use crate::notify::Letter;

/// Hands the letter to the outbox, which tries again by itself.
pub(super) fn send(ways: &Ways<'_>, said: &Said) -> Result<(), Unsent> {
    let text = format!("{}\n\n{}\n", said.text, said.link);
    let letter = Letter { to: ways.email.to_owned(), subject: said.title.clone(), text };
    if ways.desk.post(letter) { Ok(()) } else { Err(Unsent::MailOff) }
}
