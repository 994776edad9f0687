//! Records: reading what plugin and caller may read, and proposing new ones.

use std::collections::BTreeMap;

use phm_core::access::{Action, Permit};
use phm_core::id::RecordId;
use phm_core::index::{CodeFilter, Query, Timeframe};
use phm_core::time::When;
use phm_plugin_api::v1::calls::{Evidence, Proposed, Records, RecordsList, RecordsPropose};
use phm_plugin_api::v1::{Door, Operation as _, Refusal};
use serde_json::Value;

use super::{Host, failed};
use crate::api::v1::{misformed, wrong};
use crate::granter::refusal;
use crate::proposals::{self, Proposal};

/// Records a page at most.
const MOST: u32 = 100;
/// Bytes of a proposed body with its evidence at most.
const LARGEST: usize = 64 << 10;

/// `records.list`
pub fn list(host: &mut Host, asked: RecordsList) -> Result<Records, Refusal> {
    host.pass(RecordsList::NAME, Some(&asked.kind), None)?;
    if asked.page == 0 || !(1..=MOST).contains(&asked.per_page) {
        return Err(misformed("bad-arguments", "pages begin at 1 and hold at most 100 records"));
    }
    let time = Timeframe { from: moment(asked.from.as_deref())?, to: moment(asked.to.as_deref())? };
    let codes = asked.code.as_deref().map(CodeFilter::parse).into_iter().collect();
    let query = Query { codes, time, page: asked.page, per_page: asked.per_page, ..Query::default() };
    let (session, permit) = host.sessions.consent(Action::Read, &asked.kind, asked.profile.as_deref())?;
    let page = session.list(&permit, &query).map_err(|error| failed(&error))?;
    let records = page.items.iter().map(serde_json::to_value).collect::<Result<_, _>>();
    Ok(Records { records: records.map_err(|_| wrong("internal", "a record could not be written"))?, total: page.total })
}

fn moment(text: Option<&str>) -> Result<Option<When>, Refusal> {
    let bad = |_| misformed("bad-arguments", "a time is a date or an instant");
    text.map(|text| text.parse().map_err(bad)).transpose()
}

/// `records.propose`
pub fn propose(host: &mut Host, asked: RecordsPropose) -> Result<Proposed, Refusal> {
    let mut proposed = propose_all(host, None, vec![asked])?;
    let proposal = proposed.pop().ok_or_else(|| wrong("internal", "nothing was proposed"))?;
    Ok(Proposed { proposal })
}

/// Lets several proposals wait, all of them or none, and answers with their ids: of a document whose last finding is refused,
/// the first ones do not wait either. Found in the document `of`, they take the place of what the plugin found there before. What
/// a rule of the person accepts is a record at once.
pub fn propose_all(host: &mut Host, of: Option<RecordId>, asked: Vec<RecordsPropose>) -> Result<Vec<String>, Refusal> {
    if asked.len() > proposals::MOST {
        return Err(too_many());
    }
    let mut permits: BTreeMap<String, Permit> = BTreeMap::new();
    let mut all = Vec::new();
    for RecordsPropose { kind, body, profile, evidence } in asked {
        host.pass(RecordsPropose::NAME, Some(&kind), None)?;
        let (session, permit) = host.sessions.consent(Action::Add, &kind, profile.as_deref())?;
        check(host, &kind, &body, evidence.as_ref())?;
        let (plugin, version) = host.plugin.clone();
        all.push(Proposal::new(plugin, version, kind.clone(), body, evidence, session.now()));
        permits.insert(kind, permit);
    }
    let Some(profile) = permits.values().next().map(Permit::profile) else { return Ok(Vec::new()) };
    let ids: Vec<String> = all.iter().map(|one| one.id.to_string()).collect();
    let came = match proposals::add_of(&host.vault, profile, &host.plugin.0, host.ruled_as(), of, all) {
        Ok(Some(came)) => came,
        Ok(None) => return Err(too_many()),
        Err(error) => return Err(failed(&error)),
    };
    // The plugin is not told which of them a rule has accepted.
    host.proposed.extend(came.waiting.iter().map(ToString::to_string));
    host.to_check.extend(came.to_check);
    host.accepted.extend(came.made.iter().map(|one| one.record.to_string()));
    for permit in permits.values() {
        host.sessions.noted().note_plugin("propose", permit, &[], true).map_err(|error| failed(&error))?;
    }
    Ok(ids)
}

fn too_many() -> Refusal {
    refusal("too-many-proposals", Door::Limit, "too many proposals of this plugin wait for an answer already")
}

/// Refuses what could not become a record, or is too large to wait.
fn check(host: &Host, kind: &str, body: &Value, evidence: Option<&Evidence>) -> Result<(), Refusal> {
    if proposals::size(body, evidence) > LARGEST {
        return Err(refusal("proposal-too-large", Door::Limit, "a proposal with its evidence is larger than 64 KiB"));
    }
    if proposals::NEVER.contains(&kind) {
        return Err(wrong("not-proposed", "no plugin proposes documents, or who somebody is"));
    }
    let kinds = host.vault.kinds();
    let info =
        kinds.get(kind).filter(|info| !info.system).ok_or_else(|| wrong("unknown-kind", "there is no such kind"))?;
    if (info.check)(body).is_err() {
        return Err(wrong("invalid", "the body breaks a rule of its kind"));
    }
    Ok(())
}
