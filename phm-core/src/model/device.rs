//! A device that somebody uses or carries in the body.

use crate::fields;
use crate::time::When;

use super::{Concept, Kind, Summary, Text, Word};

fields! {
    /// A device that somebody uses or carries in the body.
    pub struct Device {
        /// What sort of device it is.
        r#type: Concept,
        /// Who made it.
        manufacturer: Option<Text>,
        /// Which model.
        model: Option<Text>,
        /// Its serial number.
        serial: Option<Word>,
        /// Its unique device identification.
        udi: Option<Word>,
        /// Whether it is in use.
        status: Option<Word>,
    }
}

impl Kind for Device {
    const NAME: &'static str = "device";
    const COLLECTION: &'static str = "devices";

    fn occurred(&self) -> Option<When> {
        None
    }

    fn summary(&self) -> Summary {
        self.r#type.summarised().value(self.model()).status(self.status())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    #[test]
    fn a_device_keeps_its_stored_form() {
        let body = json!({
            "type": "Pacemaker", "manufacturer": "Lake", "model": "P7", "serial": "S-1",
            "udi": "(01)00844588003288(17)141120", "status": "active",
        });
        insta::assert_snapshot!(stored::<Device>(&body), @r#"{"type":{"text":"Pacemaker"},"manufacturer":"Lake","model":"P7","serial":"S-1","udi":"(01)00844588003288(17)141120","status":"active"}"#);
        assert_eq!(listed::<Device>(&body), "|Pacemaker|P7|active||");
    }

    #[test]
    fn devices_that_mean_nothing_are_refused() {
        let cases = [
            (json!({"model": "P7"}), "/type required"),
            (json!({"type": " "}), "/type/text required"),
            (json!({"type": "P", "serial": 7}), "/serial wrong-type"),
            (json!({"type": "P", "kind": "x"}), "/kind unknown-field"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Device>(&body), expected, "{body}");
        }
    }
}
