//! The channels that carry a reminder out of the house, one file each.
//!
//! One message, one attempt; whoever sends decides when, and what becomes of one that failed. Failures are codes: neither an
//! address nor a text stands in them.

mod gotify;
mod mail;
mod ntfy;
mod outside;
mod webhook;

use phm_core::access::AccountId;
use phm_core::time::Instant;
use serde::{Deserialize, Serialize};

use super::wishes::Door;
use crate::auth::Desk;

pub use outside::Outside;
pub use webhook::{SIGNATURE, signature};

/// A channel.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A letter to the address somebody signs in with.
    Mail,
    /// A topic of an ntfy server.
    Ntfy,
    /// An application of a Gotify server.
    Gotify,
    /// A program of the person's own, which can check who it hears from.
    Webhook,
}

impl Channel {
    /// Every channel, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Mail, Self::Ntfy, Self::Gotify, Self::Webhook];

    /// Its word in JSON, forms and texts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Ntfy => "ntfy",
            Self::Gotify => "gotify",
            Self::Webhook => "webhook",
        }
    }

    /// The channel of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.word() == word)
    }

    /// Whether it needs an address beside that of the account.
    pub const fn has_address(self) -> bool {
        !matches!(self, Self::Mail)
    }

    /// Whether `door` can be used at all, before anything is sent.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(self, door: &Door, outside: &Outside) -> Result<(), Unsent> {
        match self {
            Self::Mail => Ok(()),
            Self::Ntfy => ntfy::place(&door.url).and_then(|(server, _)| outside.check(&server)),
            Self::Gotify | Self::Webhook if door.secret.is_empty() => Err(Unsent::Secret),
            Self::Gotify => gotify::place(&door.url).and_then(|place| outside.check(&place)),
            Self::Webhook => outside.check(&door.url),
        }
    }

    /// Sends a message, once.
    ///
    /// # Errors
    /// Why it was not taken; [`Unsent::may_pass`] says whether a later attempt may go better.
    pub fn send(self, ways: &Ways<'_>, door: &Door, said: &Said) -> Result<(), Unsent> {
        match self {
            Self::Mail => mail::send(ways, said),
            Self::Ntfy => ntfy::send(ways.outside, door, said),
            Self::Gotify => gotify::send(ways.outside, door, said),
            Self::Webhook => webhook::send(ways, door, said),
        }
    }
}

/// What a channel sends with.
pub struct Ways<'a> {
    /// Requests to addresses outside.
    pub outside: &'a Outside,
    /// Who hands letters over.
    pub desk: &'a Desk,
    /// The reader's account.
    pub account: AccountId,
    /// The reader's address.
    pub email: &'a str,
    /// When it is sent.
    pub now: Instant,
}

/// A message as it leaves the house.
pub struct Said {
    /// Its own id, the same at every attempt, so that a receiver can tell a repeated attempt.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
    /// Where it leads.
    pub link: String,
}

/// Why a message was not sent. Names nobody.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unsent {
    /// This house sends no letters.
    #[error("this house sends no letters; the administrator sets mail.transport")]
    MailOff,
    /// Nobody has shown that the address is the account's.
    #[error("nobody has shown that the address is theirs; the link in the letter that went there does")]
    Unproven,
    /// The address is none.
    #[error("the address is none that this channel understands")]
    Address,
    /// The address lies inside the house, or is not https.
    #[error("the address is private or not https; the administrator names it in notify.http_allow_private")]
    Private,
    /// A secret is missing, or cannot be sent.
    #[error("the secret of this channel is missing or cannot be used")]
    Secret,
    /// It wanted to lead somewhere else.
    #[error("the server leads somewhere else; give the address it leads to")]
    Redirected,
    /// The server said no, for good.
    #[error("the server did not take it")]
    Refused,
    /// The server did not answer, or not now.
    #[error("the server could not be reached")]
    Unreachable,
}

impl Unsent {
    /// A stable code, for state and pages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::MailOff => "mail-off",
            Self::Unproven => "unproven-address",
            Self::Address => "bad-address",
            Self::Private => "private-address",
            Self::Secret => "bad-secret",
            Self::Redirected => "redirected",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
        }
    }

    /// Whether a later attempt may go better.
    pub const fn may_pass(self) -> bool {
        matches!(self, Self::Unreachable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn a_word_reads_back_as_its_channel() {
        for channel in Channel::ALL {
            assert_eq!(Channel::of_word(channel.word()), Some(channel));
            assert_eq!(serde_json::to_string(&channel).expect("plain"), format!("\"{}\"", channel.word()));
        }
        assert_eq!(Channel::of_word("pigeon"), None);
    }

    #[test]
    fn an_address_that_cannot_work_is_refused_before_anything_is_sent() {
        let outside = Outside::new(&Settings::defaults(std::path::Path::new("x")));
        let door = |url: &str, secret: &str| Door { url: url.to_owned(), secret: secret.to_owned(), detail: false };
        for (channel, url, secret, wanted) in [
            (Channel::Ntfy, "https://ntfy.example/dose", "", Ok(())),
            (Channel::Ntfy, "https://ntfy.example", "", Err(Unsent::Address)),
            (Channel::Ntfy, "https://ntfy.example/a b", "", Err(Unsent::Address)),
            (Channel::Ntfy, "http://ntfy.example/dose", "", Err(Unsent::Private)),
            (Channel::Gotify, "https://gotify.example", "A1", Ok(())),
            (Channel::Gotify, "https://gotify.example", "", Err(Unsent::Secret)),
            (Channel::Webhook, "https://127.0.0.1/hook", "s", Err(Unsent::Private)),
            (Channel::Webhook, "https://user:word@hook.example/", "s", Err(Unsent::Address)),
            (Channel::Webhook, "file:///etc/passwd", "s", Err(Unsent::Address)),
            (Channel::Webhook, "https://hook.example/a?b=c", "s", Ok(())),
        ] {
            assert_eq!(channel.check(&door(url, secret), &outside), wanted, "{url}");
        }
    }
}
