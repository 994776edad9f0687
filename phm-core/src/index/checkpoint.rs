//! The form of an index checkpoint: the headers of a journal, in order, so that opening a profile need not open bodies.
//!
//! A checkpoint is a list of chunks, each a run of headers; since journals only grow, new chunks are appended and
//! none is rewritten. It is sealed by the vault, and may be thrown away at any time.

use serde::{Deserialize, Serialize};

use super::{Header, ProfileIndex};

/// The first byte of every chunk.
pub(crate) const FORMAT: u8 = 1;

/// One header of a chunk.
#[derive(Serialize, Deserialize)]
struct Row {
    /// Seq of the journal entry.
    #[serde(rename = "q")]
    seq: u64,
    /// The header of that entry.
    #[serde(rename = "h")]
    header: Header,
}

/// The entries behind `after` as one chunk, `most` of them at most, and the seq of the last one; `None` when there is
/// none.
pub(crate) fn encode(index: &ProfileIndex, after: u64, most: u64) -> Option<(Vec<u8>, u64)> {
    let last = index.last_seq().min(after.saturating_add(most));
    if last <= after {
        return None;
    }
    let mut out = vec![FORMAT];
    for entry in (after + 1..=last).filter_map(|seq| index.entry(seq)) {
        let row = Row { seq: entry.seq(), header: entry.header() };
        serde_json::to_writer(&mut out, &row).expect("headers have no map with other than text keys");
        out.push(b'\n');
    }
    Some((out, last))
}

/// Folds a chunk into `index`; `None` when it is not the next one of this index.
pub(crate) fn decode(index: &mut ProfileIndex, chunk: &[u8]) -> Option<()> {
    let (format, rows) = chunk.split_first()?;
    if *format != FORMAT {
        return None;
    }
    for row in rows.split(|byte| *byte == b'\n').filter(|row| !row.is_empty()) {
        let Row { seq, header } = serde_json::from_slice(row).ok()?;
        if seq != index.last_seq() + 1 {
            return None;
        }
        index.fold(seq, header);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::tests::header;
    use crate::index::{Act, Query};

    #[test]
    fn an_index_made_from_chunks_answers_like_the_one_it_came_from() {
        let mut index = ProfileIndex::default();
        index.fold(1, header(Act::Create, "condition", 1));
        let first = encode(&index, 0, 10).expect("a chunk").0;
        index.fold(2, header(Act::Create, "allergy", 2));
        let (second, last) = encode(&index, 1, 10).expect("a chunk");
        assert_eq!(last, 2);
        assert!(encode(&index, 2, 10).is_none(), "nothing is left");
        let mut again = ProfileIndex::default();
        assert!(decode(&mut again, &second).is_none(), "a chunk out of order is refused");
        let mut again = ProfileIndex::default();
        decode(&mut again, &first).expect("the first chunk");
        decode(&mut again, &second).expect("the second chunk");
        assert_eq!(again.last_seq(), 2);
        let find = |index: &ProfileIndex| index.find(&[], &Query::default(), &|_| true).0;
        assert_eq!((find(&index), find(&again)), (2, 2));
    }
}
