//! What is sealed about somebody, as it stood at a moment, and which keys open it.

use std::collections::HashSet;
use std::io::Cursor;

use super::Home;
use crate::crypto::digest::hex;
use crate::crypto::keyring::{Keyring, Owner};
use crate::crypto::secret::{FileKey, KeyBytes, ProfileKey};
use crate::crypto::{self, StreamReader};
use crate::id::{FileId, ProfileId, VaultId};
use crate::index::{ProfileIndex, decode_checkpoint};
use crate::store::Store as _;
use crate::store::layout::{Blinded, Table, rows_of, seq_and_part};
use crate::vault::Inner;
use crate::vault::checkpoints::{chunk_context, next_body};
use crate::vault::flat::{self, Form};
use crate::vault::journal::{self, context};
use crate::vault::ledger::about_context;
use crate::vault::profiles::head_context;
use crate::vault::records::read_lock;
use crate::vault::series::rows::context as samples_context;

/// A sealed body as it stood at a moment, with what it is bound to.
pub(super) struct Body {
    pub context: Vec<u8>,
    pub parts: Vec<Vec<u8>>,
}

/// The sealed file of a document as it stood at a moment.
pub(super) struct SealedFile {
    vault: VaultId,
    file: FileId,
    bytes: Vec<u8>,
}

/// Copies of what was sealed at a moment.
pub(super) struct Copies {
    pub bodies: Vec<Body>,
    pub files: Vec<SealedFile>,
}

impl Copies {
    /// What is sealed under keys of Asha's own, or under one that stands in her journal: the journal, her samples and
    /// documents, what is kept of her index, and what the log says about her inside.
    pub fn her_own(home: &Home) -> Self {
        let inner = home.inner();
        inner.committer.flush().expect("flushed");
        let (series, index, files) = (series_bodies(inner, home.asha), index_bodies(home), file_bodies(home));
        assert_eq!((series.len(), files.len()), (3, 1), "a directory, a block, samples that wait, and the scan");
        let mut bodies = journal_bodies(inner, home.asha);
        bodies.extend(log_bodies(inner, home.asha));
        bodies.extend(series);
        bodies.extend(index);
        Self { bodies, files }
    }

    pub fn count(&self) -> usize {
        self.bodies.len() + self.files.len()
    }

    /// How many open with any of these keys, or with a key that stands in one that does.
    pub fn opened(&self, keys: &[[u8; 32]]) -> usize {
        let mut all = keys_within(&self.bodies, keys);
        all.extend(keys);
        let opens = |file: &&SealedFile| {
            all.iter().any(|key| {
                let sealed = Cursor::new(file.bytes.as_slice());
                StreamReader::open(sealed, &FileKey::from_bytes(*key), file.vault, file.file).is_ok()
            })
        };
        opened(&self.bodies, &all) + self.files.iter().filter(opens).count()
    }

    /// Sixteen bytes of every salt: as good as a name for what it sealed.
    pub fn salts(&self) -> HashSet<[u8; 16]> {
        let mut all = salts(&self.bodies);
        all.extend(self.files.iter().map(|file| <[u8; 16]>::try_from(&file.bytes[10..26]).expect("a salt")));
        all
    }
}

/// Bodies grouped from the rows of a table that belong to an owner; `length` bytes of an address name the body.
pub(super) fn bodies(
    inner: &Inner,
    table: Table,
    owner: &Blinded,
    length: usize,
    bound: &dyn Fn(&[u8]) -> Vec<u8>,
) -> Vec<Body> {
    let mut found: Vec<(Vec<u8>, Body)> = Vec::new();
    let (from, to) = rows_of(table, owner);
    let see = &mut |(address, value): (&[u8], &[u8])| {
        let name = &address[..length.min(address.len())];
        match found.last_mut() {
            Some((last, body)) if last == name => body.parts.push(value.to_vec()),
            _ => found.push((name.to_vec(), Body { context: bound(address), parts: vec![value.to_vec()] })),
        }
        true
    };
    inner.store.scan(&from, &to, see).expect("scanned");
    found.into_iter().map(|(_, body)| body).collect()
}

