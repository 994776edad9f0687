//! No acknowledged write of a vault is ever lost, and no import is ever there in part: not by `kill -9`, not by a power
//! cut, not by a disk that is full or fails. The writer writes records, samples, state, documents and imports from six
//! threads at once, beside compactions, rotations of keys, new recovery codes, erasures, backups, or moves to the other
//! engine.
//!
//! The short form runs 60 kills and 60 power cuts; `PHM_LONG=1` runs 200 and 120. `PHM_TEST_ENGINE` names the engine; without
//! it half of the kills and cuts fall on each.

mod chores;
mod created;
mod faults;
#[path = "../house/mod.rs"]
mod house;
mod inputs;
mod judge;
#[allow(dead_code)] // the store's tests use all of it
#[path = "../powercut/mod.rs"]
mod powercut;
mod progress;
mod script;
#[path = "../told/mod.rs"]
mod told;
mod writer;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use judge::Judge;
use phm_core::store::Engine;
use phm_core::vault::{Options, Vault};
use powercut::{Disk, long, some_moment, this_test};
use told::told;

/// Not a test by itself: the program the tests below start, kill and start again.
#[test]
fn writer_program() {
    let Ok(first_input) = std::env::var("PHM_CRASH_INPUT") else { return };
    let var = |name: &str| std::env::var(name).expect("set by the test");
    let number = |text: String| text.parse::<u64>().expect("a number");
    let first = u32::try_from(number(first_input)).expect("few inputs");
    writer::run(
        &Path::new(&var("PHM_CUT_ROOT")).join("vault"),
        Path::new(&var("PHM_CRASH_INPUTS")),
        first,
        number(var("PHM_CRASH_SEED")),
        &var("PHM_CRASH_CHORES"),
    );
}

/// A vault on a disk, its inputs, and what was acknowledged.
struct Scene {
    disk: Disk,
    inputs: tempfile::TempDir,
    judge: Judge,
}

/// The vault every scene begins with: made once, copied for each.
struct Template(tempfile::TempDir);

impl Template {
    fn new() -> Self {
        Self::on(house::options().engine)
    }

    fn on(engine: Engine) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let options = Options { engine, ..house::options() };
        let (vault, _) = Vault::create(home.path(), &[house::key()], options).expect("a new vault");
        let session = house::operator(&vault);
        for lane in writer::LANES {
            house::person(&session, lane);
        }
        drop(session);
        vault.close().expect("closed");
        Self(home)
    }
}

static SEEDS: AtomicU64 = AtomicU64::new(1);

impl Scene {
    fn of(template: &Template) -> Self {
        let disk = Disk::new();
        std::fs::create_dir(disk.folder().join("backups")).expect("a folder");
        house::copy(template.0.path(), &disk.folder().join("vault"));
        Self { disk, inputs: tempfile::tempdir().expect("a folder"), judge: Judge::default() }
    }

    fn vault(&self) -> PathBuf {
        self.disk.folder().join("vault")
    }

    fn start(&self, chores: &str) -> Command {
        let mut command = this_test("writer_program");
        command
            .env("PHM_CRASH_CHORES", chores)
            .env("PHM_CRASH_INPUT", self.judge.unfinished.unwrap_or(self.judge.imported).to_string())
            .env("PHM_CRASH_INPUTS", self.inputs.path())
            .env("PHM_CRASH_SEED", SEEDS.fetch_add(1, Ordering::Relaxed).to_string());
        command
    }

    /// Lets a writer live for a while from the line on that begins with `from`.
    fn run(&mut self, command: &mut Command, from: &str, at_most: Duration) {
        let mut writer = self.disk.start(command);
        writer.wait_for(from);
        let said = writer.kill_after(some_moment(at_most));
        let said: Vec<String> = said.into_iter().filter(|line| !line.is_empty() && !is_harness(line)).collect();
        self.judge.hear(&said);
    }

    fn check(&mut self, resume: bool) -> Result<(), String> {
        self.judge.check(&self.vault(), self.inputs.path(), resume)
    }
}

/// What the test harness of the writer program says itself.
fn is_harness(line: &str) -> bool {
    line.starts_with("running ") || line.starts_with("test ")
}

/// What the writer of each vault does beside writing.
const CHORES: [&str; 6] =
    ["", "compact", "rotate ways", "backup increment", "migrate", "compact erase rotate ways root backup increment"];

