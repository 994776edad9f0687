//! Calls about nobody: no person's audit hears of them, so they stand in the log of the house.

mod house;

use house::{House, answers, manifest, plugin};
use phm_core::access::Action;
use phm_core::audit::query::{AuditQuery, AuditRow};
use phm_core::id::{ProfileId, RecordId};
use phm_plugins::{CallContext, Package, installed};
use serde_json::json;

const FINE: &str = r#"{"findings":[]}"#;

/// The calls of plugins that stand in the audit of a person, or in the log of the house.
fn calls(house: &House, profile: ProfileId) -> Vec<AuditRow> {
    let page = house.admin().who_looked(profile, &AuditQuery::default()).expect("who looked");
    page.rows.into_iter().filter(|row| row.operation.as_deref() == Some("plugin")).collect()
}

#[test]
fn a_call_about_nobody_stands_in_the_log_of_the_house_with_plugin_version_and_outcome() {
    let house = House::new();
    house.enable(&manifest(""), &answers(FINE));
    house.call().expect("an answer");
    house.enable(&manifest("").replace("0.1.0", "0.2.0"), &plugin("unreachable"));
    house.call().expect_err("it crashed");
    let rows = calls(&house, ProfileId::SYSTEM);
    let why = |outcome: &str| rows.iter().find(|row| row.outcome == outcome).and_then(|row| row.purpose.as_deref());
    assert_eq!(why("allowed"), Some("plugin probe 0.1.0: find"), "{rows:?}");
    assert_eq!(why("failed"), Some("plugin probe 0.2.0: find"), "{rows:?}");
    assert_eq!(rows.len(), 2, "{rows:?}");
    for row in &rows {
        assert_eq!((row.actor.r#type.as_str(), row.actor.id.as_str()), ("plugin", "probe"));
        assert_eq!((row.kind.as_deref(), row.count, row.records.len()), (Some("plugin"), 1, 0));
    }
    for person in [house.asha, house.bela] {
        assert!(calls(&house, person).is_empty(), "it is about nobody");
    }
    assert!(house.vault.verify(None).expect("verified").ok);
}

#[test]
fn calls_of_the_operator_and_of_a_package_that_is_tried_out_stand_there_too() {
    let house = House::new();
    house.enable(&manifest(""), &answers(FINE));
    let input = json!({"language": "en"});
    house.plugins.call(&CallContext::of(&house.admin()), "probe", &input, &[]).expect("an answer");
    let newer = house.package(&manifest("").replace("0.1.0", "0.3.0"), &answers(FINE));
    let newer = Package::read(&newer).expect("a package");
    house.plugins.try_out(&house.about_nobody(), &newer, json!({}), &input).expect("an answer");
    let rows = calls(&house, ProfileId::SYSTEM);
    let why = |by: &str| rows.iter().find(|row| row.actor.r#type == by).and_then(|row| row.purpose.as_deref());
    assert_eq!(why("operator"), Some("plugin probe 0.1.0: find"), "{rows:?}");
    assert_eq!(why("plugin"), Some("plugin probe 0.3.0: find"), "{rows:?}");
    assert_eq!(rows.len(), 2, "{rows:?}");
}

#[test]
fn a_call_that_a_persons_audit_has_and_one_that_never_began_leave_nothing_there() {
    let house = House::new();
    house.enable(&manifest(""), &answers(FINE));
    house.call_about(&house.about_asha()).expect("an answer");
    assert_eq!(calls(&house, house.asha).len(), 1);
    // With somebody's records in its input it stands in their audit, whoever it is about.
    let permit = house.person().permit(Action::Read, house.asha, "note").expect("their own");
    let handed = house.about_nobody().with_handed(permit, vec![RecordId::new()]);
    house.call_about(&handed).expect("an answer");
    assert_eq!(calls(&house, house.asha).len(), 2);
    let strange = json!({"another": "form"});
    house.plugins.call(&house.about_nobody(), "probe", &strange, &[]).expect_err("no input of its kind");
    installed::disable(&house.vault, &house.admin(), "probe").expect("off");
    house.call().expect_err("it is off");
    let rows = calls(&house, ProfileId::SYSTEM);
    assert!(rows.is_empty(), "{rows:?}");
}
