//! The JSON Schema of every message, as committed in `sdk/api/schema/v1.json`. `PHM_WRITE_SCHEMA=1` writes it anew.

use phm_plugin_api::v1::calls::{
    Call, ClinicalCall, DocumentsContent, DocumentsText, DrugsFacts, HttpFetch, KvGet, KvPut, LlmEmbed, LlmGenerate,
    Log, OPERATIONS, OcrRecognize, RecordsList, RecordsPropose, Reply, SettingsGet,
};
use phm_plugin_api::v1::{Operation, assistant, document, drugs, import, insight, notify};
use schemars::{JsonSchema, schema_for};
use serde_json::{Map, Value, json};

fn operation<O: Operation + JsonSchema>(all: &mut Map<String, Value>)
where
    O::Answer: JsonSchema,
{
    all.insert(O::NAME.into(), json!({"args": schema_for!(O), "ok": schema_for!(O::Answer)}));
}

fn kind<I: JsonSchema, O: JsonSchema>() -> Value {
    json!({"input": schema_for!(I), "output": schema_for!(O)})
}

fn schema() -> Value {
    let mut operations = Map::new();
    operation::<RecordsList>(&mut operations);
    operation::<RecordsPropose>(&mut operations);
    operation::<DocumentsText>(&mut operations);
    operation::<DocumentsContent>(&mut operations);
    operation::<OcrRecognize>(&mut operations);
    operation::<LlmGenerate>(&mut operations);
    operation::<LlmEmbed>(&mut operations);
    operation::<DrugsFacts>(&mut operations);
    operation::<ClinicalCall>(&mut operations);
    operation::<HttpFetch>(&mut operations);
    operation::<SettingsGet>(&mut operations);
    operation::<KvGet>(&mut operations);
    operation::<KvPut>(&mut operations);
    operation::<Log>(&mut operations);
    assert_eq!(operations.len(), OPERATIONS.len(), "every operation has a schema");
    json!({
        "call": schema_for!(Call),
        "reply": schema_for!(Reply),
        "operations": operations,
        "kinds": {
            "assistant": kind::<assistant::Input, assistant::Output>(),
            "document": kind::<document::Input, document::Output>(),
            "drugs": kind::<drugs::Input, drugs::Output>(),
            "import": kind::<import::Input, import::Output>(),
            "insight": kind::<insight::Input, insight::Output>(),
            "notify": kind::<notify::Input, notify::Output>(),
        },
    })
}

#[test]
fn the_committed_schema_is_that_of_the_messages() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/api/schema/v1.json");
    let text = format!("{:#}\n", schema());
    if std::env::var_os("PHM_WRITE_SCHEMA").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, &text).expect("written");
    }
    let committed = std::fs::read_to_string(&path).expect("the committed schema");
    assert!(
        committed == text,
        "the messages have changed; see the front page of phm_plugin_api, then PHM_WRITE_SCHEMA=1"
    );
}
