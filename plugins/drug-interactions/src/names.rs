//! Which substances a written name means.
//!
//! Surely: the exact name of a substance or an exact synonym, without strength, form and salt. Perhaps: a brand, or what is
//! nearest within an error for every five letters. Of names that are equally near all are proposed, and none is taken.

use crate::tables::Tables;

/// What a name means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Meaning {
    /// These substances.
    Known(Vec<&'static str>),
    /// Perhaps one of these; a person has to say.
    Proposed(Vec<Vec<&'static str>>),
    /// Nothing that the tables know.
    Unknown,
}

/// The longest text that is looked at.
const LONGEST: usize = 300;

/// What a written name means.
pub fn meaning(tables: &Tables, name: &str) -> Meaning {
    if name.len() > LONGEST {
        return Meaning::Unknown;
    }
    let whole = plain(tables, name);
    // Also as it is written, before anything is taken for a form or a unit: the G of `penicillin G` is no gram.
    let written = name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    if let Some(substances) = known(tables, &written).or_else(|| known(tables, &whole)) {
        return Meaning::Known(substances);
    }
    let parts = parts(tables, name);
    if parts.is_empty() {
        return Meaning::Unknown;
    }
    let all: Option<Vec<_>> = parts.iter().map(|part| known(tables, part)).collect();
    if let Some(all) = all {
        let mut substances: Vec<_> = all.into_iter().flatten().collect();
        substances.dedup();
        return Meaning::Known(substances);
    }
    if let Some(brand) = brand(tables, &written).or_else(|| brand(tables, &whole)) {
        return Meaning::Proposed(vec![brand]);
    }
    // A combination of which one part is not known exactly is not guessed at.
    if parts.len() > 1 {
        return Meaning::Unknown;
    }
    let near = near(tables, &without_salts(tables, &parts[0]));
    if near.is_empty() { Meaning::Unknown } else { Meaning::Proposed(near) }
}

/// A name without salt words, unless it is nothing else.
fn known(tables: &Tables, name: &str) -> Option<Vec<&'static str>> {
    tables.known.get(name).or_else(|| tables.known.get(without_salts(tables, name).as_str())).cloned()
}

fn without_salts(tables: &Tables, name: &str) -> String {
    name.split(' ').filter(|word| !tables.salts.contains(*word)).collect::<Vec<_>>().join(" ")
}

fn brand(tables: &Tables, name: &str) -> Option<Vec<&'static str>> {
    let close = |text: &str| text.replace(['-', ' '], "");
    let wanted = close(name);
    tables.brands.iter().filter(|(brand, _)| wanted == close(brand)).map(|(_, substances)| substances.clone()).next()
}

/// The names in a text, one for each substance of a combination.
fn parts(tables: &Tables, text: &str) -> Vec<String> {
    let text = text.split_once(" [").map_or(text, |(before, _)| before);
    let lower = text.to_lowercase().replace(" and ", "+").replace(" with ", "+").replace(['&', '/'], "+");
    lower.split('+').map(|part| plain(tables, part)).filter(|part| !part.is_empty()).collect()
}

/// Lower case, without strength, form and marks around words.
pub fn plain(tables: &Tables, text: &str) -> String {
    // A brand in brackets stands behind what it is made of.
    let text = text.split_once(" [").map_or(text, |(before, _)| before);
    let lower = text.to_lowercase();
    let words = lower.split_whitespace().map(|word| word.trim_matches(['.', ',', ';', '(', ')', ':', '"', '\'']));
    let kept = words.filter(|word| !word.is_empty() && !tables.forms.contains(*word) && !is_strength(word));
    kept.collect::<Vec<_>>().join(" ")
}

/// `500mg`, `2.5`, `500/125`, `1g`, and `5OOmg` as OCR reads it: begins like a number and holds nothing but digits and units.
fn is_strength(word: &str) -> bool {
    let digits = word.trim_end_matches(|letter: char| letter.is_alphabetic() && letter != 'o');
    word.starts_with(|letter: char| letter.is_ascii_digit())
        && digits.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | ',' | '/' | '%' | 'o' | '-'))
}

/// Everything that is as near as the nearest.
fn near(tables: &Tables, name: &str) -> Vec<Vec<&'static str>> {
    let most = name.chars().count() / 5;
    let seen = as_read(name);
    let mut found: Vec<(usize, &Vec<&'static str>)> = tables
        .known
        .iter()
        .chain(&tables.brands)
        .filter(|(known, _)| known.chars().count().abs_diff(seen.len()) <= most)
        .map(|(known, substances)| (distance(&seen, &as_read(known)), substances))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    found.sort();
    let nearest = found.first().map_or(0, |(distance, _)| *distance);
    let mut all: Vec<_> = found.into_iter().filter(|(far, _)| *far == nearest).map(|(_, one)| one.clone()).collect();
    all.dedup();
    all
}

/// Letters that a reader of images takes for each other are one letter.
fn as_read(name: &str) -> Vec<char> {
    let one = |letter: char| match letter {
        '0' => 'o',
        '1' | 'l' | '|' => 'i',
        '5' => 's',
        other => other,
    };
    name.chars().map(one).collect()
}

/// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), row by row.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut least = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}
