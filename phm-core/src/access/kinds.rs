//! Which kinds of record a grant, a token or a carer is trusted with.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The word that stands for every kind, in JSON and in a question about all of them.
pub(crate) const EVERY: &str = "*";

/// A choice of kinds of record. Written as a list of names; `["*"]` stands for every kind, also later ones.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Kinds {
    /// Every kind, also those added later.
    All,
    /// These and no other; an empty set is no kind at all.
    Only(BTreeSet<String>),
}

impl Kinds {
    /// The kinds with these names.
    pub fn of<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        let names: BTreeSet<String> = names.into_iter().map(Into::into).collect();
        if names.contains(EVERY) { Self::All } else { Self::Only(names) }
    }

    /// Whether `kind` is among them. The word `*` asks for every kind at once.
    pub fn contains(&self, kind: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(kind),
        }
    }

    /// The names as they are written.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::All => vec![EVERY],
            Self::Only(names) => names.iter().map(String::as_str).collect(),
        }
    }
}

/// No kind at all: nothing is allowed by default.
impl Default for Kinds {
    fn default() -> Self {
        Self::Only(BTreeSet::new())
    }
}

impl Serialize for Kinds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

impl<'de> Deserialize<'de> for Kinds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(Vec::<String>::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_is_no_kind_at_all() {
        let none: Kinds = serde_json::from_str("[]").expect("a list");
        assert!(!none.contains("note") && !none.contains(EVERY));
        assert_eq!(none, Kinds::default());
    }

    #[test]
    fn a_list_of_names_never_stands_for_every_kind() {
        let some = Kinds::of(["note", "visit"]);
        assert!(some.contains("note") && !some.contains("lab-result") && !some.contains(EVERY));
        assert!(Kinds::of(["note", "*"]).contains("lab-result"));
        assert_eq!(serde_json::to_string(&Kinds::All).expect("plain text"), r#"["*"]"#);
    }
}
