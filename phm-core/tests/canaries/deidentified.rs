//! Nothing a person writes leaves with a de-identified export.

use phm_core::vault::flat::{FlatQuery, Table, Values};

use super::{house, public_kinds};
use crate::bodies::Canaries;

/// Every text in a table.
fn texts(table: &Table) -> String {
    let columns = table.batches.iter().flat_map(|batch| &batch.columns);
    let text = columns.filter_map(|column| match &column.values {
        Values::Text(texts) | Values::Word(_, texts) => Some(String::from_utf8_lossy(texts.text()).into_owned()),
        _ => None,
    });
    text.collect::<Vec<_>>().join("\n")
}

#[test]
fn no_canary_leaves_with_a_deidentified_export_or_table() {
    let home = tempfile::tempdir().expect("a folder");
    let vault = house::create(&home.path().join("data"));
    let mut canaries = Canaries::new(7);
    super::fill(&vault, home.path(), &mut canaries);
    let session = house::operator(&vault);
    let mut all = Vec::new();
    let query = FlatQuery::default();
    let report = session.export_deidentified(&query, b"a secret of the test", &mut all).expect("exported");
    let mut text = String::from_utf8(all).expect("JSON");
    assert!(report.records > 20 && report.removed.len() > 40, "{} {}", report.records, report.removed.len());
    let mut plain = String::new();
    for kind in public_kinds() {
        let (table, _) = session.deidentified_table(kind.name, &query, b"a secret of the test").expect("a table");
        text += &texts(&table);
        plain += &texts(&session.table(kind.name, &query).expect("a table"));
    }
    let mut again = Canaries::new(7);
    let every: Vec<String> = (0..canaries.made).map(|_| again.next()).collect();
    let found: Vec<&String> = every.iter().filter(|canary| text.contains(canary.as_str())).collect();
    assert!(found.is_empty(), "{} of {}", found.len(), every.len());
    // The control: the same search finds them in tables that name people.
    assert!(every.iter().filter(|canary| plain.contains(canary.as_str())).count() > 50);
    // No id of a person or a record leaves either.
    for card in session.profiles().expect("people") {
        assert!(!text.contains(&card.profile.to_string()));
    }
}
