//! What was tried already, so that a form that takes hours and was stopped goes on where it was.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;

/// What of one form was done by earlier runs, and where this one takes down what it does.
pub struct Progress {
    done: HashMap<String, usize>,
    file: Option<Mutex<File>>,
}

impl Progress {
    /// What the folder `PHM_RESUME` knows of `form`; without such a folder nothing is known and nothing taken down.
    pub fn of(form: &str) -> Self {
        let Some(folder) = std::env::var_os("PHM_RESUME").map(PathBuf::from) else {
            return Self { done: HashMap::new(), file: None };
        };
        fs::create_dir_all(&folder).expect("PHM_RESUME names a folder");
        let path = folder.join(form);
        let before = fs::read_to_string(&path).unwrap_or_default();
        let done = before.lines().filter_map(|line| {
            let (what, failed) = line.rsplit_once(' ')?;
            Some((what.to_owned(), failed.parse::<usize>().ok()?))
        });
        let file = File::options().create(true).append(true).open(&path).expect("PHM_RESUME names a folder");
        Self { done: done.collect(), file: Some(Mutex::new(file)) }
    }

    /// How many acts failed when an earlier run tried this.
    pub fn before(&self, what: &str) -> Option<usize> {
        self.done.get(what).copied()
    }

    /// Takes down that this was tried, and that so many acts failed.
    pub fn note(&self, what: &str, failed: usize) {
        if let Some(file) = &self.file {
            let line = format!("{what} {failed}\n");
            file.lock().expect("nobody panics over it").write_all(line.as_bytes()).expect("taken down");
        }
    }
}
