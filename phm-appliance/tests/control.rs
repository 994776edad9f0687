//! Commands beside a running `phm serve`: they run in the vault it has open, and nobody who types them sees a difference.

mod asking;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

/// A folder with a vault and its key file.
struct Home(tempfile::TempDir);

/// The appliance that serves it, ended with the test.
struct Served {
    child: Child,
    url: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().expect("it runs still");
        self.child.wait().expect("it ends");
    }
}

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().expect("a folder"));
        std::fs::write(home.path("key"), "0123456789abcdef".repeat(4)).expect("a key file");
        std::fs::write(home.path("other-key"), "fedcba9876543210".repeat(4)).expect("a key file");
        home.done(&["init"]);
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn phm(&self, key: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_phm"));
        command.env_remove("PHM_PASSPHRASE_FILE").env_remove("PHM_RECOVERY_CODE_FILE");
        command.env("PHM_KEY_FILE", self.path(key)).env("PHM_DATA_DIR", self.path("data"));
        command.current_dir(self.0.path()).args(args);
        command
    }

    fn serve(&self) -> Served {
        let mut command = self.phm("key", &["serve", "--json", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program runs");
        let mut ready = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut ready).expect("a line");
        assert!(ready.contains("\"ready\":true"), "{ready}");
        let line: Value = serde_json::from_str(&ready).expect("JSON");
        let served = Served { child, url: line["url"].as_str().expect("an address").to_owned() };
        assert!(self.path("data/control.sock").exists(), "whoever reads that it is ready may type a command at once");
        served
    }

    fn run(&self, args: &[&str]) -> Output {
        self.phm("key", args).stdin(Stdio::null()).output().expect("the program runs")
    }

    fn done(&self, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stdout));
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    }

    /// The exit code and error code of a command that fails.
    fn failed(&self, key: &str, args: &[&str]) -> (i32, String) {
        let output = self.phm(key, args).arg("--json").stdin(Stdio::null()).output().expect("the program runs");
        let value: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
        (output.status.code().expect("it ended"), value["error"]["code"].as_str().expect("an error").to_owned())
    }
}

/// What commands say, but for what differs from call to call by its nature.
fn told(home: &Home, patient: &Path) -> Vec<(Option<i32>, String, String)> {
    let patient = patient.to_str().expect("a path");
    let commands: [&[&str]; 8] = [
        &["profile", "list"],
        &["profile", "list", "--json"],
        &["import", patient, "--new-profile", "--dry-run"],
        &["import", "list"],
        &["import", "undo", "00000000-0000-4000-8000-000000000000"],
        &["export", "--profile", "library", "--format", "ndjson"],
        &["user", "add", "a@b.example", "--name", "A", "--password-file", "nowhere"],
        &["verify", "--json", "--checkpoint", "nowhere"],
    ];
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let tell = |args: &&[&str]| {
        let Output { status, stdout, stderr } = home.run(args);
        (status.code(), text(stdout), text(stderr))
    };
    commands.iter().map(tell).collect()
}

#[test]
fn a_command_beside_a_running_appliance_answers_as_without_it() {
    let home = Home::new();
    let patient = home.path("patient.json");
    let body = json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Example", "given": ["Asha"]}]});
    std::fs::write(&patient, body.to_string()).expect("a file");
    home.done(&["import", "patient.json", "--new-profile"]);
    let alone = told(&home, &patient);
    let served = home.serve();
    assert_eq!(told(&home, &patient), alone);

    // What is written beside the appliance is there for it too, and stays when it is gone.
    let asha = home.done(&["profile", "list"])["profiles"][0]["profile"].as_str().expect("an id").to_owned();
    let made = home.done(&["profile", "add", "Ravi Example"]);
    let backup = home.done(&["backup", "a-backup"]);
    assert!(home.path("a-backup").exists(), "a relative path is one of the folder the command was typed in: {backup}");
    home.done(&["export", "--profile", &asha, "-o", "asha.json"]);
    let stats = home.done(&["stats"]);
    assert!(home.done(&["verify"])["ok"].as_bool().expect("a report"));
    assert!(home.done(&["doctor"])["ok"].as_bool().expect("a report"));
    drop(served);
    let people = home.done(&["profile", "list"])["profiles"].to_string();
    assert!(people.contains(made["profile"].as_str().expect("an id")));
    assert_eq!(home.done(&["stats"])["profiles"], stats["profiles"]);
}

