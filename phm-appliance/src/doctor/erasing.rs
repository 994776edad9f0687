//! Whether somebody is erased who was to be: what could not be finished must not be forgotten.

use phm_core::Result;
use phm_core::vault::{Unfinished, Vault};

use super::Finding;

const ID: &str = "erasures";

/// What the vault knows of an erasure or rectification that was begun.
pub(super) fn erasing(vault: &Vault) -> Finding {
    judge(&vault.unfinished().map(|unfinished| unfinished.as_ref().map(is_only_compaction)))
}

fn is_only_compaction(unfinished: &Unfinished) -> bool {
    unfinished.only_compaction
}

/// `Some(true)`: only the store's files are still to be written anew.
fn judge(unfinished: &Result<Option<bool>>) -> Finding {
    match unfinished {
        Ok(None) => Finding::ok(ID, "whoever was to be erased is"),
        Ok(Some(true)) => Finding::warn(
            ID,
            "what was erased is still in the store's files as bytes that no key opens; make room for a second copy of the \
             store and start PHM again, which removes them",
        ),
        Ok(Some(false)) => Finding::fail(
            ID,
            "an erasure that was begun is not finished; make room on the disk and start PHM again, which goes on with it",
        ),
        Err(error) => Finding::warn(ID, format!("what is left to erase cannot be read ({error}); run `phm verify`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn an_erasure_that_is_not_finished_is_told() {
        let status = |unfinished| judge(&Ok(unfinished)).status;
        assert_eq!([None, Some(true), Some(false)].map(status), [Status::Ok, Status::Warn, Status::Fail]);
        assert_eq!(judge(&Err(phm_core::Error::corrupt("damaged"))).status, Status::Warn);
    }
}
