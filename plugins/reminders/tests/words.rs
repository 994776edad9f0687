//! What the plugin says: every event in every language, and nothing of anybody where it leaves the house.

use phm_plugin_reminders::{EVENTS, LANGUAGES, OUTSIDE, Reminders, Templates, filled, say};
use phm_plugin_sdk::Plugin as _;
use phm_plugin_sdk::serde_json::{Value, json};
use phm_plugin_sdk::testing::House;
use phm_plugin_sdk::v1::Door;
use phm_plugin_sdk::v1::notify::{Input, Message};

/// Everything that is known of any event.
fn data() -> Value {
    json!({
        "person": "Kamala Devi", "at": "08:00", "medicines": "Metformin 500 mg, Aspirin", "count": 2,
        "medicine": "Metformin", "run_out_on": "3 December 2026", "with": "Dr Rao", "place": "Room 3",
        "reason": "blood pressure", "names": "HbA1c", "to": "Dr Rao",
    })
}

fn input(event: &str, language: &str, outside: bool) -> Input {
    Input { event: event.to_owned(), data: data(), language: language.to_owned(), outside }
}

fn said(input: Input) -> Option<Message> {
    House::new().run(|| Reminders::call(input)).expect("an answer").messages.into_iter().next()
}

#[test]
fn every_event_has_words_in_every_language_and_fills_every_place() {
    for event in EVENTS {
        let mut titles = Vec::new();
        for language in LANGUAGES {
            let message = said(input(event, language, false)).expect("a message");
            let whole = format!("{} {}", message.title, message.text);
            assert!(!message.title.is_empty() && message.text.contains("Kamala Devi"), "{event} {language}: {whole}");
            assert!(!whole.contains(['{', '}']), "{event} {language}: {whole}");
            titles.push(message.title);
        }
        titles.dedup();
        assert_eq!(titles.len(), LANGUAGES.len(), "{event} is said in each language");
    }
    let dose = said(input("dose-due", "en", false)).expect("a message");
    assert_eq!(dose.text, "Kamala Devi, 08:00: Metformin 500 mg, Aspirin");
}

#[test]
fn what_leaves_the_house_says_nothing_of_anybody_whatever_it_is_handed() {
    for language in LANGUAGES {
        let plain = said(input(OUTSIDE, language, true)).expect("a message");
        for event in EVENTS {
            assert_eq!(said(input(event, language, true)), Some(plain.clone()), "{event} {language}");
        }
        let whole = format!("{} {}", plain.title, plain.text);
        for (name, known) in data().as_object().expect("an object") {
            let known = known.as_str().map_or_else(|| known.to_string(), str::to_owned);
            assert!(!whole.contains(&known), "{name} in {whole}");
        }
    }
    let english = said(input(OUTSIDE, "en", true)).expect("a message");
    assert_eq!(english.title, "You have a reminder from PHM");
}

#[test]
fn an_event_nobody_knows_is_not_made_up_and_an_unknown_language_is_english() {
    for outside in [true, false] {
        assert_eq!(said(input("no-such-event", "en", outside)), None);
    }
    let english = said(input("refill", "en", false));
    assert!(english.is_some() && said(input("refill", "fr", false)) == english);
}

#[test]
fn the_administrators_words_count_and_an_empty_one_is_none() {
    let settings = json!({"dose-due-title-en": "Pills, {person}!", "dose-due-text-en": [" "]});
    let ask = || Reminders::call(input("dose-due", "en", false));
    let message = House::new().with_settings(settings).run(ask).expect("an answer").messages.remove(0);
    assert_eq!(message.title, "Pills, Kamala Devi!");
    assert_eq!(message.text, "Kamala Devi, 08:00: Metformin 500 mg, Aspirin");
    // Where the administrator did not grant it its settings, it speaks in its own words.
    let shut = House::new().with_shut("settings.get", Door::Administrator);
    assert_eq!(shut.run(ask).expect("an answer").messages[0].title, "Time for your medicine");
}

#[test]
fn a_line_of_which_something_is_not_known_is_left_out() {
    let templates = Templates::new(json!({})).expect("templates");
    let mut input = input("appointment", "en", false);
    input.data =
        json!({"person": "Kamala", "at": "1 December 2026, 09:00", "with": "Dr Rao", "place": "", "reason": ""});
    let message = say(&templates, &input).expect("a message");
    assert_eq!(message.text, "Kamala: 1 December 2026, 09:00\nWith Dr Rao");
    assert_eq!(filled("{a} and {b", &json!({"a": 1})), "1 and {b");
    assert_eq!(filled("nothing of {a}", &Value::Null), "nothing of");
}
