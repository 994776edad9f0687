//! A page of text as PDF (ISO 32000-1), so that the demo's documents can be opened.
//!
//! One page, the standard font Helvetica, Latin text. Whatever the font does not have becomes a question mark.

/// A one-page document: a title and lines below it, as many as fit.
pub(super) fn page(title: &str, lines: &[String]) -> Vec<u8> {
    let mut content = String::from("BT /F1 16 Tf 56 780 Td 20 TL\n");
    show(&mut content, title);
    content.push_str("/F1 10.5 Tf 15 TL T*\n");
    for line in lines.iter().take(45) {
        show(&mut content, line);
    }
    content.push_str("ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let mut pdf = String::from("%PDF-1.4\n");
    let mut places = Vec::new();
    for (object, number) in objects.iter().zip(1..) {
        places.push(format!("{:010} 00000 n \n", pdf.len()));
        pdf.extend([&format!("{number} 0 obj\n"), object.as_str(), "\nendobj\n"]);
    }
    let table = pdf.len();
    let count = objects.len() + 1;
    let end = format!("trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
    pdf.extend([&format!("xref\n0 {count}\n0000000000 65535 f \n"), places.concat().as_str(), &end]);
    pdf.into_bytes()
}

fn show(content: &mut String, line: &str) {
    content.push('(');
    for letter in line.chars() {
        match letter {
            '(' | ')' | '\\' => content.extend(['\\', letter]),
            ' '..='~' => content.push(letter),
            _ => content.push('?'),
        }
    }
    content.push_str(") Tj T*\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_stands_where_the_table_says() {
        let pdf = String::from_utf8(page("Report (copy)", &["one \\ two".into(), "ਪੰਜਾਬ".into()])).expect("ASCII");
        let table = pdf.find("\nxref\n").expect("a table") + 1;
        assert!(pdf.contains(&format!("startxref\n{table}\n")));
        let rows = pdf[table..].lines().filter(|line| line.ends_with("00000 n "));
        for (at, row) in rows.enumerate() {
            let offset: usize = row[..10].parse().expect("an offset");
            assert!(pdf[offset..].starts_with(&format!("{} 0 obj", at + 1)));
        }
        assert!(pdf.contains("(Report \\(copy\\)) Tj") && pdf.contains("(one \\\\ two) Tj"));
    }
}
