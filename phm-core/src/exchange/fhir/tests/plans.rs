//! Whose a resource is.

use super::*;

fn lines(resources: &[&str]) -> String {
    resources.join("\n")
}

/// What belongs to whom, for one profile per patient.
fn assigned(sources: &[Source]) -> Vec<(String, String)> {
    let plan = plan(sources);
    assert!(!plan.is_refused(), "{:?}", plan.sources());
    second_pass(&plan, sources).iter().map(|read| (read.what.clone(), owners(read))).collect()
}

fn expect(sources: &[Source], expected: &[(&str, &str)]) {
    let expected: Vec<(String, String)> =
        expected.iter().map(|(what, owners)| ((*what).to_owned(), (*owners).to_owned())).collect();
    assert_eq!(assigned(sources), expected);
}

const ANN: &str = r#"{"resourceType":"Patient","id":"ann","name":[{"given":["Ann"],"family":"Roe"}]}"#;
const BEN: &str = r#"{"resourceType":"Patient","id":"ben","name":[{"text":"Ben"}]}"#;

#[test]
fn resources_find_their_patient_across_files_and_in_any_order() {
    let observations = lines(&[
        r#"{"resourceType":"Observation","id":"1","subject":{"reference":"Patient/ben"}}"#,
        r#"{"resourceType":"Observation","id":"2","subject":{"reference":"Patient/ann/_history/3"}}"#,
    ]);
    let patients = lines(&[ANN, BEN]);
    let sources = [text("o.ndjson", observations), text("p.ndjson", patients)];
    expect(&sources, &[("Observation/1", "1"), ("Observation/2", "0"), ("Patient/ann", "0"), ("Patient/ben", "1")]);
    let plan = plan(&sources);
    assert_eq!(plan.people().len(), 2);
    assert!(plan.people()[0].body.as_deref().is_some_and(|body| body.contains("Roe")));
}

#[test]
fn what_names_no_patient_follows_who_refers_to_it_however_far() {
    let all = lines(&[
        r#"{"resourceType":"Organization","id":"o"}"#,
        r#"{"resourceType":"Practitioner","id":"p","identifier":[{"system":"npi","value":"7"}]}"#,
        r#"{"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"Practitioner/p"},"organization":{"reference":"Organization/o"}}"#,
        r#"{"resourceType":"Location","id":"unused"}"#,
        ANN,
        BEN,
        r#"{"resourceType":"Encounter","id":"e","subject":{"reference":"Patient/ann"},"participant":[{"individual":{"reference":"PractitionerRole/r"}}]}"#,
        r#"{"resourceType":"Encounter","id":"f","subject":{"reference":"Patient/ben"},"participant":[{"individual":{"reference":"Practitioner?identifier=npi|7"}}]}"#,
    ]);
    let expected = [
        ("Organization/o", "0"),
        ("Practitioner/p", "0 1"),
        ("PractitionerRole/r", "0"),
        ("Location/unused", "-"),
        ("Patient/ann", "0"),
        ("Patient/ben", "1"),
        ("Encounter/e", "0"),
        ("Encounter/f", "1"),
    ];
    expect(&[text("x.ndjson", all)], &expected);
}

#[test]
fn a_result_without_a_subject_follows_the_report_that_names_it() {
    let all = lines(&[
        ANN,
        r#"{"resourceType":"Observation","id":"lost"}"#,
        r#"{"resourceType":"Observation","id":"1"}"#,
        r#"{"resourceType":"DiagnosticReport","id":"d","subject":{"reference":"Patient/ann"},"result":[{"reference":"Observation/1"}]}"#,
    ]);
    let expected =
        [("Patient/ann", "0"), ("Observation/lost", "-"), ("Observation/1", "0"), ("DiagnosticReport/d", "0")];
    expect(&[text("x.ndjson", all)], &expected);
}

