//! Columns of values in the layout of Arrow: what bindings hand out without copying.
//!
//! Validity and truth are bitmaps, least bit first; texts are one piece of memory with offsets, one more than there are
//! rows; a column of words names a text of its dictionary in each row.

use std::collections::HashMap;

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
    fn push(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
        // A batch ends long before: see `FULL`.
        self.offsets.push(i32::try_from(self.text.len()).expect("a batch holds less than two gigabytes of text"));
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

/// A value of one row and column.
pub(super) enum Cell<'a> {
    None,
    Text(&'a str),
    Integer(i64),
    Number(f64),
    Boolean(bool),
}

/// A column that is being filled.
struct Filling {
    values: Values,
    valid: Bits,
    words: HashMap<String, i32>,
}

impl Filling {
    fn new(of: Of) -> Self {
        let values = match of {
            Of::Text => Values::Text(Strings::default()),
            Of::Word => Values::Word(Vec::new(), Strings::default()),
            Of::Integer | Of::Moment => Values::Integer(Vec::new()),
            Of::Number => Values::Number(Vec::new()),
            Of::Boolean => Values::Boolean(Bits::default()),
        };
        Self { values, valid: Bits::default(), words: HashMap::new() }
    }

    /// Appends a value; one of another type than the column's is none.
    fn push(&mut self, cell: &Cell<'_>) {
        let fits = match (&mut self.values, cell) {
            (Values::Text(texts), Cell::Text(text)) => {
                texts.push(text);
                true
            }
            (Values::Word(places, dictionary), Cell::Text(text)) => {
                let place = self.words.get(*text).copied().unwrap_or_else(|| {
                    let place = i32::try_from(dictionary.len()).expect("a batch has fewer rows");
                    dictionary.push(text);
                    self.words.insert((*text).to_owned(), place);
                    place
                });
                places.push(place);
                true
            }
            (Values::Integer(all), Cell::Integer(value)) => {
                all.push(*value);
                true
            }
            (Values::Number(all), Cell::Number(value)) => {
                all.push(*value);
                true
            }
            (Values::Boolean(all), Cell::Boolean(value)) => {
                all.push(*value);
                true
            }
            (values, _) => {
                match values {
                    Values::Text(texts) => texts.push(""),
                    Values::Word(places, _) => places.push(0),
                    Values::Integer(all) => all.push(0),
                    Values::Number(all) => all.push(f64::NAN),
                    Values::Boolean(all) => all.push(false),
                }
                false
            }
        };
        self.valid.push(fits);
    }

    fn bytes(&self) -> usize {
        match &self.values {
            Values::Text(texts) | Values::Word(_, texts) => texts.text.len(),
            _ => 0,
        }
    }

    fn done(self) -> Filled {
        Filled { values: self.values, valid: Some(self.valid).filter(|valid| valid.zeros() > 0) }
    }
}

/// A table that is being filled row by row.
pub(super) struct Builder {
    table: Table,
    filling: Vec<Filling>,
    rows: usize,
    /// Text in the columns, about.
    bytes: usize,
}

/// A batch ends with so many rows, or so much text.
const FULL: (usize, usize) = (1 << 16, 64 << 20);

impl Builder {
    pub fn new(name: &str, columns: Vec<Column>) -> Self {
        let filling = columns.iter().map(|column| Filling::new(column.of)).collect();
        let table = Table { name: name.to_owned(), columns, batches: Vec::new() };
        Self { table, filling, rows: 0, bytes: 0 }
    }

    pub fn columns(&self) -> usize {
        self.table.columns.len()
    }

    /// Appends a row with one cell for each column.
    pub fn push(&mut self, cells: &[Cell<'_>]) {
        debug_assert_eq!(cells.len(), self.filling.len());
        for (filling, cell) in self.filling.iter_mut().zip(cells) {
            let before = filling.bytes();
            filling.push(cell);
            self.bytes += filling.bytes() - before;
        }
        self.rows += 1;
        if self.rows >= FULL.0 || self.bytes >= FULL.1 {
            self.end_batch();
        }
    }

    /// Appends rows that stand in columns already.
    pub fn push_batch(&mut self, batch: Batch) {
        self.end_batch();
        if batch.rows > 0 {
            self.table.batches.push(batch);
        }
    }

    fn end_batch(&mut self) {
        if self.rows == 0 {
            return;
        }
        let fresh = self.table.columns.iter().map(|column| Filling::new(column.of)).collect();
        let full = std::mem::replace(&mut self.filling, fresh);
        self.table.batches.push(Batch { rows: self.rows, columns: full.into_iter().map(Filling::done).collect() });
        (self.rows, self.bytes) = (0, 0);
    }

    pub fn done(mut self) -> Table {
        self.end_batch();
        share_units(&mut self.table);
        self.table
    }
}

/// Says the unit of a column of numbers where all of them have the same one, as the column of units beside it tells.
fn share_units(table: &mut Table) {
    for units in 0..table.columns.len() {
        let measured = measured_in(&table.columns[units].name);
        for numbers in 0..table.columns.len() {
            let column = &table.columns[numbers];
            if column.of == Of::Number && measured.contains(&column.name) {
                let shared = shared_unit(&table.batches, numbers, units);
                table.columns[numbers].unit = shared;
            }
        }
    }
}

/// The numbers whose unit stands in a column of this name: in `quantity_unit` that of `quantity`, in `range_unit` that of
/// `range_low` and `range_high`, in `unit` that of `value`.
fn measured_in(units: &str) -> Vec<String> {
    match units.strip_suffix("_unit") {
        Some(field) => ["", "_low", "_high"].iter().map(|end| format!("{field}{end}")).collect(),
        None if units == "unit" => vec!["value".to_owned()],
        None => Vec::new(),
    }
}

/// The one unit of all values of a column; none where a value has another, or has none.
fn shared_unit(batches: &[Batch], numbers: usize, units: usize) -> Option<String> {
    let mut shared: Option<&[u8]> = None;
    for batch in batches {
        let (numbers, units) = (&batch.columns[numbers], &batch.columns[units]);
        let Values::Word(_, words) = &units.values else { return None };
        let has = |column: &Filled, row| column.valid.as_ref().is_none_or(|bits| bits.get(row));
        if units.valid.is_some() && (0..batch.rows).any(|row| has(numbers, row) && !has(units, row)) {
            return None;
        }
        match (words.len(), shared) {
            (0, _) => {}
            (1, None) => shared = Some(words.text()),
            (1, Some(unit)) if unit == words.text() => {}
            _ => return None,
        }
    }
    shared.and_then(|unit| std::str::from_utf8(unit).ok()).map(str::to_owned)
}

/// A column in which every row has the same word.
pub(super) fn same_word(word: &str, rows: usize) -> Filled {
    let mut dictionary = Strings::default();
    dictionary.push(word);
    Filled { values: Values::Word(vec![0; rows], dictionary), valid: None }
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
    fn a_missing_value_and_one_of_another_type_are_none() {
        let column = |name: &str, of| Column { name: name.to_owned(), of, unit: None, doc: String::new() };
        let mut builder =
            Builder::new("x", vec![column("a", Of::Text), column("b", Of::Word), column("c", Of::Number)]);
        builder.push(&[Cell::Text("one"), Cell::Text("w"), Cell::Number(1.5)]);
        builder.push(&[Cell::None, Cell::Text("w"), Cell::Text("no number")]);
        builder.push(&[Cell::Text("two"), Cell::None, Cell::None]);
        let table = builder.done();
        let batch = &table.batches[0];
        let valid = |at: usize| batch.columns[at].valid.as_ref().map(|bits| (0..3).map(|row| bits.get(row)).collect());
        assert_eq!(valid(0), Some(vec![true, false, true]));
        assert_eq!(valid(1), Some(vec![true, true, false]));
        assert_eq!(valid(2), Some(vec![true, false, false]));
        let Values::Text(texts) = &batch.columns[0].values else { panic!("texts") };
        assert_eq!((texts.offsets(), texts.text()), (&[0, 3, 3, 6][..], &b"onetwo"[..]));
        let Values::Word(places, words) = &batch.columns[1].values else { panic!("words") };
        assert_eq!((places.as_slice(), words.text()), (&[0, 0, 0][..], &b"w"[..]));
    }

    #[test]
    fn a_unit_is_shared_where_every_number_has_it() {
        let columns = || {
            let of = [("x", Of::Number), ("x_unit", Of::Word), ("y", Of::Number)];
            of.map(|(name, of)| Column { name: name.to_owned(), of, unit: None, doc: String::new() }).to_vec()
        };
        let unit = |rows: &[(Option<f64>, Option<&str>)]| {
            let mut builder = Builder::new("x", columns());
            for (number, unit) in rows {
                let (number, unit) = (number.map_or(Cell::None, Cell::Number), unit.map_or(Cell::None, Cell::Text));
                builder.push(&[number, unit, Cell::Number(1.0)]);
            }
            let table = builder.done();
            assert_eq!(table.columns[2].unit, None);
            table.columns[0].unit.clone()
        };
        assert_eq!(unit(&[(Some(1.0), Some("%")), (None, None), (Some(2.0), Some("%"))]).as_deref(), Some("%"));
        assert_eq!(unit(&[(Some(1.0), Some("%")), (Some(2.0), Some("mg/dL"))]), None);
        assert_eq!(unit(&[(Some(1.0), Some("%")), (Some(2.0), None)]), None, "nobody knows what the second is");
        assert_eq!(unit(&[(None, None)]), None);
        assert_eq!(unit(&[]), None);
    }

    #[test]
    fn a_long_table_comes_in_batches() {
        let column = Column { name: "n".to_owned(), of: Of::Integer, unit: None, doc: String::new() };
        let mut builder = Builder::new("x", vec![column]);
        for row in 0..=FULL.0 {
            builder.push(&[Cell::Integer(i64::try_from(row).expect("small"))]);
        }
        let table = builder.done();
        assert_eq!(table.batches.iter().map(|batch| batch.rows).collect::<Vec<_>>(), [FULL.0, 1]);
        assert_eq!(table.rows(), FULL.0 + 1);
    }
}
