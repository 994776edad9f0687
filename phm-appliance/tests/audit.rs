//! `phm audit` and `phm verify --checkpoint` as the program runs them, and the checkpoints a running appliance keeps.

mod stranger;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use phm_core::store::layout::{Table, rows};
use phm_core::store::{Batch, Engine, Generations, Store as _};
use serde_json::Value;
use stranger::Hash;

/// A folder with a vault in it, and more rows in its log than a tile has.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().expect("a folder"));
        std::fs::write(home.path("key"), "0123456789abcdef".repeat(4)).expect("a key file");
        home.done(&["init"]);
        home.done(&["profile", "add", "Asha Example"]);
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_phm"));
        command.args(args).env("PHM_DATA_DIR", self.path("data")).env("PHM_KEY_FILE", self.path("key"));
        command
    }

    fn run(&self, args: &[&str]) -> (i32, Value) {
        let Output { status, stdout, .. } = self.command(args).arg("--json").output().expect("the program runs");
        (status.code().expect("it ended"), serde_json::from_slice(&stdout).expect("one JSON document"))
    }

    fn done(&self, args: &[&str]) -> Value {
        let (code, value) = self.run(args);
        assert_eq!(code, 0, "{args:?}: {value}");
        value
    }

    /// `phm verify` with a checkpoint: the exit code and the reasons it names.
    fn verify(&self, checkpoint: &str) -> (i32, Vec<String>, Value) {
        let (code, value) = self.run(&["verify", "--checkpoint", &self.text(checkpoint)]);
        let reasons = value["damaged"]
            .as_array()
            .map_or(Vec::new(), |all| all.iter().filter_map(|one| one["reason"].as_str().map(str::to_owned)).collect());
        (code, reasons, value)
    }

    fn copy(&self, from: &str, to: &str) {
        assert!(Command::new("cp").arg("-a").args([self.path(from), self.path(to)]).status().expect("cp").success());
    }

    /// Every row of a table of the closed vault.
    fn rows(&self, table: Table) -> Vec<(Vec<u8>, Vec<u8>)> {
        let store = Generations::open(&self.path("data"), Engine::default(), 1 << 20).expect("the store opens");
        let (from, to) = rows(table);
        let mut found = Vec::new();
        let mut keep = |(address, value): (&[u8], &[u8])| {
            found.push((address.to_vec(), value.to_vec()));
            true
        };
        store.scan(&from, &to, &mut keep).expect("scanned");
        found
    }

    fn change(&self, changes: impl FnOnce(&mut Batch)) {
        let store = Generations::open(&self.path("data"), Engine::default(), 1 << 20).expect("the store opens");
        let mut batch = Batch::default();
        changes(&mut batch);
        store.commit(batch).expect("written");
    }
}

#[test]
fn a_checkpoint_a_proof_and_an_export_are_written_and_agree() {
    let home = Home::new();
    let printed = home.command(&["audit", "checkpoint"]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&printed.stdout).starts_with("phm.local/log/"));
    let made = home.done(&["audit", "checkpoint", "-o", &home.text("kept")]);
    let key = made["key"].as_str().expect("a key").to_owned();
    assert_eq!(home.done(&["audit", "key"])["key"], key.as_str());
    let verifier = phm_core::audit::Verifier::parse(&key).expect("a verifier key");
    let note = std::fs::read_to_string(home.path("kept")).expect("a checkpoint");
    let checkpoint = verifier.verify(&note).expect("signed");

    let proof = home.done(&["audit", "proof", "--entry", "0"]);
    let text = proof["proof"].as_str().expect("a proof");
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nindex 0\n"), "{text}");
    let (_, proven) = text.split_once("\n\n").expect("a checkpoint behind the proof");
    assert!(verifier.verify(proven).expect("signed").size >= checkpoint.size);
    assert_eq!(home.run(&["audit", "proof", "--entry", "9999"]).0, 1);
    assert_eq!(home.run(&["audit", "proof"]).0, 2);

    let grown = home.done(&["audit", "proof", "--since", &home.text("kept")]);
    assert_eq!(grown["old_size"], checkpoint.size);

    let out = home.text("log.txt");
    let exported = home.done(&["audit", "export", "-o", &out]);
    let lines = std::fs::read_to_string(home.path("log.txt")).expect("the export");
    assert_eq!(lines.lines().filter(|line| line.starts_with("row ")).count(), exported["logs"][0]["size"]);
    assert!(lines.starts_with("phm audit log 1\n") && lines.contains(&format!("log {key}\n")));
    assert!(!lines.contains("Asha"));
    let (code, refused) = home.run(&["audit", "export", "-o", &out]);
    assert_eq!((code, &refused["error"]["code"]), (1, &Value::from("not-empty")));
}

/// A proof leads where it should, and with any one hash changed it does not.
fn leads(path: &[Hash], what: &str, holds: impl Fn(&[Hash]) -> bool) {
    assert!(!path.is_empty() && holds(path), "{what}");
    for at in 0..path.len() {
        let mut bad = path.to_vec();
        bad[at][31 - at % 32] ^= 0x80;
        assert!(!holds(&bad), "{what} with hash {at} changed");
    }
    assert!(!holds(&path[1..]), "{what} without its first hash");
}

