//! Trends as they are shown: every value as it was written, in one unit, with what they come to.
//!
//! Making them, and writing them as JSON, is work for each of thousands of values: it stands here and not with those who
//! ask, where code is made for its size.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::super::Message;
use super::super::labs::{LOINC, Test};
use super::super::units;
use super::{Entry, Expected, Series, Statistics, explain, hba1c_story, series, statistics_of};
use crate::id::RecordId;
use crate::model::{Comparator, Decimal, Unit};
use crate::time::When;

/// What several values have in common.
#[derive(Clone, Debug)]
pub struct Common {
    /// The record in a few words.
    pub title: String,
    /// The unit of the value.
    pub unit: Option<String>,
    /// The status.
    pub status: Option<String>,
    /// The interpretation.
    pub flag: Option<String>,
    /// Its codes: system and code.
    pub codes: Vec<(String, String)>,
}

/// One value, with what it has in common with others.
#[derive(Clone, Debug)]
pub struct Row<'v> {
    /// The record it stands in.
    pub id: RecordId,
    /// When it was measured.
    pub occurred: Option<When>,
    /// The value as it was written.
    pub value: String,
    /// What it has in common with others.
    pub common: &'v Common,
}

impl<'v> Row<'v> {
    /// The unit it was written in.
    pub fn unit(&self) -> Option<&'v str> {
        self.common.unit.as_deref()
    }

    fn entry(&self) -> Option<Entry<'_>> {
        Some(Entry { value: &self.value, unit: self.unit().unwrap_or("1"), when: self.occurred? })
    }
}

/// One value of a trend.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// The record it stands in.
    pub id: RecordId,
    /// When it was measured.
    pub occurred: Option<When>,
    /// The value in the unit of the trend; as it was written where it was written in that unit.
    pub value: String,
    /// The value as it was written, where that was another unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
    /// The interpretation, such as `H`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
}

/// A value as it was written.
#[derive(Clone, Debug, Serialize)]
pub struct Original {
    /// The value.
    pub value: String,
    /// Its unit.
    pub unit: Option<String>,
}

/// A value that has to be asked about before it stands in a trend.
#[derive(Clone, Debug, Serialize)]
pub struct Question {
    /// The record it stands in.
    pub id: RecordId,
    /// Why.
    pub code: &'static str,
}

/// The values of one test in one unit, oldest first.
#[derive(Clone, Debug, Serialize)]
pub struct Trend {
    /// The code system.
    pub system: Option<String>,
    /// The code.
    pub code: Option<String>,
    /// The test in words.
    pub title: String,
    /// Its name in the catalogue, where it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<&'static str>,
    /// The unit of all values.
    pub unit: Option<String>,
    /// The values.
    pub points: Vec<Point>,
    /// Values that have to be asked about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Question>,
    /// What the numbers come to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistics: Option<Statistics>,
    /// What there is to say, as codes of the catalogues.
    pub explanation: Vec<Message>,
}

impl Trend {
    /// The trend of a test of the catalogue in `unit`, from its values, oldest first; `altered` says that something makes
    /// HbA1c unreliable.
    pub fn of_test(
        test: &'static Test,
        mut rows: Vec<Row<'_>>,
        unit: &Unit,
        expected: Option<&Expected>,
        altered: bool,
    ) -> Self {
        let (found, asked) = series_of(Some(test), &rows, unit);
        let statistics = statistics_of(&found, expected);
        let mut explanation = explain(&found, statistics.as_ref());
        if test.key == "hba1c" {
            explanation.extend(hba1c_story(&found, altered));
        }
        let title = rows.last().map(|row| row.common.title.clone()).unwrap_or_default();
        let coded = rows.iter().rev().find_map(|row| row.common.codes.iter().find(|(system, _)| system == LOINC));
        let code = coded.map_or_else(|| test.code().to_owned(), |(_, code)| code.clone());
        let point = |point: &super::Point| {
            let row = &mut rows[point.entry];
            // Each row is the place of one point at most.
            let written = std::mem::take(&mut row.value);
            let (value, original) = if row.unit() == Some(unit.as_str()) {
                (written, None)
            } else {
                (brought(&written, point), Some(Original { value: written, unit: row.common.unit.clone() }))
            };
            Point { id: row.id, occurred: row.occurred, value, original, flag: row.common.flag.clone() }
        };
        Self {
            system: Some(LOINC.to_owned()),
            code: Some(code),
            title,
            test: Some(&test.key),
            unit: Some(unit.to_string()),
            points: found.points.iter().map(point).collect(),
            asked,
            statistics,
            explanation,
        }
    }

    /// The trend of values of one code and unit that are of no test of the catalogue, oldest first; `None` without values.
    pub fn of_others(rows: Vec<Row<'_>>) -> Option<Self> {
        let common = rows.first()?.common;
        let first = common.codes.first().cloned();
        let unit = common.unit.clone();
        let own: Option<Unit> = unit.as_deref().unwrap_or("1").parse().ok();
        let (statistics, explanation, asked) = match own {
            None => (None, Vec::new(), undated(&rows).collect()),
            Some(own) => {
                let (found, asked) = series_of(None, &rows, &own);
                let statistics = statistics_of(&found, None);
                (statistics, explain(&found, statistics.as_ref()), asked)
            }
        };
        let points = rows.into_iter().map(|row| Point {
            id: row.id,
            occurred: row.occurred,
            value: row.value,
            original: None,
            flag: row.common.flag.clone(),
        });
        Some(Self {
            system: first.as_ref().map(|(system, _)| system.clone()),
            code: first.map(|(_, code)| code),
            title: common.title.clone(),
            test: None,
            unit,
            points: points.collect(),
            asked,
            statistics,
            explanation,
        })
    }
}

