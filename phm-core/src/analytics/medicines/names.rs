//! Which substances the name of a medicine means.
//!
//! Only a name that is exactly that of a substance, or an exact synonym, is resolved. Brands and names that are nearly
//! right are proposed and confirmed by a person before anything rests on them; names that look alike are never taken for
//! each other.
//!
//! The names stand in `names.tsv` and `words.tsv` beside this file, one row a name with its source: synonyms between British,
//! American and international nonproprietary names (WHO INN); brands are general knowledge and proposals only. The plugin
//! `drug-interactions` reads the very same files. Look-alike pairs are those of the ISMP list of confused drug names and FDA's
//! name differentiation project.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// What a name means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Resolved {
    /// These substances.
    Known(Vec<&'static str>),
    /// Perhaps one of these combinations; a person has to say.
    Proposed(Vec<Vec<&'static str>>),
    /// Nothing that PHM knows.
    Unknown,
}

/// The longest text that is looked at.
const LONGEST: usize = 300;

/// What the tables say, read once.
#[derive(Debug, Default)]
struct Names {
    /// Substances and exact synonyms, in lower case.
    known: BTreeMap<&'static str, Vec<&'static str>>,
    /// Brands; proposals only.
    brands: BTreeMap<&'static str, Vec<&'static str>>,
    /// Words that are no part of a name: forms, units, ways into the body.
    forms: BTreeSet<&'static str>,
    /// Salts, which do not change what a substance does.
    salts: BTreeSet<&'static str>,
}

static NAMES: LazyLock<Names> = LazyLock::new(Names::read);

impl Names {
    fn read() -> Self {
        let mut all = Self::default();
        for [name, is, substances] in rows(include_str!("names.tsv")) {
            let substances = substances.split('+').collect();
            if is == "brand" {
                all.brands.insert(name, substances)
            } else {
                all.known.insert(name, substances)
            };
        }
        for [word, is, _] in rows(include_str!("words.tsv")) {
            if is == "salt" {
                all.salts.insert(word)
            } else {
                all.forms.insert(word)
            };
        }
        all
    }
}

/// The first fields of each row below the head.
fn rows(table: &'static str) -> impl Iterator<Item = [&'static str; 3]> {
    table.lines().skip(1).map(|row| {
        let mut fields = row.split('\t');
        std::array::from_fn(|_| fields.next().expect("a test reads the tables that are compiled in"))
    })
}

/// The substances that a written name means.
pub fn resolve(name: &str) -> Resolved {
    if name.len() > LONGEST {
        return Resolved::Unknown;
    }
    // As it is written, before anything is taken for a form or a unit: the G of `penicillin G` is no gram.
    let written = name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    if let Some(known) = exact(&written) {
        return Resolved::Known(known);
    }
    let parts = parts(name);
    if parts.is_empty() {
        return Resolved::Unknown;
    }
    let known: Option<Vec<Vec<&str>>> = parts.iter().map(|part| exact(part)).collect();
    if let Some(known) = known {
        return Resolved::Known(known.into_iter().flatten().collect());
    }
    let whole = parts.join(" ");
    if let Some(brand) = brand(&written).or_else(|| brand(&whole)) {
        return Resolved::Proposed(vec![brand]);
    }
    if parts.len() > 1 {
        // A combination of which one part is not known exactly is asked about part by part.
        return Resolved::Unknown;
    }
    let near = near(&without_salts(&whole));
    if near.is_empty() { Resolved::Unknown } else { Resolved::Proposed(near) }
}

/// Whether two names surely mean the same substances.
pub fn same_substance(a: &str, b: &str) -> bool {
    let set = |name: &str| match resolve(name) {
        Resolved::Known(substances) => Some(substances.into_iter().collect::<BTreeSet<_>>()),
        _ => None,
    };
    set(a).zip(set(b)).is_some_and(|(a, b)| a == b)
}

/// What a name surely means, with its salt or without.
fn exact(name: &str) -> Option<Vec<&'static str>> {
    NAMES.known.get(name).or_else(|| NAMES.known.get(without_salts(name).as_str())).cloned()
}

