//! Keys, each its own type, and the secrets people keep: passphrase, key file, recovery code.
//!
//! A key prints as nothing, is wiped when dropped, and cannot be used where another kind is meant. Its bytes never
//! leave this folder.

use std::fmt;
use std::path::Path;

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::digest::{hmac_sha256, sha256};
use super::{CryptoError, durable, random};

/// The bytes of a key, for the inside of this folder only.
pub(crate) trait KeyBytes {
    /// The key itself.
    fn bytes(&self) -> &[u8; 32];
}

macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Zeroize, ZeroizeOnDrop)]
        pub struct $name([u8; 32]);

        impl $name {
            /// A new random key.
            pub fn generate() -> Self {
                Self(random())
            }

            /// The key with these bytes.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }
        }

        impl KeyBytes for $name {
            fn bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl From<Zeroizing<[u8; 32]>> for $name {
            fn from(bytes: Zeroizing<[u8; 32]>) -> Self {
                Self(*bytes)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

key!(
    /// Wraps the root key; itself wrapped once per slot.
    UnlockKey
);
key!(
    /// Wraps the keys of the keyring, and does nothing else.
    RootKey
);
key!(
    /// Seals everything about one person.
    ProfileKey
);
key!(
    /// Blinds the owners in addresses.
    IndexKey
);
key!(
    /// Seals the outer part of audit entries.
    AuditKey
);
key!(
    /// Seals state rows and heads.
    StateKey
);
key!(
    /// Authenticates the secrets of tokens.
    TokenKey
);
key!(
    /// Seals and signs backups.
    BackupKey
);
key!(
    /// Signs the checkpoints of one audit log (Ed25519, RFC 8032).
    CheckpointSeed
);
key!(
    /// Seals spool files; lives in memory only.
    SpoolKey
);

key!(
    /// Seals the file of one document; stands in the document's journal entry.
    FileKey
);

mod sealed {
    /// The body key's input, closed to other crates.
    pub trait Owning {
        /// The key itself.
        fn owning(&self) -> &[u8; 32];
    }
}

/// A key that owns sealed bodies: each body is sealed under a key derived from it.
pub trait OwningKey: sealed::Owning {}

macro_rules! owning {
    ($($name:ident)*) => {$(
        impl sealed::Owning for $name {
            fn owning(&self) -> &[u8; 32] {
                &self.0
            }
        }
        impl OwningKey for $name {}
    )*};
}

owning!(ProfileKey AuditKey StateKey BackupKey SpoolKey FileKey);

macro_rules! signs {
    ($($name:ident)*) => {$(
        impl $name {
            /// The Ed25519 signature of this key under `message`.
            pub fn sign(&self, message: &[u8]) -> [u8; 64] {
                pair(&self.0).sign(message).as_ref().try_into().expect("Ed25519 fixes the length")
            }

            /// What [`verify_signature`] needs to check a signature of this key.
            pub fn public_key(&self) -> [u8; 32] {
                pair(&self.0).public_key().as_ref().try_into().expect("Ed25519 fixes the length")
            }
        }
    )*};
}

signs!(CheckpointSeed BackupKey);

fn pair(seed: &[u8; 32]) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(seed).expect("every 32 bytes are a seed")
}

/// Whether `signature` was made under `message` by the owner of `public_key` (Ed25519, RFC 8032).
pub fn verify_signature(public_key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public_key).verify(message, signature).is_ok()
}

impl TokenKey {
    /// What stands in the vault instead of a token's secret.
    pub fn digest(&self, public_id: &[u8], secret: &[u8]) -> [u8; 32] {
        hmac_sha256(&self.0, &[b"phm token", &(public_id.len() as u64).to_be_bytes(), public_id, secret])
    }
}

/// The kinds of secret that can open a slot.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[repr(u8)]
pub enum SecretKind {
    /// Words a person remembers; slow on purpose (Argon2id).
    Passphrase = 1,
    /// 32 random bytes in a file; opens at once.
    KeyFile = 2,
    /// A code on paper; opens at once.
    RecoveryCode = 3,
}

impl SecretKind {
    /// The kind's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::KeyFile => "key-file",
            Self::RecoveryCode => "recovery-code",
        }
    }

    pub(super) fn from_number(number: u8) -> Option<Self> {
        [Self::Passphrase, Self::KeyFile, Self::RecoveryCode].into_iter().find(|kind| *kind as u8 == number)
    }
}

