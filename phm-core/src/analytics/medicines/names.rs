//! Which substances the name of a medicine means.
//!
//! Only a name that is exactly that of a substance, or an exact synonym, is resolved. Brands and names that are nearly
//! right are proposed and confirmed by a person before anything rests on them; names that look alike are never taken for
//! each other.
//!
//! Sources: synonyms between British, American and international nonproprietary names (WHO INN); look-alike pairs of the
//! ISMP list of confused drug names and FDA's name differentiation project; brands are general knowledge of the Indian market
//! and proposals only.

use std::collections::BTreeSet;

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

/// Substances that records may name, in their international names.
const SUBSTANCES: &[&str] = &[
    "acarbose",
    "aceclofenac",
    "acenocoumarol",
    "aciclovir",
    "adrenaline",
    "albendazole",
    "allopurinol",
    "alprazolam",
    "amikacin",
    "amiloride",
    "amiodarone",
    "amitriptyline",
    "amlodipine",
    "amoxicillin",
    "apixaban",
    "aspirin",
    "atenolol",
    "atorvastatin",
    "azathioprine",
    "azithromycin",
    "baclofen",
    "bisoprolol",
    "budesonide",
    "calcium",
    "captopril",
    "carbamazepine",
    "carbimazole",
    "carvedilol",
    "cefalexin",
    "cefixime",
    "cefpodoxime",
    "ceftriaxone",
    "cefuroxime",
    "cetirizine",
    "chloroquine",
    "chlorpromazine",
    "chlorpropamide",
    "chlorthalidone",
    "ciclosporin",
    "cilnidipine",
    "ciprofloxacin",
    "citalopram",
    "clarithromycin",
    "clavulanic acid",
    "clindamycin",
    "clobazam",
    "clonazepam",
    "clonidine",
    "clopidogrel",
    "colchicine",
    "cycloserine",
    "dabigatran",
    "dapagliflozin",
    "dexamethasone",
    "diazepam",
    "diclofenac",
    "dicycloverine",
    "digoxin",
    "diltiazem",
    "dobutamine",
    "domperidone",
    "donepezil",
    "dopamine",
    "doxycycline",
    "duloxetine",
    "empagliflozin",
    "enalapril",
    "escitalopram",
    "esomeprazole",
    "ethambutol",
    "etofylline",
    "etoricoxib",
    "febuxostat",
    "fexofenadine",
    "fluconazole",
    "fluoxetine",
    "folic acid",
    "formoterol",
    "furosemide",
    "gabapentin",
    "glibenclamide",
    "gliclazide",
    "glimepiride",
    "glipizide",
    "glyceryl trinitrate",
    "haloperidol",
    "hydralazine",
    "hydrochlorothiazide",
    "hydroxychloroquine",
    "hydroxyzine",
    "ibuprofen",
    "indapamide",
    "insulin",
    "iron",
    "isoniazid",
    "isoprenaline",
    "isosorbide mononitrate",
    "ivermectin",
    "lamivudine",
    "lamotrigine",
    "letrozole",
    "levetiracetam",
    "levocetirizine",
    "levofloxacin",
    "levothyroxine",
    "lidocaine",
    "linagliptin",
    "linezolid",
    "lisinopril",
    "lithium",
    "loperamide",
    "losartan",
    "mebeverine",
    "mefenamic acid",
    "metformin",
    "methotrexate",
    "metoclopramide",
    "metolazone",
    "metoprolol",
    "metronidazole",
    "montelukast",
    "naproxen",
    "nimesulide",
    "nitrofurantoin",
    "noradrenaline",
    "norfloxacin",
    "olanzapine",
    "olmesartan",
    "omeprazole",
    "ondansetron",
    "pantoprazole",
    "paracetamol",
    "pethidine",
    "phenytoin",
    "pioglitazone",
    "prednisolone",
    "prednisone",
    "pregabalin",
    "propranolol",
    "propylthiouracil",
    "pyrazinamide",
    "quetiapine",
    "quinidine",
    "quinine",
    "rabeprazole",
    "ramipril",
    "rifampicin",
    "rifaximin",
    "risperidone",
    "rivaroxaban",
    "rosuvastatin",
    "salbutamol",
    "sertraline",
    "sildenafil",
    "simvastatin",
    "sitagliptin",
    "spironolactone",
    "sulfadiazine",
    "sulfamethoxazole",
    "sulfasalazine",
    "sumatriptan",
    "suxamethonium",
    "tadalafil",
    "tamsulosin",
    "telmisartan",
    "teneligliptin",
    "theophylline",
    "tinidazole",
    "tizanidine",
    "torasemide",
    "tramadol",
    "trazodone",
    "trimethoprim",
    "valproate",
    "vildagliptin",
    "vinblastine",
    "vincristine",
    "vitamin d3",
    "voglibose",
    "warfarin",
    "zolpidem",
];

