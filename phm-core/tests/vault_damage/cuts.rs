//! Files that are cut, lost, overwritten or old: the damage is named with what to do, nothing wrong is served, and `salvage`
//! saves what is left.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use phm_core::backup::{self, Salvaged};
use phm_core::{Error, ErrorKind};
use serde_json::Value;

use crate::flips::{digest, judge, read};
use crate::house;
use crate::sound::{IN_BLOCKS, WAITING};
use crate::told::told;
use crate::{Sound, sound_vault};

/// A copy of the sound vault that is to be damaged.
struct Copy {
    _home: tempfile::TempDir,
    dir: PathBuf,
    out: PathBuf,
}

impl Copy {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let (dir, out) = (home.path().join("vault"), home.path().join("out"));
        house::copy(&sound_vault().dir, &dir);
        Self { _home: home, dir, out }
    }

    fn salvage(&self) -> Result<Salvaged, Error> {
        backup::salvage(&self.dir, &self.out, &house::key(), house::options())
    }

    /// Everything that was salvaged.
    fn lines(&self) -> Lines {
        let mut lines = Lines::default();
        let files = house::files(&self.out).into_iter().filter(|path| path.extension().is_some_and(|e| e == "ndjson"));
        for path in files {
            let profile = path.file_stem().expect("a name").to_string_lossy().into_owned();
            for line in fs::read_to_string(&path).expect("readable").lines() {
                let line: Value = serde_json::from_str(line).expect("a line of JSON");
                if line.get("seq").is_some() {
                    lines.entries.insert(format!("{profile} {}", line["seq"]), line);
                } else {
                    let name = format!("{profile} {} {} {}", line["series"], line["entry"], line["at"]);
                    lines.samples.insert(name, line);
                }
            }
        }
        lines
    }
}

/// What salvage has written.
#[derive(Default)]
struct Lines {
    /// By profile and seq.
    entries: BTreeMap<String, Value>,
    /// By profile, series, the entry that added it and when it was taken.
    samples: BTreeMap<String, Value>,
}

impl Lines {
    /// Every sample that a saved entry added is saved too, or counted among the lost ones. Only Asha has any.
    fn samples_are_saved_or_named(&self, report: &Salvaged) -> bool {
        let mut adding =
            self.entries.values().filter_map(|line| Some((&line["seq"], line["samples"]["count"].as_u64()?)));
        let accounted = adding.all(|(seq, count)| {
            let saved = self.samples.values().filter(|sample| sample["entry"] == *seq).count() as u64;
            let lost = report.lost_samples.iter().filter(|one| *seq == one.entry).map(|one| one.lost).sum::<u64>();
            saved + lost == count
        });
        accounted && self.samples.len() as u64 == report.samples
    }
}

/// What salvage finds in the sound vault.
fn everything() -> Lines {
    let sound = Copy::new();
    let report = sound.salvage().expect("salvaged");
    assert!(report.engine_opens && report.gaps.is_empty() && report.lost_documents.is_empty(), "{report:?}");
    assert_eq!((report.documents, report.profiles, report.lost_samples.len()), (1, 3, 0));
    let lines = sound.lines();
    assert_eq!(lines.entries.len() as u64, report.entries);
    assert_eq!(i64::try_from(lines.samples.len()).expect("some"), IN_BLOCKS + WAITING);
    assert!(lines.samples_are_saved_or_named(&report), "{report:?}");
    lines
}

fn says_what_to_do(text: &str) -> bool {
    ["restore", "run `phm", "`phm salvage", "remove"].iter().any(|words| text.contains(words))
}

