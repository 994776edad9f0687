//! Giving and taking back as people live it: a doctor for a day, a carer, a token for a notebook, an emergency.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use phm_core::access::{Action, Actor, CarerRights, Kinds, Labels};
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use phm_core::time::{Clock, Instant};
use phm_core::vault::{GrantState, How, Offer, Options, Removed, Session, ShareState, Vault};
use phm_core::{Error, ErrorKind};
use serde_json::{Value, json};

const HOUR: i64 = 3_600_000;

/// A clock that tests set.
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Instant {
        Instant::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// A vault with Asha, whose records are her own, and others who have nothing to do with her.
struct Practice {
    _home: tempfile::TempDir,
    vault: Vault,
    clock: Arc<Hands>,
    asha: Somebody,
    doctor: Somebody,
    ravi: Somebody,
    result: RecordId,
}

/// An account and its own profile.
#[derive(Clone, Copy)]
struct Somebody {
    account: RecordId,
    profile: ProfileId,
}

impl Practice {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(Hands(AtomicI64::new(1_795_000_000_000)));
        let options = Options { cost: Cost::FLOOR, clock: Arc::clone(&clock) as Arc<dyn Clock>, ..Options::default() };
        let secret = Secret::passphrase("correct horse battery staple");
        let (vault, _) = Vault::create(&home.path().join("vault"), &[secret], options).expect("a vault");
        let asha = somebody(&vault, "asha", "patient");
        let doctor = somebody(&vault, "doctor", "provider");
        let ravi = somebody(&vault, "ravi", "patient");
        let session = person(&vault, asha);
        let permit = session.permit(Action::Add, asha.profile, "lab-result").expect("her own");
        let body = json!({"concept": "HbA1c", "quantity": {"value": "7.1", "unit": "%"}, "collected_at": "2026-01-10"});
        let result = session.add(&permit, &body, How::Typed).expect("added").id;
        let permit = session.permit(Action::Add, asha.profile, "note").expect("her own");
        session.add(&permit, &json!({"text": "for nobody", "private": true}), How::Typed).expect("added");
        Self { _home: home, vault, clock, asha, doctor, ravi, result }
    }

    fn after(&self, millis: i64) {
        self.clock.0.fetch_add(millis, Ordering::SeqCst);
    }

    fn asha(&self) -> Session {
        person(&self.vault, self.asha)
    }

    fn doctor(&self) -> Session {
        person(&self.vault, self.doctor)
    }

    fn ravi(&self) -> Session {
        person(&self.vault, self.ravi)
    }

    /// Labs and medicines for the doctor, for a day.
    fn for_a_day(&self) -> Value {
        let end = self.clock.now().plus_millis(24 * HOUR);
        json!({
            "to": {"account": self.doctor.account}, "kinds": ["profile", "lab-result", "medication"],
            "actions": ["read"], "ends_at": end, "purpose": "second opinion", "template": "doctor",
        })
    }
}

fn somebody(vault: &Vault, name: &str, role: &str) -> Somebody {
    let session = vault.session(Actor::Operator, "test").expect("the operator");
    let permit = session.permit(Action::Add, ProfileId::SYSTEM, "account").expect("allowed");
    let body = json!({"email": format!("{name}@phm.example"), "name": name, "roles": [role], "status": "active"});
    let account = session.add(&permit, &body, How::Typed).expect("an account").id;
    let own = session.add_own_profile(&json!({"name": {"text": name}}), account).expect("a profile");
    Somebody { account, profile: own.profile }
}

fn person(vault: &Vault, who: Somebody) -> Session {
    vault.session(Actor::Person { account: who.account }, "care").expect("an active account")
}

/// How many records of a kind somebody sees of a person, or why none.
fn sees(session: &Session, profile: ProfileId, kind: &str) -> Result<u64, (ErrorKind, &'static str)> {
    let look = || session.list(&session.permit(Action::Read, profile, kind)?, &Query::default());
    look().map(|page| page.total).map_err(|error: Error| (error.kind(), error.code()))
}

const UNKNOWN: Result<u64, (ErrorKind, &str)> = Err((ErrorKind::NotFound, "not-found"));
const REFUSED: Result<u64, (ErrorKind, &str)> = Err((ErrorKind::Denied, "not-granted"));