const SYNONYMS: &[(&str, &[&str])] = &[
    ("acetaminophen", &["paracetamol"]),
    ("albuterol", &["salbutamol"]),
    ("epinephrine", &["adrenaline"]),
    ("norepinephrine", &["noradrenaline"]),
    ("meperidine", &["pethidine"]),
    ("rifampin", &["rifampicin"]),
    ("frusemide", &["furosemide"]),
    ("glyburide", &["glibenclamide"]),
    ("lignocaine", &["lidocaine"]),
    ("cyclosporine", &["ciclosporin"]),
    ("cyclosporin", &["ciclosporin"]),
    ("acyclovir", &["aciclovir"]),
    ("amoxycillin", &["amoxicillin"]),
    ("cephalexin", &["cefalexin"]),
    ("cotrimoxazole", &["sulfamethoxazole", "trimethoprim"]),
    ("co-trimoxazole", &["sulfamethoxazole", "trimethoprim"]),
    ("thyroxine", &["levothyroxine"]),
    ("isoproterenol", &["isoprenaline"]),
    ("succinylcholine", &["suxamethonium"]),
    ("nitroglycerin", &["glyceryl trinitrate"]),
    ("acetylsalicylic acid", &["aspirin"]),
    ("divalproex", &["valproate"]),
    ("valproic acid", &["valproate"]),
    ("clavulanate", &["clavulanic acid"]),
    ("dicyclomine", &["dicycloverine"]),
    ("torsemide", &["torasemide"]),
    ("cholecalciferol", &["vitamin d3"]),
    ("colecalciferol", &["vitamin d3"]),
];

