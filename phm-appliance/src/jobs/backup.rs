//! Makes backups by themselves, removes old ones, and proves the newest ones.
//!
//! The first backup of a day is full and begins a chain; the others of the day are its increments. The full backup of each
//! day is kept for `backup.keep_days`, increments for two days; the newest chain and the one that was proven last stay whatever
//! their age. Every `backup.drill_days` the newest chain is restored into a temporary folder and verified. While the disk of
//! `backup.target` is away, nothing is written, removed or forgotten.
//!
//! A clock that was ahead once holds the time of the vault there until it catches up; backups are then made by the time that
//! really passes.
//!
//! Whatever fails is said aloud: in the log, in the figures, and by `/readyz`, which calls for somebody to look. When it
//! was the last time survives a restart, because the vault keeps the list of its backups.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use phm_core::backup::{self, Keys, Kind, Made, Order};
use phm_core::time::Instant;
use phm_core::vault::Vault;

pub use super::standing::{Known, Standing};
use super::target;
use crate::http::{House, Problem, blocking};
use crate::settings::Backups;

/// How often somebody looks whether a backup is due.
const LOOK: Duration = Duration::from_mins(1);
/// After a failure, as long until the next attempt.
const AGAIN: i64 = 10 * MINUTE;
/// Increments are kept for so long.
const INCREMENTS_KEPT: i64 = 2 * DAY;
/// A fresh vault may be so old before the lack of a backup is a failure.
const GRACE: i64 = HOUR;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Looks again and again, for as long as the runtime lives; stopping it loses nothing, for a backup that is cut off leaves
/// no file and the next look begins anew. A locked house is left alone.
pub async fn run(house: Arc<House>) {
    let Some(settings) = house.settings.backups.clone() else { return };
    let scratch = scratch(&house);
    // What a kill has left of a drill is a whole copy of the vault. Where there is nothing, there is nothing to remove.
    let _ = blocking(move || Ok(backup::sweep_drills(&scratch)?)).await;
    loop {
        look(&house, &settings).await;
        tokio::time::sleep(LOOK).await;
    }
}

/// Where backups are tried out.
fn scratch(house: &House) -> PathBuf {
    house.settings.data_dir.join("cache")
}

/// Looks once: makes what is due, proves it, removes what is old.
async fn look(house: &Arc<House>, settings: &Backups) {
    let Ok(opened) = house.open() else { return };
    let (vault, settings, keeper) = (opened.vault, settings.clone(), Arc::clone(house));
    let (options, scratch) = (house.options(), scratch(house));
    let looked = blocking(move || {
        let standing = &keeper.backups;
        let (now, clock) = (vault.now(), keeper.clock.now());
        let work = Work { vault: &vault, settings: &settings, standing, now, clock };
        let done = work.once(&options, &scratch);
        let judged = work.judge(done.is_ok());
        done.and(judged)
    })
    .await;
    // Told to stop, it has nothing to complain of.
    if let Err(problem) = looked
        && problem.code() != "stopped"
    {
        house.backups.failures.fetch_add(1, Ordering::Relaxed);
        tracing::error!(code = problem.code(), "the backup failed: {problem}");
    }
}

struct Work<'w> {
    vault: &'w Vault,
    settings: &'w Backups,
    standing: &'w Standing,
    /// The time of the vault, which never goes back.
    now: Instant,
    /// What the clock says.
    clock: Instant,
}

