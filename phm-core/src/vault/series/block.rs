//! A block of samples: its form, column by column.
//!
//! What is sealed is, with numbers as `crate::bytes` writes them:
//!
//! | part | form |
//! |---|---|
//! | format | one byte, 1 |
//! | count | how many samples |
//! | times | milliseconds since 1970 of the first, signed; the step to the second, signed; then how much each step differs from the one before, signed |
//! | decimals | runs: how many samples ‖ one byte, the decimals they are written with (0 to 17), or 255 where they are texts |
//! | values | of each sample, in order: the digits without the point, signed, as the difference to the digits before (0 before the first); of a text its length ‖ its bytes |
//! | sources | runs: how many samples ‖ the entry that brought them, signed, as the difference to the run before (0 before the first) |
//!
//! Samples stand in order of time. An entry of 0 is the one whose number stands in the address. Values come back exactly
//! as they were written, for `12.340` is 12340 with three decimals and whatever has another form is a text. Bytes that
//! [`encode`] did not make are refused.

use super::written::{TEXT, Written, read_text};
use crate::bytes::{Bytes, put, put_signed, put_text};

const FORMAT: u8 = 1;
/// Samples of one block.
pub(super) const BLOCK: usize = 4096;
/// Samples that may be added at once: as many are ever sealed together.
pub const MOST_APPENDED: usize = 1 << 16;

/// A sample with the entry that brought it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Stored {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    pub value: Written,
    /// Seq of the journal entry.
    pub source: u64,
}

/// The stored form of samples that stand in order of time.
pub(super) fn encode(samples: &[Stored]) -> Vec<u8> {
    let mut out = Vec::with_capacity(16 + samples.len() * 4);
    out.push(FORMAT);
    put(&mut out, samples.len() as u64);
    let (mut before, mut step) = (None, 0_i64);
    for sample in samples {
        let next = sample.at.wrapping_sub(before.unwrap_or(0));
        put_signed(&mut out, next.wrapping_sub(step));
        // The first number is a time, not a step.
        step = before.map_or(0, |_| next);
        before = Some(sample.at);
    }
    runs(
        samples,
        |sample| scale_of(&sample.value),
        |length, scale| {
            put(&mut out, length);
            out.push(scale);
        },
    );
    let mut digits_before = 0_i64;
    for sample in samples {
        match &sample.value {
            Written::Scaled { digits, .. } => {
                put_signed(&mut out, digits.wrapping_sub(digits_before));
                digits_before = *digits;
            }
            Written::Text(text) => put_text(&mut out, text),
        }
    }
    let mut source_before = 0_i64;
    runs(
        samples,
        |sample| sample.source.cast_signed(),
        |length, source| {
            put(&mut out, length);
            put_signed(&mut out, source.wrapping_sub(source_before));
            source_before = source;
        },
    );
    out
}

fn scale_of(value: &Written) -> u8 {
    match value {
        Written::Scaled { scale, .. } => *scale,
        Written::Text(_) => TEXT,
    }
}

/// Shows each run of samples that have the same `key`, with its length.
fn runs<K: Copy + PartialEq>(samples: &[Stored], key: impl Fn(&Stored) -> K, mut show: impl FnMut(u64, K)) {
    for run in samples.chunk_by(|one, next| key(one) == key(next)) {
        show(run.len() as u64, key(&run[0]));
    }
}

/// Reads the stored form; `None` unless every byte is as [`encode`] puts it.
pub(super) fn decode(bytes: &[u8]) -> Option<Vec<Stored>> {
    let mut bytes = Bytes(bytes);
    if bytes.byte()? != FORMAT {
        return None;
    }
    let count = bytes.count(MOST_APPENDED)?;
    let times = read_times(&mut bytes, count)?;
    let scales = read_runs(&mut bytes, count, |bytes, _| bytes.byte())?;
    let mut samples = Vec::with_capacity(count);
    let mut digits = 0_i64;
    let mut times = times.into_iter();
    for (length, scale) in scales {
        for at in times.by_ref().take(length) {
            let value = if scale == TEXT {
                read_text(&mut bytes)?
            } else {
                digits = digits.wrapping_add(bytes.signed()?);
                Written::checked(digits, scale)?
            };
            samples.push(Stored { at, value, source: 0 });
        }
    }
    let sources =
        read_runs(&mut bytes, count, |bytes, before| Some(before.unwrap_or(0_i64).wrapping_add(bytes.signed()?)))?;
    let mut filled = samples.iter_mut();
    for (length, source) in sources {
        filled.by_ref().take(length).for_each(|sample| sample.source = source.cast_unsigned());
    }
    bytes.at_end().then_some(samples)
}

