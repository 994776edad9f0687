//! Which records a decision opens: a window of time, sensitivity labels, chosen records.
//!
//! A scope is a union of such parts, because several grants may each open something. Everything unclear is kept
//! out: a record whose date may lie outside the window, a record without a date, a label nobody named.

use std::collections::BTreeSet;
use std::ops::Range;

use super::words::Labels;
use crate::id::RecordId;
use crate::time::{Instant, When};

/// Which records of one profile and kind are open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Scope {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Part {
    /// First moment of the window.
    from: Option<Instant>,
    /// First moment after the window.
    to: Option<Instant>,
    labels: Labels,
    records: Option<BTreeSet<RecordId>>,
    /// Records that stay closed; empty where the open ones are chosen one by one.
    except: BTreeSet<RecordId>,
    /// Whether the bare file of something else is open by itself: where every label is, and nothing is held back.
    files: bool,
}

impl Scope {
    /// Every record with every label.
    pub fn everything() -> Self {
        Self::new(None, None, Labels::ALL, None)
    }

    /// No record.
    pub fn nothing() -> Self {
        Self { parts: Vec::new() }
    }

    /// Every record that has no label but these.
    pub fn labelled(labels: Labels) -> Self {
        Self::new(None, None, labels, None)
    }

    /// The records that occurred from the beginning of `from` to the end of `to`, both inclusive, have no label but
    /// `labels`, and are among `records` where these are chosen one by one.
    pub fn new(from: Option<When>, to: Option<When>, labels: Labels, records: Option<BTreeSet<RecordId>>) -> Self {
        let part = Part {
            from: from.map(When::first),
            to: to.map(When::end),
            labels,
            records,
            except: BTreeSet::new(),
            files: labels.covers(Labels::ALL),
        };
        Self { parts: if part.is_empty() { Vec::new() } else { vec![part] } }
    }

    /// Whether a record is open: by when it occurred, its labels and its id.
    ///
    /// A date known only to the month or the year must lie in the window as a whole.
    pub fn admits(&self, occurred: Option<When>, labels: Labels, id: RecordId) -> bool {
        self.parts.iter().any(|part| part.admits(occurred, labels, id))
    }

    /// Whether the bare file of something else, such as a FHIR Binary, is open by itself. It is as private as what names it,
    /// and nobody is asked here what that is: so it is open where every label is open and no record is held back.
    pub fn admits_file(&self, occurred: Option<When>, id: RecordId) -> bool {
        self.parts.iter().any(|part| part.files && part.admits(occurred, Labels::ALL, id))
    }

    /// What either of the two opens.
    pub fn union(mut self, other: Self) -> Self {
        for part in other.parts {
            if self.parts.iter().any(|have| have.covers(&part)) {
                continue;
            }
            self.parts.retain(|have| !part.covers(have));
            self.parts.push(part);
        }
        self
    }

    /// What both of the two open.
    pub fn intersection(&self, other: &Self) -> Self {
        let pairs = self.parts.iter().flat_map(|a| other.parts.iter().map(move |b| a.intersection(b)));
        pairs
            .filter(|part| !part.is_empty())
            .fold(Self::nothing(), |scope, part| scope.union(Self { parts: vec![part] }))
    }

    /// The same scope without these records, and without bare files, which one of these may name.
    pub fn without(self, records: &BTreeSet<RecordId>) -> Self {
        let parts = self.parts.into_iter().map(|part| part.without(records)).filter(|part| !part.is_empty());
        parts.fold(Self::nothing(), |scope, part| scope.union(Self { parts: vec![part] }))
    }

    /// Whether everything `other` opens is open here too.
    ///
    /// Each part of `other` must be covered by one part here; a part that only several cover together counts as
    /// not covered, which errs on the side of refusing.
    pub fn covers(&self, other: &Self) -> bool {
        other.parts.iter().all(|part| self.parts.iter().any(|have| have.covers(part)))
    }

    /// When a record with these labels and this id is open, if something of it can be told by its time, such as the samples
    /// of a series: half-open stretches of milliseconds, in order and apart from each other.
    pub(crate) fn windows(&self, labels: Labels, id: RecordId) -> Vec<Range<i64>> {
        let timeless = |part: &&Part| part.is_open_for(labels, id);
        let mut open: Vec<Range<i64>> = self.parts.iter().filter(timeless).map(Part::millis).collect();
        open.sort_by_key(|window| window.start);
        open.dedup_by(|next, before| {
            let joins = next.start <= before.end;
            if joins {
                before.end = before.end.max(next.end);
            }
            joins
        });
        open
    }

