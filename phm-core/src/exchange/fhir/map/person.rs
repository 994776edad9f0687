//! Patient to profile.

use serde_json::Value;

use super::values::{Body, date, human_name, title};
use crate::exchange::fhir::json::Node;

/// The body of a `profile`; a Patient without a name is called by an identifier.
pub(super) fn profile(node: &Node<'_>) -> Body {
    let mut body = Body::default();
    body.put("name", Some(name(node)))
        .put("birth_date", date(node.words("birthDate")))
        .put("sex", node.words("gender").filter(|sex| matches!(*sex, "female" | "male" | "other" | "unknown")));
    let languages = node.list("communication").iter().filter_map(|spoken| spoken.get("language"));
    body.list("languages", languages.filter_map(language).map(Value::from));
    body.list("contacts", node.list("telecom").iter().filter_map(contact));
    body.put("address", node.list("address").iter().find_map(address));
    body.list("emergency_contacts", node.list("contact").iter().filter_map(emergency));
    body.list("identifiers", node.list("identifier").iter().filter_map(identifier));
    let died = date(node.words("deceasedDateTime"));
    body.put("deceased", node.flag("deceasedBoolean").or(died.is_some().then_some(true))).put("deceased_on", died);
    body
}

fn name(node: &Node<'_>) -> Value {
    let names = node.list("name");
    let by_use = |wanted| names.iter().find(|name| name.text("use") == Some(wanted));
    let mut body = Body::default();
    if let Some(name) = by_use("official").or_else(|| by_use("usual")).or_else(|| names.first()) {
        let given = name.list("given").iter().filter_map(Node::as_text).filter(|given| !given.trim().is_empty());
        body.list("given", given.map(Value::from));
        body.put("family", name.words("family"));
        if body.is_empty() {
            body.put("text", human_name(name));
        } else {
            body.put("text", name.words("text"));
        }
    }
    if body.is_empty() {
        let identifier = node.list("identifier").iter().find_map(|identifier| identifier.words("value"));
        body.put("text", Some(identifier.or(node.words("id")).unwrap_or("?")));
    }
    body.value()
}

fn language<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    node.list("coding").iter().find_map(|coding| coding.words("code")).or_else(|| title(node))
}

fn contact(node: &Node<'_>) -> Option<Value> {
    let mut body = Body::default();
    body.put("type", Some(node.words("system").unwrap_or("other")))
        .put("value", Some(node.words("value")?))
        .put("use", node.words("use"));
    Some(body.value())
}

/// An Address in one line.
fn address(node: &Node<'_>) -> Option<String> {
    if let Some(text) = node.words("text") {
        return Some(text.to_owned());
    }
    let mut parts: Vec<&str> = node.list("line").iter().filter_map(Node::as_text).collect();
    parts.extend(["city", "district", "state", "postalCode", "country"].iter().filter_map(|part| node.words(part)));
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn emergency(node: &Node<'_>) -> Option<Value> {
    let phone = node.list("telecom").iter().find(|contact| contact.text("system") != Some("email"));
    let name = node.get("name").and_then(human_name);
    let mut body = Body::default();
    body.put("name", Some(name?))
        .put("relation", node.first("relationship").and_then(title))
        .put("phone", phone.and_then(|phone| phone.words("value")));
    Some(body.value())
}

fn identifier(node: &Node<'_>) -> Option<Value> {
    let mut body = Body::default();
    body.put("system", node.words("system"))
        .put("type", node.get("type").and_then(title))
        .put("value", Some(node.words("value")?));
    Some(body.value())
}
