//! A command inside the appliance, and its input and output on the other side of the socket.

use std::fmt;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};

use super::Terminal;
use super::frame::{ERROR, INPUT, LONGEST, OUTPUT, expect, send};
use crate::http::Opened;

/// A command that runs inside the appliance.
#[derive(Clone)]
pub struct Guest {
    /// The vault the appliance serves, with its sign-in desk.
    pub opened: Opened,
    /// The slot that the secret of whoever typed the command opens.
    pub slot: u16,
    /// Which of the command's ends are a terminal.
    pub terminal: Terminal,
    line: Arc<Mutex<UnixStream>>,
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guest").field("slot", &self.slot).field("terminal", &self.terminal).finish_non_exhaustive()
    }
}

impl Guest {
    pub fn new(opened: Opened, slot: u16, terminal: Terminal, line: Arc<Mutex<UnixStream>>) -> Self {
        Self { opened, slot, terminal, line }
    }

    /// The command's standard output.
    pub fn output(&self) -> Sent {
        Sent { tag: OUTPUT, line: Arc::clone(&self.line) }
    }

    /// The command's standard error.
    pub fn error(&self) -> Sent {
        Sent { tag: ERROR, line: Arc::clone(&self.line) }
    }

    /// Whether the other side is still there; it is told nothing by that.
    pub fn is_attended(&self) -> bool {
        send(&mut *self.line.lock().unwrap_or_else(PoisonError::into_inner), ERROR, &[]).is_ok()
    }

    /// The command's standard input.
    pub fn input(&self) -> Asked {
        Asked { line: Arc::clone(&self.line), left: Vec::new(), at: 0, ended: false }
    }
}

/// Bytes on their way to the other side.
pub struct Sent {
    tag: u8,
    line: Arc<Mutex<UnixStream>>,
}

impl Write for Sent {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = &bytes[..bytes.len().min(LONGEST)];
        if !piece.is_empty() {
            send(&mut *self.line.lock().unwrap_or_else(PoisonError::into_inner), self.tag, piece)?;
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes asked for from the other side, piece by piece.
pub struct Asked {
    line: Arc<Mutex<UnixStream>>,
    left: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Read for Asked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.left.len() && !self.ended && !buffer.is_empty() {
            let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
            send(&mut *line, INPUT, &[])?;
            self.left = expect(&mut *line, INPUT)?.to_vec();
            self.at = 0;
            self.ended = self.left.is_empty();
        }
        let read = (&self.left[self.at..]).read(buffer)?;
        self.at += read;
        Ok(read)
    }
}
