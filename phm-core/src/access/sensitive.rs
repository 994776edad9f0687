//! Which codes make a record sensitive by themselves.
//!
//! The tables are cautious where the code systems are made of chapters, and short where they are not: SNOMED CT and LOINC
//! are listed code by code, so what is missing here is not hidden, and the person's own mark is there for it. Dementia
//! (ICD-10 F00 to F09) is left out, because whoever cares for somebody has to know. Medicines of RxNorm stand in a table of
//! their own, `medicines`.
//!
//! Sources: WHO, ICD-10, 2019 version, chapters I, V, XX and XXI; WHO Collaborating Centre for Drug Statistics Methodology,
//! ATC index 2024; HL7 v3 ActCode (information sensitivity policy) and Confidentiality, as FHIR R4 uses them in
//! `meta.security`; the codes of SNOMED CT and LOINC with the names they carry there.

use super::medicines::label_of_medicine;
use super::words::Sensitivity;

/// The label of a record that whoever sent it called restricted, without saying why. It is no word that a grant names, so
/// that only those see the record who see every label.
const RESTRICTED: &str = "restricted";

/// Depression screening, PHQ-2, anxiety assessment, AUDIT-C, drug abuse screening, PHQ-9; unhealthy drinking, panic,
/// misuse of drugs, depressive disorder, major depressive disorder, schizophrenia, bipolar disorder, anxiety disorder,
/// post-traumatic stress disorder, alcoholism, drug dependence.
const SNOMED_MENTAL: &[&str] = &[
    "171207006",
    "454711000124102",
    "710841007",
    "763302001",
    "713106006",
    "715252007",
    "10939881000119105",
    "80583007",
    "361055000",
    "35489007",
    "370143000",
    "58214004",
    "13746004",
    "197480006",
    "47505003",
    "7200002",
    "191816009",
];

/// HIV infection, syphilis, gonorrhoea; tests for chlamydia, syphilis and gonorrhoea; contraceptives put in, changed and
/// taken out; counselling for, care at and termination of pregnancy; domestic abuse, screened for and found.
const SNOMED_SEXUAL: &[&str] = &[
    "86406008",
    "76272004",
    "15628003",
    "310861008",
    "269828009",
    "165829005",
    "65200003",
    "169553002",
    "46706006",
    "301807007",
    "714812005",
    "386394001",
    "10383002",
    "866148006",
    "706893006",
];

/// PHQ-9 panel and total, PHQ-2 total, GAD-7 panel and total.
const LOINC_MENTAL: &[&str] = &["44249-1", "44261-6", "55758-7", "69737-5", "70274-6"];

/// HIV antibodies, antigen and RNA; antibodies against and RPR for syphilis; DNA of chlamydia and of gonococci.
const LOINC_SEXUAL: &[&str] =
    &["7917-8", "31201-7", "56888-1", "20447-9", "25836-8", "24110-9", "20507-0", "21613-5", "24111-7"];

/// Behavioural and mental health, psychiatry, psychotherapy notes, emotional disturbance, substance use, alcohol, opioids.
const ACT_MENTAL: &[&str] = &["BH", "MH", "PSY", "PSYTHPN", "EMOTDIS", "SUD", "ETH", "ETHUD", "OPIOIDUD"];

/// HIV, sexuality, sexually transmitted disease, sexual assault and domestic violence.
const ACT_SEXUAL: &[&str] = &["HIV", "SEX", "STD", "SDV"];

/// The label of a record that holds this code, with the name that came with it; none for most codes.
pub(crate) fn label_of(system: &str, code: &str, name: Option<&str>) -> Option<&'static str> {
    let label = match system {
        "http://hl7.org/fhir/sid/icd-10"
        | "http://hl7.org/fhir/sid/icd-10-cm"
        | "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
        | "urn:oid:2.16.840.1.113883.6.3"
        | "urn:oid:2.16.840.1.113883.6.90" => icd10(code),
        "http://www.whocc.no/atc" => atc(code),
        system if is_told_by_name(system) => label_of_medicine(code, name),
        "http://snomed.info/sct" => listed(code, SNOMED_MENTAL, SNOMED_SEXUAL),
        "http://loinc.org" => listed(code, LOINC_MENTAL, LOINC_SEXUAL),
        "http://terminology.hl7.org/CodeSystem/v3-ActCode"
        | "http://hl7.org/fhir/v3/ActCode"
        | "urn:oid:2.16.840.1.113883.5.4" => listed(code, ACT_MENTAL, ACT_SEXUAL),
        "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
        | "http://hl7.org/fhir/v3/Confidentiality"
        | "urn:oid:2.16.840.1.113883.5.25" => return matches!(code, "R" | "V").then_some(RESTRICTED),
        _ => None,
    };
    label.map(Sensitivity::as_str)
}