type Damage = (&'static str, fn(&Path));

const DAMAGES: [Damage; 5] = [
    ("empty", |path| fs::write(path, b"").expect("written")),
    ("half", |path| cut(path, |length| length / 2)),
    ("without its last byte", |path| cut(path, |length| length.saturating_sub(1))),
    ("gone", |path| fs::remove_file(path).expect("removed")),
    ("overwritten", |path| {
        let length = usize::try_from(fs::metadata(path).expect("there").len()).expect("short");
        fs::write(path, house::Dice::new(5).bytes(length)).expect("written");
    }),
];

/// How many of `all` entries salvage saves at least where a file is damaged in this way.
fn least(name: &Path, how: &str, all: usize) -> usize {
    let file = name.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let in_blobs = name.parent().is_some_and(|folder| folder.ends_with("blobs"));
    let (of_sled, of_redb) = (file == "db", file.starts_with("rows.redb"));
    match how {
        // Entries are looked for in the files with rows alone, before any engine is asked.
        _ if !name.starts_with("store") || !(of_sled || of_redb || in_blobs) => all,
        // A page, or a message of the log, ends there.
        "without its last byte" if !in_blobs => all.saturating_sub(3),
        // A log is written from its front on: there is what was written first.
        "half" if of_sled => all / 5,
        // Pages stand anywhere in the file, and what they were before stays for a while: something is there.
        "half" if of_redb => (all / 10).max(1),
        _ => 0,
    }
}

fn cut(path: &Path, to: impl Fn(u64) -> u64) {
    let file = fs::File::options().write(true).open(path).expect("opened");
    file.set_len(to(file.metadata().expect("there").len())).expect("cut");
}

/// One file of a copy damaged in one way: what the reader says, and what salvage saves.
fn try_one(name: &Path, (how, damage): Damage, whole: &str, all: &Lines) -> Result<(), String> {
    let copy = Copy::new();
    let path = copy.dir.join(name);
    damage(&path);
    let said = read(&copy.dir);
    let judged = judge(&said, name, whole).map_err(|wrong| format!("{wrong}: {said}"));
    let judged = judged.map_err(|wrong| format!("{} {how}: {wrong}", name.display()))?;
    if judged == "refused" && !says_what_to_do(&said) {
        return Err(format!("{} {how}: it does not say what to do: {said}", name.display()));
    }
    // The engine may have changed what it could not open; salvage is tried on the damage itself.
    drop(copy);
    let copy = Copy::new();
    damage(&copy.dir.join(name));
    let report = copy.salvage().map_err(|error| format!("{} {how}: salvage: {error}", name.display()))?;
    let (in_store, saved) = (name.starts_with("store"), copy.lines());
    let (entries, at_least) = (saved.entries.len(), least(name, how, all.entries.len()));
    let all_there = || saved.entries.keys().eq(all.entries.keys()) && saved.samples.keys().eq(all.samples.keys());
    let counted = entries as u64 == report.entries && saved.samples_are_saved_or_named(&report);
    let kept = counted && entries >= at_least && (in_store || all_there());
    if !kept {
        return Err(format!(
            "{} {how}: {entries} of {} entries and {} samples saved, at least {at_least} entries expected, {report:?}",
            name.display(),
            all.entries.len(),
            saved.samples.len()
        ));
    }
    // A document that is damaged has no content; the entry about it is whole.
    let bare = |line: &Value| {
        let mut line = line.clone();
        line["content"] = Value::Null;
        line
    };
    let otherwise = |(key, line): &(&String, &Value)| all.entries.get(*key).map(bare) != Some(bare(line));
    let other_sample = |(key, line): &(&String, &Value)| all.samples.get(*key) != Some(*line);
    match saved.entries.iter().find(otherwise).or_else(|| saved.samples.iter().find(other_sample)) {
        Some((key, _)) => Err(format!("{} {how}: {key} was saved otherwise than it was", name.display())),
        None => Ok(()),
    }
}

#[test]
fn a_cut_lost_or_overwritten_file_is_named_with_what_to_do_and_the_rest_is_saved() {
    let Sound { dir, serves, .. } = sound_vault();
    let (whole, all) = (format!("whole {}", digest(serves)), everything());
    let files = house::files(dir).into_iter().map(|path| path.strip_prefix(dir).expect("below").to_owned());
    let files: Vec<PathBuf> = files.filter(|name| name != Path::new("lock") && name != Path::new("phm.toml")).collect();
    let tried: Vec<(&PathBuf, Damage)> =
        files.iter().flat_map(|name| DAMAGES.iter().map(move |damage| (name, *damage))).collect();
    let try_some = |first: usize| -> Vec<String> {
        let some = tried.iter().skip(first).step_by(2);
        some.filter_map(|(name, damage)| try_one(name, *damage, &whole, &all).err()).collect()
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let odd = scope.spawn(|| try_some(1));
        let even = try_some(0);
        even.into_iter().chain(odd.join().expect("no panic")).collect()
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
    told(&format!(
        "{}: {} files cut, lost or overwritten in {} ways each: all named or proven whole, the rest salvaged",
        house::options().engine.name(),
        files.len(),
        DAMAGES.len()
    ));
}

#[test]
fn a_store_that_does_not_open_is_salvaged_but_for_what_was_hit() {
    let all = everything();
    let copy = Copy::new();
    let file = house::files(&copy.dir.join("store"))
        .into_iter()
        .find(|path| path.file_name().is_some_and(|name| name == "db" || name == "rows.redb"));
    let path = file.expect("the rows");
    let mut bytes = fs::read(&path).expect("read");
    // The header of the file: redb refuses it, sled loses its first segment's name.
    bytes[..64].fill(0xA5);
    fs::write(&path, bytes).expect("written");
    let report = copy.salvage().expect("salvaged");
    let saved = copy.lines();
    let (left, whole) = (saved.entries.len(), all.entries.len());
    assert!(left * 10 >= whole * 9, "{left} of {whole} entries: {report:?}");
    assert!(saved.entries.keys().all(|key| all.entries.contains_key(key)));
    assert!(saved.samples.keys().all(|key| all.samples.contains_key(key)));
    assert!(saved.samples_are_saved_or_named(&report), "{report:?}");
    assert_eq!((report.documents, report.lost_documents.len()), (1, 0));
}

#[test]
fn a_half_written_document_is_named_not_served_and_costs_nothing_else() {
    let Sound { dir, serves, .. } = sound_vault();
    let document = house::files(&dir.join("documents")).remove(0);
    let name = document.file_name().expect("a name").to_string_lossy().into_owned();
    let length = fs::metadata(&document).expect("there").len();
    let content = house::Dice::new(2).bytes(150_000);
    for left in [1, 40, 64 * 1024, length - 1] {
        let copy = Copy::new();
        cut(&copy.dir.join("documents").join(&name), |_| left);
        let vault = house::open(&copy.dir).expect("the vault opens");
        let report = vault.verify(None).expect("verified");
        assert_eq!(report.damaged.len(), 1, "{}", house::damage(&report));
        assert!(house::damage(&report).contains(&name), "{}", house::damage(&report));
        let served = crate::served(&vault);
        let missing: Vec<&String> = serves.keys().filter(|what| !served.contains_key(*what)).collect();
        assert!(missing.len() == 1 && missing[0].ends_with(" content"), "{missing:?}");
        vault.close().expect("closed");
        let report = copy.salvage().expect("salvaged");
        assert_eq!((report.documents, report.lost_documents.len()), (0, 1));
        assert!(report.gaps.is_empty(), "{report:?}");
        assert!(!copy.out.join("documents").join(&name).exists(), "half of it would be taken for all of it");
        // The whole chunks before the cut are saved under a name that says so.
        let part = fs::read(copy.out.join("documents").join(&name).with_extension("part")).unwrap_or_default();
        assert_eq!(part.len(), if left == length - 1 { 128 * 1024 } else { 0 }, "{left} bytes were left");
        assert!(content.starts_with(&part));
    }
}

#[test]
fn what_a_killed_engine_left_behind_is_swept_and_an_upload_too() {
    let copy = Copy::new();
    let store = house::files(&copy.dir.join("store"))[0].parent().expect("a folder").to_owned();
    let planted = [
        store.join("snap.00000000000000FF.generating"),
        copy.dir.join("CURRENT.new"),
        copy.dir.join("documents/incoming/half"),
        copy.dir.join("spool/half"),
    ];
    for path in &planted {
        fs::write(path, house::Dice::new(9).bytes(500)).expect("planted");
    }
    let Sound { serves, .. } = sound_vault();
    assert_eq!(read(&copy.dir), format!("whole {}", digest(serves)));
    let swept = |path: &&PathBuf| !path.exists();
    // redb leaves no such snapshots and knows of none; `CURRENT.new` is written over by the next one.
    let left: BTreeSet<&PathBuf> = planted.iter().filter(|path| !swept(path)).collect();
    assert!(!left.contains(&planted[2]) && !left.contains(&planted[3]), "{left:?}");
    assert!(store.join("rows.redb").exists() || !left.contains(&planted[0]), "{left:?}");
}

#[test]
fn an_old_current_is_refused_by_name_and_everything_is_saved() {
    let all = everything();
    let copy = Copy::new();
    let old = fs::read(copy.dir.join("CURRENT")).expect("read");
    let vault = house::open(&copy.dir).expect("the vault opens");
    vault.compact().expect("compacted");
    vault.close().expect("closed");
    fs::write(copy.dir.join("CURRENT"), old).expect("put back");
    let refused = house::open(&copy.dir).expect_err("that generation is gone");
    assert_eq!(refused.kind(), ErrorKind::Corrupt);
    assert!(refused.to_string().contains("store/1") && says_what_to_do(&refused.to_string()), "{refused}");
    let report = copy.salvage().expect("salvaged");
    let saved = copy.lines();
    assert!(!report.engine_opens && report.gaps.is_empty() && report.lost_samples.is_empty(), "{report:?}");
    assert!(saved.entries.keys().eq(all.entries.keys()) && saved.samples.keys().eq(all.samples.keys()), "{report:?}");
}

#[test]
fn lost_key_files_are_told_with_what_to_do() {
    for names in [["slots", "slots.2"], ["keyring", "keyring.2"]] {
        let copy = Copy::new();
        for name in names {
            fs::remove_file(copy.dir.join(name)).expect("removed");
        }
        for refused in [house::open(&copy.dir).expect_err("no keys"), copy.salvage().expect_err("no keys")] {
            assert_eq!(refused.kind(), ErrorKind::Corrupt, "{refused}");
            assert!(refused.to_string().contains(names[0]) && refused.to_string().contains("restore"), "{refused}");
        }
        // One of the two is enough, and the other is written again.
        let copy = Copy::new();
        fs::remove_file(copy.dir.join(names[0])).expect("removed");
        house::open(&copy.dir).expect("the other copy opens").close().expect("closed");
        assert!(copy.dir.join(names[0]).exists());
    }
}