/// Trends as JSON.
#[inline(never)]
pub fn json(trends: &[Trend]) -> serde_json::Result<Box<RawValue>> {
    to_raw_value(trends)
}

/// Values without a day stand on no axis of time: they are named beside those that have to be asked about.
fn undated(rows: &[Row<'_>]) -> impl Iterator<Item = Question> {
    rows.iter().filter(|row| row.occurred.is_none()).map(|row| Question { id: row.id, code: "no-date" })
}

/// The series of rows; places in it are places among the rows.
fn series_of(test: Option<&'static Test>, rows: &[Row<'_>], unit: &Unit) -> (Series, Vec<Question>) {
    let (mut entries, mut places) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for (place, row) in rows.iter().enumerate() {
        if let Some(entry) = row.entry() {
            entries.push(entry);
            places.push(place);
        }
    }
    let mut found = series(test, &entries, unit);
    found.points.iter_mut().for_each(|point| point.entry = places[point.entry]);
    found.asked.iter_mut().for_each(|(place, _)| *place = places[*place]);
    let asked = found.asked.iter().map(|(place, question)| Question { id: rows[*place].id, code: question.code });
    let asked = asked.chain(undated(rows)).collect();
    (found, asked)
}

/// A value on the axis of its trend, with one digit more than it was written with.
fn brought(written: &str, point: &super::Point) -> String {
    let digits = written
        .trim_start_matches(['<', '>', '='])
        .parse::<Decimal>()
        .map_or(3, |decimal| units::significant_digits(&decimal));
    let sign = point.comparator.map_or("", Comparator::word);
    format!("{sign}{}", units::significant(point.value, digits + 1))
}

#[cfg(test)]
mod tests {
    use super::super::super::labs::by_key;
    use super::super::tests::unit;
    use super::*;

    fn common(title: &str, unit: &str, flag: Option<&str>, code: Option<(&str, &str)>) -> Common {
        Common {
            title: title.to_owned(),
            unit: Some(unit.to_owned()),
            status: None,
            flag: flag.map(str::to_owned),
            codes: code.into_iter().map(|(system, code)| (system.to_owned(), code.to_owned())).collect(),
        }
    }

    fn row<'v>(number: u8, occurred: Option<&str>, value: &str, common: &'v Common) -> Row<'v> {
        let occurred = occurred.map(|text| text.parse().expect("a day or a moment"));
        Row { id: RecordId::from_bytes([number; 16]), occurred, value: value.to_owned(), common }
    }

    /// The JSON of a trend as its own numbers leave it: those have tests of their own.
    fn written(trend: Trend) -> String {
        let trend = Trend { statistics: None, explanation: Vec::new(), ..trend };
        json(&[trend]).expect("trends are JSON").get().to_owned()
    }

    #[test]
    fn a_trend_is_written_as_it_always_was() {
        let (typed, flagged) = (common("A1c", "%", None, None), common("HbA1c", "%", Some("H"), None));
        let other = common("Hb \"A1c\"", "mmol/mol", None, Some((LOINC, "59261-8")));
        let rows = vec![
            row(1, None, "8.0", &typed),
            row(2, Some("2026-01-02T10:00:00.500Z"), "6.5", &typed),
            row(3, Some("2026-02"), "53", &typed),
            row(4, Some("2026-03-04"), "7.0", &flagged),
            row(5, Some("2026-04-05"), "48", &other),
        ];
        let trend = Trend::of_test(by_key("hba1c").expect("in the catalogue"), rows, &unit("%"), None, false);
        let expected = concat!(
            r#"[{"system":"http://loinc.org","code":"59261-8","title":"Hb \"A1c\"","test":"hba1c","unit":"%","points":["#,
            r#"{"id":"02020202-0202-0202-0202-020202020202","occurred":"2026-01-02T10:00:00.500Z","value":"6.5"},"#,
            r#"{"id":"04040404-0404-0404-0404-040404040404","occurred":"2026-03-04","value":"7.0","flag":"H"},"#,
            r#"{"id":"05050505-0505-0505-0505-050505050505","occurred":"2026-04-05","value":"6.54","#,
            r#""original":{"value":"48","unit":"mmol/mol"}}],"asked":["#,
            r#"{"id":"03030303-0303-0303-0303-030303030303","code":"implausible-value"},"#,
            r#"{"id":"01010101-0101-0101-0101-010101010101","code":"no-date"}],"explanation":[]}]"#,
        );
        assert_eq!(written(trend), expected);
    }

    #[test]
    fn values_of_no_test_stand_as_they_were_written_those_without_a_day_too() {
        let own = common("Mystery", "bananas", Some("L"), Some(("urn:lab", "x1")));
        let rows = vec![row(1, None, "3", &own), row(2, Some("2026-01-02"), "<4.0", &own)];
        let expected = concat!(
            r#"[{"system":"urn:lab","code":"x1","title":"Mystery","unit":"bananas","points":["#,
            r#"{"id":"01010101-0101-0101-0101-010101010101","occurred":null,"value":"3","flag":"L"},"#,
            r#"{"id":"02020202-0202-0202-0202-020202020202","occurred":"2026-01-02","value":"<4.0","flag":"L"}],"#,
            r#""asked":[{"id":"01010101-0101-0101-0101-010101010101","code":"no-date"}],"explanation":[]}]"#,
        );
        assert_eq!(Trend::of_others(rows).map(written).as_deref(), Some(expected));
        assert!(Trend::of_others(Vec::new()).is_none());
    }
}
