//! Each form has every field of its kind, with a name in every language.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::*;
use crate::http::web::forms::labels;
use crate::i18n::{Digits, Language, Locale};

fn check(kind: &str, fields: &[Field], locale: &Locale, missing: &mut BTreeSet<String>) {
    for field in fields {
        if !field.path.is_empty() && labels::known(locale, kind, field.path).is_none() {
            missing.insert(format!("field-{}", labels::key(field.path)));
        }
        match field.input {
            Input::Choice(words) => missing.extend(
                words
                    .iter()
                    .filter(|word| labels::known_choice(locale, field.path, word).is_none())
                    .map(|word| format!("choice-{}", labels::word_key(word))),
            ),
            Input::Group(inner) => check(kind, inner, locale, missing),
            _ => {}
        }
    }
}

#[test]
fn every_field_and_choice_has_a_name_in_every_language() {
    for language in Language::ALL {
        let locale = Locale::new(language, Digits::Latin, TimeZone::UTC);
        let mut missing = BTreeSet::new();
        for layout in LAYOUTS {
            for key in [format!("kind-{}", layout.kind), format!("kinds-{}", layout.kind)] {
                if !locale.has(&key) {
                    missing.insert(key);
                }
            }
            for section in layout.sections {
                check(layout.kind, section.fields, &locale, &mut missing);
                if !section.heading.is_empty() && !locale.has(section.heading) {
                    missing.insert(section.heading.to_owned());
                }
            }
        }
        assert!(missing.is_empty(), "{}: {missing:?}", language.tag());
    }
}

/// Fields a person does not write: the house finds them, or they come with an import.
const NOT_WRITTEN: &[&str] = &[
    "document media_type",
    "document bytes",
    "document sha256",
    "document pages",
    "series from",
    "series to",
    "series count",
    "note about",
    "message attachments",
    "profile contacts",
    "profile address",
    "profile identifiers",
    "profile deceased",
    "profile deceased_on",
];

fn fits(kind: &str, field: &Field, info: &phm_core::model::FieldInfo, faults: &mut Vec<String>) {
    if let Input::Choice(words) = field.input {
        let closed = !info.open && !info.choices.is_empty();
        let foreign = words.iter().filter(|word| closed && !info.choices.contains(word));
        faults.extend(foreign.map(|word| format!("{kind} {} does not take {word}", field.path)));
        let missing = info.choices.iter().filter(|word| !words.contains(word));
        faults.extend(missing.map(|word| format!("{kind} {} does not offer {word}", field.path)));
    }
    if info.required && !field.required {
        faults.push(format!("{kind} {} is required", field.path));
    }
}

#[test]
fn a_form_has_every_field_of_its_kind_and_offers_the_words_it_takes() {
    let mut faults = Vec::new();
    for layout in LAYOUTS {
        let kind = phm_core::model::kinds().iter().find(|kind| kind.name == layout.kind).expect("a kind of the model");
        assert_eq!(kind.collection, layout.collection, "{}", layout.kind);
        for info in kind.fields {
            let inside = format!("{}.", info.name);
            match layout.fields().find(|field| field.path == info.name) {
                Some(field) => fits(layout.kind, field, info, &mut faults),
                None if layout.fields().any(|field| field.path.starts_with(&inside)) => {}
                None if NOT_WRITTEN.contains(&format!("{} {}", layout.kind, info.name).as_str()) => {}
                None => faults.push(format!("{} has no {}", layout.kind, info.name)),
            }
        }
        for field in layout.fields() {
            let name = field.path.split('.').next().unwrap_or_default();
            if !kind.fields.iter().any(|info| info.name == name) {
                faults.push(format!("{} knows no {name}", layout.kind));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_path_stands_once_in_a_layout() {
    for layout in LAYOUTS {
        let paths = layout.fields().map(|field| field.path).collect::<Vec<_>>();
        assert_eq!(paths.iter().collect::<BTreeSet<_>>().len(), paths.len(), "{}", layout.kind);
    }
}
