//! What can go wrong with keys and sealed data, and how the front door names it.

use crate::error::{Error, ErrorKind};

/// Why a key, a secret or a sealed form was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// The secret opens none of the slots.
    #[error("the secret opens none of the vault's slots; check that it belongs to this vault")]
    WrongSecret,
    /// The text or file is not a secret at all; the text says what one looks like.
    #[error("{0}")]
    NotASecret(&'static str),
    /// There is no slot with this number.
    #[error("there is no slot with this number; `phm key list` shows them")]
    NoSlot,
    /// The secret is one of the vault's already.
    #[error("this secret opens the vault already, by slot {slot}")]
    KnownSecret {
        /// The slot's number.
        slot: u16,
    },
    /// A request that the keys' rules forbid; the text says which rule.
    #[error("{0}")]
    Refused(&'static str),
    /// Both copies of a file of keys are unusable.
    #[error(
        "both {file} and {file}.2 are missing, damaged or of another vault; \
         put back either one from a backup of the same day, or restore the newest backup"
    )]
    BothCopies {
        /// The file's name.
        file: &'static str,
    },
    /// A file of keys was written by a later PHM.
    #[error("{file} was written by a later version of PHM; install that version")]
    Newer {
        /// The file's name.
        file: &'static str,
    },
    /// A sealed body does not open: its bytes, its place or its parts are not the ones that were sealed.
    #[error("a sealed body does not open: it was changed, cut or moved; run `phm verify` and restore a backup")]
    Sealed,
    /// A sealed file does not open: changed, cut or moved.
    #[error("a sealed file does not open: it was changed, cut or moved; run `phm verify` and restore a backup")]
    SealedFile,
    /// The body is longer than the vault takes.
    #[error("a body may not be longer than 256 MiB")]
    TooLarge,
    /// The operating system refused.
    #[error(transparent)]
    Io(std::io::Error),
}

impl From<std::io::Error> for CryptoError {
    /// Keeps an error of ours that travelled through `Read` or `Write`.
    fn from(error: std::io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(Self::Io)
    }
}

impl From<CryptoError> for std::io::Error {
    fn from(error: CryptoError) -> Self {
        match error {
            CryptoError::Io(error) => error,
            error => Self::new(std::io::ErrorKind::InvalidData, error),
        }
    }
}

impl From<CryptoError> for Error {
    fn from(error: CryptoError) -> Self {
        let (kind, code) = match error {
            CryptoError::Io(error) => return error.into(),
            CryptoError::WrongSecret => (ErrorKind::WrongSecret, "wrong-secret"),
            CryptoError::NotASecret(_) => (ErrorKind::Invalid, "not-a-secret"),
            CryptoError::NoSlot => (ErrorKind::NotFound, "not-found"),
            CryptoError::KnownSecret { .. } => (ErrorKind::Conflict, "conflict"),
            CryptoError::Refused(_) => (ErrorKind::Invalid, "invalid"),
            CryptoError::Newer { .. } => (ErrorKind::Unsupported, "unsupported"),
            CryptoError::TooLarge => (ErrorKind::TooLarge, "too-large"),
            CryptoError::BothCopies { .. } | CryptoError::Sealed | CryptoError::SealedFile => {
                (ErrorKind::Corrupt, "corrupt")
            }
        };
        Self::new(kind, code, error.to_string()).with_source(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_reaches_the_front_door_with_its_kind() {
        let kind = |error: CryptoError| Error::from(error).kind();
        assert_eq!(kind(CryptoError::WrongSecret), ErrorKind::WrongSecret);
        assert_eq!(kind(CryptoError::NotASecret("x")), ErrorKind::Invalid);
        assert_eq!(kind(CryptoError::NoSlot), ErrorKind::NotFound);
        assert_eq!(kind(CryptoError::KnownSecret { slot: 1 }), ErrorKind::Conflict);
        assert_eq!(kind(CryptoError::BothCopies { file: "slots" }), ErrorKind::Corrupt);
        assert_eq!(kind(CryptoError::Newer { file: "slots" }), ErrorKind::Unsupported);
        assert_eq!(kind(CryptoError::Sealed), ErrorKind::Corrupt);
        assert_eq!(kind(CryptoError::TooLarge), ErrorKind::TooLarge);
        assert_eq!(kind(CryptoError::Io(std::io::ErrorKind::StorageFull.into())), ErrorKind::Io);
    }

    #[test]
    fn a_broken_seal_stays_one_when_it_travels_through_read() {
        let io = std::io::Error::from(CryptoError::SealedFile);
        assert!(matches!(CryptoError::from(io), CryptoError::SealedFile));
    }
}
