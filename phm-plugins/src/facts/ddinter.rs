//! DDInter 2: `DDInterID_A,Drug_A,DDInterID_B,Drug_B,Level`, one file for each letter of ATC. The same pair stands in several files and
//! in both orders; the highest level counts, and pairs of unknown level are left.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use serde_json::json;

use super::gathered::Gathered;
use crate::error::{PluginError, Result};

const HEAD: &str = "DDInterID_A,Drug_A,DDInterID_B,Drug_B,Level";

/// How bad a pair is, the least first.
const LEVELS: [(&str, &str); 3] = [("Minor", "minor"), ("Moderate", "moderate"), ("Major", "major")];

/// Reads the files.
pub fn read(files: &[PathBuf], gathered: &mut Gathered) -> Result<()> {
    let mut names: HashMap<String, String> = HashMap::new();
    let mut pairs: BTreeMap<(String, String), usize> = BTreeMap::new();
    for path in files {
        let mut headed = false;
        gathered.lines(path, |gathered, file, number, line| {
            let line = line.trim_start_matches('\u{feff}');
            if number == 1 {
                headed = line == HEAD;
                return Ok(());
            }
            if line.is_empty() {
                return Ok(());
            }
            gathered.read += 1;
            let Some([a, drug_a, b, drug_b, level]) = fields(line) else {
                gathered.refuse(file, number, "not five fields");
                return Ok(());
            };
            if level == "Unknown" {
                gathered.leave("of unknown level");
                return Ok(());
            }
            let Some(level) = LEVELS.iter().position(|(word, _)| *word == level) else {
                gathered.refuse(file, number, "a level that is not known");
                return Ok(());
            };
            if [&a, &drug_a, &b, &drug_b].iter().any(|field| field.is_empty()) || a == b {
                gathered.refuse(file, number, "a field is empty, or both sides are the same");
                return Ok(());
            }
            gathered.used += 1;
            for (id, drug) in [(&a, drug_a), (&b, drug_b)] {
                let letters = id.len() + drug.len();
                if names.insert(id.clone(), drug).is_none() {
                    gathered.hold(letters);
                }
            }
            let (before, letters) = (pairs.len(), a.len() + b.len());
            let pair = if a < b { (a, b) } else { (b, a) };
            let kept = pairs.entry(pair).or_insert(level);
            *kept = (*kept).max(level);
            if pairs.len() > before {
                gathered.hold(letters);
            }
            Ok(())
        })?;
        if !headed {
            let name = super::gathered::name_of(path);
            return Err(PluginError::Facts(format!("{name} does not begin with {HEAD}")));
        }
    }
    for ((a, b), level) in pairs {
        let (Some(one), Some(other)) = (names.get(&a), names.get(&b)) else { continue };
        let severity = LEVELS[level].1;
        gathered.keep(one, &json!({"with": super::folded(other), "severity": severity}));
        gathered.keep(other, &json!({"with": super::folded(one), "severity": severity}));
    }
    Ok(())
}

/// The five fields of a line of CSV; a field in quotes may hold commas, and a quote written twice.
fn fields(line: &str) -> Option<[String; 5]> {
    let (mut all, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => all.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    all.push(field);
    if quoted { None } else { all.try_into().ok() }
}

#[cfg(test)]
mod tests {
    use super::fields;

    #[test]
    fn a_line_is_five_fields_also_where_one_holds_a_comma() {
        let of = |line: &str| fields(line).map(|all| all.join("|"));
        assert_eq!(of("1,a,2,b,Major").as_deref(), Some("1|a|2|b|Major"));
        assert_eq!(of("1,\"a, \"\"b\"\"\",2,c,Minor").as_deref(), Some("1|a, \"b\"|2|c|Minor"));
        for bad in ["", "1,a,2,b", "1,a,2,b,Major,x", "1,\"a,2,b,Major"] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
