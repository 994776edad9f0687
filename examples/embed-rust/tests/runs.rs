//! The program does as it says, and stays small.

use std::process::Command;

#[test]
fn it_makes_a_vault_reads_a_result_and_says_who_looked() {
    let home = tempfile::tempdir().expect("a folder");
    let run =
        || Command::new(env!("CARGO_BIN_EXE_embed-rust")).arg(home.path().join("vault")).output().expect("it runs");
    let output = run();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains(r#""value":"6.40""#) && said.contains("operator add lab-result"), "{said}");
    assert!(!run().status.success(), "an existing key is never replaced");
}

#[test]
fn it_has_less_than_forty_lines() {
    assert!(include_str!("../src/main.rs").lines().count() < 40);
}
