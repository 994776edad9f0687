//! Finding records in the index: filters, order and pages.

#[cfg(test)]
mod tests;

use super::order::{Order, SortKey, Span, Standing};
use super::templates::Template;
use super::{ProfileIndex, RecordState, Version};
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
    /// Whether these are one of the codes and one of the states asked for; the same for all with one template.
    fn matches_words(&self, template: &Template) -> bool {
        let status = template.status.as_deref().unwrap_or_default();
        (self.codes.is_empty() || self.codes.iter().any(|code| code.matches(&template.codes)))
            && (self.status.is_empty() || self.status.iter().any(|wanted| wanted == status))
    }

    /// Whether nothing but codes, states and what may be shown decides, so that all with one template are wanted or
    /// none.
    fn is_by_template(&self) -> bool {
        self.text.is_none() && !self.removed && self.time.from.is_none() && self.time.to.is_none()
    }
}

/// Which records a list may show.
pub(crate) struct Admission<'a> {
    /// Whether it may show the record with this newest version.
    pub admits: &'a dyn Fn(Version<'_>) -> bool,
    /// Whether the answer is the same for all versions of a kind with the same labels that are bare files, and for all that
    /// are none, unless they are removals: it is then asked once for those that have so much in common.
    pub by_labels: &'a dyn Fn(&str) -> bool,
}

/// Answers for all versions of one kind with the same labels, bare files or none, that are no removals, each asked once.
struct Alike<'i, 'q> {
    admission: &'q Admission<'q>,
    known: Vec<(&'i Template, bool)>,
}

impl<'i> Alike<'i, '_> {
    /// Whether a version with this template, which is no removal, may be shown; `None` where more than its labels
    /// decides.
    fn admits(&mut self, template: &'i Template, version: Version<'_>) -> Option<bool> {
        let of_same = |(known, _): &&(&Template, bool)| {
            known.kind == template.kind
                && known.labels == template.labels
                && known.is_bare_file() == template.is_bare_file()
        };
        if let Some((_, admits)) = self.known.iter().find(of_same) {
            return Some(*admits);
        }
        if !(self.admission.by_labels)(&template.kind) {
            return None;
        }
        let admits = (self.admission.admits)(version);
        self.known.push((template, admits));
        Some(admits)
    }
}

/// What was found out about a template already.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Known {
    Nothing,
    Fits,
    Differs,
    /// More than the template decides: each record is asked about.
    Varies,
}

impl Known {
    /// What is known, found out first where nothing is.
    fn or_ask(&mut self, ask: impl FnOnce() -> bool) -> bool {
        if *self == Self::Nothing {
            *self = if ask() { Self::Fits } else { Self::Differs };
        }
        *self == Self::Fits
    }
}

