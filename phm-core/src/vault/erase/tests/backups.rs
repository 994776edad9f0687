//! Which backups still hold the erased, and until when.

use super::*;
use crate::backup::{self, Order};

#[test]
fn the_report_says_until_when_a_backup_is_kept_that_still_holds_what_went() {
    for engine in ENGINES {
        let home = Home::new(engine);
        let until = home.inner().now().plus_millis(48 * 3_600_000);
        let order = Order { kept_until: Some(until), ..Order::default() };
        backup::make(home.vault(), &home.dir.path().join("kept.phmb"), &order).expect("written");
        backup::write(home.vault(), &home.dir.path().join("for-ever.phmb")).expect("written");
        let session = home.session();
        let permit = session.permit(Action::Erase, home.asha, "condition").expect("allowed");
        let rectified = session.rectify(&permit, home.condition, Keep::Nothing).expect("rectified");
        let erased = session.erase_profile(home.asha).expect("erased");
        for backups in [&rectified.backups, &erased.backups] {
            let held: Vec<_> = backups.iter().map(|held| (held.name.as_deref(), held.until)).collect();
            let wanted = [(Some("kept.phmb"), Some(until)), (Some("for-ever.phmb"), None), (None, None)];
            assert_eq!(held, wanted, "{engine:?}");
        }
        // As the report is read by others.
        let report = serde_json::to_value(&erased).expect("JSON");
        assert_eq!(report["backups"][0]["until"], json!(until));
        assert_eq!(report["backups"][1]["until"], Value::Null);
    }
}

#[test]
fn a_backup_taken_afterwards_holds_nothing_and_restores() {
    let home = Home::new(Engine::Sled);
    let mut wanted = Copies::her_own(&home).salts();
    wanted.insert(home.blinded());
    wanted.insert(*home.asha.as_bytes());
    home.session().erase_profile(home.asha).expect("erased");
    let folder = home.dir.path().join("backups");
    std::fs::create_dir(&folder).expect("a folder");
    let file = folder.join("after.phmb");
    backup::write(home.vault(), &file).expect("written");
    assert_eq!(found_in(&folder, &wanted), 0);
    assert!(backup::drill(&file, &home.secret, home.options()).expect("drilled").ok);
}

#[test]
fn a_backup_named_after_the_erased_is_still_known_and_named() {
    let home = Home::new(Engine::Sled);
    let file = home.dir.path().join(format!("{}.phmb", home.asha));
    backup::write(home.vault(), &file).expect("written");
    home.vault().note_backup_proof(&file, None, true).expect("noted");
    let report = home.session().erase_profile(home.asha).expect("erased");
    let named: Vec<_> = report.backups.iter().filter_map(|held| held.name.clone()).collect();
    assert_eq!(named, [format!("{}.phmb", home.asha)]);
    assert_eq!(home.vault().backups().expect("listed").len(), 1);
    assert!(home.vault().backup_proof().expect("readable").is_some());
}

#[test]
fn a_backup_with_keys_that_were_to_go_already_is_named_by_the_report() {
    let home = Home::new(Engine::Sled);
    let (before, amid) = (home.dir.path().join("before.phmb"), home.dir.path().join("amid.phmb"));
    backup::write(home.vault(), &before).expect("written");
    // Begun, and then something kept it from going on.
    let begun_at = home.session().begin_erasing(home.asha).expect("begun").begun_at;
    while home.inner().now() <= begun_at {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    backup::write(home.vault(), &amid).expect("written");
    backup::rewrap(home.vault(), &before, false).expect("wrapped anew, with keys that are still there");
    let report = home.session().erase_profile(home.asha).expect("erased");
    let named: Vec<_> = report.backups.iter().filter_map(|held| held.name.as_deref()).collect();
    assert_eq!(named, ["before.phmb", "amid.phmb"]);
    backup::rewrap(home.vault(), &before, true).expect("wrapped anew");
    let held = home.inner().backups_from_before(begun_at).expect("listed");
    assert_eq!(held.iter().filter_map(|held| held.name.as_deref()).collect::<Vec<_>>(), ["amid.phmb"]);
}
