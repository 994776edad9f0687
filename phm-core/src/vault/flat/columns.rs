//! Columns of values in the layout of Arrow: what bindings hand out without copying.
//!
//! Validity and truth are bitmaps, least bit first; texts are one piece of memory with offsets, one more than there are
//! rows; a column of words names a text of its dictionary in each row.

use std::ops::Range;

/// A bitmap, least bit first.
#[derive(Clone, Default)]
pub struct Bits {
    bytes: Vec<u8>,
    len: usize,
    ones: usize,
}

impl Bits {
    /// Appends a bit.
    pub fn push(&mut self, bit: bool) {
        if self.len.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if bit {
            self.bytes[self.len / 8] |= 1 << (self.len % 8);
            self.ones += 1;
        }
        self.len += 1;
    }

    /// Appends the same bit `count` times.
    pub(super) fn push_same(&mut self, bit: bool, count: usize) {
        let single = count.min(self.len.next_multiple_of(8) - self.len);
        (0..single).for_each(|_| self.push(bit));
        let whole = (count - single) / 8;
        self.bytes.resize(self.bytes.len() + whole, if bit { u8::MAX } else { 0 });
        self.len += whole * 8;
        self.ones += if bit { whole * 8 } else { 0 };
        (0..(count - single) % 8).for_each(|_| self.push(bit));
    }

    /// Appends some of another bitmap's bits.
    pub(super) fn extend(&mut self, from: &Self, rows: Range<usize>) {
        rows.for_each(|row| self.push(from.get(row)));
    }

    /// The bitmap of `len` bits that stand in these bytes; `None` where there are more or fewer bytes than it takes, or a bit
    /// is set behind the last.
    pub(super) fn of_bytes(bytes: &[u8], len: usize) -> Option<Self> {
        let spare = len.next_multiple_of(8) - len;
        let clean = bytes.last().is_none_or(|last| last.leading_zeros() as usize >= spare);
        let ones = bytes.iter().map(|byte| byte.count_ones() as usize).sum();
        (bytes.len() == len.div_ceil(8) && clean).then(|| Self { bytes: bytes.to_vec(), len, ones })
    }

    /// The bit number `at`, from 0.
    pub fn get(&self, at: usize) -> bool {
        at < self.len && self.bytes[at / 8] & (1 << (at % 8)) != 0
    }

    /// How many bits there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many bits are zero.
    pub fn zeros(&self) -> usize {
        self.len - self.ones
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A batch ends long before: see the builder's `FULL`.
const SHORT: &str = "a batch holds less than two gigabytes of text";

/// Texts in one piece of memory.
#[derive(Clone)]
pub struct Strings {
    offsets: Vec<i32>,
    text: Vec<u8>,
}

impl Default for Strings {
    fn default() -> Self {
        Self { offsets: vec![0], text: Vec::new() }
    }
}

impl Strings {
    /// Appends a text.
    pub(super) fn push(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
        self.offsets.push(self.end());
    }

    /// Makes room for so many more, and so many bytes of them.
    pub(super) fn reserve(&mut self, count: usize, bytes: usize) {
        self.offsets.reserve(count);
        self.text.reserve(bytes);
    }

    /// Appends the empty text `count` times.
    pub(super) fn push_empty(&mut self, count: usize) {
        let end = self.end();
        self.offsets.resize(self.offsets.len() + count, end);
    }

    /// Appends some of other texts.
    pub(super) fn extend(&mut self, from: &Self, rows: Range<usize>) {
        let offsets = &from.offsets[rows.start..=rows.end];
        let (Some(first), Some(last)) = (offsets.first(), offsets.last()) else { return };
        let moved = self.end() - first;
        i32::try_from(self.text.len() + place(*last) - place(*first)).expect(SHORT);
        self.text.extend_from_slice(&from.text[place(*first)..place(*last)]);
        self.offsets.extend(offsets[1..].iter().map(|offset| offset + moved));
    }

    /// The texts between these offsets; `None` where those are no offsets of texts in it.
    pub(super) fn of_parts(offsets: Vec<i32>, text: &[u8]) -> Option<Self> {
        let letters = std::str::from_utf8(text).ok()?;
        let whole = |offset: &i32| usize::try_from(*offset).is_ok_and(|offset| letters.is_char_boundary(offset));
        let ends =
            offsets.first() == Some(&0) && offsets.last().is_some_and(|last| usize::try_from(*last) == Ok(text.len()));
        (ends && offsets.is_sorted() && offsets.iter().all(whole)).then(|| Self { offsets, text: text.to_vec() })
    }

    /// The text number `at`, from 0; it must be there.
    pub fn get(&self, at: usize) -> &str {
        let text = &self.text[place(self.offsets[at])..place(self.offsets[at + 1])];
        std::str::from_utf8(text).expect("offsets stand between whole texts")
    }

    /// Where the last text ends.
    fn end(&self) -> i32 {
        i32::try_from(self.text.len()).expect(SHORT)
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where each text ends, after a zero.
    pub fn offsets(&self) -> &[i32] {
        &self.offsets
    }

    /// All texts, one behind the other.
    pub fn text(&self) -> &[u8] {
        &self.text
    }
}

/// An offset as a place in memory.
fn place(offset: i32) -> usize {
    usize::try_from(offset).expect("offsets count from zero")
}

/// What a column holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Of {
    /// Texts.
    Text,
    /// Texts of which few are different.
    Word,
    /// Whole numbers.
    Integer,
    /// The nearest floating-point numbers.
    Number,
    /// Yes or no.
    Boolean,
    /// Moments in UTC, in milliseconds since 1970.
    Moment,
}

/// The description of a column.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub of: Of,
    /// The unit of all its values in UCUM, where they share one.
    pub unit: Option<String>,
    /// What it means, in a sentence.
    pub doc: String,
}

/// The values of one column in one batch.
#[derive(Clone)]
pub enum Values {
    /// Texts.
    Text(Strings),
    /// The place of each row's text in the dictionary.
    Word(Vec<i32>, Strings),
    /// Whole numbers, or moments in milliseconds since 1970.
    Integer(Vec<i64>),
    /// Numbers.
    Number(Vec<f64>),
    /// Yes or no.
    Boolean(Bits),
}

impl Values {
    /// None, of a column that holds this.
    pub(super) fn new(of: Of) -> Self {
        match of {
            Of::Text => Self::Text(Strings::default()),
            Of::Word => Self::Word(Vec::new(), Strings::default()),
            Of::Integer | Of::Moment => Self::Integer(Vec::new()),
            Of::Number => Self::Number(Vec::new()),
            Of::Boolean => Self::Boolean(Bits::default()),
        }
    }
}

/// One column of one batch.
#[derive(Clone)]
pub struct Filled {
    /// The values; where there is none, any.
    pub values: Values,
    /// Where there is a value; none where there is one in every row.
    pub valid: Option<Bits>,
}

/// Some rows of a table, column by column.
#[derive(Clone)]
pub struct Batch {
    /// How many rows.
    pub rows: usize,
    /// The columns, in the order of the table.
    pub columns: Vec<Filled>,
}

/// Records or samples as columns.
#[derive(Clone)]
pub struct Table {
    /// What it is a table of: a kind, or `samples`.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows.
    pub batches: Vec<Batch>,
}

impl Table {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.batches.iter().map(|batch| batch.rows).sum()
    }
}

