//! Which medicines make a record sensitive, by their RxNorm code or by the ingredients that RxNorm names.
//!
//! RxNorm has a code for every strength and pack, so no list of codes is whole. Its names follow a rule, though: they name
//! each ingredient. So what is looked up is the code, and where it is not in the table, the words of the name that came with
//! it. The table `medicines.tsv` says of each row where it is from; what has other uses more often than the sensitive one
//! (nicotine, naloxone, ritonavir beside nirmatrelvir, medroxyprogesterone as tablets) is not in it by name.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::words::Sensitivity;

const TABLE: &str = include_str!("medicines.tsv");

/// The table, by code and by word.
struct Medicines {
    codes: HashMap<&'static str, Sensitivity>,
    words: HashMap<&'static str, Sensitivity>,
}

impl Medicines {
    fn table() -> &'static Self {
        static READ: OnceLock<Medicines> = OnceLock::new();
        READ.get_or_init(|| {
            let mut read = Self { codes: HashMap::new(), words: HashMap::new() };
            for (is_code, value, label) in TABLE.lines().skip(1).filter_map(row) {
                let half = if is_code { &mut read.codes } else { &mut read.words };
                half.insert(value, label);
            }
            read
        })
    }
}

/// The label of a medicine of RxNorm; none for most.
pub(super) fn label_of_medicine(code: &str, name: Option<&str>) -> Option<Sensitivity> {
    let table = Medicines::table();
    if let Some(label) = table.codes.get(code) {
        return Some(*label);
    }
    let name = name?.to_lowercase();
    let mut words = name.split(|letter: char| !letter.is_alphanumeric());
    words.find_map(|word| table.words.get(word).copied())
}

/// Whether a row is a code, what it is about, and its label.
fn row(line: &'static str) -> Option<(bool, &'static str, Sensitivity)> {
    let mut cells = line.split('\t');
    let (is, value, label) = (cells.next()?, cells.next()?, cells.next()?);
    Some((is == "code", value, label.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_once_and_says_where_it_is_from() {
        let lines: Vec<&str> = TABLE.lines().skip(1).collect();
        for line in lines.iter().copied() {
            let cells: Vec<&str> = line.split('\t').collect();
            assert!(cells.len() == 5 && cells.iter().all(|cell| !cell.trim().is_empty()), "{line}");
            assert!(row(line).is_some() && matches!(cells[0], "code" | "name"), "{line}");
            match cells[0] {
                "code" => assert!(cells[1].bytes().all(|byte| byte.is_ascii_digit()), "{line}"),
                _ => assert!(cells[1].chars().all(char::is_lowercase), "one word in lower case: {line}"),
            }
        }
        let table = Medicines::table();
        assert_eq!(table.codes.len() + table.words.len(), lines.len(), "no row stands twice");
    }

    #[test]
    fn a_medicine_is_known_by_its_code_or_by_what_rxnorm_calls_it() {
        let (mental, sexual) = (Some(Sensitivity::MentalHealth), Some(Sensitivity::SexualHealth));
        for (code, name, label) in [
            ("61381", None, mental),
            ("1433868", None, sexual),
            ("748962", Some("Camila 28 Day Pack"), sexual),
            ("0", Some("24 HR quetiapine 50 MG Extended Release Oral Tablet"), mental),
            ("0", Some("buprenorphine 8 MG / naloxone 2 MG Sublingual Film [Suboxone]"), mental),
            ("0", Some("{21 (ethinyl estradiol 0.03 MG / levonorgestrel 0.15 MG Oral Tablet) } Pack"), sexual),
            ("0", Some("EMTRICITABINE 200 MG / Tenofovir disoproxil 300 MG Oral Tablet"), sexual),
            ("6809", Some("metformin"), None),
            ("0", Some("nirmatrelvir 150 MG Oral Tablet / ritonavir 100 MG Oral Tablet"), None),
            ("0", Some("lithiumlike 1 MG"), None),
            ("0", None, None),
            ("", Some(""), None),
        ] {
            assert_eq!(label_of_medicine(code, name), label, "{code} {name:?}");
        }
    }
}
