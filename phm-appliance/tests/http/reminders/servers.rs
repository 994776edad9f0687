//! Servers on this machine that reminders go to: they take what comes, and tell what they heard.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// What a server heard: the head and the body of a request, or a letter.
pub type Heard = Receiver<(String, String)>;

/// A mail server: aiosmtpd where `PHM_TEST_PYTHON` names an interpreter that has it (`make test`), else one that says yes to
/// everything.
pub fn smtp() -> (u16, Heard) {
    std::env::var_os("PHM_TEST_PYTHON").map_or_else(simple_smtp, |python| real_smtp(&python))
}

/// A mail server that others have written, which holds senders to the protocol.
fn real_smtp(python: &OsStr) -> (u16, Heard) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/reminders/mail_server.py");
    let mut command = Command::new(python);
    command.arg("-B").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut server = command.spawn().expect("it runs");
    let mut lines = BufReader::new(server.stdout.take().expect("a pipe")).lines();
    let port = lines.next().and_then(|line| line.ok()?.parse().ok());
    let port = port.expect("a port; aiosmtpd is one of the packages of .ci/requirements.txt");
    let (taken, letters) = channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let told: Value = serde_json::from_str(&line).expect("JSON");
            let text = |name: &str| told[name].as_str().expect("a text").to_owned();
            let _ = taken.send((text("to"), text("letter")));
        }
        // Until here its input is open: it ends with this program.
        server.wait()
    });
    (port, letters)
}

/// A mail server that takes every letter.
fn simple_smtp() -> (u16, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("a port").port();
    let (taken, letters) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a client");
            let mut lines = BufReader::new(stream.try_clone().expect("both ways")).lines();
            let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes());
            let _ = say("220 here");
            let mut reader = String::new();
            while let Some(Ok(line)) = lines.next() {
                let answer = match line.split([' ', ':']).next().unwrap_or_default() {
                    "RCPT" => {
                        reader.clone_from(&line);
                        "250 yes"
                    }
                    "DATA" => {
                        let _ = say("354 go on");
                        let letter: Vec<String> =
                            lines.by_ref().map_while(Result::ok).take_while(|line| line != ".").collect();
                        // Quoted-printable breaks long lines and codes the sign of equality.
                        let letter = letter.join("\n").replace("=\n", "").replace("=3D", "=");
                        let _ = taken.send((reader.clone(), letter));
                        "250 taken"
                    }
                    "QUIT" => "221 bye",
                    _ => "250 yes",
                };
                let _ = say(answer);
            }
        }
    });
    (port, letters)
}

/// A server that answers with a status that may change, and tells what it heard.
pub fn web(status: u16) -> (u16, Arc<AtomicU16>, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("a port").port();
    let (says, (heard, requests)) = (Arc::new(AtomicU16::new(status)), channel());
    let status = Arc::clone(&says);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a client");
            let mut reader = BufReader::new(stream.try_clone().expect("both ways"));
            let mut head = String::new();
            while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).expect("a whole body");
            let answer = format!(
                "HTTP/1.1 {} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                status.load(Ordering::SeqCst)
            );
            let _ = stream.write_all(answer.as_bytes());
            let _ = heard.send((head, String::from_utf8(body).expect("text")));
        }
    });
    (port, says, requests)
}

/// A server of ntfy: where it is, what it answers, and what it heard.
pub struct Ntfy {
    pub port: u16,
    pub says: Arc<AtomicU16>,
    pub heard: Heard,
}

impl Ntfy {
    pub fn answering(status: u16) -> Self {
        let (port, says, heard) = web(status);
        Self { port, says, heard }
    }
}

/// The channels of who wants to be told by the server at this port.
pub fn ntfy_at(port: u16) -> Value {
    json!([{"channel": "ntfy", "url": format!("http://127.0.0.1:{port}/t")}])
}

/// What a server hears next.
pub fn next(heard: &Heard) -> (String, Value) {
    let (head, body) = heard.recv_timeout(Duration::from_secs(10)).expect("it was told");
    (head, serde_json::from_str(&body).unwrap_or(Value::String(body)))
}

pub fn silent(heard: &Heard) -> bool {
    heard.recv_timeout(Duration::from_millis(300)).is_err()
}

/// The value of a header.
pub fn header(head: &str, name: &str) -> String {
    let found = head.lines().find_map(|line| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)));
    found.map(|(_, value)| value.to_owned()).unwrap_or_default()
}
