//! The functions a plugin may import: the guest ABI of Extism, and `phm_call`.
//!
//! Messages stand in blocks outside the plugin's own memory; it copies them in and out by number. Of Extism's functions those
//! that would hold state or reach outside are there, because plugin kits import them, and do nothing: variables and
//! configuration are empty, and its own HTTP is refused.

use phm_plugin_api::v1::calls::Level;
use wasmtime::{Caller, Linker, Result};

use super::state::{State, Stop};

/// Where Extism's functions are imported from.
pub const HOST: &str = "extism:host/env";
/// Where the functions of the house are imported from.
pub const USER: &str = "extism:host/user";
/// The one function of the house.
pub const CALL: &str = "phm_call";

/// Extism's functions, as far as they are defined here.
pub const NAMES: &[&str] = &[
    "alloc",
    "free",
    "length",
    "length_unsafe",
    "load_u8",
    "load_u64",
    "store_u8",
    "store_u64",
    "input_offset",
    "input_length",
    "input_load_u8",
    "input_load_u64",
    "output_set",
    "error_set",
    "config_get",
    "var_get",
    "var_set",
    "http_request",
    "http_status_code",
    "http_headers",
    "log_trace",
    "log_debug",
    "log_info",
    "log_warn",
    "log_error",
    "get_log_level",
];

/// The least that is logged, as Extism numbers it: 1 is debug.
const LOGGED_FROM: i32 = 1;

type Here<'a> = Caller<'a, State>;

/// Defines all of them.
pub fn define(linker: &mut Linker<State>) -> Result<()> {
    blocks(linker)?;
    input_and_output(linker)?;
    without_effect(linker)?;
    logs(linker)?;
    linker.func_wrap(USER, CALL, |mut here: Here<'_>, at: u64| here.data_mut().phm_call(at))?;
    Ok(())
}

fn blocks(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(HOST, "alloc", |mut here: Here<'_>, length: u64| here.data_mut().alloc(length))?;
    linker.func_wrap(HOST, "free", |mut here: Here<'_>, at: u64| here.data_mut().free(at))?;
    linker.func_wrap(HOST, "length", |here: Here<'_>, at: u64| here.data().length(at))?;
    linker.func_wrap(HOST, "length_unsafe", |here: Here<'_>, at: u64| here.data().length(at))?;
    linker.func_wrap(HOST, "load_u8", |mut here: Here<'_>, at: u64| -> Result<u32> {
        Ok(u32::from(u8::from_le_bytes(here.data_mut().load(at)?)))
    })?;
    linker.func_wrap(HOST, "load_u64", |mut here: Here<'_>, at: u64| -> Result<u64> {
        Ok(u64::from_le_bytes(here.data_mut().load(at)?))
    })?;
    linker.func_wrap(HOST, "store_u8", |mut here: Here<'_>, at: u64, value: u32| {
        here.data_mut().store(at, &value.to_le_bytes()[..1])
    })?;
    linker.func_wrap(HOST, "store_u64", |mut here: Here<'_>, at: u64, value: u64| {
        here.data_mut().store(at, &value.to_le_bytes())
    })?;
    Ok(())
}

fn input_and_output(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(HOST, "input_offset", |here: Here<'_>| here.data().input().0)?;
    linker.func_wrap(HOST, "input_length", |here: Here<'_>| here.data().input().1)?;
    linker.func_wrap(HOST, "input_load_u8", |mut here: Here<'_>, at: u64| -> Result<u32> {
        Ok(u32::from(u8::from_le_bytes(here.data_mut().load_input(at)?)))
    })?;
    linker.func_wrap(HOST, "input_load_u64", |mut here: Here<'_>, at: u64| -> Result<u64> {
        Ok(u64::from_le_bytes(here.data_mut().load_input(at)?))
    })?;
    linker.func_wrap(HOST, "output_set", |mut here: Here<'_>, at: u64, length: u64| {
        here.data_mut().set_output(at, length)
    })?;
    linker.func_wrap(HOST, "error_set", |mut here: Here<'_>, at: u64| here.data_mut().set_error(at))?;
    Ok(())
}

fn without_effect(linker: &mut Linker<State>) -> Result<()> {
    linker.func_wrap(HOST, "config_get", |_: Here<'_>, _: u64| 0u64)?;
    linker.func_wrap(HOST, "var_get", |_: Here<'_>, _: u64| 0u64)?;
    linker.func_wrap(HOST, "var_set", |mut here: Here<'_>, _: u64, _: u64| -> Result<()> {
        here.data_mut().stop(Stop::Undeclared("no manifest declares the variables of a plugin kit; use kv.put"))
    })?;
    linker.func_wrap(HOST, "http_request", |mut here: Here<'_>, _: u64, _: u64| -> Result<u64> {
        here.data_mut().stop(Stop::Undeclared("no manifest declares the HTTP of a plugin kit; use http.fetch"))
    })?;
    linker.func_wrap(HOST, "http_status_code", |_: Here<'_>| 0i32)?;
    linker.func_wrap(HOST, "http_headers", |_: Here<'_>| 0u64)?;
    Ok(())
}

fn logs(linker: &mut Linker<State>) -> Result<()> {
    for (name, level) in [
        ("log_trace", Level::Debug),
        ("log_debug", Level::Debug),
        ("log_info", Level::Info),
        ("log_warn", Level::Warn),
        ("log_error", Level::Error),
    ] {
        linker.func_wrap(HOST, name, move |mut here: Here<'_>, at: u64| here.data_mut().log(level, at))?;
    }
    linker.func_wrap(HOST, "get_log_level", |_: Here<'_>| LOGGED_FROM)?;
    Ok(())
}