fn without_salts(name: &str) -> String {
    name.split(' ').filter(|word| !NAMES.salts.contains(*word)).collect::<Vec<_>>().join(" ")
}

fn brand(name: &str) -> Option<Vec<&'static str>> {
    let close = |text: &str| text.replace(['-', ' '], "");
    let wanted = close(name);
    NAMES.brands.iter().find(|(brand, _)| close(brand) == wanted).map(|(_, substances)| substances.clone())
}

/// Everything that is as near as the nearest, within an error for every five letters; letters that a reader of images
/// takes for each other cost nothing.
fn near(name: &str) -> Vec<Vec<&'static str>> {
    let most = name.chars().count() / 5;
    let seen = as_read(name);
    let mut found: Vec<(usize, &Vec<&'static str>)> = NAMES
        .known
        .iter()
        .chain(&NAMES.brands)
        .filter(|(known, _)| known.chars().count().abs_diff(name.chars().count()) <= most)
        .map(|(known, substances)| (distance(&seen, &as_read(known)), substances))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    found.sort();
    let nearest = found.first().map_or(0, |(distance, _)| *distance);
    let mut all: Vec<Vec<&'static str>> = found
        .into_iter()
        .filter(|(distance, _)| *distance == nearest)
        .map(|(_, substances)| substances.clone())
        .collect();
    all.dedup();
    all
}

fn as_read(name: &str) -> Vec<char> {
    let one = |letter: char| match letter {
        '0' => 'o',
        '1' | 'l' | '|' => 'i',
        '5' => 's',
        other => other,
    };
    name.chars().map(one).collect()
}

/// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[a.len()][b.len()]
}

/// The names in a text: without strengths, forms and salts, one for each substance of a combination.
fn parts(text: &str) -> Vec<String> {
    let lower = text.to_lowercase().replace(" and ", "+").replace(" with ", "+").replace(['&', '/'], "+");
    lower.split('+').map(plain).filter(|part| !part.is_empty()).collect()
}

fn plain(part: &str) -> String {
    let words = part.split([' ', ',', '(', ')', '\t']).map(|word| word.trim_matches('.'));
    let names = words.filter(|word| !word.is_empty() && !is_strength(word) && !NAMES.forms.contains(*word));
    names.collect::<Vec<_>>().join(" ")
}

