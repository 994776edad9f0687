//! Chains of backups: what an increment holds, what a chain gives back, and how a wrong one is refused.

#[path = "../house/mod.rs"]
mod house;
mod killed;
mod refusals;
mod restored;
#[path = "../told/mod.rs"]
mod told;
mod whole;

use std::fs;
use std::path::{Path, PathBuf};

use phm_core::Error;
use phm_core::backup::{self, Keys, Order, Written};
use phm_core::vault::Vault;
use serde_json::json;

fn continued(vault: &Vault, file: &Path, since: &Path) -> Result<Written, Error> {
    backup::make(vault, file, &Order { since: Some(since.to_owned()), ..Order::default() })
}

/// The files of a chain of `count` backups of a vault with two people, with something new in each.
fn chain(home: &Path, count: usize) -> (Vault, Vec<PathBuf>) {
    let vault = house::create(&home.join("vault"));
    let session = house::operator(&vault);
    let (asha, ravi) = (house::person(&session, "Asha Example"), house::person(&session, "Ravi Example"));
    let folder = home.join("backups");
    fs::create_dir(&folder).expect("a folder");
    let mut files: Vec<PathBuf> = Vec::new();
    for number in 0..count {
        house::add(&session, if number % 2 == 0 { asha } else { ravi }, "condition", &json!({"concept": "Asthma"}));
        house::add_document(&session, asha, "Scan", &[u8::try_from(number).expect("few") + 1; 900]);
        let file = folder.join(format!("{number}.phmb"));
        match files.last() {
            None => backup::write(&vault, &file).expect("written"),
            Some(before) => continued(&vault, &file, before).expect("written"),
        };
        files.push(file);
    }
    (vault, files)
}

fn restore(files: &[PathBuf], dir: &Path) -> Result<backup::Restored, Error> {
    backup::restore_chain(files, dir, Keys::Secret(&house::key()), house::options())
}

fn refused(files: &[PathBuf], dir: &Path) -> Error {
    let error = restore(files, dir).expect_err("refused");
    assert!(!dir.exists(), "nothing half-made is left after {error}");
    error
}
