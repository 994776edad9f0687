//! What a breach report needs, read from the log without anything of a record.

use phm_core::ErrorKind;
use phm_core::access::{Action, Actor};
use phm_core::index::Query;
use phm_core::time::Clock as _;
use phm_core::vault::IncidentQuery;

use crate::practice::{HOUR, Practice, person, somebody};

#[test]
fn a_report_counts_people_records_and_refusals_of_a_stretch_of_time_and_names_nobody_they_are_about() {
    let practice = Practice::new();
    let boss = person(&practice.vault, somebody(&practice.vault, "boss", "admin"));
    let (asha, doctor, profile) = (practice.asha(), practice.doctor(), practice.asha.profile);
    asha.give(profile, &practice.for_a_day()).expect("given");
    practice.after(2 * HOUR);
    let begun = practice.clock.now();
    let permit = doctor.permit(Action::Read, profile, "lab-result").expect("granted");
    for _ in 0..3 {
        doctor.list(&permit, &Query::default()).expect("a list");
    }
    assert!(doctor.permit(Action::Read, profile, "condition").is_err());
    practice.after(HOUR);
    let ended = practice.clock.now();
    doctor.list(&permit, &Query::default()).expect("after it");
    let asked = IncidentQuery { from: begun, to: ended, account: Some(practice.doctor.account) };
    let found = boss.incident(&asked).expect("theirs");
    assert_eq!((found.people, found.records.get("lab-result"), found.unreadable), (1, Some(&3), 0));
    assert_eq!((found.actors.len(), &*found.actors[0].actor.name, found.actors[0].refused), (1, "doctor", 1));
    assert_eq!(found.grants.len(), 1);
    assert!(found.events.iter().any(|event| event.action == "read" && event.count == 3 && event.people == 1));
    let told = serde_json::to_string(&found).expect("JSON");
    for secret in ["HbA1c", "asha", "second opinion", &profile.to_string(), &practice.result.to_string()] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
    assert_eq!(doctor.incident(&asked).expect_err("no admin").kind(), ErrorKind::Denied);
    let backwards = IncidentQuery { from: ended, to: begun, account: None };
    assert_eq!(boss.incident(&backwards).expect_err("backwards").kind(), ErrorKind::Invalid);
    let everybody = IncidentQuery { account: None, ..asked };
    assert!(boss.incident(&everybody).expect("theirs").actors.iter().any(|one| one.actor.name == "doctor"));
}

#[test]
fn calls_of_plugins_about_nobody_are_counted_and_touch_nobodys_records() {
    let practice = Practice::new();
    let boss = person(&practice.vault, somebody(&practice.vault, "boss", "admin"));
    let begun = practice.clock.now();
    let actor = Actor::Plugin { name: "probe".to_owned(), account: practice.ravi.account };
    let plugin = practice.vault.session(actor, "plugin probe 0.1.0: find").expect("an active account");
    for done in [true, true, false] {
        plugin.note_plugin_about_nobody(done).expect("noted");
    }
    practice.after(HOUR);
    let asked = IncidentQuery { from: begun, to: practice.clock.now(), account: Some(practice.ravi.account) };
    let found = boss.incident(&asked).expect("theirs");
    assert_eq!((found.people, found.records.len()), (0, 0));
    let mut calls: Vec<_> = found.events.iter().map(|event| (event.outcome, event.count, event.people)).collect();
    calls.sort_unstable();
    assert_eq!(calls, [("allowed", 2, 0), ("failed", 1, 0)]);
    assert!(found.events.iter().all(|event| event.actor.id == "probe" && event.kind.as_deref() == Some("plugin")));
}