/// Whether no table of the codes of a terminology is whole, so that names tell what it lacks: RxNorm.
pub(crate) fn is_told_by_name(system: &str) -> bool {
    matches!(system, "http://www.nlm.nih.gov/research/umls/rxnorm" | "urn:oid:2.16.840.1.113883.6.88")
}

/// The label that the name of a medicine says by itself; none for most.
pub(crate) fn label_of_name(name: &str) -> Option<&'static str> {
    label_of_medicine("", Some(name)).map(Sensitivity::as_str)
}

fn listed(code: &str, mental: &[&str], sexual: &[&str]) -> Option<Sensitivity> {
    if mental.contains(&code) {
        Some(Sensitivity::MentalHealth)
    } else {
        sexual.contains(&code).then_some(Sensitivity::SexualHealth)
    }
}

/// F10 to F99 but sexual dysfunction and identity, self-harm, suicidal thoughts; infections that are mostly transmitted
/// sexually, HIV, contact with either, contraception, abortion.
fn icd10(code: &str) -> Option<Sensitivity> {
    let letter = code.chars().next()?;
    let number: u8 = code.get(1..3)?.parse().ok()?;
    let below = code.get(3..).unwrap_or_default().trim_start_matches('.').chars().next();
    match (letter, number, below) {
        ('F', 52 | 64..=66, _)
        | ('A', 50..=64, _)
        | ('B', 20..=24, _)
        | ('Z', 21 | 30, _)
        | ('O', 4, _)
        | ('Z', 20, Some('2' | '6'))
        | ('Z', 33, Some('2')) => Some(Sensitivity::SexualHealth),
        ('F', 10..=99, _) | ('X', 60..=84, _) | ('R', 45, Some('8')) | ('Z', 91, Some('5')) => {
            Some(Sensitivity::MentalHealth)
        }
        _ => None,
    }
}

/// Antipsychotics, antidepressants, and what is taken for addiction; contraceptives, erectile dysfunction, HIV: the protease
/// inhibitors but that of COVID-19 (J05AE30), the other inhibitors alone, and all of them together.
fn atc(code: &str) -> Option<Sensitivity> {
    let among = |groups: &[&str]| groups.iter().any(|group| code.starts_with(group));
    if among(&["N05A", "N06A", "N07BB", "N07BC"]) {
        Some(Sensitivity::MentalHealth)
    } else {
        among(&["G02B", "G03A", "G04BE", "J05AE0", "J05AE10", "J05AG", "J05AJ", "J05AR"])
            .then_some(Sensitivity::SexualHealth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_what_is_sensitive_and_most_say_nothing() {
        let (mental, sexual) = (Some("mental-health"), Some("sexual-health"));
        let icd = "http://hl7.org/fhir/sid/icd-10";
        for (system, code, label) in [
            (icd, "F32.1", mental),
            (icd, "F10", mental),
            (icd, "F03", None),
            (icd, "F52.2", sexual),
            (icd, "X71", mental),
            (icd, "A51.0", sexual),
            (icd, "A49", None),
            (icd, "B20", sexual),
            (icd, "Z20.6", sexual),
            (icd, "Z20.5", None),
            (icd, "R45.8", mental),
            (icd, "R45.1", None),
            ("http://hl7.org/fhir/sid/icd-10-cm", "R45851", mental),
            (icd, "F", None),
            (icd, "Fé1", None),
            (icd, "", None),
            ("http://www.whocc.no/atc", "N06AB04", mental),
            ("http://www.whocc.no/atc", "C09AA02", None),
            ("http://www.whocc.no/atc", "J05AR20", sexual),
            ("http://www.whocc.no/atc", "J05AJ03", sexual),
            ("http://www.whocc.no/atc", "J05AE30", None),
            ("http://www.nlm.nih.gov/research/umls/rxnorm", "36437", mental),
            ("urn:oid:2.16.840.1.113883.6.88", "53654", sexual),
            ("http://www.nlm.nih.gov/research/umls/rxnorm", "6809", None),
            ("http://snomed.info/sct", "36437", None),
            ("http://snomed.info/sct", "370143000", mental),
            ("http://snomed.info/sct", "44054006", None),
            ("http://loinc.org", "44261-6", mental),
            ("http://loinc.org", "4548-4", None),
            ("http://loinc.org", "F32", None),
            ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "SEX", sexual),
            ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "AMB", None),
            ("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "V", Some("restricted")),
            ("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "N", None),
            ("http://example.org", "F32", None),
        ] {
            assert_eq!(label_of(system, code, None), label, "{system} {code}");
        }
    }
}
