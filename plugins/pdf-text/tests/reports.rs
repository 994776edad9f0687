//! Reports as laboratories print them, made here: what is proposed of them, and what is not.

mod paper;

use paper::{HELVETICA, Paper, at, pages, pages_of, rows};
use phm_plugin_pdf_text::{PdfText, read};
use phm_plugin_sdk::Plugin as _;
use phm_plugin_sdk::testing::House;
use phm_plugin_sdk::v1::Door;
use phm_plugin_sdk::v1::document::{Input, Output, Page, UNREADABLE, WHY};
use serde_json::{Value, json};

const ID: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
const COLUMNS: [f64; 5] = [50.0, 230.0, 300.0, 370.0, 480.0];
const HEAD: &[&str] = &["Test", "Result", "Unit", "Reference Range", "Flag"];

/// A page with days and a table of these rows.
fn report(lines: &[&[&str]]) -> String {
    let head = at(50.0, 40.0, "City Laboratory") + &at(50.0, 60.0, "Collected: 3 Apr 2026   Reported: 04-Apr-2026");
    let all: Vec<&[&str]> = std::iter::once(HEAD).chain(lines.iter().copied()).collect();
    head + &rows(&COLUMNS, 100.0, &all)
}

fn read_pages(contents: &[String]) -> Output {
    read(&pages(contents), ID)
}

/// The bodies that are proposed.
fn bodies(output: &Output) -> Vec<Value> {
    assert!(output.unreadable.is_none() && output.not_understood.iter().all(|line| WHY.contains(&line.why.as_str())));
    output.proposals.iter().map(|one| one.body.clone()).collect()
}

/// What is listed: the words and why.
fn listed(output: &Output) -> Vec<(&str, &str)> {
    output.not_understood.iter().map(|line| (line.text.as_str(), line.why.as_str())).collect()
}

#[test]
fn a_table_becomes_results_with_unit_range_mark_day_page_and_place() {
    let output = read_pages(&[report(&[
        &["Haemoglobin A1c", "6.5", "%", "4.0 - 5.6", "H"],
        &["C-reactive protein", "< 0.3", "mg/dL", "< 0.5"],
        &["Surface antigen", "Negative", "", "Negative"],
        &["Biochemistry"],
        &["INR", "1.1", "", "0.9 - 1.2"],
    ])]);
    let days = |mut body: Value| {
        body["collected_at"] = json!("2026-04-03");
        body["resulted_at"] = json!("2026-04-04");
        body["document"] = json!(ID);
        body
    };
    let expected = [
        json!({"concept": {"text": "Haemoglobin A1c"}, "quantity": {"value": "6.5", "unit": "%"}, "interpretation": "H", "range":
            {"text": "4.0 - 5.6", "low": {"value": "4.0", "unit": "%"}, "high": {"value": "5.6", "unit": "%"}}}),
        json!({"concept": {"text": "C-reactive protein"}, "quantity": {"value": "0.3", "unit": "mg/dL", "comparator": "<"}, "range":
            {"text": "< 0.5", "high": {"value": "0.5", "unit": "mg/dL"}}}),
        json!({"concept": {"text": "Surface antigen"}, "text_value": "Negative", "range": {"text": "Negative"}}),
        json!({"concept": {"text": "INR"}, "quantity": {"value": "1.1", "unit": "1"}, "range":
            {"text": "0.9 - 1.2", "low": {"value": "0.9", "unit": "1"}, "high": {"value": "1.2", "unit": "1"}}}),
    ];
    assert_eq!(bodies(&output), expected.map(days));
    assert!(listed(&output).is_empty(), "{output:?}");
    let found = output.proposals[0].evidence.as_ref().expect("where it was found");
    assert_eq!((found.document.as_deref(), found.page), (Some(ID), Some(1)));
    assert_eq!(found.text.as_deref(), Some("Haemoglobin A1c 6.5 % 4.0 - 5.6 H"));
    let [left, top, width, height] = found.region.expect("a place").map(f64::from);
    assert!((left - 50.0 / 600.0).abs() < 0.001 && (top - 106.0 / 800.0).abs() < 0.001, "{left} {top}");
    assert!((0.7..0.75).contains(&width) && (height - 10.0 / 800.0).abs() < 0.001, "{width} {height}");
}

