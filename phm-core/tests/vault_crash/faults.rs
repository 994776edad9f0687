//! One call of the disk, or of the store, fails: at every place of everything a vault does.
//!
//! Afterwards the power is cut. What was acknowledged is there, nothing is there in part, and the vault is whole. The
//! short form tries some calls at random. `PHM_LONG=1` tries every call of the first time that the vault does each of its
//! acts, and plays a few acts on; then hundreds of calls at random, of all there are, and plays to the end.
//! `PHM_FAULT_EVERY=1` tries every call of all and plays to the end.
//!
//! `PHM_SEED` makes what is random come again. `PHM_RESUME` names a folder that keeps what was tried, so that a form that
//! was stopped goes on where it was. `PHM_FAULT=EIO@17:sync` or `PHM_FAULT=Commit@3` tries that one alone.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use phm_core::store::faulty::{Call, Fault, Faults, Moment};
use phm_core::store::{FaultyStore, StoreError};
use phm_core::vault::Options;

use crate::powercut::{long, this_test};
use crate::progress::Progress;
use crate::script::{Scenery, TOGETHER, play};
use crate::told::told;
use crate::writer::say;
use crate::{Scene, Template, house, is_harness};

/// How many acts are played after the one that failed where every call is tried.
const ACTS_AFTER: u32 = 4;

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
        acts_after: std::env::var("PHM_FAULT_ACTS").ok().map(|acts| acts.parse().expect("a number")),
        say: &say,
    });
    say("end");
}

/// What became of a play on a disk.
struct Played {
    /// How many acts failed.
    failed: usize,
    /// How many calls the disk had while each act was played for the first time, and in all.
    first_time: u64,
    calls: u64,
}

/// Plays the script with this failure, to the end or so many acts on, and cuts the power.
fn on_disk(template: &Template, fail: &str, acts_after: Option<u32>) -> Played {
    let mut scene = Scene::of(template);
    let count = scene.inputs.path().join("count");
    let mut command = this_test("faults::script_program");
    command.env("PHM_FAULT_INPUTS", scene.inputs.path()).env("PHM_CUT_COUNT", &count).env("PHM_CUT_FAIL", fail);
    if let Some(acts) = acts_after {
        command.env("PHM_FAULT_ACTS", acts.to_string());
    }
    let (status, said) = scene.disk.start(&mut command).finish();
    assert!(status.success(), "{fail}: {said:#?}");
    scene.disk.cut_power();
    let failed = judge(&mut scene, fail, said);
    // Where each of the two rounds began, and where the program ended.
    let counts = std::fs::read_to_string(count).expect("the program has ended");
    let counts: Vec<u64> = counts.lines().map(|line| line.parse().expect("a number")).collect();
    let calls = counts.last().copied().expect("the end");
    Played { failed, first_time: counts.get(1).copied().unwrap_or(calls), calls }
}

fn judge(scene: &mut Scene, fail: &str, said: Vec<String>) -> usize {
    let of_the_script = |line: &String| line == "end" || line.starts_with("round ");
    let acts: Vec<String> =
        said.into_iter().filter(|line| !line.is_empty() && !is_harness(line) && !of_the_script(line)).collect();
    let failed = acts.iter().filter(|line| line.starts_with("failed")).count();
    scene.judge.together = Some(TOGETHER);
    scene.judge.hear(&acts);
    scene.check(true).unwrap_or_else(|wrong| panic!("{fail}: {wrong}: {acts:#?}"));
    scene.judge.check_all(&scene.vault()).unwrap_or_else(|wrong| panic!("{fail}: {wrong}: {acts:#?}"));
    failed
}

/// What makes the numbers that are tried, elsewhere each time the tests run unless `PHM_SEED` says which.
fn seed() -> u64 {
    std::env::var("PHM_SEED").map_or_else(
        |_| {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
            u64::from(now.subsec_nanos())
        },
        |seed| seed.parse().expect("PHM_SEED is a number"),
    )
}

/// Whether every call is to be tried, however long that takes.
fn every() -> bool {
    std::env::var_os("PHM_FAULT_EVERY").is_some()
}