#[test]
fn a_doctor_for_a_day_sees_what_was_named_until_the_second_it_ends() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    assert_eq!(sees(&doctor, practice.asha.profile, "lab-result"), UNKNOWN);
    let given = asha.give(practice.asha.profile, &practice.for_a_day()).expect("given");
    assert_eq!((given.state, given.to_name.as_deref()), (GrantState::Live, Some("doctor")));
    assert_eq!(given.given_by.name, "asha");
    assert_eq!(sees(&doctor, practice.asha.profile, "lab-result"), Ok(1));
    assert_eq!(sees(&doctor, practice.asha.profile, "condition"), REFUSED);
    let permit = doctor.permit(Action::Read, practice.asha.profile, "lab-result").expect("granted");
    practice.after(24 * HOUR - 1);
    assert!(doctor.read(&permit, practice.result, Removed::Hide).is_ok(), "the last millisecond");
    practice.after(1);
    let closed = doctor.read(&permit, practice.result, Removed::Hide).expect_err("over");
    assert_eq!(closed.kind(), ErrorKind::NotFound, "whose grant has ended knows of nobody");
    assert_eq!(asha.grants(practice.asha.profile).expect("a list")[0].state, GrantState::Ended);
    // A clock that is set back revives nothing, once something was written later.
    let permit = asha.permit(Action::Add, practice.asha.profile, "note").expect("her own");
    asha.add(&permit, &json!({"text": "later"}), How::Typed).expect("added");
    practice.after(-48 * HOUR);
    assert_eq!(sees(&doctor, practice.asha.profile, "lab-result"), UNKNOWN);
}

#[test]
fn a_revoked_grant_closes_what_is_open() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let given = asha.give(practice.asha.profile, &practice.for_a_day()).expect("given");
    let permit = doctor.permit(Action::Read, practice.asha.profile, "lab-result").expect("granted");
    assert!(doctor.summaries(&permit, &Query::default()).is_ok());
    // Neither a stranger nor an unknown grant is told apart from what is not there.
    for (session, id) in [(practice.ravi(), given.id), (practice.asha(), RecordId::new())] {
        let error = session.revoke(practice.asha.profile, id).expect_err("not theirs");
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    let revoked = asha.revoke(practice.asha.profile, given.id).expect("hers");
    assert_eq!(revoked.state, GrantState::Revoked);
    assert!(doctor.summaries(&permit, &Query::default()).is_err(), "an open page closes");
    assert_eq!(sees(&doctor, practice.asha.profile, "lab-result"), UNKNOWN);
    assert_eq!(asha.revoke(practice.asha.profile, given.id).expect("again").revoked_at, revoked.revoked_at);
    let log = asha.who_looked(practice.asha.profile, &phm_core::audit::query::AuditQuery::default()).expect("a log");
    let deeds: Vec<&str> =
        log.rows.iter().filter(|row| row.kind.as_deref() == Some("grant")).map(|row| row.action).collect();
    assert!(deeds.contains(&"share") && deeds.contains(&"revoke"), "{deeds:?}");
}

#[test]
fn who_was_given_something_may_give_it_up_and_see_no_other_grant() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let given = asha.give(practice.asha.profile, &practice.for_a_day()).expect("given");
    let mut other = practice.for_a_day();
    other["to"] = json!({"account": practice.ravi.account});
    asha.give(practice.asha.profile, &other).expect("given");
    let seen = doctor.grants(practice.asha.profile).expect("their own");
    assert_eq!(seen.iter().map(|grant| grant.id).collect::<Vec<_>>(), [given.id]);
    assert_eq!(asha.grants(practice.asha.profile).expect("all").len(), 2);
    doctor.revoke(practice.asha.profile, given.id).expect("theirs to give up");
    assert!(doctor.grants(practice.asha.profile).is_err());
}

#[test]
fn nobody_gives_what_they_do_not_have() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let to_ravi = |actions: &[&str]| json!({"to": {"account": practice.ravi.account}, "kinds": ["lab-result"], "actions": actions});
    assert_eq!(
        doctor.give(practice.asha.profile, &to_ravi(&["read"])).expect_err("a stranger").kind(),
        ErrorKind::NotFound
    );
    asha.give(practice.asha.profile, &practice.for_a_day()).expect("given");
    assert_eq!(doctor.give(practice.asha.profile, &to_ravi(&["read"])).expect_err("no share").code(), "not-granted");
    let mut share = practice.for_a_day();
    share["actions"] = json!(["read", "share"]);
    asha.give(practice.asha.profile, &share).expect("given");
    assert_eq!(doctor.give(practice.asha.profile, &to_ravi(&["amend"])).expect_err("more").code(), "not-granted");
    let lent = doctor.give(practice.asha.profile, &to_ravi(&["read"])).expect("what they have");
    assert_eq!(lent.terms.ends_at, Some(practice.clock.now().plus_millis(24 * HOUR)), "and for no longer");
    let refused = |body: &Value| -> Vec<(String, &'static str)> {
        let error = asha.give(practice.asha.profile, body).expect_err("wrong");
        error.details().iter().map(|detail| (detail.path.clone(), detail.code)).collect()
    };
    for (change, path, code) in [
        (json!({"to": {"account": RecordId::new()}}), "/to/account", "unknown"),
        (json!({"kinds": ["account"]}), "/kinds/0", "unknown-kind"),
        (json!({"kinds": []}), "/kinds", "required"),
        (json!({"ends_at": "2020-01-01"}), "/ends_at", "ends-before-it-begins"),
        (json!({"everything": true}), "/everything", "unknown-field"),
        (json!({"wait_hours": 0}), "/wait_hours", "out-of-range"),
    ] {
        let mut body = practice.for_a_day();
        body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        assert_eq!(refused(&body), [(path.to_owned(), code)], "{change}");
    }
}

