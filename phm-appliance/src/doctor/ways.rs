//! The ways into the vault: how many there are, and where the file with the secret lies.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use phm_core::ErrorKind;
use phm_core::crypto::secret::SecretKind;
use phm_core::vault::{Advice, Vault, Ways};

use super::Finding;

/// Which ways in there are.
pub(super) fn ways(dir: &Path) -> Finding {
    match Vault::ways(dir) {
        Ok(ways) => judge(&ways),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Finding::fail("ways", "there is no vault in the data folder; `phm init` makes one")
        }
        Err(error) => Finding::fail("ways", error.to_string()),
    }
}

fn judge(ways: &Ways) -> Finding {
    const ID: &str = "ways";
    let count = |kind| ways.slots.iter().filter(|slot| slot.kind == kind).count();
    let kinds = [SecretKind::Passphrase, SecretKind::KeyFile, SecretKind::RecoveryCode];
    let named: Vec<String> = kinds
        .into_iter()
        .filter(|kind| count(*kind) > 0)
        .map(|kind| format!("{} ({})", kind.name(), count(kind)))
        .collect();
    let named = named.join(", ");
    if !ways.damaged.is_empty() {
        let text =
            format!("damaged: {}. The next change of a way in makes it whole: `phm key list`", ways.damaged.join(", "));
        return Finding::warn(ID, text);
    }
    match ways.advice() {
        Some(Advice::OnlyRecoveryCode) => Finding::warn(
            ID,
            "only a recovery code opens the vault: if that paper is lost, everything is. Add a passphrase or a key file with \
             `phm key add`",
        ),
        Some(_) => Finding::warn(
            ID,
            format!("{named}, and no recovery code: when these are lost, everything is. `phm key recovery` prints one"),
        ),
        None => Finding::ok(ID, format!("the vault opens by {named}")),
    }
}

/// Where the file with the secret lies.
pub(super) fn secret_file(dir: &Path, file: Option<&Path>) -> Finding {
    const ID: &str = "key-file";
    let Some(file) = file else { return Finding::ok(ID, "no file with a secret is named") };
    match (fs::metadata(dir), fs::metadata(file)) {
        (Ok(folder), Ok(about)) => judge_file(&Lies {
            inside: fs::canonicalize(file)
                .ok()
                .zip(fs::canonicalize(dir).ok())
                .is_some_and(|(file, dir)| file.starts_with(dir)),
            same_disk: about.dev() == folder.dev(),
            open: about.mode() & 0o077 != 0,
        }),
        _ => Finding::fail(ID, "the file with the secret cannot be looked at; is its disk or stick there?"),
    }
}

/// Where a file with a secret lies.
struct Lies {
    inside: bool,
    same_disk: bool,
    /// Whether others may read it.
    open: bool,
}

fn judge_file(lies: &Lies) -> Finding {
    const ID: &str = "key-file";
    if lies.inside {
        return Finding::fail(
            ID,
            "the file with the secret lies in the data folder: whoever copies the folder can read everything. Move it away",
        );
    }
    if lies.open {
        return Finding::warn(ID, "others may read the file with the secret; run `chmod 600` on it");
    }
    if lies.same_disk {
        return Finding::warn(
            ID,
            "the file with the secret lies on the same disk as the vault: a thief of the disk can read everything. Keep it on \
             a stick, in systemd's LoadCredentialEncrypted=, or unlock by passphrase",
        );
    }
    Finding::ok(ID, "the file with the secret lies on another disk and is its owner's alone")
}

#[cfg(test)]
mod tests {
    use phm_core::crypto::slot::SlotInfo;

    use super::*;
    use crate::doctor::Status;

    fn ways_of(kinds: &[SecretKind]) -> Ways {
        let slot = |(number, kind): (u16, &SecretKind)| SlotInfo { number, kind: *kind, cost: None };
        Ways { slots: (1..).zip(kinds).map(slot).collect(), damaged: Vec::new() }
    }

    #[test]
    fn a_vault_with_one_way_in_is_told_so() {
        use SecretKind::{KeyFile, Passphrase, RecoveryCode};
        assert_eq!(judge(&ways_of(&[Passphrase, RecoveryCode])).status, Status::Ok);
        let found = judge(&ways_of(&[RecoveryCode]));
        assert!(found.status == Status::Warn && found.message.contains("only a recovery code"), "{}", found.message);
        let found = judge(&ways_of(&[KeyFile, Passphrase]));
        assert!(found.status == Status::Warn && found.message.contains("no recovery code"), "{}", found.message);
        let damaged = Ways { damaged: vec!["slots.2"], ..ways_of(&[Passphrase, RecoveryCode]) };
        assert!(judge(&damaged).message.contains("slots.2"));
        let dir = tempfile::tempdir().expect("a folder");
        assert_eq!(ways(dir.path()).status, Status::Fail);
    }

    #[test]
    fn a_key_in_the_vault_fails_and_one_beside_it_is_a_warning() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().expect("a folder");
        let dir = home.path().join("data");
        fs::create_dir(&dir).expect("created");
        let file = |path: &Path, mode| {
            fs::write(path, b"x").expect("written");
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
            secret_file(&dir, Some(path))
        };
        assert_eq!(file(&dir.join("key"), 0o600).status, Status::Fail);
        let found = file(&home.path().join("key"), 0o600);
        assert!(found.status == Status::Warn && found.message.contains("same disk"), "{}", found.message);
        let found = file(&home.path().join("key"), 0o644);
        assert!(found.status == Status::Warn && found.message.contains("chmod 600"), "{}", found.message);
        assert_eq!(secret_file(&dir, Some(&home.path().join("none"))).status, Status::Fail);
        assert_eq!(secret_file(&dir, None).status, Status::Ok);
        assert_eq!(judge_file(&Lies { inside: false, same_disk: false, open: false }).status, Status::Ok);
    }
}
