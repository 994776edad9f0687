//! Medicines before a rule accepts them: the check that warns somebody who saves one by hand comes first here too.
//!
//! The check is a call of the drugs plugin and may take seconds. So it runs neither in a commit, for whose end it would wait itself,
//! nor within the call that proposes, which has a place that the check may need and a clock of its own. A medicine waits for a
//! person when it is proposed; when that call is over all that came of it are checked in one go, and the rule accepts those that
//! nothing speaks against, unless something else was written about the person meanwhile. Where the power fails in between they
//! go on waiting.

use std::collections::BTreeMap;

use phm_core::access::Actor;
use phm_core::id::{ProfileId, RecordId};
use phm_core::vault::{PLUGIN_PROPOSALS, Session, Vault};
use phm_core::{ErrorKind, Result};
use phm_plugin_api::v1::drugs::Medicine;
use serde::{Deserialize, Serialize};

use super::ROW;
use super::rule::Rule;
use crate::calls::Plugins;
use crate::interactions::{self, Asked, Interactions, medicines_of};
use crate::proposals::{self, Made, Proposal};

/// Kinds that are medicines.
const CHECKED: [&str; 2] = ["medication", "prescription"];
/// How often they are checked, where something is written about the person meanwhile.
const TRIES: usize = 2;

/// Why a medicine waits that a rule would have accepted otherwise.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// Something speaks against it: another medicine, an allergy, the dose.
    MedicineAlert,
    /// The check does not know it, or knows nothing about it.
    MedicineUnknown,
    /// It was not compared with every medicine and allergy in the record: some are not understood, or cannot be seen.
    MedicineNotCompared,
    /// It was not checked: no plugin that checks medicines is on, it failed, or there was no quiet moment for it.
    MedicineNotChecked,
}

impl Held {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::MedicineAlert, Self::MedicineUnknown, Self::MedicineNotCompared, Self::MedicineNotChecked];

    /// Its word, as in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::MedicineAlert => "medicine-alert",
            Self::MedicineUnknown => "medicine-unknown",
            Self::MedicineNotCompared => "medicine-not-compared",
            Self::MedicineNotChecked => "medicine-not-checked",
        }
    }
}

/// Whether a record of this kind is checked before a rule accepts it.
pub(super) fn is_checked(kind: &str) -> bool {
    CHECKED.contains(&kind)
}

/// Checks medicines that wait since the call that proposed them, and lets the rules accept those that nothing speaks against;
/// `changes` is how often what stands behind the plugin's name had changed when that call began.
///
/// The check runs for whoever made the rule, who answers for what it accepts. It takes at most the time that the drugs plugin
/// has, and that it waits for its turn, twice.
pub(crate) fn settle(plugins: &Plugins, profile: ProfileId, changes: u64, ids: &[RecordId]) -> Result<Vec<Made>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let vault = plugins.vault();
    let mut fresh: Vec<Proposal> = vault.state(profile, PLUGIN_PROPOSALS)?.unwrap_or_default();
    fresh.retain(|one| ids.contains(&one.id));
    let Some(maker) = maker(vault, profile, changes, &fresh)? else { return Ok(Vec::new()) };
    let now = maker.now();
    let medicines: Vec<(RecordId, Vec<Medicine>)> =
        fresh.iter().map(|one| (one.id, medicines_of(&one.kind, &one.body, now))).collect();
    let asked =
        Asked { medicines: medicines.iter().flat_map(|(_, all)| all.iter().cloned()).collect(), ..Asked::default() };
    for _ in 0..TRIES {
        let look = || -> Result<(u64, Interactions)> {
            Ok((maker.changes(profile)?, interactions::check(plugins, &maker, profile, &asked)?))
        };
        let (before, found) = match look() {
            Ok(looked) => looked,
            // They may not know of the person any more, or not read medicines: nothing was checked.
            Err(error) if matches!(error.kind(), ErrorKind::Denied | ErrorKind::NotFound) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let verdicts = medicines.iter().map(|(id, all)| (*id, held(&found, all))).collect::<BTreeMap<_, _>>();
        let is_as_before = || maker.changes(profile).is_ok_and(|now| now == before);
        if let Some(made) = proposals::settle(vault, profile, changes, &verdicts, is_as_before)? {
            return Ok(made);
        }
    }
    Ok(Vec::new())
}