#[test]
fn standard_input_reaches_the_appliance_whole() {
    let home = Home::new();
    let _served = home.serve();
    let condition = |number: u32| {
        json!({
            "resourceType": "Condition", "id": format!("c{number}"), "subject": {"reference": "Patient/p"},
            "code": {"text": "Asthma"},
        })
    };
    let patient = json!({"resourceType": "Patient", "id": "p"});
    let resources = std::iter::once(patient).chain((0..3000).map(condition));
    let lines = resources.map(|resource| resource.to_string()).collect::<Vec<_>>().join("\n");
    let mut command = home.phm("key", &["import", "-", "--new-profile", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program runs");
    child.stdin.take().expect("a pipe").write_all(lines.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("it ends");
    let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!(report["totals"]["added"], 3001, "{report}");
}

#[test]
fn an_import_ends_with_the_command_that_asked_for_it_and_goes_on_when_asked_again() {
    let home = Home::new();
    let _served = home.serve();
    let conditions = (0..20_000).map(|number| {
        let subject = json!({"reference": "Patient/p"});
        json!({"resourceType": "Condition", "id": format!("c{number}"), "subject": subject, "code": {"text": "Asthma"}})
    });
    let resources = std::iter::once(json!({"resourceType": "Patient", "id": "p"})).chain(conditions);
    let lines = resources.map(|resource| resource.to_string()).collect::<Vec<_>>().join("\n");
    std::fs::write(home.path("history.ndjson"), lines).expect("a file");
    let import = ["import", "history.ndjson", "--new-profile"];
    let mut child = home.phm("key", &import).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
    let wait_for = |state: &str| {
        let since = std::time::Instant::now();
        while home.done(&["import", "list"])["imports"].get(0).is_none_or(|import| import["state"] != state) {
            assert!(since.elapsed().as_secs() < 60, "the import is {state} some time");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    };
    wait_for("importing");
    child.kill().expect("it runs still");
    child.wait().expect("it ends");
    wait_for("failed");
    assert_eq!(home.done(&["profile", "list"])["profiles"], json!([]));
    assert_eq!(home.done(&import)["totals"]["added"], 20_001);
}

#[test]
fn a_folder_far_down_has_its_socket_too() {
    let home = Home::new();
    let deep = home.path(&format!("{}/{}", "far".repeat(30), "down".repeat(20)));
    std::fs::create_dir_all(deep.parent().expect("a parent")).expect("folders");
    std::fs::rename(home.path("data"), &deep).expect("moved");
    let phm = |args: &[&str]| {
        let mut command = home.phm("key", args);
        command.env("PHM_DATA_DIR", &deep);
        command
    };
    let mut serve = phm(&["serve", "--json", "--listen", "127.0.0.1:0"]);
    let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program runs");
    let mut ready = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut ready).expect("a line");
    let _served = Served { child, url: String::new() };
    let since = std::time::Instant::now();
    while !deep.join("control.sock").exists() {
        assert!(since.elapsed().as_secs() < 20, "the socket comes with the vault: {ready}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let output = phm(&["profile", "list", "--json"]).stdin(Stdio::null()).output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn only_who_holds_a_secret_of_the_vault_is_heard() {
    let home = Home::new();
    let _served = home.serve();
    assert_eq!(home.failed("other-key", &["profile", "list"]), (3, "wrong-secret".to_owned()));
    assert_eq!(home.failed("other-key", &["profile", "add", "Mallory"]), (3, "wrong-secret".to_owned()));
    // Without any secret there is nothing to prove; what needs the vault to itself waits until nobody serves it.
    let output = home.phm("key", &["stats"]).env_remove("PHM_KEY_FILE").output().expect("the program runs");
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(home.failed("key", &["migrate-store", "--to", "redb"]), (3, "in-use".to_owned()));
    assert_eq!(home.done(&["profile", "list"])["profiles"], json!([]));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(home.path("data/control.sock")).expect("a socket").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_secret_from_a_pipe_and_more_paths_than_one_frame_holds_serve_as_well() {
    let home = Home::new();
    let _served = home.serve();
    let mut command = home.phm("key", &["profile", "list", "--json", "--key-file", "/dev/stdin"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program runs");
    child.stdin.take().expect("a pipe").write_all("0123456789abcdef".repeat(4).as_bytes()).expect("written");
    assert!(child.wait_with_output().expect("it ends").status.success());

    let patient = json!({"resourceType": "Patient", "id": "p"});
    let names: Vec<String> = (0..400).map(|number| format!("{}-{number}.json", "a".repeat(200))).collect();
    for name in &names {
        std::fs::write(home.path(name), patient.to_string()).expect("a file");
    }
    let mut args = vec!["import", "--new-profile"];
    args.extend(names.iter().map(String::as_str));
    assert_eq!(home.done(&args)["totals"]["added"], 1, "the same patient in each");
}

#[test]
fn a_changed_key_is_that_of_who_asks() {
    let home = Home::new();
    home.done(&["key", "add", "--new-key-file", "other-key"]);
    let _served = home.serve();
    // The appliance was opened with `key`; the command came in by `other-key`, so that is the one to change.
    let output =
        home.phm("other-key", &["key", "change", "--new-key-file", "third-key", "--json"]).output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(home.failed("other-key", &["stats"]), (3, "wrong-secret".to_owned()));
    home.done(&["stats"]);
}

#[test]
fn a_socket_left_by_a_killed_appliance_is_taken_by_the_next_one() {
    let home = Home::new();
    drop(home.serve());
    assert!(home.path("data/control.sock").exists(), "killed, it could not take it away");
    home.done(&["stats"]);
    let _served = home.serve();
    home.done(&["stats"]);
}

#[test]
fn noise_on_the_socket_harms_nobody() {
    let home = Home::new();
    let _served = home.serve();
    for noise in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[b'R', 0xff, 0xff, 0xff, 0xff], b"R\0\0\0\x02{}S\0\0\0\x01x", b""] {
        let mut stream = std::os::unix::net::UnixStream::connect(home.path("data/control.sock")).expect("it listens");
        stream.write_all(noise).expect("written");
    }
    home.done(&["stats"]);
}

#[test]
fn who_is_locked_out_is_let_in_beside_a_running_appliance_too() {
    let home = Home::new();
    std::fs::write(home.path("password"), "correct horse battery\n").expect("a password file");
    home.done(&["user", "add", "noor@example.org", "--name", "Noor", "--password-file", "password"]);
    let _served = home.serve();
    let made = home.done(&["user", "reset", "noor@example.org"]);
    assert!(made["url"].as_str().is_some_and(|url| url.contains("/reset#token=")), "{made}");
    home.done(&["user", "unlock", "noor@example.org"]);
    home.done(&["user", "sign-out", "noor@example.org"]);
    assert_eq!(
        home.done(&["user", "set", "noor@example.org", "--email", "noor@new.example"])["email"],
        "noor@new.example"
    );
    assert_eq!(home.failed("key", &["user", "unlock", "noor@example.org"]), (1, "not-found".to_owned()));
}

/// Asks the appliance something as a program does; answers status and body.
fn ask(served: &Served, method: &str, path: &str, token: &str, body: &str) -> (u16, String) {
    let place = served.url.trim_start_matches("http://").replace("localhost", "127.0.0.1");
    asking::ask(&place, method, path, token, body)
}

#[test]
fn what_is_done_at_the_door_from_the_shell_holds_at_once_for_who_is_signed_in() {
    let home = Home::new();
    std::fs::write(home.path("password"), "correct horse battery\n").expect("a password file");
    home.done(&["user", "add", "noor@example.org", "--name", "Noor", "--password-file", "password"]);
    let served = home.serve();
    let sign_in = |email: &str| {
        let body = json!({"email": email, "password": "correct horse battery"}).to_string();
        let (status, text) = ask(&served, "POST", "/api/v1/auth/login", "", &body);
        let token = text.split_once("\"access_token\":\"").and_then(|(_, rest)| rest.split('"').next());
        (status, token.unwrap_or_default().to_owned())
    };
    let me = |token: &str| ask(&served, "GET", "/api/v1/me", token, "").0;
    let (status, token) = sign_in("noor@example.org");
    assert_eq!((status, me(&token)), (200, 200));
    assert_eq!(home.done(&["user", "sign-out", "noor@example.org"])["ended"], 1);
    assert_eq!(me(&token), 401, "signed out everywhere");
    let (_, token) = sign_in("noor@example.org");
    home.done(&["user", "set", "noor@example.org", "--email", "noor@new.example"]);
    assert_eq!(me(&token), 401, "every session ends with the address");
    assert_eq!((sign_in("noor@example.org").0, sign_in("noor@new.example").0), (401, 200));
}
