//! The operations of the OpenAPI document, in the order in which they can be tried.

use poem::http::Method;
use serde_json::Value;

use crate::records::bodies;

/// An operation of the document.
#[derive(Debug)]
pub struct Operation {
    pub name: String,
    pub method: Method,
    pub path: String,
}

pub fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&phm_appliance::http::api::document()).expect("JSON");
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let name = operation["operationId"].as_str().expect("a name").to_owned();
            let method = method.to_uppercase().parse().expect("a method");
            operations.push(Operation { name, method, path: format!("/api/v1{path}") });
        }
    }
    // Whoever breaks the glass, or comes into the family, sees more from then on.
    operations.sort_by_key(|operation| match operation.name.as_str() {
        "break_glass" | "break_glass_by_name" | "family_accept" => 1,
        "auth_logout" => 2,
        _ => 0,
    });
    operations
}

/// Collection and verb of an operation on records of a kind.
pub fn of_records(name: &str) -> Option<(String, &str)> {
    let verbs =
        ["list", "create", "read", "put", "patch", "delete", "restore", "history", "original", "rectify", "mark"];
    let (collection, verb) = name.rsplit_once('_')?;
    let collection = collection.replace('_', "-");
    let known = collection == "documents" || bodies().iter().any(|(name, _)| *name == collection);
    (known && verbs.contains(&verb)).then_some((collection, verb))
}
