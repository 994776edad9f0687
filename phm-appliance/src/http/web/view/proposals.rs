//! What plugins would add, waiting for a person, and what was not understood of a document.

use askama::Template;
use phm_core::id::RecordId;
use phm_plugins::proposals::Proposal;
use phm_plugins::readings::Reading;
use serde_json::Value;

use super::acceptance::Acceptance;
use super::describe::{self, Entry};
use super::page::Page;
use crate::http::web::forms::{labels, layout};
use crate::i18n::Locale;

/// The page.
#[derive(Debug, Template)]
#[template(path = "proposals.html")]
pub struct ProposalsPage {
    /// Shared parts.
    pub page: Page,
    /// The document the list is about; empty where it is about all.
    pub document: String,
    /// What was read out of it.
    pub reading: Option<ReadingView>,
    /// The proposals, oldest first.
    pub proposals: Vec<ProposalView>,
    /// The rules by which some are accepted; nothing for whoever may make none.
    pub acceptance: Option<Acceptance>,
    /// What is wrong with what was sent.
    pub errors: Vec<String>,
}

/// One proposal, ready to print.
#[derive(Clone, Debug)]
pub struct ProposalView {
    /// Its id.
    pub id: String,
    /// The kind of record, in words.
    pub kind: String,
    /// What the record would say, to the last field.
    pub fields: Vec<Entry>,
    /// Which plugin proposes it, in a sentence.
    pub by: String,
    /// Why it waits although a rule is about it, in a sentence; empty where none is, or it waits for something else.
    pub held: String,
    /// The words it was found in; empty for none.
    pub found: String,
    /// Where it was found, in a sentence; empty where that is not known.
    pub place: String,
    /// The address of that page; empty where there is none.
    pub href: String,
    /// Whether there is a form for records of its kind.
    pub has_form: bool,
}

/// What was read out of a document, ready to print.
#[derive(Clone, Debug)]
pub struct ReadingView {
    /// Who read it, in a sentence.
    pub by: String,
    /// Why nothing could be read, or that nothing was found; empty where something was.
    pub nothing: String,
    /// Lines that were not understood.
    pub lines: Vec<LineView>,
}

/// A line that was not understood.
#[derive(Clone, Debug)]
pub struct LineView {
    /// Its words.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
    /// Where it stands, in a sentence.
    pub place: String,
    /// The address of that page.
    pub href: String,
}

impl ProposalsPage {
    /// The page of what waits, and of what was read out of a document.
    pub fn new(
        page: Page,
        waiting: &[Proposal],
        reading: Option<(RecordId, &Reading)>,
        acceptance: Option<Acceptance>,
    ) -> Self {
        let t = &page.t;
        let proposals = waiting.iter().map(|one| proposal(&page, one)).collect();
        let document = reading.map(|(id, _)| id.to_string()).unwrap_or_default();
        let reading = reading.map(|(_, reading)| ReadingView {
            by: t.with_all("reading-by", &[("plugin", &reading.plugin), ("version", &reading.version)]),
            nothing: nothing(t, reading),
            lines: reading
                .not_understood
                .iter()
                .map(|line| LineView {
                    text: line.text.clone(),
                    why: t.first_of(&[&format!("unread-{}", line.why)]).unwrap_or_else(|| line.why.clone()),
                    place: place(t, Some(line.page), line.region),
                    href: href(&page, Some(&document), Some(line.page)),
                })
                .collect(),
        });
        Self { page, document, reading, proposals, acceptance, errors: Vec::new() }
    }
}

fn proposal(page: &Page, one: &Proposal) -> ProposalView {
    let t = &page.t;
    let evidence = one.evidence.clone().unwrap_or_default();
    let layout = layout::of_kind(&one.kind);
    let fields = match layout {
        Some(layout) => describe::entries(t, layout, page.profile(), &one.body, &[]),
        None => plain(&one.body),
    };
    ProposalView {
        id: one.id.to_string(),
        kind: labels::kind(t, &one.kind),
        fields,
        by: t.with_all("proposal-by", &[("plugin", &one.plugin), ("version", &one.version)]),
        held: one.held.map(|held| t.say(&format!("held-{}", held.word()))).unwrap_or_default(),
        found: evidence.text.clone().unwrap_or_default(),
        place: place(t, evidence.page, evidence.region),
        // Only what is the id of a record becomes an address.
        href: href(page, one.document().map(|id| id.to_string()).as_deref(), evidence.page),
        has_form: layout.is_some(),
    }
}

/// Why there is nothing to accept.
fn nothing(t: &Locale, reading: &Reading) -> String {
    match &reading.unreadable {
        Some(why) => t.first_of(&[&format!("unreadable-{why}")]).unwrap_or_else(|| why.clone()),
        None if reading.found == 0 => t.say("reading-nothing"),
        None => String::new(),
    }
}

/// A place on a page in a sentence, in percent from its upper left corner.
fn place(t: &Locale, page: Option<u32>, region: Option<[f32; 4]>) -> String {
    let Some(page) = page else { return String::new() };
    let page = t.number(page);
    match region {
        Some([left, top, ..]) => {
            let percent = |part: f32| t.number(format!("{:.0}", part.clamp(0.0, 1.0) * 100.0));
            t.with_all("proposal-place", &[("page", &page), ("down", &percent(top)), ("right", &percent(left))])
        }
        None => t.with("proposal-page", "page", page),
    }
}

/// The address of a page of a document, for viewers that know pages.
fn href(page: &Page, document: Option<&str>, number: Option<u32>) -> String {
    match (document.filter(|id| !id.is_empty()), number) {
        (Some(id), Some(number)) => format!("{}/{id}/content#page={number}", page.under("documents")),
        _ => String::new(),
    }
}

/// Whatever the record would say, where no layout names its fields.
fn plain(body: &Value) -> Vec<Entry> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let entry = |(name, value): (&String, &Value)| Entry {
        label: name.replace('_', " "),
        lines: vec![text(value)],
        href: String::new(),
        wide: false,
    };
    body.as_object().into_iter().flatten().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use phm_plugin_api::v1::document::{UNREADABLE, WHY};
    use phm_plugins::acceptance::Held;

    use super::*;
    use crate::i18n::{Digits, Language};

    #[test]
    fn whatever_a_plugin_may_say_of_a_document_is_said_in_words() {
        for language in Language::ALL {
            let t = Locale::new(language, Digits::Latin, TimeZone::UTC);
            let keys = UNREADABLE.iter().map(|why| format!("unreadable-{why}"));
            for key in keys.chain(WHY.iter().map(|why| format!("unread-{why}"))) {
                assert!(t.first_of(&[&key]).is_some(), "{key} in {language:?}");
            }
        }
    }

    #[test]
    fn why_a_medicine_waits_is_said_in_words() {
        for language in Language::ALL {
            let t = Locale::new(language, Digits::Latin, TimeZone::UTC);
            for held in Held::ALL {
                assert!(t.has(&format!("held-{}", held.word())), "{held:?} in {language:?}");
            }
        }
    }
}
