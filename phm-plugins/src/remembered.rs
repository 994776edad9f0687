//! What was decided on of what plugins propose about a person: by a rule, or by somebody who accepted, amended or rejected it.
//!
//! No rule decides on it once more: the same report may be handed in twice, and what somebody said no to is not accepted because it
//! is proposed anew. It outlives the rules. It is sealed state of the person, in fingerprints, one row for each plugin and kind.

use phm_core::Result;
use phm_core::id::ProfileId;
use phm_core::vault::Together;

use crate::proposals::Proposal;
use crate::readings;

/// Decisions that are remembered about one plugin and kind; the oldest go first.
const MOST: usize = 2_000;
/// Letters of a fingerprint that are remembered.
const LETTERS: usize = 24;

/// What was decided on of what one plugin proposes of one kind.
pub(crate) struct Remembered {
    profile: ProfileId,
    row: String,
    marks: Vec<String>,
    changed: bool,
}

impl Remembered {
    /// What was decided on of what the plugin of this proposal proposes of its kind, before this commit.
    pub fn beside(all: &Together<'_>, profile: ProfileId, proposal: &Proposal) -> Result<Self> {
        let row = format!("plugin decisions/{}/{}", proposal.plugin, proposal.kind);
        let marks = all.state(profile, &row)?.unwrap_or_default();
        Ok(Self { profile, row, marks, changed: false })
    }

    /// Whether the same was decided on.
    pub fn has(&self, proposal: &Proposal) -> bool {
        self.knows(&mark(proposal))
    }

    /// Remembers that it was decided on.
    pub fn add(&mut self, proposal: &Proposal) {
        self.learn(mark(proposal));
    }

    /// Keeps what was added, in this commit.
    pub fn keep(self, all: &mut Together<'_>) -> Result<()> {
        if self.changed { all.put_state(self.profile, &self.row, &self.marks, None) } else { Ok(()) }
    }

    fn knows(&self, mark: &str) -> bool {
        self.marks.iter().any(|known| known == mark)
    }

    fn learn(&mut self, mark: String) {
        if self.knows(&mark) {
            return;
        }
        if self.marks.len() >= MOST {
            self.marks.remove(0);
        }
        self.marks.push(mark);
        self.changed = true;
    }
}

fn mark(proposal: &Proposal) -> String {
    let mut mark = readings::fingerprint(&proposal.kind, &proposal.body);
    mark.truncate(LETTERS);
    mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_decisions_are_forgotten_first_and_none_is_kept_twice() {
        let mut remembered =
            Remembered { profile: ProfileId::SYSTEM, row: String::new(), marks: Vec::new(), changed: false };
        for n in 0..MOST {
            remembered.learn(n.to_string());
        }
        remembered.learn("1".into());
        assert_eq!((remembered.marks.len(), remembered.knows("0")), (MOST, true));
        remembered.learn("new".into());
        assert_eq!(remembered.marks.len(), MOST);
        assert!(remembered.knows("new") && remembered.knows("1") && !remembered.knows("0"));
    }
}
