//! Single bits flipped in the files of a vault, `phm.toml` and `lock` aside: the vault is refused or the damage named,
//! or everything in it is proven to be what it was. Each is tried in a process of its own: the engine must not take
//! the process down, but it may leave it unfit to open another store.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{fmt, fs, thread};

use phm_core::ErrorKind;
use phm_core::crypto::digest::sha256;
use phm_core::store::layout::END;
use phm_core::store::{Generations, Store as _};

use crate::house::{self, Dice};
use crate::sound::served;
use crate::sound_vault;
use crate::told::told;

const FLIPS: u64 = 200;

pub fn digest(serves: &BTreeMap<String, String>) -> String {
    let all: Vec<&[u8]> =
        serves.iter().flat_map(|(what, answer)| [what.as_str(), ": ", answer, "\n"].map(str::as_bytes)).collect();
    format!("{:x?}", sha256(&all))
}

/// Not a test by itself: opens the vault of `PHM_FLIPPED`, and says what it found in one line.
#[test]
fn reader_of_a_flipped_vault() {
    let Some(dir) = std::env::var_os("PHM_FLIPPED") else { return };
    thread::spawn(|| {
        thread::sleep(Duration::from_mins(2));
        eprintln!("it came to no end");
        std::process::exit(1);
    });
    eprintln!("{}", said_of(Path::new(&dir)));
    // And not back to libtest, which waits for the lock of the hook where a thread of the engine's stands still in it.
    std::process::exit(0);
}

fn said_of(dir: &Path) -> String {
    let vault = match house::open(dir) {
        Ok(vault) => vault,
        Err(error) => return format!("refused {:?} {error}", error.kind()),
    };
    match vault.verify(None) {
        Ok(report) if report.ok => format!("whole {}", digest(&served(&vault))),
        Ok(report) => format!("damaged {}", house::damage(&report)),
        Err(error) => format!("refused {:?} {error}", error.kind()),
    }
}

/// Which bits: a few of every file, and the rest wherever there are bytes, most of them where something is written.
fn choose(dir: &Path, dice: &mut Dice) -> Vec<(PathBuf, u64)> {
    let mut files = house::files(dir);
    files.retain(|path| path.file_name().is_none_or(|name| name != "lock" && name != "phm.toml"));
    files.retain(|path| fs::metadata(path).expect("metadata").len() > 0);
    let mut chosen = Vec::new();
    while chosen.len() < 3 * files.len() {
        let path = &files[chosen.len() % files.len()];
        chosen.push((path.clone(), dice.below(fs::metadata(path).expect("metadata").len() * 8)));
    }
    let bytes: Vec<(usize, u64, bool)> = files
        .iter()
        .enumerate()
        .flat_map(|(file, path)| {
            let bytes = fs::read(path).expect("readable");
            (0..).zip(bytes).map(move |(at, byte)| (file, at, byte != 0)).collect::<Vec<_>>()
        })
        .collect();
    let written: Vec<_> = bytes.iter().filter(|(.., written)| *written).collect();
    while (chosen.len() as u64) < FLIPS {
        let anywhere = chosen.len().is_multiple_of(4);
        let among = if anywhere { bytes.len() } else { written.len() };
        let at = usize::try_from(dice.below(among as u64)).expect("short");
        let (file, at, _) = if anywhere { bytes[at] } else { *written[at] };
        chosen.push((files[file].clone(), at * 8 + dice.below(8)));
    }
    chosen
}

/// What a reader in a process of its own says of the vault in `dir`.
pub fn read(dir: &Path) -> String {
    let reader = Command::new(std::env::current_exe().expect("this program"))
        .args(["flips::reader_of_a_flipped_vault", "--exact", "--nocapture"])
        .env("PHM_FLIPPED", dir)
        .stdout(Stdio::null())
        .output()
        .expect("the reader runs");
    let said = String::from_utf8_lossy(&reader.stderr).into_owned();
    assert!(reader.status.success(), "{:?} {said}", reader.status);
    said.trim().to_owned()
}

