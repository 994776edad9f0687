//! Filling a table: row by row, or with rows that stand in columns already.

use std::collections::HashMap;
use std::ops::Range;

use super::columns::{Batch, Bits, Column, Filled, Of, Strings, Table, Values};

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
    of: Of,
    values: Values,
    valid: Bits,
    words: HashMap<String, i32>,
}

impl Filling {
    fn new(of: Of) -> Self {
        Self { of, values: Values::new(of), valid: Bits::default(), words: HashMap::new() }
    }

    /// Appends a value; one of another type than the column's is none.
    fn push(&mut self, cell: &Cell<'_>) {
        match (&mut self.values, cell) {
            (Values::Text(texts), Cell::Text(text)) => texts.push(text),
            (Values::Word(places, dictionary), Cell::Text(text)) => {
                places.push(place_of(&mut self.words, dictionary, text));
            }
            (Values::Integer(all), Cell::Integer(value)) => all.push(*value),
            (Values::Number(all), Cell::Number(value)) => all.push(*value),
            (Values::Boolean(all), Cell::Boolean(value)) => all.push(*value),
            _ => return self.push_nothing(1),
        }
        self.valid.push(true);
    }

    /// Appends rows without a value.
    fn push_nothing(&mut self, rows: usize) {
        match &mut self.values {
            Values::Text(texts) => texts.push_empty(rows),
            Values::Word(places, _) => places.resize(places.len() + rows, 0),
            Values::Integer(all) => all.resize(all.len() + rows, 0),
            Values::Number(all) => all.resize(all.len() + rows, f64::NAN),
            Values::Boolean(all) => all.push_same(false, rows),
        }
        self.valid.push_same(false, rows);
    }

    /// Appends some rows of a column of the same type; none has a value where there is no column.
    fn extend(&mut self, from: Option<&Filled>, rows: Range<usize>) {
        let Some(from) = from else { return self.push_nothing(rows.len()) };
        let has = |row: usize| from.valid.as_ref().is_none_or(|valid| valid.get(row));
        match (&mut self.values, &from.values) {
            (Values::Text(texts), Values::Text(more)) => texts.extend(more, rows.clone()),
            (Values::Word(places, dictionary), Values::Word(more, words)) => {
                // Only words that stand in these rows: the others may be those of records that are not shown.
                let mut known = vec![None; words.len()];
                places.extend(rows.clone().map(|row| {
                    if !has(row) {
                        return 0;
                    }
                    let word = usize::try_from(more[row]).expect("places count from zero");
                    *known[word].get_or_insert_with(|| place_of(&mut self.words, dictionary, words.get(word)))
                }));
            }
            (Values::Integer(all), Values::Integer(more)) => all.extend_from_slice(&more[rows.clone()]),
            (Values::Number(all), Values::Number(more)) => all.extend_from_slice(&more[rows.clone()]),
            (Values::Boolean(all), Values::Boolean(more)) => all.extend(more, rows.clone()),
            _ => return self.push_nothing(rows.len()),
        }
        match &from.valid {
            Some(valid) => self.valid.extend(valid, rows),
            None => self.valid.push_same(true, rows.len()),
        }
    }

    fn bytes(&self) -> usize {
        match &self.values {
            Values::Text(texts) | Values::Word(_, texts) => texts.text().len(),
            _ => 0,
        }
    }

    fn done(self) -> Filled {
        Filled { values: self.values, valid: Some(self.valid).filter(|valid| valid.zeros() > 0) }
    }
}

/// The place of a word in the dictionary, added where it is new.
fn place_of(words: &mut HashMap<String, i32>, dictionary: &mut Strings, word: &str) -> i32 {
    words.get(word).copied().unwrap_or_else(|| {
        let place = i32::try_from(dictionary.len()).expect("a batch has fewer rows");
        dictionary.push(word);
        words.insert(word.to_owned(), place);
        place
    })
}

/// Rows that are put together, column by column.
pub(super) struct Lines {
    filling: Vec<Filling>,
    rows: usize,
    /// Text in the columns, about.
    bytes: usize,
}

impl Lines {
    pub fn new(columns: &[Column]) -> Self {
        Self { filling: columns.iter().map(|column| Filling::new(column.of)).collect(), rows: 0, bytes: 0 }
    }

    /// How many rows there are, and about how many bytes of text they have.
    pub fn len(&self) -> (usize, usize) {
        (self.rows, self.bytes)
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
    }

    /// Appends some rows of columns of the same types; where there is none, no row has a value.
    pub fn extend(&mut self, columns: &[Option<Filled>], rows: Range<usize>) {
        debug_assert_eq!(columns.len(), self.filling.len());
        for (filling, column) in self.filling.iter_mut().zip(columns) {
            let before = filling.bytes();
            filling.extend(column.as_ref(), rows.clone());
            self.bytes += filling.bytes() - before;
        }
        self.rows += rows.len();
    }

    /// The rows, and how many there were; none in a column in which no row has a value.
    pub fn take(&mut self) -> (usize, Vec<Option<Filled>>) {
        let (rows, full) = self.take_all();
        let has_any = |column: &Filled| rows > 0 && column.valid.as_ref().is_none_or(|valid| valid.zeros() < rows);
        (rows, full.into_iter().map(|column| Some(column).filter(has_any)).collect())
    }

