//! Signed checkpoints: how many rows a log has and its root, for keeping outside the vault.
//!
//! The form is C2SP tlog-checkpoint v1 in a C2SP signed-note with Ed25519, so that any verifier of transparency logs
//! reads it. Whoever keeps one can later tell whether the log still begins the same.
//!
//! The checkpoint of a log that goes on where another ended says so in an extension line, `continues <origin> <size>
//! <root>`, and the key of that other log signs it too: whoever knows only the older key learns the new one from it.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::tree::Hash;
use crate::crypto::digest::sha256;
use crate::crypto::secret::{CheckpointSeed, verify_signature};
use crate::error::{Error, ErrorKind};
use crate::id::LogId;

/// The signature type of Ed25519 in a signed note.
const ED25519: u8 = 1;
/// What a signature line begins with: an em dash and a space.
const SIGNATURE: &str = "\u{2014} ";

/// Why a text is not a checkpoint of the log.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// Not a signed note with origin, size and root.
    #[error("this is not a checkpoint; give the file as `phm` wrote it")]
    Form,
    /// Another log's checkpoint.
    #[error("this checkpoint belongs to another log")]
    OtherLog,
    /// There is no signature of the log's key.
    #[error("this checkpoint is not signed by the log's key")]
    NotSigned,
    /// The signature of the log's key is false.
    #[error("the signature of this checkpoint is false; it was changed after signing")]
    FalseSignature,
}

impl From<CheckpointError> for Error {
    fn from(error: CheckpointError) -> Self {
        Self::new(ErrorKind::Invalid, "invalid-checkpoint", error.to_string())
    }
}

/// What the extension line about an earlier log begins with.
const CONTINUES: &str = "continues ";

/// How many rows a log has, and its root.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checkpoint {
    /// The log's origin, a name that no other log has.
    pub origin: String,
    /// How many rows it has.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The log that ended where this one began.
    pub continues: Option<Ended>,
}

/// Where a log ended that another one continues.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ended {
    /// Its origin.
    pub origin: String,
    /// How many rows it had.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// What checks a log's checkpoints: its origin and public key. Safe to give away.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Verifier {
    origin: String,
    public_key: [u8; 32],
}

/// The origin of a log.
pub fn origin(log: LogId) -> String {
    format!("phm.local/log/{log}")
}

impl Checkpoint {
    /// The checkpoint of `log`.
    pub fn new(log: LogId, size: u64, root: Hash) -> Self {
        Self { origin: origin(log), size, root, continues: None }
    }

    /// The same of a log that goes on where `log` ended.
    pub fn continuing(self, log: LogId, size: u64, root: Hash) -> Self {
        Self { continues: Some(Ended { origin: origin(log), size, root }), ..self }
    }

    /// The signed note, under the log's key.
    pub fn sign(&self, seed: &CheckpointSeed) -> String {
        let mut note = self.body();
        note.push('\n');
        self.add_signature(&mut note, &self.origin, seed);
        note
    }

    /// The signed note, under the log's key and that of the log it continues.
    pub fn sign_with_earlier(&self, seed: &CheckpointSeed, earlier: &CheckpointSeed) -> String {
        let mut note = self.sign(seed);
        if let Some(ended) = &self.continues {
            self.add_signature(&mut note, &ended.origin, earlier);
        }
        note
    }

    fn add_signature(&self, note: &mut String, name: &str, seed: &CheckpointSeed) {
        let verifier = Verifier { origin: name.to_owned(), public_key: seed.public_key() };
        let signature = [&verifier.key_id()[..], &seed.sign(self.body().as_bytes())].concat();
        writeln!(note, "{SIGNATURE}{name} {}", STANDARD.encode(signature)).expect("a text takes any text");
    }

    /// The text that is signed: origin, size and root, each on a line, and where the log continues another, that.
    fn body(&self) -> String {
        let mut body = format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root));
        if let Some(Ended { origin, size, root }) = &self.continues {
            writeln!(body, "{CONTINUES}{origin} {size} {}", STANDARD.encode(root)).expect("a text takes any text");
        }
        body
    }
}

