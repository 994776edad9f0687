//! `phm backup` and `phm restore`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use phm_core::backup::{self, Keys, Kind, Order};
use phm_core::vault::Vault;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Place;
use super::care::to_value;
use super::given::Given;
use super::output::{Answer, Failure};
use crate::whereabouts::{Missed, Whereabouts};

/// `phm backup …`
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
pub struct Backup {
    #[command(subcommand)]
    command: Option<BackupCommand>,
    /// The file to write
    #[arg(required = true)]
    file: Option<Given>,
    /// An earlier backup to continue: only what came since is written
    #[arg(long, value_name = "FILE")]
    since: Option<Given>,
}

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
enum BackupCommand {
    /// Restore a backup into a temporary folder and prove it
    Drill {
        /// The backup, as for `phm restore`
        #[arg(required = true, value_name = "FILE")]
        files: Vec<Given>,
    },
    /// Put today's keys into backups of earlier, so that who was erased since is erased in them too
    Rewrap {
        /// The backups
        #[arg(required = true, value_name = "FILE")]
        files: Vec<Given>,
        /// Also where people have got new keys since, whose records in these backups then become unreadable
        #[arg(long)]
        accept_unreadable: bool,
    },
    /// List the backups the vault knows of
    List,
    /// Tell the vault that backups were deleted, so that no report names them any more
    Forget {
        /// Where the backups were
        #[arg(required = true, value_name = "FILE")]
        files: Vec<Given>,
    },
}

/// `phm backup …`
pub fn backup(place: &Place, backup: &Backup) -> Result<Answer, Failure> {
    match &backup.command {
        Some(BackupCommand::Drill { files }) => drill(place, files),
        Some(BackupCommand::Rewrap { files, accept_unreadable }) => rewrap(place, files, *accept_unreadable),
        Some(BackupCommand::List) => list(place),
        Some(BackupCommand::Forget { files }) => forget(place, files),
        None => {
            let file = backup.file.as_ref().ok_or_else(|| Failure::usage("say where to: phm backup FILE"))?;
            write(place, file, backup.since.as_deref().map(Path::to_owned))
        }
    }
}

fn write(place: &Place, file: &Path, since: Option<PathBuf>) -> Result<Answer, Failure> {
    place.with("writing a backup", |vault, _| {
        let order = Order { since, purpose: "writing a backup".to_owned(), ..Order::default() };
        let report = backup::make(vault, file, &order)?;
        let text = match report.kind {
            Kind::Full => {
                format!("Wrote {} bytes with {} entries to {}.", report.bytes, report.entries, file.display())
            }
            Kind::Increment => format!(
                "Wrote {} bytes with {} new entries to {}, number {} of its chain.",
                report.bytes,
                report.copied,
                file.display(),
                report.number
            ),
        };
        Ok(Answer::new(to_value(&report)?, text))
    })
}

fn drill(place: &Place, files: &[Given]) -> Result<Answer, Failure> {
    let beside = match files {
        [folder] if folder.is_dir() => folder,
        [first, ..] => first.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")),
        [] => return Err(Failure::usage("say which backup to try out")),
    };
    let paths = present(files)?;
    // What a kill has left of an earlier one; where it cannot be removed, this one may go well all the same.
    let _ = backup::sweep_drills(beside);
    let (drilled, noted) = if let Some(vault) = place.served() {
        let drilled = backup::drill_chain(&paths, beside, Keys::Vault(vault), place.options()?);
        let noted = vault.note_drill(&paths, &drilled);
        (drilled, noted)
    } else {
        // Before the work: where the vault is being served, the appliance does it.
        let vault = vault_here(place)?;
        let drilled = backup::drill_chain(&paths, beside, Keys::Secret(&place.known_secret()?), place.options()?);
        let noted = vault.map_or(Ok(false), |vault| {
            let noted = vault.note_drill(&paths, &drilled)?;
            vault.close().map(|()| noted)
        });
        (drilled, noted)
    };
    let report = drilled?;
    let mut text = format!("The backup restores and verifies: {} entries in {:.1} s.", report.entries, report.seconds);
    if !noted? {
        text += "\nThere is no vault here that it belongs to, so none knows of this proof.";
    }
    Ok(Answer::new(to_value(&report)?, text))
}

