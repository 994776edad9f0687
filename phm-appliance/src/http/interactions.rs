//! Whether a person's medicines go together: what the caller may read, handed to the drugs plugin that is on.
//!
//! Nothing is answered that was not looked at. Without a plugin, or where it fails, the answer says that nothing was checked.

use phm_core::access::{Action, Permit};
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use phm_core::time::{Instant, When};
use phm_core::vault::Record;
use phm_plugin_api::Kind;
use phm_plugin_api::v1::drugs::{Code, Finding, Input, Medicine, Named, Output, Proposal};
use phm_plugins::{CallContext, PluginError};
use serde::Serialize;
use serde_json::Value;

use super::accounted::{Accounted, account};
use super::house::AtWork;
use super::problem::Problem;

const PER_PAGE: u32 = 200;
/// Days after which nothing that was stopped works any more; the plugin knows for each substance.
const STILL_WORKING: i64 = 400;
/// Days for which a medicine that is marked as taken is believed beyond its end: packs last longer, and courses go on without
/// anybody writing it down.
const GRACE: i64 = 90;
const DAY: i64 = 86_400_000;
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
}

/// A candidate, and what somebody said it is.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Medicines that somebody thinks of, as written.
    pub candidates: Vec<String>,
    /// What names mean that stand in the record or among the candidates: substances.
    pub confirmed: Vec<(String, Vec<String>)>,
}

/// Checks the medicines of a person, with candidates beside them.
///
/// # Errors
/// As the permit to read medications.
pub fn check(at: &AtWork, profile: ProfileId, asked: &Asked) -> Result<Interactions, Problem> {
    let permit = at.permit(Action::Read, profile, "medication")?;
    let mut complete = permit.scope().is_everything();
    let now = at.now();
    let mut input = Input { today: Some(day(now)), ..Input::default() };
    let (mut handed, mut over) = (Vec::new(), Vec::new());
    for record in all(at, &permit)? {
        match taken(&record, now, &asked.confirmed) {
            Taken::Matters(medicine) => {
                input.medications.push(medicine);
                handed.push(record.id);
            }
            Taken::Over(name) => over.push(name),
            Taken::LongAgo => {}
        }
    }
    let mut context = CallContext::about(at, permit);
    match at.permit_if_allowed(Action::Read, profile, "allergy") {
        Some(allowed) => {
            complete &= allowed.scope().is_everything();
            let mut seen = Vec::new();
            for record in all(at, &allowed)? {
                if let Some(allergy) = allergy(&record) {
                    input.allergies.push(allergy);
                    seen.push(record.id);
                }
            }
            context = context.with_handed(allowed, seen);
        }
        None => complete = false,
    }
    // A candidate that somebody has named is a medicine with what they said.
    for candidate in &asked.candidates {
        match said(&asked.confirmed, candidate) {
            confirmed if confirmed.is_empty() => input.candidates.push(candidate.clone()),
            confirmed => input.medications.push(Medicine { name: candidate.clone(), confirmed, ..Medicine::default() }),
        }
    }
    let unchecked: Vec<String> =
        input.medications.split_off(input.medications.len().min(MOST)).into_iter().map(|one| one.name).collect();
    handed.truncate(MOST);
    let mut found = match ask(at, &context, &input, &handed) {
        Ok((plugin, output)) => told(&input, plugin, output),
        Err(why) => untold(&input, why),
    };
    found.not_checked.extend(unchecked);
    found.over.extend(over);
    found.checked = count(&found.checked_names);
    found.total = found.checked.saturating_add(count(&found.not_checked));
    Ok(Interactions { complete, ..found })
}

/// The medicine a body of a medication is about, as written.
pub fn medicine_of(body: &Value) -> String {
    body["drug"].as_str().map_or_else(|| title(&body["drug"]), str::to_owned).trim().to_owned()
}

/// What is found against a medicine that is about to be written down, beside all that the person takes and is allergic to.
///
/// Nothing for one that is over, for a body that breaks a rule, where the caller may not read medicines, and where nothing could
/// be checked: the page of interactions says that.
///
/// # Errors
/// As [`check`].
pub fn against(at: &AtWork, profile: ProfileId, body: &Value) -> Result<Vec<Finding>, Problem> {
    let over = matches!(body["status"].as_str(), Some("stopped" | "completed"));
    let is_whole = at.vault.kinds().get("medication").is_some_and(|info| (info.check)(body).is_ok());
    if over || !is_whole || !at.may(Action::Read, profile, "medication") {
        return Ok(Vec::new());
    }
    let name = medicine_of(body);
    let mut findings = check(at, profile, &Asked { candidates: vec![name.clone()], ..Asked::default() })?.findings;
    findings.retain(|finding| finding.drugs.contains(&name));
    Ok(findings)
}