/// A session of whoever made a rule that holds and is about one of these proposals.
fn maker(vault: &Vault, profile: ProfileId, changes: u64, fresh: &[Proposal]) -> Result<Option<Session>> {
    let log = vault.audit_log()?;
    let rules: Vec<Rule> = vault.state(profile, ROW)?.unwrap_or_default();
    for rule in rules.iter().filter(|rule| fresh.iter().any(|one| rule.is_about(one, changes))) {
        if rule.open(vault, profile, &log)?.1.is_some() {
            let purpose = format!("plugin {} {}: checked before a rule accepts it", rule.plugin, rule.version);
            return vault.session(Actor::Person { account: rule.made_by }, &purpose).map(Some);
        }
    }
    Ok(None)
}

/// Why medicines that were checked wait for a person; nothing where they need not.
fn held(found: &Interactions, medicines: &[Medicine]) -> Option<Held> {
    let names: Vec<String> = medicines.iter().map(|one| one.name.clone()).collect();
    let is_one = |name: &String| names.contains(name);
    let is_known = |name: &String| found.checked_names.contains(name) || found.over.contains(name);
    let is_medicine = |allergy: &String| !found.no_medicines.contains(allergy);
    if names.is_empty() {
        None
    } else if !found.available {
        Some(Held::MedicineNotChecked)
    } else if found.findings_about(&names).next().is_some() {
        Some(Held::MedicineAlert)
    } else if found.not_checked.iter().chain(&found.nothing_known).any(is_one) || !names.iter().all(is_known) {
        Some(Held::MedicineUnknown)
    } else if !found.complete || !found.not_checked.is_empty() || found.allergies_not_checked.iter().any(is_medicine) {
        Some(Held::MedicineNotCompared)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_what_holds_a_medicine_are_those_of_the_json() {
        for held in Held::ALL {
            assert_eq!(serde_json::to_value(held).expect("JSON"), held.word());
        }
    }

    #[test]
    fn a_medicine_is_clear_only_where_it_was_compared_with_everything() {
        let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
        let medicines = [Medicine { name: "ibuprofen".into(), ..Medicine::default() }];
        let clear = || Interactions {
            available: true,
            complete: true,
            checked_names: names(&["warfarin", "ibuprofen"]),
            ..Interactions::default()
        };
        assert_eq!(held(&clear(), &medicines), None);
        let partial = Interactions { complete: false, ..clear() };
        assert_eq!(held(&partial, &medicines), Some(Held::MedicineNotCompared));
        let other = Interactions { not_checked: names(&["Xyzabc"]), ..clear() };
        assert_eq!(held(&other, &medicines), Some(Held::MedicineNotCompared));
        let silent = Interactions { checked_names: names(&["warfarin"]), ..clear() };
        assert_eq!(held(&silent, &medicines), Some(Held::MedicineUnknown));
        let nothing = Interactions { nothing_known: names(&["ibuprofen"]), ..clear() };
        assert_eq!(held(&nothing, &medicines), Some(Held::MedicineUnknown));
        let allergies = |no_medicines: &[&str]| Interactions {
            allergies_not_checked: names(&["peanut"]),
            no_medicines: names(no_medicines),
            ..clear()
        };
        assert_eq!(held(&allergies(&[]), &medicines), Some(Held::MedicineNotCompared));
        assert_eq!(held(&allergies(&["peanut"]), &medicines), None);
        assert_eq!(held(&Interactions::default(), &medicines), Some(Held::MedicineNotChecked));
        assert_eq!(held(&Interactions::default(), &[]), None, "what ended long ago needs no check");
    }
}