#[test]
fn a_template_fills_in_what_the_terms_leave_open() {
    let practice = Practice::new();
    let asha = practice.asha();
    let terms = json!({"to": {"account": practice.doctor.account}, "template": "labs-and-medicines"});
    let given = asha.give(practice.asha.profile, &terms).expect("given").terms;
    assert_eq!(given.ends_at, Some(practice.clock.now().plus_millis(24 * HOUR)));
    assert_eq!(given.kinds.names(), ["allergy", "lab-result", "medication", "prescription", "profile"]);
    let narrower = json!({"to": {"account": practice.doctor.account}, "template": "visit", "kinds": ["lab-result"]});
    assert_eq!(asha.give(practice.asha.profile, &narrower).expect("given").terms.kinds.names(), ["lab-result"]);
    let emergency = json!({"to": {"account": practice.ravi.account}, "template": "emergency"});
    assert_eq!(asha.give(practice.asha.profile, &emergency).expect("given").terms.wait_hours, Some(48));
    let forged = json!({"to": {"account": practice.doctor.account}, "template": "break-glass", "kinds": ["*"], "actions": ["read"]});
    assert_eq!(asha.give(practice.asha.profile, &forged).expect_err("listed apart").kind(), ErrorKind::Invalid);
}

#[test]
fn a_sensitive_record_shows_only_where_it_was_named() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let notes = |labels: Value| json!({"to": {"account": practice.doctor.account}, "kinds": ["note"], "actions": ["read"], "labels": labels});
    let plain = asha.give(practice.asha.profile, &notes(json!([]))).expect("given");
    assert_eq!(sees(&doctor, practice.asha.profile, "note"), Ok(0));
    asha.give(practice.asha.profile, &notes(json!(["mental-health"]))).expect("given");
    assert_eq!(sees(&doctor, practice.asha.profile, "note"), Ok(0), "another label");
    let named = asha.give(practice.asha.profile, &notes(json!(["private-note"]))).expect("given");
    assert_eq!(sees(&doctor, practice.asha.profile, "note"), Ok(1));
    asha.revoke(practice.asha.profile, named.id).expect("hers");
    assert_eq!(sees(&doctor, practice.asha.profile, "note"), Ok(0));
    asha.revoke(practice.asha.profile, plain.id).expect("hers");
}

#[test]
fn a_window_of_time_opens_a_series_by_its_samples() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let add = asha.permit(Action::Add, practice.asha.profile, "series").expect("her own");
    let made = asha.add(&add, &json!({"concept": "Heart rate", "unit": "/min"}), How::Typed).expect("added");
    let samples = |days: std::ops::Range<u32>| {
        let one = |day| json!({"at": format!("2026-04-{day:02}T08:00:00Z"), "value": "60"});
        phm_core::model::Samples::from_json(&json!({"samples": days.map(one).collect::<Vec<_>>()})).expect("samples")
    };
    asha.append_samples(&add, made.id, &samples(1..11), &How::Device).expect("added");
    let window = |from: &str, to: &str| json!({"to": {"account": practice.doctor.account}, "kinds": ["series"], "actions": ["read"], "from": from, "to_date": to});
    let before = asha.give(practice.asha.profile, &window("2025-01-01", "2025-12-31")).expect("given");
    assert_eq!(sees(&doctor, practice.asha.profile, "series"), Ok(0), "nothing was measured then");
    asha.revoke(practice.asha.profile, before.id).expect("hers");
    asha.give(practice.asha.profile, &window("2026-04-03", "2026-04-05")).expect("given");
    assert_eq!(sees(&doctor, practice.asha.profile, "series"), Ok(1));
    let permit = doctor.permit(Action::Read, practice.asha.profile, "series").expect("granted");
    let page = doctor.summaries(&permit, &Query::default()).expect("a page");
    assert_eq!(page.items[0].id, made.id);
    let seen = doctor.read(&permit, made.id, Removed::Hide).expect("found");
    let body: Value = serde_json::from_str(seen.body.get()).expect("JSON");
    assert!(body.get("count").is_none() && body.get("from").is_none(), "how much lies outside is not told: {body}");
    let (_, columns) = doctor.samples(&permit, made.id, &phm_core::vault::SampleQuery::default()).expect("samples");
    assert_eq!(columns.times.len(), 3);
    let versions = doctor.history(&permit, made.id).expect("a history");
    assert!(!versions[0].body.get().contains("count"));
}

