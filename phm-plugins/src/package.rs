//! The package: a zip named `<name>-<version>.phmp` with `plugin.toml`, the module, the signature and a few more files.
//!
//! It is read into memory whole and never unpacked to disk. Names are plain, none stands twice, and sizes are counted while
//! reading, not believed.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};

use phm_core::crypto::digest::{hex, sha256};
use serde_json::Value;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::error::{PluginError, Result};
use crate::manifest::{Manifest, is_file};
use crate::settings::Schema;
use crate::signature::{self, AuthorKey, SigningKey};

/// The file of the manifest.
pub const MANIFEST: &str = "plugin.toml";
/// How the name of a package ends.
pub const EXTENSION: &str = "phmp";
/// Bytes of a package at most.
pub const MOST_BYTES: usize = 16 << 20;
/// Bytes of its files together at most.
const MOST_UNPACKED: u64 = 32 << 20;
const MOST_FILES: usize = 64;
/// How the head of each file in the directory of an archive begins.
const HEAD: &[u8] = b"PK\x01\x02";
/// Such heads at most; a module may hold some by chance.
const MOST_HEADS: usize = 1_000;

/// A package that was read and whose manifest obeys the rules. Its signature is another question: [`Package::signer`].
#[derive(Clone, Debug)]
pub struct Package {
    manifest: Manifest,
    files: BTreeMap<String, Vec<u8>>,
}

fn wrong(text: impl Into<String>) -> PluginError {
    PluginError::Package(text.into())
}

impl Package {
    /// A package of these files.
    pub fn of(mut files: BTreeMap<String, Vec<u8>>) -> Result<Self> {
        files.remove(signature::FILE);
        Self::whole(files)
    }

    fn whole(files: BTreeMap<String, Vec<u8>>) -> Result<Self> {
        if files.len() > MOST_FILES || files.values().map(|bytes| bytes.len() as u64).sum::<u64>() > MOST_UNPACKED {
            return Err(wrong("it holds too many files, or too large ones"));
        }
        if let Some(name) = files.keys().find(|name| !is_file(name)) {
            // Quoted, because the name is whatever somebody wrote.
            return Err(wrong(format!("{name:?} is no plain name of a file")));
        }
        let manifest = files.get(MANIFEST).ok_or_else(|| wrong("it has no plugin.toml"))?;
        let manifest = Manifest::parse(std::str::from_utf8(manifest).map_err(|_| wrong("plugin.toml is not UTF-8"))?)?;
        for named in [Some(&manifest.entry), manifest.settings.as_ref()].into_iter().flatten() {
            if !files.contains_key(named) {
                return Err(wrong(format!("it has no file {named}, which its manifest names")));
            }
        }
        let package = Self { manifest, files };
        package.schema()?;
        Ok(package)
    }

    /// The schema of its settings; `None` where it has none.
    pub fn schema(&self) -> Result<Option<Schema>> {
        self.manifest.settings.as_deref().and_then(|name| self.file(name)).map(Schema::parse).transpose()
    }

    /// The same as it is kept.
    pub(crate) fn schema_value(&self) -> Result<Option<Value>> {
        let file = self.manifest.settings.as_deref().and_then(|name| self.file(name));
        file.map(|bytes| serde_json::from_slice(bytes).map_err(|_| wrong("its settings are no JSON"))).transpose()
    }

    /// Reads a package.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MOST_BYTES {
            return Err(wrong("it is larger than 16 MiB"));
        }
        // Counted before the directory is read: 16 MiB of nothing but heads would take many times as much memory.
        if bytes.windows(HEAD.len()).filter(|place| *place == HEAD).nth(MOST_HEADS).is_some() {
            return Err(wrong("it holds too many files"));
        }
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
        // The reader would show the last of them only.
        if archive.has_duplicate_names() {
            return Err(wrong("a name stands in it twice"));
        }
        if archive.len() > MOST_FILES {
            return Err(wrong("it holds too many files"));
        }
        let mut files = BTreeMap::new();
        let mut left = MOST_UNPACKED;
        for n in 0..archive.len() {
            let mut file = archive.by_index(n).map_err(|error| broken(&error))?;
            if !file.is_file() {
                return Err(wrong("it holds something that is no file"));
            }
            let name = std::str::from_utf8(file.name_raw()).map_err(|_| wrong("a name is not UTF-8"))?.to_owned();
            let mut content = Vec::new();
            // One byte more than is left tells a file that is too large from one that just fits.
            file.by_ref().take(left + 1).read_to_end(&mut content).map_err(|_| wrong("a file in it is damaged"))?;
            left = left.checked_sub(content.len() as u64).ok_or_else(|| wrong("its files are larger than 32 MiB"))?;
            if files.insert(name, content).is_some() {
                return Err(wrong("a name stands in it twice"));
            }
        }
        Self::whole(files)
    }

    /// The package's bytes, the same for the same files.
    pub fn write(&self) -> Result<Vec<u8>> {
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        for (name, bytes) in &self.files {
            out.start_file(name.as_str(), options).map_err(|error| broken(&error))?;
            out.write_all(bytes)?;
        }
        Ok(out.finish().map_err(|error| broken(&error))?.into_inner())
    }

    /// The same package, signed.
    pub fn signed(mut self, key: &SigningKey) -> Self {
        self.files.remove(signature::FILE);
        let text = key.sign(&self.files);
        self.files.insert(signature::FILE.to_owned(), text.into_bytes());
        self
    }

    /// Whose signature it carries; see [`signature::signer`].
    pub fn signer(&self) -> Result<AuthorKey> {
        signature::signer(&self.files)
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The module.
    pub fn module(&self) -> &[u8] {
        self.file(&self.manifest.entry).unwrap_or_default()
    }

    /// A file of the package.
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// The name of its file: `<name>-<version>.phmp`.
    pub fn file_name(&self) -> String {
        format!("{}-{}.{EXTENSION}", self.manifest.name, self.manifest.version)
    }
}

