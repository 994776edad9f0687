//! The small parts: concepts, quantities, names, moments, as `contracts.md` writes them.

use serde_json::{Map, Value, json};

use crate::exchange::fhir::json::Node;
use crate::exchange::fhir::moment;
use crate::model::Unit;

/// A body under construction; fields that are not there stay out.
#[derive(Default)]
pub(super) struct Body(Map<String, Value>);

impl Body {
    pub(super) fn put<T: Into<Value>>(&mut self, name: &str, value: Option<T>) -> &mut Self {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
        self
    }

    pub(super) fn list(&mut self, name: &str, values: impl IntoIterator<Item = Value>) -> &mut Self {
        let values: Vec<Value> = values.into_iter().collect();
        self.put(name, (!values.is_empty()).then_some(Value::Array(values)))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn value(self) -> Value {
        Value::Object(self.0)
    }
}

/// A CodeableConcept; `None` when it says nothing.
pub(in crate::exchange::fhir) fn concept(node: &Node<'_>) -> Option<Value> {
    let mut body = Body::default();
    body.put("text", node.words("text"));
    body.list("codes", node.list("coding").iter().filter_map(code));
    (!body.is_empty()).then(|| body.value())
}

/// A Coding that has a code.
fn code(node: &Node<'_>) -> Option<Value> {
    let mut body = Body::default();
    body.put("system", node.words("system"));
    body.put("code", Some(node.words("code")?));
    body.put("display", node.words("display"));
    Some(body.value())
}

/// A concept in one line: its words, else what the first code is called, else that code.
pub(super) fn title<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    let codings = node.list("coding");
    node.words("text")
        .or_else(|| codings.iter().find_map(|coding| coding.words("display")))
        .or_else(|| codings.iter().find_map(|coding| coding.words("code")))
}

/// The lines of several concepts, joined.
pub(super) fn titles(nodes: &[Node<'_>]) -> Option<String> {
    let all: Vec<&str> = nodes.iter().filter_map(title).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// The first code of a concept.
pub(super) fn first_code<'n>(node: Option<&'n Node<'_>>) -> Option<&'n str> {
    node?.list("coding").iter().find_map(|coding| coding.words("code"))
}

/// Whether one of the concepts has this code, in whatever system.
pub(super) fn any_code(nodes: &[Node<'_>], code: &str) -> bool {
    let mut codings = nodes.iter().flat_map(|node| node.list("coding"));
    codings.any(|coding| coding.text("code").is_some_and(|own| own.eq_ignore_ascii_case(code)))
}

/// A Quantity: the UCUM code where there is one, else the unit as written between braces.
pub(super) fn quantity(node: &Node<'_>) -> Option<Value> {
    let value = node.number("value")?;
    let code =
        node.words("code").filter(|_| node.text("system").is_none_or(|system| system.contains("unitsofmeasure")));
    let unit = code.and_then(|code| code.parse::<Unit>().ok());
    let unit = unit.unwrap_or_else(|| Unit::from_free_text(node.words("unit").or(node.words("code")).unwrap_or("")));
    let mut body = Body::default();
    body.put("value", Some(value)).put("unit", Some(unit.as_str())).put("comparator", node.words("comparator"));
    Some(body.value())
}

/// A Quantity as a person writes it: `<5 mg`.
pub(super) fn quantity_text(node: &Node<'_>) -> Option<String> {
    let value = node.number("value")?;
    let unit = node.words("unit").or(node.words("code")).map(|unit| format!(" {unit}")).unwrap_or_default();
    Some(format!("{}{value}{unit}", node.words("comparator").unwrap_or("")))
}

/// A Range as a person writes it: `5 mg – 10 mg`.
pub(super) fn range_text(node: &Node<'_>) -> Option<String> {
    let side = |name| node.get(name).and_then(quantity_text);
    match (side("low"), side("high")) {
        (None, None) => None,
        (low, high) => Some(format!("{} – {}", low.unwrap_or_default(), high.unwrap_or_default()).trim().to_owned()),
    }
}

/// A HumanName in one line.
pub(in crate::exchange::fhir) fn human_name(node: &Node<'_>) -> Option<String> {
    if let Some(text) = node.words("text") {
        return Some(text.to_owned());
    }
    let mut parts: Vec<&str> = Vec::new();
    for name in ["prefix", "given"] {
        parts.extend(node.list(name).iter().filter_map(Node::as_text));
    }
    parts.extend(node.words("family"));
    parts.extend(node.list("suffix").iter().filter_map(Node::as_text));
    parts.retain(|part| !part.trim().is_empty());
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// A moment or date as precisely as it is known.
pub(super) fn when(text: Option<&str>) -> Option<String> {
    moment::when(text?).map(|when| when.to_string())
}

/// A moment.
pub(super) fn instant(text: Option<&str>) -> Option<String> {
    moment::instant(text?).map(|instant| instant.to_string())
}

/// The day of a moment or date, as it was written.
pub(super) fn date(text: Option<&str>) -> Option<String> {
    moment::date(text?).map(|date| date.to_string())
}

/// `name[x]` where it is a moment, a date or a period: its beginning and its end.
pub(super) fn span<'n>(node: &'n Node<'_>, name: &str) -> (Option<&'n str>, Option<&'n str>) {
    let at = |ending: &str| node.words(&format!("{name}{ending}"));
    let period = node.get(&format!("{name}Period"));
    let start = at("DateTime").or_else(|| at("Instant")).or_else(|| at("Date"));
    let of_period = |side| period.and_then(|period| period.words(side));
    (start.or_else(|| of_period("start")), of_period("end"))
}

/// All notes in one text.
pub(super) fn notes(node: &Node<'_>) -> Option<String> {
    let all: Vec<&str> = node.list("note").iter().filter_map(|note| note.words("text")).collect();
    (!all.is_empty()).then(|| all.join("\n"))
}

/// A number as JSON, where JSON holds it without loss.
pub(super) fn whole(text: Option<&str>) -> Option<Value> {
    text?.parse::<u32>().ok().map(|number| json!(number))
}
