//! Which person a path is about.

use phm_core::id::ProfileId;

use crate::http::house::AtWork;
use crate::http::problem::Problem;

/// The `{profile}` of a path: an id, or `me`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProfileName {
    /// The profile with this id.
    Id(ProfileId),
    /// The caller's own.
    Me,
}

impl ProfileName {
    /// Reads the part of a path. What is no id is not found, like any other person the caller has nothing to do with.
    pub fn read(text: &str) -> Result<Self, Problem> {
        match text {
            "me" => Ok(Self::Me),
            text => text.parse().map(Self::Id).map_err(|_| Problem::not_found()),
        }
    }

    /// The profile meant.
    pub fn resolve(self, at: &AtWork) -> Result<ProfileId, Problem> {
        match self {
            Self::Id(id) if id.is_person() => Ok(id),
            Self::Id(_) => Err(Problem::not_found()),
            Self::Me => {
                let account = at.actor().account().ok_or_else(Problem::not_found)?;
                at.vault.own_profile(account)?.ok_or_else(Problem::not_found)
            }
        }
    }
}