#[test]
fn what_samples_say_of_a_series_is_told_everywhere_and_written_nowhere() {
    let practice = Practice::new();
    let asha = practice.asha();
    let add = asha.permit(Action::Add, practice.asha.profile, "series").expect("her own");
    let made = asha.add(&add, &json!({"concept": "Heart rate", "unit": "/min"}), How::Typed).expect("added");
    let sent = json!({"samples": [{"at": "2026-04-01T08:00:00Z", "value": "60"}]});
    let samples = phm_core::model::Samples::from_json(&sent).expect("samples");
    asha.append_samples(&add, made.id, &samples, &How::Device).expect("added");
    let amend = asha.permit(Action::Amend, practice.asha.profile, "series").expect("her own");
    let body =
        json!({"concept": "Heart rate", "unit": "/min", "source": "Watch", "count": 77, "from": "1999", "to": "2000"});
    let amended = asha.amend(&amend, made.id, 1, &body, How::Typed).expect("amended");
    let read = asha.permit(Action::Read, practice.asha.profile, "series").expect("her own");
    let count = |body: &serde_json::value::RawValue| -> Value {
        serde_json::from_str::<Value>(body.get()).expect("JSON")["count"].clone()
    };
    assert_eq!(count(&amended.body), json!(1), "the answer says what the samples say");
    assert_eq!(amended.occurred, None, "what was sent of them is not kept");
    for version in asha.history(&read, made.id).expect("a history") {
        assert_eq!(count(&version.body), json!(1), "version {}", version.version);
    }
    let back = asha.restore(&amend, made.id, 2, Some(1)).expect("restored");
    assert_eq!(count(&back.body), json!(1));
}

#[test]
fn a_carer_helps_with_what_was_chosen_and_may_leave() {
    let practice = Practice::new();
    let (asha, ravi) = (practice.asha(), practice.ravi());
    let rights = |edit| CarerRights { kinds: Kinds::of(["profile", "medication", "dose"]), edit, labels: Labels::NONE };
    let carer = |edit| Offer::Carer(rights(edit));
    asha.let_in(practice.asha.profile, practice.ravi.account, &carer(false)).expect("hers to give");
    assert_eq!(sees(&ravi, practice.asha.profile, "medication"), Ok(0));
    assert_eq!(sees(&ravi, practice.asha.profile, "lab-result"), REFUSED);
    assert!(ravi.permit(Action::Add, practice.asha.profile, "dose").is_err(), "looks only");
    let id = asha.family(practice.asha.profile).expect("a list")[1].id;
    assert!(ravi.change_carer(practice.asha.profile, id, rights(true)).is_err(), "not theirs to widen");
    asha.change_carer(practice.asha.profile, id, rights(true)).expect("more");
    assert!(ravi.permit(Action::Add, practice.asha.profile, "dose").is_ok());
    assert!(ravi.permit(Action::Export, practice.asha.profile, "dose").is_err(), "a carer never takes out");
    let doctor = practice.doctor.account;
    assert!(ravi.let_in(practice.asha.profile, doctor, &carer(false)).is_err(), "nor lets others in");
    let family = asha.family(practice.asha.profile).expect("a list");
    assert_eq!(family.iter().map(|one| one.relation).collect::<Vec<_>>(), ["self", "carer"]);
    let own = ravi.family(practice.asha.profile).expect("their own");
    assert_eq!(own.len(), 1);
    let asha_self = family[0].id;
    assert_eq!(ravi.end_relation(practice.asha.profile, asha_self).expect_err("hers").kind(), ErrorKind::NotFound);
    assert_eq!(asha.end_relation(practice.asha.profile, asha_self).expect_err("the last").code(), "last-keeper");
    ravi.end_relation(practice.asha.profile, own[0].id).expect("left");
    assert_eq!(sees(&ravi, practice.asha.profile, "medication"), UNKNOWN);
}

