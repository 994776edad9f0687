//! A body as the fields of a form, ready for the template.

use askama::Template;
use serde_json::Value;

use super::layout::{Field, Input, Layout, Section};
use super::{Links, Problem, labels, units};
use crate::i18n::Locale;

/// The field of a value.
const WHOLE: &str = "quantity";

/// The field of the parts of one.
const PARTS: &str = "components";

/// A heading and its fields.
#[derive(Debug)]
pub struct SectionView {
    /// The heading; empty for none.
    pub heading: String,
    /// Whether it starts folded.
    pub folded: bool,
    /// The fields.
    pub fields: Vec<FieldView>,
}

/// One choice of a list.
#[derive(Clone, Debug)]
pub struct OptionView {
    /// The stored word.
    pub value: String,
    /// The word for people.
    pub label: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// How a field is drawn.
#[derive(Debug)]
pub enum Control {
    /// One line of text.
    Text(String),
    /// Several lines.
    LongText(String),
    /// One item per line.
    Lines(String),
    /// A whole number.
    Number(String),
    /// A tick.
    Flag(bool),
    /// A list of words.
    Choice(Vec<OptionView>),
    /// A day, typed or picked.
    Date(String),
    /// A moment or day, typed or picked.
    When(String),
    /// A moment.
    Instant(String),
    /// A number with its unit.
    Quantity {
        /// The number as written.
        value: String,
        /// The unit for people.
        unit: String,
        /// `<`, `<=`, `>`, `>=` or empty.
        comparator: String,
        /// Units to offer, for people.
        units: Vec<String>,
    },
    /// Two bounds.
    Range {
        /// Lower bound.
        low: String,
        /// Upper bound.
        high: String,
        /// The range in words.
        text: String,
    },
    /// A name, with its codes kept.
    Concept {
        /// The name.
        text: String,
        /// System, code and display of each code.
        codes: Vec<(String, String, String)>,
        /// Names to offer.
        suggestions: Vec<String>,
    },
    /// Some of a list of records.
    Links(Vec<OptionView>),
    /// Rows of fields.
    Group(Vec<Vec<FieldView>>),
}

/// One field on a page. Displays as its HTML.
#[derive(Debug, Template)]
#[template(path = "parts/field.html")]
pub struct FieldView {
    /// The reader.
    pub t: Locale,
    /// Element id.
    pub id: String,
    /// Name in the form: the path in the body.
    pub name: String,
    /// The label.
    pub label: String,
    /// A line of help; empty for none.
    pub help: String,
    /// What is wrong; empty for nothing.
    pub error: String,
    /// Whether it must be filled.
    pub required: bool,
    /// Whether it takes the whole width.
    pub wide: bool,
    /// How it is drawn.
    pub control: Control,
}

impl FieldView {
    /// Path of the concept whose text this field is.
    fn concept_name(&self) -> &str {
        self.name.strip_suffix(".text").unwrap_or(&self.name)
    }
}

/// What fills a form.
#[derive(Clone, Copy, Debug)]
pub struct Filling<'a> {
    /// The reader.
    pub locale: &'a Locale,
    /// The kind.
    pub kind: &'a str,
    /// The body as it is so far.
    pub body: &'a Value,
    /// What was wrong with it.
    pub problems: &'a [Problem],
    /// Records to link to.
    pub links: &'a Links,
    /// The group that gets one row more.
    pub grow: Option<&'a str>,
}

/// The sections of a form, filled.
pub fn sections(layout: &Layout, filling: Filling<'_>) -> Vec<SectionView> {
    let parts = parts_of(layout, filling);
    layout.sections.iter().map(|section| section_view(section, parts, filling)).collect()
}