impl Work<'_> {
    fn once(&self, options: &phm_core::vault::Options, scratch: &Path) -> Result<(), Problem> {
        let failed_at = self.standing.known().failed_at;
        let rested = self.standing.has_rested(Duration::from_millis(AGAIN.unsigned_abs()));
        if !rested && failed_at.is_some_and(|at| self.now < at.plus_millis(AGAIN)) {
            return Ok(());
        }
        target::ready(self.vault, &self.settings.target)?;
        let made = self.vault.backups()?;
        let newest = made.iter().filter(|made| self.is_own(made)).max_by_key(|made| (made.written_at, made.number));
        if self.is_due(newest) {
            backup::sweep(&self.settings.target)?;
            // What does not restore is not continued.
            let failed = self.vault.backup_proof()?.filter(|proof| !proof.ok).map(|proof| proof.path);
            let broken = made.iter().find(|made| Some(&made.path) == failed.as_ref()).map(|made| made.chain);
            // Nor what nobody could restore any more.
            let whole = |newest: &Made| {
                let continued = |made: &&Made| made.chain == newest.chain && made.number <= newest.number;
                made.iter().filter(|made| self.is_own(made)).filter(continued).all(|made| made.path.is_file())
            };
            self.make(newest.filter(|newest| Some(newest.chain) != broken && whole(newest)))?;
            self.prune()?;
        }
        if self.drill_is_due()? {
            self.drill(options, scratch)?;
        }
        Ok(())
    }

    /// Whether it is time for another backup.
    fn is_due(&self, newest: Option<&Made>) -> bool {
        let every = i64::from(self.settings.every_hours) * HOUR;
        let stands_still = self.clock.plus_millis(HOUR) < self.now;
        newest.is_none_or(|newest| newest.written_at.plus_millis(every) <= self.now)
            || stands_still && self.standing.has_waited(Duration::from_hours(self.settings.every_hours.into()))
    }

    /// Whether a backup is one of those made by themselves: only such are continued and removed.
    fn is_own(&self, made: &Made) -> bool {
        made.kept_until.is_some() && made.path.parent() == Some(self.settings.target.as_path())
    }

    fn make(&self, newest: Option<&Made>) -> Result<(), Problem> {
        let day = |at: Instant| at.date().to_string();
        let since = newest.filter(|newest| day(newest.written_at) == day(self.now) && newest.path.is_file());
        let kept = if since.is_some() { INCREMENTS_KEPT } else { i64::from(self.settings.keep_days) * DAY };
        let order = |since: Option<&Made>| {
            let stop = Arc::clone(&self.standing.stop);
            Order {
                since: since.map(|since| since.path.clone()),
                purpose: "backup by itself".to_owned(),
                kept_until: Some(self.now.plus_millis(kept)),
                stop: Arc::new(move || stop.load(Ordering::Relaxed)),
            }
        };
        let path = self.path(since.map_or(0, |since| since.number + 1));
        let written = match backup::make(self.vault, &path, &order(since)) {
            // Restored since, or the file was damaged or taken away: a new chain begins.
            Err(error) if since.is_some() && !matches!(error.code(), "stopped" | "io" | "not-empty") => {
                tracing::warn!(code = error.code(), "the last backup cannot be continued; a full one is written");
                let kept_until = Some(self.now.plus_millis(i64::from(self.settings.keep_days) * DAY));
                backup::make(self.vault, &self.path(0), &Order { kept_until, ..order(None) })?
            }
            written => written?,
        };
        self.standing.made();
        tracing::info!(bytes = written.bytes, number = written.number, "wrote a backup");
        Ok(())
    }

    /// A name that says when and what, and nothing else.
    fn path(&self, number: u32) -> PathBuf {
        let at: String = self.now.to_string().chars().filter(char::is_ascii_alphanumeric).take(15).collect();
        let kind = if number == 0 { "full".to_owned() } else { format!("{number:03}") };
        self.settings.target.join(format!("phm-{at}-{kind}.phmb"))
    }

    /// Removes what is past its time, but nothing of the newest chain, and nothing of the one that was proven last: it is the
    /// newest thing known to restore.
    fn prune(&self) -> Result<(), Problem> {
        let made = self.vault.backups()?;
        let own: Vec<&Made> = made.iter().filter(|made| self.is_own(made)).collect();
        let newest = own.iter().filter(|made| made.kind == Kind::Full).max_by_key(|made| made.written_at);
        let proven = self.vault.backup_proof()?.and_then(|proof| proof.proven);
        let proven_chain = own.iter().find(|made| Some(made.written_at) == proven).map(|made| made.chain);
        let mut gone = Vec::new();
        for old in own.iter().filter(|made| made.kept_until.is_some_and(|until| until <= self.now)) {
            let needed = newest.is_some_and(|newest| newest.chain == old.chain) || proven_chain == Some(old.chain);
            if needed {
                continue;
            }
            match std::fs::remove_file(&old.path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(phm_core::Error::from(error).into());
                }
                _ => gone.push((*old).clone()),
            }
        }
        Ok(self.vault.forget_backups(&gone)?)
    }

    fn drill_is_due(&self) -> Result<bool, Problem> {
        let every = i64::from(self.settings.drill_days) * DAY;
        Ok(match self.vault.backup_proof()? {
            // One that failed is tried again with the next backup.
            Some(proof) if proof.ok => proof.at.plus_millis(every) <= self.now,
            Some(proof) => proof.at.plus_millis(HOUR) <= self.now,
            None => true,
        })
    }

    fn drill(&self, options: &phm_core::vault::Options, scratch: &Path) -> Result<(), Problem> {
        let made = self.vault.backups()?;
        let Some(newest) =
            made.iter().filter(|made| self.is_own(made)).max_by_key(|made| (made.written_at, made.number))
        else {
            return Ok(());
        };
        phm_core::crypto::durable::create_folder(scratch).map_err(phm_core::Error::from)?;
        backup::sweep_drills(scratch)?;
        let files = [newest.path.clone()];
        let drilled = backup::drill_chain(&files, scratch, Keys::Vault(self.vault), options.clone());
        self.vault.note_drill(&files, &drilled)?;
        let drilled = drilled?;
        tracing::info!(entries = drilled.entries, files = drilled.files, "a backup was proven to restore");
        Ok(())
    }

    /// Says how the backups stand.
    fn judge(&self, succeeded: bool) -> Result<(), Problem> {
        if !succeeded {
            self.standing.failed();
        }
        let made = self.vault.backups()?;
        let newest = made.iter().filter(|made| self.is_own(made)).map(|made| made.written_at).max();
        let proof = self.vault.backup_proof()?;
        self.standing.update(|known| {
            known.wanted = true;
            known.newest = newest;
            known.drilled = proof.as_ref().map(|proof| proof.at);
            known.drill_ok = proof.as_ref().is_some_and(|proof| proof.ok);
            known.proven = proof.and_then(|proof| proof.proven);
            let since = *known.since.get_or_insert(self.now);
            known.failed_at = if succeeded { known.failed_at.filter(|at| newest < Some(*at)) } else { Some(self.now) };
            let late = |at: Option<Instant>, within: i64| at.unwrap_or(since).plus_millis(within) < self.now;
            let every = i64::from(self.settings.every_hours) * HOUR;
            known.worrying = known.failed_at.is_some()
                || late(newest, 3 * every + GRACE)
                || (known.drilled.is_some() && !known.drill_ok)
                || late(known.proven, i64::from(self.settings.proof_days) * DAY);
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests;
