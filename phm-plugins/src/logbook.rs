//! The log of a plugin: sealed, short, and in nobody else's log.
//!
//! What a plugin logs in a call about a person is sealed state of that person and is erased with them.

use std::collections::VecDeque;

use phm_core::id::ProfileId;
use phm_core::time::Instant;
use phm_core::vault::Vault;
use phm_plugin_api::v1::calls::Level;
use serde::{Deserialize, Serialize};

use crate::shown;

/// Lines a log keeps, the newest.
const MOST_LINES: usize = 200;
/// Bytes a log keeps.
const MOST_BYTES: usize = 64 << 10;
/// Bytes of a line; the rest is cut off.
const LONGEST: usize = 2_000;

/// A line of the log.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// When the call was.
    pub at: Instant,
    /// How much it matters.
    pub level: Level,
    /// What the plugin said.
    pub message: String,
}

/// The lines of one call, up to a limit.
#[derive(Debug)]
pub struct Lines {
    kept: Vec<(Level, String)>,
    left: u64,
    dropped: u64,
}

impl Lines {
    /// No line yet, and at most so many bytes of them.
    pub fn up_to(bytes: u64) -> Self {
        Self { kept: Vec::new(), left: bytes, dropped: 0 }
    }

    /// Adds a line, or counts it where the limit is reached. A line costs a little by itself.
    pub fn add(&mut self, level: Level, line: &str) -> bool {
        let line = cut(line);
        match self.left.checked_sub(line.len() as u64 + 16) {
            Some(left) => {
                self.left = left;
                self.kept.push((level, line));
                true
            }
            None => {
                self.dropped += 1;
                false
            }
        }
    }

    /// Adds what there is to say about the call as a whole, beyond the limit. The words may be the plugin's own.
    pub fn remark(&mut self, level: Level, line: impl Into<String>) {
        self.kept.push((level, cut(&line.into())));
    }

    /// The lines, and behind them how many were dropped.
    pub fn taken(mut self) -> Vec<(Level, String)> {
        if self.dropped > 0 {
            let dropped = self.dropped;
            self.remark(Level::Warn, format!("{dropped} more lines were dropped"));
        }
        self.kept
    }

    /// Appends the lines to the plugin's log.
    pub fn keep(self, vault: &Vault, plugin: &str, about: Option<ProfileId>, at: Instant) -> phm_core::Result<()> {
        let lines = self.taken();
        if lines.is_empty() {
            return Ok(());
        }
        vault.update_state(owner(about), &name(plugin), |kept: Option<VecDeque<Line>>| {
            let mut kept = kept.unwrap_or_default();
            kept.extend(lines.into_iter().map(|(level, message)| Line { at, level, message }));
            while kept.len() > MOST_LINES || kept.iter().map(|line| line.message.len()).sum::<usize>() > MOST_BYTES {
                kept.pop_front();
            }
            Ok((Some((kept, None)), ()))
        })
    }
}

/// A line as it is kept: cut between letters, and with nothing in it that steers the terminal it is read in.
fn cut(line: &str) -> String {
    shown::plain(&line[..line.floor_char_boundary(LONGEST)])
}

fn owner(about: Option<ProfileId>) -> ProfileId {
    about.unwrap_or(ProfileId::SYSTEM)
}

fn name(plugin: &str) -> String {
    format!("plugin log/{plugin}")
}

/// What a plugin logged, of calls about this person or about nobody, oldest first.
pub fn read(vault: &Vault, plugin: &str, about: Option<ProfileId>) -> phm_core::Result<Vec<Line>> {
    Ok(vault.state(owner(about), &name(plugin))?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_cut_and_counted() {
        let mut lines = Lines::up_to(1_000);
        let kept = (0..10_000).filter(|_| lines.add(Level::Info, "the same line again")).count();
        assert!(kept < 30 && lines.dropped == 10_000 - kept as u64);
        assert!(!lines.add(Level::Info, &"x".repeat(1 << 20)));
    }

    #[test]
    fn a_line_steers_no_terminal_and_is_cut_between_letters() {
        let mut lines = Lines::up_to(10_000);
        lines.add(Level::Info, "a\u{1b}[2Jb\nc");
        lines.add(Level::Info, &"ਕ".repeat(5_000));
        assert_eq!(lines.kept[0].1, "a [2Jb c");
        lines.remark(Level::Error, "\u{1b}[31mred");
        assert_eq!(lines.kept[2].1, " [31mred", "what it says about its own failure steers no more");
        assert!(lines.kept[1].1.len() <= LONGEST && lines.kept[1].1.chars().all(|letter| letter == 'ਕ'));
    }
}
