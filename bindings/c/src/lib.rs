//! The C library `libphm`: what `include/phm.h` declares.
//!
//! Every function does three things: turns what C gave into our types, calls the core once, turns the answer back. None of
//! them follows a handle: a handle is a number that looks like a pointer, looked up in a table ([`handles`]), so a wrong
//! one, one of another type and one that was given back are answered with `PHM_INVALID`. Pointers to data are checked for
//! NULL and read for as long as the call lasts. A panic inside becomes `PHM_INTERNAL`.
//!
//! The header is made of these sources by cbindgen; a test wants the committed one to be the same.

// The edge to C is made of raw pointers; every block below says why it is sound.
#![allow(unsafe_code)]
// The names are those of C.
#![allow(non_camel_case_types)]
// C has no other way to give a function what it needs.
#![allow(clippy::too_many_arguments)]

mod backup;
mod error;
mod given;
mod handles;
mod records;
mod secret;
mod session;
mod table;
mod text;
mod vault;

pub use backup::*;
pub use error::*;
pub use records::*;
pub use secret::*;
pub use session::*;
pub use table::*;
pub use text::*;
pub use vault::*;
