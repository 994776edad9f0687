//! Backups made by themselves, with a clock that is moved by hand.

use std::sync::atomic::AtomicI64;

use phm_core::access::{Action, Actor};
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::time::Clock;
use phm_core::vault::{How, Options};
use serde_json::json;

use super::*;

struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Instant {
        Instant::from_millis(self.0.load(Ordering::Relaxed))
    }
}

struct Home {
    vault: Vault,
    clock: Arc<Hand>,
    options: Options,
    settings: Backups,
    standing: Standing,
    // Last, so that it goes when nothing is written any more.
    dir: tempfile::TempDir,
}

fn home() -> Home {
    let dir = tempfile::tempdir().expect("a folder");
    let begin: Instant = "2026-11-22T00:10:00.000Z".parse().expect("a moment");
    let clock = Arc::new(Hand(AtomicI64::new(begin.millis())));
    let options = Options { cost: Cost::FLOOR, clock: Arc::<Hand>::clone(&clock), ..Options::default() };
    let secret = Secret::passphrase("a passphrase for tests");
    let (vault, _) = Vault::create(&dir.path().join("vault"), &[secret], options.clone()).expect("a vault");
    let settings =
        Backups { target: dir.path().join("backups"), every_hours: 1, keep_days: 30, drill_days: 7, proof_days: 14 };
    Home { dir, vault, clock, options, settings, standing: Standing::default() }
}

impl Home {
    fn pass(&self, millis: i64) {
        self.clock.0.fetch_add(millis, Ordering::Relaxed);
    }

    fn look(&self) -> Result<(), Problem> {
        let (now, clock) = (self.vault.now(), self.clock.now());
        let work = Work { vault: &self.vault, settings: &self.settings, standing: &self.standing, now, clock };
        let done = work.once(&self.options, &self.dir.path().join("scratch"));
        let judged = work.judge(done.is_ok());
        done.and(judged)
    }

    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.settings.target).expect("a folder");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The days of which a full backup is there, such as `20261122`.
    fn days(&self) -> Vec<String> {
        let full = self.files().into_iter().filter(|name| name.ends_with("-full.phmb"));
        full.map(|name| name["phm-".len()..][..8].to_owned()).collect()
    }

    /// So much later, somebody looks.
    fn look_after(&self, millis: i64) {
        self.pass(millis);
        self.look().expect("looked");
    }
}

#[test]
fn backups_are_made_every_hour_begin_anew_each_day_and_are_proven() {
    let home = home();
    for _ in 0..3 {
        home.look().expect("looked");
        home.look().expect("nothing is due yet");
        home.pass(HOUR);
    }
    let names = home.files();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names[0].ends_with("-full.phmb") && names[1].ends_with("-001.phmb") && names[2].ends_with("-002.phmb"));
    let known = home.standing.known();
    assert!(known.wanted && known.drill_ok && !known.worrying && known.newest.is_some(), "{known:?}");
    home.pass(DAY);
    home.look().expect("looked");
    assert_eq!(home.files().iter().filter(|name| name.ends_with("-full.phmb")).count(), 2);
    // Increments go after two days, the full backup of their day stays, and the proven chain stays as it is.
    home.pass(3 * DAY);
    home.look().expect("looked");
    home.pass(5 * DAY);
    home.look().expect("proven again");
    home.pass(HOUR);
    home.look().expect("looked");
    let (full, increments): (Vec<_>, Vec<_>) = home.files().into_iter().partition(|name| name.ends_with("-full.phmb"));
    assert_eq!((full.len(), increments.len()), (4, 1), "{full:?} {increments:?}");
    home.pass(40 * DAY);
    home.look().expect("looked");
    home.pass(DAY);
    home.look().expect("looked");
    assert!(home.files().len() <= 3, "{:?}", home.files());
    let listed = home.vault.backups().expect("listed");
    assert!(listed.iter().all(|made| made.path.is_file()), "the list names what is there");
}