    /// Whether no record is open.
    pub fn is_nothing(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether every record is open.
    pub fn is_everything(&self) -> bool {
        self.covers(&Self::everything())
    }

    /// Whether a record with some sensitive label may be open.
    pub fn opens_sensitive(&self) -> bool {
        self.parts.iter().any(|part| !part.labels.is_empty())
    }

    /// Whether what is open depends on labels alone, and neither on a time nor on which record it is.
    pub(crate) fn is_by_labels(&self) -> bool {
        let by_labels =
            |part: &Part| part.from.is_none() && part.to.is_none() && part.records.is_none() && part.except.is_empty();
        self.parts.iter().all(by_labels)
    }

    /// The same scope without its windows of time, for a kind that has no place in time (`profile`).
    pub(crate) fn timeless(self) -> Self {
        let parts = self.parts.into_iter().map(|part| Part { from: None, to: None, ..part });
        parts.fold(Self::nothing(), |scope, part| scope.union(Self { parts: vec![part] }))
    }
}

impl Part {
    fn admits(&self, occurred: Option<When>, labels: Labels, id: RecordId) -> bool {
        let in_time = match occurred {
            Some(when) => {
                self.from.is_none_or(|from| from <= when.first()) && self.to.is_none_or(|to| when.end() <= to)
            }
            None => self.from.is_none() && self.to.is_none(),
        };
        in_time && self.is_open_for(labels, id)
    }

    /// Whether a record is open at some time, by its labels and its id.
    fn is_open_for(&self, labels: Labels, id: RecordId) -> bool {
        self.labels.covers(labels)
            && self.records.as_ref().is_none_or(|chosen| chosen.contains(&id))
            && !self.except.contains(&id)
    }

    fn millis(&self) -> Range<i64> {
        self.from.map_or(i64::MIN, Instant::millis)..self.to.map_or(i64::MAX, Instant::millis)
    }

    fn without(mut self, closed: &BTreeSet<RecordId>) -> Self {
        self.files &= closed.is_empty();
        match &mut self.records {
            Some(chosen) => chosen.retain(|id| !closed.contains(id)),
            None => self.except.extend(closed),
        }
        self
    }

    fn intersection(&self, other: &Self) -> Self {
        let records = match (&self.records, &other.records) {
            (Some(a), Some(b)) => Some(a.intersection(b).copied().collect()),
            (Some(chosen), None) | (None, Some(chosen)) => Some(chosen.clone()),
            (None, None) => None,
        };
        Self {
            from: self.from.max(other.from),
            to: [self.to, other.to].into_iter().flatten().min(),
            labels: self.labels.intersection(other.labels),
            records,
            except: BTreeSet::new(),
            files: self.files && other.files,
        }
        .without(&self.except)
        .without(&other.except)
    }

    fn covers(&self, other: &Self) -> bool {
        self.from.is_none_or(|from| other.from.is_some_and(|theirs| from <= theirs))
            && self.to.is_none_or(|to| other.to.is_some_and(|theirs| theirs <= to))
            && self.labels.covers(other.labels)
            && (self.files || !other.files)
            && match (&self.records, &other.records) {
                (None, Some(theirs)) => theirs.is_disjoint(&self.except),
                (None, None) => self.except.is_subset(&other.except),
                (Some(_), None) => false,
                (Some(chosen), Some(theirs)) => theirs.is_subset(chosen),
            }
    }

    fn is_empty(&self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if to <= from)
            || self.records.as_ref().is_some_and(BTreeSet::is_empty)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::access::Sensitivity;

    /// A date or a moment that must be one.
    #[allow(clippy::unnecessary_wraps)] // every use wants an option
    fn when(text: &str) -> Option<When> {
        Some(text.parse().expect("a date or a moment"))
    }

    fn id(n: u8) -> RecordId {
        RecordId::from_bytes([n; 16])
    }

