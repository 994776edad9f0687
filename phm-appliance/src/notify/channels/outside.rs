//! Requests to addresses that people chose: an ntfy or Gotify server, a program of their own.
//!
//! By https, straight there, within a deadline, and never into the house: the name is resolved once, what was found is looked
//! at, and those very addresses are dialled, so that a name cannot point elsewhere a moment later. No redirect is followed. What the
//! administrator names as `host:port` may be private, and plain http.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use phm_plugins::host::outside::is_public;
use poem::http::{Request, Uri, header};
use ureq::config::Config;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::Unsent;
use crate::settings::Settings;
use crate::tls::{native_roots, provider};

/// How long a server may take, from its name to the end of its answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest address.
const LONGEST: usize = 500;

/// Sends requests out of the house.
pub struct Outside {
    agent: ureq::Agent,
    allowed: Arc<[String]>,
}

impl Outside {
    /// What the settings allow.
    pub fn new(settings: &Settings) -> Self {
        // Not what plugins may reach: whoever has an account chooses an address here, with any path.
        let allowed: Arc<[String]> =
            settings.notify_http_allow_private.iter().map(|named| named.to_lowercase()).collect();
        let roots: Vec<_> = native_roots().iter().map(|der| Certificate::from_der(der).to_owned()).collect();
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(provider())
            .root_certs(RootCerts::new_with_certs(&roots))
            .build();
        let config = ureq::Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(true)
            .http_status_as_error(false)
            // Who is asked is looked up every time.
            .max_idle_connections(0)
            .timeout_global(Some(PATIENCE))
            .tls_config(tls)
            .build();
        let guarded = Guarded { names: DefaultResolver::default(), allowed: Arc::clone(&allowed) };
        Self { agent: ureq::Agent::with_parts(config, DefaultConnector::default(), guarded), allowed }
    }

    /// Whether an address may be asked at all, as far as that can be said without looking its name up.
    ///
    /// # Errors
    /// `bad-address` or `private-address`.
    pub fn check(&self, url: &str) -> Result<(), Unsent> {
        self.target(url).map(|_| ())
    }

    fn target(&self, url: &str) -> Result<Uri, Unsent> {
        let whole = url.len() <= LONGEST && !url.contains(|letter: char| letter.is_whitespace() || letter.is_control());
        let uri: Uri = Some(url).filter(|_| whole).and_then(|url| url.parse().ok()).ok_or(Unsent::Address)?;
        let named = place(&uri).ok_or(Unsent::Address)?;
        // A name and a password in an address would stand in every log on the way.
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(Unsent::Address);
        }
        if self.allowed.contains(&named) {
            return Ok(uri);
        }
        let address = uri.host().and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok());
        if uri.scheme_str() != Some("https") || address.is_some_and(|address| !is_public(address)) {
            return Err(Unsent::Private);
        }
        Ok(uri)
    }

    /// Posts a JSON body, once.
    ///
    /// # Errors
    /// Why it was not taken.
    pub fn post(&self, url: &str, headers: &[(&str, String)], body: Vec<u8>) -> Result<(), Unsent> {
        let mut request = Request::post(self.target(url)?).header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(body).map_err(|_| Unsent::Secret)?;
        let answer = self.agent.run(request).map_err(|error| match error {
            ureq::Error::TooManyRedirects | ureq::Error::RedirectFailed => Unsent::Redirected,
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => Unsent::Private,
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => Unsent::Address,
            _ => Unsent::Unreachable,
        })?;
        let status = answer.status();
        match status.as_u16() {
            _ if status.is_success() => Ok(()),
            300..=399 => Err(Unsent::Redirected),
            // Too early, too much, or something that may be mended there.
            408 | 425 | 429 | 500..=599 => Err(Unsent::Unreachable),
            _ => Err(Unsent::Refused),
        }
    }
}

/// Looks names up, and at what they mean.
#[derive(Debug)]
struct Guarded {
    names: DefaultResolver,
    allowed: Arc<[String]>,
}

impl Resolver for Guarded {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        let allowed = place(uri).is_some_and(|named| self.allowed.contains(&named));
        if allowed || found.iter().all(|address| is_public(address.ip())) {
            return Ok(found);
        }
        Err(ureq::Error::Io(io::Error::new(io::ErrorKind::PermissionDenied, "a private address")))
    }
}

