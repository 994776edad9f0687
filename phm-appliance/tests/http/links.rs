//! A link to chosen records, opened by a program that knows nothing of PHM, and what the server has of it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use poem::http::Method;
use serde_json::{Value, json};

use crate::house::{Home, Person};

/// A word that stands in the record and nowhere else.
const MARK: &str = "Zirconiumferritin";

/// A house with pages, a person with one result, and a link to it: the link and its id.
async fn with_link(change: Value) -> (Home, Person, String, String) {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    let result = json!({"concept": MARK, "quantity": {"value": "30", "unit": "ng/mL"}});
    let made = home.post("/api/v1/profiles/me/lab-results", Some(&asha), result).await.data();
    let soon = phm_core::time::Instant::now().plus_millis(3_600_000);
    let mut wanted = json!({"records": [made["id"]], "expires_at": soon});
    wanted.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
    let made = home.post("/api/v1/profiles/me/shares", Some(&asha), wanted).await.data();
    let of = |name: &str| made[name].as_str().expect("a text").to_owned();
    let (link, id) = (of("url"), of("id"));
    (home, asha, link, id)
}

/// What `examples/open-link` makes of a link and the server's answer; nothing where there is no interpreter for it.
fn opened(link: &str, answer: &[u8]) -> Option<Output> {
    let Some(python) = std::env::var_os("PHM_TEST_PYTHON") else {
        eprintln!("SKIPPED: PHM_TEST_PYTHON names no interpreter");
        return None;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/open-link/open_link.py");
    let mut command = Command::new(python);
    command.arg("-B").arg(script).args([link, "--sealed", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    child.stdin.take().expect("a pipe").write_all(answer).expect("written");
    Some(child.wait_with_output().expect("it ends"))
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn holds(text: &[u8], word: &str) -> bool {
    text.windows(word.len()).any(|part| part == word.as_bytes())
}

#[tokio::test]
async fn the_link_and_the_servers_bytes_are_all_a_program_needs_and_the_server_alone_has_nothing() {
    let (home, _, link, id) = with_link(json!({"passcode": "4711"})).await;
    let (_, key) = link.split_once('#').expect("a key");
    let open = async |passcode: &str| home.post(&format!("/s/{id}"), None, json!({"passcode": passcode})).await;
    let wrong = open("0000").await;
    assert!(!wrong.status.is_success() && !wrong.text().contains("jwe"), "no ciphertext without the passcode");
    let answer = open("4711").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!answer.text().contains(MARK));

    if let Some(output) = opened(&link, &answer.bytes) {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let bundle: Value = serde_json::from_slice(&output.stdout).expect("FHIR");
        assert_eq!(bundle["resourceType"], "Bundle");
        assert!(holds(&output.stdout, MARK), "{bundle}");
        // Another key, and an answer that was changed by one letter, open nothing.
        let (place, _) = link.split_once('#').expect("a key");
        let other = format!("{place}#{}", "A".repeat(43));
        assert!(!opened(&other, &answer.bytes).expect("an interpreter").status.success());
        let mut changed = answer.json()["jwe"].as_str().expect("a JWE").to_owned();
        let at = changed.rfind('.').expect("parts") - 3;
        let letter = if changed.as_bytes()[at] == b'A' { "B" } else { "A" };
        changed.replace_range(at..=at, letter);
        let changed = json!({"jwe": changed}).to_string();
        assert!(!opened(&link, changed.as_bytes()).expect("an interpreter").status.success());
    }

    // Nothing the server keeps holds a word of it in clear, nor the key.
    let kept = files(&home.house.settings.data_dir);
    assert!(kept.len() > 3, "the vault was found");
    for file in kept {
        let bytes = std::fs::read(&file).expect("a file");
        assert!(!holds(&bytes, MARK) && !holds(&bytes, key), "{}", file.display());
    }
}

#[tokio::test]
async fn after_five_wrong_passcodes_in_all_a_link_is_dead_for_everybody() {
    let (home, asha, _, id) = with_link(json!({"passcode": "4711"})).await;
    let open = async |passcode: &str| {
        let reply = home.post(&format!("/s/{id}"), None, json!({"passcode": passcode})).await;
        (reply.status.as_u16(), reply.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    for passcode in ["0000", "0001", "0002", "0003"] {
        assert_eq!(open(passcode).await.1, "wrong-passcode");
    }
    assert_eq!(open("4711").await.0, 200, "the right one takes no try and gives none back");
    assert_eq!(open("0004").await.1, "wrong-passcode");
    assert_eq!(open("4711").await, (404, "not-found".to_owned()));
    assert_eq!(home.act(Method::GET, &format!("/s/{id}"), None, &[]).await.status, 404);
    let listed = home.get("/api/v1/profiles/me/shares", Some(&asha)).await.data();
    assert_eq!(listed[0]["state"], "locked");
}
