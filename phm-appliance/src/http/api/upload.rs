//! Reading `multipart/form-data` into the vault's sealed spool.
//!
//! The one file of an upload streams through a short channel to a blocking thread that seals it; at no time does it lie
//! in clear on a disk, nor as a whole in memory. The other fields are small texts.

use std::collections::HashMap;

use bytes::Bytes;
use futures_util::StreamExt as _;
use phm_core::vault::{Spool, Vault};
use poem::web::Multipart;
use poem::{FromRequest as _, Request, RequestBody};
use tokio::io::AsyncReadExt as _;
use tokio::sync::mpsc;

use crate::http::house::{House, blocking};
use crate::http::problem::Problem;

/// Longest text field.
const LONGEST_FIELD: u64 = 1 << 20;

/// Fields of a page's form at most.
const MOST_FIELDS: usize = 500;

/// Bytes of the fields of a page's form together at most: they lie in memory, before it is known who may send them.
const MOST_TEXT: usize = 4 << 20;

/// Pieces on their way to the sealing thread.
const PIECES: usize = 8;

/// Bytes of a piece.
const PIECE: usize = 64 * 1024;

/// An upload: one file and the fields that came with it.
pub struct Upload {
    /// The file's content.
    pub content: Spool,
    /// The file's name as the sender says, without folders.
    pub name: String,
    /// The other fields.
    pub fields: HashMap<String, String>,
}

impl Upload {
    /// Reads a request; `known` names the fields that may come beside `file`.
    pub async fn read(request: &Request, body: &mut RequestBody, known: &[&str]) -> Result<Self, Problem> {
        Self::read_within(request, body, known, House::of(request).settings.upload_bytes).await
    }

    /// The same for a file of at most `limit` bytes.
    pub async fn read_within(
        request: &Request,
        body: &mut RequestBody,
        known: &[&str],
        limit: u64,
    ) -> Result<Self, Problem> {
        let house = House::of(request);
        let vault = house.open()?.vault;
        let mut parts = Multipart::from_request(request, body).await.map_err(|error| {
            if error.status() == poem::http::StatusCode::UNSUPPORTED_MEDIA_TYPE {
                Problem::new(error.status(), "unsupported-media-type", "send this upload as multipart/form-data")
            } else {
                unreadable()
            }
        })?;
        let (mut file, mut fields) = (None, HashMap::new());
        while let Some(field) = parts.next_field().await.map_err(|_| unreadable())? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == "file" && file.is_none() {
                let file_name = plain_name(field.file_name().unwrap_or_default());
                file = Some((spooled(vault.clone(), field, limit).await?, file_name));
            } else if known.contains(&name.as_str()) && !fields.contains_key(&name) {
                fields.insert(name, text(field).await?);
            } else {
                return Err(Problem::invalid(format!("/{name}"), "unknown-field"));
            }
        }
        let (content, name) = file.ok_or_else(|| Problem::invalid("/file", "required"))?;
        Ok(Self { content, name, fields })
    }
}

impl Upload {
    /// Reads a form of a page: its fields in any number, and a file of at most `limit` bytes where one was chosen.
    pub async fn read_form(
        request: &Request,
        body: &mut RequestBody,
        limit: u64,
    ) -> Result<(Vec<(String, String)>, Option<Self>), Problem> {
        let house = House::of(request);
        let vault = house.open()?.vault;
        let mut parts = Multipart::from_request(request, body).await.map_err(|_| unreadable())?;
        let (mut file, mut fields, mut left) = (None, Vec::new(), MOST_TEXT);
        while let Some(field) = parts.next_field().await.map_err(|_| unreadable())? {
            let name = field.name().unwrap_or_default().to_owned();
            let file_name = field.file_name().map(plain_name);
            match file_name {
                Some(file_name) if file_name.is_empty() => {}
                Some(file_name) if file.is_none() => {
                    file = Some((spooled(vault.clone(), field, limit).await?, file_name));
                }
                Some(_) => return Err(Problem::invalid(format!("/{name}"), "unknown-field")),
                None if fields.len() < MOST_FIELDS => {
                    let text = text(field).await?;
                    left = left.checked_sub(name.len() + text.len()).ok_or_else(unreadable)?;
                    fields.push((name, text));
                }
                None => return Err(unreadable()),
            }
        }
        let upload = file.map(|(content, name)| Self { content, name, fields: HashMap::new() });
        Ok((fields, upload))
    }
}

async fn text(field: poem::web::Field) -> Result<String, Problem> {
    let mut text = String::new();
    let mut reader = field.into_async_read().take(LONGEST_FIELD + 1);
    reader.read_to_string(&mut text).await.map_err(|_| unreadable())?;
    if text.len() as u64 > LONGEST_FIELD { Err(unreadable()) } else { Ok(text) }
}

async fn spooled(vault: Vault, field: poem::web::Field, limit: u64) -> Result<Spool, Problem> {
    let (sender, mut pieces) = mpsc::channel::<Bytes>(PIECES);
    let sealing = blocking(move || {
        let mut spool = vault.spool(limit)?;
        let mut whole = false;
        while let Some(piece) = pieces.blocking_recv() {
            // An empty piece says that the file has come to its end rather than broken off.
            whole = piece.is_empty();
            spool.write(&piece)?;
        }
        if whole { Ok(spool.finish()?) } else { Err(unreadable()) }
    });
    let reading = async move {
        let mut stream = tokio_util::io::ReaderStream::with_capacity(field.into_async_read(), PIECE);
        while let Some(piece) = stream.next().await {
            let Ok(piece) = piece else { return };
            if !piece.is_empty() && sender.send(piece).await.is_err() {
                // The sealing thread has given up and says why itself.
                return;
            }
        }
        let _ = sender.send(Bytes::new()).await;
    };
    tokio::join!(sealing, reading).0
}

/// A file name without folders and control characters; it is shown, never opened.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(200).collect()
}

pub(super) fn unreadable() -> Problem {
    Problem::new(poem::http::StatusCode::BAD_REQUEST, "bad-request", "the upload broke off or is not well formed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_only_ever_a_name() {
        assert_eq!(plain_name("../../etc/passwd"), "passwd");
        assert_eq!(plain_name("C:\\Users\\a\\report.pdf"), "report.pdf");
        assert_eq!(plain_name("a\u{0}b\n.pdf"), "ab.pdf");
    }
}
