//! A person at a glance.

use askama::Template;
use phm_core::analytics::Message;
use phm_core::time::{Instant, PartialDate};
use serde_json::Value;

use super::access::NoticeView;
use super::attention::AttentionLine;
use super::page::{Page, Tone};
use super::record::{Figure, Mark, Record, dosing_of, title_of};
use super::row::{Row, RowData};
pub use super::trend::{Span, TrendCard, TrendData};
use crate::http::web::forms::OptionView;
use crate::http::web::forms::fill::{at, text_of};
use crate::http::web::forms::{labels, units};
use crate::i18n::{Age, Locale};

/// What the dashboard is made of, in the shape a session answers it.
#[derive(Clone, Debug, Default)]
pub struct DashboardData {
    /// The person's profile.
    pub profile: Record,
    /// Conditions that last.
    pub conditions: Vec<Record>,
    /// Medications taken now.
    pub medications: Vec<Record>,
    /// HbA1c over time.
    pub hba1c: TrendData,
    /// Appointments to come, soonest first.
    pub appointments: Vec<Record>,
    /// The newest vital sign of each kind, in the order to show them.
    pub vitals: Vec<RowData>,
    /// Body mass index in kg/m², where an adult's weight and height tell it.
    pub bmi: Option<String>,
    /// Allergies.
    pub allergies: Vec<Record>,
    /// The newest entries of the timeline.
    pub recent: Vec<RowData>,
    /// What needs attention.
    pub attention: Vec<Message>,
    /// Kinds the reader may not see: that there is nothing of them here says nothing.
    pub not_shared: Vec<String>,
    /// What the person is to know of at once.
    pub told: Vec<NoticeView>,
}

/// The dashboard.
#[derive(Debug, Template)]
#[template(path = "dashboard.html")]
pub struct Dashboard {
    /// Shared parts.
    pub page: Page,
    /// `61 years`, `woman`, `O+`.
    pub facts: Vec<String>,
    /// Allergies in words.
    pub allergies: Vec<Allergy>,
    /// Latest vitals with BMI.
    pub vitals: Vec<Vital>,
    /// The HbA1c trend.
    pub trend: TrendCard,
    /// Chronic conditions.
    pub conditions: Vec<ConditionCard>,
    /// Active medications.
    pub medications: Vec<MedicationCard>,
    /// Upcoming appointments.
    pub appointments: Vec<AppointmentCard>,
    /// Recent timeline.
    pub recent: Vec<Row>,
    /// What needs attention, in words, with the way to it.
    pub attention: Vec<AttentionLine>,
    /// Whether there is nothing yet.
    pub is_empty: bool,
    /// The kinds that are not shared with the reader, in words; empty for none.
    pub not_shared: String,
    /// Whether allergies are among them.
    pub hides_allergies: bool,
    /// What the person is to know of at once.
    pub told: Vec<NoticeView>,
}

/// An allergy on the dashboard.
#[derive(Clone, Debug)]
pub struct Allergy {
    /// The record.
    pub id: String,
    /// Its page.
    pub href: String,
    /// The substance.
    pub substance: String,
    /// Reactions, in words.
    pub reactions: String,
    /// Whether it may become dangerous.
    pub high: bool,
}

/// A vital sign on the dashboard.
#[derive(Clone, Debug)]
pub struct Vital {
    /// The record; empty for a computed value.
    pub id: String,
    /// Its page; empty for a computed value.
    pub href: String,
    /// Its name.
    pub label: String,
    /// The value.
    pub figure: Figure,
    /// Its day, short.
    pub date: String,
    /// A flag or a category.
    pub mark: Option<Mark>,
}

/// A condition on the dashboard, editable in place.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/condition.html")]
pub struct ConditionCard {
    /// The reader.
    pub t: Locale,
    /// Icon sprite.
    pub icons: String,
    /// The form token.
    pub csrf: String,
    /// The profile.
    pub profile: String,
    /// The record.
    pub id: String,
    /// Its version, against overwriting.
    pub version: u32,
    /// Its name.
    pub title: String,
    /// `since March 2014`, or empty.
    pub since: String,
    /// Status in words.
    pub status: String,
    /// How the status is meant.
    pub status_tone: Tone,
    /// All statuses.
    pub statuses: Vec<OptionView>,
    /// Severity choices.
    pub severities: Vec<OptionView>,
    /// Notes.
    pub notes: String,
    /// Whether the form stands open.
    pub open: bool,
    /// What went wrong; empty for nothing.
    pub error: String,
}

