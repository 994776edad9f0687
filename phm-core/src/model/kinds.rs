//! The kinds a house knows: the standard ones, and those it adds.

use super::system::{Account, Grant, Import, Relation, Restriction, Token};
use super::{
    Allergy, Appointment, CarePlan, Condition, Device, Document, Dose, FamilyHistory, FhirResource, Immunization,
    Insurance, KindInfo, LabResult, Medication, Message, Note, Prescription, Procedure, Profile, Series, SymptomReport,
    Visit, VitalSign,
};

/// The standard kinds, records of people first.
static STANDARD: &[KindInfo] = &[
    KindInfo::of::<Profile>(),
    KindInfo::of::<Visit>(),
    KindInfo::of::<Condition>(),
    KindInfo::of::<Allergy>(),
    KindInfo::of::<Medication>(),
    KindInfo::of::<Dose>(),
    KindInfo::of::<Prescription>(),
    KindInfo::of::<LabResult>(),
    KindInfo::of::<VitalSign>(),
    KindInfo::of::<Immunization>(),
    KindInfo::of::<Procedure>(),
    KindInfo::of::<FamilyHistory>(),
    KindInfo::of::<Document>(),
    KindInfo::of::<Appointment>(),
    KindInfo::of::<SymptomReport>(),
    KindInfo::of::<Message>(),
    KindInfo::of::<CarePlan>(),
    KindInfo::of::<Insurance>(),
    KindInfo::of::<Device>(),
    KindInfo::of::<Note>(),
    KindInfo::of::<Series>(),
    KindInfo::of::<FhirResource>(),
    KindInfo::of::<Account>(),
    KindInfo::of::<Relation>(),
    KindInfo::of::<Grant>(),
    KindInfo::of::<Token>(),
    KindInfo::of::<Import>(),
    KindInfo::of::<Restriction>(),
];

/// The standard kinds, in the order lists show them.
pub fn kinds() -> &'static [KindInfo] {
    STANDARD
}

/// The kinds of one house.
#[derive(Clone, Debug)]
pub struct Kinds(Vec<KindInfo>);

impl Kinds {
    /// The kinds every house knows.
    pub fn standard() -> Self {
        Self(STANDARD.to_vec())
    }

    /// The same and one more; a kind of that name is replaced.
    pub fn with(mut self, kind: KindInfo) -> Self {
        self.0.retain(|known| known.name != kind.name);
        self.0.push(kind);
        self
    }

    /// The kind of this name.
    pub fn get(&self, name: &str) -> Option<&KindInfo> {
        self.0.iter().find(|kind| kind.name == name)
    }

    /// The kind whose records stand in this collection of a profile.
    pub fn by_collection(&self, collection: &str) -> Option<&KindInfo> {
        self.0.iter().find(|kind| !kind.system && !collection.is_empty() && kind.collection == collection)
    }

    /// All of them, in the order lists show them.
    pub fn iter(&self) -> std::slice::Iter<'_, KindInfo> {
        self.0.iter()
    }
}

impl Default for Kinds {
    fn default() -> Self {
        Self::standard()
    }
}

impl<'a> IntoIterator for &'a Kinds {
    type Item = &'a KindInfo;
    type IntoIter = std::slice::Iter<'a, KindInfo>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FieldInfo;

    #[test]
    fn collections_are_those_of_the_contract() {
        let collections: Vec<_> =
            kinds().iter().filter(|kind| !kind.collection.is_empty()).map(|kind| kind.collection).collect();
        assert_eq!(
            collections.join(" "),
            "visits conditions allergies medications doses prescriptions lab-results vital-signs immunizations \
             procedures family-history documents appointments symptom-reports messages care-plans insurance devices \
             notes series fhir-resources"
        );
    }

    #[test]
    fn kinds_are_found_by_name_and_by_collection() {
        let kinds = Kinds::standard();
        assert_eq!(kinds.get("lab-result").map(|kind| kind.collection), Some("lab-results"));
        assert_eq!(kinds.by_collection("allergies").map(|kind| kind.name), Some("allergy"));
        for none in ["", "profiles", "accounts", "account", "lab-result", "grants"] {
            assert!(kinds.by_collection(none).is_none(), "{none}");
        }
        assert!(kinds.get("grant").is_some_and(|kind| kind.system));
    }

    #[test]
    fn a_house_may_add_a_kind() {
        let clinic = KindInfo { name: "clinic", collection: "clinics", ..KindInfo::of::<Note>() };
        let kinds = Kinds::standard().with(clinic).with(clinic);
        assert_eq!(kinds.iter().filter(|kind| kind.name == "clinic").count(), 1);
        assert!(kinds.by_collection("clinics").is_some());
    }

    #[test]
    fn every_field_of_every_kind_is_described() {
        fn described(fields: &[FieldInfo], path: &str) {
            for (index, field) in fields.iter().enumerate() {
                let path = format!("{path}.{}", field.name);
                assert!(!field.doc.is_empty() && !field.of.is_empty(), "{path}");
                assert!(fields[..index].iter().all(|other| other.name != field.name), "{path} twice");
                assert_eq!(
                    field.fields.is_empty(),
                    !matches!(field.of, "quantity" | "concept" | "party" | "range" | "ratio" | "object"),
                    "{path}"
                );
                // An id may be that of a record of any kind; a link says which.
                assert!(field.links.is_none() || matches!(field.of, "id" | "link"), "{path}");
                assert!(field.of != "link" || field.links.is_some(), "{path}");
                assert!(field.of != "choice" || field.choices.len() > 1, "{path}");
                described(field.fields, &path);
            }
        }
        for kind in kinds() {
            described(kind.fields, kind.name);
        }
    }
}
