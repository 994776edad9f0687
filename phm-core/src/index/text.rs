//! Searching by words: loaded at the first search, kept up to date afterwards.
//!
//! Each record's words stand in one text, every word behind a line feed, in lower case; a search word matches the
//! beginning of any of them. Ids, code systems, coded status words and FHIR narrative are not words.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::{ProfileIndex, Slot};

/// The words of a profile's records.
#[derive(Debug, Default)]
pub(crate) struct Words {
    by_slot: HashMap<Slot, Box<str>>,
    stale: BTreeSet<Slot>,
    bytes: usize,
}

impl Words {
    /// About how many bytes of memory they take.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The words of a search, in the form they are matched in.
fn search_words(text: &str) -> Vec<String> {
    split(text).map(|word| format!("\n{word}")).collect()
}

fn split(text: &str) -> impl Iterator<Item = String> {
    text.split(|letter: char| !joins(letter)).map(folded).filter(|word| !word.is_empty())
}

/// Whether a letter belongs to a word.
fn joins(letter: char) -> bool {
    match letter {
        // The dandas end a sentence; they stand where the vowel signs do.
        '\u{0964}' | '\u{0965}' | '\u{0970}' => false,
        // Combining marks (the vowel signs of Hindi and Punjabi) belong to their word, and so does what only says how
        // letters are drawn together.
        '\u{0300}'..='\u{036F}' | '\u{0900}'..='\u{0A7F}' | '\u{200C}' | '\u{200D}' => true,
        _ => letter.is_alphanumeric(),
    }
}

/// A word in the one form it is matched in: some keyboards write a letter with its nukta as one character, some as two.
fn folded(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for letter in word.chars() {
        if matches!(letter, '\u{200C}' | '\u{200D}') {
            continue;
        }
        match without_nukta(letter) {
            Some((plain, nukta)) => out.extend([plain, nukta]),
            None => out.extend(letter.to_lowercase()),
        }
    }
    out
}

/// The letter and the nukta that a composed letter stands for (Unicode's canonical decompositions).
fn without_nukta(letter: char) -> Option<(char, char)> {
    const DEVANAGARI: char = '\u{093C}';
    const GURMUKHI: char = '\u{0A3C}';
    Some(match letter {
        '\u{0929}' => ('\u{0928}', DEVANAGARI),
        '\u{0931}' => ('\u{0930}', DEVANAGARI),
        '\u{0934}' => ('\u{0933}', DEVANAGARI),
        '\u{0958}' => ('\u{0915}', DEVANAGARI),
        '\u{0959}' => ('\u{0916}', DEVANAGARI),
        '\u{095A}' => ('\u{0917}', DEVANAGARI),
        '\u{095B}' => ('\u{091C}', DEVANAGARI),
        '\u{095C}' => ('\u{0921}', DEVANAGARI),
        '\u{095D}' => ('\u{0922}', DEVANAGARI),
        '\u{095E}' => ('\u{092B}', DEVANAGARI),
        '\u{095F}' => ('\u{092F}', DEVANAGARI),
        '\u{0A33}' => ('\u{0A32}', GURMUKHI),
        '\u{0A36}' => ('\u{0A38}', GURMUKHI),
        '\u{0A59}' => ('\u{0A16}', GURMUKHI),
        '\u{0A5A}' => ('\u{0A17}', GURMUKHI),
        '\u{0A5B}' => ('\u{0A1C}', GURMUKHI),
        '\u{0A5E}' => ('\u{0A2B}', GURMUKHI),
        _ => return None,
    })
}

/// Collects the words of a body: every text in it but ids, systems and narrative.
pub(crate) fn words_of(body: &Value) -> Box<str> {
    let mut words = BTreeSet::new();
    collect(body, &mut words);
    let mut text = String::new();
    for word in words {
        text.push('\n');
        text.push_str(&word);
    }
    text.into_boxed_str()
}

fn collect(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => words.extend(split(text)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
        Value::Object(fields) => {
            for (name, value) in fields {
                if !matches!(name.as_str(), "system" | "sha256" | "id" | "panel" | "document" | "visit" | "medication")
                {
                    collect(value, words);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl ProfileIndex {
    /// Marks a record's words as out of date.
    pub(super) fn spoil_words(&mut self, slot: Slot) {
        if let Some(words) = &mut self.words {
            words.stale.insert(slot);
        }
    }

    /// The records whose words have to be read before the next search, with the seq of their current entry.
    pub(crate) fn unread_words(&self) -> Vec<(Slot, u64)> {
        let seq = |slot: Slot| self.state(slot).current().map(|version| (slot, version.seq()));
        match &self.words {
            Some(words) => words.stale.iter().filter_map(|slot| seq(*slot)).collect(),
            None => (0..self.records.len()).filter_map(|slot| seq(Slot::try_from(slot).ok()?)).collect(),
        }
    }

    /// Takes the words read for these records from the entries with these seqs.
    ///
    /// What was written while they were read stays out of date, and is read before the next search. So does everything
    /// else where the index was made anew meanwhile: another record may stand in a place then, or none, and the words of
    /// what was destroyed are kept by nobody.
    pub(crate) fn set_words(&mut self, read: Vec<(Slot, u64, Box<str>)>) {
        let everything = || (0..self.records.len()).filter_map(|slot| Slot::try_from(slot).ok()).collect();
        let words = self.words.get_or_insert_with(|| Words { stale: everything(), ..Words::default() });
        for (slot, seq, text) in read {
            let at = slot as usize;
            if at >= self.records.len() || u64::from(self.records[at].current) != seq {
                continue;
            }
            words.stale.remove(&slot);
            words.bytes += text.len() + 48;
            if let Some(old) = words.by_slot.insert(slot, text) {
                words.bytes -= old.len() + 48;
            }
        }
    }

    /// The records in which every word of `text` begins some word; their words must have been read.
    pub(super) fn slots_with_words(&self, text: &str) -> BTreeSet<Slot> {
        let wanted = search_words(text);
        let Some(words) = self.words.as_ref().filter(|_| !wanted.is_empty()) else { return BTreeSet::new() };
        let matches = |text: &str| wanted.iter().all(|word| text.contains(word.as_str()));
        words.by_slot.iter().filter(|(_, text)| matches(text)).map(|(slot, _)| *slot).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_while_words_are_read_is_found_by_the_next_search() {
        use crate::index::Act;
        use crate::index::tests::header;
        let mut index = ProfileIndex::default();
        index.fold(1, header(Act::Create, "condition", 1));
        let read = |index: &ProfileIndex| -> Vec<_> {
            index.unread_words().into_iter().map(|(slot, seq)| (slot, seq, Box::from("\nasthma"))).collect()
        };
        let first = read(&index);
        index.fold(2, header(Act::Create, "condition", 2));
        index.set_words(first);
        assert_eq!(index.unread_words(), [(1, 2)], "a new record");
        let second = read(&index);
        index.fold(3, crate::index::Header { version: 2, ..header(Act::Amend, "condition", 2) });
        index.set_words(second);
        assert_eq!(index.unread_words(), [(1, 3)], "an amended one");
    }

    #[test]
    fn the_words_of_what_is_destroyed_while_they_are_read_are_kept_by_nobody() {
        use crate::index::tests::header;
        use crate::index::{Act, Header};
        use crate::time::Instant;
        let mut index = ProfileIndex::default();
        index.fold(1, header(Act::Create, "condition", 1));
        index.fold(2, header(Act::Create, "condition", 2));
        let read: Vec<_> =
            index.unread_words().into_iter().map(|(slot, seq)| (slot, seq, Box::from("\nsecret"))).collect();
        assert_eq!(read.len(), 2);
        let mut again = ProfileIndex::default();
        again.fold(1, Header::destroyed(Instant::from_millis(0)));
        again.fold(2, header(Act::Create, "condition", 2));
        again.set_words(read);
        assert!(again.slots_with_words("secret").is_empty());
        assert_eq!(again.unread_words(), [(0, 2)]);
    }

    #[test]
    fn a_word_is_found_whichever_keyboard_wrote_it() {
        // Sugar with the letter sha as one character and as two; a danda and a joiner are no part of a word.
        for (written, asked) in [
            ("\u{0A36}\u{0A42}\u{0A17}\u{0A30}", "\u{0A38}\u{0A3C}\u{0A42}\u{0A17}\u{0A30}"),
            ("\u{0926}\u{0930}\u{094D}\u{0926}\u{0964}", "\u{0926}\u{0930}\u{094D}\u{0926}"),
            ("\u{0926}\u{0930}\u{094D}\u{0926}", "\u{0926}\u{0930}\u{094D}\u{0926}\u{0964}"),
            ("\u{0915}\u{094D}\u{200D}\u{0937}\u{092F}", "\u{0915}\u{094D}\u{0937}\u{092F}"),
            ("\u{095B}\u{0941}\u{0915}\u{093E}\u{092E}", "\u{091C}\u{093C}\u{0941}\u{0915}\u{093E}\u{092E}"),
        ] {
            for (text, search) in [(written, asked), (asked, written)] {
                let words = words_of(&serde_json::json!({ "text": text }));
                let wanted = search_words(search);
                assert_eq!(wanted.len(), 1, "{search}");
                assert!(words.contains(wanted[0].as_str()), "{search} in {text}");
            }
        }
    }

    #[test]
    fn words_keep_their_vowel_signs_and_lose_their_case() {
        let body =
            serde_json::json!({"text": "मधुमेह का इलाज", "concept": {"text": "Type 2 Diabetes", "system": "http://x"}});
        let words = words_of(&body);
        for word in ["\nमधुमेह", "\ndiabetes", "\ntype", "\n2"] {
            assert!(words.contains(word), "{word}");
        }
        assert!(!words.contains("http"));
    }
}
