//! Adding, reading, taking back.

use super::*;

#[test]
fn samples_come_back_in_order_of_time_with_every_digit() {
    let house = house();
    let series = house.series();
    let sent = [sample(3 * MINUTE, "72.50"), sample(MINUTE, "71"), sample(2 * MINUTE, "7.1e1"), sample(-MINUTE, "-0")];
    assert_eq!(house.append(series, &sent), Appended { added: 4, duplicates: 0, entry: Some(3) });
    let texts: Vec<_> = house.all(series).into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["-0", "71", "7.1e1", "72.50"]);
    assert_eq!(house.vault.stats().expect("counted").samples, 4);
    house.whole();
}

#[test]
fn the_same_sample_again_changes_nothing_and_another_value_at_its_time_does() {
    let house = house();
    let series = house.series();
    let sent = [sample(0, "72"), sample(0, "72"), sample(MINUTE, "73")];
    assert_eq!(house.append(series, &sent), Appended { added: 2, duplicates: 1, entry: Some(3) });
    let entries = house.vault.stats().expect("counted").entries;
    assert_eq!(house.append(series, &sent), Appended { added: 0, duplicates: 3, entry: None });
    assert_eq!(house.vault.stats().expect("counted").entries, entries, "nothing new makes no entry");
    assert_eq!(house.append(series, &[sample(0, "72.0")]).added, 1);
    // The same in another series is another sample.
    assert_eq!(house.append(house.series(), &sent).added, 2);
    assert_eq!(house.all(series).len(), 3);
}

#[test]
fn taking_an_entry_back_hides_exactly_its_samples_before_and_behind_a_merge() {
    let house = house();
    let series = house.series();
    let first = house.append(series, &minutes(0..10)).entry.expect("new");
    let second = house.append(series, &minutes(5..20));
    assert_eq!((second.added, second.duplicates), (10, 5));
    assert_eq!(house.undo(series, first).expect("undone"), 10);
    assert_eq!(house.all(series).len(), 10);
    assert_eq!(house.undo(series, first).expect_err("twice").code(), "conflict");
    // Sent again, they are new again.
    let third = house.append(series, &minutes(0..30));
    assert_eq!((third.added, third.duplicates), (20, 10));
    // The third has moved the first two into blocks.
    assert!(house.rows(series).iter().any(|(address, _)| *address == house.address(series, DIRECTORY)));
    assert_eq!(house.all(series).len(), 30);
    assert_eq!(house.undo(series, second.entry.expect("new")).expect("undone"), 10);
    let left: Vec<i64> = house.all(series).into_iter().map(|(at, _)| at / MINUTE).collect();
    assert_eq!(left, (0..10).chain(20..30).collect::<Vec<_>>());
    house.forget(series);
    assert_eq!(house.all(series).len(), 20);
    for (entry, code) in [(1, "not-found"), (2, "not-found"), (999, "not-found"), (0, "not-found")] {
        assert_eq!(house.undo(series, entry).expect_err("no such entry").code(), code);
    }
    assert_eq!(house.undo(house.series(), first).expect_err("another series").code(), "not-found");
    let left = house.session.appends(&house.permit(Action::Read), series, None, 10).expect("listed");
    assert_eq!(left.iter().map(|unit| unit.count).collect::<Vec<_>>(), [20]);
    assert_eq!(house.vault.stats().expect("counted").samples, 20);
    house.whole();
}

#[test]
fn a_page_ends_between_two_moments_and_says_where_the_next_begins() {
    let house = house();
    let series = house.series();
    house.append(series, &minutes(0..10));
    house.append(series, &[sample(3 * MINUTE, "1"), sample(3 * MINUTE, "2")]);
    let permit = house.permit(Action::Read);
    let mut seen = Vec::new();
    let mut query = SampleQuery { limit: 4, ..SampleQuery::default() };
    loop {
        let (_, page) = house.session.samples(&permit, series, &query).expect("read");
        assert!(page.times.len() <= 6 && page.written.is_none());
        seen.extend(page.times);
        let Some(next) = page.next else { break };
        query.time = time(next, i64::MAX);
    }
    assert_eq!(seen.len(), 12);
    assert!(seen.is_sorted());
}

#[test]
fn a_moment_holds_so_many_samples_and_no_more() {
    let house = house();
    let series = house.series();
    let many = |range: std::ops::Range<usize>| range.map(|n| sample(0, &n.to_string())).collect::<Vec<_>>();
    let first = house.append(series, &many(0..MOST_AT_ONE_MOMENT));
    assert_eq!(first.added, MOST_AT_ONE_MOMENT as u64);
    let permit = house.permit(Action::Add);
    let add = |samples: &[Sample]| house.session.append_sized(&permit, series, samples, &How::Device, SMALL);
    let refused = add(&[sample(0, &MOST_AT_ONE_MOMENT.to_string())]).expect_err("one too many");
    assert_eq!(refused.details()[0].code, "too-many-at-once");
    // The same again, another moment, and what was taken back count for nothing.
    assert_eq!(add(&many(0..MOST_AT_ONE_MOMENT)).expect("there already").duplicates, MOST_AT_ONE_MOMENT as u64);
    assert_eq!(add(&[sample(1, "0")]).expect("another moment").added, 1);
    house.undo(series, first.entry.expect("new")).expect("taken back");
    assert_eq!(add(&[sample(0, "5")]).expect("room again").added, 1);
    assert_eq!(house.all(series).len(), 2);
    house.whole();
}

#[test]
fn what_was_added_is_listed_in_pages() {
    let house = house();
    let series = house.series();
    let entries: Vec<u64> = (0..7).filter_map(|n| house.append(series, &[sample(n, "72")]).entry).collect();
    house.undo(series, entries[3]).expect("taken back");
    let read = house.permit(Action::Read);
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = house.session.appends(&read, series, before, 2).expect("listed");
        before = page.last().map(|unit| unit.entry);
        if before.is_none() {
            break;
        }
        seen.extend(page.iter().map(|unit| unit.entry));
    }
    let shown = entries.iter().rev().copied().filter(|entry| *entry != entries[3]);
    assert_eq!(seen, shown.collect::<Vec<_>>());
}
