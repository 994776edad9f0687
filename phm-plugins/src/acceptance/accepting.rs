//! Rules at work: which proposals of a plugin become records at once, in the commit in which they would begin to wait.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use phm_core::access::Permit;
use phm_core::id::{ProfileId, RecordId};
use phm_core::vault::{Session, Together, Vault};
use phm_core::{ErrorKind, Result};

use super::checked::is_checked;
use super::rule::Rule;
use super::{ROW, keep};
use crate::proposals::{self, Proposal};
use crate::remembered::Remembered;

const DAY_MILLIS: i64 = 86_400_000;

/// What the rules say of a proposal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// One has accepted it: the record.
    Made(RecordId),
    /// One accepts it once the medicine was checked.
    ToCheck,
    /// It waits for a person.
    Waits,
}

/// The rules about a person at work on proposals, within one commit.
pub(crate) struct Accepting<'v> {
    vault: &'v Vault,
    profile: ProfileId,
    /// How often what stands behind the plugin's name had changed when it began to run.
    changes: Option<u64>,
    /// The audit log that the vault writes.
    log: String,
    rules: Vec<Rule>,
    /// The sessions of those that were asked for; `None` where a rule does not hold.
    open: BTreeMap<usize, Option<(Session, Permit)>>,
    /// What was decided on already of what those are about.
    remembered: BTreeMap<usize, Remembered>,
    changed: bool,
}

impl<'v> Accepting<'v> {
    /// The rules as they are before this commit, for what a plugin proposes behind whose name something had changed so often when
    /// it began to run. Another package may have its name and version by now, or it is only tried out and nobody installed it
    /// (`None`): no rule is about that. `log` is the audit log that the vault writes.
    pub fn begin(
        vault: &'v Vault,
        all: &Together<'_>,
        profile: ProfileId,
        changes: Option<u64>,
        log: String,
    ) -> Result<Self> {
        let rules = all.state(profile, ROW)?.unwrap_or_default();
        let (open, remembered) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { vault, profile, changes, log, rules, open, remembered, changed: false })
    }

    /// Makes the record of a proposal that a rule accepts. A medicine is one only where it `was_checked`, and nothing was found.
    pub fn accept(&mut self, all: &mut Together<'_>, proposal: &Proposal, was_checked: bool) -> Result<Verdict> {
        let Some(changes) = self.changes else { return Ok(Verdict::Waits) };
        let Some(at) = self.rules.iter().position(|rule| rule.is_about(proposal, changes)) else {
            return Ok(Verdict::Waits);
        };
        if let Entry::Vacant(place) = self.open.entry(at) {
            place.insert(self.rules[at].open(self.vault, self.profile, &self.log)?.1);
        }
        let Some(Some((session, permit))) = self.open.get(&at) else { return Ok(Verdict::Waits) };
        // Where it says that it found it in a document that it may not see, somebody looks whether that is so.
        if !proposals::shows_source(session, self.profile, proposal) {
            return Ok(Verdict::Waits);
        }
        let known = match self.remembered.entry(at) {
            Entry::Occupied(place) => place.into_mut(),
            Entry::Vacant(place) => place.insert(Remembered::beside(all, self.profile, proposal)?),
        };
        let rule = &mut self.rules[at];
        let (bytes, today) = (proposals::size(&proposal.body, None), session.now().millis().div_euclid(DAY_MILLIS));
        if known.has(proposal) || !rule.has_room_for(bytes, today) {
            return Ok(Verdict::Waits);
        }
        let source = proposal.document();
        let how = proposals::how(session, self.profile, proposal, Some(rule.id));
        let labels = session.would_have(permit, &proposal.body, source);
        let verdict = labels.and_then(|labels| {
            if !labels.is_empty() {
                Ok(Verdict::Waits)
            } else if is_checked(&proposal.kind) && !was_checked {
                Ok(Verdict::ToCheck)
            } else {
                all.add_from(session, permit, &proposal.body, how, source).map(|record| Verdict::Made(record.id))
            }
        });
        match verdict {
            Ok(Verdict::Made(record)) => {
                rule.count(bytes, today);
                known.add(proposal);
                self.changed = true;
                Ok(Verdict::Made(record))
            }
            // Who looks at it is told what is wrong with it, or may do more than the plugin.
            Err(error) if matches!(error.kind(), ErrorKind::Denied | ErrorKind::Invalid) => Ok(Verdict::Waits),
            other => other,
        }
    }

    /// Keeps what the rules have to remember.
    pub fn end(self, all: &mut Together<'_>) -> Result<()> {
        for remembered in self.remembered.into_values() {
            remembered.keep(all)?;
        }
        if self.changed { keep(all, self.profile, &self.rules) } else { Ok(()) }
    }
}
