//! Whether two descriptions of a person can be of the same one.
//!
//! Ids from outside are not always unique: many a small system calls its first patient `1`. Where one id comes with
//! another day of birth and another given name, it is somebody else's, and their records must not be mixed. One of the
//! two alone proves nothing: names change and are written in several scripts, and days of birth are corrected.

use std::collections::BTreeSet;

use serde_json::Value;

/// Whether two bodies of a `profile`, as JSON, are of two people. What cannot be told is `false`.
pub(crate) fn are_two_people(one: &str, two: &str) -> bool {
    if one == two {
        return false;
    }
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    let (Some(one), Some(two)) = (read(one), read(two)) else { return false };
    born_apart(&one, &two) && called_otherwise(&one, &two)
}

/// Whether the days of birth differ as far as both are known: a year alone may be that of the other's day.
fn born_apart(one: &Value, two: &Value) -> bool {
    let (Some(one), Some(two)) = (one["birth_date"].as_str(), two["birth_date"].as_str()) else { return false };
    let known = one.len().min(two.len());
    one.get(..known) != two.get(..known)
}

fn called_otherwise(one: &Value, two: &Value) -> bool {
    let (one, two) = (Called::of(one), Called::of(two));
    let said = !one.first.is_empty() && !two.first.is_empty();
    said && one.first.is_disjoint(&two.all) && two.first.is_disjoint(&one.all)
}

/// Words that stand in front of a name and tell nobody apart.
const TITLES: &str = "mr mrs ms miss dr master baby shri sri smt kum kumari श्री श्रीमती डॉ कुमारी ਸ਼੍ਰੀ ਸ਼੍ਰੀਮਤੀ ਡਾ";

/// How somebody is called, in lower case.
struct Called {
    /// The given names, since a family shares the other; where the name is one text, the word it begins with.
    first: BTreeSet<String>,
    /// Every word of the name.
    all: BTreeSet<String>,
}

impl Called {
    fn of(body: &Value) -> Self {
        let name = &body["name"];
        let given = name["given"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let given: Vec<String> = given.flat_map(words).collect();
        let text: Vec<String> = name["text"].as_str().into_iter().flat_map(words).collect();
        let family = name["family"].as_str().into_iter().flat_map(words);
        let first = if given.is_empty() { &text[..text.len().min(1)] } else { &given[..] };
        Self { first: first.iter().cloned().collect(), all: given.iter().chain(&text).cloned().chain(family).collect() }
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let plain = text.split_whitespace().map(|word| word.trim_matches(|letter: char| letter.is_ascii_punctuation()));
    plain.map(str::to_lowercase).filter(|word| !word.is_empty() && TITLES.split(' ').all(|title| title != word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_birthday_with_another_given_name_is_somebody_else() {
        let asha = r#"{"name":{"given":["Asha","Devi"],"family":"Rao"},"birth_date":"1980-02-03"}"#;
        for (other, expected) in [
            (r#"{"name":{"given":["Ben"],"family":"Rao"},"birth_date":"2011-05-06"}"#, true),
            (r#"{"name":{"text":"Ben Rao"},"birth_date":"2011"}"#, true),
            // Married, corrected, known by the year only, or not said at all.
            (r#"{"name":{"given":["asha"],"family":"Sharma"},"birth_date":"1980-02-04"}"#, false),
            (r#"{"name":{"given":["Ben"],"family":"Rao"},"birth_date":"1980-02-03"}"#, false),
            (r#"{"name":{"given":["Ben"],"family":"Rao"},"birth_date":"1980"}"#, false),
            (r#"{"name":{"given":["Ben"],"family":"Rao"}}"#, false),
            (r#"{"name":{"family":"Kaur"},"birth_date":"2011-05-06"}"#, false),
            (r#"{"name":{"text":"Asha Rao"},"birth_date":"2011-05-06"}"#, false),
        ] {
            assert_eq!((are_two_people(asha, other), are_two_people(other, asha)), (expected, expected), "{other}");
        }
        assert!(!are_two_people(asha, "{"));
    }

    #[test]
    fn of_a_name_in_one_text_the_word_it_begins_with_tells() {
        let called = |name: &str, on: &str| format!(r#"{{"name":{{"text":"{name}"}},"birth_date":"{on}"}}"#);
        let asha = called("Smt. Asha Rao", "1980-02-03");
        for (name, expected) in [
            ("Ben Rao", true),
            ("Smt. Meera Rao", true),
            ("Asha", false),
            ("Rao Asha", false),
            ("Dr. Asha Devi", false),
            ("Smt.", false),
        ] {
            assert_eq!(are_two_people(&asha, &called(name, "2011-05-06")), expected, "{name}");
            assert!(!are_two_people(&asha, &called(name, "1980")), "{name}");
        }
    }
}
