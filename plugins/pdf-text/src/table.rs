//! Tables of results, by where the words of a line stand under the words of their head.

use crate::lines::{Line, Word, joined};

/// What a column holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// The names of the tests.
    Name,
    /// Their values.
    Value,
    /// Their units.
    Unit,
    /// Where the laboratory expects the values.
    Range,
    /// Whether they are high or low.
    Flag,
    /// Something that is not read.
    Other,
}

const NAMES: &[&str] = &[
    "analyse",
    "analyte",
    "component",
    "description",
    "examination",
    "investigation",
    "investigations",
    "parameter",
    "parameters",
    "test",
    "test description",
    "test name",
    "test parameter",
    "tests",
    "untersuchung",
];
const VALUES: &[&str] = &[
    "ergebnis",
    "observed value",
    "observed values",
    "result",
    "result value",
    "results",
    "value",
    "wert",
    "your result",
    "your value",
];
const UNITS: &[&str] = &["einheit", "einheiten", "unit", "units", "uom"];
const FLAGS: &[&str] = &["flag", "flags", "h/l", "abnormal", "indicator"];

/// A column of a table.
#[derive(Clone, Copy, Debug)]
struct Column {
    role: Role,
    from: f64,
    to: f64,
}

/// The head of a table.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<Column>,
}

/// What a line is, as far as heads of tables go.
#[derive(Clone, Debug)]
pub enum Head {
    /// The head of a table that is read.
    Of(Table),
    /// A head of a table in which it is not plain what stands where: two columns of values, say.
    Unclear,
    /// No head.
    None,
}

/// The words of a row, column by column.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The name of the test.
    pub name: String,
    /// The value.
    pub value: String,
    /// The unit.
    pub unit: String,
    /// The range.
    pub range: String,
    /// Whether it is high or low.
    pub flag: String,
    /// Whether what stands under no head may be a value as well as a range.
    pub is_unclear: bool,
}

/// Looks whether a line is the head of a table.
pub fn head(line: &Line) -> Head {
    let column = |cell: &[Word]| Column {
        role: role(&joined(cell)),
        from: cell.first().map_or(0.0, |word| word.from),
        to: cell.last().map_or(0.0, |word| word.to),
    };
    let columns: Vec<Column> = line.cells().into_iter().map(|cell| column(&line.words[cell])).collect();
    let count = |role: Role| columns.iter().filter(|column| column.role == role).count();
    let counts = [count(Role::Name), count(Role::Value), count(Role::Unit), count(Role::Range)];
    if counts.iter().filter(|count| **count > 0).count() < 2 || counts[1] == 0 {
        // A table begins here whose values stand under words, or days, that are not known: earlier values, say.
        let is_other = columns.len() > 2 && columns[0].role == Role::Name;
        return if is_other { Head::Unclear } else { Head::None };
    }
    match counts {
        [1, 1, units, ranges] if units <= 1 && ranges <= 1 && count(Role::Flag) <= 1 => Head::Of(Table { columns }),
        _ => Head::Unclear,
    }
}

fn role(text: &str) -> Role {
    let text = text.to_lowercase();
    let text = text.trim_matches([':', '*', '.', ' ']);
    let is_range = ["range", "interval", "reference", "ref.", "referenz", "normal value"];
    if NAMES.contains(&text) {
        Role::Name
    } else if VALUES.contains(&text) {
        Role::Value
    } else if UNITS.contains(&text) {
        Role::Unit
    } else if FLAGS.contains(&text) {
        Role::Flag
    } else if is_range.iter().any(|part| text.contains(part)) {
        Role::Range
    } else {
        Role::Other
    }
}

impl Table {
    /// The words of a line under the head.
    pub fn row(&self, line: &Line) -> Row {
        let mut row = Row::default();
        for cell in line.cells() {
            let words = &line.words[cell];
            match self.of_cell(words) {
                Some(column) => {
                    row.is_unclear |= self.may_be_range(column, words);
                    row.put(column.role, &joined(words));
                }
                // It reaches under two heads: each word goes where it stands.
                None => {
                    for word in words {
                        let role =
                            self.under(word.from, word.to).map_or_else(|| self.left_of(word), |column| column.role);
                        row.put(role, &word.text);
                    }
                }
            }
        }
        row
    }

    /// The column of a cell; `None` where it stands under two.
    fn of_cell(&self, words: &[Word]) -> Option<&Column> {
        let (first, last) = (words.first()?, words.last()?);
        let mut under = self.columns.iter().filter(|column| overlap(column, first.from, last.to) > 0.0);
        match (under.next(), under.next()) {
            (Some(column), None) => Some(column),
            (None, _) => self.columns.iter().rev().find(|column| begins(column, first)).or(self.columns.first()),
            _ => None,
        }
    }

