//! Where a command is at work: in a process of its own, or inside the appliance that serves the vault.

use std::cell::OnceCell;
use std::io::{self, IsTerminal as _, Read, Write};
use std::path::Path;

use phm_core::vault::Vault;

use super::Place;
use super::control::Guest;
use crate::auth::Desk;

/// Where a command is at work.
#[derive(Clone, Debug, Default)]
pub enum Site {
    /// In a process of its own, with the process's input and output.
    #[default]
    Own,
    /// Inside the appliance, for somebody on the other side of its socket.
    Guest(Guest),
}

impl Place {
    /// The place of a command that runs inside the appliance.
    pub fn of_guest(dir: &Path, json: bool, guest: Guest) -> Self {
        Self {
            data_dir: Some(dir.to_owned()),
            json,
            key_file: None,
            passphrase_file: None,
            recovery_code_file: None,
            site: Site::Guest(guest),
            read: OnceCell::new(),
        }
    }

    /// The vault the appliance serves, when the command runs inside it.
    pub fn served(&self) -> Option<&Vault> {
        match &self.site {
            Site::Own => None,
            Site::Guest(guest) => Some(&guest.opened.vault),
        }
    }

    /// The sign-in desk of the appliance, when the command runs inside it.
    pub fn served_desk(&self) -> Option<&Desk> {
        match &self.site {
            Site::Own => None,
            Site::Guest(guest) => Some(guest.opened.desk_now()),
        }
    }

    /// The slot of the secret the command was given, where that is not the one the vault was opened with.
    pub fn slot(&self) -> Option<u16> {
        match &self.site {
            Site::Own => None,
            Site::Guest(guest) => Some(guest.slot),
        }
    }

    /// Standard output.
    pub fn output(&self) -> Box<dyn Write> {
        match &self.site {
            Site::Own => Box::new(io::stdout()),
            Site::Guest(guest) => Box::new(guest.output()),
        }
    }

    /// Standard error.
    pub fn error(&self) -> Box<dyn Write> {
        match &self.site {
            Site::Own => Box::new(io::stderr()),
            Site::Guest(guest) => Box::new(guest.error()),
        }
    }

    /// Standard input.
    pub fn input(&self) -> Box<dyn Read> {
        match &self.site {
            Site::Own => Box::new(io::stdin()),
            Site::Guest(guest) => Box::new(guest.input()),
        }
    }

    /// Whether somebody watches standard error.
    pub fn is_watched(&self) -> bool {
        match &self.site {
            Site::Own => io::stderr().is_terminal(),
            Site::Guest(guest) => guest.terminal.error,
        }
    }

    /// Whether whoever typed the command is still there: a command inside the appliance outlives the one that asked.
    pub fn is_attended(&self) -> bool {
        match &self.site {
            Site::Own => true,
            Site::Guest(guest) => guest.is_attended(),
        }
    }

    /// Whether somebody sits before standard input and can be asked.
    pub fn can_ask(&self) -> bool {
        match &self.site {
            Site::Own => io::stdin().is_terminal(),
            Site::Guest(guest) => guest.terminal.input,
        }
    }
}
