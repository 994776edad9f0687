//! The files of documents, and what stands beside them.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};

use super::{Verifying, Where};
use crate::crypto;
use crate::crypto::digest::Sha256;
use crate::error::Result;
use crate::id::FileId;
use crate::vault::session::{Stop, go_on};

impl Verifying<'_> {
    /// Reads every document to its end and compares its hash.
    pub(super) fn documents(&mut self) -> Result<()> {
        for (file, entry) in std::mem::take(&mut self.files) {
            let whole = match self.inner.open_document(&file) {
                Ok(content) => content_hash(content, self.stop)?,
                Err(_) => None,
            };
            if whole != Some((file.bytes, file.sha256)) {
                let path = self.inner.folder.path("documents").join(file.file.to_string());
                let reason = if path.exists() { "seal" } else { "missing" };
                self.found(Where::Document, Some(entry), Some(format!("documents/{}", file.file)), reason);
            }
        }
        Ok(())
    }

    /// What stands in the folder of documents under a name the vault never gives.
    pub(super) fn strays(&self) -> Result<Vec<String>> {
        let entries = match fs::read_dir(self.inner.folder.path("documents")) {
            Ok(entries) => entries,
            // Then every document is missing, and named.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut strays = Vec::new();
        for entry in entries {
            let entry = entry?;
            let (name, is_file) = (entry.file_name(), entry.file_type()?.is_file());
            let own = if is_file {
                name.to_str().is_some_and(|name| name.parse::<FileId>().is_ok())
            } else {
                name == "incoming"
            };
            if !own {
                strays.push(format!("documents/{}", name.to_string_lossy()));
            }
        }
        strays.sort();
        Ok(strays)
    }
}

/// Length and hash of what opens to its end; `stop` ends the reading.
fn content_hash(mut content: crypto::StreamReader<File>, stop: Option<&Stop>) -> Result<Option<(u64, [u8; 32])>> {
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 64 * 1024]);
    loop {
        go_on(stop)?;
        let Ok(read) = content.read(&mut buffer) else { return Ok(None) };
        if read == 0 {
            return Ok(Some((bytes, hash.finish())));
        }
        bytes += read as u64;
        hash.update(&buffer[..read]);
    }
}
