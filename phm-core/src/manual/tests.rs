//! The tables of the manual against the sample files, and against the code that writes what they describe.

use crate::audit::tree::Frontier;

const FORMAT: &str = include_str!("format.md");

/// A sample file as it is committed: hex digits in lines.
fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte =
        |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("digits"), 16).expect("two hex digits");
    digits.chunks(2).map(byte).collect()
}

/// How often a field stands in a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Often {
    Once,
    /// As often as a count says.
    Many,
    /// Only sometimes.
    Maybe,
}

/// The fields of a table: how often, how many bytes (none where that is open), and what the manual says.
fn fields(name: &str) -> Vec<(Often, Option<usize>, &'static str)> {
    let heading = format!("| bytes | {name} |");
    let rows = FORMAT.lines().skip_while(|line| *line != heading).skip(2).take_while(|line| line.starts_with('|'));
    let fields: Vec<_> = rows
        .map(|line| {
            let mut cells = line.trim_matches('|').split('|').map(str::trim);
            let (bytes, what) = (cells.next().expect("bytes"), cells.next().expect("what"));
            match bytes.as_bytes()[0] {
                b'*' => (Often::Many, bytes[1..].parse().ok(), what),
                b'?' => (Often::Maybe, bytes[1..].parse().ok(), what),
                _ => (Often::Once, bytes.parse().ok(), what),
            }
        })
        .collect();
    assert!(fields.len() > 2, "the table about `{name}` is not there");
    fields
}

fn sum(fields: &[(Often, Option<usize>, &str)], often: Often) -> usize {
    fields.iter().filter(|field| field.0 == often).map(|field| field.1.unwrap_or(0)).sum()
}

/// The number that stands where the manual says `what` does, in front of everything that is repeated.
fn number(fields: &[(Often, Option<usize>, &str)], what: &str, file: &[u8]) -> usize {
    let before = fields.iter().take_while(|field| !field.2.starts_with(what)).map(|field| field.1.expect("a length"));
    let at: usize = before.sum();
    let length = fields.iter().find(|field| field.2.starts_with(what)).and_then(|field| field.1).expect("in the table");
    file[at..at + length].iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// A file whose first bytes and version stand in its table.
fn begins_as_said(fields: &[(Often, Option<usize>, &str)], file: &[u8]) {
    assert_eq!(format!("`{}`", String::from_utf8_lossy(&file[..4])), fields[0].2);
    assert_eq!(fields[1].2, format!("version: {}", file[4]));
}

#[test]
fn the_slots_file_is_as_long_as_the_manual_says() {
    let (fields, file) = (fields("slots"), unhex(include_str!("../crypto/samples/slots-1.hex")));
    begins_as_said(&fields, &file);
    let slots = number(&fields, "how many", &file);
    let without = sum(&fields, Often::Once) + slots * sum(&fields, Often::Many);
    assert_eq!(slots, 3);
    let rotating = file[32 + slots * sum(&fields, Often::Many) + 72] == 1;
    assert_eq!(file.len(), without + if rotating { sum(&fields, Often::Maybe) } else { 0 });
}

#[test]
fn the_keyring_is_as_long_as_the_manual_says() {
    let (fields, file) = (fields("keyring"), unhex(include_str!("../crypto/samples/keyring-1.hex")));
    begins_as_said(&fields, &file);
    let keys = number(&fields, "how many", &file);
    assert_eq!(file.len(), sum(&fields, Often::Once) + keys * sum(&fields, Often::Many));
}

#[test]
fn a_part_a_document_and_a_wrap_have_the_overhead_the_manual_says() {
    let part = unhex(include_str!("../crypto/samples/body-1.hex"));
    assert_eq!(part.len(), sum(&fields("part"), Often::Once) + 256, "a short body is padded to 256 bytes");
    let document = unhex(include_str!("../crypto/samples/file-1.hex"));
    begins_as_said(&fields("document"), &document);
    assert_eq!(document.len(), sum(&fields("document"), Often::Once) + 256 + 16, "one short chunk and its tag");
    let wrapped: usize = sum(&fields("wrapped key"), Often::Once);
    let in_files = ["slots", "keyring"].map(|file| fields(file).iter().filter(|f| f.1 == Some(wrapped)).count());
    assert_eq!(in_files, [3, 1], "unlock key, root and next root; every key of the keyring");
}

#[test]
fn a_frontier_has_the_form_the_manual_says() {
    let fields = fields("log head");
    let mut frontier = Frontier::new();
    (0..11).for_each(|leaf| frontier.push([leaf; 32]));
    let hashes = usize::try_from(11_u32.count_ones()).expect("small");
    let head = sum(&fields, Often::Once) + hashes * sum(&fields, Often::Many);
    assert_eq!(head, 1 + 8 + 8 + frontier.encode().len());
}

#[test]
fn every_table_of_the_store_is_in_the_manual_with_its_number() {
    for table in crate::store::layout::Table::ALL {
        let row = format!("| {} {} |", table as u8, table.name());
        assert!(FORMAT.contains(&row), "{row}");
    }
}
