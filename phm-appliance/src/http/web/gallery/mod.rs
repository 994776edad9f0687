//! Every page with invented people, in every language: what the tests of pages look at.
//!
//! With `PHM_GALLERY=folder` in the environment the test also writes the pages there, to be looked at in a browser.

mod consent;
mod pages;
mod reminders;
mod samples;

use std::collections::BTreeMap;
use std::io::Write as _;

use pages::pages;
use samples::locale;
pub use samples::plain_page;

use crate::i18n::{Digits, Language};

#[test]
fn every_page_stands_in_every_language_without_script_or_style_inside() {
    for (language, digits) in
        [(Language::English, Digits::Latin), (Language::Hindi, Digits::Native), (Language::Punjabi, Digits::Native)]
    {
        let t = locale(language, digits);
        for (name, html) in pages(&t).into_iter().chain(consent::pages(&t)).chain(reminders::pages(&t)) {
            let place = format!("{name} in {}", language.tag());
            assert!(html.contains(&format!("<html lang=\"{}\"", language.tag())), "{place}");
            assert!(!html.contains(" style=") && !html.contains("<style"), "{place} has a style inside");
            assert!(!html.contains("onclick") && !html.contains("javascript:"), "{place} has a script inside");
            assert_eq!(html.matches("<script").count(), 1, "{place}");
            assert_eq!(html.matches("<h1").count(), 1, "{place} has one heading of the first order");
            for post in html
                .split("<form")
                .skip(1)
                .filter(|form| form.split('>').next().is_some_and(|head| head.contains("\"post\"")))
            {
                assert!(post.split("</form").next().is_some_and(|form| form.contains("name=\"csrf\"")), "{place}");
            }
            if let Some(folder) = std::env::var_os("PHM_GALLERY") {
                let folder = std::path::Path::new(&folder).join(language.tag());
                std::fs::create_dir_all(&folder).expect("a folder");
                let mut file = std::fs::File::create(folder.join(format!("{name}.html"))).expect("a file");
                file.write_all(html.as_bytes()).expect("written");
            }
        }
    }
}

#[test]
fn rows_forms_and_the_switcher_carry_the_names_of_the_contract() {
    let t = locale(Language::English, Digits::Latin);
    let pages = pages(&t).into_iter().collect::<BTreeMap<_, _>>();
    assert!(pages["list"].contains("data-record=\"00000000-0000-4000-8000-000000000035\""));
    assert!(pages["dashboard"].contains("data-test=\"switcher\""));
    for name in ["concept.text", "quantity.value", "quantity.unit", "collected_at", "laboratory.name", "csrf"] {
        assert!(pages["form-new"].contains(&format!("name=\"{name}\"")), "{name}");
    }
    assert!(pages["form"].contains("<p>Value: This unit is not known."), "the head names the field");
    let pressure = &pages["form-pressure"];
    assert!(pressure.contains("name=\"components.1.quantity.value\""), "both numbers of a blood pressure");
    assert!(
        !pressure.contains("name=\"quantity.value\"") && !pressure.contains("name=\"components.2."),
        "and no third"
    );
    assert!(pages["form-allergy"].contains("name=\"reactions.0.manifestation.text\""));
    for name in ["token", "passphrase", "email", "password", "name"] {
        assert!(pages["setup"].contains(&format!("name=\"{name}\"")), "{name}");
    }
}

#[test]
fn a_form_at_the_door_hides_passwords_and_lets_browsers_fill_them_in() {
    let t = locale(Language::English, Digits::Latin);
    let mut seen = 0;
    for (name, html) in pages(&t) {
        assert!(!html.contains("onpaste") && !html.contains("oncopy"), "{name}");
        for field in html.split("<input").skip(1).filter_map(|rest| rest.split('>').next()) {
            if !["name=\"password\"", "name=\"new_password\""].iter().any(|named| field.contains(named)) {
                continue;
            }
            seen += 1;
            assert!(field.contains("type=\"password\""), "{name}: {field}");
            let fills = ["current-password", "new-password"].iter().any(|word| field.contains(word));
            assert!(fills && !field.contains("maxlength"), "{name}: {field}");
        }
    }
    assert!(seen >= 6, "{seen}");
}