/// What a person keeps to open their vault.
#[derive(Clone)]
pub struct Secret {
    kind: SecretKind,
    material: Zeroizing<Vec<u8>>,
}

impl Secret {
    /// The secret of these words. They are taken as they are, spaces included.
    pub fn passphrase(text: &str) -> Self {
        Self { kind: SecretKind::Passphrase, material: Zeroizing::new(text.as_bytes().to_vec()) }
    }

    /// The secret of the first line of a file.
    pub fn passphrase_file(path: &Path) -> Result<Self, CryptoError> {
        let text = read_text(path, "the passphrase file is not UTF-8 text of at most 4 KiB")?;
        match text.lines().next() {
            Some(line) if !line.is_empty() => Ok(Self::passphrase(line)),
            _ => Err(CryptoError::NotASecret("the passphrase file is empty; write the passphrase on its first line")),
        }
    }

    /// The secret in a key file: 32 random bytes as 64 hexadecimal digits.
    pub fn key_file(path: &Path) -> Result<Self, CryptoError> {
        const FORM: &str = "a key file holds 64 hexadecimal digits and nothing else; make one with `phm init`";
        let text = read_text(path, FORM)?;
        let digits = text.trim_ascii().as_bytes();
        if digits.len() != 64 {
            return Err(CryptoError::NotASecret(FORM));
        }
        let mut material = Zeroizing::new(Vec::with_capacity(32));
        for pair in digits.chunks_exact(2) {
            let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            let (Some(high), Some(low)) = (digit(pair[0]), digit(pair[1])) else {
                return Err(CryptoError::NotASecret(FORM));
            };
            material.push(high << 4 | low);
        }
        if material.iter().all(|byte| *byte == material[0]) {
            return Err(CryptoError::NotASecret("the key file's digits are all alike; make a random one"));
        }
        Ok(Self { kind: SecretKind::KeyFile, material })
    }

    /// The secret of a recovery code as somebody typed it: case, dashes and spaces do not matter, and the letters
    /// O, I and L are read as the digits they resemble. A typing mistake is noticed.
    pub fn recovery_code(text: &str) -> Result<Self, CryptoError> {
        let code = RecoveryCode::parse(text)?;
        Ok(code.secret())
    }

    /// What kind of secret this is.
    pub fn kind(&self) -> SecretKind {
        self.kind
    }

    pub(super) fn material(&self) -> &[u8] {
        &self.material
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({:?}, ..)", self.kind)
    }
}

fn read_text(path: &Path, form: &'static str) -> Result<Zeroizing<String>, CryptoError> {
    use std::io::Read as _;
    const LONGEST: u64 = 4096;
    let mut bytes = Zeroizing::new(Vec::with_capacity(4097));
    std::fs::File::open(path)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(CryptoError::NotASecret(form));
    }
    std::str::from_utf8(&bytes).map(|text| Zeroizing::new(text.to_owned())).map_err(|_| CryptoError::NotASecret(form))
}

/// Makes a random key file at `path`, where nothing may stand yet, and gives back its secret.
pub fn make_key_file(path: &Path) -> Result<Secret, CryptoError> {
    let material = Zeroizing::new(random::<32>().to_vec());
    let mut text = Zeroizing::new(super::bytes::hex(&material));
    text.push('\n');
    durable::write_new_file(path, text.as_bytes())?;
    Ok(Secret { kind: SecretKind::KeyFile, material })
}

