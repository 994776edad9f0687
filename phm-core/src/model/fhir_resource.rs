//! An imported FHIR resource that has no kind of its own. Its original bytes are kept beside it.

use serde::Serialize;
use serde_json::Value;

use crate::fields;
use crate::time::When;

use super::{At, Kind, Part, Report, Summary, Word};

/// The name of a FHIR resource type, for example `Encounter`.
#[derive(Clone, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ResourceType(String);

impl Part for ResourceType {
    type View<'a> = &'a str;

    const OF: &'static str = "text";

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let code = match value.as_str() {
            None => "wrong-type",
            Some("") => "required",
            Some(name) if is_type_name(name) => return Some(Self(name.to_owned())),
            Some(_) => "invalid-type-name",
        };
        report.say(at, code);
        None
    }

    fn view(&self) -> &str {
        &self.0
    }
}

fn is_type_name(name: &str) -> bool {
    name.starts_with(|letter: char| letter.is_ascii_uppercase())
        && name.len() <= 64
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fields! {
    /// An imported resource that has no kind of its own.
    pub struct FhirResource {
        /// Its type, for example `Encounter`.
        resource_type: ResourceType,
        /// Its id where it came from.
        resource_id: Option<Word>,
        /// Whom or what it is about, as it was written there.
        subject: Option<Word>,
    }
}

impl Kind for FhirResource {
    const NAME: &'static str = "fhir-resource";
    const COLLECTION: &'static str = "fhir-resources";

    fn occurred(&self) -> Option<When> {
        None
    }

    fn summary(&self) -> Summary {
        Summary::of(self.resource_type())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn a_fhir_resource_keeps_its_stored_form() {
        let body = json!({"resource_type": "Claim", "resource_id": "7", "subject": "Patient/1"});
        insta::assert_snapshot!(stored::<FhirResource>(&body), @r#"{"resource_type":"Claim","resource_id":"7","subject":"Patient/1"}"#);
        assert_eq!(listed::<FhirResource>(&body), "|Claim||||");
    }

    #[test]
    fn fhir_resources_that_mean_nothing_are_refused() {
        let cases = [
            (json!({"resource_id": "7"}), "/resource_type required"),
            (json!({"resource_type": ""}), "/resource_type required"),
            (json!({"resource_type": "claim"}), "/resource_type invalid-type-name"),
            (json!({"resource_type": "Claim/7"}), "/resource_type invalid-type-name"),
            (json!({"resource_type": 7}), "/resource_type wrong-type"),
            (json!({"resource_type": "Claim", "id": "7"}), "/id unknown-field"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<FhirResource>(&body), expected, "{body}");
        }
    }
}
