//! `phm grant`, `phm user` and `phm profile` as the program runs them, and what it says of mistakes.

mod home;

use home::Home;
use serde_json::{Value, json};

impl Home {
    fn user(&self, email: &str, role: &str) -> Value {
        let file = self.path("password");
        std::fs::write(&file, "correct horse battery\n").expect("a password file");
        let file = file.to_str().expect("a path");
        self.done(&["user", "add", email, "--name", "A. Example", "--role", role, "--password-file", file])
    }
}

#[test]
fn the_operator_grants_lists_and_revokes() {
    let home = Home::new();
    home.user("admin@example.org", "admin");
    let doctor = home.user("doctor@example.org", "provider");
    let person = home.done(&["profile", "add", "Asha Example"])["profile"].as_str().expect("an id").to_owned();
    let to = ["grant", "add", "--profile", &person, "--to", "doctor@example.org"];
    let given = home.done(&[&to[..], &["--template", "pharmacy", "--purpose", "refill"]].concat());
    assert_eq!(given["to"], json!({"account": doctor["account"]}));
    assert_eq!((&given["state"], &given["purpose"]), (&json!("live"), &json!("refill")));
    assert_eq!(given["given_by"]["type"], "operator");
    let role = home.done(&[
        "grant",
        "add",
        "--profile",
        &person,
        "--to",
        "role:provider",
        "--kind",
        "lab-result",
        "--action",
        "read",
        "--from",
        "2025-01-01",
        "--ends-at",
        "2099-01-01",
    ]);
    assert_eq!((&role["to"], &role["from"]), (&json!({"role": "provider"}), &json!("2025-01-01")));
    let listed = home.done(&["grant", "list", "--profile", &person]);
    assert_eq!(listed["grants"].as_array().map(Vec::len), Some(2));
    let id = given["id"].as_str().expect("an id");
    assert_eq!(home.done(&["grant", "revoke", "--profile", &person, id])["state"], "revoked");
    let text = String::from_utf8(home.run(&["grant", "list", "--profile", &person]).stdout).expect("text");
    assert!(text.contains("revoked") && text.contains("A. Example") && text.contains("role provider"), "{text}");
    assert_eq!(home.done(&["grant", "templates"])["templates"][0]["name"], "labs-and-medicines");

    let nobody = phm_core::id::ProfileId::new().to_string();
    assert_eq!(home.failed(&["grant", "list", "--profile", &nobody]), (1, "not-found".into()));
    assert_eq!(home.failed(&["grant", "revoke", "--profile", &person, &nobody]), (1, "not-found".into()));
    let unknown = ["grant", "add", "--profile", &person, "--to", "nobody@example.org", "--template", "visit"];
    assert_eq!(home.failed(&unknown), (1, "not-found".into()));
    assert_eq!(home.failed(&to), (1, "invalid".into()), "neither kinds nor a template");
    assert_eq!(home.failed(&[&to[..], &["--template", "break-glass"]].concat()).0, 1);
}

#[test]
fn accounts_are_listed_and_changed_and_the_last_admin_stays() {
    let home = Home::new();
    home.user("admin@example.org", "admin");
    home.user("lab@example.org", "lab");
    let listed = home.done(&["user", "list"]);
    assert_eq!(listed["accounts"].as_array().map(Vec::len), Some(2));
    assert_eq!(home.failed(&["user", "set", "admin@example.org", "--close"]), (1, "last-admin".into()));
    assert_eq!(home.failed(&["user", "set", "admin@example.org", "--role", "patient"]), (1, "last-admin".into()));
    assert_eq!(home.failed(&["user", "set", "lab@example.org", "--role", "boss"]).0, 2);
    let both = home.done(&["user", "set", "lab@example.org", "--role", "lab", "--role", "admin"]);
    assert_eq!(both["roles"], json!(["admin", "lab"]));
    assert_eq!(home.done(&["user", "set", "admin@example.org", "--close"])["active"], false);
    assert_eq!(home.done(&["user", "set", "admin@example.org", "--open"])["active"], true);
}

