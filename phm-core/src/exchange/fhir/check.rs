//! Whether a resource is what FHIR R4 says it is, as far as PHM relies on it.
//!
//! Types and dates are checked where [`super::shape`] knows the element, and everywhere by the names that mean one
//! type throughout FHIR (`valueQuantity`, `onsetDateTime`, `recordedDate`, …). Unknown elements are let be: FHIR is
//! extended in the field, and what is not understood is still kept.

use super::json::Node;
use super::moment;
use super::shape::{self, Field, Of};
use super::shapes;

/// The first thing wrong with a resource.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wrong {
    /// JSON pointer into the resource.
    pub path: String,
    /// `wrong-type` or `invalid-date`.
    pub code: &'static str,
}

/// Checks a resource of type `kind`.
pub fn resource(kind: &str, node: &Node<'_>) -> Result<(), Wrong> {
    let mut trail = Vec::new();
    object(node, &[shapes::of_type(kind), shape::RESOURCE], &mut trail).map_err(|code| {
        let mut path = String::new();
        for step in trail.iter().rev() {
            path.push('/');
            path.push_str(&step.replace('~', "~0").replace('/', "~1"));
        }
        Wrong { path, code }
    })
}

/// The way back from what is wrong to the resource, innermost step first.
type Trail = Vec<String>;

fn object(node: &Node<'_>, shapes: &[&'static [Field]], trail: &mut Trail) -> Result<(), &'static str> {
    for member in node.members() {
        let name: &str = &member.name;
        if matches!(member.value, Node::Null) || name.starts_with('_') {
            continue;
        }
        let field = shapes.iter().flat_map(|fields| fields.iter()).find(|field| field.name == name);
        let checked = match field {
            Some(field) if field.many => match &member.value {
                Node::List(items) => each(items, field.of, trail),
                _ => Err("wrong-type"),
            },
            Some(field) => value(&member.value, field.of, trail),
            None => match by_name(name) {
                Some(of) => value(&member.value, of, trail),
                None => free(&member.value, trail),
            },
        };
        checked.inspect_err(|_| trail.push(name.to_owned()))?;
    }
    Ok(())
}