/// The SHA-256 of a package's bytes, by which an installed one is known.
pub fn fingerprint(bytes: &[u8]) -> String {
    hex(&sha256(&[bytes]))
}

fn broken(error: &ZipError) -> PluginError {
    wrong(match error {
        ZipError::UnsupportedArchive(_) => "it uses a feature of zip that packages do not",
        ZipError::Io(_) => "it is cut or damaged",
        _ => "it is no zip file, or damaged",
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const TOML: &str = "name = \"probe\"\nversion = \"0.1.0\"\napi = 1\nkind = \"insight\"\nsummary = \"Tries things.\"\nlicense = \"MIT\"\n";

    fn files() -> BTreeMap<String, Vec<u8>> {
        BTreeMap::from([(MANIFEST.to_owned(), TOML.into()), ("plugin.wasm".to_owned(), b"\0asm\x01\0\0\0".to_vec())])
    }

    fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            out.start_file(*name, SimpleFileOptions::default()).expect("a file");
            out.write_all(bytes).expect("written");
        }
        out.finish().expect("a zip").into_inner()
    }

    #[test]
    fn a_package_reads_back_and_the_same_files_give_the_same_bytes() {
        let package = Package::of(files()).expect("a package");
        let bytes = package.write().expect("written");
        assert_eq!(bytes, package.write().expect("written again"));
        let read = Package::read(&bytes).expect("own bytes");
        assert_eq!((read.file_name().as_str(), read.module().len()), ("probe-0.1.0.phmp", 8));
    }

    #[test]
    fn what_is_no_package_is_refused() {
        let refused = |entries: &[(&str, &[u8])]| Package::read(&zip(entries)).expect_err("refused").to_string();
        let (toml, wasm) = ((MANIFEST, TOML.as_bytes()), ("plugin.wasm", b"\0asm".as_slice()));
        assert!(refused(&[wasm]).contains("no plugin.toml"));
        assert!(refused(&[toml]).contains("plugin.wasm"));
        for name in ["../evil", "/etc/passwd", "a/b/c", ".hidden", "a\\b", "con:x"] {
            assert!(refused(&[toml, wasm, (name, b"x")]).contains("no plain name"), "{name}");
        }
        for bytes in [b"".as_slice(), b"PK", b"not a zip at all"] {
            assert!(Package::read(bytes).is_err());
        }
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        // Written under another name of the same length and renamed, since the writer itself refuses.
        let mut bytes = zip(&[(MANIFEST, TOML.as_bytes()), ("plugin.wasm", b"good"), ("plugin.wasX", b"evil")]);
        while let Some(at) = bytes.windows(11).position(|window| window == b"plugin.wasX") {
            bytes[at..at + 11].copy_from_slice(b"plugin.wasm");
        }
        assert!(Package::read(&bytes).expect_err("refused").to_string().contains("twice"));
    }

    #[test]
    fn a_package_that_unpacks_to_more_than_it_may_is_refused() {
        let zeros = vec![0; 33 << 20];
        let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        out.start_file(MANIFEST, deflated).expect("a file");
        out.write_all(TOML.as_bytes()).expect("written");
        out.start_file("plugin.wasm", deflated).expect("a file");
        out.write_all(&zeros).expect("written");
        let bomb = out.finish().expect("a zip").into_inner();
        assert!(bomb.len() < 1 << 20, "{} bytes", bomb.len());
        assert!(Package::read(&bomb).expect_err("refused").to_string().contains("32 MiB"));
    }

    #[test]
    fn a_directory_of_very_many_files_is_refused_before_it_is_read() {
        let error = Package::read(&HEAD.repeat(MOST_HEADS + 1)).expect_err("refused").to_string();
        assert!(error.contains("too many files"), "{error}");
        let error = Package::read(&HEAD.repeat(MOST_HEADS)).expect_err("no zip").to_string();
        assert!(!error.contains("too many files"), "{error}");
    }

    #[test]
    fn every_cut_package_is_refused() {
        let bytes = Package::of(files()).expect("a package").write().expect("written");
        for length in 0..bytes.len() {
            assert!(Package::read(&bytes[..length]).is_err(), "{length} bytes");
        }
    }
}
