//! What is left of somebody, or of a record, that was erased: nothing, whatever the moment it was interrupted at.

mod backups;
mod erasing;
mod house;
mod places;
mod purging;
mod rectifying;
mod refusals;
mod sealed;
mod state;

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Keep, Plan};
use crate::access::{Action, Actor};
use crate::crypto;
use crate::crypto::digest::hex;
use crate::crypto::kdf::Cost;
use crate::crypto::secret::{ProfileKey, RecoveryCode, Secret, make_key_file};
use crate::id::{ProfileId, RecordId};
use crate::index::Query;
use crate::model::Sample;
use crate::store::layout::{Blinded, Table, rows, rows_of};
use crate::store::{Engine, Store as _};
use crate::time::Instant;
use crate::vault::flat::FlatQuery;
use crate::vault::journal::context;
use crate::vault::{How, Inner, Options, Session, Vault};
use sealed::{
    Body, Copies, bodies, file_bodies, index_bodies, journal_bodies, keys_now, keys_of, log_bodies, opened,
    series_bodies, state_bodies,
};

const ENGINES: [Engine; 2] = [Engine::Sled, Engine::Redb];

/// A vault with Asha, who has an account and of whom there is everything a vault can hold, and Ravi, her brother.
struct Home {
    engine: Engine,
    secret: Secret,
    code: RecoveryCode,
    vault: Option<Vault>,
    asha: ProfileId,
    ravi: ProfileId,
    /// Asha's own account.
    account: RecordId,
    condition: RecordId,
    document: RecordId,
    /// A record of Asha's that an import brought.
    imported: RecordId,
    // Last, so that it goes when nothing is written any more.
    dir: tempfile::TempDir,
}

impl Home {
    /// On this engine, or on the one `PHM_TEST_ENGINE` names.
    fn new(engine: Engine) -> Self {
        let engine = Engine::of_tests(engine);
        let dir = tempfile::tempdir().expect("a folder");
        let secret = make_key_file(&dir.path().join("key")).expect("a key file");
        let options = Options { engine, cost: Cost::FLOOR, ..Options::default() };
        let made = Vault::create(&dir.path().join("vault"), std::slice::from_ref(&secret), options);
        let (vault, code) = made.expect("a vault");
        let nobody = RecordId::new();
        let mut home = Self {
            dir,
            engine,
            secret,
            code,
            vault: Some(vault),
            asha: ProfileId::new(),
            ravi: ProfileId::new(),
            account: nobody,
            condition: nobody,
            document: nobody,
            imported: nobody,
        };
        home.fill();
        home
    }

