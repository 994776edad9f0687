//! The form of an index checkpoint: the headers of a journal, in order, so that opening a profile need not open bodies.
//!
//! A checkpoint is a list of chunks, each a run of headers; since journals only grow, new chunks are appended and
//! none is rewritten. It is sealed by the vault, and may be thrown away at any time.

use super::{ProfileIndex, VersionRef};

/// The first byte of every chunk.
pub(crate) const FORMAT: u8 = 1;

/// What a checkpoint that reaches to `after` lacks, in order.
pub(crate) fn rows(index: &ProfileIndex, after: u64) -> Vec<&VersionRef> {
    let mut rows: Vec<&VersionRef> = index.acts.iter().filter(|act| act.seq > after).collect();
    rows.extend(index.records.iter().flat_map(|state| &state.versions).filter(|version| version.seq > after));
    rows.sort_unstable_by_key(|row| row.seq);
    rows
}

/// A run of headers as one chunk.
pub(crate) fn encode(rows: &[&VersionRef]) -> Vec<u8> {
    let mut out = vec![FORMAT];
    for row in rows {
        serde_json::to_writer(&mut out, row).expect("headers have no map with other than text keys");
        out.push(b'\n');
    }
    out
}

/// Folds a chunk into `index`; `None` when it is not the next one of this index.
pub(crate) fn decode(index: &mut ProfileIndex, chunk: &[u8]) -> Option<()> {
    let (format, rows) = chunk.split_first()?;
    if *format != FORMAT {
        return None;
    }
    for row in rows.split(|byte| *byte == b'\n').filter(|row| !row.is_empty()) {
        let VersionRef { seq, header } = serde_json::from_slice::<VersionRef>(row).ok()?;
        if seq != index.last_seq + 1 {
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
        let first = encode(&rows(&index, 0));
        index.fold(2, header(Act::Create, "allergy", 2));
        let second = encode(&rows(&index, 1));
        let mut again = ProfileIndex::default();
        assert!(decode(&mut again, &second).is_none(), "a chunk out of order is refused");
        let mut again = ProfileIndex::default();
        decode(&mut again, &first).expect("the first chunk");
        decode(&mut again, &second).expect("the second chunk");
        assert_eq!(again.last_seq(), 2);
        let find = |index: &ProfileIndex| index.find(&[], &Query::default(), &|_, _| true).0;
        assert_eq!((find(&index), find(&again)), (2, 2));
    }
}
