//! What a window of time opens of records that are told by their time, and an export that is under way when it closes.

use phm_core::ErrorKind;
use phm_core::access::Action;
use phm_core::id::RecordId;
use phm_core::index::Query;
use phm_core::vault::{How, Removed};
use serde_json::{Value, json};

use crate::practice::{Practice, sees};

#[test]
fn a_window_of_time_opens_a_series_by_its_samples() {
    let practice = Practice::new();
    let (asha, doctor) = (practice.asha(), practice.doctor());
    let add = asha.permit(Action::Add, practice.asha.profile, "series").expect("her own");
    let made = asha.add(&add, &json!({"concept": "Heart rate", "unit": "/min"}), How::Typed).expect("added");
    let samples = |days: std::ops::Range<u32>| {
        let one = |day| json!({"at": format!("2026-04-{day:02}T08:00:00Z"), "value": "60"});
        phm_core::model::Samples::from_json(&json!({"samples": days.map(one).collect::<Vec<_>>()})).expect("samples")
    };
    asha.append_samples(&add, made.id, &samples(1..11), &How::Device).expect("added");
    let window = |from: &str, to: &str| json!({"to": {"account": practice.doctor.account}, "kinds": ["series"], "actions": ["read"], "from": from, "to_date": to});
    let before = asha.give(practice.asha.profile, &window("2025-01-01", "2025-12-31")).expect("given");
    assert_eq!(sees(&doctor, practice.asha.profile, "series"), Ok(0), "nothing was measured then");
    asha.revoke(practice.asha.profile, before.id).expect("hers");
    asha.give(practice.asha.profile, &window("2026-04-03", "2026-04-05")).expect("given");
    assert_eq!(sees(&doctor, practice.asha.profile, "series"), Ok(1));
    let permit = doctor.permit(Action::Read, practice.asha.profile, "series").expect("granted");
    let page = doctor.summaries(&permit, &Query::default()).expect("a page");
    assert_eq!(page.items[0].id, made.id);
    let seen = doctor.read(&permit, made.id, Removed::Hide).expect("found");
    let body: Value = serde_json::from_str(seen.body.get()).expect("JSON");
    assert!(body.get("count").is_none() && body.get("from").is_none(), "how much lies outside is not told: {body}");
    let (_, columns) = doctor.samples(&permit, made.id, &phm_core::vault::SampleQuery::default()).expect("samples");
    assert_eq!(columns.times.len(), 3);
    let versions = doctor.history(&permit, made.id).expect("a history");
    assert!(!versions[0].body.get().contains("count"));
}

#[test]
fn what_samples_say_of_a_series_is_told_everywhere_and_written_nowhere() {
    let practice = Practice::new();
    let asha = practice.asha();
    let add = asha.permit(Action::Add, practice.asha.profile, "series").expect("her own");
    let made = asha.add(&add, &json!({"concept": "Heart rate", "unit": "/min"}), How::Typed).expect("added");
    let sent = json!({"samples": [{"at": "2026-04-01T08:00:00Z", "value": "60"}]});
    let samples = phm_core::model::Samples::from_json(&sent).expect("samples");
    asha.append_samples(&add, made.id, &samples, &How::Device).expect("added");
    let amend = asha.permit(Action::Amend, practice.asha.profile, "series").expect("her own");
    let body =
        json!({"concept": "Heart rate", "unit": "/min", "source": "Watch", "count": 77, "from": "1999", "to": "2000"});
    let amended = asha.amend(&amend, made.id, 1, &body, How::Typed).expect("amended");
    let read = asha.permit(Action::Read, practice.asha.profile, "series").expect("her own");
    let count = |body: &serde_json::value::RawValue| -> Value {
        serde_json::from_str::<Value>(body.get()).expect("JSON")["count"].clone()
    };
    assert_eq!(count(&amended.body), json!(1), "the answer says what the samples say");
    assert_eq!(amended.occurred, None, "what was sent of them is not kept");
    for version in asha.history(&read, made.id).expect("a history") {
        assert_eq!(count(&version.body), json!(1), "version {}", version.version);
    }
    let back = asha.restore(&amend, made.id, 2, Some(1)).expect("restored");
    assert_eq!(count(&back.body), json!(1));
}

/// Takes a grant back as soon as something is written, and counts the lines.
struct Interrupted<'p> {
    practice: &'p Practice,
    grant: RecordId,
    lines: usize,
}

impl std::io::Write for Interrupted<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.lines == 0 && !bytes.is_empty() {
            self.practice.asha().revoke(self.practice.asha.profile, self.grant).expect("hers");
        }
        self.lines += bytes.split(|byte| *byte == b'\n').count() - 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What becomes of an export of 1,200 doses whose grant is taken back while it leaves.
fn interrupted(format: phm_core::vault::ExportFormat) -> (ErrorKind, usize) {
    let practice = Practice::new();
    let asha = practice.asha();
    let add = asha.permit(Action::Add, practice.asha.profile, "dose").expect("her own");
    let dose = json!({"medication": RecordId::new(), "at": "2026-01-02T10:00:00Z"});
    asha.add_many(&add, &vec![dose; 1200], &How::Typed).expect("added");
    let terms = json!({"to": {"account": practice.doctor.account}, "kinds": ["dose"], "actions": ["read", "export"]});
    let grant = asha.give(practice.asha.profile, &terms).expect("given").id;
    let mut out = Interrupted { practice: &practice, grant, lines: 0 };
    let stopped = practice.doctor().export(practice.asha.profile, format, &mut out);
    (stopped.expect_err("taken back").kind(), out.lines)
}

#[test]
fn a_running_export_stops_at_the_next_page_once_its_grant_is_revoked() {
    use phm_core::vault::ExportFormat::{Csv, FhirBundle, Ndjson};
    for format in [Ndjson, Csv] {
        let (kind, lines) = interrupted(format);
        assert_eq!(kind, ErrorKind::NotFound, "{format:?}");
        // A page has 500 records; a table has a line with the names of its columns besides.
        assert!((1..=501).contains(&lines), "{format:?}: {lines} lines left the vault");
    }
    assert_eq!(interrupted(FhirBundle).0, ErrorKind::NotFound);
}

#[test]
fn a_document_that_is_being_read_ends_with_the_grant_it_was_opened_by() {
    use std::io::Read as _;
    let practice = Practice::new();
    let asha = practice.asha();
    let add = asha.permit(Action::Add, practice.asha.profile, "document").expect("her own");
    let (body, content) = (json!({"title": "Scan", "category": "other"}), vec![b'x'; 3 << 20]);
    let scan = asha.add_document(&add, &body, &mut content.as_slice(), 1 << 30).expect("added").id;
    let terms = json!({"to": {"account": practice.doctor.account}, "kinds": ["document"], "actions": ["read"]});
    let grant = asha.give(practice.asha.profile, &terms).expect("given").id;
    let doctor = practice.doctor();
    let open = || {
        let permit = doctor.permit(Action::Read, practice.asha.profile, "document").expect("granted");
        doctor.document(&permit, scan).expect("opened")
    };
    let mut whole = Vec::new();
    open().read_to_end(&mut whole).expect("all of it, while it is granted");
    assert_eq!(whole.len(), content.len());
    let mut reader = open();
    reader.read_exact(&mut vec![0; 1000]).expect("its beginning");
    asha.revoke(practice.asha.profile, grant).expect("hers");
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).expect_err("taken back");
    assert!(rest.len() < 2 << 20, "{} bytes came after the grant had ended", rest.len());
}
