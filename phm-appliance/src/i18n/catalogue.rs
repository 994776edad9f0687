//! The Fluent catalogues, compiled in.
//!
//! One bundle per language and kind of digits, built once and shared by all requests. A catalogue that does
//! not parse, or names a key twice, is a mistake of ours and found by the tests.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use intl_memoizer::concurrent::IntlLangMemoizer;
use unic_langid::{LanguageIdentifier, langid};

use super::{Digits, Language, to_native};

macro_rules! sources {
    ($tag:literal) => {
        &[
            include_str!(concat!("../../locales/", $tag, "/common.ftl")),
            include_str!(concat!("../../locales/", $tag, "/dashboard.ftl")),
            include_str!(concat!("../../locales/", $tag, "/sign-in.ftl")),
            include_str!(concat!("../../locales/", $tag, "/records.ftl")),
            include_str!(concat!("../../locales/", $tag, "/fields.ftl")),
            include_str!(concat!("../../locales/", $tag, "/pages.ftl")),
            include_str!(concat!("../../locales/", $tag, "/errors.ftl")),
            include_str!(concat!("../../locales/", $tag, "/clinical.ftl")),
            include_str!(concat!("../../locales/", $tag, "/consent.ftl")),
            include_str!(concat!("../../locales/", $tag, "/reminders.ftl")),
            include_str!(concat!("../../locales/", $tag, "/rights.ftl")),
            include_str!(concat!("../../locales/", $tag, "/proposals.ftl")),
        ]
    };
}

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<Vec<((Language, Digits), Bundle)>> = LazyLock::new(|| {
    let mut bundles = Vec::new();
    for language in Language::ALL {
        for digits in [Digits::Latin, Digits::Native] {
            bundles.push(((language, digits), bundle(language, digits)));
        }
    }
    bundles
});

const fn sources(language: Language) -> &'static [&'static str] {
    match language {
        Language::English => sources!("en"),
        Language::Hindi => sources!("hi"),
        Language::Punjabi => sources!("pa"),
    }
}

const fn identifier(language: Language) -> LanguageIdentifier {
    match language {
        Language::English => langid!("en"),
        Language::Hindi => langid!("hi"),
        Language::Punjabi => langid!("pa"),
    }
}

fn bundle(language: Language, digits: Digits) -> Bundle {
    let mut bundle = Bundle::new_concurrent(vec![identifier(language)]);
    bundle.set_use_isolating(false);
    bundle.set_formatter(match (language, digits) {
        (Language::Hindi, Digits::Native) => Some(devanagari),
        (Language::Punjabi, Digits::Native) => Some(gurmukhi),
        _ => None,
    });
    for source in sources(language) {
        let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

fn devanagari(value: &FluentValue<'_>, _: &IntlLangMemoizer) -> Option<String> {
    native(value, Language::Hindi)
}

fn gurmukhi(value: &FluentValue<'_>, _: &IntlLangMemoizer) -> Option<String> {
    native(value, Language::Punjabi)
}

fn native(value: &FluentValue<'_>, language: Language) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(to_native(&number.as_string(), language)),
        _ => None,
    }
}

fn of(language: Language, digits: Digits) -> Option<&'static Bundle> {
    BUNDLES.iter().find(|(key, _)| *key == (language, digits)).map(|(_, bundle)| bundle)
}

/// Whether `language` itself has `key`.
pub fn has(language: Language, key: &str) -> bool {
    of(language, Digits::Latin).is_some_and(|bundle| bundle.has_message(key))
}

/// The text of `key`, where `language` has it.
pub fn format(language: Language, digits: Digits, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
    let bundle = of(language, digits)?;
    let pattern = bundle.get_message(key)?.value()?;
    Some(bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;

    /// Keys of one language, with the places each text has.
    fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys = BTreeMap::new();
        for source in sources(language) {
            FluentResource::try_new((*source).to_owned())
                .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", language.tag()));
            let mut current = String::new();
            for line in source.lines() {
                if let Some((key, _)) =
                    line.split_once(" =").filter(|(key, _)| key.starts_with(|c: char| c.is_ascii_lowercase()))
                {
                    current = key.to_owned();
                    let twice = keys.insert(current.clone(), BTreeSet::new());
                    assert!(twice.is_none(), "{}: {key} stands twice", language.tag());
                }
                for place in line.split('$').skip(1) {
                    let name = place.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
                    keys.entry(current.clone()).or_default().insert(name);
                }
            }
        }
        keys
    }

    #[test]
    fn hindi_and_punjabi_say_everything_english_says() {
        let english = keys(Language::English);
        assert!(english.len() > 200, "the catalogue was read");
        for language in [Language::Hindi, Language::Punjabi] {
            let other = keys(language);
            for (key, places) in &english {
                assert_eq!(other.get(key), Some(places), "{} of {key}", language.tag());
            }
            let unknown = other.keys().filter(|key| !english.contains_key(*key)).collect::<Vec<_>>();
            assert!(unknown.is_empty(), "{}: {unknown:?} are not in English", language.tag());
        }
    }

    /// Every text key named in a literal after one of the catalogue's methods.
    fn used(text: &str, found: &mut BTreeSet<String>) {
        for method in [".say(\"", ".count(\"", ".with(\"", ".with_all(\""] {
            for rest in text.split(method).skip(1) {
                found.extend(rest.split('"').next().map(str::to_owned));
            }
        }
    }

    fn walk(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder of ours").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                used(&std::fs::read_to_string(&path).expect("a text file"), found);
            }
        }
    }

    #[test]
    fn every_text_a_page_names_exists() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = BTreeSet::new();
        walk(&root.join("templates"), &mut found);
        walk(&root.join("src/http/web"), &mut found);
        assert!(found.len() > 100, "the templates were read");
        let english = keys(Language::English);
        let missing = found.iter().filter(|key| !english.contains_key(*key)).collect::<Vec<_>>();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
