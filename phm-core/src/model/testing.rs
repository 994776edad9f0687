//! What the tests of every kind share.

use serde_json::Value;

use super::{Checked, Kind, KindInfo, Part};

/// The part in `body`, which must be in order.
pub fn read<T: Part>(body: &Value) -> T {
    super::fields::read(body).unwrap_or_else(|details| panic!("{body} is in order, but {details:?}"))
}

/// The stored form of `body`, which must be in order, and must be read back to the same.
pub fn stored<T: Part>(body: &Value) -> String {
    let json = serde_json::to_string(&read::<T>(body)).expect("json");
    let again: Value = serde_json::from_str(&json).expect("own json");
    assert_eq!(serde_json::to_string(&read::<T>(&again)).expect("json"), json, "the stored form stays");
    json
}

/// What is wrong with `body`: `/path code` of each broken rule, joined by commas.
pub fn refused<T: Part>(body: &Value) -> String {
    let details = super::fields::read::<T>(body).err().unwrap_or_default();
    let lines: Vec<_> = details.iter().map(|detail| format!("{} {}", detail.path, detail.code)).collect();
    lines.join(", ")
}

/// The body through the dynamic door.
pub fn checked<K: Kind>(body: &Value) -> Checked {
    let info = KindInfo::of::<K>();
    (info.check)(body).unwrap_or_else(|details| panic!("{body} is in order, but {details:?}"))
}

/// When and how the record shows in lists: `occurred | title | value unit | status | flag | codes`.
pub fn listed<K: Kind>(body: &Value) -> String {
    let Checked { occurred, summary, .. } = checked::<K>(body);
    let occurred = occurred.map(|when| when.to_string()).unwrap_or_default();
    let codes: Vec<_> = summary.codes.iter().map(|(system, code)| format!("{system}#{code}")).collect();
    let value = [summary.value.unwrap_or_default(), summary.unit.unwrap_or_default()].join(" ");
    let (status, flag) = (summary.status.unwrap_or_default(), summary.flag.unwrap_or_default());
    [occurred, summary.title, value.trim().to_owned(), status, flag, codes.join(" ")].join("|")
}
