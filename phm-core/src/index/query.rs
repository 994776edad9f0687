//! Finding records in the index: filters, order and pages.

use super::{ProfileIndex, RecordState, VersionRef};
use crate::time::When;

/// A code to look for, in one system or in any.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CodeFilter {
    /// The code system, when it matters.
    pub system: Option<String>,
    /// The code.
    pub code: String,
}

impl CodeFilter {
    /// Reads `system|code` or a bare code.
    pub fn parse(text: &str) -> Self {
        match text.split_once('|') {
            Some((system, code)) => {
                Self { system: Some(system.to_owned()).filter(|system| !system.is_empty()), code: code.to_owned() }
            }
            None => Self { system: None, code: text.to_owned() },
        }
    }

    fn matches(&self, codes: &[(String, String)]) -> bool {
        codes
            .iter()
            .any(|(system, code)| *code == self.code && self.system.as_ref().is_none_or(|wanted| wanted == system))
    }
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Sort {
    /// Newest first; undated records last.
    #[default]
    NewestFirst,
    /// Oldest first; undated records first.
    OldestFirst,
}

/// A span of time, both ends included; a partial date means all of it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Timeframe {
    /// Nothing before this.
    pub from: Option<When>,
    /// Nothing after this.
    pub to: Option<When>,
}

impl Timeframe {
    /// Whether something that occurred then lies in the span; undated facts lie only in the unlimited one.
    pub fn contains(&self, occurred: Option<When>) -> bool {
        match occurred {
            None => self.from.is_none() && self.to.is_none(),
            Some(when) => {
                self.from.is_none_or(|from| when.end() > from.first())
                    && self.to.is_none_or(|to| when.first() < to.end())
            }
        }
    }
}

/// What a list asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Query {
    /// Any of these codes; empty for all.
    pub codes: Vec<CodeFilter>,
    /// When it occurred.
    pub time: Timeframe,
    /// Any of these states; empty for all.
    pub status: Vec<String>,
    /// Words that must all occur in the record.
    pub text: Option<String>,
    /// The order.
    pub sort: Sort,
    /// The page, from 1.
    pub page: u32,
    /// Records a page.
    pub per_page: u32,
    /// Whether removed records are shown too.
    pub removed: bool,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            codes: Vec::new(),
            time: Timeframe::default(),
            status: Vec::new(),
            text: None,
            sort: Sort::default(),
            page: 1,
            per_page: 50,
            removed: false,
        }
    }
}

impl Query {
    fn matches(&self, version: &VersionRef) -> bool {
        let header = &version.header;
        self.time.contains(header.occurred)
            && (self.codes.is_empty() || self.codes.iter().any(|code| code.matches(&header.summary.codes)))
            && (self.status.is_empty()
                || header.summary.status.as_ref().is_some_and(|status| self.status.contains(status)))
    }
}

impl ProfileIndex {
    /// One page of the records of `kinds` (all when empty) that `query` and `admit` let through, and how many there are in all.
    pub(crate) fn find(
        &self,
        kinds: &[&str],
        query: &Query,
        admit: &dyn Fn(&RecordState, &VersionRef) -> bool,
    ) -> (u64, Vec<&RecordState>) {
        let words = query.text.as_deref().map(|text| self.slots_with_words(text));
        let skip = u64::from(query.page.max(1) - 1) * u64::from(query.per_page);
        let until = skip + u64::from(query.per_page);
        let (mut total, mut page) = (0, Vec::new());
        let mut visit = |slot: u32| {
            let state = &self.records[slot as usize];
            let Some(version) = state.current() else { return };
            let wanted = (query.removed || !state.removed())
                && words.as_ref().is_none_or(|slots| slots.contains(&slot))
                && query.matches(version)
                && admit(state, version);
            if wanted {
                if total >= skip && total < until {
                    page.push(state);
                }
                total += 1;
            }
        };
        match kinds {
            [one] => {
                if let Some(order) = self.by_kind.get(*one) {
                    each(order, query.sort, &mut visit);
                }
            }
            [] => each(&self.all, query.sort, &mut visit),
            some => each(&self.all, query.sort, &mut |slot| {
                if some.contains(&self.records[slot as usize].kind()) {
                    visit(slot);
                }
            }),
        }
        (total, page)
    }
}

fn each(order: &std::collections::BTreeSet<super::SortKey>, sort: Sort, visit: &mut dyn FnMut(u32)) {
    match sort {
        Sort::NewestFirst => order.iter().rev().for_each(|(_, slot)| visit(*slot)),
        Sort::OldestFirst => order.iter().for_each(|(_, slot)| visit(*slot)),
    }
}
