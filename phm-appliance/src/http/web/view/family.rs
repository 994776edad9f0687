//! The family of a person, and the way into one.

use askama::Template;

use super::page::{Page, Tone};
use super::sent::Sent;

/// The family.
#[derive(Debug, Template)]
#[template(path = "family.html")]
pub struct Family {
    /// Shared parts.
    pub page: Page,
    /// Everybody in it, as far as the reader may know.
    pub members: Vec<MemberView>,
    /// Whether the reader may invite.
    pub may_invite: bool,
    /// Whether the reader may make owners.
    pub may_make_owners: bool,
    /// Whether the reader may hand the records over to the person.
    pub may_hand_over: bool,
    /// Kinds a carer can be given: word and name.
    pub kinds: Vec<(String, String)>,
    /// Invitations that nobody has accepted: id, as what, and until when.
    pub waiting: Vec<(String, String, String)>,
    /// That an administrator wants to hand the records over, where the reader can refuse it; else empty.
    pub handing: String,
    /// A link that was just made.
    pub link: String,
    /// What is wrong with what was sent.
    pub errors: Vec<String>,
    /// The invitation's form as it was sent before.
    pub sent: Sent,
}

impl Family {
    /// As what somebody can be invited: word and name.
    pub fn ways(&self) -> Vec<(&'static str, String)> {
        let ways = ["carer", "editor", "guardian", "owner", "self"].into_iter();
        let ways = ways.filter(|word| match *word {
            "owner" => self.may_make_owners,
            "self" => self.may_hand_over,
            _ => true,
        });
        ways.map(|word| (word, self.page.t.say(&format!("family-as-{word}")))).collect()
    }
}

/// Somebody in the family.
#[allow(clippy::struct_excessive_bools)] // each is a question the page asks by itself
#[derive(Clone, Debug)]
pub struct MemberView {
    /// The relation.
    pub id: String,
    /// The name.
    pub name: String,
    /// What they are.
    pub relation: String,
    /// What that means, in a sentence.
    pub sentence: String,
    /// Until when a carer is one, in words; empty where that is not said.
    pub term: String,
    /// How the mark is meant.
    pub tone: Tone,
    /// Whether it is the reader.
    pub mine: bool,
    /// Whether the reader may end it.
    pub may_end: bool,
    /// Whether it is a carer whom the reader may give other kinds.
    pub may_change: bool,
    /// Whether a carer writes things down too.
    pub edits: bool,
    /// A carer's kinds; `*` stands for all.
    pub kinds: Vec<String>,
}

impl MemberView {
    /// Whether a carer has this kind.
    pub fn has(&self, kind: &str) -> bool {
        self.kinds.iter().any(|one| one == kind)
    }
}

/// An invitation that is looked at.
#[derive(Debug, Template)]
#[template(path = "join.html")]
pub struct Join {
    /// Shared parts.
    pub page: Page,
    /// The secret, once it was sent.
    pub invitation: String,
    /// What it is for; empty before it was sent.
    pub sentence: String,
    /// As what, in words.
    pub relation: String,
    /// What is wrong; empty for nothing.
    pub error: String,
}
