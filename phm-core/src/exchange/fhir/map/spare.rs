//! What a record can do without.
//!
//! One wrong detail, a reference range upside down or a dose number of zero, must not take a result or an immunization
//! out of every list. What breaks a rule of its kind stays out of the record where it is optional and says nothing of
//! what was found or given; the original keeps it, and an export gives it back.

use serde_json::Value;

use crate::error::Detail;
use crate::model::FieldInfo;

/// Without these a record would say something else than its resource, so they are never left out.
const MEANING: [&str; 12] = [
    "quantity",
    "text_value",
    "coded_value",
    "ratio",
    "components",
    "dose",
    "amount",
    "frequency",
    "duration",
    "status",
    "verification",
    "deceased",
];

/// `body` without what `wrong` names; `None` where the record cannot do without one of them.
pub(super) fn without(fields: &[FieldInfo], body: &Value, wrong: &[Detail]) -> Option<Value> {
    let mut left = body.clone();
    wrong.iter().try_for_each(|detail| leave_out(fields, &mut left, detail))?;
    Some(left)
}

fn leave_out(fields: &[FieldInfo], body: &mut Value, detail: &Detail) -> Option<()> {
    let mut steps = detail.path.split('/').skip(1);
    let name = steps.next()?;
    // Which of two dates is the wrong one, nobody can tell; when a result was released matters least.
    if detail.code == "end-before-start" && name != "resulted_at" {
        return None;
    }
    let field = named(fields, name)?;
    if !field.many {
        return remove(field, body);
    }
    let entry: usize = steps.next()?.parse().ok()?;
    let inner = named(field.fields, steps.next()?)?;
    remove(inner, body.get_mut(name)?.get_mut(entry)?)
}

fn named<'f>(fields: &'f [FieldInfo], name: &str) -> Option<&'f FieldInfo> {
    fields.iter().find(|field| field.name == name && !MEANING.contains(&name))
}

fn remove(field: &FieldInfo, from: &mut Value) -> Option<()> {
    if field.required {
        return None;
    }
    from.as_object_mut()?.remove(field.name);
    Some(())
}
