//! A plugin alone, as an administrator looks at a stranger's package with `phm plugin validate`: the limits are the real ones.

mod house;

use std::collections::BTreeMap;

use house::{answers, does, manifest, permission, plugin};
use phm_plugins::alone::Alone;
use phm_plugins::{Package, conformance};
use serde_json::json;

fn package(toml: String, wat: &str) -> Package {
    let wasm = wat::parse_str(wat).expect("good text");
    let files = BTreeMap::from([("plugin.toml".to_owned(), toml.into_bytes()), ("plugin.wasm".to_owned(), wasm)]);
    Package::of(files).expect("a package")
}

fn alone(more: &str, wat: &str) -> Alone {
    Alone::new(&package(manifest(more), wat)).expect("a module")
}

const FLOOD: &str = "(local $n i32) (loop $on (call $log (call $input)) (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $on (i32.lt_u (local.get $n) (i32.const 900))))";

#[test]
fn a_flood_of_log_lines_is_cut_and_counted_without_a_house_too() {
    let more = format!("{}[limits]\nlog_bytes = 1000", permission("log", ""));
    let tried = alone(&more, &does(FLOOD)).call(&json!({"language": "en"}));
    tried.called.expect("a flood of lines stops no call");
    assert!(tried.lines.len() < 50, "{} lines", tried.lines.len());
    assert!(tried.lines.last().is_some_and(|(_, line)| line.ends_with("lines were dropped")), "{:?}", tried.lines);
}

#[test]
fn a_log_that_is_not_declared_keeps_nothing_without_a_house_too() {
    let tried = alone("", &does("(call $log (call $input))")).call(&json!({"language": "en"}));
    let called = tried.called.expect("an answer");
    assert_eq!((called.capabilities, tried.lines), (vec!["log".to_owned()], Vec::new()));
}

#[test]
fn what_speaks_of_records_that_there_are_not_or_crashes_breaks_the_promises_of_its_kind() {
    let broken = |kind: &str, export: &str, wat: &str| {
        let toml = manifest("").replace("\"insight\"", &format!("\"{kind}\""));
        let wat = wat.replace("(export \"find\")", &format!("(export \"{export}\")"));
        conformance::broken(&package(toml, &wat)).expect("it runs").join("\n")
    };
    let insight = |wat: &str| broken("insight", "find", wat);
    assert_eq!(insight(&answers(r#"{"findings":[{"title":"a","text":"b","records":[]}]}"#)), "");
    assert_eq!(insight(&plugin("(i32.const 1)")), "", "it may say that it cannot without a house");
    let made_up = insight(&answers(r#"{"findings":[{"title":"a","text":"b","records":["c"]}]}"#));
    assert!(made_up.contains("rests on a record that there is not"), "{made_up}");
    assert!(insight(&plugin("unreachable")).contains("crashed"));
    let assistant = |wat: &str| broken("assistant", "answer", wat);
    assert_eq!(assistant(&answers(r#"{"text":"I do not know.","citations":[]}"#)), "");
    let made_up = assistant(&answers(r#"{"text":"a","citations":[{"record":"c"}]}"#));
    assert!(made_up.contains("a record is cited that there is not"), "{made_up}");
}
