//! The way out of the house, and who may be dialled on it.
//!
//! What goes out is decided here and in [`super::http`]; the machine that does it, [`Outside`], is brought by whoever runs the
//! house. It dials the addresses that were looked at and no other, so that a name cannot lead elsewhere the second time it is asked.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use phm_plugin_api::v1::{Door, Refusal};

use super::place::Place;
use crate::api::v1::wrong;
use crate::granter::refusal;

/// Addresses of a host at most.
const MOST_ADDRESSES: usize = 16;

/// What sends requests. It decides nothing.
pub trait Outside: Send + Sync {
    /// The addresses of a host by name, until then.
    ///
    /// # Errors
    /// Where the name leads nowhere.
    fn resolve(&self, host: &str, until: Instant) -> std::io::Result<Vec<IpAddr>>;

    /// Sends one request to one of its addresses and no other, and gives the answer back; it follows no redirect.
    fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Trouble>;
}

/// One request.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// The address as it is written, `https://host/…`; the host is whose certificate is wanted.
    pub url: &'a str,
    /// Where to dial, in this order.
    pub addresses: &'a [SocketAddr],
    /// What a `POST` sends; a `GET` where there is nothing.
    pub body: Option<&'a str>,
    /// Bytes of the answer's body at most.
    pub most: u64,
    /// When it must be over.
    pub until: Instant,
}

/// What came back.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Where it leads on.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trouble {
    /// It took too long.
    TooLate,
    /// The answer is too large.
    TooLarge,
    /// It could not be reached, or did not prove who it is.
    Failed,
}

/// The way out of one house.
#[derive(Clone)]
pub struct Ways {
    outside: Arc<dyn Outside>,
    /// Places inside that plugins may reach all the same, as `host:port`.
    allow_private: Vec<String>,
}

impl Ways {
    /// By this machine, with these places that may be inside or without TLS, as `host:port` in letters of any case.
    pub fn new(outside: Arc<dyn Outside>, allow_private: Vec<String>) -> Self {
        let allow_private = allow_private.into_iter().map(|place| place.to_ascii_lowercase()).collect();
        Self { outside, allow_private }
    }

    /// The machine.
    pub(super) fn outside(&self) -> &dyn Outside {
        &*self.outside
    }

    /// The addresses of a place that may be dialled: asked for once, and all of them looked at.
    pub(super) fn addresses(&self, place: &Place, until: Instant) -> Result<Vec<SocketAddr>, Refusal> {
        let allowed = self.allow_private.contains(&place.name_and_port());
        if !allowed && !place.is_plain_https() {
            let text = "plugins fetch by https:// on its usual port; whoever runs the house allows other places one by one, in \
                        plugins.http_allow_private";
            return Err(refusal("https-only", Door::Administrator, text));
        }
        let found = match self.outside.resolve(place.host(), until) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::TimedOut => {
                return Err(refusal("too-late", Door::Limit, "looking the host up took too long"));
            }
            Err(_) => Vec::new(),
        };
        if found.is_empty() {
            return Err(wrong("unreachable", "the host has no address"));
        }
        // One that leads inside is enough: a host of the public has none.
        if !allowed && !found.iter().copied().all(is_public) {
            let text = "the host leads to an address inside the house or its network; whoever runs the house allows such places one \
                        by one, in plugins.http_allow_private";
            return Err(refusal("private-address", Door::Administrator, text));
        }
        Ok(found.into_iter().take(MOST_ADDRESSES).map(|address| SocketAddr::new(address, place.port())).collect())
    }
}

impl std::fmt::Debug for Ways {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ways(..)")
    }
}

/// Whether an address belongs to the public internet, by the special-purpose registries of IANA (RFC 6890 and its successors).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        // This host, private, loopback, multicast, reserved and broadcast.
        (0 | 10 | 127 | 224..=255, ..)
            // Shared by carriers, link-local, private.
            | (100, 64..=127, _) | (169, 254, _) | (172, 16..=31, _) | (192, 168, _)
            // Protocol assignments, relays, benchmarks, documentation.
            | (192, 0, 0 | 2) | (192, 88, 99) | (198, 18..=19, _) | (198, 51, 100) | (203, 0, 113)
    );
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // An IPv4 address in other clothes is what it is.
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let parts = address.segments();
    let [.., high, low] = parts;
    if parts[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        // Through a NAT64 (RFC 6052).
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    // Global unicast is 2000::/3; within it are protocol assignments with Teredo (2001::/23), documentation (2001:db8::/32,
    // 3fff::/20) and 6to4 (2002::/16).
    let is_unicast = parts[0] & 0xe000 == 0x2000;
    let is_special = match (parts[0], parts[1]) {
        (0x2001, second) => second < 0x200 || second == 0xdb8,
        (0x2002, _) => true,
        (0x3fff, second) => second < 0x1000,
        _ => false,
    };
    is_unicast && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> bool {
        is_public(text.parse().expect("an address"))
    }

    #[test]
    fn nothing_inside_is_public_in_whatever_clothes() {
        for inside in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::127.0.0.1",
            "64:ff9b::192.168.0.1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!of(inside), "{inside}");
        }
    }

    #[test]
    fn the_public_internet_is_public() {
        for public in [
            "1.1.1.1",
            "9.9.9.9",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.1",
            "223.255.255.255",
            "2001:200::1",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
        ] {
            assert!(of(public), "{public}");
        }
    }
}
