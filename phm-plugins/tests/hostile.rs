//! What a hostile plugin tries, and how each attempt ends: with an error that names what stopped it, and the house goes on.

mod house;

use house::{House, answers, does, escaped, manifest, permission, plugin, plugin_with};
use phm_core::audit::query::AuditQuery;
use phm_plugin_api::v1::Door;
use phm_plugins::installed;
use phm_plugins::logbook;

const FINE: &str = r#"{"findings":[]}"#;

/// Runs a plugin that must be stopped, and then one that must still work.
fn stopped(more: &str, wat: &str) -> (String, Option<Door>, String) {
    let house = House::new();
    house.enable(&manifest(more), wat);
    let error = house.call().expect_err("it is stopped");
    house.enable(&manifest(""), &answers(FINE));
    house.call().expect("the house goes on");
    (error.code().to_owned(), error.door(), error.to_string())
}

fn limited(more: &str, wat: &str, found: &str) {
    let (code, door, text) = stopped(more, wat);
    assert_eq!((code.as_str(), door), ("limit-reached", Some(Door::Limit)), "{text}");
    assert!(text.contains(found), "{text}");
}

#[test]
fn an_endless_loop_runs_out_of_fuel() {
    limited("[limits]\nfuel = 1000000", &plugin("(loop $on (br $on)) (i32.const 0)"), "fuel");
}

#[test]
fn what_stopped_a_plugin_stands_in_its_log_with_the_door() {
    let house = House::new();
    house.enable(&manifest("[limits]\nfuel = 1000000"), &plugin("(loop $on (br $on)) (i32.const 0)"));
    house.call().expect_err("it is stopped");
    let lines = logbook::read(&house.vault, "probe", None).expect("a log");
    let said = lines.last().map(|line| line.message.as_str()).unwrap_or_default();
    assert!(said.contains("it used up its fuel") && said.ends_with("(stopped at: limit)"), "{said}");
}