    fn fill(&mut self) {
        let session = self.session();
        self.asha = session.add_profile(&json!({"name": {"text": "Asha Kaur"}}), None).expect("a person").profile;
        self.ravi = session.add_profile(&json!({"name": {"text": "Ravi Kaur"}}), None).expect("a person").profile;
        let email = json!({"email": "asha@example.org", "name": "Asha Kaur", "roles": ["admin"], "profile": self.asha});
        self.account = add(&session, ProfileId::SYSTEM, "account", &email);
        session.relate_account(self.account, self.asha, "self").expect("related");
        let grant = json!({
            "to": {"role": "provider"}, "profile": self.asha, "kinds": ["note"], "actions": ["read"],
            "purpose": "for her asthma",
        });
        add(&session, ProfileId::SYSTEM, "grant", &grant);
        self.condition = add(&session, self.asha, "condition", &json!({"concept": "Asthma"}));
        amend(&session, self.asha, "condition", self.condition, 1, &json!({"concept": "Severe asthma"}));
        let long: String = (0..700).map(|_| hex(&crypto::random::<32>())).collect();
        add(&session, self.asha, "note", &json!({ "text": long }));
        let gone = add(&session, self.asha, "note", &json!({"text": "removed"}));
        let permit = session.permit(Action::Amend, self.asha, "note").expect("allowed");
        session.remove(&permit, gone, 1).expect("removed");
        let permit = session.permit(Action::Add, self.asha, "document").expect("allowed");
        let scan = json!({"title": "Scan", "category": "other"});
        self.document = session.add_document(&permit, &scan, &mut &b"a scan"[..], 1 << 20).expect("added").id;
        self.imported = self.import(&session);
        self.measure(&session);
        // As many as are kept as columns, in tables somebody made, beside those that are to go; and with them as many
        // entries as make a checkpoint of the index.
        let more = |kind: &str, body: &dyn Fn(usize) -> Value| {
            let permit = session.permit(Action::Add, self.asha, kind).expect("allowed");
            session.add_many(&permit, &(0..64).map(body).collect::<Vec<_>>(), &How::Typed).expect("added");
            session.table(kind, &FlatQuery::default()).expect("a table").rows()
        };
        let allergies = more("allergy", &|number| json!({"substance": format!("nut {number}")}));
        assert_eq!((allergies, self.kept_files()), (64, 1));
        self.inner().checkpoint(&self.inner().open_profile(self.asha).expect("open"));
        let vault = self.vault();
        vault.put_state(self.asha, "plugin", &json!({"cursor": "hers"}), None).expect("state");
        vault
            .put_state(ProfileId::SYSTEM, "answer", &json!({"profile": self.asha, "said": "hers"}), None)
            .expect("put");
        vault.put_state(ProfileId::SYSTEM, "sign-in", &json!({"account": self.account}), None).expect("put");
        vault.put_state(ProfileId::SYSTEM, "job", &json!({"profile": self.ravi}), None).expect("put");
        vault.put_state(self.ravi, "plugin", &json!({"cursor": "his"}), None).expect("state");
        add(&session, self.ravi, "note", &json!({"text": "my sister Asha Kaur came along"}));
        add(&session, self.ravi, "note", &json!({"text": "slept well"}));
        read(&session, self.asha);
        read(&session, self.ravi);
        // Another purpose, so that it can be told from what the others say.
        let curious = vault.session(Actor::Person { account: self.account }, "her own").expect("she signs in");
        read(&curious, self.asha);
    }

    /// A series of Asha's with a block of samples, and samples that wait to be moved into one.
    fn measure(&self, session: &Session) {
        let series = add(session, self.asha, "series", &json!({"concept": "Oxygen saturation", "unit": "%"}));
        let permit = session.permit(Action::Add, self.asha, "series").expect("allowed");
        let sample = |at: i64| Sample::new(Instant::from_millis(at * 60_000), "98".parse().expect("a decimal"));
        // The first are as many as whoever adds the next ones moves into a block.
        for range in [0..4096, 4096..4100] {
            let samples: Vec<Sample> = range.map(sample).collect();
            session.append_samples(&permit, series, &samples, &How::Device).expect("added");
        }
    }

