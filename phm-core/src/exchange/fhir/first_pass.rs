//! What the first pass collects, resource by resource, and how a [`Plan`] is made of it.

use std::collections::{HashMap, HashSet};

use super::address::{self, Identity, Keys, Name, Target};
use super::compartment::{self, Pointer};
use super::facts::Facts;
use super::found::{Entry, Found, Refused};
use super::glossary::Glossary;
use super::json::Node;
use super::people::{Known, People, Person, Standing, other_patient};
use super::plan::{Aim, MAX_LISTED, Panels, Plan, SourceReport};
use super::sharing::{Collected, KeySet, Shared};
use super::source::Source;
use super::{check, map};
use crate::error::Result;
use crate::id::ProfileId;

impl Plan {
    /// Reads `sources` and plans their import.
    ///
    /// What is wrong with the content is in the plan, see [`Plan::is_refused`]; an error means that something could not
    /// be read at all.
    pub fn make(sources: &[Source], aim: Aim, known: &Known<'_>) -> Result<Self> {
        let mut pass = FirstPass { aim, ..FirstPass::default() };
        let mut reports = Vec::new();
        for (number, source) in sources.iter().enumerate() {
            let mut report = SourceReport::new(source.name());
            report.seen = source.read(&mut |found| {
                match found {
                    Found::Resource(entry) => {
                        let kind = entry.node.text("resourceType").unwrap_or("");
                        match report.resources.get_mut(kind) {
                            Some(count) => *count += 1,
                            None => drop(report.resources.insert(kind.to_owned(), 1)),
                        }
                        if let Err(wrong) = check::resource(kind, entry.node) {
                            report.refuse(Refused {
                                entry: entry.place.to_string(),
                                path: wrong.path,
                                code: wrong.code,
                            });
                        } else {
                            pass.resource(&entry, number);
                        }
                    }
                    Found::Refused(refused) => report.refuse(refused),
                    Found::Skipped(skipped) => report.skip(skipped),
                }
                Ok(())
            })?;
            reports.push(report);
        }
        pass.finish(sources, reports, known)
    }
}

/// What is collected while reading.
struct FirstPass {
    aim: Aim,
    keys: Keys,
    people: People,
    collected: Collected,
    glossary: Glossary,
    panels: Panels,
    aliases: HashMap<u64, Identity>,
    identities: KeySet,
    /// Names of resources that name no patient although their type has one.
    orphans: HashSet<u64>,
}

impl Default for FirstPass {
    fn default() -> Self {
        Self {
            aim: Aim::NewProfiles,
            keys: Keys::default(),
            people: People::default(),
            collected: Collected::default(),
            glossary: Glossary::default(),
            panels: Panels::default(),
            aliases: HashMap::new(),
            identities: KeySet::default(),
            orphans: HashSet::new(),
        }
    }
}

impl FirstPass {
    fn resource(&mut self, entry: &Entry<'_>, source: usize) {
        let facts = Facts::of(entry, source);
        let (kind, node) = (facts.naming.kind, entry.node);
        self.identities.add(facts.identity.short());
        self.glossary.add(&self.keys, &facts, node);
        self.alias(&facts);
        if kind == "DiagnosticReport" {
            self.panel(&facts, node);
        }
        if kind == "Patient" {
            self.people.add(&self.keys, &facts, node, &entry.place, || map::profile(node));
        }
        let mentions = self.mentions(entry, &facts);
        if self.aim != Aim::NewProfiles {
            return;
        }
        if mentions.is_empty() && kind != "Patient" && !compartment::is_shared(kind) {
            let orphans = &mut self.orphans;
            self.keys.of_resource(&facts.naming, |name| {
                orphans.insert(name);
            });
        }
        self.refer(entry, &facts, &mentions, |kind| kind.is_none_or(compartment::is_shared), |_| true);
    }

