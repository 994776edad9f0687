//! Paths as they are given on the command line.
//!
//! A command that finds the vault served runs inside the appliance, which has another working folder. So a path means
//! what it means where the command was typed: on its way to the appliance it becomes absolute.

use std::ffi::OsString;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A path, or `-`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Given(PathBuf);

impl Given {
    /// Whether it is `-`, which stands for standard input or output.
    pub fn is_dash(&self) -> bool {
        self.0.as_os_str() == "-"
    }
}

impl From<OsString> for Given {
    fn from(text: OsString) -> Self {
        Self(text.into())
    }
}

impl Deref for Given {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl AsRef<Path> for Given {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Serialize for Given {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_dash() {
            return serializer.serialize_str("-");
        }
        let whole = std::path::absolute(&self.0).map_err(S::Error::custom)?;
        whole.to_str().ok_or_else(|| S::Error::custom("a path is not UTF-8"))?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = Self(PathBuf::deserialize(deserializer)?);
        if given.is_dash() || given.is_absolute() { Ok(given) } else { Err(D::Error::custom("a path is relative")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_means_the_same_in_another_folder() {
        let here = std::env::current_dir().expect("a working folder");
        for (typed, sent) in [
            ("a.json", here.join("a.json")),
            ("./b/c", here.join("b/c")),
            ("/tmp/d", PathBuf::from("/tmp/d")),
            ("-", PathBuf::from("-")),
        ] {
            let text = serde_json::to_string(&Given::from(OsString::from(typed))).expect("written");
            let read: Given = serde_json::from_str(&text).expect("read");
            assert_eq!(&*read, sent.as_path(), "{typed}");
        }
        assert!(serde_json::from_str::<Given>("\"a.json\"").is_err(), "nothing relative arrives");
    }
}
