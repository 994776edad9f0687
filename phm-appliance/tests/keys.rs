//! `phm key` as the program runs it: ways in are added, changed and removed, and a killed change locks nobody out.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A folder with a vault and the files of its secrets.
struct Home(tempfile::TempDir);

impl Home {
    /// A vault opened by the key file `key`; the answer of `phm init`.
    fn new() -> (Self, Value) {
        let home = Self(tempfile::tempdir().expect("a folder"));
        std::fs::write(home.path("key"), "0123456789abcdef".repeat(4)).expect("a key file");
        let made = home.done("key", &["init"]);
        (home, made)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `phm` with this arguments, the vault unlocked by the file `secret`: a key file, or one whose name says otherwise.
    fn command(&self, secret: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_phm"));
        let variable = match secret {
            "words" | "other-words" => "PHM_PASSPHRASE_FILE",
            "code" => "PHM_RECOVERY_CODE_FILE",
            _ => "PHM_KEY_FILE",
        };
        for name in ["PHM_PASSPHRASE_FILE", "PHM_RECOVERY_CODE_FILE", "PHM_KEY_FILE"] {
            command.env_remove(name);
        }
        command.args(args).arg("--json").env("PHM_DATA_DIR", self.path("data")).env(variable, self.path(secret));
        command
    }

    fn run(&self, secret: &str, args: &[&str]) -> Output {
        self.command(secret, args).output().expect("the program runs")
    }

    /// The answer of a command that succeeds.
    fn done(&self, secret: &str, args: &[&str]) -> Value {
        let output = self.run(secret, args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stdout));
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    }

    /// The exit code and error code of a command that fails.
    fn failed(&self, secret: &str, args: &[&str]) -> (i32, String) {
        let output = self.run(secret, args);
        let value: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
        let code = value["error"]["code"].as_str().expect("an error").to_owned();
        (output.status.code().expect("it ended"), code)
    }

    fn opens(&self, secret: &str) -> bool {
        let output = self.run(secret, &["profile", "list"]);
        assert!(output.status.success() || output.status.code() == Some(3), "{output:?}");
        output.status.success()
    }

    fn new_key(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }
}

fn kinds(answer: &Value) -> Vec<(u64, &str)> {
    let slots = answer["slots"].as_array().expect("slots").iter();
    slots.map(|slot| (slot["slot"].as_u64().expect("a number"), slot["kind"].as_str().expect("a kind"))).collect()
}

#[test]
fn ways_in_are_listed_added_changed_and_removed() {
    let (home, made) = Home::new();
    let code = made["recovery_code"].as_str().expect("a code");
    assert_eq!(
        kinds(&home.done("none", &["key", "list"])),
        [(1, "key-file"), (2, "recovery-code")],
        "without a secret"
    );

    std::fs::write(home.path("words"), "correct horse battery\n").expect("words");
    let added = home.done("key", &["key", "add", "--new-passphrase-file", &home.new_key("words")]);
    assert_eq!((&added["added"], &added["warnings"]), (&json!(3), &json!([])));
    assert!(added["slots"][2]["memory_kib"].as_u64().expect("KiB") >= 19 * 1024);
    let again = home.failed("words", &["key", "add", "--new-passphrase-file", &home.new_key("words")]);
    assert_eq!(again, (1, "conflict".to_owned()));

    std::fs::write(home.path("other-words"), "incorrect horse battery\n").expect("words");
    let changed = home.done("words", &["key", "change", "--new-passphrase-file", &home.new_key("other-words")]);
    assert_eq!((&changed["changed"], &changed["slot"]), (&json!(3), &json!(4)));
    assert!(home.opens("other-words") && !home.opens("words"));

    // A key file that is not there is made, and a slot can be named.
    let changed = home.done("other-words", &["key", "change", "--slot", "1", "--new-key-file", &home.new_key("new")]);
    assert_eq!(kinds(&changed), [(2, "recovery-code"), (4, "passphrase"), (5, "key-file")]);
    assert!(home.opens("new") && !home.opens("key"));

    assert_eq!(kinds(&home.done("new", &["key", "remove", "4"])), [(2, "recovery-code"), (5, "key-file")]);
    assert_eq!(home.failed("new", &["key", "remove", "4"]), (1, "not-found".to_owned()));
    assert_eq!(home.failed("new", &["key", "remove", "5"]), (1, "only-recovery-code".to_owned()));
    let alone = home.done("new", &["key", "remove", "5", "--only-recovery-code"]);
    assert_eq!(alone["warnings"], json!(["only-recovery-code"]));

    // The code alone still opens the vault, and lets a new key in.
    std::fs::write(home.path("code"), code).expect("a code");
    assert_eq!(home.failed("code", &["key", "remove", "2"]), (1, "invalid".to_owned()), "the last one");
    assert_eq!(home.failed("code", &["key", "recovery"]), (1, "recovery-code".to_owned()));
    home.done("code", &["key", "add", "--new-key-file", &home.new_key("last")]);
    assert!(home.opens("last") && home.done("last", &["verify"])["ok"] == json!(true));
}

