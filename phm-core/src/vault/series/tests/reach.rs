//! Who reaches samples, and what is noted of it.

use super::*;

/// A permit as a grant gives one.
fn narrow(house: &House, action: Action, scope: Scope) -> Permit {
    Permit::new(action, house.asha, SERIES, scope, None, u64::MAX)
}

#[test]
fn a_grant_for_some_time_shows_the_samples_of_that_time_and_takes_no_others() {
    let house = house();
    let series = house.series();
    house.append(series, &minutes(0..40));
    let when = |minute: i64| Some(When::Instant(Instant::from_millis(minute * MINUTE)));
    let scope = || Scope::new(when(10), when(19), Labels::NONE, None);
    let read = narrow(&house, Action::Read, scope());
    let (_, seen) = house.session.samples(&read, series, &SampleQuery::default()).expect("read");
    assert_eq!(seen.times, (10..20).map(|n| n * MINUTE).collect::<Vec<_>>());
    let (_, rows) = house
        .session
        .gathered_samples(&read, series, Timeframe::default(), &"1d".parse().expect("a day"))
        .expect("read");
    assert_eq!(
        rows.iter().map(|row| row.count).collect::<Vec<_>>(),
        [10],
        "no summary of a whole block leaks the rest"
    );
    assert!(house.session.appends(&read, series, None, 10).expect("listed").is_empty());
    let add = narrow(&house, Action::Add, scope());
    for (samples, allowed) in [(minutes(15..16), true), (minutes(9..12), false), (minutes(20..21), false)] {
        let outcome = house.session.append_samples(&add, series, &samples, &How::Typed);
        assert_eq!(outcome.map_err(|error| error.code()).err(), (!allowed).then_some("not-granted"));
    }
    let amend = narrow(&house, Action::Amend, scope());
    let undone = house.session.undo_append(&amend, series, 3);
    assert_eq!(undone.expect_err("its samples reach outside").code(), "not-found");
    // What the record says of its samples is not told to somebody who sees only some.
    let open = house.vault.inner.open_profile(house.asha).expect("open");
    let mut record = house.session.read(&house.permit(Action::Read), series, Removed::Hide).expect("read");
    assert!(record.body.get().contains("\"count\":40"));
    fill_extent(&open, &read, &mut record).expect("said");
    assert!(!record.body.get().contains("count") && !record.body.get().contains("from"));
}

#[test]
fn samples_are_reached_only_with_the_right_permit_to_a_series_that_is_there() {
    let house = house();
    let series = house.series();
    house.append(series, &minutes(0..10));
    let read = house.permit(Action::Read);
    let code = |outcome: Result<Appended>| outcome.expect_err("refused").code();
    let append = |permit: &Permit, series| house.session.append_samples(permit, series, &minutes(0..1), &How::Typed);
    assert_eq!(code(append(&read, series)), "other-permit");
    let query = SampleQuery::default();
    let add = house.permit(Action::Add);
    assert_eq!(house.session.samples(&add, series, &query).expect_err("refused").code(), "other-permit");
    assert_eq!(house.session.undo_append(&add, series, 3).expect_err("refused").code(), "other-permit");
    assert_eq!(code(append(&add, RecordId::new())), "not-found");
    let notes = house.session.permit(Action::Read, house.asha, "note").expect("allowed");
    assert_eq!(house.session.samples(&notes, series, &query).expect_err("refused").code(), "not-found");
    let other = Scope::new(None, None, Labels::ALL, Some(BTreeSet::from([RecordId::new()])));
    let other = narrow(&house, Action::Read, other);
    assert_eq!(house.session.samples(&other, series, &query).expect_err("refused").code(), "not-found");
    let ravi = house.session.add_profile(&json!({"name": {"text": "Ravi"}}), None).expect("a person").profile;
    let ravis = house.session.permit(Action::Read, ravi, SERIES).expect("allowed");
    assert_eq!(house.session.samples(&ravis, series, &query).expect_err("refused").code(), "not-found");
    // Removed, nothing of it shows; restored, all of it does.
    let amend = house.permit(Action::Amend);
    house.session.remove(&amend, series, 1).expect("removed");
    assert_eq!(house.session.samples(&read, series, &query).expect_err("removed").code(), "not-found");
    assert_eq!(code(append(&add, series)), "not-found");
    assert_eq!(house.vault.stats().expect("counted").samples, 0);
    house.session.restore(&amend, series, 2, None).expect("restored");
    assert_eq!(house.all(series).len(), 10);
    house.whole();
}

#[test]
fn adding_reading_and_taking_back_stand_in_the_audit_log() {
    let house = house();
    let series = house.series();
    let entry = house.append(series, &minutes(0..10)).entry.expect("new");
    house.append(series, &minutes(0..10));
    house.all(series);
    house.undo(series, entry).expect("undone");
    let looked = house.session.who_looked(house.asha, &AuditQuery::default()).expect("looked");
    let said: Vec<_> =
        looked.rows.iter().map(|row| format!("{} {}", row.action, row.kind.as_deref().unwrap_or_default())).collect();
    for (line, times) in [("undo series", 1), ("add series", 3), ("read series", 1)] {
        assert_eq!(said.iter().filter(|said| *said == line).count(), times, "{line}: {said:?}");
    }
}