/// A code on paper that opens the vault when everything else is lost: 128 random bits and a checksum of 32, as eight
/// groups of four letters and digits (Crockford's base 32, which has no I, L, O and U).
///
/// [`fmt::Display`] prints it, because it must be shown once; [`fmt::Debug`] does not.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct RecoveryCode([u8; 16]);

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl RecoveryCode {
    /// A new random code.
    pub fn generate() -> Self {
        Self(random())
    }

    /// The secret that this code is.
    pub fn secret(&self) -> Secret {
        Secret { kind: SecretKind::RecoveryCode, material: Zeroizing::new(self.0.to_vec()) }
    }

    fn checksum(code: &[u8]) -> [u8; 4] {
        let [a, b, c, d, ..] = sha256(&[b"phm recovery code", code]);
        [a, b, c, d]
    }

    fn parse(text: &str) -> Result<Self, CryptoError> {
        const FORM: &str = "a recovery code has 32 letters and digits in eight groups of four";
        let mut bits = Zeroizing::new(Vec::with_capacity(20));
        let (mut held, mut count, mut letters) = (0_u32, 0_u32, 0);
        for letter in text.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | '–' | '—')) {
            let plain = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = ALPHABET.iter().position(|known| char::from(*known) == plain);
            let value = value.and_then(|value| u32::try_from(value).ok()).ok_or(CryptoError::NotASecret(FORM))?;
            letters += 1;
            held = held << 5 | value;
            count += 5;
            if count >= 8 {
                count -= 8;
                bits.push((held >> count & 0xFF) as u8);
            }
        }
        match bits.split_first_chunk::<16>() {
            Some((code, checksum)) if letters == 32 => {
                if Self::checksum(code) == checksum {
                    Ok(Self(*code))
                } else {
                    Err(CryptoError::NotASecret("the recovery code has a typing mistake; compare it with the paper"))
                }
            }
            _ => Err(CryptoError::NotASecret(FORM)),
        }
    }
}

