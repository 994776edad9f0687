//! One call of the disk, or of the store, fails: at every place of everything a vault does.
//!
//! Afterwards the power is cut. What was acknowledged is there, nothing is there in part, and the vault is whole. The
//! short form tries some calls at random, `PHM_LONG=1` hundreds; `PHM_FAULT=EIO@17:sync` or `PHM_FAULT=Commit@3` tries
//! that one alone.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use phm_core::store::faulty::{Call, Fault, Faults, Moment};
use phm_core::store::{FaultyStore, StoreError};
use phm_core::vault::Options;

use crate::powercut::{long, this_test};
use crate::script::{Scenery, TOGETHER, play};
use crate::writer::say;
use crate::{Scene, house, is_harness};

/// Not a test by itself: plays the script on the disk whose calls fail.
#[test]
fn script_program() {
    let Ok(inputs) = std::env::var("PHM_FAULT_INPUTS") else { return };
    let root = std::env::var("PHM_CUT_ROOT").expect("set by the test");
    let root = Path::new(&root);
    let fail = std::env::var("PHM_CUT_FAIL").unwrap_or_default();
    play(&Scenery {
        vault: &root.join("vault"),
        inputs: Path::new(&inputs),
        backups: &root.join("backups"),
        options: &house::options(),
        for_good: fail.contains('+'),
        say: &say,
    });
    say("end");
}

/// Plays the script with this failure and cuts the power; answers how many acts failed, and how many calls there were.
fn on_disk(fail: &str) -> (usize, u64) {
    let mut scene = Scene::new();
    let count = scene.inputs.path().join("count");
    let mut command = this_test("faults::script_program");
    command.env("PHM_FAULT_INPUTS", scene.inputs.path()).env("PHM_CUT_COUNT", &count).env("PHM_CUT_FAIL", fail);
    let (status, said) = scene.disk.start(&mut command).finish();
    assert!(status.success(), "{fail}: {said:#?}");
    scene.disk.cut_power();
    let failed = judge(&mut scene, fail, said);
    let count = std::fs::read_to_string(count).expect("the program has ended");
    (failed, count.trim().parse().expect("a number"))
}

fn judge(scene: &mut Scene, fail: &str, said: Vec<String>) -> usize {
    let acts: Vec<String> =
        said.into_iter().filter(|line| !line.is_empty() && !is_harness(line) && line != "end").collect();
    let failed = acts.iter().filter(|line| line.starts_with("failed")).count();
    scene.judge.together = Some(TOGETHER);
    scene.judge.hear(&acts);
    scene.check(true).unwrap_or_else(|wrong| panic!("{fail}: {wrong}: {acts:#?}"));
    scene.judge.check_all(&scene.vault()).unwrap_or_else(|wrong| panic!("{fail}: {wrong}: {acts:#?}"));
    failed
}

/// `times` numbers up to `count`, spread evenly, elsewhere each time the tests run.
fn some_of(count: u64, times: u64) -> Vec<u64> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let mut dice = house::Dice::new(u64::from(now.subsec_nanos()));
    let times = times.min(count);
    (0..times).map(|n| 1 + n * count / times + dice.below(count / times)).collect()
}

/// Does the work for each of `all`, two at a time, and sums up what it answers.
fn two_at_a_time<T: Sync>(all: &[T], work: impl Fn(&T) -> usize + Sync) -> usize {
    let every_other = |first: usize| all.iter().skip(first).step_by(2).map(&work).sum::<usize>();
    std::thread::scope(|scope| {
        let odd = scope.spawn(|| every_other(1));
        every_other(0) + odd.join().unwrap_or_else(|wrong| std::panic::resume_unwind(wrong))
    })
}

/// Tries failures like `EIO@n:sync` at some of all calls.
fn survive(kind: &str, ending: &str, times: u64) {
    if let Ok(one) = std::env::var("PHM_FAULT") {
        if one.starts_with(kind) && one.ends_with(ending) {
            on_disk(&one);
        }
        return;
    }
    let (failed, count) = on_disk(&format!("{kind}@{}{}", u32::MAX, ending.trim_start_matches('+')));
    assert!(failed == 0 && count > 100, "{failed} acts of the undisturbed script failed, {count} calls");
    let tried: Vec<String> = some_of(count, times).iter().map(|call| format!("{kind}@{call}{ending}")).collect();
    let failed = two_at_a_time(&tried, |fail| on_disk(fail).0);
    println!("{} of {count} calls failed with {kind}{ending}: {failed} acts failed, nothing was lost", tried.len());
    assert!(failed > 0, "no failure reached the vault");
}

