//! Finding records in the index: filters, order and pages.

use std::collections::BTreeSet;

use super::{ProfileIndex, RecordState, SortKey, Version};
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

    /// Records that name no code at all, as people type them.
    pub const fn uncoded() -> Self {
        Self { system: None, code: String::new() }
    }

    fn matches(&self, codes: &[(String, String)]) -> bool {
        if self.code.is_empty() && self.system.is_none() {
            return codes.is_empty();
        }
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
    /// Any of these states, the empty one for records that name none; an empty list for all.
    pub status: Vec<String>,
    /// Words that must all occur in the record.
    pub text: Option<String>,
    /// Only the first, in the order of the list, of those that have title, codes, unit, state and flag in common.
    pub first_of_each: bool,
    /// Whether the page is enough: how many there are in all is then counted no further than to its end.
    pub uncounted: bool,
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
            first_of_each: false,
            uncounted: false,
            sort: Sort::default(),
            page: 1,
            per_page: 50,
            removed: false,
        }
    }
}

impl Query {
    /// Whether a version has one of the codes and one of the states asked for; the same for all with one template.
    fn matches_words(&self, version: Version<'_>) -> bool {
        (self.codes.is_empty() || self.codes.iter().any(|code| code.matches(version.codes())))
            && (self.status.is_empty()
                || self.status.iter().any(|wanted| wanted == version.status().unwrap_or_default()))
    }
}

/// What was found out about a template already.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Known {
    Nothing,
    Matches,
    Differs,
}

impl ProfileIndex {
    /// One page of the records of `kinds` (all when empty) that `query` and `admit` let through, and how many there are in all.
    pub(crate) fn find(
        &self,
        kinds: &[&str],
        query: &Query,
        admit: &dyn Fn(Version<'_>) -> bool,
    ) -> (u64, Vec<RecordState<'_>>) {
        let words = query.text.as_deref().map(|text| self.slots_with_words(text));
        let skip = u64::from(query.page.max(1) - 1) * u64::from(query.per_page);
        let until = skip + u64::from(query.per_page);
        let (mut total, mut page) = (0, Vec::new());
        let filtered = !query.codes.is_empty() || !query.status.is_empty();
        let mut known = vec![Known::Nothing; if filtered { self.packed.templates() } else { 0 }];
        let mut seen = vec![false; if query.first_of_each { self.packed.templates() } else { 0 }];
        let mut matches = |version: Version<'_>| {
            let Some(known) = known.get_mut(version.template_number()) else { return true };
            if *known == Known::Nothing {
                *known = if query.matches_words(version) { Known::Matches } else { Known::Differs };
            }
            *known == Known::Matches
        };
        // Looks at one record; answers whether there is more to look for.
        let mut visit = |slot: u32| {
            let state = RecordState { index: self, slot };
            let Some(version) = state.current() else { return true };
            // What costs least comes first: most of a long list is parted from what is wanted by its template.
            let template = version.template_number();
            if seen.get(template).is_some_and(|seen| *seen) || !matches(version) {
                return true;
            }
            let wanted = (query.removed || !state.removed())
                && words.as_ref().is_none_or(|slots| slots.contains(&slot))
                && query.time.contains(version.occurred())
                && admit(version);
            if wanted {
                if let Some(seen) = seen.get_mut(template) {
                    *seen = true;
                }
                if total >= skip && total < until {
                    page.push(state);
                }
                total += 1;
            }
            !query.uncounted || total < until
        };
        let wanted = |kind: &str| kinds.is_empty() || kinds.contains(&kind);
        let orders: Vec<&BTreeSet<SortKey>> =
            self.by_kind.iter().filter(|(kind, _)| wanted(kind)).map(|(_, order)| order).collect();
        match query.sort {
            Sort::NewestFirst => merged(orders.iter().map(|order| order.iter().rev()), &|a, b| a > b, &mut visit),
            Sort::OldestFirst => merged(orders.iter().map(|order| order.iter()), &|a, b| a < b, &mut visit),
        }
        (total, page)
    }
}

/// Visits what stands in several ordered lists in one order, as long as there is more to look for.
fn merged<'o>(
    lists: impl Iterator<Item = impl Iterator<Item = &'o SortKey>>,
    before: &dyn Fn(&SortKey, &SortKey) -> bool,
    visit: &mut dyn FnMut(u32) -> bool,
) {
    let mut lists: Vec<_> = lists.filter_map(|mut list| Some((*list.next()?, list))).collect();
    while let Some(mut key) = lists.first().map(|(key, _)| *key) {
        let mut first = 0;
        for (at, (other, _)) in lists.iter().enumerate().skip(1) {
            if before(other, &key) {
                (first, key) = (at, *other);
            }
        }
        if !visit(key.1) {
            return;
        }
        match lists[first].1.next() {
            Some(next) => lists[first].0 = *next,
            None => drop(lists.swap_remove(first)),
        }
    }
}
