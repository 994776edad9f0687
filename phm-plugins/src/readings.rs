//! What plugins read out of documents: the text, and what they did not understand.
//!
//! Sealed state of the person the document is about, so that it goes when they are erased; it goes when the document is
//! removed too. It is given out only to who may read the document, and only while the file is the one that was read.

use phm_core::Result;
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::Instant;
use phm_core::vault::{Together, Vault, reading_row};
use phm_plugin_api::v1::document::{NotUnderstood, Page};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::package;

/// Bytes of text that are kept of one document.
const MOST_BYTES: usize = 2 << 20;
/// Lines that were not understood, of which more are not kept.
const MOST_LINES: usize = 500;
/// Letters of a line, or of a word about it.
const LONGEST_LINE: usize = 500;
/// Decisions that are remembered about one document.
const MOST_DECISIONS: usize = 2_000;

/// What a plugin read out of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The SHA-256 of the file that was read.
    pub sha256: String,
    /// The plugin.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// When.
    pub read_at: Instant,
    /// The pages.
    #[serde(default)]
    pub pages: Vec<Page>,
    /// What was not understood.
    #[serde(default)]
    pub not_understood: Vec<NotUnderstood>,
    /// Why nothing could be read, as a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
    /// How many records were proposed.
    #[serde(default)]
    pub found: u32,
    /// Proposals that somebody accepted or rejected, by their [`fingerprint`]: they are not proposed again.
    #[serde(default)]
    pub decided: Vec<String>,
    /// Whether the plugin may have known something sensitive when it read this, of this document or another.
    #[serde(default)]
    pub sensitive: bool,
}

impl Reading {
    /// Whether it is of the file that a document's body names.
    pub fn is_of(&self, body: &Value) -> bool {
        body["sha256"].as_str() == Some(self.sha256.as_str())
    }

    /// The same with no more than is kept: of a long text first the places of the words go, then the last pages.
    fn bounded(mut self) -> Self {
        self.not_understood.truncate(MOST_LINES);
        for line in &mut self.not_understood {
            for text in [&mut line.text, &mut line.why] {
                *text = short(text);
            }
        }
        self.unreadable = self.unreadable.as_deref().map(short);
        let size = |pages: &[Page]| serde_json::to_string(pages).map_or(usize::MAX, |text| text.len());
        if size(&self.pages) > MOST_BYTES {
            for page in &mut self.pages {
                page.words.clear();
            }
        }
        let mut left = MOST_BYTES;
        let kept = self.pages.iter().take_while(|page| {
            let bytes = size(std::slice::from_ref(*page));
            let fits = bytes <= left;
            left = left.saturating_sub(bytes);
            fits
        });
        let kept = kept.count();
        self.pages.truncate(kept);
        self
    }
}

/// What was read out of a document, whoever asks: the caller has to hold a permit to read that document.
pub fn get(vault: &Vault, profile: ProfileId, document: RecordId) -> Result<Option<Reading>> {
    vault.state(profile, &reading_row(document))
}

/// Keeps what was read, in the place of what was read before. What was decided on before stays decided.
pub fn keep(vault: &Vault, profile: ProfileId, document: RecordId, reading: Reading) -> Result<()> {
    vault.together(|all| keep_in(all, profile, document, reading))
}

/// The same as part of one commit.
pub(crate) fn keep_in(all: &mut Together<'_>, profile: ProfileId, document: RecordId, reading: Reading) -> Result<()> {
    let mut reading = reading.bounded();
    for mark in decisions(all, profile, document)?.unwrap_or_default() {
        if !reading.decided.contains(&mark) {
            reading.decided.push(mark);
        }
    }
    all.put_state(profile, &reading_row(document), &reading, None)
}

/// What was decided on of what was found in a document, by fingerprints, before this commit; `None` where nothing is kept of it, as
/// when it was removed.
pub(crate) fn decisions(all: &Together<'_>, profile: ProfileId, document: RecordId) -> Result<Option<Vec<String>>> {
    Ok(all.state::<Reading>(profile, &reading_row(document))?.map(|reading| reading.decided))
}

/// Remembers that these proposals, known by their [`fingerprint`], which were found in a document were decided on, in the commit
/// in which they are.
pub fn decided(all: &mut Together<'_>, profile: ProfileId, document: RecordId, marks: Vec<String>) -> Result<()> {
    let row = reading_row(document);
    let Some(mut reading) = all.state::<Reading>(profile, &row)? else { return Ok(()) };
    for mark in marks {
        if !reading.decided.contains(&mark) && reading.decided.len() < MOST_DECISIONS {
            reading.decided.push(mark);
        }
    }
    all.put_state(profile, &row, &reading, None)
}

/// What a proposal is known by, whenever it is made.
pub fn fingerprint(kind: &str, body: &Value) -> String {
    package::fingerprint(format!("{kind} {body}").as_bytes())
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST_LINE).collect()
}

#[cfg(test)]
mod tests {
    use phm_plugin_api::v1::document::Word;

    use super::*;

    #[test]
    fn of_a_long_text_the_places_go_first_and_then_the_last_pages() {
        let word = Word { text: "word".into(), region: [0.1, 0.2, 0.3, 0.4] };
        let page = |number, words: usize| Page { number, text: "x".repeat(100), words: vec![word.clone(); words] };
        let reading = |pages| Reading {
            sha256: String::new(),
            plugin: "p".into(),
            version: "1".into(),
            read_at: Instant::from_millis(0),
            pages,
            not_understood: vec![NotUnderstood { text: "x".repeat(9_000), ..NotUnderstood::default() }; MOST_LINES + 1],
            unreadable: None,
            found: 0,
            decided: Vec::new(),
            sensitive: false,
        };
        let short = reading(vec![page(1, 3)]).bounded();
        assert_eq!((short.pages[0].words.len(), short.not_understood.len()), (3, MOST_LINES));
        assert!(short.not_understood.iter().all(|line| line.text.len() == LONGEST_LINE));
        let long = reading((1..=10).map(|number| page(number, 10_000)).collect()).bounded();
        assert!(long.pages.len() == 10 && long.pages.iter().all(|page| page.words.is_empty()));
        let text = "x".repeat(MOST_BYTES / 2);
        let longest = reading((1..=3).map(|number| Page { number, text: text.clone(), words: Vec::new() }).collect());
        assert_eq!(longest.bounded().pages.len(), 1);
    }
}
