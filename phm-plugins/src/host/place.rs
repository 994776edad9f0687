//! Where a plugin wants to fetch from: an address that was read strictly, because two readers of one address that differ are how
//! somebody is sent where nobody looked.

/// Letters of an address at most.
const LONGEST: usize = 2_000;

/// An address with a scheme, a host by name, a port and the rest.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    https: bool,
    host: String,
    port: u16,
    /// Path and query, from its `/` on.
    rest: String,
}

impl Place {
    /// Reads `https://host/…`, or with `http://` and a port. Nothing where a user stands in it, an address in brackets, a name
    /// without a dot, or any letter that readers of addresses disagree about.
    pub fn parse(url: &str) -> Option<Self> {
        if url.len() > LONGEST || !url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return None;
        }
        let (https, after) = match url.strip_prefix("https://") {
            Some(after) => (true, after),
            None => (false, url.strip_prefix("http://")?),
        };
        let (authority, rest) = after.split_at(after.find(['/', '?', '#']).unwrap_or(after.len()));
        let (name, port) = match authority.split_once(':') {
            Some((name, port)) => (name, number(port)?),
            None => (authority, if https { 443 } else { 80 }),
        };
        let host = name.to_ascii_lowercase();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
        if !host.bytes().all(plain) || !host.contains('.') || host.starts_with('.') || host.ends_with('.') {
            return None;
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
        Some(Self { https, host, port, rest })
    }

    /// Where a `Location` leads from here.
    pub fn follow(&self, location: &str) -> Option<Self> {
        let scheme = if self.https { "https" } else { "http" };
        let origin = format!("{scheme}://{}", self.name_and_port());
        let (path, _) = self.rest.split_once('?').unwrap_or((self.rest.as_str(), ""));
        if location.contains("://") && !location.starts_with(['/', '?', '#']) {
            Self::parse(location)
        } else if let Some(after) = location.strip_prefix("//") {
            Self::parse(&format!("{scheme}://{after}"))
        } else if location.starts_with('/') {
            Self::parse(&format!("{origin}{location}"))
        } else if location.starts_with('?') {
            Self::parse(&format!("{origin}{path}{location}"))
        } else {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            Self::parse(&format!("{origin}{folder}/{location}"))
        }
    }

    /// The host.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `host:port`, as the settings name places.
    pub fn name_and_port(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Whether it is https on its usual port.
    pub fn is_plain_https(&self) -> bool {
        self.https && self.port == 443
    }

    /// The address, written anew from what was read.
    pub fn url(&self) -> String {
        let (scheme, usual) = if self.https { ("https", 443) } else { ("http", 80) };
        let port = if self.port == usual { String::new() } else { format!(":{}", self.port) };
        format!("{scheme}://{}{port}{}", self.host, self.rest)
    }
}

fn number(port: &str) -> Option<u16> {
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    port.parse().ok().filter(|port| digits && *port != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Option<String> {
        Place::parse(url).map(|place| place.url())
    }

    #[test]
    fn an_address_is_read_and_written_the_same() {
        for (url, written) in [
            ("https://api.example.org/v1?x#y", "https://api.example.org/v1?x"),
            ("https://api.example.org", "https://api.example.org/"),
            ("https://API.example.org?x", "https://api.example.org/?x"),
            ("https://api.example.org:443/", "https://api.example.org/"),
            ("https://api.example.org:8443/", "https://api.example.org:8443/"),
            ("http://box.home.arpa:8080/a", "http://box.home.arpa:8080/a"),
            ("https://127.0.0.1/", "https://127.0.0.1/"),
        ] {
            assert_eq!(read(url).as_deref(), Some(written), "{url}");
        }
    }

    #[test]
    fn what_readers_disagree_about_is_no_address() {
        for bad in [
            "",
            "api.example.org",
            "ftp://api.example.org/",
            "HTTPS://api.example.org/",
            "https:api.example.org/",
            "https:///api.example.org/",
            "https://user@api.example.org/",
            "https://api.example.org@evil.example/",
            "https://api.example.org\\@evil.example/",
            "https://api.example.org\t.evil.example/",
            "https://[::1]/",
            "https://[::ffff:7f00:1]/",
            "https://localhost/",
            "https://2130706433/",
            "https://api.example.org./",
            "https://.example.org/",
            "https://api.example.org:/",
            "https://api.example.org:0/",
            "https://api.example.org:+80/",
            "https://api.example.org:99999/",
            "https://api.example.org:80:80/",
            "https://ап\u{438}.example.org/",
            "https://api.example.org/\r\nHost: evil.example",
            "file:///etc/passwd",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read(&format!("https://api.example.org/{}", "x".repeat(2_000))), None);
    }

    #[test]
    fn a_way_on_is_read_as_strictly() {
        let here = Place::parse("https://api.example.org/a/b?c").expect("an address");
        let follow = |location: &str| here.follow(location).map(|place| place.url());
        for (location, leads) in [
            ("https://other.example/x", Some("https://other.example/x")),
            ("//other.example/x", Some("https://other.example/x")),
            ("/x", Some("https://api.example.org/x")),
            ("x", Some("https://api.example.org/a/x")),
            ("?d", Some("https://api.example.org/a/b?d")),
            ("http://127.0.0.1/", Some("http://127.0.0.1/")),
            ("/x?back=https://other.example/", Some("https://api.example.org/x?back=https://other.example/")),
            ("https://user@other.example/", None),
            ("file:///etc/passwd", None),
            ("///other.example/", None),
        ] {
            assert_eq!(follow(location).as_deref(), leads, "{location}");
        }
    }
}
