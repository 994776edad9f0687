//! The form in which columns are kept: `1 ‖ rows ‖ the records ‖ the columns`, all numbers little-endian.
//!
//! | bytes | |
//! |---|---|
//! | 1 | form: 1 |
//! | 4 | how many rows |
//! | 8 a row | seq of the shown version, less that of the row before |
//! | 8 a row | seq of the shown version, less that of the first that is visible |
//! | 1 a column | 0 no row has a value, 1 every row, 2 a bitmap of those that have one stands in front |
//! | … | texts: the length of each in 4 bytes, then all of them; words: a dictionary of texts behind its length, then the place of each row in 4 bytes; whole numbers and moments: each less the one before; else the values |
//!
//! Differences, because most are the same: they are unpacked several times as fast. The columns themselves stand in no chunk: who
//! reads one knows them, and the seal tells whether it is the same ones.

use super::columns::{Bits, Column, Filled, Of, Strings, Values};
use crate::bytes::Bytes;

/// Is another one where the same record makes other cells than before, though its kind has the same columns.
const FORM: u8 = 1;

/// Which versions of a record a row was made of: the shown one, and the first that was visible.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Made {
    pub shown: u64,
    pub first: u64,
}

/// Rows with what they were made of.
pub(super) struct Rows {
    pub made: Vec<Made>,
    /// Columns in the order of the table; none where no row has a value.
    pub columns: Vec<Option<Filled>>,
}

/// The stored form of rows.
pub(super) fn encode(rows: &Rows) -> Vec<u8> {
    let mut out = vec![FORM];
    put_count(&mut out, rows.made.len());
    put_steps(&mut out, rows.made.iter().map(|made| made.shown));
    out.extend(rows.made.iter().flat_map(|made| made.shown.wrapping_sub(made.first).to_le_bytes()));
    for column in &rows.columns {
        let Some(column) = column else {
            out.push(0);
            continue;
        };
        match &column.valid {
            None => out.push(1),
            Some(valid) => {
                out.push(2);
                out.extend_from_slice(valid.bytes());
            }
        }
        match &column.values {
            Values::Text(texts) => put_texts(&mut out, texts),
            Values::Word(places, words) => {
                put_count(&mut out, words.len());
                put_texts(&mut out, words);
                out.extend(places.iter().flat_map(|place| place.to_le_bytes()));
            }
            Values::Integer(all) => put_steps(&mut out, all.iter().map(|value| value.cast_unsigned())),
            Values::Number(all) => out.extend(all.iter().flat_map(|value| value.to_le_bytes())),
            Values::Boolean(all) => out.extend_from_slice(all.bytes()),
        }
    }
    out
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&u32::try_from(count).expect("a batch has fewer rows").to_le_bytes());
}

/// Adds numbers, each less the one before.
fn put_steps(out: &mut Vec<u8>, numbers: impl Iterator<Item = u64>) {
    let mut before = 0;
    out.extend(numbers.flat_map(|number| number.wrapping_sub(std::mem::replace(&mut before, number)).to_le_bytes()));
}

fn put_texts(out: &mut Vec<u8>, texts: &Strings) {
    out.extend(texts.offsets().windows(2).flat_map(|two| (two[1] - two[0]).to_le_bytes()));
    out.extend_from_slice(texts.text());
}

/// Reads rows of these columns; `None` where they are none.
pub(super) fn decode(stored: &[u8], columns: &[Column]) -> Option<Rows> {
    let stored = &mut Bytes(stored);
    if stored.byte()? != FORM {
        return None;
    }
    let rows = count(stored)?;
    let shown = steps(stored, rows)?;
    let back = each(stored, rows, u64::from_le_bytes)?;
    let made =
        shown.into_iter().zip(back).map(|(shown, back)| Made { shown, first: shown.wrapping_sub(back) }).collect();
    let mut read = Vec::with_capacity(columns.len());
    for of in columns {
        read.push(match stored.byte()? {
            0 => None,
            form => Some(column(stored, form, of.of, rows)?),
        });
    }
    stored.at_end().then_some(Rows { made, columns: read })
}

fn count(stored: &mut Bytes<'_>) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(stored.array()?)).ok()
}

/// The next `count` values of `N` bytes. Nothing is made room for before it is known to stand there.
fn each<const N: usize, T>(stored: &mut Bytes<'_>, count: usize, mut read: impl FnMut([u8; N]) -> T) -> Option<Vec<T>> {
    let bytes = stored.take(count.checked_mul(N)?)?;
    Some(bytes.as_chunks::<N>().0.iter().map(|bytes| read(*bytes)).collect())
}

/// The next `count` numbers, each of which is stored less the one before.
fn steps(stored: &mut Bytes<'_>, count: usize) -> Option<Vec<u64>> {
    let mut before = 0_u64;
    let number = |step| {
        before = before.wrapping_add(u64::from_le_bytes(step));
        before
    };
    each(stored, count, number)
}

fn bits(stored: &mut Bytes<'_>, count: usize) -> Option<Bits> {
    Bits::of_bytes(stored.take(count.div_ceil(8))?, count)
}

fn texts(stored: &mut Bytes<'_>, count: usize) -> Option<Strings> {
    let lengths = stored.take(count.checked_mul(4)?)?;
    let mut offsets = Vec::with_capacity(count + 1);
    let mut end = 0_i32;
    offsets.push(end);
    for length in lengths.as_chunks::<4>().0 {
        end = end.checked_add_unsigned(u32::from_le_bytes(*length))?;
        offsets.push(end);
    }
    Strings::of_parts(offsets, stored.take(usize::try_from(end).ok()?)?)
}