type Inside = BTreeMap<String, u32>;

fn add((mut all, more): (Inside, Inside)) -> Inside {
    for (what, times) in more {
        *all.entry(what).or_default() += times;
    }
    all
}

/// The engines that vaults stand on: the one `PHM_TEST_ENGINE` names, or else each.
fn engines() -> Vec<Engine> {
    let named = std::env::var_os("PHM_TEST_ENGINE").is_some();
    if named { vec![house::options().engine] } else { Engine::ON_DISK.to_vec() }
}

/// Runs `cycles` on each of `scenes` vaults, two vaults at a time; answers what the kills fell into.
fn survive(scenes: usize, cycles: usize, cut: bool) -> Inside {
    let templates: Vec<Template> = engines().into_iter().map(Template::on).collect();
    let one = |scene_number: usize| {
        // Every engine sees every chore.
        let mut scene = Scene::of(&templates[scene_number / CHORES.len() % templates.len()]);
        let chores = CHORES[scene_number % CHORES.len()];
        for cycle in 0..cycles {
            let mut command = scene.start(chores);
            if cut && cycle % 2 == 1 {
                // A real disk also keeps some of what nobody asked it to keep.
                command.env("PHM_CUT_LEAK", "30");
            }
            // Before it says anything, the account of what is durable is not complete; every fifth life ends while the
            // vault is still being opened.
            let (from, at_most) = match (cycle % 5, chores) {
                (4, _) => ("start", 150),
                (_, "") => ("begin import", 500),
                _ => ("begin chore", 500),
            };
            scene.run(&mut command, from, Duration::from_millis(at_most));
            if cut {
                scene.disk.cut_power();
            }
            // Sometimes the next writer takes up the import, and may be killed again in the midst of it.
            let resume = cycle % 3 == 2 || cycle + 1 == cycles;
            let told = |wrong| panic!("vault {scene_number} ({chores}), cycle {cycle}: {wrong}");
            scene.check(resume).unwrap_or_else(told);
        }
        scene.judge.check_all(&scene.vault()).unwrap_or_else(|wrong| panic!("vault {scene_number}: {wrong}"));
        scene.judge.inside
    };
    let lanes = |first: usize| (first..scenes).step_by(2).map(one).fold(Inside::new(), |all, more| add((all, more)));
    let (even, odd) = std::thread::scope(|scope| {
        let odd = scope.spawn(|| lanes(1));
        (lanes(0), odd.join().unwrap_or_else(|wrong| std::panic::resume_unwind(wrong)))
    });
    add((even, odd))
}

/// "sled: 200 kills, 37 inside a commit, 24 inside an import, …, 0 lost": what was lost would have ended the test.
fn tell(ends: &str, times: usize, inside: &Inside) {
    let engine = engines().into_iter().map(Engine::name).collect::<Vec<_>>().join(" and ");
    let inside: Vec<String> = inside.iter().map(|(what, times)| format!(", {times} inside {what}")).collect();
    told(&format!("{engine}: {times} {ends}{}, 0 lost", inside.concat()));
}

/// The writers were at work when they ended: most of them at a commit and an import, and at chores of several kinds.
fn assert_hit(ends: &str, inside: &Inside) {
    let of = |what: &str| inside.get(what).copied().unwrap_or_default();
    assert!(of("commit").max(of("import")) >= 20, "too few {ends} fell inside a commit or an import: {inside:?}");
    assert!(inside.len() > 4, "too few kinds of chores were hit: {inside:?}");
}

#[test]
fn kill_9_during_imports_and_writes_loses_nothing_acknowledged() {
    let (scenes, cycles) = if long() { (20, 10) } else { (12, 5) };
    let inside = survive(scenes, cycles, false);
    tell("kills", scenes * cycles, &inside);
    assert_hit("kills", &inside);
}

#[test]
fn power_cuts_during_imports_and_writes_lose_nothing_acknowledged() {
    let (scenes, cycles) = if long() { (12, 10) } else { (12, 5) };
    let inside = survive(scenes, cycles, true);
    tell("power cuts", scenes * cycles, &inside);
    assert_hit("power cuts", &inside);
}