#[test]
fn the_proofs_lead_a_stranger_from_a_sealed_row_and_from_what_was_kept_to_the_signed_root() {
    let home = Home::new();
    home.done(&["audit", "checkpoint", "-o", &home.text("kept")]);
    for name in ["Omar Example", "Rosa Example"] {
        home.done(&["profile", "add", name]);
    }
    let key = home.done(&["audit", "key"])["key"].as_str().expect("a key").to_owned();
    let verifier = phm_core::audit::Verifier::parse(&key).expect("a verifier key");
    let kept = std::fs::read_to_string(home.path("kept")).expect("a checkpoint");
    let (old, old_root) = stranger::checkpoint(&kept);

    let grown = home.done(&["audit", "proof", "--since", &home.text("kept")]);
    let note = grown["checkpoint"].as_str().expect("a checkpoint");
    let (new, root) = stranger::checkpoint(note);
    verifier.verify(note).expect("signed");
    assert!(old < new, "{old} of {new}");
    assert_eq!((&grown["old_size"], &grown["size"]), (&old.into(), &new.into()));
    assert_eq!((stranger::hex_hash(&grown["old_root"]), stranger::hex_hash(&grown["root"])), (old_root, root));
    let leads_on = |path: &[Hash], kept: Hash| stranger::growth(old, new, Some(kept), path) == Some((kept, root));
    leads(&stranger::hashes(&grown), "growth", |path| leads_on(path, old_root));
    assert!(!leads_on(&stranger::hashes(&grown), stranger::leaf(b"another past")));

    let proofs = [0, old - 1, old, new - 1].map(|entry| home.done(&["audit", "proof", "--entry", &entry.to_string()]));
    home.done(&["audit", "export", "-o", &home.text("log.txt")]);
    let export = std::fs::read_to_string(home.path("log.txt")).expect("the export");
    let rows: Vec<Hash> = export.lines().filter_map(|line| line.strip_prefix("row ")).map(stranger::row).collect();
    for proof in proofs {
        let (index, path, note) = stranger::tlog_proof(proof["proof"].as_str().expect("a proof"));
        let (size, root) = stranger::checkpoint(note);
        verifier.verify(note).expect("signed");
        let leaf = rows[usize::try_from(index).expect("small")];
        assert_eq!((&proof["index"], &proof["size"]), (&index.into(), &size.into()));
        assert_eq!((stranger::hex_hash(&proof["leaf"]), stranger::hex_hash(&proof["root"])), (leaf, root));
        assert_eq!(stranger::hashes(&proof), path, "the same in JSON");
        leads(&path, &format!("row {index}"), |path| stranger::inclusion(&leaf, index, size, path) == Some(root));
        let other = stranger::leaf(b"another row");
        assert_ne!(stranger::inclusion(&other, index, size, &path), Some(root), "another row {index}");
    }
}

#[test]
fn verify_tells_what_became_of_the_log_since_a_checkpoint() {
    let home = Home::new();
    home.copy("data", "before");
    for name in ["Omar Example", "Rosa Example"] {
        home.done(&["profile", "add", name]);
    }
    home.done(&["audit", "checkpoint", "-o", &home.text("kept")]);
    let (code, reasons, report) = home.verify("kept");
    assert_eq!((code, reasons.len(), &report["checkpoint"]["standing"]), (0, 0, &Value::from("continued")));
    home.copy("data", "good");

    // An older copy of everything, as it was.
    std::fs::rename(home.path("data"), home.path("later")).expect("moved");
    home.copy("before", "data");
    let (code, reasons, report) = home.verify("kept");
    assert_eq!((code, reasons), (4, vec!["truncated".to_owned()]), "{report}");

    // The same, gone on until it is longer.
    for name in ["Else Example", "Other Example", "More Example"] {
        home.done(&["profile", "add", name]);
    }
    let (code, reasons, report) = home.verify("kept");
    assert_eq!((code, reasons), (4, vec!["fork".to_owned()]), "{report}");

    // A row edited, deleted, and moved.
    let restore = || {
        std::fs::remove_dir_all(home.path("data")).expect("removed");
        home.copy("good", "data");
    };
    restore();
    let audit = home.rows(Table::Audit);
    let (first, second) = (audit[0].clone(), audit[1].clone());
    home.change(|batch| {
        let mut edited = second.1.clone();
        edited[100] ^= 1;
        batch.replace(second.0.clone(), edited);
    });
    assert_eq!(home.verify("kept").1, ["seal"]);
    restore();
    home.change(|batch| batch.delete(second.0.clone()));
    assert_eq!(home.verify("kept").1, ["missing"]);
    restore();
    home.change(|batch| {
        batch.replace(first.0, second.1);
        batch.replace(second.0, first.1);
    });
    assert_eq!(home.verify("kept").1, ["seal", "seal"]);

    // A checkpoint that is none, or of another vault.
    restore();
    std::fs::write(home.path("kept"), "nothing").expect("written");
    let (code, report) = home.run(&["verify", "--checkpoint", &home.text("kept")]);
    assert_eq!((code, &report["error"]["code"]), (1, &Value::from("invalid-checkpoint")));
    let other = Home::new();
    other.done(&["audit", "checkpoint", "-o", &home.text("kept")]);
    let (code, report) = home.run(&["verify", "--checkpoint", &home.text("kept")]);
    assert_eq!((code, &report["error"]["code"]), (1, &Value::from("invalid-checkpoint")));
}

