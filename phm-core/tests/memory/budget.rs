//! The indexes keep to their budget: however many people are asked about, those used last stay in memory and no more.
//!
//! The bound is proven by a control: the same work with a tiny budget and without one. Both runs take the same for the
//! program, its engine and its allocator on any machine, so what is between them is the indexes alone.

use std::path::Path;
use std::process::Command;

use phm_core::store::Engine;
use phm_core::vault::Options;
use serde_json::json;

use super::scene::{Scene, work};
use super::{alone, house, is_long, memory, said};

/// What the vault takes beside its indexes once it has worked: what the engine holds beyond its cache, keys of all
/// people, what the allocator keeps.
const MARGIN: u64 = 24 << 20;
/// What sled keeps, beyond its cache, of each page that was read or written once: 200 to 300 bytes more than when it was
/// opened, which the cache does not count and no setting bounds. The work of the long form touches all 170,000.
const PAGES_OF_SLED: u64 = 56 << 20;
/// The engine's cache in this test.
const CACHE: u64 = 4 << 20;
/// What a vault takes when it is open and nobody was asked about yet. One of a million records took 12 MiB on redb and
/// 46 on sled, which keeps a place in memory for every page; the short form has a sixteenth of them. It is a bound of
/// its own: the other one starts from the idle memory, and would allow whatever opening comes to take.
const IDLE: u64 = 64 << 20;
/// A record takes some 270 bytes of its index: so many at least.
const A_RECORD: u64 = 200;

/// In the short form all indexes weigh more than ten times the budget, and half of that is more than two runs of one
/// program differ by.
fn form() -> (Scene, usize) {
    if is_long() {
        (Scene { people: 1_000, records: 1_000 }, Options::default().index_budget)
    } else {
        (Scene { people: 100, records: 600 }, 1 << 20)
    }
}

/// Not a test by itself: opens a vault, works for everybody, and says what it took.
#[test]
fn program_that_works_for_everybody() {
    let Some(dir) = std::env::var_os("PHM_MEMORY_DIR") else { return };
    let budget = std::env::var("PHM_MEMORY_BUDGET").expect("set by the test").parse().expect("a number");
    let options = Options { index_budget: budget, cache: CACHE, ..house::options() };
    let vault = house::open_with(Path::new(&dir), &options).expect("the vault opens");
    let session = house::operator(&vault);
    let idle = memory("VmRSS:");
    let answers = work(&session);
    let said = json!({"idle": idle, "most": memory("VmHWM:"), "answers": answers});
    eprintln!("{said}");
}

/// What one run took.
struct Taken {
    idle: u64,
    most: u64,
}

fn measured(dir: &Path, scene: Scene, budget: usize) -> Taken {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(alone("budget::program_that_works_for_everybody"));
    command.env("PHM_MEMORY_DIR", dir).env("PHM_MEMORY_BUDGET", budget.to_string());
    let said = said(&mut command);
    assert_eq!(said["answers"], scene.answers(), "everybody was asked about");
    let bytes = |name: &str| said[name].as_u64().unwrap_or_else(|| panic!("it did not say {name}: {said}"));
    Taken { idle: bytes("idle"), most: bytes("most") }
}

#[test]
fn work_for_everybody_stays_within_the_budget_and_without_one_takes_more() {
    let (scene, budget) = form();
    let dir = tempfile::tempdir().expect("a folder");
    scene.fill(dir.path());
    let within = measured(dir.path(), scene, budget);
    let without = measured(dir.path(), scene, usize::MAX);
    let pages = if is_long() && house::options().engine == Engine::Sled { PAGES_OF_SLED } else { 0 };
    let bound = within.idle + budget as u64 + CACHE + MARGIN + pages;
    let kib = [within.idle, within.most, bound, without.most].map(|bytes| bytes >> 10);
    println!("idle {} KiB, most {} KiB, bound {} KiB; without a budget {} KiB", kib[0], kib[1], kib[2], kib[3]);

    for idle in [within.idle, without.idle] {
        assert!(idle <= IDLE, "{idle} bytes were taken before anything was asked, where {IDLE} are allowed");
    }
    assert!(within.most <= bound, "{} bytes were taken where {bound} are allowed", within.most);
    // What the budget has to save, were it only half as good as it says: a budget that nobody keeps saves nothing.
    let saved = (scene.all() * A_RECORD).saturating_sub(budget as u64) / 2;
    assert!(saved > budget as u64 / 2, "the indexes of this vault weigh too little to tell");
    assert!(
        without.most >= within.most + saved,
        "without a budget only {} bytes were taken, with one {}",
        without.most,
        within.most
    );
}
