//! A person: who the other records are about.

use serde::Serialize;
use serde_json::Value;

use crate::fields;
use crate::time::{PartialDate, When};

use super::macros::{choice, words};
use super::{At, FieldInfo, Kind, Part, Report, Summary, Text, Word};

choice! {
    /// Sex as it matters to reference ranges and formulas; the words are FHIR's administrative gender.
    pub enum Sex {
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
        /// Neither of the two.
        Other = "other",
        /// Not known.
        Unknown = "unknown",
    }
}

words! {
    /// A blood group, usually ABO and rhesus.
    pub struct BloodGroup: "A+" "A-" "B+" "B-" "AB+" "AB-" "O+" "O-"
}

fields! {
    /// What a person is called.
    pub struct Name is "object" bare text checked by is_a_name {
        /// Given names, the usual one first.
        given: Vec<Text>,
        /// Family name.
        family: Option<Text>,
        /// The whole name as it is written.
        text: Option<Text>,
    }
}

fn is_a_name(name: &Name, at: &At<'_>, report: &mut Report) {
    if name.given.is_empty() && name.family.is_none() && name.text.is_none() {
        report.say(&at.field("text"), "required");
    }
}

impl Name {
    /// The whole name: as it is written, else given names and family name.
    pub fn full(&self) -> String {
        if let Some(text) = self.text() {
            return text.to_owned();
        }
        let parts: Vec<&str> = self.given.iter().map(Text::as_str).chain(self.family()).collect();
        parts.join(" ")
    }
}

fields! {
    /// A way to reach a person.
    pub struct Contact {
        /// What it is: `phone`, `email` …
        r#type: Option<Word>,
        /// The number or address.
        value: Text,
        /// What it is for: `home`, `work`, `mobile` …
        r#use: Option<Word>,
    }
}

fields! {
    /// Whom to call in an emergency.
    pub struct EmergencyContact {
        /// Their name.
        name: Text,
        /// What they are to the person.
        relation: Option<Word>,
        /// Their telephone number.
        phone: Option<Word>,
    }
}

fields! {
    /// A number with which another house names a person.
    pub struct NumberedBy {
        /// Who gave the number, as a URI.
        system: Option<Word>,
        /// What kind of number it is.
        r#type: Option<Text>,
        /// The number.
        value: Word,
    }
}

/// A number with which another house names a person; one that nobody is named for is a bare text.
#[derive(Clone, Eq, PartialEq)]
pub struct Identifier(NumberedBy);

impl Identifier {
    /// The number.
    pub fn value(&self) -> &str {
        self.0.value()
    }

    /// Who gave the number, as a URI.
    pub fn system(&self) -> Option<&str> {
        self.0.system()
    }
}

impl Serialize for Identifier {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.system.is_none() && self.0.r#type.is_none() {
            self.0.value.serialize(serializer)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl Part for Identifier {
    type View<'a> = &'a Self;

    const OF: &'static str = "object";
    const FIELDS: &'static [FieldInfo] = NumberedBy::FIELDS;
    const BARE: Option<&'static str> = Some("value");

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        if value.is_string() {
            let value = Word::read(value, at, report)?;
            return Some(Self(NumberedBy { system: None, r#type: None, value }));
        }
        NumberedBy::read(value, at, report).map(Self)
    }

    fn view(&self) -> &Self {
        self
    }
}

fields! {
    /// A person.
    pub struct Profile checked by born_before_died {
        /// What they are called.
        name: Name,
        /// When they were born.
        birth_date: Option<PartialDate>,
        /// Sex, as it matters to reference ranges and formulas.
        sex: Option<Sex>,
        /// Blood group.
        blood_group: Option<BloodGroup>,
        /// Languages they speak, the preferred one first.
        languages: Vec<Word>,
        /// Ways to reach them.
        contacts: Vec<Contact>,
        /// Where they live.
        address: Option<Text>,
        /// Whom to call in an emergency.
        emergency_contacts: Vec<EmergencyContact>,
        /// Numbers with which other houses name them.
        identifiers: Vec<Identifier>,
        /// Whether they have died.
        deceased: Option<bool>,
        /// When they died.
        deceased_on: Option<PartialDate>,
    }
}

fn born_before_died(person: &Profile, at: &At<'_>, report: &mut Report) {
    let (born, died) = (person.birth_date.map(When::Date), person.deceased_on.map(When::Date));
    super::in_order(born, died, at, "deceased_on", report);
}

impl Kind for Profile {
    const NAME: &'static str = "profile";
    const COLLECTION: &'static str = "";

    fn occurred(&self) -> Option<When> {
        None
    }

    fn summary(&self) -> Summary {
        Summary::of(self.name.full())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, read, refused, stored};

    #[test]
    fn a_profile_keeps_its_stored_form() {
        let body = json!({
            "deceased": false, "identifiers": ["MRN 7", {"system": "urn:abha", "value": "91-1"}],
            "emergency_contacts": [{"name": "Ravi", "relation": "brother", "phone": "+91 1"}],
            "address": "12 Lake Road", "contacts": [{"type": "phone", "value": "+91 2", "use": "home"}],
            "languages": ["pa", "hi"], "blood_group": "O+", "sex": "female", "birth_date": "1961-04",
            "name": {"family": "Kaur", "given": ["Asha"]},
        });
        insta::assert_snapshot!(stored::<Profile>(&body), @r#"{"name":{"given":["Asha"],"family":"Kaur"},"birth_date":"1961-04","sex":"female","blood_group":"O+","languages":["pa","hi"],"contacts":[{"type":"phone","value":"+91 2","use":"home"}],"address":"12 Lake Road","emergency_contacts":[{"name":"Ravi","relation":"brother","phone":"+91 1"}],"identifiers":["MRN 7",{"system":"urn:abha","value":"91-1"}],"deceased":false}"#);
        assert_eq!(listed::<Profile>(&body), "|Asha Kaur||||");
    }

    #[test]
    fn a_name_may_be_a_bare_text() {
        assert_eq!(stored::<Profile>(&json!({"name": "Asha Kaur"})), r#"{"name":{"text":"Asha Kaur"}}"#);
        assert_eq!(read::<Profile>(&json!({"name": {"given": ["Asha", "Rani"]}})).name().full(), "Asha Rani");
    }

    #[test]
    fn profiles_that_mean_nothing_are_refused() {
        let cases = [
            (json!({}), "/name required"),
            (json!({"name": {}}), "/name/text required"),
            (json!({"name": "  "}), "/name/text required"),
            (json!({"name": null}), "/name required"),
            (json!({"name": "A", "sex": "F"}), "/sex invalid-choice"),
            (json!({"name": "A", "birth_date": "1961-13"}), "/birth_date invalid-date"),
            (json!({"name": "A", "birth_date": "1961-04-03T00:00:00Z"}), "/birth_date invalid-date"),
            (json!({"name": "A", "birth_date": "1961", "deceased_on": "1960"}), "/deceased_on end-before-start"),
            (json!({"name": "A", "deceased": "no"}), "/deceased wrong-type"),
            (json!({"name": "A", "languages": "pa"}), "/languages wrong-type"),
            (json!({"name": "A", "contacts": [{"type": "phone"}]}), "/contacts/0/value required"),
            (json!({"name": "A", "contacts": ["1"]}), "/contacts/0 wrong-type"),
            (json!({"name": "A", "gender": "female", "sex": 1}), "/sex wrong-type, /gender unknown-field"),
            (json!([]), " wrong-type"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Profile>(&body), expected, "{body}");
        }
    }
}