/// The parts of a value that has parts and no whole, such as a blood pressure: they stand where its value would.
fn parts_of(layout: &Layout, filling: Filling<'_>) -> Option<&'static Field> {
    let begun = at(filling.body, PARTS).and_then(Value::as_array).is_some_and(|parts| !parts.is_empty());
    let is_whole = at(filling.body, WHOLE).is_some() || !filling.problem(WHOLE).is_empty();
    layout.fields().find(|field| field.path == PARTS).filter(|_| begun && !is_whole)
}

fn section_view(section: &Section, parts: Option<&'static Field>, filling: Filling<'_>) -> SectionView {
    let shown = section.fields.iter().filter_map(|field| match (parts, field.path) {
        (Some(parts), WHOLE) => Some(parts),
        (Some(_), PARTS) => None,
        _ => Some(field),
    });
    let shown: Vec<&Field> = shown.collect();
    let filled = shown.iter().any(|field| at(filling.body, field.path).is_some());
    let fields = shown.into_iter().map(|field| filling.view(field, "", filling.body)).collect::<Vec<_>>();
    let wrong = fields.iter().any(|field| !field.error.is_empty());
    SectionView {
        heading: if section.heading.is_empty() { String::new() } else { filling.locale.say(section.heading) },
        folded: section.folded && !filled && !wrong,
        fields,
    }
}

/// The value at a dotted path; the empty path is the value itself.
pub fn at<'v>(body: &'v Value, path: &str) -> Option<&'v Value> {
    let found = path.split('.').filter(|step| !step.is_empty()).try_fold(body, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })?;
    Some(found).filter(|value| !value.is_null())
}

/// The text of a value: strings as they are, numbers and truth as written.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The text of a concept or party, which may be bare.
pub fn name_of(value: &Value) -> String {
    if let Value::String(text) = value {
        return text.clone();
    }
    let first_code = || value.get("codes")?.get(0).and_then(|code| code.get("display").or_else(|| code.get("code")));
    value.get("text").or_else(|| value.get("name")).or_else(first_code).map(text_of).unwrap_or_default()
}

impl Filling<'_> {
    /// The view of `field` under `prefix`, with its value inside `scope`.
    fn view(self, field: &Field, prefix: &str, scope: &Value) -> FieldView {
        let name = join(prefix, field.path);
        let value = at(scope, field.path);
        let text = || value.map(text_of).unwrap_or_default();
        let inside = |path: &str| value.and_then(|value| at(value, path)).map(text_of).unwrap_or_default();
        let moment = || self.moment(&text());
        let control = match field.input {
            Input::Text => Control::Text(text()),
            Input::LongText => Control::LongText(text()),
            Input::Lines => Control::Lines(lines(value)),
            Input::Number => Control::Number(text()),
            Input::Flag => Control::Flag(value == Some(&Value::Bool(true))),
            Input::Choice(words) => Control::Choice(self.options(field, words, &text())),
            Input::Date => Control::Date(text()),
            Input::When => Control::When(moment()),
            Input::Instant => Control::Instant(moment().replacen(' ', "T", 1)),
            Input::Quantity(offered) => Control::Quantity {
                value: inside("value"),
                unit: units::for_form(self.locale, &inside("unit")),
                comparator: inside("comparator"),
                units: offered.iter().map(|unit| units::for_form(self.locale, unit)).collect(),
            },
            Input::Range => {
                Control::Range { low: inside("low.value"), high: inside("high.value"), text: inside("text") }
            }
            Input::Concept => Control::Concept {
                text: value.map(name_of).unwrap_or_default(),
                codes: codes(value),
                suggestions: super::presets::suggestions(self.locale, self.kind, field.path),
            },
            Input::Party => Control::Text(value.map(name_of).unwrap_or_default()),
            Input::Link(collection) => Control::Choice(self.links(collection, &[text()])),
            Input::Links(collection) => {
                let chosen = value.and_then(Value::as_array).into_iter().flatten().map(text_of).collect::<Vec<_>>();
                Control::Links(self.links(collection, &chosen))
            }
            Input::Group(inner) => Control::Group(self.rows(field, inner, &name, value)),
        };
        let named = match field.input {
            Input::Concept => join(&name, "text"),
            Input::Party => join(&name, "name"),
            _ => name.clone(),
        };
        let label_path = if field.path.is_empty() {
            prefix.trim_end_matches(|c: char| c == '.' || c.is_ascii_digit())
        } else {
            field.path
        };
        FieldView {
            t: self.locale.clone(),
            id: format!("f-{}", named.replace('.', "-")),
            label: labels::field(self.locale, self.kind, label_path),
            help: labels::help(self.locale, self.kind, label_path),
            error: self.problem(&name),
            name: named,
            required: field.required,
            wide: field.wide,
            control,
        }
    }

    fn rows(self, field: &Field, inner: &[Field], name: &str, value: Option<&Value>) -> Vec<Vec<FieldView>> {
        let items = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let empty = Value::Null;
        let grows = usize::from(self.grow == Some(field.path) && !items.is_empty());
        // Who writes down a blood pressure has two numbers to write, and no third.
        let spare = if field.path == PARTS && !items.is_empty() { grows } else { 1 + grows };
        items
            .iter()
            .chain(std::iter::repeat_n(&empty, spare))
            .enumerate()
            .map(|(row, item)| {
                let prefix = format!("{name}.{row}");
                // A row that is not begun asks for nothing.
                let optional = |field: &Field| Field { required: field.required && !item.is_null(), ..*field };
                inner.iter().map(|field| self.view(&optional(field), &prefix, item)).collect()
            })
            .collect()
    }

    fn options(self, field: &Field, words: &[&str], chosen: &str) -> Vec<OptionView> {
        let option = |word: &str| OptionView {
            value: word.to_owned(),
            label: labels::choice(self.locale, field.path, word),
            chosen: word == chosen,
        };
        let foreign = (!chosen.is_empty() && !words.contains(&chosen)).then_some(chosen);
        words.iter().copied().chain(foreign).map(option).collect()
    }

    fn links(self, collection: &str, chosen: &[String]) -> Vec<OptionView> {
        let known = self.links.get(collection).map_or(&[][..], Vec::as_slice);
        let foreign = chosen
            .iter()
            .filter(|id| !id.is_empty() && !known.iter().any(|(known, _)| known == *id))
            .map(|id| (id.clone(), id.clone()));
        known
            .iter()
            .cloned()
            .chain(foreign)
            .map(|(value, label)| OptionView { chosen: chosen.contains(&value), value, label })
            .collect()
    }

    /// A stored moment as a person types it; a day stays a day.
    fn moment(self, text: &str) -> String {
        if text.len() <= 10 {
            return text.to_owned();
        }
        text.parse().map_or_else(|_| text.to_owned(), |instant| self.locale.typed(instant))
    }

    /// What is wrong with the field at the dotted path `name`, or with something inside it.
    fn problem(self, name: &str) -> String {
        let path = format!("/{}", name.replace('.', "/"));
        let inside = |problem: &&Problem| {
            problem.path == path || problem.path.strip_prefix(&path).is_some_and(|rest| rest.starts_with('/'))
        };
        self.problems.iter().find(inside).map(|problem| problem_text(self.locale, &problem.code)).unwrap_or_default()
    }
}

