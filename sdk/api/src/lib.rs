//! The messages that cross the border between PHM and a plugin.
//!
//! A plugin has one export, named by its kind ([`Kind::export`]), which takes a JSON message and answers with one; and
//! one import, `phm_call`, by which it asks the house for something:
//!
//! ```
//! use phm_plugin_api::v1::{Door, Reply};
//!
//! let asked = r#"{"v":1,"op":"records.list","args":{"kind":"medication"}}"#;
//! let call: phm_plugin_api::v1::Call = serde_json::from_str(asked).expect("a call");
//! assert_eq!((call.v, call.op.as_str()), (1, "records.list"));
//!
//! let refused = r#"{"error":{"code":"not-declared","door":"manifest","message":"…"}}"#;
//! let Reply::Error(refusal) = serde_json::from_str(refused).expect("a reply") else { panic!("it is a refusal") };
//! assert_eq!(refusal.door, Some(Door::Manifest));
//! ```
//!
//! Bytes travel by the guest ABI of Extism, so a plugin may be written in any language that has a plugin kit of Extism.
//! The messages of a version never change once it is out: [`v1`] may gain operations and optional fields, nothing else. What
//! would break a plugin becomes `v2`, and the house goes on speaking `v1`.

mod kind;
pub mod v1;

pub use kind::Kind;
