//! JSON as it was written.
//!
//! A [`Node`] borrows from the bytes it was read from. Numbers keep their text (`12.340` stays `12.340`), members
//! keep their order and the exact slice of their value, so that an export can give back every byte. Reading is
//! strict (RFC 8259), refuses a name given twice, and is bounded in depth and in the number of nodes.

use std::borrow::Cow;

use super::parse::Parser;

/// How deep arrays and objects may lie in each other.
pub const MAX_DEPTH: usize = 128;

/// How many values one document may hold: what a tree of them costs in memory is bounded by this.
pub const MAX_NODES: usize = 1_000_000;

/// Why bytes are not JSON that PHM reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{code} at byte {at}")]
pub struct JsonError {
    /// Where, in bytes from the start.
    pub at: usize,
    /// Stable code: `truncated-json`, `invalid-json`, `invalid-utf8`, `duplicate-name`, `too-deep` or `too-large`.
    pub code: &'static str,
}

/// One JSON value, borrowed from its text.
#[derive(Clone, Debug)]
pub enum Node<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as written.
    Number(&'a str),
    /// A string, its escapes resolved.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Node<'a>>),
    /// An object, in the order it was written.
    Object(Vec<Member<'a>>),
}

/// One member of an object.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    /// The name.
    pub name: Cow<'a, str>,
    /// The value exactly as written.
    pub raw: &'a str,
    /// The value.
    pub value: Node<'a>,
}

impl<'a> Node<'a> {
    /// Reads one JSON document.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, JsonError> {
        let text = std::str::from_utf8(bytes).map_err(|error| JsonError {
            at: error.valid_up_to(),
            code: if error.error_len().is_none() { "truncated-json" } else { "invalid-utf8" },
        })?;
        Parser::new(text).document()
    }

    /// The members, when this is an object.
    pub fn members(&self) -> &[Member<'a>] {
        if let Self::Object(members) = self { members } else { &[] }
    }

    /// The items, when this is an array.
    pub fn items(&self) -> &[Node<'a>] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// The text, when this is a string.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The member called `name`, when this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Node<'a>> {
        self.members().iter().find(|member| member.name == name).map(|member| &member.value)
    }

    /// The string called `name`.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Node::as_text)
    }

    /// The string called `name`, unless it is blank.
    pub fn words(&self, name: &str) -> Option<&str> {
        self.text(name).map(str::trim).filter(|text| !text.is_empty())
    }

    /// The number called `name`, as written.
    pub fn number(&self, name: &str) -> Option<&'a str> {
        if let Some(Self::Number(number)) = self.get(name) { Some(number) } else { None }
    }

    /// The boolean called `name`.
    pub fn flag(&self, name: &str) -> Option<bool> {
        if let Some(Self::Bool(flag)) = self.get(name) { Some(*flag) } else { None }
    }

    /// The items of the array called `name`; a lone object counts as an array of one.
    pub fn list(&self, name: &str) -> &[Node<'a>] {
        match self.get(name) {
            Some(Self::List(items)) => items,
            Some(node @ Self::Object(_)) => std::slice::from_ref(node),
            _ => &[],
        }
    }

    /// The first item of the array called `name`.
    pub fn first(&self, name: &str) -> Option<&Node<'a>> {
        self.list(name).first()
    }

    /// Whether both say the same: members in any order, numbers compared as written.
    pub fn same(&self, other: &Node<'_>) -> bool {
        match (self, other) {
            (Self::Null, Node::Null) => true,
            (Self::Bool(one), Node::Bool(two)) => one == two,
            (Self::Number(one), Node::Number(two)) => one == two,
            (Self::Text(one), Node::Text(two)) => one == two,
            (Self::List(one), Node::List(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.same(two))
            }
            (Self::Object(one), Node::Object(two)) => {
                one.len() == two.len()
                    && one.iter().all(|member| other.get(&member.name).is_some_and(|value| member.value.same(value)))
            }
            _ => false,
        }
    }
}

/// Whether two JSON texts say the same: members in any order, numbers compared as written.
pub fn same(one: &[u8], two: &[u8]) -> Result<bool, JsonError> {
    Ok(Node::parse(one)?.same(&Node::parse(two)?))
}

