//! Mail: a letter to the address somebody signs in with, kept in the vault until it has left. An address that nobody has shown to
//! be theirs may be a stranger's, and gets none.

use super::{Said, Unsent, Ways};
use crate::notify::Letter;

/// Hands the letter to the outbox, which tries again by itself.
pub(super) fn send(ways: &Ways<'_>, said: &Said) -> Result<(), Unsent> {
    let proven = ways.desk.is_proven(ways.account).map_err(|error| {
        tracing::error!(code = error.code(), "nobody knows whose an address is");
        Unsent::Unreachable
    })?;
    if !proven {
        return Err(Unsent::Unproven);
    }
    let text = format!("{}\n\n{}\n", said.text, said.link);
    let letter = Letter { to: ways.email.to_owned(), subject: said.title.clone(), text };
    if ways.desk.post(letter) { Ok(()) } else { Err(Unsent::MailOff) }
}
