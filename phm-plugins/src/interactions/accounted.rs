//! What a drugs plugin says of the medicines it was handed, held against what it was handed.
//!
//! Its counts are not believed. A medicine counts as checked where the plugin names it as checked, and one that it says nothing
//! of was not checked: a plugin that forgets a medicine leaves nobody thinking it was looked at.

use std::collections::HashMap;

use phm_plugin_api::v1::drugs::Output;

/// Each medicine that was handed over, in one of three lists.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Accounted {
    /// Those that were checked.
    pub checked: Vec<String>,
    /// Those that were stopped so long ago that they work no more.
    pub over: Vec<String>,
    /// All others.
    pub not_checked: Vec<String>,
    /// Of those that were checked, the ones the data holds nothing about.
    pub nothing_known: Vec<String>,
}

/// How often each name stands in a list.
struct Tally<'l>(HashMap<&'l str, usize>);

impl<'l> Tally<'l> {
    fn of(names: &'l [String]) -> Self {
        let mut tally = HashMap::new();
        for name in names {
            *tally.entry(name.as_str()).or_insert(0) += 1;
        }
        Self(tally)
    }

    /// Takes a name out, once; whether it was there.
    fn take(&mut self, name: &str) -> bool {
        match self.0.get_mut(name) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }
}

/// Holds the answer of a plugin against the medicines it was handed, by name as written.
pub(super) fn account(handed: &[String], output: &Output) -> Accounted {
    // A plugin older than the names: its counts hold where they are about exactly what it was handed.
    let counted = output.checked as usize + output.not_checked.len();
    let by_count = output.checked_names.is_empty()
        && output.over.is_empty()
        && counted == handed.len()
        && output.total as usize == handed.len();
    let (mut checked, mut over) = (Tally::of(&output.checked_names), Tally::of(&output.over));
    let (mut not_checked, mut unknown) = (Tally::of(&output.not_checked), Tally::of(&output.nothing_known));
    let mut accounted = Accounted::default();
    for name in handed {
        // In doubt it was not checked.
        if not_checked.take(name) {
            accounted.not_checked.push(name.clone());
        } else if over.take(name) {
            accounted.over.push(name.clone());
        } else if by_count || checked.take(name) {
            if unknown.take(name) {
                accounted.nothing_known.push(name.clone());
            }
            accounted.checked.push(name.clone());
        } else {
            accounted.not_checked.push(name.clone());
        }
    }
    accounted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[&str]) -> Vec<String> {
        all.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_medicine_the_plugin_says_nothing_of_was_not_checked() {
        let handed = names(&["warfarin", "ibuprofen", "Xyzabc"]);
        let output = Output { checked: 3, total: 3, checked_names: names(&["warfarin"]), ..Output::default() };
        let accounted = account(&handed, &output);
        assert_eq!((accounted.checked, accounted.not_checked), (names(&["warfarin"]), names(&["ibuprofen", "Xyzabc"])));
    }

    #[test]
    fn counts_alone_hold_only_where_they_add_up() {
        let handed = names(&["warfarin", "Xyzabc"]);
        let mut output = Output { checked: 1, total: 2, not_checked: names(&["Xyzabc"]), ..Output::default() };
        assert_eq!(account(&handed, &output).checked, names(&["warfarin"]));
        output.total = 3;
        assert!(account(&handed, &output).checked.is_empty());
        let boast = Output { checked: 9, total: 9, ..Output::default() };
        assert_eq!(account(&handed, &boast).not_checked, handed);
    }

    #[test]
    fn the_same_name_twice_is_two_medicines() {
        let handed = names(&["aspirin", "aspirin", "aspirin"]);
        let output = Output {
            checked_names: names(&["aspirin", "made up"]),
            over: names(&["aspirin"]),
            nothing_known: names(&["aspirin", "aspirin"]),
            ..Output::default()
        };
        let accounted = account(&handed, &output);
        assert_eq!((accounted.checked.len(), accounted.over.len(), accounted.not_checked.len()), (1, 1, 1));
        assert_eq!(accounted.nothing_known.len(), 1);
    }
}