#[test]
fn a_failing_disk_loses_nothing_acknowledged_whatever_the_vault_does() {
    survive("EIO", "", if long() { 200 } else { 5 });
}

#[test]
fn a_full_disk_loses_nothing_acknowledged_whatever_the_vault_does() {
    survive("ENOSPC", "", if long() { 200 } else { 5 });
}

#[test]
fn a_failed_sync_loses_nothing_acknowledged_whatever_the_vault_does() {
    survive("EIO", ":sync", if long() { 200 } else { 5 });
}

#[test]
fn a_disk_that_stays_full_loses_nothing_acknowledged_whatever_the_vault_does() {
    survive("ENOSPC", "+:write", if long() { 40 } else { 3 });
}

#[test]
fn a_read_only_folder_is_refused_by_name_and_left_as_it_was() {
    let mut scene = Scene::new();
    let before: Vec<_> =
        house::files(&scene.vault()).into_iter().map(|path| std::fs::read(path).expect("read")).collect();
    let mut command = this_test("faults::script_program");
    command.env("PHM_FAULT_INPUTS", scene.inputs.path()).env("PHM_CUT_FAIL", "EROFS@1+");
    let (status, said) = scene.disk.start(&mut command).finish();
    assert!(status.success(), "{said:#?}");
    assert!(said.iter().any(|line| line.starts_with("failed open") && line.contains("read-only")), "{said:#?}");
    let after: Vec<_> =
        house::files(&scene.vault()).into_iter().map(|path| std::fs::read(path).expect("read")).collect();
    assert!(before == after, "something was changed");
    scene.check(true).expect("whole");
}

fn disk_error() -> StoreError {
    StoreError::Io(std::io::Error::other("planned"))
}

/// Plays the script where the store fails as planned; answers how many acts failed.
fn in_store(planned: Option<Fault>, faults: &Faults) -> usize {
    let mut scene = Scene::new();
    let said = RefCell::new(Vec::new());
    let sharing = faults.clone();
    let opener: phm_core::store::Opener = Arc::new(move |engine, dir, cache| {
        Ok(Box::new(FaultyStore::sharing(engine.open(dir, cache)?, &sharing)) as Box<_>)
    });
    let options = Options { opener, ..house::options() };
    if let Some(fault) = planned {
        faults.fail(fault);
    }
    play(&Scenery {
        vault: &scene.vault(),
        inputs: scene.inputs.path(),
        backups: &scene.disk.folder().join("backups"),
        options: &options,
        for_good: false,
        say: &|line| said.borrow_mut().push(line.to_owned()),
    });
    let what = planned.map(|fault| format!("{:?}@{} {:?}", fault.call, fault.number, fault.moment));
    judge(&mut scene, &what.unwrap_or_default(), said.into_inner())
}

#[test]
fn any_call_of_the_store_may_fail_and_nothing_acknowledged_is_lost() {
    let undisturbed = Faults::default();
    assert_eq!(in_store(None, &undisturbed), 0);
    let mut planned = Vec::new();
    for (call, short, all) in [(Call::Commit, 4, 100), (Call::Get, 2, 60), (Call::Scan, 2, 60), (Call::Stats, 1, 10)] {
        let count = undisturbed.calls(call);
        assert!(count > 0, "{call:?}");
        for moment in [Moment::Before, Moment::After] {
            let numbers = some_of(count, if long() { all } else { short });
            planned.extend(numbers.into_iter().map(|number| Fault { call, number, moment, error: disk_error }));
        }
    }
    if let Ok(one) = std::env::var("PHM_FAULT") {
        planned.retain(|fault| one.starts_with(&format!("{:?}@", fault.call)));
        for fault in &mut planned {
            fault.number = one.split('@').nth(1).and_then(|number| number.parse().ok()).expect("a number");
        }
    }
    let failed = two_at_a_time(&planned, |fault| in_store(Some(*fault), &Faults::default()));
    println!("{} calls of the store failed: {failed} acts failed, nothing was lost", planned.len());
    assert!(failed > 0 || planned.is_empty(), "no failure reached the vault");
}
