//! Broken, odd and hostile inputs.

use std::io::{self, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

/// What reading `source` comes upon, in short.
fn told(source: &Source) -> (Vec<String>, Vec<String>, Vec<String>) {
    let plan = plan(std::slice::from_ref(source));
    let report = &plan.sources()[0];
    let refused = report.refused_entries.iter().map(|refused| {
        format!("{}{}{} {}", refused.entry, if refused.path.is_empty() { "" } else { " " }, refused.path, refused.code)
    });
    let skipped = report.skipped_entries.iter().map(|skipped| format!("{} {}", skipped.entry, skipped.code));
    let read = report.resources.iter().map(|(kind, count)| format!("{count} {kind}"));
    (read.collect(), refused.collect(), skipped.collect())
}

fn refused(name: &str, content: impl Into<Vec<u8>>) -> Vec<String> {
    told(&text(name, content)).1
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append_data(&mut header, name, *content).expect("memory");
    }
    builder.into_inner().expect("memory")
}

/// A ZIP archive of deflated files, with lengths and check sums before or behind them.
fn zip(files: &[(&str, &[u8])], streamed: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in files {
        let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(content).expect("memory");
        let packed = packed.finish().expect("memory");
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).expect("small").to_le_bytes();
        let sums = [crc.sum().to_le_bytes(), length(&packed), length(content)].concat();
        out.extend_from_slice(b"PK\x03\x04\x14\0");
        out.extend_from_slice(&[if streamed { 8 } else { 0 }, 0, 8, 0, 0, 0, 0, 0]);
        out.extend_from_slice(if streamed { &[0; 12][..] } else { &sums[..] });
        out.extend_from_slice(&length(name.as_bytes())[..2]);
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(&packed);
        if streamed {
            out.extend_from_slice(b"PK\x07\x08");
            out.extend_from_slice(&sums);
        }
    }
    out.extend_from_slice(b"PK\x01\x02 and the list of all");
    out
}

const PATIENT: &str = r#"{"resourceType":"Patient","id":"1"}"#;

