//! The names and addresses under which this machine is reached at home.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::settings::Settings;

/// The networks that belong to a house: RFC 1918, RFC 3927, RFC 6598 (as home VPNs use it), RFC 4193, RFC 4291 and
/// loopback.
pub const AT_HOME: [&str; 9] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "100.64.0.0/10",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
];

/// Names and addresses of one machine.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Names {
    /// Its names, small letters.
    pub names: BTreeSet<String>,
    /// Its addresses.
    pub addresses: BTreeSet<IpAddr>,
}

impl Names {
    /// What this machine is called: localhost, its name, its name in the local network, its addresses at home, and
    /// what the settings add.
    pub fn of_this_machine(settings: &Settings) -> Self {
        let mut found = Self::default();
        found.names.insert("localhost".to_owned());
        found.addresses.extend([IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]);
        let name = rustix::system::uname().nodename().to_string_lossy().to_lowercase();
        let short = name.split('.').next().unwrap_or_default();
        found.add(&format!("{short}.local"));
        if name.contains('.') {
            found.add(&name);
        }
        // A machine without a readable list of addresses is still reached by name.
        for interface in if_addrs::get_if_addrs().unwrap_or_default() {
            if is_at_home(interface.ip()) {
                found.addresses.insert(interface.ip());
            }
        }
        for name in &settings.tls_names {
            found.add(name);
        }
        if let Some(host) = host_of(&settings.public_url) {
            found.add(host);
        }
        found
    }

    /// Adds a name or an address; what is neither is left out.
    pub fn add(&mut self, text: &str) {
        let text = text.trim().trim_matches(['[', ']']).to_lowercase();
        if let Ok(address) = text.parse() {
            self.addresses.insert(address);
        } else if is_name(&text) {
            self.names.insert(text);
        }
    }

    /// Whether `host` is one of them.
    pub fn has(&self, host: &str) -> bool {
        let host = host.trim_matches(['[', ']']).to_lowercase();
        self.names.contains(&host) || host.parse().is_ok_and(|address: IpAddr| self.addresses.contains(&address))
    }

    /// The way another device at home best reaches this machine.
    pub fn from_elsewhere(&self) -> Option<String> {
        let address = self.addresses.iter().find(|address| address.is_ipv4() && !address.is_loopback());
        let name = || self.names.iter().find(|name| is_announced(name)).cloned();
        address.map(ToString::to_string).or_else(name)
    }
}

/// The host of an address such as `https://phm.example:8443`.
pub fn host_of(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let host = rest.split(['/', '?', '#']).next()?;
    let name = if host.starts_with('[') { host.split_inclusive(']').next()? } else { host.split(':').next()? };
    (!name.is_empty()).then_some(name)
}

/// Whether a name is one that machines tell each other at home (RFC 6762).
fn is_announced(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, last)| last == "local")
}

/// Whether an address belongs to a house rather than to the whole net.
pub fn is_at_home(address: IpAddr) -> bool {
    AT_HOME.iter().any(|network| network.parse().is_ok_and(|network: IpNet| network.contains(&address)))
}

/// Whether a text is a host name (RFC 1123).
fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_machine_is_reached_by_its_names_and_its_addresses_at_home() {
        let mut settings = Settings::defaults(Path::new("x"));
        settings.tls_names = vec!["Records.Home.Arpa".to_owned(), "192.168.7.9".to_owned(), "not a name".to_owned()];
        settings.public_url = "https://[fd00::7]:8443".to_owned();
        let names = Names::of_this_machine(&settings);
        for host in ["localhost", "127.0.0.1", "[::1]", "records.home.arpa", "192.168.7.9", "FD00::7"] {
            assert!(names.has(host), "{host}");
        }
        assert!(names.names.iter().any(|name| is_announced(name)));
        assert!(!names.has("not a name") && !names.has("example.org"));
        assert!(names.from_elsewhere().is_some());
    }

    #[test]
    fn addresses_of_the_whole_net_are_not_at_home() {
        for (address, at_home) in
            [("192.168.1.5", true), ("172.31.0.1", true), ("172.32.0.1", false), ("8.8.8.8", false), ("fd12::1", true)]
        {
            assert_eq!(is_at_home(address.parse().expect("an address")), at_home, "{address}");
        }
        assert!(!is_at_home("2001:db8::1".parse().expect("an address")));
    }

    #[test]
    fn the_host_of_an_address_is_found() {
        assert_eq!(host_of("https://phm.example:8443/x"), Some("phm.example"));
        assert_eq!(host_of("http://[fd00::7]:80"), Some("[fd00::7]"));
        assert_eq!(host_of("phm.example"), None);
    }
}
