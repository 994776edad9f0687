//! What sends the requests that plugins may make, by ureq over rustls with ring.
//!
//! It decides nothing: `phm_plugins::host::http` has looked at the host, its addresses and the person's grant. Here the request goes
//! to these addresses and no other, follows nothing, keeps no connection, and ends in time.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::Instant;

use phm_plugins::host::outside::{Answer, Ask, Outside, Trouble};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use crate::tls::{native_roots, provider};

/// Addresses the machine below takes at most.
const MOST_ADDRESSES: usize = 16;

/// The network, with the certificates the system trusts.
#[derive(Debug, Default)]
pub struct Web {
    /// Read when the first request goes out: most houses never send one.
    tls: OnceLock<TlsConfig>,
}

impl Web {
    fn tls(&self) -> TlsConfig {
        let read = || {
            let roots: Vec<_> = native_roots().iter().map(|der| Certificate::from_der(der).to_owned()).collect();
            TlsConfig::builder()
                .provider(TlsProvider::Rustls)
                .unversioned_rustls_crypto_provider(provider())
                .root_certs(RootCerts::new_with_certs(&roots))
                .build()
        };
        self.tls.get_or_init(read).clone()
    }
}

impl Outside for Web {
    fn resolve(&self, host: &str, until: Instant) -> io::Result<Vec<IpAddr>> {
        // The system's resolver cannot be interrupted; who waits for it can go.
        let (sender, receiver) = mpsc::sync_channel(1);
        let name = host.to_owned();
        thread::Builder::new().name("resolve".to_owned()).spawn(move || {
            let found = (name.as_str(), 0).to_socket_addrs().map(|all| all.map(|one| one.ip()).collect::<Vec<_>>());
            // Nobody waits any more where it took too long.
            let _ = sender.send(found);
        })?;
        let left = until.saturating_duration_since(Instant::now());
        receiver.recv_timeout(left).map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Trouble> {
        let left = ask.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Trouble::TooLate);
        }
        let config = ureq::Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_idle_connections(0)
            .user_agent("PHM")
            .timeout_global(Some(left))
            .tls_config(self.tls())
            .build();
        let agent = ureq::Agent::with_parts(config, DefaultConnector::default(), Pinned(ask.addresses.to_vec()));
        let sent = match ask.body {
            None => agent.get(ask.url).call(),
            Some(body) => agent.post(ask.url).header("content-type", media_type(body)).send(body),
        };
        let mut response = sent.map_err(|error| trouble(&error))?;
        let body = response.body_mut().with_config().limit(ask.most).read_to_vec();
        let body = body.map_err(|error| trouble(&error))?;
        let location = response.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Answer { status: response.status().as_u16(), location, body })
    }
}

/// A plugin says nothing of what it sends; JSON is told from text by reading it.
fn media_type(body: &str) -> &'static str {
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok();
    if is_json { "application/json" } else { "text/plain; charset=utf-8" }
}

/// Without the words of the error, which may hold the address.
fn trouble(error: &ureq::Error) -> Trouble {
    match error {
        ureq::Error::Timeout(_) => Trouble::TooLate,
        ureq::Error::BodyExceedsLimit(_) => Trouble::TooLarge,
        _ => Trouble::Failed,
    }
}

/// Leads to the addresses that were looked at, whatever the name is.
#[derive(Debug)]
struct Pinned(Vec<SocketAddr>);

impl Resolver for Pinned {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut all = self.empty();
        for address in self.0.iter().take(MOST_ADDRESSES) {
            all.push(*address);
        }
        if self.0.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(all) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    use super::*;

