//! Values, rows, records and counts of one person say the same at every moment, to whoever may see all and to whoever
//! may not.

use phm_core::access::{Action, Labels, Sensitivity};
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::{CodeFilter, Query, Sort};
use phm_core::vault::{How, Session};
use serde_json::{Value, json};

use crate::practice::{Practice, REFUSED, sees};

/// What somebody sees of a person's results, oldest first, whichever way they are asked for.
fn seen(session: &Session, profile: ProfileId, query: &Query) -> Vec<(RecordId, String)> {
    let permit = session.permit(Action::Read, profile, "lab-result").expect("granted");
    let query = Query { sort: Sort::OldestFirst, ..query.clone() };
    let values = session.values(&permit, &query).expect("values");
    let rows = session.summaries(&permit, &query).expect("rows");
    let list = session.list(&permit, &query).expect("records");
    assert_eq!((rows.total, list.total), (rows.items.len() as u64, rows.items.len() as u64));
    assert_eq!(values.items.len(), rows.items.len());
    for ((value, row), record) in values.items.iter().zip(&rows.items).zip(&list.items) {
        let common = &values.common[value.of];
        assert_eq!((value.id, value.occurred, &value.value), (row.id, row.occurred, &row.value));
        assert_eq!((&common.title, &common.unit, &common.status), (&row.title, &row.unit, &row.status));
        assert_eq!((&common.flag, &common.codes, record.id), (&row.flag, &row.codes, row.id));
    }
    values.items.into_iter().map(|value| (value.id, value.value.unwrap_or_default())).collect()
}

fn body(value: &str, on: &str) -> Value {
    json!({"concept": "HbA1c", "quantity": {"value": value, "unit": "%"}, "collected_at": on})
}

#[test]
fn what_is_said_of_values_follows_every_change_at_once() {
    let practice = Practice::new();
    let (asha, doctor, profile) = (practice.asha(), practice.doctor(), practice.asha.profile);
    asha.give(profile, &practice.for_a_day()).expect("given");
    let add = asha.permit(Action::Add, profile, "lab-result").expect("hers");
    let amend = asha.permit(Action::Amend, profile, "lab-result").expect("hers");
    let (first, all) = (practice.result, Query::default());
    let second = asha.add(&add, &body("6.4", "2026-02-10"), How::Typed).expect("added").id;
    let of = |id: RecordId, value: &str| (id, value.to_owned());
    let check = |hers: &[(RecordId, String)], theirs: &[(RecordId, String)]| {
        assert_eq!(seen(&asha, profile, &all), hers);
        assert_eq!(seen(&doctor, profile, &all), theirs);
        // Her results and the note for nobody; the doctor may read no notes.
        let counted = |session: &Session| session.profile_card(profile).expect("a card").records;
        assert_eq!((counted(&asha), counted(&doctor)), (hers.len() as u64 + 1, theirs.len() as u64));
    };
    let both = [of(first, "7.1"), of(second, "6.4")];
    check(&both, &both);
    // An amended value, on the same day and on another.
    asha.amend(&amend, second, 1, &body("6.5", "2026-02-10"), How::Typed).expect("amended");
    let both = [of(first, "7.1"), of(second, "6.5")];
    check(&both, &both);
    asha.amend(&amend, second, 2, &body("6.5", "2025-12-01"), How::Typed).expect("amended");
    let both = [of(second, "6.5"), of(first, "7.1")];
    check(&both, &both);
    // A mark hides it from the doctor, and shows it again when it is taken away.
    asha.mark(&amend, second, 3, Labels::of(&[Sensitivity::SexualHealth])).expect("marked");
    check(&both, &both[1..]);
    asha.mark(&amend, second, 4, Labels::NONE).expect("marked");
    check(&both, &both);
    // Removed and brought back.
    asha.remove(&amend, first, 1).expect("removed");
    check(&both[..1], &both[..1]);
    asha.restore(&amend, first, 2, None).expect("restored");
    check(&both, &both);
    // Restricted and lifted: one record, then everything.
    let held = asha.restrict(profile, &json!({"records": [first]})).expect("restricted");
    check(&both, &both[..1]);
    asha.lift_restriction(profile, held.id).expect("lifted");
    let held = asha.restrict(profile, &json!({"everything": true})).expect("restricted");
    assert_eq!(sees(&doctor, profile, "lab-result"), REFUSED);
    asha.lift_restriction(profile, held.id).expect("lifted");
    check(&both, &both);
    // Destroyed beyond recall.
    let erase = asha.permit(Action::Erase, profile, "lab-result").expect("hers");
    asha.rectify(&erase, second, phm_core::vault::Keep::Nothing).expect("rectified");
    check(&both[1..], &both[1..]);
    // A permit from before is none any more.
    let open = doctor.permit(Action::Read, profile, "lab-result").expect("granted");
    for grant in asha.grants(profile).expect("a list") {
        asha.revoke(profile, grant.id).expect("hers");
    }
    assert!(doctor.values(&open, &all).is_err() && doctor.summaries(&open, &all).is_err());
}

