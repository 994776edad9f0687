//! The sample data beside the project: other people's files, as they are.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;

/// A file of the sample data; says loudly when there is none.
fn sample(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")).join(name);
    if path.exists() {
        return Some(path);
    }
    println!("SKIPPED: the sample data ../shared/data/{name} is not here, so nothing was tried with it");
    None
}

fn counts(plan: &Plan) -> (u64, usize) {
    let resources = &plan.sources()[0].resources;
    (resources.values().sum(), resources.len())
}

fn kinds(reads: &[Read2]) -> BTreeMap<(&str, &str), u32> {
    let mut kinds = BTreeMap::new();
    for read in reads {
        let resource_type = read.what.split('/').next().expect("a type");
        *kinds.entry((resource_type, read.kind)).or_default() += 1;
    }
    kinds
}

/// Writes `reads` as one Bundle, reads that, and finds every resource as it was.
fn export_gives_back(reads: &[Read2]) {
    let mut writer = BundleWriter::new(Vec::new()).expect("memory");
    for read in reads {
        writer.add(&Origin { full_url: read.full_url.as_deref(), resource: &read.resource }).expect("memory");
    }
    let exported = text("export.json", writer.finish().expect("memory"));
    let mut back = reads.iter();
    exported
        .read(&mut |found| {
            let Found::Resource(entry) = found else { panic!("{found:?}") };
            let read = back.next().expect("no more than was written");
            assert_eq!((entry.full_url, entry.bytes), (read.full_url.as_deref(), read.resource.as_slice()));
            Ok(())
        })
        .expect("the export is readable");
    assert!(back.next().is_none(), "nothing is lost");
}

#[test]
fn synthea_transactions_are_read_planned_and_understood() {
    let Some(path) = sample("synthea-r4") else { return };
    let sources = [Source::path(path)];
    let plan = plan(&sources);
    assert_eq!((counts(&plan), plan.is_refused()), ((5917, 16), false));
    assert_eq!(plan.people().len(), 24);
    assert!(plan.people().iter().all(|person| person.body.is_some()));
    let reads = second_pass(&plan, &sources);
    assert!(reads.iter().all(|read| owners(read) != "-"), "every practitioner is somebody's");
    let kinds = kinds(&reads);
    for (resource_type, kind, count) in [
        ("Patient", "profile", 24),
        ("Encounter", "visit", 553),
        ("Condition", "condition", 161),
        ("Procedure", "procedure", 636),
        ("Immunization", "immunization", 277),
        ("MedicationRequest", "medication", 131),
        ("AllergyIntolerance", "allergy", 7),
        ("DiagnosticReport", "lab-result", 168),
        ("CarePlan", "care-plan", 57),
    ] {
        assert_eq!(kinds.get(&(resource_type, kind)), Some(&count), "{resource_type}");
    }
    let panels = reads.iter().filter(|read| read.body.get("panel").is_some()).count();
    assert!(panels > 500, "{panels} results know their panel");
    assert!(reads.iter().any(|read| read.body["provider"]["name"].as_str().is_some()), "providers have names");
    export_gives_back(&reads);
}

#[test]
fn a_bulk_export_is_one_import_and_its_log_is_passed_over() {
    let Some(path) = sample("bulk-10-patients") else { return };
    let sources = [Source::path(&path)];
    let plan = plan(&sources);
    assert_eq!((counts(&plan), plan.is_refused()), ((7160, 13), false));
    assert_eq!(plan.people().len(), 13);
    let report = &plan.sources()[0];
    assert!(report.skipped == 4 && report.skipped_entries.iter().all(|skipped| skipped.code == "bulk-export-log"));
    let reads = second_pass(&plan, &sources);
    let kinds = kinds(&reads);
    assert_eq!(kinds.get(&("MedicationRequest", "medication")), Some(&1745));
    assert_eq!(kinds.get(&("DocumentReference", "document")), Some(&1215));
    assert_eq!(kinds.get(&("Device", "device")), Some(&16));
    let with_visit = reads.iter().filter(|read| read.kind == "document" && read.body.get("visit").is_some()).count();
    assert!(with_visit > 1000, "{with_visit} documents know their visit");
    let log = super::plan(&[Source::path(path.join("log.ndjson.gz"))]);
    assert!(log.is_refused(), "a log that was named is refused");
}

#[test]
fn every_example_of_the_specification_is_kept_whole_and_exported_as_it_was() {
    let Some(path) = sample("r4-examples.tar.gz") else { return };
    let file = std::fs::File::open(path).expect("the examples");
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let mut files = 0;
    for member in archive.entries().expect("an archive") {
        let mut member = member.expect("a member");
        if !member.header().entry_type().is_file() {
            continue;
        }
        let name = member.path().expect("a name").to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).expect("a file");
        let sources = [text(&name, bytes.clone())];
        let plan = plan(&sources);
        assert!(!plan.is_refused(), "{name}: {:?}", plan.sources()[0].refused_entries);
        let reads = second_pass(&plan, &sources);
        let node = json::Node::parse(&bytes).expect("JSON");
        let is_list = node.text("resourceType") == Some("Bundle")
            && reads.first().is_none_or(|read| !read.what.starts_with("Bundle/"));
        let expected = if is_list {
            node.list("entry").iter().filter(|entry| entry.get("resource").is_some()).count()
        } else {
            assert!(same(&bytes, &reads[0].resource), "{name}");
            1
        };
        assert_eq!(reads.len(), expected, "{name}");
        export_gives_back(&reads);
        files += 1;
    }
    assert_eq!(files, 446);
}

#[test]
fn summaries_of_real_vendors_are_read_or_refused_by_place() {
    let Some(path) = sample("ips-connectathon") else { return };
    let mut files: Vec<_> =
        std::fs::read_dir(path).expect("the folder").map(|file| file.expect("a file").path()).collect();
    files.sort();
    let mut good = 0;
    for file in files {
        let sources = [Source::path(&file)];
        let plan = plan(&sources);
        if plan.is_refused() {
            let refused = &plan.sources()[0].refused_entries[0];
            assert!(refused.entry.contains("#/entry/"), "{refused:?}");
            continue;
        }
        export_gives_back(&second_pass(&plan, &sources));
        good += 1;
    }
    assert!(good >= 25, "{good} of 26");
}
