//! `verify-log EXPORT [CHECKPOINT…]`: checks an audit log that `phm audit export` wrote, without any key of the vault.
//!
//! It reads the plain form (`phm_core::audit::plain`), builds the tree of RFC 6962 over the sealed rows, checks the
//! signature of every checkpoint (C2SP signed-note, Ed25519), that each log begins where the one before it ended, and that
//! each CHECKPOINT kept elsewhere is the beginning of its log. Nothing of PHM is used, only SHA-256, Ed25519 and base64.
//! Exit code 0: all of it holds. 1: it does not, and the first word says why: `form signature order truncated fork missing`.

use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, UnparsedPublicKey};

type Hash = [u8; 32];
type Outcome<T> = Result<T, String>;

fn sha256(bytes: &[u8]) -> Hash {
    digest(&SHA256, bytes).as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// The tree of RFC 6962 by its right edge: the roots of its perfect subtrees, largest first.
#[derive(Default)]
struct Tree {
    size: u64,
    edge: Vec<Hash>,
}

impl Tree {
    fn push(&mut self, mut hash: Hash) {
        for _ in 0..self.size.trailing_ones() {
            let left = self.edge.pop().expect("one for every bit of the size");
            hash = node(&left, &hash);
        }
        self.edge.push(hash);
        self.size += 1;
    }

    fn root(&self) -> Hash {
        let mut edge = self.edge.iter().rev();
        let Some(last) = edge.next() else { return sha256(&[]) };
        edge.fold(*last, |right, left| node(left, &right))
    }
}

fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left.as_slice(), right].concat())
}

/// A log's name and public key, from `name+key id+key`.
struct Key {
    name: String,
    public: Vec<u8>,
}

impl Key {
    fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('+')?;
        let public = STANDARD.decode(rest.split_once('+')?.1).ok()?.strip_prefix(&[1])?.to_vec();
        Some(Self { name: name.to_owned(), public })
    }

    /// Whether this key signed the note.
    fn signed(&self, note: &Note) -> bool {
        let id = &sha256(&[self.name.as_bytes(), b"\n\x01", &self.public].concat())[..4];
        let key = UnparsedPublicKey::new(&ED25519, &self.public);
        note.signatures.iter().any(|(name, signature)| {
            *name == self.name && signature.starts_with(id) && key.verify(note.text.as_bytes(), &signature[4..]).is_ok()
        })
    }
}

/// A signed note with a checkpoint in it.
struct Note {
    text: String,
    signatures: Vec<(String, Vec<u8>)>,
    origin: String,
    size: u64,
    root: String,
    /// Origin, size and root of the log it continues.
    continues: Option<String>,
}

impl Note {
    fn parse(note: &str) -> Option<Self> {
        let (text, tail) = note.rsplit_once("\n\n")?;
        let signature = |line: &str| {
            let (name, signature) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
            Some((name.to_owned(), STANDARD.decode(signature).ok()?))
        };
        let lines: Vec<&str> = text.split('\n').collect();
        let [origin, size, root, more @ ..] = &lines[..] else { return None };
        Some(Self {
            text: format!("{text}\n"),
            signatures: tail.lines().map(signature).collect::<Option<_>>()?,
            origin: (*origin).to_owned(),
            size: size.parse().ok()?,
            root: (*root).to_owned(),
            continues: more.iter().find_map(|line| line.strip_prefix("continues ")).map(str::to_owned),
        })
    }

    fn end(&self) -> String {
        format!("{} {} {}", self.origin, self.size, self.root)
    }
}

/// A log that was read: its key, its checkpoint, and what its root was at the sizes that are asked for.
struct Log {
    key: Key,
    note: Note,
    roots: Vec<(u64, String)>,
}