#[test]
fn broken_documents_are_refused_whole_with_their_place() {
    let cases = [
        (r#"{"resourceType":"Patient","id":"1""#, "x truncated-json"),
        (r#"{"resourceType":"Patient","id":}"#, "x invalid-json"),
        (r#"{"resourceType":"Patient","a":"#, "x truncated-json"),
        (r#"{"id":"1"}"#, "x no-resource-type"),
        (r#"{"resourceType":7}"#, "x /resourceType wrong-type"),
        (r#"{"resourceType":"../x"}"#, "x /resourceType unknown-resource-type"),
        (r#"{"resourceType":"Patient","birthDate":"2001-02-29"}"#, "x /birthDate invalid-date"),
        (r#"[{"resourceType":"Patient"}]"#, "x not-fhir"),
        ("", "x truncated-json"),
        ("hello", "x not-json"),
        ("\u{0}\u{1}", "x not-json"),
    ];
    for (content, expected) in cases {
        assert_eq!(refused("x", content), [expected], "{content}");
    }
}

#[test]
fn a_broken_entry_is_named_and_the_others_are_still_checked() {
    let bundle = r#"{"resourceType":"Bundle","type":"collection","entry":[
        {"resource":{"resourceType":"Patient","id":"1"}}, {"resource":{"id":"2"}}, {"fullUrl":3}, 7,
        {"resource":{"resourceType":"Observation","status":1}}, {"request":{"method":"GET","url":"x"}}],"total":01}"#;
    let (read, refused, skipped) = told(&text("b", bundle));
    assert_eq!(read, ["1 Observation", "1 Patient"]);
    let expected = [
        "b#/entry/1 no-resource-type",
        "b#/entry/2 /fullUrl wrong-type",
        "b#/entry/3 wrong-type",
        "b#/entry/4 /status wrong-type",
        "b invalid-json",
    ];
    assert_eq!(refused, expected);
    assert_eq!(skipped, ["b#/entry/5 no-resource"]);
}

#[test]
fn a_cut_bundle_is_refused_where_it_ends() {
    let bundle = r#"{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient","id":"1"}},{"resource":{"#;
    assert_eq!(refused("b", bundle), ["b#/entry/1 truncated-json"]);
    assert_eq!(refused("b", &bundle[..bundle.len() - 14]), ["b truncated-json"]);
    assert_eq!(refused("b", r#"{"resourceType":"Bundle","type":"batch","entry":{}}"#), ["b /entry wrong-type"]);
}

#[test]
fn broken_lines_are_refused_by_number_and_the_rest_is_read() {
    let lines = format!("{PATIENT}\n\n{{\"resourceType\":\"Pat\n{{\"a\":1}}\nx\n{PATIENT}");
    let (read, refused, _) = told(&text("l.ndjson", lines.as_str()));
    assert_eq!(read, ["2 Patient"]);
    assert_eq!(refused, ["l.ndjson:3 truncated-json", "l.ndjson:4 no-resource-type", "l.ndjson:5 invalid-json"]);
    assert_eq!(told(&text("l", lines)).1.len(), 3, "lines are told by content, not by name");
    let first = format!("{{\"resourceType\":\"Patient\",\"id\":\"1\"\n{PATIENT}\n");
    assert_eq!(told(&text("l", first)).1, ["l:1 truncated-json"]);
}

#[test]
fn three_hundred_megabytes_of_nesting_are_refused_at_once() {
    let starts: [&str; 6] = [
        "",
        r#"{"resourceType":"Observation","x":"#,
        r#"{"resourceType":"Bundle","type":"collection","entry":"#,
        r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":"#,
        r#"{"entry":"#,
        "{\"resourceType\":\"Patient\"}\n{\"a\":",
    ];
    for start in starts {
        for bracket in [b'[', b'{'] {
            if bracket == b'{' && start.is_empty() {
                continue;
            }
            // The place of the nesting changes, its size need not every time: the digest takes its time.
            let size = if bracket == b'[' && start.contains("Observation") { 300 << 20 } else { 8 << 20 };
            let open = move || {
                let nesting = io::repeat(bracket).take(size);
                Ok(Box::new(Cursor::new(start.as_bytes()).chain(nesting)) as Box<dyn Read>)
            };
            let mut codes = Vec::new();
            let begun = std::time::Instant::now();
            let mut count = 0;
            let outcome = Source::stream("n", Box::new(open)).read(&mut |found| {
                count += 1;
                if let Found::Refused(refused) = found {
                    codes.push(refused.code);
                }
                Ok(())
            });
            assert!(outcome.is_ok() && codes.len() == 1, "{start}: {codes:?}");
            assert!(
                ["too-deep", "not-fhir", "too-large", "invalid-json", "wrong-type"].contains(&codes[0]),
                "{start}: {codes:?}"
            );
            assert!(begun.elapsed().as_secs() < 60, "{start}");
        }
    }
}

#[test]
fn archives_are_told_by_content_and_broken_ones_refused() {
    let (read, refused_, _) = told(&text("anything", gzip(PATIENT.as_bytes())));
    assert_eq!((read, refused_), (vec!["1 Patient".to_owned()], vec![]));
    let archive = tar(&[
        ("a/p.json", PATIENT.as_bytes()),
        ("README", b"hello"),
        ("a/._p.json", b"\0"),
        ("l.ndjson.gz", &gzip(PATIENT.as_bytes())),
    ]);
    let (read, refused_, skipped) = told(&text("t", gzip(&archive)));
    assert_eq!((read, refused_), (vec!["2 Patient".to_owned()], vec![]));
    assert_eq!(skipped, ["t/README not-fhir", "t/a/._p.json not-fhir"]);
    let whole = gzip(PATIENT.repeat(100).as_bytes());
    assert_eq!(refused("z", &whole[..whole.len() / 2]), ["z damaged-archive"]);
    let (_, cut, _) = told(&text("t", &archive[..700]));
    assert_eq!(cut.len(), 1, "{cut:?}");
}

#[cfg(unix)]
#[test]
fn folders_that_are_not_followed_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let elsewhere = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("p.json"), PATIENT).expect("a file");
    std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("linked")).expect("a link");
    std::os::unix::fs::symlink(elsewhere.path().join("nothing"), folder.path().join("broken.json")).expect("a link");
    let (read, refused, skipped) = told(&Source::path(folder.path()));
    assert_eq!((read, refused), (vec!["1 Patient".to_owned()], vec![]));
    assert_eq!(skipped, ["broken.json not-followed", "linked not-followed"]);
}

#[test]
fn zip_archives_are_read_as_they_stream_past() {
    let late = format!(r#"{{"entry":[{{"resource":{PATIENT}}}],"type":"collection","resourceType":"Bundle"}}"#);
    let files: [(&str, &[u8]); 6] = [
        ("apple_health_export/", b""),
        ("apple_health_export/export.xml", b"<HealthData/>"),
        ("apple_health_export/clinical-records/Patient-1.json", PATIENT.as_bytes()),
        ("__MACOSX/._x.json", b"\0"),
        ("late.json", late.as_bytes()),
        ("inner.zip", &zip(&[("p.json", PATIENT.as_bytes())], false)),
    ];
    for streamed in [true, false] {
        let (read, refused, skipped) = told(&text("z.zip", zip(&files, streamed)));
        assert_eq!((read, refused), (vec!["3 Patient".to_owned()], vec![]), "{streamed}");
        assert_eq!(skipped, ["z.zip/apple_health_export/export.xml not-fhir", "z.zip/__MACOSX/._x.json not-fhir"]);
    }
    let whole = zip(&[("p.json", PATIENT.as_bytes())], false);
    for length in [3, 20, 36, whole.len() - 25] {
        let cut = refused("z", &whole[..length]);
        assert!(!cut.is_empty() && cut[0].starts_with('z'), "{length}: {cut:?}");
    }
    let mut wrong = whole.clone();
    wrong[14] ^= 1;
    assert_eq!(refused("z", wrong), ["z damaged-archive"], "the check sum");
    let mut locked = whole.clone();
    locked[6] |= 1;
    assert_eq!(refused("z", locked), ["z encrypted-archive"]);
    let name = format!("{}.json", "ਨ".repeat(5000));
    let long = refused("z", zip(&[(name.as_str(), &b"x"[..])], false));
    assert!(long.len() == 1 && long[0].len() < 600 && long[0].ends_with(".json not-json"), "{long:?}");
    // A letter in a folder is no archive of resources.
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("letter.docx"), &whole).expect("a file");
    assert_eq!(told(&Source::path(folder.path())).2, ["letter.docx not-fhir"]);
    std::fs::write(folder.path().join("records.zip"), &whole).expect("a file");
    assert_eq!(told(&Source::path(folder.path())).0, ["1 Patient"]);
}

#[test]
fn documents_in_an_archive_say_late_what_they_are_without_a_second_look_at_it() {
    // More than is looked at to tell what a document is.
    let entries = vec![format!(r#"{{"resource":{PATIENT}}}"#); 2000].join(",");
    let late = format!(r#"{{"entry":[{entries}],"type":"batch","resourceType":"Bundle"}}"#);
    let packed = gzip(&tar(&[("a.json", late.as_bytes()), ("b.json", late.as_bytes())]));
    let opened = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let count = std::sync::Arc::clone(&opened);
    let open = move || {
        count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Ok(Box::new(Cursor::new(packed.clone())) as Box<dyn Read>)
    };
    assert_eq!(told(&Source::stream("t.tgz", Box::new(open))).0, ["4000 Patient"]);
    assert_eq!(opened.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[test]
fn an_archive_is_read_to_the_check_sum_of_what_packs_it() {
    // More than is looked at to tell what it is.
    let readme = "x".repeat(200_000);
    let mut packed = gzip(&tar(&[("p.json", PATIENT.as_bytes()), ("README", readme.as_bytes())]));
    let end = packed.len() - 8;
    packed[end] ^= 1;
    assert_eq!(refused("t.tgz", packed), ["t.tgz damaged-archive"]);
}

#[test]
fn a_folder_is_read_in_order_and_what_is_no_fhir_is_passed_over_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, content).expect("a file");
    };
    write("b.json", PATIENT.as_bytes());
    write("a/x.ndjson", format!("{PATIENT}\n{PATIENT}\n").as_bytes());
    write("README.md", b"# hello");
    write("scan.pdf", b"%PDF-1.4");
    write("Condition.ndjson", b"");
    write("log.ndjson", b"{\"exportId\":\"1\",\"eventId\":\"kickoff\"}\n");
    let (read, refused, skipped) = told(&Source::path(folder.path()));
    assert_eq!((read, refused), (vec!["3 Patient".to_owned()], vec![]));
    let expected =
        ["Condition.ndjson empty", "README.md not-fhir", "log.ndjson:1 bulk-export-log", "scan.pdf not-fhir"];
    assert_eq!(skipped, expected);
    write("broken.json", b"not json");
    assert_eq!(told(&Source::path(folder.path())).1, ["broken.json not-json"]);
    for named in ["README.md", "log.ndjson", "Condition.ndjson"] {
        assert_eq!(told(&Source::path(folder.path().join(named))).1.len(), 1, "{named} was named and is no FHIR");
    }
    let missing = Plan::make(&[Source::path(folder.path().join("nothing"))], Aim::NewProfiles, &nobody);
    assert_eq!(missing.err().map(|error| error.code()), Some("not-found"));
}

#[test]
fn lists_of_resources_are_unpacked_and_other_bundles_kept_whole() {
    let bundle = |kind: &str, late: bool| {
        let (early, late) = if late {
            (String::new(), format!(",\"type\":\"{kind}\""))
        } else {
            (format!("\"type\":\"{kind}\","), String::new())
        };
        format!(r#"{{"id":"b",{early}"entry":[{{"resource":{PATIENT}}}],"resourceType":"Bundle"{late}}}"#)
    };
    for late in [false, true] {
        for kind in ["transaction", "batch", "collection", "document", "searchset"] {
            assert_eq!(told(&text("b", bundle(kind, late))).0, ["1 Patient"], "{kind} {late}");
        }
        for kind in ["history", "message", "batch-response", "transaction-response", "unheard-of"] {
            assert_eq!(told(&text("b", bundle(kind, late))).0, ["1 Bundle"], "{kind} {late}");
        }
    }
    let lines = format!("{}\n{}\n", bundle("batch", false).replace('\n', ""), bundle("history", true));
    assert_eq!(told(&text("l.ndjson", lines)).0, ["1 Bundle", "1 Patient"]);
}

#[test]
fn a_byte_order_mark_and_white_space_are_let_be() {
    assert_eq!(told(&text("b", format!("\u{feff} \r\n{PATIENT}\r\n\r\n"))).0, ["1 Patient"]);
    assert_eq!(told(&text("b.ndjson", format!("\u{feff}{PATIENT}\r\n{PATIENT}\r\n"))).0, ["2 Patient"]);
    assert_eq!(told(&text("b", PATIENT.repeat(2))).1.len(), 1);
}

#[test]
fn an_input_that_changes_between_the_passes_is_noticed() {
    let count = std::sync::atomic::AtomicU32::new(0);
    let open = move || {
        let nth = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let content = format!("{{\"resourceType\":\"Patient\",\"id\":\"{nth}\"}}");
        Ok(Box::new(Cursor::new(content.into_bytes())) as Box<dyn Read>)
    };
    let sources = [Source::stream("-", Box::new(open))];
    let plan = plan(&sources);
    let outcome = plan.read(&sources, 0, &mut |_| Ok(()));
    assert_eq!(outcome.err().map(|error| error.code()), Some("input-changed"));
}

#[test]
fn a_resource_beyond_the_limit_is_refused() {
    let open = || {
        let start = Cursor::new(&br#"{"resourceType":"Binary","data":""#[..]);
        Ok(Box::new(start.chain(io::repeat(b'A').take(65 << 20)).chain(&b"\"}"[..])) as Box<dyn Read>)
    };
    assert_eq!(told(&Source::stream("big", Box::new(open))).1, ["big too-large"]);
}

#[test]
fn no_damage_to_a_file_makes_more_than_a_refusal_of_it() {
    let bundle = r#"{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient",
        "id":"1","name":[{"family":"Roe","given":["A"]}],"birthDate":"1980-01-02"}},{"resource":{"resourceType":"Observation","id":"2",
        "category":[{"coding":[{"code":"laboratory"}]}],"code":{"text":"Na\u00e9"},"subject":{"reference":"urn:uuid:1"},
        "valueQuantity":{"value":1.50,"unit":"mmol/L"},"effectiveDateTime":"2020-01-02T10:00:00+01:00"}}]}"#;
    let packed = gzip(bundle.as_bytes());
    for original in [bundle.as_bytes(), &packed] {
        for at in 0..original.len() {
            let mut cut = original.to_vec();
            cut.truncate(at);
            let mut changed = original.to_vec();
            changed[at] ^= 1 << (at % 8);
            let mut swapped = original.to_vec();
            swapped[at] = b"{}[]\",:\\0-e "[at % 12];
            for bytes in [cut, changed, swapped] {
                let sources = [text("x", bytes)];
                let plan = plan(&sources);
                if !plan.is_refused() {
                    second_pass(&plan, &sources);
                }
            }
        }
    }
}
