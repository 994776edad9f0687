//! What somebody asks a link for.

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Detail, Error, Result};
use crate::id::RecordId;
use crate::time::{Instant, When};

/// Days a link may hold at most.
const LONGEST_DAYS: i64 = 366;
const DAY: i64 = 24 * 3_600_000;
/// Records of one link.
const MOST_RECORDS: usize = 500;
/// Letters of a passcode.
const PASSCODE: std::ops::RangeInclusive<usize> = 4..=64;

/// What somebody asks a link for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    pub records: Vec<RecordId>,
    expires_at: When,
    #[serde(default)]
    pub single_use: Option<bool>,
    #[serde(default)]
    pub passcode: Option<String>,
}

impl Wanted {
    /// Reads it from a request.
    ///
    /// # Errors
    /// `invalid` with the place that breaks a rule.
    pub fn read(body: &Value, now: Instant) -> Result<Self> {
        let wrong = |path: &str, code| Error::invalid(vec![Detail { path: path.to_owned(), code }]);
        let fields = body.as_object().ok_or_else(|| wrong("", "not-an-object"))?;
        let known = ["records", "expires_at", "single_use", "passcode"];
        if let Some(name) = fields.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(wrong(&format!("/{name}"), "unknown-field"));
        }
        for name in ["records", "expires_at"] {
            if fields.get(name).is_none_or(|value| value.is_null() || value.as_array().is_some_and(Vec::is_empty)) {
                return Err(wrong(&format!("/{name}"), "required"));
            }
        }
        let wanted: Self = serde_json::from_value(body.clone()).map_err(|_| {
            let reads = |name: &str| match (name, &fields.get(name).cloned().unwrap_or_default()) {
                ("records", value) => serde_json::from_value::<Vec<RecordId>>(value.clone()).is_ok(),
                ("expires_at", value) => serde_json::from_value::<When>(value.clone()).is_ok(),
                ("single_use", value) => value.is_boolean() || value.is_null(),
                (_, value) => value.is_string() || value.is_null(),
            };
            let name = known.into_iter().find(|name| !reads(name)).unwrap_or_default();
            wrong(&format!("/{name}"), "invalid")
        })?;
        match wanted.fault(now) {
            Some((path, code)) => Err(wrong(path, code)),
            None => Ok(wanted),
        }
    }

    fn fault(&self, now: Instant) -> Option<(&'static str, &'static str)> {
        let end = self.ends();
        let letters = self.passcode.as_ref().map(|passcode| passcode.chars().count());
        if self.records.len() > MOST_RECORDS {
            Some(("/records", "too-many"))
        } else if end <= now {
            Some(("/expires_at", "in-the-past"))
        } else if end > now.plus_millis(LONGEST_DAYS * DAY) {
            Some(("/expires_at", "too-late"))
        } else if letters.is_some_and(|letters| letters < *PASSCODE.start()) {
            Some(("/passcode", "too-short"))
        } else if letters.is_some_and(|letters| letters > *PASSCODE.end()) {
            Some(("/passcode", "too-long"))
        } else {
            None
        }
    }

    /// First moment at which the link cannot be opened any more; a day ends after its last moment.
    pub fn ends(&self) -> Instant {
        match self.expires_at {
            When::Instant(moment) => moment,
            When::Date(day) => day.end(),
        }
    }
}