/// `host:port` of an address of http or https.
fn place(uri: &Uri) -> Option<String> {
    let usual = match uri.scheme_str()? {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    Some(format!("{}:{}", uri.host()?.to_lowercase(), uri.port_u16().unwrap_or(usual)))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn an_address_inside_the_house_is_refused_however_it_is_written() {
        let outside = outside(&[]);
        for inside in [
            "127.0.0.1",
            "169.254.169.254",
            "192.168.1.1",
            "100.64.0.1",
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fd00::1]",
            "[::ffff:10.0.0.1]",
            "[::ffff:a9fe:a9fe]",
            "[64:ff9b::a00:1]",
            "[2002:a00:1::]",
            "[2001::1]",
        ] {
            assert_eq!(outside.check(&format!("https://{inside}/hook")), Err(Unsent::Private), "{inside}");
        }
        for public in ["1.1.1.1", "[2606:4700::1111]", "hook.example", "hook.example:8443"] {
            assert_eq!(outside.check(&format!("https://{public}/hook")), Ok(()), "{public}");
        }
    }

    #[test]
    fn what_plugins_may_reach_inside_is_nothing_that_everybody_may_have_called() {
        let mut settings = Settings::defaults(std::path::Path::new("x"));
        settings.plugins_http_allow_private = vec!["model.lan:8080".to_owned()];
        let outside = Outside::new(&settings);
        assert_eq!(outside.check("http://model.lan:8080/api/delete"), Err(Unsent::Private));
        settings.notify_http_allow_private = vec!["Gotify.lan:8080".to_owned()];
        assert_eq!(Outside::new(&settings).check("http://gotify.LAN:8080/message"), Ok(()));
    }

    #[test]
    fn a_number_that_a_resolver_may_read_as_this_machine_is_not_dialled() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("a port").port();
        for number in ["2130706433", "0x7f.1", "0177.0.0.1"] {
            let sent = outside(&[]).post(&format!("https://{number}:{port}/"), &[], b"the end".to_vec());
            assert!(sent.is_err(), "{number}");
        }
        listener.set_nonblocking(true).expect("set");
        assert!(listener.accept().is_err(), "nobody was asked");
    }

    /// A server that gives this answer to the first who asks.
    fn answering(answer: &'static str) -> (u16, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let (mut heard, mut part) = (Vec::new(), [0; 4096]);
            while !String::from_utf8_lossy(&heard).contains("the end") {
                let read = stream.read(&mut part).expect("a request");
                assert_ne!(read, 0, "the request ended early");
                heard.extend_from_slice(&part[..read]);
            }
            stream.write_all(answer.as_bytes()).expect("an answer");
            String::from_utf8(heard).expect("text")
        });
        (port, server)
    }

    fn outside(allowed: &[String]) -> Outside {
        let mut settings = Settings::defaults(std::path::Path::new("x"));
        settings.notify_http_allow_private = allowed.to_vec();
        Outside::new(&settings)
    }

    #[test]
    fn a_name_that_means_this_machine_is_not_dialled_unless_the_administrator_names_it() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let url = format!("https://localhost:{port}/hook");
        assert_eq!(outside(&[]).post(&url, &[], b"the end".to_vec()), Err(Unsent::Private));
        let other = outside(&[format!("localhost:{}", port.wrapping_add(1))]);
        assert_eq!(other.post(&url, &[], b"the end".to_vec()), Err(Unsent::Private), "another port is another place");
        listener.set_nonblocking(true).expect("set");
        assert!(listener.accept().is_err(), "nobody was asked");
    }

    #[test]
    fn what_a_server_says_decides_whether_to_try_again() {
        for (answer, wanted) in [
            ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Ok(())),
            ("HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n", Err(Unsent::Refused)),
            ("HTTP/1.1 503 Later\r\ncontent-length: 0\r\n\r\n", Err(Unsent::Unreachable)),
            (
                "HTTP/1.1 302 There\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
                Err(Unsent::Redirected),
            ),
        ] {
            let (port, server) = answering(answer);
            let sent = outside(&[format!("127.0.0.1:{port}")]).post(
                &format!("http://127.0.0.1:{port}/hook"),
                &[("x-one", "two".to_owned())],
                b"the end".to_vec(),
            );
            assert_eq!(sent, wanted, "{answer}");
            let heard = server.join().expect("no panic").to_lowercase();
            assert!(heard.starts_with("post /hook") && heard.contains("x-one: two"), "{heard}");
        }
    }

    #[test]
    fn a_server_that_is_not_there_may_be_there_later() {
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("a port").port();
        let outside = outside(&[format!("127.0.0.1:{port}")]);
        let sent = outside.post(&format!("http://127.0.0.1:{port}/"), &[], Vec::new());
        assert_eq!(sent, Err(Unsent::Unreachable));
    }
}
