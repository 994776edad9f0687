//! The file beside a document (a FHIR Binary) while records are restricted: it is closed with the document that names it.

use std::ops::ControlFlow;

use phm_core::access::{Action, Actor, CarerRights, Kinds, Labels};
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use phm_core::time::Clock as _;
use phm_core::vault::flat::FlatQuery;
use phm_core::vault::{ExportFormat, ImportInput, ImportRequest, ImportTarget, Offer, Removed, Session, ShareState};
use serde_json::{Value, json};

use crate::practice::{HOUR, Practice, sees};

const KIND: &str = "fhir-resource";

fn patient() -> Value {
    json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Example"}]})
}

fn document(id: &str, file: &str) -> Value {
    json!({"resourceType": "DocumentReference", "id": id, "subject": {"reference": "Patient/p"},
        "date": "2020-01-01T00:00:00Z", "description": format!("Report {id}"),
        "content": [{"attachment": {"contentType": "application/pdf", "url": format!("Binary/{file}")}}]})
}

fn file(id: &str) -> Value {
    json!({"resourceType": "Binary", "id": id, "contentType": "application/pdf", "data": "JVBERi0yLjA="})
}

fn goal() -> Value {
    json!({"resourceType": "Goal", "id": "g", "subject": {"reference": "Patient/p"}})
}

/// Imports resources about one person, whose records Asha keeps.
fn import(practice: &Practice, target: ImportTarget, lines: &[Value]) -> ProfileId {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("1.ndjson");
    let text: Vec<String> = lines.iter().map(ToString::to_string).collect();
    std::fs::write(&path, text.join("\n")).expect("written");
    let request = ImportRequest {
        inputs: vec![ImportInput::Path(path)],
        target,
        owner: Some(practice.asha.account),
        dry_run: false,
        accept_other_patient: false,
    };
    let operator = practice.vault.session(Actor::Operator, "test").expect("the operator");
    let report = operator.import(&request, &mut |_| ControlFlow::Continue(())).expect("imported");
    report.imports[0].profiles[0]
}

/// The record of a kind in which `words` stand.
fn find(session: &Session, profile: ProfileId, kind: &str, words: &str) -> RecordId {
    let permit = session.permit(Action::Read, profile, kind).expect("hers");
    let rows = session.list(&permit, &Query::default()).expect("a page").items;
    rows.iter().find(|row| row.body.get().contains(words)).expect("it is there").id
}

/// Lets Ravi in for everything, and gives the doctor documents and resources with every label there is.
fn let_in(practice: &Practice, profile: ProfileId) {
    let rights = CarerRights { kinds: Kinds::All, edit: true, labels: Labels::ALL, ends_at: None };
    practice.asha().let_in(profile, practice.ravi.account, &Offer::Carer(rights)).expect("let in");
    let terms = json!({
        "to": {"account": practice.doctor.account}, "kinds": ["document", KIND], "actions": ["read", "export"],
        "labels": ["mental-health", "sexual-health", "private-note"],
    });
    practice.asha().give(profile, &terms).expect("given");
}

/// How many of the resources a session sees in a list, on the timeline, in a search and in a table.
fn seen(session: &Session, profile: ProfileId) -> [u64; 4] {
    let permit = session.permit(Action::Read, profile, KIND).expect("granted");
    let listed = session.list(&permit, &Query::default()).expect("a page").total;
    let found = |query: Query| session.timeline(profile, &[KIND], &query).expect("a page").total;
    let searched = found(Query { text: Some("binary".to_owned()), ..Query::default() });
    let query = FlatQuery { profiles: vec![profile], ..FlatQuery::default() };
    let rows = session.table(KIND, &query).expect("a table").rows();
    [listed, found(Query::default()), searched, rows.try_into().expect("a few")]
}

/// Whether a session opens the resource by itself; each door says the same.
fn opens(session: &Session, profile: ProfileId, id: RecordId) -> bool {
    let permit = session.permit(Action::Read, profile, KIND).expect("granted");
    let read = session.read(&permit, id, Removed::Show).is_ok();
    assert_eq!(session.original(&permit, id).is_ok(), read);
    assert_eq!(session.history(&permit, id).is_ok(), read);
    assert_eq!(session.shows(&permit, id), read);
    read
}