/// The text of a problem's code.
pub fn problem_text(locale: &Locale, code: &str) -> String {
    locale.first_of(&[&format!("problem-{code}"), "problem-invalid"]).unwrap_or_default()
}

/// Problems that belong to no field of the layout, for the head of the form.
fn homeless(layout: &Layout, locale: &Locale, problems: &[Problem]) -> Vec<String> {
    let shown = |problem: &Problem| {
        let dotted = problem.path.trim_start_matches('/').replace('/', ".");
        layout.fields().any(|field| dotted == field.path || dotted.starts_with(&format!("{}.", field.path)))
    };
    problems.iter().filter(|problem| !shown(problem)).map(|problem| problem_text(locale, &problem.code)).collect()
}

/// What stands at the head of a form that was refused: what belongs to no field, and each field that needs another look by
/// its name, because on a telephone the field itself may be far below.
pub fn at_the_head(layout: &Layout, locale: &Locale, problems: &[Problem], sections: &[SectionView]) -> Vec<String> {
    let mut said = homeless(layout, locale, problems);
    let wrong = sections.iter().flat_map(|section| &section.fields).filter(|field| !field.error.is_empty());
    said.extend(wrong.map(|field| format!("{}: {}", field.label, field.error)));
    if said.is_empty() && !problems.is_empty() {
        said.push(locale.say("form-check-fields"));
    }
    said
}

fn join(prefix: &str, path: &str) -> String {
    match (prefix, path) {
        ("", path) => path.to_owned(),
        (prefix, "") => prefix.to_owned(),
        (prefix, path) => format!("{prefix}.{path}"),
    }
}

fn lines(value: Option<&Value>) -> String {
    match value {
        Some(Value::Array(items)) => items.iter().map(name_of_any).collect::<Vec<_>>().join("\n"),
        Some(other) => text_of(other),
        None => String::new(),
    }
}

fn name_of_any(value: &Value) -> String {
    if value.is_object() { name_of(value) } else { text_of(value) }
}

fn codes(value: Option<&Value>) -> Vec<(String, String, String)> {
    let part = |code: &Value, name: &str| code.get(name).map(text_of).unwrap_or_default();
    value
        .and_then(|value| value.get("codes"))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|code| (part(code, "system"), part(code, "code"), part(code, "display")))
        .collect()
}
