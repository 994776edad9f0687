//! The tamper-evident log of uses and changes.