fn each(items: &[Node<'_>], of: Of, trail: &mut Trail) -> Result<(), &'static str> {
    for (index, item) in items.iter().enumerate() {
        // A list may hold `null` where only an extension stands beside it.
        if !matches!(item, Node::Null) {
            value(item, of, trail).inspect_err(|_| trail.push(index.to_string()))?;
        }
    }
    Ok(())
}

fn value(node: &Node<'_>, of: Of, trail: &mut Trail) -> Result<(), &'static str> {
    match (of, node) {
        (Of::Text, Node::Text(_)) | (Of::Flag, Node::Bool(_)) | (Of::Number, Node::Number(_)) => Ok(()),
        (Of::Date, Node::Text(text)) => {
            text.trim().parse::<crate::time::PartialDate>().map(drop).map_err(|_| "invalid-date")
        }
        (Of::Moment, Node::Text(text)) => {
            if moment::is_valid(text) {
                Ok(())
            } else {
                Err("invalid-date")
            }
        }
        (Of::Shape(fields), Node::Object(_)) => object(node, &[fields], trail),
        _ => Err("wrong-type"),
    }
}

/// A value nothing is known about.
fn free(node: &Node<'_>, trail: &mut Trail) -> Result<(), &'static str> {
    match node {
        Node::Object(_) => object(node, &[], trail),
        Node::List(items) => {
            for (index, item) in items.iter().enumerate() {
                free(item, trail).inspect_err(|_| trail.push(index.to_string()))?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// What an element must be by its name alone: `value[x]` and its like carry their type in the name.
fn by_name(name: &str) -> Option<Of> {
    const ENDINGS: [(&str, Of); 12] = [
        ("DateTime", Of::Moment),
        ("Instant", Of::Moment),
        ("Date", Of::Moment),
        ("Boolean", Of::Flag),
        ("Integer", Of::Number),
        ("Decimal", Of::Number),
        ("CodeableConcept", shape::CONCEPT),
        ("Quantity", shape::QUANTITY),
        ("Range", shape::RANGE),
        ("Ratio", shape::RATIO),
        ("Period", shape::PERIOD),
        ("Reference", shape::REFERENCE),
    ];
    const CHOICES: [&str; 16] = [
        "value",
        "effective",
        "onset",
        "abatement",
        "performed",
        "occurrence",
        "deceased",
        "multipleBirth",
        "medication",
        "asNeeded",
        "dose",
        "rate",
        "timing",
        "serviced",
        "born",
        "age",
    ];
    let cut = name.rfind(|letter: char| letter.is_ascii_uppercase())?;
    let found = ENDINGS.iter().find(|(ending, _)| name.ends_with(ending))?;
    let stem = &name[..name.len() - found.0.len()];
    // A date's name is enough; other endings mean a type only behind the stem of a choice.
    let date = found.0 == "Date" && cut + 4 == name.len() && !stem.is_empty();
    (date || found.0 == "DateTime" && !stem.is_empty() || CHOICES.contains(&stem)).then_some(found.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> (String, &'static str) {
        let node = Node::parse(text.as_bytes()).expect("JSON");
        let wrong = resource(node.text("resourceType").expect("a type"), &node).expect_err("refused");
        (wrong.path, wrong.code)
    }

    #[test]
    fn wrong_types_and_dates_are_named_by_their_place() {
        let cases = [
            (r#"{"resourceType":"Patient","birthDate":"1980-02-30"}"#, "/birthDate", "invalid-date"),
            (r#"{"resourceType":"Patient","birthDate":"1980-02-03T00:00:00Z"}"#, "/birthDate", "invalid-date"),
            (r#"{"resourceType":"Patient","birthDate":19800203}"#, "/birthDate", "wrong-type"),
            (r#"{"resourceType":"Patient","name":"Ann"}"#, "/name", "wrong-type"),
            (r#"{"resourceType":"Patient","name":[{"given":"Ann"}]}"#, "/name/0/given", "wrong-type"),
            (r#"{"resourceType":"Patient","id":7}"#, "/id", "wrong-type"),
            (r#"{"resourceType":"Patient","meta":{"lastUpdated":"yesterday"}}"#, "/meta/lastUpdated", "invalid-date"),
            (r#"{"resourceType":"Observation","code":"x"}"#, "/code", "wrong-type"),
            (r#"{"resourceType":"Observation","status":["final"]}"#, "/status", "wrong-type"),
            (r#"{"resourceType":"Observation","subject":"Patient/1"}"#, "/subject", "wrong-type"),
            (r#"{"resourceType":"Observation","valueQuantity":{"value":"5"}}"#, "/valueQuantity/value", "wrong-type"),
            (
                r#"{"resourceType":"Observation","effectiveDateTime":"2019-13-01"}"#,
                "/effectiveDateTime",
                "invalid-date",
            ),
            (
                r#"{"resourceType":"Observation","effectivePeriod":{"start":"2019-02-29"}}"#,
                "/effectivePeriod/start",
                "invalid-date",
            ),
            (
                r#"{"resourceType":"Basic","extension":[{"url":"u","valueDate":"x"}]}"#,
                "/extension/0/valueDate",
                "invalid-date",
            ),
        ];
        for (text, path, code) in cases {
            assert_eq!(wrong(text), (path.to_owned(), code), "{text}");
        }
    }

    #[test]
    fn what_fhir_allows_passes() {
        for text in [
            r#"{"resourceType":"Patient","birthDate":"1980","_birthDate":{"extension":[]},"name":[{"given":[null,"B"]}]}"#,
            r#"{"resourceType":"Patient","birthDate":null,"gender":"female","unheard":{"of":[1,{"x":true}]}}"#,
            r#"{"resourceType":"Observation","effectiveDateTime":"2019-04-03T10:00:00.123456+05:30","valueInteger":5}"#,
        ] {
            let node = Node::parse(text.as_bytes()).expect("JSON");
            assert_eq!(resource(node.text("resourceType").expect("a type"), &node), Ok(()), "{text}");
        }
    }
}
