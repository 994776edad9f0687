//! What reading, planning, mapping and writing FHIR promise together.

mod mapping;
mod plans;
mod reading;
mod round_trips;
mod samples;

use std::io::{Cursor, Read};

use serde_json::Value;

use super::*;
use crate::error::Result;
use crate::id::{ProfileId, RecordId};

/// A source that is this text.
fn text(name: &str, text: impl Into<Vec<u8>>) -> Source {
    let bytes = text.into();
    Source::stream(name, Box::new(move || Ok(Box::new(Cursor::new(bytes.clone())) as Box<dyn Read>)))
}

/// Nobody is known to the vault.
#[allow(clippy::unnecessary_wraps)]
fn nobody(_: &Identity) -> Result<Option<ProfileId>> {
    Ok(None)
}

/// The plan for one profile per patient.
fn plan(sources: &[Source]) -> Plan {
    Plan::make(sources, Aim::NewProfiles, &nobody).expect("readable sources")
}

/// A record id that can be told from the identity.
fn record_of(identity: &Identity) -> RecordId {
    RecordId::from_bytes(*identity.as_bytes())
}

/// One resource of the second pass.
struct Read2 {
    what: String,
    owners: Vec<Belonging>,
    kind: &'static str,
    body: Value,
    resource: Vec<u8>,
    full_url: Option<String>,
}

/// Everything the second pass hands out.
fn second_pass(plan: &Plan, sources: &[Source]) -> Vec<Read2> {
    let mut all = Vec::new();
    for number in 0..sources.len() {
        plan.read(sources, number, &mut |placed| {
            let owners = placed.owners();
            let mapped = placed.map(owners[0], &|identity, there| there.then(|| record_of(identity)));
            let origin = placed.origin();
            all.push(Read2 {
                what: format!("{}/{}", placed.resource_type(), placed.id().unwrap_or("")),
                owners,
                kind: mapped.kind.name,
                body: serde_json::from_str(&mapped.body.json).expect("a stored form is JSON"),
                resource: origin.resource.to_vec(),
                full_url: origin.full_url.map(str::to_owned),
            });
            Ok(())
        })
        .expect("the second pass");
    }
    all
}

/// The people each resource belongs to, by their place in the plan; the library is written as `-`.
fn owners(read: &Read2) -> String {
    let mut places: Vec<String> = read
        .owners
        .iter()
        .map(|belonging| match belonging.owner {
            Owner::Person(number) if belonging.about => number.to_string(),
            Owner::Person(number) => format!("({number})"),
            Owner::Library => "-".to_owned(),
        })
        .collect();
    places.sort();
    places.join(" ")
}

/// Whether two JSON texts say the same, numbers compared as written.
fn same(one: &[u8], two: &[u8]) -> bool {
    json::Node::parse(one).expect("JSON").same(&json::Node::parse(two).expect("JSON"))
}