/// Brands of the Indian market; proposals only.
const BRANDS: &[(&str, &[&str])] = &[
    ("crocin", &["paracetamol"]),
    ("dolo", &["paracetamol"]),
    ("calpol", &["paracetamol"]),
    ("combiflam", &["ibuprofen", "paracetamol"]),
    ("zerodol-p", &["aceclofenac", "paracetamol"]),
    ("ultracet", &["tramadol", "paracetamol"]),
    ("voveran", &["diclofenac"]),
    ("nise", &["nimesulide"]),
    ("meftal-spas", &["mefenamic acid", "dicycloverine"]),
    ("disprin", &["aspirin"]),
    ("ecosprin", &["aspirin"]),
    ("ecosprin av", &["aspirin", "atorvastatin"]),
    ("clopilet", &["clopidogrel"]),
    ("acitrom", &["acenocoumarol"]),
    ("augmentin", &["amoxicillin", "clavulanic acid"]),
    ("augmentin duo", &["amoxicillin", "clavulanic acid"]),
    ("azithral", &["azithromycin"]),
    ("ciplox", &["ciprofloxacin"]),
    ("taxim-o", &["cefixime"]),
    ("zifi", &["cefixime"]),
    ("monocef", &["ceftriaxone"]),
    ("norflox-tz", &["norfloxacin", "tinidazole"]),
    ("flagyl", &["metronidazole"]),
    ("septran", &["sulfamethoxazole", "trimethoprim"]),
    ("glycomet", &["metformin"]),
    ("glycomet gp", &["metformin", "glimepiride"]),
    ("janumet", &["sitagliptin", "metformin"]),
    ("istamet", &["sitagliptin", "metformin"]),
    ("galvus met", &["vildagliptin", "metformin"]),
    ("telma", &["telmisartan"]),
    ("telma-h", &["telmisartan", "hydrochlorothiazide"]),
    ("amlong", &["amlodipine"]),
    ("losar", &["losartan"]),
    ("cardace", &["ramipril"]),
    ("envas", &["enalapril"]),
    ("concor", &["bisoprolol"]),
    ("lasix", &["furosemide"]),
    ("dytor", &["torasemide"]),
    ("aldactone", &["spironolactone"]),
    ("atorva", &["atorvastatin"]),
    ("rosuvas", &["rosuvastatin"]),
    ("thyronorm", &["levothyroxine"]),
    ("eltroxin", &["levothyroxine"]),
    ("pan", &["pantoprazole"]),
    ("pan-d", &["pantoprazole", "domperidone"]),
    ("omez", &["omeprazole"]),
    ("emeset", &["ondansetron"]),
    ("perinorm", &["metoclopramide"]),
    ("asthalin", &["salbutamol"]),
    ("foracort", &["budesonide", "formoterol"]),
    ("deriphyllin", &["etofylline", "theophylline"]),
    ("montair-lc", &["montelukast", "levocetirizine"]),
    ("allegra", &["fexofenadine"]),
    ("eptoin", &["phenytoin"]),
    ("tegrital", &["carbamazepine"]),
    ("encorate", &["valproate"]),
    ("nexito", &["escitalopram"]),
    ("alprax", &["alprazolam"]),
    ("wysolone", &["prednisolone"]),
    ("hcqs", &["hydroxychloroquine"]),
    ("lariago", &["chloroquine"]),
    ("akt-4", &["rifampicin", "isoniazid", "pyrazinamide", "ethambutol"]),
    ("r-cinex", &["rifampicin", "isoniazid"]),
    ("monotrate", &["isosorbide mononitrate"]),
    ("livogen", &["iron", "folic acid"]),
    ("shelcal", &["calcium", "vitamin d3"]),
    ("losec", &["omeprazole"]),
];

/// Names that have been taken for each other, with harm.
#[cfg(test)]
const LOOK_ALIKE: &[&[&str]] = &[
    &["hydroxyzine", "hydralazine"],
    &["metoprolol", "metolazone"],
    &["glipizide", "glyburide", "glimepiride"],
    &["prednisone", "prednisolone"],
    &["clonidine", "clonazepam"],
    &["lamotrigine", "lamivudine", "levetiracetam"],
    &["chlorpromazine", "chlorpropamide"],
    &["vinblastine", "vincristine"],
    &["cycloserine", "cyclosporine"],
    &["dopamine", "dobutamine"],
    &["tramadol", "trazodone"],
    &["quinine", "quinidine"],
    &["sulfadiazine", "sulfasalazine"],
    &["amlodipine", "amiloride"],
    &["celebrex", "celexa", "cerebyx"],
    &["losec", "lasix"],
    &["propranolol", "propylthiouracil"],
    &["carbamazepine", "carbimazole"],
    &["rifampicin", "rifaximin"],
    &["azathioprine", "azithromycin"],
];

/// Words that are no part of a name: forms, salts, ways into the body.
const NOT_NAMES: &[&str] = &[
    "tab",
    "tabs",
    "tablet",
    "tablets",
    "t",
    "cap",
    "caps",
    "capsule",
    "capsules",
    "syp",
    "syr",
    "syrup",
    "inj",
    "injection",
    "susp",
    "suspension",
    "oint",
    "ointment",
    "drops",
    "drop",
    "cream",
    "gel",
    "oral",
    "iv",
    "im",
    "sr",
    "er",
    "xr",
    "mr",
    "cr",
    "forte",
    "mg",
    "mcg",
    "g",
    "gm",
    "ml",
    "iu",
    "sodium",
    "potassium",
    "hydrochloride",
    "hcl",
    "maleate",
    "besylate",
    "besilate",
    "succinate",
    "tartrate",
    "sulfate",
    "sulphate",
    "phosphate",
    "mesylate",
    "fumarate",
    "गोली",
    "ਗੋਲੀ",
    "कैप्सूल",
    "सिरप",
    "ਕੈਪਸੂਲ",
];

