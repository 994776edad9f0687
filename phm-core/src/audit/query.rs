//! "Who looked": the entries about a person, newest first, as the contracts show them.

use serde::Serialize;

use super::codec::FormError;
use super::entry::{Entry, Pseudonym};
use super::inner::{Inner, Touched};
use super::row::Row;
use crate::access::ActorRef;
use crate::id::RecordId;
use crate::time::{Instant, When};

/// Entries wait for their commit, reads a second and refusals a minute, and so stand behind later ones. None is ever so
/// late, in milliseconds.
const DISORDER: i64 = 60 * 60 * 1000;

/// An entry as it was read back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seen {
    /// The place of the row it stands in.
    pub leaf: u64,
    /// The outer part.
    pub entry: Entry,
    /// The inner part; `None` when there is none or its key is gone.
    pub inner: Option<Inner>,
}

/// Which entries to show. The default shows the first 50 of all.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuditQuery {
    /// Only of this actor: an id, or a type such as `plugin`.
    pub actor: Option<String>,
    /// Only about records of this kind.
    pub kind: Option<String>,
    /// Only from here on, inclusive.
    pub from: Option<When>,
    /// Only up to here, inclusive.
    pub to: Option<When>,
    /// Which page, counted from 1.
    pub page: u64,
    /// How many on a page.
    pub per_page: u64,
}

impl Default for AuditQuery {
    fn default() -> Self {
        Self { actor: None, kind: None, from: None, to: None, page: 1, per_page: 50 }
    }
}

/// One line of "who looked".
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct AuditRow {
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: ActorRef,
    /// What was done.
    pub action: &'static str,
    /// The kind of record, where there is one.
    pub kind: Option<String>,
    /// How many records, or how many times.
    pub count: u64,
    /// Why.
    pub purpose: Option<String>,
    /// How it ended: `allowed refused failed`.
    pub outcome: &'static str,
    /// How it was asked for, such as `list` or `search`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The records, where they are few.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<RecordId>,
}

/// A page of lines, and how many there are on all pages.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuditPage {
    /// The lines of this page.
    pub rows: Vec<AuditRow>,
    /// How many lines all pages have.
    pub total: u64,
}

impl AuditQuery {
    /// The page of `entries`, which come newest first; `count` is how many there are, where that is known, and `open` gives
    /// the inner part of one.
    ///
    /// No more is read than it takes: without a filter and with `count` up to the end of the page, with `from` up to
    /// entries that are older. Inner parts are opened of what the page shows, and of all where a kind is asked for.
    pub fn page<E>(
        &self,
        entries: impl IntoIterator<Item = Result<(u64, Entry), E>>,
        count: Option<u64>,
        mut open: impl FnMut(u64, &Entry) -> Option<Inner>,
    ) -> Result<AuditPage, E> {
        let from = self.page.saturating_sub(1).saturating_mul(self.per_page);
        let known = count.filter(|_| self.shows_all());
        let oldest = self.from.map(|from| from.first().plus_millis(-DISORDER));
        let mut page = AuditPage { rows: Vec::new(), total: 0 };
        let mut entries = entries.into_iter();
        loop {
            let full = page.total >= from.saturating_add(self.per_page);
            if let Some(total) = known.filter(|total| full || from >= *total) {
                return Ok(AuditPage { total, ..page });
            }
            let Some((leaf, entry)) = entries.next().transpose()? else { return Ok(page) };
            if oldest.is_some_and(|oldest| entry.at < oldest) {
                return Ok(page);
            }
            if !self.shows(&entry) {
                continue;
            }
            let on_page = page.total >= from && page.total - from < self.per_page;
            let inner = if on_page || self.kind.is_some() { open(leaf, &entry) } else { None };
            if self.kind.as_ref().is_some_and(|kind| inner.as_ref().is_none_or(|inner| inner.kind != *kind)) {
                continue;
            }
            if on_page {
                page.rows.push(AuditRow::of(Seen { leaf, entry, inner }));
            }
            page.total += 1;
        }
    }

    /// Whether nothing is left out.
    fn shows_all(&self) -> bool {
        self.actor.is_none() && self.kind.is_none() && self.from.is_none() && self.to.is_none()
    }

