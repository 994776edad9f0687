//! What the house lends: OCR, language models, facts about drugs, the network.
//!
//! The doors stand here as everywhere. Behind them this house has no such machine yet, and says so: a plugin is never answered
//! with something made up.

use phm_core::access::Action;
use phm_plugin_api::v1::calls::{DrugsFacts, Fetched, HttpFetch, LlmEmbed, LlmGenerate, OcrRecognize, Text, Vectors};
use phm_plugin_api::v1::{Operation as _, Refusal};
use serde_json::Value;

use super::Host;
use crate::api::v1::wrong;

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

/// `drugs.facts`
pub fn drugs_facts(host: &mut Host, _: DrugsFacts) -> Result<Value, Refusal> {
    host.pass(DrugsFacts::NAME, None, None)?;
    Err(unavailable())
}

/// `http.fetch`
pub fn http_fetch(host: &mut Host, asked: HttpFetch) -> Result<Fetched, Refusal> {
    let name =
        host_of(&asked.url).ok_or_else(|| wrong("bad-arguments", "an address is https:// and a host by name"))?;
    host.pass(HttpFetch::NAME, None, Some(name))?;
    Err(unavailable())
}

/// The host of `https://host/…`; nothing where a port, a user or an address by number stands in it.
fn host_of(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://")?;
    let host = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let plain =
        host.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    (plain && host.contains('.')).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn only_a_plain_host_by_name_passes() {
        assert_eq!(host_of("https://api.example.org/v1?x#y"), Some("api.example.org"));
        for bad in [
            "http://api.example.org",
            "https://user@api.example.org/",
            "https://api.example.org:8443/",
            "https://[::1]/",
            "https://api.example.org\\@evil.example/",
            "https://API.example.org/",
            "https://localhost/",
            "file:///etc/passwd",
        ] {
            assert_eq!(host_of(bad), None, "{bad}");
        }
    }
}