#[test]
fn whoever_holds_an_invitation_accepts_it_once_while_its_giver_may_give_it() {
    let practice = Practice::new();
    let (asha, ravi, doctor) = (practice.asha(), practice.ravi(), practice.doctor());
    let child =
        asha.add_profile(&json!({"name": {"text": "Child"}, "birth_date": "2020-05-01"}), None).expect("hers").profile;
    assert_eq!(ravi.invite(child, &Offer::Owner).expect_err("a stranger").kind(), ErrorKind::NotFound);
    let (secret, _) = asha.invite(child, &Offer::Guardian).expect("hers to give");
    let shown = ravi.invited(&secret).expect("good");
    assert_eq!((shown.name.as_str(), shown.by.name.as_str()), ("Child", "asha"));
    assert!(ravi.invited("another secret").is_err());
    assert_eq!(asha.accept(&secret).expect_err("already more").code(), "conflict");
    assert_eq!(ravi.accept(&secret).expect("accepted"), child);
    assert_eq!(doctor.accept(&secret).expect_err("used up").kind(), ErrorKind::NotFound);
    assert_eq!(sees(&ravi, child, "lab-result"), Ok(0));
    // What a guardian invites to ends when the guardian is one no more.
    assert!(ravi.invite(child, &Offer::Owner).is_err(), "a guardian makes no owner");
    let (secret, _) = ravi.invite(child, &Offer::Guardian).expect("a guardian's to give");
    let related = asha.family(child).expect("a list");
    let guardian = related.iter().find(|one| one.relation == "guardian").expect("ravi");
    let owner = related.iter().find(|one| one.relation == "owner").expect("asha");
    assert!(ravi.end_relation(child, owner.id).is_err(), "a guardian ends no owner");
    asha.end_relation(child, guardian.id).expect("hers to end");
    assert!(doctor.invited(&secret).is_err() && doctor.accept(&secret).is_err());
    assert_eq!(asha.end_relation(child, owner.id).expect_err("the last").code(), "last-keeper");
    // One that nobody accepted ends by itself.
    let (secret, expires) = asha.invite(child, &Offer::Owner).expect("hers to give");
    practice.after(expires.millis() - practice.clock.now().millis());
    assert!(doctor.accept(&secret).is_err());
    let (secret, _) = asha.invite(child, &Offer::Owner).expect("hers to give");
    doctor.accept(&secret).expect("accepted");
    asha.end_relation(child, owner.id).expect("somebody else keeps them");
    assert_eq!(sees(&asha, child, "lab-result"), UNKNOWN);
}

#[test]
fn a_guardian_who_sees_nothing_any_more_keeps_nobody() {
    let practice = Practice::new();
    let asha = practice.asha();
    let born = json!({"name": {"text": "Teen"}, "birth_date": "2009-12-01"});
    let teen = asha.add_profile(&born, None).expect("hers").profile;
    let guardian = Offer::Guardian;
    asha.let_in(teen, practice.ravi.account, &guardian).expect("hers to give");
    assert_eq!(sees(&practice.ravi(), teen, "lab-result"), REFUSED, "sixteen: by grant alone");
    let owner = asha.family(teen).expect("a list").into_iter().find(|one| one.mine).expect("her own");
    assert_eq!(asha.end_relation(teen, owner.id).expect_err("nobody reaches them").code(), "last-keeper");
}

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

#[test]
fn a_token_does_what_it_was_made_for_and_ends() {
    let practice = Practice::new();
    let asha = practice.asha();
    let wanted = json!({
        "name": "Notebook", "profiles": [practice.asha.profile], "kinds": ["lab-result"], "actions": ["read"],
        "expires_at": practice.clock.now().plus_millis(HOUR),
    });
    let made = asha.make_token(&wanted).expect("made");
    assert!(made.text.starts_with("phm_") && !format!("{made:?}").contains("phm_"), "it prints as nothing");
    let (id, account) = practice.vault.admit_token(&made.text).expect("it holds");
    assert_eq!((id, account), (made.card.id, practice.asha.account));
    let token = practice.vault.session(Actor::Token { id, account }, "analysis").expect("at work");
    assert_eq!(sees(&token, practice.asha.profile, "lab-result"), Ok(1));
    assert_eq!(sees(&token, practice.asha.profile, "condition"), REFUSED);
    assert_eq!(sees(&token, practice.ravi.profile, "lab-result"), UNKNOWN);
    assert!(token.make_token(&wanted).is_err(), "a token makes no token");
    for bit in 0..made.text.len() * 8 {
        let mut bytes = made.text.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(changed) = String::from_utf8(bytes) else { continue };
        // The last letter of base64 has bits that carry nothing; strict decoding refuses those too.
        assert!(practice.vault.admit_token(&changed).is_err(), "bit {bit}");
    }
    practice.after(HOUR);
    assert_eq!(practice.vault.admit_token(&made.text).expect_err("over").kind(), ErrorKind::WrongSecret);
    let later = json!({"expires_at": practice.clock.now().plus_millis(HOUR)});
    let mut again = wanted.clone();
    again["expires_at"] = later["expires_at"].clone();
    let made = asha.make_token(&again).expect("made");
    assert!(practice.ravi().revoke_token(made.card.id).is_err(), "not theirs");
    asha.revoke_token(made.card.id).expect("hers");
    assert!(practice.vault.admit_token(&made.text).is_err());
    assert_eq!(asha.tokens().expect("a list").len(), 2);
}