    /// Whether the outer part is asked for.
    fn shows(&self, entry: &Entry) -> bool {
        let actor = &entry.actor;
        self.actor.as_ref().is_none_or(|wanted| actor.id() == *wanted || actor.type_name() == wanted)
            && self.from.is_none_or(|from| from.first() <= entry.at)
            && self.to.is_none_or(|to| entry.at < to.end())
    }
}

impl AuditRow {
    /// The line of an entry. What its inner part would have said stays empty when that is gone.
    pub fn of(seen: Seen) -> Self {
        let Seen { entry, inner, .. } = seen;
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let name = inner.as_ref().map_or("", |inner| inner.actor_name.as_str());
        let inner = inner.as_ref();
        Self {
            at: entry.at,
            actor: entry.actor.named(name),
            action: entry.deed.as_str(),
            kind: inner.and_then(|inner| given(&inner.kind)),
            count: entry.count,
            purpose: inner.and_then(|inner| given(&inner.purpose)),
            outcome: entry.outcome.as_str(),
            operation: inner.and_then(|inner| given(&inner.operation)),
            records: match inner.map(|inner| &inner.touched) {
                Some(Touched::Records(ids)) => ids.clone(),
                Some(Touched::Digest(_)) | None => Vec::new(),
            },
        }
    }
}

/// Walks the entries about `person`, newest first, from the row `newest` back along their list.
///
/// `read` answers the row at a leaf. A row that does not name the person, or a list that does not lead back in time,
/// ends the walk with an error: it would otherwise hide entries or never end.
pub fn walk<E: From<FormError>>(
    person: Pseudonym,
    newest: Option<u64>,
    mut read: impl FnMut(u64) -> Result<Row, E>,
) -> impl Iterator<Item = Result<(u64, Entry), E>> {
    let mut next = newest;
    let (mut place, mut entries) = (0, Vec::new());
    std::iter::from_fn(move || {
        if entries.is_empty() {
            let leaf = next.take()?;
            match read(leaf).and_then(|row| Ok(about(person, leaf, row)?)) {
                Ok(found) => (entries, next) = (found.entries, found.previous),
                Err(error) => return Some(Err(error)),
            }
            place = leaf;
        }
        entries.pop().map(|entry| Ok((place, entry)))
    })
}

/// What a row says of one person.
struct Found {
    /// The entries about them, oldest first.
    entries: Vec<Entry>,
    /// The row before it in their list.
    previous: Option<u64>,
}

