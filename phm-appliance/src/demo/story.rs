//! Telling one person's history: a small language in which the lives in this folder are written.
//!
//! Time is counted in days before the reference day: `0` is today, `365` a year ago, `-9` in nine days. Everything
//! that happened before the demo's first day is left out, except what still stands (conditions, medicines in use …).

use jiff::civil::Date;
use phm_core::id::RecordId;
use serde_json::{Map, Value, json};

use super::Entry;
use super::dice::Dice;
use super::terms::{Measure, Term, vital};

/// A day, counted back from the reference day.
pub(super) type Ago = i32;

/// One person's history while it is being told.
pub(super) struct Story {
    pub(super) dice: Dice,
    pub(super) name: String,
    /// The report on paper that the results being told stand on.
    pub(super) paper: Option<RecordId>,
    person: usize,
    today: Date,
    first: Ago,
    entries: Vec<(Ago, Entry)>,
}

/// A doctor or a laboratory; all of them are invented.
#[derive(Clone, Copy)]
pub(super) struct Who {
    pub(super) name: &'static str,
    pub(super) speciality: &'static str,
    pub(super) organization: &'static str,
}

impl Who {
    pub(super) fn json(&self) -> Value {
        json!({"name": self.name, "speciality": self.speciality, "organization": self.organization})
    }
}

pub(super) const LABORATORY: &str = "Doaba Diagnostics";

/// How often a medicine is taken.
#[derive(Clone, Copy)]
pub(super) struct Taken {
    pub(super) times: u32,
    pub(super) unit: &'static str,
    pub(super) as_needed: bool,
    pub(super) text: &'static str,
}

/// A medicine in a person's list.
#[derive(Clone, Copy)]
pub(super) struct Medicine {
    pub(super) drug: Term,
    pub(super) strength: &'static str,
    pub(super) form: &'static str,
    pub(super) route: &'static str,
    pub(super) taken: Taken,
    pub(super) reason: &'static str,
    pub(super) by: Who,
}

impl Story {
    pub(super) fn new(dice: Dice, name: &str, person: usize, today: Date, years: u16) -> Self {
        let first = i32::from(years) * 365 + i32::from(years) / 4;
        Self { dice, name: name.into(), paper: None, person, today, first, entries: Vec::new() }
    }

    /// The first day the demo tells of.
    pub(super) fn first(&self) -> Ago {
        self.first
    }

    /// The entries: what still stands first, then the newest; what was told of one day stays in order.
    pub(super) fn into_entries(self) -> Vec<Entry> {
        let mut entries = self.entries;
        entries.sort_by_key(|(ago, _)| *ago);
        entries.into_iter().map(|(_, entry)| entry).collect()
    }

    /// The entry told last, which is then forgotten here.
    pub(super) fn take(&mut self) -> Entry {
        self.entries.pop().expect("something of the demo's own days was just told").1
    }

    /// The day as it is written.
    pub(super) fn day(&self, ago: Ago) -> String {
        self.today.saturating_sub(jiff::Span::new().days(ago)).to_string()
    }

    /// A moment of that day, by the clock in India (UTC+05:30).
    pub(super) fn at(&self, ago: Ago, hour: i8, minute: i8) -> String {
        let day = self.today.saturating_sub(jiff::Span::new().days(ago));
        let utc = day.at(hour, minute, 0, 0).saturating_sub(jiff::Span::new().minutes(330));
        utc.strftime("%Y-%m-%dT%H:%M:00.000Z").to_string()
    }

    /// Something that happened on a day; dropped when it lies before the first day.
    pub(super) fn tell(&mut self, ago: Ago, kind: &'static str, body: Value) -> RecordId {
        let id = self.dice.id();
        if ago <= self.first {
            self.entries.push((ago, Entry { person: self.person, id, kind, body, content: None }));
        }
        id
    }

    /// Something that still stands, however long ago it began.
    pub(super) fn standing(&mut self, kind: &'static str, body: Value) -> RecordId {
        let id = self.dice.id();
        self.entries.push((Ago::MIN, Entry { person: self.person, id, kind, body, content: None }));
        id
    }

    /// A visit in practice hours.
    pub(super) fn visit(&mut self, ago: Ago, by: Who, complaint: &str, diagnoses: &[Term], notes: &str) -> RecordId {
        let hour = 9 + i8::try_from(self.dice.below(8)).expect("below eight");
        let diagnoses: Vec<Value> = diagnoses.iter().map(Term::json).collect();
        let body = json!({
            "start": self.at(ago, hour, 0), "end": self.at(ago, hour, 25), "type": "consultation", "status": "finished",
            "provider": by.json(), "chief_complaint": complaint, "diagnoses": diagnoses, "notes": notes,
        });
        self.tell(ago, "visit", body)
    }

    /// A condition that began on a day; `ended` is `None` while it lasts.
    pub(super) fn condition(&mut self, term: Term, severity: &str, chronic: bool, onset: Ago, ended: Option<Ago>) {
        let mut body = json!({
            "concept": term.json(), "status": if ended.is_some() { "resolved" } else { "active" },
            "verification": "confirmed", "severity": severity, "chronic": chronic, "onset": self.day(onset),
        });
        if let Some(ended) = ended {
            body["ended"] = json!(self.day(ended));
            self.tell(onset, "condition", body);
        } else {
            self.standing("condition", body);
        }
    }

