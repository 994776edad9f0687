//! What a DocumentReference carries: which of its attachments the document is, and the file inside that.
//!
//! Portals and ABDM send a report as base64 inside the resource, or in a Binary beside it. Its bytes stay where they
//! came, in the original; they are taken out when somebody opens the document.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::address::{self, Identity, Target};
use super::json::Node;
use super::origin::Origin;

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
pub(super) fn attachment<'n, 'a>(node: &'n Node<'a>) -> Option<&'n Node<'a>> {
    let contents = node.list("content");
    contents[place(contents)?].get("attachment")
}

/// The file inside a DocumentReference; `None` where it holds none that can be read.
pub fn attached_file(resource: &[u8]) -> Option<Vec<u8>> {
    let node = Node::parse(resource).ok()?;
    if node.text("resourceType") != Some("DocumentReference") {
        return None;
    }
    file(attachment(&node)?)
}

/// The file inside a Binary; `None` where it holds none that can be read.
pub fn binary_file(resource: &[u8]) -> Option<Vec<u8>> {
    let node = Node::parse(resource).ok()?;
    if node.text("resourceType") == Some("Binary") { file(&node) } else { None }
}

fn file(holder: &Node<'_>) -> Option<Vec<u8>> {
    let data = holder.words("data")?;
    let file = if data.bytes().any(|byte| byte.is_ascii_whitespace()) {
        let digits: Vec<u8> = data.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        BASE64.decode(digits)
    } else {
        // Most have no line ends: what may be many mebibytes is not copied once more.
        BASE64.decode(data)
    };
    file.ok().filter(|file| !file.is_empty())
}

/// The Binary that the file of a DocumentReference is, where that came beside it: what it may be called.
pub fn attached_binary(origin: &Origin<'_>) -> Vec<Identity> {
    let Ok(node) = Node::parse(origin.resource) else { return Vec::new() };
    let Some(url) = attachment(&node).and_then(|attachment| attachment.words("url")) else { return Vec::new() };
    match Target::parse(url) {
        Target::Typed { base, kind: "Binary", id } => {
            let base = base.or_else(|| address::base_of_references(origin.full_url));
            let based = base.map(|base| Identity::of(Some(base), "Binary", id));
            based.into_iter().chain([Identity::of(None, "Binary", id)]).collect()
        }
        Target::Verbatim(url) => {
            url.strip_prefix("urn:uuid:").map(|id| Identity::of(None, "Binary", id)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(content: &str) -> Option<Vec<u8>> {
        attached_file(format!(r#"{{"resourceType":"DocumentReference","content":[{content}]}}"#).as_bytes())
    }

    #[test]
    fn the_file_is_that_of_the_first_attachment_that_holds_one() {
        let link = r#"{"attachment":{"contentType":"text/html","url":"Binary/1"}}"#;
        let held = r#"{"attachment":{"contentType":"application/pdf","data":"JVBERi0x\nLjc"}}"#;
        assert_eq!(inside(&format!("{link},{held}")).as_deref(), Some(&b"%PDF-1.7"[..]));
        assert_eq!(inside(link), None);
    }

    #[test]
    fn a_file_elsewhere_is_a_binary_by_its_reference() {
        let named = |url: &str, full_url: Option<&str>| {
            let content = format!(r#"[{{"attachment":{{"contentType":"application/pdf","url":"{url}"}}}}]"#);
            let resource = format!(r#"{{"resourceType":"DocumentReference","content":{content}}}"#);
            attached_binary(&Origin { full_url, resource: resource.as_bytes() })
        };
        let bare = Identity::of(None, "Binary", "1");
        let based = Identity::of(Some("https://a/fhir"), "Binary", "1");
        assert_eq!(named("Binary/1", None), [bare]);
        assert_eq!(named("Binary/1", Some("https://a/fhir/DocumentReference/7")), [based, bare]);
        assert_eq!(named("https://a/fhir/Binary/1", None), [based, bare]);
        assert_eq!(named("urn:uuid:1", None), [bare]);
        assert!(named("https://a/scan.pdf", None).is_empty());
        assert_eq!(binary_file(br#"{"resourceType":"Binary","data":"aGk="}"#).as_deref(), Some(&b"hi"[..]));
    }

    #[test]
    fn what_is_no_file_is_none() {
        for content in [
            r#"{"attachment":{"contentType":"text/plain","data":"a*b"}}"#,
            r#"{"attachment":{"contentType":"text/plain","data":""}}"#,
            r#"{"attachment":{"data":"aGVsbG8="}}"#,
            "{}",
        ] {
            assert_eq!(inside(content), None, "{content}");
        }
        assert_eq!(attached_file(br#"{"resourceType":"Media","content":[]}"#), None);
        assert_eq!(attached_file(b"{"), None);
    }
}
