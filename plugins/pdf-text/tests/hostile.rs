//! Files made to hurt: each is refused with a word for what is wrong with it, within the limits.

mod paper;

use std::time::{Duration, Instant};

use paper::{HELVETICA, Paper, at, pages, rows};
use phm_plugin_pdf_text::read;
use phm_plugin_sdk::v1::document::{Output, UNREADABLE};

const LONGEST: Duration = Duration::from_mins(1);

/// The word with which a file is refused; nothing is proposed of it.
fn refused(bytes: &[u8]) -> String {
    let began = Instant::now();
    let output = read(bytes, "");
    assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
    assert_eq!(Output { unreadable: None, ..output.clone() }, Output::default(), "nothing else is said");
    let why = output.unreadable.expect("it is refused");
    assert!(UNREADABLE.contains(&why.as_str()), "{why}");
    why
}

fn plain() -> Vec<u8> {
    pages(&[at(50.0, 50.0, "A page")])
}

/// A file with one page of this content.
fn page_of(entries: &str, content: &[u8], more: &[&str]) -> Vec<u8> {
    let mut paper = Paper::default();
    let root = paper.add("<< /Type /Catalog /Pages 2 0 R >>");
    paper.add("<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
    paper.add(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> \
         /XObject << /X 6 0 R >> >> >>",
    );
    paper.stream(entries, content);
    paper.add(HELVETICA);
    for object in more {
        paper.add(*object);
    }
    paper.write(root)
}

#[test]
fn every_cut_of_a_file_is_refused() {
    let whole = plain();
    assert_eq!(read(&whole, "").unreadable, None);
    // Without its last line end it is whole still.
    for length in 0..whole.len() - 1 {
        let why = refused(&whole[..length]);
        assert!(["damaged", "other-kind"].contains(&why.as_str()), "{length}: {why}");
    }
}

#[test]
fn a_file_that_was_changed_later_is_not_read_as_it_was_before() {
    let mut bytes = plain();
    bytes.extend(b"5 0 obj\n<< /Type /Page /Parent 2 0 R /Contents 9 0 R >>\nendobj\n".repeat(40));
    assert_eq!(refused(&bytes), "damaged");
}

#[test]
fn a_file_with_layers_that_are_not_shown_is_not_read() {
    let with = |layers: &str| {
        let mut paper = Paper::default();
        let root = paper.add(format!("<< /Type /Catalog /Pages 2 0 R /OCProperties << /D << {layers} >> >> >>"));
        paper.add(
            "<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 600 800] /Resources << /Font << /F1 5 0 R >> >> >>",
        );
        paper.add("<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>");
        paper.stream("", at(50.0, 50.0, "A page").as_bytes());
        paper.add(HELVETICA);
        paper.write(root)
    };
    assert_eq!(read(&with("/OFF []"), "").unreadable, None);
    assert_eq!(refused(&with("/OFF [9 0 R]")), "unsupported");
    assert_eq!(refused(&with("/BaseState /OFF")), "unsupported");
}

#[test]
fn a_lying_or_enormous_count_of_pages_is_refused() {
    let with = |tree: String, pages: usize| {
        let mut paper = Paper::default();
        let root = paper.add("<< /Type /Catalog /Pages 2 0 R >>");
        paper.add(tree);
        for _ in 0..pages {
            paper.add("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] >>");
        }
        paper.write(root)
    };
    assert_eq!(refused(&with("<< /Kids [3 0 R] /Count 2000000000 >>".into(), 1)), "too-many-pages");
    let kids = (3..1_003).map(|number| format!("{number} 0 R ")).collect::<Vec<_>>().concat();
    assert_eq!(refused(&with(format!("<< /Kids [{kids}] /Count 1 >>"), 1_000)), "too-many-pages");
    assert_eq!(refused(&with("<< /Kids [] /Count 0 >>".into(), 0)), "damaged", "no page at all");
}

#[test]
fn references_in_a_circle_end() {
    for (tree, page) in [
        // The tree is its own branch.
        ("<< /Kids [2 0 R] /Count 1 >>", "null"),
        ("<< /Kids [3 0 R] /Count 1 >>", "<< /Kids [2 0 R] /Count 1 >>"),
        // An object that is a reference to itself, or to one that refers back.
        ("<< /Kids 3 0 R /Count 1 >>", "3 0 R"),
        ("<< /Kids [3 0 R] /Count 4 0 R >>", "<< /Type /Page /MediaBox 4 0 R >>"),
    ] {
        let mut paper = Paper::default();
        let root = paper.add("<< /Type /Catalog /Pages 2 0 R >>");
        paper.add(tree);
        paper.add(page);
        paper.add("5 0 R");
        paper.add("4 0 R");
        assert_eq!(refused(&paper.write(root)), "damaged", "{tree}");
    }
    // A stream as long as it says itself.
    let mut paper = Paper::default();
    let root = paper.add("<< /Type /Catalog /Pages 2 0 R >>");
    paper.add("<< /Kids [3 0 R] /Count 1 >>");
    paper.add("<< /Type /Page /MediaBox [0 0 600 800] /Contents 4 0 R >>");
    paper.add("<< /Length 4 0 R >>\nstream\nBT ET\nendstream");
    assert_eq!(refused(&paper.write(root)), "damaged");
    // A table that sends the reader back to itself.
    let mut paper = Paper::default();
    let root = paper.add("<< /Type /Catalog >>");
    let bytes = paper.write(root);
    let table = bytes.windows(6).position(|window| window == b"xref\n0").expect("a table");
    paper.trailer = format!("/Prev {table}");
    assert_eq!(refused(&paper.write(root)), "damaged");
}

#[test]
fn a_table_of_many_rows_in_few_bytes_is_refused() {
    for (widths, index, why) in
        [("0 0 0", "0 200000", "damaged"), ("1 1 1", "0 200000", "damaged"), ("1 1 1", "0 4000000000", "too-large")]
    {
        let head = format!("1 0 obj\n<< /Type /XRef /Size 4 /W [{widths}] /Index [{index}] /Root 1 0 R /Length 0 >>");
        let file = format!("%PDF-1.7\n{head}\nstream\n\nendstream\nendobj\nstartxref\n9\n%%EOF\n");
        assert_eq!(refused(file.as_bytes()), why, "{widths} {index}");
    }
}

#[test]
fn a_form_that_paints_itself_and_forms_that_paint_each_other_many_times_end() {
    let itself = "<< /Subtype /Form /Resources << /XObject << /X 6 0 R >> >> /Length 5 >>\nstream\n/X Do\nendstream";
    assert_eq!(refused(&page_of("", b"/X Do", &[itself])), "damaged");
    let content = "/X Do ".repeat(60);
    let layer = |next: u32| {
        let length = content.len();
        format!(
            "<< /Subtype /Form /Resources << /XObject << /X {next} 0 R >> >> /Length {length} >>\nstream\n{content}\nendstream"
        )
    };
    let layers: Vec<String> = (7..16).map(layer).collect();
    let layers: Vec<&str> = layers.iter().map(String::as_str).collect();
    assert_eq!(refused(&page_of("", b"/X Do", &layers)), "too-large");
}

#[test]
fn a_small_stream_that_unpacks_to_much_is_refused_before_it_does() {
    let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![b' '; 64 << 20], 9);
    assert!(bomb.len() < 100_000);
    assert_eq!(refused(&page_of("/Filter /FlateDecode", &bomb, &[])), "too-large");
    // And one that is packed twice.
    let twice = miniz_oxide::deflate::compress_to_vec_zlib(&bomb, 9);
    assert_eq!(refused(&page_of("/Filter [/FlateDecode /FlateDecode]", &twice, &[])), "too-large");
    let filters = "/Filter [/AHx /AHx /AHx /AHx /AHx]";
    assert_eq!(refused(&page_of(filters, b"00>", &[])), "unsupported");
}

