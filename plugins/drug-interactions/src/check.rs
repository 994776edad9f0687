//! The check itself.

use std::collections::BTreeMap;

use phm_plugin_sdk::v1::drugs::{Finding, FindingKind, Input, Medicine, Output, Proposal, Severity};

use crate::names::{Meaning, meaning};
use crate::tables::{Rule, Tables};

/// A medicine that is known.
struct Known<'i> {
    name: &'i str,
    substances: Vec<String>,
    local: bool,
    mg_per_day: Option<f64>,
}

/// Ways into the body by which little of a medicine reaches the blood.
const LOCAL: &[&str] = &[
    "topical",
    "cutaneous",
    "ophthalmic",
    "eye",
    "otic",
    "ear",
    "nasal",
    "skin",
    "dental",
    "vaginal",
    "transdermal gel",
];

/// Substances of names that the tables do not know, by the name as it is written.
pub type Given = BTreeMap<String, Vec<String>>;

/// Checks medicines and candidates against each other and against allergies.
pub fn check(tables: &Tables, input: &Input) -> Output {
    check_with(tables, input, &Given::new())
}

/// The same, where somebody else surely knows what some names mean: the rules of the tables hold for them too.
pub fn check_with(tables: &Tables, input: &Input, given: &Given) -> Output {
    let mut output = Output { data_version: format!("phm-drugs {}", tables.version), ..Output::default() };
    let mut known: Vec<Known<'_>> = Vec::new();
    let candidates: Vec<Medicine> =
        input.candidates.iter().map(|name| Medicine { name: name.clone(), ..Medicine::default() }).collect();
    let today = input.today.as_deref().and_then(day);
    for medicine in input.medications.iter().chain(&candidates) {
        let found =
            if medicine.confirmed.is_empty() { meaning(tables, &medicine.name) } else { confirmed(tables, medicine) };
        let substances: Option<Vec<String>> = match &found {
            Meaning::Known(substances) => Some(substances.iter().map(|one| (*one).to_owned()).collect()),
            _ => given.get(&medicine.name).cloned(),
        };
        if substances.as_ref().is_some_and(|substances| is_over(tables, medicine, substances, today)) {
            output.over.push(medicine.name.clone());
            continue;
        }
        output.total += 1;
        if let Some(substances) = substances {
            output.checked += 1;
            output.checked_names.push(medicine.name.clone());
            if !substances.iter().any(|substance| tables.knows_of(substance)) {
                output.nothing_known.push(medicine.name.clone());
            }
            // Borrowed from the input, since candidates were made here.
            let name = written(input, &medicine.name);
            known.push(Known { name, substances, local: is_local(medicine), mg_per_day: mg_per_day(medicine) });
            continue;
        }
        output.not_checked.push(medicine.name.clone());
        if let Meaning::Proposed(proposed) = found {
            for ingredients in proposed {
                let ingredients = ingredients.into_iter().map(str::to_owned).collect();
                output.proposed.push(Proposal { from: medicine.name.clone(), ingredients });
            }
        }
    }
    let allergies: Vec<Allergy<'_>> =
        input.allergies.iter().map(|allergy| Allergy::of(tables, &allergy.name)).collect();
    let is_found = |allergy: &Allergy<'_>| known.iter().any(|one| one.substances.contains(&allergy.name));
    for allergy in allergies.iter().filter(|allergy| !allergy.is_understood(tables) && !is_found(allergy)) {
        output.allergies_not_checked.push(allergy.written.to_owned());
    }
    for (n, a) in known.iter().enumerate() {
        for b in &known[n + 1..] {
            output.findings.extend(between(tables, a, b));
        }
        output.findings.extend(within(tables, a));
        output.findings.extend(against(tables, &allergies, a));
    }
    output.findings.extend(sums(tables, &known));
    output.findings.sort_by(|a, b| {
        (a.severity, a.kind, &a.drugs, &a.mechanism).cmp(&(b.severity, b.kind, &b.drugs, &b.mechanism))
    });
    output.findings.dedup();
    output
}

fn written<'i>(input: &'i Input, name: &str) -> &'i str {
    let mut all = input.medications.iter().map(|medicine| &medicine.name).chain(&input.candidates);
    all.find(|written| *written == name).map_or("", String::as_str)
}