#[test]
fn the_operator_hands_records_over_to_the_person_they_are_about() {
    let home = Home::new();
    home.user("admin@example.org", "admin");
    let account = home.user("mother@example.org", "patient");
    let add = ["profile", "add", "Asha Example", "--owner", "admin@example.org"];
    let person = home.done(&[&add[..], &["--birth-date", "1950-04-03"]].concat());
    let person = person["profile"].as_str().expect("an id").to_owned();
    let child = home.done(&[&add[..], &["--birth-date", "2025-04-03"]].concat());
    let child = child["profile"].as_str().expect("an id").to_owned();
    let to = ["--to", "mother@example.org"];
    let early = home.failed(&[&["profile", "hand-over", &child][..], &to].concat());
    assert_eq!(early, (1, "too-young".into()));
    let handed = home.done(&[&["profile", "hand-over", &person][..], &to].concat());
    assert_eq!((&handed["profile"], &handed["account"]), (&json!(person), &account["account"]));
    let again = home.failed(&[&["profile", "hand-over", &person][..], &to].concat());
    assert_eq!(again, (1, "conflict".into()));
}

/// The letters that were put into the folder, joined.
fn letters(home: &Home) -> String {
    let files = std::fs::read_dir(home.path("data/outbox")).into_iter().flatten().flatten();
    files.map(|file| std::fs::read_to_string(file.path()).expect("a letter").replace("=\r\n", "")).collect()
}

#[test]
fn the_family_hears_of_what_the_operator_hands_over() {
    let home = Home::new();
    let settings = "[mail]\ntransport = \"file\"\nfrom = \"phm@example.org\"\n";
    std::fs::write(home.path("data/phm.toml"), settings).expect("settings");
    home.user("admin@example.org", "admin");
    home.user("mother@example.org", "patient");
    let born = ["--birth-date", "1950-04-03"];
    let add = ["profile", "add", "Asha Example", "--owner", "admin@example.org"];
    let person = home.done(&[&add[..], &born].concat())["profile"].as_str().expect("an id").to_owned();
    home.done(&["profile", "hand-over", &person, "--to", "mother@example.org"]);
    let told = letters(&home);
    assert!(told.contains("To: admin@example.org") && told.contains("To: mother@example.org"), "{told}");
    assert!(told.contains("Records were handed over") && !told.contains("Asha"), "{told}");
}

#[test]
fn the_family_hears_of_whom_the_operator_lets_in() {
    let home = Home::new();
    let settings = "[mail]\ntransport = \"file\"\nfrom = \"phm@example.org\"\n";
    std::fs::write(home.path("data/phm.toml"), settings).expect("settings");
    home.user("admin@example.org", "admin");
    home.user("mother@example.org", "patient");
    home.user("other@example.org", "patient");
    let person = home.done(&["profile", "add", "Asha Example"])["profile"].as_str().expect("an id").to_owned();
    let let_in = |to: &str| home.done(&["profile", "let-in", &person, "--to", to]);
    let_in("mother@example.org");
    assert_eq!(letters(&home), "", "nobody answered for them before");
    let_in("other@example.org");
    let told = letters(&home);
    assert!(told.contains("To: mother@example.org") && !told.contains("To: other@example.org"), "{told}");
    assert!(told.contains("Unusual access") && told.contains("/family") && !told.contains("Asha"), "{told}");

    let key = phm_core::crypto::secret::Secret::key_file(&home.path("key")).expect("a key");
    let vault = phm_core::vault::Vault::open(&home.path("data"), &key, phm_core::vault::Options::default());
    let vault = vault.expect("open");
    let session = vault.session(phm_core::access::Actor::Operator, "a test").expect("a session");
    let alerts = session.alerts(person.parse().expect("an id")).expect("those of the person");
    let told: Vec<_> = alerts.iter().map(|alert| alert.what).collect();
    assert_eq!(told, [phm_core::audit::unusual::Unusual::LetIn]);
    assert_eq!(session.house_alerts().expect("those of the house").len(), 1);
}

