//! People and organisations that are not in the vault themselves.

use crate::fields;

use super::{Text, Word};

fields! {
    /// Somebody who did, wrote or pays something.
    pub struct Party is "party" bare name {
        /// What they are called.
        name: Text,
        /// How another system, or the clinic's own list, names them.
        id: Option<Word>,
        /// What they are a specialist in.
        speciality: Option<Text>,
        /// Where they work.
        organization: Option<Text>,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{refused, stored};

    #[test]
    fn a_bare_string_is_a_party_by_name() {
        assert_eq!(stored::<Party>(&json!("Dr Rao")), r#"{"name":"Dr Rao"}"#);
    }

    #[test]
    fn a_party_has_a_name() {
        assert_eq!(refused::<Party>(&json!({"speciality": "cardiology"})), "/name required");
        assert_eq!(refused::<Party>(&json!("")), " required");
        assert_eq!(refused::<Party>(&json!({"name": "Dr Rao", "phone": "1"})), "/phone unknown-field");
    }
}