/// `500`, `500mg`, `1g`, `5oomg`, `2.5`: a number, perhaps misread, perhaps with its unit.
fn is_strength(word: &str) -> bool {
    let number =
        ["mg", "mcg", "g", "gm", "ml", "iu", "%"].iter().find_map(|unit| word.strip_suffix(unit)).unwrap_or(word);
    let digits = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | 'o');
    number.starts_with(|letter: char| letter.is_ascii_digit()) && number.chars().all(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names that have been taken for each other, with harm.
    fn look_alike() -> impl Iterator<Item = Vec<&'static str>> {
        rows(include_str!("look-alike.tsv")).map(|[names, ..]| names.split('/').collect())
    }

    #[test]
    fn every_row_is_whole_names_known_substances_and_stands_once() {
        let table = include_str!("names.tsv");
        let all: Vec<_> = rows(table).collect();
        let substances: BTreeSet<_> =
            all.iter().filter(|[_, is, _]| *is == "substance").map(|[name, ..]| *name).collect();
        let mut seen = BTreeSet::new();
        for [name, is, of] in &all {
            assert!(["substance", "synonym", "brand"].contains(is), "{name}: {is}");
            assert!(of.split('+').all(|one| substances.contains(one)), "{name}");
            assert!(*is != "substance" || name == of, "{name}");
            assert!(seen.insert(*name) && *name == name.to_lowercase(), "{name}");
        }
        for row in table.lines().chain(include_str!("words.tsv").lines()).chain(include_str!("look-alike.tsv").lines())
        {
            assert!(row.split('\t').all(|field| !field.trim().is_empty()), "{row}");
        }
        for [word, is, _] in rows(include_str!("words.tsv")) {
            assert!(["form", "salt"].contains(&is), "{word}");
        }
        assert!(all.len() > 500 && look_alike().count() > 15);
    }

    #[test]
    fn every_name_of_the_table_is_understood_as_its_row_says() {
        for (name, substances) in &NAMES.known {
            assert_eq!(resolve(name), Resolved::Known(substances.clone()), "{name}");
        }
        for (name, substances) in &NAMES.brands {
            assert_eq!(resolve(name), Resolved::Proposed(vec![substances.clone()]), "{name}");
        }
    }

    #[test]
    fn look_alike_names_are_never_equated() {
        for group in look_alike() {
            for (index, a) in group.iter().enumerate() {
                for b in &group[index + 1..] {
                    assert!(!same_substance(a, b), "{a} and {b}");
                    let known = |name: &str| Some(resolve(name)).filter(|found| *found != Resolved::Unknown);
                    assert!(known(a).is_none() || known(a) != known(b), "{a} and {b}");
                }
            }
        }
    }

    #[test]
    fn a_name_between_two_is_a_question() {
        // One error from each: quin(i)ne with a letter of quinidine missing, predniso(l)one between both.
        for (text, first, second) in
            [("quinidne", "quinidine", "quinine"), ("vinclastine", "vinblastine", "vincristine")]
        {
            let Resolved::Proposed(found) = resolve(text) else { panic!("{text} is a question") };
            assert!(found.iter().flatten().any(|name| *name == first || *name == second), "{found:?}");
        }
        assert!(!matches!(resolve("predniso"), Resolved::Known(_)));
        assert!(!matches!(resolve("hydralyzine"), Resolved::Known(_)));
    }

    #[test]
    fn nothing_nearly_right_is_taken_for_known() {
        for group in look_alike() {
            for name in group {
                for cut in 0..name.len() {
                    let mut wrong: Vec<char> = name.chars().collect();
                    wrong.remove(cut);
                    let wrong: String = wrong.into_iter().collect();
                    let written_so = NAMES.known.contains_key(wrong.as_str());
                    assert!(written_so || !matches!(resolve(&wrong), Resolved::Known(_)), "{wrong}");
                }
            }
        }
    }

    #[test]
    fn synonyms_are_one_substance() {
        for (name, substances) in &NAMES.known {
            assert!(same_substance(name, &substances.join(" + ")), "{name}");
        }
        assert!(same_substance("Tab. Paracetamol 500mg", "acetaminophen 650 mg tablet"));
        assert!(same_substance("Diclofenac sodium 50 mg", "diclofenac"));
        assert!(!same_substance("Xyzabc", "Xyzabc"), "what is not known is never surely the same");
    }

    #[test]
    fn brands_and_misread_names_are_proposed() {
        let proposed = |name: &str| match resolve(name) {
            Resolved::Proposed(found) if found.len() == 1 => found[0].join(" + "),
            other => format!("{other:?}"),
        };
        assert_eq!(proposed("Metf0rmin 5OOmg"), "metformin");
        assert_eq!(proposed("Paracetmol"), "paracetamol");
        assert_eq!(proposed("Amlodlpine 5"), "amlodipine");
        assert_eq!(proposed("AUGMENTIN 625 DUO"), "amoxicillin + clavulanic acid");
        assert_eq!(proposed("Tab. Telma-H"), "telmisartan + hydrochlorothiazide");
        assert_eq!(proposed("Inj. Monocef 1g"), "ceftriaxone");
        assert_eq!(proposed("T. Ecosprin AV 75"), "aspirin + atorvastatin");
        assert_eq!(proposed("Glycomet GP 2"), "metformin + glimepiride");
        assert_eq!(resolve("Syp Ascoril"), Resolved::Unknown);
        assert_eq!(resolve(""), Resolved::Unknown);
        assert_eq!(resolve("500 mg"), Resolved::Unknown);
    }
}
