//! What the user's own data add to the tables, and that they take nothing away.

use phm_plugin_drug_interactions::{Tables, add, check};
use phm_plugin_sdk::Fault;
use phm_plugin_sdk::serde_json::{Value, json};
use phm_plugin_sdk::v1::drugs::{FindingKind, Input, Medicine, Named, Output, Severity};

/// What a house with the three sets says of a name.
fn said(name: &str) -> Value {
    let (rxnorm, ddinter, openfda) = match name {
        "fluticasone" => (json!([{"is": "substance", "ingredients": ["fluticasone"]}]), json!([]), json!([])),
        // A salt of a substance that the tables know, under a name that they do not.
        "qqqqzzz" => (json!([{"is": "salt", "ingredients": ["warfarin"]}]), json!([]), json!([])),
        "flonase" => (json!([{"is": "brand", "ingredients": ["fluticasone"]}]), json!([]), json!([])),
        "apremilast" => (
            json!([{"is": "substance", "ingredients": ["apremilast"]}]),
            json!([{"with": "rifampin", "severity": "moderate"}, {"with": "rifampin", "severity": "major"}]),
            json!([{"set_id": "s1", "effective": "20240105", "with": [], "text": "Rifampin: do not use."}]),
        ),
        // DDInter and labels name it as in the US; the tables as WHO does.
        "rifampin" => (json!([]), json!([{"with": "apremilast", "severity": "major"}]), json!([])),
        "acetaminophen" | "ibuprofen" => (json!([]), json!([{"with": "warfarin", "severity": "minor"}]), json!([])),
        _ => (json!([]), json!([]), json!([])),
    };
    let versions = json!({"rxnorm": "2026-11", "ddinter": "2", "openfda": "2026-11"});
    json!({"versions": versions, "rxnorm": rxnorm, "ddinter": ddinter, "openfda": openfda})
}

fn of(names: &[&str]) -> (Input, Output) {
    let medications = names.iter().map(|name| Medicine { name: (*name).to_owned(), ..Medicine::default() }).collect();
    let input = Input { medications, today: Some("2026-11-28".into()), ..Input::default() };
    let output = check(&Tables::read().expect("whole tables"), &input);
    (input, output)
}

fn run(names: &[&str]) -> Output {
    let (input, output) = of(names);
    add(&Tables::read().expect("whole tables"), &input, output, &mut |name: &str| Ok(Some(said(name)))).expect("facts")
}

#[test]
fn a_substance_of_rxnorm_is_understood_and_its_brand_is_proposed() {
    let output = run(&["Fluticasone 50 mcg", "Flonase", "Xyzabc"]);
    assert_eq!((output.checked, output.total), (1, 3));
    assert_eq!(output.checked_names, ["Fluticasone 50 mcg"]);
    assert_eq!(output.nothing_known, ["Fluticasone 50 mcg"], "a name alone says nothing of what it does");
    assert_eq!(output.not_checked, ["Flonase", "Xyzabc"]);
    let proposed: Vec<_> = output.proposed.iter().filter(|one| one.from == "Flonase").collect();
    assert_eq!((proposed.len(), proposed[0].ingredients.as_slice()), (1, ["fluticasone".to_owned()].as_slice()));
    assert!(output.data_version.ends_with("; RxNorm 2026-11; DDInter 2; openFDA 2026-11"), "{}", output.data_version);
}

#[test]
fn a_pair_of_ddinter_is_found_in_both_orders_under_any_name_with_its_worst_level_and_the_label_beside_it() {
    for names in [["apremilast", "rifampicin"], ["rifampicin", "apremilast"]] {
        let output = run(&names);
        assert_eq!((output.checked, output.findings.len()), (2, 1), "{output:?}");
        let finding = &output.findings[0];
        assert_eq!(
            (finding.severity, finding.drugs.as_slice()),
            (Severity::Major, ["apremilast".to_owned(), "rifampicin".to_owned()].as_slice())
        );
        assert!(finding.source.starts_with("DDInter 2"), "{finding:?}");
        assert!(finding.source.contains("US label of apremilast of 20240105"), "{finding:?}");
        assert!(output.nothing_known.is_empty(), "{output:?}");
    }
}

#[test]
fn the_rules_of_the_tables_hold_for_what_only_rxnorm_understands() {
    let of = |output: &Output| -> Vec<_> {
        output.findings.iter().map(|one| (one.kind, one.severity, one.mechanism.clone())).collect()
    };
    let (own, theirs) = (run(&["warfarin", "ibuprofen"]), run(&["qqqqzzz", "ibuprofen"]));
    assert!(!own.findings.is_empty());
    assert_eq!(of(&theirs), of(&own));
    assert_eq!((theirs.checked, theirs.total, theirs.nothing_known.len()), (2, 2, 0), "{theirs:?}");
    let twice = run(&["qqqqzzz", "warfarin"]);
    assert!(twice.findings.iter().any(|one| one.kind == FindingKind::Duplicate), "{twice:?}");
}

#[test]
fn an_allergy_to_what_only_rxnorm_understands_is_found() {
    let tables = Tables::read().expect("whole tables");
    let (mut input, _) = of(&["apremilast"]);
    input.allergies = vec![Named { name: "Apremilast allergy".to_owned(), ..Named::default() }];
    let output = add(&tables, &input, check(&tables, &input), &mut |name: &str| Ok(Some(said(name)))).expect("facts");
    let found = output.findings.iter().find(|one| one.kind == FindingKind::Allergy);
    assert_eq!(found.map(|one| one.severity), Some(Severity::Contraindicated), "{output:?}");
    assert!(output.allergies_not_checked.is_empty(), "{output:?}");
}

#[test]
fn what_the_tables_find_stays_and_is_not_said_twice_in_a_milder_way() {
    let (_, alone) = of(&["warfarin", "ibuprofen"]);
    let both = run(&["warfarin", "ibuprofen"]);
    assert_eq!(both.findings, alone.findings);
    let more = run(&["warfarin", "paracetamol"]);
    let found = more.findings.iter().find(|one| one.source.starts_with("DDInter"));
    assert!(found.is_none_or(|one| one.severity == Severity::Minor), "{more:?}");
    let (_, alone) = of(&["warfarin", "paracetamol"]);
    assert!(alone.findings.iter().all(|one| more.findings.contains(one)), "nothing is taken away");
}

#[test]
fn a_house_that_lends_nothing_leaves_the_tables_alone_and_lost_facts_are_no_answer() {
    let tables = Tables::read().expect("whole tables");
    let (input, output) = of(&["warfarin", "Fluticasone"]);
    let same = add(&tables, &input, output.clone(), &mut |_: &str| Ok(None)).expect("the tables alone");
    assert_eq!(same, output);
    let gone = add(&tables, &input, output, &mut |_: &str| Err(Fault::new("facts-changed")));
    assert!(gone.is_err());
}
