//! The HTTP side of the appliance: the API, health, metrics, documentation and, in `web`, the pages.
//!
//! One outermost layer ([`shell`]) gives every answer its request id, security headers, rate limit, measurement and,
//! for errors, the envelope. Handlers stay thin: turn the outside into our types, call the core once on a blocking
//! thread, turn the answer back.

pub mod api;
mod body;
mod context;
mod docs;
mod envelope;
mod headers;
mod health;
mod house;
mod limits;
mod metrics;
mod problem;
mod shell;

pub use context::{Client, RequestId};
pub use envelope::{Accepted, Answer, Created, NoContent, Pagination};
pub use house::House;
pub use problem::Problem;