/// The negative control: the same cuts must lose something where the disk ignores the store's syncs.
#[test]
fn without_the_stores_syncs_power_cuts_lose_something() {
    let template = Template::new();
    let lost = (0..10).any(|_| {
        let mut scene = Scene::of(&template);
        let mut command = scene.start("");
        scene.run(command.env("PHM_CUT_IGNORE", "fdatasync"), "begin import", Duration::from_millis(500));
        scene.disk.cut_power();
        scene.check(true).is_err()
    });
    assert!(lost, "ten power cuts without syncs lost nothing");
}

/// Not a test by itself: makes a vault, and is killed meanwhile.
#[test]
fn create_program() {
    let Some(dir) = std::env::var_os("PHM_CRASH_CREATE") else { return };
    eprintln!("begin");
    drop(house::create(Path::new(&dir)));
}

#[test]
fn a_folder_in_which_creating_was_killed_is_a_whole_vault_or_takes_a_new_one() {
    let (mut unfinished, kills) = (0, if long() { 100 } else { 12 });
    for _ in 0..kills {
        let disk = Disk::new();
        let mut writer = disk.start(this_test("create_program").env("PHM_CRASH_CREATE", disk.folder()));
        writer.wait_for("begin");
        writer.kill_after(some_moment(Duration::from_millis(300)));
        let vault = if Vault::is_vault(disk.folder()) {
            house::open(disk.folder()).expect("it is a vault, so it opens")
        } else {
            unfinished += 1;
            house::create(disk.folder())
        };
        house::person(&house::operator(&vault), "Asha Example");
    }
    let engine = house::options().engine.name();
    told(&format!("{engine}: {kills} creations killed, {unfinished} of them unfinished and made anew, 0 lost"));
}

#[test]
fn a_vault_whose_marker_is_lost_is_not_replaced_by_a_new_one() {
    let dir = tempfile::tempdir().expect("a folder");
    house::create(dir.path()).close().expect("closed");
    std::fs::remove_file(dir.path().join("vault.toml")).expect("removed");
    let refused = Vault::create(dir.path(), &[house::key()], house::options()).expect_err("there is a vault");
    assert_eq!(refused.code(), "not-empty");
}

/// Not a test by itself: imports one file, and is killed meanwhile.
#[test]
fn import_program() {
    let Some(file) = std::env::var_os("PHM_CRASH_FILE") else { return };
    let dir = std::env::var_os("PHM_CUT_ROOT").expect("set by the test");
    let vault = house::open(Path::new(&dir)).expect("the vault opens");
    eprintln!("begin");
    house::import(&house::operator(&vault), Path::new(&file)).expect("imported");
}

/// An input of real size, where the sample data is there.
#[test]
fn a_real_import_that_is_killed_again_and_again_completes_without_duplicates() {
    let Some(folder) = house::sample("synthea-r4") else { return };
    let mut files: Vec<PathBuf> = house::files(&folder);
    files.retain(|path| path.to_string_lossy().ends_with(".json.gz"));
    files.sort_by_key(|path| std::fs::metadata(path).map_or(0, |metadata| metadata.len()));
    let file = files.first().expect("a patient");
    let undisturbed = tempfile::tempdir().expect("a folder");
    let undisturbed = house::create(undisturbed.path());
    let expected = house::import(&house::operator(&undisturbed), file).expect("imported").totals;

    let disk = Disk::new();
    house::create(disk.folder()).close().expect("closed");
    for _ in 0..4 {
        let mut writer = disk.start(this_test("import_program").env("PHM_CRASH_FILE", file));
        writer.wait_for("begin");
        writer.kill_after(some_moment(Duration::from_millis(400)));
        let vault = house::open(disk.folder()).expect("the vault opens");
        let stats = vault.stats().expect("counted");
        assert!(stats.resources.is_empty() || stats.resources == expected.resources, "a part of an import is visible");
        assert!(vault.verify(None).expect("verified").ok);
    }
    let vault = house::open(disk.folder()).expect("the vault opens");
    let session = house::operator(&vault);
    let resumed = house::import(&session, file).expect("imported").totals;
    assert!(resumed.counts == expected.counts || resumed.counts.added == 0, "{resumed:?} is not {expected:?}");
    let again = house::import(&session, file).expect("imported").totals.counts;
    assert_eq!((again.added, again.updated, again.conflicts), (0, 0, 0));
    let (here, there) = (vault.stats().expect("counted"), undisturbed.stats().expect("counted"));
    assert_eq!((here.profiles, here.kinds, here.resources), (there.profiles, there.kinds, there.resources));
    assert!(vault.verify(None).expect("verified").ok);
}
