//! What travels over the socket: frames of a tag, a length and so many bytes.
//!
//! ```text
//! command → appliance:  R request (JSON), in as many frames as it takes, the last one empty  S secret  I input, empty at its end
//! appliance → command:  O output  E error output  I asks for input  X exit code, the last frame
//! frame = tag (1) ‖ length (4, big-endian) ‖ bytes
//! ```

use std::io::{self, Read, Write};

use zeroize::Zeroizing;

/// A frame's length at most: what is longer is sent in pieces.
pub const LONGEST: usize = 64 * 1024;
/// A request's length at most: paths enough for any folder.
const LONGEST_REQUEST: usize = 16 << 20;

pub const REQUEST: u8 = b'R';
pub const SECRET: u8 = b'S';
pub const INPUT: u8 = b'I';
pub const OUTPUT: u8 = b'O';
pub const ERROR: u8 = b'E';
pub const EXIT: u8 = b'X';

/// Sends one frame.
pub fn send(to: &mut impl Write, tag: u8, bytes: &[u8]) -> io::Result<()> {
    let length =
        u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= LONGEST).ok_or(io::ErrorKind::InvalidInput)?;
    to.write_all(&[tag])?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(bytes)?;
    to.flush()
}

/// Receives one frame; its bytes are wiped when dropped, since one of them is a secret.
pub fn receive(from: &mut impl Read) -> io::Result<(u8, Zeroizing<Vec<u8>>)> {
    let mut head = [0; 5];
    from.read_exact(&mut head)?;
    let [tag, length @ ..] = head;
    let length = u32::from_be_bytes(length) as usize;
    if length > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = Zeroizing::new(vec![0; length]);
    from.read_exact(&mut bytes)?;
    Ok((tag, bytes))
}

/// Receives one frame, which has to be of this tag.
pub fn expect(from: &mut impl Read, tag: u8) -> io::Result<Zeroizing<Vec<u8>>> {
    match receive(from)? {
        (got, bytes) if got == tag => Ok(bytes),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// Sends something of any length as frames of one tag; an empty one says that it was all.
pub fn send_all(to: &mut impl Write, tag: u8, bytes: &[u8]) -> io::Result<()> {
    bytes.chunks(LONGEST).chain([&[][..]]).try_for_each(|piece| send(to, tag, piece))
}

/// Receives what [`send_all`] sent.
pub fn receive_all(from: &mut impl Read, tag: u8) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let piece = expect(from, tag)?;
        if piece.is_empty() {
            return Ok(all);
        }
        if all.len() + piece.len() > LONGEST_REQUEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        all.extend_from_slice(&piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_as_they_went_and_nothing_else_is_taken_for_one() {
        let mut sent = Vec::new();
        send(&mut sent, OUTPUT, b"three people").expect("sent");
        send(&mut sent, EXIT, &[0]).expect("sent");
        let mut from = sent.as_slice();
        assert_eq!(expect(&mut from, OUTPUT).expect("a frame").as_slice(), b"three people");
        assert!(expect(&mut from, OUTPUT).is_err(), "another tag");
        assert!(receive(&mut &sent[..9]).is_err(), "cut short");
        for length in [0, 1, LONGEST, LONGEST + 1, 3 * LONGEST] {
            let (long, mut sent) = (vec![7; length], Vec::new());
            send_all(&mut sent, REQUEST, &long).expect("sent");
            assert_eq!(receive_all(&mut sent.as_slice(), REQUEST).expect("all of it"), long);
        }
        let huge = [OUTPUT, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(receive(&mut &huge[..]).expect_err("too long").kind(), io::ErrorKind::InvalidData);
        assert!(send(&mut sent, OUTPUT, &vec![0; LONGEST + 1]).is_err());
    }
}
