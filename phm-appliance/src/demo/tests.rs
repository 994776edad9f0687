//! What holds for every household.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn household() -> Household {
    Household::new(Options::household(jiff::civil::date(2026, 11, 22)))
}

fn all(household: &Household) -> Vec<Entry> {
    household.people().enumerate().flat_map(|(at, _)| household.entries(at).collect::<Vec<_>>()).collect()
}

fn amounts(entries: &[Entry], code: &str) -> Vec<(String, String)> {
    let of_code = entries.iter().filter(|entry| entry.body["concept"]["codes"][0]["code"] == code);
    let mut amounts: Vec<_> = of_code
        .map(|entry| (&entry.body["collected_at"], &entry.body["quantity"]["value"]))
        .map(|(at, value)| (at.as_str().unwrap_or_default().into(), value.as_str().unwrap_or_default().into()))
        .collect();
    amounts.sort();
    amounts
}

#[test]
fn the_same_options_give_the_same_household() {
    let print = |household: &Household| format!("{:?}{:?}", household.people().collect::<Vec<_>>(), all(household));
    assert_eq!(print(&household()), print(&household()));
    let other = Household::new(Options { seed: 2, ..Options::household(jiff::civil::date(2026, 11, 22)) });
    assert_ne!(print(&household()), print(&other));
}

#[test]
fn four_people_of_three_generations_live_in_it() {
    let people: Vec<_> = household().people().collect();
    let births: Vec<_> =
        people.iter().map(|one| one.profile["birth_date"].as_str().expect("a day")[..4].to_owned()).collect();
    assert_eq!(births, ["1954", "1981", "1984", "2017"]);
    assert_eq!(people.iter().map(|one| one.relation).collect::<Vec<_>>(), ["carer", "carer", "self", "guardian"]);
}

#[test]
fn the_grandmothers_hba1c_falls_from_over_nine_to_below_seven() {
    let entries: Vec<_> = household().entries(0).collect();
    let values: Vec<f64> =
        amounts(&entries, "4548-4").iter().map(|(_, value)| value.parse().expect("a number")).collect();
    assert!((35..=42).contains(&values.len()), "{} values", values.len());
    assert_eq!((values.first(), values.last()), (Some(&9.2), Some(&6.8)));
    let sum = |part: &[f64]| part.iter().sum::<f64>();
    assert!(sum(&values[..9]) > sum(&values[9..18]) + 3.0, "{values:?}");
    assert!(sum(&values[9..18]) > sum(&values[values.len() - 9..]) + 8.0, "{values:?}");
}

#[test]
fn the_child_is_vaccinated_and_grows() {
    let entries: Vec<_> = household().entries(3).collect();
    assert!(entries.iter().filter(|entry| entry.kind == "immunization").count() >= 30);
    let mut heights: Vec<(&str, f64)> = entries
        .iter()
        .filter(|entry| entry.body["concept"]["codes"][0]["code"] == "8302-2")
        .map(|entry| (&entry.body["measured_at"], &entry.body["quantity"]["value"]))
        .map(|(at, value)| (at.as_str().expect("a moment"), value.as_str().expect("text").parse().expect("a number")))
        .collect();
    heights.sort_by(|one, other| one.0.cmp(other.0));
    assert!(heights.windows(2).all(|two| two[0].1 < two[1].1), "{heights:?}");
    assert!(heights[0].1 < 52.0 && heights.last().is_some_and(|last| last.1 > 130.0));
}

#[test]
fn every_reference_leads_to_a_record_of_the_same_person() {
    for at in 0..4 {
        let entries: Vec<_> = household().entries(at).collect();
        let ids: BTreeSet<String> = entries.iter().map(|entry| entry.id.to_string()).collect();
        assert_eq!(ids.len(), entries.len(), "ids are unique");
        let mut references = 0;
        for entry in &entries {
            for field in ["medication", "panel", "document", "visit"] {
                if let Some(id) = entry.body[field].as_str() {
                    assert!(ids.contains(id), "{field} of a {}", entry.kind);
                    references += 1;
                }
            }
        }
        assert!(references > 3, "person {at} has {references} references");
    }
}

#[test]
fn nothing_but_appointments_lies_after_the_last_day() {
    for entry in all(&household()) {
        let text = entry.body.to_string();
        let ahead = (23..=30).any(|day| text.contains(&format!("2026-11-{day}T"))) || text.contains("\"2026-12");
        let planned = ["appointment", "care-plan", "insurance", "prescription"].contains(&entry.kind);
        assert!(!ahead || planned, "a {} lies ahead", entry.kind);
    }
    let upcoming = all(&household()).iter().filter(|entry| entry.body["status"] == "booked").count();
    assert!(upcoming >= 5);
}

#[test]
fn most_kinds_of_record_occur() {
    let mut kinds = BTreeMap::new();
    for entry in all(&household()) {
        *kinds.entry(entry.kind).or_insert(0) += 1;
    }
    for kind in [
        "visit",
        "condition",
        "allergy",
        "medication",
        "dose",
        "prescription",
        "lab-result",
        "vital-sign",
        "immunization",
        "procedure",
        "family-history",
        "document",
        "appointment",
        "symptom-report",
        "message",
        "care-plan",
        "insurance",
        "device",
        "note",
    ] {
        assert!(kinds.contains_key(kind), "no {kind} in {kinds:?}");
    }
}

