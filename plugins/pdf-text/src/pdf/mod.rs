//! A small reader of PDF (ISO 32000-1): as much as it takes to find the text of each page and where it stands.
//!
//! It does not repair: a file that is not whole is refused, because half of a report looks like a whole one. Everything it
//! does is counted against a [`Budget`], so that a file that asks for endless work ends with a word and not with a crash.

mod budget;
mod cmap;
mod content;
mod encoding;
mod file;
mod filters;
mod font;
mod glyph_names;
mod lexer;
mod matrix;
mod metrics;
mod object;
mod pages;

pub use budget::Budget;
pub use font::UNKNOWN;
pub use pages::{Glyph, PageText, read};

/// Why a file is not read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refused {
    /// It is no PDF.
    NotPdf,
    /// It is cut off, or something in it leads nowhere or in a circle.
    Damaged,
    /// It is locked.
    Encrypted,
    /// It, or what it unpacks to, or the work it asks for, is too much.
    TooLarge,
    /// It has more pages than are read.
    TooManyPages,
    /// It uses something this reader does not know.
    Unsupported,
}

impl Refused {
    /// The word in the plugin's answer.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotPdf => "other-kind",
            Self::Damaged => "damaged",
            Self::Encrypted => "encrypted",
            Self::TooLarge => "too-large",
            Self::TooManyPages => "too-many-pages",
            Self::Unsupported => "unsupported",
        }
    }
}

/// What reading comes to.
pub type Result<T> = std::result::Result<T, Refused>;
