//! Who refers to what: the way from people to the resources that name no patient.
//!
//! A practitioner, an organisation, a medication belongs to every person whose resources refer to it, through as many
//! steps as it takes. Only hashes are kept, each pair once.

use std::collections::HashSet;

/// Pairs, each kept once, in a little more than sixteen bytes.
#[derive(Default)]
struct Pairs {
    pairs: Vec<(u64, u64)>,
    /// The length at which doubles are next thrown out.
    full: usize,
}

impl Pairs {
    fn add(&mut self, from: u64, to: u64) {
        if self.pairs.len() >= self.full.max(1 << 14) {
            self.tidy();
            self.full = self.pairs.len() * 2;
        }
        self.pairs.push((from, to));
    }

    fn tidy(&mut self) {
        self.pairs.sort_unstable();
        self.pairs.dedup();
    }

    fn from(&self, from: u64) -> &[(u64, u64)] {
        let start = self.pairs.partition_point(|pair| pair.0 < from);
        let end = start + self.pairs[start..].partition_point(|pair| pair.0 == from);
        &self.pairs[start..end]
    }
}

/// References as they are collected.
#[derive(Default)]
pub(super) struct Collected {
    by_mention: Pairs,
    between: Pairs,
}

impl Collected {
    /// A resource of the person behind `mention` refers to `name`.
    pub(super) fn mention_refers(&mut self, mention: u32, name: u64) {
        self.by_mention.add(u64::from(mention), name);
    }

    /// A resource without a patient refers to `name`, or is itself also called so.
    pub(super) fn refers(&mut self, from: u64, name: u64) {
        self.between.add(from, name);
    }

    /// Follows everything from the people outwards; `person` tells who is behind a mention.
    pub(super) fn follow(mut self, person: impl Fn(u32) -> Option<u32>) -> Shared {
        self.by_mention.tidy();
        self.between.tidy();
        let mut direct: Vec<(u32, u64)> = self
            .by_mention
            .pairs
            .iter()
            .filter_map(|&(mention, name)| Some((person(u32::try_from(mention).ok()?)?, name)))
            .collect();
        self.by_mention = Pairs::default();
        direct.sort_unstable();
        direct.dedup();
        let mut reached = Vec::new();
        for of_one in direct.chunk_by(|one, two| one.0 == two.0) {
            let mut seen: HashSet<u64> = of_one.iter().map(|pair| pair.1).collect();
            let mut open: Vec<u64> = seen.iter().copied().collect();
            while let Some(name) = open.pop() {
                open.extend(self.between.from(name).iter().map(|pair| pair.1).filter(|&next| seen.insert(next)));
            }
            reached.extend(seen.into_iter().map(|name| (name, of_one[0].0)));
        }
        reached.sort_unstable();
        Shared { reached }
    }
}

/// Which people refer to what.
#[derive(Default)]
pub(super) struct Shared {
    reached: Vec<(u64, u32)>,
}

impl Shared {
    /// The people from whom `name` is reached.
    pub(super) fn people(&self, name: u64) -> impl Iterator<Item = u32> {
        let start = self.reached.partition_point(|pair| pair.0 < name);
        self.reached[start..].iter().take_while(move |pair| pair.0 == name).map(|pair| pair.1)
    }
}

/// A set of eight-byte keys that costs little more than they do.
#[derive(Default)]
pub(super) struct KeySet {
    parts: Vec<Vec<u64>>,
    twice: Vec<u64>,
}

impl KeySet {
    pub(super) fn add(&mut self, key: u64) {
        if self.parts.is_empty() {
            self.parts.resize_with(256, Vec::new);
        }
        self.parts[(key >> 56) as usize].push(key);
    }

    /// Sorts the keys, once all are there.
    pub(super) fn settle(&mut self) {
        for part in &mut self.parts {
            part.sort_unstable();
            self.twice.extend(part.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]));
            part.dedup();
        }
        self.twice.dedup();
    }

    pub(super) fn contains(&self, key: u64) -> bool {
        self.parts.get((key >> 56) as usize).is_some_and(|part| part.binary_search(&key).is_ok())
    }

    /// Whether the key was added more than once.
    pub(super) fn is_twice(&self, key: u64) -> bool {
        self.twice.binary_search(&key).is_ok()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.iter().all(Vec::is_empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_referred_to_through_others_is_reached() {
        let mut collected = Collected::default();
        collected.mention_refers(0, 10);
        collected.mention_refers(1, 11);
        collected.mention_refers(2, 99);
        collected.refers(10, 20);
        collected.refers(20, 30);
        collected.refers(30, 20);
        collected.refers(11, 20);
        let shared = collected.follow(|mention| (mention < 2).then_some(mention + 5));
        let people = |name| shared.people(name).collect::<Vec<_>>();
        assert_eq!((people(10), people(20), people(30), people(99)), (vec![5], vec![5, 6], vec![5, 6], vec![]));
    }

    #[test]
    fn keys_are_found_and_doubles_are_known() {
        let mut keys = KeySet::default();
        for key in [1, u64::MAX, 7 << 56, 1] {
            keys.add(key);
        }
        keys.settle();
        assert!(keys.contains(1) && keys.contains(u64::MAX) && keys.contains(7 << 56) && !keys.contains(2));
        assert!(keys.is_twice(1) && !keys.is_twice(u64::MAX));
    }
}
