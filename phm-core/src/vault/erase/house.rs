//! What `system` and `library` say about one person alone, and its end.
//!
//! Relations to them, grants on their records, tokens for nothing else, imports of nothing else, and their own account
//! where it keeps nobody else's records: every version is destroyed. What names others too stays, for them; it holds
//! random ids of the erased person and nothing more.

use std::collections::HashSet;

use serde_json::Value;

use super::plan::{Plan, ROW};
use super::report::Ended;
use crate::audit::entry::Deed;
use crate::error::Result;
use crate::id::{ProfileId, RecordId};
use crate::index::{Act, Header};
use crate::vault::Inner;
use crate::vault::journal;
use crate::vault::profiles::OpenProfile;
use crate::vault::records::read_lock;
use crate::vault::session::Session;
use crate::vault::state::StateChange;
use crate::vault::waiting::{Replacement, Write};

/// A record of `system`: its newest body, and where all of its versions stand.
struct Found {
    id: RecordId,
    kind: String,
    removed: bool,
    body: Value,
    seqs: Vec<u64>,
}

impl Found {
    fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }

    fn is_about(&self, name: &str, id: &str) -> bool {
        self.text(name) == Some(id)
    }

    /// The people a list in the body names.
    fn people(&self) -> Vec<ProfileId> {
        let ids = self.body.get("profiles").and_then(Value::as_array).into_iter().flatten();
        ids.filter_map(|id| id.as_str()?.parse::<ProfileId>().ok()).filter(ProfileId::is_person).collect()
    }
}

impl Session {
    /// Destroys what the house says about the person alone. Done twice, the second finds nothing.
    pub(super) fn clear_house(&self, plan: &mut Plan) -> Result<()> {
        let inner = &self.inner;
        if plan.ended != Ended::default() {
            // Said in the commit that destroyed it.
            return Ok(());
        }
        let system = inner.open_profile(ProfileId::SYSTEM)?;
        let records = inner.house_records(&system)?;
        let gone = records_of(&records, plan);
        if gone.is_empty() {
            return Ok(());
        }
        let mut write = Write { rewritten: vec![ProfileId::SYSTEM], ..Write::default() };
        let mut imports = HashSet::new();
        for record in &gone {
            for seq in &record.seqs {
                let prepared = journal::prepare(&Header::destroyed(inner.now()), None)?;
                write.replaced.push(Replacement { profile: ProfileId::SYSTEM, seq: *seq, prepared });
            }
            if record.kind == "import" {
                imports.insert(record.id);
            }
        }
        let ids = gone.iter().map(|record| record.id);
        write.notes.push(self.deed(Deed::Erase, "erase-house", ProfileId::SYSTEM, "account", ids));
        for replacement in inner.nameless_imports(&imports)? {
            write.replaced.push(replacement);
            plan.library = true;
        }
        if plan.library {
            write.rewritten.push(ProfileId::LIBRARY);
            write.notes.push(self.deed(Deed::Erase, "erase-house", ProfileId::LIBRARY, "import", imports));
        }
        write.state.push(StateChange::put(ProfileId::SYSTEM, ROW, plan, None)?);
        inner.committer.commit(write)
    }
}

/// The records that go, counted in the plan.
fn records_of<'r>(records: &'r [Found], plan: &mut Plan) -> Vec<&'r Found> {
    let person = plan.profile.to_string();
    let of_kind = |kind: &'static str| records.iter().filter(move |record| record.kind == kind);
    let relations = || of_kind("relation").filter(|record| record.is_about("profile", &person));
    let own = |account: &Found| {
        account.is_about("profile", &person)
            || relations().any(|relation| {
                relation.is_about("relation", "self") && relation.is_about("account", &account.id.to_string())
            })
    };
    let keeps_others = |account: &Found| {
        of_kind("relation").any(|relation| {
            !relation.removed
                && !relation.is_about("profile", &person)
                && relation.is_about("account", &account.id.to_string())
        })
    };
    let mut gone: Vec<&Found> = Vec::new();
    for account in of_kind("account").filter(|account| own(account)) {
        if keeps_others(account) {
            plan.ended.kept_accounts.push(account.id);
        } else {
            plan.ended.accounts.push(account.id);
            gone.push(account);
        }
    }
    let mut end = |found: Vec<&'r Found>| {
        let count = found.len() as u64;
        gone.extend(found);
        count
    };
    plan.ended.relations += end(relations().collect());
    plan.ended.grants += end(of_kind("grant").filter(|grant| grant.is_about("profile", &person)).collect());
    let restrictions = of_kind("restriction").filter(|restriction| restriction.is_about("profile", &person));
    plan.restrictions = Some(end(restrictions.collect())).filter(|count| *count > 0).or(plan.restrictions);
    plan.ended.tokens += end(of_kind("token").filter(|token| token.people() == [plan.profile]).collect());
    plan.ended.imports += end(of_kind("import").filter(|import| import.people() == [plan.profile]).collect());
    let shared =
        of_kind("import").filter(|import| import.people().len() > 1 && import.people().contains(&plan.profile));
    plan.ended.shared_imports = shared.count() as u64;
    gone
}

impl Inner {
    /// What `system` says now, where it can be read.
    fn house_records(&self, system: &OpenProfile) -> Result<Vec<Found>> {
        let states: Vec<(RecordId, String, bool, u64, Vec<u64>)> = {
            let index = read_lock(system);
            let kinds = ["account", "relation", "grant", "token", "restriction", "import"];
            let records = index.records().filter(|state| kinds.contains(&state.kind()));
            records
                .filter_map(|state| {
                    let body = state.visible().find(|version| version.act() != Act::Remove)?.seq();
                    let seqs = state.versions().map(crate::index::Version::seq).collect();
                    Some((state.id(), state.kind().to_owned(), state.removed(), body, seqs))
                })
                .collect()
        };
        let reader = self.reader(system.id, system.blinded);
        let mut found = Vec::with_capacity(states.len());
        for (id, kind, removed, seq, seqs) in states {
            let body = reader.entry(seq)?.body.and_then(|body| serde_json::from_str(body.get()).ok());
            found.extend(body.map(|body| Found { id, kind, removed, body, seqs }));
        }
        Ok(found)
    }

    /// The entries of `library` about these imports, without the names of their files.
    fn nameless_imports(&self, imports: &HashSet<RecordId>) -> Result<Vec<Replacement>> {
        let library = self.open_profile(ProfileId::LIBRARY)?;
        let index = read_lock(&library);
        let acts = index.entries().filter(|entry| matches!(entry.act(), Act::ImportComplete | Act::ImportUndo));
        let named = acts.filter(|act| imports.contains(&act.record()) && !act.title().is_empty());
        named
            .map(|act| {
                let mut header = act.header();
                header.summary.title.clear();
                header.provenance.source = None;
                let prepared = journal::prepare(&header, None)?;
                Ok(Replacement { profile: ProfileId::LIBRARY, seq: act.seq(), prepared })
            })
            .collect()
    }
}
