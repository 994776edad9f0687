//! What an import takes of the machine's memory does not grow with the file: at most 64 MiB above idle plus the budget of
//! the indexes.
//!
//! Only the long form runs (`PHM_LONG=1`), with files of 60 MB. To measure another size or another build:
//! `PHM_IMPORT_BYTES=2000000000 PHM_IMPORT_PROGRAM=…/release/phm`, and `PHM_IMPORT_FOLDER` on a disk with room.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const ALLOWED: u64 = 64 << 20;
/// Results of one person where there are many people.
const RESULTS: u64 = 50;

fn long() -> bool {
    std::env::var_os("PHM_LONG").is_some_and(|value| value == "1")
}

fn bytes() -> u64 {
    std::env::var("PHM_IMPORT_BYTES").map_or(60_000_000, |bytes| bytes.parse().expect("a number"))
}

/// A box with an empty vault.
struct House {
    home: tempfile::TempDir,
    program: PathBuf,
}

impl House {
    fn new() -> Self {
        let home = match std::env::var_os("PHM_IMPORT_FOLDER") {
            Some(folder) => tempfile::tempdir_in(folder),
            None => tempfile::tempdir(),
        };
        let home = home.expect("a folder");
        std::fs::write(home.path().join("key"), "0123456789abcdef".repeat(4)).expect("a key file");
        let program =
            std::env::var_os("PHM_IMPORT_PROGRAM").map_or_else(|| env!("CARGO_BIN_EXE_phm").into(), Into::into);
        let house = Self { home, program };
        house.most(&["init"]);
        house
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Runs the program; the most memory it took, and its answer.
    fn most(&self, args: &[&str]) -> (u64, Value) {
        let answer = self.path("answer");
        let child = Command::new(&self.program)
            .args(args)
            .arg("--json")
            .env("PHM_DATA_DIR", self.path("data"))
            .env("PHM_KEY_FILE", self.path("key"))
            .env_remove("PHM_PASSPHRASE_FILE")
            .stdin(Stdio::null())
            .stdout(File::create(&answer).expect("created"))
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let most = watch(child);
        let text = std::fs::read(&answer).expect("an answer");
        (most, serde_json::from_slice(&text).expect("one JSON document"))
    }
}

/// The most memory a process took until it ended well.
fn watch(mut child: Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    loop {
        // Gone from `/proc` is ended; the mark only ever rises, so the last look counts.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
        most = now.map_or(most, |kib| kib * 1024).max(most);
        if let Some(ended) = child.try_wait().expect("it can be waited for") {
            assert!(ended.success(), "the program ended with {ended}");
            return most;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Writes resources a line, of people with `results` results each, until there are `bytes` of them.
fn write_lines(path: &Path, bytes: u64, results: u64) -> u64 {
    let mut out = BufWriter::new(File::create(path).expect("created"));
    let (mut written, mut lines, mut person) = (0, 0, 0_u64);
    let mut line = |value: &Value, written: &mut u64| {
        let text = value.to_string();
        writeln!(out, "{text}").expect("written");
        *written += text.len() as u64 + 1;
        lines += 1;
    };
    while written < bytes {
        person += 1;
        let patient = json!({"resourceType": "Patient", "id": format!("p{person}"),
            "name": [{"family": format!("Example {person}"), "given": ["Asha"]}], "birthDate": "1961-04-03"});
        line(&patient, &mut written);
        for number in 0..results {
            if written >= bytes {
                break;
            }
            line(&observation(person, number), &mut written);
        }
    }
    out.flush().expect("written");
    lines
}

/// A result of about 1.5 KB, as laboratories send them.
fn observation(person: u64, number: u64) -> Value {
    let (year, month, day) = (2000 + number % 25, 1 + number / 25 % 12, 1 + number % 28);
    let remark = "Venous sample, fasting; measured on an automated analyser and checked before release. ".repeat(8);
    json!({
        "resourceType": "Observation", "id": format!("o{person}-{number}"), "status": "final",
        "meta": {"lastUpdated": "2024-01-01T00:00:00Z", "versionId": "1"},
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "2345-7", "display": "Glucose [Mass/volume] in Serum"}]},
        "subject": {"reference": format!("Patient/p{person}")},
        "effectiveDateTime": format!("{year}-{month:02}-{day:02}T08:{:02}:00Z", number % 60),
        "valueQuantity": {"value": 70 + number % 60, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"},
        "referenceRange": [{"low": {"value": 70, "unit": "mg/dL"}, "high": {"value": 99, "unit": "mg/dL"}}],
        "note": [{"text": remark}],
    })
}

fn stays_small(results: u64) {
    let house = House::new();
    let (idle, _) = house.most(&["stats"]);
    let file = house.path("lines.ndjson");
    let lines = write_lines(&file, bytes(), results);
    let begun = Instant::now();
    let (most, answer) = house.most(&["import", &file.display().to_string(), "--new-profile"]);
    assert_eq!(answer["totals"]["added"], json!(lines), "everything was imported");
    let budget = 64 << 20;
    let bound = idle + ALLOWED + budget;
    println!(
        "{lines} resources in {:.0} s: idle {} KiB, most {} KiB, bound {} KiB",
        begun.elapsed().as_secs_f64(),
        idle >> 10,
        most >> 10,
        bound >> 10
    );
    assert!(most <= bound, "{most} bytes were taken where {bound} are allowed");
}

#[test]
fn an_import_of_many_people_takes_no_more_memory_than_it_may() {
    if long() {
        stays_small(RESULTS);
    }
}

#[test]
fn an_import_of_one_person_with_everything_takes_no_more_memory_than_it_may() {
    if long() {
        stays_small(u64::MAX);
    }
}