    #[test]
    fn a_window_includes_its_first_and_last_moment_and_nothing_beside_them() {
        let scope = Scope::new(when("2024-01-01"), when("2024-12-31"), Labels::NONE, None);
        for (text, open) in [
            ("2023-12-31T23:59:59.999Z", false),
            ("2024-01-01T00:00:00.000Z", true),
            ("2024-12-31T23:59:59.999Z", true),
            ("2025-01-01T00:00:00.000Z", false),
            ("2024-01-01", true),
            ("2023-12-31", false),
            ("2024-12-31", true),
            ("2025-01-01", false),
            ("2024-05", true),
            ("2024", true),
            ("2023", false),
        ] {
            assert_eq!(scope.admits(when(text), Labels::NONE, id(1)), open, "{text}");
        }
    }

    #[test]
    fn a_date_that_may_lie_outside_the_window_stays_out() {
        let scope = Scope::new(when("2024-02-15"), None, Labels::NONE, None);
        assert!(!scope.admits(when("2024-02"), Labels::NONE, id(1)));
        assert!(!scope.admits(when("2024"), Labels::NONE, id(1)));
        assert!(scope.admits(when("2024-03"), Labels::NONE, id(1)));
    }

    #[test]
    fn a_record_without_a_date_is_open_only_without_a_window() {
        assert!(Scope::labelled(Labels::NONE).admits(None, Labels::NONE, id(1)));
        assert!(!Scope::new(when("1900"), None, Labels::ALL, None).admits(None, Labels::NONE, id(1)));
        assert!(!Scope::new(None, when("2100"), Labels::ALL, None).admits(None, Labels::NONE, id(1)));
    }

    #[test]
    fn a_label_must_be_named_and_every_label_of_the_record() {
        let both = Labels::of(&[Sensitivity::MentalHealth, Sensitivity::SexualHealth]);
        let one = Labels::of(&[Sensitivity::MentalHealth]);
        assert!(!Scope::labelled(Labels::NONE).admits(None, one, id(1)));
        assert!(!Scope::labelled(one).admits(None, both, id(1)));
        assert!(Scope::labelled(both).admits(None, one, id(1)));
    }

    #[test]
    fn chosen_records_are_open_and_no_other() {
        let scope = Scope::new(None, None, Labels::ALL, Some(BTreeSet::from([id(1)])));
        assert!(scope.admits(None, Labels::NONE, id(1)) && !scope.admits(None, Labels::NONE, id(2)));
        assert!(Scope::new(None, None, Labels::ALL, Some(BTreeSet::new())).is_nothing());
    }

    #[test]
    fn a_bare_file_is_open_where_every_label_is_and_nothing_is_held_back() {
        let held = BTreeSet::from([id(1)]);
        let opens = |scope: &Scope| scope.admits_file(None, id(2));
        let chosen = Scope::new(None, None, Labels::ALL, Some(BTreeSet::from([id(2)])));
        for scope in [Scope::everything(), chosen] {
            assert!(opens(&scope) && opens(&scope.clone().without(&BTreeSet::new())));
            let left = scope.clone().without(&held);
            assert!(left.admits(None, Labels::ALL, id(2)) && !opens(&left));
            assert!(scope.covers(&left) && !left.covers(&scope) && left.covers(&left));
            assert!(!opens(&scope.intersection(&left)) && !opens(&left.intersection(&scope)));
            assert!(opens(&scope.clone().union(left.clone())) && opens(&left.union(scope)), "it is open to the other");
        }
        let named = Labels::of(&[Sensitivity::MentalHealth, Sensitivity::SexualHealth]);
        assert!(!opens(&Scope::labelled(named)) && !opens(&Scope::nothing()));
        assert!(!opens(&Scope::new(when("2024"), None, Labels::ALL, None)), "it has no place in time");
        assert!(!opens(&Scope::new(None, None, Labels::ALL, Some(held))));
    }

    #[test]
    fn a_window_that_ends_before_it_begins_is_nothing() {
        assert!(Scope::new(when("2024"), when("2023"), Labels::ALL, None).is_nothing());
        assert!(!Scope::new(when("2024-01-01"), when("2024-01-01"), Labels::ALL, None).is_nothing());
    }