/// What the reader said of a copy in which one bit is flipped.
fn read_with(sound: &Path, path: &Path, bit: u64) -> String {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("vault");
    house::copy(sound, &dir);
    let path = dir.join(path.strip_prefix(sound).expect("below"));
    let file = fs::File::options().read(true).write(true).open(&path).expect("opened");
    let mut byte = [0];
    file.read_exact_at(&mut byte, bit / 8).expect("read");
    byte[0] ^= 1 << (bit % 8);
    file.write_all_at(&byte, bit / 8).expect("written");
    read(&dir)
}

/// Whether what was said is an answer: damage by name, or all there.
pub fn judge(said: &str, file: &Path, whole: &str) -> Result<&'static str, String> {
    let corrupt = format!("refused {:?} ", ErrorKind::Corrupt);
    let named =
        ["entry", "journal", "audit", "vault.toml", "slots", "keyring", "heads", "CURRENT", "store", "document"];
    if said.lines().count() != 1 {
        return Err("it is not one line".into());
    }
    if let Some(text) = said.strip_prefix(&corrupt) {
        return if named.iter().any(|name| text.contains(name)) {
            Ok("refused")
        } else {
            Err("it names nothing".into())
        };
    }
    if let Some(report) = said.strip_prefix("damaged ") {
        let about_file = file.file_name().and_then(|name| name.to_str()).is_some_and(|name| report.contains(name));
        return if report.contains('#') || about_file { Ok("damaged") } else { Err("it names nothing".into()) };
    }
    if said == whole { Ok("whole") } else { Err("it is neither refused nor whole".into()) }
}

/// What the readers said of copies of the vault in `dir`, in each of which one of `flips` was made: answers that are none,
/// and counts of the others.
fn try_all(dir: &Path, serves: &BTreeMap<String, String>, flips: &[(PathBuf, u64)]) -> (Vec<String>, Counts) {
    let whole = format!("whole {}", digest(serves));
    let try_some = |first: usize| {
        let mut seen = Vec::new();
        for (path, bit) in flips.iter().skip(first).step_by(2) {
            let said = read_with(dir, path, *bit);
            let name = path.strip_prefix(dir).expect("below");
            seen.push(
                judge(&said, path, &whole).map_err(|wrong| format!("{} bit {bit}: {wrong}: {said}", name.display())),
            );
        }
        seen
    };
    let seen: Vec<_> = thread::scope(|scope| {
        let odd = scope.spawn(|| try_some(1));
        let even = try_some(0);
        even.into_iter().chain(odd.join().expect("no panic")).collect()
    });
    let mut counts = Counts::default();
    let mut wrong = Vec::new();
    for answer in seen {
        match answer {
            Ok("refused") => counts.refused += 1,
            Ok("damaged") => counts.named += 1,
            Ok(_) => counts.whole += 1,
            Err(told) => wrong.push(told),
        }
    }
    (wrong, counts)
}

#[derive(Default)]
struct Counts {
    refused: usize,
    named: usize,
    whole: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} refused, {} named, {} without effect", self.refused, self.named, self.whole)
    }
}

