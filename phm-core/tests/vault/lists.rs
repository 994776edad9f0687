//! Lists: what filters find, in which order, and how far they count.

use phm_core::access::Action;
use phm_core::index::{CodeFilter, Query, Timeframe};
use serde_json::json;

use crate::{add, condition, create, operator, person};

#[test]
fn lists_filter_by_code_time_and_words() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    for (text, onset) in [("Type 2 diabetes", "2015-03"), ("Asthma", "2019"), ("Hypertension", "2021-06-01")] {
        add(&session, asha, "condition", &condition(text, onset));
    }
    let read = session.permit(Action::Read, asha, "condition").expect("allowed");
    let titles = |query: &Query| -> Vec<String> {
        session.summaries(&read, query).expect("a page").items.into_iter().map(|row| row.title).collect()
    };
    assert_eq!(titles(&Query::default()), ["Hypertension", "Asthma", "Type 2 diabetes"]);
    let from = Timeframe { from: Some("2019".parse().expect("a year")), to: None };
    assert_eq!(titles(&Query { time: from, ..Query::default() }), ["Hypertension", "Asthma"]);
    let code = |text| Query { codes: vec![CodeFilter::parse(text)], ..Query::default() };
    assert_eq!(titles(&code("http://snomed.info/sct|44054006")).len(), 3);
    assert_eq!(titles(&code("http://loinc.org|44054006")).len(), 0);
    let words = |text: &str| Query { text: Some(text.into()), ..Query::default() };
    assert_eq!(titles(&words("diab")), ["Type 2 diabetes"]);
    add(&session, asha, "condition", &condition("Gestational diabetes", "2010"));
    assert_eq!(titles(&words("diab")).len(), 2, "new records are found too");
    let all = session.timeline(asha, &[], &Query::default()).expect("a timeline");
    assert_eq!(all.total, 4);
}

#[test]
fn records_without_a_status_are_found_by_the_empty_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    add(&session, asha, "medication", &json!({"drug": "X"}));
    add(&session, asha, "medication", &json!({"drug": "Y", "status": "active"}));
    add(&session, asha, "medication", &json!({"drug": "Z", "status": "stopped"}));
    let read = session.permit(Action::Read, asha, "medication").expect("allowed");
    let of = |words: &[&str]| {
        let status = words.iter().map(|word| (*word).to_owned()).collect();
        let page = session.summaries(&read, &Query { status, ..Query::default() }).expect("a page");
        let mut titles: Vec<String> = page.items.into_iter().map(|row| row.title).collect();
        titles.sort();
        titles
    };
    assert_eq!(of(&["active", ""]), ["X", "Y"]);
    assert_eq!(of(&["active"]), ["Y"]);
    assert_eq!(of(&[]), ["X", "Y", "Z"]);
}

#[test]
fn a_page_that_is_enough_is_the_same_page_and_counts_no_further() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    for day in 1..=5 {
        let on = format!("2026-01-0{day}");
        let body = json!({"concept": "Potassium", "quantity": {"value": "4.1", "unit": "mmol/L"}, "collected_at": on});
        add(&session, asha, "lab-result", &body);
    }
    let read = session.permit(Action::Read, asha, "lab-result").expect("allowed");
    let of = |number: u32, uncounted: bool| {
        let query = Query { page: number, per_page: 2, uncounted, ..Query::default() };
        let page = session.summaries(&read, &query).expect("a page");
        (page.items.iter().map(|row| row.id).collect::<Vec<_>>(), page.total)
    };
    for (number, counted) in [(1, 2), (2, 4), (3, 5)] {
        let (all, enough) = (of(number, false), of(number, true));
        assert_eq!((&all.0, all.1), (&enough.0, 5), "page {number}");
        assert_eq!(enough.1, counted, "page {number}");
    }
}

#[test]
fn the_newest_of_each_is_found_in_one_pass() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = create(dir.path());
    let session = operator(&vault);
    let asha = person(&session, "Asha Example");
    let result = |name: &str, value: &str, on: &str| json!({"concept": name, "quantity": {"value": value, "unit": "mmol/L"}, "collected_at": on});
    for (name, value, on) in
        [("Potassium", "4.1", "2024-01-01"), ("Potassium", "4.3", "2025-01-01"), ("Sodium", "140", "2023-01-01")]
    {
        add(&session, asha, "lab-result", &result(name, value, on));
    }
    let newest = || {
        let read = session.permit(Action::Read, asha, "lab-result").expect("allowed");
        let query = Query { first_of_each: true, ..Query::default() };
        let page = session.summaries(&read, &query).expect("a page");
        assert_eq!(page.total, u64::try_from(page.items.len()).expect("few"));
        page.items.into_iter().map(|row| (row.title, row.value.unwrap_or_default())).collect::<Vec<_>>()
    };
    let of = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(newest(), [of("Potassium", "4.3"), of("Sodium", "140")]);
    let id = add(&session, asha, "lab-result", &result("Potassium", "6.9", "2026-01-01"));
    assert_eq!(newest()[0], of("Potassium", "6.9"));
    let amend = session.permit(Action::Amend, asha, "lab-result").expect("allowed");
    session.remove(&amend, id, 1).expect("removed");
    assert_eq!(newest()[0], of("Potassium", "4.3"));
}
