//! Whether a person's medicines go together: what the caller may read, handed to the drugs plugin that is on.
//!
//! Nothing is answered that was not looked at. Without a plugin, or where it fails, the answer says that nothing was checked.

mod accounted;
mod taken;

use phm_core::Result;
use phm_core::access::{Action, Permit};
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use phm_core::vault::{Record, Session};
use phm_plugin_api::Kind;
use phm_plugin_api::v1::drugs::{Finding, Input, Medicine, Output, Proposal};
use serde::Serialize;
use serde_json::Value;

use crate::calls::Plugins;
use crate::context::CallContext;
use crate::error::PluginError;
use accounted::{Accounted, account};
use taken::{Taken, allergy, day, is_no_medicine, taken};

pub use taken::medicines_of;

const PER_PAGE: u32 = 200;
/// More medicines than anybody takes; what is above is said not to be checked.
const MOST: usize = 500;

/// What stands in a person's record about medicines, and what was found. Every medicine stands in one of `checked_names`,
/// `not_checked` and `over`.
#[derive(Debug, Default, Serialize)]
pub struct Interactions {
    /// Whether anything was checked at all.
    pub available: bool,
    /// Why nothing was, as a code: `no-plugin`, or what went wrong with it.
    pub why: Option<String>,
    /// The plugin that checked, with its version.
    pub plugin: Option<String>,
    /// Which data it was checked against.
    pub data_version: Option<String>,
    /// Medicines that were checked.
    pub checked: u32,
    /// Medicines there are, without those that work no more.
    pub total: u32,
    /// The medicines that were checked, as written.
    pub checked_names: Vec<String>,
    /// Those of them about which the data holds nothing, so that nothing could be found.
    pub nothing_known: Vec<String>,
    /// The others, as written.
    pub not_checked: Vec<String>,
    /// Medicines that were stopped so long ago that they work no more.
    pub over: Vec<String>,
    /// Allergies that were not understood, so that no medicine was compared with them.
    pub allergies_not_checked: Vec<String>,
    /// What they may be; a person has to say.
    pub proposed: Vec<Proposal>,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
    /// Whether the caller may see every medicine and every allergy; where not, some were not looked at.
    pub complete: bool,
    /// Whether a clinician has reviewed the tables behind it.
    pub reviewed: bool,
    /// The allergies, as written, that are to food or to what is around somebody; none that another record calls something else.
    #[serde(skip)]
    pub no_medicines: Vec<String>,
}

impl Interactions {
    /// What was found against medicines of these names.
    pub fn findings_about<'i>(&'i self, names: &'i [String]) -> impl Iterator<Item = &'i Finding> {
        self.findings.iter().filter(move |finding| finding.drugs.iter().any(|drug| names.contains(drug)))
    }
}

/// What is checked beside the record, and what somebody said it is.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Medicines that somebody thinks of, as written.
    pub candidates: Vec<String>,
    /// Medicines that are about to be written down, with what their bodies say of dose, route and end.
    pub medicines: Vec<Medicine>,
    /// What names mean that stand in the record or among the candidates: substances.
    pub confirmed: Vec<(String, Vec<String>)>,
}

