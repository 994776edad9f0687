//! What many headers have in common, kept once for all of them.
//!
//! Headers that share all of it have the same [`Template`]; templates that share a text, codes or a provenance keep
//! that once as well.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use hashbrown::HashTable;

use super::header::is_bare_file;
use super::parts::Shared;
use crate::model::Provenance;

/// How many of the newest provenances a new one is compared with.
const LOOK_BACK: usize = 16;

/// What many headers have in common.
#[derive(Debug)]
pub(super) struct Template {
    pub kind: Arc<str>,
    pub form: u8,
    pub labels: Box<[Box<str>]>,
    pub provenance: Arc<Provenance>,
    pub resource: Option<Arc<str>>,
    pub title: Arc<str>,
    pub unit: Option<Arc<str>>,
    pub status: Option<Arc<str>>,
    pub flag: Option<Arc<str>>,
    pub codes: Arc<[(String, String)]>,
}

impl Template {
    /// Whether all with this template are bare files.
    pub fn is_bare_file(&self) -> bool {
        is_bare_file(&self.kind, self.resource.as_deref(), &self.title)
    }

    fn is_of(&self, shared: &Shared) -> bool {
        let same = |own: &Option<Arc<str>>, other: &Option<String>| own.as_deref() == other.as_deref();
        *self.title == *shared.title
            && *self.codes == *shared.codes
            && same(&self.unit, &shared.unit)
            && same(&self.status, &shared.status)
            && same(&self.flag, &shared.flag)
            && *self.kind == *shared.kind
            && self.form == shared.form
            && self.resource.as_deref() == shared.resource.as_deref()
            && *self.labels == *shared.labels
            && *self.provenance == shared.provenance
    }

    /// The same as a part of a header.
    pub fn shared(&self) -> Shared {
        let text = |text: &Option<Arc<str>>| text.as_deref().map(str::to_owned);
        Shared {
            kind: (*self.kind).into(),
            form: self.form,
            labels: self.labels.to_vec(),
            provenance: (*self.provenance).clone(),
            resource: self.resource.as_deref().map(Into::into),
            title: self.title.to_string(),
            unit: text(&self.unit),
            status: text(&self.status),
            flag: text(&self.flag),
            codes: self.codes.to_vec(),
        }
    }
}

/// The templates of a journal, numbered from 0 in the order they first came in.
#[derive(Debug, Default)]
pub(super) struct Templates {
    all: Vec<Template>,
    by_hash: HashTable<(u64, u32)>,
    words: HashSet<Arc<str>>,
    codes: HashSet<Arc<[(String, String)]>>,
    provenances: Vec<Arc<Provenance>>,
    hasher: RandomState,
    /// Bytes of what the templates own or share.
    heap: usize,
}

impl Templates {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// The template with this number.
    pub fn numbered(&self, template: u32) -> &Template {
        &self.all[template as usize]
    }

    /// About how many bytes of memory all of them take.
    pub fn bytes(&self) -> usize {
        self.all.capacity() * size_of::<Template>()
            + self.by_hash.capacity() * (size_of::<(u64, u32)>() + 1)
            + (self.words.capacity() + self.codes.capacity()) * 17
            + self.provenances.capacity() * 8
            + self.heap
    }

    /// The number of the template of all that have this in common, made when it is new.
    pub fn number_of(&mut self, shared: &Shared) -> u32 {
        let provenance = &shared.provenance;
        let hash = self.hasher.hash_one((
            (&shared.title, &shared.unit, &shared.status, &shared.flag, &shared.codes),
            (&shared.kind, shared.form, &shared.labels, &shared.resource),
            (provenance.how, &provenance.actor, provenance.page),
        ));
        let all = &self.all;
        let known = self.by_hash.find(hash, |(own, at)| *own == hash && all[*at as usize].is_of(shared));
        if let Some((_, at)) = known {
            return *at;
        }
        let template = Template {
            kind: self.word(&shared.kind),
            form: shared.form,
            labels: shared.labels.clone().into_boxed_slice(),
            provenance: self.provenance(provenance),
            resource: shared.resource.as_ref().map(|text| self.word(text)),
            title: self.word(&shared.title),
            unit: shared.unit.as_ref().map(|text| self.word(text)),
            status: shared.status.as_ref().map(|text| self.word(text)),
            flag: shared.flag.as_ref().map(|text| self.word(text)),
            codes: self.codes(&shared.codes),
        };
        self.heap += template.labels.iter().map(|label| 16 + heap(label.len())).sum::<usize>();
        let at = u32::try_from(self.all.len()).expect("a journal holds fewer than four billion entries");
        self.all.push(template);
        self.by_hash.insert_unique(hash, (hash, at), |(own, _)| *own);
        at
    }

    fn word(&mut self, text: &str) -> Arc<str> {
        if let Some(word) = self.words.get(text) {
            return Arc::clone(word);
        }
        let word: Arc<str> = text.into();
        self.heap += heap(text.len() + 16);
        self.words.insert(Arc::clone(&word));
        word
    }

    fn codes(&mut self, codes: &[(String, String)]) -> Arc<[(String, String)]> {
        if let Some(known) = self.codes.get(codes) {
            return Arc::clone(known);
        }
        let known: Arc<[(String, String)]> = codes.into();
        self.heap += codes.iter().map(|(system, code)| 48 + heap(system.len()) + heap(code.len())).sum::<usize>() + 32;
        self.codes.insert(Arc::clone(&known));
        known
    }

    fn provenance(&mut self, provenance: &Provenance) -> Arc<Provenance> {
        let mut newest = self.provenances.iter().rev().take(LOOK_BACK);
        if let Some(known) = newest.find(|known| ***known == *provenance) {
            return Arc::clone(known);
        }
        let known = Arc::new(provenance.clone());
        let source = provenance.source.as_ref().map_or(0, |source| heap(source.file.len()) + heap(source.sha256.len()));
        let texts = [&provenance.import, &provenance.plugin, &provenance.rule].into_iter().flatten();
        self.heap += heap(size_of::<Provenance>() + 16)
            + heap(provenance.actor.len())
            + source
            + texts.map(|text| heap(text.len())).sum::<usize>();
        self.provenances.push(Arc::clone(&known));
        known
    }
}

/// Bytes that an allocation takes, with what the allocator keeps beside it.
pub(super) fn heap(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { bytes.next_multiple_of(16) + 16 }
}