#[test]
fn the_operator_gives_an_account_another_address_and_both_addresses_are_told() {
    let home = Home::new();
    let settings = "[mail]\ntransport = \"file\"\nfrom = \"phm@example.org\"\n";
    std::fs::write(home.path("data/phm.toml"), settings).expect("settings");
    home.user("admin@example.org", "admin");
    let noor = home.user("noor@example.org", "patient");
    let set = |old: &str, new: &str| home.failed(&["user", "set", old, "--email", new]);
    assert_eq!(set("noor@example.org", "Admin@example.org"), (1, "email-taken".into()));
    assert_eq!(set("noor@example.org", "nowhere"), (1, "invalid".into()));
    assert_eq!(set("nobody@example.org", "noor@new.example"), (1, "not-found".into()));
    let both = home.failed(&["user", "set", "noor@example.org", "--close", "--email", "noor@new.example"]);
    assert_eq!(both.0, 2, "a closed account has nobody to write to");
    assert_eq!(letters(&home), "");
    // All of it or nothing: no role was given where the address is somebody else's.
    let both =
        |address: &str| home.failed(&["user", "set", "noor@example.org", "--role", "provider", "--email", address]);
    assert_eq!(both("admin@example.org"), (1, "email-taken".into()));
    assert_eq!(both("nowhere"), (1, "invalid".into()));
    let users = home.done(&["user", "list"]);
    let listed = users["accounts"].as_array().expect("accounts").iter().find(|one| one["email"] == "noor@example.org");
    assert_eq!(listed.expect("Noor")["roles"], json!(["patient"]));
    let moved = home.done(&["user", "set", "noor@example.org", "--email", " noor@new.example"]);
    assert_eq!((&moved["email"], &moved["id"]), (&json!("noor@new.example"), &noor["account"]));
    assert_eq!(moved["told"], true);
    let told = letters(&home);
    assert!(told.contains("To: noor@example.org") && told.contains("To: noor@new.example"), "{told}");
    assert_eq!(set("noor@example.org", "noor@other.example"), (1, "not-found".into()), "the old one is nobody's");
    let text = String::from_utf8(home.run(&["user", "list"]).stdout).expect("text");
    assert!(text.contains("noor@new.example") && !text.contains("noor@example.org"), "{text}");
}

#[test]
fn the_operator_lets_somebody_in_again_who_is_locked_out_and_that_stands_in_the_log() {
    let home = Home::new();
    home.user("admin@example.org", "admin");
    let noor = home.user("noor@example.org", "patient");
    let made = home.done(&["user", "reset", "noor@example.org", "--forget-factors"]);
    assert!(made["url"].as_str().is_some_and(|url| url.contains("/reset#token=")), "{made}");
    assert_eq!(made["account"], noor["account"]);
    assert_eq!(home.done(&["user", "unlock", "noor@example.org"])["account"], noor["account"]);
    assert_eq!(home.done(&["user", "sign-out", "noor@example.org"])["ended"], 0);
    home.done(&["user", "set", "noor@example.org", "--close"]);
    for command in ["reset", "unlock", "sign-out"] {
        assert_eq!(home.failed(&["user", command, "noor@example.org"]), (1, "conflict".into()), "{command}");
        assert_eq!(home.failed(&["user", command, "nobody@example.org"]), (1, "not-found".into()), "{command}");
    }
    let key = phm_core::crypto::secret::Secret::key_file(&home.path("key")).expect("a key");
    let vault = phm_core::vault::Vault::open(&home.path("data"), &key, phm_core::vault::Options::default());
    let vault = vault.expect("open");
    let session = vault.session(phm_core::access::Actor::Operator, "a test").expect("a session");
    let now = phm_core::time::Instant::now().millis();
    let (from, to) = (now - 3_600_000, now + 3_600_000);
    let (from, to) = (phm_core::time::Instant::from_millis(from), phm_core::time::Instant::from_millis(to));
    let query = phm_core::vault::IncidentQuery { from, to, account: None };
    let events = session.incident(&query).expect("the log").events;
    let done: u64 = events.iter().filter(|event| event.action == "administer").map(|event| event.count).sum();
    assert!(done >= 6, "three that were done, and three that were refused by what was found: {done}");
}