/// A column of which some row has a value.
fn column(stored: &mut Bytes<'_>, form: u8, of: Of, rows: usize) -> Option<Filled> {
    let valid = match form {
        1 => None,
        2 => Some(bits(stored, rows)?),
        _ => return None,
    };
    let values = match of {
        Of::Text => Values::Text(texts(stored, rows)?),
        Of::Word => {
            let known = count(stored)?;
            let words = texts(stored, known)?;
            let places = each(stored, rows, i32::from_le_bytes)?;
            let stands = |place: &i32| usize::try_from(*place).is_ok_and(|place| place < words.len());
            if !places.iter().all(stands) {
                return None;
            }
            Values::Word(places, words)
        }
        Of::Integer | Of::Moment => Values::Integer(steps(stored, rows)?.into_iter().map(u64::cast_signed).collect()),
        Of::Number => Values::Number(each(stored, rows, f64::from_le_bytes)?),
        Of::Boolean => Values::Boolean(bits(stored, rows)?),
    };
    Some(Filled { values, valid })
}

/// What is read is written the same; for the door of the fuzzer.
#[cfg(any(test, feature = "fuzzing"))]
pub(super) fn try_to_read(stored: &[u8], columns: &[Column]) {
    if let Some(rows) = decode(stored, columns) {
        assert!(encode(&rows) == stored, "rows that were read are written the same");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::builder::{Builder, Cell, Lines};
    use super::*;
    use crate::crypto::digest::hex;

    const ALL: [Of; 6] = [Of::Text, Of::Word, Of::Integer, Of::Number, Of::Boolean, Of::Moment];

    fn columns() -> Vec<Column> {
        let named = |of: &Of| Column { name: format!("{of:?}"), of: *of, unit: None, doc: String::new() };
        ALL.iter().map(named).collect()
    }

    type Cells = (Option<String>, Option<i64>, Option<f64>, Option<bool>);

    fn rows(cells: &[Cells]) -> Rows {
        let mut lines = Lines::new(&columns());
        for (text, whole, number, truth) in cells {
            let (text, whole) =
                (text.as_deref().map_or(Cell::None, Cell::Text), whole.map_or(Cell::None, Cell::Integer));
            let again = if let Cell::Text(text) = text { Cell::Text(text) } else { Cell::None };
            let number = number.map_or(Cell::None, Cell::Number);
            let moment = if let Cell::Integer(whole) = whole { Cell::Integer(whole) } else { Cell::None };
            lines.push(&[text, again, whole, number, truth.map_or(Cell::None, Cell::Boolean), moment]);
        }
        let (count, columns) = lines.take();
        let made = (1..=count as u64).map(|seq| Made { shown: seq * 2, first: seq }).collect();
        Rows { made, columns }
    }

    proptest! {
        #[test]
        fn rows_come_back_as_they_were_kept(
            cells in prop::collection::vec(
                (prop::option::of(".{0,8}"), prop::option::of(any::<i64>()), prop::option::of(any::<f64>()), prop::option::of(any::<bool>())),
                0..40,
            ),
        ) {
            let rows = rows(&cells);
            let stored = encode(&rows);
            let read = decode(&stored, &columns()).expect("what was encoded");
            prop_assert_eq!(&read.made, &rows.made);
            // Bytes tell a number that is none from another one, which `==` does not.
            prop_assert!(encode(&read) == stored);
            for cut in 0..stored.len() {
                prop_assert!(decode(&stored[..cut], &columns()).is_none(), "cut at {}", cut);
            }
        }

        #[test]
        fn no_damage_is_read_as_columns_that_are_none(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
            let cell = |n: i64| (Some(format!("दो {}", n % 3)), Some(n), (n % 2 == 0).then_some(1.5), Some(n % 3 == 0));
            let cells: Vec<_> = (0..20).map(cell).collect();
            let mut stored = encode(&rows(&cells));
            let at = at.index(stored.len());
            stored[at] ^= 1 << bit;
            try_to_read(&stored, &columns());
            if let Some(rows) = decode(&stored, &columns()) {
                // Whatever is read can be shown.
                let mut builder = Builder::new("x", columns());
                builder.extend(&rows.columns, 0..rows.made.len());
                prop_assert_eq!(builder.done().rows(), rows.made.len());
            }
        }
    }

    #[test]
    fn rows_have_the_form_that_stands_on_disk() {
        let rows = rows(&[(Some("a".into()), Some(7), Some(1.0), Some(true)), (None, None, Some(2.0), None)]);
        let hex = hex(&encode(&rows));
        let expected = [
            "01",
            "02000000",
            // Made of 2 and 4, first visible in 1 and 2.
            "0200000000000000",
            "0200000000000000",
            "0100000000000000",
            "0200000000000000",
            // Text: a bitmap, two lengths, the text.
            "02",
            "01",
            "0100000000000000",
            "61",
            // Word: a bitmap, one word, its length, the word, two places.
            "02",
            "01",
            "01000000",
            "01000000",
            "61",
            "0000000000000000",
            // Integer: a bitmap, 7 and nothing.
            "02",
            "01",
            "0700000000000000",
            "f9ffffffffffffff",
            // Two numbers.
            "01",
            "000000000000f03f",
            "0000000000000040",
            // One truth.
            "02",
            "01",
            "01",
            // Moment: as the integer.
            "02",
            "01",
            "0700000000000000",
            "f9ffffffffffffff",
        ];
        assert_eq!(hex, expected.concat());
    }
}
