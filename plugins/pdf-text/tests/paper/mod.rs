//! Writes PDF for tests: text at places, whole or with something wrong.

#![allow(dead_code)] // each test program uses its own part of it

use std::fmt::Write as _;

use miniz_oxide::deflate::compress_to_vec_zlib;

/// Objects of a file, numbered from 1 in the order they are added.
#[derive(Default)]
pub struct Paper {
    /// The objects.
    pub objects: Vec<Vec<u8>>,
    /// What stands in the trailer beside size and root.
    pub trailer: String,
}

impl Paper {
    /// Adds an object and gives its number.
    pub fn add(&mut self, object: impl Into<Vec<u8>>) -> usize {
        self.objects.push(object.into());
        self.objects.len()
    }

    /// Adds a stream with these entries of its dictionary.
    pub fn stream(&mut self, entries: &str, bytes: &[u8]) -> usize {
        let mut object = format!("<< {entries} /Length {} >>\nstream\n", bytes.len()).into_bytes();
        object.extend_from_slice(bytes);
        object.extend_from_slice(b"\nendstream");
        self.add(object)
    }

    /// Adds a packed stream.
    pub fn packed(&mut self, entries: &str, bytes: &[u8]) -> usize {
        self.stream(&format!("{entries} /Filter /FlateDecode"), &compress_to_vec_zlib(bytes, 6))
    }

    /// Replaces an object that was added before.
    pub fn put(&mut self, number: usize, object: impl Into<Vec<u8>>) {
        self.objects[number - 1] = object.into();
    }

    /// The bytes of the file, whose catalogue is this object, with a table of places.
    pub fn write(&self, root: usize) -> Vec<u8> {
        let (mut bytes, places) = self.body();
        let table = bytes.len();
        let mut end = format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1);
        for place in places {
            writeln!(end, "{place:010} 00000 n ").expect("a text takes everything");
        }
        let size = self.objects.len() + 1;
        write!(end, "trailer\n<< /Size {size} /Root {root} 0 R {} >>\nstartxref\n{table}\n%%EOF\n", self.trailer)
            .expect("a text takes everything");
        bytes.extend_from_slice(end.as_bytes());
        bytes
    }

    /// The same with a table that is a packed stream with a predictor, as programs of today write it.
    pub fn write_packed(&self, root: usize) -> Vec<u8> {
        let (mut bytes, places) = self.body();
        let table = bytes.len();
        let number = self.objects.len() + 1;
        let mut rows: Vec<[u8; 5]> = vec![[0; 5]];
        rows.extend(places.iter().chain([&table]).map(|place| row(1, *place)));
        let mut filtered = Vec::new();
        let mut above = [0_u8; 5];
        for row in rows {
            // Each row as what it has more than the one above.
            filtered.push(2);
            filtered.extend(row.iter().zip(above).map(|(byte, above)| byte.wrapping_sub(above)));
            above = row;
        }
        let packed = compress_to_vec_zlib(&filtered, 6);
        let head = format!(
            "{number} 0 obj\n<< /Type /XRef /Size {} /Root {root} 0 R /W [1 3 1] /Filter /FlateDecode /DecodeParms << \
             /Predictor 12 /Columns 5 >> /Length {} >>\nstream\n",
            number + 1,
            packed.len()
        );
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(&packed);
        bytes.extend_from_slice(format!("\nendstream\nendobj\nstartxref\n{table}\n%%EOF\n").as_bytes());
        bytes
    }

    fn body(&self) -> (Vec<u8>, Vec<usize>) {
        let (mut bytes, mut places) = (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(), Vec::new());
        for (object, number) in self.objects.iter().zip(1..) {
            places.push(bytes.len());
            bytes.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
            bytes.extend_from_slice(object);
            bytes.extend_from_slice(b"\nendobj\n");
        }
        (bytes, places)
    }
}

fn row(kind: u8, place: usize) -> [u8; 5] {
    let [.., a, b, c] = u64::try_from(place).expect("small").to_be_bytes();
    [kind, a, b, c, 0]
}

/// Helvetica with the letters of Windows.
pub const HELVETICA: &str = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";

/// A file of pages with these contents, in Helvetica as `/F1`.
pub fn pages(contents: &[String]) -> Vec<u8> {
    pages_of(contents, HELVETICA, Paper::write)
}

/// The same with another font, written as `write` does.
pub fn pages_of(contents: &[String], font: &str, write: impl FnOnce(&Paper, usize) -> Vec<u8>) -> Vec<u8> {
    let mut paper = Paper::default();
    let root = paper.add("<< /Type /Catalog /Pages 2 0 R >>");
    let tree = paper.add("");
    let font = paper.add(font);
    let mut kids = String::new();
    for content in contents {
        let content = paper.packed("", content.as_bytes());
        let page = paper.add(format!("<< /Type /Page /Parent {tree} 0 R /Contents {content} 0 R >>"));
        write!(kids, "{page} 0 R ").expect("a text takes everything");
    }
    paper.put(
        tree,
        format!(
            "<< /Type /Pages /Kids [{kids}] /Count {} /MediaBox [0 0 600 800] /Resources << /Font << /F1 {font} 0 R >> >> >>",
            contents.len()
        ),
    );
    write(&paper, root)
}

/// A word at a place counted from the upper left corner of a page of 600 by 800 points.
pub fn at(x: f64, y: f64, text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
    format!("BT /F1 10 Tf 1 0 0 1 {x} {} Tm ({text}) Tj ET\n", 800.0 - y)
}

/// Rows of a table, 14 points apart from `y` on, in columns at these places.
pub fn rows(columns: &[f64], y: f64, rows: &[&[&str]]) -> String {
    let row = |(cells, at_row): (&&[&str], u32)| -> String {
        let y = y + f64::from(at_row) * 14.0;
        cells.iter().zip(columns).filter(|(cell, _)| !cell.is_empty()).map(|(cell, x)| at(*x, y, cell)).collect()
    };
    rows.iter().zip(0..).map(row).collect()
}