    /// An allergy with the reaction it caused.
    pub(super) fn allergy(
        &mut self,
        substance: Term,
        category: &str,
        criticality: &str,
        reaction: (Term, &str),
        onset: Ago,
    ) {
        let body = json!({
            "substance": substance.json(), "category": category, "criticality": criticality, "status": "active",
            "reactions": [{"manifestation": reaction.0.json(), "severity": reaction.1}], "onset": self.day(onset),
        });
        self.standing("allergy", body);
    }

    /// A medicine from a day on; `end` names the last day and how it ended, `None` while it is taken.
    pub(super) fn medicine(&mut self, medicine: Medicine, start: Ago, end: Option<(Ago, &str)>) -> RecordId {
        let mut body = medicine.json();
        body["start"] = json!(self.day(start));
        body["prescribed_on"] = json!(self.day(start));
        let Some((last, status)) = end else {
            body["status"] = json!("active");
            return self.standing("medication", body);
        };
        body["status"] = json!(status);
        body["end"] = json!(self.day(last));
        self.tell(start, "medication", body)
    }

    /// What a doctor wrote on one slip.
    pub(super) fn prescription(&mut self, ago: Ago, visit: RecordId, items: &[Medicine]) {
        let body = json!({
            "items": items.iter().map(Medicine::json).collect::<Vec<_>>(), "prescribed_on": self.day(ago),
            "valid_until": self.day(ago - 90), "refills": 2, "prescriber": items[0].by.json(), "visit": visit.to_string(),
            "status": if ago < 90 { "active" } else { "completed" },
        });
        self.tell(ago, "prescription", body);
    }

    /// One measured vital sign.
    pub(super) fn vital(&mut self, ago: Ago, hour: i8, measure: Measure, amount: i64) -> RecordId {
        let minute = i8::try_from(self.dice.below(60)).expect("below sixty");
        let body = json!({
            "concept": measure.term.json(), "quantity": measure.quantity(amount), "measured_at": self.at(ago, hour, minute),
        });
        self.tell(ago, "vital-sign", body)
    }

    /// A blood pressure.
    pub(super) fn pressure(&mut self, ago: Ago, hour: i8, systolic: i64, diastolic: i64, notes: &str) -> RecordId {
        let minute = i8::try_from(self.dice.below(60)).expect("below sixty");
        let component =
            |measure: Measure, amount| json!({"concept": measure.term.json(), "quantity": measure.quantity(amount)});
        let mut body = json!({
            "concept": vital::PRESSURE.json(),
            "components": [component(vital::SYSTOLIC, systolic), component(vital::DIASTOLIC, diastolic)],
            "measured_at": self.at(ago, hour, minute),
        });
        if !notes.is_empty() {
            body["notes"] = json!(notes);
        }
        self.tell(ago, "vital-sign", body)
    }

    /// Weight and the body mass index that follows from it, `height` in millimetres and `weight` in 100 g.
    pub(super) fn weight(&mut self, ago: Ago, weight: i64, height: i64) {
        self.vital(ago, 9, vital::WEIGHT, weight);
        self.vital(ago, 9, vital::BMI, bmi(weight, height));
    }

    /// One laboratory test, on its own or a member of a panel.
    pub(super) fn test(&mut self, ago: Ago, measure: Measure, amount: i64, panel: Option<RecordId>) -> RecordId {
        let mut body = self.result(ago, measure.term);
        body.insert("quantity".into(), measure.quantity(amount));
        body.insert("interpretation".into(), json!(measure.interpretation(amount)));
        if let Some(range) = measure.range() {
            body.insert("range".into(), range);
        }
        if let Some(panel) = panel {
            body.insert("panel".into(), json!(panel.to_string()));
        }
        self.tell(ago, "lab-result", Value::Object(body))
    }

    /// A test done at home, with a meter.
    pub(super) fn meter(&mut self, ago: Ago, hour: i8, measure: Measure, amount: i64) {
        let minute = i8::try_from(self.dice.below(60)).expect("below sixty");
        let body = json!({
            "concept": measure.term.json(), "quantity": measure.quantity(amount), "range": measure.range(),
            "interpretation": measure.interpretation(amount), "status": "final", "collected_at": self.at(ago, hour, minute),
        });
        self.tell(ago, "lab-result", body);
    }

    /// A panel and its members.
    pub(super) fn panel(&mut self, ago: Ago, term: Term, members: &[(Measure, i64)]) -> RecordId {
        let body = self.result(ago, term);
        let panel = self.tell(ago, "lab-result", Value::Object(body));
        for (measure, amount) in members {
            self.test(ago, *measure, *amount, Some(panel));
        }
        panel
    }

    fn result(&self, ago: Ago, term: Term) -> Map<String, Value> {
        let mut body = json!({
            "concept": term.json(), "status": "final", "laboratory": LABORATORY,
            "collected_at": self.at(ago, 8, 10), "resulted_at": self.at(ago, 16, 40),
        });
        if let Some(paper) = self.paper {
            body["document"] = json!(paper.to_string());
        }
        let Value::Object(body) = body else { unreachable!("it is an object") };
        body
    }

