//! From records back to FHIR R4.
//!
//! An unamended record leaves as the exact bytes it came as; an amended one as those bytes with only the changed
//! elements changed; one typed by hand as the resource type an import turns into the same kind.

mod measured;
mod medicine;
mod out;
mod patch;
mod resource;
mod write;

use serde_json::Value;

use super::json::Node;
use out::{Fields, Json, single};
pub use write::{BundleWriter, NdjsonWriter};

/// A record typed by hand as a FHIR resource with `id`; `patient` is the reference to the person's Patient resource.
pub fn to_fhir(kind: &str, body: &Value, id: &str, patient: &str) -> Vec<u8> {
    let resource_type = match kind {
        "fhir-resource" => body["resource_type"].as_str().unwrap_or("Basic"),
        _ => resource::type_of(kind, body),
    };
    let mut fields = Fields::default();
    fields.text("resourceType", Some(resource_type)).text("id", Some(id));
    let person = || single("reference", Some(Json::text(patient)));
    if let Some(element) = resource::subject_element(resource_type) {
        fields.put(element, person());
    }
    let Json::Object(elements) = resource::elements(kind, resource_type, body).object() else {
        unreachable!("fields make an object")
    };
    let mut attends = None;
    for (name, value) in elements {
        match (resource_type, name, value) {
            ("Appointment", "participant", Json::List(others)) => attends = Some(others),
            (_, name, value) => drop(fields.put(name, Some(value))),
        }
    }
    if resource_type == "Appointment" {
        let mut own = Fields::default();
        own.put("actor", person()).text("status", Some("accepted"));
        fields.list("participant", own.some().into_iter().chain(attends.into_iter().flatten()).collect());
    }
    let mut out = String::new();
    fields.object().write(&mut out);
    out.into_bytes()
}

/// `original`, an imported resource, after its record was amended from `old` to `new`.
///
/// Only elements that say what changed are changed; `None` when the original is no JSON.
pub fn patch_original(original: &[u8], kind: &str, old: &Value, new: &Value) -> Option<Vec<u8>> {
    let raw = std::str::from_utf8(original).ok()?.trim();
    let node = Node::parse(raw.as_bytes()).ok()?;
    let resource_type = node.text("resourceType")?;
    let written = |body| resource::elements(kind, resource_type, body).object();
    Some(patch::patched(raw, &node, &written(old), &written(new)).into_bytes())
}