#[test]
fn a_token_is_never_without_limits_nor_wider_than_who_made_it() {
    let practice = Practice::new();
    let asha = practice.asha();
    let soon = practice.clock.now().plus_millis(HOUR);
    let wanted = json!({
        "name": "N", "profiles": [practice.asha.profile], "kinds": ["note"], "actions": ["read"], "expires_at": soon,
    });
    for (change, path, code) in [
        (json!({"profiles": []}), "/profiles", "required"),
        (json!({"kinds": []}), "/kinds", "required"),
        (json!({"actions": []}), "/actions", "required"),
        (json!({"expires_at": null}), "/expires_at", "required"),
        (json!({"expires_at": "2020-01-01"}), "/expires_at", "in-the-past"),
        (json!({"expires_at": "2126-01-01"}), "/expires_at", "too-late"),
        (json!({"actions": ["everything"]}), "/actions", "invalid"),
        (json!({"kinds": ["account"]}), "/kinds/0", "unknown-kind"),
        (json!({"admin": true}), "/admin", "unknown-field"),
    ] {
        let mut body = wanted.clone();
        body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        let error = asha.make_token(&body).expect_err("wrong");
        let details: Vec<_> = error.details().iter().map(|detail| (detail.path.as_str(), detail.code)).collect();
        assert_eq!(details, [(path, code)], "{change}");
    }
    let mut others = wanted.clone();
    others["profiles"] = json!([practice.ravi.profile]);
    assert_eq!(asha.make_token(&others).expect_err("a stranger's").kind(), ErrorKind::NotFound);
}

#[test]
fn an_emergency_opens_after_its_hours_unless_somebody_says_no() {
    let practice = Practice::new();
    let (asha, ravi) = (practice.asha(), practice.ravi());
    let mut terms = practice.for_a_day();
    terms["to"] = json!({"account": practice.ravi.account});
    terms["ends_at"] = Value::Null;
    terms["wait_hours"] = json!(48);
    let given = asha.give(practice.asha.profile, &terms).expect("given");
    assert_eq!(given.state, GrantState::Waiting);
    assert_eq!(sees(&ravi, practice.asha.profile, "lab-result"), UNKNOWN);
    assert_eq!(practice.doctor().emergencies().expect("a list").len(), 0);
    assert_eq!(ravi.emergencies().expect("a list")[0].id, given.id);
    assert!(practice.doctor().ask_in_emergency(practice.asha.profile, given.id).is_err(), "not theirs to ask for");
    let asked = ravi.ask_in_emergency(practice.asha.profile, given.id).expect("asked");
    assert_eq!((asked.state, asked.opens_at), (GrantState::Asked, Some(practice.clock.now().plus_millis(48 * HOUR))));
    practice.after(47 * HOUR);
    assert_eq!(sees(&ravi, practice.asha.profile, "lab-result"), UNKNOWN);
    asha.refuse_in_emergency(practice.asha.profile, given.id).expect("no");
    practice.after(2 * HOUR);
    assert_eq!(sees(&ravi, practice.asha.profile, "lab-result"), UNKNOWN, "no is no");
    ravi.ask_in_emergency(practice.asha.profile, given.id).expect("asked again");
    practice.after(48 * HOUR);
    assert_eq!(sees(&ravi, practice.asha.profile, "lab-result"), Ok(1));
    asha.revoke(practice.asha.profile, given.id).expect("taken back");
    assert_eq!(sees(&ravi, practice.asha.profile, "lab-result"), UNKNOWN);
}