/// What a person said a name means, as far as the tables know it.
pub fn confirmed(tables: &Tables, medicine: &Medicine) -> Meaning {
    let known = medicine.confirmed.iter().map(|name| match meaning(tables, name) {
        Meaning::Known(substances) => Some(substances),
        _ => None,
    });
    known
        .collect::<Option<Vec<_>>>()
        .map_or(Meaning::Unknown, |all| Meaning::Known(all.into_iter().flatten().collect()))
}

/// Whether a medicine was stopped so long ago that it works no more. Without a date it is taken to work.
fn is_over(tables: &Tables, medicine: &Medicine, substances: &[String], today: Option<i64>) -> bool {
    let stopped = medicine.stopped_on.as_deref().and_then(day);
    let washout = substances.iter().map(|substance| tables.washout(substance)).max().unwrap_or(0);
    stopped.zip(today).is_some_and(|(stopped, today)| today - stopped > washout)
}

pub fn is_local(medicine: &Medicine) -> bool {
    let named = |text: &str| {
        let text = text.to_lowercase();
        LOCAL
            .iter()
            .any(|word| text.split(|letter: char| !letter.is_alphabetic()).any(|part| part == *word) || text == *word)
    };
    medicine.route.as_deref().is_some_and(named)
}

fn mg_per_day(medicine: &Medicine) -> Option<f64> {
    let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<f64>().ok());
    let mg = number(&medicine.strength_mg).zip(number(&medicine.per_day)).map(|(mg, times)| mg * times);
    mg.filter(|mg| mg.is_finite())
}

/// What is found between two medicines: of each kind, the worst, and of the equally bad the first of the table.
fn between(tables: &Tables, a: &Known<'_>, b: &Known<'_>) -> Vec<Finding> {
    let mut worst: BTreeMap<FindingKind, &Rule> = BTreeMap::new();
    let mut found = Vec::new();
    for one in &a.substances {
        for other in &b.substances {
            if one == other {
                let mechanism = format!("Both hold {one}: the same substance twice.");
                let advice = "Ask whether both are meant; together they may be too much.".to_owned();
                let source = "The substances of both medicines".to_owned();
                let drugs = both(a.name, b.name);
                found.push(Finding {
                    kind: FindingKind::Duplicate,
                    drugs,
                    severity: Severity::Major,
                    mechanism,
                    advice,
                    source,
                });
                continue;
            }
            for rule in &tables.rules {
                let meets = |x: &str, y: &str| tables.is_on(x, rule.a) && tables.is_on(y, rule.b);
                if meets(one, other) || meets(other, one) {
                    let kept = worst.entry(rule.kind).or_insert(rule);
                    if rule.severity < kept.severity {
                        *kept = rule;
                    }
                }
            }
        }
    }
    found.extend(worst.into_values().map(|rule| Finding {
        kind: rule.kind,
        drugs: both(a.name, b.name),
        severity: if a.local || b.local { milder(rule.severity) } else { rule.severity },
        mechanism: rule.mechanism.to_owned(),
        advice: rule.advice.to_owned(),
        source: format!("{} ({})", rule.source, rule.name),
    }));
    found
}

/// What is found inside of one name: `sildenafil and nitroglycerin` may be two medicines that somebody wrote as one.
fn within(tables: &Tables, a: &Known<'_>) -> Option<Finding> {
    let mut worst: Option<&Rule> = None;
    for (n, one) in a.substances.iter().enumerate() {
        for other in &a.substances[n + 1..] {
            for rule in tables.rules.iter().filter(|rule| rule.severity <= Severity::Major) {
                let meets = |x: &str, y: &str| tables.is_on(x, rule.a) && tables.is_on(y, rule.b);
                let worse = worst.is_none_or(|worst| rule.severity < worst.severity);
                if rule.kind != FindingKind::Duplicate && worse && (meets(one, other) || meets(other, one)) {
                    worst = Some(rule);
                }
            }
        }
    }
    worst.map(|rule| Finding {
        kind: rule.kind,
        drugs: vec![a.name.to_owned()],
        severity: if a.local { milder(rule.severity) } else { rule.severity },
        mechanism: rule.mechanism.to_owned(),
        advice: rule.advice.to_owned(),
        source: format!("{} ({})", rule.source, rule.name),
    })
}

