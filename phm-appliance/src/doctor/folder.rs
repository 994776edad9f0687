//! The data folder: whether it is there, remembered, for its owner alone, and a vault that opens.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use phm_core::crypto::{keyring, slot};
use phm_core::vault::Vault;

use super::Finding;
use crate::whereabouts::Whereabouts;

/// Whether the folder is there, and the vault that belongs into it.
pub(super) fn data_dir(dir: &Path, whereabouts: &Whereabouts) -> Finding {
    const ID: &str = "data-dir";
    if let Some(missed) = whereabouts.missed(dir) {
        return Finding::fail(ID, missed.to_string());
    }
    if !dir.is_dir() {
        return Finding::fail(ID, "there is no data folder; `phm init` makes one");
    }
    Finding::ok(ID, "the data folder is there")
}

/// Whether PHM would notice that the disk of the vault is missing.
pub(super) fn remembered(dir: &Path, whereabouts: &Whereabouts) -> Finding {
    const ID: &str = "remembered";
    if !Vault::is_vault(dir) || whereabouts.remembers(dir) {
        return Finding::ok(ID, "PHM would notice if the disk of the vault did not come up");
    }
    Finding::warn(
        ID,
        "PHM keeps no note of this vault, so it could take its empty folder for a new box when the disk did not come up. \
         `phm serve` keeps one where it has a home folder (HOME or XDG_STATE_HOME) outside the vault; a service without \
         one should say RequiresMountsFor= in its unit",
    )
}

/// Who may read and who owns what lies in the folder.
pub(super) fn permissions(dir: &Path) -> Finding {
    const ID: &str = "permissions";
    let Ok(about) = fs::metadata(dir) else {
        return Finding::fail(ID, "the data folder cannot be looked at; run this as the user who runs PHM");
    };
    if about.mode() & 0o077 != 0 {
        return Finding::warn(ID, format!("others may enter the data folder; run `chmod 700 {}`", dir.display()));
    }
    let secrets = slot::FILES.iter().chain(&keyring::FILES);
    let open = secrets.filter(|name| fs::metadata(dir.join(name)).is_ok_and(|about| about.mode() & 0o077 != 0)).count();
    if open > 0 {
        let text = format!("others may read {open} files of wrapped keys; run `chmod -R go= {}`", dir.display());
        return Finding::warn(ID, text);
    }
    match others(dir, about.uid(), 3) {
        0 => Finding::ok(ID, "only its owner may enter the data folder, and everything in it is theirs"),
        count => Finding::fail(
            ID,
            format!(
                "{count} files in the data folder belong to another user than the folder, so PHM may not be able to write \
                 them; run `chown -R --reference={0} {0}`",
                dir.display()
            ),
        ),
    }
}

/// How many files and folders in `dir` belong to somebody else than `owner`, `depth` folders down.
fn others(dir: &Path, owner: u32, depth: u32) -> usize {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| Some((entry.path(), entry.metadata().ok()?)))
        .map(|(path, about)| {
            let below = if about.is_dir() && depth > 1 { others(&path, owner, depth - 1) } else { 0 };
            usize::from(about.uid() != owner) + below
        })
        .sum()
}

/// Whether the vault opens, and with whole files of keys.
pub(super) fn vault(opened: &Result<&Vault, (String, String)>) -> Finding {
    const ID: &str = "vault";
    match opened {
        Ok(vault) => match vault.damaged_key_files().join(", ") {
            damaged if damaged.is_empty() => Finding::ok(ID, "the vault opens"),
            damaged => Finding::warn(
                ID,
                format!(
                    "the vault opens, but these copies of its keys are damaged: {damaged}; the next change of a key \
                         makes them whole"
                ),
            ),
        },
        Err((code, _)) if code == "in-use" => Finding::ok(ID, "the vault is being served"),
        Err((_, text)) => Finding::fail(ID, text.clone()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::doctor::Status;

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
    }

    #[test]
    fn a_folder_others_may_enter_is_told_with_the_command_that_closes_it() {
        let dir = tempfile::tempdir().expect("a folder");
        mode(dir.path(), 0o700);
        assert_eq!(permissions(dir.path()).status, Status::Ok);
        mode(dir.path(), 0o750);
        let found = permissions(dir.path());
        assert_eq!(found.status, Status::Warn);
        assert!(found.message.contains("chmod 700"), "{}", found.message);
    }

    #[test]
    fn files_of_keys_that_others_may_read_are_told() {
        let dir = tempfile::tempdir().expect("a folder");
        mode(dir.path(), 0o700);
        for name in ["slots", "keyring"] {
            fs::write(dir.path().join(name), b"x").expect("written");
        }
        mode(&dir.path().join("slots"), 0o600);
        mode(&dir.path().join("keyring"), 0o640);
        let found = permissions(dir.path());
        assert_eq!(found.status, Status::Warn);
        assert!(found.message.starts_with("others may read 1 files"), "{}", found.message);
    }

    #[test]
    fn a_file_of_another_owner_is_counted_however_deep_the_store_lies() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(dir.path().join("store/1")).expect("created");
        fs::write(dir.path().join("store/1/db"), b"x").expect("written");
        let owner = fs::metadata(dir.path()).expect("there").uid();
        assert_eq!(others(dir.path(), owner, 3), 0);
        assert_eq!(others(dir.path(), owner + 1, 3), 3);
    }

    #[test]
    fn a_folder_that_is_not_there_or_cannot_be_opened_fails() {
        let dir = tempfile::tempdir().expect("a folder");
        let whereabouts = Whereabouts::of_this_system(dir.path());
        assert_eq!(data_dir(&dir.path().join("none"), &whereabouts).status, Status::Fail);
        assert_eq!(data_dir(dir.path(), &whereabouts).status, Status::Ok);
        let error = |code: &str| Err((code.to_owned(), "why".to_owned()));
        assert_eq!(vault(&error("in-use")).status, Status::Ok);
        assert_eq!(vault(&error("wrong-secret")), Finding::fail("vault", "why"));
    }
}
