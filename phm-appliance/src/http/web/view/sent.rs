//! A form as it was sent, to be shown again.

use std::fmt;

/// What was chosen and typed in a form that is shown again; nothing for one that is new.
///
/// Whoever left something out and made a mistake elsewhere finds it left out: a form that began anew would give away more
/// than they meant.
#[derive(Clone, Debug, Default)]
pub struct Sent(Vec<(String, String)>);

impl Sent {
    /// The pairs of a form.
    pub fn new(pairs: &[(String, String)]) -> Self {
        Self(pairs.to_vec())
    }

    /// Whether the form is new, so that its choices stand as they begin.
    pub fn is_new(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a choice was made.
    pub fn has<V: fmt::Display>(&self, name: &str, value: V) -> bool {
        let value = value.to_string();
        self.0.iter().any(|(field, sent)| field == name && *sent == value)
    }

    /// What was typed; empty for nothing.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_stays_left_out() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let sent = Sent::new(&[pair("all", "no"), pair("days", "7"), pair("name", "Notebook")]);
        assert!(!sent.is_new() && Sent::default().is_new());
        assert!(sent.has("all", "no") && !sent.has("all", "yes") && sent.has("days", 7));
        assert_eq!((sent.text("name"), sent.text("passcode")), ("Notebook", ""));
    }
}