/// A medication on the dashboard.
#[derive(Clone, Debug)]
pub struct MedicationCard {
    /// The record.
    pub id: String,
    /// Its page.
    pub href: String,
    /// The medicine.
    pub title: String,
    /// Strength and form.
    pub strength: String,
    /// Dose and how often.
    pub dosing: String,
    /// What for.
    pub reason: String,
}

/// An appointment on the dashboard.
#[derive(Clone, Debug)]
pub struct AppointmentCard {
    /// The record.
    pub id: String,
    /// Its page.
    pub href: String,
    /// Day of the month.
    pub day: String,
    /// Short month.
    pub month: String,
    /// Full date and time.
    pub when: String,
    /// The time of day.
    pub time: String,
    /// With whom or what for.
    pub title: String,
    /// Where and what for.
    pub detail: String,
    /// `in 3 days`.
    pub until: String,
    /// Status in words.
    pub status: String,
}

/// Body-mass index (LOINC).
const BMI: &str = "39156-5";

impl Dashboard {
    /// The dashboard on `now`.
    pub fn new(page: Page, data: &DashboardData, span: Span, now: Instant) -> Self {
        let t = page.t.clone();
        let profile = page.profile().to_owned();
        let today = t.local_date(now);
        let is_empty = data.recent.is_empty() && data.conditions.is_empty() && data.medications.is_empty();
        Self {
            facts: facts(&t, &data.profile.body, today),
            allergies: data.allergies.iter().map(|record| allergy(&t, &profile, record)).collect(),
            vitals: vitals(&t, &profile, data),
            trend: TrendCard::new(&t, &profile, &page.csrf, &data.hba1c, span, now),
            conditions: data.conditions.iter().map(|record| ConditionCard::new(&page, record)).collect(),
            medications: data.medications.iter().map(|record| medication(&t, &profile, record)).collect(),
            appointments: data.appointments.iter().map(|record| appointment(&t, &profile, record, today)).collect(),
            recent: data.recent.iter().map(|row| Row::new(&t, &profile, row)).collect(),
            attention: data
                .attention
                .iter()
                .map(|message| AttentionLine::new(&t, &profile, message, &data.medications))
                .collect(),
            not_shared: data.not_shared.iter().map(|kind| labels::kinds(&t, kind)).collect::<Vec<_>>().join(", "),
            hides_allergies: data.not_shared.iter().any(|kind| kind == "allergy"),
            told: data.told.clone(),
            is_empty,
            page,
        }
    }
}

/// Age, sex and blood group in words, as far as known.
pub fn facts(t: &Locale, profile: &Value, today: PartialDate) -> Vec<String> {
    let text = |path: &str| at(profile, path).map(text_of).filter(|text| !text.is_empty());
    let age = text("birth_date").and_then(|birth| Age::on(birth.parse().ok()?, today)).map(|age| t.age(age));
    let sex = text("sex").filter(|sex| sex != "unknown").map(|sex| labels::choice(t, "sex", &sex));
    let blood =
        text("blood_group").map(|group| t.with("blood-group-is", "group", labels::choice(t, "blood_group", &group)));
    [age, sex, blood].into_iter().flatten().collect()
}

fn allergy(t: &Locale, profile: &str, record: &Record) -> Allergy {
    let reactions = at(&record.body, "reactions").and_then(Value::as_array).into_iter().flatten();
    let reactions = reactions.filter_map(|r| r.get("manifestation")).map(crate::http::web::forms::fill::name_of);
    Allergy {
        id: record.id.clone(),
        href: format!("/p/{profile}/allergies/{}", record.id),
        substance: title_of(t, "allergy", &record.body),
        reactions: reactions.collect::<Vec<_>>().join(", "),
        high: at(&record.body, "criticality").and_then(Value::as_str) == Some("high"),
    }
}

fn vitals(t: &Locale, profile: &str, data: &DashboardData) -> Vec<Vital> {
    let rows = &data.vitals;
    let mut shown =
        rows.iter().filter(|row| !row.has_code(BMI)).filter_map(|row| vital(t, profile, row)).collect::<Vec<_>>();
    let measured = rows.iter().find(|row| row.has_code(BMI)).and_then(|row| vital(t, profile, row));
    if let Some(vital) = measured {
        shown.push(Vital { label: t.say("vital-bmi"), ..vital });
    } else if let Some(value) = &data.bmi {
        shown.push(Vital {
            id: String::new(),
            href: String::new(),
            label: t.say("vital-bmi"),
            figure: Figure { value: t.number(value.clone()), unit: units::of(t, "kg/m2", "") },
            date: t.say("vital-bmi-computed"),
            mark: value.parse().ok().map(|bmi| bmi_mark(t, bmi)),
        });
    }
    shown
}

