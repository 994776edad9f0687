//! What commands print, and how the process ends.

use std::process::ExitCode;

use phm_core::{Error, ErrorKind};
use serde_json::{Value, json};

/// What a command has to say.
#[derive(Debug)]
pub struct Answer {
    value: Value,
    text: String,
    code: u8,
}

impl Answer {
    /// An answer as JSON and as text.
    pub fn new(value: Value, text: impl Into<String>) -> Self {
        Self { value, text: text.into(), code: 0 }
    }

    /// Nothing more to say: the command has printed its result itself.
    pub fn silent() -> Self {
        Self { value: Value::Null, text: String::new(), code: 0 }
    }

    /// The same answer with another exit code.
    pub fn with_code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    pub(super) fn print(&self, json: bool) -> ExitCode {
        if json && !self.value.is_null() {
            println!("{}", self.value);
        } else if !json && !self.text.is_empty() {
            println!("{}", self.text.trim_end());
        }
        ExitCode::from(self.code)
    }
}

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    code: String,
    message: String,
    details: Value,
    exit: u8,
}

impl Failure {
    /// The command failed for a reason that is not the core's.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), details: json!([]), exit: 1 }
    }

    /// The command was called wrongly.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: 2, ..Self::new("usage", message) }
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.code
    }

    pub(super) fn print(&self, json: bool) -> ExitCode {
        if json {
            let error = json!({"code": self.code, "message": self.message, "details": self.details});
            println!("{}", json!({ "error": error }));
        } else {
            eprintln!("phm: {}", self.message);
            for (place, code) in self.places() {
                eprintln!("  {place}: {code}");
            }
        }
        ExitCode::from(self.exit)
    }

    /// The places in the input that the details name.
    fn places(&self) -> Vec<(String, String)> {
        let list = self.details.get("refused").unwrap_or(&self.details);
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let place = |item: &Value| (format!("{} {}", text(item, "entry"), text(item, "path")), text(item, "code"));
        list.as_array().into_iter().flatten().take(20).map(place).collect()
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match (error.kind(), error.code()) {
            (ErrorKind::Corrupt, _) => 4,
            (ErrorKind::WrongSecret, _) | (_, "in-use") => 3,
            _ => 1,
        };
        let details = match error.data() {
            Some(data) => data.clone(),
            None => json!(error.details()),
        };
        Self { code: error.code().to_owned(), message: error.to_string(), details, exit }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Error::from(error).into()
    }
}

/// Prints what the argument parser has to say; help and version are no failures.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind as Clap;
    let help = matches!(
        error.kind(),
        Clap::DisplayHelp | Clap::DisplayVersion | Clap::DisplayHelpOnMissingArgumentOrSubcommand
    );
    let json = std::env::args_os().any(|arg| arg == "--json");
    if json && !help {
        return Failure::usage(error.kind().to_string()).print(true);
    }
    // Nobody is left to be told when the terminal is gone.
    let _ = error.print();
    if help && error.kind() != Clap::DisplayHelpOnMissingArgumentOrSubcommand {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    }
}