/// The paths of these files, refused by name where one of them is not there.
fn present(files: &[Given]) -> Result<Vec<PathBuf>, Failure> {
    for file in files {
        std::fs::metadata(file).map_err(|error| Failure::from(error).about(file))?;
    }
    Ok(files.iter().map(|file| file.to_path_buf()).collect())
}

/// The vault of this folder, where there is one that the secret opens.
fn vault_here(place: &Place) -> Result<Option<Vault>, Failure> {
    if !Vault::is_vault(&place.dir()?) {
        return Ok(None);
    }
    match place.open() {
        Ok(vault) => Ok(Some(vault)),
        Err(failure) if failure.code() == "wrong-secret" => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn rewrap(place: &Place, files: &[Given], accept_unreadable: bool) -> Result<Answer, Failure> {
    place.with("wrapping backups anew", |vault, _| {
        let (mut done, mut text) = (Vec::new(), String::new());
        for file in files {
            let report = backup::rewrap(vault, file, accept_unreadable)?;
            let later = match report.unreadable {
                0 => String::new(),
                others => format!("; {others} others are readable only together with later increments"),
            };
            let erased = format!("{}: {} people erased since are gone from it", file.display(), report.erased);
            text.push_str(&[erased.as_str(), &later, ".\n"].concat());
            done.push(report);
        }
        Ok(Answer::new(json!({"rewrapped": to_value(&done)?}), text))
    })
}

fn list(place: &Place) -> Result<Answer, Failure> {
    place.with("listing backups", |vault, _| {
        let (made, proof) = (vault.backups()?, vault.backup_proof()?);
        let line = |made: &backup::Made| {
            let kind = if made.kind == Kind::Full { "full".to_owned() } else { format!("increment {}", made.number) };
            format!("{}  {kind:<14} {:>12} bytes  {}\n", made.written_at, made.bytes, made.path.display())
        };
        let lines: String = made.iter().map(line).collect();
        let last = match &proof {
            None => "No backup has been tried out.".to_owned(),
            Some(proof) if proof.ok => format!("Last proven to restore: {}.", proof.at),
            Some(proof) => format!("THE LAST DRILL FAILED, {}: {}.", proof.at, proof.path.display()),
        };
        Ok(Answer::new(json!({"backups": to_value(&made)?, "proof": to_value(&proof)?}), lines + &last))
    })
}

fn forget(place: &Place, files: &[Given]) -> Result<Answer, Failure> {
    place.with("forgetting backups", |vault, _| {
        let made = vault.backups()?;
        let mut gone = Vec::new();
        for file in files {
            let path = std::path::absolute::<&Path>(file)?;
            if std::fs::symlink_metadata(&path).is_ok() {
                let text = format!("{} is still there; delete it first", path.display());
                return Err(Failure::new("conflict", text));
            }
            let known = made.iter().filter(|made| made.path == path);
            let before = gone.len();
            gone.extend(known.cloned());
            if gone.len() == before {
                let text = format!("the vault knows of no backup at {}; see `phm backup list`", path.display());
                return Err(Failure::new("not-found", text));
            }
        }
        vault.forget_backups(&gone)?;
        let paths: Vec<_> = gone.iter().map(|made| made.path.display().to_string()).collect();
        Ok(Answer::new(json!({ "forgotten": paths }), format!("Forgot {} backups.", gone.len())))
    })
}

/// `phm restore`
pub fn restore(place: &Place, files: &[Given], new: bool) -> Result<Answer, Failure> {
    let dir = place.dir()?;
    // An emptied folder is what a restore is for; a missing disk is not.
    if let Some(missed @ Missed::Disk { .. }) = Whereabouts::of_this_system(&dir).missed(&dir)
        && !new
    {
        return Err(missed.into());
    }
    let secret = place.known_secret()?;
    let report = backup::restore_chain(&present(files)?, &dir, Keys::Secret(&secret), place.options()?)?;
    let moment = report.written_at.map(|at| format!(" They are as they were at {at}.")).unwrap_or_default();
    let erased = match report.erased {
        0 => String::new(),
        erased => format!("\nLeft out: {erased} people who were erased after the backup was written."),
    };
    let text = format!("Restored {} people with {} entries.{moment}{erased}", report.profiles, report.entries);
    let value: Value = to_value(&report)?;
    Ok(Answer::new(value, text))
}
