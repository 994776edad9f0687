//! The tables, as they lie in `data/`: one row a fact, with its source and the version it came with.
//!
//! `names.tsv`, `words.tsv` and `look-alike.tsv` are links to the files of the core's `analytics/medicines`, which reads names
//! by them too: a name means the same wherever it is asked.

use std::collections::{BTreeMap, BTreeSet};

use phm_plugin_sdk::v1::drugs::{FindingKind, Severity};

const NAMES: &str = include_str!("../data/names.tsv");
const WORDS: &str = include_str!("../data/words.tsv");
const CLASSES: &str = include_str!("../data/classes.tsv");
const RULES: &str = include_str!("../data/rules.tsv");
const LOOK_ALIKE: &str = include_str!("../data/look-alike.tsv");
const WASHOUT: &str = include_str!("../data/washout.tsv");
const CEILINGS: &str = include_str!("../data/ceilings.tsv");
const ALLERGIES: &str = include_str!("../data/allergies.tsv");
const CLASS_ALLERGIES: &str = include_str!("../data/same-class-allergy.tsv");

/// What a file of the tables is called, and its text; the tests read every row of every file.
pub const FILES: [(&str, &str); 9] = [
    ("names.tsv", NAMES),
    ("words.tsv", WORDS),
    ("classes.tsv", CLASSES),
    ("rules.tsv", RULES),
    ("look-alike.tsv", LOOK_ALIKE),
    ("washout.tsv", WASHOUT),
    ("ceilings.tsv", CEILINGS),
    ("allergies.tsv", ALLERGIES),
    ("same-class-allergy.tsv", CLASS_ALLERGIES),
];

/// One side of a rule: a substance, or any of a class.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// This substance.
    Substance(&'static str),
    /// Any of this class.
    Class(&'static str),
}

impl Side {
    fn of(text: &'static str) -> Self {
        text.strip_prefix('@').map_or(Self::Substance(text), Self::Class)
    }
}

/// Two sides that do not go together.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name in the table.
    pub name: &'static str,
    /// One side.
    pub a: Side,
    /// The other.
    pub b: Side,
    /// What a finding of it is.
    pub kind: FindingKind,
    /// How bad it may get.
    pub severity: Severity,
    /// Why.
    pub mechanism: &'static str,
    /// What to do.
    pub advice: &'static str,
    /// Who says so.
    pub source: &'static str,
}

/// The name of an allergy that means a class.
#[derive(Clone, Copy, Debug)]
pub struct ClassAllergy {
    /// The name people give it; empty where any substance of the class stands for it.
    pub name: &'static str,
    /// The class.
    pub class: &'static str,
    /// How bad it may get.
    pub severity: Severity,
    /// Who says so.
    pub source: &'static str,
}

/// How much of a substance is safe in a day.
#[derive(Clone, Copy, Debug)]
pub struct Ceiling {
    /// The substance.
    pub substance: &'static str,
    /// Milligrams a day at most.
    pub mg_per_day: f64,
    /// What to do.
    pub advice: &'static str,
    /// Who says so.
    pub source: &'static str,
}

/// All tables.
#[derive(Debug, Default)]
pub struct Tables {
    /// Names that surely mean these substances.
    pub known: BTreeMap<&'static str, Vec<&'static str>>,
    /// Brands, which are proposed.
    pub brands: BTreeMap<&'static str, Vec<&'static str>>,
    /// Words that are no part of a name: forms, units and ways into the body.
    pub forms: BTreeSet<&'static str>,
    /// Salts, which do not change what a substance does.
    pub salts: BTreeSet<&'static str>,
    classes: BTreeSet<(&'static str, &'static str)>,
    /// What does not go together.
    pub rules: Vec<Rule>,
    /// How many days a substance still works after it was stopped.
    washout: Vec<(Side, i64)>,
    /// How much is safe.
    pub ceilings: Vec<Ceiling>,
    /// Allergies to classes by a name of their own.
    pub allergies: Vec<ClassAllergy>,
    /// Classes whose substances stand for each other.
    pub class_allergies: Vec<ClassAllergy>,
    /// The newest version of any row.
    pub version: &'static str,
}