    /// The mentions of patients in a resource; a Patient mentions itself.
    fn mentions(&mut self, entry: &Entry<'_>, facts: &Facts<'_>) -> Vec<u32> {
        let standing = Standing { container: facts.naming.container, base: facts.base, root: entry.node };
        let mut all = Vec::new();
        let (people, keys) = (&mut self.people, &self.keys);
        if facts.naming.kind == "Patient" {
            all.extend(people.mention_of(keys, facts));
        }
        compartment::mentions(facts.naming.kind, entry.node, &mut |reference, about| {
            all.extend(people.mention(keys, reference, about, standing, &entry.place));
        });
        all
    }

    /// Takes note of where a resource's references lead: from its patients, or from itself when it names none.
    fn refer(
        &mut self,
        entry: &Entry<'_>,
        facts: &Facts<'_>,
        mentions: &[u32],
        wanted_kind: impl Fn(Option<&str>) -> bool,
        wanted: impl Fn(u64) -> bool,
    ) {
        let (keys, collected) = (&self.keys, &mut self.collected);
        let mut primary = None;
        if mentions.is_empty() {
            let shared = compartment::is_shared(facts.naming.kind);
            keys.of_resource(&facts.naming, |name| match primary {
                None => primary = Some(name),
                Some(primary) => collected.refers(name, primary),
            });
            let own = *primary.get_or_insert_with(|| keys.of(Name::Content(facts.identity.as_bytes())));
            if shared {
                address::identifiers(entry.node, |identifier| {
                    collected.refers(keys.of(Name::Identifier(facts.naming.kind, identifier)), own);
                });
                if let Some(url) = entry.node.words("url") {
                    collected.refers(keys.of(Name::Canonical(url)), own);
                }
            }
        }
        compartment::references(entry.node, "", &mut |element, pointer| {
            let mut add = |name: u64| {
                if !wanted(name) {
                    return;
                }
                match primary {
                    Some(primary) => collected.refers(primary, name),
                    None => mentions.iter().for_each(|&mention| collected.mention_refers(mention, name)),
                }
            };
            match pointer {
                Pointer::Canonical(url) => add(keys.of(Name::Canonical(url.split('|').next().unwrap_or(url)))),
                Pointer::Identifier(kind, identifier) if wanted_kind(Some(kind)) => {
                    if let Some(text) = address::identifier_text(identifier) {
                        add(keys.of(Name::Identifier(kind, &text)));
                    }
                }
                Pointer::Identifier(..) => {}
                Pointer::Reference(text) => {
                    let target = Target::parse(text);
                    let wanted = match target {
                        Target::Contained(_) => false,
                        Target::Typed { kind, .. } | Target::Identified { kind, .. } => wanted_kind(Some(kind)),
                        // What `urn:uuid:…` means is not known yet; these elements never point to what is shared.
                        Target::Verbatim(_) => {
                            wanted_kind(None) && !matches!(element, "subject" | "patient" | "encounter" | "context")
                        }
                    };
                    if wanted {
                        keys.of_target(target, facts.base, facts.naming.container).into_iter().flatten().for_each(add);
                    }
                }
            }
        });
    }

    /// Remembers what a `fullUrl` means where type and id do not tell.
    fn alias(&mut self, facts: &Facts<'_>) {
        if !matches!(facts.naming.kind, "Encounter" | "MedicationRequest" | "MedicationStatement") {
            return;
        }
        let Some(url) = facts.naming.full_url else { return };
        let told = facts.naming.id.is_some_and(|id| {
            url.strip_prefix("urn:uuid:") == Some(id)
                || address::base_of(Some(url), facts.naming.kind, Some(id)).is_some()
        });
        if !told {
            let (keys, aliases) = (&self.keys, &mut self.aliases);
            for name in keys.of_target(Target::Verbatim(url), None, facts.naming.container).into_iter().flatten() {
                aliases.insert(name, facts.identity);
            }
        }
    }

