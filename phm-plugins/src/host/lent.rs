//! What the house lends: OCR, language models, facts about drugs.
//!
//! The doors stand here as everywhere. A house says what of it it does not have: a plugin is never answered
//! with something made up.

use phm_core::access::Action;
use phm_plugin_api::v1::calls::{DrugsFacts, LlmEmbed, LlmGenerate, OcrRecognize, Text, Vectors};
use phm_plugin_api::v1::{Operation as _, Refusal};
use serde_json::Value;

use super::Host;
use crate::api::v1::wrong;
use crate::error::PluginError;

fn unavailable() -> Refusal {
    wrong("unavailable", "this house does not lend that")
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

/// `drugs.facts`: what the user's own data say of a name.
pub fn drugs_facts(host: &mut Host, asked: DrugsFacts) -> Result<Value, Refusal> {
    host.pass(DrugsFacts::NAME, None, None)?;
    let facts = host.facts.as_ref().ok_or_else(unavailable)?;
    match facts.of(&host.vault, &asked.name) {
        Ok(found) => found.ok_or_else(unavailable),
        // Not the same as knowing nothing: whoever asks must not go on as if there were nothing to find.
        Err(PluginError::FactsChanged) => {
            Err(wrong("facts-changed", "the facts that were imported are gone or were changed"))
        }
        Err(_) => Err(wrong("internal", "the facts could not be read")),
    }
}
