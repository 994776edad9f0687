//! What the user brought beside the tables: RxNorm's names, DDInter's pairs and what US labels say, where the house lends them by
//! `drugs.facts`.
//!
//! They add and never take away. A name is understood by RxNorm only where it is exactly that of a substance or a salt, and
//! the rules of the tables hold for it then as for one they know themselves; its brands are proposed like others. A pair of
//! DDInter is found where the tables find nothing as bad. A label is cited beside what was found, because its text is for
//! people.

use std::collections::BTreeMap;

use phm_plugin_sdk::Fault;
use phm_plugin_sdk::serde_json::Value;
use phm_plugin_sdk::v1::drugs::{Finding, FindingKind, Input, Medicine, Output, Proposal, Severity};

use crate::check::{Given, both, check_with, confirmed, is_local, milder};
use crate::names::{Meaning, meaning, plain};
use crate::tables::Tables;

/// How the sets are called by people, in the order in which the answer names them.
const SETS: [(&str, &str); 3] = [("rxnorm", "RxNorm"), ("ddinter", "DDInter"), ("openfda", "openFDA")];

/// A medicine and its substances.
struct Held {
    name: String,
    substances: Vec<String>,
    local: bool,
}

/// The house, asked for one name; `None` where it lends nothing.
pub type Ask<'a> = dyn FnMut(&str) -> Result<Option<Value>, Fault> + 'a;

/// What the tables say, with what the user's own data add.
pub fn add(tables: &Tables, input: &Input, mut output: Output, ask: &mut Ask<'_>) -> Result<Output, Fault> {
    let Some(first) = ask("")? else { return Ok(output) };
    let candidates = input.candidates.iter().map(|name| Medicine { name: name.clone(), ..Medicine::default() });
    let all: Vec<Medicine> = input.medications.iter().cloned().chain(candidates).collect();
    let mut given = Given::new();
    for medicine in &all {
        if !output.over.contains(&medicine.name) && !output.checked_names.contains(&medicine.name) {
            let substances = theirs(tables, medicine, &mut output, ask)?;
            if !substances.is_empty() {
                given.insert(medicine.name.clone(), substances);
            }
        }
    }
    if !given.is_empty() {
        output = Output { proposed: output.proposed, ..check_with(tables, input, &given) };
    }
    let mut held = Vec::new();
    for medicine in all.into_iter().filter(|medicine| !output.over.contains(&medicine.name)) {
        let substances = given.get(&medicine.name).cloned().unwrap_or_else(|| ours(tables, &medicine));
        if !substances.is_empty() {
            held.push(Held { local: is_local(&medicine), name: medicine.name, substances });
        }
    }
    let mut pairs: BTreeMap<String, BTreeMap<String, Severity>> = BTreeMap::new();
    let mut labels: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for substance in held.iter().flat_map(|one| &one.substances) {
        if !pairs.contains_key(substance) {
            let (of_pairs, of_labels) = said_of(tables, substance, ask)?;
            pairs.insert(substance.clone(), of_pairs);
            labels.insert(substance.clone(), of_labels);
        }
    }
    let is_known =
        |one: &Held| one.substances.iter().any(|substance| pairs.get(substance).is_some_and(|all| !all.is_empty()));
    for one in held.iter().filter(|one| is_known(one)) {
        output.nothing_known.retain(|name| *name != one.name);
    }
    for (n, a) in held.iter().enumerate() {
        for b in &held[n + 1..] {
            pair(&mut output, a, b, &pairs, &first);
            cite(tables, &mut output, a, b, &labels);
        }
    }
    for (set, name) in SETS {
        if let Some(version) = first["versions"][set].as_str() {
            output.data_version = format!("{}; {name} {version}", output.data_version);
        }
    }
    output.findings.sort_by(|a, b| {
        (a.severity, a.kind, &a.drugs, &a.mechanism).cmp(&(b.severity, b.kind, &b.drugs, &b.mechanism))
    });
    Ok(output)
}