/// WHO's categories of adult body-mass index (WHO Technical Report Series 894, 2000).
fn bmi_mark(t: &Locale, bmi: f64) -> Mark {
    let (key, tone) = match bmi {
        bmi if bmi < 18.5 => ("bmi-under", Tone::Warn),
        bmi if bmi < 25.0 => ("bmi-normal", Tone::Good),
        bmi if bmi < 30.0 => ("bmi-over", Tone::Warn),
        _ => ("bmi-obese", Tone::Warn),
    };
    Mark { text: t.say(key), tone }
}

fn vital(t: &Locale, profile: &str, data: &RowData) -> Option<Vital> {
    let known = crate::http::web::forms::presets::of_kind("vital-sign").find(|preset| data.has_code(preset.code));
    let row = Row::new(t, profile, data);
    Some(Vital {
        label: known.map_or(row.title, |preset| t.say(&format!("preset-{}", preset.word))),
        figure: row.figure?,
        id: row.id,
        href: row.href,
        date: row.date,
        mark: row.mark,
    })
}

impl ConditionCard {
    /// A condition ready to be edited in place.
    pub fn new(page: &Page, record: &Record) -> Self {
        let t = &page.t;
        let text = |path: &str| at(&record.body, path).map(text_of).unwrap_or_default();
        let status = text("status");
        let options = |path: &str, chosen: &str, words: &[&str]| {
            let option = |word: &&str| OptionView {
                value: (*word).to_owned(),
                label: labels::choice(t, path, word),
                chosen: *word == chosen,
            };
            words.iter().map(option).collect()
        };
        let statuses = ["active", "recurrence", "relapse", "inactive", "remission", "resolved"];
        let onset = at(&record.body, "onset").and_then(|onset| text_of(onset).parse().ok());
        Self {
            t: t.clone(),
            icons: super::super::assets::address("icons.svg"),
            csrf: page.csrf.clone(),
            profile: page.profile().to_owned(),
            id: record.id.clone(),
            version: record.version,
            title: title_of(t, "condition", &record.body),
            since: onset.map(|when| t.with("since", "date", t.date(t.day_of(when)))).unwrap_or_default(),
            status_tone: super::record::status_tone(&status),
            statuses: options("status", &status, &statuses),
            severities: options("severity", &text("severity"), &["mild", "moderate", "severe"]),
            status: if status.is_empty() { String::new() } else { labels::choice(t, "status", &status) },
            notes: text("notes"),
            open: false,
            error: String::new(),
        }
    }
}

fn medication(t: &Locale, profile: &str, record: &Record) -> MedicationCard {
    let text = |path: &str| at(&record.body, path).map(crate::http::web::forms::fill::name_of).unwrap_or_default();
    let strength = [units::in_words(t, &text("strength")), text("form")]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>();
    MedicationCard {
        id: record.id.clone(),
        href: format!("/p/{profile}/medications/{}", record.id),
        title: title_of(t, "medication", &record.body),
        strength: strength.join(" · "),
        dosing: dosing_of(t, &record.body),
        reason: text("reason"),
    }
}

fn appointment(t: &Locale, profile: &str, record: &Record, today: PartialDate) -> AppointmentCard {
    let name = |path: &str| at(&record.body, path).map(crate::http::web::forms::fill::name_of).unwrap_or_default();
    let start = at(&record.body, "start").and_then(|start| text_of(start).parse().ok());
    let day = start.map(|when| t.day_of(when));
    let title = [name("provider"), name("reason"), name("type")].into_iter().find(|text| !text.is_empty());
    let title = title.unwrap_or_else(|| labels::kind(t, "appointment"));
    let detail = [name("reason"), name("place")].into_iter().filter(|text| !text.is_empty() && *text != title);
    let until = day.map(|day| (day.first().millis() - today.first().millis()) / 86_400_000);
    let status = name("status");
    AppointmentCard {
        id: record.id.clone(),
        href: format!("/p/{profile}/appointments/{}", record.id),
        day: day.and_then(PartialDate::day_of_month).map(|day| t.number(day)).unwrap_or_default(),
        month: day.and_then(PartialDate::month).map(|month| t.short_month(month)).unwrap_or_default(),
        when: start.map(|when| t.when(when)).unwrap_or_default(),
        time: match start {
            Some(phm_core::time::When::Instant(instant)) => t.time(instant),
            _ => String::new(),
        },
        detail: detail.collect::<Vec<_>>().join(" · "),
        title,
        until: match until {
            Some(0) => t.say("today"),
            Some(1) => t.say("tomorrow"),
            Some(days @ 2..) => t.count("in-days", days),
            _ => String::new(),
        },
        status: if status.is_empty() { String::new() } else { labels::choice(t, "status", &status) },
    }
}
