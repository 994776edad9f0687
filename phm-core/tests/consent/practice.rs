//! A vault with a few people, on a clock that tests set.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use phm_core::access::{Action, Actor};
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use phm_core::time::{Clock, Instant};
use phm_core::vault::{How, Options, Session, Vault};
use phm_core::{Error, ErrorKind};
use serde_json::{Value, json};

/// Milliseconds of an hour.
pub const HOUR: i64 = 3_600_000;

/// A clock that tests set.
pub struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Instant {
        Instant::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// A vault with Asha, whose records are her own, and others who have nothing to do with her.
pub struct Practice {
    pub vault: Vault,
    pub clock: Arc<Hands>,
    pub asha: Somebody,
    pub doctor: Somebody,
    pub ravi: Somebody,
    pub result: RecordId,
    // Last, so that it goes when nothing is written any more.
    _home: tempfile::TempDir,
}

/// An account and its own profile.
#[derive(Clone, Copy)]
pub struct Somebody {
    pub account: RecordId,
    pub profile: ProfileId,
}

impl Practice {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    /// A vault opened with these options, but for clock and cost.
    pub fn with(options: Options) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(Hands(AtomicI64::new(1_795_000_000_000)));
        let options = Options { cost: Cost::FLOOR, clock: Arc::clone(&clock) as Arc<dyn Clock>, ..options };
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

    pub fn after(&self, millis: i64) {
        self.clock.0.fetch_add(millis, Ordering::SeqCst);
    }

    pub fn asha(&self) -> Session {
        person(&self.vault, self.asha)
    }

    pub fn doctor(&self) -> Session {
        person(&self.vault, self.doctor)
    }

    pub fn ravi(&self) -> Session {
        person(&self.vault, self.ravi)
    }

    /// Labs and medicines for the doctor, for a day.
    pub fn for_a_day(&self) -> Value {
        let end = self.clock.now().plus_millis(24 * HOUR);
        json!({
            "to": {"account": self.doctor.account}, "kinds": ["profile", "lab-result", "medication"],
            "actions": ["read"], "ends_at": end, "purpose": "second opinion", "template": "doctor",
        })
    }
}

pub fn somebody(vault: &Vault, name: &str, role: &str) -> Somebody {
    let session = vault.session(Actor::Operator, "test").expect("the operator");
    let permit = session.permit(Action::Add, ProfileId::SYSTEM, "account").expect("allowed");
    let body = json!({"email": format!("{name}@phm.example"), "name": name, "roles": [role], "status": "active"});
    let account = session.add(&permit, &body, How::Typed).expect("an account").id;
    let own = session.add_own_profile(&json!({"name": {"text": name}}), account).expect("a profile");
    Somebody { account, profile: own.profile }
}

pub fn person(vault: &Vault, who: Somebody) -> Session {
    vault.session(Actor::Person { account: who.account }, "care").expect("an active account")
}

/// How many records of a kind somebody sees of a person, or why none.
pub fn sees(session: &Session, profile: ProfileId, kind: &str) -> Result<u64, (ErrorKind, &'static str)> {
    let look = || session.list(&session.permit(Action::Read, profile, kind)?, &Query::default());
    look().map(|page| page.total).map_err(|error: Error| (error.kind(), error.code()))
}

pub const UNKNOWN: Result<u64, (ErrorKind, &str)> = Err((ErrorKind::NotFound, "not-found"));
pub const REFUSED: Result<u64, (ErrorKind, &str)> = Err((ErrorKind::Denied, "not-granted"));
