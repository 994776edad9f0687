//! The first pass: everything is read and checked, nothing is written.
//!
//! A [`Plan`] says whether an input can be imported at all, whose each resource is, and what a second reading needs to
//! turn references into ids of records. It holds hashes, names and people, never resources: about eight bytes for a
//! resource, so an input of gigabytes is planned in a few dozen megabytes.

use std::collections::{BTreeMap, HashMap};

use super::address::{Identity, Keys};
use super::found::{Refused, Skipped};
use super::glossary::Glossary;
use super::people::{People, Person, other_patient};
use super::sharing::{KeySet, Shared};
use super::source::Seen;
use crate::id::ProfileId;

/// Into which profiles an input goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Aim {
    /// One profile for each Patient.
    NewProfiles,
    /// All of it into one profile.
    Profile {
        /// The profile.
        profile: ProfileId,
        /// Whether the vault knows Patient resources that are this person ([`Known`](super::Known) answers for them). When it knows
        /// none, the one patient of the input is taken to be this person.
        has_patient: bool,
        /// Take in what is about somebody else, too.
        accept_other_patient: bool,
    },
}

/// What was read from one source.
#[derive(Clone, Debug)]
pub struct SourceReport {
    /// The path as named, or the name of the stream.
    pub name: String,
    /// Digest and size.
    pub seen: Seen,
    /// How many resources of each type were read.
    pub resources: BTreeMap<String, u64>,
    /// How many things were passed over, and the first thousand of them.
    pub skipped: u64,
    /// The first thousand things that were passed over.
    pub skipped_entries: Vec<Skipped>,
    /// How many entries were refused.
    pub refused: u64,
    /// The first thousand entries that were refused.
    pub refused_entries: Vec<Refused>,
}

/// How many entries a report lists by name.
pub(super) const MAX_LISTED: usize = 1000;

/// The outcome of the first pass.
pub struct Plan {
    pub(super) aim: Aim,
    pub(super) keys: Keys,
    pub(super) people: People,
    pub(super) shared: Shared,
    pub(super) glossary: Glossary,
    pub(super) panels: Panels,
    pub(super) aliases: HashMap<u64, Identity>,
    pub(super) identities: KeySet,
    pub(super) sources: Vec<SourceReport>,
    pub(super) other_patient: Vec<Refused>,
    /// Patients who have the id of another one of the input and are somebody else.
    pub(super) doubles: Vec<Refused>,
    /// Everything goes to the first person.
    pub(super) one_person: bool,
    /// With [`Aim::Profile`]: who of the people read is the person the profile belongs to.
    pub(super) own: Option<u32>,
    pub(super) profiles: Vec<Person>,
}

/// Which report lists which result.
#[derive(Default)]
pub(super) struct Panels {
    pub(super) members: Vec<(u64, u32)>,
    pub(super) reports: Vec<Identity>,
}

impl Panels {
    pub(super) fn find(&self, name: u64) -> Option<Identity> {
        let at = self.members.partition_point(|member| member.0 < name);
        let member = self.members.get(at).filter(|member| member.0 == name)?;
        self.reports.get(member.1 as usize).copied()
    }
}

impl Plan {
    /// Whether the input cannot be imported as it is: entries are refused, or it is about somebody else.
    pub fn is_refused(&self) -> bool {
        self.sources.iter().any(|source| source.refused > 0) || !self.other_patient.is_empty()
    }

    /// What was read, source by source.
    pub fn sources(&self) -> &[SourceReport] {
        &self.sources
    }

    /// Patients who are not the person the profile belongs to; empty when they are accepted.
    pub fn other_patients(&self) -> &[Refused] {
        &self.other_patient
    }

    /// What the input says of those whom it takes to be the person of a profile: their number, the profile, and the
    /// body of a `profile` as JSON.
    pub fn claims(&self) -> impl Iterator<Item = (u32, ProfileId, &str)> {
        self.people.all.iter().zip(0_u32..).filter_map(move |(person, number)| {
            let profile = match self.aim {
                Aim::NewProfiles => person.known,
                Aim::Profile { profile, .. } => self.is_own(Some(number)).then_some(profile),
            };
            Some((number, profile?, person.body.as_deref()?))
        })
    }

    /// Refuses the input because these, numbered as in [`Plan::claims`], are somebody else than their id says, and so
    /// are those who share an id within the input.
    pub fn refuse_others(&mut self, numbers: &[u32]) {
        let others = numbers.iter().filter_map(|number| self.people.all.get(*number as usize));
        let others: Vec<Refused> = others.map(|person| other_patient(&person.place)).collect();
        self.other_patient.extend(others);
        self.other_patient.append(&mut self.doubles);
        self.other_patient.truncate(MAX_LISTED);
    }

    /// The people whose profiles the input goes to; owners of a resource are places in this list.
    pub fn people(&self) -> &[Person] {
        &self.profiles
    }

    pub(super) fn is_for_one_profile(&self) -> bool {
        matches!(self.aim, Aim::Profile { .. })
    }

    /// Whether this is one of the people read who are the person the profile belongs to: the vault may know several
    /// Patient resources of theirs.
    pub(super) fn is_own(&self, person: Option<u32>) -> bool {
        let known = person.and_then(|number| self.people.all.get(number as usize)?.known);
        person == self.own || (known.is_some() && known == self.profiles.first().and_then(|own| own.known))
    }

    /// Whether the input holds a resource of this identity.
    pub fn contains(&self, identity: &Identity) -> bool {
        self.identities.contains(identity.short())
    }

    /// Whether the input holds this resource more than once.
    pub fn repeats(&self, identity: &Identity) -> bool {
        self.identities.is_twice(identity.short())
    }

    /// Whether the input holds no resource at all.
    pub fn is_empty(&self) -> bool {
        self.identities.is_empty()
    }
}

impl SourceReport {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            seen: Seen { sha256: [0; 32], bytes: 0 },
            resources: BTreeMap::new(),
            skipped: 0,
            skipped_entries: Vec::new(),
            refused: 0,
            refused_entries: Vec::new(),
        }
    }

    pub(super) fn refuse(&mut self, refused: Refused) {
        self.refused += 1;
        if self.refused_entries.len() < MAX_LISTED {
            self.refused_entries.push(refused);
        }
    }

    pub(super) fn skip(&mut self, skipped: Skipped) {
        self.skipped += 1;
        if self.skipped_entries.len() < MAX_LISTED {
            self.skipped_entries.push(skipped);
        }
    }
}
