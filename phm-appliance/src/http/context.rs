//! What is known about the request at hand wherever an answer is made.
//!
//! The id is made or taken over once, at the outermost layer, and every envelope, log line and header of the same
//! request carries it.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};

use poem::Request;

use crate::settings::Tls;

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

/// The address a request comes from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Client(pub IpAddr);

impl Client {
    /// The peer's address; behind a proxy, the last address of `X-Forwarded-For`, which the proxy itself wrote.
    pub fn of(request: &Request, tls: Tls) -> Self {
        let forwarded = || {
            let last = request.header("x-forwarded-for")?.rsplit(',').next()?;
            last.trim().parse().ok()
        };
        let peer = || request.remote_addr().as_socket_addr().map(std::net::SocketAddr::ip);
        let address = match tls {
            Tls::Proxy => forwarded().or_else(peer),
            Tls::Off => peer(),
        };
        Self(address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)))
    }
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

    #[test]
    fn only_behind_a_proxy_is_the_forwarded_address_believed() {
        let request = Request::builder().header("x-forwarded-for", "6.6.6.6, 192.0.2.7").finish();
        assert_eq!(Client::of(&request, Tls::Proxy).0.to_string(), "192.0.2.7");
        assert_eq!(Client::of(&request, Tls::Off).0.to_string(), "127.0.0.1");
    }
}
