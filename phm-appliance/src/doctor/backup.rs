//! The last proven backup: a backup that nobody has restored is a hope.

use phm_core::backup::Proof;
use phm_core::time::Instant;
use phm_core::vault::Vault;

use super::Finding;

const ID: &str = "backup";
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
    fn a_drill_that_failed_fails_and_names_no_file() {
        let found = found(true, Some((false, "2027-03-14T12:00:00.000Z")));
        assert_eq!(found.status, Status::Fail);
        assert!(!found.message.contains("asha"), "{}", found.message);
    }
}
