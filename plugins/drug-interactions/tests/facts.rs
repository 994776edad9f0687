//! The facts: the list every record system should warn of, the pairs the plans name, and that every row says whence it is.

use phm_plugin_drug_interactions::{Tables, check};
use phm_plugin_sdk::v1::drugs::{Finding, FindingKind, Input, Medicine, Named, Output, Severity};

fn medicine(name: &str) -> Medicine {
    Medicine { name: name.to_owned(), ..Medicine::default() }
}

fn confirmed(name: &str, substances: &[&str]) -> Medicine {
    Medicine { confirmed: substances.iter().map(|one| (*one).to_owned()).collect(), ..medicine(name) }
}

fn run(medications: Vec<Medicine>) -> Output {
    let tables = Tables::read().expect("whole tables");
    check(&tables, &Input { medications, today: Some("2026-11-28".into()), ..Input::default() })
}

fn pair(a: &str, b: &str) -> Output {
    run(vec![medicine(a), medicine(b)])
}

fn worst(output: &Output) -> Option<&Finding> {
    output.findings.first()
}

/// A pair of each row of the ONC list (Phansalkar et al., JAMIA 2012;19:735, table 2), by substance and by brand.
const ONC: [(u8, &str, &str, &str, &str); 15] = [
    (1, "methylphenidate", "phenelzine", "Ritalin", "Nardil"),
    (2, "atazanavir", "esomeprazole", "Reyataz", "Nexium"),
    (3, "azathioprine", "febuxostat", "Imuran", "Uloric"),
    (4, "sertraline", "tranylcypromine", "Zoloft", "Parnate"),
    (5, "irinotecan", "clarithromycin", "Camptosar", "Biaxin"),
    (6, "pethidine", "phenelzine", "Demerol", "Nardil"),
    (7, "amitriptyline", "phenelzine", "Elavil", "Nardil"),
    (8, "azithromycin", "ondansetron", "Azithral", "Emeset"),
    (9, "ramelteon", "fluvoxamine", "Rozerem", "Luvox"),
    (10, "atazanavir", "carbamazepine", "Reyataz", "Tegrital"),
    (11, "simvastatin", "clarithromycin", "Zocor", "Biaxin"),
    (12, "ergotamine", "ritonavir", "Cafergot", "Kaletra"),
    (13, "tizanidine", "ciprofloxacin", "Tizan", "Ciplox"),
    (14, "tranylcypromine", "procarbazine", "Parnate", "Matulane"),
    (15, "sumatriptan", "phenelzine", "Imitrex", "Nardil"),
];

#[test]
fn all_fifteen_pairs_alert_in_both_orders_by_substance() {
    for (row, a, b, ..) in ONC {
        for output in [pair(a, b), pair(b, a)] {
            let finding = worst(&output).unwrap_or_else(|| panic!("pair {row}: {a}, {b}"));
            assert_eq!(finding.severity, Severity::Contraindicated, "pair {row}: {finding:?}");
            assert!(finding.source.contains(&format!("pair {row} ")), "pair {row}: {finding:?}");
            assert_eq!((output.checked, output.total), (2, 2));
        }
        assert_eq!(pair(a, b).findings, pair(b, a).findings, "pair {row}");
    }
}

#[test]
fn all_fifteen_pairs_alert_by_brand_once_the_proposal_is_confirmed_and_not_before() {
    for (row, _, _, a, b) in ONC {
        let before = pair(a, b);
        assert_eq!((before.checked, before.findings.len()), (0, 0), "pair {row}");
        assert_eq!(before.not_checked, [a, b], "pair {row}");
        let proposed = |name: &str| {
            let one: Vec<_> = before.proposed.iter().filter(|one| one.from == name).collect();
            assert_eq!(one.len(), 1, "{name}: {one:?}");
            one[0].ingredients.iter().map(String::as_str).collect::<Vec<_>>()
        };
        let (x, y) = (confirmed(a, &proposed(a)), confirmed(b, &proposed(b)));
        for both in [vec![x.clone(), y.clone()], vec![y, x]] {
            let output = run(both);
            let onc = output.findings.iter().find(|one| one.source.contains(&format!("pair {row} ")));
            assert!(onc.is_some_and(|one| one.severity == Severity::Contraindicated), "pair {row}: {output:?}");
        }
    }
}

