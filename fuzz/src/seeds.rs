//! Writes the seeds the targets begin with: `cargo run --bin seeds -- seeds`, run again when a stored form is new.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use phm_core::access::{Action, Actor};
use phm_core::audit::{Checkpoint, Deed, Entry, Frontier, Inner, Outcome, Pseudonym, Remark, Row, Touched, Written};
use phm_core::backup;
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::keyring::{self, Keyring, Owner};
use phm_core::crypto::secret::{CheckpointSeed, Secret};
use phm_core::crypto::slot::{self, Slots};
use phm_core::crypto::{self, Prepared, StreamWriter, Suite};
use phm_core::id::{LogId, ProfileId, RecordId};
use phm_core::store::layout::Table;
use phm_core::time::Instant;
use phm_core::vault::{How, Options, Vault, doors};
use phm_fuzz::{FILE, VAULT, key, root, scratch, secret};
use serde_json::json;

type Done<T> = Result<T, Box<dyn std::error::Error>>;

/// The folder of one target's seeds.
struct Seeds<'s> {
    out: &'s Path,
    target: &'static str,
}

impl Seeds<'_> {
    fn add(&self, name: &str, bytes: impl AsRef<[u8]>) -> Done<()> {
        let dir = self.out.join(self.target);
        fs::create_dir_all(&dir)?;
        Ok(fs::write(dir.join(name), bytes)?)
    }
}

fn main() -> Done<()> {
    let out = std::env::args().nth(1).ok_or("say into which folder")?;
    let seeds = |target| Seeds { out: Path::new(&out), target };
    bodies(&seeds("sealed_body"))?;
    keys(&seeds("keyring"), &seeds("slots"))?;
    journal(&seeds("journal_entry"))?;
    audit(&seeds("audit_row"), &seeds("checkpoint"))?;
    samples(&seeds("series_block"))?;
    columns(&seeds("columns"))?;
    files(&seeds("store_files"))?;
    vault(&seeds("vault_toml"), &seeds("backup"), &seeds("backup_parts"))?;
    fhir(&seeds("fhir_import"))
}

fn bodies(seeds: &Seeds<'_>) -> Done<()> {
    for (name, body) in [("empty", vec![]), ("short", b"x".to_vec()), ("text", b"{\"text\":\"x\"}".repeat(40))] {
        let parts = crypto::seal(Suite::Aes256Gcm, key(), 3, b"place", &Prepared::new(&body)?);
        let mut data = Vec::new();
        for part in parts {
            data.extend_from_slice(&u16::try_from(part.len())?.to_be_bytes());
            data.extend_from_slice(&part);
        }
        seeds.add(name, data)?;
    }
    let mut file = StreamWriter::new(Vec::new(), Suite::Aes256Gcm, key(), 1, VAULT, FILE)?;
    file.write_all(b"a scanned page")?;
    seeds.add("file", file.finish()?.0)
}

fn keys(keyrings: &Seeds<'_>, slots: &Seeds<'_>) -> Done<()> {
    let dir = scratch("keys");
    fs::create_dir(&dir)?;
    let person = Owner::Profile(ProfileId::from_bytes([9; 16]));
    Keyring::create(&dir, VAULT, root(), &[Owner::Index, person, Owner::Token])?;
    let whole = fs::read(dir.join(keyring::FILES[0]))?;
    keyrings.add("whole", &whole)?;
    keyrings.add("without-code", &whole[..whole.len() - 32])?;
    keyrings.add("in-order", [0, 1, 2, 3, 4, 5, 6])?;
    let ways = [secret().clone(), Secret::passphrase("correct horse battery staple")];
    Slots::create(&dir, VAULT, &ways, Cost::FLOOR)?;
    let whole = fs::read(dir.join(slot::FILES[0]))?;
    slots.add("whole", &whole)?;
    slots.add("without-digest", &whole[..whole.len() - 32])
}

