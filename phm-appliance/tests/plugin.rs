//! `phm plugin` as the program runs it: from nothing to a plugin that runs in the house, and what is refused on the way.
//!
//! Compiling to WebAssembly takes a while, so one test goes the whole way, and the others begin with a module.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// A folder with a vault that a key file opens, where commands are typed.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().expect("a folder"));
        std::fs::write(home.path("secret"), "0123456789abcdef".repeat(4)).expect("a key file");
        home.done(&["init"]);
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, content).expect("written");
        path.to_string_lossy().into_owned()
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_phm"));
        command.env_remove("PHM_PASSPHRASE_FILE").env_remove("PHM_RECOVERY_CODE_FILE").env_remove("CARGO_TARGET_DIR");
        command.env("PHM_DATA_DIR", self.path("data")).env("PHM_KEY_FILE", self.path("secret"));
        // What a plugin needs is in cargo's cache; a test asks no registry.
        command.env("CARGO_NET_OFFLINE", "true").current_dir(self.0.path());
        command.args(args).stdin(Stdio::null()).output().expect("the program runs")
    }

    fn done(&self, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {}{errors}", String::from_utf8_lossy(&output.stdout));
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    }

    fn failed(&self, args: &[&str]) -> (i32, String) {
        let output = self.run(&[args, &["--json"]].concat());
        let value: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
        let code = value["error"]["code"].as_str().expect("an error").to_owned();
        (output.status.code().expect("it ended"), code)
    }

    /// A folder of a plugin whose module is the text `wat`.
    fn folder(&self, name: &str, manifest: &str, wat: &str) -> String {
        self.write(&format!("{name}/plugin.toml"), manifest);
        self.write(&format!("{name}/plugin.wasm"), wat::parse_str(wat).expect("good text"));
        self.path(name).to_string_lossy().into_owned()
    }

    /// Makes a key, trusts it, signs the folder and installs the package.
    fn install(&self, folder: &str) -> Value {
        let key = self.path("author.key").to_string_lossy().into_owned();
        if !Path::new(&key).exists() {
            let made = self.done(&["plugin", "key", &key]);
            self.done(&["plugin", "trust", made["key"].as_str().expect("a key"), "--name", "The tests"]);
        }
        let signed = self.done(&["plugin", "sign", folder, "--key", &key]);
        self.done(&["plugin", "install", signed["path"].as_str().expect("a path")])
    }
}

/// Says that a dose is due, whatever the event.
const NOTIFY: &str = r#"(module
    (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
    (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
    (import "extism:host/env" "output_set" (func $output (param i64 i64)))
    (memory 1)
    (data (i32.const 0) "{\"messages\":[]}")
    (func (export "render") (result i32) (local $at i64) (local $n i32)
        (local.set $at (call $alloc (i64.const 15)))
        (loop $next
            (call $store (i64.add (local.get $at) (i64.extend_i32_u (local.get $n))) (i32.load8_u (local.get $n)))
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if $next (i32.lt_u (local.get $n) (i32.const 15))))
        (call $output (local.get $at) (i64.const 15))
        (i32.const 0)))"#;

fn manifest(more: &str) -> String {
    format!(
        "name = \"quiet\"\nversion = \"0.1.0\"\napi = 1\nkind = \"notify\"\nsummary = \"Says nothing.\"\nlicense = \"MIT\"\n{more}"
    )
}

