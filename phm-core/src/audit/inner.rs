//! The part of an entry about a person's content, sealed under that person's key.

use super::codec::{FormError, Reader, Writer};
use crate::crypto::digest::sha256;
use crate::id::RecordId;

const VERSION: u8 = 1;
/// As many records are named one by one; more are named by a digest.
const NAMED: usize = 32;

/// Which records were seen or changed.
///
/// Up to 32 are named. More are named by a digest that anybody who knows the ids can recompute: starting with 32 zero
/// bytes, for each record in turn `digest = SHA-256(digest ‖ id)`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Touched {
    /// These.
    Records(Vec<RecordId>),
    /// Those with this digest.
    Digest([u8; 32]),
}

impl Touched {
    /// No record yet.
    pub const fn nothing() -> Self {
        Self::Records(Vec::new())
    }

    /// Adds a record.
    pub fn add(&mut self, id: RecordId) {
        match self {
            Self::Records(ids) if ids.len() < NAMED => ids.push(id),
            Self::Records(ids) => {
                *self = Self::Digest(ids.iter().chain([&id]).fold([0; 32], |digest, id| chain(&digest, *id)));
            }
            Self::Digest(digest) => *digest = chain(digest, id),
        }
    }
}

impl FromIterator<RecordId> for Touched {
    fn from_iter<I: IntoIterator<Item = RecordId>>(ids: I) -> Self {
        let mut touched = Self::nothing();
        ids.into_iter().for_each(|id| touched.add(id));
        touched
    }
}

fn chain(digest: &[u8; 32], id: RecordId) -> [u8; 32] {
    // In one piece, which is one block: this is done for every record of a long list.
    let mut both = [0; 48];
    both[..32].copy_from_slice(digest);
    both[32..].copy_from_slice(id.as_bytes());
    sha256(&[&both])
}

/// What an entry says about a person's content.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Inner {
    /// The kind of record; empty when there is none.
    pub kind: String,
    /// How it was asked for: `read list search timeline history original export …`.
    pub operation: String,
    /// Which records.
    pub touched: Touched,
    /// Why, as the session was opened.
    pub purpose: String,
    /// The name people know the actor by.
    pub actor_name: String,
}

impl Inner {
    /// The form that is sealed, version 1: `1 · kind · operation · touched · purpose · actor's name`.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.byte(VERSION);
        out.bytes(self.kind.as_bytes());
        out.bytes(self.operation.as_bytes());
        match &self.touched {
            Touched::Records(ids) => {
                out.byte(1);
                out.count(ids.len());
                for id in ids {
                    out.fixed(id.as_bytes());
                }
            }
            Touched::Digest(digest) => {
                out.byte(2);
                out.fixed(digest);
            }
        }
        out.bytes(self.purpose.as_bytes());
        out.bytes(self.actor_name.as_bytes());
        out.0
    }

    /// Reads what was sealed.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormError> {
        let mut from = Reader(bytes);
        if from.byte()? != VERSION {
            return Err(FormError);
        }
        let inner = Self {
            kind: from.text()?,
            operation: from.text()?,
            touched: match from.byte()? {
                1 => {
                    let count = from.count(16)?;
                    let ids = (0..count).map(|_| from.fixed().map(RecordId::from_bytes));
                    Touched::Records(ids.collect::<Result<_, _>>()?)
                }
                2 => Touched::Digest(from.fixed()?),
                _ => return Err(FormError),
            },
            purpose: from.text()?,
            actor_name: from.text()?,
        };
        from.end()?;
        Ok(inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inner(touched: Touched) -> Inner {
        Inner {
            kind: "lab-result".into(),
            operation: "list".into(),
            touched,
            purpose: "ਇਲਾਜ".into(),
            actor_name: "Dr Ada Example".into(),
        }
    }

    #[test]
    fn the_stored_form_reads_back_and_stays_as_it_is() {
        let named = inner(Touched::from_iter([RecordId::from_bytes([1; 16]), RecordId::from_bytes([2; 16])]));
        let stored = named.encode();
        insta::assert_snapshot!(stored.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")));
        assert_eq!(Inner::decode(&stored), Ok(named));
        let digested = inner(Touched::Digest([9; 32]));
        assert_eq!(Inner::decode(&digested.encode()), Ok(digested));
        for length in 0..stored.len() {
            assert!(Inner::decode(&stored[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn many_records_are_named_by_a_digest_that_depends_on_each_and_their_order() {
        let ids: Vec<_> = (0..40).map(|n| RecordId::from_bytes([n; 16])).collect();
        let touched = |ids: &[RecordId]| ids.iter().copied().collect::<Touched>();
        assert_eq!(touched(&ids[..32]), Touched::Records(ids[..32].to_vec()));
        let digest = ids[..33].iter().fold([0; 32], |digest, id| sha256(&[&digest, id.as_bytes()]));
        assert_eq!(touched(&ids[..33]), Touched::Digest(digest));
        let mut swapped = ids.clone();
        swapped.swap(0, 39);
        assert_ne!(touched(&ids), touched(&swapped));
        assert_ne!(touched(&ids), touched(&ids[..39]));
    }
}
