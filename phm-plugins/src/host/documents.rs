//! Documents: the file of one, piece by piece, and the text that was read out of it.
//!
//! What strangers made is not parsed here. A plugin asks for the bytes and reads them inside its sandbox; the text it answers
//! with is kept, and given to whoever asks for the text of the document later.

use std::io::{Read as _, Seek as _, SeekFrom};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::vault::Removed;
use phm_plugin_api::v1::calls::{DocumentText, DocumentsContent, DocumentsText, Piece};
use phm_plugin_api::v1::document::{Output, Page};
use phm_plugin_api::v1::{Door, Operation as _, Refusal};
use serde_json::Value;

use super::{Host, failed};
use crate::api::v1::{misformed, wrong};
use crate::granter::refusal;
use crate::proposals;
use crate::readings::{self, Reading};

const DOCUMENT: &str = "document";
/// Bytes of a file that plugins are given at most.
const LARGEST: u64 = 64 << 20;
/// Bytes of a file of plain text whose text is given.
const LARGEST_TEXT: u64 = 1 << 20;

/// `documents.content`
pub fn content(host: &mut Host, asked: DocumentsContent) -> Result<Piece, Refusal> {
    host.pass(DocumentsContent::NAME, None, None)?;
    if !(1..=DocumentsContent::MOST).contains(&asked.length) {
        return Err(misformed("bad-arguments", "a piece has 1 byte to 1 MiB"));
    }
    let (session, permit) = host.sessions.consent(Action::Read, DOCUMENT, None)?;
    let mut file = session.document(&permit, id_of(&asked.document)?).map_err(|error| failed(&error))?;
    if file.bytes > LARGEST {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    if asked.from < file.bytes {
        let read = file.seek(SeekFrom::Start(asked.from));
        let read = read.and_then(|_| file.by_ref().take(u64::from(asked.length)).read_to_end(&mut bytes));
        read.map_err(|error| failed(&error.into()))?;
    }
    Ok(Piece { bytes: STANDARD.encode(&bytes), size: file.bytes, media_type: file.media_type })
}

/// `documents.text`
pub fn text(host: &mut Host, asked: DocumentsText) -> Result<DocumentText, Refusal> {
    host.pass(DocumentsText::NAME, None, None)?;
    let id = id_of(&asked.document)?;
    let (session, permit) = host.sessions.consent(Action::Read, DOCUMENT, None)?;
    let record = session.read(&permit, id, Removed::Hide).map_err(|error| failed(&error))?;
    let body: Value = serde_json::from_str(record.body.get()).unwrap_or_default();
    if body["media_type"] == "text/plain" {
        let mut file = session.document(&permit, id).map_err(|error| failed(&error))?;
        if file.bytes > LARGEST_TEXT {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|error| failed(&error.into()))?;
        let text = String::from_utf8(bytes).map_err(|_| wrong("not-text", "the file is not text in UTF-8"))?;
        let pages = vec![Page { number: 1, text: text.clone(), words: Vec::new() }];
        return Ok(DocumentText { text, pages, read_by: None });
    }
    let reading = readings::get(&host.vault, permit.profile(), id).map_err(|error| failed(&error))?;
    let reading = reading
        .filter(|reading| reading.is_of(&body) && !reading.pages.is_empty())
        .ok_or_else(|| wrong("not-read", "nothing has read this document yet; its page has a button for that"))?;
    if reading.sensitive {
        // The text is what a plugin answered, and that one may have put something of another document into it.
        host.sessions.learn_sensitive();
    }
    let text = reading.pages.iter().map(|page| page.text.as_str()).collect::<Vec<_>>().join("\n");
    let read_by = Some(format!("{} {}", reading.plugin, reading.version));
    Ok(DocumentText { text, pages: reading.pages, read_by })
}

/// Keeps what a document plugin read out of a document, and lets go of proposals that a person has decided on before. Where
/// the plugin may not read the document nothing is kept, and nothing may be proposed: it cannot have read it here. Where it
/// finds nothing any more, what it found there before waits no more.
pub fn keep(host: &mut Host, document: RecordId, output: &mut Output) -> Result<(), Refusal> {
    let (session, permit) = match host.sessions.consent(Action::Read, DOCUMENT, None) {
        Ok(allowed) => allowed,
        Err(_) if output.proposals.is_empty() => return Ok(()),
        Err(shut) => return Err(shut),
    };
    let profile: ProfileId = permit.profile();
    // In one go with the look whether the document is there: of one that is removed meanwhile nothing stays.
    let kept = host.vault.together(|all| {
        let record = session.read(&permit, document, Removed::Hide)?;
        let body: Value = serde_json::from_str(record.body.get()).unwrap_or_default();
        let decided = readings::decisions(all, profile, document)?.unwrap_or_default();
        output.proposals.retain(|one| !decided.contains(&readings::fingerprint(&one.kind, &one.body)));
        for one in &mut output.proposals {
            // Found in the document that was handed over, whatever the plugin says, and if it says nothing.
            one.evidence.get_or_insert_default().document = Some(document.to_string());
        }
        let reading = Reading {
            sha256: body["sha256"].as_str().unwrap_or_default().to_owned(),
            plugin: host.plugin.0.clone(),
            version: host.plugin.1.clone(),
            read_at: session.now(),
            pages: output.pages.clone(),
            not_understood: output.not_understood.clone(),
            unreadable: output.unreadable.clone(),
            found: u32::try_from(output.proposals.len()).unwrap_or(u32::MAX),
            decided,
            sensitive: host.sessions.knows_sensitive(),
        };
        readings::keep_in(all, profile, document, reading)
    });
    kept.map_err(|error| failed(&error))?;
    if output.proposals.is_empty() {
        let cleared =
            proposals::add_of(&host.vault, profile, &host.plugin.0, host.ruled_as(), Some(document), Vec::new());
        cleared.map_err(|error| failed(&error))?;
    }
    Ok(())
}

fn id_of(text: &str) -> Result<RecordId, Refusal> {
    text.parse().map_err(|_| misformed("bad-arguments", "a document is named by the id of its record"))
}

fn too_large() -> Refusal {
    refusal("document-too-large", Door::Limit, "the file is larger than a plugin is given")
}