    /// A condition of Asha's from a file whose name says more than it should, and a practitioner for everybody.
    fn import(&self, session: &Session) -> RecordId {
        let path = self.dir.path().join("asha-kaur.json");
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
            {"resource": {"resourceType": "Condition", "id": "c", "code": {"text": "Eczema"},
                "subject": {"reference": "Patient/p"}}},
            {"resource": {"resourceType": "Patient", "id": "p", "name": [{"text": "Asha Kaur"}]}},
            {"resource": {"resourceType": "Practitioner", "id": "d", "name": [{"text": "Dr Example"}]}},
        ]});
        std::fs::write(&path, bundle.to_string()).expect("an input");
        let request = crate::vault::ImportRequest {
            inputs: vec![crate::vault::ImportInput::Path(path)],
            target: crate::vault::ImportTarget::Profile(self.asha),
            owner: None,
            dry_run: false,
            accept_other_patient: true,
        };
        session.import(&request, &mut |_| ControlFlow::Continue(())).expect("imported");
        let permit = session.permit(Action::Read, self.asha, "condition").expect("allowed");
        let found = session.list(&permit, &Query { text: Some("eczema".into()), ..Query::default() }).expect("a page");
        found.items.first().expect("imported").id
    }

    fn vault(&self) -> &Vault {
        self.vault.as_ref().expect("open")
    }

    fn inner(&self) -> &Inner {
        &self.vault().inner
    }

    fn session(&self) -> Session {
        self.vault().session(Actor::Operator, "test").expect("the operator")
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("vault")
    }

    /// How many files of kept columns there are of Asha's.
    fn kept_files(&self) -> usize {
        let hers = format!("{}.columns", hex(&self.blinded()));
        let files = std::fs::read_dir(self.path().join("index")).expect("a folder");
        files.filter(|file| file.as_ref().expect("a file").file_name() == *hers).count()
    }

    fn options(&self) -> Options {
        Options { engine: self.engine, cost: Cost::FLOOR, ..Options::default() }
    }

    fn close(&mut self) {
        self.vault.take().expect("open").close().expect("closed");
    }

    fn reopen(&mut self) {
        self.close();
        self.vault = Some(Vault::open(&self.path(), &self.secret, self.options()).expect("opened"));
    }

    fn verify(&self) {
        let report = self.vault().verify(None).expect("verified");
        assert!(report.ok, "{:?}", report.damaged);
    }

    /// Every secret of today.
    fn secrets(&self) -> [Secret; 2] {
        [self.secret.clone(), self.code.secret()]
    }

    fn blinded(&self) -> Blinded {
        self.inner().keys.blind_profile(self.asha)
    }
}

fn add(session: &Session, profile: ProfileId, kind: &str, body: &Value) -> RecordId {
    let permit = session.permit(Action::Add, profile, kind).expect("allowed");
    session.add(&permit, body, How::Typed).unwrap_or_else(|error| panic!("{kind}: {error}")).id
}

fn amend(session: &Session, profile: ProfileId, kind: &str, id: RecordId, version: u32, body: &Value) {
    let permit = session.permit(Action::Amend, profile, kind).expect("allowed");
    session.amend(&permit, id, version, body, How::Typed).expect("amended");
}

/// Reads every note of a person; answers how many there are.
fn read(session: &Session, person: ProfileId) -> u64 {
    let permit = session.permit(Action::Read, person, "note").expect("allowed");
    session.list(&permit, &Query::default()).expect("a page").total
}

/// Copies the files of a folder whose names begin with `name` to another folder.
fn copy(from: &Path, name: &str, to: &Path) {
    for entry in std::fs::read_dir(from).expect("list") {
        let entry = entry.expect("an entry");
        if entry.file_name().to_string_lossy().starts_with(name) {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
        }
    }
}

/// Copies a folder to where none is yet.
fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("list") {
        let (path, to) = entry.map(|entry| (entry.path(), to.join(entry.file_name()))).expect("an entry");
        if path.is_dir() {
            copy_all(&path, &to);
        } else {
            std::fs::copy(path, to).expect("copied");
        }
    }
}

/// The bytes of every file below a folder.
fn bytes_below(dir: &Path) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).expect("list") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(bytes_below(&path));
        } else {
            all.push(path.file_name().expect("a name").as_encoded_bytes().to_vec());
            all.push(std::fs::read(&path).expect("readable"));
        }
    }
    all
}

/// How many of these sixteen bytes stand anywhere in the files of a folder, in their names too.
fn found_in(dir: &Path, wanted: &HashSet<[u8; 16]>) -> usize {
    let mut found = HashSet::new();
    for bytes in bytes_below(dir) {
        for window in bytes.windows(16) {
            let window: [u8; 16] = window.try_into().expect("sixteen");
            if wanted.contains(&window) {
                found.insert(window);
            }
        }
    }
    found.len()
}

/// Every row of every table, to be compared.
fn all_rows(inner: &Inner) -> usize {
    let mut count = 0;
    for table in Table::ALL {
        let (from, to) = rows(table);
        let see = &mut |_: (&[u8], &[u8])| {
            count += 1;
            true
        };
        inner.store.scan(&from, &to, see).expect("scanned");
    }
    count
}