#[test]
fn values_are_those_of_the_codes_asked_for_and_leave_an_entry_in_the_log() {
    let practice = Practice::new();
    let (asha, profile) = (practice.asha(), practice.asha.profile);
    let add = asha.permit(Action::Add, profile, "lab-result").expect("hers");
    let coded = json!({"concept": {"text": "Glucose", "codes": [{"system": "http://loinc.org", "code": "2345-7"}]},
        "quantity": {"value": "98", "unit": "mg/dL"}, "collected_at": "2026-03-01"});
    let glucose = asha.add(&add, &coded, How::Typed).expect("added").id;
    let code = Query { codes: vec![CodeFilter::parse("http://loinc.org|2345-7")], page: 7, ..Query::default() };
    let read = asha.permit(Action::Read, profile, "lab-result").expect("hers");
    let values = asha.values(&read, &code).expect("values");
    assert_eq!((values.items.len(), values.items[0].id), (1, glucose), "whatever the page");
    let log = asha.who_looked(profile, &phm_core::audit::query::AuditQuery::default()).expect("a log");
    assert!(log.rows.iter().any(|row| row.operation.as_deref() == Some("list") && row.records == [glucose]));
}

#[test]
fn cards_and_timelines_count_what_is_shown_where_a_kind_has_a_window() {
    let practice = Practice::new();
    let (asha, doctor, profile) = (practice.asha(), practice.doctor(), practice.asha.profile);
    let add = asha.permit(Action::Add, profile, "series").expect("hers");
    let heart = asha.add(&add, &json!({"concept": "Heart rate", "unit": "/min"}), How::Typed).expect("added").id;
    let sent = json!({"samples": [{"at": "2026-04-01T08:00:00Z", "value": "60"}]});
    let samples = phm_core::model::Samples::from_json(&sent).expect("samples");
    asha.append_samples(&add, heart, &samples, &How::Device).expect("added");
    asha.give(profile, &practice.for_a_day()).expect("given");
    let window = |from: &str, to: &str| json!({"to": {"account": practice.doctor.account}, "kinds": ["series"], "actions": ["read"], "from": from, "to_date": to});
    let counts = |session: &Session| {
        let one = Query { per_page: 1, ..Query::default() };
        let total = session.timeline(profile, &[], &one).expect("a page").total;
        (session.profile_card(profile).expect("a card").records, total)
    };
    assert_eq!(counts(&asha), (3, 3), "a result, a note and the series");
    assert_eq!(counts(&doctor), (1, 1));
    let closed = asha.give(profile, &window("2025-01-01", "2025-12-31")).expect("given");
    assert_eq!(counts(&doctor), (1, 1), "nothing was measured then");
    asha.revoke(profile, closed.id).expect("hers");
    asha.give(profile, &window("2026-04-01", "2026-04-30")).expect("given");
    assert_eq!(counts(&doctor), (2, 2));
    let held = asha.restrict(profile, &json!({"records": [practice.result]})).expect("restricted");
    assert_eq!((counts(&asha), counts(&doctor)), ((3, 3), (1, 1)));
    asha.lift_restriction(profile, held.id).expect("lifted");
    assert_eq!(counts(&doctor), (2, 2));
}
