//! The file `CURRENT`: which generation of the store is live, and which engine it is of.
//!
//! It is one line, `<number> <engine> <checksum>`, so that a change of either is one rename; vaults from before there
//! were two engines have no engine in it. It is replaced in two steps: what can fail without harm comes first.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::{Engine, StoreError};

/// What the file `CURRENT` says.
#[derive(Clone, Copy)]
pub(super) enum Current {
    Names(u64, Option<Engine>),
    Missing,
    Damaged,
}

fn checksum(text: &str) -> String {
    let mut crc = flate2::Crc::new();
    crc.update(text.as_bytes());
    format!("{:08x}", crc.sum())
}

pub(super) fn read(data_dir: &Path) -> Result<Current, StoreError> {
    let text = match fs::read(data_dir.join("CURRENT")) {
        Ok(bytes) => String::from_utf8(bytes).unwrap_or_default(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Current::Missing),
        Err(error) => return Err(error.into()),
    };
    Ok(parse(&text).unwrap_or(Current::Damaged))
}

fn parse(text: &str) -> Option<Current> {
    let (named, sum) = text.strip_suffix('\n')?.rsplit_once(' ')?;
    if sum != checksum(named) {
        return None;
    }
    Some(match named.split_once(' ') {
        Some((number, engine)) => Current::Names(number.parse().ok()?, Some(Engine::from_name(engine)?)),
        None => Current::Names(named.parse().ok()?, None),
    })
}

/// Writes the next `CURRENT` beside the one in force. If this fails, nothing has changed.
pub(super) fn prepare(data_dir: &Path, number: u64, engine: Engine) -> Result<(), StoreError> {
    let named = format!("{number} {}", engine.name());
    let mut file = File::create(data_dir.join("CURRENT.new"))?;
    writeln!(file, "{named} {}", checksum(&named))?;
    Ok(file.sync_all()?)
}

/// Puts the prepared `CURRENT` in force. If this fails, either may be in force after a power cut.
pub(super) fn publish(data_dir: &Path) -> Result<(), StoreError> {
    fs::rename(data_dir.join("CURRENT.new"), data_dir.join("CURRENT"))?;
    Ok(File::open(data_dir)?.sync_all()?)
}
