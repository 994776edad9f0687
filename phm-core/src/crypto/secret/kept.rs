//! The secrets people keep: passphrase, key file, recovery code.

use std::fmt;
use std::path::Path;

use zeroize::Zeroizing;

use super::RecoveryCode;
use crate::crypto::{CryptoError, bytes, durable, random};

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

    pub(in crate::crypto) fn from_number(number: u8) -> Option<Self> {
        [Self::Passphrase, Self::KeyFile, Self::RecoveryCode].into_iter().find(|kind| *kind as u8 == number)
    }
}

/// Somewhere else that keeps the key of a vault: the key store of an operating system, a key management service, a token.
///
/// It is asked once for each opening. Answering with the same 32 random bytes each time is all it promises: other bytes
/// open nothing.
///
/// ```
/// use phm_core::crypto::secret::{KeyProvider, Secret};
/// use zeroize::Zeroizing;
///
/// struct Kept([u8; 32]);
///
/// impl KeyProvider for Kept {
///     fn key(&self) -> std::io::Result<Zeroizing<[u8; 32]>> {
///         Ok(Zeroizing::new(self.0))
///     }
/// }
///
/// assert!(Secret::provided(&Kept([0; 32])).is_err(), "no random key");
/// ```
pub trait KeyProvider {
    /// The 32 random bytes.
    fn key(&self) -> std::io::Result<Zeroizing<[u8; 32]>>;
}

/// What a person keeps to open their vault.
#[derive(Clone)]
pub struct Secret {
    kind: SecretKind,
    material: Zeroizing<Vec<u8>>,
}

/// What a key file looks like.
const KEY_FORM: &str = "a key file holds 64 hexadecimal digits and nothing else; make one with `phm init`";

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

    /// The secret for another process of the same user, on a line nobody else can listen to.
    pub fn to_wire(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(1 + self.material.len()));
        bytes.push(self.kind as u8);
        bytes.extend_from_slice(&self.material);
        bytes
    }

    /// What [`Secret::to_wire`] wrote.
    pub fn from_wire(bytes: &[u8]) -> Option<Self> {
        let (kind, material) = bytes.split_first()?;
        let kind = SecretKind::from_number(*kind).filter(|_| !material.is_empty())?;
        Some(Self { kind, material: Zeroizing::new(material.to_vec()) })
    }

    /// The secret in a key file: 32 random bytes as 64 hexadecimal digits.
    pub fn key_file(path: &Path) -> Result<Self, CryptoError> {
        Self::key(&read_text(path, KEY_FORM)?)
    }

    /// The secret in the text of a key file.
    pub fn key(text: &str) -> Result<Self, CryptoError> {
        let digits = text.trim_ascii().as_bytes();
        if digits.len() != 64 {
            return Err(CryptoError::NotASecret(KEY_FORM));
        }
        let mut material = Zeroizing::new(Vec::with_capacity(32));
        for pair in digits.chunks_exact(2) {
            let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            let (Some(high), Some(low)) = (digit(pair[0]), digit(pair[1])) else {
                return Err(CryptoError::NotASecret(KEY_FORM));
            };
            material.push(high << 4 | low);
        }
        if material.iter().all(|byte| *byte == material[0]) {
            return Err(CryptoError::NotASecret("the key file's digits are all alike; make a random one"));
        }
        Ok(Self { kind: SecretKind::KeyFile, material })
    }

    /// The secret that a provider keeps; it opens what a key file with the same 32 bytes opens.
    ///
    /// # Errors
    /// What the provider answers; `NotASecret` where its bytes are all alike, which no random key is.
    pub fn provided(provider: &dyn KeyProvider) -> Result<Self, CryptoError> {
        let key = provider.key()?;
        if key.iter().all(|byte| *byte == key[0]) {
            return Err(CryptoError::NotASecret("the provider's key has bytes that are all alike; make a random one"));
        }
        Ok(Self { kind: SecretKind::KeyFile, material: Zeroizing::new(key.to_vec()) })
    }

    /// The secret of a recovery code as somebody typed it: case, dashes and spaces do not matter, and the letters
    /// O, I and L are read as the digits they resemble. A typing mistake is noticed.
    pub fn recovery_code(text: &str) -> Result<Self, CryptoError> {
        let code = RecoveryCode::parse(text)?;
        Ok(code.secret())
    }

    /// The secret in a file with a recovery code on its first line.
    pub fn recovery_code_file(path: &Path) -> Result<Self, CryptoError> {
        let text = read_text(path, "the recovery code file is not UTF-8 text of at most 4 KiB")?;
        Self::recovery_code(text.lines().next().unwrap_or_default())
    }

    pub(super) fn of_recovery_code(code: &[u8; 16]) -> Self {
        Self { kind: SecretKind::RecoveryCode, material: Zeroizing::new(code.to_vec()) }
    }

    /// What kind of secret this is.
    pub fn kind(&self) -> SecretKind {
        self.kind
    }

    pub(in crate::crypto) fn material(&self) -> &[u8] {
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
    let mut bytes = Zeroizing::new(Vec::with_capacity(8192));
    std::fs::File::open(path)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(CryptoError::NotASecret(form));
    }
    std::str::from_utf8(&bytes).map(|text| Zeroizing::new(text.to_owned())).map_err(|_| CryptoError::NotASecret(form))
}

/// Makes a random key file at `path`, where nothing may stand yet, and gives back its secret.
pub fn make_key_file(path: &Path) -> Result<Secret, CryptoError> {
    let random = Zeroizing::new(random::<32>());
    let material = Zeroizing::new(random.to_vec());
    let mut text = Zeroizing::new(bytes::hex(&material));
    text.push('\n');
    durable::write_new_file(path, text.as_bytes())?;
    Ok(Secret { kind: SecretKind::KeyFile, material })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::bytes::hex;

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
    fn a_recovery_code_file_is_its_first_line() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("code");
        let code = RecoveryCode::generate();
        std::fs::write(&path, format!("{code}\nfrom the safe\n")).expect("write");
        assert_eq!(Secret::recovery_code_file(&path).expect("read").material(), code.secret().material());
        std::fs::write(&path, "").expect("write");
        assert!(matches!(Secret::recovery_code_file(&path), Err(CryptoError::NotASecret(_))));
    }
}
