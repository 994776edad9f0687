//! The scenario vectors: steps with a name, arguments and what is expected, which the bindings run too.
//!
//! An object that is expected names the fields that matter, a list all of its entries. A number written as text (`"68.633"`)
//! is compared with as many digits after the point as it has: half a unit of the last is allowed. Everything else is
//! compared as it is. A name that does not exist fails.
//!
//! Steps of one file that need a vault share a new one. What a step answers may be called by a name (`"as"`), and later steps
//! name a part of it (`"$asha/profile"`).

mod house;

use std::path::{Path, PathBuf};

use phm_core::Result;
use phm_core::analytics::{OPS, call};
use phm_core::vault::{self, Vault};
use serde_json::{Map, Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

/// Why an answer is not what is expected, with the place.
fn differs(expected: &Value, found: &Value, at: &str) -> Option<String> {
    let other = || Some(format!("{at}: expected {expected}, found {found}"));
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => expected
            .iter()
            .find_map(|(name, value)| differs(value, found.get(name).unwrap_or(&Value::Null), &format!("{at}/{name}"))),
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            expected.iter().zip(found).enumerate().find_map(|(index, (a, b))| differs(a, b, &format!("{at}/{index}")))
        }
        (Value::String(a), Value::String(b)) if a != b => match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(x), Ok(y)) => {
                let digits = a.split_once('.').map_or(0, |(_, digits)| digits.len());
                let half = 0.5 * 10_f64.powi(-i32::try_from(digits).expect("few digits"));
                ((x - y).abs() > half + 1e-9).then(other).flatten()
            }
            _ => other(),
        },
        (a, b) if a == b => None,
        _ => other(),
    }
}

/// What the steps of one file share.
#[derive(Default)]
struct Run {
    /// The vault and its folder, which goes when nothing is written any more.
    vault: Option<(Vault, tempfile::TempDir)>,
    answers: Map<String, Value>,
}

impl Run {
    fn call(&mut self, op: &str, args: &Value) -> Result<Value> {
        if !vault::call::OPS.contains(&op) {
            return call(op, args);
        }
        let (vault, _) = self.vault.get_or_insert_with(|| {
            let home = tempfile::tempdir().expect("a folder");
            let vault = house::create(&home.path().join("vault"));
            (vault, home)
        });
        let answer = vault.call(&house::operator(vault), op, args)?;
        Ok(serde_json::from_str(&answer).expect("an answer is JSON"))
    }

    /// A value with the parts of earlier answers that it names.
    fn filled(&self, value: &Value) -> Value {
        match value {
            Value::String(text) if text.starts_with('$') => {
                let (name, _) = text[1..].split_once('/').unwrap_or((&text[1..], ""));
                self.answers[name].pointer(&text[1 + name.len()..]).cloned().unwrap_or(Value::Null)
            }
            Value::Array(list) => list.iter().map(|one| self.filled(one)).collect(),
            Value::Object(fields) => fields.iter().map(|(name, one)| (name.clone(), self.filled(one))).collect(),
            _ => value.clone(),
        }
    }
}

/// Runs one step; says what went wrong.
fn run(run: &mut Run, step: &Value) -> Option<String> {
    let op = step["op"].as_str()?;
    let answer = run.call(op, &run.filled(&step["args"]));
    if let (Some(name), Ok(answer)) = (step["as"].as_str(), &answer) {
        run.answers.insert(name.to_owned(), answer.clone());
    }
    let expected = step.get("expect").map(|expected| run.filled(expected));
    match (&expected, &step.get("error"), answer) {
        (Some(expected), None, Ok(found)) => differs(expected, &found, op),
        (None, Some(expected), Err(error)) => {
            let found = json!({"kind": format!("{:?}", error.kind()), "details": error.details()});
            differs(expected, &found, op)
        }
        (_, _, Ok(found)) => Some(format!("{op}: refused was expected, found {found}")),
        (_, _, Err(error)) => Some(format!("{op}: {:?} {:?}", error.code(), error.details())),
    }
}

fn files() -> Vec<(String, Value)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder()).expect("the folder of vectors") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|end| end == "json") {
            let text = std::fs::read_to_string(&path).expect("a file");
            files.push((path.display().to_string(), serde_json::from_str(&text).expect("JSON")));
        }
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    files
}

#[test]
fn every_scenario_does_as_it_says() {
    let (mut steps, mut wrong) = (0, Vec::new());
    for (path, file) in files() {
        assert!(file["name"].is_string(), "{path} has a name");
        let mut shared = Run::default();
        for (index, step) in file["steps"].as_array().expect("steps").iter().enumerate() {
            steps += 1;
            let known = |op: &str| OPS.contains(&op) || vault::call::OPS.contains(&op) || step.get("error").is_some();
            assert!(step["op"].as_str().is_some_and(known), "{path} step {index}: {}", step["op"]);
            wrong.extend(run(&mut shared, step).map(|why| format!("{path} step {index}: {why}")));
        }
    }
    assert!(wrong.is_empty(), "{} of {steps}: {wrong:#?}", wrong.len());
    assert!(steps > 500, "{steps}");
}

#[test]
fn the_comparison_notices_a_wrong_answer() {
    assert!(differs(&json!("68.633"), &json!("68.6334"), "").is_none());
    assert!(differs(&json!("68.633"), &json!("68.6336"), "").is_some());
    assert!(differs(&json!({"a": null}), &json!({}), "").is_none());
    assert!(differs(&json!([1]), &json!([1, 2]), "").is_some());
    assert!(differs(&json!("normal"), &json!("elevated"), "").is_some());
    assert!(run(&mut Run::default(), &json!({"op": "guess", "args": {}, "expect": {}})).is_some());
}

#[test]
fn every_calculator_has_a_vector() {
    let all = call("calculators", &json!({})).expect("a list");
    let used: Vec<String> = files()
        .iter()
        .flat_map(|(_, file)| file["steps"].as_array().expect("steps").clone())
        .filter_map(|step| step["args"]["name"].as_str().map(str::to_owned))
        .collect();
    for one in all.as_array().expect("a list") {
        let name = one["name"].as_str().expect("a name");
        assert!(used.iter().any(|used| used == name), "{name}");
    }
}
