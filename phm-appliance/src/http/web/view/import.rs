//! Import: choose a file, see what it holds, take it in, undo it.

use askama::Template;

use super::page::Page;
use crate::http::web::forms::labels;
use crate::i18n::Locale;

/// What the core calls a refusal because a file is about somebody else.
const OTHER_PATIENT: &str = "other-patient";

/// What pages say where one id means two people.
const SHARED_ID: &str = "shared-id";

/// An import in the shape of the contract, as far as pages show it.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct ImportData {
    /// The import.
    pub import: String,
    /// Name of the file.
    pub path: String,
    /// What it is: `fhir-bundle`, …
    pub format: String,
    /// `checking`, `preview`, `importing`, `done`, `failed`, `undone`.
    pub state: String,
    /// When it began.
    pub at: String,
    /// The people it is about, by name, where they are others than the one whose page shows it.
    pub about: Vec<String>,
    /// Whether it is for everybody the file names.
    pub is_for_everybody: bool,
    /// Records by kind.
    pub kinds: std::collections::BTreeMap<String, u64>,
    /// New records.
    pub added: u64,
    /// Newer versions of known records.
    pub updated: u64,
    /// Known already.
    pub unchanged: u64,
    /// Older than what is known.
    pub older: u64,
    /// Changed on both sides.
    pub conflicts: u64,
    /// Left out.
    pub skipped: u64,
    /// What does not hold, a thousand entries at most.
    pub refused: Vec<Refusal>,
    /// How many entries do not.
    pub refused_in_all: u64,
    /// How far it is.
    pub done: u64,
    /// Of how much.
    pub total: u64,
}

/// An entry that cannot be taken in.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Refusal {
    /// Which entry.
    pub entry: String,
    /// Where in it.
    pub path: String,
    /// Why.
    pub code: String,
}

/// The page to start an import, with those before.
#[derive(Debug, Template)]
#[template(path = "import.html")]
pub struct ImportStart {
    /// Shared parts.
    pub page: Page,
    /// Imports so far, newest first.
    pub imports: Vec<ImportRow>,
    /// What is wrong; empty for nothing.
    pub error: String,
}

/// One import in the list.
#[derive(Clone, Debug)]
pub struct ImportRow {
    /// The import.
    pub id: String,
    /// Its page.
    pub href: String,
    /// Name of the file.
    pub name: String,
    /// When.
    pub when: String,
    /// State in words.
    pub state: String,
    /// Whom it is about, in words; empty for the person of the page.
    pub about: String,
    /// Counts in words.
    pub counts: String,
}

impl ImportStart {
    /// The page with these imports.
    pub fn new(page: Page, imports: &[ImportData]) -> Self {
        let t = page.t.clone();
        let imports = imports.iter().map(|import| ImportRow {
            id: import.import.clone(),
            href: page.under(&format!("import/{}", import.import)),
            name: file_name(&import.path),
            when: t.when_text(&import.at),
            state: state_in_words(&t, &import.state),
            about: if import.about.is_empty() {
                String::new()
            } else {
                t.with("import-about", "names", import.about.join(", "))
            },
            counts: t.count("import-added", import.added),
        });
        Self { imports: imports.collect(), error: String::new(), page }
    }
}

/// One import: checking, preview, progress or result.
#[derive(Debug, Template)]
#[template(path = "import_one.html")]
pub struct ImportOne {
    /// Shared parts.
    pub page: Page,
    /// The import.
    pub id: String,
    /// Name of the file.
    pub name: String,
    /// State, by its word.
    pub state: String,
    /// State in words.
    pub state_name: String,
    /// Records by kind: name and count.
    pub kinds: Vec<(String, String)>,
    /// The balance: text, count, class.
    pub balance: Vec<(String, String, &'static str)>,
    /// What does not hold: entry, place, reason.
    pub refused: Vec<(String, String, String)>,
    /// How many entries do not, in words: more than are listed, perhaps.
    pub refused_in_all: String,
    /// Percent done.
    pub percent: u64,
    /// How much is done, in words.
    pub progress: String,
    /// Why it failed, in words; empty for nothing.
    pub error: String,
    /// Whether it failed because the file is about somebody else.
    pub is_other_patient: bool,
}

impl ImportOne {
    /// The page of one import.
    pub fn new(page: Page, import: &ImportData, error: &str) -> Self {
        let t = page.t.clone();
        let kinds = import.kinds.iter().map(|(kind, count)| (labels::kinds(&t, kind), t.number(count)));
        let row = |key: &str, count: u64, class| (count > 0).then(|| (t.say(key), t.number(count), class));
        let balance = [
            Some((t.say("import-row-added"), t.number(import.added), "good")),
            row("import-row-updated", import.updated, "good"),
            row("import-row-unchanged", import.unchanged, "calm"),
            row("import-row-older", import.older, "calm"),
            row("import-row-conflicts", import.conflicts, "warn"),
            row("import-row-skipped", import.skipped, "calm"),
        ];
        // A file about somebody else is a question to the person at the screen, not a list of faults.
        let only_others =
            !import.refused.is_empty() && import.refused.iter().all(|refusal| refusal.code == OTHER_PATIENT);
        // Making the people it names would be refused again, and nobody may become the person of the page by mistake.
        let error = if only_others && import.is_for_everybody {
            SHARED_ID
        } else if only_others {
            OTHER_PATIENT
        } else {
            error
        };
        let faults = if only_others { &[][..] } else { &import.refused[..] };
        let refused = faults.iter().map(|refusal| {
            let why = crate::http::web::forms::fill::problem_text(&t, &refusal.code);
            (refusal.entry.clone(), refusal.path.clone(), why)
        });
        Self {
            id: import.import.clone(),
            name: file_name(&import.path),
            state_name: state_in_words(&t, &import.state),
            state: import.state.clone(),
            kinds: kinds.collect(),
            balance: balance.into_iter().flatten().collect(),
            refused: refused.collect(),
            refused_in_all: t.count("import-refused", import.refused_in_all.max(import.refused.len() as u64)),
            percent: (import.done * 100).checked_div(import.total).unwrap_or(0).min(100),
            progress: t
                .with_all("import-progress", &[("done", &t.number(import.done)), ("total", &t.number(import.total))]),
            is_other_patient: error == OTHER_PATIENT,
            error: if error.is_empty() || !faults.is_empty() {
                String::new()
            } else {
                t.first_of(&[&format!("import-error-{error}"), "import-error"]).unwrap_or_default()
            },
            page,
        }
    }

    /// Whether the page should look again soon.
    pub fn is_working(&self) -> bool {
        matches!(self.state.as_str(), "checking" | "importing")
    }
}

fn state_in_words(t: &Locale, state: &str) -> String {
    t.first_of(&[&format!("import-state-{state}")]).unwrap_or_else(|| state.to_owned())
}

fn file_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()
}
