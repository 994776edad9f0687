//! RxNorm in its release format (RRF): `RXNCONSO.RRF` with the names and `RXNREL.RRF` with what is made of what. Fields end with `|`,
//! nothing is quoted. Only RxNorm's own names count (SAB=RXNORM), and only what is neither obsolete nor suppressed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::json;

use super::gathered::{Gathered, name_of};
use crate::error::{PluginError, Result};

/// The concepts that are kept, by their number.
type Concepts = BTreeMap<u32, (Kind, String)>;

/// What a name is (TTY).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Ingredient,
    Salt,
    Several,
    Brand,
}

impl Kind {
    fn of(word: &str) -> Option<Self> {
        match word {
            "IN" => Some(Self::Ingredient),
            "PIN" => Some(Self::Salt),
            "MIN" => Some(Self::Several),
            "BN" => Some(Self::Brand),
            _ => None,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Ingredient => "substance",
            Self::Salt => "salt",
            Self::Several => "combination",
            Self::Brand => "brand",
        }
    }
}

/// Reads the two files, which are known by their names.
pub fn read(files: &[PathBuf], gathered: &mut Gathered) -> Result<()> {
    let of = |wanted: &str| files.iter().find(|path| name_of(path).eq_ignore_ascii_case(wanted));
    let (Some(names), Some(relations)) = (of("RXNCONSO.RRF"), of("RXNREL.RRF")) else {
        return Err(PluginError::Facts("RxNorm is read from RXNCONSO.RRF and RXNREL.RRF; give both".to_owned()));
    };
    if files.len() != 2 {
        return Err(PluginError::Facts("RxNorm is read from RXNCONSO.RRF and RXNREL.RRF and nothing else".to_owned()));
    }
    let mut concepts = Concepts::new();
    gathered.lines(names, |gathered, file, number, line| {
        gathered.read += 1;
        let Some([rxcui, source, kind, name, suppressed]) = picked(line, 18, [0, 11, 12, 14, 16]) else {
            gathered.refuse(file, number, "not eighteen fields");
            return Ok(());
        };
        match (source, suppressed, Kind::of(kind), rxcui.parse::<u32>()) {
            ("RXNORM", "N", Some(kind), Ok(rxcui)) if !name.is_empty() => {
                gathered.used += 1;
                gathered.hold(name.len());
                concepts.insert(rxcui, (kind, name.to_owned()));
            }
            (_, _, _, Err(_)) => gathered.refuse(file, number, "the first field is no number"),
            ("RXNORM", "N", ..) => gathered.leave("of another kind of name"),
            ("RXNORM", ..) => gathered.leave("obsolete or suppressed"),
            _ => gathered.leave("of another vocabulary"),
        }
        Ok(())
    })?;
    let mut made_of: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    gathered.lines(relations, |gathered, file, number, line| {
        gathered.read += 1;
        let Some([first, second, relation, source, suppressed]) = picked(line, 16, [0, 4, 7, 10, 14]) else {
            gathered.refuse(file, number, "not sixteen fields");
            return Ok(());
        };
        if source != "RXNORM" || matches!(suppressed, "O" | "Y" | "E") {
            gathered.leave("of another vocabulary, obsolete or suppressed");
            return Ok(());
        }
        // It reads from right to left: the second `relation` the first.
        let ends = match relation {
            "tradename_of" | "form_of" => (second, first),
            "has_tradename" | "has_form" => (first, second),
            _ => {
                gathered.leave("of another relation");
                return Ok(());
            }
        };
        // Relations between single names have no concepts in them.
        let (Ok(whole), Ok(part)) = (ends.0.parse::<u32>(), ends.1.parse::<u32>()) else {
            gathered.leave("between other things than concepts");
            return Ok(());
        };
        let is = |id: u32, kinds: &[Kind]| concepts.get(&id).is_some_and(|(kind, _)| kinds.contains(kind));
        if is(whole, &[Kind::Brand, Kind::Salt]) && is(part, &[Kind::Ingredient]) {
            gathered.used += 1;
            gathered.hold(0);
            made_of.entry(whole).or_default().insert(part);
        } else {
            gathered.leave("between other kinds of name");
        }
        Ok(())
    })?;
    for (id, (kind, name)) in &concepts {
        let ingredients: Vec<String> = match kind {
            Kind::Ingredient => vec![super::folded(name)],
            // RxNorm writes the parts of several in their own name.
            Kind::Several => name.split(" / ").map(super::folded).collect(),
            Kind::Salt | Kind::Brand => {
                let parts = made_of.get(id).into_iter().flatten();
                parts.filter_map(|part| concepts.get(part)).map(|(_, name)| super::folded(name)).collect()
            }
        };
        if ingredients.is_empty() {
            gathered.leave("a brand or salt without its substance");
        } else {
            gathered.keep(name, &json!({"is": kind.as_str(), "ingredients": ingredients, "rxcui": id.to_string()}));
        }
    }
    Ok(())
}

/// These fields of a line that has so many, each ended by `|`.
fn picked<const N: usize>(line: &str, count: usize, wanted: [usize; N]) -> Option<[&str; N]> {
    let fields: Vec<&str> = line.strip_suffix('|')?.split('|').collect();
    (fields.len() == count).then(|| wanted.map(|at| fields[at]))
}
