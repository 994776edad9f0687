//! Streams that speak TLS, for poem.
//!
//! The handshake runs where the connection is served, not where it is accepted: a client that dawdles holds up nobody
//! else, and is let go after [`PATIENCE`].

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use poem::http::uri::Scheme;
use poem::listener::Acceptor;
use poem::web::{LocalAddr, RemoteAddr};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::server::TlsStream;

/// How long a client may take for the handshake.
const PATIENCE: Duration = Duration::from_secs(10);

/// Accepts what `inner` accepts, in TLS.
pub struct TlsAcceptor<A> {
    inner: A,
    tls: tokio_rustls::TlsAcceptor,
}

impl<A> TlsAcceptor<A> {
    /// Speaks TLS by `config` on what `inner` accepts.
    pub fn new(inner: A, config: ServerConfig) -> Self {
        Self { inner, tls: tokio_rustls::TlsAcceptor::from(Arc::new(config)) }
    }
}

impl<A: Acceptor> Acceptor for TlsAcceptor<A> {
    type Io = Handshaken<A::Io>;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.inner.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(Self::Io, LocalAddr, RemoteAddr, Scheme)> {
        let (stream, local, remote, _) = self.inner.accept().await?;
        let handshake = tokio::time::timeout(PATIENCE, self.tls.accept(stream));
        let handshake = async move {
            handshake.await.unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "no handshake in time")))
        };
        let stream = Handshaken(State::Shaking(Box::pin(handshake)));
        Ok((stream, local, remote, Scheme::HTTPS))
    }
}

/// A stream that finishes its handshake at the first reading or writing.
pub struct Handshaken<S>(State<S>);

enum State<S> {
    Shaking(Pin<Box<dyn Future<Output = io::Result<TlsStream<S>>> + Send>>),
    Open(Box<TlsStream<S>>),
    Failed,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Handshaken<S> {
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Pin<&mut TlsStream<S>>>> {
        if let State::Shaking(handshake) = &mut self.0 {
            self.0 = match ready!(handshake.as_mut().poll(cx)) {
                Ok(stream) => State::Open(Box::new(stream)),
                Err(error) => {
                    self.0 = State::Failed;
                    return Poll::Ready(Err(error));
                }
            };
        }
        match &mut self.0 {
            State::Open(stream) => Poll::Ready(Ok(Pin::new(stream.as_mut()))),
            _ => Poll::Ready(Err(io::Error::new(io::ErrorKind::NotConnected, "the handshake failed"))),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Handshaken<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_open(cx))?.poll_read(cx, buf)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Handshaken<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_open(cx))?.poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_open(cx))?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_open(cx))?.poll_shutdown(cx)
    }
}