/// Checks the medicines of a person, with others beside them.
///
/// # Errors
/// As the permit to read medications.
pub fn check(plugins: &Plugins, session: &Session, profile: ProfileId, asked: &Asked) -> Result<Interactions> {
    let permit = session.permit(Action::Read, profile, "medication")?;
    let mut complete = permit.scope().is_everything();
    let now = session.now();
    let mut input = Input { today: Some(day(now)), ..Input::default() };
    let (mut handed, mut over) = (Vec::new(), Vec::new());
    for record in all(session, &permit)? {
        let body: Value = serde_json::from_str(record.body.get()).unwrap_or_default();
        match taken(&body, record.updated_at, now, |name| said(&asked.confirmed, name)) {
            Taken::Matters(medicine) => {
                input.medications.push(medicine);
                handed.push(record.id);
            }
            Taken::Over(medicine) => over.push(medicine.name),
            Taken::LongAgo => {}
        }
    }
    let mut context = CallContext::about(session, permit);
    let (mut no_medicines, mut others) = (Vec::new(), Vec::new());
    match session.permit_if_allowed(Action::Read, profile, "allergy") {
        Some(allowed) => {
            complete &= allowed.scope().is_everything();
            let mut seen = Vec::new();
            for record in all(session, &allowed)? {
                let body: Value = serde_json::from_str(record.body.get()).unwrap_or_default();
                if let Some(allergy) = allergy(&body) {
                    let known_as = if is_no_medicine(&body) { &mut no_medicines } else { &mut others };
                    known_as.push(allergy.name.clone());
                    input.allergies.push(allergy);
                    seen.push(record.id);
                }
            }
            context = context.with_handed(allowed, seen);
        }
        None => complete = false,
    }
    no_medicines.retain(|name| !others.contains(name));
    // A candidate that somebody has named is a medicine with what they said.
    for candidate in &asked.candidates {
        match said(&asked.confirmed, candidate) {
            confirmed if confirmed.is_empty() => input.candidates.push(candidate.clone()),
            confirmed => input.medications.push(Medicine { name: candidate.clone(), confirmed, ..Medicine::default() }),
        }
    }
    input.medications.extend(asked.medicines.iter().cloned());
    let unchecked: Vec<String> =
        input.medications.split_off(input.medications.len().min(MOST)).into_iter().map(|one| one.name).collect();
    handed.truncate(MOST);
    let mut found = match ask(plugins, &context, &input, &handed) {
        Ok((plugin, output)) => told(&input, plugin, output),
        Err(why) => untold(&input, why),
    };
    found.not_checked.extend(unchecked);
    found.over.extend(over);
    found.checked = count(&found.checked_names);
    found.total = found.checked.saturating_add(count(&found.not_checked));
    Ok(Interactions { complete, no_medicines, ..found })
}

fn count(names: &[String]) -> u32 {
    u32::try_from(names.len()).unwrap_or(u32::MAX)
}

/// Every record a permit admits.
fn all(session: &Session, permit: &Permit) -> Result<Vec<Record>> {
    let mut query = Query { per_page: PER_PAGE, ..Query::default() };
    let mut records = Vec::new();
    loop {
        let page = session.list(permit, &query)?;
        records.extend(page.items);
        if u64::from(query.page) * u64::from(PER_PAGE) >= page.total {
            return Ok(records);
        }
        query.page += 1;
    }
}

/// Asks the drugs plugin that is on, and says who answered; or why nobody did, as a code.
fn ask(
    plugins: &Plugins,
    context: &CallContext,
    input: &Input,
    handed: &[RecordId],
) -> Result<(String, Output), String> {
    // The reason is in the plugin's log; nothing of the input is here.
    let failed = |error: PluginError| error.code().to_owned();
    let plugin = plugins.enabled_of(Kind::Drugs).map_err(failed)?.ok_or("no-plugin")?;
    let input = serde_json::to_value(input).map_err(|_| "internal")?;
    let called = plugins.call(context, &plugin.name, &input, handed).map_err(failed)?;
    let output = serde_json::from_value(called.output).map_err(|_| "bad-answer")?;
    Ok((format!("{} {}", plugin.name, plugin.version), output))
}

/// The medicines that were handed over, as written.
fn names(input: &Input) -> Vec<String> {
    input.medications.iter().map(|medicine| &medicine.name).chain(&input.candidates).cloned().collect()
}

fn told(input: &Input, plugin: String, output: Output) -> Interactions {
    let handed = names(input);
    let Accounted { checked, over, not_checked, nothing_known } = account(&handed, &output);
    let mut findings = output.findings;
    findings.sort_by_key(|finding| finding.severity);
    let allergy = |name: &String| input.allergies.iter().any(|allergy| allergy.name == *name);
    Interactions {
        available: true,
        plugin: Some(plugin),
        data_version: Some(output.data_version),
        checked_names: checked,
        nothing_known,
        not_checked,
        over,
        allergies_not_checked: output.allergies_not_checked.into_iter().filter(allergy).collect(),
        proposed: output.proposed.into_iter().filter(|one| handed.contains(&one.from)).collect(),
        findings,
        ..Interactions::default()
    }
}

fn untold(input: &Input, why: String) -> Interactions {
    let allergies_not_checked = input.allergies.iter().map(|allergy| allergy.name.clone()).collect();
    Interactions { why: Some(why), not_checked: names(input), allergies_not_checked, ..Interactions::default() }
}

fn said(confirmed: &[(String, Vec<String>)], name: &str) -> Vec<String> {
    confirmed
        .iter()
        .find(|(of, _)| of.trim().eq_ignore_ascii_case(name.trim()))
        .map(|(_, said)| said.clone())
        .unwrap_or_default()
}