#[test]
fn only_a_provider_breaks_the_glass_with_a_reason_for_an_hour_and_is_listed() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let reason = "unconscious in the emergency room";
    assert_eq!(
        practice.ravi().break_glass(practice.asha.profile, reason).expect_err("no provider").kind(),
        ErrorKind::NotFound
    );
    assert_eq!(doctor.break_glass(ProfileId::new(), reason).expect_err("nobody").kind(), ErrorKind::NotFound);
    assert_eq!(doctor.break_glass(practice.asha.profile, " . ").expect_err("why?").kind(), ErrorKind::Invalid);
    let given = doctor.break_glass(practice.asha.profile, reason).expect("opened");
    assert_eq!(given.terms.template.as_deref(), Some("break-glass"));
    assert_eq!(sees(&doctor, practice.asha.profile, "lab-result"), Ok(1));
    assert_eq!(sees(&doctor, practice.asha.profile, "note"), Ok(0), "what is private stays so");
    assert_eq!(
        asha.notices(practice.asha.profile).expect("told").iter().map(|one| one.id).collect::<Vec<_>>(),
        [given.id]
    );
    assert!(doctor.notices(practice.asha.profile).expect("nothing").is_empty());
    assert!(doctor.put_notices_away(practice.asha.profile).is_err());
    asha.put_notices_away(practice.asha.profile).expect("seen");
    assert!(asha.notices(practice.asha.profile).expect("put away").is_empty());
    assert!(doctor.permit(Action::Amend, practice.asha.profile, "lab-result").is_err(), "to read only");
    assert!(asha.grants(practice.asha.profile).expect("a list").iter().any(|grant| grant.id == given.id));
    practice.after(HOUR);
    assert_eq!(sees(&doctor, practice.asha.profile, "lab-result"), UNKNOWN);
    let log = asha.who_looked(practice.asha.profile, &phm_core::audit::query::AuditQuery::default()).expect("a log");
    let broke =
        log.rows.iter().find(|row| row.operation.as_deref() == Some("break-glass")).expect("it stands in the log");
    assert_eq!(broke.purpose.as_deref(), Some("break-glass: unconscious in the emergency room"));
    let behind = |row: &&phm_core::audit::query::AuditRow| {
        row.kind.as_deref() == Some("lab-result") && row.actor.name == "doctor"
    };
    let read = log.rows.iter().find(behind).expect("what was done behind it");
    assert!(read.purpose.as_deref().is_some_and(|purpose| purpose.starts_with("break-glass: ")));
}

#[test]
fn the_glass_of_somebody_without_papers_breaks_by_name_and_day_of_birth_together() {
    let practice = Practice::new();
    let operator = practice.vault.session(Actor::Operator, "test").expect("the operator");
    let born = |name: &str, day: &str| {
        operator.add_profile(&json!({"name": {"text": name}, "birth_date": day}), None).expect("a person").profile
    };
    let kamala = born("Kamala Devi", "1950-02-03");
    let (doctor, reason) = (practice.doctor(), "brought in without papers");
    let try_with = |session: &Session, name: &str, day: &str| {
        session
            .break_glass_of(name, day.parse().expect("a day"), reason)
            .map(|given| given.profile)
            .map_err(|error| error.kind())
    };
    for (name, day) in
        [("Kamala Devi", "1950-02-04"), ("Kamala", "1950-02-03"), ("Kamala Devi", "1950"), ("", "1950-02-03")]
    {
        assert_eq!(try_with(&doctor, name, day), Err(ErrorKind::NotFound), "{name} {day}");
    }
    assert_eq!(try_with(&practice.ravi(), "Kamala Devi", "1950-02-03"), Err(ErrorKind::NotFound));
    assert_eq!(try_with(&doctor, " kamala  DEVI", "1950-02-03"), Ok(kamala));
    born("Kamala Devi", "1950-02-03");
    assert_eq!(try_with(&doctor, "Kamala Devi", "1950-02-03"), Err(ErrorKind::NotFound), "two fit");
}