#[test]
fn the_text_and_the_places_of_all_words_are_given() {
    let output = read_pages(&[at(60.0, 80.0, "First page (one)"), String::new(), at(50.0, 400.0, "Third")]);
    let texts: Vec<&str> = output.pages.iter().map(|page| page.text.as_str()).collect();
    assert_eq!(texts, ["First page (one)", "", "Third"]);
    assert_eq!(output.pages.iter().map(|page| page.number).collect::<Vec<_>>(), [1, 2, 3]);
    let word = &output.pages[0].words[0];
    assert_eq!(
        (word.text.as_str(), word.region.map(|part| format!("{part:.2}"))[..2].join(" ")),
        ("First", "0.10 0.09".into())
    );
}

#[test]
fn decimal_commas_are_read_and_what_could_be_thousands_is_listed() {
    let output = read_pages(&[report(&[
        &["Natrium", "140,5", "mmol/L", "136,0-145,0"],
        &["Leukozyten", "6.500", "/uL", "4.000-10.000"],
    ])]);
    let found = bodies(&output);
    assert_eq!((found.len(), &found[0]["quantity"]["value"]), (1, &json!("140.5")));
    assert_eq!(found[0]["range"]["low"]["value"], "136.0");
    assert_eq!(listed(&output), [("Leukozyten 6.500 /uL 4.000-10.000", "value")]);
    // Where decimals begin with a point a comma parts thousands, as in India too.
    let output = read_pages(&[report(&[
        &["Platelets", "1,50,000", "/cumm", "1,50,000 - 4,10,000"],
        &["Leucocytes", "6,500", "/cumm", "4,000 - 11,000"],
        &["Potassium", "4.1", "mmol/L", "3.5 - 5.1"],
    ])]);
    let values: Vec<Value> = bodies(&output).iter().map(|body| body["quantity"]["value"].clone()).collect();
    assert_eq!(values, ["150000", "6500", "4.1"]);
}

#[test]
fn what_is_not_understood_is_listed_with_what_is_wrong_and_never_proposed() {
    let output = read_pages(&[report(&[
        &["Vitamin X", "12", "flurbs", "5 - 20"],
        &["Pus cells", "5-10", "/cumm", "0 - 5"],
        &["", "7.5", "mg/dL"],
        &["Albumin", "", "g/dL", "3.5 - 5.0"],
        &["Protein", "7.1 mg/dL", "g/dL", "6 - 8"],
        &["Count", "44", "", "10 - 50"],
        &["Glucose", "95", "mg/dL", "70 - 99", "?!"],
        &["Blood group", "O positive"],
    ])]);
    assert!(output.proposals.is_empty(), "{output:?}");
    let whys: Vec<&str> = listed(&output).into_iter().map(|(_, why)| why).collect();
    assert_eq!(whys, ["unit", "value", "name", "value", "unit", "unit", "value", "value"]);
    let line = &output.not_understood[0];
    assert_eq!((line.text.as_str(), line.page, line.region.is_some()), ("Vitamin X 12 flurbs 5 - 20", 1, true));
}

#[test]
fn values_outside_a_table_or_under_two_heads_are_listed() {
    let loose =
        at(50.0, 100.0, "Glucose") + &at(150.0, 100.0, "95 mg/dL") + &at(50.0, 130.0, "Come again in 3 months.");
    assert_eq!(listed(&read_pages(&[loose])), [("Glucose 95 mg/dL", "columns")]);
    let two = rows(
        &COLUMNS,
        100.0,
        &[&["Test", "Result", "Result", "Unit"], &["Glucose", "95", "101", "mg/dL"], &["Iron", "80", "82 ug/dL"]],
    );
    let output = read_pages(&[two]);
    assert!(output.proposals.is_empty(), "{output:?}");
    assert_eq!(listed(&output).len(), 3, "the head, and each line with a number and its unit: {output:?}");
}