/// The substances of a medicine that the tables know.
fn ours(tables: &Tables, medicine: &Medicine) -> Vec<String> {
    let found =
        if medicine.confirmed.is_empty() { meaning(tables, &medicine.name) } else { confirmed(tables, medicine) };
    match found {
        Meaning::Known(substances) => substances.into_iter().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// The substances of a medicine that only RxNorm knows; none where it is not sure, and then what it may be is proposed.
fn theirs(tables: &Tables, medicine: &Medicine, output: &mut Output, ask: &mut Ask<'_>) -> Result<Vec<String>, Fault> {
    if !medicine.confirmed.is_empty() {
        let mut all = Vec::new();
        for name in &medicine.confirmed {
            let (sure, _) = named(tables, name, ask)?;
            if sure.is_empty() {
                return Ok(Vec::new());
            }
            all.extend(sure);
        }
        return Ok(all);
    }
    // What the tables propose is asked of a person first.
    if output.proposed.iter().any(|proposal| proposal.from == medicine.name) {
        return Ok(Vec::new());
    }
    let (sure, perhaps) = named(tables, &medicine.name, ask)?;
    for ingredients in perhaps {
        output.proposed.push(Proposal { from: medicine.name.clone(), ingredients });
    }
    Ok(sure)
}

/// What RxNorm takes a name for: surely, and perhaps.
fn named(tables: &Tables, name: &str, ask: &mut Ask<'_>) -> Result<(Vec<String>, Vec<Vec<String>>), Fault> {
    if let Meaning::Known(substances) = meaning(tables, name) {
        return Ok((substances.into_iter().map(str::to_owned).collect(), Vec::new()));
    }
    let (mut sure, mut perhaps) = (Vec::new(), Vec::new());
    let mut asked = vec![name.to_lowercase(), plain(tables, name)];
    asked.dedup();
    for name in asked.iter().filter(|name| !name.is_empty()) {
        for row in list(ask(name)?.as_ref(), "rxnorm") {
            let ingredients: Vec<String> = words(&row["ingredients"]).map(|one| canonical(tables, one)).collect();
            if ingredients.is_empty() {
                continue;
            }
            if row["is"] == "brand" {
                perhaps.push(ingredients);
            } else {
                sure = ingredients;
            }
        }
        if !sure.is_empty() {
            return Ok((sure, Vec::new()));
        }
    }
    perhaps.dedup();
    Ok((sure, perhaps))
}

/// The name of a substance as the tables have it, or as it is written.
fn canonical(tables: &Tables, name: &str) -> String {
    match meaning(tables, name) {
        Meaning::Known(substances) if substances.len() == 1 => substances[0].to_owned(),
        _ => name.to_lowercase(),
    }
}

/// The pairs and the labels of a substance, under whichever of its names they stand.
fn said_of(
    tables: &Tables,
    substance: &str,
    ask: &mut Ask<'_>,
) -> Result<(BTreeMap<String, Severity>, Vec<Value>), Fault> {
    let alias = |(_, of): &(&&str, &Vec<&str>)| of.len() == 1 && of[0] == substance;
    let aliases = tables.known.iter().filter(alias).map(|(name, _)| (*name).to_owned());
    let (mut pairs, mut labels) = (BTreeMap::new(), Vec::new());
    for name in std::iter::once(substance.to_owned()).chain(aliases.filter(|name| name != substance)) {
        let found = ask(&name)?;
        for row in list(found.as_ref(), "ddinter") {
            if let (Some(with), Some(severity)) = (row["with"].as_str(), severity_of(&row["severity"])) {
                let kept = pairs.entry(canonical(tables, with)).or_insert(severity);
                // The worst is the least.
                *kept = severity.min(*kept);
            }
        }
        // Of several substances together a label speaks of all of them.
        let is_alone = |label: &&Value| words(&label["with"]).next().is_none();
        labels.extend(list(found.as_ref(), "openfda").filter(is_alone).cloned());
    }
    Ok((pairs, labels))
}

/// Adds what DDInter says of two medicines, where nothing as bad was found.
fn pair(output: &mut Output, a: &Held, b: &Held, pairs: &BTreeMap<String, BTreeMap<String, Severity>>, first: &Value) {
    let of = |x: &String, y: &String| pairs.get(x).and_then(|all| all.get(y)).copied();
    let mut worst: Option<(Severity, &String, &String)> = None;
    for x in &a.substances {
        for y in b.substances.iter().filter(|y| *y != x) {
            for severity in [of(x, y), of(y, x)].into_iter().flatten() {
                if worst.is_none_or(|(kept, ..)| severity < kept) {
                    worst = Some((severity, x, y));
                }
            }
        }
    }
    let Some((severity, x, y)) = worst else { return };
    let severity = if a.local || b.local { milder(severity) } else { severity };
    let drugs = names(a, b);
    let as_bad = |one: &Finding| one.drugs == drugs && one.severity <= severity;
    if output.findings.iter().any(|one| one.kind != FindingKind::Duplicate && as_bad(one)) {
        return;
    }
    let version = first["versions"]["ddinter"].as_str().unwrap_or_default();
    output.findings.push(Finding {
        kind: FindingKind::Interaction,
        drugs,
        severity,
        mechanism: format!("DDInter lists {x} and {y} as interacting; it does not say how."),
        advice: "Ask the prescriber or a pharmacist before taking them together.".to_owned(),
        source: format!("DDInter {version}, imported by the user"),
    });
}

/// Names the US label beside what was found of two medicines, where it names the other.
fn cite(tables: &Tables, output: &mut Output, a: &Held, b: &Held, labels: &BTreeMap<String, Vec<Value>>) {
    let drugs = names(a, b);
    let about = |one: &Finding| one.drugs == drugs && one.kind != FindingKind::Duplicate;
    // Labels are long, and most pairs have nothing to cite them beside.
    if !output.findings.iter().any(about) {
        return;
    }
    let mut cited = String::new();
    for (one, other) in [(a, b), (b, a)] {
        for substance in &one.substances {
            for label in labels.get(substance).into_iter().flatten() {
                let text = label["text"].as_str().unwrap_or_default().to_lowercase();
                let found = other.substances.iter().find(|name| names_in(tables, &text, name));
                if let Some(found) = found {
                    let (id, effective) = (label["set_id"].as_str(), label["effective"].as_str());
                    let (id, effective) = (id.unwrap_or_default(), effective.unwrap_or_default());
                    let cite = format!("; US label of {substance} of {effective} (openFDA, set id {id}) names {found}");
                    if !cited.contains(&cite) {
                        cited.push_str(&cite);
                    }
                }
            }
        }
    }
    for finding in output.findings.iter_mut().filter(|one| about(one)) {
        finding.source.push_str(&cited);
    }
}

/// Whether a text in lower case has a substance in it, under any of its names, as a word of its own.
fn names_in(tables: &Tables, text: &str, substance: &str) -> bool {
    let is_in = |name: &str| {
        text.match_indices(name).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + name.len()..].chars().next();
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        })
    };
    let alias = |(_, of): &(&&str, &Vec<&str>)| of.len() == 1 && of[0] == substance;
    is_in(substance) || tables.known.iter().filter(alias).any(|(name, _)| is_in(name))
}

fn names(a: &Held, b: &Held) -> Vec<String> {
    both(&a.name, &b.name)
}

fn list<'v>(answer: Option<&'v Value>, set: &str) -> impl Iterator<Item = &'v Value> {
    answer.and_then(|answer| answer[set].as_array()).into_iter().flatten()
}

fn words(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn severity_of(value: &Value) -> Option<Severity> {
    match value.as_str()? {
        "major" => Some(Severity::Major),
        "moderate" => Some(Severity::Moderate),
        "minor" => Some(Severity::Minor),
        _ => None,
    }
}
