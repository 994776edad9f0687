//! The last proven backup: a backup that nobody has restored is a hope. And where the newest one lies: on the disk of the
//! vault it goes with it.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use phm_core::backup::Proof;
use phm_core::time::Instant;
use phm_core::vault::Vault;

use super::Finding;

const ID: &str = "backup";
const DISK: &str = "backup-disk";
const DAY: i64 = 24 * 60 * 60 * 1000;

/// What the vault knows of its backups and of the last one that was tried out.
pub(super) fn backup(vault: &Vault, proof_days: u32) -> Finding {
    match (vault.backups(), vault.backup_proof()) {
        (Ok(made), Ok(proof)) => judge(!made.is_empty(), proof.as_ref(), vault.now(), proof_days),
        (Err(error), _) | (_, Err(error)) => {
            Finding::warn(ID, format!("what the vault knows of its backups cannot be read ({error}); run `phm verify`"))
        }
    }
}

fn judge(made: bool, proof: Option<&Proof>, now: Instant, proof_days: u32) -> Finding {
    let drill = "try the newest one out with `phm backup drill FILE`";
    let Some(proof) = proof else {
        return Finding::warn(
            ID,
            if made {
                format!("no backup has been tried out yet; {drill}")
            } else {
                format!(
                    "this vault has no backup. Write one to another disk with `phm backup FILE`, or set `backup.target`; then \
                     {drill}"
                )
            },
        );
    };
    if !proof.ok {
        let text = format!(
            "the backup that was tried out on {} does not restore. Write a new full one with `phm backup FILE`; then {drill}; \
             `phm backup list` names the one that failed",
            proof.at
        );
        return Finding::fail(ID, text);
    }
    let of = proof.proven.unwrap_or(proof.at);
    let days = now.millis().saturating_sub(of.millis()) / DAY;
    if days > i64::from(proof_days) {
        let text = format!("the newest backup that is proven to restore is {days} days old; {drill}");
        return Finding::warn(ID, text);
    }
    Finding::ok(ID, format!("the backup of {of} was proven to restore on {}", proof.at))
}

/// Whether the newest backup lies on the disk of the vault in `dir`; nothing where there is none, which is told already.
pub(super) fn disk(vault: &Vault, dir: &Path) -> Option<Finding> {
    let newest = vault.backups().ok()?.into_iter().max_by_key(|made| (made.written_at, made.number))?;
    let number = |path: &Path| fs::metadata(path).map(|about| about.dev()).ok();
    Some(judge_disk(number(&newest.path).zip(number(dir)).map(|(own, vaults)| own == vaults)))
}

fn judge_disk(same: Option<bool>) -> Finding {
    match same {
        Some(true) => Finding::warn(
            DISK,
            "the newest backup lies on the disk of the vault, and goes with it when that disk fails; write backups to \
             another one, or copy them there",
        ),
        Some(false) => Finding::ok(DISK, "the newest backup lies on another disk than the vault"),
        None => Finding::ok(DISK, "the newest backup is not where it was written; its disk may be away"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    fn at(text: &str) -> Instant {
        text.parse().expect("a moment")
    }

    fn found(made: bool, proof: Option<(bool, &str)>) -> Finding {
        let proof = proof.map(|(ok, of)| Proof { at: at(of), ok, proven: Some(at(of)), path: "asha.phmb".into() });
        judge(made, proof.as_ref(), at("2027-03-15T12:00:00.000Z"), 14)
    }

    #[test]
    fn a_vault_without_a_proven_backup_is_a_warning_that_says_what_to_do() {
        for made in [true, false] {
            let found = found(made, None);
            assert_eq!(found.status, Status::Warn);
            assert!(found.message.contains("phm backup drill"), "{}", found.message);
        }
        assert_eq!(found(true, Some((true, "2027-03-14T12:00:00.000Z"))).status, Status::Ok);
        let old = found(true, Some((true, "2027-02-28T12:00:00.000Z")));
        assert_eq!(old.status, Status::Warn);
        assert!(old.message.contains("15 days old"), "{}", old.message);
    }

    #[test]
    fn a_backup_on_the_disk_of_the_vault_is_a_warning_and_one_that_is_away_is_none() {
        assert_eq!(judge_disk(Some(true)).status, Status::Warn);
        assert_eq!([Some(false), None].map(|same| judge_disk(same).status), [Status::Ok; 2]);
    }

    #[test]
    fn a_drill_that_failed_fails_and_names_no_file() {
        let found = found(true, Some((false, "2027-03-14T12:00:00.000Z")));
        assert_eq!(found.status, Status::Fail);
        assert!(!found.message.contains("asha"), "{}", found.message);
    }
}