#[test]
fn every_member_of_a_class_alerts() {
    let tables = Tables::read().expect("whole tables");
    for (class, other, row) in [("mao inhibitors", "sertraline", 4), ("strong cyp3a inhibitors", "simvastatin", 11)] {
        let members: Vec<_> = tables.known.keys().filter(|name| tables.is_of(name, class)).collect();
        assert!(members.len() >= 5, "{class}");
        for member in members {
            let output = pair(member, other);
            assert!(
                output.findings.iter().any(|one| one.source.contains(&format!("pair {row} "))),
                "{member}: {output:?}"
            );
        }
    }
}

#[test]
fn the_pairs_of_the_plans_are_found_as_they_say() {
    for (a, b, severity) in [
        ("bupropion", "phenelzine", Some(Severity::Contraindicated)),
        ("atorvastatin 10 mg", "omeprazole 20", None),
        ("phenytoin", "etofylline + theophylline", Some(Severity::Moderate)),
        ("aspirin 75", "acenocoumarol 2 mg", Some(Severity::Major)),
        ("sildenafil", "isosorbide mononitrate", Some(Severity::Contraindicated)),
        ("metformin", "paracetamol", None),
        ("warfarin sodium", "diclofenac sodium", Some(Severity::Major)),
        ("clopidogrel", "pantoprazole", None),
        ("clopidogrel", "omeprazole", Some(Severity::Major)),
    ] {
        let output = pair(a, b);
        assert_eq!(worst(&output).map(|one| one.severity), severity, "{a}, {b}: {output:?}");
        assert_eq!(output.checked, 2, "{a}, {b}");
    }
    assert!(!worst(&pair("bupropion", "phenelzine")).expect("found").source.contains("pair"), "not one of the fifteen");
    let twice =
        run(vec![confirmed("Combiflam", &["ibuprofen", "paracetamol"]), confirmed("Dolo 650", &["paracetamol"])]);
    let duplicate = twice.findings.iter().find(|one| one.kind == FindingKind::Duplicate).expect("paracetamol twice");
    assert!(duplicate.mechanism.contains("paracetamol"));
}

#[test]
fn what_is_unknown_is_said_and_counted() {
    let output = pair("Xyzabc", "warfarin");
    assert_eq!((output.checked, output.total, output.not_checked.as_slice()), (1, 2, ["Xyzabc".to_owned()].as_slice()));
    let five = ["metformin", "Xyzabc", "warfarin", "Qwertol", "paracetamol"].map(medicine);
    let output = run(five.into());
    assert_eq!((output.checked, output.total, output.not_checked.len()), (3, 5, 2), "3 of 5 checked");
    assert!(output.proposed.is_empty());
}

#[test]
fn every_medicine_stands_in_one_list_and_what_no_rule_is_about_is_said() {
    let stopped = Medicine { stopped_on: Some("2026-01-01".into()), ..medicine("phenelzine") };
    let output = run(vec![medicine("furosemide"), medicine("warfarin"), medicine("Xyzabc"), stopped]);
    assert_eq!(output.checked_names, ["furosemide", "warfarin"]);
    assert_eq!(output.nothing_known, ["furosemide"], "no rule of the tables is about it");
    assert_eq!((output.not_checked, output.over), (vec!["Xyzabc".to_owned()], vec!["phenelzine".to_owned()]));
    assert_eq!((output.checked, output.total), (2, 3));
}

#[test]
fn two_medicines_that_were_written_as_one_are_checked_against_each_other() {
    for written in ["sildenafil and isosorbide mononitrate", "isosorbide mononitrate 20 mg + sildenafil 50 mg"] {
        let output = run(vec![medicine(written)]);
        let finding = worst(&output).unwrap_or_else(|| panic!("{written}"));
        assert_eq!(
            (finding.severity, finding.drugs.as_slice()),
            (Severity::Contraindicated, [written.to_owned()].as_slice())
        );
    }
    assert!(run(vec![confirmed("Combiflam", &["ibuprofen", "paracetamol"])]).findings.is_empty());
}

#[test]
fn an_allergy_that_is_not_understood_is_said() {
    let tables = Tables::read().expect("whole tables");
    let names = ["Augmentin", "peanut", "Penicillin", "aspirin allergy"];
    let allergies = names.map(|name| Named { name: name.into(), codes: Vec::new() }).into();
    let output = check(&tables, &Input { medications: vec![medicine("amoxicillin")], allergies, ..Input::default() });
    assert_eq!(output.allergies_not_checked, ["Augmentin", "peanut"], "a brand is proposed and never assumed");
}

