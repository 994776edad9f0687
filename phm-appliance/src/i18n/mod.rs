//! What people read, in their language.
//!
//! Every text stands in a Fluent catalogue under `locales/`; code and templates name keys only. English is
//! the reference: a key the other two lack falls back to it, and a test keeps them complete. Sentences are
//! whole in the catalogue, with places for what varies, so that nothing is built by gluing.

mod catalogue;
mod dates;
pub mod zones;

use std::fmt;

use fluent_bundle::{FluentArgs, FluentValue};
use jiff::tz::TimeZone;

pub use dates::Age;

/// A language the product speaks.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Hindi, in Devanagari.
    Hindi,
    /// Punjabi, in Gurmukhi.
    Punjabi,
}

impl Language {
    /// All of them, in the order of the language menu.
    pub const ALL: [Self; 3] = [Self::English, Self::Hindi, Self::Punjabi];

    /// The language's tag in HTML and HTTP.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Hindi => "hi",
            Self::Punjabi => "pa",
        }
    }

    /// The language's name in itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Hindi => "हिन्दी",
            Self::Punjabi => "ਪੰਜਾਬੀ",
        }
    }

    /// The language of a tag such as `hi` or `hi-IN`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| language.tag() == primary)
    }

    /// The best language for an `Accept-Language` header.
    pub fn accepted(header: &str) -> Self {
        let mut best = (0.0_f32, Self::English);
        for item in header.split(',') {
            let mut parts = item.split(';');
            let Some(language) = parts.next().and_then(Self::of_tag) else { continue };
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0));
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }

    const fn zero(self) -> char {
        match self {
            Self::English => '0',
            Self::Hindi => '०',
            Self::Punjabi => '੦',
        }
    }
}

/// Which digits numbers are written in.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Digits {
    /// 0 to 9: what lab reports, packets and thermometers show, also in India; the default everywhere.
    #[default]
    Latin,
    /// The digits of the language's own script.
    Native,
}

impl Digits {
    /// The setting's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Latin => "latin",
            Self::Native => "native",
        }
    }

    /// The digits a setting's word names.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Latin, Self::Native].into_iter().find(|digits| digits.word() == word)
    }
}

/// How one reader wants to be spoken to: language, digits and time zone.
#[derive(Clone)]
pub struct Locale {
    language: Language,
    digits: Digits,
    zone: TimeZone,
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Locale({}, {})", self.language.tag(), self.digits.word())
    }
}

impl Locale {
    /// A locale.
    pub const fn new(language: Language, digits: Digits, zone: TimeZone) -> Self {
        Self { language, digits, zone }
    }

    /// The language.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// The digits.
    pub const fn digits(&self) -> Digits {
        self.digits
    }

    /// The time zone moments are shown in.
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The text of `key`.
    pub fn say(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// The text of `key` for `count` things; the catalogue holds the plural forms under `$count`.
    pub fn count<N: TryInto<u32>>(&self, key: &str, count: N) -> String {
        let count = count.try_into().unwrap_or(u32::MAX);
        let mut args = FluentArgs::new();
        args.set("count", FluentValue::from(count));
        self.format(key, Some(&args))
    }

    /// The text of `key` with one value in its place.
    pub fn with<V: fmt::Display>(&self, key: &str, name: &str, value: V) -> String {
        let mut args = FluentArgs::new();
        args.set(name.to_owned(), value.to_string());
        self.format(key, Some(&args))
    }

    /// The text of `key` with several values in their places.
    pub fn with_all(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set((*name).to_owned(), (*value).to_owned());
        }
        self.format(key, Some(&args))
    }

    /// The text of the first of `keys` that a catalogue has.
    pub fn first_of(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find(|key| self.has(key)).map(|key| self.say(key))
    }

    /// Whether this language or English has `key`.
    pub fn has(&self, key: &str) -> bool {
        catalogue::has(self.language, key) || catalogue::has(Language::English, key)
    }

    /// A number as written, in the reader's digits; everything that is not a digit stays.
    pub fn number<N: fmt::Display>(&self, number: N) -> String {
        let text = number.to_string();
        match self.digits {
            Digits::Latin => text,
            Digits::Native => to_native(&text, self.language),
        }
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        catalogue::format(self.language, self.digits, key, args)
            .or_else(|| catalogue::format(Language::English, self.digits, key, args))
            .unwrap_or_else(|| key.to_owned())
    }
}

/// `text` with its ASCII digits in the script of `language`.
fn to_native(text: &str, language: Language) -> String {
    let zero = language.zero() as u32;
    text.chars()
        .map(|letter| letter.to_digit(10).and_then(|digit| char::from_u32(zero + digit)).unwrap_or(letter))
        .collect()
}

/// `text` with Devanagari and Gurmukhi digits as ASCII digits, for what people type.
pub fn to_latin(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '०'..='९' | '੦'..='੯' => {
                let zero = if letter <= '९' { '०' } else { '੦' };
                char::from_digit(letter as u32 - zero as u32, 10).unwrap_or(letter)
            }
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hindi(digits: Digits) -> Locale {
        Locale::new(Language::Hindi, digits, TimeZone::UTC)
    }

    #[test]
    fn digits_follow_the_reader_and_come_back() {
        assert_eq!(hindi(Digits::Native).number("7.20"), "७.२०");
        assert_eq!(hindi(Digits::Latin).number("7.20"), "7.20");
        assert_eq!(to_latin("७.२० ੧੨੦"), "7.20 120");
        assert_eq!(Locale::new(Language::Punjabi, Digits::Native, TimeZone::UTC).number(120), "੧੨੦");
    }

    #[test]
    fn plurals_follow_the_language() {
        let english = Locale::new(Language::English, Digits::Latin, TimeZone::UTC);
        assert_eq!(english.count("records-count", 1), "1 record");
        assert_eq!(english.count("records-count", 2), "2 records");
        assert_eq!(hindi(Digits::Native).count("records-count", 0), "० रिकॉर्ड");
    }

    #[test]
    fn the_browser_s_wish_is_honoured_by_weight() {
        assert_eq!(Language::accepted("fr-FR, pa-IN;q=0.8, hi;q=0.9"), Language::Hindi);
        assert_eq!(Language::accepted("fr"), Language::English);
        assert_eq!(Language::accepted(""), Language::English);
    }
}
