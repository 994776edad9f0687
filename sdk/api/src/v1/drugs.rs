//! `drugs`: medicines and allergies in, findings out.
//!
//! The house reads what the caller may read and hands it over; a drugs plugin needs no permission for records. What it does
//! not know it says: every medicine stands in `checked_names`, in `not_checked` or in `over`, and what stands in none of them is
//! shown as not checked.

use serde::{Deserialize, Serialize};

/// What is to be checked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Input {
    /// The medicines of the person.
    #[serde(default)]
    pub medications: Vec<Medicine>,
    /// Medicines that somebody thinks of, as written.
    #[serde(default)]
    pub candidates: Vec<String>,
    /// The allergies of the person.
    #[serde(default)]
    pub allergies: Vec<Named>,
    /// The day of the check: `2026-11-28`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub today: Option<String>,
}

/// One medicine of a person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Medicine {
    /// The name as it was written.
    pub name: String,
    /// Its codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<Code>,
    /// The way into the body, as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The amount of one dose in milligrams, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strength_mg: Option<String>,
    /// Doses a day, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_day: Option<String>,
    /// The day it was stopped, where it was: it may still work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_on: Option<String>,
    /// The substances a person said it is; then it is checked as these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmed: Vec<String>,
}

/// Something with a name and codes.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Named {
    /// The name as it was written.
    pub name: String,
    /// Its codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<Code>,
}

/// A code of a system.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Code {
    /// The system.
    pub system: String,
    /// The code.
    pub code: String,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Output {
    /// Which data it was checked against.
    pub data_version: String,
    /// How many medicines were checked.
    pub checked: u32,
    /// How many there were.
    pub total: u32,
    /// The others, as written.
    pub not_checked: Vec<String>,
    /// What they may be; a person has to say.
    pub proposed: Vec<Proposal>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// The medicines that were checked, as written: the house counts what is named, not what is counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checked_names: Vec<String>,
    /// Those of them about which the data holds nothing, so that nothing could be found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nothing_known: Vec<String>,
    /// Medicines, as written, that were stopped so long ago that they work no more; they are not in `total`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over: Vec<String>,
    /// Allergies, as written, that were not understood.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allergies_not_checked: Vec<String>,
}

/// What a name may mean.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Proposal {
    /// The name as it was written.
    pub from: String,
    /// The substances it may mean.
    pub ingredients: Vec<String>,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// What it is about.
    pub kind: FindingKind,
    /// The medicines, as written.
    pub drugs: Vec<String>,
    /// How bad it may get.
    pub severity: Severity,
    /// Why.
    pub mechanism: String,
    /// What to do.
    pub advice: String,
    /// Who says so.
    pub source: String,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum FindingKind {
    /// Two medicines do not go together.
    Interaction,
    /// The same substance, or the same effect, twice.
    Duplicate,
    /// The person is allergic to it.
    Allergy,
    /// Both prolong the QT interval.
    Qt,
    /// More of one substance than is safe.
    DoseSum,
}

/// How bad it may get, the worst first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Severity {
    /// Never together.
    Contraindicated,
    /// May do serious harm.
    Major,
    /// Needs watching.
    Moderate,
    /// Worth knowing.
    Minor,
}