#[test]
fn an_import_says_how_it_is_taken_back_and_who_sees_whom_it_brought() {
    let home = Home::new();
    home.user("mother@example.org", "patient");
    let file = home.path("one.json");
    let patient = r#"{"resourceType":"Patient","id":"p1","name":[{"text":"Ravi Example"}]}"#;
    std::fs::write(&file, patient).expect("a file");
    let said = |args: &[&str]| String::from_utf8(home.run(args).stdout).expect("text");
    let text = said(&["import", file.to_str().expect("a path"), "--new-profile"]);
    let imports = home.done(&["import", "list"]);
    let import = imports["imports"][0]["import"].as_str().expect("an id");
    assert!(text.contains(&format!("phm import undo {import}")), "{text}");
    let people = home.done(&["profile", "list"]);
    let ravi = people["profiles"].as_array().expect("people").iter().find(|one| one["name"] == "Ravi Example");
    let ravi = ravi.expect("Ravi")["profile"].as_str().expect("an id");
    assert!(text.contains(&format!("phm profile let-in {ravi} --to EMAIL")), "{text}");
    assert!(said(&["profile", "list"]).contains("no account"));

    let to = ["--to", "mother@example.org"];
    let done = home.done(&[&["profile", "let-in", ravi][..], &to].concat());
    assert_eq!(done["relation"], "owner");
    assert!(!said(&["profile", "list"]).contains("no account"));
    assert_eq!(home.failed(&[&["profile", "let-in", ravi][..], &to].concat()), (1, "conflict".into()));
    let nobody = phm_core::id::ProfileId::new().to_string();
    assert_eq!(home.failed(&[&["profile", "let-in", &nobody][..], &to].concat()), (1, "not-found".into()));
}

#[test]
fn a_mistake_is_said_with_what_it_is_about() {
    let home = Home::new();
    let complaint = |args: &[&str]| String::from_utf8(home.run(args).stderr).expect("text");
    let missing = home.path("nowhere");
    let missing = missing.to_str().expect("a path");
    let below = format!("{missing}/x");
    for args in [
        &["--key-file", missing, "profile", "list"][..],
        &["--data-dir", missing, "profile", "list"],
        &["backup", "drill", missing],
        &["restore", missing],
        &["import", missing, "--new-profile"],
        &["plugin", "install", missing],
        &["verify", "--checkpoint", missing],
        &["export", "--profile", "library", "-o", &below],
    ] {
        assert!(complaint(args).contains(missing), "{args:?}: {}", complaint(args));
    }
    let date = complaint(&["profile", "add", "Asha Example", "--birth-date", "31-12-1999"]);
    assert!(date.contains("/birth_date: invalid-date. ") && date.contains("2026-04-03"), "{date}");
    let id = complaint(&["import", "undo", "nonsense"]);
    assert!(id.contains("nonsense") && id.contains("this is no id"), "{id}");
    let usage = home.run(&["import", "--json"]);
    let usage: Value = serde_json::from_slice(&usage.stdout).expect("one JSON document");
    assert!(usage["error"]["message"].as_str().expect("a message").contains("<PATH>"), "{usage}");

    let kept = home.path("kept.json");
    std::fs::write(&kept, "what was exported before").expect("a file");
    let nobody = phm_core::id::ProfileId::new().to_string();
    let export = ["export", "--profile", &nobody, "-o", kept.to_str().expect("a path")];
    assert_eq!(home.failed(&export), (1, "not-found".into()));
    assert_eq!(std::fs::read_to_string(&kept).expect("a file"), "what was exported before");
}

#[test]
fn the_secret_that_is_typed_goes_before_the_one_of_the_environment() {
    let home = Home::new();
    let words = home.path("words");
    std::fs::write(&words, "these words open nothing here").expect("a passphrase file");
    let words = words.to_str().expect("a path");
    assert_eq!(home.failed(&["--passphrase-file", words, "profile", "list"]), (3, "wrong-secret".into()));
    assert_eq!(home.failed(&["profile", "list", "--passphrase-file", words]), (3, "wrong-secret".into()));
    assert_eq!(home.done(&["profile", "list"])["profiles"], json!([]));
}
