//! Documents that come inside imported resources can be opened like any other.

mod house;

use std::io::{Read, Seek, SeekFrom};

use phm_core::access::Action;
use phm_core::id::RecordId;
use phm_core::index::Query;
use serde_json::{Value, json};

fn document(id: &str, attachment: &Value) -> Value {
    json!({"resourceType": "DocumentReference", "id": id, "subject": {"reference": "Patient/p"}, "date": "2020-01-01T00:00:00Z",
        "description": id, "content": [{"attachment": attachment}]})
}

#[test]
fn a_report_inside_a_resource_is_opened_and_called_what_it_is() {
    let dir = tempfile::tempdir().expect("a folder");
    let vault = house::create(&dir.path().join("vault"));
    let session = house::operator(&vault);
    let lines = [
        json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Example"}]}),
        document("pdf", &json!({"contentType": "application/pdf", "data": "JVBERi0xLjcKc2VhbGVk"})),
        // `<html>hello</html>`, which no browser may take for a page.
        document("html", &json!({"contentType": "text/html", "data": "PGh0bWw+aGVsbG88L2h0bWw+"})),
        document("beside", &json!({"contentType": "application/pdf", "url": "Binary/1"})),
        json!({"resourceType": "Binary", "id": "1", "contentType": "application/pdf", "data": "JVBERi0yLjA="}),
        document("elsewhere", &json!({"contentType": "application/pdf", "url": "https://a.example/scan.pdf"})),
    ];
    let path = dir.path().join("x.ndjson");
    std::fs::write(&path, lines.map(|line| line.to_string()).join("\n")).expect("written");
    house::import(&session, &path).expect("imported");
    let profile = session.profiles().expect("people")[0].profile;
    let read = session.permit(Action::Read, profile, "document").expect("allowed");
    let rows = session.summaries(&read, &Query::default()).expect("a page").items;
    let of = |title: &str| -> RecordId { rows.iter().find(|row| row.title == title).expect("a document").id };

    let mut pdf = session.document(&read, of("pdf")).expect("opened");
    let mut content = Vec::new();
    pdf.read_to_end(&mut content).expect("read");
    assert_eq!(content, b"%PDF-1.7\nsealed");
    assert_eq!((pdf.media_type.as_str(), pdf.bytes, pdf.title.as_str()), ("application/pdf", 15, "pdf"));
    pdf.seek(SeekFrom::Start(9)).expect("a part");
    let mut part = String::new();
    pdf.read_to_string(&mut part).expect("read");
    assert_eq!(part, "sealed");

    assert_eq!(session.document(&read, of("html")).expect("opened").media_type, "text/plain");
    assert_eq!(session.document(&read, of("beside")).expect("opened").bytes, 8);
    assert_eq!(session.document(&read, of("elsewhere")).expect_err("no file").code(), "no-content");
    let held =
        ["pdf", "html", "beside", "elsewhere"].map(|title| session.has_content(&read, of(title)).expect("asked"));
    assert_eq!(held, [true, true, true, false]);

    // What the person says of it since changes nothing of the file.
    let amend = session.permit(Action::Amend, profile, "document").expect("allowed");
    let body = json!({"title": "Blood count", "media_type": "application/pdf"});
    session.amend(&amend, of("pdf"), 1, &body, phm_core::vault::How::Typed).expect("amended");
    assert_eq!(session.document(&read, of("pdf")).expect("opened").bytes, 15);
}
