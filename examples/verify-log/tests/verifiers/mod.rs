//! Asks both verifiers that know nothing of PHM, this program and the one in Python, and holds them to one answer.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What they say of an export and of the checkpoints behind it: the first word, `ok` where nothing is wrong, and the whole
/// line of this program. The one in Python is asked where `PHM_TEST_PYTHON` names an interpreter that has `cryptography`.
pub fn say(files: &[PathBuf]) -> (String, String) {
    let ours = Command::new(env!("CARGO_BIN_EXE_phm-verify-log")).args(files).output().expect("it runs");
    let word = first_word(&ours);
    if let Some(python) = std::env::var_os("PHM_TEST_PYTHON") {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify_log.py");
        let theirs = Command::new(python).arg("-B").arg(script).args(files).output().expect("it runs");
        assert_eq!(word, first_word(&theirs), "{theirs:?}");
    } else {
        eprintln!("SKIPPED: PHM_TEST_PYTHON names no interpreter; the verifier in Python was not asked");
    }
    (word, String::from_utf8(ours.stdout).expect("text"))
}

/// The word before the colon of what a verifier prints, and `ok` only with exit code 0.
fn first_word(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let word = text.split([':', '\n']).next().unwrap_or_default();
    let word = if word.is_empty() { "ok" } else { word };
    assert_eq!(word == "ok", output.status.success(), "{text}");
    word.to_owned()
}