impl Tables {
    /// Reads all of them.
    ///
    /// # Errors
    /// The file and line that are not as they should be.
    pub fn read() -> Result<Self, String> {
        let mut all = Self::default();
        for row in rows::<5>("names.tsv", NAMES)? {
            let [name, is, substances, ..] = row;
            let substances = substances.split('+').collect();
            if is == "brand" {
                all.brands.insert(name, substances)
            } else {
                all.known.insert(name, substances)
            };
        }
        for [word, is, ..] in rows::<4>("words.tsv", WORDS)? {
            if is == "salt" {
                all.salts.insert(word)
            } else {
                all.forms.insert(word)
            };
        }
        all.classes =
            rows::<4>("classes.tsv", CLASSES)?.into_iter().map(|[class, substance, ..]| (class, substance)).collect();
        for [name, a, b, kind, severity, mechanism, advice, source, version] in rows::<9>("rules.tsv", RULES)? {
            let (kind, severity) = (kind_of(kind)?, severity_of(severity)?);
            all.rules.push(Rule { name, a: Side::of(a), b: Side::of(b), kind, severity, mechanism, advice, source });
            all.version = all.version.max(version);
        }
        for [of, days, ..] in rows::<4>("washout.tsv", WASHOUT)? {
            all.washout.push((Side::of(of), days.parse().map_err(|_| format!("washout.tsv: {days}"))?));
        }
        for [substance, mg, advice, source, _] in rows::<5>("ceilings.tsv", CEILINGS)? {
            let mg_per_day = mg.parse().map_err(|_| format!("ceilings.tsv: {mg}"))?;
            all.ceilings.push(Ceiling { substance, mg_per_day, advice, source });
        }
        for [name, class, severity, source, _] in rows::<5>("allergies.tsv", ALLERGIES)? {
            let class = class.trim_start_matches('@');
            all.allergies.push(ClassAllergy { name, class, severity: severity_of(severity)?, source });
        }
        for [class, severity, source, _] in rows::<4>("same-class-allergy.tsv", CLASS_ALLERGIES)? {
            all.class_allergies.push(ClassAllergy { name: "", class, severity: severity_of(severity)?, source });
        }
        Ok(all)
    }

    /// Whether a substance is of a class.
    pub fn is_of(&self, substance: &str, class: &str) -> bool {
        self.classes.contains(&(class, substance))
    }

    /// Whether a substance stands on this side of a rule.
    pub fn is_on(&self, substance: &str, side: Side) -> bool {
        match side {
            Side::Substance(name) => name == substance,
            Side::Class(class) => self.is_of(substance, class),
        }
    }

    /// Whether any rule is about a substance. Where none is, nothing can be found, and that is no good news.
    pub fn knows_of(&self, substance: &str) -> bool {
        self.rules.iter().any(|rule| self.is_on(substance, rule.a) || self.is_on(substance, rule.b))
    }

    /// How many days a substance still works after it was stopped.
    pub fn washout(&self, substance: &str) -> i64 {
        self.washout.iter().filter(|(side, _)| self.is_on(substance, *side)).map(|(_, days)| *days).max().unwrap_or(0)
    }
}

/// The rows of a file below its head, each with so many fields, none of them empty.
pub fn rows<const N: usize>(file: &str, text: &'static str) -> Result<Vec<[&'static str; N]>, String> {
    let row = |(n, line): (usize, &'static str)| {
        let fields: Vec<&str> = line.split('\t').collect();
        let whole = fields.iter().all(|field| !field.trim().is_empty());
        fields.try_into().ok().filter(|_| whole).ok_or_else(|| format!("{file}, line {}: not {N} fields", n + 1))
    };
    text.lines().enumerate().skip(1).map(row).collect()
}

fn kind_of(word: &str) -> Result<FindingKind, String> {
    match word {
        "interaction" => Ok(FindingKind::Interaction),
        "duplicate" => Ok(FindingKind::Duplicate),
        "qt" => Ok(FindingKind::Qt),
        _ => Err(format!("rules.tsv: there is no kind {word}")),
    }
}

fn severity_of(word: &str) -> Result<Severity, String> {
    match word {
        "contraindicated" => Ok(Severity::Contraindicated),
        "major" => Ok(Severity::Major),
        "moderate" => Ok(Severity::Moderate),
        "minor" => Ok(Severity::Minor),
        _ => Err(format!("there is no severity {word}")),
    }
}
