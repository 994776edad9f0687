//! What is wrong with a body: the places and the codes, all of them found in one pass.
//!
//! | code | meaning |
//! |---|---|
//! | `required` | nothing where something is needed, or blank text |
//! | `unknown-field` | the kind has no such field |
//! | `wrong-type` | another JSON type is expected |
//! | `too-long` `too-many` | a text over 64 KiB, a list over 1,000 |
//! | `invalid-date` `invalid-instant` `invalid-decimal` `invalid-id` `invalid-choice` | not of that form |
//! | `invalid-number` | not in the range that the field can mean |
//! | `invalid-length` | a time that is nothing, less than nothing or longer than a life |
//! | `invalid-time` | not a time by the clock, such as `08:00` |
//! | `invalid-email` `invalid-media-type` `invalid-sha256` `invalid-type-name` | not of that form |
//! | `unknown-unit` `not-a-time` | not a UCUM unit, not a unit of time |
//! | `end-before-start` `low-above-high` | two fields contradict each other |
//! | `only-one` | a second value where one excludes the other |

use crate::error::Detail;

/// A report of more broken rules than this helps nobody.
const MOST_DETAILS: usize = 100;

/// Where in a body the reader is: a JSON pointer that is only written out when something is wrong.
#[derive(Clone, Copy)]
pub struct At<'a> {
    above: Option<&'a At<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Name(&'a str),
    Index(usize),
}

impl<'a> At<'a> {
    /// The whole body.
    pub const ROOT: Self = At { above: None, step: Step::Root };

    /// A field of the object here.
    pub const fn field(&'a self, name: &'a str) -> At<'a> {
        At { above: Some(self), step: Step::Name(name) }
    }

    /// An entry of the list here.
    pub const fn entry(&'a self, index: usize) -> At<'a> {
        At { above: Some(self), step: Step::Index(index) }
    }

    /// The JSON pointer (RFC 6901).
    pub fn pointer(&self) -> String {
        let mut path = self.above.map(At::pointer).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Index(index) => path.extend(["/", &index.to_string()]),
            Step::Name(name) => {
                path.push('/');
                // Names of unknown fields come from outside: keep the report small.
                let name = &name[..name.floor_char_boundary(100)];
                path.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
        }
        path
    }
}

/// The broken rules found so far.
#[derive(Default)]
pub struct Report {
    details: Vec<Detail>,
    stored: bool,
}

impl Report {
    /// A report of a body that was accepted before: rules younger than the body do not make it unreadable.
    pub(super) fn of_stored() -> Self {
        Self { stored: true, ..Self::default() }
    }

    /// Notes a broken rule that is younger than records in vaults, which keep being read.
    pub(super) fn say_of_new(&mut self, at: &At<'_>, code: &'static str) {
        if !self.stored {
            self.say(at, code);
        }
    }

    /// Notes that the value at a place breaks the rule named by `code`.
    pub fn say(&mut self, at: &At<'_>, code: &'static str) {
        if self.details.len() < MOST_DETAILS {
            self.details.push(Detail { path: at.pointer(), code });
        }
    }

    /// How many have been found.
    pub fn len(&self) -> usize {
        self.details.len()
    }

    /// Whether none has been found.
    pub fn is_empty(&self) -> bool {
        self.details.is_empty()
    }

    /// What was found, in the order of the kind's fields.
    pub fn into_details(self) -> Vec<Detail> {
        self.details
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_json_pointer() {
        let (root, list) = (At::ROOT, "codes");
        let (list, odd) = (root.field(list), root.field("a/b~c"));
        assert_eq!(root.pointer(), "");
        assert_eq!(list.entry(0).field("code").pointer(), "/codes/0/code");
        assert_eq!(odd.pointer(), "/a~1b~0c");
    }

    #[test]
    fn a_report_ends_after_a_hundred() {
        let mut report = Report::default();
        for _ in 0..1000 {
            report.say(&At::ROOT, "required");
        }
        assert_eq!(report.into_details().len(), 100);
    }
}
