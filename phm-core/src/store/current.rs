//! The file `CURRENT`: which generation of the store is live.
//!
//! It is one line, a number and its checksum, and is replaced in two steps: what can fail without harm comes first.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::StoreError;

/// What the file `CURRENT` says.
#[derive(Clone, Copy)]
pub(super) enum Current {
    Names(u64),
    Missing,
    Damaged,
}

fn checksum(number: &str) -> String {
    let mut crc = flate2::Crc::new();
    crc.update(number.as_bytes());
    format!("{:08x}", crc.sum())
}

pub(super) fn read(data_dir: &Path) -> Result<Current, StoreError> {
    let text = match fs::read(data_dir.join("CURRENT")) {
        Ok(bytes) => String::from_utf8(bytes).unwrap_or_default(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Current::Missing),
        Err(error) => return Err(error.into()),
    };
    let number = text
        .strip_suffix('\n')
        .and_then(|line| line.split_once(' '))
        .filter(|(number, sum)| *sum == checksum(number))
        .and_then(|(number, _)| number.parse().ok());
    Ok(number.map_or(Current::Damaged, Current::Names))
}

/// Writes the next `CURRENT` beside the one in force. If this fails, nothing has changed.
pub(super) fn prepare(data_dir: &Path, number: u64) -> Result<(), StoreError> {
    let number = number.to_string();
    let mut file = File::create(data_dir.join("CURRENT.new"))?;
    writeln!(file, "{number} {}", checksum(&number))?;
    Ok(file.sync_all()?)
}

/// Puts the prepared `CURRENT` in force. If this fails, either may be in force after a power cut.
pub(super) fn publish(data_dir: &Path) -> Result<(), StoreError> {
    fs::rename(data_dir.join("CURRENT.new"), data_dir.join("CURRENT"))?;
    Ok(File::open(data_dir)?.sync_all()?)
}
