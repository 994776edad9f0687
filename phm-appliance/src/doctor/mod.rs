//! `phm doctor`: what is wrong with the machine and the vault's folder, and what to do about it.
//!
//! Each check measures one thing and then judges it. Measuring and judging stand apart, so that a verdict can be tried
//! with a disk, a clock or a key that no test machine has. A check that cannot be made is a warning, never silence.

mod backup;
mod clock;
mod disk;
mod erasing;
mod folder;
mod memory;
mod ways;

use std::path::Path;

pub use disk::across;
use phm_core::vault::Vault;
use serde::Serialize;

use crate::mounts::Mounts;
use crate::whereabouts::Whereabouts;

/// How a check came out.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// All is well.
    Ok,
    /// It works, and somebody should look at it.
    Warn,
    /// It does not work, or something may be lost.
    Fail,
}

/// One finding.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// The stable name of the check.
    pub id: &'static str,
    /// How it came out.
    pub status: Status,
    /// What was found and, where it is not well, what to do.
    pub message: String,
}

impl Finding {
    /// All is well.
    pub fn ok(id: &'static str, message: impl Into<String>) -> Self {
        Self { id, status: Status::Ok, message: message.into() }
    }

    /// Somebody should look at it.
    pub fn warn(id: &'static str, message: impl Into<String>) -> Self {
        Self { id, status: Status::Warn, message: message.into() }
    }

    /// It does not work.
    pub fn fail(id: &'static str, message: impl Into<String>) -> Self {
        Self { id, status: Status::Fail, message: message.into() }
    }
}

/// What the doctor looks at.
pub struct Patient<'p> {
    /// The vault's folder.
    pub dir: &'p Path,
    /// The file with the secret, as the command line or the environment names it.
    pub secret_file: Option<&'p Path>,
    /// Whether a secret could be read, and if not, why.
    pub secret: Result<bool, String>,
    /// The vault, where it opens; else the code and the text of what stopped it.
    pub vault: Result<&'p Vault, (String, String)>,
    /// Bytes the indexes may take.
    pub index_budget: u64,
    /// Days the newest proven backup may be old.
    pub proof_days: u32,
}

/// Every finding, in the order a person would look.
pub fn examine(patient: &Patient<'_>) -> Vec<Finding> {
    let dir = patient.dir;
    let whereabouts = Whereabouts::of_this_system(dir);
    let mut findings = vec![folder::data_dir(dir, &whereabouts)];
    if !dir.is_dir() {
        return findings;
    }
    findings.push(folder::remembered(dir, &whereabouts));
    findings.push(disk::file_system(dir, &Mounts::of_this_system()));
    findings.push(folder::permissions(dir));
    findings.push(disk::speed(dir));
    findings.push(disk::space(dir));
    findings.push(clock::clock(patient.vault.as_ref().ok().map(|vault| vault.newest_moment())));
    findings.push(match &patient.secret {
        Ok(true) => Finding::ok("secret", "a secret to unlock the vault is named"),
        Ok(false) => Finding::warn(
            "secret",
            "no secret is named; after a restart the vault waits to be unlocked. Name one with PHM_KEY_FILE or \
             PHM_PASSPHRASE_FILE if it should open by itself",
        ),
        Err(why) => Finding::fail("secret", why.clone()),
    });
    findings.push(ways::secret_file(dir, patient.secret_file));
    findings.push(ways::ways(dir));
    findings.push(folder::vault(&patient.vault));
    if let Ok(vault) = patient.vault {
        findings.push(backup::backup(vault, patient.proof_days));
        findings.extend(backup::disk(vault, dir));
        findings.push(erasing::erasing(vault));
        // Asked while the keys have their places.
        let leaks = crate::hardening::leaks();
        findings.push(if leaks.is_empty() {
            Finding::ok("secrets", "secrets stay in memory: no core files, keys out of the swap")
        } else {
            Finding::warn("secrets", leaks.join("; "))
        });
    }
    findings.push(memory::memory(patient.index_budget));
    findings
}