/// Every sealed body of a journal, with the originals and the head.
pub(super) fn journal_bodies(inner: &Inner, id: ProfileId) -> Vec<Body> {
    let (vault, blinded) = (inner.marker.vault, inner.keys.blind_profile(id));
    let seq = |address: &[u8]| seq_and_part(address).expect("a seq").0;
    let mut all = Vec::new();
    for table in [Table::Journal, Table::Origin] {
        all.extend(bodies(inner, table, &blinded, 25, &|address| context(vault, table, id, seq(address))));
    }
    all.extend(bodies(inner, Table::Head, &blinded, 17, &|_| head_context(inner, id)));
    all
}

/// Every state row of an owner.
pub(super) fn state_bodies(inner: &Inner, id: ProfileId) -> Vec<Body> {
    let blinded = inner.keys.blind_profile(id);
    bodies(inner, Table::State, &blinded, 33, &|address| inner.state_context(id, &address[17..33]))
}

/// Every row of a person's series: directories, blocks, and samples that are in no block yet.
pub(super) fn series_bodies(inner: &Inner, id: ProfileId) -> Vec<Body> {
    let open = inner.open_profile(id).expect("open");
    let number = |address: &[u8]| seq_and_part(address).expect("a number").0;
    let mut all = Vec::new();
    for (series, blinded) in inner.series_of(&open) {
        let bound = |address: &[u8]| samples_context(inner.marker.vault, id, series, number(address));
        all.extend(bodies(inner, Table::Series, &blinded, 25, &bound));
    }
    all
}

/// The chunks of Asha's index and the columns that are kept of her allergies, from the files beside the store.
pub(super) fn index_bodies(home: &Home) -> Vec<Body> {
    let (inner, id, name) = (home.inner(), home.asha, hex(&home.blinded()));
    let read = |name: &str| std::fs::read(home.path().join("index").join(name)).expect("a file of the index");
    let rewrite = inner.stored_head(id, &home.blinded()).expect("whole").expect("a head").rewrite;
    let key = inner.keys.profile_key(id).expect("a key").1;

    let chunks = read(&name);
    let (mut rest, mut index, mut all) = (chunks.as_slice(), ProfileIndex::default(), Vec::new());
    while let Some((parts, _)) = next_body(&mut rest) {
        let context = chunk_context(inner, id, rewrite, index.last_seq());
        let chunk = crypto::open(&key, &context, &parts).expect("it opens");
        decode_checkpoint(&mut index, &chunk.plaintext).expect("the next chunk");
        all.push(Body { context, parts });
    }
    let chunks = all.len();

    let form = Form::new(inner.options.kinds.get("allergy").expect("a kind"));
    let columns = read(&format!("{name}.columns"));
    let mut rest = columns.as_slice();
    while let Some((front, behind)) = rest.split_first_chunk::<32>() {
        let reach = u64::from_be_bytes(front[20..28].try_into().expect("eight bytes"));
        let length = u32::from_be_bytes(front[28..].try_into().expect("four bytes")) as usize;
        let (mut piece, others) = behind.split_at(length);
        let (parts, _) = next_body(&mut piece).expect("a whole piece");
        all.push(Body { context: flat::context(inner, id, &form, rewrite, reach), parts });
        rest = others;
    }
    assert!(chunks > 0 && all.len() > chunks, "{chunks} chunks and {} bodies", all.len());
    all
}

/// The sealed file of every document of Asha's.
pub(super) fn file_bodies(home: &Home) -> Vec<SealedFile> {
    let inner = home.inner();
    let open = inner.open_profile(home.asha).expect("open");
    let index = read_lock(&open);
    let files = index.entries().filter_map(|version| Some(version.file()?.file));
    let sealed = |file: FileId| {
        let bytes = std::fs::read(home.path().join("documents").join(file.to_string())).expect("a document");
        SealedFile { vault: inner.marker.vault, file, bytes }
    };
    files.map(sealed).collect()
}

