//! `phm plugin run --watch`: builds and calls a plugin again whenever its author saves a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::super::Place;
use super::super::output::{Answer, Failure};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_millis(300);
/// Files of a plugin at most; whoever has more watches the wrong folder.
const MOST: usize = 10_000;

/// When each file was changed, and how long it is.
type Seen = BTreeMap<PathBuf, (SystemTime, u64)>;

/// Does `once` now and after every change below `dir` or of `input`, and says what came of it; until it is interrupted.
pub fn watch(
    place: &Place,
    dir: &Path,
    input: &Path,
    mut once: impl FnMut() -> Result<Answer, Failure>,
) -> Result<Answer, Failure> {
    loop {
        // Before the work: a file that is saved meanwhile is a change.
        let before = seen(dir, input)?;
        match once() {
            Ok(answer) => answer.print(place),
            Err(failure) => failure.print(place),
        };
        while seen(dir, input)? == before {
            std::thread::sleep(LOOK);
        }
    }
}

/// The author's files: without what building makes, and without what is hidden.
fn seen(dir: &Path, input: &Path) -> Result<Seen, Failure> {
    let mut all = Seen::new();
    note(&mut all, input);
    // Of a plugin in another language the module is what its author makes.
    let builds = dir.join("Cargo.toml").exists();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_module = entry.path().extension().is_some_and(|end| end == "wasm");
            let made = builds && (name == "target" || name == "Cargo.lock" || is_module);
            if made || name.starts_with('.') {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                note(&mut all, &entry.path());
            }
            if all.len() > MOST {
                return Err(Failure::new("invalid-input", "the folder holds too many files to be a plugin's"));
            }
        }
    }
    Ok(all)
}

/// A file that is gone, as editors do for a moment while they save, is noted when it is back.
fn note(all: &mut Seen, file: &Path) {
    if let Ok(about) = std::fs::metadata(file) {
        all.insert(file.to_owned(), (about.modified().unwrap_or(SystemTime::UNIX_EPOCH), about.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_author_saves_is_a_change_and_what_building_makes_is_none() {
        let dir = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        write("Cargo.toml", "x");
        write("src/lib.rs", "x");
        let input = dir.path().join("input.json");
        let look = || seen(dir.path(), &input).expect("readable");
        let before = look();
        for made in ["target/release/x.d", "plugin.wasm", "Cargo.lock", ".git/HEAD", "src/.lib.rs.swp"] {
            write(made, "x");
            assert_eq!(look(), before, "{made}");
        }
        for saved in ["src/lib.rs", "src/check.rs", "data/rules.tsv", "plugin.toml", "input.json"] {
            let before = look();
            write(saved, "something else");
            assert_ne!(look(), before, "{saved}");
        }
        std::fs::remove_file(dir.path().join("Cargo.toml")).expect("removed");
        let before = look();
        write("plugin.wasm", "another module");
        assert_ne!(look(), before, "a module that is not built here is the source");
    }
}