impl Verifier {
    /// What checks the checkpoints of `log`.
    pub fn new(log: LogId, public_key: [u8; 32]) -> Self {
        Self { origin: origin(log), public_key }
    }

    /// Reads a verifier key: `name+key id+key`.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut fields = text.trim_end_matches('\n').splitn(3, '+');
        let (Some(origin), Some(id), Some(key)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(CheckpointError::Form);
        };
        let key = STANDARD.decode(key).map_err(|_| CheckpointError::Form)?;
        let [ED25519, key @ ..] = key.as_slice() else { return Err(CheckpointError::Form) };
        let public_key = key.try_into().map_err(|_| CheckpointError::Form)?;
        let verifier = Self { origin: origin.to_owned(), public_key };
        if is_name(origin) && verifier.hex_id() == id { Ok(verifier) } else { Err(CheckpointError::Form) }
    }

    /// The verifier key as C2SP signed-note writes it: `name+key id+key`.
    pub fn to_text(&self) -> String {
        let key = STANDARD.encode([&[ED25519][..], &self.public_key].concat());
        format!("{}+{}+{key}", self.origin, self.hex_id())
    }

    /// The log's origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Reads a signed note and checks that this log's key signed it.
    ///
    /// Signatures by other keys (witnesses) are allowed and not looked at; one by this key that is false is an error
    /// even beside a true one.
    pub fn verify(&self, note: &str) -> Result<Checkpoint, CheckpointError> {
        let (checkpoint, signed) = self.look_at(note)?;
        if checkpoint.origin != self.origin {
            return Err(CheckpointError::OtherLog);
        }
        if signed { Ok(checkpoint) } else { Err(CheckpointError::NotSigned) }
    }

    /// Reads a signed note of the log that continues this one, and checks that this log's key signed it.
    pub fn verify_next(&self, note: &str) -> Result<Checkpoint, CheckpointError> {
        let (checkpoint, signed) = self.look_at(note)?;
        if checkpoint.continues.as_ref().is_none_or(|ended| ended.origin != self.origin) {
            return Err(CheckpointError::OtherLog);
        }
        if signed { Ok(checkpoint) } else { Err(CheckpointError::NotSigned) }
    }

    /// Reads a signed note, and says whether this key signed it.
    fn look_at(&self, note: &str) -> Result<(Checkpoint, bool), CheckpointError> {
        // The last empty line parts text and signatures, so the text may have empty lines but the signatures none.
        let (text, signatures) = note.rsplit_once("\n\n").ok_or(CheckpointError::Form)?;
        let checkpoint = parse_body(text)?;
        let lines = signatures.strip_suffix('\n').ok_or(CheckpointError::Form)?;
        let mut signed = false;
        for line in lines.split('\n') {
            let (name, signature) = parse_signature(line)?;
            let (id, signature) = signature.split_first_chunk::<4>().ok_or(CheckpointError::Form)?;
            if name != self.origin || *id != self.key_id() {
                continue;
            }
            if !verify_signature(&self.public_key, format!("{text}\n").as_bytes(), signature) {
                return Err(CheckpointError::FalseSignature);
            }
            signed = true;
        }
        Ok((checkpoint, signed))
    }

    /// `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)`, its first four bytes.
    fn key_id(&self) -> [u8; 4] {
        let hash = sha256(&[self.origin.as_bytes(), &[0x0A, ED25519], &self.public_key]);
        [hash[0], hash[1], hash[2], hash[3]]
    }

    fn hex_id(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.key_id()))
    }
}

/// Reads a note without looking at its signatures: to learn which log it names, never to trust it.
pub fn read_unverified(note: &str) -> Result<Checkpoint, CheckpointError> {
    let (text, _) = note.rsplit_once("\n\n").ok_or(CheckpointError::Form)?;
    parse_body(text)
}

