//! What plugins would add, waiting for a person.

use askama::Template;
use phm_plugins::proposals::Proposal;
use serde_json::Value;

use super::page::Page;
use crate::http::web::forms::labels;

/// The page.
#[derive(Debug, Template)]
#[template(path = "proposals.html")]
pub struct ProposalsPage {
    /// Shared parts.
    pub page: Page,
    /// The proposals, oldest first.
    pub proposals: Vec<ProposalView>,
}

/// One proposal, ready to print.
#[derive(Clone, Debug)]
pub struct ProposalView {
    /// Its id.
    pub id: String,
    /// The kind of record, in words.
    pub kind: String,
    /// The fields of the record as the plugin would write them: name and value.
    pub fields: Vec<(String, String)>,
    /// Which plugin proposes it, in a sentence.
    pub by: String,
    /// The words it was found in; empty for none.
    pub found: String,
}

impl ProposalsPage {
    /// The page of what waits.
    pub fn new(page: Page, waiting: &[Proposal]) -> Self {
        let t = &page.t;
        let view = |one: &Proposal| ProposalView {
            id: one.id.to_string(),
            kind: labels::kind(t, &one.kind),
            fields: fields(&one.body),
            by: t.with_all("proposal-by", &[("plugin", &one.plugin), ("version", &one.version)]),
            found: one.evidence.as_ref().and_then(|found| found.text.clone()).unwrap_or_default(),
        };
        let proposals = waiting.iter().map(view).collect();
        Self { page, proposals }
    }
}

/// Whatever the record would say, to the last field: who accepts it has seen it.
fn fields(body: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    body.as_object().into_iter().flatten().map(|(name, value)| (name.replace('_', " "), text(value))).collect()
}