/// The substances that a written name means.
pub fn resolve(name: &str) -> Resolved {
    let parts = parts(name);
    if parts.is_empty() || name.len() > 300 {
        return Resolved::Unknown;
    }
    let known: Option<Vec<Vec<&str>>> = parts.iter().map(|part| exact(part)).collect();
    if let Some(known) = known {
        return Resolved::Known(known.into_iter().flatten().collect());
    }
    let whole = parts.join(" ");
    if let Some(brand) = brand(&whole) {
        return Resolved::Proposed(vec![brand.to_vec()]);
    }
    if parts.len() > 1 {
        // A combination of which one part is not known exactly is asked about part by part.
        return Resolved::Unknown;
    }
    let near = near(&whole);
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

fn exact(name: &str) -> Option<Vec<&'static str>> {
    let own = SUBSTANCES.binary_search(&name).ok().map(|index| vec![SUBSTANCES[index]]);
    own.or_else(|| SYNONYMS.iter().find(|(synonym, _)| *synonym == name).map(|(_, substances)| substances.to_vec()))
}

fn brand(name: &str) -> Option<&'static [&'static str]> {
    let close = |text: &str| text.replace(['-', ' '], "");
    BRANDS.iter().find(|(brand, _)| close(brand) == close(name)).map(|(_, substances)| *substances)
}

/// Everything that is as near as the nearest, within an error for every five letters; letters that a reader of images
/// takes for each other cost nothing.
fn near(name: &str) -> Vec<Vec<&'static str>> {
    let most = name.chars().count() / 5;
    let seen = as_read(name);
    let substances = SUBSTANCES.iter().map(|substance| (*substance, std::slice::from_ref(substance)));
    let synonyms = SYNONYMS.iter().map(|(name, substances)| (*name, *substances));
    let brands = BRANDS.iter().map(|(name, substances)| (*name, *substances));
    let mut found: Vec<(usize, &[&str])> = substances
        .chain(synonyms)
        .chain(brands)
        .filter(|(known, _)| known.chars().count().abs_diff(name.chars().count()) <= most)
        .map(|(known, substances)| (distance(&seen, &as_read(known)), substances))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    found.sort();
    let nearest = found.first().map_or(0, |(distance, _)| *distance);
    let mut all: Vec<Vec<&str>> = found
        .into_iter()
        .filter(|(distance, _)| *distance == nearest)
        .map(|(_, substances)| substances.to_vec())
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
    let names = words.filter(|word| !word.is_empty() && !is_strength(word) && !NOT_NAMES.contains(word));
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

    #[test]
    fn the_tables_are_sorted_and_name_known_substances() {
        assert!(SUBSTANCES.is_sorted());
        for (name, substances) in SYNONYMS.iter().chain(BRANDS) {
            assert!(substances.iter().all(|one| SUBSTANCES.contains(one)), "{name}");
            assert!(!SUBSTANCES.contains(name), "{name} is a substance itself");
        }
    }

    #[test]
    fn look_alike_names_are_never_equated() {
        for group in LOOK_ALIKE {
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
        for group in LOOK_ALIKE {
            for name in *group {
                for cut in 0..name.len() {
                    let mut wrong: Vec<char> = name.chars().collect();
                    wrong.remove(cut);
                    let wrong: String = wrong.into_iter().collect();
                    let written_so = SYNONYMS.iter().any(|(synonym, _)| *synonym == wrong);
                    assert!(written_so || !matches!(resolve(&wrong), Resolved::Known(_)), "{wrong}");
                }
            }
        }
    }

    #[test]
    fn synonyms_are_one_substance() {
        for (name, substances) in SYNONYMS {
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
