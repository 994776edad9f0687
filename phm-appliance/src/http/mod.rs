//! The HTTP side of the appliance: the API, health, metrics, documentation and, in `web`, the pages.
//!
//! One outermost layer ([`Shell`]) gives every answer its request id, security headers, rate limit, measurement and, for
//! errors, the envelope. Handlers stay thin: turn the outside into our types, call the core once on a blocking thread,
//! turn the answer back.

pub mod api;
mod body;
mod connections;
mod context;
mod described;
mod docs;
mod envelope;
mod guard;
mod headers;
mod health;
mod house;
pub mod import_jobs;
mod incident;
mod interactions;
mod limits;
mod metrics;
mod packages;
mod plain;
mod problem;
mod reading;
mod reminders;
mod shell;
mod stream;
mod telling;
pub mod web;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

pub use connections::Bounded;
pub use context::{Client, RequestId};
pub use envelope::{Accepted, Answer, Created, NoContent, Pagination};
pub use guard::{Caller, SignedIn};
pub use house::{AtWork, House, Opened, blocking};
pub use plain::plain_door;
pub use problem::Problem;
pub use shell::Shell;
pub use telling::{tell, tell_the_house};

use poem::listener::Acceptor;
use poem::{Endpoint, Response, Route, Server, get};

/// How long requests may go on after the server was told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// How long a connection may carry nothing before it is closed; a request that is still worked on is answered before.
const IDLE: Duration = Duration::from_mins(5);

/// Requests of one HTTP/2 connection at the same time.
const STREAMS: u32 = 200;

/// Everything the server answers; `pages` has what is neither API nor machinery.
pub fn app<E>(house: &Arc<House>, pages: E) -> Shell<Route>
where
    E: Endpoint<Output = Response> + 'static,
{
    let route = Route::new()
        .nest("/api", api::routes())
        .at("/healthz", get(health::alive))
        .at("/health", get(health::alive))
        .at("/readyz", get(health::ready))
        .at("/metrics", get(health::figures))
        .nest("/docs", docs::routes())
        .nest("/", pages);
    Shell::new(Arc::clone(house), route)
}

/// Serves `app` on what is already bound until `stop` is done, then lets the last requests finish.
pub async fn serve<A: Acceptor + 'static>(
    acceptor: A,
    app: Shell<Route>,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    Server::new_with_acceptor(acceptor)
        .idle_timeout(IDLE)
        .http2_max_concurrent_streams(STREAMS)
        .run_with_graceful_shutdown(app, stop, Some(LAST_REQUESTS))
        .await
}
