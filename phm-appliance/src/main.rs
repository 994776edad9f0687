//! The program `phm`.
fn main() {}
