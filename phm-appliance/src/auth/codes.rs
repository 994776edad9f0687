//! Recovery codes: ten of them, for the day the second factor is lost.
//!
//! Each opens once. They are shown when they are made and never again: what is kept, sealed, are their Argon2id hashes,
//! since 50 bits are few for somebody who could try at home. The ten share a salt, so that a code is hashed once to be
//! compared with all of them.

use phm_core::crypto::digest;
use phm_core::crypto::kdf::{Cost, hash_like, hash_password};

/// How many there are.
pub const COUNT: usize = 10;

/// Letters that are not mistaken for each other (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Ten new codes, `ABCDE-FGHJK`, 50 random bits each.
pub fn make() -> Vec<String> {
    (0..COUNT)
        .map(|_| {
            let letters: String = phm_core::crypto::random::<10>()
                .iter()
                .map(|byte| char::from(LETTERS[usize::from(byte & 31)]))
                .collect();
            format!("{}-{}", &letters[..5], &letters[5..])
        })
        .collect()
}

/// What is kept of codes.
pub fn kept(codes: &[String]) -> Vec<String> {
    let Some((first, others)) = codes.split_first() else { return Vec::new() };
    let first = hash_password(&plain(first), Cost::FLOOR);
    let others = others.iter().filter_map(|code| hash_like(&plain(code), &first));
    std::iter::once(first.clone()).chain(others).collect()
}

/// Which of those kept is of the code somebody shows.
pub fn find<'a>(kept: &'a [String], shown: &str) -> Option<&'a String> {
    let hash = hash_like(&plain(shown), kept.first()?)?;
    kept.iter().find(|kept| digest::same(kept.as_bytes(), hash.as_bytes()))
}

/// A code as it was meant: without signs and capitals, and with the letters people read wrongly put right.
fn plain(code: &str) -> String {
    let right = |letter: char| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        letter => letter,
    };
    code.chars().filter(char::is_ascii_alphanumeric).map(right).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_codes_differ_and_are_recognised_however_they_are_typed() {
        let codes = make();
        let kept = kept(&codes);
        let distinct: std::collections::HashSet<&String> = kept.iter().collect();
        assert_eq!((codes.len(), distinct.len()), (COUNT, COUNT));
        let last = &codes[9];
        assert_eq!(last.len(), 11);
        for typed in [last.to_lowercase(), last.replace('-', " "), last.replace('0', "o").replace('1', "l")] {
            assert_eq!(find(&kept, &typed), Some(&kept[9]), "{typed}");
        }
        assert_eq!(find(&kept, "AAAAA-AAAAA"), None);
        assert_eq!(find(&kept[..9], last), None, "used");
        assert_eq!(find(&[], last), None);
        assert!(!kept.iter().any(|kept| codes.iter().any(|code| kept.contains(&plain(code)))));
    }
}
