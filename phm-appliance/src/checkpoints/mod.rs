//! Checkpoints of the audit log, kept where whoever changes the vault does not reach.
//!
//! A checkpoint is a few lines that say how long the log is and what its root is, signed. It tells nothing about anybody.
//! One that was kept elsewhere shows later whether the log was changed, cut or written anew since. So the [`Keeper`] writes
//! one whenever the log has grown enough, and first compares what is kept already: where that contradicts the log,
//! nothing is overwritten and the appliance says so until somebody has looked.

mod folder;
mod keeper;

pub use folder::Folder;
pub use keeper::{Keeper, Kept};

/// A checkpoint to be kept.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The signed note.
    pub note: String,
    /// What checks it, as text.
    pub key: String,
    /// When it was made.
    pub at: phm_core::time::Instant,
}

/// A place outside the vault that keeps checkpoints: a folder, later a mailbox or a channel.
pub trait Destination: Send + Sync {
    /// What it is called in logs; never an address or a path.
    fn name(&self) -> &'static str;

    /// The newest checkpoint it keeps, where it can be asked for one.
    fn newest(&self) -> std::io::Result<Option<String>>;

    /// Keeps one more; when this returns, it is there to stay.
    fn keep(&self, checkpoint: &Signed) -> std::io::Result<()>;
}