fn journal(seeds: &Seeds<'_>) -> Done<()> {
    let id = RecordId::from_bytes([7; 16]).to_string();
    let least = json!({"t": "2026-01-02T03:04:05.000Z", "a": "create", "r": id, "k": "note", "v": 1, "f": 1,
        "p": {"how": "typed", "actor": ""}, "s": {"title": "Note"}});
    let mut most = least.clone();
    for (name, value) in [
        ("a", json!("amend")),
        ("v", json!(2)),
        ("o", json!("2019-04")),
        ("l", json!(["private"])),
        ("i", json!({"i": id, "n": 12})),
        ("d", json!({"k": vec![1; 16], "c": vec![2; 16], "n": {"u": "2020-01-01T00:00:00.000Z", "v": 3}})),
        ("g", json!(true)),
        ("y", json!("Observation")),
        ("b", json!({"file": FILE.to_string(), "key": vec![3; 32], "bytes": 9, "sha256": vec![4; 32]})),
    ] {
        most[name] = value;
    }
    let import = json!({"t": "2026-01-02T03:04:05.000Z", "a": "import-complete", "r": id, "k": "", "v": 0, "f": 1,
        "p": {"how": "import", "actor": ""}, "s": {"title": ""}});
    let entry = |header: &serde_json::Value| {
        let body = json!({"text": "x"});
        [b"\x01".as_slice(), json!({"h": header, "b": body}).to_string().as_bytes()].concat()
    };
    seeds.add("least", entry(&least))?;
    seeds.add("most", entry(&most))?;
    seeds.add("import", entry(&import))?;
    let chunk = doors::index_chunk_of(&[entry(&least), entry(&most), entry(&import)]);
    seeds.add("chunk", chunk.ok_or("these are entries")?)
}

/// By hand, as the tables in `series/block.rs` and `series/directory.rs` say.
fn samples(seeds: &Seeds<'_>) -> Done<()> {
    // Two samples, at 1.000 s and 60 ms later, 72.5 and 73.0, both brought by entry 7.
    seeds.add("block", [1, 2, 0xd0, 0x0f, 120, 2, 1, 0xaa, 0x0b, 10, 2, 14])?;
    seeds.add("directory", [1, 2, 3, 0])
}

fn columns(seeds: &Seeds<'_>) -> Done<()> {
    let moment = "2024-01-01T00:00:00Z";
    let result = |body| {
        json!({
            "id": "a", "profile": "p", "version": 1, "occurred": "2024", "recorded_at": moment, "updated_at": moment,
            "provenance": {"how": "typed"}, "body": body,
        })
    };
    let full = result(json!({"concept": {"text": "HbA1c"}, "quantity": {"value": "7.1", "unit": "%"}, "remarks": "x"}));
    let bare = result(json!({"concept": {"text": "Culture"}}));
    for (name, results) in [("none", &[][..]), ("one", &[full.clone()][..]), ("two", &[full, bare][..])] {
        seeds.add(name, doors::columns_of(results).ok_or("these are results")?)?;
    }
    Ok(())
}

/// By hand, as `store/carve` says: a leaf with one row, and a segment of a log with one row that was put into a page.
fn files(seeds: &Seeds<'_>) -> Done<()> {
    let (address, value) = ([&[Table::Journal as u8][..], &[9; 16], &[0; 7], &[1], &[0, 0]].concat(), [7; 100]);
    let (key_end, value_end) = (12 + 27_u32, 12 + 27 + 100_u32);
    let ends = [key_end.to_le_bytes(), value_end.to_le_bytes()].concat();
    let mut page = [&[1, 0, 1, 0][..], &ends, &address, &value].concat();
    page.resize(4096, 0);
    seeds.add("leaf", page)?;
    let row = [&[0, 27][..], &address, &[100], &value].concat();
    let message = [&[0, 0, 0, 0, 10, u8::try_from(row.len())?, 0, 5][..], &row].concat();
    seeds.add("segment", [&[0; 20][..], &message].concat())
}