    /// A server that gives this answer once and then says what it was asked.
    fn once(answer: &'static [u8]) -> (SocketAddr, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let served = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("somebody comes");
            let mut asked = Vec::new();
            let mut piece = [0; 1024];
            let whole = |asked: &[u8]| {
                let text = String::from_utf8_lossy(asked).into_owned();
                text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
                    let length = head.to_lowercase().split("content-length: ").nth(1).map(str::to_owned);
                    let length = length.and_then(|rest| rest.lines().next()?.trim().parse::<usize>().ok());
                    body.len() >= length.unwrap_or(0)
                })
            };
            while !whole(&asked) {
                let read = stream.read(&mut piece).expect("a request");
                assert!(read > 0, "the request broke off");
                asked.extend_from_slice(&piece[..read]);
            }
            stream.write_all(answer).expect("sent");
            String::from_utf8(asked).expect("text")
        });
        (address, served)
    }

    fn ask<'a>(url: &'a str, addresses: &'a [SocketAddr], body: Option<&'a str>) -> Ask<'a> {
        Ask { url, addresses, body, most: 100, until: Instant::now() + Duration::from_secs(5) }
    }

    #[test]
    fn the_address_that_was_looked_at_is_dialled_whatever_the_name_leads_to() {
        let (address, served) = once(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
        // A name that is nowhere, so that looking it up would fail.
        let url = format!("http://nowhere.invalid:{}/a?b", address.port());
        let answer = Web::default().ask(&ask(&url, &[address], None)).expect("an answer");
        assert_eq!(answer, Answer { status: 200, location: None, body: b"hi".to_vec() });
        let asked = served.join().expect("no panic");
        assert!(asked.starts_with("GET /a?b HTTP/1.1\r\n"), "{asked}");
        assert!(asked.to_lowercase().contains("host: nowhere.invalid"), "{asked}");
    }

    #[test]
    fn a_redirect_is_given_back_and_not_followed_and_a_body_is_sent_as_what_it_is() {
        let (address, served) = once(b"HTTP/1.1 307 X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
        let url = format!("http://nowhere.invalid:{}/", address.port());
        let answer = Web::default().ask(&ask(&url, &[address], Some("{\"a\":1}"))).expect("an answer");
        assert_eq!((answer.status, answer.location.as_deref()), (307, Some("http://127.0.0.1:1/")));
        let asked = served.join().expect("no panic");
        assert!(asked.starts_with("POST / ") && asked.ends_with("{\"a\":1}"), "{asked}");
        assert!(asked.to_lowercase().contains("content-type: application/json"), "{asked}");
        assert_eq!(media_type("said"), "text/plain; charset=utf-8");
    }

    #[test]
    fn an_answer_that_is_too_large_or_too_late_is_told_apart() {
        let (address, served) = once(
            b"HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n\
            xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        );
        let url = format!("http://nowhere.invalid:{}/", address.port());
        assert_eq!(Web::default().ask(&ask(&url, &[address], None)), Err(Trouble::TooLarge));
        served.join().expect("no panic");

        let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = silent.local_addr().expect("an address");
        let url = format!("http://nowhere.invalid:{}/", address.port());
        let addresses = [address];
        let soon = Ask { until: Instant::now() + Duration::from_millis(200), ..ask(&url, &addresses, None) };
        let began = Instant::now();
        assert_eq!(Web::default().ask(&soon), Err(Trouble::TooLate));
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
        drop(silent);
        assert_eq!(Web::default().ask(&ask(&url, &addresses, None)), Err(Trouble::Failed));
    }

    /// A server that reads some of what it is asked and then does this.
    fn rude(answer: impl FnOnce(&mut TcpStream) + Send + 'static) -> (SocketAddr, thread::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let served = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("somebody comes");
            let read = stream.read(&mut [0; 1024]).expect("a request");
            assert!(read > 0, "the request broke off");
            answer(&mut stream);
        });
        (address, served)
    }

    #[test]
    fn a_server_that_drips_or_never_ends_its_head_holds_nobody_longer_than_that() {
        let (address, served) = rude(|stream| {
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n";
            let mut goes_on = stream.write_all(head).is_ok();
            for _ in 0..20 {
                thread::sleep(Duration::from_millis(50));
                goes_on = goes_on && stream.write_all(b"x").is_ok();
            }
        });
        let url = format!("http://nowhere.invalid:{}/", address.port());
        let addresses = [address];
        let soon = Ask { until: Instant::now() + Duration::from_millis(300), ..ask(&url, &addresses, None) };
        let began = Instant::now();
        assert_eq!(Web::default().ask(&soon), Err(Trouble::TooLate));
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        served.join().expect("no panic");

        let (address, served) = rude(|stream| {
            let line = format!("x: {}\r\n", "y".repeat(1_000));
            let mut goes_on = stream.write_all(b"HTTP/1.1 200 OK\r\n").is_ok();
            while goes_on {
                goes_on = stream.write_all(line.as_bytes()).is_ok();
            }
        });
        let url = format!("http://nowhere.invalid:{}/", address.port());
        assert_eq!(Web::default().ask(&ask(&url, &[address], None)), Err(Trouble::Failed));
        served.join().expect("no panic");
    }

    #[test]
    fn a_name_that_leads_nowhere_is_an_error_and_addresses_are_what_they_are() {
        let soon = Instant::now() + Duration::from_secs(5);
        let found = Web::default().resolve("127.0.0.1", soon).expect("an address");
        assert_eq!(found, vec!["127.0.0.1".parse::<IpAddr>().expect("an address")]);
        assert!(Web::default().resolve("nowhere.invalid", soon).is_err());
    }
}