fn about(person: Pseudonym, leaf: u64, row: Row) -> Result<Found, FormError> {
    let entries: Vec<_> = row.entries.into_iter().filter(|entry| entry.subject == Some(person)).collect();
    let previous = entries.first().ok_or(FormError)?.previous;
    let one_list = entries.iter().all(|entry| entry.previous == previous);
    let leads_back = previous.is_none_or(|previous| previous < leaf);
    if one_list && leads_back { Ok(Found { entries, previous }) } else { Err(FormError) }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::access::Actor;
    use crate::audit::{Deed, Outcome};

    const ROSA: Pseudonym = Pseudonym::from_bytes([1; 16]);
    const OMAR: Pseudonym = Pseudonym::from_bytes([2; 16]);

    fn seen(at: &str, who: u8, kind: &str) -> Seen {
        let actor = Actor::Person { account: RecordId::from_bytes([who; 16]) };
        let inner = Inner {
            kind: kind.into(),
            operation: "list".into(),
            touched: Touched::nothing(),
            purpose: "treatment".into(),
            actor_name: "Ada Example".into(),
        };
        let at = at.parse().expect("a moment");
        Seen { leaf: 0, entry: Entry::new(at, actor, Deed::Read, Outcome::Allowed), inner: Some(inner) }
    }

    /// The page of what was seen, with how many entries were read and how many inner parts opened.
    fn counted(query: &AuditQuery, seen: &[Seen], count: Option<u64>) -> (AuditPage, usize, usize) {
        let (mut read, mut opened) = (0, 0);
        let entries = seen.iter().enumerate().map(|(at, seen)| {
            read += 1;
            let entry = Entry { previous: Some(at as u64), ..seen.entry.clone() };
            Ok::<_, Infallible>((seen.leaf, entry))
        });
        let Ok(page) = query.page(entries, count, |_, entry| {
            opened += 1;
            seen[usize::try_from(entry.previous.expect("its place")).expect("small")].inner.clone()
        });
        (page, read, opened)
    }

    fn found(query: &AuditQuery, seen: &[Seen]) -> AuditPage {
        let (page, ..) = counted(query, seen, None);
        let (counted, ..) = counted(query, seen, Some(seen.len() as u64));
        assert_eq!(page, counted, "a count that is known changes nothing");
        page
    }

    #[test]
    fn a_line_has_the_fields_of_the_contract() {
        let line = AuditRow::of(seen("2026-11-22T10:00:00.000Z", 1, "note"));
        insta::assert_snapshot!(serde_json::to_string(&line).expect("plain data"));
        let silent = AuditRow::of(Seen { inner: None, ..seen("2026-11-22T10:00:00.000Z", 1, "note") });
        assert_eq!((silent.kind, silent.purpose, silent.actor.name), (None, None, String::new()));
    }

    #[test]
    fn filters_choose_by_actor_kind_and_inclusive_days() {
        let all = [
            seen("2026-11-23T00:00:00.000Z", 1, "note"),
            seen("2026-11-22T23:59:59.999Z", 1, "dose"),
            seen("2026-11-22T00:00:00.000Z", 2, "note"),
            seen("2026-11-21T23:59:59.999Z", 2, "note"),
        ];
        let day = Some("2026-11-22".parse().expect("a day"));
        let second = RecordId::from_bytes([2; 16]).to_string();
        for (query, total) in [
            (AuditQuery::default(), 4),
            (AuditQuery { actor: Some(second), ..AuditQuery::default() }, 2),
            (AuditQuery { actor: Some("person".into()), ..AuditQuery::default() }, 4),
            (AuditQuery { actor: Some("plugin".into()), ..AuditQuery::default() }, 0),
            (AuditQuery { kind: Some("dose".into()), ..AuditQuery::default() }, 1),
            (AuditQuery { from: day, ..AuditQuery::default() }, 3),
            (AuditQuery { to: day, ..AuditQuery::default() }, 3),
            (AuditQuery { from: day, to: day, ..AuditQuery::default() }, 2),
        ] {
            assert_eq!(found(&query, &all).total, total, "{query:?}");
        }
        let silent = Seen { inner: None, ..all[0].clone() };
        let query = AuditQuery { kind: Some("note".into()), ..AuditQuery::default() };
        assert_eq!(found(&query, &[silent]).total, 0, "what cannot be read matches no kind");
    }

    #[test]
    fn pages_are_cut_without_gap_or_overlap() {
        let all: Vec<_> = (0..5).map(|who| seen("2026-11-22T10:00:00.000Z", who, "note")).collect();
        let ids = |page, per_page| {
            let query = AuditQuery { page, per_page, ..AuditQuery::default() };
            let page = found(&query, &all);
            assert_eq!(page.total, 5);
            page.rows.into_iter().map(|row| row.actor.id.as_bytes()[1] - b'0').collect::<Vec<_>>()
        };
        assert_eq!((ids(1, 2), ids(2, 2), ids(3, 2)), (vec![0, 1], vec![2, 3], vec![4]));
        assert_eq!((ids(4, 2), ids(0, 2), ids(u64::MAX, 2)), (vec![], vec![0, 1], vec![]));
    }

    #[test]
    fn no_more_entries_are_read_than_the_page_takes() {
        let days = (1..=25).rev().map(|day| seen(&format!("2026-11-{day:02}T12:00:00.000Z"), 1, "note"));
        let all: Vec<Seen> = days.collect();
        let read = |query: &AuditQuery| {
            let (page, read, _) = counted(query, &all, Some(25));
            (read, page.rows.len(), page.total)
        };
        let page = |page| AuditQuery { page, per_page: 10, ..AuditQuery::default() };
        assert_eq!(read(&page(1)), (10, 10, 25));
        assert_eq!(read(&page(2)), (20, 10, 25));
        assert_eq!(read(&page(3)), (25, 5, 25));
        assert_eq!(read(&page(9)), (0, 0, 25));
        let from = Some("2026-11-23".parse().expect("a day"));
        assert_eq!(read(&AuditQuery { from, ..page(1) }), (4, 3, 3));
    }

    #[test]
    fn of_a_hundred_thousand_entries_a_page_costs_what_lies_before_its_end_and_opens_what_it_shows() {
        let many = 100_000;
        let all: Vec<Seen> =
            (0..many).map(|at| seen("2026-11-22T10:00:00.000Z", u8::from(at % 1000 == 0), "note")).collect();
        let cost = |query: &AuditQuery| {
            let (page, read, opened) = counted(query, &all, Some(many));
            (page.rows.len(), page.total, read, opened)
        };
        let page = |page| AuditQuery { page, ..AuditQuery::default() };
        assert_eq!(cost(&page(1)), (50, many, 50, 50));
        assert_eq!(cost(&page(20)), (50, many, 1_000, 50));
        assert_eq!(cost(&page(2_001)), (0, many, 0, 0));
        let actor = Some(RecordId::from_bytes([1; 16]).to_string());
        assert_eq!(cost(&AuditQuery { actor, ..page(1) }), (50, 100, 100_000, 50), "the total is part of the answer");
    }

    #[test]
    fn a_walk_through_a_hundred_thousand_rows_reads_each_once_and_none_before_it_is_asked_for() {
        let mut reads = 0;
        let read = |leaf: u64| {
            reads += 1;
            Ok::<_, FormError>(row(&[(ROSA, leaf.checked_sub(1), 1)]))
        };
        let mut walk = walk(ROSA, Some(99_999), read);
        assert_eq!(walk.by_ref().take(50).flatten().count(), 50);
        assert_eq!(walk.count(), 99_950);
        assert_eq!(reads, 100_000);
    }

    fn row(entries: &[(Pseudonym, Option<u64>, u64)]) -> Row {
        let entry = |(subject, previous, count): &(Pseudonym, Option<u64>, u64)| Entry {
            subject: Some(*subject),
            previous: *previous,
            count: *count,
            ..Entry::new(Instant::from_millis(0), Actor::Operator, Deed::Read, Outcome::Allowed)
        };
        Row { entries: entries.iter().map(entry).collect() }
    }

    fn walked(log: &[Row], newest: Option<u64>) -> Vec<Result<(u64, u64), FormError>> {
        let read = |leaf| log.get(usize::try_from(leaf).expect("small")).cloned().ok_or(FormError);
        walk(ROSA, newest, read).map(|item| item.map(|(leaf, entry)| (leaf, entry.count))).collect()
    }

    #[test]
    fn a_persons_entries_are_found_newest_first_and_nobody_elses() {
        let log = [
            row(&[(ROSA, None, 1), (OMAR, None, 2)]),
            row(&[(OMAR, Some(0), 3)]),
            row(&[(ROSA, Some(0), 4), (OMAR, Some(1), 5), (ROSA, Some(0), 6)]),
        ];
        assert_eq!(walked(&log, Some(2)), [Ok((2, 6)), Ok((2, 4)), Ok((0, 1))]);
        assert_eq!(walked(&log, None), []);
    }

    #[test]
    fn a_list_that_leads_astray_is_noticed_and_ends() {
        for log in [
            [row(&[(ROSA, Some(1), 1)]), row(&[(ROSA, Some(0), 2)])],
            [row(&[(OMAR, None, 1)]), row(&[(ROSA, Some(0), 2)])],
            [row(&[(ROSA, None, 1)]), row(&[(ROSA, Some(1), 2)])],
            [row(&[(ROSA, None, 1)]), row(&[(ROSA, Some(0), 2), (ROSA, None, 3)])],
            [row(&[(ROSA, None, 1)]), row(&[(ROSA, Some(7), 2)])],
        ] {
            let walked = walked(&log, Some(1));
            assert_eq!(walked.iter().filter(|item| item.is_err()).count(), 1, "{walked:?}");
            assert!(walked.last().is_some_and(Result::is_err));
        }
    }
}