#[test]
fn a_day_that_could_be_two_is_none_and_two_days_are_none() {
    let table = rows(&COLUMNS, 100.0, &[HEAD, &["Glucose", "95", "mg/dL", "70 - 99"]]);
    let read = |days: &[&str]| {
        let lines: String =
            days.iter().zip(0..).map(|(day, row)| at(50.0, 40.0 + 14.0 * f64::from(row), day)).collect();
        read_pages(&[lines + &table])
    };
    let doubtful = read(&["Collected: 03/04/2026"]);
    assert_eq!(
        (&bodies(&doubtful)[0]["collected_at"], listed(&doubtful)),
        (&Value::Null, vec![("Collected: 03/04/2026", "date")])
    );
    let two = read(&["Collected 2026-04-03", "Collected 2026-04-05"]);
    assert_eq!(bodies(&two)[0]["collected_at"], Value::Null);
    let backwards = read(&["Collected 2026-04-03", "Reported 2026-04-01"]);
    assert_eq!(
        (&bodies(&backwards)[0]["collected_at"], &bodies(&backwards)[0]["resulted_at"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        bodies(&read(&["Date of birth: 25/12/1960", "Sample date: 25/04/2026"]))[0]["collected_at"],
        "2026-04-25"
    );
    for days in [
        // Another day stands where this one is left out.
        &["Collected:    Date of birth: 25/12/1960"][..],
        // The doubtful one may be the day of these rows.
        &["Collected: 03/04/2026", "Collected: 25/04/2026"][..],
    ] {
        assert_eq!(bodies(&read(days))[0]["collected_at"], Value::Null, "{days:?}");
    }
}

#[test]
fn what_explains_a_value_is_no_result_and_neither_is_a_value_that_was_painted_over() {
    let output = read_pages(&[report(&[
        &["Cholesterol", "180", "mg/dL", "< 200"],
        &["Desirable", "< 200", "mg/dL"],
        &["Borderline high", "200 mg/dL"],
        &["Adults (men)", "13.5", "g/dL"],
        &["Control", "12.5", "sec"],
    ])]);
    let whys: Vec<&str> = listed(&output).into_iter().map(|(_, why)| why).collect();
    assert_eq!((bodies(&output).len(), whys), (1, vec!["range"; 4]), "{output:?}");
    let table = report(&[&["Glucose", "250", "mg/dL", "70 - 99"]]);
    let output = read_pages(&[at(230.0, 114.0, "95") + "1 g 228 670 30 30 re f 0 g\n" + &table]);
    assert!(output.proposals.is_empty(), "{output:?}");
    assert_eq!(listed(&output)[0].1, "letters");
}

#[test]
fn a_name_that_goes_on_below_is_one_name() {
    for (below, expected) in [("(direct)", "Bilirubin (direct)"), ("Method: DPD", "Bilirubin")] {
        let output = read_pages(&[report(&[&["Bilirubin", "0.3", "mg/dL", "0 - 0.3"]]) + &at(50.0, 126.0, below)]);
        assert_eq!(bodies(&output)[0]["concept"]["text"], expected);
    }
    // One range below the other: the first is no bound for everybody.
    let two = report(&[&["Haemoglobin", "14.1", "g/dL", "13.0 - 17.0"]]) + &at(370.0, 126.0, "12.0 - 15.0");
    assert_eq!(bodies(&read_pages(&[two]))[0]["range"], json!({"text": "13.0 - 17.0 12.0 - 15.0"}));
}

#[test]
fn beside_urine_a_name_has_to_say_what_was_examined() {
    let rows: &[&[&str]] = &[&["Glucose", "15", "mg/dL"], &["Glucose, serum", "95", "mg/dL"]];
    let output = read_pages(&[report(rows), report(rows) + &at(50.0, 300.0, "Urine examination")]);
    assert_eq!(bodies(&output).len(), 3);
    assert_eq!(listed(&output), [("Glucose 15 mg/dL", "name")]);
}

#[test]
fn letters_without_a_meaning_make_a_line_unread() {
    let font = "<< /Type /Font /Subtype /TrueType /BaseFont /ABCDEF+Arial /FontDescriptor << /Type /FontDescriptor /Flags 4 \
        /FontFile2 3 0 R >> >>";
    let output = read(&pages_of(&[report(&[&["Glucose", "95", "mg/dL", "70 - 99"]])], font, Paper::write), ID);
    assert!(output.proposals.is_empty(), "{output:?}");
    assert!(output.pages[0].text.contains('\u{fffd}'), "{:?}", output.pages[0].text);
    assert_eq!(listed(&output), [("", "letters")]);
    // With a list of what its letters mean the same font is read; one letter less, and its line is not.
    let meaning = |without: &str| {
        let codes: Vec<String> = (b' '..=b'~')
            .filter(|code| !without.as_bytes().contains(code))
            .map(|code| format!("<{code:02x}> <00{code:02x}> "))
            .collect();
        let codes = codes.concat();
        format!("begincmap 90 beginbfchar {codes} endbfchar endcmap")
    };
    let read_with = |without: &str| {
        let mut paper = Paper::default();
        let root = paper.add("<< /Type /Catalog /Pages 2 0 R >>");
        paper.add(
            "<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 600 800] /Resources << /Font << /F1 5 0 R >> >> >>",
        );
        paper.add("<< /Type /Page /Parent 2 0 R /Contents [4 0 R] >>");
        paper.packed(
            "",
            report(&[&["Glucose", "95", "mg/dL", "70 - 99"], &["Iron", "80", "ug/dL", "60 - 160"]]).as_bytes(),
        );
        paper.add(
            "<< /Type /Font /Subtype /TrueType /BaseFont /ABCDEF+Arial /ToUnicode 6 0 R /FontDescriptor << /FontFile2 6 0 R >> >>",
        );
        paper.packed("", meaning(without).as_bytes());
        read(&paper.write(root), ID)
    };
    assert_eq!(bodies(&read_with("")).len(), 2);
    let output = read_with("I");
    assert_eq!((bodies(&output).len(), listed(&output)), (1, vec![("\u{fffd}ron 80 ug/dL 60 - 160", "letters")]));
}

#[test]
fn what_nobody_sees_on_paper_is_not_read() {
    let seen = report(&[&["Glucose", "95", "mg/dL", "70 - 99"]]);
    let hidden = format!("q {} Q\n", at(230.0, 114.0, "250").replace("Tf", "Tf 3 Tr"));
    let beside = at(700.0, 114.0, "250");
    let sideways = "BT /F1 10 Tf 0 1 -1 0 300 300 Tm (Glucose 250 mg/dL and more of what stands on its side) Tj ET\n";
    let output = read_pages(&[seen + &hidden + &beside + sideways]);
    assert_eq!((bodies(&output).len(), &bodies(&output)[0]["quantity"]["value"]), (1, &json!("95")));
    assert_eq!(listed(&output), [("", "sideways")]);
}

#[test]
fn tables_of_places_and_objects_that_are_packed_are_read_and_so_are_forms_and_turned_pages() {
    let content = report(&[&["Glucose", "95", "mg/dL", "70 - 99"]]);
    let packed = pages_of(std::slice::from_ref(&content), HELVETICA, Paper::write_packed);
    assert_eq!(bodies(&read(&packed, ID)).len(), 1);

    let mut paper = Paper::default();
    let root = paper.add("<< /Type /Catalog /Pages 2 0 R >>");
    paper.add("<< /Type /Pages /Kids [3 0 R] /Count 1 /Resources << /XObject << /X 5 0 R >> >> >>");
    paper.add("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 800 600] /Rotate 90 /Contents 4 0 R >>");
    // Turned back, so that it is seen upright on the turned page.
    paper.packed("", b"q 0 1 -1 0 800 0 cm /X Do Q");
    paper.packed("/Type /XObject /Subtype /Form /Resources << /Font << /F1 6 0 R >> >>", content.as_bytes());
    paper.add(HELVETICA);
    let output = read(&paper.write(root), ID);
    let found = bodies(&output);
    assert_eq!((found.len(), &found[0]["concept"]["text"]), (1, &json!("Glucose")), "{output:?}");
}

#[test]
fn the_plugin_reads_the_file_of_the_house_and_says_why_it_cannot() {
    let call = |house: House, document: &str, media_type: &str| {
        house.run(|| {
            PdfText::call(Input { document: document.into(), media_type: media_type.into(), pages: Vec::new() })
        })
    };
    let file = pages(&[report(&[&["Glucose", "95", "mg/dL", "70 - 99"]])]);
    let house = || House::new().with_document(ID, "application/pdf", &file);
    assert_eq!(call(house(), ID, "application/pdf").expect("an answer").proposals.len(), 1);
    assert_eq!(call(house(), ID, "image/png").expect("an answer").unreadable.as_deref(), Some("other-kind"));
    let long = House::new().with_document(ID, "application/pdf", &vec![b' '; (16 << 20) + 1]);
    assert_eq!(call(long, ID, "application/pdf").expect("an answer").unreadable.as_deref(), Some("too-large"));
    let shut = house().with_shut("documents.content", Door::Consent);
    assert!(call(shut, ID, "application/pdf").expect_err("refused").0.contains("consent"));
    assert_eq!(call(House::new(), "", "").expect("nothing to read"), Output::default());
    let given = Input { document: ID.into(), pages: vec![Page { number: 1, ..Page::default() }], ..Input::default() };
    assert_eq!(House::new().run(|| PdfText::call(given)).expect("nothing to read"), Output::default());
    assert!(UNREADABLE.contains(&"too-large"));
}
