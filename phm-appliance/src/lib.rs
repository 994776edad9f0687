//! The self-hosted appliance: settings, sign-in, the HTTP API, the web app and the command line over phm-core.
//!
//! The program `phm` is a thin front; everything it does is here, so that tests can reach it.

pub mod auth;
pub mod checkpoints;
pub mod cli;
pub mod demo;
pub mod doctor;
pub mod hardening;
pub mod http;
pub mod i18n;
pub mod jobs;
pub mod manual;
pub mod mounts;
pub mod notify;
pub mod outside;
pub mod permissions;
pub mod settings;
pub mod tls;
pub mod whereabouts;
