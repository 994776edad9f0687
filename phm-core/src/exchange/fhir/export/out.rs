//! FHIR JSON under construction: numbers are written with the digits they were given.

use serde_json::Value;

/// A JSON value whose numbers are text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Json {
    Text(String),
    Number(String),
    Flag(bool),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(&Value::from(text.as_str()).to_string()),
            Self::Number(number) => out.push_str(number),
            Self::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    out.push('"');
                    out.push_str(name);
                    out.push_str("\":");
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// An object under construction; what is not there stays out.
#[derive(Default)]
pub(super) struct Fields(Vec<(&'static str, Json)>);

impl Fields {
    pub(super) fn put(&mut self, name: &'static str, value: Option<Json>) -> &mut Self {
        if let Some(value) = value {
            self.0.push((name, value));
        }
        self
    }

    pub(super) fn text(&mut self, name: &'static str, text: Option<&str>) -> &mut Self {
        self.put(name, text.map(Json::text))
    }

    pub(super) fn list(&mut self, name: &'static str, items: Vec<Json>) -> &mut Self {
        self.put(name, (!items.is_empty()).then_some(Json::List(items)))
    }

    pub(super) fn object(self) -> Json {
        Json::Object(self.0)
    }

    /// The object, unless it says nothing.
    pub(super) fn some(self) -> Option<Json> {
        (!self.0.is_empty()).then_some(Json::Object(self.0))
    }
}

/// An object with one member.
pub(super) fn single(name: &'static str, value: Option<Json>) -> Option<Json> {
    Some(Json::Object(vec![(name, value?)]))
}

/// A list with one item.
pub(super) fn alone(item: Option<Json>) -> Option<Json> {
    Some(Json::List(vec![item?]))
}

/// A text field of a body.
pub(super) fn words<'b>(body: &'b Value, name: &str) -> Option<&'b str> {
    body.get(name).and_then(Value::as_str)
}

/// A text field of a body as JSON.
pub(super) fn text(body: &Value, name: &str) -> Option<Json> {
    words(body, name).map(Json::text)
}

/// The entries of a list field of a body.
pub(super) fn items<'b>(body: &'b Value, name: &str) -> &'b [Value] {
    body.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A Concept as a CodeableConcept.
pub(super) fn concept(value: Option<&Value>) -> Option<Json> {
    let value = value?;
    if let Some(text) = value.as_str() {
        return single("text", Some(Json::text(text)));
    }
    let mut fields = Fields::default();
    let codings = items(value, "codes").iter().map(|code| {
        let mut coding = Fields::default();
        coding
            .put("system", text(code, "system"))
            .put("code", text(code, "code"))
            .put("display", text(code, "display"));
        coding.object()
    });
    fields.list("coding", codings.collect()).put("text", text(value, "text"));
    fields.some()
}

/// Words as a CodeableConcept.
pub(super) fn said(words: Option<&str>) -> Option<Json> {
    single("text", words.map(Json::text))
}

/// A Quantity with its UCUM unit.
pub(super) fn quantity(value: Option<&Value>) -> Option<Json> {
    let value = value?;
    let number = words(value, "value")?;
    let unit = words(value, "unit").filter(|unit| *unit != "1");
    let mut fields = Fields::default();
    fields.put("value", Some(Json::Number(number.to_owned()))).put("comparator", text(value, "comparator"));
    fields.text("unit", unit).text("system", Some("http://unitsofmeasure.org"));
    fields.text("code", Some(unit.unwrap_or("1")));
    fields.some()
}

/// A Party as a Reference that shows a name.
pub(super) fn party(value: Option<&Value>) -> Option<Json> {
    let value = value?;
    single("display", value.as_str().or_else(|| words(value, "name")).map(Json::text))
}

/// A number of a body.
pub(super) fn number(value: Option<&Value>) -> Option<Json> {
    match value? {
        Value::Number(number) => Some(Json::Number(number.to_string())),
        Value::String(text) => Some(Json::Number(text.clone())),
        _ => None,
    }
}

/// A boolean of a body.
pub(super) fn flag(body: &Value, name: &str) -> Option<Json> {
    body.get(name).and_then(Value::as_bool).map(Json::Flag)
}

/// Notes as Annotations.
pub(super) fn notes(body: &Value, name: &str) -> Option<Json> {
    alone(single("text", text(body, name)))
}

/// A Period.
pub(super) fn period(start: Option<&str>, end: Option<&str>) -> Option<Json> {
    let mut fields = Fields::default();
    fields.text("start", start).text("end", end);
    fields.some()
}

/// A code of a code system.
pub(super) fn coded(system: &str, code: Option<&str>) -> Option<Json> {
    let mut coding = Fields::default();
    coding.text("system", Some(system)).text("code", Some(code?));
    single("coding", alone(coding.some()))
}
