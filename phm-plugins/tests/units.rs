//! The units that the shipped reader of reports proposes are units of the house: one that is not would lose a whole report.

use phm_core::model::Unit;

const TABLE: &str = include_str!("../../plugins/pdf-text/data/units.tsv");

#[test]
fn every_unit_that_is_proposed_is_one_the_house_knows() {
    let mut count = 0;
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let (printed, unit) = line.split_once('\t').expect("as printed, and in UCUM");
        assert_eq!(unit.parse::<Unit>().map(|known| known.to_string()).as_deref(), Ok(unit), "{printed}");
        assert_eq!(printed, printed.to_lowercase(), "in small letters");
        count += 1;
    }
    assert!(count > 50, "the table was read");
    for unit in ["1", "[pH]"] {
        assert!(unit.parse::<Unit>().is_ok(), "{unit}");
    }
}