/// So many bits of the addresses of each table, or of what these begin with, wherever they stand in the files of the store:
/// in the table, in the owner and behind it.
fn bits_of_addresses(dir: &Path, of_each: usize) -> BTreeMap<u8, Vec<(PathBuf, u64)>> {
    let mut lengths = BTreeMap::new();
    let store = Generations::open(dir, house::options().engine, 4 << 20).expect("it opens");
    // In the copy there is less that is of no use any more.
    store.compact().expect("compacted");
    let mut take = |address: &[u8]| _ = lengths.insert(address[..17].to_vec(), address.len());
    store.scan(&[], &END, &mut |(address, _)| (take(address), true).1).expect("its rows");
    drop(store);
    let mut places: BTreeMap<u8, Vec<(PathBuf, usize, usize)>> = BTreeMap::new();
    for path in house::files(&dir.join("store")) {
        for (at, begins) in fs::read(&path).expect("readable").windows(17).enumerate() {
            let Some(length) = lengths.get(begins) else { continue };
            places.entry(begins[0]).or_default().push((path.clone(), at, *length));
        }
    }
    let choose = |places: Vec<(PathBuf, usize, usize)>| {
        let some = (0..of_each).map(|number| {
            let (path, at, length) = &places[number * places.len() / of_each];
            let byte = [0, 1 + (at + number) % 16, (at + number * 7) % length][number % 3];
            (path.clone(), (at + byte) as u64 * 8 + (number / 3 % 8) as u64)
        });
        some.collect()
    };
    let tables: BTreeSet<u8> = lengths.keys().map(|begins| begins[0]).collect();
    assert!(places.keys().eq(&tables), "of {tables:?} addresses were found of {:?}", places.keys());
    places.into_iter().map(|(table, places)| (table, choose(places))).collect()
}

/// An engine may find such a row in passing that it does not find for who asks for it.
#[test]
fn a_flipped_bit_in_an_address_hides_no_row_that_is_not_named() {
    let engine = house::options().engine;
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("vault");
    house::copy(&sound_vault().dir, &dir);
    let bits = bits_of_addresses(&dir, 40);
    let mut told_of = Vec::new();
    for (table, bits) in bits {
        let (wrong, counts) = try_all(&dir, &sound_vault().serves, &bits);
        assert!(wrong.is_empty(), "table {table}: {wrong:#?}");
        told_of.push(format!("{counts} in table {table}"));
        assert!(3 * (counts.refused + counts.named) >= bits.len(), "table {table}: {counts}");
    }
    told(&format!("{}: flipped bits in addresses: {}; 0 served wrong", engine.name(), told_of.join("; ")));
}

#[test]
fn one_flipped_bit_in_any_file_is_named_or_everything_is_proven_whole() {
    let sound = sound_vault();
    let seed = std::env::var("PHM_FLIP_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from(std::process::id()));
    let flips = choose(&sound.dir, &mut Dice::new(seed));
    let (wrong, counts) = try_all(&sound.dir, &sound.serves, &flips);
    assert!(wrong.is_empty(), "seed {seed}: {wrong:#?}");
    told(&format!(
        "{}: {FLIPS} flipped bits in {} files (seed {seed}): {counts}, 0 served wrong",
        house::options().engine.name(),
        house::files(&sound.dir).len(),
    ));
}

/// Where the engine says what a page or segment is, and how much stands in it: in those of its own, too, which no row is in
/// and which it reads first when it writes.
#[test]
fn a_flipped_bit_where_a_page_begins_is_named_or_everything_is_proven_whole() {
    const PAGE: usize = 4096;
    /// In redb the type of a page, and the count of what is in it.
    const BEGINNING: usize = 4;
    let sound = sound_vault();
    let mut begun = Vec::new();
    for path in house::files(&sound.dir.join("store")) {
        let bytes = fs::read(&path).expect("readable");
        let pages = (0_u64..).step_by(PAGE).zip(bytes.chunks_exact(PAGE));
        begun.extend(pages.filter(|(_, page)| page[..BEGINNING] != [0; BEGINNING]).map(|(at, _)| (path.clone(), at)));
    }
    let bits =
        begun.iter().flat_map(|(path, at)| (0..8 * BEGINNING as u64).map(move |bit| (path.clone(), at * 8 + bit)));
    // All of them where they are few, else some thousand; an odd step comes to another bit in each page.
    let flips: Vec<(PathBuf, u64)> = bits.step_by((begun.len() / 32) | 1).collect();
    let (wrong, counts) = try_all(&sound.dir, &sound.serves, &flips);
    assert!(!flips.is_empty() && wrong.is_empty(), "{wrong:#?}");
    let (engine, pages) = (house::options().engine.name(), begun.len());
    told(&format!("{engine}: {} flipped bits where {pages} pages begin: {counts}, 0 served wrong", flips.len()));
}