    #[test]
    fn what_is_told_by_its_time_is_open_in_windows_that_are_joined_where_they_meet() {
        let window = |from: &str, to: &str, labels| Scope::new(when(from), when(to), labels, None);
        let day = |text: &str| text.parse::<When>().expect("a day").first().millis();
        let scope = window("2024-01-01", "2024-01-31", Labels::NONE)
            .union(window("2024-02-01", "2024-02-10", Labels::NONE))
            .union(window("2026-01-01", "2026-12-31", Labels::of(&[Sensitivity::MentalHealth])));
        let only = |windows: Vec<Range<i64>>| {
            assert_eq!(windows.len(), 1);
            windows[0].clone()
        };
        let labelled = scope.windows(Labels::of(&[Sensitivity::MentalHealth]), id(1));
        assert_eq!(only(labelled), day("2026-01-01")..day("2027-01-01"));
        let open = [day("2024-01-01")..day("2024-02-11"), day("2026-01-01")..day("2027-01-01")];
        assert_eq!(scope.windows(Labels::NONE, id(1)), open);
        assert_eq!(only(Scope::everything().windows(Labels::ALL, id(1))), i64::MIN..i64::MAX);
        let chosen = Scope::new(None, None, Labels::ALL, Some(BTreeSet::from([id(1)])));
        assert!(
            chosen.windows(Labels::NONE, id(2)).is_empty() && Scope::nothing().windows(Labels::NONE, id(1)).is_empty()
        );
    }

    #[test]
    fn only_the_unbounded_scope_is_everything() {
        assert!(Scope::everything().is_everything());
        assert!(!Scope::labelled(Labels::NONE).is_everything());
        assert!(!Scope::new(when("1900"), None, Labels::ALL, None).is_everything());
        assert!(!Scope::nothing().is_everything());
    }

    #[test]
    fn only_windows_and_chosen_or_closed_records_make_labels_not_enough() {
        let chosen = BTreeSet::from([id(1)]);
        for labels in [Labels::NONE, Labels::ALL] {
            let scope = Scope::labelled(labels);
            assert!(scope.is_by_labels());
            assert!(!scope.clone().without(&chosen).is_by_labels());
            assert!(
                !scope.union(Scope::new(when("2024"), None, Labels::ALL, None)).is_by_labels() || labels == Labels::ALL
            );
        }
        assert!(Scope::everything().is_by_labels() && Scope::nothing().is_by_labels());
        assert!(!Scope::new(when("2024"), None, Labels::ALL, None).is_by_labels());
        assert!(!Scope::new(None, when("2024"), Labels::ALL, None).is_by_labels());
        assert!(!Scope::new(None, None, Labels::ALL, Some(chosen)).is_by_labels());
    }

    fn scopes() -> impl Strategy<Value = Scope> {
        let year = || proptest::option::of(2000_i32..2006);
        let chosen = proptest::option::of(proptest::collection::btree_set(0_u8..4, 0..3));
        let part = (year(), year(), 0_usize..8, chosen).prop_map(|(from, to, bits, chosen)| {
            let year = |year: Option<i32>| year.and_then(|year| when(&year.to_string()));
            Scope::new(year(from), year(to), labels(bits), chosen.map(|ids| ids.into_iter().map(id).collect()))
        });
        proptest::collection::vec(part, 0..3).prop_map(|parts| parts.into_iter().fold(Scope::nothing(), Scope::union))
    }

    fn labels(bits: usize) -> Labels {
        Sensitivity::ALL
            .iter()
            .copied()
            .enumerate()
            .filter(|(n, _)| bits >> n & 1 == 1)
            .map(|(_, label)| label)
            .collect()
    }

    proptest! {
        #[test]
        fn union_and_intersection_mean_what_they_say(
            a in scopes(), b in scopes(), year in proptest::option::of(1999_i32..2007), bits in 0_usize..8, n in 0_u8..4
        ) {
            let occurred = year.and_then(|year| when(&format!("{year}-06")));
            let open = |scope: &Scope| scope.admits(occurred, labels(bits), id(n));
            prop_assert_eq!(open(&a.clone().union(b.clone())), open(&a) || open(&b));
            prop_assert_eq!(open(&a.intersection(&b)), open(&a) && open(&b));
            prop_assert!(!a.covers(&b) || !open(&b) || open(&a));
            prop_assert!(a.clone().union(b.clone()).covers(&a) && a.covers(&a.intersection(&b)));
            prop_assert!(!open(&a) || open(&a.timeless()));
        }
    }
}