fn read_times(bytes: &mut Bytes<'_>, count: usize) -> Option<Vec<i64>> {
    let mut times: Vec<i64> = Vec::with_capacity(count);
    let mut step = 0_i64;
    for _ in 0..count {
        let before = times.last().copied();
        let next = step.wrapping_add(bytes.signed()?);
        let at = before.unwrap_or(0).wrapping_add(next);
        if before.is_some_and(|before| before > at) {
            return None;
        }
        step = before.map_or(0, |_| next);
        times.push(at);
    }
    Some(times)
}

/// Reads runs that cover `count` samples: lengths and what `read` makes of each, given what it made of the one before.
fn read_runs<K: Copy + PartialEq>(
    bytes: &mut Bytes<'_>,
    count: usize,
    mut read: impl FnMut(&mut Bytes<'_>, Option<K>) -> Option<K>,
) -> Option<Vec<(usize, K)>> {
    let mut runs: Vec<(usize, K)> = Vec::new();
    let mut left = count;
    while left > 0 {
        let length = bytes.count(left).filter(|length| *length > 0)?;
        let before = runs.last().map(|(_, key)| *key);
        let key = read(bytes, before)?;
        if before == Some(key) {
            return None;
        }
        runs.push((length, key));
        left -= length;
    }
    Some(runs)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::digest::hex;

    fn stored(at: i64, value: &str, source: u64) -> Stored {
        Stored { at, value: Written::of(&value.parse().expect("a decimal")), source }
    }

    #[test]
    fn a_block_has_the_form_that_stands_on_disk() {
        let samples = [
            stored(1_000_000, "72", 7),
            stored(1_060_000, "72.5", 7),
            stored(1_120_000, "71.0", 7),
            stored(1_120_000, "7e1", 9),
        ];
        let bytes = encode(&samples);
        // format, count; the time, the step, its changes; runs of decimals; values; runs of sources.
        insta::assert_snapshot!(hex(&bytes), @"010480897ac0a90700bfa9070100020101ff90019a0a1d03376531030e0104");
        assert_eq!(decode(&bytes).as_deref(), Some(&samples[..]));
        assert_eq!(decode(&encode(&[])).as_deref(), Some(&[][..]));
    }

    #[test]
    fn a_day_of_heart_rates_takes_about_two_bytes_a_sample() {
        let samples: Vec<_> =
            (0..1440).map(|n| stored(1_700_000_000_000 + n * 60_000, &(60 + n * 7 % 13).to_string(), 3)).collect();
        let bytes = encode(&samples).len();
        assert!(bytes < 1440 * 2 + 40, "{bytes} bytes");
    }

    #[test]
    fn bytes_that_were_cut_lengthened_or_changed_in_their_order_are_refused() {
        let bytes = encode(&[stored(5, "72", 1), stored(9, "1e2", 1), stored(9, "-7.25", 2)]);
        for end in 0..bytes.len() {
            assert!(decode(&bytes[..end]).is_none(), "cut at {end}");
        }
        assert!(decode(&[&bytes[..], &[0]].concat()).is_none());
        assert!(decode(&[&[2], &bytes[1..]].concat()).is_none(), "another format");
        let unordered = encode(&[stored(9, "1", 1), stored(5, "1", 1)]);
        assert!(decode(&unordered).is_none(), "out of order");
        assert!(decode(&[FORMAT, 0xFF, 0xFF, 0xFF, 0x7F]).is_none(), "more samples than are ever sealed together");
    }

    fn samples() -> impl Strategy<Value = Vec<Stored>> {
        let value = prop_oneof![
            8 => (-200_i64..200).prop_map(|n| n.to_string()),
            4 => (-2000_i64..2000).prop_map(|n| format!("{}.{}", n / 10, (n % 10).abs())),
            1 => "-?[1-9][0-9]{0,20}(\\.[0-9]{1,8})?(e[0-9])?",
        ];
        let at = prop_oneof![4 => 0_i64..5000, 1 => any::<i64>().prop_map(|at| at / 2)];
        prop::collection::vec((at, value, 0_u64..9), 0..200).prop_map(|rows| {
            let mut samples: Vec<_> = rows.iter().map(|(at, value, source)| stored(*at, value, *source)).collect();
            samples.sort();
            samples
        })
    }

    proptest! {
        #[test]
        fn samples_come_back_as_they_were_stored(samples in samples()) {
            prop_assert_eq!(decode(&encode(&samples)), Some(samples));
        }

        #[test]
        fn what_is_read_is_what_would_be_written(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Some(samples) = decode(&bytes) {
                prop_assert_eq!(encode(&samples), bytes);
            }
        }
    }
}
