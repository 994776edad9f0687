//! The door of the fuzzer to the form of kept columns, those of laboratory results.

use std::sync::LazyLock;

use serde_json::Value;

use super::builder::Lines;
use super::columns::Column;
use super::rows::{Row, columns_of};
use super::stored::{self, Made, Rows};
use crate::model::{KindInfo, Kinds};

static LAB_RESULT: LazyLock<KindInfo> =
    LazyLock::new(|| *Kinds::default().get("lab-result").expect("every house knows results"));
static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| columns_of(&LAB_RESULT));

/// Reads stored bytes; what is understood is written the same.
pub(in crate::vault) fn try_to_read(stored: &[u8]) {
    stored::try_to_read(stored, &COLUMNS);
}

/// What is kept of these results, as the API answers them; `None` where one is none.
pub(in crate::vault) fn stored_of(records: &[Value]) -> Option<Vec<u8>> {
    let mut lines = Lines::new(&COLUMNS);
    for record in records {
        Row::of_json(record)?.cells(&LAB_RESULT, |cells| lines.push(cells));
    }
    let (count, columns) = lines.take();
    let made = (1..=count as u64).map(|seq| Made { shown: seq, first: seq }).collect();
    Some(stored::encode(&Rows { made, columns }))
}