fn count(names: &[String]) -> u32 {
    u32::try_from(names.len()).unwrap_or(u32::MAX)
}

/// Every record a permit admits.
fn all(at: &AtWork, permit: &Permit) -> Result<Vec<Record>, Problem> {
    let mut query = Query { per_page: PER_PAGE, ..Query::default() };
    let mut records = Vec::new();
    loop {
        let page = at.list(permit, &query)?;
        records.extend(page.items);
        if u64::from(query.page) * u64::from(PER_PAGE) >= page.total {
            return Ok(records);
        }
        query.page += 1;
    }
}

/// Asks the drugs plugin that is on, and says who answered; or why nobody did, as a code.
fn ask(at: &AtWork, context: &CallContext, input: &Input, handed: &[RecordId]) -> Result<(String, Output), String> {
    let failed = |error: &PluginError| {
        // The reason is in the plugin's log; nothing of the input is here.
        tracing::warn!(code = error.code(), "the drugs plugin failed");
        error.code().to_owned()
    };
    let plugin = at.plugins.enabled_of(Kind::Drugs).map_err(|error| failed(&error))?.ok_or("no-plugin")?;
    let input = serde_json::to_value(input).map_err(|_| "internal")?;
    let called = at.plugins.call(context, &plugin.name, &input, handed).map_err(|error| failed(&error))?;
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

/// What a medication means for the check.
enum Taken {
    /// It is taken, or may still work.
    Matters(Medicine),
    /// It ended so long ago that it cannot matter, but its record says that it is taken.
    Over(String),
    /// It ended so long ago that it cannot matter.
    LongAgo,
}

/// A medication as the plugin takes it, unless it is over.
fn taken(record: &Record, now: Instant, confirmed: &[(String, Vec<String>)]) -> Taken {
    let body: Value = serde_json::from_str(record.body.get()).unwrap_or_default();
    let name = title(&body["drug"]);
    let stopped = stopped(&body, record.updated_at, now);
    if stopped.is_some_and(|stopped| now.millis() - stopped.millis() > STILL_WORKING * DAY) {
        return if body["status"] == "active" { Taken::Over(name) } else { Taken::LongAgo };
    }
    let confirmed = said(confirmed, &name);
    Taken::Matters(Medicine {
        codes: codes(&body["drug"]),
        route: Some(title(&body["route"])).filter(|route| !route.is_empty()),
        strength_mg: one_dose(&body["strength"], &body["dose"]).map(|mg| mg.to_string()),
        per_day: per_day(&body["frequency"]),
        stopped_on: stopped.map(day),
        confirmed,
        name,
    })
}

/// When a medicine was stopped: its end, where that is past, or, for one that is marked as ended, when that was written at
/// the latest. One that is marked as taken is believed for some time beyond its end.
fn stopped(body: &Value, updated_at: Instant, now: Instant) -> Option<Instant> {
    let end = body["end"].as_str().and_then(|end| end.parse::<When>().ok()).map(When::end).filter(|end| *end <= now);
    if body["status"] == "active" {
        return end.filter(|end| now.millis() - end.millis() > GRACE * DAY);
    }
    let ended = matches!(body["status"].as_str(), Some("stopped" | "completed"));
    end.or_else(|| ended.then_some(updated_at))
}

fn allergy(record: &Record) -> Option<Named> {
    let body: Value = serde_json::from_str(record.body.get()).ok()?;
    let over = matches!(body["status"].as_str(), Some("resolved" | "inactive" | "refuted" | "entered-in-error"));
    (!over).then(|| Named { name: title(&body["substance"]), codes: codes(&body["substance"]) })
}

/// What a person reads of a concept.
fn title(concept: &Value) -> String {
    let codes = || concept["codes"].as_array().into_iter().flatten();
    let named = concept["text"].as_str().or_else(|| codes().find_map(|code| code["display"].as_str()));
    named.or_else(|| codes().find_map(|code| code["code"].as_str())).unwrap_or_default().to_owned()
}

fn codes(concept: &Value) -> Vec<Code> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let code = |code: &Value| Code { system: text(&code["system"]), code: text(&code["code"]) };
    concept["codes"].as_array().into_iter().flatten().map(code).collect()
}

