//! The manual of the core and README name commands of the program: each of them exists.

use std::collections::BTreeSet;
use std::process::Command;

/// The commands a text names: the words behind `phm` up to the first that is no subcommand.
fn commands(text: &str) -> BTreeSet<Vec<String>> {
    let code = text.split('`').skip(1).step_by(2).flat_map(str::lines).chain(text.lines());
    let named = code.filter_map(|line| line.trim().strip_prefix("phm "));
    let is_word =
        |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && !word.starts_with('-');
    named.map(|rest| rest.split_whitespace().take_while(is_word).map(str::to_owned).collect()).collect()
}

#[test]
fn every_command_the_manual_names_is_one() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../phm-core/src/manual");
    let mut found = BTreeSet::new();
    for file in std::fs::read_dir(folder).expect("the manual") {
        let path = file.expect("a chapter").path();
        if path.extension().is_some_and(|ending| ending == "md") {
            found.extend(commands(&std::fs::read_to_string(path).expect("a chapter")));
        }
    }
    let readme = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    found.extend(commands(&std::fs::read_to_string(readme).expect("the page of the project")));
    found.retain(|command| !command.is_empty());
    assert!(found.len() > 8, "{found:?}");
    for command in found {
        let help = Command::new(env!("CARGO_BIN_EXE_phm")).args(&command).arg("--help").output().expect("it runs");
        assert!(help.status.success(), "phm {} is no command", command.join(" "));
    }
}