    /// A vaccine given.
    pub(super) fn shot(&mut self, ago: Ago, vaccine: Term, dose: Option<u32>, by: Who) {
        let lot = format!("D{:05}", self.dice.below(100_000));
        let mut body = json!({
            "vaccine": vaccine.json(), "given_on": self.day(ago), "status": "completed", "lot": lot, "performer": by.json(),
        });
        if let Some(dose) = dose {
            body["dose_number"] = json!(dose);
        }
        self.tell(ago, "immunization", body);
    }

    /// An appointment that is still to come, or was kept.
    pub(super) fn appointment(&mut self, ago: Ago, hour: i8, by: Who, kind: &str, reason: &str) {
        let status = if ago < 0 { "booked" } else { "completed" };
        let body = json!({
            "start": self.at(ago, hour, 0), "duration_minutes": 30, "type": kind, "status": status,
            "provider": by.json(), "place": by.organization, "reason": reason,
        });
        self.tell(ago, "appointment", body);
    }

    /// A procedure that was done.
    pub(super) fn procedure(&mut self, ago: Ago, concept: Value, by: Who, outcome: &str) -> RecordId {
        let body = json!({
            "concept": concept, "performed_start": self.day(ago), "status": "completed", "performer": by.json(),
            "outcome": outcome,
        });
        self.tell(ago, "procedure", body)
    }

    /// A relative's conditions.
    pub(super) fn relative(&mut self, relation: &str, conditions: &[Term], deceased: bool) {
        let conditions: Vec<Value> = conditions.iter().map(|term| json!({"concept": term.json()})).collect();
        self.standing("family-history", json!({"relation": relation, "conditions": conditions, "deceased": deceased}));
    }

    /// A document with its pages as PDF.
    pub(super) fn document(
        &mut self,
        ago: Ago,
        category: &str,
        title: &str,
        author: &str,
        lines: &[String],
    ) -> RecordId {
        let body = json!({
            "title": title, "category": category, "media_type": "application/pdf", "dated_on": self.day(ago),
            "author": author, "pages": 1,
        });
        let content = super::paper::page(title, lines);
        let id = self.tell(ago, "document", body);
        if let Some((_, entry)) = self.entries.last_mut().filter(|(_, entry)| entry.id == id) {
            entry.content = Some(content);
        }
        id
    }

    /// A note.
    pub(super) fn note(&mut self, ago: Ago, title: &str, text: &str) {
        self.tell(ago, "note", json!({"title": title, "text": text, "private": false}));
    }
}

impl Medicine {
    fn json(&self) -> Value {
        let Taken { times, unit, as_needed, text } = self.taken;
        let mut frequency = json!({"times": times, "per": 1, "unit": unit, "text": text});
        if as_needed {
            frequency["as_needed"] = json!(true);
        }
        json!({
            "drug": self.drug.json(), "strength": self.strength, "form": self.form, "frequency": frequency, "route": self.route,
            "prescriber": self.by.json(), "reason": self.reason,
        })
    }
}

/// kg/m2 with one decimal, from 100 g and mm, rounded.
fn bmi(weight: i64, height: i64) -> i64 {
    (weight * 1_000_000 + height * height / 2) / (height * height)
}

/// The value at `at` on the line through `points` (place, value), level beyond its ends.
pub(super) fn along(points: &[(i32, i64)], at: i32) -> i64 {
    let after = points.iter().position(|(place, _)| *place > at).unwrap_or(points.len());
    match (after.checked_sub(1).map(|before| points[before]), points.get(after)) {
        (Some((from, low)), Some((to, high))) => {
            let (done, whole) = (i64::from(at - from), i64::from(to - from));
            low + ((high - low) * done * 2 + whole * (high - low).signum()) / (whole * 2)
        }
        (Some((_, value)), None) | (None, Some(&(_, value))) => value,
        (None, None) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_mass_index_is_rounded_to_one_decimal() {
        assert_eq!(bmi(680, 1560), 279, "68.0 kg at 156.0 cm are 27.9 kg/m2");
    }

    #[test]
    fn a_line_goes_through_its_points_and_stays_level_beyond() {
        let line = [(0, 10), (10, 20), (20, 0)];
        let values: Vec<_> = [-5, 0, 5, 10, 15, 20, 25].map(|at| along(&line, at)).to_vec();
        assert_eq!(values, [10, 10, 15, 20, 10, 0, 0]);
    }

    #[test]
    fn moments_are_told_by_the_clock_in_india_and_written_in_utc() {
        let today = jiff::civil::date(2026, 3, 1);
        let story = Story::new(Dice::new(1, 1), "Somebody", 0, today, 10);
        assert_eq!(story.at(1, 9, 15), "2026-02-28T03:45:00.000Z");
        assert_eq!(story.at(0, 4, 0), "2026-02-28T22:30:00.000Z");
        assert_eq!(story.day(-9), "2026-03-10");
    }
}
