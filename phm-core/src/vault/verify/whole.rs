//! The store from its first row to its last: its order, rows of nobody, and state, which nothing else counts.
//!
//! Who looks for the rows of one owner goes to where they should begin, and where a bit flipped in an address he may go
//! past some of them. Who begins with the first row and ends with the last goes past none.

use std::collections::{BTreeMap, HashMap};

use super::rows::{Place, place_of};
use super::{Verifying, Where};
use crate::error::Result;
use crate::id::ProfileId;
use crate::store::layout::{Blinded, END, Table};
use crate::store::{Row, Store as _};
use crate::vault::session::go_on;

/// The length of the address of a part of a state row. No other is as long.
const STATE: usize = Table::State.address_length();

/// People, and whoever else has rows, as they appear in addresses.
pub(super) type Owners = HashMap<Blinded, ProfileId>;

/// What nobody has a key for, by table, and what else is wrong with the store as one.
#[derive(Default)]
struct Found {
    strangers: BTreeMap<&'static str, u64>,
    /// Rows that do not come behind the one before them.
    disorder: u64,
    /// Whose state is damaged, once for each row.
    state: Vec<ProfileId>,
}

impl Found {
    fn stranger(&mut self, address: &[u8], rows: u64) {
        *self.strangers.entry(table_of(address).map_or("no table", Table::name)).or_default() += rows;
    }
}

/// A state row, of which more parts may come.
struct State {
    address: Vec<u8>,
    parts: Vec<Vec<u8>>,
    astray: bool,
}

impl Verifying<'_> {
    /// Reads every row once, and opens every state row; the journals are known by then.
    pub(super) fn whole_store(&mut self, owners: &Owners) -> Result<()> {
        let mut found = Found::default();
        let (mut state, mut last, mut ended) = (None, None, Ok(()));
        let mut before = Vec::new();
        self.inner.store.scan(&[], &END, &mut |row| {
            let (address, _) = row;
            found.disorder += u64::from(before.as_slice() >= address);
            before.clear();
            before.extend_from_slice(address);
            ended = go_on(self.stop).and_then(|()| {
                if address.len() == STATE {
                    return self.state(&mut state, row, owners, &mut found);
                }
                let begins = &address[..address.len().min(17)];
                let known = match &last {
                    Some((same, known)) if same == begins => *known,
                    _ => last.insert((begins.to_vec(), self.is_known(begins, owners))).1,
                };
                match (known, table_of(address)) {
                    // Cut or drawn out. It may be the state of somebody who is leaving.
                    (true, Some(Table::State)) => found.state.extend(owners.get(&begins[1..])),
                    (true, Some(table)) if address.len() == table.address_length() => {}
                    _ => found.stranger(address, 1),
                }
                Ok(())
            });
            ended.is_ok()
        })?;
        ended?;
        if let Some(row) = state {
            self.state_row(&row, owners, &mut found);
        }
        for owner in found.state {
            self.found(Where::Store, Some(format!("{owner}#state")), None, "seal");
        }
        if self.damaged.iter().any(|damage| matches!(damage.place, Where::Journal | Where::Audit)) {
            // An entry that does not open may be the one that says whose samples they are.
            found.strangers.remove(Table::Series.name());
        }
        for (table, count) in found.strangers {
            self.found(Where::Store, Some(format!("{table}: {count} rows of nobody")), None, "order");
        }
        if found.disorder > 0 {
            self.found(Where::Store, Some(format!("{} rows out of order", found.disorder)), None, "order");
        }
        Ok(())
    }

    /// Whether somebody, a log or a series has the rows that begin with this.
    fn is_known(&self, begins: &[u8], owners: &Owners) -> bool {
        let Some(table) = table_of(begins) else { return false };
        let owner = &begins[1..];
        let leaving = || self.leaving.as_ref().is_some_and(|leaving| leaving.owns(self.inner, owner));
        let person = || owners.contains_key(owner) || leaving();
        let log = || self.logs.iter().any(|log| log.as_bytes() == owner);
        match table {
            Table::Audit | Table::Tile => log(),
            Table::Head => person() || log(),
            Table::Series => self.series.contains(owner) || leaving(),
            Table::Journal | Table::Origin | Table::State => person(),
        }
    }

    /// Takes the next part of a state row, and judges the row before it where that has no more.
    fn state(
        &self,
        current: &mut Option<State>,
        (address, value): Row<'_>,
        owners: &Owners,
        found: &mut Found,
    ) -> Result<()> {
        let key = &address[..STATE - 2];
        if let Some(row) = current.take_if(|row| !row.address.starts_with(key)) {
            self.state_row(&row, owners, found);
        }
        let row = current.get_or_insert_with(|| State { address: address.to_vec(), parts: Vec::new(), astray: false });
        row.astray |= place_of(&self.inner.store, key, row.parts.len(), (address, value))? != Place::There;
        row.parts.push(value.to_vec());
        Ok(())
    }

    /// A state row is sealed for its owner, whoever its address names: the one for whom it opens is whose it is.
    fn state_row(&self, row: &State, owners: &Owners, found: &mut Found) {
        let (begins, named) = (&row.address[..17], &row.address[1..17]);
        let opens = |owner: ProfileId| self.inner.open_state(owner, &row.address, &row.parts).is_ok();
        let owner = owners.get(named).copied();
        let in_place = begins[0] == Table::State as u8 && !row.astray;
        let opened = owner.filter(|owner| opens(*owner));
        let leaving = || owner.is_none() && self.is_known(begins, owners);
        if in_place && (opened.is_some() || leaving()) {
            return;
        }
        let another = || owners.values().copied().find(|owner| opens(*owner));
        match opened.or_else(another).or(owner) {
            Some(owner) => found.state.push(owner),
            None => found.stranger(begins, row.parts.len() as u64),
        }
    }
}

/// The table that an address names.
fn table_of(address: &[u8]) -> Option<Table> {
    address.first().and_then(|tag| Table::of_tag(*tag))
}
