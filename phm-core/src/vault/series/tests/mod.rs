//! A house with series, and everything that must be refused, noticed or kept.

mod basic;
mod lasting;
mod model;
mod reach;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::append::Sizes;
use super::rows::{DIRECTORY, delta};
use super::written::Written;
use super::*;
use crate::access::{Actor, Labels, Scope};
use crate::audit::query::AuditQuery;
use crate::crypto::kdf::Cost;
use crate::crypto::secret::{Secret, make_key_file};
use crate::error::ErrorKind;
use crate::id::ProfileId;
use crate::model::Sample;
use crate::store::layout::{self, Table};
use crate::store::{Batch, Engine, Store as _};
use crate::time::{Instant, When};
use crate::vault::{How, Options, Removed, Vault};

/// Small enough that a few samples fill blocks and a few entries are merged.
const SMALL: Sizes = Sizes { block: 8, waiting: 12, entries: 4 };
const MINUTE: i64 = 60_000;

struct House {
    secret: Secret,
    vault: Vault,
    session: Session,
    asha: ProfileId,
    // Last, so that it goes when nothing is written any more.
    dir: tempfile::TempDir,
}

fn house() -> House {
    house_on(Engine::of_tests(Engine::default()))
}

fn house_on(engine: Engine) -> House {
    let dir = tempfile::tempdir().expect("a folder");
    let secret = make_key_file(&dir.path().join("key")).expect("a key file");
    let options = Options { engine, ..options() };
    let (vault, _) = Vault::create(&dir.path().join("vault"), std::slice::from_ref(&secret), options).expect("made");
    let session = vault.session(Actor::Operator, "test").expect("the operator");
    let asha = session.add_profile(&json!({"name": {"text": "Asha"}}), None).expect("a person").profile;
    House { secret, vault, session, asha, dir }
}

fn options() -> Options {
    Options { cost: Cost::FLOOR, ..Options::default() }
}

fn sample(at: i64, value: &str) -> Sample {
    Sample::new(Instant::from_millis(at), value.parse().expect("a decimal"))
}

/// Samples a minute apart.
fn minutes(range: std::ops::Range<i64>) -> Vec<Sample> {
    range.map(|n| sample(n * MINUTE, &(60 + n % 40).to_string())).collect()
}

impl House {
    fn permit(&self, action: Action) -> Permit {
        self.session.permit(action, self.asha, SERIES).expect("allowed")
    }

    fn series(&self) -> RecordId {
        let body = json!({"concept": "Heart rate", "unit": "/min"});
        self.session.add(&self.permit(Action::Add), &body, How::Typed).expect("a series").id
    }

    fn append(&self, series: RecordId, samples: &[Sample]) -> Appended {
        let permit = self.permit(Action::Add);
        self.session.append_sized(&permit, series, samples, &How::Device, SMALL).expect("added")
    }

    fn undo(&self, series: RecordId, entry: u64) -> Result<u64> {
        self.session.undo_append(&self.permit(Action::Amend), series, entry)
    }

    fn read(&self, series: RecordId, time: Timeframe) -> Result<Vec<(i64, String)>> {
        let query = SampleQuery { time, written: true, ..SampleQuery::default() };
        let (_, columns) = self.session.samples(&self.permit(Action::Read), series, &query)?;
        let texts = columns.written.expect("asked for");
        let text = |at: usize| texts.get(at).expect("one for each").to_owned();
        for (at, value) in columns.values.iter().enumerate() {
            assert_eq!(text(at).parse::<f64>().expect("a number").to_bits(), value.to_bits());
        }
        Ok(columns.times.iter().enumerate().map(|(at, time)| (*time, text(at))).collect())
    }

    fn all(&self, series: RecordId) -> Vec<(i64, String)> {
        self.read(series, Timeframe::default()).expect("read")
    }

    /// Forgets what is in memory, so that it is read from the store again.
    fn forget(&self, series: RecordId) {
        let open = self.vault.inner.open_profile(self.asha).expect("open");
        *open.shelves.place(series).lock().expect("unlocked") = None;
    }

    fn whole(&self) {
        let report = self.vault.verify(None).expect("verified");
        assert!(report.ok, "{:?}", report.damaged);
    }

    /// What `verify` finds: place, entry without the person, file and reason.
    fn damage(&self) -> Vec<String> {
        let report = self.vault.verify(None).expect("verified");
        let said = |damage: &crate::vault::Damage| {
            let entry = damage.entry.clone().unwrap_or_default().replace(&self.asha.to_string(), "");
            format!("{} {entry} {} {}", damage.place.word(), damage.file.clone().unwrap_or_default(), damage.reason)
        };
        report.damaged.iter().map(said).collect()
    }

    fn address(&self, series: RecordId, number: u64) -> Vec<u8> {
        layout::series(&rows::blind(&self.vault.inner.keys, self.asha, series), number, 0)
    }

    /// Every row of a series as it stands in the store.
    fn rows(&self, series: RecordId) -> Vec<(Vec<u8>, Vec<u8>)> {
        let (from, to) = layout::rows_of(Table::Series, &rows::blind(&self.vault.inner.keys, self.asha, series));
        let mut rows = Vec::new();
        let mut take = |(address, value): (&[u8], &[u8])| {
            rows.push((address.to_vec(), value.to_vec()));
            true
        };
        self.vault.inner.store.scan(&from, &to, &mut take).expect("scanned");
        rows
    }

    fn put(&self, rows: Vec<(Vec<u8>, Vec<u8>)>, delete: Vec<Vec<u8>>) {
        self.vault.inner.store.commit(Batch { put: rows, delete, ..Batch::default() }).expect("written");
    }
}

fn time(from: i64, to: i64) -> Timeframe {
    let when = |millis| Some(When::Instant(Instant::from_millis(millis)));
    Timeframe { from: when(from), to: when(to) }
}