impl ProfileIndex {
    /// One page of the records of `kinds` (all when empty) that `query` and `admit` let through, and how many there are in all.
    #[cfg(test)]
    pub(crate) fn find(
        &self,
        kinds: &[&str],
        query: &Query,
        admit: &dyn Fn(Version<'_>) -> bool,
    ) -> (u64, Vec<RecordState<'_>>) {
        self.find_admitted(kinds, query, &Admission { admits: admit, by_labels: &|_| false })
    }

    /// One page of the records of `kinds` (all when empty) that `query` and `admission` let through, and how many there
    /// are in all.
    pub(crate) fn find_admitted(
        &self,
        kinds: &[&str],
        query: &Query,
        admission: &Admission<'_>,
    ) -> (u64, Vec<RecordState<'_>>) {
        let skip = u64::from(query.page.max(1) - 1) * u64::from(query.per_page);
        let until = skip + u64::from(query.per_page);
        let wanted_kind = |kind: &str| kinds.is_empty() || kinds.contains(&kind);
        // Most lists are counted before they are gone through, and end with their page; the first of each end with the
        // last.
        let countable = if query.first_of_each { !query.removed } else { query.is_by_template() && !query.uncounted };
        let mut alike = Alike { admission, known: Vec::new() };
        let shown = if countable { self.shown(&wanted_kind, query, &mut alike) } else { None };
        let (counted, enough) = match shown {
            Some(shown) if query.first_of_each => (None, shown.templates),
            Some(shown) => (Some(shown.records), until),
            None => (None, u64::MAX),
        };
        let enough = if query.uncounted { enough.min(until) } else { enough };
        if enough == 0 || counted.is_some_and(|counted| counted <= skip) {
            return (counted.unwrap_or(0), Vec::new());
        }
        let words = query.text.as_deref().map(|text| self.slots_with_words(text));
        let (mut total, mut page) = (0, Vec::new());
        let templates = |needed: bool| if needed { self.packed.templates() } else { 0 };
        let mut fitting = vec![Known::Nothing; templates(!query.codes.is_empty() || !query.status.is_empty())];
        let mut admitted = vec![Known::Nothing; self.packed.templates()];
        let mut seen = vec![false; templates(query.first_of_each)];
        let span = Span::of(query.time);
        // Looks at one record; answers whether there is more to look for.
        let visit = |(first, slot): SortKey, standing: Standing| {
            let template = standing.template as usize;
            let version = Version { index: self, seq: standing.seq };
            // What costs least comes first: most of a long list is parted from what is wanted by its template.
            if seen.get(template).is_some_and(|seen| *seen) {
                return true;
            }
            let fits = fitting
                .get_mut(template)
                .is_none_or(|known| known.or_ask(|| query.matches_words(self.packed.numbered(standing.template))));
            let wanted = fits
                && (query.removed || !standing.removed)
                && words.as_ref().is_none_or(|slots| slots.contains(&slot))
                && span.holds(first).unwrap_or_else(|| query.time.contains(version.occurred()))
                && match admitted.get_mut(template).filter(|_| !standing.removed) {
                    Some(Known::Fits) => true,
                    Some(Known::Differs) => false,
                    Some(Known::Varies) | None => (admission.admits)(version),
                    Some(known) => match alike.admits(self.packed.numbered(standing.template), version) {
                        Some(admits) => known.or_ask(|| admits),
                        None => {
                            *known = Known::Varies;
                            (admission.admits)(version)
                        }
                    },
                };
            if wanted {
                if let Some(seen) = seen.get_mut(template) {
                    *seen = true;
                }
                if total >= skip && total < until {
                    page.push(RecordState { index: self, slot });
                }
                total += 1;
            }
            total < enough
        };
        let orders: Vec<&Order> =
            self.by_kind.iter().filter(|(kind, _)| wanted_kind(kind)).map(|(_, order)| order).collect();
        let keys = span.keys();
        match query.sort {
            Sort::NewestFirst => merged(orders.iter().map(|order| order.range(keys).rev()), &|a, b| a > b, visit),
            Sort::OldestFirst => merged(orders.iter().map(|order| order.range(keys)), &|a, b| a < b, visit),
        }
        (counted.unwrap_or(total), page)
    }

    /// How many records with the codes and states that are asked for may be shown and are not removed, and how many
    /// templates they have. `None` where more than templates decides of all of them, or of the first of each.
    fn shown<'i>(
        &'i self,
        wanted_kind: &dyn Fn(&str) -> bool,
        query: &Query,
        alike: &mut Alike<'i, '_>,
    ) -> Option<Shown> {
        let (mut shown, mut varies) = (Shown { records: 0, templates: 0 }, false);
        for (number, live) in (0..).zip(&self.live).filter(|(_, live)| live.count > 0) {
            let template = self.packed.numbered(number);
            if !wanted_kind(&template.kind) || !query.matches_words(template) {
                continue;
            }
            match alike.admits(template, Version { index: self, seq: live.seq }) {
                Some(true) => {
                    shown.records += u64::from(live.count);
                    shown.templates += 1;
                }
                Some(false) => {}
                None => varies = true,
            }
        }
        if varies {
            if query.first_of_each || shown.records == 0 {
                return None;
            }
            shown.records += self.shown_one_by_one(wanted_kind, query, alike.admission);
        }
        Some(shown)
    }

    /// The same number for the kinds of which each record is asked about, such as a few series beside many results.
    fn shown_one_by_one(&self, wanted_kind: &dyn Fn(&str) -> bool, query: &Query, admission: &Admission<'_>) -> u64 {
        let asked = self.by_kind.iter().filter(|(kind, _)| wanted_kind(kind) && !(admission.by_labels)(kind));
        let shows = |standing: &&Standing| {
            !standing.removed
                && query.matches_words(self.packed.numbered(standing.template))
                && (admission.admits)(Version { index: self, seq: standing.seq })
        };
        asked.map(|(_, order)| order.values().filter(shows).count() as u64).sum()
    }
}

/// What a list shows as long as nothing but what may be shown decides, and codes and states.
#[derive(Clone, Copy)]
struct Shown {
    records: u64,
    templates: u64,
}

/// Visits what stands in several ordered lists in one order, as long as there is more to look for.
fn merged<'o>(
    lists: impl Iterator<Item = impl Iterator<Item = (&'o SortKey, &'o Standing)>>,
    before: &dyn Fn(&SortKey, &SortKey) -> bool,
    mut visit: impl FnMut(SortKey, Standing) -> bool,
) {
    let mut lists: Vec<_> = lists.filter_map(|mut list| Some((list.next()?, list))).collect();
    while lists.len() > 1 {
        let (mut first, (mut key, mut standing)) = (0, lists[0].0);
        for (at, ((other, beside), _)) in lists.iter().enumerate().skip(1) {
            if before(other, key) {
                (first, key, standing) = (at, *other, *beside);
            }
        }
        if !visit(*key, *standing) {
            return;
        }
        match lists[first].1.next() {
            Some(next) => lists[first].0 = next,
            None => drop(lists.swap_remove(first)),
        }
    }
    // Most lists are of one kind, and the last one that is left has nothing to be compared with.
    let Some((front, rest)) = lists.pop() else { return };
    for (key, standing) in std::iter::once(front).chain(rest) {
        if !visit(*key, *standing) {
            return;
        }
    }
}