    /// Whether a cell that is taken for a value stands under no head and nearer to that of the ranges, and is more than a
    /// number.
    fn may_be_range(&self, column: &Column, words: &[Word]) -> bool {
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
        let is_number =
            words.iter().all(|word| word.text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',')));
        let next = self.columns.iter().find(|next| next.from >= last.to);
        let is_nearer =
            next.is_some_and(|next| next.role == Role::Range && next.from - last.to < first.from - column.to);
        column.role == Role::Value && overlap(column, first.from, last.to) <= 0.0 && is_nearer && !is_number
    }

    /// The column under whose head most of a word stands.
    fn under(&self, from: f64, to: f64) -> Option<&Column> {
        let best = self.columns.iter().max_by(|a, b| overlap(a, from, to).total_cmp(&overlap(b, from, to)));
        best.filter(|column| overlap(column, from, to) > 0.0)
    }

    /// The role of the column that a word stands right of.
    fn left_of(&self, word: &Word) -> Role {
        let column = self.columns.iter().rev().find(|column| begins(column, word));
        column.or(self.columns.first()).map_or(Role::Other, |column| column.role)
    }
}

/// Whether a word begins where the column does, or right of that.
fn begins(column: &Column, word: &Word) -> bool {
    column.from - word.size / 2.0 <= word.from
}

/// How much of a stretch stands under the head of a column.
fn overlap(column: &Column, from: f64, to: f64) -> f64 {
    (to.min(column.to) - from.max(column.from)).max(0.0)
}

impl Row {
    fn put(&mut self, role: Role, text: &str) {
        let place = match role {
            Role::Name => &mut self.name,
            Role::Value => &mut self.value,
            Role::Unit => &mut self.unit,
            Role::Range => &mut self.range,
            Role::Flag => &mut self.flag,
            Role::Other => return,
        };
        if !place.is_empty() {
            place.push(' ');
        }
        place.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of words at these places, at 10 points with letters of 5.
    fn line(words: &[(f64, &str)]) -> Line {
        let word = |(from, text): &(f64, &str)| {
            let length = u32::try_from(text.len()).expect("short");
            let to = from + f64::from(length) * 5.0;
            Word { text: (*text).to_owned(), from: *from, to, base: 100.0, size: 10.0 }
        };
        Line { page: 1, paper: (600.0, 800.0), words: words.iter().map(word).collect() }
    }

    fn table() -> Table {
        let head = head(&line(&[
            (50.0, "Test"),
            (200.0, "Result"),
            (300.0, "Unit"),
            (380.0, "Reference"),
            (428.0, "Range"),
            (500.0, "Method"),
        ]));
        let Head::Of(table) = head else { panic!("{head:?}") };
        table
    }

    #[test]
    fn words_belong_to_the_head_they_stand_under() {
        let row = table().row(&line(&[
            (50.0, "Glycated"),
            (93.0, "haemoglobin"),
            (212.0, "6.5"),
            (231.0, "H"),
            (300.0, "%"),
            (385.0, "4.0"),
            (403.0, "-"),
            (411.0, "5.6"),
            (500.0, "HPLC"),
        ]));
        assert_eq!((row.name.as_str(), row.value.as_str()), ("Glycated haemoglobin", "6.5 H"));
        assert_eq!((row.unit.as_str(), row.range.as_str(), row.flag.as_str()), ("%", "4.0 - 5.6", ""));
        // Between two heads a cell belongs to the one it stands right of.
        assert_eq!(table().row(&line(&[(50.0, "Iron"), (240.0, "80")])).value, "80");
    }

    #[test]
    fn a_range_that_stands_left_of_its_head_is_no_value() {
        let head = head(&line(&[(50.0, "Test"), (200.0, "Result"), (400.0, "Range"), (500.0, "Unit")]));
        let Head::Of(table) = head else { panic!("{head:?}") };
        let row = |text| table.row(&line(&[(50.0, "Cholesterol"), (350.0, text), (500.0, "mg/dL")]));
        assert!(row("<200").is_unclear && !row("180").is_unclear);
        assert!(!table.row(&line(&[(50.0, "Cholesterol"), (240.0, "<200")])).is_unclear);
    }

    #[test]
    fn a_head_with_two_columns_of_values_is_not_read() {
        let two = line(&[(50.0, "Test"), (200.0, "Result"), (300.0, "Result"), (380.0, "Unit")]);
        assert!(matches!(head(&two), Head::Unclear));
        for values in [["Previous", "Current"], ["12/03/2026", "10/01/2026"]] {
            let other = line(&[(50.0, "Parameter"), (200.0, values[0]), (300.0, values[1])]);
            assert!(matches!(head(&other), Head::Unclear), "{values:?}");
        }
        for words in
            [&[(50.0, "Test"), (90.0, "passed")][..], &[(50.0, "Result"), (200.0, "fine")][..], &[(50.0, "6.5")][..]]
        {
            assert!(matches!(head(&line(words)), Head::None), "{words:?}");
        }
        let bare =
            line(&[(50.0, "Investigation"), (200.0, "Value"), (300.0, "Bio."), (323.0, "Ref."), (348.0, "Interval")]);
        assert!(matches!(head(&bare), Head::Of(_)));
    }
}
