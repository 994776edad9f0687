//! The items of a backup's body, one after the other.

use std::fs::File;
use std::io::{BufReader, Read};

use super::form::{FILE, INVENTORY, ROW, cut, damaged};
use crate::error::Result;
use crate::store::MAX_VALUE;

/// The longest small file a backup holds: keys and heads.
const LONGEST_FILE: u64 = 64 << 20;

/// One item of a body.
pub(crate) enum Item<'i> {
    /// `vault.toml`, `heads`; in form 1 `slots` and `keyring` too.
    Small(String, Vec<u8>),
    /// The sealed file of a document.
    Document(String, &'i mut dyn Read),
    /// A row of the store.
    Row(Vec<u8>, Vec<u8>),
    /// The inventory, which [`Frame::inventory`](super::frame::Frame::inventory) reads.
    Inventory,
}

/// Items on their way from a file; nothing is read behind the body.
pub(super) struct In {
    file: BufReader<File>,
    left: u64,
}

impl In {
    /// The next `left` bytes of a file.
    pub fn new(file: BufReader<File>, left: u64) -> Self {
        Self { file, left }
    }

    fn take(&mut self, out: &mut [u8]) -> Result<()> {
        self.left = self.left.checked_sub(out.len() as u64).ok_or_else(damaged)?;
        self.file.read_exact(out).map_err(cut)
    }

    pub fn fixed<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut out = [0; N];
        self.take(&mut out)?;
        Ok(out)
    }

    /// A length is believed only as far as there are bytes.
    fn bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        if length > self.left {
            return Err(damaged());
        }
        let mut out = vec![0; usize::try_from(length).map_err(|_| damaged())?];
        self.take(&mut out)?;
        Ok(out)
    }

    fn name(&mut self) -> Result<Vec<u8>> {
        let length = u16::from_be_bytes(self.fixed()?);
        self.bytes(length.into())
    }

    pub fn inventory(&mut self) -> Result<Vec<u8>> {
        let length = u32::from_be_bytes(self.fixed()?);
        self.bytes(length.into())
    }
}

/// Shows every item of the first `bytes` bytes of a backup.
pub(super) fn items(file: File, bytes: u64, mut visit: impl FnMut(Item<'_>) -> Result<()>) -> Result<()> {
    let mut input = In::new(BufReader::with_capacity(256 * 1024, file), bytes);
    let _magic_and_version = input.fixed::<5>()?;
    while input.left > 0 {
        match input.fixed::<1>()?[0] {
            ROW => {
                let address = input.name()?;
                let length = u32::from_be_bytes(input.fixed()?);
                if length as usize > MAX_VALUE {
                    return Err(damaged());
                }
                let value = input.bytes(length.into())?;
                visit(Item::Row(address, value))?;
            }
            FILE => {
                let name = String::from_utf8(input.name()?).map_err(|_| damaged())?;
                let length = u64::from_be_bytes(input.fixed()?);
                if let Some(name) = name.strip_prefix("documents/") {
                    input.left = input.left.checked_sub(length).ok_or_else(damaged)?;
                    let mut content = (&mut input.file).take(length);
                    visit(Item::Document(name.to_owned(), &mut content))?;
                    std::io::copy(&mut content, &mut std::io::sink())?;
                    if content.limit() > 0 {
                        return Err(damaged());
                    }
                } else if length > LONGEST_FILE {
                    return Err(damaged());
                } else {
                    let content = input.bytes(length)?;
                    visit(Item::Small(name, content))?;
                }
            }
            INVENTORY => {
                input.inventory()?;
                visit(Item::Inventory)?;
            }
            _ => return Err(damaged()),
        }
    }
    Ok(())
}
