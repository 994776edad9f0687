//! Commands beside a running `phm serve`.
//!
//! The appliance holds the vault's lock. A command that finds it held asks through `control.sock` in the data folder: it
//! sends what was typed and the vault's secret, and the appliance runs it in the vault it has open. Output, input and
//! exit code travel back and forth, so that whoever typed it sees no difference. The socket is for the user who runs the
//! appliance (and root) alone, and the secret is asked for as if the vault were opened anew: a command acts as the
//! operator, and only whoever holds a secret is that.

mod client;
mod frame;
mod guest;
mod server;

pub(super) use client::ask;
pub(super) use guest::Guest;
pub(super) use server::listen;

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Command;

/// The version of what is spoken over the socket: both ends come from the same program, or say that they do not.
const SPOKEN: u32 = 1;

/// What a command asks of the appliance.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Request {
    spoken: u32,
    /// The version of the program at the other end: another one may mean something else by the same words.
    program: String,
    command: Command,
    json: bool,
    /// Whether somebody sits before standard input, and before standard error.
    terminal: Terminal,
}

/// Which ends of a command are a terminal.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub struct Terminal {
    /// Standard input.
    pub input: bool,
    /// Standard error.
    pub error: bool,
}

/// Where the socket of the vault in `dir` is.
fn socket(dir: &Path) -> PathBuf {
    dir.join("control.sock")
}

/// The longest path that every system takes as the address of a socket.
const LONGEST_ADDRESS: usize = 103;

/// The address of the socket of the vault in `dir`, good as long as the folder is held open: where the path is too long
/// for an address, Linux reaches the folder by the handle that is open on it.
fn address(dir: &Path) -> io::Result<(File, PathBuf)> {
    let held = File::open(dir)?;
    let path = socket(dir);
    let path = if path.as_os_str().len() <= LONGEST_ADDRESS {
        path
    } else {
        socket(&Path::new("/proc/self/fd").join(held.as_raw_fd().to_string()))
    };
    Ok((held, path))
}
