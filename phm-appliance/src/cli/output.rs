//! What commands print, and how the process ends.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use phm_core::{Error, ErrorKind};
use serde_json::{Value, json};

use super::Place;
use crate::http::Problem;
use crate::i18n::{Digits, Language, Locale};

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

    /// Says it, and gives back the exit code.
    pub(super) fn print(&self, place: &Place) -> u8 {
        let mut out = place.output();
        // Nobody is left to be told when the output is closed.
        let _ = if place.json && !self.value.is_null() {
            writeln!(out, "{}", self.value)
        } else if !place.json && !self.text.is_empty() {
            writeln!(out, "{}", self.text.trim_end())
        } else {
            Ok(())
        };
        self.code
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

    /// The same, saying which file or folder it is about.
    pub fn about(self, path: &Path) -> Self {
        Self { message: format!("{}: {}", path.display(), self.message), ..self }
    }

    /// The same where nothing was found, in words that say what was looked for and where its like are listed.
    pub fn or_not_found(self, message: impl Into<String>) -> Self {
        if self.code == "not-found" { Self { message: message.into(), ..self } } else { self }
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Says it, and gives back the exit code.
    pub(super) fn print(&self, place: &Place) -> u8 {
        if place.json {
            self.print_json(&mut place.output());
        } else {
            let mut out = place.error();
            let mut text = format!("phm: {}\n", self.message);
            let places = self.places();
            for (place, code) in &places {
                text.push_str(&["  ", place, ": ", &in_words(code), "\n"].concat());
            }
            let in_all = self.details.get("refused_in_all").and_then(Value::as_u64).unwrap_or(0);
            let unsaid = in_all.saturating_sub(places.len() as u64);
            if unsaid > 0 {
                text.push_str(&["  and ", &unsaid.to_string(), " more\n"].concat());
            }
            // Nobody is left to be told when the output is closed.
            let _ = out.write_all(text.as_bytes());
        }
        self.exit
    }

    fn print_json(&self, out: &mut dyn std::io::Write) {
        let error = json!({"code": self.code, "message": self.message, "details": self.details});
        let _ = writeln!(out, "{}", json!({ "error": error }));
    }

    /// The places in the input that the details name.
    fn places(&self) -> Vec<(String, String)> {
        let list = self.details.get("refused").unwrap_or(&self.details);
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let place = |item: &Value| {
            let place = format!("{} {}", text(item, "entry"), text(item, "path"));
            (place.trim().to_owned(), text(item, "code"))
        };
        list.as_array().into_iter().flatten().take(20).map(place).collect()
    }
}

/// The bytes of a file that was named on the command line.
pub fn bytes_of(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| Failure::from(error).about(file))
}

/// A code of a place in the input, with what the pages say of it where they say something.
fn in_words(code: &str) -> String {
    let english = Locale::new(Language::English, Digits::Latin, jiff::tz::TimeZone::UTC);
    let said = english.first_of(&[&format!("problem-{code}")]);
    said.map_or_else(|| code.to_owned(), |said| format!("{code}. {said}"))
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

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let details = problem.error().get("details").cloned().unwrap_or_default();
        Self { details, ..Self::new(problem.code(), problem.to_string()) }
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
        Failure::usage(complaint(&error.render().to_string())).print_json(&mut std::io::stdout());
        return ExitCode::from(2);
    }
    // Nobody is left to be told when the terminal is gone.
    let _ = error.print();
    if help && error.kind() != Clap::DisplayHelpOnMissingArgumentOrSubcommand {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    }
}

/// What the argument parser complains of, without how the command is used.
fn complaint(rendered: &str) -> String {
    let what = rendered.split("\n\nUsage:").next().unwrap_or_default();
    let what = what.split("\n\nFor more information").next().unwrap_or_default();
    let words: Vec<&str> = what.trim_start_matches("error:").split_whitespace().collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parsers_complaint_is_one_line_that_says_what_is_missing() {
        let rendered = "error: the following required arguments were not provided:\n  --name <NAME>\n  <EMAIL>\n\n\
             Usage: phm user add --name <NAME> <EMAIL>\n\nFor more information, try '--help'.\n";
        assert_eq!(complaint(rendered), "the following required arguments were not provided: --name <NAME> <EMAIL>");
        let rendered = "error: invalid value 'x' for '--listen <ADDRESS>'\n\nFor more information, try '--help'.\n";
        assert_eq!(complaint(rendered), "invalid value 'x' for '--listen <ADDRESS>'");
    }

    #[test]
    fn a_place_is_said_in_words_and_with_its_code() {
        assert_eq!(in_words("no-such-code-at-all"), "no-such-code-at-all");
        let date = in_words("invalid-date");
        assert!(date.starts_with("invalid-date. ") && date.contains("2026-04-03"), "{date}");
    }

    #[test]
    fn a_failure_names_what_it_is_about() {
        let failure = Failure::from(Error::not_found()).about(Path::new("/home/asha/key"));
        assert!(failure.to_string().starts_with("/home/asha/key: "), "{failure}");
        let failure = Failure::from(Error::not_found()).or_not_found("nobody has this id");
        assert_eq!((failure.code(), failure.to_string()), ("not-found", "nobody has this id".to_owned()));
        assert_eq!(Failure::usage("so").or_not_found("nobody").to_string(), "so");
    }
}
