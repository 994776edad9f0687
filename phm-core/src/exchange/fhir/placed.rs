//! The second pass: every resource once more, with whose it is and what it becomes.

use std::collections::BTreeSet;

use super::address::{self, Identity, Name, Target};
use super::compartment;
use super::facts::{Facts, Freshness};
use super::found::{Entry, Found, Place};
use super::json::Node;
use super::map::{self, Context, Mapped};
use super::origin::Origin;
use super::people::Standing;
use super::plan::Plan;
use super::source::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::id::RecordId;

/// Whose a resource is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Owner {
    /// The person at this place of [`Plan::people`].
    Person(u32),
    /// Nobody's: a shared resource that nobody's resources refer to.
    Library,
}

/// An owner, and in what way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Belonging {
    /// Who.
    pub owner: Owner,
    /// Whether it is about them. What they only performed, wrote or received belongs into their history by the
    /// compartment, but says nothing about their health: it becomes a `fhir-resource` there.
    pub about: bool,
}

/// Answers the record that a resource is, or will be once this import is through, in the profile at hand; the second
/// argument says whether the input holds that resource.
pub type Records<'r> = dyn Fn(&Identity, bool) -> Option<RecordId> + 'r;

/// One resource, ready to be written.
pub struct Placed<'a> {
    plan: &'a Plan,
    entry: Entry<'a>,
    facts: Facts<'a>,
}

impl Plan {
    /// Reads `sources[number]` again and hands every resource to `take`, in the order of the first pass.
    ///
    /// `sources` must be those the plan was made from; when the bytes have changed since, the error is `input-changed`
    /// and comes after the last resource, so whatever was written must not become visible.
    pub fn read(
        &self,
        sources: &[Source],
        number: usize,
        take: &mut dyn FnMut(Placed<'_>) -> Result<()>,
    ) -> Result<()> {
        let seen = sources[number].read(&mut |found| match found {
            Found::Resource(entry) => take(Placed { plan: self, facts: Facts::of(&entry, number), entry }),
            Found::Refused(_) => Err(changed()),
            Found::Skipped(_) => Ok(()),
        })?;
        if seen == self.sources()[number].seen { Ok(()) } else { Err(changed()) }
    }
}

fn changed() -> Error {
    Error::new(ErrorKind::Invalid, "input-changed", "the input changed while it was being read; import it again")
}

impl<'a> Placed<'a> {
    /// Where it stands in the input.
    pub fn place(&self) -> Place<'a> {
        self.entry.place
    }

    /// Its number among the resources of its source, from 0: where a resumed import goes on.
    pub fn ordinal(&self) -> u64 {
        self.entry.ordinal
    }