    /// Makes room for as much as stands in these columns.
    fn reserve_like(&mut self, columns: &[Filled], rows: usize) {
        for (filling, column) in self.filling.iter_mut().zip(columns) {
            match (&mut filling.values, &column.values) {
                (Values::Text(texts), Values::Text(like)) => texts.reserve(rows, like.text().len()),
                (Values::Word(places, _), _) => places.reserve(rows),
                (Values::Integer(all), _) => all.reserve(rows),
                (Values::Number(all), _) => all.reserve(rows),
                (Values::Boolean(_) | Values::Text(_), _) => {}
            }
        }
    }

    fn take_all(&mut self) -> (usize, Vec<Filled>) {
        let fresh = self.filling.iter().map(|filling| Filling::new(filling.of)).collect();
        let full: Vec<Filling> = std::mem::replace(&mut self.filling, fresh);
        self.bytes = 0;
        (std::mem::take(&mut self.rows), full.into_iter().map(Filling::done).collect())
    }
}

/// A table that is being filled.
pub(super) struct Builder {
    table: Table,
    open: Lines,
}

/// A batch ends with so many rows, or so much text.
const FULL: (usize, usize) = (1 << 16, 64 << 20);

impl Builder {
    pub fn new(name: &str, columns: Vec<Column>) -> Self {
        let open = Lines::new(&columns);
        Self { table: Table { name: name.to_owned(), columns, batches: Vec::new() }, open }
    }

    /// Appends a row with one cell for each column.
    pub fn push(&mut self, cells: &[Cell<'_>]) {
        self.open.push(cells);
        self.end_if_full();
    }

    /// Appends some rows of columns of the same types, one for each of the table; where there is none, no row has a value.
    pub fn extend(&mut self, columns: &[Option<Filled>], rows: Range<usize>) {
        self.open.extend(columns, rows);
        self.end_if_full();
    }

    /// Appends rows that stand in columns already, as a batch of its own.
    pub fn push_batch(&mut self, batch: Batch) {
        self.end_batch();
        if batch.rows > 0 {
            self.table.batches.push(batch);
        }
    }

    fn end_if_full(&mut self) {
        let (rows, bytes) = self.open.len();
        if rows >= FULL.0 || bytes >= FULL.1 {
            self.end_batch();
        }
    }

    fn end_batch(&mut self) {
        let (rows, columns) = self.open.take_all();
        if rows > 0 {
            if rows >= FULL.0 {
                // The next one will be about as long.
                self.open.reserve_like(&columns, rows);
            }
            self.table.batches.push(Batch { rows, columns });
        }
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
    fn rows_of_columns_are_those_that_were_pushed_one_by_one() {
        let of = [Of::Text, Of::Word, Of::Integer, Of::Number, Of::Boolean, Of::Moment];
        let columns = || -> Vec<Column> {
            let named =
                |(at, of): (usize, &Of)| Column { name: at.to_string(), of: *of, unit: None, doc: String::new() };
            of.iter().enumerate().map(named).collect()
        };
        let words = ["yes", "no", "दो", "rare"];
        let rows: Vec<[Cell<'_>; 6]> = (0..40_i32)
            .map(|row| {
                let word = words[usize::try_from(if row == 30 { 3 } else { row % 3 }).expect("small")];
                let or = |other, cell| if row % other == 0 { Cell::None } else { cell };
                [
                    or(3, Cell::Text(word)),
                    or(4, Cell::Text(word)),
                    or(5, Cell::Integer(row.into())),
                    Cell::Number(row.into()),
                    or(7, Cell::Boolean(row % 2 == 0)),
                    // A column without any value.
                    Cell::None,
                ]
            })
            .collect();
        let mut source = Lines::new(&columns());
        for row in &rows {
            source.push(row);
        }
        let (count, stored) = source.take();
        assert_eq!((count, stored[5].is_none(), source.len()), (40, true, (0, 0)));
        for range in [0..40, 0..0, 5..6, 3..29, 31..40] {
            let (mut together, mut single) = (Builder::new("x", columns()), Builder::new("x", columns()));
            together.push(&rows[1]);
            single.push(&rows[1]);
            together.extend(&stored, range.clone());
            for row in &rows[range.clone()] {
                single.push(row);
            }
            let (together, single) = (together.done(), single.done());
            assert_eq!(shown(&together), shown(&single), "{range:?}");
            let Values::Word(_, words) = &together.batches[0].columns[1].values else { panic!("words") };
            let known: Vec<&str> = (0..words.len()).map(|at| words.get(at)).collect();
            assert_eq!(known.contains(&"rare"), range.contains(&30), "only words of these rows: {range:?}");
        }
    }

    /// All cells of a table, and its dictionaries.
    fn shown(table: &Table) -> Vec<String> {
        let batch = &table.batches[0];
        let cell = |column: &Filled, row: usize| match &column.values {
            _ if column.valid.as_ref().is_some_and(|valid| !valid.get(row)) => "none".to_owned(),
            Values::Text(texts) => texts.get(row).to_owned(),
            Values::Word(places, words) => {
                format!("{} of {}", words.get(usize::try_from(places[row]).expect("a place")), words.len())
            }
            Values::Integer(all) => all[row].to_string(),
            Values::Number(all) => all[row].to_string(),
            Values::Boolean(all) => all.get(row).to_string(),
        };
        batch.columns.iter().flat_map(|column| (0..batch.rows).map(move |row| cell(column, row))).collect()
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
