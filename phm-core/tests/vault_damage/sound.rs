//! A small vault with something of everything, what it holds, and its rows laid bare.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::ops::Range;
use std::path::Path;

use phm_core::Result;
use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use phm_core::model::Sample;
use phm_core::store::layout::Table;
use phm_core::store::{Batch, Engine, Generations, Store as _};
use phm_core::time::Instant;
use phm_core::vault::{How, SampleQuery, Session, Vault};
use serde_json::json;

use crate::house;

const CACHE: u64 = 4 << 20;

/// Samples that stand in a full block and a second one.
pub const IN_BLOCKS: i64 = 4_100;
/// Samples behind them that wait for a block.
pub const WAITING: i64 = 3;

/// Makes the vault and closes it. Asha's journal is the longest; she has the document and the series.
pub fn make(dir: &Path) {
    let vault = house::create(dir);
    let session = house::operator(&vault);
    let asha = house::person(&session, "Asha Example");
    let ravi = house::person(&session, "Ravi Example");
    for (person, text) in [(asha, "Asthma"), (ravi, "Gout"), (asha, "Migraine")] {
        let record = house::add(&session, person, "condition", &json!({"concept": text, "onset": "2019-04"}));
        house::amend(&session, &record, &json!({"concept": format!("{text}, mild"), "onset": "2019"}));
    }
    // Digits at random: too long for one part even when compressed.
    let long: String = house::Dice::new(1).bytes(18_000).iter().map(u8::to_string).collect();
    house::add(&session, asha, "note", &json!({ "text": long }));
    house::add_document(&session, asha, "Scan", &house::Dice::new(2).bytes(150_000));
    // What came first is moved into blocks by what comes then.
    let series = house::add(&session, asha, "series", &json!({"concept": "Heart rate", "unit": "/min"})).id;
    append(&session, asha, series, 0..IN_BLOCKS);
    append(&session, asha, series, IN_BLOCKS..IN_BLOCKS + WAITING);
    for name in ["lock-out", "job"] {
        vault.put_state(ProfileId::SYSTEM, name, &json!({"tries": 1}), None).expect("state");
    }
    let input = dir.with_extension("json");
    let patient = json!({"resourceType": "Patient", "id": "p", "name": [{"text": "Imported Example"}]});
    let practitioner = json!({"resourceType": "Practitioner", "id": "d", "name": [{"text": "Doctor Example"}]});
    let claim = json!({
        "resourceType": "Claim", "id": "c", "patient": {"reference": "Patient/p"}, "text": {"div": long},
    });
    let condition = json!({
        "resourceType": "Condition", "id": "x", "subject": {"reference": "Patient/p"}, "code": {"text": "Asthma"},
    });
    let entries: Vec<_> = [patient, practitioner, claim, condition].map(|r| json!({ "resource": r })).into();
    fs::write(&input, json!({"resourceType": "Bundle", "type": "collection", "entry": entries}).to_string())
        .expect("an input");
    house::import(&session, &input).expect("imported");
    drop(session);
    vault.close().expect("closed");
}

/// Adds a heart rate of each of these minutes.
fn append(session: &Session, person: ProfileId, series: RecordId, minutes: Range<i64>) {
    let permit = session.permit(Action::Add, person, "series").expect("allowed");
    let sample = |minute: i64| {
        let rate = (60 + minute * 7 % 41).to_string().parse().expect("a decimal");
        Sample::new(Instant::from_millis(minute * 60_000), rate)
    };
    let samples: Vec<Sample> = minutes.map(sample).collect();
    session.append_samples(&permit, series, &samples, &How::Device).expect("added");
}

/// Everything the vault serves: records, histories, originals, documents, samples. What is refused is not there.
pub fn served(vault: &Vault) -> BTreeMap<String, String> {
    let session = house::operator(vault);
    let mut all = BTreeMap::new();
    let cards = session.profiles().unwrap_or_default();
    for card in &cards {
        all.insert(format!("{} card", card.profile), serde_json::to_string(card).expect("JSON"));
    }
    let kinds: Vec<&str> = vault.kinds().iter().filter(|kind| !kind.system).map(|kind| kind.name).collect();
    for profile in cards.iter().map(|card| card.profile).chain([ProfileId::LIBRARY]) {
        for kind in &kinds {
            // A refusal is an answer: then there is nothing to compare.
            let _ = serve_kind(&session, profile, kind, &mut all);
        }
    }
    for name in ["lock-out", "job"] {
        if let Ok(Some(value)) = vault.state::<serde_json::Value>(ProfileId::SYSTEM, name) {
            all.insert(format!("state {name}"), value.to_string());
        }
    }
    all
}

fn serve_kind(session: &Session, profile: ProfileId, kind: &str, all: &mut BTreeMap<String, String>) -> Result<()> {
    let permit = session.permit(Action::Read, profile, kind)?;
    let query = Query { removed: true, per_page: 1_000, ..Query::default() };
    let ids: Vec<RecordId> = session.summaries(&permit, &query)?.items.into_iter().map(|row| row.id).collect();
    for id in ids {
        let mut keep = |what: &str, answer: Result<String>| {
            if let Ok(answer) = answer {
                all.insert(format!("{profile} {kind} {id} {what}"), answer);
            }
        };
        let json = |value: &dyn erased::Json| value.text();
        keep("record", session.read(&permit, id, phm_core::vault::Removed::Show).map(|record| json(&record)));
        keep("history", session.history(&permit, id).map(|versions| json(&versions)));
        keep("original", session.original(&permit, id).map(|bytes| format!("{bytes:?}")));
        if kind == "series" {
            let samples = session.samples(&permit, id, &SampleQuery::default());
            keep("samples", samples.map(|(unit, of)| format!("{unit} {:?} {:?}", of.times, of.values)));
        }
        if kind == "document" {
            keep(
                "content",
                session.document(&permit, id).and_then(|mut document| {
                    let mut bytes = Vec::new();
                    document.read_to_end(&mut bytes)?;
                    Ok(format!("{bytes:?}"))
                }),
            );
        }
    }
    Ok(())
}

/// One way to write anything as JSON.
mod erased {
    pub trait Json {
        fn text(&self) -> String;
    }

    impl<T: serde::Serialize> Json for T {
        fn text(&self) -> String {
            serde_json::to_string(self).expect("JSON")
        }
    }
}

/// A row as it stands in the store.
pub type Row = (Vec<u8>, Vec<u8>);

/// Every row of a table, of a vault that nobody has open.
pub fn rows(dir: &Path, table: Table) -> Vec<Row> {
    let store = Generations::open(dir, Engine::default(), CACHE).expect("the store opens");
    let mut rows = Vec::new();
    let (from, to) = phm_core::store::layout::rows(table);
    store
        .scan(&from, &to, &mut |(address, value)| {
            rows.push((address.to_vec(), value.to_vec()));
            true
        })
        .expect("scanned");
    rows
}

/// Writes rows behind the vault's back; `None` deletes one.
pub fn overwrite(dir: &Path, changes: impl IntoIterator<Item = (Vec<u8>, Option<Vec<u8>>)>) {
    let store = Generations::open(dir, Engine::default(), CACHE).expect("the store opens");
    let mut batch = Batch::default();
    for (address, value) in changes {
        match value {
            Some(value) => batch.replace(address, value),
            None => batch.delete(address),
        }
    }
    store.commit(batch).expect("written");
}
