//! An imported resource after somebody amended the record: the original, with only the changed elements changed.
//!
//! The old and the new body are both written as FHIR; where the two differ, the original is changed, and nowhere else.
//! Everything that is not touched keeps its bytes.

use super::out::Json;
use crate::exchange::fhir::attached;
use crate::exchange::fhir::json::Node;
use crate::exchange::fhir::scan::{MAX_RESOURCE, Scanner};

/// Elements of which a resource has only one of several forms.
const CHOICES: [&str; 8] =
    ["value", "effective", "onset", "abatement", "performed", "occurrence", "deceased", "medication"];

/// `raw`, which reads as `node`, with what differs between `old` and `new`.
pub(super) fn patched(raw: &str, node: &Node<'_>, old: &Json, new: &Json) -> String {
    if old == new {
        return raw.to_owned();
    }
    match (node, old, new) {
        (Node::Object(_), Json::Object(old_members), Json::Object(new_members)) if !names_somebody(old_members) => {
            object(raw, node, old_members, new_members)
        }
        (Node::List(items), Json::List(old_items), Json::List(new_items))
            if items.len() == old_items.len() && items.len() == new_items.len() =>
        {
            list(raw, old_items, new_items)
        }
        (Node::List(items), Json::List(old_items), Json::List(new_items)) => {
            match (&old_items[..], &new_items[..], attached::place(items)) {
                // A document is one of several attachments; the others, and what they hold, stay as they came.
                ([before], [after], Some(place)) => item(raw, place, before, after),
                _ => written(new),
            }
        }
        _ => written(new),
    }
}

type Members = [(&'static str, Json)];

/// A Reference by display alone: changing the words of it means somebody else.
fn names_somebody(members: &Members) -> bool {
    members.len() == 1 && members[0].0 == "display"
}

fn written(json: &Json) -> String {
    let mut out = String::new();
    json.write(&mut out);
    out
}

fn object(raw: &str, node: &Node<'_>, old: &Members, new: &Members) -> String {
    let find = |members: &'_ Members, name: &str| members.iter().position(|member| member.0 == name);
    let differs = |name: &str| {
        let (one, two) = (find(old, name).map(|at| &old[at].1), find(new, name).map(|at| &new[at].1));
        one != two
    };
    let added: Vec<&(&'static str, Json)> =
        new.iter().filter(|member| differs(member.0) && node.get(member.0).is_none()).collect();
    let replaced = |name: &str| {
        let stem = CHOICES.iter().find(|stem| name.starts_with(**stem) && name.len() > stem.len());
        stem.is_some_and(|stem| added.iter().any(|member| member.0.starts_with(stem)))
    };
    let offset = |part: &str| part.as_ptr() as usize - raw.as_ptr() as usize;
    let inner = &raw[1..];
    let lead = &inner[..inner.len() - inner.trim_start().len()];
    let (mut out, mut end) = (String::from("{"), 1);
    let fresh = format!(",{lead}");
    let add = |out: &mut String, separator: &str, label: &str, value: &str| {
        out.push_str(match (out.len(), separator.contains(',')) {
            (1, _) => lead,
            (_, true) => separator,
            (_, false) => &fresh,
        });
        out.push_str(label);
        out.push_str(value);
    };
    for member in node.members() {
        let between = &raw[end..offset(member.raw)];
        let label = between.trim_start_matches([',', ' ', '\n', '\r', '\t']);
        let separator = &between[..between.len() - label.len()];
        end += between.len() + member.raw.len();
        let name: &str = &member.name;
        match (find(old, name), find(new, name)) {
            (Some(old_at), Some(new_at)) => {
                let value = patched(member.raw, &member.value, &old[old_at].1, &new[new_at].1);
                add(&mut out, separator, label, &value);
            }
            (None, Some(new_at)) => add(&mut out, separator, label, &written(&new[new_at].1)),
            (None, None) if !replaced(name) => add(&mut out, separator, label, member.raw),
            (Some(_) | None, None) => {}
        }
    }
    let colon = if lead.contains('\n') { ": " } else { ":" };
    for (name, value) in &added {
        add(&mut out, "", &format!("\"{name}\"{colon}"), &written(value));
    }
    out.push_str(&raw[end..]);
    out
}

fn list(raw: &str, old: &[Json], new: &[Json]) -> String {
    let mut out = String::from("[");
    for (index, part) in split(raw).iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let item = Node::parse(part.as_bytes()).expect("a part of what was read before");
        out.push_str(&patched(part, &item, &old[index], &new[index]));
    }
    out.push(']');
    out
}

/// An array of which the item at `place` may have changed.
fn item(raw: &str, place: usize, old: &Json, new: &Json) -> String {
    let mut parts = split(raw);
    if let Some(part) = parts.get_mut(place) {
        let changed = {
            let node = Node::parse(part.as_bytes()).expect("a part of what was read before");
            patched(part, &node, old, new)
        };
        *part = changed;
    }
    format!("[{}]", parts.join(","))
}

/// The items of an array as written.
fn split(raw: &str) -> Vec<String> {
    let mut scanner = Scanner::new(raw.as_bytes());
    let mut parts = Vec::new();
    scanner.pass_open();
    while let Ok(Some(byte)) = scanner.peek_token() {
        if byte == b']' {
            break;
        }
        if byte == b',' {
            scanner.pass();
            continue;
        }
        let mut part = Vec::new();
        if scanner.value(&mut part, MAX_RESOURCE).is_err() {
            break;
        }
        parts.push(String::from_utf8_lossy(&part).into_owned());
    }
    parts
}
