//! How much an archive may unpack to.
//!
//! A few kilobytes can be packed so that they unpack to terabytes, the more so where archives stand in archives. Real
//! resources pack to a tenth or a fiftieth: an input that goes far beyond is damaged to this reader, before it has kept
//! the machine busy for hours.

use std::cell::Cell;
use std::io::{self, Read};

/// What every input may unpack to, however small it is.
const ALWAYS: u64 = 1 << 30;

/// And for each byte of it as it lies there.
const FOR_EACH: u64 = 200;

/// Looking ahead unpacks again what is read anyway; that weighs less.
const READING: u64 = 16;
const LOOKING_AHEAD: u64 = 1;

/// How much of one input was read, and what it unpacked to.
pub(super) struct Bound {
    always: u64,
    packed: Cell<u64>,
    /// In sixteenths of bytes.
    unpacked: Cell<u64>,
}

impl Bound {
    /// For an input of which nothing was read yet.
    pub(super) fn new() -> Self {
        Self { always: ALWAYS, packed: Cell::new(0), unpacked: Cell::new(0) }
    }

    /// So many more bytes were read as they lie there.
    pub(super) fn add_packed(&self, bytes: u64) {
        self.packed.set(self.packed.get().saturating_add(bytes));
    }

    /// For what is unpacked to be read.
    pub(super) fn reading(&self) -> Unpacking<'_> {
        Unpacking { bound: self, weight: READING }
    }

    /// For what is unpacked to look ahead.
    pub(super) fn looking_ahead(&self) -> Unpacking<'_> {
        Unpacking { bound: self, weight: LOOKING_AHEAD }
    }

    fn add_unpacked(&self, bytes: u64, weight: u64) -> io::Result<()> {
        self.unpacked.set(self.unpacked.get().saturating_add(bytes.saturating_mul(weight)));
        let most = self.always.saturating_add(self.packed.get().saturating_mul(FOR_EACH));
        if self.unpacked.get() / READING > most {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "an archive that unpacks to far more than it holds",
            ));
        }
        Ok(())
    }
}

/// What unpacked bytes are counted as.
#[derive(Clone, Copy)]
pub(super) struct Unpacking<'b> {
    bound: &'b Bound,
    weight: u64,
}

impl<'b> Unpacking<'b> {
    /// Counts what `unpacked` gives, and ends it with an error where it is too much.
    pub(super) fn of<R: Read>(self, unpacked: R) -> Unpacked<'b, R> {
        Unpacked { reader: unpacked, counted: self }
    }
}

/// A reader whose bytes are counted.
pub(super) struct Unpacked<'b, R> {
    reader: R,
    counted: Unpacking<'b>,
}

impl<R: Read> Read for Unpacked<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.counted.bound.add_unpacked(read as u64, self.counted.weight)?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_unpacks_to_far_more_than_it_holds_ends_with_an_error() {
        let small = |packed: u64| {
            let bound = Bound { always: 1000, ..Bound::new() };
            bound.add_packed(packed);
            bound
        };
        let unpack = |of: Unpacking<'_>, bytes: u64| io::copy(&mut of.of(io::repeat(0).take(bytes)), &mut io::sink());
        assert_eq!(unpack(small(0).reading(), 1000).expect("little"), 1000);
        assert_eq!(unpack(small(10).reading(), 3000).expect("as much as ten bytes may"), 3000);
        let bound = small(10);
        assert_eq!(unpack(bound.reading(), 3001).expect_err("more").kind(), io::ErrorKind::InvalidData);
        assert!(unpack(bound.reading(), 1).is_err(), "and nothing more of it");
        let bound = small(0);
        unpack(bound.reading(), 600).expect("little");
        unpack(bound.reading(), 401).expect_err("all layers and members together");
        unpack(small(0).looking_ahead(), 16_000).expect("what is looked at only weighs less");
        unpack(small(0).looking_ahead(), 16_016).expect_err("but it weighs");
    }
}