/// How many bytes of its file a document opens; none where it opens nothing.
fn opened(session: &Session, profile: ProfileId, id: RecordId) -> Option<u64> {
    let permit = session.permit(Action::Read, profile, "document").expect("granted");
    session.document(&permit, id).ok().map(|document| document.bytes)
}

/// How many files, documents and goals leave with an export.
fn leave(session: &Session, profile: ProfileId) -> [u64; 3] {
    let counts = session.export(profile, ExportFormat::Ndjson, &mut Vec::<u8>::new()).expect("an export");
    ["Binary", "DocumentReference", "Goal"].map(|name| counts.get(name).copied().unwrap_or(0))
}

#[test]
fn the_file_beside_a_restricted_document_is_closed_with_it_until_it_is_lifted() {
    let practice = Practice::new();
    let lines = [file("1"), patient(), document("d", "1"), goal()];
    let profile = import(&practice, ImportTarget::NewProfiles, &lines);
    let_in(&practice, profile);
    let (asha, doctor, ravi) = (practice.asha(), practice.doctor(), practice.ravi());
    let (binary, aim) = (find(&asha, profile, KIND, "Binary"), find(&asha, profile, KIND, "Goal"));
    let report = find(&asha, profile, "document", "Report d");
    for session in [&doctor, &ravi] {
        assert_eq!(seen(session, profile), [2, 2, 1, 2]);
        assert!(opens(session, profile, binary));
        assert_eq!(opened(session, profile, report), Some(8));
    }
    assert_eq!(leave(&doctor, profile), [1, 1, 1]);
    let open = doctor.permit(Action::Read, profile, KIND).expect("granted");

    let held = asha.restrict(profile, &json!({"records": [report]})).expect("hers").id;
    assert!(doctor.read(&open, binary, Removed::Hide).is_err(), "an open page closes");
    for session in [&doctor, &ravi] {
        assert_eq!(seen(session, profile), [1, 1, 0, 1], "the goal");
        assert!(!opens(session, profile, binary) && opens(session, profile, aim));
        assert_eq!(opened(session, profile, report), None);
    }
    assert_eq!(leave(&doctor, profile), [0, 0, 1]);
    let amend = ravi.permit(Action::Amend, profile, KIND).expect("a carer who edits");
    assert!(ravi.remove(&amend, binary, 1).is_err(), "nor is it changed");
    // Who answers for the person goes on with it.
    assert_eq!(seen(&asha, profile), [2, 2, 1, 2]);
    assert!(opens(&asha, profile, binary) && opened(&asha, profile, report) == Some(8));
    assert_eq!(leave(&asha, profile), [1, 1, 1]);

    // While something else is restricted the document alone opens its file: nobody asks what else names it.
    let other = asha.restrict(profile, &json!({"records": [aim]})).expect("hers").id;
    asha.lift_restriction(profile, held).expect("hers");
    assert!(!opens(&doctor, profile, binary) && !opens(&ravi, profile, binary));
    assert_eq!((opened(&doctor, profile, report), opened(&ravi, profile, report)), (Some(8), Some(8)));
    assert_eq!(leave(&doctor, profile), [1, 1, 0], "beside its document it leaves");
    asha.lift_restriction(profile, other).expect("hers");
    for session in [&doctor, &ravi] {
        assert_eq!(seen(session, profile), [2, 2, 1, 2]);
        assert!(opens(session, profile, binary));
    }
    // What is restricted by its own id is opened by no document.
    asha.restrict(profile, &json!({"records": [binary]})).expect("hers");
    assert_eq!((opened(&doctor, profile, report), leave(&doctor, profile)), (None, [0, 1, 1]));
}

