//! Asking a running appliance something as a program does, over a connection of its own.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// Asks the one that listens at `place`; answers status and the whole text.
pub fn ask(place: &str, method: &str, path: &str, token: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(place).expect("it listens");
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}");
    let about = format!("content-type: application/json\r\nauthorization: Bearer {token}");
    write!(stream, "{head}\r\n{about}\r\n\r\n{body}").expect("sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    (text.split(' ').nth(1).expect("a status").parse().expect("a number"), text)
}