#[test]
fn the_full_backup_of_each_day_is_kept_for_thirty_days_and_increments_for_two() {
    let home = home();
    // The first day is proven, and stays while nothing newer is; the second, which no drill looks at, shows the rule.
    home.look().expect("looked");
    home.look_after(DAY);
    home.look_after(HOUR);
    let increment = "phm-20261123T011000-001.phmb".to_owned();
    assert!(home.files().contains(&increment), "{:?}", home.files());
    home.look_after(DAY);
    home.look_after(DAY - HOUR);
    assert!(home.files().contains(&increment), "an hour before two days are over: {:?}", home.files());
    home.look_after(HOUR);
    assert!(!home.files().contains(&increment), "after two days: {:?}", home.files());
    home.look_after(DAY - HOUR);
    for _ in 5..29 {
        home.look_after(DAY);
    }
    // Ten minutes past the midnight with which day 29 begins, where the first is day 0.
    home.look_after(DAY);
    let days = home.days();
    assert_eq!((days.len(), days[0].as_str()), (30, "20261122"), "{days:?}");
    home.look_after(DAY);
    let days = home.days();
    assert_eq!((days.len(), days[0].as_str()), (30, "20261123"), "day 30: {days:?}");
    home.look_after(DAY - HOUR);
    assert_eq!(home.days(), days, "an hour before the thirty days of day 1 are over");
    home.look_after(HOUR);
    let days = home.days();
    assert_eq!((days.len(), days[0].as_str(), days[29].as_str()), (30, "20261124", "20261223"), "day 31: {days:?}");
    let listed = home.vault.backups().expect("listed");
    assert_eq!(listed.len(), home.files().len());
    assert!(listed.iter().all(|made| made.path.is_file()), "the list names what is there");
}

#[test]
fn a_target_that_cannot_be_written_is_said_aloud_and_tried_again() {
    let home = home();
    std::fs::write(&home.settings.target, b"not a folder").expect("a file");
    home.look().expect_err("no folder");
    assert!(home.standing.known().worrying);
    home.look().expect("not tried again at once");
    assert!(home.standing.known().worrying, "still");
    std::fs::remove_file(&home.settings.target).expect("removed");
    home.pass(AGAIN);
    home.look().expect("written");
    let known = home.standing.known();
    assert!(!known.worrying && known.newest.is_some(), "{known:?}");
}

#[test]
fn a_chain_of_which_a_file_is_gone_is_not_continued() {
    let home = home();
    for _ in 0..2 {
        home.look().expect("looked");
        home.pass(HOUR);
    }
    let full = home.files().into_iter().find(|name| name.ends_with("-full.phmb")).expect("a full one");
    std::fs::remove_file(home.settings.target.join(full)).expect("removed");
    home.look().expect("looked");
    let newest = home.files().pop().expect("a file");
    assert!(newest.ends_with("-full.phmb"), "a new chain begins: {newest}");
    assert!(!home.standing.known().worrying);
}

#[test]
fn a_clock_that_was_ahead_once_does_not_end_the_backups() {
    let mut home = home();
    home.pass(400 * DAY);
    let session = home.vault.session(Actor::Operator, "test").expect("the operator");
    session.add_profile(&json!({"name": {"text": "Asha Example"}}), None).expect("written at a wrong time");
    drop(session);
    home.look().expect("looked");
    home.pass(-400 * DAY);
    assert!(home.vault.now() > home.clock.now(), "the time of the vault stands still");
    home.look().expect("looked");
    assert_eq!(home.files().len(), 1, "one was made a moment ago");
    // As much later, or after another start.
    home.standing = Standing::default();
    home.look().expect("looked");
    home.look().expect("looked");
    assert_eq!(home.files().len(), 2, "{:?}", home.files());
}

#[test]
fn a_backup_that_was_damaged_fails_its_drill_and_is_told() {
    let home = home();
    home.look().expect("looked");
    home.pass(8 * DAY);
    // The next backup is written, and damaged before it is proven.
    let session = home.vault.session(Actor::Operator, "test").expect("the operator");
    let asha = session.add_profile(&json!({"name": {"text": "Asha Example"}}), None).expect("a person").profile;
    let permit = session.permit(Action::Add, asha, "note").expect("allowed");
    session.add(&permit, &json!({"text": "x"}), How::Typed).expect("added");
    let now = home.clock.now();
    let work = Work { vault: &home.vault, settings: &home.settings, standing: &home.standing, now, clock: now };
    work.make(None).expect("written");
    let newest = home.files().pop().expect("a file");
    let path = home.settings.target.join(newest);
    let mut bytes = std::fs::read(&path).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).expect("damaged");
    home.look().expect_err("it does not restore");
    let known = home.standing.known();
    assert!(known.worrying && !known.drill_ok && known.proven.is_some(), "{known:?}");
    home.pass(HOUR);
    home.look().expect("a new chain is written and proven");
    assert!(home.standing.known().drill_ok);
}

#[test]
fn a_vault_whose_last_proof_is_too_old_calls_for_somebody() {
    let mut home = home();
    home.look().expect("looked");
    home.settings.drill_days = 365;
    for _ in 0..15 {
        assert!(!home.standing.known().worrying);
        home.pass(DAY);
        home.look().expect("looked");
    }
    assert!(home.standing.known().worrying);
}