#[test]
fn a_load_has_exactly_the_records_and_samples_asked_for() {
    let today = jiff::civil::date(2026, 11, 22);
    for records in [0, 5, 700, 3000] {
        let load = Household::new(Options {
            profiles: 6,
            records: Some(records),
            samples: Some(50),
            ..Options::household(today)
        });
        for (at, _) in load.people().enumerate() {
            assert_eq!(load.entries(at).count() as u64, records);
            assert_eq!(load.samples(at).count(), 50);
        }
    }
}

#[test]
fn a_shorter_demo_leaves_out_what_lies_before_it() {
    let today = jiff::civil::date(2026, 11, 22);
    let short = Household::new(Options { years: 2, ..Options::household(today) });
    for entry in all(&short).iter().filter(|entry| entry.kind == "visit") {
        assert!(entry.body["start"].as_str().is_some_and(|start| start >= "2024-11"), "{}", entry.body["start"]);
    }
}

#[test]
fn documents_are_files_that_say_what_they_are() {
    let documents: Vec<_> = all(&household()).into_iter().filter(|entry| entry.kind == "document").collect();
    assert!(documents.len() >= 10);
    for document in documents {
        let content = document.content.expect("a document has a file");
        assert!(content.starts_with(b"%PDF-1.4") && content.ends_with(b"%%EOF\n"));
    }
}

#[test]
fn every_body_obeys_the_rules_of_its_kind() {
    let today = jiff::civil::date(2026, 11, 22);
    let large =
        Household::new(Options { profiles: 8, records: Some(2500), samples: Some(10), ..Options::household(today) });
    let kinds = phm_core::model::Kinds::standard();
    let check = |kind: &str, body: &Value| {
        let info = kinds.get(kind).unwrap_or_else(|| panic!("no kind {kind}"));
        (info.check)(body).map(|_| ()).map_err(|details| format!("{kind}: {details:?} in {body}"))
    };
    let mut wrong = BTreeSet::new();
    for (at, person) in large.people().enumerate() {
        wrong.extend(check("profile", &person.profile).err());
        wrong.extend(large.entries(at).filter_map(|entry| check(entry.kind, &entry.body).err()));
    }
    let first: Vec<_> = wrong.iter().take(12).collect();
    assert!(wrong.is_empty(), "{} bodies break a rule: {first:#?}", wrong.len());
}

fn vault(folder: &std::path::Path) -> phm_core::vault::Vault {
    let options = phm_core::vault::Options { cost: phm_core::crypto::kdf::Cost::FLOOR, ..Default::default() };
    let secret = phm_core::crypto::secret::Secret::passphrase("a passphrase for tests");
    phm_core::vault::Vault::create(folder, &[secret], options).expect("a vault").0
}

#[test]
fn the_household_is_written_with_its_references() {
    use phm_core::access::{Action, Actor};
    let folder = tempfile::tempdir().expect("a folder");
    let vault = vault(folder.path());
    let session = vault.session(Actor::Operator, "demo").expect("a session");
    let options = Options::household(jiff::civil::date(2026, 11, 22));
    let made = fill(&session, options, None).expect("written");
    assert_eq!(made.profiles.len(), 4);
    assert_eq!(made.records, all(&household()).len() as u64);

    let grandmother = made.profiles[0];
    let list = |kind: &str| {
        let permit = session.permit(Action::Read, grandmother, kind).expect("the operator may");
        let query = phm_core::index::Query { per_page: 200, ..Default::default() };
        let page = session.list(&permit, &query).expect("listed");
        page.items.iter().map(|one| (one.id, serde_json::from_str(one.body.get()).expect("JSON"))).collect::<Vec<_>>()
    };
    let medications: BTreeSet<String> = list("medication").iter().map(|(id, _)| id.to_string()).collect();
    let doses: Vec<(RecordId, Value)> = list("dose");
    assert!(doses.len() > 50);
    assert!(doses.iter().all(|(_, dose)| medications.contains(dose["medication"].as_str().expect("an id"))));
    let documents: BTreeSet<String> = list("document").iter().map(|(id, _)| id.to_string()).collect();
    let on_paper: BTreeSet<String> =
        list("lab-result").iter().filter_map(|(_, result)| result["document"].as_str().map(Into::into)).collect();
    assert!(!on_paper.is_empty() && on_paper.is_subset(&documents));
}

#[test]
fn samples_are_written_for_whoever_they_are_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let vault = vault(folder.path());
    let session = vault.session(phm_core::access::Actor::Operator, "demo").expect("a session");
    let household = Options { profiles: 2, years: 1, ..Options::household(jiff::civil::date(2026, 11, 22)) };
    let own = fill(&session, household, None).expect("filled");
    assert!((2000..20_000).contains(&own.samples), "{} samples of one adult", own.samples);
    assert_eq!(vault.stats().expect("counted").samples, own.samples);
    // More than one write takes, and a history too short for its series.
    for (records, samples) in [(Some(40), 12_345), (Some(0), 7)] {
        let load = Options { profiles: 1, records, samples: Some(samples), ..household };
        let before = vault.stats().expect("counted").samples;
        assert_eq!(fill(&session, load, None).expect("filled").samples, samples);
        assert_eq!(vault.stats().expect("counted").samples, before + samples);
    }
    let none = Options { profiles: 2, samples: Some(0), years: 1, ..household };
    assert_eq!(fill(&session, none, None).expect("filled").samples, 0);
    assert!(vault.verify(None).expect("verified").ok);
}