/// Reads origin, size, root and what the log continues; `text` comes without its last line feed.
fn parse_body(text: &str) -> Result<Checkpoint, CheckpointError> {
    if text.chars().any(|letter| letter != '\n' && letter.is_control()) {
        return Err(CheckpointError::Form);
    }
    let mut lines = text.split('\n');
    let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
        return Err(CheckpointError::Form);
    };
    if !is_name(origin) {
        return Err(CheckpointError::Form);
    }
    let mut checkpoint =
        Checkpoint { origin: origin.to_owned(), size: parse_size(size)?, root: parse_root(root)?, continues: None };
    // The form allows any further lines, empty ones excepted; of ours there is at most one.
    for line in lines {
        match line.strip_prefix(CONTINUES) {
            Some(ended) if checkpoint.continues.is_none() => checkpoint.continues = Some(parse_ended(ended)?),
            None if !line.is_empty() => {}
            _ => return Err(CheckpointError::Form),
        }
    }
    Ok(checkpoint)
}

fn parse_ended(text: &str) -> Result<Ended, CheckpointError> {
    let mut fields = text.split(' ');
    let (Some(origin), Some(size), Some(root), None) = (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return Err(CheckpointError::Form);
    };
    if !is_name(origin) {
        return Err(CheckpointError::Form);
    }
    Ok(Ended { origin: origin.to_owned(), size: parse_size(size)?, root: parse_root(root)? })
}

/// A size has one spelling.
fn parse_size(text: &str) -> Result<u64, CheckpointError> {
    text.parse().ok().filter(|size: &u64| size.to_string() == text).ok_or(CheckpointError::Form)
}

fn parse_root(text: &str) -> Result<Hash, CheckpointError> {
    STANDARD.decode(text).ok().and_then(|root| root.try_into().ok()).ok_or(CheckpointError::Form)
}

fn parse_signature(line: &str) -> Result<(&str, Vec<u8>), CheckpointError> {
    let (name, signature) =
        line.strip_prefix(SIGNATURE).and_then(|rest| rest.split_once(' ')).ok_or(CheckpointError::Form)?;
    let signature = STANDARD.decode(signature).map_err(|_| CheckpointError::Form)?;
    if is_name(name) { Ok((name, signature)) } else { Err(CheckpointError::Form) }
}

