//! The fields of a kind as columns, by the type each is described with.
//!
//! | type | columns |
//! |---|---|
//! | quantity | `x` as a number, `x_text` as it was written, `x_unit`, `x_comparator` |
//! | concept | `x` in words, `x_code`, `x_system` (of the first code) |
//! | party | `x`: the name |
//! | range | `x_low`, `x_high`, `x_unit`, `x_text`; numbers only where both have one unit |
//! | decimal | `x` as a number, `x_text` as it was written |
//! | when, date, instant | `x`: the first moment it may mean; `x_text` as precisely as it is known |
//! | integer, number, boolean, choice, text … | `x` |
//! | lists, objects, ratios | `x` as JSON |

use serde_json::Value;

use super::builder::Cell;
use super::columns::{Column, Of};
use crate::model::FieldInfo;
use crate::time::{Instant, When};

/// Adds the columns of a field.
pub(super) fn columns(field: &FieldInfo, out: &mut Vec<Column>) {
    let mut add = |end: &str, of, doc: &str| {
        let name = format!("{}{end}", field.name);
        let doc = if doc.is_empty() { field.doc.to_owned() } else { format!("{} {doc}", field.doc) };
        out.push(Column { name, of, unit: None, doc });
    };
    match shape(field) {
        Shape::Quantity => {
            add("", Of::Number, "As a number, in the unit of the row.");
            add("_text", Of::Text, "As it was written.");
            add("_unit", Of::Word, "The unit in UCUM.");
            add("_comparator", Of::Word, "On which side of the number the true value lies.");
        }
        Shape::Concept => {
            add("", Of::Text, "In words.");
            add("_code", Of::Word, "The first code.");
            add("_system", Of::Word, "The system of the first code.");
        }
        Shape::Range => {
            add("_low", Of::Number, "The lowest.");
            add("_high", Of::Number, "The highest.");
            add("_unit", Of::Word, "The unit of both in UCUM.");
            add("_text", Of::Text, "In words.");
        }
        Shape::Decimal => {
            add("", Of::Number, "As a number.");
            add("_text", Of::Text, "As it was written.");
        }
        Shape::Time => {
            add("", Of::Moment, "The first moment in UTC that it may mean.");
            add("_text", Of::Text, "As precisely as it is known.");
        }
        Shape::Party => add("", Of::Text, "The name."),
        Shape::Integer => add("", Of::Integer, ""),
        Shape::Number => add("", Of::Number, ""),
        Shape::Boolean => add("", Of::Boolean, ""),
        Shape::Word => add("", Of::Word, ""),
        Shape::Text => add("", Of::Text, ""),
        Shape::Json => add("", Of::Text, "As JSON."),
    }
}

#[derive(Clone, Copy)]
enum Shape {
    Quantity,
    Concept,
    Range,
    Decimal,
    Time,
    Party,
    Integer,
    Number,
    Boolean,
    Word,
    Text,
    Json,
}

fn shape(field: &FieldInfo) -> Shape {
    match field.of {
        _ if field.many => Shape::Json,
        "quantity" => Shape::Quantity,
        "concept" => Shape::Concept,
        "party" => Shape::Party,
        "range" => Shape::Range,
        "decimal" => Shape::Decimal,
        "when" | "date" | "instant" => Shape::Time,
        "integer" => Shape::Integer,
        "number" => Shape::Number,
        "boolean" => Shape::Boolean,
        "choice" | "unit" => Shape::Word,
        "text" if !field.choices.is_empty() => Shape::Word,
        "text" | "code" | "id" | "link" | "time" => Shape::Text,
        _ => Shape::Json,
    }
}

/// Cells of one row, as far as they had to be made.
#[derive(Default)]
pub(super) struct Made(Vec<Own>);

enum Own {
    None,
    Text(String),
    Integer(i64),
    Number(f64),
    Boolean(bool),
}

impl Made {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        self.0.iter().map(|own| match own {
            Own::None => Cell::None,
            Own::Text(text) => Cell::Text(text),
            Own::Integer(value) => Cell::Integer(*value),
            Own::Number(value) => Cell::Number(*value),
            Own::Boolean(value) => Cell::Boolean(*value),
        })
    }

    fn text(&mut self, value: Option<&Value>) {
        self.0.push(value.and_then(Value::as_str).map_or(Own::None, |text| Own::Text(text.to_owned())));
    }

    /// A number that is written as a text.
    fn decimal(&mut self, value: Option<&Value>) {
        let number = value.and_then(Value::as_str).and_then(|text| text.parse::<f64>().ok());
        self.0.push(number.filter(|number| number.is_finite()).map_or(Own::None, Own::Number));
    }
}

/// Makes the cells of a field, as many as [`columns`] adds.
pub(super) fn make(field: &FieldInfo, value: Option<&Value>, made: &mut Made) {
    let part = |name: &str| value.and_then(|value| value.get(name));
    match shape(field) {
        Shape::Quantity => {
            made.decimal(part("value"));
            for name in ["value", "unit", "comparator"] {
                made.text(part(name));
            }
        }
        Shape::Concept => {
            let code = |name| value.and_then(|value| value.pointer("/codes/0")?.get(name));
            made.text(part("text").or_else(|| code("display")));
            made.text(code("code"));
            made.text(code("system"));
        }
        Shape::Range => {
            let of = |end: &str, name: &str| part(end).and_then(|bound| bound.get(name));
            let (low, high) = (of("low", "unit"), of("high", "unit"));
            // One number in one unit beside another in another would be read as a range that nobody gave.
            let apart = low.zip(high).is_some_and(|(low, high)| low != high);
            for end in ["low", "high"] {
                made.decimal(of(end, "value").filter(|_| !apart));
            }
            made.text(low.or(high).filter(|_| !apart));
            made.text(part("text"));
        }
        Shape::Decimal => {
            made.decimal(value);
            made.text(value);
        }
        Shape::Time => {
            let when = value.and_then(Value::as_str).and_then(|text| text.parse::<When>().ok());
            made.0.push(when.map(When::first).map_or(Own::None, |at: Instant| Own::Integer(at.millis())));
            made.text(value);
        }
        Shape::Party => made.text(part("name")),
        Shape::Integer => made.0.push(value.and_then(Value::as_i64).map_or(Own::None, Own::Integer)),
        Shape::Number => made.0.push(value.and_then(Value::as_f64).map_or(Own::None, Own::Number)),
        Shape::Boolean => made.0.push(value.and_then(Value::as_bool).map_or(Own::None, Own::Boolean)),
        Shape::Word | Shape::Text => made.text(value),
        Shape::Json => made.0.push(value.map_or(Own::None, |value| Own::Text(value.to_string()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds;

    #[test]
    fn every_kind_has_as_many_cells_as_columns_and_no_name_twice() {
        for info in kinds().iter().filter(|info| !info.system) {
            let (mut all, mut made) = (super::super::rows::columns_of(info), Made::default());
            let before = all.len() - {
                let mut own = Vec::new();
                info.fields.iter().for_each(|field| columns(field, &mut own));
                own.len()
            };
            for field in info.fields {
                make(field, None, &mut made);
            }
            assert_eq!(made.cells().count(), all.len() - before, "{}", info.name);
            all.sort_by(|a, b| a.name.cmp(&b.name));
            assert!(all.windows(2).all(|two| two[0].name != two[1].name), "{}", info.name);
        }
    }
}
