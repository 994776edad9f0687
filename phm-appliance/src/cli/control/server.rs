//! The appliance's end of the socket.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream as Blocking;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use phm_core::crypto::secret::Secret;
use phm_core::vault::Vault;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, oneshot};

use super::super::output::{Answer, Failure};
use super::super::{Place, dispatch};
use super::frame::{EXIT, REQUEST, SECRET, expect, receive_all, send};
use super::{Guest, Request, SPOKEN, address, socket};
use crate::http::{House, Opened};

/// Commands that run at the same time; one more waits.
const AT_ONCE: usize = 8;
/// How long a command may take to say what it wants, and to take what is said to it.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs the commands that come through the socket for as long as the house stands; one that is locked opens none. `bound` hears
/// when it listens.
pub async fn listen(house: Arc<House>, bound: oneshot::Sender<()>) {
    house.moved_in().await;
    let dir = &house.settings.data_dir;
    let listener = match bind(dir) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(kind = %error.kind(), "no socket for commands: they are refused while PHM serves");
            return;
        }
    };
    let _removed = Removed(socket(dir));
    // Nobody waits for it where the vault was opened later.
    let _ = bound.send(());
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file handles, say; the next one may come through.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let house = Arc::clone(&house);
        let (Ok(opened), true) = (house.open(), is_ours(&stream)) else { continue };
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            // A command that went away, or never said what it wants, has nobody to be told.
            let _ = stream.into_std().and_then(|stream| serve(&stream, &opened));
        });
    }
}

/// Takes the socket away with the appliance, so that nobody knocks at a house that is gone.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        // One that is left over is taken by the next appliance.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The lock of the vault is held, so a socket that is there already was left by an appliance that was killed.
fn bind(dir: &Path) -> io::Result<UnixListener> {
    let path = socket(dir);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let (_held, address) = address(dir)?;
    let listener = UnixListener::bind(address)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Whether the user at the other end is who runs the appliance, or root.
fn is_ours(stream: &UnixStream) -> bool {
    let own = rustix::process::geteuid().as_raw();
    stream.peer_cred().is_ok_and(|peer| peer.uid() == own || peer.uid() == 0)
}

fn serve(stream: &Blocking, opened: &Opened) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = stream.try_clone()?;
    let request = receive_all(&mut line, REQUEST)?;
    let secret = expect(&mut line, SECRET)?;
    // Whoever types input may think as long as they like, and whoever reads a long output may pause.
    line.set_read_timeout(None)?;
    line.set_write_timeout(None)?;
    let line = Arc::new(Mutex::new(line));
    let code = match understand(&request, &secret, &opened.vault) {
        Ok((request, slot)) => {
            let guest = Guest::new(opened.clone(), slot, request.terminal, Arc::clone(&line));
            let place = Place::of_guest(opened.vault.dir(), request.json, guest);
            answer(&place, dispatch(&place, request.command))
        }
        Err(failure) => {
            let json = serde_json::from_slice::<Request>(&request).is_ok_and(|request| request.json);
            let guest = Guest::new(opened.clone(), 0, super::Terminal::default(), Arc::clone(&line));
            answer(&Place::of_guest(opened.vault.dir(), json, guest), Err(failure))
        }
    };
    send(&mut stream.try_clone()?, EXIT, &[code])
}

/// What is asked, and the slot that the secret opens.
fn understand(request: &[u8], secret: &[u8], vault: &Vault) -> Result<(Request, u16), Failure> {
    let other =
        || Failure::new("unsupported", "the appliance that serves this vault is another version of PHM; restart it");
    let request: Request = serde_json::from_slice(request).map_err(|_| other())?;
    if request.spoken != SPOKEN || request.program != env!("CARGO_PKG_VERSION") || !request.command.runs_inside() {
        return Err(other());
    }
    let secret = Secret::from_wire(secret).ok_or_else(other)?;
    Ok((request, vault.admits(&secret)?))
}

fn answer(place: &Place, done: Result<Answer, Failure>) -> u8 {
    match done {
        Ok(answer) => answer.print(place),
        Err(failure) => failure.print(place),
    }
}
