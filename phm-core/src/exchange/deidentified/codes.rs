//! Codes that may stay: those of public systems, of the form that system gives its codes.
//!
//! A code field may hold anything somebody typed, a name or a telephone number too. So a code stays only where its system is
//! known here and its form, with the check digit where there is one, is that system's.

use crate::analytics::labs;

/// Whether this is a code of a public system.
pub(super) fn is_public(system: &str, code: &str) -> bool {
    match system {
        "http://loinc.org" => labs::is_loinc(code),
        "http://snomed.info/sct" => is_snomed(code),
        "http://www.nlm.nih.gov/research/umls/rxnorm" => digits(code, 1, 7),
        "http://hl7.org/fhir/sid/cvx" => digits(code, 1, 3),
        "http://www.whocc.no/atc" => is_atc(code),
        "http://hl7.org/fhir/sid/icd-10" | "http://hl7.org/fhir/sid/icd-10-cm" => is_icd(code),
        _ => false,
    }
}

fn digits(code: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// `A10BA02`, or a group above it: letter, two digits, two letters, two digits.
fn is_atc(code: &str) -> bool {
    let form = [true, false, false, true, true, false, false];
    let fits = |(byte, letter): (u8, bool)| if letter { byte.is_ascii_uppercase() } else { byte.is_ascii_digit() };
    matches!(code.len(), 1 | 3 | 4 | 5 | 7) && code.bytes().zip(form).all(fits)
}

/// `E11` or `E11.9`: a letter, a digit, a digit or letter, and up to four more behind a point.
fn is_icd(code: &str) -> bool {
    let (head, tail) = code.split_once('.').unwrap_or((code, "0"));
    let head = head.as_bytes();
    let word = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    head.len() == 3
        && head[0].is_ascii_uppercase()
        && head[1].is_ascii_digit()
        && word(&head[2])
        && (1..=4).contains(&tail.len())
        && tail.bytes().all(|byte| word(&byte))
}

/// Digits of which the last is Verhoeff's check digit over the others (SNOMED CT Release File Specification, 5.3), and the two
/// before it are the partition of concepts: `00`, or `10` in an extension.
fn is_snomed(code: &str) -> bool {
    const PERMUTATION: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    // Multiplication in the dihedral group of ten elements.
    let times = |a: u8, b: u8| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a - 5 + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    };
    if !digits(code, 6, 18) || !matches!(&code[code.len() - 3..code.len() - 1], "00" | "10") {
        return false;
    }
    let check = code.bytes().rev().enumerate().fold(0, |check, (place, byte)| {
        let turned = (0..place % 8).fold(byte - b'0', |digit, _| PERMUTATION[usize::from(digit)]);
        times(check, turned)
    });
    check == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const SNOMED: &str = "http://snomed.info/sct";

    #[test]
    fn codes_of_public_systems_stay() {
        for code in ["44054006", "73211009", "38341003", "271649006", "195967001"] {
            assert!(is_public(SNOMED, code), "{code}");
        }
        assert!(is_public("http://loinc.org", "4548-4"));
        assert!(is_public("http://www.whocc.no/atc", "A10BA02") && is_public("http://www.whocc.no/atc", "A10"));
        assert!(
            is_public("http://hl7.org/fhir/sid/icd-10", "E11.9")
                && is_public("http://hl7.org/fhir/sid/icd-10-cm", "S72")
        );
        assert!(is_public("http://www.nlm.nih.gov/research/umls/rxnorm", "860975"));
    }

    #[test]
    fn what_only_pretends_to_be_a_code_does_not() {
        for digit in 0..10 {
            let code = format!("4405400{digit}");
            assert_eq!(is_public(SNOMED, &code), code == "44054006", "{code}");
        }
        for (system, code) in [
            ("http://loinc.org", "Asha Example"),
            ("http://loinc.org", "4548-5"),
            (SNOMED, "9876543210"),
            // The check digit is right, but it is the id of a description.
            (SNOMED, "101013"),
            ("http://www.whocc.no/atc", "A1"),
            ("http://hl7.org/fhir/sid/icd-10", "Asha"),
            ("http://hl7.org/fhir/sid/icd-10", "E11.ASHAK"),
            ("http://hl7.org/fhir/sid/cvx", "1234"),
            ("urn:mrn", "4548-4"),
            ("", "44054006"),
        ] {
            assert!(!is_public(system, code), "{system} {code}");
        }
    }
}