#[test]
fn a_locked_file_is_called_locked() {
    let mut paper = Paper { trailer: "/Encrypt 3 0 R".into(), ..Paper::default() };
    let root = paper.add("<< /Type /Catalog /Pages 2 0 R >>");
    paper.add("<< /Kids [] /Count 0 >>");
    paper.add("<< /Filter /Standard /V 5 >>");
    assert_eq!(refused(&paper.write(root)), "encrypted");
}

#[test]
fn what_is_no_pdf_or_has_no_text_is_called_so() {
    for bytes in [b"".as_slice(), b"GIF89a".as_slice(), b"%PDX-1.7".as_slice(), [0; 4_096].as_slice()] {
        assert_eq!(refused(bytes), "other-kind");
    }
    assert_eq!(refused(b"%PDF-1.7\nstartxref\n999999999999\n%%EOF"), "damaged");
    assert_eq!(refused(&page_of("/Filter /DCTDecode", b"x", &[])), "unsupported");
    // Text in a font that is not there.
    assert_eq!(refused(&page_of("", b"BT /F9 10 Tf 50 700 Td (A page) Tj ET", &[])), "damaged");
    // A scan: an image that fills the page.
    assert_eq!(refused(&page_of("", b"q 600 0 0 800 0 0 cm /Im1 Do Q", &[])), "no-text");
}

#[test]
fn endless_letters_and_deep_nesting_are_refused() {
    let many = "(0123456789012345678901234567890123456789) Tj ".repeat(12_000);
    assert_eq!(refused(&page_of("", format!("BT /F1 10 Tf {many} ET").as_bytes(), &[])), "too-large");
    assert_eq!(refused(&page_of("", "[".repeat(50_000).as_bytes(), &[])), "damaged");
    assert_eq!(refused(&page_of("", "q ".repeat(5_000).as_bytes(), &[])), "damaged");
    let tokens = page_of("", "1 ".repeat(1 << 20).as_bytes(), &[]);
    assert_eq!(refused(&tokens), "no-text", "many words are no crime");
}

/// Whatever bytes change, an answer comes, and within the limits.
#[test]
fn changed_bytes_never_end_in_a_crash() {
    let table = rows(
        &[50.0, 230.0, 300.0, 370.0],
        100.0,
        &[&["Test", "Result", "Unit", "Reference Range"], &["Glucose", "95", "mg/dL", "70 - 99"]],
    );
    let whole = pages(&[table]);
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..3_000 {
        let mut bytes = whole.clone();
        for _ in 0..4 {
            // xorshift (Marsaglia 2003)
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            let at = usize::try_from(dice >> 16).unwrap_or(0) % bytes.len();
            bytes[at] = dice.to_le_bytes()[0];
        }
        let output = read(&bytes, "");
        assert!(output.unreadable.is_none_or(|why| UNREADABLE.contains(&why.as_str())));
    }
}
