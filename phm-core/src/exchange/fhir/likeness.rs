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
    let (one, two) = (called(one), called(two));
    !one.is_empty() && !two.is_empty() && one.is_disjoint(&two)
}

/// The given names, since a family shares the other; else every word of the name.
fn called(body: &Value) -> BTreeSet<String> {
    let given = body["name"]["given"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
    let given: BTreeSet<String> = given.flat_map(words).collect();
    if given.is_empty() { body["name"]["text"].as_str().into_iter().flat_map(words).collect() } else { given }
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
}