#[test]
fn what_a_patient_did_for_another_is_theirs_but_not_about_them() {
    let all = lines(&[
        ANN,
        BEN,
        r#"{"resourceType":"Observation","id":"1","code":{"text":"Weight"},"category":[{"coding":[{"code":"vital-signs"}]}],
            "effectiveDateTime":"2020","valueQuantity":{"value":3,"code":"kg"},
            "subject":{"reference":"Patient/ben"},"performer":[{"reference":"Patient/ann"}]}"#
            .replace('\n', " ")
            .as_str(),
    ]);
    let sources = [text("x.ndjson", all)];
    let plan = plan(&sources);
    let mut kinds = Vec::new();
    plan.read(&sources, 0, &mut |placed| {
        for belonging in placed.owners() {
            kinds.push((belonging.owner, placed.map(belonging, &|_, _| None).kind.name));
        }
        Ok(())
    })
    .expect("read");
    let expected = [
        (Owner::Person(0), "profile"),
        (Owner::Person(1), "profile"),
        (Owner::Person(1), "vital-sign"),
        (Owner::Person(0), "fhir-resource"),
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn a_stranger_gets_a_profile_without_a_name_and_their_record_goes_nowhere_else() {
    let all = lines(&[ANN, r#"{"resourceType":"Observation","id":"1","subject":{"reference":"Patient/zoe"}}"#]);
    let sources = [text("x.ndjson", all)];
    expect(&sources, &[("Patient/ann", "0"), ("Observation/1", "1")]);
    assert!(plan(&sources).people()[1].body.is_none());
}

#[test]
fn without_any_patient_there_is_one_profile_without_a_name() {
    let all = lines(&[
        r#"{"resourceType":"Observation","id":"1","subject":{"reference":"Patient/zoe"}}"#,
        r#"{"resourceType":"Questionnaire","id":"q"}"#,
    ]);
    expect(&[text("x.ndjson", all)], &[("Observation/1", "0"), ("Questionnaire/q", "0")]);
}

#[test]
fn several_strangers_are_not_made_one_person() {
    let about = |id: &str, who: &str| {
        format!(r#"{{"resourceType":"Observation","id":"{id}","subject":{{"reference":"{who}"}}}}"#)
    };
    let all = [
        about("1", "Patient/zoe"),
        about("2", "Patient/yan"),
        about("3", "Patient/zoe"),
        r#"{"resourceType":"Questionnaire","id":"q"}"#.to_owned(),
    ];
    let expected = [("Observation/1", "0"), ("Observation/2", "1"), ("Observation/3", "0"), ("Questionnaire/q", "-")];
    expect(&[text("x.ndjson", all.join("\n"))], &expected);
    // One of them, whether or not the reference says where they are kept.
    for (one, two) in [("Patient/zoe", "http://a.example/Patient/zoe"), ("http://a.example/Patient/zoe", "Patient/zoe")]
    {
        let all = [about("1", one), about("2", two)];
        expect(&[text("x.ndjson", all.join("\n"))], &[("Observation/1", "0"), ("Observation/2", "0")]);
    }
}

#[test]
fn a_patient_known_by_identity_keeps_their_profile() {
    let zoe = ProfileId::from_bytes([7; 16]);
    let known = |identity: &Identity| Ok((*identity == Identity::of(None, "Patient", "zoe")).then_some(zoe));
    let all = lines(&[r#"{"resourceType":"Observation","id":"1","subject":{"reference":"Patient/zoe"}}"#, ANN]);
    let sources = [text("x.ndjson", all)];
    let plan = Plan::make(&sources, Aim::NewProfiles, &known).expect("a plan");
    let profiles: Vec<_> = plan.people().iter().map(|person| person.known).collect();
    assert_eq!(profiles, [None, Some(zoe)]);
    let alone = [text("x.ndjson", r#"{"resourceType":"Observation","id":"1","subject":{"reference":"Patient/zoe"}}"#)];
    let plan = Plan::make(&alone, Aim::NewProfiles, &known).expect("a plan");
    assert_eq!(plan.people().iter().map(|person| person.known).collect::<Vec<_>>(), [Some(zoe)]);
}

#[test]
fn one_urn_in_two_bundles_means_two_people() {
    let bundle = |name: &str| {
        format!(
            r#"{{"resourceType":"Bundle","type":"transaction","entry":[
            {{"fullUrl":"urn:uuid:1","resource":{{"resourceType":"Patient","name":[{{"text":"{name}"}}]}}}},
            {{"fullUrl":"urn:uuid:2","resource":{{"resourceType":"Condition","code":{{"text":"{name}"}},"subject":{{"reference":"urn:uuid:1"}}}}}}]}}"#
        )
    };
    let sources = [text("a.json", bundle("Ann")), text("b.json", bundle("Ben"))];
    expect(&sources, &[("Patient/", "0"), ("Condition/", "0"), ("Patient/", "1"), ("Condition/", "1")]);
}

#[test]
fn references_are_read_against_the_base_of_their_entry() {
    let bundle = r#"{"resourceType":"Bundle","type":"collection","entry":[
        {"fullUrl":"http://a/Patient/1","resource":{"resourceType":"Patient","id":"1"}},
        {"fullUrl":"http://b/Patient/1","resource":{"resourceType":"Patient","id":"1"}},
        {"fullUrl":"http://b/Observation/1","resource":{"resourceType":"Observation","id":"1","subject":{"reference":"Patient/1"}}},
        {"fullUrl":"http://b/Observation/2","resource":{"resourceType":"Observation","id":"2","subject":{"reference":"http://a/Patient/1"}}},
        {"fullUrl":"resource:9","resource":{"resourceType":"Patient","id":"9"}},
        {"resource":{"resourceType":"Observation","id":"3","subject":{"reference":"resource:9"}}},
        {"resource":{"resourceType":"Observation","id":"4","subject":{"reference":"Patient?identifier=s|v"}}},
        {"fullUrl":"urn:uuid:5","resource":{"resourceType":"Patient","id":"5","identifier":[{"system":"s","value":"v"}]}},
        {"resource":{"resourceType":"Observation","id":"5","subject":{"identifier":{"system":"s","value":"v"}}}}]}"#;
    let owners: Vec<String> = assigned(&[text("b.json", bundle)]).into_iter().map(|(_, owner)| owner).collect();
    assert_eq!(owners, ["0", "1", "1", "0", "2", "2", "3", "3", "3"]);
}

#[test]
fn one_patient_in_several_versions_is_one_person_as_the_newest_says() {
    let version = |number: u32, name: &str| {
        format!(
            r#"{{"resourceType":"Patient","id":"1","meta":{{"versionId":"{number}"}},"name":[{{"text":"{name}"}}]}}"#
        )
    };
    let sources = [text("x.ndjson", format!("{}\n{}", version(10, "New"), version(9, "Old")))];
    let plan = plan(&sources);
    assert_eq!(plan.people().len(), 1);
    assert!(plan.people()[0].body.as_deref().is_some_and(|body| body.contains("New")));
    assert!(plan.repeats(&Identity::of(None, "Patient", "1")));
}

#[test]
fn two_people_with_one_id_are_told_apart_by_name_and_birthday() {
    let who = |given: &str, born: &str| {
        format!(
            r#"{{"resourceType":"Patient","id":"1","name":[{{"given":["{given}"],"family":"Rao"}}],"birthDate":"{born}"}}"#
        )
    };
    let doubted = |all: [String; 2]| {
        let mut plan = plan(&[text("x.ndjson", all.join("\n"))]);
        assert!(!plan.is_refused(), "an id is believed as long as nobody asks");
        plan.refuse_others(&[]);
        plan.other_patients().iter().map(|other| other.entry.clone()).collect::<Vec<_>>()
    };
    assert_eq!(doubted([who("Asha", "1980-02-03"), who("Ben", "2011-05-06")]), ["x.ndjson:2"]);
    assert!(doubted([who("Asha", "1980-02-03"), who("Asha", "1980-03-02")]).is_empty());
}

#[test]
fn into_one_profile_only_what_is_about_that_person() {
    let profile = ProfileId::from_bytes([1; 16]);
    let aim = |has_patient, accept_other_patient| Aim::Profile { profile, has_patient, accept_other_patient };
    let ann_is_known = |identity: &Identity| Ok((*identity == Identity::of(None, "Patient", "ann")).then_some(profile));
    let about_ann = r#"{"resourceType":"Observation","id":"1","subject":{"reference":"Patient/ann"}}"#;
    let about_ben = r#"{"resourceType":"Observation","id":"2","subject":{"reference":"Patient/ben"}}"#;
    let by_ben = r#"{"resourceType":"Observation","id":"3","subject":{"reference":"Patient/ann"},"performer":[{"reference":"Patient/ben"}]}"#;

    let refused = |resources: &[&str], has_patient, accept| {
        let sources = [text("x.ndjson", lines(resources))];
        let known: &Known<'_> = if has_patient { &ann_is_known } else { &nobody };
        let plan = Plan::make(&sources, aim(has_patient, accept), known).expect("a plan");
        assert_eq!(plan.people().len(), 1);
        assert_eq!(plan.people()[0].known, Some(profile));
        assert_eq!(plan.is_refused(), !plan.other_patients().is_empty());
        plan.other_patients().iter().map(|other| other.entry.clone()).collect::<Vec<_>>()
    };
    assert!(refused(&[ANN, about_ann], false, false).is_empty());
    assert!(refused(&[about_ben], false, false).is_empty(), "the one patient is taken to be this person");
    assert_eq!(refused(&[ANN, about_ann, about_ben], true, false), ["x.ndjson:3"]);
    assert_eq!(refused(&[about_ben], true, false), ["x.ndjson:1"]);
    assert_eq!(refused(&[ANN, BEN], false, false).len(), 2, "nobody can tell which of the two it is");
    assert!(refused(&[about_ann, by_ben], true, false).is_empty(), "what somebody else measured is about this person");
    assert!(refused(&[ANN, BEN, about_ben], true, true).is_empty());
}

#[test]
fn the_patient_resource_of_somebody_else_never_becomes_the_profile() {
    let profile = ProfileId::from_bytes([1; 16]);
    let aim = Aim::Profile { profile, has_patient: true, accept_other_patient: true };
    let known = |identity: &Identity| Ok((*identity == Identity::of(None, "Patient", "ann")).then_some(profile));
    let sources = [text("x.ndjson", lines(&[BEN, ANN]))];
    let plan = Plan::make(&sources, aim, &known).expect("a plan");
    let kinds: Vec<_> = second_pass(&plan, &sources).iter().map(|read| (read.what.clone(), read.kind)).collect();
    assert_eq!(kinds, [("Patient/ben".to_owned(), "fhir-resource"), ("Patient/ann".to_owned(), "profile")]);
}

#[test]
fn a_person_may_be_known_by_several_patient_resources() {
    let profile = ProfileId::from_bytes([1; 16]);
    let aim = Aim::Profile { profile, has_patient: true, accept_other_patient: false };
    let sources = [text("x.ndjson", lines(&[BEN, ANN]))];
    let plan = Plan::make(&sources, aim, &|_| Ok(Some(profile))).expect("a plan");
    assert!(!plan.is_refused());
    assert!(second_pass(&plan, &sources).iter().all(|read| read.kind == "profile"));
}

#[test]
fn a_kept_bundle_belongs_to_whom_it_is_about() {
    let message = r#"{"resourceType":"Bundle","id":"m","type":"message","entry":[{"resource":{"resourceType":"Observation","subject":{"reference":"Patient/ben"}}}]}"#;
    let sources = [text("x.ndjson", lines(&[ANN, BEN, message]))];
    expect(&sources, &[("Patient/ann", "0"), ("Patient/ben", "1"), ("Bundle/m", "1")]);
}