#[test]
fn a_file_that_comes_after_its_document_was_restricted_is_closed_too_and_so_is_one_of_two_documents() {
    let practice = Practice::new();
    let lines = [patient(), document("d", "1"), document("e", "1"), goal()];
    let profile = import(&practice, ImportTarget::NewProfiles, &lines);
    let_in(&practice, profile);
    let (asha, ravi) = (practice.asha(), practice.ravi());
    let restrict = |words: &str| {
        let report = find(&asha, profile, "document", words);
        asha.restrict(profile, &json!({"records": [report]})).expect("hers").id
    };
    let (first, second) = (restrict("Report d"), restrict("Report e"));
    import(&practice, ImportTarget::Profile(profile), &[patient(), document("d", "1"), file("1")]);
    let binary = find(&asha, profile, KIND, "Binary");
    assert_eq!((sees(&asha, profile, KIND), sees(&ravi, profile, KIND)), (Ok(2), Ok(1)));
    assert!(!opens(&ravi, profile, binary));
    asha.lift_restriction(profile, first).expect("hers");
    assert!(!opens(&ravi, profile, binary), "the other one names it, too");
    asha.lift_restriction(profile, second).expect("hers");
    assert!(opens(&ravi, profile, binary));
    assert_eq!(sees(&ravi, profile, KIND), Ok(2));
}

#[test]
fn a_link_hands_out_no_file_of_a_restricted_document() {
    let practice = Practice::new();
    let profile = import(&practice, ImportTarget::NewProfiles, &[file("1"), patient(), document("d", "1"), goal()]);
    let asha = practice.asha();
    let (binary, aim) = (find(&asha, profile, KIND, "Binary"), find(&asha, profile, KIND, "Goal"));
    let report = find(&asha, profile, "document", "Report d");
    let link = |records: &[RecordId]| {
        let wanted = json!({"records": records, "expires_at": practice.clock.now().plus_millis(HOUR)});
        asha.make_share(profile, &wanted).map(|made| made.card.id).map_err(|error| error.code())
    };
    let (alone, both) = (link(&[binary]).expect("hers"), link(&[report, binary]).expect("hers"));
    let open = |id: &str| practice.vault.open_share(id, None).map(|_| ()).map_err(|error| error.code());
    assert_eq!((open(&alone), open(&both)), (Ok(()), Ok(())));

    let held = asha.restrict(profile, &json!({"records": [report]})).expect("hers").id;
    assert_eq!((open(&alone), open(&both)), (Err("not-found"), Err("not-found")));
    assert!(asha.shares(profile).expect("a list").iter().all(|card| card.state == ShareState::Revoked));
    assert_eq!(link(&[binary]), Err("invalid"));
    asha.lift_restriction(profile, held).expect("hers");
    assert_eq!((open(&alone), open(&both)), (Ok(()), Ok(())));
    // A document that is not restricted takes its file along.
    let held = asha.restrict(profile, &json!({"records": [aim]})).expect("hers").id;
    assert_eq!((open(&alone), open(&both)), (Err("not-found"), Ok(())));
    assert!(link(&[report, binary]).is_ok());
    asha.lift_restriction(profile, held).expect("hers");
    assert_eq!(open(&alone), Ok(()));
}

#[test]
fn no_rule_destroys_the_file_of_a_restricted_document() {
    let practice = Practice::new();
    let profile = import(&practice, ImportTarget::NewProfiles, &[file("1"), patient(), document("d", "1"), goal()]);
    let asha = practice.asha();
    let report = find(&asha, profile, "document", "Report d");
    practice.after(61 * 24 * HOUR);
    let due = || {
        let preview = asha.preview_retention(profile, KIND, 60).expect("a preview");
        (preview.due, preview.restricted)
    };
    assert_eq!(due(), (2, 0));
    let held = asha.restrict(profile, &json!({"records": [report]})).expect("hers").id;
    assert_eq!(due(), (1, 1), "the goal goes, the file stays");
    asha.keep_for(profile, KIND, 60).expect("hers");
    practice.after(8 * 24 * HOUR);
    practice.vault.carry_out_retention(|_| ()).expect("carried out");
    assert_eq!(sees(&asha, profile, KIND), Ok(1));
    assert_eq!(opened(&asha, profile, report), Some(8));
    asha.lift_restriction(profile, held).expect("hers");
    assert_eq!(due(), (1, 0));
}
