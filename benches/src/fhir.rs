//! FHIR R4 to import: one patient and as many laboratory results as asked for, of about 1.5 KB each.

use std::io::{self, Write};

/// Writes a patient and `count` observations as NDJSON.
pub fn write_ndjson(out: &mut impl Write, count: u32) -> io::Result<()> {
    writeln!(
        out,
        r#"{{"resourceType":"Patient","id":"bench","active":true,"name":[{{"use":"official","family":"Bench","given":["Bina"]}}],"gender":"female","birthDate":"1961-04-03"}}"#
    )?;
    (0..count).try_for_each(|number| writeln!(out, "{}", observation(number)))
}

fn observation(number: u32) -> String {
    let (code, name, unit, middle) = TESTS[number as usize % TESTS.len()];
    let mixed = number.wrapping_mul(2_654_435_761);
    let value = middle + mixed % 40;
    let tenth = mixed / 64 % 10;
    let (year, month, day) = (2016 + number / 8 % 10, 1 + mixed / 128 % 12, 1 + mixed / 2048 % 28);
    let (hour, minute) = (7 + mixed / 4096 % 10, mixed / 8192 % 60);
    let (low, high) = (middle.saturating_sub(10), middle + 25);
    let at = format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:00+05:30");
    format!(
        concat!(
            r#"{{"resourceType":"Observation","id":"o-{number:08}","meta":{{"versionId":"1","lastUpdated":"{at}","#,
            r#""profile":["http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab"]}},"#,
            r#""text":{{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p><b>{name}</b>: {value}.{tenth} {unit}, "#,
            r#"collected on {at} at the outpatient clinic; venous sample, fasting; measured on an automated analyser and checked by the "#,
            r#"laboratory physician before release.</p></div>"}},"#,
            r#""identifier":[{{"system":"urn:oid:1.2.36.146.595.217","value":"{number:012}"}}],"status":"final","#,
            r#""category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}}]}}],"#,
            r#""code":{{"coding":[{{"system":"http://loinc.org","code":"{code}","display":"{name}"}}],"text":"{name}"}},"#,
            r#""subject":{{"reference":"Patient/bench"}},"effectiveDateTime":"{at}","issued":"{at}","#,
            r#""performer":[{{"display":"Doaba Diagnostics, Sector 34, Chandigarh"}}],"#,
            r#""valueQuantity":{{"value":{value}.{tenth},"unit":"{unit}","system":"http://unitsofmeasure.org","code":"{unit}"}},"#,
            r#""interpretation":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"N"}}]}}],"#,
            r#""referenceRange":[{{"low":{{"value":{low},"unit":"{unit}","system":"http://unitsofmeasure.org","code":"{unit}"}},"#,
            r#""high":{{"value":{high},"unit":"{unit}","system":"http://unitsofmeasure.org","code":"{unit}"}}}}]}}"#,
        ),
        number = number,
        at = at,
        name = name,
        value = value,
        tenth = tenth,
        unit = unit,
        code = code,
        low = low,
        high = high,
    )
}

const TESTS: [(&str, &str, &str, u32); 6] = [
    ("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL", 80),
    ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "mg/dL", 170),
    ("2571-8", "Triglyceride [Mass/volume] in Serum or Plasma", "mg/dL", 120),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", 125),
    ("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "U/L", 12),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", 210),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_resource_of_about_one_and_a_half_kilobytes() {
        let mut out = Vec::new();
        write_ndjson(&mut out, 600).expect("memory takes it");
        let text = String::from_utf8(out).expect("UTF-8");
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 601);
        for line in &lines[1..] {
            let resource: serde_json::Value = serde_json::from_str(line).expect("JSON");
            assert_eq!(resource["resourceType"], "Observation");
        }
        let mean = lines[1..].iter().map(|line| line.len()).sum::<usize>() / 600;
        assert!((1400..1900).contains(&mean), "{mean} bytes");
    }
}
