//! The sheet that a nurse can check by hand (`vectors/nurse-sheet.md`), matched exactly.

use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use phm_core::analytics::call;
use serde_json::{Value, json};

/// One situation: its heading, and its lines by name.
struct Situation<'a> {
    heading: &'a str,
    lines: Vec<(&'a str, &'a str)>,
    zone: TimeZone,
    zone_name: &'a str,
}

impl<'a> Situation<'a> {
    fn of(block: &'a str) -> Self {
        let (heading, rest) = block.split_once('\n').expect("a heading");
        let lines: Vec<_> = rest.lines().filter_map(|line| line.split_once(": ")).collect();
        let zone_name = lines.iter().find(|(name, _)| *name == "zone").map_or("Asia/Kolkata", |(_, zone)| zone);
        let zone = TimeZoneDatabase::bundled().get(zone_name).expect("a zone");
        Self { heading, lines, zone, zone_name }
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.lines.iter().find(|(line, _)| *line == name).map(|(_, text)| *text)
    }

    fn list(&self, name: &str) -> Vec<&'a str> {
        self.get(name).map(|text| text.split("; ").collect()).unwrap_or_default()
    }

    /// `2026-01-05 08:00` or a day on this situation's clock, as a moment.
    fn moment(&self, text: &str) -> String {
        let text = if text.contains(' ') { text.replace(' ', "T") } else { format!("{text}T00:00") };
        let wall: DateTime = text.parse().expect("a time");
        let at = self.zone.to_ambiguous_timestamp(wall).compatible().expect("a moment");
        format!("{at:.3}")
    }

    fn medication(&self) -> Value {
        let mut body = json!({"drug": "X"});
        let text = self.get("medicine").expect("a medicine");
        let mut frequency = json!({});
        let mut rest = text;
        // From the back: each word takes what follows it.
        if let Some((before, cycle)) = rest.split_once(" cycle ") {
            let numbers: Vec<u64> = cycle.split(' ').filter_map(|word| word.parse().ok()).collect();
            frequency["on_days"] = json!(numbers[0]);
            frequency["off_days"] = json!(numbers[1]);
            rest = before;
        }
        if let Some((before, taper)) = rest.split_once(" taper ") {
            let step = |step: &str| {
                let words: Vec<&str> = step.split(' ').collect();
                json!({"dose": {"value": words[0], "unit": words[1]}, "days": words[2].parse::<u64>().expect("days")})
            };
            frequency["steps"] = taper.split(", ").map(step).collect();
            rest = before;
        }
        let (amount, how) = match (rest.split_once("words "), rest.split_once(" at ")) {
            (Some((before, words)), _) => {
                let parsed = call("parse_dose", &json!({"text": words})).expect("an answer");
                assert_eq!(parsed["understood"], json!(true), "{words}");
                for (name, value) in parsed["frequency"].as_object().expect("a frequency") {
                    frequency[name] = value.clone();
                }
                if parsed["duration"].is_object() {
                    body["duration"] = parsed["duration"].clone();
                }
                (before, "")
            }
            (None, Some((before, times))) => (before, times),
            _ => panic!("{text}"),
        };
        if !how.is_empty() {
            frequency["at"] = how.split(' ').map(|time| json!(time)).collect();
        }
        let (dose, strength) = amount.trim().split_once(" of ").unwrap_or((amount.trim(), ""));
        if let Some((value, unit)) = dose.split_once(' ') {
            body["dose"] = json!({"value": value, "unit": unit});
        }
        if !strength.is_empty() {
            body["strength"] = json!(strength);
        }
        body["frequency"] = frequency;
        let start = self.get("start").expect("a start");
        body["start"] = json!(if start.contains(' ') { self.moment(start) } else { start.to_owned() });
        if let Some(lead) = self.get("lead") {
            body["refill_days"] = json!(lead.parse::<u64>().expect("days"));
        }
        let pack = |pack: &str| {
            let (amount, day) = pack.split_once(" on ").expect("a pack");
            let (value, unit) = amount.split_once(' ').expect("an amount");
            json!({"got_on": day, "amount": {"value": value, "unit": unit}})
        };
        if self.get("packs").is_some() {
            body["packs"] = self.list("packs").into_iter().map(pack).collect();
        }
        body
    }

    fn args(&self) -> Value {
        let asked = self.get("asked").expect("asked");
        let (from, rest) = asked.split_once(" to ").expect("from and to");
        let (to, now) = rest.split_once(", now ").expect("to and now");
        let log = |entry: &str| {
            let (status, at) = entry.split_once(' ').expect("an entry");
            json!({"medication": "X", "at": self.moment(at), "status": status})
        };
        let shift = |text: &str| {
            let (planned, rest) = text.split_once(" to ").expect("a shift");
            let (to, which) = rest.rsplit_once(' ').expect("which");
            json!({"planned": self.moment(planned), "to": self.moment(to), "later_too": which == "later"})
        };
        json!({
            "medication": self.medication(), "zone": self.zone_name,
            "from": self.moment(from), "to": self.moment(to), "now": self.moment(now),
            "log": self.list("log").into_iter().map(log).collect::<Value>(),
            "shifts": self.list("shift").into_iter().map(shift).collect::<Value>(),
        })
    }

    /// The doses as the sheet writes them.
    fn doses(&self, answer: &Value, with_amounts: bool) -> String {
        let Some(doses) = answer["doses"].as_array() else {
            return answer["reason"].as_str().expect("a reason").to_owned();
        };
        let one = |dose: &Value| {
            let at: jiff::Timestamp = dose["due_at"].as_str().expect("a moment").parse().expect("a moment");
            let at = self.zone.to_datetime(at).strftime("%m-%d %H:%M").to_string();
            let amount = dose["amount"].as_str().filter(|_| with_amounts).map(|amount| format!(" x{amount}"));
            format!("{at}{} {}", amount.unwrap_or_default(), dose["state"].as_str().expect("a state"))
        };
        doses.iter().map(one).collect::<Vec<_>>().join("; ")
    }
}

#[test]
fn the_sheet_is_matched_exactly() {
    let sheet = include_str!("vectors/nurse-sheet.md");
    let situations: Vec<Situation<'_>> = sheet.split("\n## ").skip(1).map(Situation::of).collect();
    assert!(situations.len() >= 20);
    let mut wrong = Vec::new();
    for situation in &situations {
        let args = situation.args();
        let mut check = |what: &str, found: String, expected: &str| {
            if found != expected {
                wrong.push(format!("{}: {what}: {found}, by hand {expected}", situation.heading));
            }
        };
        let schedule = call("schedule", &args).expect("an answer");
        let expected = situation.get("doses").expect("doses");
        check("doses", situation.doses(&schedule, expected.contains(" x")), expected);
        if let Some(expected) = situation.get("adherence") {
            let adherence = &schedule["adherence"];
            let found = if adherence.is_null() {
                "none".to_owned()
            } else {
                format!("{} of {}", adherence["taken"], adherence["due"])
            };
            check("adherence", found, expected);
        }
        if situation.get("left").is_none() {
            continue;
        }
        let supply = call("supply", &args).expect("an answer");
        let text =
            |name: &str| supply[name].as_str().or_else(|| supply["reason"].as_str()).unwrap_or("nothing").to_owned();
        check("left", text("remaining"), situation.get("left").expect("left"));
        check("runs out", text("run_out_on"), situation.get("runs out").expect("runs out"));
        if let Some(expected) = situation.get("get more by") {
            check("get more by", text("refill_by"), expected);
        }
        if let Some(expected) = situation.get("assumed") {
            check("assumed", supply["assumed"].to_string(), expected);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
