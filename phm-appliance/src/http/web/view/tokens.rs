//! Tokens for programs.

use askama::Template;

use super::page::{Page, Tone};
use super::sent::Sent;

/// The reader's tokens and the form that makes one.
#[derive(Debug, Template)]
#[template(path = "tokens.html")]
pub struct Tokens {
    /// Shared parts.
    pub page: Page,
    /// The tokens.
    pub tokens: Vec<TokenView>,
    /// Kinds to choose from: word and name.
    pub kinds: Vec<(String, String)>,
    /// Actions to choose from: word and name.
    pub actions: Vec<(String, String)>,
    /// Spans to choose from: days and name.
    pub spans: Vec<(u32, String)>,
    /// The secret of a token that was just made; empty otherwise.
    pub secret: String,
    /// What is wrong with what was sent.
    pub errors: Vec<String>,
    /// The form as it was sent before.
    pub sent: Sent,
}

/// A token, ready to print.
#[derive(Clone, Debug)]
pub struct TokenView {
    /// The token.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// On whose and which records, and what it may do.
    pub facts: Vec<String>,
    /// How it stands; empty while it holds.
    pub state: String,
    /// How that is meant.
    pub tone: Tone,
    /// Whether it holds.
    pub holds: bool,
}
