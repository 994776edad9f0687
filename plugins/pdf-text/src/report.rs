//! A laboratory's report: its results, and the lines that look like results and were not understood.
//!
//! Only rows of a table whose head says what stands where are proposed. A value, unit or day that could mean two things is
//! not proposed with one of them; its line is listed for a person to look at.

use std::collections::BTreeSet;

use phm_plugin_sdk::v1::calls::Evidence;
use phm_plugin_sdk::v1::document::{NotUnderstood, Output, Page, Proposal, Word as Placed};
use serde_json::{Value as Json, json};

use crate::below::go_on;
use crate::dates::{self, Named};
use crate::limits::is_limit;
use crate::lines::{Line, lines};
use crate::numbers::{self, Style, Value, number, value};
use crate::pdf::PageText;
use crate::specimen;
use crate::table::{Head, Row, Table, head};
use crate::units;

/// Rows that are proposed of one report.
const MOST_ROWS: usize = 400;
/// Lines that are listed as not understood.
const MOST_LINES: usize = 300;
/// Words of a report whose places are given; of a longer one only the text is, so that the answer is not too long.
const MOST_WORDS: usize = 40_000;
/// Letters of a name.
const LONGEST_NAME: usize = 120;
/// Letters on a page that stand sideways before that is said.
const MANY_SIDEWAYS: usize = 40;

/// What stands before the day on which the specimen was taken, in small letters.
const COLLECTED: &[&str] = &[
    "collected",
    "collection date",
    "date of collection",
    "drawn",
    "entnahme",
    "sample date",
    "sampling",
    "specimen date",
];
/// What stands before the day on which the results were released.
const RESULTED: &[&str] = &[
    "befunddatum",
    "date of report",
    "date of reporting",
    "released",
    "report date",
    "reported",
    "resulted",
    "validated",
];

/// Reads a report.
pub fn read(pages: &[PageText], document: &str) -> Output {
    let all: Vec<Vec<Line>> = pages.iter().map(lines).collect();
    let words: usize = all.iter().flatten().map(|line| line.words.len()).sum();
    let mut reader = Reader {
        document,
        style: Style::of(all.iter().flatten().flat_map(|line| &line.words).map(|word| word.text.as_str())),
        collected: None,
        resulted: None,
        is_not_blood: false,
        output: Output {
            pages: pages.iter().zip(&all).map(|(page, lines)| kept(page, lines, words <= MOST_WORDS)).collect(),
            ..Output::default()
        },
    };
    reader.days(&all);
    for (page, lines) in pages.iter().zip(&all) {
        reader.page(page, lines);
    }
    reader.output
}

/// A page as the house keeps it, with the places of its words or without.
fn kept(page: &PageText, lines: &[Line], with_places: bool) -> Page {
    let place = |line: &Line| -> Vec<Placed> {
        line.words.iter().map(|word| Placed { text: word.text.clone(), region: line.region_of(word) }).collect()
    };
    Page {
        number: page.number,
        text: lines.iter().map(Line::text).collect::<Vec<_>>().join("\n"),
        words: lines.iter().filter(|_| with_places).flat_map(place).collect(),
    }
}

struct Reader<'d> {
    document: &'d str,
    style: Style,
    collected: Option<String>,
    resulted: Option<String>,
    /// Whether the page that is read names something other than blood.
    is_not_blood: bool,
    output: Output,
}