    fn panel(&mut self, facts: &Facts<'_>, node: &Node<'_>) {
        // A report without a code, or one that is taken back, becomes no panel.
        if node.get("code").is_none() || node.text("status") == Some("entered-in-error") {
            return;
        }
        let Ok(number) = u32::try_from(self.panels.reports.len()) else { return };
        let before = self.panels.members.len();
        for result in node.list("result") {
            let Some(reference) = result.words("reference") else { continue };
            let target = Target::parse(reference);
            // A bare reference has one name that matters: few files mix resources with and without a base.
            for name in self.keys.of_target(target, facts.base, facts.naming.container).into_iter().flatten().take(2) {
                self.panels.members.push((name, number));
            }
        }
        if self.panels.members.len() > before {
            self.panels.reports.push(facts.identity);
        }
    }

    fn finish(mut self, sources: &[Source], reports: Vec<SourceReport>, known: &Known<'_>) -> Result<Plan> {
        self.identities.settle();
        self.glossary.settle();
        self.panels.members.sort_unstable();
        self.panels.members.dedup_by_key(|member| member.0);
        let mut plan = Plan {
            aim: self.aim,
            keys: self.keys.clone(),
            people: People::default(),
            shared: Shared::default(),
            glossary: std::mem::take(&mut self.glossary),
            panels: std::mem::take(&mut self.panels),
            aliases: std::mem::take(&mut self.aliases),
            identities: std::mem::take(&mut self.identities),
            sources: reports,
            other_patient: Vec::new(),
            doubles: std::mem::take(&mut self.people.doubles),
            one_person: false,
            own: None,
            profiles: Vec::new(),
        };
        if plan.sources.iter().any(|source| source.refused > 0) {
            return Ok(plan);
        }
        match self.aim {
            Aim::Profile { profile, has_patient, accept_other_patient } => {
                self.people.settle(known, true)?;
                let (own, others) = own(&self.people.all, profile, has_patient);
                plan.own = own;
                if !accept_other_patient {
                    plan.other_patient = others;
                }
                plan.one_person = true;
                plan.profiles = vec![Person { known: Some(profile), ..Person::default() }];
            }
            Aim::NewProfiles => {
                self.people.settle(known, false)?;
                let nobody = self.people.all.is_empty();
                self.people.settle(known, true)?;
                // No Patient resource, and at most one person that anything is about: all of it is theirs.
                if nobody && self.people.all.len() <= 1 {
                    plan.one_person = true;
                    plan.profiles = vec![Person::default()];
                } else {
                    self.read_for_orphans(sources)?;
                    let people = &self.people;
                    plan.shared = std::mem::take(&mut self.collected).follow(|mention| people.meant(mention));
                    plan.profiles.clone_from(&self.people.all);
                }
            }
        }
        self.people.forget_mentions();
        plan.people = self.people;
        Ok(plan)
    }

    /// Reads once more for who refers to resources that should name a patient and do not. Most inputs have none.
    fn read_for_orphans(&mut self, sources: &[Source]) -> Result<()> {
        let orphans = std::mem::take(&mut self.orphans);
        if orphans.is_empty() {
            return Ok(());
        }
        for (number, source) in sources.iter().enumerate() {
            source.read(&mut |found| {
                if let Found::Resource(entry) = found {
                    let facts = Facts::of(&entry, number);
                    let mentions = self.mentions(&entry, &facts);
                    self.refer(&entry, &facts, &mentions, |_| true, |name| orphans.contains(&name));
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Who of the people read is the person of `profile`, and who is not.
fn own(people: &[Person], profile: ProfileId, has_patient: bool) -> (Option<u32>, Vec<Refused>) {
    let is_own = |person: &Person| match person.known {
        Some(known) => known == profile,
        None => !has_patient && people.iter().filter(|person| person.is_subject).count() == 1 && person.is_subject,
    };
    let own = people.iter().position(is_own).and_then(|number| u32::try_from(number).ok());
    let others = people.iter().filter(|person| person.is_subject && !is_own(person));
    (own, others.take(MAX_LISTED).map(|person| other_patient(&person.place)).collect())
}
