//! How much a plugin may take for one call. There is always a limit; a manifest may ask for other ones up to a ceiling.

use serde::{Deserialize, Serialize};

use crate::error::{PluginError, Result};

/// How much a plugin may take for one call.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of linear memory.
    pub memory_bytes: u64,
    /// Elements of all tables together.
    pub table_elements: u64,
    /// Units of work; about one an instruction.
    pub fuel: u64,
    /// Milliseconds by the clock, host calls included.
    pub time_ms: u64,
    /// Bytes of one message: the input, the output, a host call, its reply.
    pub message_bytes: u64,
    /// Host calls.
    pub host_calls: u64,
    /// Bytes of log lines; more are dropped and counted.
    pub log_bytes: u64,
}

impl Limits {
    /// What a plugin has that asks for nothing else.
    pub const USUAL: Self = Self {
        memory_bytes: 64 << 20,
        table_elements: 10_000,
        fuel: 5_000_000_000,
        time_ms: 5_000,
        message_bytes: 4 << 20,
        host_calls: 1_000,
        log_bytes: 32 << 10,
    };

    /// What no plugin exceeds.
    pub const CEILING: Self = Self {
        memory_bytes: 256 << 20,
        table_elements: 100_000,
        fuel: 100_000_000_000,
        time_ms: 60_000,
        message_bytes: 16 << 20,
        host_calls: 10_000,
        log_bytes: 256 << 10,
    };

    /// The same limits, where each is above zero and at most the ceiling.
    pub fn checked(self) -> Result<Self> {
        let asked = self.named();
        for ((name, value), (_, most)) in asked.into_iter().zip(Self::CEILING.named()) {
            if value == 0 || value > most {
                return Err(PluginError::Manifest(format!("limits.{name} must be between 1 and {most}")));
            }
        }
        Ok(self)
    }

    const fn named(self) -> [(&'static str, u64); 7] {
        [
            ("memory_bytes", self.memory_bytes),
            ("table_elements", self.table_elements),
            ("fuel", self.fuel),
            ("time_ms", self.time_ms),
            ("message_bytes", self.message_bytes),
            ("host_calls", self.host_calls),
            ("log_bytes", self.log_bytes),
        ]
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::USUAL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_limit_is_off_and_none_exceeds_the_ceiling() {
        assert!(Limits::USUAL.checked().is_ok() && Limits::CEILING.checked().is_ok());
        for change in [
            |limits: &mut Limits, to: u64| limits.memory_bytes = to,
            |limits: &mut Limits, to: u64| limits.table_elements = to,
            |limits: &mut Limits, to: u64| limits.fuel = to,
            |limits: &mut Limits, to: u64| limits.time_ms = to,
            |limits: &mut Limits, to: u64| limits.message_bytes = to,
            |limits: &mut Limits, to: u64| limits.host_calls = to,
            |limits: &mut Limits, to: u64| limits.log_bytes = to,
        ] {
            for bad in [0, u64::MAX] {
                let mut limits = Limits::USUAL;
                change(&mut limits, bad);
                assert!(limits.checked().is_err(), "{limits:?}");
            }
        }
    }
}