impl Reader<'_> {
    /// Finds the days of the report. Two different ones are none: which row each belongs to is not said.
    fn days(&mut self, pages: &[Vec<Line>]) {
        let (mut collected, mut resulted) = (BTreeSet::new(), BTreeSet::new());
        for line in pages.iter().flatten() {
            let text = line.text();
            let small = text.to_ascii_lowercase();
            let mut marks: Vec<(usize, usize, bool)> = Vec::new();
            for (words, is_collected) in [(COLLECTED, true), (RESULTED, false)] {
                for word in words {
                    marks.extend(small.match_indices(word).map(|(at, found)| (at, at + found.len(), is_collected)));
                }
            }
            marks.sort_unstable();
            for (at, (_, from, is_collected)) in marks.iter().enumerate() {
                let to = marks.get(at + 1).map_or(text.len(), |(next, ..)| (*next).max(*from));
                let days = if *is_collected { &mut collected } else { &mut resulted };
                match dates::leading(&text[*from..to]) {
                    Some(Named::Day(day)) => _ = days.insert(day),
                    Some(Named::Doubtful) => {
                        // Neither this one nor any other then.
                        days.insert(String::new());
                        self.list(line, "date");
                    }
                    None => {}
                }
            }
        }
        self.collected = only(collected);
        self.resulted = only(resulted);
        // A result is never older than its specimen; where the report says so, neither day is believed.
        if self.collected.is_some() && self.resulted.is_some() && self.resulted < self.collected {
            (self.collected, self.resulted) = (None, None);
        }
    }

    fn page(&mut self, page: &PageText, lines: &[Line]) {
        let mut table: Option<Table> = None;
        self.is_not_blood = lines.iter().any(|line| specimen::is_not_blood(&line.text()));
        for (at, line) in lines.iter().enumerate() {
            match head(line) {
                Head::Of(found) => table = Some(found),
                Head::Unclear => {
                    table = None;
                    self.list(line, "columns");
                }
                Head::None => match &table {
                    Some(table) => {
                        let mut row = table.row(line);
                        if !row.value.is_empty() {
                            go_on(&mut row, table, &lines[at..]);
                        }
                        self.row(line, &row);
                    }
                    None if self.looks_like_a_result(line) => self.list(line, "columns"),
                    None => {}
                },
            }
        }
        let unknown = page.glyphs.iter().filter(|glyph| glyph.text.contains('\u{fffd}')).count();
        for (is_so, why) in [
            (page.sideways >= MANY_SIDEWAYS, "sideways"),
            // So many letters without a meaning that not even the head of a table can be read.
            (unknown * 2 > page.glyphs.len(), "letters"),
        ] {
            if is_so {
                let line = NotUnderstood { page: page.number, why: why.to_owned(), ..NotUnderstood::default() };
                self.output.not_understood.push(line);
            }
        }
    }

    /// Whether a line outside of any table has a number with a unit behind it.
    fn looks_like_a_result(&self, line: &Line) -> bool {
        line.words.windows(2).any(|pair| {
            let bare = pair[0].text.trim_start_matches(['<', '>', '≤', '≥', '=']);
            number(bare, self.style).is_some() && units::unit(&pair[1].text).is_some()
        })
    }

    /// A line under the head of a table.
    fn row(&mut self, line: &Line, row: &Row) {
        if row.value.is_empty() {
            // A heading, a method, a remark; unless the value stands where none is expected.
            let strays = row.name.split_whitespace().skip(1).any(|word| number(word, self.style).is_some());
            if !row.name.is_empty() && (!row.unit.is_empty() || !row.range.is_empty() || strays) && !is_footer(line) {
                self.list(line, if strays { "columns" } else { "value" });
            }
            return;
        }
        if [&row.name, &row.range].into_iter().any(|text| text.contains('\u{fffd}'))
            || line.words.iter().any(|word| word.text.contains('\u{fffd}'))
        {
            return self.list(line, "letters");
        }
        if row.is_unclear {
            return self.list(line, "columns");
        }
        if is_limit(&row.name) {
            return self.list(line, "range");
        }
        if self.is_not_blood && specimen::is_open(&row.name) {
            return self.list(line, "name");
        }
        match self.result(row) {
            Ok(body) if self.output.proposals.len() < MOST_ROWS => self.propose(line, body),
            Ok(_) => self.list(line, "too-many"),
            // Words under a head that are no result and do not look like one.
            Err("value")
                if !has_digit(&row.value) && row.unit.is_empty() && row.range.is_empty() && !is_stated(row) => {}
            Err(_) if is_footer(line) => {}
            Err(why) => self.list(line, why),
        }
    }

    /// The result that a row states, or what is wrong with it.
    fn result(&self, row: &Row) -> Result<Json, &'static str> {
        let name = row.name.trim().trim_end_matches(':').trim();
        let is_name = name.chars().any(char::is_alphabetic) && name.chars().count() <= LONGEST_NAME;
        let mut body = json!({});
        let mut unit = None;
        let mut flag = if matches!(row.flag.as_str(), "" | "-") { "" } else { mark(&row.flag).ok_or("value")? };
        match value(&row.value, self.style).ok_or("value")? {
            Value::Words(words) => body["text_value"] = words.into(),
            Value::Number { comparator, number, rest } => {
                let mut beside: Vec<&str> = rest.iter().map(String::as_str).collect();
                if let Some(found) = beside.last().and_then(|last| mark(last)) {
                    beside.pop();
                    flag = if flag.is_empty() { found } else { flag };
                }
                let printed = beside.concat();
                let known = match (printed.is_empty(), row.unit.is_empty()) {
                    (true, true) => units::without(name),
                    (true, false) => units::unit(&row.unit),
                    // What stands behind the number has to be its unit, and the same as in the column of units.
                    (false, true) => Some(units::unit(&printed).ok_or("value")?),
                    (false, false) => {
                        let own = units::unit(&printed).ok_or("value")?;
                        units::unit(&row.unit).filter(|unit| *unit == own)
                    }
                };
                let known = known.ok_or("unit")?;
                body["quantity"] = json!({"value": number, "unit": known});
                if let Some(comparator) = comparator {
                    body["quantity"]["comparator"] = comparator.into();
                }
                unit = Some(known);
            }
        }
        if !is_name {
            return Err("name");
        }
        body["concept"] = json!({ "text": name });
        if let Some(range) = self.range(&row.range, unit) {
            body["range"] = range;
        }
        if !flag.is_empty() {
            body["interpretation"] = flag.into();
        }
        for (field, day) in [("collected_at", &self.collected), ("resulted_at", &self.resulted)] {
            if let Some(day) = day {
                body[field] = day.as_str().into();
            }
        }
        if is_id(self.document) {
            body["document"] = self.document.into();
        }
        Ok(body)
    }

    /// A reference range as it was printed, with its bounds where they are plain.
    fn range(&self, printed: &str, unit: Option<&str>) -> Option<Json> {
        let printed = printed.trim();
        if !printed.chars().any(char::is_alphanumeric) || printed.chars().count() > LONGEST_NAME {
            return None;
        }
        let mut range = json!({ "text": printed });
        let Some(unit) = unit else { return Some(range) };
        // The unit may stand behind the bounds too.
        let bare = match printed.rsplit_once(' ') {
            Some((bounds, last)) if units::unit(last) == Some(unit) => bounds,
            _ => printed,
        };
        if let Some((low, high)) = numbers::range(bare, self.style) {
            for (name, bound) in [("low", low), ("high", high)] {
                if let Some(bound) = bound {
                    range[name] = json!({"value": bound, "unit": unit});
                }
            }
        }
        Some(range)
    }

    fn propose(&mut self, line: &Line, body: Json) {
        let evidence = Evidence {
            document: is_id(self.document).then(|| self.document.to_owned()),
            page: Some(line.page),
            region: Some(line.region()),
            text: Some(line.text()),
        };
        self.output.proposals.push(Proposal { kind: "lab-result".to_owned(), body, evidence: Some(evidence) });
    }

    fn list(&mut self, line: &Line, why: &str) {
        if self.output.not_understood.len() < MOST_LINES {
            self.output.not_understood.push(NotUnderstood {
                text: line.text(),
                page: line.page,
                region: Some(line.region()),
                why: why.to_owned(),
            });
        }
    }
}

/// What a laboratory's mark beside a value says: nothing of `*`, and `None` for what is no mark.
fn mark(text: &str) -> Option<&'static str> {
    match text.trim_matches(['(', ')', '[', ']']).to_lowercase().as_str() {
        "h" | "high" | "↑" => Some("H"),
        "l" | "low" | "↓" => Some("L"),
        "hh" => Some("HH"),
        "ll" => Some("LL"),
        "a" | "abnormal" => Some("A"),
        "n" | "normal" => Some("N"),
        "*" | "**" => Some(""),
        _ => None,
    }
}

fn only(days: BTreeSet<String>) -> Option<String> {
    if days.len() == 1 { days.into_iter().next().filter(|day| !day.is_empty()) } else { None }
}

/// Whether a row has a few words for a name and a few for a value, as `Blood group` and `O positive`.
fn is_stated(row: &Row) -> bool {
    let few = |text: &str, most: usize| (1..=most).contains(&text.split_whitespace().count());
    few(&row.name, 6) && few(&row.value, 4)
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_footer(line: &Line) -> bool {
    line.text().to_ascii_lowercase().starts_with("page ")
}

/// Whether a text is the id of a record of the house.
fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
