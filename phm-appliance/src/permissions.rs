//! Who may do what, as one table: the tests send every request it has a row for, and administrators see it on a page.
//!
//! The table decides nothing: that is the consent policy's, in phm-core. It says what must come of it, for every operation
//! of the API and everybody who could ask, so that a change of the policy is seen as what it does to people.

use std::sync::LazyLock;

use phm_core::model::kinds;

/// What comes of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It is allowed.
    Yes,
    /// It is not, and the caller is told: 403.
    No,
    /// The caller does not learn that the person exists: 404.
    Unknown,
    /// The caller has to sign in: 401.
    Door,
    /// Anybody may ask, and what comes of it depends on other things.
    Open,
}

impl Verdict {
    fn of_sign(sign: &str) -> Option<Self> {
        [Self::Yes, Self::No, Self::Unknown, Self::Door, Self::Open].into_iter().find(|verdict| verdict.sign() == sign)
    }

    /// Its sign in the table.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Yes => "+",
            Self::No => "x",
            Self::Unknown => "?",
            Self::Door => "-",
            Self::Open => "o",
        }
    }
}

/// What the table says of one operation.
#[derive(Clone, Debug)]
pub struct Row {
    /// The chapter it stands in.
    pub chapter: &'static str,
    /// The name of the operation; `*` stands for a kind of record.
    pub operation: &'static str,
    /// What comes of it, for each of [`Table::who`].
    pub verdicts: Vec<Verdict>,
}

impl Row {
    /// Whether it stands for every kind of record, and the operation is one on a collection of records: an operation on
    /// something else that happens to end like one needs a row of its own.
    fn is_for_every_kind_and(&self, operation: &str) -> bool {
        let verb = self.operation.strip_prefix('*');
        let Some(collection) = verb.and_then(|verb| operation.strip_suffix(verb)) else { return false };
        let collection = collection.replace('_', "-");
        kinds().iter().any(|kind| !kind.collection.is_empty() && kind.collection == collection)
    }
}

/// The table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Everybody who could ask.
    pub who: Vec<&'static str>,
    /// The operations.
    pub rows: Vec<Row>,
}

impl Table {
    /// The one table, compiled in.
    pub fn standard() -> &'static Self {
        static TABLE: LazyLock<Table> =
            LazyLock::new(|| Table::read(include_str!("permissions.txt")).expect("a test reads the table"));
        &TABLE
    }

    fn read(text: &'static str) -> Option<Self> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let who: Vec<_> = lines.next()?.split_whitespace().collect();
        let (mut chapter, mut rows) = ("", Vec::new());
        for line in lines {
            if let Some(name) = line.strip_prefix('[') {
                chapter = name.strip_suffix(']')?;
                continue;
            }
            let mut words = line.split_whitespace();
            let operation = words.next()?;
            let verdicts: Vec<_> = words.map(Verdict::of_sign).collect::<Option<_>>()?;
            if chapter.is_empty() || verdicts.len() != who.len() {
                return None;
            }
            rows.push(Row { chapter, operation, verdicts });
        }
        Some(Self { who, rows })
    }

    /// The row of an operation: its own, or that of every kind of record.
    pub fn row(&self, operation: &str) -> Option<&Row> {
        let own = self.rows.iter().find(|row| row.operation == operation);
        own.or_else(|| self.rows.iter().find(|row| row.is_for_every_kind_and(operation)))
    }

    /// The verdict for somebody.
    pub fn verdict(&self, operation: &str, who: &str) -> Option<Verdict> {
        let at = self.who.iter().position(|one| *one == who)?;
        self.row(operation)?.verdicts.get(at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let table = Table::standard();
        assert_eq!(table.who.len(), 12);
        assert_eq!(table.verdict("notes_list", "token"), Some(Verdict::No));
        assert_eq!(table.verdict("lab_results_list", "token"), Some(Verdict::Yes));
        assert_eq!(table.verdict("nothing", "self"), None);
        assert_eq!(table.verdict("fhir_resources_history", "carer"), Some(Verdict::Yes));
        for stray in ["letters_list", "keys_read", "_create", "lab_delete"] {
            assert!(table.row(stray).is_none(), "{stray} has no row of its own, and is no operation on records");
        }
        for row in &table.rows {
            assert_eq!(table.rows.iter().filter(|other| other.operation == row.operation).count(), 1, "{row:?}");
        }
    }

    #[test]
    fn a_line_that_lacks_somebody_is_no_table() {
        assert!(Table::read("a b\n[c]\nop + x\n").is_some());
        for text in ["a b\n[c]\nop +\n", "a b\nop + x\n", "a b\n[c]\nop + !\n", "a b\n[c\nop + x\n"] {
            assert!(Table::read(text).is_none(), "{text}");
        }
    }
}