impl fmt::Display for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        let mut bits = Zeroizing::new([0_u8; 20]);
        bits[..16].copy_from_slice(&self.0);
        bits[16..].copy_from_slice(&Self::checksum(&self.0));
        for (number, five) in bits.chunks_exact(5).enumerate() {
            // Forty bits are two groups of four letters.
            let forty = five.iter().fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
            for letter in 0..8 {
                if letter % 4 == 0 && (number, letter) != (0, 0) {
                    f.write_char('-')?;
                }
                let index = (forty >> (35 - 5 * letter)) & 31;
                f.write_char(char::from(ALPHABET[usize::try_from(index).expect("five bits")]))?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::bytes::{hex, unhex};

    #[test]
    fn no_key_and_no_secret_shows_itself() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = make_key_file(&dir.path().join("key")).expect("key file");
        let shown = format!(
            "{:?} {:?} {:?} {:?} {:?} {:?}",
            ProfileKey::from_bytes([0x41; 32]),
            RootKey::from_bytes([0x41; 32]),
            Secret::passphrase("correct horse"),
            file,
            RecoveryCode([0x41; 16]),
            RecoveryCode([0x41; 16]).secret(),
        );
        assert_eq!(
            shown,
            "ProfileKey(..) RootKey(..) Secret(Passphrase, ..) Secret(KeyFile, ..) RecoveryCode(..) Secret(RecoveryCode, ..)"
        );
    }

    #[test]
    fn a_key_file_is_64_digits_and_reads_back() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("key");
        let made = make_key_file(&path).expect("make");
        let text = std::fs::read_to_string(&path).expect("read");
        assert_eq!(text.trim_end(), hex(made.material()));
        assert_eq!(Secret::key_file(&path).expect("read").material(), made.material());
        assert!(matches!(make_key_file(&path), Err(CryptoError::Io(_))), "an existing key is never replaced");
    }

    #[test]
    fn a_key_file_of_another_form_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("key");
        let random = hex(&random::<32>());
        let bad = [
            String::new(),
            "00".repeat(32),
            random[1..].to_owned(),
            format!("{random}0"),
            random.replace('0', "g") + "g",
        ];
        for text in bad {
            std::fs::write(&path, text).expect("write");
            assert!(matches!(Secret::key_file(&path), Err(CryptoError::NotASecret(_))));
        }
        std::fs::write(&path, [0xFF; 64]).expect("write");
        assert!(matches!(Secret::key_file(&path), Err(CryptoError::NotASecret(_))));
        std::fs::write(&path, vec![b'a'; 1 << 20]).expect("write");
        assert!(matches!(Secret::key_file(&path), Err(CryptoError::NotASecret(_))));
        assert!(matches!(Secret::key_file(&dir.path().join("none")), Err(CryptoError::Io(_))));
    }

    #[test]
    fn a_passphrase_file_is_its_first_line() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("passphrase");
        std::fs::write(&path, "two words\r\nmore").expect("write");
        assert_eq!(Secret::passphrase_file(&path).expect("read").material(), b"two words");
        std::fs::write(&path, "\n").expect("write");
        assert!(Secret::passphrase_file(&path).is_err());
    }

    #[test]
    fn a_recovery_code_has_the_form_that_stands_on_paper() {
        let code = RecoveryCode(*b"0123456789abcdef");
        assert_eq!(code.to_string(), "60RK-4CSM-6MV3-EE1S-C5H6-6S35-CRWT-DMN4");
        assert_eq!(RecoveryCode([0xFF; 16]).to_string().split('-').map(str::len).collect::<Vec<_>>(), [4; 8]);
    }

    #[test]
    fn a_recovery_code_forgives_how_it_is_typed() {
        for _ in 0..50 {
            let code = RecoveryCode::generate();
            let text = code.to_string();
            let typed =
                [text.clone(), text.to_lowercase(), text.replace('-', ""), format!(" {} ", text.replace('-', "  "))];
            for typed in typed.iter().chain(&[text.replace('0', "o").replace('1', "l")]) {
                assert_eq!(Secret::recovery_code(typed).expect("forgiving").material(), code.0);
            }
        }
    }

    #[test]
    fn a_mistyped_recovery_code_is_refused() {
        let text = RecoveryCode::generate().to_string();
        for (place, letter) in text.char_indices().filter(|(_, letter)| *letter != '-') {
            let other = if letter == 'A' { "B" } else { "A" };
            let mut typed = text.clone();
            typed.replace_range(place..=place, other);
            assert!(matches!(Secret::recovery_code(&typed), Err(CryptoError::NotASecret(_))), "letter {place}");
        }
        for typed in ["", "AAAA", &text[1..], &format!("{text}A"), &text.replace('-', "U")] {
            assert!(matches!(Secret::recovery_code(typed), Err(CryptoError::NotASecret(_))));
        }
    }

    #[test]
    fn signatures_match_rfc_8032_test_2() {
        let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
        let seed = CheckpointSeed::from_bytes(unhex(seed).try_into().expect("32 bytes"));
        assert_eq!(hex(&seed.public_key()), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let signature = seed.sign(&[0x72]);
        assert_eq!(
            hex(&signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        );
        assert!(verify_signature(&seed.public_key(), &[0x72], &signature));
        assert!(!verify_signature(&seed.public_key(), &[0x73], &signature));
        assert!(!verify_signature(&seed.public_key(), &[0x72], &signature[1..]));
    }

    #[test]
    fn a_token_digest_tells_id_and_secret_apart() {
        let key = TokenKey::generate();
        assert_ne!(key.digest(b"ab", b"c"), key.digest(b"a", b"bc"));
        assert_eq!(key.digest(b"ab", b"c"), key.digest(b"ab", b"c"));
    }
}