#[test]
fn a_new_recovery_code_ends_the_old_one() {
    let (home, made) = Home::new();
    let answer = home.done("key", &["key", "recovery"]);
    let codes = [made, answer].map(|answer| answer["recovery_code"].as_str().expect("a code").to_owned());
    let opens = codes.map(|code| {
        std::fs::write(home.path("code"), code).expect("a code");
        home.opens("code")
    });
    assert_eq!(opens, [false, true]);
}

#[test]
fn a_command_without_a_new_secret_or_with_a_wrong_old_one_changes_nothing() {
    let (home, _) = Home::new();
    assert_eq!(home.failed("key", &["key", "add"]), (2, "usage".to_owned()));
    assert_eq!(home.failed("key", &["key", "rotate"]), (2, "usage".to_owned()));
    let nobody = ["key", "rotate", "--profile", "00000000-0000-4000-8000-00000000abcd"];
    assert_eq!(home.failed("key", &nobody), (1, "not-found".to_owned()));
    std::fs::write(home.path("stranger"), "fedcba9876543210".repeat(4)).expect("a key file");
    assert_eq!(home.failed("stranger", &["key", "remove", "2"]), (3, "wrong-secret".to_owned()));
    assert_eq!(home.failed("stranger", &["key", "recovery"]), (3, "wrong-secret".to_owned()));
    assert_eq!(kinds(&home.done("key", &["key", "list"])).len(), 2);
}

#[test]
fn a_new_root_shuts_an_old_keyring_out() {
    let (home, _) = Home::new();
    home.done("key", &["profile", "add", "Asha Example"]);
    let old = std::fs::read(home.path("data/keyring")).expect("the keyring");
    assert_eq!(home.done("key", &["key", "rotate", "--root"]), json!({"rotated": "root"}));
    assert_eq!(home.done("key", &["verify"])["ok"], json!(true));
    for name in ["data/keyring", "data/keyring.2"] {
        std::fs::write(home.path(name), &old).expect("put back");
    }
    assert_eq!(home.failed("key", &["profile", "list"]), (4, "corrupt".to_owned()));
}