/// A name with one error: another letter, one of the other name in its place, one left out, two that changed places.
fn wrong_ways(name: &str, other: &str) -> Vec<String> {
    let mut all = Vec::new();
    for at in 0..name.len() {
        let (before, after) = (&name[..at], &name[at + 1..]);
        all.extend([format!("{before}q{after}"), format!("{before}{after}")]);
        all.extend(other.get(at..=at).map(|letter| format!("{before}{letter}{after}")));
        all.extend(after.get(..1).map(|next| format!("{before}{next}{}{}", &name[at..=at], &after[1..])));
    }
    all.retain(|wrong| wrong != name);
    all
}

#[test]
fn a_name_that_is_equally_near_to_two_is_a_question_about_both() {
    let output = run(vec![medicine("quiniine")]);
    let asked: Vec<_> = output.proposed.iter().map(|one| one.ingredients.join("+")).collect();
    assert_eq!((output.checked, asked), (0, vec!["quinidine".to_owned(), "quinine".to_owned()]));
}

#[test]
fn names_that_look_alike_are_never_taken_for_each_other() {
    let tables = Tables::read().expect("whole tables");
    let (_, text) =
        phm_plugin_drug_interactions::FILES.iter().find(|(file, _)| *file == "look-alike.tsv").expect("a file");
    let mut pairs = 0;
    for line in text.lines().skip(1) {
        let names: Vec<&str> = line.split('\t').next().expect("names").split('/').collect();
        for name in &names {
            for other in names.iter().filter(|other| *other != name) {
                pairs += 1;
                let output = run(vec![medicine(name), medicine(other)]);
                assert!(
                    output.findings.iter().all(|one| !one.mechanism.contains("the same substance twice")),
                    "{name}, {other}"
                );
                // One wrong letter asks; it is never read as the other, and not as the one that was meant.
                for wrong in wrong_ways(name, other) {
                    let same =
                        |wrong: &str| tables.known.get(wrong).is_some_and(|of| tables.known.get(*name) == Some(of));
                    if same(&wrong) {
                        continue;
                    }
                    let output = check(&tables, &Input { medications: vec![medicine(&wrong)], ..Input::default() });
                    assert_eq!((output.checked, output.findings.len()), (0, 0), "{wrong}");
                }
            }
        }
    }
    assert!(pairs > 40, "{pairs} pairs");
}

#[test]
fn every_name_of_the_tables_is_understood_also_where_it_looks_like_a_form() {
    let tables = Tables::read().expect("whole tables");
    for name in tables.known.keys() {
        assert_eq!(run(vec![medicine(name)]).checked, 1, "{name}");
    }
    assert_eq!(run(vec![medicine(" Penicillin  G ")]).checked, 1, "its G is no gram");
    let misread = run(vec![medicine("Metf0rmin hydrochloride 5OOmg")]);
    assert_eq!(misread.proposed.first().map(|one| one.ingredients.join("+")).as_deref(), Some("metformin"));
}

#[test]
fn names_as_ocr_reads_them_are_proposed_only() {
    for (written, ingredients) in [
        ("Metf0rmin 5OOmg", &["metformin"][..]),
        ("Paracetmol", &["paracetamol"]),
        ("Amlodlpine 5", &["amlodipine"]),
        ("AUGMENTIN 625 DUO", &["amoxicillin", "clavulanic acid"]),
        ("Tab. Telma-H", &["telmisartan", "hydrochlorothiazide"]),
        ("Inj. Monocef 1g", &["ceftriaxone"]),
        ("T. Ecosprin AV 75", &["aspirin", "atorvastatin"]),
        ("Glycomet GP 2", &["metformin", "glimepiride"]),
        ("गोली Dolo 650", &["paracetamol"]),
    ] {
        let output = run(vec![medicine(written)]);
        assert_eq!((output.checked, output.not_checked.as_slice()), (0, [written.to_owned()].as_slice()));
        assert_eq!(output.proposed.len(), 1, "{written}: {output:?}");
        assert_eq!(output.proposed[0].ingredients, ingredients, "{written}");
    }
}

#[test]
fn synonyms_and_salts_are_the_same_substance() {
    for (a, b) in [
        ("acetaminophen", "paracetamol"),
        ("albuterol", "salbutamol"),
        ("glyburide", "glibenclamide"),
        ("divalproex sodium", "valproate"),
        ("diclofenac sodium 50 mg", "Tab diclofenac potassium"),
        ("rifampin", "RIFAMPICIN"),
        ("co-trimoxazole", "sulfamethoxazole + trimethoprim"),
        ("Simvastatin 10 MG Oral Tablet [Zocor]", "simvastatin"),
        ("24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet", "metformin"),
    ] {
        let output = pair(a, b);
        assert!(output.findings.iter().any(|one| one.mechanism.contains("twice")), "{a}, {b}: {output:?}");
    }
    assert_eq!(run(vec![medicine("potassium chloride")]).checked, 1, "a salt that is the medicine itself");
}

