//! Who may not erase, and what is not erased.

use super::*;
use crate::error::ErrorKind;

/// An account with these relations to people.
fn account(home: &Home, name: &str, roles: &[&str], relations: &[(ProfileId, &str)]) -> Session {
    let session = home.session();
    let body = json!({"email": format!("{name}@example.org"), "name": name, "roles": roles});
    let account = add(&session, ProfileId::SYSTEM, "account", &body);
    for (profile, relation) in relations {
        session.relate_account(account, *profile, relation).expect("related");
    }
    home.vault().session(Actor::Person { account }, "test").expect("signed in")
}

#[test]
fn only_the_person_whoever_keeps_their_profile_and_the_operator_erase() {
    let home = Home::new(Engine::Redb);
    let session = home.session();
    let admin = account(&home, "admin", &["admin"], &[]);
    let guardian = account(&home, "guardian", &["patient"], &[(home.asha, "guardian")]);
    let doctor = account(&home, "doctor", &["provider"], &[]);
    let owner = account(&home, "owner", &["patient"], &[(home.ravi, "owner")]);
    let condition = |session: &Session| session.permit(Action::Erase, home.asha, "condition").map(|_| ());
    for (who, refused, kind) in [
        ("an admin", &admin, ErrorKind::NotFound),
        ("somebody else's owner", &owner, ErrorKind::NotFound),
        ("a guardian", &guardian, ErrorKind::Denied),
        ("a doctor with a grant to read", &doctor, ErrorKind::Denied),
    ] {
        assert!(!refused.may_erase_profile(home.asha), "{who}");
        assert_eq!(refused.erase_profile(home.asha).expect_err(who).kind(), kind, "{who}");
        assert_eq!(condition(refused).expect_err(who).kind(), kind, "{who}");
    }
    let gate = home.vault().session(Actor::Gate, "test").expect("the gate");
    assert_eq!(gate.erase_profile(home.asha).expect_err("the gate").kind(), ErrorKind::NotFound);
    for house in [ProfileId::SYSTEM, ProfileId::LIBRARY, ProfileId::new()] {
        assert_eq!(session.erase_profile(house).expect_err("no person").kind(), ErrorKind::NotFound);
    }
    assert!(home.inner().keys.has_profile(home.asha));

    let herself = home.vault().session(Actor::Person { account: home.account }, "test").expect("signed in");
    assert!(herself.may_erase_profile(home.asha) && !herself.may_erase_profile(home.ravi));
    let report = herself.erase_profile(home.asha).expect("herself");
    assert_eq!(report.mentions.total, 0, "she may not read what her brother wrote");
    owner.erase_profile(home.ravi).expect("his keeper");
    home.verify();
}

#[test]
fn a_token_or_a_grant_that_says_erase_is_refused() {
    let home = Home::new(Engine::Redb);
    let session = home.session();
    let permit = session.permit(Action::Add, ProfileId::SYSTEM, "grant").expect("allowed");
    let grant = json!({"to": {"role": "admin"}, "profile": home.asha, "kinds": ["note"], "actions": ["erase"]});
    assert_eq!(session.add(&permit, &grant, How::Typed).expect_err("refused").kind(), ErrorKind::Invalid);
    let permit = session.permit(Action::Add, ProfileId::SYSTEM, "token").expect("allowed");
    let token = json!({"name": "t", "account": home.account, "profiles": [home.asha], "actions": ["read", "erase"]});
    assert_eq!(session.add(&permit, &token, How::Typed).expect_err("refused").kind(), ErrorKind::Invalid);
}

#[test]
fn a_damaged_head_refuses_before_anything_is_gone() {
    let mut home = Home::new(Engine::Redb);
    home.inner().committer.flush().expect("flushed");
    let address = crate::store::layout::head(&home.blinded());
    let mut head = home.inner().store.get(&address).expect("read").expect("there");
    head[60] ^= 1;
    let mut batch = crate::store::Batch::default();
    batch.replace(address, head);
    home.inner().store.commit(batch).expect("damaged");
    // What is in memory would mend it.
    home.reopen();
    assert_eq!(home.session().erase_profile(home.asha).expect_err("damaged").kind(), ErrorKind::Corrupt);
    assert!(home.inner().keys.has_profile(home.asha) && !home.inner().is_leaving(home.asha));
}

#[test]
fn a_damaged_body_keeps_nobody_from_being_erased() {
    let home = Home::new(Engine::Redb);
    let address = crate::store::layout::journal(&home.blinded(), 2, 0);
    let mut body = home.inner().store.get(&address).expect("read").expect("there");
    body[60] ^= 1;
    let mut batch = crate::store::Batch::default();
    batch.replace(address, body);
    home.inner().store.commit(batch).expect("damaged");
    assert!(!home.vault().verify(None).expect("verified").ok);
    home.session().erase_profile(home.asha).expect("erased");
    home.verify();
}
