//! Reading the samples of a series as columns.

use std::collections::BTreeSet;

use super::block::Stored;
use super::directory::Shelved;
use super::rows::Rows;
use super::shelf::Shelf;
use super::window::Windows;
use crate::error::Result;

/// Samples as columns, in order of time.
#[derive(Clone, Default)]
pub struct Columns {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub times: Vec<i64>,
    /// The nearest floating-point numbers.
    pub values: Vec<f64>,
    /// The numbers as they were written, where they were asked for.
    pub written: Option<Texts>,
    /// When the next sample was taken, where there are more than were asked for.
    pub next: Option<i64>,
}

// People's data never ends up in a log by way of `{:?}`.
impl std::fmt::Debug for Columns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Columns({} samples)", self.times.len())
    }
}

/// Many texts in one piece of memory.
#[derive(Clone, Default)]
pub struct Texts {
    /// All of them, one behind the other.
    pub text: String,
    /// Where each one ends.
    pub ends: Vec<usize>,
}

impl Texts {
    /// The text number `at`, from 0.
    pub fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start..end)
    }
}

/// What of a series is to be read.
pub(super) struct Reading<'r> {
    pub windows: &'r Windows,
    pub hidden: &'r BTreeSet<u64>,
    /// Samples at most; those of one moment are never torn apart.
    pub limit: usize,
    pub written: bool,
}

impl Reading<'_> {
    /// Whether a sample shows.
    fn shows(&self, sample: &Stored) -> bool {
        (self.hidden.is_empty() || !self.hidden.contains(&sample.source)) && self.windows.hold(sample.at)
    }

    /// Whether a block has samples of an entry of which nothing shows.
    pub fn hides_some(&self, block: &Shelved) -> bool {
        self.hidden.range(block.sources.0..=block.sources.1).next().is_some()
    }

    /// The blocks that may have samples that show, in order of time.
    pub fn blocks<'s>(&self, shelf: &'s Shelf) -> impl Iterator<Item = &'s Shelved> {
        shelf.directory.blocks.iter().filter(|block| self.windows.meet(block))
    }

    /// Shows the samples of these blocks and those that are in no block yet, in order of time, until `visit` answers
    /// `false`.
    pub fn each<'s>(
        &self,
        blocks: impl Iterator<Item = &'s Shelved>,
        shelf: &Shelf,
        rows: &Rows<'_>,
        visit: &mut dyn FnMut(&Stored) -> bool,
    ) -> Result<()> {
        let mut fresh = shelf.fresh().into_iter().filter(|sample| self.shows(sample)).peekable();
        for block in blocks {
            while let Some(sample) = fresh.next_if(|sample| sample.at < block.from) {
                if !visit(sample) {
                    return Ok(());
                }
            }
            for sample in rows.block(block)?.iter().filter(|sample| self.shows(sample)) {
                while let Some(earlier) = fresh.next_if(|earlier| *earlier < sample) {
                    if !visit(earlier) {
                        return Ok(());
                    }
                }
                if !visit(sample) {
                    return Ok(());
                }
            }
        }
        for sample in fresh {
            if !visit(sample) {
                break;
            }
        }
        Ok(())
    }

    /// The samples as columns.
    pub fn columns(&self, shelf: &Shelf, rows: &Rows<'_>) -> Result<Columns> {
        let mut out = Columns { written: self.written.then(Texts::default), ..Columns::default() };
        self.each(self.blocks(shelf), shelf, rows, &mut |sample| {
            if out.times.len() >= self.limit && out.times.last() != Some(&sample.at) {
                out.next = Some(sample.at);
                return false;
            }
            out.times.push(sample.at);
            out.values.push(sample.value.float());
            if let Some(written) = &mut out.written {
                sample.value.write(&mut written.text);
                written.ends.push(written.text.len());
            }
            true
        })?;
        Ok(out)
    }
}
