//! Unusual access is told to the person and to whoever runs the house, and says nothing of a record.

use std::sync::Arc;

use phm_core::ErrorKind;
use phm_core::access::{Action, Actor};
use phm_core::audit::unusual::{Unusual, UnusualLimits};
use phm_core::index::Query;
use phm_core::vault::{Options, Session};

use crate::practice::{Practice, person, somebody};

/// A practice in which more than ten records in an hour and more than three refusals are unusual.
fn watched(quiet: bool) -> Practice {
    let unusual = UnusualLimits { records_an_hour: 10, refusals: 3, quiet: Arc::new(move |_| quiet) };
    Practice::with(Options { unusual: Some(unusual), ..Options::default() })
}

fn look(session: &Session, practice: &Practice, times: usize) {
    for _ in 0..times {
        let permit = session.permit(Action::Read, practice.asha.profile, "lab-result").expect("granted");
        session.list(&permit, &Query::default()).expect("a list");
    }
}

#[test]
fn many_records_in_an_hour_and_many_refusals_are_told_once() {
    let practice = watched(false);
    let (asha, doctor, profile) = (practice.asha(), practice.doctor(), practice.asha.profile);
    asha.give(profile, &practice.for_a_day()).expect("given");
    look(&doctor, &practice, 10);
    assert!(practice.vault.raise_alerts().expect("looked").is_empty(), "ten are not too many");
    look(&doctor, &practice, 5);
    let raised = practice.vault.raise_alerts().expect("looked");
    assert_eq!(
        raised.iter().map(|one| (one.alert.what, one.profile)).collect::<Vec<_>>(),
        [(Unusual::Volume, Some(profile))]
    );
    assert_eq!((&*raised[0].alert.actor.name, raised[0].alert.count), ("doctor", 11));
    look(&doctor, &practice, 5);
    assert!(practice.vault.raise_alerts().expect("looked").is_empty(), "told once");
    for _ in 0..4 {
        assert!(doctor.permit(Action::Read, profile, "condition").is_err());
    }
    // Refusals are gathered by the minute.
    practice.after(60_000);
    let raised = practice.vault.raise_alerts().expect("looked");
    assert_eq!(raised.iter().map(|one| one.alert.what).collect::<Vec<_>>(), [Unusual::Refusals]);
    let own = asha.fresh_alerts(profile).expect("hers");
    assert_eq!(own.iter().map(|alert| alert.what).collect::<Vec<_>>(), [Unusual::Refusals, Unusual::Volume]);
    assert!(!serde_json::to_string(&own).expect("JSON").contains("HbA1c"));
    asha.put_notices_away(profile).expect("hers");
    assert!(asha.fresh_alerts(profile).expect("hers").is_empty());
    assert_eq!(asha.alerts(profile).expect("hers").len(), 2, "put away is not gone");
    assert!(doctor.fresh_alerts(profile).expect("nothing").is_empty());
    assert_eq!(doctor.alerts(profile).expect_err("not theirs").code(), "not-granted");
}

#[test]
fn what_was_found_after_notices_were_put_away_is_shown_though_it_happened_before() {
    let practice = watched(false);
    let (asha, doctor, profile) = (practice.asha(), practice.doctor(), practice.asha.profile);
    asha.give(profile, &practice.for_a_day()).expect("given");
    look(&doctor, &practice, 11);
    practice.after(1_000);
    asha.put_notices_away(profile).expect("hers");
    practice.after(1_000);
    assert_eq!(practice.vault.raise_alerts().expect("looked").len(), 1);
    assert_eq!(asha.fresh_alerts(profile).expect("hers").len(), 1, "she cannot have seen it yet");
    asha.put_notices_away(profile).expect("hers");
    assert!(asha.fresh_alerts(profile).expect("hers").is_empty());
}

#[test]
fn whoever_keeps_asking_for_somebody_they_have_nothing_to_do_with_is_told_of_to_the_house_alone() {
    let practice = watched(false);
    let boss = person(&practice.vault, somebody(&practice.vault, "boss", "admin"));
    let (asha, doctor, profile) = (practice.asha(), practice.doctor(), practice.asha.profile);
    for _ in 0..4 {
        assert_eq!(doctor.permit(Action::Read, profile, "note").expect_err("a stranger").kind(), ErrorKind::NotFound);
    }
    let raised = practice.vault.raise_alerts().expect("looked");
    let told: Vec<_> = raised.iter().map(|one| (one.alert.what, one.alert.count, one.profile)).collect();
    assert_eq!(told, [(Unusual::Refusals, 4, None)]);
    assert_eq!(boss.house_alerts().expect("theirs").len(), 1);
    assert!(asha.fresh_alerts(profile).expect("hers").is_empty());
}

#[test]
fn a_look_at_night_is_told_unless_it_is_ones_own() {
    let practice = watched(true);
    let (asha, doctor, profile) = (practice.asha(), practice.doctor(), practice.asha.profile);
    look(&asha, &practice, 1);
    assert!(practice.vault.raise_alerts().expect("looked").is_empty());
    asha.give(profile, &practice.for_a_day()).expect("given");
    look(&doctor, &practice, 2);
    let raised = practice.vault.raise_alerts().expect("looked");
    assert_eq!(raised.iter().map(|one| one.alert.what).collect::<Vec<_>>(), [Unusual::Hour]);
}

#[test]
fn whoever_runs_the_house_learns_who_and_how_much_but_not_whose_records() {
    let practice = watched(true);
    let boss = person(&practice.vault, somebody(&practice.vault, "boss", "admin"));
    practice.asha().give(practice.asha.profile, &practice.for_a_day()).expect("given");
    look(&practice.doctor(), &practice, 1);
    practice.vault.raise_alerts().expect("looked");
    let alerts = boss.house_alerts().expect("theirs");
    assert_eq!((alerts.len(), &*alerts[0].actor.name, alerts[0].count), (1, "doctor", 1));
    let told = serde_json::to_string(&alerts).expect("JSON");
    assert!(!told.contains(&practice.asha.profile.to_string()) && !told.contains("asha"), "{told}");
    assert_eq!(practice.doctor().house_alerts().expect_err("no admin").kind(), ErrorKind::Denied);
    let door = practice.vault.session(Actor::Gate, "notice").expect("the door");
    assert_eq!(door.whom_to_tell_of_the_house().expect("theirs"), ["boss@phm.example"]);
    assert_eq!(practice.vault.verify(None).expect("verified").damaged.len(), 0);
}