/// The names of two medicines, in the order of the alphabet, so that the order of the input does not matter.
pub fn both(a: &str, b: &str) -> Vec<String> {
    let mut both = vec![a.to_owned(), b.to_owned()];
    both.sort();
    both
}

/// One step less for what is put on the skin or into the eye; never nothing.
pub fn milder(severity: Severity) -> Severity {
    match severity {
        Severity::Contraindicated => Severity::Major,
        Severity::Major => Severity::Moderate,
        Severity::Moderate | Severity::Minor => Severity::Minor,
    }
}

/// An allergy as it was written, and the substances it surely means.
struct Allergy<'i> {
    written: &'i str,
    name: String,
    own: Vec<&'static str>,
}

impl<'i> Allergy<'i> {
    fn of(tables: &Tables, written: &'i str) -> Self {
        let name = written.trim().to_lowercase();
        let name = name.trim_end_matches(" allergy").trim_start_matches("allergy to ").to_owned();
        let own = match meaning(tables, &name) {
            Meaning::Known(substances) => substances,
            _ => Vec::new(),
        };
        Self { written, name, own }
    }

    /// Whether medicines can be compared with it. A brand, a food or pollen cannot; whoever asks is told.
    fn is_understood(&self, tables: &Tables) -> bool {
        !self.own.is_empty() || tables.allergies.iter().any(|row| row.name == self.name)
    }
}

fn against(tables: &Tables, allergies: &[Allergy<'_>], medicine: &Known<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for Allergy { name, own, .. } in allergies {
        for substance in &medicine.substances {
            let mut finding = |severity, mechanism: String, source: &str| {
                found.push(Finding {
                    kind: FindingKind::Allergy,
                    drugs: vec![medicine.name.to_owned()],
                    severity,
                    mechanism,
                    advice: "Do not take it before the prescriber knows of the allergy.".to_owned(),
                    source: source.to_owned(),
                });
            };
            if own.contains(&substance.as_str()) || name == substance {
                finding(
                    Severity::Contraindicated,
                    format!("An allergy to {substance} is recorded."),
                    "The allergies in the record",
                );
                continue;
            }
            if let Some(row) =
                tables.allergies.iter().find(|row| row.name == *name && tables.is_of(substance, row.class))
            {
                finding(
                    row.severity,
                    format!("An allergy to {} is recorded, and {substance} is one of the {}.", row.name, row.class),
                    row.source,
                );
                continue;
            }
            let shared = |class: &str| own.iter().any(|one| tables.is_of(one, class)) && tables.is_of(substance, class);
            if let Some(row) = tables.class_allergies.iter().find(|row| shared(row.class)) {
                finding(row.severity, format!("An allergy to another of the {} is recorded.", row.class), row.source);
            }
        }
    }
    found
}

/// More of one substance in a day than is safe, from all medicines together.
fn sums(tables: &Tables, known: &[Known<'_>]) -> Vec<Finding> {
    let mut found = Vec::new();
    for ceiling in &tables.ceilings {
        // The strength of a combination is not that of one substance.
        let holds = |one: &&Known<'_>| one.substances == [ceiling.substance];
        let sum: f64 = known.iter().filter(holds).filter_map(|one| one.mg_per_day).sum();
        if sum > ceiling.mg_per_day {
            let mut drugs: Vec<String> = known.iter().filter(holds).map(|one| one.name.to_owned()).collect();
            drugs.sort();
            found.push(Finding {
                kind: FindingKind::DoseSum,
                drugs,
                severity: Severity::Major,
                mechanism: format!("{sum} mg of {} a day; {} mg is the most.", ceiling.substance, ceiling.mg_per_day),
                advice: ceiling.advice.to_owned(),
                source: ceiling.source.to_owned(),
            });
        }
    }
    found
}

/// Days since some day, of `2026-11-28` (Hinnant, days from civil).
fn day(text: &str) -> Option<i64> {
    let mut parts = text.get(..10)?.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year)
}
