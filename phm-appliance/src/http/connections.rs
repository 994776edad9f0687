//! How many connections one address may hold.
//!
//! Whoever opens connections and sends nothing, or a request letter by letter, holds each for as long as they like, and a
//! machine has room for about a thousand. So one address has its share and no more; the machine itself and proxies that
//! are trusted, behind which everybody may be, have no limit.

use std::collections::HashMap;
use std::io::{self, IoSlice};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use ipnet::IpNet;
use poem::http::uri::Scheme;
use poem::listener::Acceptor;
use poem::web::{LocalAddr, RemoteAddr};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::context::place_of;
use crate::settings::{Settings, Tls};

/// Connections of one address at the same time: those of a house full of browsers behind one router.
const MOST: usize = 256;

/// Accepts what `inner` accepts, but from no address more than its share; the others are closed at once.
pub struct Bounded<A> {
    inner: A,
    most: usize,
    exempt: Vec<IpNet>,
    open: Open,
}

/// How many connections there are from each place.
#[derive(Clone, Default)]
struct Open(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// An address has its share already.
#[derive(Debug)]
struct TooMany;

/// One connection of a place, for as long as it lasts.
struct Held {
    open: Open,
    place: IpAddr,
}

impl<A> Bounded<A> {
    /// Bounds what `inner` accepts.
    pub fn new(inner: A, settings: &Settings) -> Self {
        let exempt = if settings.tls == Tls::Proxy { settings.trusted_proxies.clone() } else { Vec::new() };
        let here = ["127.0.0.0/8", "::1/128"].map(|net| net.parse::<IpNet>().expect("the networks are written right"));
        Self::with(inner, MOST, exempt.into_iter().chain(here).collect())
    }

    fn with(inner: A, most: usize, exempt: Vec<IpNet>) -> Self {
        Self { inner, most, exempt, open: Open::default() }
    }

    /// What is held for one more connection from `address`; nothing where there is no limit.
    fn admit(&self, address: Option<IpAddr>) -> Result<Option<Held>, TooMany> {
        let bounded = address.filter(|address| !self.exempt.iter().any(|net| net.contains(address)));
        let Some(address) = bounded else { return Ok(None) };
        let place = place_of(address);
        let mut counts = self.open.counts();
        let count = counts.entry(place).or_insert(0);
        if *count >= self.most {
            return Err(TooMany);
        }
        *count += 1;
        Ok(Some(Held { open: self.open.clone(), place }))
    }
}

impl Open {
    fn counts(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut counts = self.open.counts();
        let left = counts.get(&self.place).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            counts.remove(&self.place);
        } else {
            counts.insert(self.place, left);
        }
    }
}

impl<A: Acceptor> Acceptor for Bounded<A> {
    type Io = Counted<A::Io>;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.inner.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(Self::Io, LocalAddr, RemoteAddr, Scheme)> {
        loop {
            let (stream, local, remote, scheme) = self.inner.accept().await?;
            let address = remote.as_socket_addr().map(SocketAddr::ip).map(|address| address.to_canonical());
            match self.admit(address) {
                Ok(held) => return Ok((Counted { stream, _held: held }, local, remote, scheme)),
                Err(TooMany) => tracing::debug!("an address has as many connections as it may; one more was closed"),
            }
        }
    }
}

/// A stream that counts for its address until it is dropped.
pub struct Counted<S> {
    stream: S,
    _held: Option<Held>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use poem::listener::{Listener as _, TcpListener};
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn one_address_holds_so_many_connections_and_no_more() {
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.expect("bound");
        let address = *acceptor.local_addr()[0].0.as_socket_addr().expect("an address");
        let mut bounded = Bounded::with(acceptor, 2, Vec::new());
        let _one = TcpStream::connect(address).await.expect("connected");
        let _two = TcpStream::connect(address).await.expect("connected");
        let (first, ..) = bounded.accept().await.expect("taken");
        let (_second, ..) = bounded.accept().await.expect("taken");
        let mut third = TcpStream::connect(address).await.expect("connected");
        let later = async {
            let mut byte = [0];
            // Closed, be it politely or not.
            assert_eq!(third.read(&mut byte).await.unwrap_or(0), 0);
            drop(first);
            TcpStream::connect(address).await.expect("connected")
        };
        let (taken, _fourth) = tokio::join!(bounded.accept(), later);
        taken.expect("there is room again");
    }

    #[test]
    fn the_machine_itself_and_trusted_proxies_have_no_limit() {
        let mut settings = Settings::defaults(std::path::Path::new("x"));
        (settings.tls, settings.trusted_proxies) = (Tls::Proxy, vec!["10.0.0.0/8".parse().expect("a network")]);
        let bounded = Bounded::new((), &settings);
        let admitted = |address: &str| {
            let address = address.parse().expect("an address");
            let held: Vec<_> = (0..=MOST).map_while(|_| bounded.admit(Some(address)).ok()).collect();
            held.len()
        };
        assert_eq!((admitted("127.0.0.1"), admitted("::1"), admitted("10.0.0.2")), (MOST + 1, MOST + 1, MOST + 1));
        assert_eq!((admitted("192.0.2.7"), admitted("192.0.2.7")), (MOST, MOST), "given back");
    }
}
