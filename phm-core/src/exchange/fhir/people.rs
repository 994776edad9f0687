//! The people an input is about.
//!
//! A Patient is one person however many files, versions and references name them. A reference is matched by the most
//! exact name it can be matched by; one that fits two people matches neither. A patient who is spoken about but not
//! in the input is known to the vault, or becomes a person without a name: what is said about them goes nowhere else.

use std::collections::HashMap;

use super::address::{self, CANDIDATES, Identity, Keys, Name, Target};
use super::facts::{Facts, Freshness};
use super::found::Refused;
use super::json::Node;
use super::likeness::are_two_people;
use super::plan::MAX_LISTED;
use crate::error::Result;
use crate::id::ProfileId;

/// Answers which profile a Patient of this identity already has.
pub type Known<'k> = dyn Fn(&Identity) -> Result<Option<ProfileId>> + 'k;

/// Somebody the input is about.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// Identity of their Patient resource; `None` when there is none in the input.
    pub identity: Option<Identity>,
    /// The profile they already have.
    pub known: Option<ProfileId>,
    /// Body of a `profile` from their newest Patient resource, as JSON.
    pub body: Option<Box<str>>,
    pub(super) freshness: Freshness,
    /// The input holds them, or something that is about them.
    pub(super) is_subject: bool,
    /// Where they are first named.
    pub(super) place: Box<str>,
}

/// Somebody named by a reference.
#[derive(Clone, Debug)]
struct Mention {
    names: [Option<u64>; CANDIDATES],
    identities: [Option<Identity>; 2],
    /// What a reference without a base would call the same person.
    loose: Option<u64>,
    /// The reference can mean nobody but a patient, and the resource is about them.
    certain: bool,
    place: Box<str>,
}

/// Where a reference stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing<'a> {
    pub(super) container: u64,
    pub(super) base: Option<&'a str>,
    /// The resource around it, for what it contains.
    pub(super) root: &'a Node<'a>,
}

const AMBIGUOUS: u32 = u32::MAX;

/// How many places are remembered for the report; everybody beyond is still counted.
const MAX_PLACES: usize = 1000;

#[derive(Default)]
pub(super) struct People {
    pub(super) all: Vec<Person>,
    book: HashMap<u64, u32>,
    mentions: Vec<Mention>,
    mentioned: HashMap<u64, u32>,
    /// The person each mention means, once settled.
    meant: Vec<Option<u32>>,
    /// Patient resources that have the id of an earlier one and say that they are somebody else.
    pub(super) doubles: Vec<Refused>,
}

impl People {
    /// Takes note of a Patient resource; `body` is that of a `profile`, if it makes one.
    pub(super) fn add(
        &mut self,
        keys: &Keys,
        facts: &Facts<'_>,
        node: &Node<'_>,
        place: &dyn ToString,
        body: impl FnOnce() -> Option<String>,
    ) {
        let naming = facts.naming;
        let exact = exact(keys, facts);
        let number = match self.book.get(&exact) {
            Some(&number) if number != AMBIGUOUS => number,
            _ => {
                let number = u32::try_from(self.all.len()).expect("fewer than four thousand million people");
                self.all.push(Person { identity: Some(facts.identity), is_subject: true, ..Person::default() });
                self.book.insert(exact, number);
                number
            }
        };
        let few = self.all.len() <= MAX_PLACES;
        let person = &mut self.all[number as usize];
        let said = body().map(String::into_boxed_str);
        if let (Some(before), Some(said)) = (&person.body, &said)
            && are_two_people(before, said)
            && self.doubles.len() < MAX_LISTED
        {
            self.doubles.push(other_patient(&place.to_string()));
        }
        if person.body.is_none() || person.freshness.compare(&facts.freshness) != Some(std::cmp::Ordering::Greater) {
            person.body = said;
            person.freshness = facts.freshness;
        }
        if few && person.place.is_empty() {
            person.place = place.to_string().into_boxed_str();
        }
        keys.of_resource(&naming, |name| self.register(name, number));
        address::identifiers(node, |identifier| {
            self.register(keys.of(Name::Identifier("Patient", identifier)), number);
        });
    }

    fn register(&mut self, name: u64, number: u32) {
        let entry = self.book.entry(name).or_insert(number);
        if *entry != number {
            *entry = AMBIGUOUS;
        }
    }

    /// The number of a mention, when `reference` may mean a patient.
    pub(super) fn mention(
        &mut self,
        keys: &Keys,
        reference: &Node<'_>,
        about: bool,
        standing: Standing<'_>,
        place: &dyn ToString,
    ) -> Option<u32> {
        let mut mention = look(keys, reference, about, standing)?;
        let first = mention.names[0]?;
        if let Some(&number) = self.mentioned.get(&first) {
            self.mentions[number as usize].certain |= mention.certain;
            return Some(number);
        }
        if self.mentions.len() < MAX_PLACES {
            mention.place = place.to_string().into_boxed_str();
        }
        let number = u32::try_from(self.mentions.len()).expect("fewer than four thousand million mentions");
        self.mentions.push(mention);
        self.mentioned.insert(first, number);
        Some(number)
    }