#[test]
fn a_full_tile_that_was_deleted_is_named() {
    let home = Home::new();
    // Each run writes rows of its own: opening, working, closing.
    let vault = phm_core::vault::Vault::open(
        &home.path("data"),
        &phm_core::crypto::secret::Secret::key_file(&home.path("key")).expect("a key file"),
        phm_core::vault::Options::default(),
    )
    .expect("the vault opens");
    for tries in 0..520 {
        vault.put_state(phm_core::id::ProfileId::SYSTEM, "job", &tries, None).expect("state");
    }
    vault.close().expect("closed");
    let tiles = home.rows(Table::Tile);
    assert_eq!(tiles.len(), 2);
    for (at, (address, value)) in tiles.into_iter().enumerate() {
        home.change(|batch| batch.delete(address.clone()));
        let (code, report) = home.run(&["verify"]);
        let named = &report["damaged"][0];
        assert_eq!((code, report["damaged"].as_array().map(Vec::len)), (4, Some(1)), "{report}");
        assert_eq!((&named["where"], &named["reason"]), (&"audit".into(), &"missing".into()));
        assert_eq!(named["entry"], format!("tile 0/{at}"));
        home.change(|batch| batch.replace(address, value));
    }
    assert_eq!(home.run(&["verify"]).0, 0);
}

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    fn start(home: &Home, folder: &Path) -> (Self, String) {
        let mut child = home
            .command(&["serve", "--listen", "127.0.0.1:0", "--json"])
            .env("PHM__AUDIT__CHECKPOINT_FOLDER", folder)
            .env("PHM__AUDIT__CHECKPOINT_ROWS", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("piped");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).expect("one line when ready");
        let ready: Value = serde_json::from_str(&line).expect("JSON");
        let address = ready["url"].as_str().expect("a url").replace("http://localhost", "127.0.0.1");
        // Whoever answers also hears when it is told to stop.
        get(&address, "/healthz");
        (Self(child), address)
    }

    /// Stops as a service manager does.
    fn stop(mut self) {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill").success());
        assert!(self.0.wait().expect("ended").success());
    }
}

/// The body of an answer to a plain request.
fn get(address: &str, path: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    answer.split_once("\r\n\r\n").expect("a body").1.to_owned()
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_running_appliance_keeps_checkpoints_and_says_when_one_contradicts_its_log() {
    let home = Home::new();
    home.copy("data", "before");
    let folder = home.path("kept");
    let (server, address) = Server::start(&home, &folder);
    eventually("a checkpoint is kept", || folder.join("checkpoint").exists());
    assert!(get(&address, "/readyz").contains(r#"{"id":"audit-checkpoints","status":"ready"}"#));
    server.stop();
    let kept = std::fs::read_to_string(folder.join("checkpoint")).expect("a checkpoint");
    let newest = std::fs::read_to_string(folder.join("checkpoints.jsonl")).expect("all of them");
    assert!(newest.lines().last().expect("a line").contains(kept.lines().nth(2).expect("a root")));
    std::fs::copy(folder.join("checkpoint"), home.path("one")).expect("copied");
    assert_eq!(home.verify("one").0, 0);

    // An older copy is put in the vault's place, and goes on otherwise.
    home.done(&["profile", "add", "Omar Example"]);
    let (server, _) = Server::start(&home, &folder);
    eventually("the newer one is kept", || {
        std::fs::read_to_string(folder.join("checkpoint")).is_ok_and(|now| now != kept)
    });
    server.stop();
    let kept = std::fs::read_to_string(folder.join("checkpoint")).expect("a checkpoint");
    std::fs::remove_dir_all(home.path("data")).expect("removed");
    home.copy("before", "data");
    let (server, address) = Server::start(&home, &folder);
    eventually("it is noticed", || {
        get(&address, "/readyz").contains(r#"{"id":"audit-checkpoints","status":"degraded"}"#)
    });
    let ready: Value = serde_json::from_str(&get(&address, "/readyz")).expect("JSON");
    assert_eq!(ready["status"], "degraded", "it works, but somebody should look");
    assert!(get(&address, "/metrics").contains("phm_audit_checkpoint_contradicted 1"));
    server.stop();
    assert_eq!(std::fs::read_to_string(folder.join("checkpoint")).expect("still there"), kept);
}
