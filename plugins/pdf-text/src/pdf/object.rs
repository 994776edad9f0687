//! What a PDF is made of.

use std::collections::BTreeMap;
use std::ops::Range;

/// Names and what they stand for.
pub type Dict = BTreeMap<String, Object>;

/// One thing in the file.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number, whole or not.
    Number(f64),
    /// Bytes of a string.
    Text(Vec<u8>),
    /// A name, without its slash.
    Name(String),
    /// A list.
    List(Vec<Object>),
    /// A dictionary.
    Dict(Dict),
    /// A dictionary, and where in the file its bytes stand, packed as they are.
    Stream(Dict, Range<usize>),
    /// Another thing, by its number.
    Ref(u32),
}

impl Object {
    /// The number.
    pub fn number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// The number, where it is whole, not negative and of a sensible size.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is within the bounds")]
    pub fn whole(&self) -> Option<usize> {
        let number = self.number()?;
        (number >= 0.0 && number <= f64::from(u32::MAX) && number.fract() == 0.0).then_some(number as usize)
    }

    /// The name.
    pub fn name(&self) -> Option<&str> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    /// The list.
    pub fn list(&self) -> Option<&[Self]> {
        if let Self::List(list) = self { Some(list) } else { None }
    }

    /// The dictionary, that of a stream too.
    pub fn dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) | Self::Stream(dict, _) => Some(dict),
            _ => None,
        }
    }

    /// How many things it is made of: what copying it costs.
    pub fn weight(&self) -> u64 {
        match self {
            Self::List(list) => 1 + list.iter().map(Self::weight).sum::<u64>(),
            Self::Dict(dict) | Self::Stream(dict, _) => 1 + dict.values().map(Self::weight).sum::<u64>(),
            _ => 1,
        }
    }
}