/// What the log says about a person inside.
pub(super) fn log_bodies(inner: &Inner, id: ProfileId) -> Vec<Body> {
    let log = inner.keys.log().expect("a log");
    let head = inner.stored_head(id, &inner.keys.blind_profile(id)).expect("whole").expect("a head");
    let mut all = Vec::new();
    for leaf in 0..inner.at_barrier(|ledger| Ok(ledger.size())).expect("a size") {
        for entry in inner.audit_row(log, leaf).expect("a row").entries {
            if entry.subject.is_some_and(|subject| *subject.as_bytes() == head.pseudonym) && !entry.inner.is_empty() {
                all.push(Body { context: about_context(inner.marker.vault, log, id), parts: vec![entry.inner] });
            }
        }
    }
    all
}

/// Every key a keyring holds, of whatever kind.
pub(super) fn keys_of(keyring: &Keyring) -> Vec<[u8; 32]> {
    fn bytes<K: KeyBytes>(key: Option<K>) -> Option<[u8; 32]> {
        key.map(|key| *key.bytes())
    }
    let newest = |owner| match owner {
        Owner::Index => bytes(keyring.index()),
        Owner::Checkpoint(log) => bytes(keyring.checkpoint(log)),
        _ => None,
    };
    let at = |owner, epoch| match owner {
        Owner::Profile(id) => bytes(keyring.profile_at(id, epoch)),
        Owner::About(id) => bytes(keyring.about_at(id, epoch)),
        Owner::Audit(log) => bytes(keyring.audit_at(log, epoch)),
        Owner::State => bytes(keyring.state_at(epoch)),
        Owner::Token => bytes(keyring.token_at(epoch)),
        Owner::Backup => bytes(keyring.backup_at(epoch)),
        Owner::Index | Owner::Checkpoint(_) => None,
    };
    let owners: Vec<Owner> = keyring.owners().collect();
    let mut keys = Vec::new();
    for owner in owners {
        keys.extend(newest(owner));
        keys.extend(keyring.epochs(owner).into_iter().filter_map(|epoch| at(owner, epoch)));
    }
    keys
}

/// The keys of the vault as it is.
pub(super) fn keys_now(home: &Home) -> Vec<[u8; 32]> {
    home.inner().keys.with_unlocked(|unlocked| Ok(keys_of(unlocked.keyring()))).expect("open")
}

/// The keys of documents that stand in those of these bodies that any of these keys opens.
fn keys_within(bodies: &[Body], keys: &[[u8; 32]]) -> Vec<[u8; 32]> {
    let open = |body: &Body| {
        let open = |key: &[u8; 32]| crypto::open(&ProfileKey::from_bytes(*key), &body.context, &body.parts).ok();
        keys.iter().find_map(open)
    };
    let entries = bodies.iter().filter_map(open).filter_map(|opened| journal::decode(&opened.plaintext).ok());
    entries.filter_map(|entry| entry.header.file).map(|file| file.key).collect()
}

/// How many of these bodies any of these keys opens.
pub(super) fn opened(bodies: &[Body], keys: &[[u8; 32]]) -> usize {
    let opens = |body: &&Body| {
        keys.iter().any(|key| crypto::open(&ProfileKey::from_bytes(*key), &body.context, &body.parts).is_ok())
    };
    bodies.iter().filter(opens).count()
}

/// Sixteen bytes of the salt of every part: as good as a name for it.
pub(super) fn salts(bodies: &[Body]) -> HashSet<[u8; 16]> {
    let salt = |part: &Vec<u8>| part[5..21].try_into().expect("a salt");
    bodies.iter().flat_map(|body| &body.parts).map(salt).collect()
}