/// Runs a command and kills it after `patience`; answers whether it ended before.
fn killed_after(mut command: Command, patience: Duration) -> bool {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    let began = Instant::now();
    while began.elapsed() < patience {
        if let Some(status) = child.try_wait().expect("a child of ours") {
            assert!(status.success());
            return true;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    child.kill().expect("killed");
    child.wait().expect("ended");
    false
}

/// Runs `command` on copies of one vault and kills it, each time later in its run; `after` looks at what is left, and
/// is told whether the command had ended.
fn kill(home: &Home, secret: &str, command: &[&str], rounds: u32, mut after: impl FnMut(bool)) {
    let (data, sound) = (home.path("data"), home.path("sound"));
    std::fs::rename(&data, &sound).expect("set aside");
    let fresh = || {
        if data.exists() {
            std::fs::remove_dir_all(&data).expect("removed");
        }
        copy(&sound, &data);
    };
    fresh();
    let began = Instant::now();
    home.done(secret, command);
    let whole = began.elapsed();
    for round in 1..=rounds {
        fresh();
        after(killed_after(home.command(secret, command), whole * round / rounds));
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("list") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copy");
        }
    }
}

#[test]
fn a_change_killed_at_any_moment_leaves_the_old_secret_or_the_new_one() {
    let (home, _) = Home::new();
    home.done("key", &["profile", "add", "Asha Example"]);
    std::fs::write(home.path("next"), "00112233445566778899aabbccddeeff".repeat(2)).expect("a key file");
    let next = home.new_key("next");
    let (mut old, mut new) = (0, 0);
    kill(&home, "key", &["key", "change", "--new-key-file", &next], 24, |ended| {
        let opens = [home.opens("key"), home.opens("next")];
        assert!(opens[0] != opens[1], "the one or the other: {opens:?}");
        assert!(!ended || opens[1], "an acknowledged change stays");
        (old, new) = if opens[1] { (old, new + 1) } else { (old + 1, new) };
        let secret = if opens[1] { "next" } else { "key" };
        assert_eq!(home.done(secret, &["verify"])["ok"], json!(true));
    });
    eprintln!("kills of a change: {old} left the old secret, {new} the new one, 0 locked out");
}

/// Both copies of the files with the keys are there and the same, and nothing that was replaced is left beside them.
fn are_whole(home: &Home) {
    for name in ["slots", "keyring"] {
        let [first, second] = [name.to_owned(), format!("{name}.2")].map(|name| {
            assert!(!home.path("data").join(format!("{name}.old")).exists(), "{name}.old is wiped");
            std::fs::read(home.path("data").join(name)).expect("a copy")
        });
        assert!(first == second, "both copies of {name} are whole");
    }
}

#[test]
fn a_secret_added_and_killed_at_any_moment_opens_or_can_be_added_and_every_other_way_in_stays() {
    let (home, _) = Home::new();
    home.done("key", &["profile", "add", "Asha Example"]);
    std::fs::write(home.path("next"), "00112233445566778899aabbccddeeff".repeat(2)).expect("a key file");
    let next = home.new_key("next");
    let add = ["key", "add", "--new-key-file", next.as_str()];
    let (mut before, mut after) = (0, 0);
    kill(&home, "key", &add, 16, |ended| {
        assert!(home.opens("key"), "the old secret opens whatever became of the new one");
        are_whole(&home);
        let opens = home.opens("next");
        assert!(opens || !ended, "an acknowledged secret stays");
        let list = home.done("none", &["key", "list"]);
        let is_there = kinds(&list).iter().any(|(slot, _)| *slot == 3);
        assert_eq!(opens, is_there, "{list}");
        if opens {
            assert_eq!(home.failed("key", &add), (1, "conflict".to_owned()), "it is there already");
        } else {
            assert_eq!(home.done("key", &add)["added"], json!(3), "the same command goes on");
        }
        (before, after) = if opens { (before, after + 1) } else { (before + 1, after) };
        assert_eq!(kinds(&home.done("none", &["key", "list"])).len(), 3);
        assert_eq!(home.done("next", &["verify"])["ok"], json!(true));
    });
    eprintln!("kills of an addition: {before} before the new secret was there, {after} after, 0 locked out");
}

#[test]
fn a_secret_removed_and_killed_at_any_moment_opens_or_is_gone_and_every_other_way_in_stays() {
    let (home, _) = Home::new();
    home.done("key", &["profile", "add", "Asha Example"]);
    std::fs::write(home.path("next"), "00112233445566778899aabbccddeeff".repeat(2)).expect("a key file");
    let added = home.done("key", &["key", "add", "--new-key-file", &home.new_key("next")]);
    assert_eq!(added["added"], json!(3));
    let remove = ["key", "remove", "3"];
    let (mut before, mut after) = (0, 0);
    kill(&home, "key", &remove, 16, |ended| {
        assert!(home.opens("key"), "the other secret opens whatever became of this one");
        are_whole(&home);
        let opens = home.opens("next");
        assert!(!opens || !ended, "an acknowledged removal stays");
        let list = home.done("none", &["key", "list"]);
        let is_there = kinds(&list).iter().any(|(slot, _)| *slot == 3);
        assert_eq!(opens, is_there, "{list}");
        if opens {
            home.done("key", &remove);
        } else {
            assert_eq!(home.failed("key", &remove), (1, "not-found".to_owned()), "it is gone already");
        }
        (before, after) = if opens { (before + 1, after) } else { (before, after + 1) };
        assert!(!home.opens("next"), "the same command goes on");
        assert_eq!(kinds(&home.done("none", &["key", "list"])), [(1, "key-file"), (2, "recovery-code")]);
        are_whole(&home);
        assert_eq!(home.done("key", &["verify"])["ok"], json!(true));
    });
    eprintln!("kills of a removal: {before} left the secret, {after} did not, 0 locked out");
}

#[test]
fn a_new_recovery_code_killed_at_any_moment_leaves_one_code_and_every_other_way_in() {
    let (home, made) = Home::new();
    std::fs::write(home.path("code"), made["recovery_code"].as_str().expect("a code")).expect("a code");
    kill(&home, "key", &["key", "recovery"], 12, |ended| {
        assert!(home.opens("key"));
        let list = home.done("key", &["key", "list"]);
        let codes = kinds(&list).into_iter().filter(|(_, kind)| *kind == "recovery-code").count();
        assert_eq!(codes, 1);
        assert!(!ended || !home.opens("code"), "an acknowledged code has ended the old one");
    });
}

#[test]
fn a_rotation_of_a_persons_key_killed_at_any_moment_is_readable_and_goes_on() {
    let (home, _) = Home::new();
    let made = home.done("key", &["demo", "--profiles", "1", "--records", "1500"]);
    let person = made["profiles"][0].as_str().expect("a person").to_owned();
    let export = ["export", "--profile", person.as_str(), "--format", "ndjson"];
    let entries = home.done("key", &["verify"])["entries"].clone();
    let digest = |answer: Value| answer["sha256"].as_str().expect("a digest").to_owned();
    let file = home.new_key("export");
    let export = [&export[..], &["-o", file.as_str()]].concat();
    let whole = digest(home.done("key", &export));
    let rotate = ["key", "rotate", "--profile", person.as_str()];
    let (data, sound) = (home.path("data"), home.path("sound"));
    std::fs::rename(&data, &sound).expect("set aside");
    let keyring = std::fs::read(sound.join("keyring.2")).expect("the keyring");
    let mut cut = 0;
    for round in 0..10 {
        if data.exists() {
            std::fs::remove_dir_all(&data).expect("removed");
        }
        copy(&sound, &data);
        let mut child = home.command("key", &rotate).stdout(Stdio::null()).spawn().expect("the program starts");
        // From the moment the new key is there, bodies are resealed.
        while std::fs::read(data.join("keyring.2")).is_ok_and(|now| now == keyring) {
            assert!(child.try_wait().expect("a child of ours").is_none(), "it ended without a new key");
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_millis(8 * round));
        child.kill().expect("killed");
        let ended = child.wait().expect("ended").success();
        let report = home.done("key", &["verify"]);
        assert_eq!((&report["ok"], &report["entries"]), (&json!(true), &entries));
        assert_eq!(digest(home.done("key", &export)), whole, "everything is readable half-way");
        let again = home.done("key", &rotate);
        let epoch = again["epoch"].as_u64().expect("a number");
        assert!(epoch == 2 || epoch == 3, "an interrupted rotation goes on, a finished one begins anew");
        assert!(!ended || epoch == 3, "an acknowledged rotation stays");
        cut += u32::from(epoch == 2);
        let report = home.done("key", &["verify"]);
        assert_eq!((&report["ok"], &report["entries"]), (&json!(true), &entries));
    }
    assert_eq!(digest(home.done("key", &export)), whole);
    assert!(cut > 0, "no rotation was cut off");
    eprintln!("kills of a rotation: {cut} of 10 under way, 0 lost");
}

#[test]
fn a_root_rotation_killed_at_any_moment_is_finished_by_the_next_opening() {
    let (home, _) = Home::new();
    home.done("key", &["profile", "add", "Asha Example"]);
    let old = std::fs::read(home.path("data/keyring")).expect("the keyring");
    kill(&home, "key", &["key", "rotate", "--root"], 24, |ended| {
        assert_eq!(home.done("key", &["verify"])["ok"], json!(true));
        assert_eq!(home.done("key", &["profile", "list"])["profiles"][0]["name"], json!("Asha Example"));
        for name in ["slots", "slots.2", "keyring", "keyring.2"] {
            assert!(home.path("data").join(name).exists() && !home.path("data").join(format!("{name}.old")).exists());
        }
        let now = std::fs::read(home.path("data/keyring")).expect("the keyring");
        assert_eq!(now, std::fs::read(home.path("data/keyring.2")).expect("the keyring"), "both copies are whole");
        assert!(!ended || now != old, "an acknowledged rotation stays");
    });
}