#[test]
fn a_link_is_dead_after_five_wrong_passcodes_in_all() {
    let practice = Practice::new();
    let asha = practice.asha();
    let soon = practice.clock.now().plus_millis(HOUR);
    let wanted = json!({"records": [practice.result], "expires_at": soon, "passcode": "4711"});
    let made = asha.make_share(practice.asha.profile, &wanted).expect("hers");
    let open = |passcode| practice.vault.open_share(&made.card.id, passcode).map_err(|error| error.code());
    assert!(practice.vault.share_asks(&made.card.id).expect("a link"));
    assert_eq!(open(None), Err("wrong-passcode"));
    for passcode in ["0000", "0001", "0002", "0003"] {
        assert_eq!(open(Some(passcode)), Err("wrong-passcode"));
    }
    assert!(open(Some("4711")).is_ok_and(|jwe| jwe.split('.').count() == 5), "the right one takes no try");
    assert_eq!(asha.shares(practice.asha.profile).expect("a list")[0].attempts_left, 1);
    assert_eq!(open(Some("0004")), Err("wrong-passcode"));
    assert_eq!(open(Some("4711")), Err("not-found"), "dead");
    let card = &asha.shares(practice.asha.profile).expect("a list")[0];
    assert_eq!((card.state, card.opened.len()), (ShareState::Locked, 1));
    let log = asha.who_looked(practice.asha.profile, &phm_core::audit::query::AuditQuery::default()).expect("a log");
    let deeds: Vec<_> = log.rows.iter().filter(|row| row.operation.as_deref() == Some("share-link")).collect();
    assert_eq!(deeds.iter().map(|row| row.action).collect::<Vec<_>>(), ["read", "export"]);
    assert_eq!(deeds[0].actor.r#type, "gate");
}

#[test]
fn a_link_ends_by_time_by_use_and_when_it_is_taken_back() {
    let practice = Practice::new();
    let asha = practice.asha();
    let soon = practice.clock.now().plus_millis(HOUR);
    let make = |change: Value| {
        let mut wanted = json!({"records": [practice.result], "expires_at": soon});
        wanted.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        asha.make_share(practice.asha.profile, &wanted)
    };
    let code = |id: &str| practice.vault.open_share(id, None).map(|_| ()).map_err(|error| error.code());
    let once = make(json!({"single_use": true})).expect("hers").card.id;
    assert_eq!((code(&once), code(&once)), (Ok(()), Err("not-found")));
    let many = make(json!({})).expect("hers").card.id;
    assert_eq!((code(&many), code(&many)), (Ok(()), Ok(())));
    assert!(practice.ravi().end_share(practice.asha.profile, &many).is_err(), "not theirs");
    asha.end_share(practice.asha.profile, &many).expect("hers");
    assert_eq!(code(&many), Err("not-found"));
    let late = make(json!({})).expect("hers").card.id;
    practice.after(HOUR);
    assert_eq!(code(&late), Err("not-found"));
    let states: Vec<_> = asha.shares(practice.asha.profile).expect("a list").iter().map(|card| card.state).collect();
    assert_eq!(states, [ShareState::Ended, ShareState::Revoked, ShareState::Used]);
    assert_eq!(code("nothing"), Err("not-found"));
}

#[test]
fn a_link_gives_on_what_its_maker_may_give_on_and_nothing_else() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let soon = practice.clock.now().plus_millis(HOUR);
    for (body, path, code) in [
        (json!({"expires_at": soon}), "/records", "required"),
        (json!({"records": [], "expires_at": soon}), "/records", "required"),
        (json!({"records": [practice.result]}), "/expires_at", "required"),
        (json!({"records": [RecordId::new()], "expires_at": soon}), "/records/0", "unknown"),
        (json!({"records": [practice.result], "expires_at": "2020-01-01"}), "/expires_at", "in-the-past"),
        (json!({"records": [practice.result], "expires_at": "2126-01-01"}), "/expires_at", "too-late"),
        (json!({"records": [practice.result], "expires_at": soon, "passcode": "1"}), "/passcode", "too-short"),
        (json!({"records": [practice.result], "expires_at": soon, "key": "x"}), "/key", "unknown-field"),
        (json!({"records": "all", "expires_at": soon}), "/records", "invalid"),
    ] {
        let error = asha.make_share(practice.asha.profile, &body).expect_err("wrong");
        let details: Vec<_> = error.details().iter().map(|detail| (detail.path.as_str(), detail.code)).collect();
        assert_eq!(details, [(path, code)], "{body}");
    }
    let wanted = json!({"records": [practice.result], "expires_at": soon});
    assert_eq!(doctor.make_share(practice.asha.profile, &wanted).expect_err("a stranger").kind(), ErrorKind::NotFound);
    asha.give(practice.asha.profile, &practice.for_a_day()).expect("given");
    assert_eq!(doctor.make_share(practice.asha.profile, &wanted).expect_err("reads only").code(), "not-granted");
    assert_eq!(doctor.shares(practice.asha.profile).expect_err("not theirs to see").code(), "not-granted");
}

/// Takes a grant back as soon as something is written, and counts the lines.
struct Interrupted<'p> {
    practice: &'p Practice,
    grant: RecordId,
    lines: usize,
}

impl std::io::Write for Interrupted<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.lines == 0 && !bytes.is_empty() {
            self.practice.asha().revoke(self.practice.asha.profile, self.grant).expect("hers");
        }
        self.lines += bytes.split(|byte| *byte == b'\n').count() - 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_running_export_stops_at_the_next_page_once_its_grant_is_revoked() {
    let practice = Practice::new();
    let asha = practice.asha();
    let add = asha.permit(Action::Add, practice.asha.profile, "dose").expect("her own");
    let dose = json!({"medication": RecordId::new(), "at": "2026-01-02T10:00:00Z"});
    asha.add_many(&add, &vec![dose; 1200], &How::Typed).expect("added");
    let terms = json!({"to": {"account": practice.doctor.account}, "kinds": ["dose"], "actions": ["read", "export"]});
    let grant = asha.give(practice.asha.profile, &terms).expect("given").id;
    let mut out = Interrupted { practice: &practice, grant, lines: 0 };
    let stopped = practice.doctor().export(practice.asha.profile, phm_core::vault::ExportFormat::Ndjson, &mut out);
    assert_eq!(stopped.expect_err("taken back").kind(), ErrorKind::NotFound);
    assert!((1..1200).contains(&out.lines), "{} lines left the vault", out.lines);
}
