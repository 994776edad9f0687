//! State rows, rows of nobody, the files of documents, and what stands beside them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};

use super::{Verifying, Where, stands};
use crate::crypto;
use crate::crypto::digest::Sha256;
use crate::error::Result;
use crate::id::{FileId, ProfileId};
use crate::store::Store as _;
use crate::store::layout::{self, Blinded, Table};
use crate::vault::session::{Stop, go_on};

impl Verifying<'_> {
    /// Opens every state row.
    pub(super) fn state(&mut self, owners: &[(ProfileId, Blinded)]) -> Result<()> {
        for (owner, blinded) in owners {
            // Without parts where one does not stand where it is found.
            let mut rows: BTreeMap<Vec<u8>, Option<Vec<Vec<u8>>>> = BTreeMap::new();
            let mut ended = Ok(());
            let (from, to) = layout::rows_of(Table::State, blinded);
            self.inner.store.scan(&from, &to, &mut |(address, value)| {
                let key = address.get(..33).unwrap_or(address);
                let row = rows.entry(key.to_vec()).or_insert_with(|| Some(Vec::new()));
                let part = row.as_ref().map_or(0, Vec::len);
                match stands(&self.inner.store, &from, part, address) {
                    Ok(true) => row.iter_mut().for_each(|parts| parts.push(value.to_vec())),
                    Ok(false) => *row = None,
                    Err(error) => ended = Err(error),
                }
                ended.is_ok()
            })?;
            ended?;
            for (address, parts) in rows {
                let opened = parts.map(|parts| self.inner.open_state(*owner, &address, &parts));
                if opened.is_none_or(|opened| opened.is_err()) {
                    self.found(Where::Store, Some(format!("{owner}#state")), None, "seal");
                }
            }
        }
        Ok(())
    }

    /// Finds rows of owners nobody has a key for.
    pub(super) fn strangers(&mut self, owners: &[(ProfileId, Blinded)]) -> Result<()> {
        let logs: Vec<[u8; 16]> = self.logs.iter().map(|log| *log.as_bytes()).collect();
        for table in [Table::Journal, Table::Origin, Table::State, Table::Head, Table::Audit, Table::Tile] {
            let mut strangers = 0_u64;
            let (from, to) = layout::rows(table);
            let mut last: Option<(Vec<u8>, bool)> = None;
            self.inner.store.scan(&from, &to, &mut |(address, _)| {
                let owner = address.get(1..17).unwrap_or_default();
                let known = match &last {
                    Some((same, known)) if same == owner => *known,
                    _ => {
                        let person = owners.iter().any(|(_, blinded)| blinded == owner)
                            || self.leaving.as_ref().is_some_and(|leaving| leaving.owns(self.inner, owner));
                        let known = match table {
                            Table::Audit | Table::Tile => logs.iter().any(|log| log == owner),
                            Table::Head => person || logs.iter().any(|log| log == owner),
                            _ => person,
                        };
                        last = Some((owner.to_vec(), known));
                        known
                    }
                };
                strangers += u64::from(!known);
                true
            })?;
            if strangers > 0 {
                self.found(Where::Store, Some(format!("{}: {strangers} rows of nobody", table.name())), None, "order");
            }
        }
        Ok(())
    }

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
