//! The command's end of the socket.

use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;

use phm_core::crypto::secret::Secret;

use super::super::Command;
use super::super::output::Failure;
use super::frame::{ERROR, EXIT, INPUT, LONGEST, OUTPUT, REQUEST, SECRET, receive, send, send_all};
use super::{Request, SPOKEN, Terminal, address};

/// Runs a command in the appliance that serves the vault in `dir`, and says how it ended.
///
/// `None` when nobody listens: then whoever holds the vault is no appliance, or one that is just starting or ending.
pub fn ask(dir: &Path, secret: &Secret, command: Command, json: bool) -> Option<Result<ExitCode, Failure>> {
    let (_held, address) = address(dir).ok()?;
    let stream = UnixStream::connect(address).ok()?;
    let terminal = Terminal { input: io::stdin().is_terminal(), error: io::stderr().is_terminal() };
    let program = env!("CARGO_PKG_VERSION").to_owned();
    let request = Request { spoken: SPOKEN, program, command, json, terminal };
    Some(talk(stream, &request, secret))
}

fn talk(mut stream: UnixStream, request: &Request, secret: &Secret) -> Result<ExitCode, Failure> {
    let lost = |_| {
        Failure::new("unfinished", "the appliance ended before the command did; look what was done, then repeat it")
    };
    let bytes = serde_json::to_vec(request).map_err(|error| Failure::usage(error.to_string()))?;
    send_all(&mut stream, REQUEST, &bytes).map_err(lost)?;
    send(&mut stream, SECRET, secret.to_wire().as_slice()).map_err(lost)?;
    loop {
        let (tag, bytes) = receive(&mut stream).map_err(lost)?;
        match (tag, bytes.as_slice()) {
            (OUTPUT, bytes) => {
                let mut out = io::stdout().lock();
                out.write_all(bytes)?;
                out.flush()?;
            }
            // What cannot be told to a closed terminal is not worth failing for.
            (ERROR, bytes) => _ = io::stderr().write_all(bytes),
            (INPUT, _) => {
                let mut buffer = vec![0; LONGEST];
                let read = io::stdin().lock().read(&mut buffer)?;
                send(&mut stream, INPUT, &buffer[..read]).map_err(lost)?;
            }
            (EXIT, [code]) => return Ok(ExitCode::from(*code)),
            _ => return Err(Failure::new("unfinished", "the appliance is another version of PHM; restart it")),
        }
    }
}