    /// Its type.
    pub fn resource_type(&self) -> &'a str {
        self.facts.naming.kind
    }

    /// Whether its type says nothing about one person by itself: the same practitioner stands with many.
    pub fn is_shared(&self) -> bool {
        compartment::is_shared(self.facts.naming.kind)
    }

    /// Its id, if it has one.
    pub fn id(&self) -> Option<&'a str> {
        self.facts.naming.id
    }

    /// What makes it the same resource as another.
    pub fn identity(&self) -> Identity {
        self.facts.identity
    }

    /// How new it says it is.
    pub fn freshness(&self) -> Freshness {
        self.facts.freshness
    }

    /// Digest of its content, layout aside: two with the same digest say the same.
    pub fn content(&self) -> [u8; 32] {
        address::content_digest(self.entry.bytes)
    }

    /// Its content.
    pub fn node(&self) -> &'a Node<'a> {
        self.entry.node
    }

    /// What is kept of it beside the record.
    pub fn origin(&self) -> Origin<'a> {
        Origin { full_url: self.entry.full_url, resource: self.entry.bytes }
    }

    /// Whose it is: at least one owner, each once.
    pub fn owners(&self) -> Vec<Belonging> {
        let plan = self.plan;
        let about = |number, about| Belonging { owner: Owner::Person(number), about };
        if plan.one_person {
            let other = self.facts.naming.kind == "Patient"
                && plan.is_for_one_profile()
                && !plan.is_own(plan.people.patient(&plan.keys, &self.facts));
            return vec![about(0, !other)];
        }
        if self.facts.naming.kind == "Patient" {
            return plan
                .people
                .patient(&plan.keys, &self.facts)
                .map(|number| about(number, true))
                .into_iter()
                .collect();
        }
        let standing =
            Standing { container: self.facts.naming.container, base: self.facts.base, root: self.entry.node };
        let mut owners: Vec<Belonging> = Vec::new();
        compartment::mentions(self.facts.naming.kind, self.entry.node, &mut |reference, is_about| {
            let Some(number) = plan.people.person(&plan.keys, reference, standing) else { return };
            match owners.iter_mut().find(|belonging| belonging.owner == Owner::Person(number)) {
                Some(belonging) => belonging.about |= is_about,
                None => owners.push(about(number, is_about)),
            }
        });
        if owners.is_empty() {
            owners.extend(self.referrers().into_iter().map(|number| about(number, true)));
        }
        if owners.is_empty() {
            owners.push(Belonging { owner: Owner::Library, about: true });
        }
        owners
    }

    /// The people whose resources refer to this one.
    fn referrers(&self) -> BTreeSet<u32> {
        let plan = self.plan;
        let mut people = BTreeSet::new();
        let mut named = false;
        plan.keys.of_resource(&self.facts.naming, |name| {
            named = true;
            people.extend(plan.shared.people(name));
        });
        if !named {
            people.extend(plan.shared.people(plan.keys.of(Name::Content(self.facts.identity.as_bytes()))));
        }
        if compartment::is_shared(self.facts.naming.kind) {
            address::identifiers(self.entry.node, |identifier| {
                people.extend(plan.shared.people(plan.keys.of(Name::Identifier(self.facts.naming.kind, identifier))));
            });
            if let Some(url) = self.entry.node.words("url") {
                people.extend(plan.shared.people(plan.keys.of(Name::Canonical(url))));
            }
        }
        people
    }

    /// The record it becomes for this owner.
    pub fn map(&self, belonging: Belonging, records: &Records<'_>) -> Mapped {
        let (kind, node) = (self.facts.naming.kind, self.entry.node);
        if !belonging.about || belonging.owner == Owner::Library {
            return map::fhir_resource(kind, node);
        }
        let context = Context {
            root: node,
            words: &|reference| self.words(reference),
            record: &|reference, kinds| self.record(reference, kinds, records),
            panel: if kind == "Observation" { self.panel(records) } else { None },
        };
        map::resource(kind, node, &context)
    }

    /// The panel that lists this resource.
    fn panel(&self, records: &Records<'_>) -> Option<RecordId> {
        let mut report = None;
        self.plan.keys.of_resource(&self.facts.naming, |name| report = report.or_else(|| self.plan.panels.find(name)));
        report.and_then(|report| records(&report, true))
    }

    /// The words behind a Reference to another resource of the input.
    fn words(&self, reference: &Node<'_>) -> Option<String> {
        let plan = self.plan;
        let found = match reference.words("reference") {
            Some(text) => {
                let names = plan.keys.of_target(Target::parse(text), self.facts.base, self.facts.naming.container);
                plan.glossary.find(names.into_iter().flatten())
            }
            None => {
                let text = address::identifier_text(reference.get("identifier")?)?;
                let kinds = ["Practitioner", "Organization", "Location"];
                plan.glossary.find(kinds.map(|kind| plan.keys.of(Name::Identifier(kind, &text))))
            }
        };
        found.map(str::to_owned)
    }

    /// The record of the resource that `reference` points to.
    fn record(&self, reference: &str, kinds: &[&str], records: &Records<'_>) -> Option<RecordId> {
        let plan = self.plan;
        let answer = |identity: Identity| records(&identity, plan.contains(&identity));
        match Target::parse(reference) {
            Target::Typed { base, kind, id } if kinds.contains(&kind) => {
                let based = base.or(self.facts.base).map(|base| Identity::of(Some(base), kind, id));
                based.into_iter().chain([Identity::of(None, kind, id)]).find_map(answer)
            }
            target @ Target::Verbatim(url) => {
                let names = plan.keys.of_target(target, self.facts.base, self.facts.naming.container);
                let alias = names.into_iter().flatten().find_map(|name| plan.aliases.get(&name).copied());
                alias.and_then(answer).or_else(|| {
                    let id = url.strip_prefix("urn:uuid:")?;
                    kinds.iter().find_map(|kind| answer(Identity::of(None, kind, id)))
                })
            }
            _ => None,
        }
    }
}
