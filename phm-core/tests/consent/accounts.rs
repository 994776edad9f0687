//! Whoever runs the house.

use phm_core::ErrorKind;

use crate::practice::{Practice, UNKNOWN, person, sees, somebody};

#[test]
fn an_admin_manages_accounts_and_the_last_one_stays() {
    let practice = Practice::new();
    let admin = somebody(&practice.vault, "admin", "admin");
    let session = person(&practice.vault, admin);
    assert_eq!(practice.asha().accounts().expect_err("no admin").kind(), ErrorKind::Denied);
    assert!(practice.asha().change_account(admin.account, None, Some(false)).is_err());
    assert_eq!(session.accounts().expect("a list").len(), 4);
    assert_eq!(sees(&session, practice.asha.profile, "lab-result"), UNKNOWN, "an admin sees no content");
    let roles = |words: &str| serde_json::from_str(words).expect("roles");
    for (roles, active) in [(Some(roles(r#"["patient"]"#)), None), (None, Some(false))] {
        assert_eq!(session.change_account(admin.account, roles, active).expect_err("the last").code(), "last-admin");
    }
    assert_eq!(
        session.change_account(practice.ravi.account, Some(roles("[]")), None).expect_err("none").kind(),
        ErrorKind::Invalid
    );
    assert_eq!(session.erase_profile(admin.profile).expect_err("the last").code(), "last-admin");
    session.change_account(practice.ravi.account, Some(roles(r#"["admin","patient"]"#)), None).expect("a second");
    session.change_account(admin.account, None, Some(false)).expect("closed");
    assert_eq!(session.accounts().expect_err("out at once").kind(), ErrorKind::Denied);
    let ravi = practice.ravi();
    assert_eq!(
        ravi.change_account(practice.ravi.account, None, Some(false)).expect_err("the last").code(),
        "last-admin"
    );
    let card = ravi.change_account(admin.account, None, Some(true)).expect("opened");
    assert!(card.active && card.roles.contains(phm_core::access::Role::Admin));
    let names: Vec<_> =
        practice.asha().acquaintances(practice.asha.profile).expect("a list").into_iter().map(|one| one.1).collect();
    assert_eq!(names, ["doctor"], "staff, and nobody else's name");
}
