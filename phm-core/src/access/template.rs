//! Templates: grants people give every day, ready to be said in plain words.
//!
//! A template fills in what terms leave open and nothing else; what it gives is seen in the grant itself, so that a later
//! version of a template changes no grant that was given. None names a sensitive label, and none lets anybody share.

use super::kinds::EVERY;
use super::words::{Action, Actions};

/// What a template fills in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Template {
    /// Its name, which stands in the grant.
    pub name: &'static str,
    /// The kinds of record; `profile` among them, so that whoever sees the records sees whose they are.
    pub kinds: &'static [&'static str],
    /// What may be done with them.
    pub actions: &'static [Action],
    /// How many hours the grant lasts; none: until it is revoked.
    pub hours: Option<u16>,
    /// How many hours a grant for emergencies waits after somebody asked.
    pub wait_hours: Option<u16>,
}

impl Template {
    /// Every template, in the order in which they are offered.
    pub const ALL: &'static [Self] = &[
        Self {
            name: "labs-and-medicines",
            kinds: &["profile", "lab-result", "medication", "prescription", "allergy"],
            actions: &[Action::Read],
            hours: Some(24),
            wait_hours: None,
        },
        Self { name: "visit", kinds: &[EVERY], actions: &[Action::Read], hours: Some(24), wait_hours: None },
        Self {
            name: "treatment",
            kinds: &[EVERY],
            actions: &[Action::Read, Action::Add],
            hours: Some(90 * 24),
            wait_hours: None,
        },
        Self {
            name: "pharmacy",
            kinds: &["profile", "medication", "prescription", "allergy"],
            actions: &[Action::Read],
            hours: Some(7 * 24),
            wait_hours: None,
        },
        Self {
            name: "laboratory",
            kinds: &["profile", "lab-result", "document"],
            actions: &[Action::Read, Action::Add],
            hours: Some(7 * 24),
            wait_hours: None,
        },
        Self { name: "emergency", kinds: &[EVERY], actions: &[Action::Read], hours: None, wait_hours: Some(48) },
    ];

    /// The template with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|template| template.name == name)
    }

    /// Its actions as a set.
    pub fn set(&self) -> Actions {
        Actions::of(self.actions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_template_shares_exports_or_destroys_and_each_says_whose_records_they_are() {
        for template in Template::ALL {
            for action in [Action::Share, Action::Export, Action::Amend, Action::Erase] {
                assert!(!template.set().contains(action), "{}", template.name);
            }
            assert!(template.kinds.iter().any(|kind| matches!(*kind, "profile" | EVERY)), "{}", template.name);
            // What lasts until it is revoked opens nothing by itself.
            assert!(template.hours.is_some() || template.wait_hours.is_some(), "{}", template.name);
            assert_eq!(Template::named(template.name), Some(template));
        }
    }
}
