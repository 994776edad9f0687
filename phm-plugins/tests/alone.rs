//! A plugin alone, as an administrator looks at a stranger's package with `phm plugin validate`: the limits are the real ones.

mod house;

use std::collections::BTreeMap;

use house::{does, manifest, permission};
use phm_plugins::Package;
use phm_plugins::alone::Alone;
use serde_json::json;

fn alone(more: &str, wat: &str) -> Alone {
    let wasm = wat::parse_str(wat).expect("good text");
    let files = BTreeMap::from([("plugin.toml".to_owned(), manifest(more).into()), ("plugin.wasm".to_owned(), wasm)]);
    Alone::new(&Package::of(files).expect("a package")).expect("a module")
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
