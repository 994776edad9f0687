//! `phm plugin facts`: the user's own RxNorm, DDInter and openFDA data, which plugins that know medicines may ask for.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Subcommand;
use phm_plugins::facts::{self, About, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::Place;
use super::super::care::to_value;
use super::super::given::Given;
use super::super::output::{Answer, Failure};

const PURPOSE: &str = "keeping facts about drugs";

/// `phm plugin facts …`
#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
pub enum Facts {
    /// Read files you have downloaded; they take the place of what was imported of the same set before
    Import {
        /// rxnorm (RXNCONSO.RRF and RXNREL.RRF), ddinter (CSV files) or openfda (JSON or ZIP files)
        set: String,
        /// The files
        #[arg(required = true)]
        files: Vec<Given>,
        /// Which version they are, such as 2026-11-02; the page of interactions says it
        #[arg(long)]
        release: String,
        /// You have read the licence of the data and agree to it; without this it is only shown
        #[arg(long)]
        accept_licence: bool,
    },
    /// What was imported
    List,
    /// Forget what was imported of a set
    Remove {
        /// rxnorm, ddinter or openfda
        set: String,
    },
}

/// `phm plugin facts …`
pub fn facts(place: &Place, facts: &Facts) -> Result<Answer, Failure> {
    match facts {
        Facts::Import { set, files, release, accept_licence } => import(place, set, files, release, *accept_licence),
        Facts::List => list(place),
        Facts::Remove { set } => remove(place, set),
    }
}

fn set_of(word: &str) -> Result<Set, Failure> {
    Set::from_word(word).ok_or_else(|| Failure::usage("the set is rxnorm, ddinter or openfda"))
}

fn import(place: &Place, set: &str, files: &[Given], version: &str, accepted: bool) -> Result<Answer, Failure> {
    let set = set_of(set)?;
    if !accepted {
        let text = format!("{} Say --accept-licence where you agree.", set.licence());
        return Err(Failure::new("licence-not-accepted", text));
    }
    let files: Vec<PathBuf> = files.iter().map(|file| file.to_path_buf()).collect();
    place.with(PURPOSE, |vault, admin| {
        let report = facts::import(vault, admin, set, version, &files)?;
        let mut text = line(&report.about);
        for (reason, count) in &report.skipped {
            // A text takes everything.
            let _ = write!(text, "\n  left {count}: {reason}");
        }
        for row in &report.malformed {
            let _ = write!(text, "\n  {}, line {}: {}", row.file, row.line, row.reason);
        }
        Ok(Answer::new(to_value(&report)?, text))
    })
}

fn list(place: &Place) -> Result<Answer, Failure> {
    place.with(PURPOSE, |vault, _| {
        let all = facts::list(vault)?;
        let text = if all.is_empty() {
            "Nothing was imported; `phm plugin facts import` does.".to_owned()
        } else {
            all.iter().map(line).collect::<Vec<_>>().join("\n")
        };
        Ok(Answer::new(json!({"facts": to_value(&all)?}), text))
    })
}

fn remove(place: &Place, set: &str) -> Result<Answer, Failure> {
    let set = set_of(set)?;
    place.with(PURPOSE, |vault, admin| {
        let removed = facts::remove(vault, admin, set)?;
        Ok(Answer::new(to_value(&removed)?, format!("{} is forgotten.", set.as_str())))
    })
}

fn line(about: &About) -> String {
    let (set, version) = (about.set.as_str(), &about.version);
    let files: Vec<&str> = about.files.iter().map(|file| file.name.as_str()).collect();
    format!(
        "{set} {version}: {} facts from {} of {} rows of {}, imported {}. {}",
        about.kept,
        about.used,
        about.read,
        files.join(", "),
        about.imported_at,
        about.licence,
    )
}
