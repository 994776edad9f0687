//! A house for unit tests: answers host calls from what the test put there.
//!
//! It has no doors of its own beyond what the test shuts; the real ones are those of the house that runs the plugin, and
//! `phm plugin run` goes through them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use phm_plugin_api::v1::calls::{
    DocumentsContent, Done, Kept, KvGet, KvPut, Log, Piece, Proposed, Records, RecordsList, RecordsPropose, SettingsGet,
};
use phm_plugin_api::v1::{Call, Door, Operation, Refusal, Reply, VERSION};
use serde_json::{Value, json};

thread_local! {
    static CURRENT: RefCell<Option<House>> = const { RefCell::new(None) };
}

/// A house for one test.
#[derive(Clone, Debug, Default)]
pub struct House {
    records: Vec<(String, Value)>,
    documents: BTreeMap<String, (String, Vec<u8>)>,
    settings: Value,
    kept: BTreeMap<String, Value>,
    shut: Vec<(String, Door)>,
    answers: Vec<(String, Value)>,
    proposed: Vec<RecordsPropose>,
    logged: Vec<Log>,
}

impl House {
    /// An empty house with all doors open.
    pub fn new() -> Self {
        Self { settings: json!({}), ..Self::default() }
    }

    /// The same with a record that has this body.
    pub fn with_record(mut self, kind: &str, body: Value) -> Self {
        self.records.push((kind.to_owned(), body));
        self
    }

    /// The same with a document that has this file.
    pub fn with_document(mut self, id: &str, media_type: &str, bytes: &[u8]) -> Self {
        self.documents.insert(id.to_owned(), (media_type.to_owned(), bytes.to_vec()));
        self
    }

    /// The same with these settings.
    pub fn with_settings(mut self, settings: Value) -> Self {
        self.settings = settings;
        self
    }

    /// The same with an answer to every call of this operation, such as `llm.generate`.
    pub fn with_answer(mut self, operation: &str, answer: Value) -> Self {
        self.answers.push((operation.to_owned(), answer));
        self
    }

    /// The same where this operation is refused at a door.
    pub fn with_shut(mut self, operation: &str, door: Door) -> Self {
        self.shut.push((operation.to_owned(), door));
        self
    }

    /// Runs `work`, whose host calls this house answers.
    pub fn run<T>(self, work: impl FnOnce() -> T) -> T {
        self.run_and_return(work).0
    }

    /// Runs `work`, and gives the house back to look at.
    pub fn run_and_return<T>(self, work: impl FnOnce() -> T) -> (T, Self) {
        CURRENT.set(Some(self));
        let done = work();
        let house = CURRENT.take().unwrap_or_default();
        (done, house)
    }

    /// What was proposed.
    pub fn proposed(&self) -> &[RecordsPropose] {
        &self.proposed
    }

    /// What was logged.
    pub fn logged(&self) -> &[Log] {
        &self.logged
    }

    fn answer(&mut self, call: Call) -> Result<Value, Refusal> {
        let Call { v, op, args } = call;
        if v != VERSION {
            return Err(refused("unknown-version", Some(Door::Manifest)));
        }
        if let Some((_, door)) = self.shut.iter().find(|(shut, _)| *shut == op) {
            return Err(refused("refused", Some(*door)));
        }
        if let Some((_, answer)) = self.answers.iter().find(|(answered, _)| *answered == op) {
            return Ok(answer.clone());
        }
        match op.as_str() {
            RecordsList::NAME => {
                let asked: RecordsList = read(args)?;
                let records: Vec<Value> = self.records.iter().enumerate().filter(|(_, (kind, _))| *kind == asked.kind)
                    .map(|(n, (kind, body))| json!({"id": format!("record-{n}"), "kind": kind, "version": 1, "body": body}))
                    .collect();
                let total = records.len() as u64;
                written(&Records { records, total })
            }
            RecordsPropose::NAME => {
                self.proposed.push(read(args)?);
                written(&Proposed { proposal: format!("proposal-{}", self.proposed.len()) })
            }
            DocumentsContent::NAME => {
                let asked: DocumentsContent = read(args)?;
                let (media_type, bytes) =
                    self.documents.get(&asked.document).ok_or_else(|| refused("not-found", None))?;
                let length = asked.length.min(DocumentsContent::MOST) as usize;
                let from = usize::try_from(asked.from).unwrap_or(usize::MAX).min(bytes.len());
                let piece = &bytes[from..bytes.len().min(from.saturating_add(length))];
                let (size, media_type) = (bytes.len() as u64, media_type.clone());
                written(&Piece { bytes: crate::base64::encode(piece), size, media_type })
            }
            SettingsGet::NAME => Ok(self.settings.clone()),
            KvGet::NAME => {
                let asked: KvGet = read(args)?;
                written(&Kept { value: self.kept.get(&asked.key).cloned().unwrap_or_default() })
            }
            KvPut::NAME => {
                let asked: KvPut = read(args)?;
                self.kept.insert(asked.key, asked.value);
                written(&Done {})
            }
            Log::NAME => {
                self.logged.push(read(args)?);
                written(&Done {})
            }
            _ => Err(refused("unavailable", None)),
        }
    }
}

/// The reply of the house that runs on this thread; without one every call is refused.
pub(crate) fn answer(request: &[u8]) -> Vec<u8> {
    let reply = CURRENT.with_borrow_mut(|house| {
        let house = house.as_mut().ok_or_else(|| refused("no-house", None))?;
        let call = serde_json::from_slice(request).map_err(|_| refused("bad-message", Some(Door::Manifest)))?;
        house.answer(call)
    });
    let reply = match reply {
        Ok(value) => Reply::Ok(value),
        Err(refusal) => Reply::Error(refusal),
    };
    serde_json::to_vec(&reply).unwrap_or_default()
}

fn read<O: Operation>(args: Value) -> Result<O, Refusal> {
    serde_json::from_value(args).map_err(|_| refused("bad-arguments", Some(Door::Manifest)))
}

fn written(answer: &impl serde::Serialize) -> Result<Value, Refusal> {
    serde_json::to_value(answer).map_err(|_| refused("internal", None))
}

fn refused(code: &str, door: Option<Door>) -> Refusal {
    Refusal { code: code.to_owned(), door, message: "the test's house says so".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host;

    #[test]
    fn without_a_house_every_call_is_refused() {
        assert_eq!(host::call(&RecordsList::of("note")).expect_err("nobody there").code, "no-house");
    }

    #[test]
    fn a_shut_door_is_named() {
        let house = House::new().with_shut("records.list", Door::Consent);
        let refusal = house.run(|| host::call(&RecordsList::of("note"))).expect_err("shut");
        assert_eq!(refusal.door, Some(Door::Consent));
    }

    #[test]
    fn what_is_kept_is_found_again_and_what_is_proposed_can_be_looked_at() {
        let ((), house) = House::new().run_and_return(|| {
            host::call(&KvPut { key: "seen".into(), value: json!(3) }).expect("kept");
            assert_eq!(host::call(&KvGet { key: "seen".into() }).expect("found").value, json!(3));
            let note =
                RecordsPropose { kind: "note".into(), body: json!({"text": "x"}), profile: None, evidence: None };
            host::call(&note).expect("proposed");
            host::log(phm_plugin_api::v1::calls::Level::Info, "done");
        });
        assert_eq!((house.proposed().len(), house.logged().len()), (1, 1));
    }
}
