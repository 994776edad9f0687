//! What the house keeps about the erased, and what it keeps about others.

use std::ops::ControlFlow;

use super::*;
use crate::model::Sample;
use crate::time::Instant;
use crate::vault::Offer;
use crate::vault::series::rows::blind;

#[test]
fn an_account_that_keeps_the_records_of_others_stays_without_its_own_profile() {
    let home = Home::new(Engine::Sled);
    let session = home.session();
    session.relate_account(home.account, home.ravi, "guardian").expect("related");
    let report = session.erase_profile(home.asha).expect("erased");
    assert_eq!((report.ended.accounts.len(), &report.ended.kept_accounts[..]), (0, &[home.account][..]));
    let own = home.vault().session(Actor::Person { account: home.account }, "test").expect("she still signs in");
    assert!(own.profiles().expect("people").iter().all(|card| card.profile == home.ravi));
    assert!(home.vault().own_profile(home.account).expect("read").is_none());
    assert!(home.vault().state::<Value>(ProfileId::SYSTEM, "sign-in").expect("read").is_some());
    home.verify();
}

#[test]
fn the_name_of_a_file_goes_from_the_library_and_what_it_brought_for_everybody_stays() {
    let home = Home::new(Engine::Redb);
    let session = home.session();
    let path = home.dir.path().join("meena-kaur.json");
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient", "id": "m", "name": [{"text": "Meena Kaur"}]}},
        {"resource": {"resourceType": "Practitioner", "id": "d", "name": [{"text": "Dr Example"}]}},
    ]});
    std::fs::write(&path, bundle.to_string()).expect("an input");
    let request = crate::vault::ImportRequest {
        inputs: vec![crate::vault::ImportInput::Path(path)],
        target: crate::vault::ImportTarget::NewProfiles,
        owner: None,
        dry_run: false,
        accept_other_patient: false,
    };
    let report = session.import(&request, &mut |_| ControlFlow::Continue(())).expect("imported");
    let meena = *report.imports[0].profiles.iter().find(|id| id.is_person()).expect("a person");
    let titles = || {
        let library = home.inner().open_profile(ProfileId::LIBRARY).expect("open");
        let index = crate::vault::records::read_lock(&library);
        index.entries().map(|entry| entry.title().to_owned()).collect::<Vec<_>>()
    };
    assert!(titles().iter().any(|title| title.contains("meena-kaur")), "{:?}", titles());
    let imports = session.imports().expect("a list").len();
    session.erase_profile(meena).expect("erased");
    assert!(!titles().iter().any(|title| title.contains("meena")), "{:?}", titles());
    let permit = session.permit(Action::Read, ProfileId::LIBRARY, "fhir-resource").expect("allowed");
    assert_eq!(session.list(&permit, &Query::default()).expect("a page").total, 1, "the practitioner");
    assert_eq!(session.imports().expect("a list").len(), imports - 1);
    home.verify();
}

#[test]
fn the_profile_that_made_room_goes_with_whoever_took_their_records_over() {
    let home = Home::new(Engine::Redb);
    let session = home.session();
    let email = json!({"email": "meena@example.org", "name": "Meena Kaur", "roles": ["patient"]});
    let account = add(&session, ProfileId::SYSTEM, "account", &email);
    let name = json!({"name": {"text": "Meena Kaur"}});
    let before = session.add_own_profile(&name, account).expect("a profile of her own").profile;
    let born = json!({"name": {"text": "Meena Kaur"}, "birth_date": "1990-05-04"});
    let meena = session.add_profile(&born, None).expect("a person").profile;
    session.let_in(meena, account, &Offer::Myself).expect("handed over");
    assert!(home.inner().keys.has_profile(before), "it is out of reach, and still there");
    let own = home.vault().session(Actor::Person { account }, "test").expect("she signs in");
    let report = own.erase_profile(meena).expect("erased");
    assert_eq!(report.ended.accounts, [account]);
    assert!(!home.inner().keys.has_profile(meena) && !home.inner().keys.has_profile(before));
    home.verify();
}

#[test]
fn a_person_of_whom_nothing_was_written_is_erased_as_well() {
    let home = Home::new(Engine::Redb);
    let nobody = ProfileId::new();
    home.inner().keys.add_profiles(&[nobody]).expect("a key");
    let report = home.session().erase_profile(nobody).expect("erased");
    assert_eq!(report.removed.entries, 0);
    assert!(!home.inner().keys.has_profile(nobody));
    home.verify();
}

#[test]
fn what_only_a_restriction_says_of_somebody_opens_no_more() {
    let home = Home::new(Engine::Redb);
    let session = home.session();
    let meena = session.add_profile(&json!({"name": {"text": "Meena"}}), None).expect("a person").profile;
    session.restrict(meena, &json!({"everything": true, "reason": "disputed"})).expect("the operator may");
    let was = home.inner().keys.profile_epochs(ProfileId::SYSTEM);
    let report = session.erase_profile(meena).expect("erased");
    assert_eq!((report.ended.relations, report.ended.grants), (0, 0), "nothing else names her");
    let now = home.inner().keys.profile_epochs(ProfileId::SYSTEM);
    assert!(now.iter().all(|epoch| !was.contains(epoch)), "the key that opened it is gone: {was:?} {now:?}");
    home.verify();
}

/// A series of Asha's with samples, and how it appears in addresses.
fn series(home: &Home) -> (RecordId, Blinded) {
    let session = home.session();
    let id = add(&session, home.asha, "series", &json!({"concept": "Heart rate", "unit": "/min"}));
    let permit = session.permit(Action::Add, home.asha, "series").expect("allowed");
    for day in 0..3_i64 {
        let sample = |at: i64| Sample::new(Instant::from_millis(at * 60_000), "72".parse().expect("a decimal"));
        let samples: Vec<Sample> = (day * 1000..day * 1000 + 500).map(sample).collect();
        session.append_samples(&permit, id, &samples, &How::Device).expect("added");
    }
    (id, blind(&home.inner().keys, home.asha, id))
}

fn rows_of_series(home: &Home, blinded: &Blinded) -> usize {
    bodies(home.inner(), Table::Series, blinded, 35, &|_| Vec::new()).len()
}

#[test]
fn the_samples_of_a_series_go_with_their_person_and_with_their_series() {
    let home = Home::new(Engine::Redb);
    let (_, blinded) = series(&home);
    assert!(rows_of_series(&home, &blinded) > 0);
    home.session().erase_profile(home.asha).expect("erased");
    assert_eq!(rows_of_series(&home, &blinded), 0);
    home.verify();

    let home = Home::new(Engine::Redb);
    let ((id, blinded), (_, kept)) = (series(&home), series(&home));
    let before = rows_of_series(&home, &kept);
    let session = home.session();
    let permit = session.permit(Action::Erase, home.asha, "series").expect("allowed");
    amend(&session, home.asha, "series", id, 1, &json!({"concept": "Heart rate", "unit": "/min", "source": "Watch"}));
    session.rectify(&permit, id, Keep::Newest).expect("its first version");
    assert!(rows_of_series(&home, &blinded) > 0, "the samples stay with the newest version");
    home.verify();
    let mut plan = session.begin_rectifying(&permit, id, Keep::Nothing).expect("begun");
    home.verify();
    session.carry_out(&mut plan).expect("rectified");
    assert_eq!((rows_of_series(&home, &blinded), rows_of_series(&home, &kept)), (0, before));
    home.verify();
}
