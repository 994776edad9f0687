//! What the author of a plugin imports.
//!
//! A plugin is a type that implements [`Plugin`] for one of the [`kinds`], and a line that exports it. Everything it may ask of
//! the house is a message of [`v1::calls`], sent by [`host::call`]; [`testing::House`] answers them in unit tests.
//!
//! ```
//! use phm_plugin_sdk::v1::calls::RecordsList;
//! use phm_plugin_sdk::v1::insight::{Finding, Input, Output};
//! use phm_plugin_sdk::{Fault, Plugin, host, kinds, testing::House};
//!
//! struct Medicines;
//!
//! impl Plugin for Medicines {
//!     type Kind = kinds::Insight;
//!
//!     fn call(_: Input) -> Result<Output, Fault> {
//!         let medicines = host::call(&RecordsList::of("medication"))?;
//!         let text = format!("{} medicines are in the record.", medicines.total);
//!         let finding = Finding { title: "Medicines".into(), text, records: Vec::new() };
//!         Ok(Output { findings: vec![finding] })
//!     }
//! }
//!
//! phm_plugin_sdk::export!(find: Medicines);
//!
//! // As a unit test of the author does it:
//! let house = House::new().with_record("medication", serde_json::json!({"drug": {"text": "metformin"}}));
//! let output = house.run(|| Medicines::call(Input::default())).expect("an answer");
//! assert_eq!(output.findings[0].text, "1 medicines are in the record.");
//! ```

pub mod base64;
pub mod file;
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod guest;
pub mod host;
pub mod kinds;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

pub use kinds::PluginKind;
pub use phm_plugin_api::{Kind, v1};
#[doc(hidden)]
pub use serde_json;

/// A plugin.
pub trait Plugin {
    /// What it is for; says what it takes and answers.
    type Kind: PluginKind;

    /// Does its work once. Nothing survives from one call to the next but what it keeps by `kv.put`.
    fn call(input: <Self::Kind as PluginKind>::Input) -> Result<<Self::Kind as PluginKind>::Output, Fault>;
}

/// Why a plugin could not do its work. The text goes into the plugin's own log and nowhere else.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault(pub String);

impl Fault {
    /// A fault with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

impl From<v1::Refusal> for Fault {
    fn from(refusal: v1::Refusal) -> Self {
        let door = refusal.door.map_or("", |door| door.as_str());
        Self(format!("{} {door}: {}", refusal.code, refusal.message))
    }
}

/// Exports a plugin under the function of its kind: `export!(check: MyPlugin)`.
///
/// The names are `check` for drugs, `read` for document and import, `render` for notify, `answer` for assistant, `find` for
/// insight; another one than that of the plugin's kind does not compile.
#[macro_export]
macro_rules! export {
    ($name:ident: $plugin:ty) => {
        const _: () = {
            // Compared when the plugin is compiled, because the house would find no function.
            const GIVEN: &str = stringify!($name);
            const WANTED: &str = <<$plugin as $crate::Plugin>::Kind as $crate::PluginKind>::KIND.export();
            assert!($crate::kinds::same(GIVEN, WANTED), "this is not the export of the plugin's kind");
        };

        // In a scope of its own: the crate may have something else by this name.
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            #[unsafe(no_mangle)]
            extern "C" fn $name() -> i32 {
                $crate::guest::run::<$plugin>()
            }
        };
    };
}
