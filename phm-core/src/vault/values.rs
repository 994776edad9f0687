//! The values of many records at once, as trends need them.
//!
//! A person with ten thousand results has few tests: what many values have in common is said once, and not with each of
//! them.

use std::collections::BTreeMap;

use super::records::{page_of, read_lock};
use super::session::Session;
use crate::access::{Action, Permit};
use crate::analytics::trends::shown::Common;
use crate::error::Result;
use crate::id::RecordId;
use crate::index::{Query, Version};
use crate::time::When;

/// Values of records, and what they have in common.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// The values, in the order that was asked for.
    pub items: Vec<Measured>,
    /// What values have in common; [`Measured::of`] is a place in here. Two of these may say the same.
    pub common: Vec<Common>,
}

/// What one record says for itself.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The record.
    pub id: RecordId,
    /// When the fact occurred.
    pub occurred: Option<When>,
    /// The value, where there is one.
    pub value: Option<String>,
    /// The place in [`Values::common`] of what else there is to say.
    pub of: usize,
}

impl Session {
    /// The values of all records that `query` asks for, whatever page it names, answered from the index alone.
    pub fn values(&self, permit: &Permit, query: &Query) -> Result<Values> {
        self.use_permit(permit, Action::Read)?;
        let profile = self.inner.open_profile(permit.profile())?;
        if query.text.is_some() {
            self.load_words(&profile)?;
        }
        let all = Query { page: 1, per_page: u32::MAX, ..query.clone() };
        let index = read_lock(&profile);
        let (_, states) = page_of(&index, permit, &all);
        let mut values = Values { items: Vec::with_capacity(states.len()), common: Vec::new() };
        let mut places: BTreeMap<u32, usize> = BTreeMap::new();
        for state in states {
            let Some(version) = state.current() else { continue };
            let of = *places.entry(version.template_number()).or_insert_with(|| {
                values.common.push(common(version));
                values.common.len() - 1
            });
            let value = version.value().map(str::to_owned);
            values.items.push(Measured { id: state.id(), occurred: version.occurred(), value, of });
        }
        drop(index);
        let ids: Vec<RecordId> = values.items.iter().map(|item| item.id).collect();
        self.note_read("list", permit, &ids)?;
        Ok(values)
    }
}

fn common(version: Version<'_>) -> Common {
    let own = |text: Option<&str>| text.map(str::to_owned);
    Common {
        title: version.title().to_owned(),
        unit: own(version.unit()),
        status: own(version.status()),
        flag: own(version.flag()),
        codes: version.codes().to_vec(),
    }
}
