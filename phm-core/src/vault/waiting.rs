//! What waits for the committer: entries, the writes they belong to, and the way there.

use std::sync::mpsc::{Sender, SyncSender};

use super::series::SeriesChange;
use super::state::StateChange;
use crate::audit::entry::{Pseudonym, Remark};
use crate::audit::reads::Use;
use crate::crypto::Prepared;
use crate::error::{Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::Header;

/// An entry that waits for its seq.
pub(crate) struct NewEntry {
    pub profile: ProfileId,
    pub header: Header,
    pub prepared: Prepared,
    pub origin: Option<Prepared>,
}

/// An entry that takes the place of one that stands in a journal already. Of the old one nothing is kept, neither the
/// original bytes that came with it; the log says that both are missing on purpose.
pub(crate) struct Replacement {
    pub profile: ProfileId,
    pub seq: u64,
    pub prepared: Prepared,
}

/// What the log says about somebody of whom no head is left: which of their rows are missing on purpose.
pub(crate) struct Farewell {
    pub done: Use,
    pub subject: Pseudonym,
    pub remarks: Vec<Remark>,
}

/// Changes that are applied together or not at all.
#[derive(Default)]
pub(crate) struct Write {
    pub entries: Vec<NewEntry>,
    pub state: Vec<StateChange>,
    pub series: Vec<SeriesChange>,
    /// Entries in the place of destroyed ones; their people are to be among the `rewritten` too.
    pub replaced: Vec<Replacement>,
    /// Records that must still be at this version.
    pub unmoved: Vec<(ProfileId, RecordId, u32)>,
    pub farewell: Option<Farewell>,
    /// People whose stored bodies were sealed again.
    pub rewritten: Vec<ProfileId>,
    /// What the audit log says about it; at least one for every person with an entry, replaced ones too.
    pub notes: Vec<Use>,
    /// What checking the log needs to know besides; it stands with the first note.
    pub remarks: Vec<Remark>,
}

impl Write {
    /// Bytes of its entries and samples, sealed.
    pub fn bytes(&self) -> usize {
        let entries = self
            .entries
            .iter()
            .map(|entry| entry.prepared.sealed_len() + entry.origin.as_ref().map_or(0, Prepared::sealed_len));
        entries.chain(self.series.iter().map(SeriesChange::bytes)).sum()
    }
}

/// What the committer is told.
pub(crate) enum Message {
    /// Make this durable and answer.
    Write(Box<Write>, SyncSender<Result<()>>),
    /// Write the pending read entries and answer.
    Flush(SyncSender<Result<()>>),
    /// End the thread.
    Stop,
}

/// The way to the committer.
#[derive(Clone, Debug)]
pub(crate) struct Committer(pub Sender<Message>);

impl Committer {
    /// Waits until `write` survives a power cut.
    pub fn commit(&self, write: Write) -> Result<()> {
        let (reply, answer) = std::sync::mpsc::sync_channel(1);
        self.0.send(Message::Write(Box::new(write), reply)).map_err(|_| closed())?;
        answer.recv().map_err(|_| closed())?
    }

    /// Waits until every read so far stands in the audit log.
    pub fn flush(&self) -> Result<()> {
        let (reply, answer) = std::sync::mpsc::sync_channel(1);
        self.0.send(Message::Flush(reply)).map_err(|_| closed())?;
        answer.recv().map_err(|_| closed())?
    }

    /// Begins what [`Committer::flush`] does, and waits for nothing. Whoever has to know whether it was done flushes.
    pub fn begin_flush(&self) {
        let (reply, _) = std::sync::mpsc::sync_channel(1);
        // While the vault is closing all reads are written anyway.
        let _ = self.0.send(Message::Flush(reply));
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Busy, "closed", "the vault is closing; open it again")
}