/// Feeds `take` the JSON text without the white space between its tokens.
///
/// Two spellings of one resource that differ in layout alone give the same bytes.
pub fn compact(bytes: &[u8], mut take: impl FnMut(&[u8])) {
    // Pretty-printed JSON has a token every few bytes: they are handed on in larger pieces.
    let mut piece = Vec::with_capacity(bytes.len().min(8 << 10));
    let mut add = |part: &[u8], last: bool| {
        if piece.len() + part.len() > 8 << 10 || last {
            take(&piece);
            piece.clear();
        }
        if part.len() > 8 << 10 { take(part) } else { piece.extend_from_slice(part) }
    };
    let (mut start, mut at, mut inside) = (0, 0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if inside => at += 1,
            b'"' => inside = !inside,
            b' ' | b'\n' | b'\r' | b'\t' if !inside => {
                if start < at {
                    add(&bytes[start..at], false);
                }
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    add(&bytes[start.min(bytes.len())..], false);
    add(&[], true);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(text: &str) -> &'static str {
        Node::parse(text.as_bytes()).expect_err("refused").code
    }

    #[test]
    fn numbers_and_order_are_kept_as_written() {
        let node = Node::parse(br#"{"b": 12.340, "a": [1e-3, -0.0], "t": "\u00e9\n\ud83d\ude00"}"#).expect("JSON");
        assert_eq!(node.number("b"), Some("12.340"));
        assert_eq!(node.members()[1].raw, "[1e-3, -0.0]");
        assert_eq!(node.text("t"), Some("é\n😀"));
    }

    #[test]
    fn numbers_differ_when_they_are_written_differently() {
        let same = |one: &str, two: &str| {
            let one = Node::parse(one.as_bytes()).expect("JSON");
            one.same(&Node::parse(two.as_bytes()).expect("JSON"))
        };
        assert!(same(r#"{"a":1.0,"b":[true,null]}"#, r#"{ "b" : [true, null], "a" : 1.0 }"#));
        assert!(!same(r#"{"a":1.0}"#, r#"{"a":1.00}"#));
        assert!(!same("[1,2]", "[2,1]"));
        assert!(!same(r#"{"a":1}"#, r#"{"a":1,"b":1}"#));
    }

    #[test]
    fn broken_text_is_refused_with_its_code() {
        for text in ["", "{", "{\"a\"", "{\"a\":", "[1,", "\"abc", "tru", "\"\\u12", "-"] {
            assert_eq!(code(text), "truncated-json", "{text}");
        }
        for text in ["{a:1}", "[1,]", "01", "1.", "nul!", "{\"a\":1}x", "\"\u{1}\"", "\"\\x\"", "\"\\ud800\\n\"", "+1"]
        {
            let code = code(text);
            assert!(code == "invalid-json" || text == "1.", "{text}: {code}");
        }
        assert_eq!(code(r#"{"a":1,"a":2}"#), "duplicate-name");
        assert_eq!(code(&"[".repeat(MAX_DEPTH + 1)), "too-deep");
        assert_eq!(Node::parse(b"\"\xff\"").expect_err("not UTF-8").code, "invalid-utf8");
        assert_eq!(code(&format!("[{}1]", "1,".repeat(MAX_NODES))), "too-large");
    }

    #[test]
    fn white_space_outside_strings_is_no_content() {
        let compacted = |text: &str| {
            let mut out = Vec::new();
            compact(text.as_bytes(), |part| out.extend_from_slice(part));
            String::from_utf8(out).expect("text")
        };
        assert_eq!(compacted("{ \"a b\" :\n [ 1 , \"x\\\" y\" ]\t}\n"), r#"{"a b":[1,"x\" y"]}"#);
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_is_read_and_what_it_refuses_is_refused(text in r#"[\[\]{},:"a\\ 0-9.eE+tnu-]{0,24}"#) {
            let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            match Node::parse(text.as_bytes()) {
                Ok(_) => prop_assert!(theirs || text.contains(['e', 'E'])),
                Err(error) => prop_assert!(!theirs || error.code == "duplicate-name"),
            }
        }
    }
}