/// A key's name is not empty and has neither spaces nor a plus.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control() || letter == '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: LogId = LogId::from_bytes([0x42; 16]);

    fn seed(n: u8) -> CheckpointSeed {
        CheckpointSeed::from_bytes([n; 32])
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint::new(LOG, 20_852_163, [0x5A; 32])
    }

    fn verifier() -> Verifier {
        Verifier::new(LOG, seed(7).public_key())
    }

    #[test]
    fn a_checkpoint_is_written_as_c2sp_says() {
        let note = checkpoint().sign(&seed(7));
        insta::assert_snapshot!(note);
        assert_eq!(verifier().verify(&note), Ok(checkpoint()));
        assert_eq!(read_unverified(&note), Ok(checkpoint()));
    }

    /// The example of C2SP signed-note v1 (c2sp.org/signed-note), which is that of Go's sumdb/note.
    #[test]
    fn the_published_example_of_a_signed_note_has_our_key_id_and_signature() {
        let vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let verifier = Verifier::parse(vkey).expect("the published key");
        assert_eq!(verifier.to_text(), vkey);
        let text = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
        let signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
        let signature = STANDARD.decode(signature).expect("base64");
        assert_eq!(signature[..4], verifier.key_id());
        assert!(verify_signature(&verifier.public_key, text.as_bytes(), &signature[4..]));
    }

    #[test]
    fn no_changed_byte_of_a_checkpoint_is_accepted() {
        let note = checkpoint().sign(&seed(7));
        for at in 0..note.len() {
            for byte in [b'0', b'A', b'\n', b' ', b'='] {
                let mut bad = note.clone().into_bytes();
                let changed = std::mem::replace(&mut bad[at], byte) != byte;
                let accepted = String::from_utf8(bad).is_ok_and(|bad| verifier().verify(&bad).is_ok());
                assert!(!changed || !accepted, "byte {at}");
            }
        }
        for length in 0..note.len() {
            assert!(note.get(..length).is_none_or(|cut| verifier().verify(cut).is_err()), "{length} bytes");
        }
    }

    #[test]
    fn other_keys_and_other_logs_are_told_apart() {
        let note = checkpoint().sign(&seed(7));
        let other_key = Verifier::new(LOG, seed(8).public_key());
        assert_eq!(other_key.verify(&note), Err(CheckpointError::NotSigned));
        let other_log = Verifier::new(LogId::from_bytes([0x43; 16]), seed(7).public_key());
        assert_eq!(other_log.verify(&note), Err(CheckpointError::OtherLog));
        assert_eq!(verifier().verify(&note.replace("20852163", "20852164")), Err(CheckpointError::FalseSignature));
    }

    #[test]
    fn a_witness_may_sign_too_but_not_instead() {
        let note = checkpoint().sign(&seed(7));
        let witness = format!("{SIGNATURE}witness.example/1 {}\n", STANDARD.encode([1; 68]));
        assert_eq!(verifier().verify(&format!("{note}{witness}")), Ok(checkpoint()));
        let (text, own) = note.rsplit_once("\n\n").expect("a note");
        assert_eq!(verifier().verify(&format!("{text}\n\n{witness}{own}")), Ok(checkpoint()));
        assert_eq!(verifier().verify(&format!("{text}\n\n{witness}")), Err(CheckpointError::NotSigned));
        assert_eq!(verifier().verify(&format!("{note}witness\n")), Err(CheckpointError::Form));
    }

    #[test]
    fn the_checkpoint_of_a_log_that_continues_another_is_vouched_for_by_both_keys() {
        let old = LogId::from_bytes([0x41; 16]);
        let next = checkpoint().continuing(old, 17, [0x11; 32]);
        let note = next.sign_with_earlier(&seed(7), &seed(6));
        insta::assert_snapshot!(note);
        assert_eq!(verifier().verify(&note), Ok(next.clone()));
        let earlier = Verifier::new(old, seed(6).public_key());
        assert_eq!(earlier.verify_next(&note), Ok(next.clone()));
        assert_eq!(earlier.verify(&note), Err(CheckpointError::OtherLog));
        assert_eq!(earlier.verify_next(&next.sign(&seed(7))), Err(CheckpointError::NotSigned));
        assert_eq!(earlier.verify_next(&checkpoint().sign(&seed(7))), Err(CheckpointError::OtherLog));
        let changed = note.replace(" 17 ", " 18 ");
        assert_eq!(earlier.verify_next(&changed), Err(CheckpointError::FalseSignature));
        assert_eq!(verifier().verify(&changed), Err(CheckpointError::FalseSignature));
    }

    #[test]
    fn a_number_or_a_root_has_one_spelling() {
        let root = STANDARD.encode([0x5A; 32]);
        for body in [
            format!("o\n07\n{root}"),
            format!("o\n+7\n{root}"),
            format!("o\n-7\n{root}"),
            format!("o\n7 \n{root}"),
            format!("o\n18446744073709551616\n{root}"),
            format!("o\n7\n{}", root.trim_end_matches('=')),
            format!("o\n7\n{}", STANDARD.encode([0; 31])),
            format!("o\n7\n{root}\n"),
            format!("o\r\n7\n{root}"),
            format!("\n7\n{root}"),
            format!("o o\n7\n{root}"),
            "o\n7".to_owned(),
            format!("o\n7\n{root}\ncontinues p 07 {root}"),
            format!("o\n7\n{root}\ncontinues p 7 {root} more"),
            format!("o\n7\n{root}\ncontinues p 7 {root}\ncontinues p 7 {root}"),
        ] {
            assert_eq!(parse_body(&body), Err(CheckpointError::Form), "{body:?}");
        }
        assert!(parse_body(&format!("o\n7\n{root}\nextension")).is_ok());
        assert!(parse_body(&format!("o\n0\n{root}")).is_ok());
    }

    #[test]
    fn a_verifier_key_reads_back_and_a_wrong_one_is_refused() {
        let text = verifier().to_text();
        assert_eq!(Verifier::parse(&text), Ok(verifier()));
        let id = text.split('+').nth(1).expect("an id").to_owned();
        for bad in ["", "a+b", &text.replace(&id, "00000000"), &text.replace("phm", "php"), &text[..text.len() - 4]] {
            assert!(Verifier::parse(bad).is_err(), "{bad}");
        }
    }
}
