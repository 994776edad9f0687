//! What a DocumentReference carries: which of its attachments the document is, and the file inside that.
//!
//! Portals and ABDM send a report as base64 inside the resource. Its bytes stay where they came, in the original; they
//! are taken out when somebody opens the document.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::json::Node;

/// Padding is often left out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Which item of `content` the document is: the first that says what it is and holds its file, else the first that says
/// what it is.
pub(super) fn place(contents: &[Node<'_>]) -> Option<usize> {
    let says = |content: &Node<'_>, name: &str| content.get("attachment").is_some_and(|own| own.words(name).is_some());
    let held = contents.iter().position(|content| says(content, "contentType") && says(content, "data"));
    held.or_else(|| contents.iter().position(|content| says(content, "contentType")))
}

/// The attachment that the document is.
pub(super) fn attachment<'a>(node: &Node<'a>) -> Option<&Node<'a>> {
    let contents = node.list("content");
    contents[place(contents)?].get("attachment")
}

/// The file inside a DocumentReference; `None` where it holds none that can be read.
pub fn attached_file(resource: &[u8]) -> Option<Vec<u8>> {
    let node = Node::parse(resource).ok()?;
    if node.text("resourceType") != Some("DocumentReference") {
        return None;
    }
    let digits: Vec<u8> =
        attachment(&node)?.words("data")?.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64.decode(digits).ok().filter(|file| !file.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &str) -> Option<Vec<u8>> {
        attached_file(format!(r#"{{"resourceType":"DocumentReference","content":[{content}]}}"#).as_bytes())
    }

    #[test]
    fn the_file_is_that_of_the_first_attachment_that_holds_one() {
        let link = r#"{"attachment":{"contentType":"text/html","url":"Binary/1"}}"#;
        let held = r#"{"attachment":{"contentType":"application/pdf","data":"JVBERi0x\nLjc"}}"#;
        assert_eq!(file(&format!("{link},{held}")).as_deref(), Some(&b"%PDF-1.7"[..]));
        assert_eq!(file(link), None);
    }

    #[test]
    fn what_is_no_file_is_none() {
        for content in [
            r#"{"attachment":{"contentType":"text/plain","data":"a*b"}}"#,
            r#"{"attachment":{"contentType":"text/plain","data":""}}"#,
            r#"{"attachment":{"data":"aGVsbG8="}}"#,
            "{}",
        ] {
            assert_eq!(file(content), None, "{content}");
        }
        assert_eq!(attached_file(br#"{"resourceType":"Media","content":[]}"#), None);
        assert_eq!(attached_file(b"{"), None);
    }
}