#[test]
fn a_plugin_is_signed_installed_enabled_run_and_disabled() {
    let home = Home::new();
    let folder = home.folder("quiet", &manifest(""), NOTIFY);
    assert_eq!(home.done(&["plugin", "validate", &folder])["problems"], json!([]));
    let installed = home.install(&folder);
    assert_eq!((&installed["name"], &installed["granted"]), (&json!("quiet"), &Value::Null));
    let input = home.write("input.json", r#"{"event":"dose-due","language":"en","outside":true}"#);
    let run = ["plugin", "run", "quiet", "--input", &input];
    assert_eq!(home.failed(&run), (1, "not-enabled".into()));
    home.done(&["plugin", "enable", "quiet"]);
    let ran = home.done(&run);
    assert_eq!((&ran["output"], &ran["capabilities"]), (&json!({"messages": []}), &json!([])));
    assert!(ran["ms"].is_number() && ran["fuel"].as_u64() > Some(100) && ran["peak_bytes"] == 65_536, "{ran}");
    assert_eq!(home.done(&["plugin", "list"])["plugins"][0]["name"], "quiet");
    assert_eq!(home.done(&["plugin", "logs", "quiet"])["lines"], json!([]));
    home.done(&["plugin", "disable", "quiet"]);
    assert_eq!(home.failed(&run), (1, "not-enabled".into()));
    let bench = home.done(&["plugin", "bench", &folder, "--input", &input, "--calls", "20"]);
    assert_eq!((&bench["name"], &bench["calls"], &bench["peak_bytes"]), (&json!("quiet"), &json!(20), &json!(65_536)));
    assert!(bench["median_ms"].as_f64() <= bench["most_ms"].as_f64() && bench["fuel"].as_u64() > Some(100), "{bench}");
    // Only the folder of an author is watched, and nobody's records with it.
    assert_eq!(home.failed(&["plugin", "run", "quiet", "--input", &input, "--watch"]).0, 2);
    let watched = ["plugin", "run", &folder, "--input", &input, "--watch", "--as", "asha@example.org"];
    assert_eq!(home.run(&watched).status.code(), Some(2));
    assert_eq!(home.done(&["verify"])["ok"], true);
}

#[test]
fn a_plugin_that_names_a_medicine_to_the_world_or_makes_events_up_breaks_its_promises() {
    let home = Home::new();
    let said = r#"{"messages":[{"title":"xyzabcine","text":"x"}]}"#;
    let length = said.len().to_string();
    let loud = NOTIFY.replace(r#"{\"messages\":[]}"#, &said.replace('"', "\\\""));
    let loud = loud.replace("const 15", &format!("const {length}"));
    let folder = home.folder("quiet", &manifest(""), &loud);
    assert_eq!(home.failed(&["plugin", "validate", &folder]), (1, "check-failed".into()));
    let output = home.run(&["plugin", "validate", &folder]);
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    for promise in ["names a person or a medicine", "of an event that there is not"] {
        assert!(told.contains(promise), "{told}");
    }
}

#[test]
fn what_must_not_get_in_is_refused_with_its_name() {
    let home = Home::new();
    let folder = home.folder("quiet", &manifest(""), NOTIFY);
    let key = home.path("author.key").to_string_lossy().into_owned();
    home.done(&["plugin", "key", &key]);
    assert_eq!(home.failed(&["plugin", "key", &key]).0, 1, "a key is never replaced");
    let signed = home.done(&["plugin", "sign", &folder, "--key", &key]);
    let package = home.path(signed["path"].as_str().expect("a path")).to_string_lossy().into_owned();
    assert_eq!(home.failed(&["plugin", "install", &package]), (1, "untrusted-key".into()));
    home.done(&["plugin", "trust", signed["key"].as_str().expect("a key"), "--name", "The tests"]);
    let mut bytes = std::fs::read(&package).expect("a package");
    let at = bytes.windows(4).position(|window| window == b"\0asm").unwrap_or(bytes.len() / 2);
    bytes[at] ^= 1;
    let changed = home.write("changed.phmp", &bytes);
    let (exit, code) = home.failed(&["plugin", "install", &changed]);
    assert!(exit == 1 && ["bad-signature", "invalid-package"].contains(&code.as_str()), "{code}");
    let noise = home.write("noise.phmp", b"not a package");
    assert_eq!(home.failed(&["plugin", "install", &noise]), (1, "invalid-package".into()));
    for (name, manifest, wat, code) in [
        ("unknown-field", manifest("autostart = true"), NOTIFY, "invalid-manifest"),
        ("no-reason", manifest("[[permission]]\ncapability = \"log\"\nreason = \"\""), NOTIFY, "invalid-manifest"),
        (
            "wasi",
            manifest(""),
            r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (func (export "render") (result i32) (i32.const 0)))"#,
            "invalid-module",
        ),
        ("no-export", manifest(""), "(module)", "invalid-module"),
        ("breaks", manifest(""), "(module (func (export \"render\") (result i32) unreachable))", "check-failed"),
    ] {
        let folder = home.folder(name, &manifest, wat);
        assert_eq!(home.failed(&["plugin", "validate", &folder]), (1, code.into()), "{name}");
    }
    assert_eq!(home.failed(&["plugin", "enable", "nothing"]), (1, "not-installed".into()));
    assert_eq!(home.failed(&["plugin", "new", "Not A Name"]).0, 2);
    assert_eq!(home.failed(&["plugin", "trust", "my key", "--name", "me"]), (1, "invalid-package".into()));
}

#[test]
fn the_permissions_are_shown_with_their_reasons_and_hosts() {
    let home = Home::new();
    let more = "[[permission]]\ncapability = \"http.fetch\"\nreason = \"Asks for the price of a medicine.\"\nhosts = [\"api.example.org\"]\n\
        [[permission]]\ncapability = \"kv.get\"\nreason = \"Knows what it said before.\"\n";
    home.install(&home.folder("quiet", &manifest(more), NOTIFY));
    let shown = home.run(&["plugin", "enable", "quiet", "--only", "kv.get"]);
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(text.contains("can send what it reads to api.example.org (not granted): Asks for the price"), "{text}");
    assert!(text.contains("kv.get (granted): Knows what it said before."), "{text}");
    assert_eq!(home.failed(&["plugin", "enable", "quiet", "--only", "records.list"]), (1, "invalid-manifest".into()));
}

#[test]
fn facts_about_drugs_are_imported_by_who_agrees_to_their_licence() {
    let home = Home::new();
    let head = "DDInterID_A,Drug_A,DDInterID_B,Drug_B,Level";
    let file =
        home.write("ddinter_code_B.csv", format!("{head}\nD1,Warfarin,D2,Aspirin,Major\nD1,Warfarin,D3,X,Unknown\n"));
    let import = ["plugin", "facts", "import", "ddinter", &file, "--release", "2026-11-02"];
    assert_eq!(home.failed(&import), (1, "licence-not-accepted".into()));
    let done = home.done(&[&import[..], &["--accept-licence"]].concat());
    assert_eq!((&done["read"], &done["used"], &done["kept"]), (&json!(2), &json!(1), &json!(2)));
    assert_eq!((&done["version"], &done["skipped"]), (&json!("2026-11-02"), &json!({"of unknown level": 1})));
    assert_eq!(home.done(&["plugin", "facts", "list"])["facts"][0]["set"], "ddinter");
    let noise = home.write("noise.csv", "nothing");
    let import = ["plugin", "facts", "import", "ddinter", &noise, "--release", "1", "--accept-licence"];
    assert_eq!(home.failed(&import), (1, "invalid-facts".into()));
    assert_eq!(home.failed(&["plugin", "facts", "import", "other", &noise, "--release", "1"]).0, 2);
    home.done(&["plugin", "facts", "remove", "ddinter"]);
    assert_eq!(home.done(&["plugin", "facts", "list"])["facts"], json!([]));
}

/// From nothing to a plugin that reads records by consent. Needs Rust's WebAssembly target; `make setup` installs it.
#[test]
fn a_new_plugin_builds_tests_signs_installs_and_runs_and_the_shipped_one_too() {
    let home = Home::new();
    home.write("password", "correct horse battery");
    let password = home.path("password").to_string_lossy().into_owned();
    let account = home.done(&["user", "add", "asha@example.org", "--name", "Asha", "--password-file", &password]);
    let profile = account["profile"].as_str().expect("a profile");

    home.done(&["plugin", "new", "medicines", "--kind", "insight"]);
    assert_eq!(home.failed(&["plugin", "new", "medicines"]), (1, "not-empty".into()));
    assert_eq!(home.done(&["plugin", "test", "medicines"])["problems"], json!([]));
    home.install(&home.path("medicines").to_string_lossy());
    home.done(&["plugin", "enable", "medicines"]);
    let input = home.write("input.json", r#"{"language":"en"}"#);
    // Nobody granted it anything, so it fails by its own words, which stand in its log.
    let run = ["plugin", "run", "medicines", "--input", &input, "--profile", profile, "--as", "asha@example.org"];
    assert_eq!(home.failed(&run), (1, "plugin-failed".into()));
    let lines = home.done(&["plugin", "logs", "medicines", "--profile", profile]);
    assert!(lines.to_string().contains("not-granted consent"), "{lines}");
    // By consent it reads, and no more once that is taken back.
    let to = ["grant", "add", "--profile", profile, "--to", "plugin:medicines"];
    let given = home.done(&[&to[..], &["--kind", "medication", "--action", "read"]].concat());
    let read = home.done(&run);
    assert_eq!(read["output"]["findings"][0]["text"], "There are 0 medicines in the record.");
    home.done(&["grant", "revoke", "--profile", profile, given["id"].as_str().expect("an id")]);
    assert_eq!(home.failed(&run), (1, "plugin-failed".into()));

    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/drug-interactions");
    let copy = home.path("drug-interactions");
    home.done(&["plugin", "new", "drug-interactions", "--kind", "drugs"]);
    for part in ["src", "data", "tests"] {
        std::fs::create_dir_all(copy.join(part)).expect("a folder");
        for file in std::fs::read_dir(shipped.join(part)).expect("a folder") {
            let file = file.expect("an entry");
            std::fs::copy(file.path(), copy.join(part).join(file.file_name())).expect("copied");
        }
    }
    std::fs::copy(shipped.join("plugin.toml"), copy.join("plugin.toml")).expect("copied");
    let cargo = std::fs::read_to_string(copy.join("Cargo.toml")).expect("a manifest");
    let named = cargo.replacen("name = \"drug-interactions\"", "name = \"phm-plugin-drug-interactions\"", 1);
    std::fs::write(copy.join("Cargo.toml"), named).expect("written");
    assert_eq!(home.done(&["plugin", "build", "drug-interactions"])["name"], "drug-interactions");
    home.install(&copy.to_string_lossy());
    home.done(&["plugin", "enable", "drug-interactions"]);
    let input = home.write("pair.json", r#"{"candidates":["sumatriptan 50 mg","phenelzine","Ciplox"]}"#);
    let ran = home.done(&["plugin", "run", "drug-interactions", "--input", &input]);
    let output = &ran["output"];
    assert_eq!(
        (&output["checked"], &output["total"], &output["not_checked"]),
        (&json!(2), &json!(3), &json!(["Ciplox"]))
    );
    assert_eq!(
        (&output["findings"][0]["severity"], &output["proposed"][0]["ingredients"]),
        (&json!("contraindicated"), &json!(["ciprofloxacin"]))
    );
    let valid = home.done(&["plugin", "validate", &copy.to_string_lossy()]);
    assert_eq!(valid["problems"], json!([]), "it keeps what every drugs plugin promises");

    // A brand is proposed and not checked; as what it was said to be, it is.
    let input = home.write("brands.json", r#"{"medications":[{"name":"Imitrex"},{"name":"Nardil"}]}"#);
    let before = home.done(&["plugin", "run", "drug-interactions", "--input", &input])["output"].clone();
    assert_eq!((&before["checked"], &before["not_checked"]), (&json!(0), &json!(["Imitrex", "Nardil"])));
    let said =
        |n: usize| json!({"name": before["proposed"][n]["from"], "confirmed": before["proposed"][n]["ingredients"]});
    let input = home.write("confirmed.json", json!({"medications": [said(0), said(1)]}).to_string());
    let after = home.done(&["plugin", "run", "drug-interactions", "--input", &input])["output"].clone();
    assert_eq!((&after["checked"], &after["findings"][0]["severity"]), (&json!(2), &json!("contraindicated")));
}

/// The other kinds: each folder builds as it is, its own tests pass, and it keeps what every plugin of its kind promises.
#[test]
fn a_new_plugin_of_every_kind_builds_and_keeps_its_promises() {
    let home = Home::new();
    // What they all stand on is compiled once.
    home.write(".cargo/config.toml", "[build]\ntarget-dir = \"target\"\n");
    for kind in ["document", "drugs", "notify", "assistant", "import"] {
        let name = format!("my-{kind}");
        home.done(&["plugin", "new", &name, "--kind", kind]);
        let tested = home.done(&["plugin", "test", &name]);
        assert_eq!((&tested["kind"], &tested["problems"]), (&json!(kind), &json!([])));
        assert!(home.install(&name)["granted"].is_null(), "{kind}");
    }
}

/// The folder with everything in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).expect("copied");
        }
    }
}

/// The reader of PDF as it runs in a house: a module without any machine, that makes nothing of files which are nothing.
#[test]
fn the_shipped_reader_of_reports_builds_and_keeps_what_every_document_plugin_promises() {
    let home = Home::new();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/pdf-text");
    let made = home.path("pdf-text");
    home.done(&["plugin", "new", "pdf-text", "--kind", "document"]);
    std::fs::remove_dir_all(made.join("src")).expect("removed");
    for part in ["src", "data", "tests"] {
        copy(&shipped.join(part), &made.join(part));
    }
    std::fs::copy(shipped.join("plugin.toml"), made.join("plugin.toml")).expect("copied");
    let cargo = std::fs::read_to_string(made.join("Cargo.toml")).expect("a manifest");
    let named = cargo.replacen("name = \"pdf-text\"", "name = \"phm-plugin-pdf-text\"", 1);
    let named = named.replacen("[dependencies]\n", "[dependencies]\nminiz_oxide = \"0.9\"\n", 1);
    std::fs::write(made.join("Cargo.toml"), named).expect("written");
    assert_eq!(home.done(&["plugin", "build", "pdf-text"])["name"], "pdf-text");
    assert_eq!(home.done(&["plugin", "validate", &made.to_string_lossy()])["problems"], json!([]));
    home.install(&made.to_string_lossy());
    let enabled = home.done(&["plugin", "enable", "pdf-text"]);
    assert_eq!(enabled["granted"].as_array().map(Vec::len), Some(2));
}