    /// The number of the mention by which a Patient resource names itself.
    pub(super) fn mention_of(&mut self, keys: &Keys, facts: &Facts<'_>) -> Option<u32> {
        let exact = exact(keys, facts);
        if let Some(&number) = self.mentioned.get(&exact) {
            return Some(number);
        }
        let number = u32::try_from(self.mentions.len()).ok()?;
        self.mentions.push(mention([Some(exact), None, None]));
        self.mentioned.insert(exact, number);
        Some(number)
    }

    /// Finds the person behind every mention, asking the vault for those who are not in the input; with `strangers`,
    /// those nobody knows become people without a name.
    pub(super) fn settle(&mut self, known: &Known<'_>, strangers: bool) -> Result<()> {
        for person in &mut self.all {
            if let (None, Some(identity)) = (person.known, &person.identity) {
                person.known = known(identity)?;
            }
        }
        self.meant = vec![None; self.mentions.len()];
        for index in 0..self.mentions.len() {
            let mention = &self.mentions[index];
            let mut meant = self.find(&mention.names);
            if meant.is_none() {
                let mut profile = None;
                for identity in mention.identities.iter().flatten() {
                    profile = match profile {
                        None => known(identity)?,
                        found => found,
                    };
                }
                if profile.is_some() || (strangers && mention.certain) {
                    let number = u32::try_from(self.all.len()).expect("fewer than four thousand million people");
                    let (place, is_subject) = (mention.place.clone(), mention.certain);
                    let (name, loose) = (mention.names[0], mention.loose);
                    self.all.push(Person { known: profile, place, is_subject, ..Person::default() });
                    if let Some(name) = name {
                        self.book.insert(name, number);
                    }
                    if let Some(loose) = loose {
                        self.register(loose, number);
                    }
                    meant = Some(number);
                }
            }
            self.meant[index] = meant;
        }
        Ok(())
    }

    /// The person a settled mention means.
    pub(super) fn meant(&self, mention: u32) -> Option<u32> {
        self.meant.get(mention as usize).copied().flatten()
    }

    /// The person `reference` means, once mentions are settled.
    pub(super) fn person(&self, keys: &Keys, reference: &Node<'_>, standing: Standing<'_>) -> Option<u32> {
        self.find(&look(keys, reference, true, standing)?.names)
    }

    /// The person a Patient resource is.
    pub(super) fn patient(&self, keys: &Keys, facts: &Facts<'_>) -> Option<u32> {
        self.find(&[Some(exact(keys, facts)), None, None])
    }

    fn find(&self, names: &[Option<u64>; CANDIDATES]) -> Option<u32> {
        names.iter().flatten().find_map(|name| self.book.get(name).copied().filter(|&number| number != AMBIGUOUS))
    }

    /// Gives back what only the first pass needs.
    pub(super) fn forget_mentions(&mut self) {
        self.mentions = Vec::new();
        self.mentioned = HashMap::new();
        self.meant = Vec::new();
    }
}

/// What is said of a Patient who is not the one they are taken for.
pub(super) fn other_patient(place: &str) -> Refused {
    Refused { entry: place.to_owned(), path: String::new(), code: "other-patient" }
}

/// The one name that tells a Patient resource from all others.
fn exact(keys: &Keys, facts: &Facts<'_>) -> u64 {
    let naming = facts.naming;
    match naming.id {
        Some(id) => match address::base_of(naming.full_url, naming.kind, Some(id)) {
            Some(base) => keys.of(Name::Based(base, naming.kind, id)),
            None => keys.of(Name::Bare(naming.kind, id)),
        },
        None => keys.of(Name::Content(facts.identity.as_bytes())),
    }
}

/// The names a reference to a patient may be matched by; `None` when it means something else.
fn look(keys: &Keys, reference: &Node<'_>, about: bool, standing: Standing<'_>) -> Option<Mention> {
    let Standing { container, base, root } = standing;
    let by_identifier = |identifier: &Node<'_>| {
        let text = address::identifier_text(identifier)?;
        Some(mention([Some(keys.of(Name::Identifier("Patient", &text))), None, None]))
    };
    let Some(text) = reference.words("reference") else {
        let is_patient = reference.text("type").is_none_or(|kind| kind == "Patient");
        return by_identifier(reference.get("identifier").filter(|_| is_patient)?);
    };
    let target = Target::parse(text);
    match target {
        Target::Contained(id) => {
            let contained = root.list("contained").iter();
            let mut same = contained.filter(|inner| inner.text("id") == Some(id));
            by_identifier(same.find(|inner| inner.text("resourceType") == Some("Patient"))?.first("identifier")?)
        }
        Target::Typed { base: own, kind: "Patient", id } => {
            let mut mention = mention(keys.of_target(target, base, container));
            let bare = Some(Identity::of(None, "Patient", id));
            mention.identities = match own.or(base) {
                Some(base) => [Some(Identity::of(Some(base), "Patient", id)), bare],
                None => [bare, None],
            };
            mention.loose = own.or(base).map(|_| keys.of(Name::Loose("Patient", id)));
            mention.certain = about;
            Some(mention)
        }
        Target::Identified { kind: "Patient", .. } => {
            let mut mention = mention(keys.of_target(target, base, container));
            mention.certain = about;
            Some(mention)
        }
        Target::Verbatim(_) => Some(mention(keys.of_target(target, base, container))),
        _ => None,
    }
}

fn mention(names: [Option<u64>; CANDIDATES]) -> Mention {
    Mention { names, identities: [None; 2], loose: None, certain: false, place: Box::default() }
}
