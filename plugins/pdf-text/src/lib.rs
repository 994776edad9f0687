//! Reads the text of a laboratory's report in PDF and proposes its results, each with the page and the place it was found at.
//!
//! The file comes from strangers. It is read here, in a module that can do nothing but calculate, and what it asks for is
//! counted. Nothing is guessed: what is not understood is listed, and a person decides on everything else.

mod below;
mod dates;
mod limits;
mod lines;
mod numbers;
pub mod pdf;
mod report;
mod specimen;
mod table;
mod units;

use phm_plugin_sdk::file::File;
use phm_plugin_sdk::v1::document::{Input, Output};
use phm_plugin_sdk::{Fault, Plugin, export, kinds};

use pdf::{Budget, PageText};

/// Bytes of a file that is read.
const LARGEST: u64 = 16 << 20;

/// The plugin.
pub struct PdfText;

impl Plugin for PdfText {
    type Kind = kinds::Document;

    fn call(input: Input) -> Result<Output, Fault> {
        // Whoever hands over no document has nothing to be read; pages that somebody else read have no table to go by.
        if input.document.is_empty() || !input.pages.is_empty() {
            return Ok(Output::default());
        }
        if !matches!(input.media_type.as_str(), "" | "application/pdf") {
            return Ok(unreadable("other-kind"));
        }
        let file = File::of(&input.document, LARGEST)?;
        Ok(if file.size > LARGEST { unreadable("too-large") } else { read(&file.bytes, &input.document) })
    }
}

/// What the bytes of a file come to.
pub fn read(bytes: &[u8], document: &str) -> Output {
    match pdf::read(bytes, &Budget::default()) {
        Err(refused) => unreadable(refused.code()),
        Ok(pages) if pages.iter().all(is_blank) => unreadable("no-text"),
        Ok(pages) => report::read(&pages, document),
    }
}

fn is_blank(page: &PageText) -> bool {
    page.sideways == 0 && page.glyphs.iter().all(|glyph| glyph.text.trim().is_empty())
}

fn unreadable(why: &str) -> Output {
    Output { unreadable: Some(why.to_owned()), ..Output::default() }
}

export!(read: PdfText);
