//! What is known about the request at hand wherever an answer is made.
//!
//! The id is made or taken over once, at the outermost layer, and every envelope, log line and header of the same
//! request carries it.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use poem::Request;
use poem::http::header;
use poem::http::uri::{Authority, Scheme};

use super::problem::Problem;
use crate::settings::{Settings, Tls};

tokio::task_local! {
    static REQUEST: RequestId;
}

/// The name of one request, in headers, envelopes and log lines.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RequestId(String);

impl RequestId {
    /// The id the client (or a proxy) gave, when it is well formed, else a new one.
    pub fn of(request: &Request) -> Self {
        let given = request.header("x-request-id").filter(|id| {
            (8..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        Self(given.map_or_else(|| phm_core::id::RecordId::new().to_string(), str::to_owned))
    }

    /// The id of the request this task works for; empty outside a request.
    pub fn current() -> String {
        REQUEST.try_with(|id| id.0.clone()).unwrap_or_default()
    }

    /// Runs `work` as part of this request.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        REQUEST.scope(self, work).await
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who is at the other end, and whether others can listen on the way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Client {
    /// The address a request comes from.
    pub address: IpAddr,
    /// Whether it came by https, all the way from the client.
    pub https: bool,
    /// Whether it came from this very machine, through nobody else.
    pub is_here: bool,
    /// Whether a browser holds this for a secure context: https, or a page of this machine itself.
    pub is_secure: bool,
}

impl Client {
    /// The client of a request. What a proxy says is believed only of the proxies the settings trust.
    pub fn of(request: &Request, settings: &Settings) -> Self {
        let peer = request.remote_addr().as_socket_addr().map(SocketAddr::ip);
        // Without an address of the net the request came from inside this process.
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)).to_canonical();
        let is_forwarded = ["x-forwarded-for", "forwarded", "via"].iter().any(|name| request.header(name).is_some());
        let trusts = settings.tls == Tls::Proxy && settings.trusted_proxies.iter().any(|net| net.contains(&peer));
        let (address, https) = if trusts {
            (forwarded_for(request, settings).unwrap_or(peer), is_https_before(request))
        } else {
            (peer, *request.scheme() == Scheme::HTTPS)
        };
        let is_here = peer.is_loopback() && address.is_loopback() && !is_forwarded;
        Self { address, https, is_here, is_secure: https || is_localhost(request) }
    }

    /// Whether nobody else can listen: what opens the vault travels on such a connection only.
    pub fn is_private(self) -> bool {
        self.https || self.is_here
    }

    /// Refuses a secret of the vault, or what makes one, where others could listen.
    ///
    /// # Errors
    /// 403 `https-needed`.
    pub fn must_be_private(self) -> Result<(), Problem> {
        if self.is_private() { Ok(()) } else { Err(Problem::https_needed()) }
    }

    /// What mistakes and rates are counted by: the address, and of IPv6 the network, since one line has all of a /64.
    pub fn place(self) -> IpAddr {
        place_of(self.address)
    }

    /// A client of this machine itself over plain http.
    pub const HERE: Self =
        Self { address: IpAddr::V4(Ipv4Addr::LOCALHOST), https: false, is_here: true, is_secure: true };
}

/// What is counted together: an address, and of IPv6 the network.
pub fn place_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from(network))
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// The first address, counted from our end, that is not one of our proxies: everything before it the client itself
/// may have written.
fn forwarded_for(request: &Request, settings: &Settings) -> Option<IpAddr> {
    let lines = request.headers().get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    let mut last = None;
    for text in lines.collect::<Vec<_>>().join(",").rsplit(',') {
        let address: IpAddr = text.trim().trim_matches(['[', ']']).parse().ok()?;
        let address = address.to_canonical();
        last = Some(address);
        if !settings.trusted_proxies.iter().any(|net| net.contains(&address)) {
            break;
        }
    }
    last
}

/// Whether the client spoke https to the proxy; one that says nothing takes https alone. Every line and part has to say
/// so: a proxy that adds its own leaves what the client wrote in front of it.
fn is_https_before(request: &Request) -> bool {
    let mut lines = request.headers().get_all("x-forwarded-proto").iter();
    lines.all(|line| {
        line.to_str().is_ok_and(|line| line.split(',').all(|part| part.trim().eq_ignore_ascii_case("https")))
    })
}

/// The host a request names, without its port.
pub fn host(request: &Request) -> &str {
    let named = request.header(header::HOST).or_else(|| request.original_uri().authority().map(Authority::as_str));
    let named = named.unwrap_or_default();
    if named.starts_with('[') {
        return named.split_inclusive(']').next().unwrap_or_default();
    }
    named.split(':').next().unwrap_or_default()
}

fn is_localhost(request: &Request) -> bool {
    matches!(host(request), "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_well_formed_id_is_kept_and_anything_else_replaced() {
        let with = |id: &str| RequestId::of(&Request::builder().header("x-request-id", id).finish()).0;
        assert_eq!(with("abc-12345"), "abc-12345");
        for bad in ["short", "has space 12", "a/../../etc", &"x".repeat(65)] {
            assert_ne!(with(bad), bad);
        }
    }

    fn settings(tls: Tls) -> Settings {
        let mut settings = Settings::defaults(std::path::Path::new("x"));
        (settings.tls, settings.trusted_proxies) = (tls, vec!["127.0.0.1/32".parse().expect("a network")]);
        settings
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let request = Request::builder().header("x-forwarded-for", "6.6.6.6, 192.0.2.7").finish();
        let behind = Client::of(&request, &settings(Tls::Proxy));
        assert_eq!(behind.address.to_string(), "192.0.2.7");
        assert!(behind.https && !behind.is_here);
        let plain = Client::of(&request, &settings(Tls::Off));
        assert_eq!(plain.address.to_string(), "127.0.0.1");
        assert!(!plain.https && !plain.is_here, "what came through somebody is not here");
        let mut stranger = settings(Tls::Proxy);
        stranger.trusted_proxies = vec!["192.0.2.1/32".parse().expect("a network")];
        let stranger = Client::of(&request, &stranger);
        assert_eq!((stranger.address.to_string().as_str(), stranger.https), ("127.0.0.1", false));
    }

    #[test]
    fn of_several_proxies_the_first_that_is_not_ours_is_the_client() {
        let mut settings = settings(Tls::Proxy);
        settings.trusted_proxies.push("10.0.0.0/8".parse().expect("a network"));
        let of = |text: &str| {
            let request = Request::builder().header("x-forwarded-for", text).finish();
            Client::of(&request, &settings).address.to_string()
        };
        assert_eq!(of("6.6.6.6, 192.0.2.7, 10.0.0.3, 10.0.0.2"), "192.0.2.7");
        assert_eq!(of("10.0.0.3"), "10.0.0.3");
        assert_eq!(of("192.0.2.7, ::ffff:10.0.0.3"), "192.0.2.7", "however an address is written");
        assert_eq!(of("nonsense, 10.0.0.3"), "127.0.0.1", "a chain that cannot be read names nobody");
    }

    #[test]
    fn the_addresses_of_one_line_are_one_place() {
        let place = |text: &str| Client { address: text.parse().expect("an address"), ..Client::HERE }.place();
        assert_eq!(place("2001:db8:0:7::1"), place("2001:db8:0:7:ffff::2"));
        assert_ne!(place("2001:db8:0:7::1"), place("2001:db8:0:8::1"));
        assert_ne!(place("192.0.2.1"), place("192.0.2.2"));
    }

    #[test]
    fn a_proxy_that_took_plain_http_says_so() {
        let of = |proto: &str| {
            let request = Request::builder().header("x-forwarded-proto", proto).finish();
            Client::of(&request, &settings(Tls::Proxy)).https
        };
        assert!(of("https") && of("https, https") && !of("http") && !of(""));
        assert!(!of("https, http"), "what the client wrote, and what the proxy saw");
        let twice =
            Request::builder().header("x-forwarded-proto", "https").header("x-forwarded-proto", "http").finish();
        assert!(!Client::of(&twice, &settings(Tls::Proxy)).https);
    }

    #[test]
    fn a_page_of_this_machine_is_secure_without_https() {
        let of = |host: &str| Client::of(&Request::builder().header("host", host).finish(), &settings(Tls::Off));
        assert!(of("localhost:8080").is_secure && of("127.0.0.1").is_secure && of("[::1]:80").is_secure);
        assert!(!of("box.local:8080").is_secure && of("box.local:8080").is_here);
    }
}
