//! Version 1: one message in, one reply out.
//!
//! Frozen with `phm_plugin_api::v1`. Whatever bytes arrive, a reply leaves: a message that is none, an unknown operation and
//! arguments of another form are answered, not trusted.

use phm_plugin_api::v1::calls::{
    ClinicalCall, DocumentsContent, DocumentsText, DrugsFacts, HttpFetch, KvGet, KvPut, LlmEmbed, LlmGenerate, Log,
    OPERATIONS, OcrRecognize, RecordsList, RecordsPropose, SettingsGet,
};
use phm_plugin_api::v1::{Call, Door, Operation, Refusal, Reply, VERSION};
use serde_json::Value;

use crate::granter::refusal;
use crate::host::{Host, clinical, documents, http, kv, lent, log, records, settings};

/// The reply to the bytes of one message.
pub fn answer(host: &mut Host, request: &[u8]) -> Vec<u8> {
    let reply = match serde_json::from_slice::<Call>(request) {
        Ok(call) if call.v == VERSION => dispatch(host, call),
        Ok(_) => Err(misformed("unknown-version", "this PHM speaks version 1")),
        Err(_) => Err(misformed("bad-message", "a message is {\"v\":1,\"op\":…,\"args\":{…}}")),
    };
    let bytes = written(&match reply {
        Ok(value) => Reply::Ok(value),
        Err(refusal) => Reply::Error(refusal),
    });
    if bytes.len() as u64 <= host.limits().message_bytes {
        return bytes;
    }
    written(&Reply::Error(refusal(
        "reply-too-large",
        Door::Limit,
        "the reply is larger than a message may be; ask for less",
    )))
}

fn written(reply: &Reply) -> Vec<u8> {
    serde_json::to_vec(reply).expect("a reply is plain JSON")
}

fn dispatch(host: &mut Host, call: Call) -> Result<Value, Refusal> {
    let Some(op) = OPERATIONS.iter().find(|op| **op == call.op) else {
        return Err(misformed("unknown-operation", "there is no such operation in version 1"));
    };
    host.used(op);
    match *op {
        RecordsList::NAME => with(host, call.args, records::list),
        RecordsPropose::NAME => with(host, call.args, records::propose),
        SettingsGet::NAME => with(host, call.args, settings::get),
        KvGet::NAME => with(host, call.args, kv::get),
        KvPut::NAME => with(host, call.args, kv::put),
        Log::NAME => with(host, call.args, log::write),
        DocumentsText::NAME => with(host, call.args, documents::text),
        DocumentsContent::NAME => with(host, call.args, documents::content),
        OcrRecognize::NAME => with(host, call.args, lent::ocr_recognize),
        LlmGenerate::NAME => with(host, call.args, lent::llm_generate),
        LlmEmbed::NAME => with(host, call.args, lent::llm_embed),
        ClinicalCall::NAME => with(host, call.args, clinical::call),
        DrugsFacts::NAME => with(host, call.args, lent::drugs_facts),
        HttpFetch::NAME => with(host, call.args, http::fetch),
        _ => Err(misformed("unknown-operation", "there is no such operation in version 1")),
    }
}

/// Reads the arguments, asks the family, and writes what it answers.
fn with<O: Operation>(
    host: &mut Host,
    args: Value,
    family: impl FnOnce(&mut Host, O) -> Result<O::Answer, Refusal>,
) -> Result<Value, Refusal> {
    let args = if args.is_null() { Value::Object(serde_json::Map::new()) } else { args };
    // A list of values in the order of the fields would be read as them too; what is frozen is the object.
    let asked = Some(args).filter(Value::is_object).and_then(|args| serde_json::from_value(args).ok());
    let asked = asked.ok_or_else(|| misformed("bad-arguments", "the arguments have another form"))?;
    let answer = family(host, asked)?;
    serde_json::to_value(answer).map_err(|_| wrong("internal", "the answer could not be written"))
}

/// A refusal of what is no message of the version that the manifest names: the first door is where it is stopped.
pub fn misformed(code: &str, message: &str) -> Refusal {
    refusal(code, Door::Manifest, message)
}

/// A refusal of a call that passed the doors and cannot be answered.
pub fn wrong(code: &str, message: &str) -> Refusal {
    Refusal { code: code.to_owned(), door: None, message: message.to_owned() }
}
