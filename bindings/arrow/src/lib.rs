//! The tables of `phm-core` as Arrow streams, without a copy.
//!
//! The Arrow C data interface and the C stream interface are two small sets of C structs that every dataframe library
//! takes: polars, pandas, pyarrow, duckdb. [`stream()`] fills one in; the columns stay where they are until the consumer has
//! released everything it took, and the same table can be handed out as often as somebody asks.
//!
//! ```
//! use phm_arrow::ArrowArrayStream;
//! # use std::sync::Arc;
//! # let table = phm_core::vault::flat::Table { name: "x".into(), columns: Vec::new(), batches: Vec::new() };
//! let mut stream: ArrowArrayStream = phm_arrow::stream(Arc::new(table));
//! stream.release();
//! assert!(stream.is_released());
//! ```

// The interface is made of raw pointers; every block below says why it is sound.
#![allow(unsafe_code)]

mod array;
mod schema;
mod stream;

pub use array::ArrowArray;
pub use schema::ArrowSchema;
pub use stream::{ArrowArrayStream, schema_of, stream};
