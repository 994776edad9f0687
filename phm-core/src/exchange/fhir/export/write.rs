//! Writing many resources: one Bundle, or one a line.

use std::io::{self, Write};

use serde_json::Value;

use crate::exchange::fhir::json::compact;
use crate::exchange::fhir::origin::Origin;

/// Writes a Bundle of type `collection`, resource by resource.
pub struct BundleWriter<W: Write> {
    out: W,
    any: bool,
}

impl<W: Write> BundleWriter<W> {
    /// Begins the Bundle.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all(b"{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[")?;
        Ok(Self { out, any: false })
    }

    /// Adds a resource: its exact bytes, and its `fullUrl` if it has one.
    pub fn add(&mut self, origin: &Origin<'_>) -> io::Result<()> {
        self.out.write_all(if self.any { b",\n{" } else { b"\n{" })?;
        self.any = true;
        if let Some(url) = origin.full_url {
            write!(self.out, "\"fullUrl\":{},", Value::from(url))?;
        }
        self.out.write_all(b"\"resource\":")?;
        self.out.write_all(origin.resource)?;
        self.out.write_all(b"}")
    }

    /// Ends the Bundle and gives the writer back.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(b"\n]}\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Writes a resource a line; layout inside a resource is taken out, for a line has no line ends.
pub struct NdjsonWriter<W: Write> {
    out: W,
}

impl<W: Write> NdjsonWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    /// Adds a resource.
    pub fn add(&mut self, origin: &Origin<'_>) -> io::Result<()> {
        let mut outcome = Ok(());
        compact(origin.resource, |part| {
            if outcome.is_ok() {
                outcome = self.out.write_all(part);
            }
        });
        outcome?;
        self.out.write_all(b"\n")
    }

    /// Writes out what is buffered and gives the writer back.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}