fn audit(rows: &Seeds<'_>, checkpoints: &Seeds<'_>) -> Done<()> {
    let (account, log) = (RecordId::from_bytes([1; 16]), LogId::from_bytes([5; 16]));
    let person = Pseudonym::from_bytes([2; 16]);
    let inner = Inner {
        kind: "note".into(),
        operation: "list".into(),
        touched: Touched::from_iter([account]),
        purpose: "care".into(),
        actor_name: "Ada Example".into(),
    };
    let at = Instant::from_millis(1_795_000_000_123);
    let mut entries = vec![Entry {
        subject: Some(person),
        previous: Some(4),
        inner: inner.encode(),
        writes: vec![Written { table: Table::Journal, pseudonym: person, seq: 7, commitment: [3; 32] }],
        ..Entry::new(at, Actor::Person { account }, Deed::Add, Outcome::Allowed)
    }];
    let plugin = Actor::Plugin { name: "labs".into(), account };
    entries.push(Entry {
        remarks: vec![
            Remark::Continues { log, size: 9, root: [4; 32], reason: "restore".into() },
            Remark::Purged { table: Table::Origin, pseudonym: person, from: 3, to: 9 },
        ],
        ..Entry::new(at, plugin, Deed::BeginLog, Outcome::Failed)
    });
    rows.add("row", Row { entries }.encode())?;
    rows.add("inner", inner.encode())?;
    let mut frontier = Frontier::new();
    for leaf in 0..11 {
        frontier.push([leaf; 32]);
    }
    rows.add("frontier", frontier.encode())?;
    rows.add("tile", [0; 8192])?;

    let seed = CheckpointSeed::from_bytes([6; 32]);
    let note = Checkpoint::new(log, 1_000, [7; 32]).sign(&seed);
    checkpoints.add("note", &note)?;
    checkpoints.add("witnessed", format!("{note}\u{2014} witness.example/1 AAAAAAAA\n"))?;
    checkpoints.add("verifier", phm_core::audit::Verifier::new(log, seed.public_key()).to_text())
}

fn vault(markers: &Seeds<'_>, backups: &Seeds<'_>, parts: &Seeds<'_>) -> Done<()> {
    let dir = scratch("vault");
    let options = Options { cost: Cost::FLOOR, ..Options::default() };
    let (vault, _) = Vault::create(&dir, std::slice::from_ref(secret()), options)?;
    let session = vault.session(Actor::Operator, "seeds")?;
    let person = session.add_profile(&json!({"name": {"text": "Asha Example"}}), None)?.profile;
    let permit = session.permit(Action::Add, person, "note")?;
    session.add(&permit, &json!({"text": "x"}), How::Typed)?;
    drop(permit);
    drop(session);
    let file = scratch("backup.phmb");
    backup::write(&vault, &file)?;
    vault.close()?;
    markers.add("marker", fs::read(dir.join("vault.toml"))?)?;
    let whole = fs::read(file)?;
    // Beside it stand a backup of the first form and one under a real cipher, which older builds wrote.
    backups.add("whole", &whole)?;
    // The manifest and the section of keys, as the front page of `phm_core::backup` says where they stand.
    let at = whole.len() - 16;
    let at = usize::try_from(u64::from_be_bytes(whole[at..at + 8].try_into()?))?;
    let (manifest, behind) = section(&whole[at..])?;
    parts.add("body", &whole[..at])?;
    parts.add("manifest", manifest)?;
    parts.add("keys", section(behind)?.0)?;
    // By hand, as the front page of `backup/inventory.rs` says: one journal, one log, one document, one block.
    let journal = [&[0, 0, 0, 1][..], &[1; 32], &7_u64.to_be_bytes(), &2_u32.to_be_bytes(), &[1]].concat();
    let log = [&[0, 0, 0, 1][..], &[5; 16], &9_u64.to_be_bytes(), &[4; 32]].concat();
    let rest = [&[0, 0, 0, 1][..], &[2; 16], &[0, 0, 0, 1], &[0, 0, 0, 3], b"row", &[6; 16]].concat();
    parts.add("inventory", [vec![1], journal, log, rest].concat())
}