/// `times` numbers up to `count`, spread evenly; all there are where `times` is not less.
fn some_of(seed: u64, count: u64, times: u64) -> Vec<u64> {
    let mut dice = house::Dice::new(seed);
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

/// Does the work for those of `all` that no earlier run has done; answers what all of them came to, and how many were
/// done before.
fn go_on<T: Sync>(
    form: &str,
    all: &[T],
    name: impl Fn(&T) -> String + Sync,
    work: impl Fn(&T) -> usize + Sync,
) -> (usize, usize) {
    let progress = Progress::of(&format!("{}-{form}", house::options().engine.name()));
    let (done, open): (Vec<&T>, Vec<&T>) = all.iter().partition(|one| progress.before(&name(one)).is_some());
    let before: usize = done.iter().filter_map(|one| progress.before(&name(one))).sum();
    let failed = two_at_a_time(&open, |one| {
        let failed = work(one);
        progress.note(&name(one), failed);
        failed
    });
    (before + failed, done.len())
}

/// Tries failures like `EIO@n:sync` at some of all calls, in the long form `times` of them; with `first_time` also at
/// every call of the first time that each act is played.
fn survive(kind: &str, ending: &str, times: u64, first_time: bool) {
    let template = Template::new();
    if let Ok(one) = std::env::var("PHM_FAULT") {
        if one.starts_with(kind) && one.ends_with(ending) {
            on_disk(&template, &one, None);
        }
        return;
    }
    let never = format!("{kind}@{}{}", u32::MAX, ending.trim_start_matches('+'));
    let quiet = on_disk(&template, &never, None);
    assert!(quiet.failed == 0 && quiet.calls > 100, "{} acts failed of {} calls", quiet.failed, quiet.calls);
    let (seed, times) = (seed(), if every() { quiet.calls } else { times });
    let firsts = if long() && first_time && !every() { quiet.first_time } else { 0 };
    let failure = |call: u64, acts_after: Option<u32>| (format!("{kind}@{call}{ending}"), acts_after);
    let mut tried: Vec<_> = (1..=firsts).map(|call| failure(call, Some(ACTS_AFTER))).collect();
    tried.extend(some_of(seed, quiet.calls, times).into_iter().map(|call| failure(call, None)));
    let name = |(fail, acts_after): &(String, Option<u32>)| {
        if acts_after.is_some() { format!("{fail} first") } else { fail.clone() }
    };
    let form = format!("{kind}{ending}");
    let (failed, before) =
        go_on(&form, &tried, name, |(fail, acts_after)| on_disk(&template, fail, *acts_after).failed);
    told(&format!(
        "{}: {form}: every one of the first {firsts} calls and {} of all {} (seed {seed}; {before} of them in earlier \
         runs): {failed} acts failed, 0 lost",
        house::options().engine.name(),
        tried.len() as u64 - firsts,
        quiet.calls,
    ));
    assert!(failed > 0, "no failure reached the vault");
}

#[test]
fn a_failing_disk_loses_nothing_acknowledged_whatever_the_vault_does() {
    survive("EIO", "", if long() { 200 } else { 5 }, true);
}

#[test]
fn a_full_disk_loses_nothing_acknowledged_whatever_the_vault_does() {
    survive("ENOSPC", "", if long() { 200 } else { 5 }, true);
}

#[test]
fn a_failed_sync_loses_nothing_acknowledged_whatever_the_vault_does() {
    survive("EIO", ":sync", if long() { 200 } else { 5 }, false);
}

#[test]
fn a_disk_that_stays_full_loses_nothing_acknowledged_whatever_the_vault_does() {
    survive("ENOSPC", "+:write", if long() { 40 } else { 3 }, false);
}

#[test]
fn a_read_only_folder_is_refused_by_name_and_left_as_it_was() {
    let mut scene = Scene::of(&Template::new());
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

/// What a disk answers, one after the other: it fails, it is full, or something that has no number.
const DISK_ERRORS: [fn() -> StoreError; 3] = [
    || StoreError::Io(std::io::Error::from_raw_os_error(5)),
    || StoreError::Io(std::io::Error::from_raw_os_error(28)),
    || StoreError::Io(std::io::Error::other("planned")),
];

fn named(fault: &Fault) -> String {
    let error = match (fault.error)() {
        StoreError::Io(error) => {
            error.raw_os_error().map_or_else(|| error.to_string(), |number| format!("os {number}"))
        }
        other => other.to_string(),
    };
    format!("{:?}@{} {:?} {error}", fault.call, fault.number, fault.moment)
}

/// Plays the script where the store fails as planned; answers how many acts failed.
fn in_store(template: &Template, planned: Option<(Fault, Option<u32>)>, faults: &Faults) -> usize {
    let mut scene = Scene::of(template);
    let said = RefCell::new(Vec::new());
    let sharing = faults.clone();
    let opener: phm_core::store::Opener = Arc::new(move |engine, dir, cache| {
        Ok(Box::new(FaultyStore::sharing(engine.open(dir, cache)?, &sharing)) as Box<_>)
    });
    let options = Options { opener, ..house::options() };
    if let Some((fault, _)) = planned {
        faults.fail(fault);
    }
    play(&Scenery {
        vault: &scene.vault(),
        inputs: scene.inputs.path(),
        backups: &scene.disk.folder().join("backups"),
        options: &options,
        for_good: false,
        acts_after: planned.and_then(|(_, acts_after)| acts_after),
        say: &|line| said.borrow_mut().push(line.to_owned()),
    });
    let what = planned.map(|(fault, _)| named(&fault));
    judge(&mut scene, &what.unwrap_or_default(), said.into_inner())
}

/// In the long form every commit fails, before and after its effect; of the calls that only read, hundreds. One after
/// the other they fail as a bad disk does, as a full one, and in a way that nobody has foreseen.
#[test]
fn any_call_of_the_store_may_fail_and_nothing_acknowledged_is_lost() {
    let template = Template::new();
    let undisturbed = Faults::default();
    assert_eq!(in_store(&template, None, &undisturbed), 0);
    let (seed, mut planned, mut counts) = (seed(), Vec::new(), Vec::new());
    let mut errors = DISK_ERRORS.into_iter().cycle();
    for (call, short, some) in
        [(Call::Commit, 4, u64::MAX), (Call::Get, 2, 150), (Call::Scan, 2, 150), (Call::Stats, 1, 10)]
    {
        let count = undisturbed.calls(call);
        assert!(count > 0, "{call:?}");
        let times = if every() { count } else { (if long() { some } else { short }).min(count) };
        // Where every one is tried, a few acts show what became of it.
        let acts_after = (long() && times == count && !every()).then_some(ACTS_AFTER);
        for moment in [Moment::Before, Moment::After] {
            let numbers = some_of(seed, count, times);
            let faults = numbers.into_iter().zip(errors.by_ref());
            planned.extend(faults.map(|(number, error)| (Fault { call, number, moment, error }, acts_after)));
        }
        counts.push(format!("{call:?} {times} of {count}"));
    }
    if let Ok(one) = std::env::var("PHM_FAULT") {
        planned.retain(|(fault, _)| one.starts_with(&format!("{:?}@", fault.call)));
        let number: Option<u64> = one.split('@').nth(1).and_then(|number| number.parse().ok());
        // The same one before and after its effect, with each error, is enough.
        planned = planned
            .into_iter()
            .flat_map(|(fault, acts_after)| {
                let number = number.expect("a number");
                DISK_ERRORS.map(|error| (Fault { number, error, ..fault }, acts_after))
            })
            .collect();
        planned.sort_by_key(|(fault, _)| named(fault));
        planned.dedup_by_key(|(fault, _)| named(fault));
        if planned.is_empty() {
            return;
        }
    }
    let (failed, before) = go_on(
        "store",
        &planned,
        |(fault, _)| named(fault),
        |planned| in_store(&template, Some(*planned), &Faults::default()),
    );
    told(&format!(
        "{}: calls of the store before and after their effect, {} (seed {seed}; {before} in earlier runs): {failed} acts \
         failed, 0 lost",
        house::options().engine.name(),
        counts.join(", "),
    ));
    assert!(failed > 0, "no failure reached the vault");
}
