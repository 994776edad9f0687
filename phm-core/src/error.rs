//! The one error of the front door.
//!
//! Programs look at [`Error::kind`] and the stable [`Error::code`]; people read the text of their language,
//! looked up by code. No text here ever carries a name, a value or a diagnosis: errors end up in logs.

use std::error::Error as StdError;
use std::fmt;

/// What every fallible call of the core answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in the twelve ways a caller may want to tell apart.
///
/// The numbers are the C binding's status codes; they are never renumbered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[repr(i32)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input breaks a rule; `details` say where.
    Invalid = 1,
    /// There is no such thing, or none that the caller may know of.
    NotFound = 2,
    /// The version the caller started from is no longer the newest.
    Conflict = 3,
    /// The policy refuses.
    Denied = 4,
    /// The vault is locked.
    Locked = 5,
    /// The secret opens none of the slots.
    WrongSecret = 6,
    /// Stored bytes are damaged.
    Corrupt = 7,
    /// This build or format cannot do that.
    Unsupported = 8,
    /// The value is larger than the vault takes.
    TooLarge = 9,
    /// Somebody else holds it; try again later.
    Busy = 10,
    /// The operating system refused.
    Io = 11,
    /// A promise inside PHM was broken: a bug.
    Internal = 12,
}

/// One place in the input that breaks a rule.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize)]
pub struct Detail {
    /// JSON pointer into the body, for example `/quantity/unit`.
    pub path: String,
    /// Stable code, for example `unknown-unit`.
    pub code: &'static str,
}

/// An error with a kind, a stable code and a text that says what to do.
pub struct Error {
    kind: ErrorKind,
    code: &'static str,
    message: String,
    details: Vec<Detail>,
    current_version: Option<u32>,
    data: Option<Box<serde_json::Value>>,
    unread: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of `kind` with the stable `code` and a text for the person who has to act.
    pub fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            code,
            message: message.into(),
            details: Vec::new(),
            current_version: None,
            data: None,
            unread: false,
            source: None,
        }
    }

    /// The input breaks the rules named by `details`.
    pub fn invalid(details: Vec<Detail>) -> Self {
        Self::new(ErrorKind::Invalid, "invalid", "the input breaks a rule; see the details").with_details(details)
    }

    /// There is no such thing, or none that the caller may know of.
    pub fn not_found() -> Self {
        Self::new(ErrorKind::NotFound, "not-found", "there is no such thing here")
    }

    /// Stored bytes are damaged; `message` says which and what to do.
    pub fn corrupt(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Corrupt, "corrupt", message)
    }

    /// A promise inside PHM was broken.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, "internal", message)
    }

    /// The same error with the places in the input that break a rule.
    pub fn with_details(mut self, details: Vec<Detail>) -> Self {
        self.details = details;
        self
    }

    /// The same error with its cause.
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same error with the version a stale writer should have started from.
    pub fn with_current_version(mut self, version: u32) -> Self {
        self.current_version = Some(version);
        self
    }

    /// The same error with more that a program may want to know, without patient data.
    pub fn with_data(mut self, data: serde_json::Value) -> Self {
        self.data = Some(Box::new(data));
        self
    }

    /// More that a program may want to know, for example `{"refused":[…]}` of an import.
    pub fn data(&self) -> Option<&serde_json::Value> {
        self.data.as_deref()
    }

    /// For a conflict: the record's current version.
    pub fn current_version(&self) -> Option<u32> {
        self.current_version
    }

    /// The same error, of a store that did not give what was asked for.
    pub(crate) fn unread(mut self) -> Self {
        self.unread = true;
        self
    }

    /// Whether something was read, and is damaged. A store that found its files damaged gave nothing: that says nothing of
    /// what stands there.
    pub(crate) fn is_of_what_was_read(&self) -> bool {
        self.kind == ErrorKind::Corrupt && !self.unread
    }

    /// The same error for somebody else who is told of it.
    pub(crate) fn again(&self) -> Self {
        Self { unread: self.unread, ..Self::new(self.kind, self.code, self.message.clone()) }
    }

    /// The same error in other words.
    pub(crate) fn saying(mut self, message: String) -> Self {
        self.message = message;
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The stable code, for example `not-granted`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The places in the input that break a rule.
    pub fn details(&self) -> &[Detail] {
        &self.details
    }
}

/// What was read, or nothing where that itself is damaged: `verify` names it, and whoever needs the rest goes on without.
///
/// # Errors
/// Every other one: it does not say what stands there, and nobody may go on as if nothing did.
pub(crate) fn if_whole<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.is_of_what_was_read() => Ok(None),
        Err(error) => Err(error),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind)
            .field("code", &self.code)
            .field("message", &self.message)
            .field("details", &self.details)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        let text = match error.kind() {
            std::io::ErrorKind::StorageFull => "the disk is full; make room and try again",
            std::io::ErrorKind::PermissionDenied => {
                "the operating system denied access; check owner and mode of the data folder"
            }
            std::io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only; remount it writable",
            std::io::ErrorKind::NotFound => "a file or folder is missing",
            _ => "the operating system reported an input/output error; check the disk, then start again",
        };
        Self::new(ErrorKind::Io, "io", text).with_source(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    #[test]
    fn kinds_keep_the_numbers_the_c_binding_promises() {
        let numbers = [
            (ErrorKind::Invalid, 1),
            (ErrorKind::NotFound, 2),
            (ErrorKind::Conflict, 3),
            (ErrorKind::Denied, 4),
            (ErrorKind::Locked, 5),
            (ErrorKind::WrongSecret, 6),
            (ErrorKind::Corrupt, 7),
            (ErrorKind::Unsupported, 8),
            (ErrorKind::TooLarge, 9),
            (ErrorKind::Busy, 10),
            (ErrorKind::Io, 11),
            (ErrorKind::Internal, 12),
        ];
        for (kind, number) in numbers {
            assert_eq!(kind as i32, number);
        }
    }

    #[test]
    fn an_error_shows_its_message_and_keeps_its_cause() {
        let error = Error::from(std::io::Error::from(std::io::ErrorKind::StorageFull));
        assert_eq!(error.to_string(), "the disk is full; make room and try again");
        assert!(error.source().is_some());
    }

    #[test]
    fn damage_of_one_row_is_nothing_and_what_was_not_read_is_an_error() {
        let unread = |error: Error| if_whole::<u8>(Err(error)).is_err();
        assert_eq!(if_whole(Ok(7)).expect("read"), Some(7));
        assert!(if_whole::<u8>(Err(Error::corrupt("a row does not open"))).expect("damaged").is_none());
        assert!(unread(std::io::Error::from(std::io::ErrorKind::NotFound).into()));
        let of_the_store = Error::from(StoreError::Corrupt("a checksum does not match".into()));
        assert_eq!((of_the_store.kind(), of_the_store.code()), (ErrorKind::Corrupt, "corrupt"));
        assert!(unread(of_the_store.again()) && unread(of_the_store));
        assert!(unread(StoreError::Poisoned.into()));
        assert!(unread(Error::new(
            ErrorKind::Unsupported,
            "newer-format",
            "this was written by a newer PHM; update PHM"
        )));
    }
}
