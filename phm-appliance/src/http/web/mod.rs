//! The web app: pages made on the server that work without script, and the assets they use.
//!
//! A page is a plain struct of what it shows, made by `view` from records, and a template. Nothing here reads the
//! vault by itself; handlers hand in what a session answered.

pub mod assets;
pub mod chart;
pub mod forms;
#[cfg(test)]
mod gallery;
mod pages;
pub mod qr;
pub mod view;

pub use self::assets::serve as asset;
pub use self::pages::{routes as pages, trust_file, trust_page};