/// Reads every log of an export and checks each by itself.
fn read(export: &str, sizes: &[u64]) -> Outcome<Vec<Log>> {
    let mut lines = export.lines();
    if lines.next() != Some("phm audit log 1") {
        return Err("form: this is no exported audit log".to_owned());
    }
    let mut logs = Vec::new();
    while let Some(line) = lines.next() {
        let key = line.strip_prefix("log ").and_then(Key::parse).ok_or("form: a log with its key should begin here")?;
        let (mut tree, mut roots) = (Tree::default(), Vec::new());
        loop {
            if sizes.contains(&tree.size) {
                roots.push((tree.size, STANDARD.encode(tree.root())));
            }
            let line = lines.next().ok_or("truncated: the export ends amid a log")?;
            if line == "checkpoint" {
                break;
            }
            let leaf = line.split_once(' ').and_then(|(what, text)| match (what, STANDARD.decode(text).ok()?) {
                ("row", row) => Some(sha256(&[&[0], &row[..]].concat())),
                ("leaf", leaf) => leaf.try_into().ok(),
                _ => None,
            });
            tree.push(leaf.ok_or_else(|| format!("form: row {} of {} is no row", tree.size, key.name))?);
        }
        let note: Vec<&str> = lines.by_ref().take_while(|line| *line != "end").collect();
        let note = Note::parse(&note.join("\n")).ok_or("form: a log should end with its checkpoint")?;
        if note.origin != key.name || !key.signed(&note) {
            return Err(format!("signature: the checkpoint of {} is not signed by its key", key.name));
        }
        if tree.size < note.size {
            return Err(format!("truncated: {} has {} rows of {}", key.name, tree.size, note.size));
        }
        if tree.size > note.size || STANDARD.encode(tree.root()) != note.root {
            return Err(format!("order: the rows of {} are not those its checkpoint was signed over", key.name));
        }
        logs.push(Log { key, note, roots });
    }
    Ok(logs)
}

fn verify(export: &str, checkpoints: &[String]) -> Outcome<String> {
    let kept: Option<Vec<Note>> = checkpoints.iter().map(|note| Note::parse(note)).collect();
    let kept = kept.ok_or("form: a kept checkpoint is none")?;
    let sizes: Vec<u64> = kept.iter().map(|note| note.size).collect();
    let logs = read(export, &sizes)?;
    let (first, last) = logs.first().zip(logs.last()).ok_or("missing: there is no log")?;
    if let Some(earlier) = &first.note.continues {
        return Err(format!("missing: the log that ended at {earlier}"));
    }
    for pair in logs.windows(2) {
        if pair[1].note.continues.as_ref() != Some(&pair[0].note.end()) || !pair[0].key.signed(&pair[1].note) {
            return Err(format!("fork: {} does not go on where {} ended", pair[1].key.name, pair[0].key.name));
        }
    }
    let mut said = format!("ok: {} log(s), the newest with {} rows", logs.len(), last.note.size);
    for note in &kept {
        let log = logs.iter().find(|log| log.key.name == note.origin);
        let log = log.ok_or_else(|| format!("missing: {}, of which a checkpoint was kept", note.origin))?;
        if !log.key.signed(note) {
            return Err(format!("signature: the kept checkpoint of {} is not by its log's key", note.origin));
        }
        match log.roots.iter().find(|(size, _)| *size == note.size) {
            Some((_, root)) if *root == note.root => {}
            Some(_) => return Err(format!("fork: {} did not have these first {} rows", note.origin, note.size)),
            None if log.key.name == last.key.name => {
                return Err(format!("truncated: {} has {} rows of {}", note.origin, log.note.size, note.size));
            }
            // An honest restore from an older backup: what came after it is lost, and the new log says where it went on.
            None => said = format!("{said}; {} rows of {} were lost", note.size - log.note.size, note.origin),
        }
    }
    Ok(said)
}

fn main() -> ExitCode {
    let texts: Result<Vec<String>, _> = std::env::args_os().skip(1).map(std::fs::read_to_string).collect();
    let Some((export, checkpoints)) = texts.as_ref().ok().and_then(|texts| texts.split_first()) else {
        eprintln!("usage: verify-log EXPORT [CHECKPOINT…], each a file that can be read");
        return ExitCode::from(2);
    };
    let verified = verify(export, checkpoints);
    println!("{}", verified.as_ref().unwrap_or_else(|why| why));
    ExitCode::from(u8::from(verified.is_err()))
}