#[test]
fn a_medicine_that_was_stopped_still_counts_while_it_works() {
    let stopped = |name: &str, on: &str| Medicine { stopped_on: Some(on.into()), ..medicine(name) };
    let with = |other: Medicine| run(vec![medicine("sertraline"), other]);
    assert!(worst(&with(stopped("phenelzine", "2026-11-20"))).is_some(), "eight days ago");
    let over = with(stopped("phenelzine", "2026-11-01"));
    assert_eq!((over.findings.len(), over.total), (0, 1), "27 days ago");
    let fluoxetine = |on: &str| run(vec![medicine("phenelzine"), stopped("fluoxetine", on)]);
    assert!(worst(&fluoxetine("2026-10-30")).is_some() && worst(&fluoxetine("2026-10-01")).is_none());
    assert!(
        worst(&with(stopped("phenelzine", "some day"))).is_some(),
        "a day nobody can read is no reason to be silent"
    );
}

#[test]
fn what_is_put_on_the_skin_counts_less_and_is_not_dropped() {
    let gel = Medicine { route: Some("Topical".into()), ..medicine("diclofenac gel") };
    let output = run(vec![medicine("warfarin"), gel]);
    assert_eq!(worst(&output).map(|one| one.severity), Some(Severity::Moderate));
}

#[test]
fn too_much_of_one_substance_is_added_up() {
    let dose = |name: &str, mg: &str, times: &str| Medicine {
        strength_mg: Some(mg.into()),
        per_day: Some(times.into()),
        ..medicine(name)
    };
    let two = run(vec![dose("paracetamol", "1000", "3"), dose("acetaminophen", "650", "2")]);
    assert!(
        two.findings.iter().any(|one| one.kind == FindingKind::DoseSum && one.mechanism.contains("4300")),
        "{two:?}"
    );
    let one = run(vec![dose("paracetamol", "1000", "4")]);
    assert!(one.findings.is_empty(), "4 g is the most, not too much: {one:?}");
}

#[test]
fn an_allergy_to_a_substance_its_class_or_a_relative_is_found() {
    let tables = Tables::read().expect("whole tables");
    let with = |allergy: &str, drug: &str| {
        let allergies = vec![Named { name: allergy.into(), codes: Vec::new() }];
        check(&tables, &Input { medications: vec![medicine(drug)], allergies, ..Input::default() })
    };
    for (allergy, drug, severity) in [
        ("Penicillin", "amoxicillin", Some(Severity::Contraindicated)),
        ("penicillin allergy", "ceftriaxone", Some(Severity::Moderate)),
        ("amoxicillin", "ampicillin", Some(Severity::Contraindicated)),
        ("sulfa", "co-trimoxazole", Some(Severity::Contraindicated)),
        ("aspirin", "ibuprofen", Some(Severity::Major)),
        ("aspirin", "aspirin 75 mg", Some(Severity::Contraindicated)),
        ("peanut", "amoxicillin", None),
        ("penicillin", "azithromycin", None),
    ] {
        let output = with(allergy, drug);
        assert_eq!(worst(&output).map(|one| one.severity), severity, "{allergy}, {drug}: {output:?}");
        assert!(output.findings.iter().all(|one| one.kind == FindingKind::Allergy));
    }
}

#[test]
fn every_row_of_every_table_has_a_source_and_a_version() {
    let mut read = 0;
    for (file, text) in phm_plugin_drug_interactions::FILES {
        let mut lines = text.lines();
        let head: Vec<&str> = lines.next().expect("a head").split('\t').collect();
        let at =
            |name: &str| head.iter().position(|field| *field == name).unwrap_or_else(|| panic!("{file}: no {name}"));
        let (source, version) = (at("source"), at("version"));
        for (n, line) in lines.enumerate() {
            let fields: Vec<&str> = line.split('\t').collect();
            assert_eq!(fields.len(), head.len(), "{file}, row {n}");
            assert!(fields[source].len() > 10, "{file}, row {n}: {}", fields[source]);
            assert!(fields[version].starts_with("20"), "{file}, row {n}");
            read += 1;
        }
    }
    assert!(read > 900, "{read} rows");
}

#[test]
fn every_side_of_a_rule_is_a_known_substance_or_a_class_with_members() {
    let tables = Tables::read().expect("whole tables");
    for rule in &tables.rules {
        for side in [rule.a, rule.b] {
            let members = tables.known.keys().filter(|name| tables.is_on(name, side)).count();
            assert!(members > 0, "{}: {side:?}", rule.name);
        }
    }
}