/// What a section of a backup says, and what stands behind its signature.
fn section(bytes: &[u8]) -> Done<(&[u8], &[u8])> {
    let length = usize::try_from(u32::from_be_bytes(bytes[1..5].try_into()?))?;
    Ok((&bytes[5..5 + length], &bytes[5 + length + 64..]))
}

fn fhir(seeds: &Seeds<'_>) -> Done<()> {
    let patient =
        r#"{"resourceType":"Patient","id":"1","name":[{"family":"Roe","given":["Ana"]}],"birthDate":"1970-02"}"#;
    let result = concat!(
        r#"{"resourceType":"Observation","id":"2","meta":{"versionId":"3","lastUpdated":"2020-01-02T03:04:05Z"},"#,
        r#""status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2345-7","display":"Glucose"}]},"#,
        r#""subject":{"reference":"Patient/1"},"effectiveDateTime":"2020-01","valueQuantity":{"value":12.340,"#,
        r#""unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"},"component":[],"note":[{"text":"é"}]}"#,
    );
    let medication = concat!(
        r#"{"resourceType":"MedicationRequest","id":"3","status":"active","intent":"order","subject":"#,
        r##"{"reference":"Patient/1"},"medicationReference":{"reference":"#m"},"contained":[{"resourceType":"Medication","##,
        r#""id":"m","code":{"text":"Ibuprofen 400 mg"}}],"dosageInstruction":[{"timing":{"repeat":{"frequency":2,"#,
        r#""period":1,"periodUnit":"d"}},"doseAndRate":[{"doseQuantity":{"value":1,"unit":"tablet"}}]}]}"#,
    );
    let report = concat!(
        r#"{"resourceType":"DiagnosticReport","id":"4","status":"final","code":{"text":"Panel"},"#,
        r#""subject":{"reference":"Patient/1"},"result":[{"reference":"Observation/2"}],"#,
        r#""performer":[{"reference":"Practitioner/5"}]}"#,
    );
    let somebody = r#"{"resourceType":"Practitioner","id":"5","name":[{"text":"Dr Ada Example"}]}"#;
    let all = [patient, result, medication, report, somebody];
    let entries: Vec<String> = all
        .iter()
        .map(|resource| format!(r#"{{"fullUrl":"http://h.example/fhir/x/1","resource":{resource}}}"#))
        .collect();
    let bundle = format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#, entries.join(","));
    let with = |kind: u8, text: &[u8]| [&[kind], text].concat();
    seeds.add("bundle", with(0, bundle.as_bytes()))?;
    seeds.add("lines", with(1, all.join("\n").as_bytes()))?;
    seeds.add("lines-into-one", with(5, all.join("\n").as_bytes()))?;
    for (number, resource) in all.iter().enumerate() {
        seeds.add(&format!("resource-{number}"), with(12, resource.as_bytes()))?;
    }
    // One member in the form of ustar, by hand: name, mode, owner, size, time, checksum, type, magic.
    let mut header = [0; 512];
    for (at, field) in [
        (0, b"p.json".as_slice()),
        (100, b"0000644\0"),
        (124, format!("{:011o}\0", patient.len()).as_bytes()),
        (136, b"00000000000\0"),
        (148, b"        "),
        (156, b"0"),
        (257, b"ustar\x0000"),
    ] {
        header[at..at + field.len()].copy_from_slice(field);
    }
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut archive = header.to_vec();
    archive.extend_from_slice(patient.as_bytes());
    archive.resize(archive.len().next_multiple_of(512) + 1024, 0);
    seeds.add("archive", with(3, &archive))
}
