//! What others wrote about a person: found by their name, before it is forgotten.

use std::collections::HashSet;

use serde_json::Value;

use super::of_person;
use super::report::{Mention, Mentions};
use crate::access::{Action, Permit};
use crate::error::{Result, if_whole};
use crate::id::{ProfileId, RecordId};
use crate::index::{Act, words_of};
use crate::vault::profiles::OpenProfile;
use crate::vault::records::{admits, read_lock};
use crate::vault::session::Session;

/// As many are named one by one.
const NAMED: usize = 1000;

/// A name as the words it is made of.
type Words = HashSet<String>;

impl Session {
    /// What a person is called, in every version of their profile that can be read.
    pub(super) fn names_of(&self, id: ProfileId) -> Result<Vec<Words>> {
        if !self.inner.keys.has_profile(id) {
            return Ok(Vec::new());
        }
        // One that is too damaged to be opened is erased all the same.
        let Some(open) = if_whole(self.inner.open_profile(id))? else { return Ok(Vec::new()) };
        let seqs: Vec<u64> = {
            let index = read_lock(&open);
            let versions = index.record(of_person(id)).into_iter().flat_map(crate::index::RecordState::visible);
            versions.filter(|version| version.act() != Act::Remove).map(crate::index::Version::seq).collect()
        };
        let mut names: Vec<Words> = Vec::new();
        for seq in seqs {
            let body: Value = super::super::export::value_of(&self.body(&open, seq)?)?;
            let name = body.get("name").cloned().unwrap_or_default();
            let parts = [name.get("text").cloned(), Some(serde_json::json!([name.get("given"), name.get("family")]))];
            for words in parts.into_iter().flatten().map(|name| words(&name)) {
                if !words.is_empty() && !names.contains(&words) {
                    names.push(words);
                }
            }
        }
        Ok(names)
    }

    /// The records of others, as far as the actor may read them, in which all words of one of these names stand.
    pub(super) fn mentions(&self, of: ProfileId, names: &[Words]) -> Result<Mentions> {
        let mut mentions = Mentions::default();
        if names.is_empty() {
            return Ok(mentions);
        }
        for id in self.inner.profile_ids() {
            if id == of || !id.is_person() {
                continue;
            }
            for info in self.inner.options.kinds.iter().filter(|info| !info.system) {
                let Some(permit) = self.unless_refused(Action::Read, id, info.name)? else { continue };
                let open = self.inner.open_profile(id)?;
                let found = self.mentions_in(&open, &permit, names)?;
                if !found.is_empty() {
                    self.note_read("mentions", &permit, &found)?;
                }
                mentions.total += found.len() as u64;
                let left = NAMED.saturating_sub(mentions.records.len());
                mentions.records.extend(found.into_iter().take(left).map(|record| Mention {
                    profile: id,
                    kind: info.name.to_owned(),
                    record,
                }));
            }
        }
        Ok(mentions)
    }

    fn mentions_in(&self, open: &OpenProfile, permit: &Permit, names: &[Words]) -> Result<Vec<RecordId>> {
        let seen: Vec<(RecordId, u64)> = {
            let index = read_lock(open);
            let records = index.records().filter(|state| state.kind() == permit.kind() && !state.removed());
            let current = records.filter_map(|state| Some((state.id(), state.current()?)));
            current.filter(|(_, version)| admits(permit, *version)).map(|(id, version)| (id, version.seq())).collect()
        };
        let mut found = Vec::new();
        for (id, seq) in seen {
            let words = words(&super::super::export::value_of(&self.body(open, seq)?)?);
            if names.iter().any(|name| name.is_subset(&words)) {
                found.push(id);
            }
        }
        Ok(found)
    }
}

fn words(text: &Value) -> Words {
    words_of(text).split('\n').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