#[test]
fn an_endless_loop_with_fuel_runs_out_of_time() {
    let more = "[limits]\nfuel = 100000000000\ntime_ms = 100";
    let began = std::time::Instant::now();
    limited(more, &plugin("(loop $on (br $on)) (i32.const 0)"), "too long");
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn every_call_about_a_person_stands_in_their_audit_with_its_version_also_one_that_was_stopped() {
    let house = House::new();
    house.enable(&manifest(""), &answers(FINE));
    house.call_about(&house.about_asha()).expect("an answer");
    house.enable(&manifest("").replace("0.1.0", "0.2.0"), &plugin("unreachable"));
    house.call_about(&house.about_asha()).expect_err("it crashed");
    let page = house.person().who_looked(house.asha, &AuditQuery::default()).expect("who looked");
    let why = |outcome: &str| {
        let mut calls = page.rows.iter().filter(|row| row.operation.as_deref() == Some("plugin"));
        calls.find(|row| row.outcome == outcome && row.actor.id == "probe").and_then(|row| row.purpose.as_deref())
    };
    assert_eq!(why("allowed"), Some("plugin probe 0.1.0: find"), "{page:?}");
    assert_eq!(why("failed"), Some("plugin probe 0.2.0: find"), "{page:?}");
}

#[test]
fn a_loop_before_the_call_is_stopped_too() {
    let begin = plugin_with("(func $begin (loop $on (br $on))) (start $begin)", "(i32.const 0)");
    limited("[limits]\nfuel = 1000000", &begin, "fuel");
    let initialize = plugin_with("(func (export \"_initialize\") (loop $on (br $on)))", "(i32.const 0)");
    limited("[limits]\nfuel = 1000000", &initialize, "fuel");
}

#[test]
fn a_memory_bomb_is_stopped_at_its_limit() {
    let bomb = plugin("(loop $on (drop (memory.grow (i32.const 16))) (br $on)) (i32.const 0)");
    limited("", &bomb, "memory");
    let at_once = plugin("(drop (memory.grow (i32.const 65535))) (i32.const 0)");
    limited("[limits]\nmemory_bytes = 1048576", &at_once, "memory");
    let at_birth = answers(FINE).replace("(memory 1)", "(memory 2000)");
    limited("", &at_birth, "memory");
}

#[test]
fn a_table_that_grows_is_stopped_at_its_limit() {
    let bomb = plugin_with(
        "(table $t 0 50000 funcref)",
        "(loop $on (drop (table.grow $t (ref.null func) (i32.const 100))) (br $on)) (i32.const 0)",
    );
    limited("", &bomb, "tables");
}

#[test]
fn a_table_without_a_maximum_is_not_installed() {
    let house = House::new();
    for table in ["(table 1 funcref)", "(table 1 100001 funcref)", "(table (export \"t\") 1 funcref)"] {
        let error = house.install(&manifest(""), &plugin_with(table, "(i32.const 0)")).expect_err("refused");
        assert_eq!(error.code(), "invalid-module", "{table}");
        assert!(error.to_string().contains("maximum"), "{error}");
    }
}

#[test]
fn a_huge_output_is_refused() {
    let at_once = plugin("(call $answer (call $alloc (i64.const 5000000))) (i32.const 0)");
    limited("", &at_once, "too large");
    let many = plugin("(loop $on (drop (call $alloc (i64.const 4000000))) (br $on)) (i32.const 0)");
    limited("", &many, "together are too large");
    let small = plugin("(loop $on (drop (call $alloc (i64.const 0))) (br $on)) (i32.const 0)");
    limited("", &small, "together are too large");
    let overflow = plugin("(drop (call $alloc (i64.const -1))) (i32.const 0)");
    limited("", &overflow, "too large");
}

#[test]
fn a_huge_input_never_reaches_the_plugin() {
    let house = House::new();
    house.enable(&manifest("[limits]\nmessage_bytes = 1000"), &answers(FINE));
    let input = serde_json::json!({"language": "x".repeat(2_000)});
    let error = house.plugins.call(&house.about_nobody(), "probe", &input, &[]).expect_err("refused");
    assert_eq!(error.code(), "limit-reached");
}

#[test]
fn a_flood_of_host_calls_is_stopped() {
    let flood = plugin("(loop $on (drop (call $call (call $input))) (br $on)) (i32.const 0)");
    limited("[limits]\nhost_calls = 50", &flood, "host calls");
    let logs = plugin("(loop $on (call $log (call $input)) (br $on)) (i32.const 0)");
    limited("[limits]\nhost_calls = 50", &logs, "host calls");
}

#[test]
fn a_flood_of_log_lines_is_cut_and_counted() {
    let house = House::new();
    let flood = does(
        "(local $n i32) (loop $on (call $log (call $input)) (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $on (i32.lt_u (local.get $n) (i32.const 900))))",
    );
    house.enable(&manifest(&format!("{}[limits]\nlog_bytes = 1000", permission("log", ""))), &flood);
    house.call().expect("a flood of lines stops no call");
    let lines = logbook::read(&house.vault, "probe", None).expect("a log");
    assert!(lines.len() < 50, "{} lines", lines.len());
    assert!(lines.last().is_some_and(|line| line.message.ends_with("lines were dropped")), "{lines:?}");
}

#[test]
fn a_log_that_was_not_granted_keeps_nothing() {
    let house = House::new();
    house.enable(&manifest(""), &does("(call $log (call $input))"));
    house.call().expect("an answer");
    assert!(logbook::read(&house.vault, "probe", None).expect("a log").is_empty());
}

#[test]
fn a_trap_is_an_error_and_its_words_are_our_own() {
    for (body, found) in [
        ("unreachable", "unreachable"),
        ("(i32.load (i32.const -4))", "outside its memory"),
        ("(i32.div_u (i32.const 1) (i32.const 0))", "arithmetic"),
        ("(drop (call $load (i64.const 99999999))) (i32.const 0)", "outside its messages"),
        ("(call $store (i64.const 0) (i32.const 1)) (i32.const 0)", "outside its messages"),
        ("(call $store (i64.const -1) (i32.const 1)) (i32.const 0)", "outside its messages"),
        ("(drop (call $call (i64.const 12345))) (i32.const 0)", "does not have"),
        ("(call $output (i64.const 16) (i64.const 4000)) (i32.const 0)", "outside its messages"),
    ] {
        let (code, _, text) = stopped("", &plugin(body));
        assert_eq!(code, "plugin-crashed", "{body}: {text}");
        assert!(text.contains(found), "{body}: {text}");
    }
    let endless = plugin_with("(func $deep (result i32) (i32.add (call $deep) (i32.const 1)))", "(call $deep)");
    assert!(stopped("", &endless).2.contains("stack"));
}

#[test]
fn an_answer_of_another_form_is_no_answer() {
    for text in
        ["", "not json", "[]", "{}", r#"{"findings":1}"#, r#"{"findings":[],"more":1}"#, "{\"findings\":[]}x", "\u{0}"]
    {
        let (code, door, _) = stopped("", &answers(text));
        assert_eq!((code.as_str(), door), ("bad-answer", Some(Door::Manifest)), "{text:?}");
    }
}

#[test]
fn a_plugin_that_says_it_failed_is_believed_and_its_words_stay_in_its_log() {
    let house = House::new();
    let fails = plugin("(call $error (call $input)) (i32.const 1)");
    house.enable(&manifest(""), &fails);
    let error = house.call().expect_err("it failed");
    assert_eq!(error.code(), "plugin-failed");
    assert!(!error.to_string().contains("language"), "{error}");
    let lines = logbook::read(&house.vault, "probe", None).expect("a log");
    assert!(lines.iter().any(|line| line.message.contains("language")), "{lines:?}");
}

#[test]
fn wasi_and_unknown_imports_are_not_installed() {
    let house = House::new();
    for (import, found) in [
        (r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))"#, "WASI"),
        (r#"(import "wasi_unstable" "random_get" (func (param i32 i32) (result i32)))"#, "WASI"),
        (r#"(import "env" "system" (func (param i32) (result i32)))"#, "do not get"),
        (r#"(import "extism:host/env" "exec" (func (param i64)))"#, "do not get"),
        (r#"(import "extism:host/user" "phm_call2" (func (param i64)))"#, "do not get"),
        (r#"(import "extism:host/env" "memory" (memory 1))"#, "do not get"),
        (r#"(import "extism:host/env" "alloc" (func (param i32) (result i32)))"#, "other types"),
    ] {
        let wat = format!("(module {import} (func (export \"find\") (result i32) (i32.const 0)))");
        let error = house.install(&manifest(""), &wat).expect_err("refused");
        assert_eq!((error.code(), error.door()), ("invalid-module", Some(Door::Manifest)), "{import}");
        assert!(error.told().contains(found) && error.told().ends_with("(stopped at: manifest)"), "{import}: {error}");
    }
}

#[test]
fn a_module_without_its_export_or_with_another_form_is_not_installed() {
    let house = House::new();
    for wat in [
        "(module)",
        "(module (func (export \"check\") (result i32) (i32.const 0)))",
        "(module (func (export \"find\") (result i64) (i64.const 0)))",
        "(module (func (export \"find\") (param i32) (result i32) (i32.const 0)))",
        "(module (memory (export \"find\") 1))",
        "(module (memory 1) (memory 1) (func (export \"find\") (result i32) (i32.const 0)))",
        "(module (memory i64 1) (func (export \"find\") (result i32) (i32.const 0)))",
        "(module (memory 1 1 shared) (func (export \"find\") (result i32) (i32.const 0)))",
    ] {
        assert_eq!(house.install(&manifest(""), wat).expect_err("refused").code(), "invalid-module", "{wat}");
    }
    for wasm in
        [b"".to_vec(), b"\0asm".to_vec(), b"(module)".to_vec(), vec![0; 4096], b"\0asm\x01\0\0\0\xff\xff".to_vec()]
    {
        let bytes = house.package_of(&manifest(""), wasm);
        assert_eq!(house.plugins.install(&house.admin(), &bytes).expect_err("refused").code(), "invalid-module");
    }
}

#[test]
fn http_and_variables_of_the_plugin_kit_are_refused() {
    for (import, call, found) in [
        (
            "\"http_request\" (func $f (param i64 i64) (result i64))",
            "(drop (call $f (i64.const 0) (i64.const 0)))",
            "http.fetch",
        ),
        ("\"var_set\" (func $f (param i64 i64))", "(call $f (i64.const 0) (i64.const 0))", "kv.put"),
    ] {
        let wat = format!(
            "(module (import \"extism:host/env\" {import}) (func (export \"find\") (result i32) {call} (i32.const 0)))"
        );
        let (code, door, text) = stopped("", &wat);
        assert_eq!((code.as_str(), door), ("not-declared", Some(Door::Manifest)), "{text}");
        assert!(text.contains(found), "{text}");
    }
}

#[test]
fn nothing_survives_from_one_call_to_the_next() {
    // Answers well only while its memory and its global are as they were in the beginning.
    let text = escaped(FINE);
    let wat = plugin_with(
        &format!("(global $calls (mut i32) (i32.const 0)) (data (i32.const 0) \"{text}\")"),
        &format!(
            "(if (i32.or (global.get $calls) (i32.load (i32.const 1000))) (then unreachable))
             (global.set $calls (i32.const 1)) (i32.store (i32.const 1000) (i32.const 1))
             (call $answer (call $message (i32.const 0) (i32.const {}))) (i32.const 0)",
            FINE.len()
        ),
    );
    let house = House::new();
    house.enable(&manifest(""), &wat);
    for _ in 0..20 {
        house.call().expect("a fresh instance");
    }
}

#[test]
fn calls_of_others_go_on_while_one_is_stuck() {
    let house = House::new();
    house.enable(
        &manifest("[limits]\nfuel = 100000000000\ntime_ms = 1500"),
        &plugin("(loop $on (br $on)) (i32.const 0)"),
    );
    let other = manifest("").replace("probe", "other");
    house.enable(&other, &answers(FINE));
    std::thread::scope(|scope| {
        let stuck = scope.spawn(|| house.call());
        let began = std::time::Instant::now();
        for _ in 0..20 {
            let input = serde_json::json!({"language": "en"});
            house.plugins.call(&house.about_nobody(), "other", &input, &[]).expect("an answer");
        }
        assert!(began.elapsed().as_millis() < 1400, "{:?}", began.elapsed());
        assert_eq!(stuck.join().expect("no panic").expect_err("stopped").code(), "limit-reached");
    });
}

#[test]
fn a_plugin_that_is_off_does_not_run() {
    let house = House::new();
    house.install(&manifest(""), &answers(FINE)).expect("installed");
    let error = house.call().expect_err("off");
    assert_eq!((error.code(), error.door()), ("not-enabled", Some(Door::Administrator)));
    installed::enable(&house.vault, &house.admin(), "probe", None).expect("enabled");
    house.call().expect("on");
    installed::disable(&house.vault, &house.admin(), "probe").expect("disabled");
    assert_eq!(house.call().expect_err("off again").code(), "not-enabled");
    assert_eq!(
        installed::enable(&house.vault, &house.admin(), "nothing", None).expect_err("none").code(),
        "not-installed"
    );
}
