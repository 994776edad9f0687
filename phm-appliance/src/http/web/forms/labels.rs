//! Names of fields, choices and kinds for people.

use crate::i18n::Locale;

/// The catalogue's name for a path: its last part, `_` as `-`.
pub fn key(path: &str) -> String {
    path.rsplit('.').next().unwrap_or(path).replace('_', "-")
}

/// The catalogue's name for a stored word; signs become letters.
pub fn word_key(word: &str) -> String {
    word.replace('+', "-plus").replace('_', "-")
}

/// The label of a field, where the catalogue has one: the kind's own before the common one.
pub fn known(locale: &Locale, kind: &str, path: &str) -> Option<String> {
    let (own, whole) = (format!("field-{kind}-{}", key(path)), format!("field-{}", path.replace(['.', '_'], "-")));
    locale.first_of(&[&own, &whole, &format!("field-{}", key(path))])
}

/// The label of a field; one the catalogue does not know is shown by its name.
pub fn field(locale: &Locale, kind: &str, path: &str) -> String {
    known(locale, kind, path).unwrap_or_else(|| key(path).replace('-', " "))
}

/// A line of help under a field, where there is one.
pub fn help(locale: &Locale, kind: &str, path: &str) -> String {
    let (own, common) = (format!("help-{kind}-{}", key(path)), format!("help-{}", key(path)));
    locale.first_of(&[&own, &common]).unwrap_or_default()
}

/// The name of a stored word, where the catalogue has one.
pub fn known_choice(locale: &Locale, path: &str, word: &str) -> Option<String> {
    let blood = path.ends_with("blood_group");
    if blood {
        return Some(word.replace('-', "−"));
    }
    let (own, common) = (format!("choice-{}-{}", key(path), word_key(word)), format!("choice-{}", word_key(word)));
    locale.first_of(&[&own, &common])
}

/// The name of a stored word; an unknown one as it stands.
pub fn choice(locale: &Locale, path: &str, word: &str) -> String {
    known_choice(locale, path, word).unwrap_or_else(|| word.to_owned())
}

/// A kind, as the name of one record.
pub fn kind(locale: &Locale, kind: &str) -> String {
    locale.first_of(&[&format!("kind-{kind}")]).unwrap_or_else(|| kind.to_owned())
}

/// A kind, as the name of a list.
pub fn kinds(locale: &Locale, kind: &str) -> String {
    locale.first_of(&[&format!("kinds-{kind}")]).unwrap_or_else(|| kind.to_owned())
}
