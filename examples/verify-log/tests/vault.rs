//! Real vaults, exported by the core and checked by the two verifiers that know nothing of it.

mod verifiers;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use phm_core::access::Actor;
use phm_core::audit::plain::{HEADING, Rows};
use phm_core::backup;
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::id::ProfileId;
use phm_core::vault::{Options, Vault};

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().expect("a folder"));
        let (vault, _) = Vault::create(&home.path("vault"), &[Self::secret()], Self::options()).expect("a vault");
        vault.close().expect("closed");
        home
    }

    fn secret() -> Secret {
        Secret::passphrase("correct horse battery staple")
    }

    fn options() -> Options {
        Options { cost: Cost::FLOOR, ..Options::default() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn with<T>(&self, name: &str, work: impl FnOnce(&Vault) -> T) -> T {
        let vault = Vault::open(&self.path(name), &Self::secret(), Self::options()).expect("the vault opens");
        let done = work(&vault);
        vault.close().expect("closed");
        done
    }

    fn grow(&self, name: &str, rows: u32) {
        self.with(name, |vault| {
            for row in 0..rows {
                vault.put_state(ProfileId::SYSTEM, "job", &row, None).expect("state");
            }
        });
    }

    fn keep(&self, vault: &str, name: &str) {
        let note = self.with(vault, |vault| vault.checkpoint().expect("a checkpoint"));
        fs::write(self.path(name), note).expect("kept");
    }

    fn export(&self, vault: &str, name: &str, rows: Rows) -> String {
        let mut out = Vec::new();
        self.with(vault, |vault| vault.export_audit(rows, &mut out).expect("exported"));
        fs::write(self.path(name), &out).expect("written");
        String::from_utf8(out).expect("text")
    }

    fn copy(&self, from: &str, to: &str) {
        assert!(Command::new("cp").arg("-a").args([self.path(from), self.path(to)]).status().expect("cp").success());
    }

    fn back_up(&self, vault: &str, name: &str) {
        self.with(vault, |vault| _ = backup::write(vault, &self.path(name)).expect("written"));
    }

    fn restore(&self, name: &str, vault: &str) {
        backup::restore(&self.path(name), &self.path(vault), &Self::secret(), Self::options()).expect("restored");
    }

    /// What the verifiers say of an export and a kept checkpoint: the first word, `ok` where nothing is wrong.
    fn says(&self, export: &str, kept: &str) -> String {
        self.line(&[export, kept]).0
    }

    /// The first word, and the whole line of the program, about an export and any checkpoints behind it.
    fn line(&self, files: &[&str]) -> (String, String) {
        verifiers::say(&files.iter().map(|name| self.path(name)).collect::<Vec<_>>())
    }
}

/// The lines of an export with the `n`th row changed by `change`.
fn with_row(export: &str, n: usize, change: impl FnOnce(&mut Vec<String>, usize)) -> String {
    let mut lines: Vec<String> = export.lines().map(str::to_owned).collect();
    let at = lines.iter().position(|line| line.starts_with("row ")).expect("rows") + n;
    change(&mut lines, at);
    lines.join("\n") + "\n"
}

#[test]
fn an_exported_log_is_whole_with_rows_or_with_hashes_and_continues_what_was_kept() {
    let home = Home::new();
    home.grow("vault", 20);
    home.keep("vault", "kept");
    home.grow("vault", 300);
    for (name, rows) in [("rows", Rows::Sealed), ("hashes", Rows::Hashes)] {
        home.export("vault", name, rows);
        assert_eq!(home.says(name, "kept"), "ok");
    }
}

#[test]
fn a_log_that_goes_on_with_calls_of_plugins_about_nobody_is_whole_and_still_checked() {
    let home = Home::new();
    home.grow("vault", 9);
    home.keep("vault", "kept");
    home.with("vault", |vault| {
        let session = vault.session(Actor::Operator, "plugin probe 0.1.0: find").expect("the operator");
        for done in [true, false] {
            session.note_plugin_about_nobody(done).expect("noted");
        }
        assert!(vault.verify(None).expect("verified").ok);
    });
    let export = home.export("vault", "export", Rows::Sealed);
    assert_eq!(home.says("export", "kept"), "ok");
    let last = export.lines().filter(|line| line.starts_with("row ")).count() - 1;
    let changed = with_row(&export, last, |lines, at| lines[at] = lines[at].replacen(['A', 'B', 'C'], "D", 1));
    assert_ne!(changed, export);
    fs::write(home.path("changed"), changed).expect("written");
    assert_eq!(home.says("changed", "kept"), "order", "the row of the calls");
}

#[test]
fn an_edited_a_deleted_and_a_moved_row_and_a_log_cut_short_are_noticed() {
    let home = Home::new();
    home.grow("vault", 9);
    home.keep("vault", "kept");
    let export = home.export("vault", "export", Rows::Sealed);
    let size = export.lines().filter(|line| line.starts_with("row ")).count();
    for n in [0, size / 2, size - 1] {
        for (what, changed) in [
            ("order", with_row(&export, n, |lines, at| lines[at] = lines[at].replacen(['A', 'B', 'C'], "D", 1))),
            ("truncated", with_row(&export, n, |lines, at| _ = lines.remove(at))),
            ("order", with_row(&export, n.max(1), |lines, at| lines.swap(at - 1, at))),
        ] {
            assert_ne!(changed, export);
            fs::write(home.path("changed"), changed).expect("written");
            assert_eq!(home.says("changed", "kept"), what, "row {n}");
        }
    }
    let cut = with_row(&export, 0, |lines, at| lines.truncate(at + 3));
    fs::write(home.path("changed"), cut).expect("written");
    assert_ne!(home.says("changed", "kept"), "ok");
}

#[test]
fn an_older_copy_put_back_is_truncated_and_one_that_went_on_is_a_fork() {
    let home = Home::new();
    home.grow("vault", 3);
    home.copy("vault", "older");
    home.grow("vault", 3);
    home.keep("vault", "kept");
    home.export("older", "back", Rows::Sealed);
    assert_eq!(home.says("back", "kept"), "truncated");
    home.grow("older", 9);
    home.export("older", "on", Rows::Hashes);
    assert_eq!(home.says("on", "kept"), "fork");
}

#[test]
fn after_an_honest_restore_the_rows_that_were_lost_are_counted_and_nothing_is_a_fork() {
    let home = Home::new();
    home.grow("vault", 3);
    home.keep("vault", "before");
    home.back_up("vault", "backup.phmb");
    home.grow("vault", 5);
    home.keep("vault", "after");
    home.restore("backup.phmb", "again");
    home.grow("again", 4);
    home.keep("again", "new");
    home.grow("again", 2);
    for rows in [Rows::Hashes, Rows::Sealed] {
        let export = home.export("again", "export", rows);
        let (old, _) = export.split_once("\ncheckpoint\n").expect("the first log");
        let restored = old.lines().filter(|line| line.starts_with("row ") || line.starts_with("leaf ")).count();
        let after = fs::read_to_string(home.path("after")).expect("kept");
        let mut lines = after.lines();
        let (origin, size) = lines.next().zip(lines.next()).expect("origin and size");
        let lost = size.parse::<usize>().expect("a number").checked_sub(restored).expect("rows after the backup");
        assert!(lost >= 5, "{lost} rows were lost");

        for kept in ["before", "new"] {
            let (word, line) = home.line(&["export", kept]);
            assert!(word == "ok" && line.starts_with("ok: 2 log(s)") && !line.contains("lost"), "{kept}: {line}");
        }
        for kept in [&["export", "after"][..], &["export", "before", "after", "new"]] {
            let (word, line) = home.line(kept);
            assert_eq!(word, "ok", "{line}");
            assert!(line.ends_with(&format!("; {lost} rows of {origin} were lost\n")), "{line}");
        }

        // Without the log that was restored, the new one says what is missing.
        let second = export.rfind("\nlog ").expect("the second log") + 1;
        fs::write(home.path("alone"), format!("{HEADING}{}", &export[second..])).expect("written");
        let (word, line) = home.line(&["alone", "new"]);
        assert_eq!(word, "missing");
        assert!(line.starts_with(&format!("missing: the log that ended at {origin} {restored} ")), "{line}");
    }
}

#[test]
fn a_copy_that_went_its_own_way_is_a_fork_also_when_it_is_restored_from_a_backup() {
    let home = Home::new();
    home.grow("vault", 3);
    home.copy("vault", "other");
    home.grow("vault", 3);
    home.keep("vault", "kept");
    home.grow("other", 9);
    home.back_up("other", "backup.phmb");
    home.restore("backup.phmb", "again");
    home.export("again", "export", Rows::Hashes);
    assert_eq!(home.says("export", "kept"), "fork");
}

#[test]
fn a_checkpoint_of_another_vault_is_of_no_log_there() {
    let (home, other) = (Home::new(), Home::new());
    home.grow("vault", 2);
    other.grow("vault", 2);
    home.export("vault", "export", Rows::Hashes);
    other.keep("vault", "kept");
    fs::copy(other.path("kept"), home.path("kept")).expect("copied");
    assert_eq!(home.says("export", "kept"), "missing");
}

#[test]
fn the_program_stands_on_nothing_of_phm() {
    let manifest = include_str!("../Cargo.toml");
    let (needs, _) = manifest.split_once("[dev-dependencies]").expect("dependencies of tests apart");
    let (_, needs) = needs.split_once("[dependencies]").expect("dependencies");
    assert!(!needs.contains("phm-core"));
    assert!(include_str!("../src/main.rs").lines().count() < 200);
}
