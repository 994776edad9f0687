//! Long answers, written by a blocking thread as the client takes them.

use std::io::{self, Write};

use bytes::Bytes;
use poem::Body;
use tokio::sync::mpsc;

use super::context::RequestId;
use super::problem::Problem;

/// Bytes of a piece.
const PIECE: usize = 64 * 1024;

/// Pieces that wait for the client.
const PIECES: usize = 2;

type Pieces = mpsc::Sender<Result<Bytes, Problem>>;

/// A body that `work` writes. What goes wrong before the first piece is the answer itself; what goes wrong later breaks
/// the connection off, so that a client never takes a part for the whole.
pub async fn written(
    work: impl FnOnce(&mut dyn Write) -> Result<(), Problem> + Send + 'static,
) -> Result<Body, Problem> {
    let (sender, mut receiver) = mpsc::channel(PIECES);
    let request = RequestId::current();
    tokio::task::spawn_blocking(move || {
        let mut pipe = Pipe { pieces: sender, waiting: Vec::with_capacity(PIECE) };
        let done = work(&mut pipe).and_then(|()| pipe.flush().map_err(|_| Problem::internal()));
        if let Err(problem) = done {
            tracing::error!(request, code = problem.code(), "an answer broke off");
            let _ = pipe.pieces.blocking_send(Err(problem));
        }
    });
    let first = receiver.recv().await.transpose()?;
    let pieces = futures_util::stream::unfold((first, receiver), |(first, mut receiver)| async move {
        let piece = match first {
            Some(first) => Ok(first),
            None => receiver.recv().await?.map_err(io::Error::other),
        };
        Some((piece, (None, receiver)))
    });
    Ok(Body::from_bytes_stream(pieces))
}

/// Gathers what is written into pieces.
struct Pipe {
    pieces: Pieces,
    waiting: Vec<u8>,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PIECE - self.waiting.len());
        self.waiting.extend_from_slice(&bytes[..taken]);
        if self.waiting.len() == PIECE {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.waiting, Vec::with_capacity(PIECE));
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the client went away");
        self.pieces.blocking_send(Ok(piece.into())).map_err(gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everything_written_arrives_in_order() {
        let text: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        let expected = text.clone();
        let body = written(move |out| out.write_all(&text).map_err(|_| Problem::internal())).await;
        let bytes = body.expect("a body").into_vec().await.expect("all of it");
        assert!(bytes == expected);
        let empty = written(|_| Ok(())).await.expect("a body").into_vec().await.expect("nothing");
        assert!(empty.is_empty());
    }

    #[tokio::test]
    async fn an_early_failure_is_the_answer_and_a_late_one_breaks_off() {
        let early = written(|_| Err(Problem::not_found())).await;
        assert_eq!(early.map(|_| ()).expect_err("a problem").status_code().as_u16(), 404);
        let late = written(|out| {
            out.write_all(&vec![1; 10 * PIECE]).map_err(|_| Problem::internal())?;
            Err(Problem::internal())
        });
        assert!(late.await.expect("a body").into_vec().await.is_err());
    }
}
