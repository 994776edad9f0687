//! A client that asks one question after the other over one connection, as a browser tab or a phone would.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// A kept-alive connection to a server on this machine.
pub struct Client {
    stream: BufReader<TcpStream>,
    host: String,
    token: Option<String>,
}

/// What the server answered.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Client {
    /// Connects to `host:port`.
    pub fn connect(host: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), host: host.into(), token: None })
    }

    /// From now on, asks as the holder of this access token.
    pub fn sign_in_with(&mut self, token: &str) {
        self.token = Some(token.into());
    }

    /// Asks, and reads the whole answer.
    pub fn ask(&mut self, method: &str, path: &str, body: Option<&serde_json::Value>) -> io::Result<Answer> {
        let body = body.map(ToString::to_string).unwrap_or_default();
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n", self.host, body.len());
        if !body.is_empty() {
            head += "Content-Type: application/json\r\n";
        }
        if let Some(token) = &self.token {
            head += "Authorization: Bearer ";
            head += token;
            head += "\r\n";
        }
        self.stream.get_mut().write_all((head + "\r\n" + &body).as_bytes())?;
        self.answer()
    }

    fn answer(&mut self) -> io::Result<Answer> {
        let wrong = || io::Error::new(io::ErrorKind::InvalidData, "not an HTTP answer");
        let status = self.line()?.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(wrong)?;
        let (mut length, mut chunked) = (0_usize, false);
        loop {
            let line = self.line()?.to_ascii_lowercase();
            match line.split_once(':') {
                Some(("content-length", value)) => length = value.trim().parse().map_err(|_| wrong())?,
                Some(("transfer-encoding", value)) => chunked = value.trim() == "chunked",
                _ if line.is_empty() => break,
                _ => {}
            }
        }
        let mut body = Vec::new();
        if chunked {
            loop {
                let size = usize::from_str_radix(&self.line()?, 16).map_err(|_| wrong())?;
                self.take(size, &mut body)?;
                self.line()?;
                if size == 0 {
                    break;
                }
            }
        } else {
            self.take(length, &mut body)?;
        }
        Ok(Answer { status, body })
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        line.truncate(line.trim_end().len());
        Ok(line)
    }

    fn take(&mut self, length: usize, body: &mut Vec<u8>) -> io::Result<()> {
        let from = body.len();
        body.resize(from + length, 0);
        self.stream.read_exact(&mut body[from..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn answers_with_and_without_a_length_are_read() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let host = listener.local_addr().expect("an address").to_string();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut asked = [0; 4096];
            for answer in [
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none",
                "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n2\r\n!!\r\n0\r\n\r\n",
            ] {
                let length = stream.read(&mut asked).expect("a question");
                assert!(asked[..length].starts_with(b"GET /x HTTP/1.1\r\n"));
                stream.write_all(answer.as_bytes()).expect("an answer");
            }
        });
        let mut client = Client::connect(&host).expect("connected");
        let one = client.ask("GET", "/x", None).expect("an answer");
        let two = client.ask("GET", "/x", None).expect("an answer");
        assert_eq!((one.status, one.body.as_slice()), (200, &b"one"[..]));
        assert_eq!((two.status, two.body.as_slice()), (404, &b"two!!"[..]));
        server.join().expect("the server ended well");
    }
}
