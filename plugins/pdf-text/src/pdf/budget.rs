//! How much one file may ask for.

use std::cell::Cell;

use super::{Refused, Result};

/// Steps: about one for each word of the file's language that is looked at.
const STEPS: u64 = 30_000_000;
/// Bytes that streams unpack to, all together.
const UNPACKED: usize = 48 << 20;
/// Bytes that one stream unpacks to.
const STREAM: usize = 16 << 20;
/// Letters on all pages.
const GLYPHS: u32 = 400_000;

/// What is left of what one file may ask for.
#[derive(Debug)]
pub struct Budget {
    steps: Cell<u64>,
    unpacked: Cell<usize>,
    glyphs: Cell<u32>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: Cell::new(STEPS), unpacked: Cell::new(UNPACKED), glyphs: Cell::new(GLYPHS) }
    }
}

impl Budget {
    /// Takes steps.
    pub fn step(&self, steps: u64) -> Result<()> {
        self.steps.set(self.steps.get().checked_sub(steps).ok_or(Refused::TooLarge)?);
        Ok(())
    }

    /// Bytes that the next stream may unpack to.
    pub fn room(&self) -> usize {
        self.unpacked.get().min(STREAM)
    }

    /// Takes bytes that were unpacked.
    pub fn unpack(&self, bytes: usize) -> Result<()> {
        self.unpacked.set(self.unpacked.get().checked_sub(bytes).ok_or(Refused::TooLarge)?);
        Ok(())
    }

    /// Takes a letter of a page.
    pub fn glyph(&self) -> Result<()> {
        self.glyphs.set(self.glyphs.get().checked_sub(1).ok_or(Refused::TooLarge)?);
        Ok(())
    }
}
