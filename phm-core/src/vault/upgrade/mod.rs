//! Bringing a vault of an older format to the format of this build, a step at a time and only behind a backup.
//!
//! Opening a vault does it, when its keys are open and before any row or file of a record is written: a whole backup of the vault as it is
//! goes into its own folder as `before-format-<n>.phmb`, where n is the format that the first step leads to. Only when
//! that is durable does a step begin, and each step that ended is written into `vault.toml` before the next begins. So
//! whatever is cut off goes on at the next opening; a backup that was made for it is used again as long as nothing was
//! done in the vault since, and stays where it is until somebody removes it (`phm backup forget`).
//!
//! What a step may rely on, and has to keep to:
//!
//! - It has the vault alone. The code that reads rows understands every format that there is a step from.
//! - It may find its own work half done, since it may have been killed, and then goes on with it. Meanwhile the older build
//!   opens the vault: what a step leaves half done that build must be able to read, or refuse.
//! - What is written before it, `heads`, key files, the backup and its rows in state and audit log, has the form that the older
//!   build reads.
//! - It writes rows to the store itself. One that commits entries or notes is taken for somebody who used the vault, so that
//!   a second backup is made where it is cut off.
//! - Indexes are forgotten behind it, and made again from the journals.
//!
//! A vault that is restored from a backup of an older format takes the same steps before it becomes one; the backup is
//! there already.

#[cfg(all(test, not(feature = "null-cipher")))]
mod tests;

use std::path::Path;

use super::Vault;
use super::folder::{format_in, set_format};
use crate::backup::{self, Found, Order};
use crate::error::{Error, ErrorKind, Result};

/// What leads from one format to the next.
pub(crate) type Step<'s> = &'s dyn Fn(&Vault) -> Result<()>;

/// Steps in their order: the first leads from format 1 to format 2.
pub(crate) type Steps<'s> = &'s [Step<'s>];

/// The steps of this build. There are none, for its format is the first.
pub(crate) const STEPS: Steps<'static> = &[];

/// Why the backup was made, as it stands in the audit log.
const PURPOSE: &str = "before an upgrade";

/// The format that steps lead to.
pub(crate) fn newest(steps: Steps<'_>) -> u32 {
    u32::try_from(steps.len()).map_or(u32::MAX, |steps| steps.saturating_add(1))
}

/// Brings a vault that was just opened, and that nobody uses yet, to the format that `steps` lead to.
///
/// # Errors
/// `older-format` where it was opened for reading only; why the backup could not be written, and then nothing was changed;
/// why a step failed, and then the vault is of the format before that step.
pub(super) fn run(vault: &Vault, steps: Steps<'_>) -> Result<()> {
    let file = vault.inner.folder.marker_file();
    let from = format_in(&file)?;
    if from >= newest(steps) {
        return Ok(());
    }
    if vault.inner.options.read_only {
        let text = "an older PHM wrote this vault, and it was opened for reading only; open it once for changing, which \
                    writes a backup and brings it to this PHM, or read it with the older one";
        return Err(Error::new(ErrorKind::Unsupported, "older-format", text));
    }
    back_up(vault, from + 1)?;
    take(vault, &file, steps)
        .map_err(|error| said(&error, format!("{error}; the next opening goes on, and the backup from before stays")))
}

/// Brings a vault that is being restored, whose marker still is the file `marker`, to the format that `steps` lead to.
pub(super) fn run_restored(vault: &Vault, marker: &Path, steps: Steps<'_>) -> Result<()> {
    take(vault, marker, steps)
}

/// Takes the steps that are left.
fn take(vault: &Vault, marker: &Path, steps: Steps<'_>) -> Result<()> {
    for (from, step) in (1..).zip(steps) {
        if format_in(marker)? != from {
            continue;
        }
        // One that was killed may have changed rows below them.
        vault.inner.forget_indexes()?;
        let done = step(vault);
        // Also where it failed.
        let forgotten = vault.inner.forget_indexes();
        done.and(forgotten).map_err(|error| {
            said(&error, format!("the step from format {from} to format {} was not finished: {error}", from + 1))
        })?;
        set_format(marker, from + 1)?;
    }
    Ok(())
}

/// Writes a whole backup of the vault as it is into its folder, unless one of now is there.
fn back_up(vault: &Vault, to: u32) -> Result<()> {
    let mut number = 1;
    loop {
        let name = name(to, number);
        match is_there(vault, &vault.dir().join(&name)) {
            Ok(true) => return Ok(()),
            // Of an earlier moment; it stays.
            Ok(false) => number += 1,
            Err(error) => {
                let advice = match error.kind() {
                    ErrorKind::Corrupt => {
                        "move that file away if it is the one that is damaged; if it is the vault, go on with the older PHM, \
                         see `phm verify`, and restore the newest whole backup or run `phm salvage OUT`"
                    }
                    _ => "make room, or move away what stands there, and open it again",
                };
                let text = format!(
                    "an older PHM wrote this vault, and it is changed only behind a backup, which cannot be `{name}` in its \
                     folder: {error}; {advice}; nothing was changed"
                );
                return Err(said(&error, text));
            }
        }
    }
}

/// The file in the vault's folder that a backup before the step to a format is written to.
fn name(to: u32, number: u32) -> String {
    if number == 1 { format!("before-format-{to}.phmb") } else { format!("before-format-{to}.{number}.phmb") }
}

/// Whether a backup of now stands at `path`, after it was written where nothing stands.
fn is_there(vault: &Vault, path: &Path) -> Result<bool> {
    backup::sweep_beside(path)?;
    Ok(match backup::find(vault, path, PURPOSE)? {
        Found::Current => true,
        Found::Other => false,
        Found::Nothing => {
            backup::make(vault, path, &Order { purpose: PURPOSE.to_owned(), ..Order::default() })?;
            true
        }
    })
}

/// The same error in other words.
fn said(error: &Error, text: String) -> Error {
    error.again().saying(text)
}