// People's data never ends up in a log by way of `{:?}`.
impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Table({}, {} columns, {} rows)", self.name, self.columns.len(), self.rows())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_stand_least_first() {
        let mut bits = Bits::default();
        for bit in [true, false, true, true, false, false, false, false, true] {
            bits.push(bit);
        }
        assert_eq!((bits.bytes(), bits.len(), bits.zeros()), (&[0b0000_1101, 1][..], 9, 5));
        assert!(bits.get(8) && !bits.get(1) && !bits.get(9));
    }

    #[test]
    fn bits_that_are_appended_together_are_those_that_are_appended_one_by_one() {
        for (before, count) in [(0, 0), (0, 5), (3, 4), (3, 5), (3, 6), (8, 8), (5, 40), (7, 1), (1, 23)] {
            for bit in [true, false] {
                let (mut together, mut single) = (Bits::default(), Bits::default());
                for at in 0..before {
                    together.push(at % 3 == 0);
                    single.push(at % 3 == 0);
                }
                together.push_same(bit, count);
                (0..count).for_each(|_| single.push(bit));
                assert_eq!(
                    (together.bytes(), together.len(), together.zeros()),
                    (single.bytes(), single.len(), single.zeros())
                );
                let mut part = Bits::default();
                part.extend(&single, before..before + count);
                assert_eq!((part.len(), part.zeros()), (count, if bit { 0 } else { count }));
                let read = Bits::of_bytes(single.bytes(), single.len()).expect("its own bytes");
                assert_eq!((read.bytes(), read.zeros()), (single.bytes(), single.zeros()));
            }
        }
        assert!(Bits::of_bytes(&[0b100], 2).is_none(), "a bit behind the last");
        assert!(Bits::of_bytes(&[0], 9).is_none() && Bits::of_bytes(&[0, 0], 8).is_none());
        assert!(Bits::of_bytes(&[0xFF], 8).is_some_and(|bits| bits.zeros() == 0) && Bits::of_bytes(&[], 0).is_some());
    }

    #[test]
    fn some_texts_of_others_are_appended_whole() {
        let mut all = Strings::default();
        for text in ["one", "", "दो", "three"] {
            all.push(text);
        }
        let mut some = Strings::default();
        some.push("zero");
        some.extend(&all, 1..3);
        some.push_empty(2);
        some.extend(&all, 2..2);
        some.extend(&all, 3..4);
        let texts: Vec<&str> = (0..some.len()).map(|at| some.get(at)).collect();
        assert_eq!(texts, ["zero", "", "दो", "", "", "three"]);
    }

    #[test]
    fn offsets_that_are_none_are_refused() {
        let read = |offsets: &[i32]| Strings::of_parts(offsets.to_vec(), "aदo".as_bytes()).map(|texts| texts.len());
        assert_eq!(read(&[0, 1, 4, 5]), Some(3));
        assert_eq!(read(&[0, 0, 5, 5]), Some(3));
        for wrong in [&[][..], &[1, 5], &[0, 4], &[0, 6], &[0, 2, 5], &[0, 4, 1, 5], &[0, -1, 5]] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
        assert!(Strings::of_parts(vec![0, 1], &[0xFF]).is_none(), "no text at all");
    }
}
