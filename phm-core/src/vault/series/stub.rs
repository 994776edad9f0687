//! What stays of samples in the journal: how many, from when to when, and what they commit to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::block::Stored;
use crate::crypto::digest::{hex, sha256};
use crate::time::Instant;

/// A set of samples in 32 bytes: equal commitments mean equal samples, whatever their order and their blocks.
///
/// It is the sum, in four lanes of 64 bits, of `SHA-256(time (8) ‖ value as written)` over all of them, so that samples
/// of many entries can be proved in one pass over the blocks. It stands inside a sealed entry.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Commitment([u64; 4]);

impl Commitment {
    /// Adds one sample.
    pub fn add(&mut self, sample: &Stored) {
        let hash = sha256(&[&sample.at.to_be_bytes(), sample.value.to_string().as_bytes()]);
        let (words, _) = hash.as_chunks::<8>();
        for (lane, word) in self.0.iter_mut().zip(words) {
            *lane = lane.wrapping_add(u64::from_be_bytes(*word));
        }
    }
}

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|lane| f.write_str(&hex(&lane.to_be_bytes())))
    }
}

impl FromStr for Commitment {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let plain = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let lane = |at: usize| u64::from_str_radix(text.get(at * 16..at * 16 + 16)?, 16).ok();
        let lanes = || Some([lane(0)?, lane(1)?, lane(2)?, lane(3)?]);
        lanes().filter(|_| plain).map(Self).ok_or(())
    }
}

impl Serialize for Commitment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Commitment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|()| de::Error::custom("a commitment has 64 hex digits"))
    }
}

/// The body of an entry that adds samples.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stub {
    /// How many samples.
    pub count: u64,
    /// When the first was taken.
    pub from: Instant,
    /// When the last was taken.
    pub to: Instant,
    /// What they commit to.
    pub commitment: Commitment,
}

impl Stub {
    /// What stays of these samples, which stand in order of time.
    pub fn of(samples: &[Stored]) -> Self {
        let mut commitment = Commitment::default();
        for sample in samples {
            commitment.add(sample);
        }
        let at = |sample: Option<&Stored>| Instant::from_millis(sample.map_or(0, |sample| sample.at));
        Self { count: samples.len() as u64, from: at(samples.first()), to: at(samples.last()), commitment }
    }
}

#[cfg(test)]
mod tests {
    use super::super::written::Written;
    use super::*;

    fn sample(at: i64, value: &str) -> Stored {
        Stored { at, value: Written::of(&value.parse().expect("a decimal")), source: at.cast_unsigned() }
    }

    #[test]
    fn a_stub_has_the_form_that_stands_on_disk() {
        let stub = Stub::of(&[sample(1000, "72"), sample(61_000, "72.50")]);
        let json = serde_json::to_string(&stub).expect("JSON");
        insta::assert_snapshot!(json, @r#"{"count":2,"from":"1970-01-01T00:00:01.000Z","to":"1970-01-01T00:01:01.000Z","commitment":"c4434fdc972561aec8e1d15bec8e441691c5e7f12ec2b77ab97af8d758630be0"}"#);
        assert_eq!(serde_json::from_str::<Stub>(&json).expect("a stub"), stub);
        for text in ["", "12", &"g".repeat(64), &"+".repeat(64)] {
            assert!(text.parse::<Commitment>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_order_does_not_matter_and_every_digit_does() {
        let of = |samples: &[Stored]| Stub::of(samples).commitment;
        let (one, two) = (sample(1, "72"), sample(2, "73"));
        assert_eq!(of(&[one.clone(), two.clone()]), of(&[two.clone(), one.clone()]));
        assert_ne!(of(&[one.clone(), two.clone()]), of(std::slice::from_ref(&one)));
        assert_ne!(of(std::slice::from_ref(&one)), of(&[sample(1, "72.0")]));
        assert_ne!(of(&[one.clone(), one.clone()]), of(&[one]));
    }
}
