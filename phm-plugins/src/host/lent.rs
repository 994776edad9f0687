//! What the house lends: texts of documents, OCR, language models, facts about drugs.
//!
//! The doors stand here as everywhere. Behind them this house has no such machine yet, and says so: a plugin is never answered
//! with something made up.

use phm_core::access::Action;
use phm_plugin_api::v1::calls::{DocumentsText, DrugsFacts, LlmEmbed, LlmGenerate, OcrRecognize, Text, Vectors};
use phm_plugin_api::v1::{Operation as _, Refusal};
use serde_json::Value;

use super::Host;
use crate::api::v1::wrong;

fn unavailable() -> Refusal {
    wrong("unavailable", "this house does not lend that")
}

/// `documents.text`
pub fn documents_text(host: &mut Host, _: DocumentsText) -> Result<Text, Refusal> {
    host.pass(DocumentsText::NAME, None, None)?;
    host.sessions.consent(Action::Read, "document", None)?;
    Err(unavailable())
}

/// `ocr.recognize`
pub fn ocr_recognize(host: &mut Host, _: OcrRecognize) -> Result<Text, Refusal> {
    host.pass(OcrRecognize::NAME, None, None)?;
    host.sessions.consent(Action::Read, "document", None)?;
    Err(unavailable())
}

/// `llm.generate`
pub fn llm_generate(host: &mut Host, _: LlmGenerate) -> Result<Text, Refusal> {
    host.pass(LlmGenerate::NAME, None, None)?;
    Err(unavailable())
}

/// `llm.embed`
pub fn llm_embed(host: &mut Host, _: LlmEmbed) -> Result<Vectors, Refusal> {
    host.pass(LlmEmbed::NAME, None, None)?;
    Err(unavailable())
}

/// `drugs.facts`
pub fn drugs_facts(host: &mut Host, _: DrugsFacts) -> Result<Value, Refusal> {
    host.pass(DrugsFacts::NAME, None, None)?;
    Err(unavailable())
}
