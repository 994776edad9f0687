//! Labels by the tables of today, for records that were written before the tables grew.
//!
//! A header has the labels that were known when it was written. What lists show of a record, its codes and the name of its
//! medicine, stands in the header too: so that is judged again whenever an index is folded, and no body is opened and nothing
//! written for it. A code that no list shows is judged when the next version is written.

use std::collections::BTreeSet;

use super::parts::Shared;
use crate::access::{label_of, label_of_name};

/// The kinds whose title is the name of a medicine, or of several.
const MEDICINES: [&str; 3] = ["dose", "medication", "prescription"];

/// What versions have in common, with the labels that codes and title say today beside those that are there. The record
/// that says who a person is has none.
pub(super) fn by_the_tables_of_today(mut shared: Shared) -> Shared {
    let (kind, title) = (&*shared.kind, shared.title.as_str());
    if kind == "profile" {
        return shared;
    }
    let by_codes = shared.codes.iter().filter_map(|(system, code)| label_of(system, code, Some(title)));
    let names = MEDICINES.contains(&kind).then(|| title.split(|letter: char| !letter.is_alphanumeric()));
    let by_names = names.into_iter().flatten().filter_map(label_of_name);
    let said: BTreeSet<&'static str> = by_codes.chain(by_names).collect();
    if said.iter().all(|label| shared.labels.iter().any(|own| **own == **label)) {
        return shared;
    }
    let own = std::mem::take(&mut shared.labels);
    let all: BTreeSet<Box<str>> = own.into_iter().chain(said.into_iter().map(Into::into)).collect();
    shared.labels = all.into_iter().collect();
    shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::tests::header;
    use crate::index::{Act, Header, ProfileIndex};
    use crate::model::Summary;

    const ICD: &str = "http://hl7.org/fhir/sid/icd-10";
    const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";

    #[test]
    fn what_was_written_before_a_table_grew_has_its_label_when_the_journal_is_folded() {
        for (kind, title, code, expected) in [
            ("condition", "As coded", Some((ICD, "F32.1")), &["mental-health"][..]),
            ("condition", "Diabetes", Some((ICD, "E11.9")), &[][..]),
            ("condition", "Lithium", None, &[][..]),
            ("medication", "Lithium 300 mg", None, &["mental-health"][..]),
            ("medication", "Sertraline 50 MG Oral Tablet", Some((RXNORM, "0")), &["mental-health"][..]),
            ("prescription", "Sertraline, sildenafil", None, &["mental-health", "sexual-health"][..]),
            ("dose", "lithiumlike", None, &[][..]),
            ("medication", "metformin", Some((RXNORM, "0")), &[][..]),
            ("profile", "Lithium", Some((ICD, "F32.1")), &[][..]),
        ] {
            let codes = code.into_iter().map(|(system, code)| (system.to_owned(), code.to_owned())).collect();
            let summary = Summary { codes, title: title.to_owned(), ..Summary::default() };
            let mut index = ProfileIndex::default();
            index.fold(1, Header { summary, ..header(Act::Create, kind, 1) });
            let labels: Vec<String> =
                index.entries().flat_map(|entry| entry.labels().iter().map(ToString::to_string)).collect();
            assert_eq!(labels, expected, "{kind} {title}");
        }
    }

    #[test]
    fn what_a_record_has_already_stays() {
        let with = |own: &[&str]| -> Vec<String> {
            let summary = Summary { title: "Lithium".to_owned(), ..Summary::default() };
            let labels = own.iter().map(|label| (*label).into()).collect();
            let (shared, _) = Header { labels, summary, ..header(Act::Amend, "medication", 1) }.parted();
            by_the_tables_of_today(shared).labels.iter().map(ToString::to_string).collect()
        };
        assert_eq!(with(&["restricted"]), ["mental-health", "restricted"]);
        assert_eq!(with(&["restricted", "mental-health"]), ["restricted", "mental-health"]);
    }
}