/// Milligrams of one dose: as many as the dose says, or the strength of one piece times the pieces, which are one where nothing
/// is said of them. Two tablets of 500 mg are 1000 mg.
fn one_dose(strength: &Value, dose: &Value) -> Option<f64> {
    let number = dose["value"].as_str().and_then(|number| number.parse::<f64>().ok());
    let unit = dose["unit"].as_str().unwrap_or_default();
    let said = number.and_then(|number| in_milligrams(number, unit));
    let pieces = number.filter(|_| unit == "1" || unit.starts_with('{')).unwrap_or(1.0);
    said.or_else(|| Some(milligrams(strength.as_str()?)? * pieces))
}

/// `500 mg`, `1 g` and `0.5g` in milligrams; nothing for what holds several substances or another unit.
fn milligrams(text: &str) -> Option<f64> {
    let text = text.trim().to_lowercase();
    let split = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
    let (number, unit) = text.split_at(split);
    in_milligrams(number.parse().ok()?, unit.trim())
}

fn in_milligrams(number: f64, unit: &str) -> Option<f64> {
    let factor = match unit {
        "mg" => 1.0,
        "g" => 1000.0,
        _ => return None,
    };
    Some(number * factor)
}

/// How many doses a day, where the frequency says so; of one that is taken as needed, as many as it may be at most.
fn per_day(frequency: &Value) -> Option<String> {
    let number = |name: &str| frequency[name].as_f64().or_else(|| frequency[name].as_str()?.parse().ok());
    let Some(times) = number("times") else { return number("max_per_day").map(|most| most.to_string()) };
    let per = number("per").unwrap_or(1.0);
    let days = match frequency["unit"].as_str()? {
        "h" => 1.0 / 24.0,
        "d" => 1.0,
        "wk" => 7.0,
        _ => return None,
    };
    (per > 0.0).then(|| (times / (per * days)).to_string())
}

fn day(at: Instant) -> String {
    at.date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strengths_are_read_only_where_they_are_plain() {
        for (text, mg) in
            [("500 mg", Some("500")), ("1 g", Some("1000")), ("0.5g", Some("500")), ("650MG", Some("650"))]
        {
            assert_eq!(milligrams(text).map(|mg| mg.to_string()).as_deref(), mg, "{text}");
        }
        for text in ["500/125 mg", "5 mg/5 ml", "100 IU", "mg", "", "a tablet", "5 %"] {
            assert_eq!(milligrams(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_marked_as_taken_is_not_over_the_day_after_its_end() {
        let now: Instant = "2026-11-28T10:00:00Z".parse().expect("an instant");
        let of =
            |status: &str, end: &str| stopped(&serde_json::json!({"status": status, "end": end}), now, now).map(day);
        assert_eq!(of("active", "2026-11-20"), None, "a pack that lasts longer");
        assert!(of("active", "2026-01-20").is_some());
        assert!(of("stopped", "2026-11-20").is_some() && of("unknown", "2026-11-20").is_some());
        assert_eq!(of("stopped", "2027-01-01").as_deref(), Some("2026-11-28"), "when that was written at the latest");
    }

    #[test]
    fn a_dose_of_two_tablets_holds_twice_their_strength() {
        let of = |strength: &str, value: &str, unit: &str| {
            one_dose(&serde_json::json!(strength), &serde_json::json!({"value": value, "unit": unit}))
                .map(|mg| mg.to_string())
        };
        assert_eq!(of("500 mg", "2", "{tablet}").as_deref(), Some("1000"));
        assert_eq!(of("500 mg", "1000", "mg").as_deref(), Some("1000"), "the dose itself says it");
        assert_eq!(of("500 mg", "10", "mL").as_deref(), Some("500"));
        assert_eq!(of("a tablet", "2", "{tablet}"), None);
        assert_eq!(one_dose(&serde_json::json!("1 g"), &Value::Null).map(|mg| mg.to_string()).as_deref(), Some("1000"));
    }

    #[test]
    fn doses_a_day_come_from_the_frequency() {
        let of = |value: Value| per_day(&value);
        assert_eq!(of(serde_json::json!({"times": 3, "per": 1, "unit": "d"})).as_deref(), Some("3"));
        assert_eq!(of(serde_json::json!({"times": 1, "per": 8, "unit": "h"})).as_deref(), Some("3"));
        assert_eq!(of(serde_json::json!({"times": 7, "per": 1, "unit": "wk"})).as_deref(), Some("1"));
        assert_eq!(of(serde_json::json!({"as_needed": true})), None);
        assert_eq!(of(serde_json::json!({"as_needed": true, "max_per_day": 4})).as_deref(), Some("4"));
    }
}
